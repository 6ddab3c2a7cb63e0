"""Meta's ThreatExchange: signals that the members of a privacy group share.

Through the library's client and its reading of updates. Its ``fetch_iter`` is not used: it fails
on an empty page, which is what a group without news answers, and on one malformed update; and the
client has no timeout, sends no error on for feedback and names the token in every exception.

Documented at developers.facebook.com/docs/threat-exchange/reference/apis/threat-updates.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import requests
from threatexchange.exchanges.clients.fb_threatexchange.api import (
    ThreatExchangeAPI,
    is_valid_app_token,
)
from threatexchange.exchanges.clients.fb_threatexchange.threat_updates import ThreatUpdateJSON
from threatexchange.exchanges.fetch_state import AggregateSignalOpinionCategory as Opinion
from threatexchange.exchanges.impl.fb_threatexchange_api import (
    FBThreatExchangeCheckpoint,
    FBThreatExchangeIndicatorRecord,
    FBThreatExchangeOpinion,
)

from media_integrity.banks.entries import Fault
from media_integrity.schema.bank_work import ExchangeFeedback, ExchangeKind, FeedbackKind
from media_integrity.schema.enums import HashAlgorithm

from . import checkpoints
from .errors import (
    ExchangeMisconfigured,
    FeedbackNotTaken,
    credentials_missing,
    credentials_not_accepted,
    unreadable,
)
from .feed import (
    Credentials,
    FeedItem,
    Page,
    base_address,
    entry_item,
    skipped_item,
    withdrawn_item,
)
from .transport import Answer, Patience, Transport, by_status, understood, well_formed_json

PAGE = 500

ALGORITHMS = {
    "HASH_PDQ": HashAlgorithm.PDQ,
    "HASH_MD5": HashAlgorithm.MD5,
    "HASH_VIDEO_MD5": HashAlgorithm.MD5,
    "HASH_SHA256": HashAlgorithm.SHA256,
    "HASH_VIDEO_SHA256": HashAlgorithm.SHA256,
}
"""By ThreatExchange's IndicatorType. It has none for vPDQ."""

REACTIONS = {
    FeedbackKind.MATCHED: "SAW_THIS_TOO",
    FeedbackKind.CONFIRMED: "HELPFUL",
    FeedbackKind.FALSE_POSITIVE: "NON_MALICIOUS",
}
"""By .../threat-exchange/reference/reacting."""

REFUSALS = frozenset({10, 102, 104, 190, *range(200, 300)})
THROTTLES = frozenset({1, 2, 4, 17, 32, 341, 368, 613})
"""Codes in the Graph API's errors (developers.facebook.com/docs/graph-api/guides/error-handling);
their HTTP status is often 400 for either."""


def judge(status: int, body: bytes) -> Answer:
    """The Graph API says in the body what is the matter."""
    if 200 <= status < 300:
        return Answer.TAKE
    try:
        error = json.loads(body)["error"]
        code, transient = error["code"], error.get("is_transient")
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError):
        return by_status(status, body)
    if code in THROTTLES or transient is True:
        return Answer.RETRY
    return Answer.REFUSED if code in REFUSALS else by_status(status, body)


class _Client(ThreatExchangeAPI):
    """The library's client over our transport."""

    def __init__(self, token: str, transport: Transport) -> None:
        super().__init__(token, endpoint_override=transport.base)
        self._transport = transport

    def _get_session(self) -> requests.Session:
        return self._transport.session()

    def get_json_from_url(
        self, url: str, params: dict[str, str] | None = None, *, json_obj_hook: object = None
    ) -> object:
        del json_obj_hook  # nobody here has one
        with self._get_session() as session:
            answer = session.get(url, params=params or {}).json()
        data = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(data, list):
            raise unreadable()
        return answer


class ThreatExchangeFeed:
    """``Feed`` of a privacy group of ThreatExchange. ``collaboration`` is the group's id."""

    def __init__(
        self, credentials: Credentials, patience: Patience, min_quality: int, collaboration: str
    ) -> None:
        """
        Raises:
            ExchangeRefused: there is no token, or it has not the shape of one.
            ExchangeMisconfigured: the group's id is not one.
        """
        token = credentials.threatexchange_token.replace("%7C", "|")
        if not token:
            raise credentials_missing("THREATEXCHANGE_TOKEN")
        if not is_valid_app_token(token):
            raise credentials_not_accepted()
        if not re.fullmatch(r"[0-9]{1,20}", collaboration, re.ASCII):
            raise ExchangeMisconfigured(
                "unknown_collaboration",
                "The collaboration of a ThreatExchange exchange is its privacy group's number.",
            )
        base = base_address("graph/v26.0", ThreatExchangeAPI._TE_BASE_URL)
        self._client = _Client(token, Transport(base, patience, well_formed_json, judge))
        self._group = int(collaboration)
        self._min_quality = min_quality
        self._line = 0

    def read(self, checkpoint: str | None) -> Iterator[Page]:
        position = checkpoints.load(
            ExchangeKind.THREATEXCHANGE, checkpoint, FBThreatExchangeCheckpoint
        )
        reached = position.update_time if position else 0
        updates = self._client.get_threat_updates(
            self._group,
            start_time=reached or None,
            page_size=PAGE,
            fields=FBThreatExchangeIndicatorRecord.te_threat_updates_fields(),
        )
        while not updates.done:
            address = updates.next_url
            with understood():
                page = updates.next()  # type: ignore[no-untyped-call]
            if updates.next_url == address and page:
                raise unreadable("paging_loops")
            items = []
            for update in page:
                items.append(self._item(update))
                reached = max(reached, _last_updated(update))
            after = FBThreatExchangeCheckpoint(reached, int(time.time()))
            text = checkpoints.dump(ExchangeKind.THREATEXCHANGE, after)
            yield Page(items, text, updates.done)

    def send(self, feedback: ExchangeFeedback) -> None:
        descriptor = feedback.source_ref or ""
        if not re.fullmatch(r"[0-9]{1,20}", descriptor, re.ASCII):
            raise FeedbackNotTaken("no_reference", "It is not known which descriptor is meant.")
        with understood():
            self._client.react_to_threat_descriptor(  # type: ignore[no-untyped-call]
                int(descriptor), REACTIONS[feedback.feedback]
            )

    def _item(self, update: object) -> FeedItem:
        """An entry, its withdrawal, or what is wrong with the update."""
        self._line += 1
        if not isinstance(update, dict):
            return self._fault("malformed", "an update has not the documented shape")
        kind, value = update.get("type"), update.get("indicator")
        algorithm = ALGORITHMS.get(kind) if isinstance(kind, str) else None
        if algorithm is None:
            return skipped_item(kind)
        wrapped = ThreatUpdateJSON(update)
        try:
            gone = wrapped.should_delete
            record = FBThreatExchangeIndicatorRecord.from_threatexchange_json(
                self._client.app_id, wrapped
            )
        except Exception:  # noqa: BLE001  it raises whatever it stumbles over
            return self._fault("malformed", "an update has not the documented shape")
        if gone:
            return withdrawn_item(algorithm, value, line=self._line)
        if record is None:
            # Its owners are not shown to us for a while: a defect there that the library knows of.
            return self._fault("no_owner", "none of its owners is shown to us")
        opinion = record.get_as_aggregate_opinion().category
        if opinion is Opinion.NEGATIVE_CLASS:
            return withdrawn_item(algorithm, value, line=self._line)
        return entry_item(
            algorithm,
            value,
            line=self._line,
            min_quality=self._min_quality,
            source_ref=_descriptor(record.opinions),
            verified=opinion is Opinion.POSITIVE_CLASS,
        )

    def _fault(self, code: str, text: str) -> Fault:
        return Fault(self._line, code, text)


def _descriptor(opinions: list[FBThreatExchangeOpinion]) -> str | None:
    """The descriptor to react to: somebody else's, and always the same of several."""
    ids = [
        opinion.descriptor_id
        for opinion in opinions
        if not opinion.is_mine and opinion.descriptor_id is not None and opinion.descriptor_id > 0
    ]
    return str(min(ids)) if ids else None


def _last_updated(update: object) -> int:
    """When the update was made; 0 where it does not say, or says a time to come."""
    value = update.get("last_updated") if isinstance(update, dict) else None
    plain = isinstance(value, int | str) and not isinstance(value, bool)
    if not plain or not re.fullmatch(r"[0-9]{1,12}", str(value), re.ASCII):
        return 0
    return moment if (moment := int(str(value))) <= time.time() + 3600 else 0
