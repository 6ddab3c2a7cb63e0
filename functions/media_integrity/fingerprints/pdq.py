"""What identifies one upload: its bytes' hashes, and PDQ of all it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from media_integrity.media.types import Image

from .files import FileHashes, file_hashes
from .inset import Inset, insets
from .pdq_hash import PDQ_BYTES, Form, PdqHash, ViewHashes, hamming, pdq
from .vpdq import VideoHash, video_hashes

__all__ = [
    "PDQ_BYTES",
    "Fingerprints",
    "Form",
    "Inset",
    "PdqHash",
    "VideoHash",
    "ViewHashes",
    "fingerprint",
    "hamming",
    "pdq",
]


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Everything that identifies one upload."""

    sha256: str
    """Of the file's bytes, 64 hexadecimal digits."""
    views: tuple[ViewHashes, ...]
    """One for each of ``Image.views``, in their order."""
    md5: str = ""
    """Of the file's bytes, 32 hexadecimal digits; empty where the file was not at hand."""
    video: VideoHash | None = None
    """Of a film or an animation; None for a still picture."""
    turned: Mapping[Form, VideoHash] = field(default_factory=dict)
    """The same in the other dihedral forms."""
    insets: tuple[Inset, ...] = ()
    """Pictures inside the views: within bars, borders or a screen's surroundings."""

    @property
    def pdq(self) -> PdqHash:
        """Hash and quality of the first view, which stands for the file in records."""
        return self.views[0].pdq


def fingerprint(image: Image, *, hashes: FileHashes | None = None) -> Fingerprints:
    """Fingerprints of an opened image. ``hashes``: of its bytes, where they are known already."""
    hashes = hashes or file_hashes(image.data)
    films = video_hashes(image)
    return Fingerprints(
        sha256=hashes.sha256,
        md5=hashes.md5,
        views=tuple(pdq(view.rgb) for view in image.views),
        video=films.pop(Form.ORIGINAL, None),
        turned=films,
        insets=insets(image.views),
    )
