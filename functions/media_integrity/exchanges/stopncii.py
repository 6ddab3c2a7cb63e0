"""StopNCII.org: hashes that people made of their own intimate pictures, on their own devices.

Through the library's client. Its ``SignalExchangeAPI`` is not used: it looks for a withdrawn case
in the hash's value and so never withdraws anything, drops malformed records unsaid after logging
them whole, and takes the time behind an unfinished set for a checkpoint, which can skip what its
later pages hold.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import dacite
import requests
from threatexchange.exchanges.clients.stopncii import api
from threatexchange.exchanges.fetch_state import FetchCheckpointBase

from media_integrity.banks.entries import Fault
from media_integrity.schema.bank_work import ExchangeFeedback, ExchangeKind, FeedbackKind
from media_integrity.schema.enums import HashAlgorithm

from . import checkpoints
from .errors import FeedbackNotTaken, credentials_missing, unreadable
from .feed import (
    Credentials,
    FeedItem,
    Page,
    base_address,
    entry_item,
    skipped_item,
    withdrawn_item,
)
from .transport import Patience, Transport, understood, well_formed_json

PAGE = 800
"""Records a page; the library's default."""

STALE_S = 30 * 86_400
"""Records that were deleted this long ago are not told any more; the library's figure."""

TOKEN_LIVES_S = 3600
"""The exchange says that a page's token does not live long, and not how long."""

ALGORITHMS = {
    api.StopNCIISignalType.ImagePDQ: HashAlgorithm.PDQ,
    api.StopNCIISignalType.VideoMD5: HashAlgorithm.MD5,
}

GONE = frozenset({api.StopNCIICaseStatus.Withdrawn, api.StopNCIICaseStatus.Deleted})

WORDS = {
    FeedbackKind.MATCHED: api.StopNCIICSPFeedbackValue.PendingReview,
    FeedbackKind.CONFIRMED: api.StopNCIICSPFeedbackValue.Blocked,
    FeedbackKind.FALSE_POSITIVE: api.StopNCIICSPFeedbackValue.NotBlocked,
}


@dataclass
class Position(FetchCheckpointBase):
    """The library's checkpoint of StopNCII, and the page within a set that is not read yet.

    A set has one time for all of its pages, so that of a page cannot be gone on from: only the last
    page's is kept. The library's own class cannot say where in a set reading stopped.
    """

    update_time: int
    last_fetch_time: int
    page_token: str = ""
    page_at: int = 0

    def is_stale(self) -> bool:
        return time.time() - self.last_fetch_time > STALE_S

    def get_progress_timestamp(self) -> int:
        return self.update_time

    @property
    def token(self) -> str:
        """The page to go on with, while its token can be expected to live."""
        return self.page_token if time.time() - self.page_at < TOKEN_LIVES_S else ""


class _Client(api.StopNCIIAPI):
    """The library's client over our transport; keeps the records for us to read one by one."""

    def __init__(self, credentials: Credentials, transport: Transport) -> None:
        super().__init__(
            subscription_key=credentials.stopncii_subscription_key,
            fetch_function_key=credentials.stopncii_function_key,
            additional_function_keys={
                api.StopNCIIEndpoint.SubmitFeedback: credentials.stopncii_feedback_key
            },
            base_url_override=transport.base,
        )
        self._transport = transport
        self.records: list[object] = []

    def _get_session(self, endpoint: api.StopNCIIEndpoint) -> requests.Session:
        return self._transport.session(
            {
                "x-functions-key": self._function_keys[endpoint],
                "Ocp-Apim-Subscription-Key": self._subscription_key,
            }
        )

    def _get(self, endpoint: api.StopNCIIEndpoint, **params: str | int) -> dict[str, Any]:
        with self._get_session(endpoint) as session:
            answer = session.get(f"{self._base_url}/{endpoint.value}", params=params).json()
        if not isinstance(answer, dict) or not isinstance(answer.get("hashRecords", []), list):
            raise unreadable()
        self.records = answer.pop("hashRecords", [])
        return answer

    def _post(self, endpoint: api.StopNCIIEndpoint, *, json: dict[str, Any] | None = None) -> None:
        # What it answers is not documented, and the library would insist on JSON.
        with self._get_session(endpoint) as session:
            session.post(f"{self._base_url}/{endpoint.value}", json=json)


class StopNCIIFeed:
    """``Feed`` of StopNCII.org."""

    def __init__(self, credentials: Credentials, patience: Patience, min_quality: int) -> None:
        """
        Raises:
            ExchangeRefused: there are no credentials.
        """
        if not (credentials.stopncii_function_key and credentials.stopncii_subscription_key):
            raise credentials_missing("STOPNCII_FUNCTION_KEY, STOPNCII_SUBSCRIPTION_KEY")
        self._takes_feedback = bool(credentials.stopncii_feedback_key)
        self._min_quality = min_quality
        self._line = 0
        base = base_address("stopncii/v1", api.StopNCIIAPI.BASE_URL)
        self._client = _Client(credentials, Transport(base, patience, well_formed_json))

    def read(self, checkpoint: str | None) -> Iterator[Page]:
        position = checkpoints.load(ExchangeKind.STOPNCII, checkpoint, Position)
        since = position.update_time if position else api.StopNCIIAPI.DEFAULT_START_TIME
        token = position.token if position else ""
        done = False
        while not done:
            with understood():
                answer = self._client.fetch_hashes(
                    page_size=PAGE, start_timestamp=since, next_page=token
                )
            items = [self._item(record) for record in self._client.records]
            now = int(time.time())
            done = not answer.hasMoreRecords
            if done:
                reached = Position(answer.nextSetTimestamp, now)
            elif not answer.nextPageToken or answer.nextPageToken == token:
                raise unreadable("paging_loops")
            else:
                token = answer.nextPageToken
                reached = Position(since, now, token, now)
            yield Page(items, checkpoints.dump(ExchangeKind.STOPNCII, reached), done)

    def send(self, feedback: ExchangeFeedback) -> None:
        if not self._takes_feedback:
            raise credentials_missing("STOPNCII_FEEDBACK_KEY")
        kind, _, value = (feedback.source_ref or "").partition(":")
        if not value or kind not in {known.value for known in ALGORITHMS}:
            raise FeedbackNotTaken("no_reference", "It is not known which hash there is meant.")
        with understood():
            self._client.submit_feedback(
                api.StopNCIISignalType(kind), value, WORDS[feedback.feedback]
            )

    def _item(self, record: object) -> FeedItem:
        """An entry, its withdrawal, or what is wrong with the record."""
        self._line += 1
        if not isinstance(record, dict):
            return self._fault()
        kind = record.get("signalType")
        algorithm = next((ALGORITHMS[known] for known in ALGORITHMS if known.value == kind), None)
        if algorithm is None:
            return skipped_item(kind)
        value = record.get("hashValue")
        parsed = _parsed(record)
        if parsed is None:
            return self._fault()
        if parsed.hashStatus in GONE:
            return withdrawn_item(algorithm, value, line=self._line)
        return entry_item(
            algorithm,
            value,
            line=self._line,
            min_quality=self._min_quality,
            source_ref=f"{parsed.signalType.value}:{parsed.hashValue.strip()}",
            verified=_verified(parsed.CSPFeedbacks),
        )

    def _fault(self) -> Fault:
        return Fault(self._line, "malformed", "a record has not the documented shape")


def _parsed(record: dict[str, object]) -> api.StopNCIIHashRecord | None:
    """The record in the library's shape; None if it has another.

    A platform's opinion that this release does not know costs the opinion and not the hash.
    """
    known = {value.value for value in api.StopNCIICSPFeedbackValue}
    opinions = record.get("CSPFeedbacks") or []
    cases = record.get("caseNumbers") or {}
    if not isinstance(opinions, list) or not isinstance(cases, dict):
        return None
    understood_ones = [
        opinion
        for opinion in opinions
        if isinstance(opinion, dict) and opinion.get("feedbackValue") in known
    ]
    try:
        return dacite.from_dict(
            api.StopNCIIHashRecord,
            # The cases are those of people: nothing here needs their numbers.
            {**record, "CSPFeedbacks": understood_ones, "caseNumbers": {}},
            dacite.Config(cast=[Enum, set]),
        )
    except (ValueError, TypeError, dacite.DaciteError):
        return None


def _verified(opinions: list[api.StopNCIICSPFeedback]) -> bool:
    """A platform has looked at such a picture and blocked it, and none has found it harmless.

    StopNCII sees no pictures; the people who hash them are believed, which is not verification.
    """
    said = {opinion.feedbackValue for opinion in opinions}
    values = api.StopNCIICSPFeedbackValue
    return values.Blocked in said and values.NotBlocked not in said
