"""Every cell of ``matrix.txt``, against the emulators with real tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from devkit.client import App, Denied, Fields, Operator, Query, Value
from media_integrity.schema.appeals import Appeal
from media_integrity.schema.base import CaseId, Document, SubDocument
from media_integrity.schema.cases import SyntheticMediaFlag
from media_integrity.schema.hashes import HashMatch
from media_integrity.schema.registry import DOCUMENTS, place_of
from media_integrity.schema.reports import Report, Takedown
from media_integrity.schema.shields import ShieldAttacker, ShieldMatch
from tests.rules.matrix import Cell, cells
from tests.rules.people import ROLES, STAFF, Cast, ask, create_now, seeded, update_now
from tests.rules.seeds import appeal, case, new_id, notification, stored

UNKNOWN = "something_else"
PUBLIC_LIST: tuple[str, Operator, Value] = ("state", "==", "published")
WITHOUT_OWN = frozenset(
    {
        place_of(kind)
        for kind in (HashMatch, ShieldAttacker, ShieldMatch, Report, SyntheticMediaFlag, Takedown)
    }
)
"""Of these nobody lists what is about their own uploads."""
PAGE = 2000
"""More than all other tests leave behind in a collection: one stack serves a session."""
PUBLIC_PAGE = 100
"""The most that the rules let anybody list at once."""


@dataclass(frozen=True, slots=True)
class Target:
    """The seeded document of a collection."""

    collection: str
    path: str
    fields: Fields

    @property
    def parent(self) -> str:
        """Path of the collection that it is in."""
        return self.path.rpartition("/")[0]

    def naming(self, uid: str) -> list[str]:
        """Fields that say that the document is this person's."""
        return [name for name, value in self.fields.items() if value == uid]


@pytest.fixture(scope="module")
def targets(cast: Cast, functions: App, world: dict[str, Document]) -> Iterator[dict[str, Target]]:
    unknown = Target(
        UNKNOWN,
        f"{UNKNOWN}/{new_id()}",
        {"uploaderId": cast.uid("owner"), "victimId": cast.uid("victim")},
    )
    with seeded(functions, {unknown.path: unknown.fields}):
        yield {
            UNKNOWN: unknown,
            **{
                place: Target(place, document.path, stored(document))
                for place, document in world.items()
            },
        }


def test_the_matrix_has_a_row_for_every_collection_and_a_column_for_every_role() -> None:
    known = list(cells())

    assert {cell.collection for cell in known} == {*DOCUMENTS, UNKNOWN}
    assert {cell.role for cell in known} == set(ROLES)
    assert len(known) == len(set(known)) == (len(DOCUMENTS) + 1) * len(ROLES) * 5


@pytest.mark.parametrize("cell", list(cells()), ids=str)
def test_cell(cell: Cell, cast: Cast, functions: App, targets: dict[str, Target]) -> None:
    app, target = cast.app(cell.role), targets[cell.collection]
    match cell.operation:
        case "get":
            _check_get(cell, app, target)
        case "list":
            _check_list(cell, app, target, cast)
        case "create":
            _check_create(cell, app, target, cast, functions)
        case "update":
            _check_update(cell, app, target, cast, functions)
        case _:
            _check_delete(cell, app, target)


def _check_get(cell: Cell, app: App, target: Target) -> None:
    if cell.allowed:
        assert app.firestore.get(target.path).fields == target.fields
    else:
        with pytest.raises(Denied):
            app.firestore.get(target.path)


def _check_list(cell: Cell, app: App, target: Target, cast: Cast) -> None:
    everything = Query(target.parent, limit=PAGE)
    if target.collection in WITHOUT_OWN and cell.role in STAFF:
        everything = Query(target.parent, [("uploaderId", "!=", cast.uid(cell.role))], limit=PAGE)
    if target.collection == "transparency_reports":
        filtered = [Query(target.parent, [PUBLIC_LIST], limit=PUBLIC_PAGE)]
    else:
        people = [cast.uid(cell.role)] if cell.allowed else [cast.uid(role) for role in ROLES]
        filtered = [
            Query(target.parent, [(field, "==", uid)], limit=PAGE)
            for uid in people
            for field in target.naming(uid)
        ]
    below_own = issubclass(DOCUMENTS.get(target.collection, Document), SubDocument)
    sees_all = cell.role in STAFF or below_own

    if not cell.allowed:
        for query in [everything, *filtered]:
            with pytest.raises(Denied):
                ask(app, query)
        return
    for query in [everything] if sees_all else filtered:
        assert target.path in {found.path for found in ask(app, query)}
    if not sees_all:
        assert filtered
        with pytest.raises(Denied):
            ask(app, everything)


def _check_create(cell: Cell, app: App, target: Target, cast: Cast, functions: App) -> None:
    """The document that would be most in order: it names the one who writes it as its owner."""
    uid = cast.uid(cell.role)
    if target.collection == Appeal.collection:
        judged = case(cast.uid("owner"))
        mine = {**_as_client(stored(appeal(uid, CaseId(judged.id))))}
        with seeded(functions, {judged.path: stored(judged)}):
            _expect(cell, lambda: create_now(app, Appeal.path_of(judged.id), mine, "createdAt"))
            functions.firestore.delete(Appeal.path_of(judged.id))
        return
    people = [cast.uid("owner"), cast.uid("victim")]
    own = {name: uid if value in people else value for name, value in target.fields.items()}
    _expect(cell, lambda: app.firestore.create(f"{target.parent}/{new_id()}", own))


def _check_update(cell: Cell, app: App, target: Target, cast: Cast, functions: App) -> None:
    """The smallest change: one that changes nothing, or, where it exists, the allowed one."""
    if target.collection == "victim_notifications":
        unread = notification(cast.uid("victim"))
        with seeded(functions, {unread.path: stored(unread)}):
            _expect(cell, lambda: update_now(app, unread.path, {}, "readAt"))
        return
    name, value = next(iter(target.fields.items()))
    _expect(cell, lambda: app.firestore.update(target.path, {name: value}))


def _check_delete(cell: Cell, app: App, target: Target) -> None:
    _expect(cell, lambda: app.firestore.delete(target.path))


def _expect(cell: Cell, act: Callable[[], object]) -> None:
    if cell.allowed:
        act()
    else:
        with pytest.raises(Denied):
            act()


def _as_client(fields: Fields) -> Fields:
    """What an app sends of an appeal; its time is the server's."""
    sent = set(Appeal.CLIENT_FIELDS) - {"createdAt"}
    return {name: value for name, value in fields.items() if name in sent}
