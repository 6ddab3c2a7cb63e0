"""Measurements on the stored blocks and the noise of a picture, shared by several signals.

``plane`` decodes the luminance at full size; ``tables`` knows quantisation tables; ``blocks`` makes
and counts DCT coefficients; ``history`` tells blocks with one compression from blocks with another.
"""
