"""The JSON Schema from which the SDK's types are made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema

from media_integrity.schema.__main__ import main
from media_integrity.schema.export import json_schema, json_schemas
from media_integrity.schema.registry import DOCUMENTS


def test_two_runs_print_the_same_bytes() -> None:
    def run(seed: str) -> bytes:
        command = [sys.executable, "-m", "media_integrity.schema"]
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        return subprocess.run(command, check=True, capture_output=True, env=environment).stdout

    first = run("1")

    assert first == run("2")
    assert json.loads(first) == json_schema()


def test_every_document_is_in_it_with_the_place_where_it_lies() -> None:
    definitions = json_schema()["$defs"]

    for place, document in DOCUMENTS.items():
        assert definitions[document.__name__]["x-collection"] == place


def test_it_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    for schema in json_schemas().values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_it_writes_one_file_for_each_document(tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path / "schemas")]) == 0

    written = {file.name for file in (tmp_path / "schemas").iterdir()}
    assert written == {f"{document.__name__}.schema.json" for document in DOCUMENTS.values()}
    job = json.loads((tmp_path / "schemas" / "ScanJob.schema.json").read_text(encoding="utf-8"))
    assert job["x-collection"] == "scan_jobs"


def test_stored_names_are_in_camel_case_and_ids_are_not_stored() -> None:
    job = json_schemas()["ScanJob"]

    assert {"uploaderId", "createdAt", "publishedPath"} <= set(job["properties"])
    assert not {"id", "uploader_id"} & set(job["properties"])


def test_personal_data_says_what_for_and_how_long() -> None:
    uploader = json_schemas()["ScanJob"]["properties"]["uploaderId"]

    assert uploader["personal"] == {"purpose": "who uploaded", "keepDays": 7}


def test_closed_vocabularies_are_enumerated() -> None:
    definitions = json_schema()["$defs"]

    assert definitions["AppealStatus"]["enum"] == [
        "pending",
        "in_review",
        "rejected",
        "upheld",
        "overturned",
    ]
    assert definitions["ReportPriority"] == {
        "description": definitions["ReportPriority"]["description"],
        "enum": [0, 1, 2, 3],
        "title": "ReportPriority",
        "type": "integer",
    }
