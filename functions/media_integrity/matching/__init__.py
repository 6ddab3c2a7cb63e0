"""Fingerprints of uploads against banks of known media."""
