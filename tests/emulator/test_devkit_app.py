"""The example app beside a stack, as ``./dev up`` serves it."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import replace

import pytest

from devkit import ports
from devkit.app import ExampleApp
from devkit.client import app_of, sign_in
from devkit.console import Console
from devkit.environment import exclusive, prepare_sdk
from devkit.http import send
from devkit.processes import marked
from devkit.repository import Repository
from devkit.stack import Addresses


@pytest.fixture(scope="module")
def served(stack: Addresses) -> Iterator[ExampleApp]:
    repository, console = Repository.here(), Console()
    with exclusive(repository, console):
        prepare_sdk(repository, console)
    free = ports.free_ports()[ports.APP]
    addresses = replace(stack, ports={**stack.ports, ports.APP: free})
    mark = f"{os.getpid()}-{secrets.token_hex(6)}"
    with ExampleApp(repository, console, mark, addresses) as app:
        yield app
    assert not marked(mark)
    assert ports.is_free(free)


def test_the_app_is_told_where_this_stack_is(served: ExampleApp) -> None:
    addresses = served.addresses
    told = json.loads(send("GET", f"{addresses.app}/config.json"))
    assert told["projectId"] == addresses.project
    assert told["bucket"] == addresses.bucket
    assert told["emulators"] == {
        "host": ports.HOST,
        **{name: addresses.ports[name] for name in ("auth", "firestore", "functions", "storage")},
    }


def test_the_app_and_the_sdks_source_are_served(served: ExampleApp) -> None:
    assert 'src="./main.web.tsx"' in send("GET", served.addresses.app).decode()
    assert "createRoot" in send("GET", f"{served.addresses.app}/main.web.tsx").decode()


def test_the_people_whom_the_app_offers_can_sign_in_and_have_an_age(served: ExampleApp) -> None:
    for person in json.loads((served.repository.sdk / "example/demo-people.json").read_text()):
        signed_in = sign_in(served.addresses, person["email"], person["password"])
        mine = app_of(served.addresses, signed_in)
        answer = mine.call("begin_upload", {"uploadId": secrets.token_hex(8)})
        assert answer["mayUpload"] is True
