"""What does the file itself say of its origin?

``signal`` asks all readers and sums up. ``credentials`` reads C2PA manifests; ``containers`` finds
the metadata blocks of each image format; ``exif``, ``iim`` and ``xmp`` read them; ``generators``
knows what generators write there; ``stealth`` reads what they hide in the pixels.

Everything here reads a stranger's bytes. Each reader bounds what it unpacks and passes over what it
cannot parse: metadata that is missing or broken says nothing, and a person who wants to hide a
file's origin can strip it anyway.
"""

from .signal import ProvenanceSignal

__all__ = ["ProvenanceSignal"]
