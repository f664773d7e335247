"""News articles given by the user as files: plain text, Markdown or HTML, one article per document.

Here belongs reading one text: its headline, body, language, publisher and date as the text itself states them.
What it claims and which story it tells is decided in `warehouse/core`.

A date counts only with year, month and day, in a short line at the top or the end (a byline), never within the prose.
Its zone is the stated offset; without one it is Asia/Shanghai where the text gives evidence of China (a Chinese
headline, body or publisher), otherwise UTC. Relative dates ("Yesterday", "September 6") give no date.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import charset_normalizer
from parsel import Selector
from w3lib.encoding import html_to_unicode

from pipelines.lib.assets import source_definitions
from pipelines.lib.source import BadDocument, Document, Parsed, Reject, Row, Source, SourceKind

ENCODINGS = ["utf_8", "utf_16", "utf_16_le", "utf_16_be", "gb18030", "big5", "cp1252"]
HTML_START = re.compile(r"\s*(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+html|html|head|body|article)\b", re.I | re.S)
HTML_TYPES = ("text/html", "application/xhtml+xml")
CHALLENGE = re.compile(r"just a moment|attention required|access denied|verify you are human", re.I)
DROPPED = "//script|//style|//noscript|//template|//nav|//aside|//footer|//form|//iframe|//svg"
BLOCKS = ("p", "br", "div", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section", "pre")
MAX_HEADLINE = 200
BYLINE_LINES = 8
FUTURE_TOLERANCE = timedelta(days=2)

# Lines that reading tools and portals put around a text.
FURNITURE = ("workflow", "```", "`")
FOOTERS = re.compile(r"(?:返回搜狐[,，]查看更多|Risk Warning and Disclaimer.*|风险提示及免责条款.*)$", re.S)
# Spellings under which a publisher signs, without spaces and in lower case.
PUBLISHERS = {
    "taimeitiapp": "TMTPost",
    "tmtpost": "TMTPost",
    "钛媒体": "TMTPost",
    "钛媒体app": "TMTPost",
    "wallstreetcn": "Wallstreetcn",
    "华尔街见闻": "Wallstreetcn",
    "36kr": "36Kr",
    "36氪": "36Kr",
    "量子位": "QbitAI",
}
CHINESE_PUBLISHERS = frozenset({*PUBLISHERS.values(), "Sohu"})
SIGNED = re.compile(
    r"^(?:Author|By|作者|文)\s*[:：|]\s*(?P<author>[^/|·]{2,60})(?:[/|]\s*(?P<publisher>.{2,60}))?$", re.I
)
STATED_SOURCE = re.compile(r"^(?:Source|来源)\s*[:：]\s*(?P<publisher>\S.{1,60})$", re.I)
DATE = re.compile(
    r"(?P<year>20\d{2})\s*(?:[-/.]|年)\s*(?P<month>\d{1,2})\s*(?:[-/.]|月)\s*(?P<day>\d{1,2})(?!\d)日?"
    r"(?:[T\s]*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
    r"(?:\.\d+)?\s*(?P<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
HAN = re.compile(r"[\u3400-\u9fff]")
OTHER_SCRIPT = re.compile(r"[\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff\u0900-\u097f]")
ENGLISH_WORDS = re.compile(r"\b(?:the|of|and|to|in|is|for|with|that|on|its|by|as|at|from|this|has|are)\b", re.I)


@dataclass(frozen=True)
class Text:
    """A decoded article: its lines, and what the page's own metadata says (empty for plain text)."""

    lines: Sequence[str]
    title: str = ""
    publisher: str = ""
    author: str = ""
    published: str = ""
    url: str = ""


def parse(document: Document) -> Iterator[Parsed]:
    """The one article of the document."""
    text = read_text(document)
    plain = [line for line in map(clean_line, text.lines) if line]
    whole = "\n".join(plain)
    if not re.search(r"[^\W\d_]", whole):
        raise BadDocument(f"the document {document.label!r} holds no text")
    title = text.title or headline(plain)
    byline = [line for line in [*plain[:BYLINE_LINES], *plain[-2:]] if len(line) <= MAX_HEADLINE]
    publisher, author = signature(byline, text.lines)
    body = "\n".join(line for line in plain if line != title)
    language = language_of(body or title)
    publisher = text.publisher or publisher
    is_chinese = bool(language == "zh" or HAN.search(title) or publisher in CHINESE_PUBLISHERS)
    published = read_date([text.published, *byline], "Asia/Shanghai" if is_chinese else "UTC")
    observed_at = document.observed_at if document.observed_at.tzinfo else document.observed_at.replace(tzinfo=UTC)
    if published["published_at"] is not None and published["published_at"] > observed_at + FUTURE_TOLERANCE:
        yield Reject("the date lies in the future of the capture", str(published["published_text"]), "news_item")
        published |= {"published_at": None, "published_precision": "unknown"}
    values = {
        "item_id": text_id(whole),
        "publisher": publisher or "unknown",
        "title": title,
        "url": web_address(text.url) or web_address(document.url),
        "summary": None,
        "body": body or None,
        "language": language,
        "author": text.author or author or None,
        **published,
    }
    yield Row("news_item", values)


def read_text(document: Document) -> Text:
    """Decode the body and take HTML apart. Raises BadDocument for what is no text."""
    body = document.body
    if not body.strip():
        raise BadDocument(f"the document {document.label!r} is empty")
    is_page = document.media_type in HTML_TYPES or HTML_START.match(body[:2_000].replace(b"\0", b"").decode("latin-1"))
    if not is_page:
        return Text(_decode(body).splitlines())
    _, text = html_to_unicode(document.headers.get("content-type"), body, auto_detect_fun=_encoding)
    if text.count("\ufffd") > len(text) / 100:
        raise BadDocument(f"the page is not in the encoding it states: {text[:80]!r}")
    return _read_page(text)


def _encoding(body: bytes) -> str | None:
    found = None if charset_normalizer.is_binary(body) else charset_normalizer.from_bytes(body, cp_isolation=ENCODINGS)
    best = found.best() if found else None
    return best.encoding if best else None


def _decode(body: bytes) -> str:
    for encoding in ("utf-8-sig", _encoding(body)):
        try:
            text = body.decode(encoding) if encoding else None
        except UnicodeDecodeError:
            continue
        if text is not None and not re.search(r"[\x00-\x08\x0e-\x1f]", text):
            return text.removeprefix("\ufeff")
    raise BadDocument(f"the document is no text in a known encoding, it starts with {body[:40]!r}")


def _read_page(markup: str) -> Text:
    page = Selector(text=markup, type="html")

    def meta(*names: str) -> str:
        found = (page.xpath("//meta[@property=$n or @name=$n]/@content", n=name).get() for name in names)
        return next((" ".join(value.split()) for value in found if value and value.strip()), "")

    title = meta("og:title") or _fold(page.xpath("string(//h1)").get()) or _fold(page.xpath("string(//title)").get())
    if CHALLENGE.search(title):
        raise BadDocument(f"the page is a challenge or a refusal, not an article: {title!r}")
    time = page.xpath("string(//article//time/@datetime)").get() or ""
    canonical = page.xpath("string(//link[@rel='canonical']/@href)").get() or ""
    page.xpath(DROPPED).drop()
    articles = page.xpath("//article")
    root = articles if len(articles) == 1 else page.xpath("//main") or page.xpath("//body")
    for element in page.root.iter(*BLOCKS):
        element.text, element.tail = f"\n{element.text or ''}", f"\n{element.tail or ''}"
    return Text(
        lines=(root.xpath("string(.)").get() or "").splitlines(),
        title=title[:MAX_HEADLINE],
        publisher=meta("og:site_name"),
        author=meta("author", "article:author"),
        published=meta("article:published_time", "datePublished", "publishdate") or time,
        url=canonical or meta("og:url"),
    )


def _fold(text: str | None) -> str:
    return " ".join((text or "").split())


def clean_line(line: str) -> str:
    """A line without heading marks, code fences and the furniture of portals; empty when nothing else is in it."""
    text = FOOTERS.sub("", _fold(line).removesuffix("```").strip()).strip()
    return "" if text.lower() in FURNITURE else re.sub(r"^(?:#{1,6}\s+|```\w*\s*)", "", text)


def headline(lines: Sequence[str]) -> str:
    """The first short line before the prose; else a closing line in another script; else the first sentence."""
    for line in lines[:BYLINE_LINES]:
        if len(line) > MAX_HEADLINE:
            break
        if _may_be_headline(line):
            return line
    last = lines[-1]
    prose_is_chinese = language_of(lines[0]) == "zh"
    if len(lines) > 1 and _may_be_headline(last) and bool(HAN.search(last)) != prose_is_chinese:
        return last
    sentence = re.match(r"(?:\d{1,2}[.、)]\s*)?(.+?)(?:[.!?](?=\s|$)|[。！？]|$)", lines[0])
    text = sentence.group(1) if sentence else lines[0]
    return text if len(text) <= MAX_HEADLINE else text[: MAX_HEADLINE - 1].rsplit(" ", 1)[0] + "…"


def _may_be_headline(line: str) -> bool:
    is_sentence = line.endswith((".", "。", ":", "：", ";", "；", ",", "，"))
    is_byline = bool(DATE.search(line) or SIGNED.match(line) or STATED_SOURCE.match(line) or "://" in line)
    return 4 <= len(line) <= MAX_HEADLINE and not is_sentence and not is_byline


def signature(byline: Sequence[str], raw_lines: Sequence[str]) -> tuple[str, str]:
    """Publisher and author as the text states them; empty where it does not."""
    author = publisher = ""
    for line in byline:
        if signed := SIGNED.match(line):
            author = author or signed["author"].strip()
            publisher = publisher or (signed["publisher"] or "").strip()
        elif stated := STATED_SOURCE.match(line):
            publisher = publisher or stated["publisher"].strip()
        elif (date := DATE.search(line)) and (name := re.fullmatch(r"(.{2,40}?)\s*[·•|]\s*", line[: date.start()])):
            publisher = publisher or name[1].strip()
    if not publisher and any("返回搜狐" in line for line in raw_lines[-3:]):
        publisher = "Sohu"
    return PUBLISHERS.get("".join(publisher.lower().split()), publisher), author


def read_date(places: Sequence[str], zone: str) -> dict[str, Any]:
    """The first full date in `places`, as columns; without an offset it is taken in `zone`."""
    for place in places:
        for match in DATE.finditer(place):
            text = match.group().strip()
            try:
                stated = _stated(match, zone)
            except ValueError:
                continue
            if match["hour"] is None:
                day = stated.replace(tzinfo=UTC)
                return {"published_at": day, "published_text": text, "published_precision": "day"}
            precision = "second" if match["second"] else "minute"
            return {"published_at": stated.astimezone(UTC), "published_text": text, "published_precision": precision}
    return {"published_at": None, "published_text": None, "published_precision": "unknown"}


def _stated(match: re.Match[str], zone: str) -> datetime:
    year, month, day, hour, minute, second = (
        int(match[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")
    )
    offset = (match["offset"] or "").replace("UTC", "Z").replace("GMT", "Z")
    stated = datetime.fromisoformat(f"{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{offset}")
    return stated if stated.tzinfo else stated.replace(tzinfo=ZoneInfo(zone))


def language_of(text: str) -> str | None:
    """zh or en by the share of their script and, for Latin letters, of English function words; else None."""
    letters = re.findall(r"[^\W\d_]", text)
    words = re.findall(r"[A-Za-z]+", text)
    if not letters or len(OTHER_SCRIPT.findall(text)) > 0.1 * len(letters):
        return None
    # One Chinese character carries about as much as a short word.
    if len(HAN.findall(text)) > 0.5 * len(words):
        return "zh"
    return "en" if len(ENGLISH_WORDS.findall(text)) >= 0.1 * len(words) else None


def text_id(text: str) -> str:
    """The same for the same words in any encoding, width and line breaks."""
    normal = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(normal.encode()).hexdigest()[:16]


def web_address(text: str) -> str | None:
    """The address when it is one of the web, else None."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return None
    return text.strip() if parts.scheme in ("http", "https") and parts.netloc else None


def label_of(file_name: str, body: bytes) -> str:
    """The file's name without its ending."""
    _ = body
    return PurePath(file_name).stem


source = Source(
    name="articles",
    title="Articles given by the user",
    homepage="",
    licence="each text is its publisher's; it stays in the user's own archive",
    kind=SourceKind.NEWS,
    tables=("news_item",),
    fetch=None,
    parse=parse,
    stale_after=timedelta(days=36_500),
    max_bytes=20_000_000,
    label_of=label_of,
)

defs = source_definitions(source)
