"""The full crawl: every public repository of the Hub on some 3,000 list pages, then the watched derivative counts.

Here belongs what makes it bearable: going on behind the last page that was stored, and telling how far it is. Rows
that appear or vanish meanwhile do not move the others, because pages follow the time of creation.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import ceil

from huggingface_hub.utils import RateLimitInfo  # type: ignore[attr-defined]  # lazy export

from pipelines.defs.sources.hub_models.client import HubClient
from pipelines.defs.sources.hub_models.crawl import Watched, detail, detail_label
from pipelines.defs.sources.hub_models.paging import PAGE_SIZE, follow, list_url
from pipelines.lib.http import FetchError
from pipelines.lib.source import Fetcher, Response

PAGES = "models/page-"
MAX_PAGES = 20_000
TOLD_EACH = 25


def full_crawl(client: HubClient, watched: Iterable[Watched], fetcher: Fetcher) -> Iterator[Response]:
    """Yield every list page behind those of an interrupted attempt, then every watched repository it lacks."""
    pages = [stored for stored in fetcher.resumed if stored.label.startswith(PAGES)]
    expected = sum(label.startswith(PAGES) for label in fetcher.whole_before)
    pace = Pace(len(pages), expected)
    for response in follow(client, list_url(client.endpoint), page_label, MAX_PAGES, pages):
        _require_rows_on_the_first(response)
        yield response
        pace.pages += 1
        if pace.arrived == 1 or pace.pages % TOLD_EACH == 0:
            fetcher.progress(pace.line(client.quota))
    fetcher.progress(f"all {pace.pages:,} pages of the Hub are here; now the watched repositories")
    here = {stored.label for stored in fetcher.resumed}
    for item in watched:
        if item.kind == "repository" and detail_label(item.value) not in here:
            yield from detail(client, item.value, fetcher.progress)


def page_label(number: int) -> str:
    """Name of the document of one page."""
    return f"{PAGES}{number:05}"


def _require_rows_on_the_first(response: Response) -> None:
    """The last page may be empty, when what was on it has vanished; a Hub without models is no Hub."""
    if response.label == page_label(1) and not response.body.strip(b"[] \t\r\n"):
        raise FetchError(f"{response.url.partition('?')[0]} ({response.label}) lists no model at all")


@dataclass
class Pace:
    """How far the crawl is. `pages` counts those of the interrupted attempt too; `expected` is 0 where unknown."""

    pages: int
    expected: int
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._resumed, self._started = self.pages, self.clock()

    @property
    def arrived(self) -> int:
        """Pages of this attempt."""
        return self.pages - self._resumed

    def line(self, quota: RateLimitInfo | None) -> str:
        """Pages, models, requests and time left, as far as they are known."""
        known = self.pages <= self.expected
        parts = [f"page {self.pages:,}" + (f" of about {self.expected:,}" if known else "")]
        parts.append(f"up to {self.pages * PAGE_SIZE:,} models")
        if quota:
            parts.append(f"{quota.remaining:,} requests left for {quota.reset_in_seconds} s")
        if known:
            parts.append(f"about {ceil(self.seconds_left(quota) / 60)} min to go")
        return " · ".join(parts)

    def seconds_left(self, quota: RateLimitInfo | None) -> float:
        """At the pace so far, and with the waits for further windows of requests."""
        left = self.expected - self.pages
        each = (self.clock() - self._started) / max(self.arrived, 1)
        if not quota or not quota.limit or not quota.window_seconds or left <= quota.remaining:
            return left * each
        windows, rest = divmod(left - quota.remaining, quota.limit)
        return max(left * each, quota.reset_in_seconds + windows * quota.window_seconds + rest * each)
