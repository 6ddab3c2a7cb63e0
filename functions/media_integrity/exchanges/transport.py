"""HTTP to an exchange, under limits.

The library's clients bring sessions of their own, which honour any ``Retry-After``, follow
redirects with our keys in the headers, and in ThreatExchange's case know no timeout. Ours replace
them: one origin, no redirects, no answer without end, and a budget of waiting for a whole run.
"""

from __future__ import annotations

import email.utils
import json
import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from urllib.parse import urlsplit
from xml.parsers import expat

import requests
import urllib3
from requests.adapters import HTTPAdapter

from .errors import (
    ExchangeError,
    ExchangeUnavailable,
    ExchangeUnreadable,
    credentials_not_accepted,
    unreadable,
)
from .limits import Limits

CHUNK = 1 << 16

log = logging.getLogger(__name__)


class Answer(Enum):
    """What to do with an answer."""

    TAKE = "take"
    RETRY = "retry"
    REFUSED = "refused"  # who we are is not accepted
    UNUSABLE = "unusable"


Judge = Callable[[int, bytes], Answer]
"""Status and body to what to do with it."""


class Malformed(Exception):
    """A body is not what its format says; most often cut off."""


def by_status(status: int, body: bytes) -> Answer:
    """As HTTP means it (RFC 9110)."""
    del body
    if 200 <= status < 300:
        return Answer.TAKE
    if status in {401, 403}:
        return Answer.REFUSED
    return Answer.RETRY if status in {408, 425, 429} or status >= 500 else Answer.UNUSABLE


def well_formed_json(body: bytes) -> None:
    """Raises: Malformed."""
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed from None


def well_formed_xml(body: bytes) -> None:
    """No document type either: entities have no use here but to blow up.

    Raises:
        Malformed
    """

    def refuse(*_: object) -> None:
        raise Malformed

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise Malformed from None


@dataclass
class Patience:
    """How long one run goes on waiting; shared by all of its requests."""

    limits: Limits
    sleep: Callable[[float], None] = time.sleep
    waited_s: float = 0.0

    def wait(self, tries: int, asked_s: float | None) -> bool:
        """Wait before the next try. False, at once, where the budget does not reach."""
        backoff = self.limits.first_wait_s * 2 ** (tries - 1) * (0.5 + random.random())  # noqa: S311
        seconds = max(asked_s or 0.0, min(backoff, self.limits.longest_wait_s))
        if tries >= self.limits.tries or self.waited_s + seconds > self.limits.wait_s:
            return False
        self.waited_s += seconds
        self.sleep(seconds)
        return True


@dataclass
class Transport:
    """Makes sessions for one exchange at ``base``, ``https://host/path`` without a slash behind."""

    base: str
    patience: Patience
    check: Callable[[bytes], None]
    """Raises ``Malformed`` of an answer that is cut off; it is asked for again."""
    judge: Judge = by_status
    _quiet: bool = field(default=False, init=False)

    def session(
        self, headers: Mapping[str, str] | None = None, login: tuple[str, str] | None = None
    ) -> requests.Session:
        """A session that reaches this exchange and nothing else."""
        # Its debug messages are addresses, and ThreatExchange's have the token in them.
        for name in ("urllib3.connectionpool", "requests.packages.urllib3.connectionpool"):
            logger = logging.getLogger(name)
            logger.setLevel(max(logger.level, logging.INFO))
        made = requests.Session()
        made.trust_env = False  # no .netrc, and no proxy that nobody here has chosen
        made.headers.update(headers or {})
        made.auth = login
        made.adapters.clear()
        parts = urlsplit(self.base)
        made.mount(f"{parts.scheme}://{parts.netloc}/", _Adapter(self))
        return made


class _Adapter(HTTPAdapter):
    def __init__(self, transport: Transport) -> None:
        super().__init__(max_retries=0)
        self._transport = transport

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: object = None,
        verify: object = True,
        cert: object = None,
        proxies: object = None,
    ) -> requests.Response:
        """One answer that can be used.

        What reads is tried again within the run's patience; what writes is not, because whoever
        sends it keeps account of it.

        Raises:
            ExchangeError
        """
        transport = self._transport
        tries = 0
        while True:
            tries += 1
            failure, asked_s = ExchangeUnavailable("unreachable", _AWAY), None
            try:
                answer = self._once(request, verify, cert)
                verdict = transport.judge(answer.status_code, answer.content)
                if verdict is Answer.TAKE:
                    if request.method == "GET":
                        transport.check(answer.content)
                    return answer
                if verdict is Answer.REFUSED:
                    raise credentials_not_accepted()
                if verdict is Answer.UNUSABLE:
                    raise ExchangeUnreadable(
                        f"status_{answer.status_code}", "The exchange did not take the request."
                    )
                failure = ExchangeUnavailable(f"status_{answer.status_code}", _AWAY)
                asked_s = retry_after(answer.headers.get("Retry-After"), datetime.now(UTC))
            except Malformed:
                failure = ExchangeUnavailable("cut_off", "The exchange's answers are cut off.")
            except requests.exceptions.Timeout:
                failure = ExchangeUnavailable("timeout", _AWAY)
            except requests.exceptions.RequestException:
                pass  # its text has the address in it
            if request.method != "GET" or not transport.patience.wait(tries, asked_s):
                raise failure from None
            log.info("exchange is asked again after %s, try %d", failure.code, tries + 1)

    def _once(
        self, request: requests.PreparedRequest, verify: object, cert: object
    ) -> requests.Response:
        limits = self._transport.patience.limits
        begun = time.monotonic()
        answer = super().send(
            request,
            stream=True,
            timeout=(limits.connect_s, limits.read_s),
            verify=verify,  # type: ignore[arg-type]  # as requests hands it on
            cert=cert,  # type: ignore[arg-type]
        )
        body = bytearray()
        try:
            # What has come so far, and not a full chunk: an answer that drips has to be seen to.
            while chunk := answer.raw.read1(CHUNK, decode_content=True):
                body += chunk
                if len(body) > limits.answer_bytes:
                    raise ExchangeUnreadable(
                        "answer_too_large",
                        f"An answer of the exchange has more than {limits.answer_bytes} bytes.",
                    )
                if time.monotonic() - begun > limits.answer_s:
                    raise requests.exceptions.ReadTimeout
        except requests.exceptions.ReadTimeout:
            raise
        except urllib3.exceptions.ReadTimeoutError:
            raise requests.exceptions.ReadTimeout from None
        except (urllib3.exceptions.HTTPError, OSError):
            raise requests.exceptions.ConnectionError from None
        finally:
            answer.close()
        answer._content, answer._content_consumed = bytes(body), True
        return answer


_AWAY = "The exchange does not answer, or asks to wait."


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that an answer asks to wait: a number or a date (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value.strip()[:9])
    try:
        until = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())


@contextmanager
def understood() -> Iterator[None]:
    """What the library raises inside becomes ``ExchangeError`` without its text."""
    try:
        yield
    except ExchangeError:
        raise
    except Exception as error:  # noqa: BLE001  it raises whatever its parsers do
        log.warning("an answer of an exchange was not understood: %s", type(error).__name__)
        raise unreadable() from None
