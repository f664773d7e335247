"""How our spiders behave on the network: robots rules, redirects, waiting, and what a failure means.

Scrapy's own middlewares do the work; the few here close what they leave open. Which pages are asked
for belongs to the spiders, limits and time-outs to `scrapers/settings.py`.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.extensions.logcount import LogCount
from scrapy.http import Request, Response, TextResponse
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.error import ConnectError

REFUSED_STATUS = frozenset({401, 402, 403, 407, 451})
NO_ANSWER = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ConnectError,
)
ROBOTS_SECONDS = 5
LONGEST_WAIT_SECONDS = 30.0


class LeftHost(IgnoreRequest):
    """A redirect led to a host that is not the vendor's."""


def describe_failure(
    *, status: int | None = None, error: BaseException | None = None, robots: tuple[str, str] | None = None
) -> tuple[str, str]:
    """The kind of a failure (refused, unreachable or failed) and one phrase that says why.

    `robots` is the failure of robots.txt, the true reason when the page was not even asked for.
    """
    if status is not None:
        return ("refused" if status in REFUSED_STATUS else "failed"), f"status {status}"
    if isinstance(error, DownloadFailedError) and "SSL" in str(error):
        return "failed", f"no trusted connection ({error})"
    if isinstance(error, NO_ANSWER):
        return "unreachable", str(error) or type(error).__name__
    if isinstance(error, LeftHost):
        return "refused", str(error)
    if isinstance(error, DownloadCancelledError):
        return "failed", f"the body is over the limit ({error})"
    if isinstance(error, IgnoreRequest) and "robots.txt" in str(error):
        return robots or ("refused", str(error))
    return "failed", f"{type(error).__name__}: {error}"


class StayOnHost:
    """Refuse requests, redirected ones above all, to any host but the spider's own.

    Scrapy's OffsiteMiddleware lets every request with `dont_filter` pass, which each retry has.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StayOnHost:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        host = urlparse_cached(request).hostname
        if host not in getattr(self._crawler.spider, "hosts", ()):
            self._crawler.stats.inc_value("offsite/filtered")
            raise LeftHost(f"redirects to another host, {host}; nothing was fetched from there")


class SharedRules(RobotsTxtMiddleware):
    """Robots rules for every request of a host, also where several wait for the same robots.txt.

    Scrapy gives the rules to the first two; the others of that moment find none, which would allow all.
    """

    async def robot_parser(self, request: Request) -> RobotParser | None:
        found: RobotParser | None = await super().robot_parser(request)
        held = self._parsers.get(urlparse_cached(request).netloc)
        return held if found is None and isinstance(held, RobotParser) else found


class RobotsAnswers:
    """Read failures of robots.txt as RFC 9309 does: absent (4xx) allows, broken or silent forbids.

    Scrapy would read an error page as rules, and allow everything where no answer comes. As robots.txt is
    the first request to a host, its short time-out also tells quickly that there is no network.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsAnswers:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if _is_robots(request):
            request.meta["download_timeout"] = ROBOTS_SECONDS

    def process_response(self, request: Request, response: Response) -> Response:
        if not _is_robots(request) or response.status < 400:
            return response
        if response.status < 500:
            return _rules(request, b"")
        return self._forbid(request, ("failed", f"robots.txt answered with status {response.status}"))

    def process_exception(self, request: Request, exception: Exception) -> Response | None:
        if not _is_robots(request):
            return None
        kind, reason = describe_failure(error=exception)
        return self._forbid(request, (kind, f"robots.txt: {reason}"))

    def _forbid(self, request: Request, failure: tuple[str, str]) -> Response:
        self._crawler.stats.set_value(f"robotstxt/failed/{urlparse_cached(request).hostname}", failure)
        return _rules(request, b"User-agent: *\nDisallow: /")


class RetryWhenAsked(RetryMiddleware):
    """Retry as Scrapy does, but not before the time the server asks for (Retry-After, RFC 9110)."""

    async def process_response(  # type: ignore[override]  # Scrapy awaits it
        self, request: Request, response: Response
    ) -> Request | Response:
        wait = _retry_after(response)
        if wait > LONGEST_WAIT_SECONDS:
            return response
        again: Request | Response = super().process_response(request, response)
        if isinstance(again, Request):
            await asyncio.sleep(wait)
        return again


class OwnLogCount(LogCount):
    """Count a spider's own log records; Scrapy's counter takes those of every spider in the process."""

    def spider_opened(self, spider: Spider) -> None:
        super().spider_opened(spider)
        if self.handler:
            self.handler.addFilter(lambda record: getattr(record, "spider", None) is spider)


def _is_robots(request: Request) -> bool:
    return bool(request.meta.get("dont_obey_robotstxt"))


def _rules(request: Request, body: bytes) -> Response:
    return TextResponse(request.url, body=body, request=request, encoding="utf-8")


def _retry_after(response: Response) -> float:
    """Seconds the server asks to wait, as seconds or as a date; 0 when it asks for nothing readable."""
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if not value:
        return 0.0
    if value.isdigit():
        return float(value)
    try:
        return max((parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        logging.getLogger(__name__).info("unreadable Retry-After %r from %s", value, response.url)
        return 0.0
