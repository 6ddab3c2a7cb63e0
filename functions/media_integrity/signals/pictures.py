"""Pictures that examples are made of: by code, or public domain. Only tests call these.

scikit-image, which ships NASA's portrait, is there in development only.
"""

from __future__ import annotations

import io

from media_integrity.media.types import Pixels


def portrait() -> bytes:
    """NASA's portrait of Eileen Collins, public domain: one face."""
    return jpeg(_astronaut())


def three_portraits() -> bytes:
    """The same face three times, once mirrored."""
    import numpy as np

    part = _astronaut()[:300, 100:350]
    return jpeg(np.hstack([part, part[:, ::-1], part]))


def swapped_face() -> bytes:
    """The portrait with a softer, warmer face of another size laid over its own."""
    import cv2
    import numpy as np

    picture = _astronaut()[:400, 50:450].copy()
    softer = cv2.GaussianBlur(picture, (0, 0), 1.6)
    warmer = np.clip(softer * (1.12, 0.97, 0.85) + (6, 0, -6), 0, 255).astype(np.float32)
    turn = np.array([[1.06, 0.02, -16], [-0.02, 1.06, -2]], np.float32)
    face = cv2.warpAffine(warmer, turn, (400, 400), borderMode=cv2.BORDER_REFLECT)
    outline = np.zeros((400, 400), np.float32)
    cv2.ellipse(outline, (172, 120), (44, 58), 0, 0, 360, 1.0, -1)
    mask = cv2.GaussianBlur(outline, (0, 0), 2.5)[:, :, None]
    return jpeg(np.clip(picture * (1 - mask) + face * mask, 0, 255).astype(np.uint8))


def rebuilt_portrait() -> bytes:
    """The portrait at half its size, doubled again by an uneven transposed convolution."""
    import cv2
    import numpy as np

    picture = _astronaut()[:400, 50:450]
    small = cv2.resize(picture, (200, 200), interpolation=cv2.INTER_AREA)
    spaced = np.zeros((400, 400, 3), np.float32)
    spaced[::2, ::2] = small * 4.0
    kernel = np.outer((0.27, 0.49, 0.24), (0.22, 0.52, 0.26)).astype(np.float32)
    return jpeg(np.clip(cv2.filter2D(spaced, -1, kernel), 0, 255).astype(np.uint8))


def plain_colour() -> bytes:
    import numpy as np

    return jpeg(np.full((300, 400, 3), (90, 140, 200), np.uint8))


def checks() -> bytes:
    """A chessboard: hard edges everywhere, and nobody."""
    import numpy as np

    rows, columns = np.indices((480, 640)) // 40
    return jpeg(np.dstack([((rows + columns) % 2 * 255).astype(np.uint8)] * 3))


def landscape() -> bytes:
    """Sky above grass: smooth above, grainy below."""
    import numpy as np

    sky = np.linspace((90, 140, 220), (190, 210, 240), 200)[:, None].repeat(600, axis=1)
    grass = np.random.default_rng(1).normal((70, 120, 50), 25, (200, 600, 3))
    return jpeg(np.clip(np.vstack([sky, grass]), 0, 255).astype(np.uint8))


def jpeg(rgb: Pixels) -> bytes:
    """The picture as a JPEG of quality 90."""
    from PIL import Image as Pillow

    written = io.BytesIO()
    Pillow.fromarray(rgb).save(written, "JPEG", quality=90)
    return written.getvalue()


def _astronaut() -> Pixels:
    from skimage import data

    picture: Pixels = data.astronaut()  # type: ignore[no-untyped-call]
    return picture
