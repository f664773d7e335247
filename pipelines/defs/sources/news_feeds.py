"""Headlines, summaries and dates of AI news feeds (RSS and Atom), one document per feed of `warehouse/seeds/feed.csv`.

Here belongs what a feed says of an item. Which items tell the same story is decided in `warehouse/core`.
An item without a readable date keeps its own date text and has no time; a time is never guessed. Where a feed only
gives days (every item at midnight), the time is 00:00 UTC of the day as stated and its precision is `day`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import feedparser
from feedparser.exceptions import CharacterEncodingOverride, CharacterEncodingUnknown, NonXMLContentType
from parsel import Selector

from pipelines.lib.assets import source_definitions
from pipelines.lib.http import FetchError, Unreachable
from pipelines.lib.source import BadDocument, Document, Fetcher, Parsed, Reject, Response, Row, Source, SourceKind
from warehouse import WAREHOUSE_DIR

ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"
MAX_FEED_BYTES = 20_000_000
MAX_ID, MAX_TITLE, MAX_SUMMARY, MAX_URL, MAX_AUTHOR = 1_000, 500, 2_000, 2_000, 200
FUTURE_TOLERANCE = timedelta(days=2)
OLDEST_YEAR = 1990
BLOCKS = ("p", "br", "div", "li", "ul", "ol", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr")
# Encodings to which feedparser falls back when nothing fits: every byte is valid there, so it proves nothing.
LAST_RESORTS = ("windows-1252", "iso-8859-2")
ROOT_END = re.compile(rb"</(?:rss|feed|(?:\w+:)?rdf)\s*>", re.IGNORECASE)
ISO_MINUTE = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Feed:
    """One row of `warehouse/seeds/feed.csv`."""

    feed: str
    publisher: str
    url: str
    language: str
    time_zone: str
    source: str


@dataclass(frozen=True)
class Published:
    """When an item was published: the source's own text, the time as stated (with its zone), and its precision."""

    text: str | None
    stated: datetime | None = None
    precision: str = "unknown"
    problem: str | None = None

    @property
    def at(self) -> datetime | None:
        """The time in UTC; for a day, 00:00 UTC of the day as stated."""
        if self.stated is None or self.precision != "day":
            return self.stated and self.stated.astimezone(UTC)
        return self.stated.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)


@cache
def feeds() -> Mapping[str, Feed]:
    """The feeds that are read, by slug, in the order of the seed."""
    with (WAREHOUSE_DIR / "seeds" / "feed.csv").open(encoding="utf-8", newline="") as file:
        return {row["feed"]: Feed(**row) for row in csv.DictReader(file)}


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """One conditional GET per feed. A feed that fails is named at the end and does not stop the others."""
    failures: list[tuple[str, FetchError]] = []
    arrived = 0
    for feed in feeds().values():
        try:
            yield _get(fetcher, feed)
            arrived += 1
        except FetchError as error:
            failures.append((feed.feed, error))
            if not arrived and len(failures) == 2 and all(isinstance(failure, Unreachable) for _, failure in failures):
                raise Unreachable(f"no news feed could be reached: {_named(failures)}") from error
    if failures:
        raise FetchError(f"{len(failures)} of {len(feeds())} news feeds were not fetched: {_named(failures)}")


def _get(fetcher: Fetcher, feed: Feed) -> Response:
    """The feed; when it did not change since the last capture, that capture's body with status 304."""
    headers = {"accept": ACCEPT}
    before = fetcher.previous.get(feed.feed)
    if before is not None and before.url == feed.url:
        for request_name, answer_name in (("if-none-match", "etag"), ("if-modified-since", "last-modified")):
            if value := before.headers.get(answer_name):
                headers[request_name] = value
    response = fetcher.http.get(feed.url, label=feed.feed, headers=headers, max_bytes=MAX_FEED_BYTES)
    response = replace(response, url=feed.url)
    if response.status != 304:
        return response
    if before is None or len(headers) == 1:
        raise FetchError(f"{feed.url} answered 304 (not modified) to a request without a condition")
    return replace(response, body=before.body, headers={**before.headers, **response.headers})


def _named(failures: Iterable[tuple[str, FetchError]]) -> str:
    return "; ".join(f"{name} ({error})" for name, error in failures)


def parse(document: Document) -> Iterator[Parsed]:
    """One row per item of the feed."""
    parsed = read_feed(document)
    feed = feeds().get(document.label) or _unlisted(document.label, parsed)
    if parsed.bozo and not isinstance(parsed.bozo_exception, CharacterEncodingOverride | NonXMLContentType):
        yield Reject("not well-formed XML, read leniently", str(parsed.bozo_exception))
    published = _published(parsed.entries, ZoneInfo(feed.time_zone))
    seen: dict[str, Mapping[str, Any]] = {}
    for entry, date in zip(parsed.entries, published, strict=True):
        values = _values(entry, feed, date)
        if date.problem:
            yield Reject(date.problem, date.text or "", "news_item")
        if refused := _refusal(values, _utc(document.observed_at)):
            yield refused
        elif values["item_id"] not in seen:
            seen[values["item_id"]] = values
            yield Row("news_item", values)
        elif seen[values["item_id"]] != values:
            yield Reject("a second item with the same id", f"{values['item_id']}: {values['title']}", "news_item")


def _unlisted(label: str, parsed: Any) -> Feed:
    """A feed given by the user that is not in the seed: it names its publisher itself, and no zone is assumed."""
    title = " ".join(str(parsed.feed.get("title", "")).split())
    if not title:
        raise BadDocument(f"{label!r} is no feed of feed.csv and does not name itself; known are {', '.join(feeds())}")
    language = str(parsed.feed.get("language", "") or "und").lower()
    return Feed(label, title[:MAX_AUTHOR], "", language, "UTC", "the feed itself")


def read_feed(document: Document) -> Any:
    """The body as feedparser reads it. Raises BadDocument when it is no feed, no whole feed or a hostile one."""
    ascii_view = document.body.replace(b"\0", b"")
    start = " ".join(ascii_view[:200].decode("utf-8", "replace").split())
    if b"<!entity" in ascii_view.lower():
        raise BadDocument(f"the feed declares XML entities, which are refused: {start!r}")
    charset = document.headers.get("content-type", "").lower().partition("charset=")[2].strip(' "')
    headers = {"content-type": f"application/xml; charset={charset}"} if charset else {}
    # A stream, because feedparser takes bare bytes for the name of a local file when there is one.
    parsed = feedparser.parse(io.BytesIO(document.body), response_headers=headers)
    problem = parsed.get("bozo_exception")
    if isinstance(problem, CharacterEncodingUnknown) or (
        isinstance(problem, CharacterEncodingOverride) and parsed.get("encoding") in LAST_RESORTS
    ):
        raise BadDocument(f"the feed's text is not in the encoding it states ({problem}): {start!r}")
    if not parsed.get("version"):
        raise BadDocument(f"not an RSS or Atom feed: {start!r}")
    if parsed.bozo and not ROOT_END.search(ascii_view[-2_000:]):
        raise BadDocument(f"the feed ends before its closing tag: {ascii_view[-100:].decode('utf-8', 'replace')!r}")
    if not parsed.entries:
        raise BadDocument(f"the feed has no entries: {start!r}")
    if "arxiv.org/api/errors" in parsed.entries[0].get("id", ""):
        raise BadDocument(f"the answer is an error report: {parsed.entries[0].get('summary', '')[:200]!r}")
    return parsed


def _published(entries: Iterable[Any], zone: ZoneInfo) -> list[Published]:
    """Dates of all entries; when every one is at midnight, the feed only gives days."""
    # `in`, because feedparser answers `updated` with `published` and warns when there is no such date.
    texts = [next((entry[name] for name in ("published", "updated") if name in entry), "") for entry in entries]
    found = [read_date(text, zone) for text in texts]
    times = [date.stated for date in found if date.stated is not None]
    if times and all((time.hour, time.minute, time.second) == (0, 0, 0) for time in times):
        return [replace(date, precision="day") if date.stated else date for date in found]
    return found


def read_date(text: str, zone: ZoneInfo) -> Published:
    """Read a date of RFC 822 or ISO 8601. A date without an offset is taken in `zone`."""
    folded = " ".join(text.split())
    if not folded:
        return Published(None)
    try:
        stated = _stated(folded, zone)
    except (ValueError, OverflowError):
        return Published(text.strip(), problem="the date cannot be read")
    if stated.year < OLDEST_YEAR:
        return Published(text.strip(), problem=f"the date is before {OLDEST_YEAR}")
    if ISO_DAY.fullmatch(folded):
        return Published(text.strip(), stated, "day")
    return Published(text.strip(), stated, "second" if re.search(r"\d:\d{2}:\d{2}", folded) else "minute")


def _stated(folded: str, zone: ZoneInfo) -> datetime:
    # CST is the zone of Chicago in RFC 822 and of China in Chinese feeds.
    if zone.key == "Asia/Shanghai":
        folded = folded.removesuffix(" CST")
    if ISO_DAY.fullmatch(folded) or ISO_MINUTE.match(folded):
        stated = datetime.fromisoformat(folded)
    else:
        stated = parsedate_to_datetime(folded)
    if stated.tzinfo is not None:
        return stated
    if folded.endswith("-0000"):
        return stated.replace(tzinfo=UTC)
    if re.search(r"[A-Za-z]$", folded):
        raise ValueError(f"unknown time zone in {folded!r}")
    return stated.replace(tzinfo=zone)


def _values(entry: Any, feed: Feed, date: Published) -> dict[str, Any]:
    title = plain_text(entry.get("title", ""))[:MAX_TITLE]
    summary = plain_text(entry.get("summary") or _content(entry))[:MAX_SUMMARY]
    url = web_address(entry.get("link", ""))
    item_id = entry.get("id", "").strip() or url or hashlib.sha256(title.encode()).hexdigest()[:16]
    return {
        "item_id": item_id if len(item_id) <= MAX_ID else hashlib.sha256(item_id.encode()).hexdigest()[:16],
        "publisher": feed.publisher,
        "title": title,
        "url": url,
        "summary": None if summary in ("", title) else summary,
        "language": feed.language,
        "author": _authors(entry) or None,
        "published_at": date.at,
        "published_text": date.text,
        "published_precision": date.precision,
    }


def _content(entry: Any) -> str:
    return str(entry["content"][0].get("value", "")) if entry.get("content") else ""


def _authors(entry: Any) -> str:
    names = [plain_text(author.get("name", "")) for author in entry.get("authors", [])]
    return ", ".join(name for name in names if name)[:MAX_AUTHOR]


def _refusal(values: Mapping[str, Any], observed_at: datetime) -> Reject | None:
    """Why an item is not loaded, or None."""
    if not values["title"]:
        return Reject("the item has no title", str(values["item_id"]), "news_item")
    if values["published_at"] is not None and values["published_at"] > observed_at + FUTURE_TOLERANCE:
        text = f"{values['published_text']} ({values['title']})"
        return Reject("the date lies in the future of the capture", text, "news_item")
    return None


def plain_text(markup: str) -> str:
    """Text without tags, scripts and line breaks."""
    if not markup.strip():
        return ""
    page = Selector(text=markup, type="html")
    page.xpath("//script | //style").drop()
    for element in page.root.iter(*BLOCKS):
        element.text, element.tail = f" {element.text or ''}", f" {element.tail or ''}"
    return " ".join((page.xpath("string(.)").get() or "").split())


def web_address(text: str) -> str | None:
    """The address when it is one of the web, else None."""
    address = text.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https") and parts.netloc and len(address) <= MAX_URL
    return address if is_web and not re.search(r"\s", address) else None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def label_of(file_name: str, body: bytes) -> str:
    """The feed a loose file is: the slug of the seed its name says (also as `<slug>-news`), else the name itself."""
    _ = body
    name = re.sub(r"^(\d{4}-\d{2}-\d{2}_)?(feed_)?", "", PurePath(file_name).stem).lower().replace("-", "_")
    return next((slug for slug in feeds() if name in (slug, f"{slug}_news", f"{slug}news")), name)


source = Source(
    name="news_feeds",
    title="AI news feeds",
    homepage="https://github.com/Olshansk/rss-feeds",
    licence="headlines and summaries are their publishers'; generated feeds MIT (Olshansk/rss-feeds)",
    kind=SourceKind.NEWS,
    tables=("news_item",),
    fetch=fetch,
    parse=parse,
    every=timedelta(hours=6),
    max_bytes=MAX_FEED_BYTES,
    label_of=label_of,
)

defs = source_definitions(source)
