"""``./dev bank`` on a running stack, as an operator types it."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest

from devkit import bank
from devkit.stack import Addresses
from media_integrity.banks import service
from media_integrity.exchanges import register
from media_integrity.schema.audit import Actor, ActorKind
from media_integrity.schema.bank_work import Exchange, ExchangeKind
from media_integrity.schema.base import BankId
from media_integrity.schema.enums import BankLabel
from media_integrity.schema.errors import Conflict, Forbidden, Invalid
from media_integrity.schema.hashes import OpinionKind
from tests.emulator.pictures import clean
from tests.emulator.test_banks import some_entry
from tests.emulator.world import World


class Terminal:
    """Runs commands and keeps what they say."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str, status: int = 0) -> str:
        assert bank.main(words) == status
        said = self._capsys.readouterr()
        return said.out + said.err


@pytest.fixture
def run(
    emulated: Addresses, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    monkeypatch.setenv("MEDIA_INTEGRITY_STACK_FILE", str(emulated.file))
    return Terminal(capsys)


def a_bank(run: Terminal, label: str = "NCII") -> str:
    name = f"typed-{secrets.token_hex(4)}"
    run("create", name, "--label", label, "--name", "Typed", "--source", "tests")
    return name


def entry_in(said: str) -> str:
    found = re.search(r"pdq-[0-9a-f]{64}", said)
    assert found is not None, said
    return found[0]


def test_an_operator_adds_finds_and_disables_a_picture(run: Terminal, tmp_path: Path) -> None:
    name = a_bank(run)
    picture = tmp_path / "picture.png"
    picture.write_bytes(clean())

    entry = entry_in(run("add", name, str(picture), "--why", "reported"))
    assert entry in run("search", str(picture))
    assert "other than who added" in run("confirm", name, entry, "--why", "mine", status=1)
    assert re.search(rf"{name} +NCII +2 enabled", run("list"))

    assert "off (moderator)" in run("disable", name, entry, "--why", "a mistake")
    assert entry not in run("search", str(picture))


def test_what_cannot_be_done_is_said_and_the_rest_is_done(run: Terminal, tmp_path: Path) -> None:
    name = a_bank(run)
    picture = tmp_path / "picture.png"
    picture.write_bytes(clean())
    said = run(
        *("add", name, str(tmp_path / "missing.png"), f"pdq:{'0' * 64}", str(picture)),
        *("--why", "reported"),
        status=1,
    )
    assert "missing.png: not added: No such file" in said
    assert "alike" in said
    assert entry_in(said)
    assert "no such bank" in run("add", "none", str(picture), "--why", "reported", status=1)
    assert "already" in run(
        *("create", name, "--label", "NCII", "--name", "n", "--source", "s"), status=1
    )


def test_a_bank_is_exported_and_imported_with_its_bad_lines_told(
    run: Terminal, tmp_path: Path
) -> None:
    name, other, file = a_bank(run), a_bank(run), tmp_path / "bank.csv"
    run("add", name, *(f"pdq:{secrets.token_hex(32)}" for _ in range(3)), "--why", "reported")
    assert "3 entries" in run("export", name, str(file))
    assert "File exists" in run("export", name, str(file), status=1)
    with file.open("a") as stream:
        stream.write("pdq,nonsense,,,\n")

    said = run("import", other, str(file), "--why", "moved here", status=1)

    assert "3 added" in said
    assert "line 5:" in said
    assert re.search(rf"{other} +NCII +3 enabled", run("list"))


def test_a_flood_is_approved_by_name_only_by_somebody_else(run: Terminal, tmp_path: Path) -> None:
    name, file = a_bank(run), tmp_path / "flood.csv"
    lines = [f"pdq,{secrets.token_hex(32)}" for _ in range(51)]
    file.write_text("\n".join(["algorithm,value", *lines]))
    said = run("import", name, str(file), "--why", "a feed")
    assert "until somebody else approves" in said
    waiting = said.split()[0]
    assert "other than who started" in run("approve", waiting, "--why", "me again", status=1)


def test_exchanges_are_added_listed_and_switched(run: Terminal) -> None:
    name, exchange = a_bank(run), f"ex-{secrets.token_hex(4)}"
    run("exchange-add", exchange, "--kind", "stopncii", "--bank", name)
    assert re.search(rf"{exchange} +stopncii +feeds {name} +on", run("exchanges"))
    run("exchange-switch", exchange, "off")
    assert re.search(rf"{exchange} +stopncii +feeds {name} +off", run("exchanges"))
    assert "switched off" in run("exchange-read", exchange, status=1).lower()


def test_upkeep_says_what_each_part_did(run: Terminal) -> None:
    said = run("upkeep")
    assert {"popular", "reopened", "packed", "searches", "snapshots"} <= {
        line.split()[0] for line in said.splitlines()
    }


# ---- The register itself


def exchange_for(world: World, bank_id: BankId) -> Exchange:
    now = world.clock.now()
    return Exchange(
        id=f"ex-{secrets.token_hex(4)}",
        kind=ExchangeKind.NCMEC,
        bank_id=bank_id,
        created_at=now,
        updated_at=now,
    )


def test_an_exchange_feeds_one_bank_of_abusive_media_and_seniors_add_it(world: World) -> None:
    senior = Actor(kind=ActorKind.SENIOR_MODERATOR, id="senior")
    plain = Actor(kind=ActorKind.MODERATOR, id="plain")
    bank_id = world.new_bank(BankLabel.CSAM)
    with pytest.raises(Forbidden):
        register.add(exchange_for(world, bank_id), plain, world.banks)
    register.add(exchange_for(world, bank_id), senior, world.banks)
    with pytest.raises(Conflict, match="Another exchange"):
        register.add(exchange_for(world, bank_id), senior, world.banks)
    for label in (BankLabel.ALLOW_LIST, BankLabel.SHIELD):
        with pytest.raises(Invalid):
            register.add(exchange_for(world, world.new_bank(label)), senior, world.banks)


def test_a_senior_who_clears_popularity_has_published_media_searched(world: World) -> None:
    by = Actor(kind=ActorKind.SENIOR_MODERATOR, id="senior")
    adder = Actor(kind=ActorKind.MODERATOR, id="adder")
    entry = service.add(world.new_bank(), some_entry(), "why", adder, world.banks)
    bank_id = BankId(entry.parent_id)
    service.give_opinion(bank_id, entry.id, OpinionKind.CONFIRM, "looked", by, world.banks)
    world.backend.store.update(entry, popular=True)
    service.give_opinion(bank_id, entry.id, OpinionKind.CONFIRM, "once more", by, world.banks)
    assert len(world.searches.asked) == 2
