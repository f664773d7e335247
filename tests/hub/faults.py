"""What can go wrong between a reply on paper and its last byte on the socket. One fault breaks one reply."""

from __future__ import annotations

import gzip
import time
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
    """Silence for a while, then the connection ends."""

    seconds: float

    def send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        """Nothing at all."""
        time.sleep(self.seconds)
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
