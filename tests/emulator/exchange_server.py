"""Exchanges on this machine, over real sockets, that speak the shapes of the real ones.

Where the shapes come from:

* StopNCII: the client in the ``threatexchange`` package (``exchanges/clients/stopncii/api.py``) and
  the answers recorded in its tests. ``FetchHashes`` with ``startTimestamp``, ``pageSize`` and
  ``nextPageToken``; ``SubmitFeedback``. Two keys in headers.
* NCMEC: report.cybertip.org/hashsharing/v2/documentation, sections on entries and feedback. XML in
  its namespace, ``paging/next`` relative to the application's root, basic authentication. Entries
  of a stretch of time come in no order of time.
* ThreatExchange: developers.facebook.com/docs/threat-exchange/reference/apis/threat-updates and
  .../reference/reacting, errors by .../docs/graph-api/guides/error-handling. ``paging.next`` is a
  whole address with the token in it.

No hash here is of anybody's picture: they are digests of their numbers.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, quote, urlsplit
from xml.sax.saxutils import escape, quoteattr

from media_integrity.exchanges.feed import Credentials

CREDENTIALS = Credentials(
    stopncii_function_key="stopncii-function-secret",
    stopncii_subscription_key="stopncii-subscription-secret",
    stopncii_feedback_key="stopncii-feedback-secret",
    ncmec_user="ncmec-user-secret",
    ncmec_password="ncmec-password-secret",
    threatexchange_token="12345678901|threatexchange_token_secret",
)
GROUP = "4242424242"
NAMESPACE = "https://hashsharing.ncmec.org/hashsharing/v2"
REASON = "01234567-abcd-0123-4567-012345678900"


def pdq(number: int) -> str:
    """A made-up PDQ hash: 256 bits, about half of them set."""
    return hashlib.sha256(f"pdq {number}".encode()).hexdigest()


def md5(number: int) -> str:
    return hashlib.md5(f"md5 {number}".encode()).hexdigest()


def stopncii_record(number: int, **changes: object) -> dict[str, object]:
    return {
        "lastModtimestamp": 1_700_000_000 + number,
        "hashValue": pdq(number),
        "hashStatus": "Active",
        "caseNumbers": {f"case-{number}": "Active"},
        "signalType": "ImagePDQ",
        **changes,
    }


def graph_update(number: int, status: str = "MALICIOUS", **changes: object) -> dict[str, object]:
    return {
        "id": str(9_000_000 + number),
        "indicator": pdq(number),
        "type": "HASH_PDQ",
        "last_updated": 1_700_000_000 + number,
        "should_delete": False,
        "descriptors": {
            "data": [
                {
                    "id": str(7_000_000 + number),
                    "owner": {"id": "555555"},
                    "status": status,
                    "tags": {"data": [{"id": "1", "text": "sample"}]},
                }
            ]
        },
        **changes,
    }


@dataclass(frozen=True)
class NcmecEntry:
    """An entry of a member. ``raw`` stands in place of all of it."""

    id: str
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    member: int = 42
    at: int = 1_700_000_000
    kind: str = "image"
    classification: str | None = "A1"
    deleted: bool = False
    voted_down: str | None = None
    raw: str | None = None

    def xml(self) -> str:
        if self.raw is not None:
            return self.raw
        name = f"deleted{self.kind.title()}" if self.deleted else self.kind
        inner = (
            f'<member id="{self.member}">A member</member><timestamp>{_utc(self.at)}</timestamp>'
        )
        inner += f"<id>{escape(self.id)}</id>"
        if not self.deleted:
            if self.classification:
                inner += f"<classification>{self.classification}</classification>"
            prints = "".join(f"<{tag}>{escape(v)}</{tag}>" for tag, v in self.fingerprints.items())
            inner += f"<fingerprints>{prints}</fingerprints>"
        if self.voted_down:
            inner += (
                f"<feedback><negativeFeedback type={quoteattr(self.voted_down)}><reasons>"
                f'<reason guid="{REASON}" name="Wrong" type={quoteattr(self.voted_down)}/>'
                '<members><member id="7">Another</member></members>'
                "</reasons></negativeFeedback></feedback>"
            )
        return f"<{name}>{inner}</{name}>"


@dataclass(frozen=True)
class Answer:
    """What the next request gets instead of what it asked for."""

    status: int = 200
    body: bytes | None = None
    """None: the true body."""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    cut: int | None = None
    """So many bytes of the true body, well-framed."""
    hang_up: int | None = None
    """So many bytes of the true body, then the connection is closed."""
    drip_s: float = 0.0
    """Seconds between each byte."""
    packed: bool = False
    """Compressed and in chunks, as real services answer."""


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class ExchangeServer:
    """What the exchanges hold, how they misbehave, and what was asked and told."""

    port: int = 0
    page: int = 2
    stopncii: list[object] = field(default_factory=list)
    ncmec: list[NcmecEntry] = field(default_factory=list)
    ncmec_reasons: tuple[str, ...] = (REASON,)
    graph: list[object] = field(default_factory=list)
    next_answers: deque[Answer | None] = field(default_factory=deque)
    """One for each of the next requests; None: the true answer."""
    always: Answer | None = None
    seen: list[Seen] = field(default_factory=list)
    told: list[Seen] = field(default_factory=list)
    """Feedback that was taken."""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def asked(self) -> int:
        return len(self.seen)

    def respond(self, seen: Seen) -> tuple[int, bytes]:
        """The true answer."""
        for prefix, answer in (
            ("/stopncii/v1/", self._stopncii),
            ("/ncmec/v2/", self._ncmec),
            ("/graph/v26.0/", self._graph),
        ):
            if seen.path.startswith(prefix):
                return answer(seen, seen.path.removeprefix(prefix))
        return 404, b"nothing here"

    def _stopncii(self, seen: Seen, endpoint: str) -> tuple[int, bytes]:
        keys = {
            "FetchHashes": CREDENTIALS.stopncii_function_key,
            "SubmitFeedback": CREDENTIALS.stopncii_feedback_key,
        }
        if (
            seen.headers.get("x-functions-key") != keys.get(endpoint)
            or seen.headers.get("ocp-apim-subscription-key")
            != CREDENTIALS.stopncii_subscription_key
        ):
            return 401, b'{"message": "Access denied due to invalid subscription key"}'
        if endpoint == "SubmitFeedback":
            self.told.append(seen)
            return 200, b""
        since = int(seen.query["startTimestamp"])
        token = seen.query.get("nextPageToken", "")
        begin = int(token.removeprefix("page-") or 0)
        current = [record for record in self.stopncii if _modified(record) >= since]
        shown = current[begin : begin + self.page]
        more = begin + self.page < len(current)
        return 200, _json(
            {
                "count": len(shown),
                # Of the whole set on each of its pages, as in the recorded answers.
                "nextSetTimestamp": max([since, *map(_modified, current)]),
                "nextPageToken": f"page-{begin + self.page}" if more else None,
                "hasMoreRecords": more,
                "hashRecords": shown,
            }
        )

    def _ncmec(self, seen: Seen, endpoint: str) -> tuple[int, bytes]:
        login = f"{CREDENTIALS.ncmec_user}:{CREDENTIALS.ncmec_password}"
        wanted = f"Basic {base64.b64encode(login.encode()).decode()}"
        if seen.headers.get("authorization") != wanted:
            return 401, b""
        if endpoint.endswith("/reasons"):
            reasons = "".join(
                f'<reason guid="{guid}" name="Reason" type="Pdq"/>' for guid in self.ncmec_reasons
            )
            return 200, _xml("availableFeedbackReasons", reasons)
        if endpoint.endswith("/feedback"):
            self.told.append(seen)
            return 200, _xml("submissionResult", "")
        span = [_timestamp(seen.query[name]) for name in ("from", "to")]
        begin = int(seen.query.get("start", 0))
        current = [entry for entry in self.ncmec if span[0] <= entry.at < span[1]]
        shown = current[begin : begin + self.page]
        body = ""
        for kind in ("image", "video"):
            of_kind = [entry for entry in shown if entry.kind == kind]
            if of_kind:
                latest = max(entry.at for entry in of_kind)
                inner = "".join(entry.xml() for entry in of_kind)
                body += (
                    f'<{kind}s count="{len(of_kind)}" maxTimestamp="{_utc(latest)}">'
                    f"{inner}</{kind}s>"
                )
        if begin + self.page < len(current):
            query = (
                f"from={quote(seen.query['from'])}&to={quote(seen.query['to'])}"
                f"&start={begin + self.page}&size={self.page}&max={len(current)}"
            )
            body += f"<paging><next>{escape(f'/v2/entries?{query}')}</next></paging>"
        return 200, _xml("queryResult", body)

    def _graph(self, seen: Seen, endpoint: str) -> tuple[int, bytes]:
        if seen.query.get("access_token") != CREDENTIALS.threatexchange_token:
            error = {"message": "Invalid OAuth access token", "type": "OAuthException", "code": 190}
            return 400, _json({"error": error})
        if seen.method == "POST":
            self.told.append(seen)
            return 200, _json({"success": True})
        if endpoint.strip("/") != f"{GROUP}/threat_updates":
            return 404, _json({"error": {"message": "Unknown", "code": 803}})
        since = int(seen.query.get("start_time", 0))
        begin = int(seen.query.get("after", 0))
        current = [update for update in self.graph if _updated(update) >= since]
        shown = current[begin : begin + self.page]
        answer: dict[str, object] = {"data": shown}
        if begin + self.page < len(current):
            token = quote(CREDENTIALS.threatexchange_token)
            address = f"{self.base}/graph/v26.0/{GROUP}/threat_updates/?access_token={token}"
            after = begin + self.page
            answer["paging"] = {"next": f"{address}&start_time={since}&after={after}"}
        return 200, _json(answer)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: ExchangeServer

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PUT = do_GET

    def _handle(self) -> None:
        split = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        seen = Seen(
            self.command,
            split.path,
            {name: values[-1] for name, values in parse_qs(split.query).items()},
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
        )
        state = self.state
        state.seen.append(seen)
        planned = state.next_answers.popleft() if state.next_answers else state.always
        instead = planned or Answer()
        time.sleep(instead.delay_s)
        if instead.body is not None or instead.status != 200:
            status, body = instead.status, instead.body or b""
        else:
            status, body = state.respond(seen)
        if instead.cut is not None:
            body = body[: instead.cut]
        if instead.packed:
            self._send_packed(status, body)
            return
        self.send_response(status)
        for name, value in instead.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            if instead.drip_s:
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(instead.drip_s)
            else:
                self.wfile.write(body[: instead.hang_up])
        except OSError:
            self.close_connection = True  # the client has had enough
        if instead.hang_up is not None:
            self.close_connection = True

    def _send_packed(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        packed = gzip.compress(body)
        for start in range(0, len(packed), 50):
            part = packed[start : start + 50]
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silent: requests have tokens in them."""


@contextmanager
def running() -> Iterator[ExchangeServer]:
    """A server on a free port; it is gone behind the block."""
    state = ExchangeServer()
    handler = type("Handler", (_Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    state.port = server.server_port
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _xml(root: str, inner: str) -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f'{head}<{root} xmlns="{NAMESPACE}">{inner}</{root}>'.encode()


def _modified(record: object) -> int:
    value = record.get("lastModtimestamp") if isinstance(record, dict) else None
    return value if isinstance(value, int) else 1_700_000_000


def _updated(update: object) -> int:
    value = update.get("last_updated") if isinstance(update, dict) else None
    return value if isinstance(value, int) else 1_700_000_000


def _utc(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _timestamp(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())
