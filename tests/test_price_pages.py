"""The source of vendors' price pages: its fetch with every spider on a local server, what its pages and files are, and
what must not be read as prices.

How crawls of pages that misbehave are judged is in `test_price_crawl`; what is read of the real pages in
`test_price_bodies` and in the tests of each vendor.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pipelines.defs.sources import price_pages
from pipelines.lib.http import FetchError, Refused, Unreachable
from pipelines.lib.source import BadDocument, Document, Reject, Response, Row
from scrapers import USER_AGENT
from scrapers.items import Price
from scrapers.pricing_spider import GRAIN, PricePage, PricePageSpider
from tests import vendor_server
from tests.local_server import LocalServer, Reply
from tests.vendor_server import fetched_pages, fetcher, pages_asked, path_of

PROJECT = Path(__file__).resolve().parents[1]
STARTER = PROJECT / "warehouse" / "starter" / "price_pages"
CONTRACT = (PROJECT / "warehouse" / "staging" / "price.sql").read_text()
# Pages whose first address gives nothing in a crawl: what it answers, and whether the second one has the page.
FALLBACKS = {"openai": (404, True), "zai_cny": (403, True), "fireworks": (404, False)}
FORBIDDEN = "deepseek_cny"
REFUSED = "groq"


def document(label: str, body: bytes, headers: dict[str, str] | None = None) -> Document:
    return Document(label, "https://pages.invalid/", body, dt.datetime(2026, 9, 1, tzinfo=dt.UTC), headers or {})


def rows_of(label: str, body: bytes, headers: dict[str, str] | None = None) -> list[dict[str, Any]]:
    parsed = price_pages.parse(document(label, body, headers))
    return [dict(item.values) for item in parsed if isinstance(item, Row)]


@pytest.fixture(scope="module")
def fetched() -> Iterator[tuple[LocalServer, dict[str, Response]]]:
    """One fetch of everything from a server that has every page."""
    with vendor_server.serve() as server:
        yield server, {page.label: page for page in price_pages.fetch(fetcher(server.url("")))}


def test_fetch_brings_every_page_of_every_vendor(fetched: tuple[LocalServer, dict[str, Response]]) -> None:
    _, pages = fetched
    served = vendor_server.bodies()
    assert set(pages) == set(fetched_pages()) and len({spider.name for spider in price_pages.PAGES.values()}) == 19
    for label, page in pages.items():
        assert (page.body, page.status) == (served[label].body, 200), label
        assert page.headers["content-type"] == served[label].headers["content-type"], label
        assert page.url.endswith(path_of(fetched_pages()[label].url)), label
        assert rows_of(label, page.body, dict(page.headers)), label


def test_fetch_asks_once_for_each_page_and_politely(fetched: tuple[LocalServer, dict[str, Response]]) -> None:
    server, _ = fetched
    assert sorted(pages_asked(server)) == sorted(path_of(page.url) for page in fetched_pages().values())
    sent = [headers for _, headers in server.requests]
    assert {headers["user-agent"] for headers in sent} == {USER_AGENT}
    assert not [headers for headers in sent if {"cookie", "referer", "authorization"} & set(headers)]
    # Each spider asks for the rules before its first page, and for them once.
    assert server.asked("/robots.txt") == len(price_pages.FETCHED)


def test_pages_only_a_browser_can_show_are_not_asked_for(fetched: tuple[LocalServer, dict[str, Response]]) -> None:
    server, pages = fetched
    shown = {label: spider.pages[label] for label, spider in price_pages.PAGES.items() if label not in pages}
    assert shown and not any(page.is_fetched for page in shown.values())
    assert not [page.url for page in shown.values() if server.asked(path_of(page.url))]


def test_spider_without_a_page_to_fetch_is_not_run() -> None:
    class Shown(PricePageSpider):
        pages: ClassVar = {"shown": PricePage(url="https://a.invalid/", currency="USD", anchor="x", is_fetched=False)}

    assert not Shown.is_fetched()
    assert all(price_pages.SPIDERS[name].is_fetched() for name in price_pages.FETCHED)
    assert {spider.name for label, spider in price_pages.PAGES.items() if label in fetched_pages()} == set(
        price_pages.FETCHED
    )


@pytest.fixture(scope="module")
def troubled() -> Iterator[tuple[LocalServer, dict[str, Response], str]]:
    """A fetch where some pages are refused, forbidden or not where they were, and what it says in the end."""
    pages, replies = fetched_pages(), vendor_server.bodies()
    robots = f"User-agent: *\nDisallow: {path_of(pages[FORBIDDEN].url)}\n"
    with vendor_server.serve(robots.encode()) as server:
        server.routes[path_of(pages[REFUSED].url)] = [Reply(b"no", 403)]
        for label, (status, has_second) in FALLBACKS.items():
            server.routes[path_of(pages[label].url)] = [Reply(b"not here", status)]
            if has_second:
                server.routes[path_of(pages[label].fallback_url or "")] = [replies[label]]
        arrived: dict[str, Response] = {}
        with pytest.raises(FetchError) as caught:
            for page in price_pages.fetch(fetcher(server.url(""))):
                arrived[page.label] = page
        yield server, arrived, str(caught.value)


Troubled = tuple[LocalServer, dict[str, Response], str]


def test_fetch_yields_what_arrived_before_it_names_what_did_not(troubled: Troubled) -> None:
    _, arrived, message = troubled
    assert set(fetched_pages()) - set(arrived) == {FORBIDDEN, REFUSED, "fireworks"}
    assert f"groq: {REFUSED} refused (status 403); 0 of 1 pages arrived" in message
    assert "fireworks: fireworks failed (status 404); 0 of 1 pages arrived" in message


def test_robots_rules_are_obeyed(troubled: Troubled) -> None:
    server, _, message = troubled
    assert server.asked(path_of(fetched_pages()[FORBIDDEN].url)) == 0
    assert re.search(rf"deepseek: {FORBIDDEN} refused \([^)]*robots\.txt[^)]*\); 1 of 2 pages arrived", message)


@pytest.mark.parametrize("label", FALLBACKS)
def test_second_address_is_asked_where_the_first_gives_nothing(troubled: Troubled, label: str) -> None:
    server, arrived, message = troubled
    first, second = map(path_of, fetched_pages()[label].addresses)
    assert [path for path in pages_asked(server) if path in (first, second)] == [first, second]
    assert (label in arrived, f"{label} " in message) == ((True, False) if FALLBACKS[label][1] else (False, True))
    if label in arrived:
        assert arrived[label].url == server.url(second)


def test_no_page_is_asked_for_twice(troubled: Troubled) -> None:
    assert max(Counter(pages_asked(troubled[0])).values()) == 1


@pytest.fixture(scope="module")
def forbidden() -> Iterator[tuple[LocalServer, str]]:
    """A fetch from a server whose rules forbid everything, and what it says."""
    with vendor_server.serve(b"User-agent: *\nDisallow: /\n") as server:
        with pytest.raises(Refused) as caught:
            list(price_pages.fetch(fetcher(server.url(""))))
        yield server, str(caught.value)


def test_refusals_alone_are_a_refusal(forbidden: tuple[LocalServer, str]) -> None:
    assert names_all(forbidden[1])


def test_two_pages_of_a_host_wait_for_its_rules(forbidden: tuple[LocalServer, str]) -> None:
    on_host = Counter(
        (price_pages.PAGES[label].name, page.url.split("/")[2]) for label, page in fetched_pages().items()
    )
    assert max(on_host.values()) == 2, "a third page of a host is not safe: see the test below"
    few = {name for name in price_pages.FETCHED if len(fetched_of(name)) <= 2}
    asked = pages_asked(forbidden[0])
    assert len(few) > 15
    assert not [path for name in few for path in fetched_of(name) if path in asked]


def test_third_page_of_a_host_waits_for_its_rules(forbidden: tuple[LocalServer, str]) -> None:
    assert len(fetched_of("alibaba")) == 3
    assert not pages_asked(forbidden[0])


def names_all(message: str) -> bool:
    """Whether a message names every spider that fetches, the first three with what went wrong."""
    first, others = price_pages.FETCHED[:3], price_pages.FETCHED[3:]
    return all(f"{name}: {name}" in message for name in first) and message.endswith(", ".join(others))


def fetched_of(spider: str) -> list[str]:
    """Paths of the pages a spider asks for."""
    return [path_of(page.url) for label, page in fetched_pages().items() if price_pages.PAGES[label].name == spider]


def test_fetch_without_a_network_ends_within_seconds() -> None:
    started = time.monotonic()
    with pytest.raises(Unreachable) as caught:
        list(price_pages.fetch(fetcher("http://127.0.0.1:1")))
    assert names_all(str(caught.value))
    assert time.monotonic() - started < 10


def test_fetch_stops_a_crawl_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_pages, "TIME_LIMIT_SECONDS", 0.2)
    with pytest.raises(FetchError, match=r"anthropic: the crawl was stopped after 0\.2 s"):
        list(price_pages.fetch(fetcher("http://127.0.0.1:1")))


def test_fetch_gives_spiders_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = {}

    def run(_command: list[str], env: dict[str, str], **_options: Any) -> subprocess.CompletedProcess[bytes]:
        given.update(env)
        return subprocess.CompletedProcess([], 1, b"", b"Traceback\nImportError: no spiders")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(FetchError, match="exit code 1, saying: Traceback / ImportError: no spiders"):
        list(price_pages.fetch(fetcher("http://127.0.0.1:1")))
    assert "HF_TOKEN" not in given and "PATH" in given


def contract_columns() -> dict[str, tuple[str, set[str] | None]]:
    """Name -> (declaration, accepted words) of the price contract."""
    lines = re.findall(r"^-- column: (\w+) ([^|]+)\|", CONTRACT, re.MULTILINE)
    words = {name: re.search(r"in \((.*?)\)", rest) for name, rest in lines}
    return {name: (rest, set(found[1].split(", ")) if (found := words[name]) else None) for name, rest in lines}


def test_items_and_contract_agree() -> None:
    grain = re.search(r"^-- grain: (.+)$", CONTRACT, re.MULTILINE)
    assert {field.name for field in fields(Price)} == set(contract_columns())
    assert grain and tuple(grain[1].split(", ")) == GRAIN


@pytest.mark.parametrize("path", sorted(STARTER.glob("*/capture.json")), ids=lambda path: path.parent.name)
def test_starter_captures_meet_the_contract(path: Path) -> None:
    capture = json.loads(path.read_text())
    assert capture["captured_at"].startswith(path.parent.name)
    columns = contract_columns()
    for stored in capture["documents"]:
        assert stored["url"] in price_pages.PAGES[stored["label"]].pages[stored["label"]].addresses
        parsed = list(price_pages.parse(document(stored["label"], (path.parent / stored["file"]).read_bytes())))
        assert not [item for item in parsed if isinstance(item, Reject)]
        rows = [dict(item.values) for item in parsed if isinstance(item, Row)]
        for row in rows:
            wrong = {
                name: row[name] for name, (_, words) in columns.items() if words and row[name] not in words | {None}
            }
            absent = {name for name, (rest, _) in columns.items() if "null" not in rest and row[name] is None}
            assert not wrong and not absent, (wrong, absent)
        keys = [tuple(row[name] for name in GRAIN) for row in rows]
        assert len(keys) == len(set(keys)) > 0


def test_starter_history_shows_the_end_of_the_promotion() -> None:
    def input_prices(day: str, window: str | None, kind: str) -> list[Decimal]:
        rows = rows_of("deepseek_usd", (STARTER / day / "deepseek_usd.html").read_bytes())
        wanted = ("deepseek-v4-pro", "input", window, kind)
        names = ("listing", "component", "window_name", "price_kind")
        return [row["amount"] for row in rows if tuple(row[name] for name in names) == wanted]

    assert input_prices("2026-05-08", None, "promotion") == [Decimal("0.435")]
    assert input_prices("2026-05-08", None, "list") == [Decimal("1.74")]
    assert input_prices("2026-08-22", None, "promotion") == []
    assert input_prices("2026-08-22", "off_peak", "list") == [Decimal("0.66")]
    assert input_prices("2026-08-22", "peak", "list") == [Decimal("1.32")]


CANONICAL = '<link rel="canonical" href="{}"/>'
GROQ_URL = "https://console.groq.com/docs/models"


@pytest.mark.parametrize(
    ("file_name", "text", "label"),
    [
        # A vendor named in the path; of its pages the one whose model and currency it shows.
        ("anthropic/2026_pricing.md", "Claude Opus 5 $5", "anthropic"),
        ("anthropic/pricing.html", "<html>nothing", "anthropic"),
        ("bigmodel/pricing.html", "GLM-5 4元 18元", "zai_cny"),
        ("gemini/2026-09-30.md", "gemini-3 $2", "google"),
        ("deepseek/zh.html", "deepseek-v4-pro 3元 6元, about $1", "deepseek_cny"),
        ("deepseek/pricing.html", "<html>nothing", "unrecognised"),
        ("minimax/paygo.md", "MiniMax-M3 ¥2.1", "minimax_cny"),
        # No vendor named: an address of its own, also of a page that speaks of others' models, or one vendor's alone.
        ("saved.html", CANONICAL.format(GROQ_URL) + "gpt-oss $0.15, Qwen $0.29, Claude Opus $5", "groq"),
        ("saved.html", CANONICAL.format(GROQ_URL + "/") + "gpt-oss $0.15", "groq"),
        ("anthropic/saved.html", CANONICAL.format(GROQ_URL) + "gpt-oss $0.15", "groq"),
        ("pricing.md", "Claude Opus 5 $5 / MTok", "anthropic"),
        ("pricing.html", "deepseek-v4-pro $0.66", "deepseek_usd"),
        # Models of several vendors, or of none.
        ("pricing.md", "Claude Opus 5 $5, gpt-oss $0.15", "unrecognised"),
        ("pricing.md", "Claude Opus 5", "unrecognised"),
        ("notes.txt", "\x00", "unrecognised"),
    ],
)
def test_loose_file_is_recognised(file_name: str, text: str, label: str) -> None:
    assert price_pages.label_of(file_name, text.encode()) == label


def test_every_fixture_in_its_vendors_folder_is_recognised_as_its_vendors() -> None:
    for label, reply in vendor_server.bodies().items():
        found = price_pages.label_of(f"{price_pages.PAGES[label].name}/page", reply.body)
        assert price_pages.PAGES[found].name == price_pages.PAGES[label].name, (label, found)


def test_unrecognised_file_is_a_bad_document_that_lists_the_labels() -> None:
    listed = re.escape(", ".join(price_pages.PAGES))
    assert len(price_pages.PAGES) == 32
    with pytest.raises(BadDocument, match=rf"no price page is called 'unrecognised'; known are {listed}$"):
        list(price_pages.parse(document("unrecognised", b"x")))


@pytest.mark.parametrize("body", [b"", b" \n", b"\x00\x01Claude Opus $1", b"\xff" * 300, b"Claude Opus $1 " * 9])
def test_hostile_bodies_are_bad_documents(body: bytes) -> None:
    for label in price_pages.PAGES:
        with pytest.raises(BadDocument):
            list(price_pages.parse(document(label, body)))


def test_giant_spans_and_deep_nesting_stay_small() -> None:
    rows = "".join('<tr><td rowspan="999999999" colspan="999999999">deepseek-x $1</td></tr>' for _ in range(500))
    for body in (f"<table>{rows}</table>", f"<table><tr><td>MODEL{'<div>' * 20_000}deepseek-x $1</table>"):
        with pytest.raises(BadDocument):
            list(price_pages.parse(document("deepseek_usd", body.encode())))
