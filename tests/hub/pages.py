"""A whole crawl of a catalog on disk: the bodies a client would store, byte for byte, without any HTTP.

For measuring a loader on millions of models. A folder of a day holds `page-00001.json.zst` and so on, and at last
`pages.json`, which names every page with its address and its sizes; without it the day is not complete.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import zstandard

from tests.hub.catalog import Catalog
from tests.hub.wire import PAGE_LIMIT, answer
from tests.hub.world import World

BASE_URL = "https://hub.simulated"
# What a daily crawl asks for; the model cards would more than double it.
CRAWLED = (
    "author", "createdAt", "lastModified", "downloads", "downloadsAllTime", "likes", "trendingScore", "tags",
    "pipeline_tag", "library_name", "gated", "private", "disabled", "baseModels", "safetensors",
)  # fmt: skip
ENDINGS = {"zstd": ".zst", "gzip": ".gz", "plain": ""}


@dataclass(frozen=True)
class Page:
    """One reply of a crawl."""

    number: int
    url: str
    next_url: str | None
    body: bytes


@dataclass(frozen=True)
class Written:
    """What was written for one day."""

    day: date
    pages: int
    models: int
    body_bytes: int
    stored_bytes: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"SIMULATED {self.day}: {self.models:,} models on {self.pages:,} pages, {self.body_bytes / 1e6:,.1f} MB of "
            f"bodies, {self.stored_bytes / 1e6:,.1f} MB stored, {self.seconds:.1f} s"
        )


def crawl_pages(
    catalog: Catalog, attributes: Sequence[str] = CRAWLED, page_size: int = PAGE_LIMIT, base_url: str = BASE_URL
) -> Iterator[Page]:
    """Every page of a full crawl by time of creation, following the Link headers."""
    fields = [("limit", str(page_size)), ("sort", "createdAt"), *(("expand", name) for name in attributes)]
    url: str | None = f"{base_url}/api/models?{urlencode(fields)}"
    number = 0
    while url is not None:
        number += 1
        reply = answer(catalog, base_url, url.removeprefix(base_url))
        if reply.status != 200:
            raise ValueError(f"{url} is answered with {reply.status}: {reply.body.decode()}")
        links = httpx2.Response(200, headers={"link": reply.headers.get("Link", "")}).links
        following = links.get("next", {}).get("url")
        yield Page(number, url, following, reply.body)
        url = following


def write_pages(
    folder: Path,
    world: World,
    *,
    compression: str = "zstd",
    attributes: Sequence[str] = CRAWLED,
    page_size: int = PAGE_LIMIT,
    level: int = 3,
) -> Written:
    """Write the crawl of the world's present moment into `folder/YYYY-MM-DD`."""
    started = time.perf_counter()
    target = folder / world.today.isoformat()
    target.mkdir(parents=True)
    zstd = zstandard.ZstdCompressor(level)
    packers: dict[str, Callable[[bytes], bytes]] = {
        "zstd": zstd.compress,
        "gzip": lambda body: gzip.compress(body, level),
        "plain": bytes,
    }
    pack = packers[compression]
    listed: list[dict[str, Any]] = []
    for page in crawl_pages(world, attributes, page_size):
        name = f"page-{page.number:05}.json{ENDINGS[compression]}"
        packed = pack(page.body)
        (target / name).write_bytes(packed)
        entry = {"file": name, "url": page.url, "next": page.next_url, "bytes": len(page.body)}
        listed.append(entry | {"stored_bytes": len(packed)})
    models = int(world.visible.sum())
    written = Written(
        world.today,
        len(listed),
        models,
        sum(entry["bytes"] for entry in listed),
        sum(entry["stored_bytes"] for entry in listed),
        time.perf_counter() - started,
    )
    summary = {name: str(value) if name == "day" else value for name, value in asdict(written).items()}
    (target / "pages.json").write_text(json.dumps({"simulated": True, **summary, "pages": listed}, indent=1))
    return written


def write_days(folder: Path, world: World, days: int, *, compression: str = "zstd") -> Iterator[Written]:
    """The present day and the days after it, each a whole crawl."""
    for number in range(days):
        if number:
            world.next_day()
        yield write_pages(folder, world, compression=compression)
