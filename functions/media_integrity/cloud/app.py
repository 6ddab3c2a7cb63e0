"""The one firebase_admin app of the process, and which project it belongs to."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import firebase_admin

TIMEOUT_S = 10
"""Of one request to Firebase Auth, the queues or messaging; the library's own is 120."""

EMULATOR_HOSTS = ("FIREBASE_AUTH_EMULATOR_HOST", "FIRESTORE_EMULATOR_HOST")


def project_id() -> str:
    """The Google Cloud project this process works for.

    Raises:
        RuntimeError: no variable of the environment names it.
    """
    for name in ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT"):
        if project := os.environ.get(name):
            return project
    if config := os.environ.get("FIREBASE_CONFIG"):
        project = json.loads(config).get("projectId")
        if isinstance(project, str):
            return project
    raise RuntimeError("set GOOGLE_CLOUD_PROJECT to the project's id")


@cache
def firebase_app() -> firebase_admin.App:
    """The app; against the emulators without credentials, which they do not ask for."""
    import firebase_admin
    from google.auth.credentials import AnonymousCredentials

    emulated = any(os.environ.get(name) for name in EMULATOR_HOSTS)
    credential = AnonymousCredentials() if emulated else None  # None: application default
    options = {"projectId": project_id(), "httpTimeout": TIMEOUT_S}
    return firebase_admin.initialize_app(credential, options)
