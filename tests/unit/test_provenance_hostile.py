"""Files made to break a reader: each run ends soon, in a finding or a plain exception."""

from __future__ import annotations

import time
import tracemalloc
import zlib
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_integrity.media.sniff import image_format
from media_integrity.media.types import ImageFormat
from media_integrity.schema.findings import AiOrigin, Finding
from media_integrity.signals.provenance import ProvenanceSignal, containers, exif
from tests.unit.provenance_files import (
    COM,
    SOFTWARE,
    SOURCE_TYPE,
    USER_COMMENT,
    WEB_UI,
    action,
    detail,
    encoded,
    exif_segment,
    gif,
    gif_comment,
    gif_xmp,
    iim_segment,
    international_text,
    jpeg,
    noise,
    packed_text,
    png,
    saved,
    signed,
    text,
    tiff,
    unopened,
    with_hidden,
    xmp,
    xmp_segment,
)

SIGNAL = ProvenanceSignal()
SECONDS = 10.0
"""Far above what any of these takes (at most 1 s on an idle machine), far below a hang."""
MEGABYTES = 100


def ends(data: bytes) -> Finding | Exception:
    """How a run on ``data`` ended, having ended in time and within memory."""
    media = unopened(data)
    began = time.process_time()
    outcome: Finding | Exception
    try:
        outcome = SIGNAL.run(media)
    except Exception as error:  # noqa: BLE001 - any plain one will do
        outcome = error
    assert time.process_time() - began < SECONDS
    return outcome


LAUGHS = "".join(f'<!ENTITY l{at + 1} "{f"&l{at};" * 10}">' for at in range(12))
LAUGHING = f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>' + xmp(
    "<dc:description>&l12;</dc:description>"
)
SECRET = '<!DOCTYPE x [<!ENTITY s SYSTEM "file:///etc/passwd">]>' + xmp(
    "<xmp:CreatorTool>&s;</xmp:CreatorTool>"
)
NAMED_BEFORE = '<!DOCTYPE x [<!ENTITY g "Midjourney">]>' + xmp(
    "<xmp:CreatorTool>&g;</xmp:CreatorTool>"
)
HUGE = zlib.compress(b"Steps: 1, " * 20_000_000, 9)


def many_fields() -> bytes:
    """A directory whose every field points at the same bytes."""
    entries = 5000
    field = b"\x01\x31\x00\x02\x00\x00\xff\x00\x00\x00\x00\x00"
    return b"MM\x00\x2a\x00\x00\x00\x08" + entries.to_bytes(2, "big") + field * entries


def looping_directory() -> bytes:
    pointer = b"\x87\x69\x00\x04\x00\x00\x00\x01\x00\x00\x00\x08"
    return b"MM\x00\x2a\x00\x00\x00\x08" + b"\x00\x01" + pointer + b"\x00" * 4


HOSTILE: dict[str, Callable[[], bytes]] = {
    "PNG: 200 MB of text in zTXt": lambda: png((b"zTXt", b"parameters\x00\x00" + HUGE)),
    "PNG: a hundred of them": lambda: png(*[(b"zTXt", b"parameters\x00\x00" + HUGE)] * 100),
    "PNG: 200 MB of text in iTXt": lambda: png((b"iTXt", b"parameters\x00\x01\x00\x00\x00" + HUGE)),
    "PNG: zTXt that is no zlib": lambda: png((b"zTXt", b"parameters\x00\x00abcdef")),
    "PNG: iTXt cut off": lambda: png((b"iTXt", b"parameters\x00\x01")),
    "PNG: a text with no key": lambda: png((b"tEXt", b"")),
    "PNG: chunk longer than the file": lambda: png()[:33] + b"\xff\xff\xff\xfftEXtabc",
    "PNG: chunk of negative length": lambda: png()[:33] + b"\x80\x00\x00\x00tEXtabc",
    "PNG: 400,000 empty chunks": lambda: png(*[(b"tEXt", b"")] * 400_000),
    "PNG: only its signature": lambda: png()[:8],
    "PNG: header cut off": lambda: png()[:20],
    "PNG: text that is no UTF-8": lambda: png(text("Software", b"\xff\xfe\x80 no words")),
    "PNG: brackets without end": lambda: png(text("prompt", "[" * 1_000_000)),
    "PNG: braces without end": lambda: png(text("prompt", '{"a":' * 300_000)),
    "PNG: settings that almost match": lambda: png(
        text("parameters", "Steps: 1, " + "x" * 100_000 + "\n" + "Steps: 1," * 100_000)
    ),
    "PNG: numbers that almost match": lambda: png(text("Description", "Job ID: 0" * 100_000)),
    "PNG: spaces in a JSON": lambda: png(text("Comment", '"seed"' + " " * 1_000_000 + ":")),
    "PNG: quotes that begin no name": lambda: png(*[text("Comment", '"' * 2_000_000)] * 8),
    "PNG: raw profile of spaces": lambda: png(
        text("Raw profile type exif", "\n" * 500_000 + "exif" + " " * 500_000)
    ),
    "PNG: raw profile of odd digits": lambda: png(text("Raw profile type iptc", "\niptc\n 3\nabc")),
    "JPEG: segment longer than the file": lambda: jpeg()[:2] + b"\xff\xe1\xff\xffhttp",
    "JPEG: segment of length zero": lambda: jpeg()[:2] + b"\xff\xfe\x00\x00" * 10_000,
    "JPEG: fill bytes": lambda: b"\xff\xd8" + b"\xff" * 2_000_000,
    "JPEG: no markers": lambda: b"\xff\xd8\xff" + b"a" * 2_000_000,
    "JPEG: 4,000 comments": lambda: jpeg(*[(COM, b"Steps: 1, " * 500)] * 4_000),
    "EXIF: fields that share their bytes": lambda: jpeg(exif_segment(many_fields())),
    "EXIF: a directory inside itself": lambda: jpeg(exif_segment(looping_directory())),
    "EXIF: pointers out of the block": lambda: jpeg(
        exif_segment(b"II\x2a\x00\xff\xff\xff\xff" + b"\x00" * 40)
    ),
    "EXIF: two bytes": lambda: jpeg(exif_segment(b"II")),
    "XMP: a billion laughs": lambda: jpeg(xmp_segment(LAUGHING)),
    "XMP: the same in UTF-16": lambda: png(
        (b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + LAUGHING.encode("utf-16"))
    ),
    "XMP: a file of the machine": lambda: jpeg(xmp_segment(SECRET)),
    "XMP: a name from the document type": lambda: jpeg(xmp_segment(NAMED_BEFORE)),
    "XMP: elements in elements": lambda: jpeg(xmp_segment(xmp("<a>" * 15_000))),
    "XMP: a million elements": lambda: saved("WEBP", xmp=xmp("<dc:a/>" * 1_000_000)),
    "XMP: a property of a megabyte": lambda: png(
        international_text("XML:com.adobe.xmp", xmp(f"<dc:description>{'x' * 1_000_000}"))
    ),
    "XMP: not text": lambda: jpeg(xmp_segment(bytes(range(256)) * 100)),
    "XMP: empty": lambda: jpeg(xmp_segment("")),
    "IIM: lengths out of the block": lambda: jpeg(
        (0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\xff\xff\xff\xff\x1c\x02\x6e\x7f\xff")
    ),
    "IIM: 100 KB of empty resources": lambda: png(
        text("Raw profile type iptc", "\niptc\n 9\n" + (b"8BIM\x04\x04" + b"\x00" * 6).hex() * 9000)
    ),
    "GIF: blocks without end": lambda: gif()[:-1] + b"!\xfe" + b"\x01a" * 400_000,
    "GIF: XMP without end": lambda: gif()[:-1] + b"!\xff\x0bXMP DataXMP" + b"<" * 2_000_000,
    "GIF: header only": lambda: gif()[:11],
    "WebP: chunk longer than the file": lambda: saved("WEBP")[:12] + b"EXIF\xff\xff\xff\xffII",
    "WebP: 200,000 empty chunks": lambda: saved("WEBP")[:12] + b"JUNK\x00\x00\x00\x00" * 200_000,
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_file_says_nothing_and_takes_no_time(make: Callable[[], bytes]) -> None:
    outcome = ends(make())
    assert isinstance(outcome, Finding)
    assert detail(outcome).origin is AiOrigin.NONE
    assert "root:" not in outcome.model_dump_json()


@pytest.mark.parametrize(
    "name",
    [
        "PNG: a hundred of them",
        "PNG: 200 MB of text in iTXt",
        "EXIF: fields that share their bytes",
        "XMP: a billion laughs",
    ],
)
def test_bombs_take_no_memory(name: str) -> None:
    data = HOSTILE[name]()
    tracemalloc.start()
    try:
        ends(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEGABYTES * 1_000_000


def test_what_stands_before_the_hostile_part_still_counts() -> None:
    data = png(text("Software", "Midjourney"), (b"zTXt", b"parameters\x00\x00" + HUGE))
    outcome = ends(data)
    assert isinstance(outcome, Finding)
    assert detail(outcome).generator == "Midjourney"


def test_no_more_is_read_than_the_bounds_allow() -> None:
    texts = png(*[text("Comment", "a" * 1_500_000)] * 5)
    sizes = [len(block.data) for block in containers.blocks(texts, ImageFormat.PNG)]
    assert sizes == [1_500_000] * (containers.MAX_TOTAL // 1_500_000)
    many = png(*[text("Comment", "a")] * 2 * containers.MAX_BLOCKS)
    assert len(list(containers.blocks(many, ImageFormat.PNG))) == containers.MAX_BLOCKS
    empty = png()[:33] + b"\x00\x00\x00\x00aaaa\x00\x00\x00\x00" * 2 * containers.MAX_PARTS
    assert len(list(containers.png_chunks(empty))) == containers.MAX_PARTS
    junk = saved("WEBP")[:12] + b"JUNK\x00\x00\x00\x00" * 2 * containers.MAX_PARTS
    assert len(list(containers.webp_chunks(junk))) == containers.MAX_PARTS


@pytest.mark.parametrize(
    ("before", "read"),
    [
        ("<dc:a/>" * 100, True),
        ("<dc:a/>" * 20_000, False),
        ("<dc:a>" * 10, True),
        ("<dc:a>" * 64, False),
    ],
)
def test_packet_is_read_as_far_as_its_bounds(before: str, read: bool) -> None:
    tool = "<xmp:CreatorTool>Midjourney</xmp:CreatorTool>"
    outcome = ends(saved("WEBP", xmp=xmp(before + tool)))
    assert isinstance(outcome, Finding)
    assert (detail(outcome).generator == "Midjourney") is read


def test_exif_texts_that_share_bytes_are_not_read_twice() -> None:
    shared = dict.fromkeys((SOFTWARE, USER_COMMENT), b"x" * 30000)
    block = bytearray(tiff(shared))
    found = exif.texts(bytes(block))
    assert {len(value) for value in found.values()} == {30_000}
    # Point the first field at the start of the block, with the block's length.
    block[8 + 2 + 4 : 8 + 2 + 12] = len(block).to_bytes(4, "big") + b"\x00" * 4
    found = exif.texts(bytes(block))
    assert sum(map(len, found.values())) <= len(block)


def test_property_that_is_cut_off_still_counts() -> None:
    packet = xmp(f"<dc:description>{WEB_UI}")
    outcome = ends(jpeg(xmp_segment(packet[: packet.index("</rdf:Description>")])))
    assert isinstance(outcome, Finding)
    assert detail(outcome).generator == "Stable Diffusion"


def test_source_type_counts_in_a_packet_that_is_not_well_formed() -> None:
    packet = xmp(Iptc4xmpExt__DigitalSourceType=SOURCE_TYPE + "trainedAlgorithmicMedia")
    for broken in (packet[:-60], packet.replace("xmlns:dc=", "xmlns:other="), packet + "<"):
        outcome = ends(jpeg(xmp_segment(broken)))
        assert isinstance(outcome, Finding)
        assert detail(outcome).origin is AiOrigin.GENERATED


# Whatever happens to a file ---------------------------------------------------------------------


@cache
def valid_files() -> tuple[bytes, ...]:
    """One of each kind with something to say in every place."""
    created = action("c2pa.created", "trainedAlgorithmicMedia")
    comment = tiff(
        {SOFTWARE: b"NovelAI\x00", USER_COMMENT: b"UNICODE\x00" + WEB_UI.encode("utf-16")}
    )
    packet = xmp(
        f"<dc:description>{WEB_UI}</dc:description>",
        Iptc4xmpExt__DigitalSourceType="digitalCapture",
    )
    written_jpeg = jpeg(
        exif_segment(comment),
        xmp_segment(packet),
        iim_segment({110: "Midjourney"}),
        (COM, WEB_UI.encode()),
    )
    written_png = png(
        text("Software", "NovelAI"),
        packed_text("parameters", WEB_UI.encode()),
        international_text("XML:com.adobe.xmp", packet),
        (b"eXIf", comment),
    )
    return (
        written_jpeg,
        written_png,
        signed(written_jpeg, created),
        signed(written_png, created),
        encoded(with_hidden(noise(60, 40, 4), "stealth_pngcomp", WEB_UI)),
        encoded(with_hidden(noise(60, 40, 4), "stealth_rgbinfo", WEB_UI), "WEBP", lossless=True),
        gif(gif_comment(WEB_UI), gif_xmp(packet)),
        signed(saved("WEBP", exif=comment, xmp=packet), created),
        signed(saved("AVIF", exif=comment, xmp=packet), created),
    )


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(valid_files())))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(12, max(len(data) - 1, 12)))
        kind = draw(st.sampled_from(["set", "insert", "remove", "repeat", "length", "cut"]))
        size = draw(st.integers(1, 64))
        if kind == "set":
            data[at : at + 1] = bytes((draw(st.integers(0, 255)),))
        elif kind == "insert":
            data[at:at] = draw(st.binary(min_size=1, max_size=64))
        elif kind == "remove":
            del data[at : at + size]
        elif kind == "repeat":
            data[at:at] = bytes(data[at : at + size]) * 4
        elif kind == "length":
            data[at : at + 4] = draw(
                st.sampled_from([b"\xff\xff\xff\xff", b"\x00" * 4, b"\x7f\xff\xff\xff"])
            )
        else:
            del data[max(at, 12) :]
    return bytes(data)


@given(mutated())
@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
def test_any_mutation_ends_in_a_finding_or_a_plain_exception(data: bytes) -> None:
    if image_format(data) is None:
        return
    outcome = ends(data)
    if isinstance(outcome, Finding):
        assert outcome.score in {0.0, 0.5, 1.0}
        assert "Jane" not in outcome.model_dump_json()
