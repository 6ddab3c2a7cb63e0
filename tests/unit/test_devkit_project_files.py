"""The files that firebase-tools and npm read."""

from __future__ import annotations

import json
from fnmatch import fnmatch

from devkit.models import read_lock
from devkit.repository import Repository

ROOT = Repository.here().root


def test_the_functions_are_deployed_with_their_models_and_without_the_environment() -> None:
    (functions,) = json.loads((ROOT / "firebase.json").read_text())["functions"]
    ignored = functions["ignore"]
    assert "venv" in ignored
    shipped = ["models", "models/models.lock.toml"]
    shipped += [f"models/{model.file}" for model in read_lock(Repository.here())]
    assert not [path for path in shipped if any(fnmatch(path, pattern) for pattern in ignored)]


def test_the_npm_lock_pins_firebase_tools_and_names_no_registry() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]["firebase-tools"]
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert lock["node_modules/firebase-tools"]["version"] == wanted
    assert not [name for name, entry in lock.items() if "resolved" in entry]
    assert all("integrity" in entry for name, entry in lock.items() if name)
