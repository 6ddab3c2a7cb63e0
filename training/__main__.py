"""``python -m training WHAT …``: makes one of our models anew from the data folder.

Every part has its own arguments: ``python -m training faces --help``.
"""

from __future__ import annotations

import sys
from importlib import import_module

PARTS = {
    "compression": "training.compression",
    "copied_regions": "training.copied_regions",
    "document_signal": "training.document_signal",
    "documents": "training.documents",
    "faces": "training.faces_command:main",
    "export": "training.faces_command:export",
    "calibrate": "training.faces_command:calibrate",
    "evaluate": "training.faces_command:evaluate",
    "generated_faces": "training.generated_faces",
    "groups": "training.groups",
    "pairs": "training.pairs",
    "properties": "training.properties",
    "speaker": "training.speaker",
    "splices": "training.splices",
    "voice": "training.voice.__main__",
}
"""What can be made, and the module whose ``main(arguments)``, or other function, does it."""


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] not in PARTS:
        sys.stderr.write(f"usage: python -m training {{{','.join(PARTS)}}} …\n")
        return 2
    module, _, function = PARTS[sys.argv[1]].partition(":")
    return int(getattr(import_module(module), function or "main")(sys.argv[2:]))


if __name__ == "__main__":
    raise SystemExit(main())
