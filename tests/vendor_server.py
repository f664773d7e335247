"""All vendors' price pages on one local server, as `base_url` sends a spider there: the page's host first in the path.

What is served for a page is the fixture of `tests/fixtures/price_pages` with the most prices of its label.
"""

from __future__ import annotations

import json
from pathlib import Path

from pipelines.defs.sources import price_pages
from pipelines.lib.source import Fetcher
from scrapers.pricing_spider import PricePage
from tests.fixture_cases import FIXTURES
from tests.local_server import LocalServer, Reply, quick_http


def fetched_pages() -> dict[str, PricePage]:
    """Every page that is asked for without a browser, by label."""
    declared = ((label, spider.pages[label]) for label, spider in price_pages.PAGES.items())
    return {label: page for label, page in declared if page.is_fetched}


def path_of(url: str) -> str:
    """Where the local server has the page of an address."""
    return "/" + url.removeprefix("https://")


def bodies() -> dict[str, Reply]:
    """What each label is answered with."""
    found: dict[str, tuple[int, Path, dict[str, str]]] = {}
    for path in sorted(FIXTURES.glob("price_pages/*/capture.json")):
        meta = json.loads(path.read_text())
        count = prices_expected(path.parent)
        if count > found.get(meta["label"], (0,))[0]:
            found[meta["label"]] = (count, path.parent / meta["body"], meta["headers"])
    return {label: Reply(path.read_bytes(), headers=headers) for label, (_, path, headers) in found.items()}


def prices_expected(case: Path) -> int:
    """How many prices the fixture of a case is known to hold."""
    return len(json.loads((case / "expected.json").read_text()).get("rows", {}).get("price", ()))


def serve(robots: bytes = b"User-agent: *\nAllow: /\n") -> LocalServer:
    """A server with every page at its first address, and nothing at the second ones."""
    replies = bodies()
    routes = {path_of(page.url): replies[label] for label, page in fetched_pages().items()}
    return LocalServer({"/robots.txt": Reply(robots), **routes})


def pages_asked(server: LocalServer) -> list[str]:
    """Paths that were asked for, in order, without robots.txt."""
    return [path for path, _ in server.requests if path != "/robots.txt"]


def fetcher(base_url: str) -> Fetcher:
    """What the fetch of price pages is given to ask one server for everything."""
    environ = {price_pages.BASE_URL_VARIABLE: base_url, "PATH": "/usr/bin", "HF_TOKEN": "hf_secret"}
    return Fetcher(http=quick_http(), environ=environ)
