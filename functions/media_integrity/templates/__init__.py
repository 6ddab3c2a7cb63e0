"""Faces and voices in numbers, encrypted: sealed, opened, and gone when their shield goes."""
