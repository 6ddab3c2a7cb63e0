"""Who sees what of consent. The whole table is ``matrix.txt``; here is what a table cannot say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devkit.client import Absent, App, Denied
from media_integrity.schema.base import JobId, UserId
from media_integrity.schema.consent import (
    ConsentRequest,
    ConsentRequestId,
    ConsentRequestSecret,
    ConsentVerification,
)
from media_integrity.schema.enums import Surface
from tests.rules.people import ROLES, STAFF, Cast, seeded
from tests.rules.seeds import new_case_id, new_id, now, stored

PREVIEW = b"blurred"


@pytest.fixture
def preview(cast: Cast, functions: App) -> str:
    """Of a request to the victim."""
    name = f"consent/people/{cast.uid('victim')}/{new_id()}.jpg"
    functions.storage.upload(name, PREVIEW, "image/jpeg")
    return name


@pytest.fixture
def link_preview(functions: App) -> str:
    name = f"consent/links/{new_id()}.jpg"
    functions.storage.upload(name, PREVIEW, "image/jpeg")
    return name


@pytest.mark.parametrize("role", ROLES)
def test_a_preview_is_for_who_is_asked_alone(cast: Cast, role: str, preview: str) -> None:
    storage = cast.app(role).storage
    if role == "victim":
        assert storage.download(preview) == PREVIEW
    else:
        with pytest.raises(Denied):
            storage.download(preview)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_reads_the_preview_of_a_link(cast: Cast, role: str, link_preview: str) -> None:
    with pytest.raises(Denied):
        cast.app(role).storage.download(link_preview)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_lists_writes_or_deletes_previews(cast: Cast, role: str, preview: str) -> None:
    storage, folder = cast.app(role).storage, preview.rpartition("/")[0]
    with pytest.raises(Denied):
        storage.list(f"{folder}/")
    for name in (preview, f"{folder}/{new_id()}.jpg", f"consent/links/{new_id()}.jpg"):
        with pytest.raises(Denied):
            storage.upload(name, PREVIEW, "image/jpeg")
    with pytest.raises(Denied):
        storage.delete(preview)
    with pytest.raises(Denied):
        storage.update_metadata(preview, {"action": "ALLOW"})


@pytest.fixture
def by_link(cast: Cast, functions: App) -> Iterator[ConsentRequest]:
    """A request that went out as a link: it names nobody."""
    request = ConsentRequest(
        id=new_id(),
        job_id=JobId(new_case_id()),
        uploader_id=UserId(cast.uid("owner")),
        surface=Surface.FEED,
        created_at=now(),
        expires_at=now(),
    )
    secret = ConsentRequestSecret(
        id=ConsentRequestSecret.LINK_ID, parent_id=request.id, token_hash="0" * 64
    )
    with seeded(functions, {each.path: stored(each) for each in (request, secret)}):
        yield request


@pytest.mark.parametrize("role", ROLES)
def test_a_request_by_link_is_its_askers_and_its_secret_nobodys(
    cast: Cast, role: str, by_link: ConsentRequest
) -> None:
    documents = cast.app(role).firestore
    if role == "owner" or role in STAFF:
        assert documents.get(by_link.path).fields["subjectId"] is None
    else:
        with pytest.raises(Denied):
            documents.get(by_link.path)
    with pytest.raises(Denied):
        documents.get(ConsentRequestSecret.path_below(by_link.id, ConsentRequestSecret.LINK_ID))


@pytest.mark.parametrize("role", ROLES)
def test_no_client_gives_a_consent_by_writing_it(cast: Cast, role: str) -> None:
    request = ConsentRequestId(new_id())
    identity = ConsentVerification.id_for(new_case_id(), request)
    fields = {"uploaderId": cast.uid("owner"), "subjectId": cast.uid(role), "status": "given"}
    with pytest.raises((Denied, Absent)):
        cast.app(role).firestore.set(ConsentVerification.path_of(identity), fields)
