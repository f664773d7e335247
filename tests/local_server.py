"""A small web server on the loopback address, for tests of what a fetch does on the wire.

Routes are set per test; a path without a route answers 404, which for /robots.txt means that all is allowed. It is
a real server on a real socket: a body can be cut off, or announce more bytes than it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from pipelines.lib.http import Http
from pipelines.lib.source import Fetcher


@dataclass(frozen=True)
class Reply:
    """One answer. `announced` is the Content-Length to claim where it is not the length of the body."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = None


class LocalServer:
    """Use as a context manager. A route holds one reply, or replies given in turn, of which the last one stays."""

    def __init__(self, routes: Mapping[str, Reply | list[Reply]]) -> None:
        self.routes = {path: [reply] if isinstance(reply, Reply) else list(reply) for path, reply in routes.items()}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> LocalServer:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, path: str) -> str:
        """Address of a path on this server."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def asked(self, path: str) -> int:
        """How often a path was requested."""
        return sum(asked == path for asked, _ in self.requests)

    def reply(self, path: str) -> Reply:
        """The next reply of a route."""
        waiting = self.routes.get(path, [Reply(b"not found", 404)])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


def quick_http(**options: Any) -> Http:
    """The project's client without its waits."""
    return Http(**{"delay_seconds": 0.0, "sleep": lambda _seconds: None, **options})


def fetcher(http: Http, **options: Any) -> Fetcher:
    """What a fetch is given, without tokens."""
    return Fetcher(http=http, environ={}, **options)


def _handler(server: LocalServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            server.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            reply = server.reply(self.path)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 304:
                self.send_header("content-length", str(len(reply.body) if reply.announced is None else reply.announced))
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(reply.body)
            self.close_connection = True

        def log_message(self, *_arguments: Any) -> None:
            """Keep the output of the tests clean."""

    return Handler
