"""What can go wrong between a reply on paper and its last byte on the socket. One fault breaks one reply."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Protocol

from tests.hub.wire import RATE_LIMITED, Reply, json_reply


class Fault(Protocol):
    """Sends something else than the reply, or not all of it."""

    def send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        """Write to the handler's socket in place of the plain reply."""


def send_plainly(handler: BaseHTTPRequestHandler, reply: Reply, sent: bytes | None = None) -> None:
    """Status, headers and body; `sent` replaces the bytes on the wire but not the announced length."""
    handler.send_response(reply.status)
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    if reply.status != 304:
        handler.send_header("Content-Length", str(len(reply.body)))
    handler.end_headers()
    handler.wfile.write(reply.body if sent is None else sent)


@dataclass(frozen=True)
class Status:
    """An error status, such as 503."""

    status: int
    retry_after: int | None = None

    def send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        """The status with an error body."""
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        send_plainly(handler, json_reply(self.status, {"error": "Internal error"}, **headers))


@dataclass(frozen=True)
class RateLimited:
    """429 with nothing left of the window and the seconds until the next."""

    reset_seconds: int

    def send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        """The refusal with the headers that say when to come back."""
        headers = {"RateLimit": f'"api";r=0;t={self.reset_seconds}'}
        send_plainly(handler, json_reply(429, RATE_LIMITED, **headers))


@dataclass(frozen=True)
class Hang:
    """Silence for a while, or until the server is closed; then the connection ends."""

    seconds: float

    def send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        """Nothing at all."""
        closing: threading.Event = handler.server.closing  # type: ignore[attr-defined]
        closing.wait(self.seconds)
        handler.close_connection = True


@dataclass(frozen=True)
class Drip:
    """The body byte by byte: never silent long enough for a read time-out."""

    pause_seconds: float

    def send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        """The reply, slowly, until the client leaves."""
        send_plainly(handler, reply, b"")
        try:
            for byte in reply.body:
                handler.wfile.write(bytes([byte]))
                time.sleep(self.pause_seconds)
        except OSError:
            handler.close_connection = True


@dataclass(frozen=True)
class Truncated:
    """Half of the announced body, then the connection ends."""

    def send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        """Half of the body."""
        send_plainly(handler, reply, reply.body[: len(reply.body) // 2])
        handler.close_connection = True


@dataclass(frozen=True)
class TruncatedGzip:
    """Half of a compressed body whose announced length is that half: only the compression can tell."""

    def send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        """Half of the compressed body, announced as the whole."""
        packed = gzip.compress(reply.body)
        half = Reply(reply.status, packed[: len(packed) // 2], {**reply.headers, "Content-Encoding": "gzip"})
        send_plainly(handler, half)


@dataclass(frozen=True)
class Drop:
    """The connection ends before any reply."""

    def send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        """Nothing."""
        handler.close_connection = True


@dataclass(frozen=True)
class Altered:
    """A well-formed reply that is not the true one: what `change` makes of it."""

    change: Callable[[Reply], Reply]

    def send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        """The changed reply."""
        send_plainly(handler, self.change(reply))


def html_with_200(reply: Reply) -> Reply:
    """A page for people where JSON is due."""
    return Reply(200, b"<!doctype html><html><body>We are down for maintenance</body></html>", {
        **reply.headers, "Content-Type": "text/html; charset=utf-8",
    })  # fmt: skip


def not_utf8(reply: Reply) -> Reply:
    """The body in an encoding it does not claim."""
    return Reply(reply.status, reply.body.replace(b'"id":"', b'"id":"\xe9', 1), reply.headers)


@dataclass(frozen=True)
class Shortened:
    """A page that holds fewer rows than asked for although more follow; as a change of `Altered`."""

    rows: int

    def __call__(self, reply: Reply) -> Reply:
        """The first rows only; the Link stays."""
        body = json.dumps(json.loads(reply.body)[: self.rows], separators=(",", ":"), ensure_ascii=False)
        return Reply(reply.status, body.encode(), reply.headers)


@dataclass(frozen=True)
class Linked:
    """A next page of our choice, so that paging goes in circles or away; as a change of `Altered`."""

    url: str

    def __call__(self, reply: Reply) -> Reply:
        """The same rows."""
        return Reply(reply.status, reply.body, {**reply.headers, "Link": f'<{self.url}>; rel="next"'})


@dataclass(frozen=True)
class Replaced:
    """The body of another reply under this one's headers, such as a page served twice; as a change of `Altered`."""

    body: bytes

    def __call__(self, reply: Reply) -> Reply:
        """The other body."""
        return Reply(reply.status, self.body, reply.headers)
