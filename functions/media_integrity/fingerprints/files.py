"""Hashes of a file's bytes: the same file again is known by them, and only the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileHashes:
    """Both hashes by which exchanges name files."""

    sha256: str
    """64 hexadecimal digits."""
    md5: str
    """32 hexadecimal digits. Anyone can make two files with the same one, so it only ever adds
    a match of a listed file and never vouches for one."""


def file_hashes(data: bytes) -> FileHashes:
    """SHA-256 and MD5 of ``data``."""
    return FileHashes(sha256=sha256_of(data), md5=md5_of(data))


def sha256_of(data: bytes) -> str:
    """SHA-256 of ``data``, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def md5_of(data: bytes) -> str:
    """MD5 of ``data``, 32 hexadecimal digits."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
