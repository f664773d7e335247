"""Asking the Hub for one address: its client library's session, with the limits that library leaves out.

Here belong pace, time-outs, retries, redirects and errors of a single GET; what to ask for does not (see `crawl`).
The Hub says with every answer how many requests are left until when: none is sent that it would refuse.
`huggingface_hub` pages without any time-out, does not repeat detail requests, repeats a refused connection for
half a minute and reads bodies of any size; so only its session and its reading of rate-limit headers are used.
"""

from __future__ import annotations

import errno
import socket
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

import httpx2
from huggingface_hub.errors import OfflineModeIsEnabled
from huggingface_hub.utils import RateLimitInfo, get_session, parse_ratelimit_headers  # type: ignore[attr-defined]  # lazy exports
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from pipelines.lib.http import (
    KEPT_HEADERS,
    MAX_REDIRECTS,
    RETRY_STATUS,
    FetchError,
    Refused,
    Truncated,
    Unreachable,
    bounded_chunks,
)
from pipelines.lib.source import Response
from scrapers import USER_AGENT

ENDPOINT = "https://huggingface.co"
MAX_BYTES = 50_000_000
LONGEST_WAIT_SECONDS = 300.0
NO_NETWORK = frozenset({errno.ECONNREFUSED, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})


class Hidden(Refused):
    """The Hub does not show this address to us: missing, private, disabled, or a token it does not accept."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one request and of its repetitions."""

    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    total_seconds: float = 180.0
    attempts: int = 5
    first_wait_seconds: float = 1.0
    # Before requests of which nobody says how many are left: 500 anonymous ones are allowed per five minutes.
    pause_seconds: float = 0.6
    max_bytes: int = MAX_BYTES


class _Again(Exception):
    """A request worth repeating: the error to raise if it was the last one, and the wait the server asks for."""

    def __init__(self, error: FetchError, wait_seconds: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_seconds = wait_seconds


class HubClient:
    """GET from one Hub endpoint. The token goes into a header, to that endpoint, and nowhere else."""

    def __init__(
        self,
        endpoint: str | None = None,
        token: str | None = None,
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
        progress: Callable[[str], None] = lambda _message: None,
    ) -> None:
        self.endpoint = (endpoint or ENDPOINT).rstrip("/")
        self.limits = limits or Limits()
        self.quota: RateLimitInfo | None = None
        self._window_ends = 0.0
        self._has_asked = False
        self._sleep = sleep
        self._progress = progress
        self._headers = {"user-agent": USER_AGENT, "accept": "application/json", "accept-encoding": "gzip"}
        if token := (token or "").strip():
            # The HTTP library would quote a header it cannot send, and so the token, in its error.
            if not (token.isascii() and token.isprintable()):
                raise FetchError("HF_TOKEN holds characters that no header can carry; nothing was asked for")
            self._headers["authorization"] = f"Bearer {token}"
        self._timeout = httpx2.Timeout(self.limits.read_seconds, connect=self.limits.connect_seconds)

    def get_list(self, url: str, label: str) -> Response:
        """The JSON list at an address that exists for everyone: a token that is refused there is put aside."""
        try:
            return self._get(url, label, b"[]")
        except Hidden as error:
            if error.status != 401 or "authorization" not in self._headers:
                raise
        self._progress("the Hub does not accept the token in HF_TOKEN; going on without it, at the pace of anyone")
        del self._headers["authorization"]
        self.quota = None
        return self._get(url, label, b"[]")

    def get_object(self, url: str, label: str) -> Response:
        """The JSON object at an address."""
        return self._get(url, label, b"{}")

    def _get(self, url: str, label: str, brackets: bytes) -> Response:
        """The complete JSON body at an address of the endpoint, after redirects within it.

        Raises Unreachable at once when there is no network, Hidden, Refused, TooLarge, Truncated or FetchError.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(_Again),
            stop=stop_after_attempt(self.limits.attempts),
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(self._follow, url, label, brackets)
        except _Again as last:
            raise last.error from last.__cause__

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _Again) and error.wait_seconds is not None:
            self.quota = None  # once that wait is over, it says nothing any more
            wait = _until_next_window(error.wait_seconds)
            self._progress(f"{error.error}; asking again in {wait:.0f} s")
            return wait
        return wait_exponential(multiplier=self.limits.first_wait_seconds, max=8.0)(state)

    def _await_turn(self) -> None:
        """Let the window of requests end when it is used up; the fixed pause stands for a server that says nothing."""
        if self.quota is None:
            self._sleep(self.limits.pause_seconds)
        elif self.quota.remaining == 0:
            self.quota = None
            if (wait := self._window_ends - time.monotonic()) > 0:
                self._progress(f"no requests left; going on when the Hub's next window begins in {wait:.0f} s")
                self._sleep(wait)

    def _note_quota(self, headers: httpx2.Headers) -> None:
        self.quota = parse_ratelimit_headers(headers)
        if self.quota is not None:
            self._window_ends = time.monotonic() + _until_next_window(self.quota.reset_in_seconds)

    def _follow(self, url: str, label: str, brackets: bytes) -> Response:
        target = url
        for _ in range(MAX_REDIRECTS + 1):
            if _origin(target) != _origin(self.endpoint):
                raise Refused(f"{_name(url, label)} leads to another host, {target}; nothing was fetched from there")
            response = self._get_once(target, label)
            if response.status == 200:
                _require_json(response, brackets)
                return response
            target = urljoin(target, response.headers["location"])
        raise FetchError(f"{_name(url, label)} redirects more than {MAX_REDIRECTS} times")

    def _get_once(self, url: str, label: str) -> Response:
        stream = get_session().stream("GET", url, headers=self._headers, timeout=self._timeout, follow_redirects=False)
        name = _name(url, label)
        self._await_turn()
        try:
            with stream as reply:
                self._note_quota(reply.headers)
                body = b"".join(bounded_chunks(reply, name, self.limits.max_bytes, self.limits.total_seconds))
        except OfflineModeIsEnabled as error:
            raise Unreachable(f"{name} was not asked for: HF_HUB_OFFLINE is set") from error
        except httpx2.RemoteProtocolError as error:
            raise _Again(Truncated(f"{name} ended before its announced length ({error})")) from error
        except zlib.error as error:
            raise _Again(Truncated(f"{name} sent a body whose compression is broken ({error})")) from error
        except httpx2.ConnectTimeout as error:
            raise Unreachable(f"{name} did not answer within {self.limits.connect_seconds:g} s") from error
        except httpx2.TimeoutException as error:
            raise _Again(Unreachable(f"{name} did not answer in time")) from error
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            raise FetchError(f"{name} is not an address that can be asked ({error})") from error
        except httpx2.HTTPError as error:
            problem = Unreachable(f"{name} could not be reached ({error})")
            raise (problem if _is_without_network(error) else _Again(problem)) from error
        return _judge(reply, body, url, label)


def _judge(reply: httpx2.Response, body: bytes, url: str, label: str) -> Response:
    """The body or a redirect; anything else raises with the Hub's own words."""
    status = reply.status_code
    headers = {name: reply.headers[name] for name in (*KEPT_HEADERS, "location") if name in reply.headers}
    if status == 200 or (reply.has_redirect_location and status != 304):
        return Response(label, url, body, status, headers, datetime.now(UTC))
    said = reply.headers.get("x-error-message") or body[:200].decode("utf-8", "replace")
    message = f"{_name(url, label)} answered with status {status}: {said!r}"
    if status in RETRY_STATUS:
        raise _Again(FetchError(message), _asked_wait(reply.headers))
    if status in (401, 403, 404, 410, 451):
        raise Hidden(message, status)
    raise FetchError(message, status)


def _require_json(response: Response, brackets: bytes) -> None:
    """A page for people, or half a body, is no answer, whatever its status says. What is in it is not looked at."""
    body = response.body.strip()
    media_type = response.headers.get("content-type", "json")
    if "json" in media_type and body[:1] + body[-1:] == brackets:
        return
    what = f"it is {media_type!r}, begins {body[:80]!r} and ends {body[-20:]!r}"
    name = _name(response.url, response.label)
    raise _Again(FetchError(f"{name} answered with status 200, but not with JSON in {brackets.decode()}: {what}"))


def _until_next_window(seconds: float) -> float:
    """Windows are given in whole seconds, so one more is waited; and no server makes us wait for ever."""
    return min(seconds, LONGEST_WAIT_SECONDS) + 1.0


def _asked_wait(headers: httpx2.Headers) -> float | None:
    """Seconds until the rate-limit window ends, or as Retry-After says; None when the server does not say."""
    limit = parse_ratelimit_headers(headers)
    if limit is not None and limit.remaining == 0:
        return float(limit.reset_in_seconds)
    after = headers.get("retry-after", "").strip()
    return float(after) if after.isdigit() else None


def _is_without_network(error: BaseException) -> bool:
    """No name, no route or a refused connection anywhere in the chain of causes: that does not heal in seconds."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror) or (isinstance(cause, OSError) and cause.errno in NO_NETWORK):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _name(url: str, label: str) -> str:
    """The address for an error message, without the long list of wanted attributes."""
    return f"{url.partition('?')[0]} ({label})"


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
