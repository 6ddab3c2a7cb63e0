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
