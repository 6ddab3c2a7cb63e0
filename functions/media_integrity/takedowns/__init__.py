"""Requests to remove media, from this app and from others, each with its clock."""
