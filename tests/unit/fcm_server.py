"""FCM's HTTP v1 endpoint as far as the Admin SDK uses it, on this machine.

FCM has no emulator. The Admin SDK, its encoding, retries and error mapping are the real ones; only
the far end of the wire is this.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

import pytest

FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


@dataclass(frozen=True)
class Answer:
    """One answer: by default the message is taken."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)


def error(
    http: int, status: str, *, fcm: str | None = None, field_: str | None = None, **headers: str
) -> Answer:
    """An error as FCM words it."""
    details: list[dict[str, object]] = []
    if fcm is not None:
        details.append({"@type": FCM_ERROR, "errorCode": fcm})
    if field_ is not None:
        violation = {"field": field_, "description": "Invalid registration token"}
        details.append({"@type": BAD_REQUEST, "fieldViolations": [violation]})
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"error": {"code": http, "message": "no", "status": status, "details": details}}
    return Answer(http, body, told)


UNREGISTERED = error(404, "NOT_FOUND", fcm="UNREGISTERED")
TAKEN = Answer()


@dataclass
class FcmServer:
    """What came in, and what is answered: by token, else as ``otherwise`` says."""

    answers: dict[str, Answer] = field(default_factory=dict)
    otherwise: Answer = TAKEN
    messages: list[dict[str, object]] = field(default_factory=list)
    before_answer: Callable[[], None] = lambda: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tokens(self) -> list[str]:
        return [str(message["token"]) for message in self.messages]

    def clear(self) -> None:
        self.answers, self.otherwise, self.messages = {}, TAKEN, []
        self.before_answer = lambda: None


@contextmanager
def fcm_server() -> Iterator[FcmServer]:
    """A running server; the Admin SDK's apps that are made inside talk to it."""
    from firebase_admin.messaging import _MessagingService

    state = FcmServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            message = cast("dict[str, object]", json.loads(self.rfile.read(length))["message"])
            with state.lock:
                state.messages.append(message)
                number = len(state.messages)
            state.before_answer()
            answer = state.answers.get(str(message["token"]), state.otherwise)
            body = answer.body or {"name": f"projects/demo/messages/{number}"}
            content = json.dumps(body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    patch = pytest.MonkeyPatch()
    url = f"http://127.0.0.1:{server.server_port}/v1/projects/{{0}}/messages:send"
    patch.setattr(_MessagingService, "FCM_URL", url)
    try:
        yield state
    finally:
        patch.undo()
        server.shutdown()
        server.server_close()
        thread.join()
