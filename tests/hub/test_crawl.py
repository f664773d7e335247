"""The Hub source's fetch against the local Hub, on real sockets."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from huggingface_hub import HfApi
from huggingface_hub.utils import close_session  # type: ignore[attr-defined]  # lazy export

from pipelines.defs.sources.hub_models import source
from pipelines.defs.sources.hub_models.client import HubClient, Limits
from pipelines.defs.sources.hub_models.crawl import Watched, crawl
from pipelines.lib.http import FetchError, Http, Refused, TooLarge, Truncated, Unreachable
from pipelines.lib.source import Fetcher, Response
from tests.hub import Drip, Drop, Fault, Hang, LocalHub, Population, RateLimited, Repository, Status, TruncatedGzip
from tests.hub import Truncated as TruncatedBody
from tests.hub.wire import Reply

TOKEN = "hf_0123456789secret"
AUTHOR = Watched("author", "acme")
FIRST_PAGE = "author/acme/page-1"


def repository(name: str, number: int, **attributes: Any) -> Repository:
    """A repository with the attributes every one has."""
    common = {"createdAt": f"2026-01-{number:02}T00:00:00.000Z", "downloads": 100 * number, "likes": number, "tags": []}
    return Repository(name, f"{number:024x}", {"trendingScore": 0} | common | attributes)


def acme(count: int = 5) -> Population:
    """`count` repositories of one namespace, one of another, a private one and a renamed one."""
    own = [repository(f"acme/model-{number}", number) for number in range(1, count + 1)]
    child = repository("zoo/tuned", 20, tags=["base_model:acme/model-1", "base_model:finetune:acme/model-1"])
    hidden = Repository("acme/secret", "f" * 24, {"createdAt": "2026-01-31T00:00:00.000Z"}, private=True)
    return Population([*own, child, hidden], renamed={"acme/old-name": "acme/model-1"})


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    """A local Hub with two rows on a page; the library's shared session is not carried over."""
    close_session()
    with LocalHub(acme(), page_limit=2) as running:
        yield running
    close_session()


class Crawl:
    """A crawl of a local Hub that keeps what it was told and does not really wait."""

    def __init__(self, hub: LocalHub, *watched: Watched, token: str | None = None, **limits: float) -> None:
        self.waits: list[float] = []
        self.notes: list[str] = []
        self.responses: list[Response] = []
        bounds = Limits(**{"read_seconds": 5.0, "pause_seconds": 0.0, **limits})  # type: ignore[arg-type]
        client = HubClient(hub.url, token, bounds, lambda seconds: self.waits.append(seconds) if seconds else None)
        self._documents = crawl(client, watched or (AUTHOR,), self.notes.append)

    def run(self) -> Crawl:
        """Fetch everything."""
        for response in self._documents:
            self.responses.append(response)
        return self

    def ids(self) -> list[str]:
        """Ids on all list pages, in order."""
        return [row["id"] for response in self.responses for row in json.loads(response.body)]


# ---- the local Hub is one that the genuine client library understands


def test_the_genuine_client_reads_the_local_hub(hub: LocalHub) -> None:
    api = HfApi(endpoint=hub.url, token=False)
    listed = list(api.list_models(author="acme", sort="created_at", expand=["downloads", "baseModels"]))
    assert [item.id for item in listed] == [f"acme/model-{number}" for number in (5, 4, 3, 2, 1)]
    assert [item.downloads for item in listed] == [500, 400, 300, 200, 100]
    detail = api.model_info("acme/old-name", expand=["childrenModelCount"])
    assert detail.id == "acme/model-1"
    assert vars(detail)["children_model_count"] == {"adapter": 0, "merge": 0, "quantized": 0, "finetune": 1}


def test_the_local_hub_refuses_when_its_window_is_used_up(hub: LocalHub) -> None:
    hub.window.quota = 1
    with pytest.raises(FetchError, match="status 429"):
        Crawl(hub, attempts=1).run()


# ---- fetch


def test_pages_follow_the_absolute_link_and_bodies_are_as_served(hub: LocalHub) -> None:
    crawled = Crawl(hub).run()
    assert [response.label for response in crawled.responses] == [f"author/acme/page-{n}" for n in (1, 2, 3)]
    assert crawled.ids() == [f"acme/model-{number}" for number in (5, 4, 3, 2, 1)]
    assert all(response.url.startswith(hub.url) and response.status == 200 for response in crawled.responses)
    for response, request in zip(crawled.responses, hub.requests, strict=True):
        assert response.body == hub.reply(request.target).body
        assert response.headers["etag"].startswith('W/"')


def test_a_search_narrows_a_namespace_and_names_the_document(hub: LocalHub) -> None:
    crawled = Crawl(hub, Watched("author", "acme?search=MODEL-3")).run()
    assert [response.label for response in crawled.responses] == ["author/acme/MODEL-3/page-1"]
    assert crawled.ids() == ["acme/model-3"]


@pytest.mark.parametrize(
    ("faults", "waits"),
    [
        ((RateLimited(7),), [8.0]),
        ((RateLimited(9999),), [301.0]),
        ((Status(503), Status(503)), [1.0, 2.0]),
        ((Status(500, retry_after=3),), [4.0]),
        ((Hang(1.5),), [1.0]),
        ((TruncatedBody(),), [1.0]),
        ((TruncatedGzip(),), [1.0]),
        ((Drop(),), [1.0]),
        ((Status(502), Drop(), TruncatedBody(), RateLimited(2)), [1.0, 2.0, 4.0, 3.0]),
    ],
)
def test_a_passing_fault_is_waited_out(hub: LocalHub, faults: tuple[Fault, ...], waits: list[float]) -> None:
    hub.fail("cursor=", *faults)
    crawled = Crawl(hub, read_seconds=0.5 if faults == (Hang(1.5),) else 5.0).run()
    assert crawled.ids() == [f"acme/model-{number}" for number in (5, 4, 3, 2, 1)]
    assert crawled.waits == waits


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        (Status(503), FetchError, "status 503"),
        (RateLimited(1), FetchError, "status 429"),
        (Hang(1.0), Unreachable, "did not answer in time"),
        (TruncatedBody(), Truncated, "ended before"),
        (TruncatedGzip(), Truncated, "compression is broken"),
    ],
)
def test_a_lasting_fault_ends_the_crawl_and_what_arrived_is_kept(
    hub: LocalHub, fault: Fault, error: type[Exception], says: str
) -> None:
    hub.fail("cursor=", fault, fault)
    crawled = Crawl(hub, attempts=2, read_seconds=0.5 if fault == Hang(1.0) else 5.0)
    with pytest.raises(error, match=says):
        crawled.run()
    assert [response.label for response in crawled.responses] == [FIRST_PAGE]
    assert len(hub.requests) == 3


def test_a_body_that_drips_for_ever_is_given_up(hub: LocalHub) -> None:
    hub.fail("/api/models", Drip(0.05))
    with pytest.raises(Unreachable, match="did not answer in time"):
        Crawl(hub, attempts=1, total_seconds=0.3).run()


def test_a_request_error_is_not_repeated_and_quotes_the_hub(hub: LocalHub) -> None:
    hub.fail("/api/models", Status(400))
    with pytest.raises(FetchError, match=r"author/acme/page-1\) answered with status 400: .*Internal error"):
        Crawl(hub).run()
    assert len(hub.requests) == 1


def test_a_hidden_repository_is_skipped_and_a_rename_followed(hub: LocalHub) -> None:
    wanted = [Watched("repository", name) for name in ("acme/secret", "acme/old-name", "acme/none", "acme/model-2")]
    crawled = Crawl(hub, *wanted).run()
    assert [response.label for response in crawled.responses] == ["repository/acme/old-name", "repository/acme/model-2"]
    assert [json.loads(response.body)["id"] for response in crawled.responses] == ["acme/model-1", "acme/model-2"]
    assert len(crawled.notes) == 3
    assert re.search("acme/secret is skipped.*status 401.*Invalid username or password", crawled.notes[0])
    assert "acme/old-name is now called acme/model-1" in crawled.notes[1]
    assert "acme/none is skipped" in crawled.notes[2]


def test_a_refused_list_is_an_error_for_then_the_token_is_wrong(hub: LocalHub) -> None:
    hub.fail("/api/models?", Status(401))
    with pytest.raises(Refused, match="status 401"):
        Crawl(hub).run()


def test_the_token_goes_into_the_header_and_nowhere_else(hub: LocalHub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    hub.fail("/api/models/acme/model-1", Status(503))
    crawled = Crawl(hub, AUTHOR, Watched("repository", "acme/model-1"), token=f" {TOKEN}\n").run()
    assert all(request.headers["authorization"] == f"Bearer {TOKEN}" for request in hub.requests)
    assert all(request.headers["user-agent"].startswith("modelmarket/") for request in hub.requests)
    written = repr(crawled.responses) + repr(crawled.notes) + caplog.text + "".join(r.target for r in hub.requests)
    assert TOKEN not in written


def test_without_a_token_of_ours_none_is_sent(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    Crawl(hub).run()
    assert all("authorization" not in request.headers for request in hub.requests)


def test_a_token_no_header_can_carry_is_refused_without_quoting_it() -> None:
    with pytest.raises(FetchError, match="HF_TOKEN holds characters") as caught:
        HubClient(token="hf_abc\ndef")
    assert "hf_abc" not in str(caught.value)


class Sends:
    """A fault that sends one given answer in place of the reply."""

    def __init__(self, status: int, body: bytes = b"[]", **headers: str) -> None:
        self.status, self.body, self.headers = status, body, headers

    def send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        """The given answer."""
        handler.send_response(self.status)
        for name, value in ({"Content-Length": str(len(self.body))} | self.headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(self.body)


@pytest.mark.parametrize(
    "elsewhere", ["http://localhost:1/api/models", "https://127.0.0.1/api/models", "//example.org/"]
)
def test_neither_a_redirect_nor_a_next_page_leaves_the_host(hub: LocalHub, elsewhere: str) -> None:
    hub.fail(
        "/api/models", Sends(307, Location=elsewhere), Sends(200, b'[{"id":1}]', Link=f'<{elsewhere}>; rel="next"')
    )
    with pytest.raises(Refused, match="another host"):
        Crawl(hub, token=TOKEN).run()
    second = Crawl(hub, token=TOKEN)
    with pytest.raises(Refused, match="another host"):
        second.run()
    assert [response.label for response in second.responses] == [FIRST_PAGE]


def test_paging_and_redirects_in_circles_end(hub: LocalHub) -> None:
    here = f"{hub.url}/api/models?again"
    hub.fail("/api/models", *[Sends(200, Link=f'<{here}>; rel="next"')] * 2)
    with pytest.raises(FetchError, match="paging does not end"):
        Crawl(hub).run()
    hub.fail("/api/models", *[Sends(302, Location=here)] * 6)
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        Crawl(hub).run()


def test_a_body_over_the_limit_is_refused_announced_or_not(hub: LocalHub) -> None:
    with pytest.raises(TooLarge, match="announces"):
        Crawl(hub, max_bytes=10).run()
    bomb = gzip.compress(b" " * 1_000_000)
    hub.fail("/api/models", Sends(200, bomb, Content_Encoding="gzip"))
    with pytest.raises(TooLarge, match="sends more"):
        Crawl(hub, max_bytes=100_000).run()
    hub.fail("/api/models", Sends(200, b"x", Content_Encoding="zstd"))
    with pytest.raises(FetchError, match="'zstd'"):
        Crawl(hub).run()


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "http://hub.invalid"])
def test_without_a_network_it_fails_at_once_in_one_sentence(endpoint: str) -> None:
    started = time.monotonic()
    fetched = source.fetch(Fetcher(Http(), {"HF_ENDPOINT": endpoint})) if source.fetch else []
    with pytest.raises(Unreachable) as caught:
        list(fetched)
    assert time.monotonic() - started < 5
    assert str(caught.value).startswith(f"{endpoint}/api/models (author/MiniMaxAI/page-1) could not be reached")
    assert "\n" not in str(caught.value)


def test_offline_mode_of_the_library_counts_as_unreachable(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.is_offline_mode", lambda: True)
    with pytest.raises(Unreachable, match="HF_HUB_OFFLINE"):
        Crawl(hub).run()
