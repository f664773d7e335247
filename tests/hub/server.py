"""The local Hub on a loopback socket, as a context manager."""

from __future__ import annotations

import gzip
import ssl
import sys
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TypeVar
from urllib.parse import urlsplit

from tests.hub.catalog import Catalog
from tests.hub.faults import Fault, send_plainly
from tests.hub.limits import RateWindow
from tests.hub.tls import Certificate
from tests.hub.wire import BAD_TOKEN, PAGE_LIMIT, RATE_LIMITED, Reply, answer, json_reply

T = TypeVar("T")
GZIP_LEVEL = 1  # the size on loopback does not matter, the time does


@dataclass(frozen=True)
class Request:
    """A request as it came in."""

    target: str
    headers: dict[str, str]


class LocalHub:
    """Serves a catalog. Every reply carries `X-Simulated: true`.

    `before_each` runs before every request, to let a simulated clock go on; `window` is the rate limit;
    `refused_tokens` are answered with 401, all others are accepted.
    """

    def __init__(
        self,
        catalog: Catalog,
        page_limit: int = PAGE_LIMIT,
        *,
        port: int = 0,
        certificate: Certificate | None = None,
        before_each: Callable[[], object] | None = None,
    ) -> None:
        self.catalog = catalog
        self.page_limit = page_limit
        self.before_each = before_each
        self.refused_tokens: set[str] = set()
        self.requests: list[Request] = []
        self.window = RateWindow()
        self._scheme = "https" if certificate else "http"
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._changes: dict[str, deque[Callable[[], object]]] = defaultdict(deque)
        self._lock = threading.RLock()
        self._server = _Server(("127.0.0.1", port), _handler(self))
        if certificate:
            self._server.socket = certificate.server_context().wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Base address."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def fail(self, text: str, *faults: Fault) -> None:
        """Break the next replies to requests whose path and query contain `text`, one each, in order."""
        self._faults[text].extend(faults)

    def change(self, text: str, *actions: Callable[[], object]) -> None:
        """Change the population just before the next requests that contain `text` are answered."""
        self._changes[text].extend(actions)

    def targets(self) -> list[str]:
        """Paths of all requests so far."""
        return [urlsplit(request.target).path for request in self.requests]

    def reply(self, target: str, token: str | None = None) -> Reply:
        """The unbroken reply to a GET; a refusal once the window is used up."""
        with self._lock:
            if self.before_each:
                self.before_each()
            if action := _due(self._changes, target):
                action()
            window = self.window.headers()
            if self.window.used_up:
                return json_reply(429, RATE_LIMITED, **window)
            if token in self.refused_tokens:
                return json_reply(401, BAD_TOKEN, **window)
            plain = answer(self.catalog, self.url, target, self.page_limit)
        return Reply(plain.status, plain.body, {**plain.headers, **window})

    def next_fault(self, target: str) -> Fault | None:
        """The fault that is due for this request, if any."""
        return _due(self._faults, target)

    def __enter__(self) -> LocalHub:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _due(waiting: dict[str, deque[T]], target: str) -> T | None:
    for text, items in waiting.items():
        if text in target and items:
            return items.popleft()
    return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.closing = threading.Event()
        super().__init__(address, handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves, or speaks no TLS, is part of what tests do; any other error is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError | ssl.SSLError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _handler(hub: LocalHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body are two writes, which would cost 40 ms a request

        def do_GET(self) -> None:
            hub.requests.append(Request(self.path, {name.lower(): value for name, value in self.headers.items()}))
            token = self.headers.get("Authorization", "").removeprefix("Bearer ") or None
            reply = hub.reply(self.path, token)
            fault = hub.next_fault(self.path)
            if fault is not None:
                fault.send(self, reply)
            elif reply.status == 200 and self.headers.get("If-None-Match") == reply.headers.get("ETag", "none"):
                send_plainly(self, Reply(304, b"", reply.headers))
            else:
                send_plainly(self, self._packed(reply))

        def end_headers(self) -> None:
            self.send_header("X-Simulated", "true")
            super().end_headers()

        def _packed(self, reply: Reply) -> Reply:
            if "gzip" not in self.headers.get("Accept-Encoding", "") or not reply.body:
                return reply
            body = gzip.compress(reply.body, GZIP_LEVEL)
            return Reply(reply.status, body, {**reply.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"})

        def log_message(self, format: str, *args: object) -> None:
            """Tests read `requests`; nothing goes to the terminal."""

    return Handler
