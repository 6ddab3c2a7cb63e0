"""NCMEC's hash sharing: hashes of child sexual abuse material, from its members.

Through the library's ``fetch_iter``, which knows how to ask for stretches of time that the service
can serve, over a client of ours: its own reads times in the machine's zone and writes them as UTC,
gives a whole page up for one malformed entry, and puts that page into the exception's text.

Documented at report.cybertip.org/hashsharing/v2/documentation.
"""

from __future__ import annotations

import time
import urllib.parse
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime

import requests
from threatexchange.exchanges.clients.ncmec import hash_api as api
from threatexchange.exchanges.impl.ncmec_api import (
    NCMECCheckpoint,
    NCMECCollabConfig,
    NCMECSignalExchangeAPI,
)

from media_integrity.banks.entries import Fault, NewEntry
from media_integrity.schema.bank_work import ExchangeFeedback, ExchangeKind, FeedbackKind
from media_integrity.schema.enums import HashAlgorithm

from . import checkpoints
from .errors import (
    ExchangeMisconfigured,
    FeedbackNotTaken,
    credentials_missing,
    unreadable,
)
from .feed import Credentials, FeedItem, Listing, Page, base_address, entry_item, skipped_item
from .transport import Patience, Transport, understood, well_formed_xml

ALGORITHMS = {
    "md5": HashAlgorithm.MD5,
    "pdq": HashAlgorithm.PDQ,
    "sha256": HashAlgorithm.SHA256,
}
"""By the tag below ``fingerprints``."""

FEEDBACK_TYPES = {
    HashAlgorithm.MD5: api.FingerprintType.md5,
    HashAlgorithm.PDQ: api.FingerprintType.pdq,
}

CLASSIFIED = frozenset({"A1", "A2", "B1", "B2"})
"""Somebody there has looked at it and said what it shows (NCMEC's industry classification)."""

LONGEST_CHECKPOINT = 9_000


class _Client(api.NCMECHashAPI):
    """The library's client over our transport; keeps malformed entries for us to count."""

    def __init__(
        self, credentials: Credentials, environment: api.NCMECEnvironment, transport: Transport
    ) -> None:
        super().__init__(credentials.ncmec_user, credentials.ncmec_password, environment)
        self._base_url = transport.base
        self._transport = transport
        self.malformed = 0

    def _get_session(self) -> requests.Session:
        return self._transport.session(login=(self.username, self.password))

    def _get(
        self, endpoint: api.NCMECEndpoint, *, path: str = "", next_: str = "", **params: str
    ) -> ET.Element:
        url = "/".join(filter(None, (self._base_url, self.VERSION, endpoint.value, path)))
        with self._get_session() as session:
            if next_.startswith("/"):
                body = session.get(self._base_url + next_).content
            elif next_:
                raise unreadable("foreign_address")
            else:
                body = session.get(url, params=params).content
        root = ET.fromstring(body)  # noqa: S314  documents with a DTD are refused by the transport
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        return root

    def get_entries(
        self, *, start_timestamp: int = 0, end_timestamp: int = 0, next_: str = ""
    ) -> api.GetEntriesResponse:
        span = {"from": _moment(start_timestamp), "to": _moment(end_timestamp or int(time.time()))}
        root = self._get(api.NCMECEndpoint.entries, next_=next_, **span)
        self.malformed = 0
        for group in (*root.findall("images"), *root.findall("videos")):
            for entry in list(group):
                if not _is_entry(entry):
                    group.remove(entry)
                    self.malformed += 1
        return api.GetEntriesResponse.from_xml(api._XMLWrapper(root), int(time.time()))

    def feedback_reasons(self, fingerprint_type: api.FingerprintType) -> dict[str, str]:
        # The library looks for the list below itself.
        root = self._get(api.NCMECEndpoint.feedback, path=f"{fingerprint_type.value}/reasons")
        reasons = {
            reason.attrib["guid"]: reason.attrib.get("name", "") for reason in root.iter("reason")
        }
        self._feedback_reason_map[fingerprint_type] = reasons
        return reasons


class _Api(NCMECSignalExchangeAPI):
    """The library's reader, over the client of ours."""

    def __init__(self, collab: NCMECCollabConfig, client: _Client) -> None:
        super().__init__(collab, client.username, client.password)
        self._client = client

    def get_client(self, environment: api.NCMECEnvironment) -> _Client:
        return self._client


class NCMECFeed:
    """``Feed`` of NCMEC's hash sharing. ``collaboration`` names the library's environment."""

    def __init__(
        self,
        credentials: Credentials,
        patience: Patience,
        min_quality: int,
        collaboration: str,
    ) -> None:
        """
        Raises:
            ExchangeRefused: there are no credentials.
            ExchangeMisconfigured: there is no such environment.
        """
        if not (credentials.ncmec_user and credentials.ncmec_password):
            raise credentials_missing("NCMEC_USER, NCMEC_PASSWORD")
        environment = {known.name: known for known in api.NCMECEnvironment}.get(collaboration)
        if environment is None:
            raise ExchangeMisconfigured(
                "unknown_collaboration",
                "The collaboration of an NCMEC exchange is its environment.",
            )
        base = base_address("ncmec", environment.value)
        transport = Transport(base, patience, well_formed_xml)
        self._client = _Client(credentials, environment, transport)
        self._api = _Api(NCMECCollabConfig(name="ncmec", environment=environment), self._client)
        self._min_quality = min_quality
        self._line = 0

    def read(self, checkpoint: str | None) -> Iterator[Page]:
        position = checkpoints.load(ExchangeKind.NCMEC, checkpoint, NCMECCheckpoint)
        position = _resumable(position)
        pages = self._api.fetch_iter([], position)
        while True:
            with understood():
                page = next(pages, None)
            if page is None:
                return
            malformed = self._client.malformed
            items: list[FeedItem] = [
                item
                for update in page.updates.values()
                if update is not None
                for item in self._items(update)
            ]
            items += [self._fault() for _ in range(malformed)]
            text = checkpoints.dump(ExchangeKind.NCMEC, page.checkpoint)
            if len(text) > LONGEST_CHECKPOINT:
                whole = NCMECCheckpoint(page.checkpoint.get_entries_max_ts)
                text = checkpoints.dump(ExchangeKind.NCMEC, whole)
            # The library reads up to 5 s ago; the last stretch ends there.
            until = page.checkpoint.get_entries_max_ts
            done = page.checkpoint.paging_info is None and until >= time.time() - 60
            yield Page(items, text, done)

    def send(self, feedback: ExchangeFeedback) -> None:
        if feedback.feedback is FeedbackKind.MATCHED:
            raise FeedbackNotTaken("no_such_feedback", "NCMEC takes votes and no sightings.")
        member, _, entry = (feedback.source_ref or "").partition("-")
        algorithm = feedback.entry.entry_id.partition("-")[0]
        known = {each.value: kind for each, kind in FEEDBACK_TYPES.items()}.get(algorithm)
        if known is None or not member.isdigit() or not entry:
            raise FeedbackNotTaken("no_reference", "It is not known which entry there is meant.")
        reason = None
        with understood():
            if feedback.feedback is FeedbackKind.FALSE_POSITIVE:
                reasons = self._client.feedback_reasons(known)
                if len(reasons) != 1:
                    # Which one is true is for a person to say, who has NCMEC's own page for it.
                    raise FeedbackNotTaken(
                        "reason_wanted", "NCMEC wants one of several reasons: vote by hand there."
                    )
                [reason] = reasons
            self._client.submit_feedback(
                int(member),
                urllib.parse.quote(entry, safe=""),
                known,
                api.FeedbackType.downvote if reason else api.FeedbackType.upvote,
                reason,
            )

    def _items(self, update: api.NCMECEntryUpdate) -> Iterator[FeedItem]:
        """What the entry lists from now on, and what of it is of no use here."""
        ref = f"{update.member_id}-{update.id}"
        entries: list[NewEntry] = []
        if not update.deleted:
            for tag, value in update.fingerprints.items():
                self._line += 1
                algorithm = ALGORITHMS.get(tag.lower())
                if algorithm is None:
                    yield skipped_item(tag)
                    continue
                item = entry_item(
                    algorithm,
                    value,
                    line=self._line,
                    min_quality=self._min_quality,
                    source_ref=ref,
                    verified=_verified(update, tag),
                )
                if isinstance(item, NewEntry):
                    entries.append(item)
                else:
                    yield item
        yield Listing(ref, tuple(entries))

    def _fault(self) -> Fault:
        self._line += 1
        return Fault(self._line, "malformed", "an entry has not the documented shape")


def _verified(update: api.NCMECEntryUpdate, tag: str) -> bool:
    """Its member has classified it and nobody has voted against this fingerprint.

    Votes name fingerprints in other letters than entries do: ``Md5`` for ``md5``.
    """
    votes = [
        vote
        for kind, given in update.feedback.items()
        if kind.lower() == tag.lower()
        for vote in given
    ]
    against = any(vote.feedback_type is api.FeedbackType.downvote for vote in votes)
    return update.classification in CLASSIFIED and not against


def _is_entry(element: ET.Element) -> bool:
    """The library can read it."""
    try:
        parsed = api.NCMECEntryUpdate.from_xml(api._XMLWrapper(element))
    except Exception:  # noqa: BLE001  its parser raises whatever it stumbles over
        return False
    return bool(parsed.id)


def _resumable(position: NCMECCheckpoint | None) -> NCMECCheckpoint | None:
    """The library fails where a stretch is gone on with in the second in which it was begun."""
    if position is None or position.paging_info is None:
        return position
    info = position.paging_info
    fits = position.get_entries_max_ts <= info.paging_end_ts < int(time.time()) - 5
    return position if fits else NCMECCheckpoint(position.get_entries_max_ts)


def _moment(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
