"""Choosing ports for a stack."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from devkit import ports
from devkit.errors import DevError
from devkit.repository import Repository

FIREBASE_JSON = Repository.here().root / "firebase.json"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind((ports.HOST, 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_taken_port_is_named_with_the_way_to_choose_another(taken_port: int) -> None:
    with pytest.raises(DevError) as refusal:
        ports.require_free({"firestore": taken_port})
    assert f"{taken_port} (firestore)" in refusal.value.what
    assert "--port-base" in refusal.value.todo
    assert ports.PORT_BASE_VARIABLE in refusal.value.todo


def test_a_base_whose_range_holds_a_taken_port_is_refused(taken_port: int) -> None:
    offset = ports.NAMES.index("storage")
    with pytest.raises(DevError, match=rf"{taken_port} \(storage\)"):
        ports.choose(str(taken_port - offset), FIREBASE_JSON)


def test_automatic_ports_are_free_and_distinct() -> None:
    chosen = ports.choose("auto", FIREBASE_JSON, app=True)
    assert set(chosen) == {*ports.NAMES, ports.APP}
    assert len(set(chosen.values())) == len(chosen)
    assert all(ports.is_free(port) for port in chosen.values())


def test_without_a_choice_the_ports_are_those_of_firebase_json() -> None:
    emulators = json.loads(FIREBASE_JSON.read_text())["emulators"]
    chosen = ports.default_ports(FIREBASE_JSON)
    assert chosen["auth"] == emulators["auth"]["port"]
    assert chosen["firestore_websocket"] == emulators["firestore"]["websocketPort"]


@pytest.mark.parametrize("base", ["80", "65530", "https", "-1", ""])
def test_a_base_that_cannot_be_is_refused_with_advice(base: str) -> None:
    with pytest.raises(DevError) as refusal:
        ports.choose(base, FIREBASE_JSON)
    assert refusal.value.todo


def test_a_stack_without_the_app_asks_nothing_of_the_apps_port(taken_port: int) -> None:
    base = str(taken_port - len(ports.NAMES))
    with pytest.raises(DevError, match=rf"{taken_port} \(app\)"):
        ports.choose(base, FIREBASE_JSON, app=True)
    assert ports.APP not in ports.choose("auto", FIREBASE_JSON)
