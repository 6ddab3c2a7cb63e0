"""Opening a film that a stranger sent.

The file is gone through twice: first its packets, which tells how long it really is before a
single frame is decoded, then its frames. Every frame is looked at (``film_frames``); what differs
is kept, so that memory does not grow with length. FFmpeg reads from memory only: the demultiplexer
follows from the first bytes, so that no playlist is opened, and references to other files are off.

Edit lists are ignored: all that is stored is examined, also what most players leave out.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from . import containers, film_colour
from . import sound as sounds
from .cores import CORES
from .errors import HoldCode, RefusalCode, Refused, TooMuchToCheck
from .film_frames import COLUMNS, ROWS, Choice, Chosen, Stills
from .limits import FilmLimits, Limits, SoundLimits
from .sniff import sniff
from .types import Film, FilmFormat, Image, MediaKind, Pixels, Still, View

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "libdav1d", "mpeg4", "h263", "mjpeg", "prores"})
"""Decoders of pictures that are used: what phones, browsers and cameras write."""

SOUND_CODECS = (
    "aac,mp3float,mp3,opus,vorbis,flac,alac,ac3,eac3,amrnb,amrwb,libopencore_amrnb,"
    "libopencore_amrwb,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_f32le,pcm_u8,pcm_alaw,pcm_mulaw"
)
"""Decoders that may look at the sound while the container is opened."""

COVER_CODECS = frozenset({"mjpeg", "png"})

MAX_TRACKS = 16
MAX_COVERS = 4

LOST_FRAMES, LOST_SHARE = 8, 0.12
"""Packets that may yield no picture, as a number and as a share of all. VP8's hidden reference
frames are up to a tenth; pictures before the first key frame are a few."""

DAMAGED_SHARE = 0.02
"""Frames that a decoder may have had to patch up."""

MISSING_S = 1.0
MISSING_SHARE = 0.05
"""Playing time that may be missing against the header, the greater of the two."""

RATE_TOLERANCE = 0.02
"""By how much, in shares, the frame rate of the header may differ from the count of frames."""

_SLACK = 1.1
"""Pictures by which a frame may be early or late before one is left out or repeated; FFmpeg's."""

_DEMULTIPLEXERS = {
    FilmFormat.MP4: "mov",
    FilmFormat.QUICKTIME: "mov",
    FilmFormat.THREE_GP: "mov",
    FilmFormat.WEBM: "matroska",
    FilmFormat.MATROSKA: "matroska",
}


class NoPictures(Refused):
    """A film's container without a picture track: it may be a recording of sound."""


def film_format(data: bytes) -> FilmFormat | None:
    """The container that ``data`` starts like; None where it is none that we open."""
    if sniff(data) is not MediaKind.VIDEO:
        return None
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return FilmFormat.WEBM if b"webm" in data[:64] else FilmFormat.MATROSKA
    if data[4:8] != b"ftyp":
        return None if data.startswith(b"OggS") else FilmFormat.QUICKTIME
    brand = data[8:12]
    if brand == b"qt  ":
        return FilmFormat.QUICKTIME
    return FilmFormat.THREE_GP if brand[:2] == b"3g" else FilmFormat.MP4


def open_film(
    data: bytes, limits: FilmLimits, sound_limits: SoundLimits, *, transcript: str | None = None
) -> Image:
    """Decode ``data`` once, for all signals. The views are frames, ``Image.film`` is set.

    ``transcript``: what is said in it, where somebody wrote it down.

    Raises:
        NoPictures: a container that we open, but nothing to see in it.
        Refused: no bytes, not a film that we open, damaged, cut off, or too large.
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
            f"This video is too large: {len(data) / 1e6:.0f} MB. The most we take is "
            f"{limits.max_bytes / 1e6:.0f} MB. Make it shorter or smaller and upload it again.",
            cause=f"{len(data)} bytes",
        )
    kind = film_format(data)
    if kind is None:
        raise _unsupported("no known signature")
    try:
        opened = _opened(data, kind, limits)
        heard = sounds.track(data, sound_limits, kind, transcript=transcript)
    except (Refused, TooMuchToCheck):
        raise
    except containers.Broken as error:
        raise _damaged(str(error)) from error
    except MemoryError as error:
        raise TooMuchToCheck(
            HoldCode.OUT_OF_MEMORY,
            "This video needs more memory than our automatic check has, so a person will look at "
            "it first.",
            cause="out of memory",
        ) from error
    except Exception as error:
        # FFmpeg's errors have many types. Whatever it was, the film was not seen.
        raise _damaged(f"{kind.name}: {type(error).__name__}") from error
    assert opened.film is not None
    return replace(opened, film=replace(opened.film, sound=heard))


def steady_frames(
    data: bytes, limits: FilmLimits, *, per_second: int, width: int, height: int
) -> Iterator[Pixels]:
    """The pictures of a film at so many a second, upright, squeezed to one size.

    Frames are repeated and left out as ``ffmpeg -r`` does it (constant frame rate), the size is
    made by its bicubic scaler: programs whose results are compared across companies all take
    their frames from there. One frame is held at a time. A film's whole length is gone through
    once more, so this is for commands; uploads are opened by ``open_film``.

    Raises:
        Refused: no bytes, not a film that we open, damaged, cut off, or too large. Some of it is
            only found after the last frame, so nothing that was made before it may be kept.
        TooMuchToCheck: longer, slower or more than is opened.
    """
    kind = film_format(data)
    if kind is None or len(data) > limits.max_bytes:
        raise _unsupported("no known signature" if kind is None else f"{len(data)} bytes")
    try:
        containers.check(data, kind)
        with _container(data, kind, limits) as container:
            timeline = _timeline(container, _picture_track(container, limits), limits)
        with _container(data, kind, limits) as container:
            yield from _steady(container, timeline, limits, per_second, (width, height))
    except (Refused, TooMuchToCheck):
        raise
    except containers.Broken as error:
        raise _damaged(str(error)) from error
    except Exception as error:
        raise _damaged(f"{kind.name}: {type(error).__name__}") from error


def _steady(
    container: InputContainer,
    timeline: _Timeline,
    limits: FilmLimits,
    per_second: int,
    size: tuple[int, int],
) -> Iterator[Pixels]:
    """How often each frame is given: it is due while its end is past the next picture's time."""
    track = _picture_track(container, limits)
    renderer, display = film_colour.Renderer("BICUBIC"), film_colour.Display()
    length = per_second / _frame_rate(track, timeline)
    before: Pixels | None = None
    given = 0
    for frame, shown_s in _shown(container, track, timeline, limits):
        if before is None:
            display = film_colour.display(frame, _ratio(track))
        width, height = reversed(size) if display.sideways else size
        picture = film_colour.turned(renderer.scaled(frame, width, height), display.matrix)
        late = shown_s * per_second - given
        left = late + length
        repeats = 0 if left < -_SLACK else round(left) if left > _SLACK else 1
        again = min(repeats, round(late - 0.6)) if late > _SLACK and before is not None else 0
        for number in range(repeats):
            yield before if number < again and before is not None else picture
        given += repeats
        before = picture


@dataclass(frozen=True, slots=True)
class _Timeline:
    """What the packets of a film tell."""

    times_s: tuple[float, ...]
    """When each frame is shown, in order; the first at 0."""
    begin_s: float
    """What the container calls the first frame's time."""
    duration_s: float
    covers: tuple[bytes, ...]


class _Decoded:
    """A decoded frame as ``film_frames`` takes it."""

    def __init__(
        self, frame: VideoFrame, display: film_colour.Display, renderer: film_colour.Renderer
    ) -> None:
        self._frame = frame
        self._display = display
        self._renderer = renderer

    def cells(self) -> Pixels:
        return self._renderer.scaled(self._frame, COLUMNS, ROWS)

    def shown(self, side: int) -> Pixels:
        return self._renderer.shown(self._frame, self._display, side)


def _opened(data: bytes, kind: FilmFormat, limits: FilmLimits) -> Image:
    containers.check(data, kind)
    with _container(data, kind, limits) as container:
        timeline = _timeline(container, _picture_track(container, limits), limits)
    with _container(data, kind, limits) as container:
        seen = _examined(container, timeline, limits)
    chosen, frames = seen.chosen, seen.frames
    covers = _cover_views(timeline)
    return Image(
        data=data,
        format=kind,
        width=seen.width,
        height=seen.height,
        frames=frames,
        views=(*chosen.views, *(View(cover.rgb, frames, cover.part) for cover in covers)),
        film=Film(
            duration_s=timeline.duration_s,
            frame_rate=frames / timeline.duration_s,
            times_s=(*chosen.times_s, *(timeline.duration_s for _ in covers)),
            scene_starts=(
                *chosen.scene_starts,
                *range(len(chosen.views), len(chosen.views) + len(covers)),
            ),
            bursts=chosen.bursts,
            stills=seen.stills,
        ),
    )


def _cover_views(timeline: _Timeline) -> list[View]:
    """Attached pictures, opened like any other picture."""
    from .open import open_image

    return [view for cover in timeline.covers for view in open_image(cover, Limits()).views]


def _container(data: bytes, kind: FilmFormat, limits: FilmLimits) -> InputContainer:
    import av

    options = {
        "codec_whitelist": ",".join(sorted(CODECS | COVER_CODECS)) + "," + SOUND_CODECS,
        "protocol_whitelist": "none",
        "max_streams": str(2 * MAX_TRACKS),
        "max_pixels": str(_coded_pixels(limits)),
    }
    if _DEMULTIPLEXERS[kind] == "mov":
        options |= {"enable_drefs": "0", "use_absolute_path": "0", "ignore_editlist": "1"}
    return av.open(
        io.BytesIO(data),
        mode="r",
        format=_DEMULTIPLEXERS[kind],
        options=options,
        metadata_errors="replace",
    )


def _coded_pixels(limits: FilmLimits) -> int:
    """Decoders count whole blocks of up to 128 pixels."""
    return limits.max_pixels + limits.max_pixels // 8


def _picture_track(container: InputContainer, limits: FilmLimits) -> VideoStream:
    """The one track with moving pictures.

    Raises:
        Refused: there is none, or its codec, size or header is not one that we open.
        TooMuchToCheck: there is more to see or read than one track, or it is too long.
    """
    if len(container.streams) > MAX_TRACKS:
        raise _tracks(f"{len(container.streams)} tracks")
    if container.streams.subtitles:
        raise _tracks("subtitles")
    tracks = [track for track in container.streams.video if not _is_cover(track)]
    if not tracks:
        raise NoPictures(
            RefusalCode.UNSUPPORTED_TYPE,
            "There is no picture in this video. Upload a recording of sound as an audio file.",
            cause="no picture track",
        )
    if len(tracks) > 1:
        raise _tracks(f"{len(tracks)} picture tracks")
    (track,) = tracks
    # A track without a decoder has no codec context.
    if track.codec_context is None or track.codec_context.name not in CODECS:
        raise _unsupported("codec")
    if track.metadata.get("alpha_mode") == "1" or _has_alpha(track.pix_fmt, track):
        raise _tracks("transparency")
    _check_size(track.width, track.height, _ratio(track), limits)
    _check_duration((container.duration or 0) / 1e6, limits)
    return track


def _is_cover(track: Stream) -> bool:
    from av.stream import Disposition

    return bool(track.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails))


def _has_alpha(pixel_format: str | None, track: VideoStream) -> bool:
    return pixel_format is not None and any(each.is_alpha for each in track.format.components)


def _check_size(width: int, height: int, shape: float | None, limits: FilmLimits) -> None:
    if width < 1 or height < 1:
        raise _damaged(f"size {width}x{height}")
    if width * height > limits.max_pixels:
        raise Refused(
            RefusalCode.TOO_MANY_PIXELS,
            f"The picture of this video is too large: {width} x {height} pixels. The most we take "
            "is 4K. Make it smaller and upload it again.",
            cause=f"size {width}x{height}",
        )
    wide, high = film_colour.Display(float(shape or 1)).size(width, height)
    if max(wide, high) > limits.max_elongation * min(wide, high):
        raise TooMuchToCheck(
            HoldCode.TOO_ELONGATED,
            "This video is so long and narrow that we cannot check it automatically, so a person "
            "will look at it first.",
            cause=f"size {width}x{height}",
        )


def _check_duration(seconds: float, limits: FilmLimits) -> None:
    if seconds > limits.max_duration_s:
        raise TooMuchToCheck(
            HoldCode.TOO_LONG,
            "This video is longer than we check automatically, so a person will look at it first. "
            f"Videos of up to {limits.max_duration_s / 60:g} minutes are checked at once.",
            cause=f"{seconds:.0f} s",
        )


def _timeline(container: InputContainer, track: VideoStream, limits: FilmLimits) -> _Timeline:
    """Go through the packets of all tracks, decoding nothing.

    Raises:
        Refused: damaged, or less is there than the header says.
        TooMuchToCheck: too long, or too many frames.
    """
    shown: list[tuple[float, float]] = []
    covers: list[bytes] = []
    last_s = 0.0
    for packet in container.demux():
        if packet.size == 0:  # marks the end of a track
            continue
        if packet.is_corrupt:
            raise _damaged("incomplete packet")
        begin_s, end_s = _span(packet)
        last_s = max(last_s, end_s)
        if packet.stream_index == track.index:
            shown.append((begin_s, end_s))
            if len(shown) > limits.max_frames:
                raise _frames(f"more than {limits.max_frames} frames")
        elif packet.stream.type == "video":
            covers.append(bytes(packet))
            if len(covers) > MAX_COVERS:
                raise _tracks(f"more than {MAX_COVERS} attached pictures")
    if not shown:
        raise _damaged("no frame")
    if len(shown) < track.frames:
        raise _damaged(f"{len(shown)} of {track.frames} frames")
    header_s = (container.duration or 0) / 1e6
    missing_s = header_s - (last_s - (container.start_time or 0) / 1e6)
    if missing_s > max(MISSING_S, MISSING_SHARE * header_s):
        raise _damaged(f"{missing_s:.1f} of {header_s:.1f} s missing")
    shown.sort()
    begin_s = shown[0][0]
    times_s = tuple(begin - begin_s for begin, _ in shown)
    duration_s = max(max(end for _, end in shown) - begin_s, times_s[-1], 1e-3)
    _check_duration(duration_s, limits)
    return _Timeline(times_s, begin_s, duration_s, tuple(covers))


def _span(packet: Packet[Stream]) -> tuple[float, float]:
    """When a packet begins and ends to be shown or heard, in seconds."""
    begin = packet.pts if packet.pts is not None else packet.dts or 0
    unit = packet.time_base
    return float(begin * unit), float((begin + (packet.duration or 0)) * unit)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What decoding a film gave."""

    chosen: Chosen
    stills: tuple[Still, ...]
    width: int
    height: int
    """As shown, of the first frame."""
    frames: int


def _examined(container: InputContainer, timeline: _Timeline, limits: FilmLimits) -> _Seen:
    """The frames that were chosen, the size shown, and how many frames there are.

    Raises:
        Refused: too much of it cannot be decoded.
        TooMuchToCheck: decoding takes too long, or there are too many scenes.
    """
    track = _picture_track(container, limits)
    choice = Choice(timeline.times_s, limits.max_views)
    stills = Stills(_frame_rate(track, timeline))
    renderer = film_colour.Renderer()
    number = 0
    size, display = (1, 1), film_colour.Display()
    for frame, shown_s in _shown(container, track, timeline, limits):
        if number == 0:
            display = film_colour.display(frame, _ratio(track))
            size = display.size(frame.width, frame.height)
        decoded = _Decoded(frame, display, renderer)
        choice.take(number, shown_s, decoded)
        stills.take(number, shown_s, decoded)
        number += 1
    return _Seen(choice.finish(), stills.finish(), *size, number)


def _shown(
    container: InputContainer, track: VideoStream, timeline: _Timeline, limits: FilmLimits
) -> Iterator[tuple[VideoFrame, float]]:
    """Every frame and when it is shown, in seconds.

    Raises:
        Refused: too much of it cannot be decoded. Told only after the last frame.
        TooMuchToCheck: decoding takes too long, or there is more to see than one opaque picture.
    """
    number = patched = 0
    for frame in _decoded(container, track, limits):
        _check_size(frame.width, frame.height, _ratio(track), limits)
        if any(each.is_alpha for each in frame.format.components):
            raise _tracks("transparency")
        planned_s = timeline.times_s[min(number, len(timeline.times_s) - 1)]
        shown_s = planned_s if frame.pts is None else frame.time - timeline.begin_s
        yield frame, max(0.0, shown_s)
        number += 1
        patched += frame.is_corrupt
    lost = len(timeline.times_s) - number
    if not number or lost > LOST_FRAMES + LOST_SHARE * len(timeline.times_s):
        raise _damaged(f"{lost} of {len(timeline.times_s)} frames not decoded")
    if patched > 1 + DAMAGED_SHARE * number:
        raise _damaged(f"{patched} of {number} frames damaged")


def _frame_rate(track: VideoStream, timeline: _Timeline) -> float:
    """Frames a second: what the header says where the packets bear it out, else what they say."""
    frames = len(timeline.times_s)
    counted = frames / timeline.duration_s
    stated = float(track.average_rate or 0)
    # The header is exact where the count is off by the length of the last frame.
    tolerance = max(RATE_TOLERANCE, 1.5 / frames)
    return stated if abs(stated - counted) <= tolerance * counted else counted


def _ratio(track: VideoStream) -> float | None:
    ratio = track.sample_aspect_ratio
    return float(ratio) if ratio else None


def _decoded(
    container: InputContainer, track: VideoStream, limits: FilmLimits
) -> Iterator[VideoFrame]:
    from av.error import InvalidDataError

    track.thread_type = "AUTO"
    track.codec_context.thread_count = CORES
    track.codec_context.options = {"max_pixels": str(_coded_pixels(limits))}
    began = time.monotonic()
    for packet in container.demux(track):
        try:
            yield from packet.decode()
        except InvalidDataError:  # counted as lost by the caller
            continue
        if time.monotonic() - began > limits.max_decode_s:
            raise TooMuchToCheck(
                HoldCode.TOO_SLOW,
                "This video takes longer to check than we allow, so a person will look at it "
                "first. A shorter or smaller one is checked at once.",
                cause=f"more than {limits.max_decode_s:g} s",
            )


def _damaged(cause: str) -> Refused:
    return Refused(
        RefusalCode.DAMAGED,
        "This video is damaged or incomplete, so it could not be checked. "
        "Play it on your device to the end, save it again and upload the new copy.",
        cause=cause,
    )


def _unsupported(cause: str) -> Refused:
    return Refused(
        RefusalCode.UNSUPPORTED_TYPE,
        "This is not a video that we can open. MP4, MOV and WebM from phones and browsers work; "
        "save it as one of them and upload it again.",
        cause=cause,
    )


def _tracks(cause: str) -> TooMuchToCheck:
    return TooMuchToCheck(
        HoldCode.TOO_MANY_TRACKS,
        "There is more in this video than one picture and its sound, so a person will look at it "
        "first.",
        cause=cause,
    )


def _frames(cause: str) -> TooMuchToCheck:
    return TooMuchToCheck(
        HoldCode.TOO_MANY_FRAMES,
        "This video has more frames than we check automatically, so a person will look at it "
        "first.",
        cause=cause,
    )
