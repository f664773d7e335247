"""The base of all price spiders: it requests its pages and yields them raw, and never interprets.

A vendor is one file in `scrapers/spiders/`: a name, its pages, and a pure `extract(page)` that runs
later on archived bytes. `read` is how those bytes become prices: it refuses what is no price page
before `extract` sees it. Nothing of a single vendor belongs here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

import scrapy
from parsel import Selector
from scrapy.http import HtmlResponse, Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.money import CURRENCY_SIGNS
from scrapers.politeness import describe_failure

CHALLENGE = re.compile(
    r"<title>\s*Just a moment|challenge-platform|cf-chl|Enable JavaScript and cookies to continue", re.IGNORECASE
)
# What services that turn pages into text for readers put before it; their text is not what the vendor serves.
READER_COPY = re.compile(r"\s*Title: .{0,300}\n+URL Source: ")
# As in the header of `warehouse/staging/price.sql`; a test holds them together.
GRAIN = (
    *("provider", "listing", "market", "deployment_scope", "channel", "service_tier", "mode"),
    *("context_from_tokens", "window_name", "component", "unit", "price_kind", "effective_from"),
)
_HTML = re.compile(r"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class PricePage:
    """One page of a vendor, and what every good body of it must hold.

    `anchor` is text of a model's name, any case. `market` is the price book the page is. A `form` of markdown refuses
    HTML; data (JSON, CSV) need not show a currency sign. `fallback_url` is asked where `url` does not come; `extract`
    then has to tell the two forms apart. `is_fetched` False is a page that only a browser can show: it comes by import.
    """

    url: str
    currency: str
    anchor: str
    market: str = "global"
    form: Literal["html", "markdown", "data"] = "html"
    fallback_url: str | None = None
    is_fetched: bool = True

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where the page may come from, the first choice first."""
        return (self.url, self.fallback_url) if self.fallback_url else (self.url,)


@dataclass(frozen=True)
class Page:
    """A stored body as text, with the declaration of the page it is."""

    label: str
    spec: PricePage
    text: str

    @cached_property
    def selector(self) -> Selector:
        """The body as HTML; Markdown bodies may hold HTML tables too."""
        return Selector(text=self.text, type="html")


@dataclass(frozen=True)
class RawPage:
    """What a spider yields: one answer of a server, as served."""

    label: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime


class PricePageSpider(scrapy.Spider):
    """Request every page once and yield it raw. `pages` maps document label to page.

    A label is the spider's name, or the name, an underscore and a word for the page.
    `also_called` are other names under which people file the vendor's pages, such as its product's.
    `base_url` sends all requests to one server instead, a page's own host first in the path; it serves tests.
    """

    pages: ClassVar[Mapping[str, PricePage]] = {}
    also_called: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, base_url: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base_url = base_url
        urls = [url for page in self.pages.values() for url in page.addresses]
        self.hosts = frozenset(urlsplit(self._address(url)).hostname for url in urls)

    async def start(self) -> AsyncIterator[Request]:
        """One request per page."""
        fetched = {label: page for label, page in self.pages.items() if page.is_fetched}
        self.crawler.stats.set_value("pages/wanted", len(fetched))
        for label, page in fetched.items():
            yield Request(self._address(page.url), cb_kwargs={"label": label}, errback=self.failed)

    def parse(self, response: Response, label: str) -> Iterator[RawPage]:
        """The answer as it is."""
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        yield RawPage(label, response.url, response.status, headers, response.body, datetime.now(UTC))

    def failed(self, failure: Failure) -> Iterator[Request]:
        """Ask the fallback of a page that did not come, else note in the stats why; `scrapers.crawl.judge` reads it.

        Why the first address gave nothing is noted also where the fallback did.
        """
        request = failure.request  # type: ignore[attr-defined]  # Scrapy adds the request
        label, first = request.cb_kwargs["label"], request.meta.get("first_failure")
        kind, reason = self._why(failure)
        fallback = self.pages[label].fallback_url
        if fallback and first is None:
            self.crawler.stats.set_value(f"pages/first_address/{label}", reason)
            meta = {"first_failure": reason}
            yield Request(self._address(fallback), cb_kwargs=request.cb_kwargs, meta=meta, errback=self.failed)
            return
        if first and first != reason:
            reason = f"{first}; then {reason}"
        self.crawler.stats.set_value(f"pages/{kind}/{label}", reason)

    def _why(self, failure: Failure) -> tuple[str, str]:
        """The kind of a failure and one phrase that says why."""
        request, error = failure.request, failure.value  # type: ignore[attr-defined]
        if isinstance(error, HttpError):
            return describe_failure(status=error.response.status)
        robots = self.crawler.stats.get_value(f"robotstxt/failed/{urlsplit(request.url).hostname}")
        return describe_failure(error=error, robots=robots)

    def _address(self, url: str) -> str:
        if self.base_url is None:
            return url
        return f"{self.base_url.rstrip('/')}/{url.split('://', 1)[1]}"

    @classmethod
    def is_fetched(cls) -> bool:
        """Whether any of its pages can be asked for without a browser."""
        return any(page.is_fetched for page in cls.pages.values())

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected | Skipped]:
        """The prices of a page, in the page's order; raise UnreadablePage when it is not what was expected."""
        raise NotImplementedError

    @classmethod
    def text_of(cls, body: bytes, headers: Mapping[str, str]) -> str:
        """The page as text; a vendor that wraps its page (HTML inside JSON) unwraps it here."""
        return _decode(body, headers)

    @classmethod
    def read(cls, label: str, body: bytes, headers: Mapping[str, str]) -> Iterator[Price | Rejected | Skipped]:
        """Prices of a stored body: refuse what is no price page, extract, refuse a page without prices.

        The same offer stated twice is one row where both agree; where they differ both are rejected.
        """
        page = Page(label, cls.pages[label], cls.text_of(body, headers))
        _check(page)
        items = list(cls.extract(page))
        stated: dict[tuple[Any, ...], dict[tuple[Any, ...], Price]] = {}
        for item in items:
            if isinstance(item, Price):
                stated.setdefault(_offer(item), {}).setdefault((item.amount, item.currency), item)
        if not stated:
            first = next((f"; {item.reason}" for item in items if isinstance(item, Rejected)), "")
            raise UnreadablePage(f"no price was read from the page{first}; it begins {page.text.strip()[:120]!r}")
        yield from (item for item in items if not isinstance(item, Price))
        for prices in stated.values():
            for price in prices.values():
                if len(prices) == 1:
                    yield price
                else:
                    others = " and ".join(repr(other.price_text) for other in prices.values())
                    yield Rejected(f"two prices for {price.listing} {price.component}: {others}", price.price_text)


def _offer(price: Price) -> tuple[Any, ...]:
    """What makes a price row its own: the grain of `staging.price`."""
    return tuple(getattr(price, name) for name in GRAIN)


def _decode(body: bytes, headers: Mapping[str, str]) -> str:
    """Text by header, byte-order mark or meta tag, as browsers decide."""
    response = HtmlResponse("https://page.invalid/", body=body, headers=dict(headers))
    return str(response.text)


def _check(page: Page) -> None:
    """Raise UnreadablePage for a body that cannot be the page it should be."""
    text, spec = page.text, page.spec
    start = repr(text.strip()[:120])
    if not text.strip():
        raise UnreadablePage("the body is empty")
    if match := CHALLENGE.search(text):
        raise UnreadablePage(f"a challenge page, not prices: {match.group()!r} in a body that begins {start}")
    if "\x00" in text:
        raise UnreadablePage(f"binary bytes, not text: {start}")
    if READER_COPY.match(text):
        raise UnreadablePage(f"a reader service's copy, not the page as served: {start}")
    if spec.form in ("markdown", "data") and _HTML.match(text):
        due = "Markdown" if spec.form == "markdown" else "data"
        raise UnreadablePage(f"HTML where {due} was due: {start}")
    if len(re.findall(r"<table\b", text)) != text.count("</table>"):
        raise UnreadablePage(f"a table is cut off; the body ends {text.strip()[-120:]!r}")
    if spec.anchor.lower() not in text.lower():
        raise UnreadablePage(f"the expected model {spec.anchor!r} is not named in a body that begins {start}")
    if spec.form != "data" and not CURRENCY_SIGNS[spec.currency].search(text):
        raise UnreadablePage(f"no amount in {spec.currency} in a body that begins {start}")
