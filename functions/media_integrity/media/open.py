"""Opening a file that a stranger sent.

Everything that is shown by a viewer becomes a view, or the file is refused or held: nothing in it
is passed over in silence. Decoders run in this process; what limits the harm of a faulty one is the
instance it runs in, which holds no secrets of users. See docs/threat-model.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import film, gif, heif, jpeg, png, sound, views, webp
from .errors import HoldCode, RefusalCode, Refused, TooMuchToCheck
from .limits import Limits, MediaLimits
from .sniff import image_format, sniff
from .source import Source, damaged, unsupported
from .types import Image, ImageFormat, MediaKind, Sound

_READERS: Mapping[ImageFormat, Callable[[bytes, Limits], Source]] = {
    ImageFormat.JPEG: jpeg.read,
    ImageFormat.PNG: png.read,
    ImageFormat.GIF: gif.read,
    ImageFormat.WEBP: webp.read,
    ImageFormat.AVIF: heif.read_avif,
    ImageFormat.HEIF: heif.read_heic,
}

_TURNED_SIDEWAYS = frozenset({5, 6, 7, 8})


def open_media(data: bytes, limits: MediaLimits, *, transcript: str | None = None) -> Image | Sound:
    """Decode a picture, a film (an ``Image`` with ``film``) or a sound file, by its content.

    ``transcript``: what is said in it, where somebody wrote it down.

    Raises:
        Refused: no bytes, none of the three, damaged, or too large.
        TooMuchToCheck: sound, but more than is examined: hold it for a person.
    """
    match sniff(data):
        case MediaKind.VIDEO:
            try:
                return film.open_film(data, limits.film, limits.sound, transcript=transcript)
            except film.NoPictures:
                return sound.open_sound(data, limits.sound, transcript=transcript)
        case MediaKind.AUDIO:
            return sound.open_sound(data, limits.sound, transcript=transcript)
        case _:
            return open_image(data, limits.image)


def open_image(data: bytes, limits: Limits) -> Image:
    """Decode ``data`` once, for all signals.

    Raises:
        Refused: no bytes, not an image that we open, damaged, or too large.
        TooMuchToCheck: sound, but more than is examined: hold it for a person.
    """
    if not data:
        raise Refused(
            RefusalCode.EMPTY,
            "The file arrived empty. Check that it opens on your device and upload it again.",
        )
    if len(data) > limits.max_bytes:
        raise Refused(
            RefusalCode.TOO_LARGE,
            f"This file is too large: {len(data) / 1e6:.0f} MB. The most we take is "
            f"{limits.max_bytes / 1e6:.0f} MB. Make it smaller and upload it again.",
            cause=f"{len(data)} bytes",
        )
    kind = image_format(data)
    if kind is None:
        raise unsupported("no known signature")
    try:
        return _opened(data, kind, limits)
    except (Refused, TooMuchToCheck):
        raise
    except MemoryError as error:
        raise TooMuchToCheck(
            HoldCode.OUT_OF_MEMORY,
            "This picture needs more memory than our automatic check has, so a person will look "
            "at it first.",
            cause="out of memory",
        ) from error
    except Exception as error:
        # Decoders raise nearly every type there is. Whatever it was, the picture was not seen.
        raise damaged(f"{kind.name}: {type(error).__name__}") from error


def _opened(data: bytes, kind: ImageFormat, limits: Limits) -> Image:
    source = _READERS[kind](data, limits)
    sideways = source.orientation in _TURNED_SIDEWAYS
    return Image(
        data=data,
        format=kind,
        width=source.height if sideways else source.width,
        height=source.width if sideways else source.height,
        frames=source.frames,
        views=views.collect(source, limits),
    )
