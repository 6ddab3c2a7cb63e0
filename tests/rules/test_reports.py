"""Who reads a report, a takedown and what goes with them. The whole table is ``matrix.txt``."""

from __future__ import annotations

import pytest

from devkit.client import App, Denied, Operator, Person, Query, Value
from media_integrity.schema.base import UserId
from media_integrity.schema.reports import (
    OWN_APP,
    Report,
    ReportDetails,
    ReportedMedia,
    ReportKind,
    ReportPriority,
    Takedown,
)
from tests.rules.people import ROLES, STAFF, Cast, ask, seeded
from tests.rules.seeds import new_case_id, new_id, now, stored

CONTENT = b"not looked at by rules"
MEGABYTE = 1024 * 1024
IMAGES = ("jpeg", "png", "gif", "webp", "avif", "heic", "heif")


def report(reporter: str, uploader: str) -> tuple[Report, ReportDetails, Takedown]:
    media = ReportedMedia(platform=OWN_APP, job_id=new_case_id())
    made = Report(
        id=new_id(),
        reporter_id=UserId(reporter),
        uploader_id=UserId(uploader),
        kind=ReportKind.NCII,
        priority=ReportPriority.HIGH,
        media=(media,),
        created_at=now(),
        updated_at=now(),
    )
    takedown = Takedown(
        id=Takedown.id_for(made.id, 0),
        report_id=made.ref,
        reporter_id=made.reporter_id,
        uploader_id=made.uploader_id,
        media=media,
        created_at=now(),
        updated_at=now(),
    )
    return made, ReportDetails(id=ReportDetails.DETAILS_ID, parent_id=made.id), takedown


@pytest.mark.parametrize("role", sorted(STAFF))
def test_a_moderator_does_not_learn_who_reported_an_upload_of_their_own(
    cast: Cast, functions: App, role: str
) -> None:
    own, app = cast.uid(role), cast.app(role)
    mine, theirs = report("reporter", own), report("reporter", "somebody-else")

    with seeded(functions, {each.path: stored(each) for each in (*mine, *theirs)}):
        for document in theirs:
            assert app.firestore.get(document.path)
        for document in mine:
            with pytest.raises(Denied):
                app.firestore.get(document.path)
        with pytest.raises(Denied):
            ask(app, Query(f"{mine[0].path}/private", limit=10))
        for kind in (Report, Takedown):
            _check_lists(app, own, kind.collection, mine, theirs)


def _check_lists(
    app: App,
    own: str,
    collection: str,
    mine: tuple[Report, ReportDetails, Takedown],
    theirs: tuple[Report, ReportDetails, Takedown],
) -> None:
    of_reporter: tuple[str, Operator, Value] = ("reporterId", "==", "reporter")
    without_own = Query(collection, [of_reporter, ("uploaderId", "!=", own)], limit=50)
    # The rules alone are tried; no app of ours lists so, and there is no index for it.
    found = {each.path for each in app.firestore.query(without_own)}
    assert found & {each.path for each in theirs}
    assert not found & {each.path for each in mine}
    with_own: list[list[tuple[str, Operator, Value]]] = [
        [],
        [of_reporter],
        [("uploaderId", "==", own)],
        [of_reporter, ("uploaderId", "!=", "somebody-else")],
    ]
    for where in with_own:
        with pytest.raises(Denied):
            app.firestore.query(Query(collection, where, limit=50))


def test_a_moderator_who_reports_reads_their_own_report(cast: Cast, functions: App) -> None:
    made, _, takedown = report(cast.uid("moderator"), "somebody-else")
    app = cast.app("moderator")
    with seeded(functions, {each.path: stored(each) for each in (made, takedown)}):
        assert app.firestore.get(made.path)
        mine = [("reporterId", "==", cast.uid("moderator"))]
        assert ask(app, Query(Report.collection, mine, limit=10))  # type: ignore[arg-type]


# ---- files that go with a report


@pytest.fixture
def reporter(cast: Cast) -> Person:
    return cast.people["victim"]


@pytest.fixture
def app(cast: Cast) -> App:
    """The reporter's."""
    return cast.app("victim")


@pytest.fixture
def file(reporter: Person) -> str:
    return f"reports/{reporter.uid}/{new_id()}/chat.png"


@pytest.mark.parametrize(
    "content_type", ["application/pdf", "text/plain", *(f"image/{kind}" for kind in IMAGES)]
)
def test_who_reports_adds_a_file(app: App, file: str, content_type: str) -> None:
    app.storage.upload(file, CONTENT, content_type)

    assert app.storage.download(file) == CONTENT


@pytest.mark.parametrize(
    "content_type",
    ["image/svg+xml", "text/html", "application/pdfx", "video/mp4", "application/octet-stream"],
)
def test_other_types_are_not_added(app: App, file: str, content_type: str) -> None:
    with pytest.raises(Denied):
        app.storage.upload(file, CONTENT, content_type)


@pytest.mark.parametrize("role", [role for role in ROLES if role != "victim"])
def test_nobody_adds_a_file_for_another(cast: Cast, file: str, role: str) -> None:
    with pytest.raises(Denied):
        cast.app(role).storage.upload(file, CONTENT, "image/png")


@pytest.mark.parametrize("role", ROLES)
def test_who_reports_and_moderators_read_it_and_nobody_changes_it(
    cast: Cast, functions: App, file: str, role: str
) -> None:
    functions.storage.upload(file, CONTENT, "image/png")
    storage = cast.app(role).storage
    if role in {"victim", *STAFF}:
        assert storage.download(file) == CONTENT
    else:
        with pytest.raises(Denied):
            storage.download(file)
    for attempt in (
        lambda: storage.list(f"{file.rpartition('/')[0]}/"),
        lambda: storage.upload(file, b"something else", "image/png"),
        lambda: storage.update_metadata(file, {"a": "b"}),
        lambda: storage.delete(file),
    ):
        with pytest.raises(Denied):
            attempt()


@pytest.mark.parametrize("size", [0, 10 * MEGABYTE + 1])
def test_an_empty_or_larger_file_is_not_added(app: App, file: str, size: int) -> None:
    with pytest.raises(Denied):
        app.storage.upload(file, bytes(size), "image/png")


def test_a_file_of_the_greatest_size_is_added_and_nothing_is_said_about_it(
    app: App, reporter: Person
) -> None:
    app.storage.upload(
        f"reports/{reporter.uid}/{new_id()}/a.png", bytes(10 * MEGABYTE), "image/png"
    )
    with pytest.raises(Denied):
        app.storage.upload(
            f"reports/{reporter.uid}/{new_id()}/a.png", CONTENT, "image/png", {"surface": "feed"}
        )


@pytest.mark.parametrize(
    "rest", ["short/chat.png", "a draft 12/chat.png", f"{'a' * 65}/chat.png", "draft-1234/.hidden"]
)
def test_its_path_is_plain(app: App, reporter: Person, rest: str) -> None:
    with pytest.raises(Denied):
        app.storage.upload(f"reports/{reporter.uid}/{rest}", CONTENT, "image/png")
