"""The full crawl of the Hub source against the local Hub, on real sockets: paging, pace and faults."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from huggingface_hub.utils import RateLimitInfo, close_session  # type: ignore[attr-defined]  # lazy exports

from pipelines.defs.sources.hub_models import source
from pipelines.defs.sources.hub_models.client import HubClient, Limits
from pipelines.defs.sources.hub_models.crawl import Watched
from pipelines.defs.sources.hub_models.full import Pace, full_crawl
from pipelines.defs.sources.hub_models.paging import list_url
from pipelines.lib.archive import Archive
from pipelines.lib.capture import capture
from pipelines.lib.http import FetchError, Http, Refused
from pipelines.lib.source import Fetcher, Response
from tests.hub import Altered, Drop, Fault, Hang, LocalHub, Population, RateLimited, Status, Truncated, TruncatedGzip
from tests.hub.faults import Linked, Replaced, Shortened, html_with_200
from tests.hub.limits import RateWindow
from tests.hub.test_crawl import TOKEN, Sends, acme
from tests.hub.wire import Reply, answer
from tests.hub.world import World


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    """Twelve repositories, two on a page."""
    close_session()
    with LocalHub(acme(11), page_limit=2) as running:
        yield running
    close_session()


class Full:
    """A full crawl that keeps what it was told. Waits are noted; they are slept only if `sleep` says so."""

    def __init__(
        self,
        hub: LocalHub,
        *watched: Watched,
        token: str | None = None,
        sleep: Callable[[float], object] = lambda _seconds: None,
        whole_before: frozenset[str] = frozenset(),
        **limits: float,
    ) -> None:
        self.waits: list[float] = []
        self.notes: list[str] = []
        self.responses: list[Response] = []

        def wait(seconds: float) -> None:
            if seconds:
                self.waits.append(seconds)
                sleep(seconds)

        bounds = Limits(**{"read_seconds": 5.0, "pause_seconds": 0.0, **limits})  # type: ignore[arg-type]
        client = HubClient(hub.url, token, bounds, wait, self.notes.append)
        fetcher = Fetcher(Http(), {}, progress=self.notes.append, whole_before=whole_before)
        self._documents = full_crawl(client, watched, fetcher)

    def run(self) -> Full:
        """Fetch everything."""
        for response in self._documents:
            self.responses.append(response)
        return self

    def labels(self) -> list[str]:
        """Names of the documents."""
        return [response.label for response in self.responses]

    def ids(self) -> list[str]:
        """Ids on all list pages, in order."""
        return [row["id"] for response in self.responses for row in json.loads(response.body)]


ALL = [f"models/page-{number:05}" for number in range(1, 7)]
IDS = ["zoo/tuned", *(f"acme/model-{number}" for number in range(11, 0, -1))]


# ---- paging


def test_every_public_repository_is_listed_once_and_the_watched_ones_follow(hub: LocalHub) -> None:
    watched = [Watched("author", "acme"), Watched("repository", "acme/model-1"), Watched("repository", "acme/secret")]
    crawled = Full(hub, *watched).run()
    assert crawled.labels() == [*ALL, "repository/acme/model-1"]
    assert [json.loads(item.body)["childrenModelCount"]["finetune"] for item in crawled.responses[6:]] == [1]
    crawled.responses = crawled.responses[:6]
    assert crawled.ids() == IDS
    assert "acme/secret is skipped" in crawled.notes[-1]
    assert "author=" not in "".join(request.target for request in hub.requests)


@pytest.mark.parametrize("rows", [0, 1])
def test_a_short_or_empty_page_in_the_middle_is_not_the_last(hub: LocalHub, rows: int) -> None:
    hub.fail("cursor=", Altered(Shortened(rows)))
    crawled = Full(hub).run()
    assert crawled.labels() == ALL
    assert crawled.ids() == IDS[:2] + IDS[2 : 2 + rows] + IDS[4:]


def test_the_last_page_may_be_empty_but_never_the_first() -> None:
    with LocalHub(acme(3), page_limit=2) as hub:
        hub.fail("cursor=", Altered(lambda _reply: Reply(200, b"[]", {"Content-Type": "application/json"})))
        assert [item.body for item in Full(hub).run().responses][1:] == [b"[]"]
    with LocalHub(Population([])) as hub:
        crawled = Full(hub)
        with pytest.raises(FetchError, match=r"models/page-00001.*lists no model at all"):
            crawled.run()
        assert crawled.responses == []


def test_a_page_served_twice_is_kept_and_the_crawl_goes_on(hub: LocalHub) -> None:
    first = hub.reply(list_url(hub.url).removeprefix(hub.url)).body
    hub.fail("cursor=", Altered(Replaced(first)))
    crawled = Full(hub).run()
    assert crawled.labels() == ALL
    assert crawled.ids() == IDS[:2] + IDS[:2] + IDS[4:]


def test_the_same_rows_for_ever_are_the_end(hub: LocalHub) -> None:
    pages = [Sends(200, b'[{"id":"a/b"}]', Link=f'</api/models?cursor={n}>; rel="next"') for n in range(50)]
    hub.fail("/api/models", *pages)
    crawled = Full(hub)
    with pytest.raises(FetchError, match=r"models/page-00013\): paging does not end, the 12 pages before .* the same"):
        crawled.run()
    assert len(crawled.responses) == 12


def test_a_cursor_that_loops_is_the_end(hub: LocalHub) -> None:
    Full(hub).run()
    second = f"{hub.url}{hub.requests[1].target}"
    hub.fail("cursor=", Altered(lambda reply: reply), Altered(Linked(second)))
    with pytest.raises(FetchError, match="paging does not end, page 4 has the address of an earlier one"):
        Full(hub).run()


def test_rows_that_move_appear_and_vanish_meanwhile_leave_the_others_where_they_are() -> None:
    world = World(models=600, seed=4)

    def listed() -> dict[str, str]:
        rows = json.loads(answer(world, "", "/api/models?sort=createdAt&expand=downloads").body)
        return {row["_id"]: row["id"] for row in rows}

    def happen() -> None:
        world.advance(hours=7)
        shown = [row for row, visible in enumerate(world.visible) if visible]
        world.edit("delete", shown[-60], shown[len(shown) // 2], shown[len(shown) // 4])
        world.edit("rename", shown[-50], shown[len(shown) // 3])
        world.launch(f"made-in-private-{len(shown)}-{world.now:%d%H}")

    before = listed()
    with LocalHub(world, page_limit=40) as hub:
        hub.change("cursor=", *[happen] * 8)
        crawled = Full(hub).run()
    after = listed()
    assert len(before.keys() - after.keys()) > 10 and len(after.keys() - before.keys()) >= 8
    assert sum(before[key] != after[key] for key in before.keys() & after.keys()) > 8
    seen = [row["_id"] for response in crawled.responses for row in json.loads(response.body)]
    assert len(seen) == len(set(seen))
    assert before.keys() & after.keys() <= set(seen) <= before.keys() | after.keys()


# ---- faults


@pytest.mark.parametrize(
    ("faults", "waits"),
    [
        ((Altered(html_with_200), Altered(html_with_200)), [1.0, 2.0]),
        ((Altered(lambda reply: Reply(200, reply.body[:-1], reply.headers)),), [1.0]),
        ((Altered(lambda reply: Reply(200, reply.body, {**reply.headers, "Content-Type": "text/html"})),), [1.0]),
        ((Altered(lambda reply: Reply(200, b'{"error":"later"}', reply.headers)),), [1.0]),
        ((Altered(lambda reply: Reply(200, b"", reply.headers)),), [1.0]),
        ((Hang(1.5),), [1.0]),
        ((Truncated(), TruncatedGzip(), Drop()), [1.0, 2.0, 4.0]),
        ((RateLimited(7), RateLimited(3), RateLimited(1), RateLimited(0)), [8.0, 4.0, 2.0, 1.0]),
        ((Status(429, retry_after=20), Status(503)), [21.0, 2.0]),
    ],
)
def test_what_passes_is_waited_out(hub: LocalHub, faults: tuple[Fault, ...], waits: list[float]) -> None:
    hub.fail("cursor=", *faults)
    crawled = Full(hub, read_seconds=0.5 if faults == (Hang(1.5),) else 5.0).run()
    assert crawled.ids() == IDS
    assert crawled.waits == waits


def test_pages_for_people_are_never_the_end_of_the_list(hub: LocalHub) -> None:
    hub.fail("cursor=", *[Altered(html_with_200)] * 5)
    crawled = Full(hub)
    with pytest.raises(FetchError, match=r"page-00002\) answered with status 200, but not with JSON.*<!doctype html>"):
        crawled.run()
    assert crawled.labels() == ALL[:1]
    assert len(hub.requests) == 6


# ---- pace


class Counted(RateWindow):
    """A window that counts its refusals."""

    refusals = 0

    @property
    def used_up(self) -> bool:
        """As the window says, counted."""
        self.refusals += super().used_up
        return super().used_up


def test_the_window_is_waited_for_before_it_refuses(hub: LocalHub) -> None:
    hub.window = Counted(quota=4, seconds=1)
    crawled = Full(hub, sleep=time.sleep).run()
    assert crawled.ids() == IDS
    assert hub.window.refusals == 0
    assert len(crawled.waits) >= 1
    assert any("no requests left" in note for note in crawled.notes)


def test_with_requests_left_nothing_is_waited_for_and_unsaid_limits_are_guessed(hub: LocalHub) -> None:
    assert Full(hub, pause_seconds=0.6).run().waits == [0.6]
    silent = [Altered(lambda reply: Reply(reply.status, reply.body, without_limit(reply)))] * 6
    hub.fail("/api/models", *silent)
    assert Full(hub, pause_seconds=0.6).run().waits == [0.6] * 6


def without_limit(reply: Reply) -> dict[str, str]:
    """The headers of a server that does not say how many requests are left."""
    return {name: value for name, value in reply.headers.items() if not name.startswith("RateLimit")}


def test_progress_names_pages_models_requests_and_time() -> None:
    times = iter([100.0, 160.0, 160.0])
    pace = Pace(pages=100, expected=3_012, clock=lambda: next(times))
    pace.pages = 300
    quota = RateLimitInfo("api", remaining=200, reset_in_seconds=92, limit=500, window_seconds=300)
    # 2,712 pages at 0.3 s are 14 minutes; but 200 now, five windows of 500 and a rest of 12 are 27.
    assert pace.line(quota) == (
        "page 300 of about 3,012 · up to 300,000 models · 200 requests left for 92 s · about 27 min to go"
    )
    assert pace.line(None).endswith(" · about 14 min to go")
    assert Pace(5, 4).line(None) == "page 5 · up to 5,000 models"


def test_the_crawl_before_gives_the_number_of_pages(hub: LocalHub) -> None:
    notes = Full(hub, whole_before=frozenset([*ALL, "repository/acme/model-1"])).run().notes
    assert re.match(
        r"page 1 of about 6 · up to 1,000 models · 499 requests left for \d+ s · about 1 min to go", notes[0]
    )
    assert notes[0].startswith("page 1 of about 6 ·") and "all 6 pages" in notes[-1]
    assert Full(hub).run().notes[0].startswith("page 1 · up to 1,000 models")


# ---- the token


def test_a_refused_token_is_put_aside_and_never_told(hub: LocalHub) -> None:
    hub.change("cursor=", lambda: None, lambda: hub.refused_tokens.add(TOKEN))
    crawled = Full(hub, Watched("repository", "acme/model-1"), token=TOKEN).run()
    assert crawled.labels() == [*ALL, "repository/acme/model-1"]
    sent = ["authorization" in request.headers for request in hub.requests]
    assert sent == [True] * 3 + [False] * 5
    (note,) = [note for note in crawled.notes if "HF_TOKEN" in note]
    assert "does not accept the token" in note and TOKEN not in note


def test_when_anyone_is_refused_it_is_an_error(hub: LocalHub) -> None:
    hub.fail("/api/models?", Status(401), Status(401))
    crawled = Full(hub, token=TOKEN)
    with pytest.raises(Refused, match="status 401") as caught:
        crawled.run()
    assert TOKEN not in str(caught.value) + str(crawled.notes)
    assert len(hub.requests) == 2


# ---- the setting


@pytest.mark.parametrize(
    ("mode", "first"), [("", "author/MiniMaxAI"), ("watch", "author/MiniMaxAI"), ("full", "models/")]
)
def test_one_setting_chooses_the_crawl(hub: LocalHub, mode: str, first: str) -> None:
    assert source.fetch is not None
    fetcher = Fetcher(Http(), {"HF_ENDPOINT": hub.url, "MODELMARKET_HUB_CRAWL": mode})
    assert next(iter(source.fetch(fetcher))).label.startswith(first)


def test_any_other_setting_is_an_error(hub: LocalHub, tmp_path: Path) -> None:
    outcome = capture(source, Archive(tmp_path), {"HF_ENDPOINT": hub.url, "MODELMARKET_HUB_CRAWL": "all"})
    assert outcome.problem == "MODELMARKET_HUB_CRAWL must be watch or full, not 'all'; nothing was asked for"
    assert outcome.capture is None and hub.requests == []
