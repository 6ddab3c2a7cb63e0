"""Who may put, read, list, change and delete which objects. Refusals differ from what is allowed in
one thing each."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping

import pytest

from devkit.client import Absent, App, Denied, Person, app_of, sign_up
from devkit.http import Answered, send
from tests.rules.people import ROLES, STAFF, Cast
from tests.rules.seeds import new_case_id, new_id

MEGABYTE = 1024 * 1024
CONTENT = b"not looked at by rules"

IMAGES = ("jpeg", "png", "gif", "webp", "avif", "heic", "heif")
VIDEOS = ("mp4", "quicktime", "webm")
SOUNDS = ("mpeg", "mp4", "x-m4a", "aac", "wav", "x-wav", "ogg", "webm", "flac")
ACCEPTED = [
    *(f"image/{kind}" for kind in IMAGES),
    *(f"video/{kind}" for kind in VIDEOS),
    *(f"audio/{kind}" for kind in SOUNDS),
]
NOT_ACCEPTED = [
    "image/svg+xml",
    "image/jpegx",
    "image/bmp",
    "ximage/jpeg",
    "IMAGE/JPEG",
    "image/",
    "video/x-msvideo",
    "audio/midi",
    "text/html",
    "application/pdf",
    "application/octet-stream",
]
PUBLISHED_ALLOW = {"action": "ALLOW"}
PUBLISHED_BLUR = {"action": "BLUR"}
PREVIEW = {"action": "PREVIEW"}


@pytest.fixture
def owner(cast: Cast) -> Person:
    return cast.people["owner"]


@pytest.fixture
def app(cast: Cast) -> App:
    """The owner's app."""
    return cast.app("owner")


def quarantine(uid: str, *, upload_id: str | None = None, name: str = "picture.jpg") -> str:
    return f"uploads/{uid}/{upload_id or new_id()}/{name}"


def put(app: App, name: str, content_type: str = "image/jpeg", **metadata: str) -> None:
    app.storage.upload(name, CONTENT, content_type, metadata)


# ---- quarantine: putting in


@pytest.mark.parametrize("content_type", ACCEPTED)
def test_an_owner_uploads(app: App, owner: Person, content_type: str) -> None:
    put(app, quarantine(owner.uid), content_type)


@pytest.mark.parametrize("content_type", NOT_ACCEPTED)
def test_other_types_are_refused(app: App, owner: Person, content_type: str) -> None:
    with pytest.raises(Denied):
        put(app, quarantine(owner.uid), content_type)


@pytest.mark.parametrize("role", [role for role in ROLES if role != "owner"])
def test_nobody_uploads_for_another(cast: Cast, owner: Person, role: str) -> None:
    with pytest.raises(Denied):
        put(cast.app(role), quarantine(owner.uid))


@pytest.mark.parametrize("surface", ["feed", "avatar", "dm"])
def test_an_upload_says_where_it_is_meant_for(app: App, owner: Person, surface: str) -> None:
    put(app, quarantine(owner.uid), surface=surface)


def test_an_upload_may_bring_what_is_said_in_it(app: App, owner: Person) -> None:
    put(app, quarantine(owner.uid), surface="dm", transcript="x" * 2000)


@pytest.mark.parametrize(
    "metadata",
    [
        {"surface": "everywhere"},
        {"surface": ""},
        {"transcript": "x" * 2001},
        {"action": "ALLOW"},
        {"surface": "feed", "action": "ALLOW"},
    ],
    ids=[
        "unknown_surface",
        "empty_surface",
        "a_long_transcript",
        "a_verdict",
        "a_verdict_beside_the_surface",
    ],
)
def test_nothing_else_is_said_about_it(
    app: App, owner: Person, metadata: Mapping[str, str]
) -> None:
    with pytest.raises(Denied):
        put(app, quarantine(owner.uid), **metadata)


@pytest.mark.parametrize(
    "name",
    ["a", "IMG_2041.HEIC", "a-b.c_d.jpg", "preview.jpg", "x" * 120],
)
def test_plain_names_are_accepted(app: App, owner: Person, name: str) -> None:
    put(app, quarantine(owner.uid, name=name))


@pytest.mark.parametrize(
    "name",
    [".hidden", "..", "a b.jpg", "a/b.jpg", "für.jpg", "a\nb.jpg", "a%2Fb.jpg", "x" * 121],
    ids=["hidden", "climbing", "blank", "folder", "letter", "line", "escape", "long"],
)
def test_other_names_are_refused(app: App, owner: Person, name: str) -> None:
    with pytest.raises(Denied):
        put(app, quarantine(owner.uid, name=name))


@pytest.mark.parametrize("upload_id", ["a" * 8, "A-b_9" * 4, "z" * 64])
def test_plain_upload_ids_are_accepted(app: App, owner: Person, upload_id: str) -> None:
    path = quarantine(owner.uid, upload_id=upload_id, name=f"{new_id()}.jpg")

    put(app, path)


@pytest.mark.parametrize("upload_id", ["a" * 7, "z" * 65, "with.dots", "with blank", "a+b+c+d+e"])
def test_other_upload_ids_are_refused(app: App, owner: Person, upload_id: str) -> None:
    with pytest.raises(Denied):
        put(app, quarantine(owner.uid, upload_id=upload_id))


def test_an_upload_lies_in_a_folder_of_its_own(app: App, owner: Person) -> None:
    with pytest.raises(Denied):
        put(app, f"uploads/{owner.uid}/picture.jpg")


def test_an_empty_file_is_refused(app: App, owner: Person) -> None:
    with pytest.raises(Denied):
        app.storage.upload(quarantine(owner.uid), b"", "image/jpeg")


def test_an_image_of_the_greatest_size_is_accepted(app: App, owner: Person) -> None:
    app.storage.upload(quarantine(owner.uid), bytes(25 * MEGABYTE), "image/jpeg")


@pytest.mark.parametrize(
    ("content_type", "megabytes"), [("image/jpeg", 25), ("audio/mpeg", 50)], ids=["image", "sound"]
)
def test_one_byte_more_is_refused(
    app: App, owner: Person, content_type: str, megabytes: int
) -> None:
    with pytest.raises(Denied):
        app.storage.upload(quarantine(owner.uid), bytes(megabytes * MEGABYTE + 1), content_type)


def test_a_video_may_be_larger_than_an_image_or_a_sound(app: App, owner: Person) -> None:
    app.storage.upload(quarantine(owner.uid), bytes(51 * MEGABYTE), "video/mp4")


def test_a_file_packed_for_transport_is_refused(app: App, owner: Person) -> None:
    """Read, it would be larger than its size says."""
    name = quarantine(owner.uid)

    with pytest.raises(Answered) as refused:
        _multipart(app, name, {"contentType": "image/jpeg", "contentEncoding": "gzip"})
    assert refused.value.status == 403
    _multipart(app, name, {"contentType": "image/jpeg", "contentEncoding": "identity"})


def test_an_account_under_restriction_does_not_upload(cast: Cast) -> None:
    restricted = sign_up(cast.stack, "restricted", uploadsRestricted=True)
    lifted = sign_up(cast.stack, "lifted", uploadsRestricted=False)

    with pytest.raises(Denied):
        put(app_of(cast.stack, restricted), quarantine(restricted.uid))
    put(app_of(cast.stack, lifted), quarantine(lifted.uid))


# ---- quarantine: afterwards


@pytest.fixture
def quarantined(app: App, owner: Person, functions: App) -> Iterator[str]:
    name = quarantine(owner.uid)
    put(app, name)
    yield name
    functions.storage.delete(name)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_sees_or_touches_what_is_in_quarantine(
    cast: Cast, quarantined: str, functions: App, role: str
) -> None:
    storage = cast.app(role).storage
    folder = quarantined.rpartition("/")[0]

    for attempt in (
        lambda: storage.download(quarantined),
        lambda: storage.metadata(quarantined),
        lambda: storage.update_metadata(quarantined, {"surface": "dm"}),
        lambda: storage.delete(quarantined),
        lambda: storage.list(f"{folder}/"),
        lambda: storage.list(f"uploads/{cast.uid('owner')}/"),
        lambda: storage.list("uploads/"),
    ):
        with pytest.raises(Denied):
            attempt()
    assert functions.storage.download(quarantined) == CONTENT


def test_the_owner_does_not_replace_an_upload(app: App, functions: App, quarantined: str) -> None:
    """Otherwise what was scanned could be exchanged for something else."""
    with pytest.raises(Denied):
        app.storage.upload(quarantined, b"something else", "image/jpeg")

    assert functions.storage.download(quarantined) == CONTENT


def test_whether_an_upload_exists_does_not_show(app: App, owner: Person) -> None:
    with pytest.raises(Denied):
        app.storage.download(quarantine(owner.uid))


def test_an_uploader_is_told_a_link_past_the_rules_until_the_functions_revoke_it(
    app: App, owner: Person
) -> None:
    """Cloud Storage for Firebase does so too, and no rule prevents it: so intake revokes it."""
    name = quarantine(owner.uid)

    answer = _multipart(app, name, {"contentType": "image/jpeg"})

    link = f"{app.storage.url(name)}&token={answer['downloadTokens']}"
    assert answer["downloadTokens"]
    assert send("GET", link) == CONTENT
    with pytest.raises(Denied):
        app.storage.download(name)


# ---- published


@pytest.fixture
def published(functions: App, owner: Person) -> Iterator[dict[str, str]]:
    """An object of each kind: for all, behind a blur, its preview, and some that are neither."""
    folder = f"media/{owner.uid}/{new_case_id()}"
    blurred = f"media/{owner.uid}/{new_case_id()}"
    names = {
        "allowed": f"{folder}/original.jpg",
        "blurred": f"{blurred}/original.jpg",
        "preview": f"{blurred}/preview.jpg",
        "unlabelled": f"{folder}/preview.jpg",
        "mislabelled": f"{folder}/mislabelled.jpg",
    }
    put(functions, names["allowed"], **PUBLISHED_ALLOW)
    put(functions, names["blurred"], **PUBLISHED_BLUR)
    put(functions, names["preview"], **PREVIEW)
    put(functions, names["unlabelled"])
    put(functions, names["mislabelled"], action="allow")
    yield names
    for name in names.values():
        functions.storage.delete(name)


@pytest.fixture(scope="module")
def readers(cast: Cast) -> dict[str, App]:
    claims: dict[str, dict[str, str]] = {
        "adult": {"ageGroup": "adult"},
        "teen": {"ageGroup": "teen"},
        "unknown": {"ageGroup": "unknown"},
        "no_claim": {},
    }
    people = {name: sign_up(cast.stack, name, **claim) for name, claim in claims.items()}
    return {name: app_of(cast.stack, person) for name, person in people.items()}


READABLE = {
    "adult": {"allowed", "blurred", "preview", "unlabelled", "mislabelled"},
    "teen": {"allowed", "preview"},
    "unknown": {"allowed", "preview"},
    "no_claim": {"allowed", "preview"},
}


@pytest.mark.parametrize("kind", sorted(READABLE["adult"]))
@pytest.mark.parametrize("reader", READABLE)
def test_who_sees_what_is_published(
    readers: dict[str, App], published: dict[str, str], reader: str, kind: str
) -> None:
    storage = readers[reader].storage

    if kind in READABLE[reader]:
        assert storage.download(published[kind]) == CONTENT
    else:
        with pytest.raises(Denied):
            storage.download(published[kind])
        with pytest.raises(Denied):
            storage.metadata(published[kind])


@pytest.mark.parametrize("kind", sorted(READABLE["adult"]))
def test_nobody_signed_in_sees_nothing(cast: Cast, published: dict[str, str], kind: str) -> None:
    with pytest.raises(Denied):
        cast.app("anonymous").storage.download(published[kind])


@pytest.mark.parametrize("role", ROLES)
def test_nobody_lists_or_writes_what_is_published(
    cast: Cast, published: dict[str, str], role: str
) -> None:
    storage, name = cast.app(role).storage, published["allowed"]
    folder = name.rpartition("/")[0]

    for attempt in (
        lambda: storage.list(f"{folder}/"),
        lambda: storage.list(f"media/{cast.uid('owner')}/"),
        lambda: storage.upload(name, b"something else", "image/jpeg", PUBLISHED_ALLOW),
        lambda: storage.upload(f"{folder}/new.jpg", CONTENT, "image/jpeg", PUBLISHED_ALLOW),
        lambda: storage.update_metadata(name, PUBLISHED_BLUR),
        lambda: storage.delete(name),
    ):
        with pytest.raises(Denied):
            attempt()


# ---- appeals


@pytest.fixture
def attachment(owner: Person) -> str:
    return f"appeals/{owner.uid}/{new_case_id()}/letter.pdf"


@pytest.mark.parametrize(
    "content_type", ["application/pdf", "text/plain", *(f"image/{kind}" for kind in IMAGES)]
)
def test_an_appellant_adds_a_file(app: App, attachment: str, content_type: str) -> None:
    put(app, attachment, content_type)

    assert app.storage.download(attachment) == CONTENT


@pytest.mark.parametrize(
    "content_type",
    ["image/svg+xml", "text/html", "application/pdfx", "text/plainx", "video/mp4", "audio/mpeg"],
)
def test_other_types_are_not_added(app: App, attachment: str, content_type: str) -> None:
    with pytest.raises(Denied):
        put(app, attachment, content_type)


@pytest.mark.parametrize("role", [role for role in ROLES if role != "owner"])
def test_nobody_adds_a_file_for_another(cast: Cast, attachment: str, role: str) -> None:
    with pytest.raises(Denied):
        put(cast.app(role), attachment, "application/pdf")


@pytest.mark.parametrize("role", ROLES)
def test_the_appellant_and_moderators_read_it(
    cast: Cast, functions: App, attachment: str, role: str
) -> None:
    put(functions, attachment, "application/pdf")
    storage = cast.app(role).storage

    if role in {"owner", *STAFF}:
        assert storage.download(attachment) == CONTENT
    else:
        with pytest.raises(Denied):
            storage.download(attachment)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_lists_changes_or_deletes_it(
    cast: Cast, functions: App, attachment: str, role: str
) -> None:
    put(functions, attachment, "application/pdf")
    storage = cast.app(role).storage

    for attempt in (
        lambda: storage.list(f"{attachment.rpartition('/')[0]}/"),
        lambda: storage.upload(attachment, b"something else", "application/pdf"),
        lambda: storage.update_metadata(attachment, {"a": "b"}),
        lambda: storage.delete(attachment),
    ):
        with pytest.raises(Denied):
            attempt()


def test_a_file_of_the_greatest_size_is_added(app: App, attachment: str) -> None:
    app.storage.upload(attachment, bytes(10 * MEGABYTE), "application/pdf")


@pytest.mark.parametrize("size", [0, 10 * MEGABYTE + 1])
def test_an_empty_or_larger_file_is_not_added(app: App, attachment: str, size: int) -> None:
    with pytest.raises(Denied):
        app.storage.upload(attachment, bytes(size), "application/pdf")


def test_nothing_is_said_about_it(app: App, attachment: str) -> None:
    with pytest.raises(Denied):
        put(app, attachment, "application/pdf", surface="feed")


@pytest.mark.parametrize("case_id", ["short", "Z" * 64, "a" * 65])
def test_it_belongs_to_a_case(app: App, owner: Person, case_id: str) -> None:
    with pytest.raises(Denied):
        put(app, f"appeals/{owner.uid}/{case_id}/letter.pdf", "application/pdf")


@pytest.mark.parametrize("name", ["..", ".hidden", "a b.pdf", "x" * 121])
def test_its_name_is_plain(app: App, owner: Person, name: str) -> None:
    with pytest.raises(Denied):
        put(app, f"appeals/{owner.uid}/{new_case_id()}/{name}", "application/pdf")


# ---- evidence, and everything else


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "path",
    [
        "evidence/{case}/original",
        "originals/uploader/{case}/original",
        "elsewhere/{case}",
        "{case}",
    ],
)
def test_no_client_reaches_evidence_or_any_other_place(
    cast: Cast, functions: App, role: str, path: str
) -> None:
    name = path.format(case=new_case_id())
    put(functions, name)
    storage = cast.app(role).storage

    for attempt in (
        lambda: storage.download(name),
        lambda: storage.metadata(name),
        lambda: storage.list(f"{name.split('/')[0]}/"),
        lambda: storage.list(""),
        lambda: storage.upload(name, b"something else", "image/jpeg"),
        lambda: storage.upload(f"{name}-2", CONTENT, "image/jpeg"),
        lambda: storage.update_metadata(name, {"a": "b"}),
        lambda: storage.delete(name),
    ):
        with pytest.raises(Denied):
            attempt()
    functions.storage.delete(name)


def test_the_administrator_of_these_tests_gets_past_the_rules(functions: App) -> None:
    """Or the refusals above would prove nothing."""
    with pytest.raises(Absent):
        functions.storage.download(f"evidence/{new_case_id()}/original")


def _multipart(app: App, name: str, resource: Mapping[str, str]) -> dict[str, str]:
    """Upload with any metadata, and the service's whole answer."""
    boundary = secrets.token_hex(16)
    head = json.dumps({"name": name, **resource})
    body = (
        (
            f"--{boundary}\r\nContent-Type: application/json\r\n\r\n{head}\r\n"
            f"--{boundary}\r\nContent-Type: {resource['contentType']}\r\n\r\n"
        ).encode()
        + CONTENT
        + f"\r\n--{boundary}--".encode()
    )
    answer: dict[str, str] = json.loads(
        send(
            "POST",
            f"{app.stack.url('storage')}/v0/b/{app.stack.bucket}/o?name={name}",
            body,
            {
                "Authorization": f"Firebase {app.token}",
                "X-Goog-Upload-Protocol": "multipart",
                "Content-Type": f"multipart/related; boundary={boundary}",
            },
        )
    )
    return answer
