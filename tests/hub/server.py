"""The local Hub on a loopback socket, as a context manager."""

from __future__ import annotations

import gzip
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

from tests.hub.faults import Fault, send_plainly
from tests.hub.population import Population
from tests.hub.wire import PAGE_LIMIT, RATE_LIMITED, Reply, answer, json_reply


@dataclass(frozen=True)
class Request:
    """A request as it came in."""

    target: str
    headers: dict[str, str]


@dataclass
class RateWindow:
    """The Hub's fixed window: `quota` requests, then none until the window ends."""

    quota: int = 500
    seconds: int = 300
    started: float = field(default_factory=time.monotonic)
    used: int = 0

    def headers(self) -> dict[str, str]:
        """Count one request and say what is left, as every reply of the Hub does."""
        if time.monotonic() - self.started >= self.seconds:
            self.started, self.used = time.monotonic(), 0
        self.used += 1
        left = max(self.quota - self.used, 0)
        ends_in = int(self.seconds - (time.monotonic() - self.started))
        return {
            "RateLimit": f'"api";r={left};t={ends_in}',
            "RateLimit-Policy": f'"fixed window";"api";q={self.quota};w={self.seconds}',
        }


class LocalHub:
    """Serves a population. `faults` of a path are used up one request at a time, in order."""

    def __init__(self, population: Population, page_limit: int = PAGE_LIMIT) -> None:
        self.population = population
        self.page_limit = page_limit
        self.requests: list[Request] = []
        self.window = RateWindow()
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Base address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def fail(self, text: str, *faults: Fault) -> None:
        """Break the next replies to requests whose path and query contain `text`."""
        self._faults[text].extend(faults)

    def targets(self) -> list[str]:
        """Paths of all requests so far."""
        return [urlsplit(request.target).path for request in self.requests]

    def reply(self, target: str) -> Reply:
        """The unbroken reply to a GET; a refusal once the window is used up."""
        window = self.window.headers()
        if self.window.used > self.window.quota:
            return json_reply(429, RATE_LIMITED, **window)
        plain = answer(self.population, self.url, target, self.page_limit)
        return Reply(plain.status, plain.body, {**plain.headers, **window})

    def next_fault(self, target: str) -> Fault | None:
        """The fault that is due for this request, if any."""
        for text, waiting in self._faults.items():
            if text in target and waiting:
                return waiting.popleft()
        return None

    def __enter__(self) -> LocalHub:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                hub.requests.append(Request(self.path, {name.lower(): value for name, value in self.headers.items()}))
                reply = hub.reply(self.path)
                fault = hub.next_fault(self.path)
                if fault is not None:
                    fault.send(self, reply)
                else:
                    send_plainly(self, self._packed(reply))

            def _packed(self, reply: Reply) -> Reply:
                if "gzip" not in self.headers.get("Accept-Encoding", "") or not reply.body:
                    return reply
                return Reply(reply.status, gzip.compress(reply.body), {**reply.headers, "Content-Encoding": "gzip"})

            def log_message(self, format: str, *args: object) -> None:
                """Tests read `requests`; nothing goes to the terminal."""

        return Handler
