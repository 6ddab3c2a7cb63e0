"""``./dev fingerprint``: what identifies files on this machine, as other programs write it.

With ``--json`` one object a line, in the order of the files:

    file          as given
    sha256, md5   of its bytes, hexadecimal; null for a file that cannot be read
    pdq           PDQ of the picture, or of the first view of a film or an animation, 64 hexadecimal
                  digits; null for sound, and for a file that is not taken
    pdq_quality   0..100; below 50 hashes are not compared
    dihedral      {form: hexadecimal}: of the picture turned and mirrored, all eight forms
    vpdq          [{frame, quality, pdq, time_s}] of a film or an animation, else null
    tmk           path of the TMK+PDQF file, of a film with ``--tmk DIR``, else null
    vpdq_file     path of the text file of vPDQ, of a film or an animation with ``--vpdq DIR``
    error         {code, text}: why the file was not taken; else null

Files are named after the film, ``holiday.mp4`` giving ``holiday.tmk``. Where a file of that name
with another content is there already, ``holiday-<beginning of the SHA-256>.tmk`` is written.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from media_integrity.decision.policy import default_policy
from media_integrity.fingerprints.files import FileHashes, file_hashes
from media_integrity.fingerprints.pdq import Fingerprints, fingerprint
from media_integrity.fingerprints.tmk import tmk
from media_integrity.fingerprints.vpdq import VideoHash
from media_integrity.media.errors import Refused, TooMuchToCheck
from media_integrity.media.limits import MediaLimits
from media_integrity.media.open import open_media
from media_integrity.media.types import Image

_PREFIX = 12
"""Digits of the SHA-256 that tell apart files of the same name."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where files of each kind are written; None where they are not asked for."""

    tmk: Path | None = None
    vpdq: Path | None = None


def main(arguments: Sequence[str]) -> int:
    """Fingerprint the files. Returns 1 if one was not taken or a result not written, else 0."""
    parser = _parser()
    options = parser.parse_args(arguments)
    folders = Folders(options.tmk, options.vpdq)
    for folder in (folders.tmk, folders.vpdq):
        try:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            parser.error(f"{folder}: {error.strerror or error}")
    limits = default_policy().limits.media
    status = 0
    for file in options.files:
        result = identify(file, folders, limits)
        status = status if result["error"] is None else 1
        print(json.dumps(result) if options.json else _table(result), flush=True)
    return status


def identify(file: str, folders: Folders, limits: MediaLimits) -> dict[str, object]:
    """The result for one file, in the form that the module describes."""
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        return _result(file, error=("unreadable", error.strerror or str(error)))
    hashes = file_hashes(data)
    try:
        media = open_media(data, limits)
        if not isinstance(media, Image):
            return _result(file, hashes)
        prints = fingerprint(media, hashes=hashes)
        name, content = Path(file).stem, hashes.sha256
        vpdq_file = tmk_file = None
        if folders.vpdq is not None and prints.video is not None:
            text = prints.video.to_text().encode()
            vpdq_file = _write(folders.vpdq, name, ".txt", content, text)
        if folders.tmk is not None and media.film is not None:
            feature = tmk(data, limits.film).to_bytes()
            tmk_file = _write(folders.tmk, name, ".tmk", content, feature)
    except (Refused, TooMuchToCheck) as error:
        return _result(file, hashes, error=(error.code.value, error.message))
    except OSError as error:
        return _result(file, hashes, error=("unwritable", error.strerror or str(error)))
    return _result(file, hashes, prints, tmk_file, vpdq_file)


def _result(
    file: str,
    hashes: FileHashes | None = None,
    prints: Fingerprints | None = None,
    tmk_file: Path | None = None,
    vpdq_file: Path | None = None,
    error: tuple[str, str] | None = None,
) -> dict[str, object]:
    forms = prints.views[0].forms.items() if prints else ()
    return {
        "file": file,
        "sha256": hashes.sha256 if hashes else None,
        "md5": hashes.md5 if hashes else None,
        "pdq": prints.pdq.hex if prints else None,
        "pdq_quality": prints.pdq.quality if prints else None,
        "dihedral": {form.value: bits.hex() for form, bits in forms} if prints else None,
        "vpdq": _rows(prints.video) if prints and prints.video else None,
        "tmk": str(tmk_file) if tmk_file else None,
        "vpdq_file": str(vpdq_file) if vpdq_file else None,
        "error": {"code": error[0], "text": error[1]} if error else None,
    }


def _rows(video: VideoHash) -> list[dict[str, object]]:
    return [
        {
            "frame": each.frame,
            "quality": each.quality,
            "pdq": each.bits.hex(),
            "time_s": round(each.time_s, 3),
        }
        for each in video.frames
    ]


def _write(folder: Path, name: str, suffix: str, sha256: str, content: bytes) -> Path:
    """Write a file, complete or not at all; another one's of the same name stays."""
    path = folder / f"{name}{suffix}"
    if path.exists() and path.read_bytes() != content:
        path = folder / f"{name}-{sha256[:_PREFIX]}{suffix}"
    handle, unfinished = tempfile.mkstemp(suffix, dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    return path


def _table(result: dict[str, object]) -> str:
    lines = [str(result["file"])]
    for key in ("sha256", "md5", "pdq", "pdq_quality", "dihedral", "vpdq", "tmk", "vpdq_file"):
        value = result[key]
        if isinstance(value, dict):
            lines += [f"  {form:<11} {bits}" for form, bits in value.items() if form != "original"]
        elif isinstance(value, list):
            lines.append(f"  vpdq        {len(value)} frames")
            lines += [
                f"  {row['time_s']:9.3f} s {row['pdq']} quality {row['quality']}" for row in value
            ]
        elif value is not None:
            lines.append(f"  {key:<11} {value}")
    if isinstance(result["error"], dict):
        lines.append(f"  ERROR       {result['error']['code']}: {result['error']['text']}")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev fingerprint",
        description="Hashes by which files are known, here and elsewhere: SHA-256, MD5, PDQ, "
        "vPDQ and TMK+PDQF.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--tmk", type=Path, metavar="DIR", help="write a .tmk file of each film (decodes it again)"
    )
    parser.add_argument(
        "--vpdq", type=Path, metavar="DIR", help="write the vPDQ text of each film and animation"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
