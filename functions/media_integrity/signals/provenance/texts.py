"""Text from a stranger's bytes."""

from __future__ import annotations


def decoded(raw: bytes) -> str:
    """``raw`` as UTF-8 or, where it is not, as Latin-1, which every byte string is."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
