"""``python -m training WHAT …``: makes one of our models anew from the data folder.

Every part has its own arguments: ``python -m training faces --help``.
"""

from __future__ import annotations

import sys
from importlib import import_module

PARTS = {
    "faces": "training.faces_command",
    "pairs": "training.pairs",
    "voice": "training.voice.__main__",
}
"""What can be trained and the module whose ``main(arguments)`` does it."""


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] not in PARTS:
        sys.stderr.write(f"usage: python -m training {{{','.join(PARTS)}}} …\n")
        return 2
    main_of_part = import_module(PARTS[sys.argv[1]]).main
    return int(main_of_part(sys.argv[2:]))


if __name__ == "__main__":
    raise SystemExit(main())
