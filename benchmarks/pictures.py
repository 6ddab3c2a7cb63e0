"""Twelve-megapixel photographs, made by code from public-domain pictures of scikit-image; pages.

A portrait (NASA) in front of a scene, enlarged, with the fine grain that a camera's sensor leaves,
which is what makes such a file 3 to 5 MB and what decoding it costs.

A page is a bank statement as an app saves it: 1240 x 1754, which is A4 at 150 dots an inch.
"""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WIDTH, HEIGHT = 4000, 3000
QUALITY = 88
GRAIN = 7.0
"""Standard deviation in levels of 255."""

LINES = (
    "The ferry leaves at half past nine",
    "Bring warm clothes and some bread",
    "We meet under the station clock",
)

PAGE = (1240, 1754)
BOOKINGS = 24
"""Lines of the page's table, below a heading of three."""
PURPOSES = ("rent", "salary", "groceries", "transfer", "insurance", "telephone", "savings")


@cache
def portraits(count: int) -> tuple[bytes, ...]:
    """So many JPEG files with one face each, no two alike."""
    return tuple(_jpeg(_portrait(index)) for index in range(count))


@cache
def portraits_with_text(count: int) -> tuple[bytes, ...]:
    """The same with three lines of text across the lower part."""
    return tuple(_jpeg(_written_on(_portrait(index))) for index in range(count))


@cache
def pages(count: int) -> tuple[bytes, ...]:
    """So many JPEG files of a page of text each, no two alike."""
    return tuple(_jpeg(_page(index)) for index in range(count))


def _portrait(index: int) -> NDArray[np.uint8]:
    import cv2
    import numpy as np
    from skimage import data

    scene = np.roll(data.coffee(), 60 * index, axis=1)  # type: ignore[no-untyped-call]
    picture = cv2.resize(scene, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    sitter = data.astronaut()[:384, 60:360]  # type: ignore[no-untyped-call]
    enlarged = cv2.resize(sitter, (1800, 2304), interpolation=cv2.INTER_CUBIC)
    left = 200 + 300 * (index % 6)
    picture[HEIGHT - 2304 :, left : left + 1800] = enlarged
    random = np.random.default_rng(index)
    grain = random.normal(0, GRAIN, (HEIGHT, WIDTH, 1)).astype(np.float32)
    grainy: NDArray[np.uint8] = np.clip(picture + grain, 0, 255).astype(np.uint8)
    return grainy


def _written_on(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    canvas = Image.fromarray(picture)
    pen = ImageDraw.Draw(canvas)
    pen.rectangle((150, 2250, 3850, 2900), fill=(250, 250, 245))
    font = ImageFont.load_default(size=150)
    for number, line in enumerate(LINES):
        pen.text((250, 2280 + 200 * number), line, fill=(20, 20, 30), font=font)
    return np.asarray(canvas)


def _page(index: int) -> NDArray[np.uint8]:
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    random = np.random.default_rng(index)
    page = Image.new("RGB", PAGE, (255, 255, 255))
    pen, ink = ImageDraw.Draw(page), (25, 25, 35)
    large, small = ImageFont.load_default(size=40), ImageFont.load_default(size=28)
    pen.text((110, 110), "Statement of account", fill=ink, font=large)
    pen.text((110, 180), f"Number {random.integers(10**8, 10**9)}", fill=ink, font=small)
    pen.text((110, 225), f"Sheet {index + 1}, March 2026", fill=ink, font=small)
    for row in range(BOOKINGS):
        top = 320 + 54 * row
        purpose = PURPOSES[int(random.integers(len(PURPOSES)))]
        amount = f"{random.integers(5, 4000)}.{random.integers(100):02d}"
        pen.text((110, top), f"{row + 1:02d}.03.2026", fill=ink, font=small)
        pen.text((360, top), purpose, fill=ink, font=small)
        pen.text((1130, top), amount, fill=ink, font=small, anchor="ra")
    return np.asarray(page)


def _jpeg(picture: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    written = io.BytesIO()
    Image.fromarray(picture).save(written, "JPEG", quality=QUALITY)
    return written.getvalue()
