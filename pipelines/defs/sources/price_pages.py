"""Official API prices as vendors' own pricing pages state them: one document per page, one row per price.

Here belongs how the Scrapy project is run and how its pages become rows. Vendors' pages are declared and
read in `scrapers/spiders/`, one file each; a new file there needs no edit here.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import scrapers.parsing
import scrapers.pricing_spider
import scrapers.spiders
from pipelines.lib.assets import source_definitions
from pipelines.lib.http import KEPT_HEADERS, FetchError, Refused, Unreachable
from pipelines.lib.source import BadDocument, Document, Fetcher, Parsed, Reject, Response, Row, Source, SourceKind
from scrapers import crawl
from scrapers.items import Price, Rejected, UnreadablePage
from scrapers.parsing.money import CURRENCY_SIGNS
from scrapers.pricing_spider import PricePage

SPIDERS = crawl.load_spiders()
FETCHED = [name for name, spider in SPIDERS.items() if spider.is_fetched()]
PAGES = {label: spider for spider in SPIDERS.values() for label in spider.pages}
UNRECOGNISED = "unrecognised"
TIME_LIMIT_SECONDS = 240
TOLD_IN_FULL = 3
# Sends every request to one server instead of the vendors'; for tests.
BASE_URL_VARIABLE = "MODELMARKET_PRICE_PAGES_BASE_URL"

# Where a saved page says what its own address is.
_CANONICAL = re.compile(r'(?:rel="canonical"|property="og:url")[^<>]{0,80}?(?:href|content)="([^"<>]{1,300}?)/?"')
_HEAD_CHARS = 300_000
_ERRORS = {"unreachable": Unreachable, "refused": Refused}


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """Run all spiders in one subprocess, yield every page that arrived, then raise for those that failed."""
    with tempfile.TemporaryDirectory(prefix="price-pages-") as name:
        folder = Path(name)
        trouble = _run_spiders(folder, fetcher)
        for path in sorted(folder.glob(f"*{crawl.PAGE_SUFFIX}")):
            yield _response(json.loads(path.read_text()))
        failures = [failed for spider in FETCHED if (failed := _verdict(folder, spider, trouble))]
    if failures:
        kinds = {failed.kind for failed in failures}
        error = _ERRORS.get(kinds.pop(), FetchError) if len(kinds) == 1 else FetchError
        raise error(_in_words(failures))


def _in_words(failures: Sequence[crawl.CrawlFailed]) -> str:
    """What failed: the first vendors with their reasons, the others by name."""
    text = "; ".join(map(str, failures[:TOLD_IN_FULL]))
    others = [failed.spider for failed in failures[TOLD_IN_FULL:]]
    return f"{text}; so also {', '.join(others)}" if others else text


def _run_spiders(folder: Path, fetcher: Fetcher) -> str:
    """Start the crawl and wait; what went wrong with the process itself, empty when it ran to its end."""
    command = [sys.executable, "-m", "scrapers.crawl", "--out", str(folder)]
    if base_url := fetcher.environ.get(BASE_URL_VARIABLE):
        command += ["--base-url", base_url]
    environ = {name: value for name, value in fetcher.environ.items() if not _is_secret(name)}
    fetcher.progress(f"fetching the pages of {', '.join(FETCHED)}")
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no shell
            command, env=environ, capture_output=True, timeout=TIME_LIMIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        return f"the crawl was stopped after {TIME_LIMIT_SECONDS} s{_tail(error.stderr)}"
    return f"the crawl ended with exit code {done.returncode}{_tail(done.stderr)}" if done.returncode else ""


def _is_secret(name: str) -> bool:
    """Spiders need no token, so they get none."""
    return any(word in name.upper() for word in ("TOKEN", "SECRET", "PASSWORD", "API_KEY"))


def _tail(stderr: bytes | None) -> str:
    lines = (stderr or b"").decode("utf-8", "replace").strip().splitlines()[-5:]
    return f", saying: {' / '.join(lines)[-600:]}" if lines else ""


def _verdict(folder: Path, spider: str, trouble: str) -> crawl.CrawlFailed | None:
    path = folder / f"{spider}{crawl.STATS_SUFFIX}"
    if not path.exists():
        return crawl.CrawlFailed(spider, "failed", trouble or "the crawl left no stats")
    return crawl.judge(spider, json.loads(path.read_text()))


def _response(page: dict[str, Any]) -> Response:
    return Response(
        label=page["label"],
        url=page["url"],
        body=base64.b64decode(page["body"]),
        status=page["status"],
        headers={name: page["headers"][name] for name in KEPT_HEADERS if name in page["headers"]},
        fetched_at=datetime.fromisoformat(page["fetched_at"]),
    )


def parse(document: Document) -> Iterator[Parsed]:
    """The prices of one page, read by the spider the document's label names."""
    spider = PAGES.get(document.label)
    if spider is None:
        raise BadDocument(f"no price page is called {document.label!r}; known are {', '.join(PAGES)}")
    try:
        for item in spider.read(document.label, document.body, document.headers):
            if isinstance(item, Price):
                yield Row("price", item.values())
            elif isinstance(item, Rejected):
                yield Reject(item.reason, item.text, "price")
    except UnreadablePage as error:
        raise BadDocument(str(error)) from error


def label_of(file_name: str, body: bytes) -> str:
    """The page a loose file is: the one whose address it bears, else one of the vendor its path names.

    Unrecognised where pages of several vendors would fit.
    """
    shown = body.decode("utf-8", "replace")
    path = file_name.lower()
    named = [spider for spider in SPIDERS.values() if any(name in path for name in (spider.name, *spider.also_called))]
    everything = [(label, spider.pages[label]) for label, spider in PAGES.items()]
    canonical = set(_CANONICAL.findall(shown[:_HEAD_CHARS]))
    addressed = [(label, page) for label, page in everything if canonical & set(_plain_addresses(page))]
    candidates = addressed or [(label, page) for label, page in everything if not named or PAGES[label] in named]
    fitting = _fitting(candidates, shown)
    if fitting and len({PAGES[label] for label in fitting}) == 1:
        return fitting[0]
    return candidates[0][0] if named and len(candidates) == 1 else UNRECOGNISED


def _plain_addresses(page: PricePage) -> list[str]:
    """Addresses as a page writes its canonical one: without query, last slash or the suffix of a Markdown twin."""
    return [url.split("?")[0].removesuffix(".txt").removesuffix(".md").rstrip("/") for url in page.addresses]


def _fitting(candidates: list[tuple[str, PricePage]], shown: str) -> list[str]:
    """Labels of the pages whose model and currency a body names, the most frequent currency first.

    A page in yuan may name dollars in passing, and the reverse.
    """
    folded = shown.lower()
    signs = {
        currency: len(CURRENCY_SIGNS[currency].findall(shown)) for currency in {page.currency for _, page in candidates}
    }
    fitting = [
        (signs[page.currency], label)
        for label, page in candidates
        if page.anchor.lower() in folded and (page.form == "data" or signs[page.currency])
    ]
    return [label for _, label in sorted(fitting, key=lambda item: -item[0])]


source = Source(
    name="price_pages",
    title="Official API price pages",
    homepage="https://platform.claude.com/docs/en/about-claude/pricing",
    licence="Pages are the vendors' own; prices are facts",
    kind=SourceKind.OFFICIAL,
    tables=("price",),
    fetch=fetch,
    parse=parse,
    anchor={label: spider.pages[label].anchor for label, spider in PAGES.items()},
    min_bytes=200,
    max_bytes=20_000_000,
    parser_code=(scrapers.spiders, scrapers.parsing, scrapers.pricing_spider),
    label_of=label_of,
)

defs = source_definitions(source)
