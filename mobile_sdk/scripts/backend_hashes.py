"""PDQ as the backend makes it, for the tests of the hashing on the device.

Reads one JSON object a line: ``{"file": path}``, opened as an upload is, or ``{"raw": path,
"width": n, "height": n}``, RGB bytes. Writes one a line: ``{"quality": n, "forms": {...}}``, of the
first view, in the order of the backend's ``Form``. Run with PYTHONPATH at the ``functions`` folder.
"""

import json
import sys
from pathlib import Path

import numpy as np

from media_integrity.fingerprints.pdq_hash import ViewHashes, pdq
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image


def hashes(asked: dict[str, object]) -> ViewHashes:
    if "file" in asked:
        return pdq(open_image(Path(str(asked["file"])).read_bytes(), Limits()).views[0].rgb)
    pixels = np.fromfile(str(asked["raw"]), np.uint8)
    return pdq(pixels.reshape(int(str(asked["height"])), int(str(asked["width"])), 3))


for line in sys.stdin:
    found = hashes(json.loads(line))
    forms = {form.value: bits.hex() for form, bits in found.forms.items()}
    sys.stdout.write(json.dumps({"quality": found.quality, "forms": forms}) + "\n")
