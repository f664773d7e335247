"""The one HTTP client of fetches: polite, bounded and honest about failure.

Retries belong here and nowhere else. Bodies have a size limit before and after decompression,
redirects stay on the hosts a source names, robots rules are obeyed. Scrapy spiders bring their own
client with the same rules (`scrapers/settings.py`).
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import httpx2
from protego import Protego

from pipelines.lib.source import Response
from scrapers import USER_AGENT

RETRY_STATUS = frozenset({408, 429, 500, 502, 503, 504})
KEPT_HEADERS = ("content-type", "etag", "last-modified", "date", "link", "ratelimit", "ratelimit-policy")
MAX_REDIRECTS = 5
TOTAL_SECONDS = 600.0


class FetchError(RuntimeError):
    """A document could not be fetched; the message is one sentence that names the address.

    `status` is the HTTP status where the server gave one.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Unreachable(FetchError):
    """No answer: no route, no name, refused connection or time-out."""


class Refused(FetchError):
    """The server, or its robots rules, do not want this request."""


class TooLarge(FetchError):
    """The body is larger than its limit, before or after decompression."""


class Truncated(FetchError):
    """The body ended before its announced length, or its compression is broken."""


class Http:
    """A client for one capture. Use as a context manager.

    `get` raises Unreachable, Refused, TooLarge, Truncated or FetchError, and returns only complete
    bodies with status 200 or 304.
    """

    def __init__(
        self,
        *,
        max_bytes: int = 200_000_000,
        connect_seconds: float = 5.0,
        read_seconds: float = 30.0,
        attempts: int = 4,
        delay_seconds: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
        obey_robots: bool = True,
    ) -> None:
        self.max_bytes = max_bytes
        self.attempts = attempts
        self.delay_seconds = delay_seconds
        self._sleep = sleep
        self._obey_robots = obey_robots
        self._robots: dict[str, Protego] = {}
        self._last_request: dict[str, float] = {}
        timeout = httpx2.Timeout(read_seconds, connect=connect_seconds)
        self._client = httpx2.Client(timeout=timeout, headers={"user-agent": USER_AGENT, "accept-encoding": "gzip"})

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._client.close()

    def get(
        self,
        url: str,
        *,
        label: str = "main",
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        hosts: frozenset[str] | None = None,
    ) -> Response:
        """Fetch one address, following redirects only to its own host or one of `hosts`."""
        limit = max_bytes or self.max_bytes
        allowed = (hosts or frozenset()) | {urlsplit(url).netloc}
        target = url
        for _ in range(MAX_REDIRECTS + 1):
            self._check_robots(target)
            response = self._get_with_retries(target, label, dict(headers or {}), limit)
            location = response.headers.get("location")
            if response.status not in (301, 302, 303, 307, 308) or location is None:
                return response
            target = urljoin(target, location)
            if urlsplit(target).netloc not in allowed:
                raise Refused(f"{url} redirects to another host, {target}; nothing was fetched from there")
        raise FetchError(f"{url} redirects more than {MAX_REDIRECTS} times")

    def _get_with_retries(self, url: str, label: str, headers: dict[str, str], limit: int) -> Response:
        for attempt in range(1, self.attempts + 1):
            wait = 2.0 ** (attempt - 1)
            try:
                response = self._get_once(url, label, headers, limit)
            except (Unreachable, Truncated) as error:
                if attempt == self.attempts or _is_permanent(error):
                    raise
                self._sleep(wait)
                continue
            if response.status in RETRY_STATUS and attempt < self.attempts:
                self._sleep(_retry_after(response.headers, wait))
                continue
            if response.status in (401, 402, 403, 407, 451):
                raise Refused(f"{url} refused the request with status {response.status}", response.status)
            if response.status >= 400:
                raise FetchError(f"{url} answered with status {response.status}", response.status)
            return response
        raise AssertionError("unreachable")

    def _get_once(self, url: str, label: str, headers: dict[str, str], limit: int) -> Response:
        self._wait_turn(url)
        try:
            with self._client.stream("GET", url, headers=headers) as reply:
                body = b"".join(bounded_chunks(reply, url, limit, TOTAL_SECONDS))
                kept = {
                    name: reply.headers[name]
                    for name in (*KEPT_HEADERS, "location", "retry-after")
                    if name in reply.headers
                }
                return Response(label, url, body, reply.status_code, kept, datetime.now(UTC))
        except httpx2.RemoteProtocolError as error:
            raise Truncated(f"{url} ended before its announced length ({error})") from error
        except zlib.error as error:
            raise Truncated(f"{url} sent a body whose compression is broken ({error})") from error
        except httpx2.TimeoutException as error:
            raise Unreachable(f"{url} did not answer in time") from error
        except httpx2.TransportError as error:
            raise Unreachable(f"{url} could not be reached ({error})") from error

    def _wait_turn(self, url: str) -> None:
        host = urlsplit(url).netloc
        since = time.monotonic() - self._last_request.get(host, -self.delay_seconds)
        if since < self.delay_seconds:
            self._sleep(self.delay_seconds - since)
        self._last_request[host] = time.monotonic()

    def _check_robots(self, url: str) -> None:
        parts = urlsplit(url)
        if not self._obey_robots:
            return
        root = f"{parts.scheme}://{parts.netloc}"
        if root not in self._robots:
            reply = self._robots_text(f"{root}/robots.txt")
            self._robots[root] = Protego.parse(reply)
        if not self._robots[root].can_fetch(url, USER_AGENT):
            raise Refused(f"{url} is disallowed by {root}/robots.txt")

    def _robots_text(self, url: str) -> str:
        """Robots rules; a missing file allows everything (RFC 9309), no answer at all is an error."""
        try:
            reply = self._get_once(url, "robots", {}, 1_000_000)
        except Unreachable as error:
            if _is_permanent(error):
                raise
            self._sleep(1.0)
            reply = self._get_once(url, "robots", {}, 1_000_000)
        return reply.body.decode("utf-8", "replace") if reply.status == 200 else ""


def bounded_chunks(reply: httpx2.Response, name: str, limit: int, total_seconds: float) -> Iterator[bytes]:
    """The body of a streamed reply, unpacked here: the HTTP library bounds no block and misses a missing end.

    Raises TooLarge over `limit` bytes, FetchError for an encoding that was not asked for, zlib.error for broken
    compression and httpx2.ReadTimeout when the whole body takes longer than `total_seconds`.
    """
    deadline = time.monotonic() + total_seconds
    announced = reply.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise TooLarge(f"{name} announces {announced} bytes, more than the limit of {limit}")
    encoding = reply.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        raise FetchError(f"{name} is encoded as {encoding!r}, which was not asked for")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if encoding == "gzip" else None
    received = size = 0
    for chunk in reply.iter_raw():
        received += len(chunk)
        unpacked = unpack.decompress(chunk, limit - size + 1) if unpack else chunk
        size += len(unpacked)
        if size > limit:
            raise TooLarge(f"{name} sends more than the limit of {limit} bytes")
        if time.monotonic() > deadline:
            raise httpx2.ReadTimeout(f"more than {total_seconds:g} s", request=reply.request)
        yield unpacked
    if unpack and received and not unpack.eof:
        raise zlib.error("incomplete stream")


def _is_permanent(error: FetchError) -> bool:
    """No name, no route and a refused connection do not heal within seconds."""
    text = str(error).lower()
    signs = ("name or service not known", "name resolution", "refused", "unreachable", "no address", "nodename")
    return isinstance(error, Unreachable) and any(sign in text for sign in signs)


def _retry_after(headers: Mapping[str, str], fallback: float) -> float:
    """Seconds to wait: Retry-After as seconds or as a date (RFC 9110), at most five minutes."""
    value = headers.get("retry-after", "").strip()
    if value.isdigit():
        return min(float(value), 300.0)
    try:
        wait = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return fallback
    return min(max(wait, 0.0), 300.0)
