"""Print the JSON Schema of every stored document: ``python -m media_integrity.schema [--out DIR]``.

The SDK's types are generated from it. Two runs give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from .export import json_schema, json_schemas


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m media_integrity.schema", description=__doc__)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write one file for each collection instead"
    )
    options = parser.parse_args(arguments)
    if options.out is None:
        sys.stdout.write(_text(json_schema()))
        return 0
    options.out.mkdir(parents=True, exist_ok=True)
    for name, schema in json_schemas().items():
        (options.out / f"{name}.schema.json").write_text(_text(schema), encoding="utf-8")
    return 0


def _text(schema: object) -> str:
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
