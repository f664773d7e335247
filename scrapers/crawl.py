"""Run spiders in this one process: raw bodies and closing stats go into a folder.

`python -m scrapers.crawl --out DIR [--base-url URL] [-s NAME=VALUE] [spider ...]`

The exit code tells nothing of the pages (0 also when every one was refused); `judge` decides from a
spider's closing stats. Parsing of bodies does not belong here.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from scrapers.pricing_spider import PricePageSpider, RawPage

STATS_SUFFIX = ".stats.json"
PAGE_SUFFIX = ".page.json"


@dataclass(frozen=True)
class CrawlFailed:
    """Why a spider's crawl is no good. `kind` is refused, unreachable or failed."""

    spider: str
    kind: str
    reason: str

    def __str__(self) -> str:
        return f"{self.spider}: {self.reason}"


class SavePages:
    """Item pipeline: one file per page, JSON with the body in base64, so that headers and body stay together."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SavePages:
        return cls(Path(crawler.settings["PAGES_FOLDER"]))

    def process_item(self, item: RawPage) -> RawPage:
        page = {
            "label": item.label,
            "url": item.url,
            "status": item.status,
            "headers": dict(item.headers),
            "fetched_at": item.fetched_at.isoformat(),
            "body": base64.b64encode(item.body).decode("ascii"),
        }
        (self._folder / f"{item.label}{PAGE_SUFFIX}").write_text(json.dumps(page))
        return item


def load_settings(overrides: Mapping[str, str] | None = None) -> Settings:
    """The project's settings, with overrides as `scrapy -s` takes them."""
    settings = Settings()
    settings.setmodule("scrapers.settings", priority="project")
    settings.setdict(dict(overrides or {}), priority="cmdline")
    return settings


def load_spiders(settings: Settings | None = None) -> dict[str, type[PricePageSpider]]:
    """Every spider of the project by name; a new file in `scrapers/spiders/` needs no other edit."""
    loader = SpiderLoader.from_settings(settings or load_settings())
    spiders = {name: loader.load(name) for name in sorted(loader.list())}
    return {name: spider for name, spider in spiders.items() if issubclass(spider, PricePageSpider)}


def judge(name: str, stats: Mapping[str, Any]) -> CrawlFailed | None:
    """None for a crawl that brought every page without an error of ours, else what went wrong."""
    faults = []
    if stats.get("finish_reason") != "finished":
        faults.append(f"ended with {stats.get('finish_reason')!r}")
    for key, words in (
        ("spider_exceptions/count", "exceptions in the spider"),
        ("log_count/ERROR", "errors in the log"),
        ("log_count/CRITICAL", "critical errors in the log"),
    ):
        if stats.get(key, 0):
            faults.append(f"{stats[key]} {words}")
    lost = [(*key.split("/", 2)[1:], value) for key, value in sorted(stats.items()) if _is_lost_page(key)]
    wanted, arrived = stats.get("pages/wanted", 0), stats.get("item_scraped_count", 0)
    if faults or lost or arrived < wanted or wanted == 0:
        pages = [f"{label} {kind} ({why})" for kind, label, why in lost]
        counts = [] if arrived == wanted > 0 else [f"{arrived} of {wanted} pages arrived"]
        if not lost:
            counts += _counts(stats)
        kinds = {kind for kind, _, _ in lost}
        kind = kinds.pop() if len(kinds) == 1 and not faults else "failed"
        return CrawlFailed(name, kind, "; ".join([*pages, *faults, *counts]))
    return None


def _is_lost_page(key: str) -> bool:
    return key.startswith(("pages/refused/", "pages/unreachable/", "pages/failed/"))


def _counts(stats: Mapping[str, Any]) -> list[str]:
    """Scrapy's own counts of what stood in the way, for pages whose loss left no reason."""
    groups = ("robotstxt/forbidden", "offsite/filtered", "httperror/response_ignored_status_count/")
    return [f"{key} {value}" for key, value in sorted(stats.items()) if key.startswith(groups)]


def run(names: Sequence[str], out: Path, settings: Settings, base_url: str | None = None) -> None:
    """Crawl with the named spiders, all at once, and write each one's closing stats."""
    settings.set("PAGES_FOLDER", str(out), priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    crawlers = {name: process.create_crawler(name) for name in names}
    for crawler in crawlers.values():
        process.crawl(crawler, base_url=base_url)
    process.start()
    for name, crawler in crawlers.items():
        stats = crawler.stats.get_stats() if crawler.stats else {}
        (out / f"{name}{STATS_SUFFIX}").write_text(json.dumps(stats, default=str, indent=1))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; 0 when the crawl ran, whatever the pages did, 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m scrapers.crawl", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for pages and stats")
    parser.add_argument("--base-url", help="send all requests to this server instead (for tests)")
    parser.add_argument("-s", dest="overrides", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("spiders", nargs="*", help="spiders to run; all without")
    options = parser.parse_args(arguments)
    overrides = dict(text.split("=", 1) for text in options.overrides if "=" in text)
    if len(overrides) != len(options.overrides):
        parser.error("-s takes NAME=VALUE, each name once")
    settings = load_settings(overrides)
    known = load_spiders(settings)
    if unknown := sorted(set(options.spiders) - set(known)):
        parser.error(f"unknown spider {', '.join(unknown)}; known: {', '.join(known)}")
    options.out.mkdir(parents=True, exist_ok=True)
    # The system's resolver waits 10 s and more for a name server that is not there.
    os.environ.setdefault("RES_OPTIONS", "timeout:2 attempts:1")
    fetched = [name for name, spider in known.items() if spider.is_fetched()]
    run(options.spiders or fetched, options.out, settings, options.base_url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
