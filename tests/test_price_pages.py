"""The Scrapy project on a real local server, how its crawls are judged, and the real pages we keep beside the project.

One crawl in one subprocess runs a spider for each way a page can fail, beside a good one: its exit code is 0, and the
good spider must not be blamed for the others.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from decimal import Decimal
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pipelines.defs.sources import price_pages
from pipelines.lib.http import FetchError, Refused, Unreachable
from pipelines.lib.source import BadDocument, Document, Fetcher, Reject, Row
from scrapers import USER_AGENT, crawl
from scrapers.items import Price
from scrapers.politeness import describe_failure
from scrapers.pricing_spider import GRAIN
from tests.local_server import LocalServer, Reply, quick_http

PROJECT = Path(__file__).resolve().parents[1]
STARTER = PROJECT / "warehouse" / "starter" / "price_pages"
REAL = PROJECT.parent / "shared" / "data" / "web"
CONTRACT = (PROJECT / "warehouse" / "staging" / "price.sql").read_text()

SPIDER = """
class {name}(PricePageSpider):
    name = "{name}"
    pages = {{"{name}": PricePage(url="{url}", currency="USD", anchor="x")}}
"""
BROKEN = """
    def parse(self, response, label):
        raise ValueError("a bug in the spider")
"""


def spiders_file(urls: dict[str, str]) -> str:
    """A module with one spider per address; the one called broken raises in its callback."""
    head = "from scrapers.pricing_spider import PricePage, PricePageSpider\n"
    made = (SPIDER.format(name=name, url=url) + (BROKEN if name == "broken" else "") for name, url in urls.items())
    return head + "\n".join(made)


def redirect(address: str) -> Reply:
    return Reply(status=302, headers={"location": address})


def self_signed(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1 that nobody vouches for, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "server.pem"
    path.write_bytes(key.private_bytes(*form) + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def tls_server(folder: Path) -> Iterator[str]:
    """The address of an HTTPS server without a trusted certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_arguments: None  # type: ignore[method-assign]  # the client hangs up, as it should
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Stats and pages of one crawl against three servers that misbehave in every way we know."""
    folder = tmp_path_factory.mktemp("crawl")
    bomb = Reply(gzip.compress(b"0" * 5_000_000), headers={"content-encoding": "gzip", "content-type": "text/html"})
    robots = Reply(b"User-agent: *\nDisallow: /private\n")
    main = LocalServer(
        {
            "/robots.txt": robots,
            "/ok": Reply(b"fine", headers={"content-type": "text/html", "etag": '"1"', "set-cookie": "a=b"}),
            "/refused": Reply(b"no", 403),
            "/retried": [Reply(b"", 503, {"retry-after": "1"}), Reply(b"second time")],
            "/later": Reply(b"", 503, {"retry-after": "3600"}),
            "/down": Reply(b"", 503),
            "/broken": Reply(b"x"),
            "/private": Reply(b"secret"),
            "/large": Reply(b"x" * 300_000),
            "/bomb": bomb,
            "/cut": Reply(b"half", announced=1000),
            "/moved": redirect("/ok"),
        }
    )
    broken_robots = LocalServer({"/robots.txt": Reply(b"oops", 500), "/page": Reply(b"never asked")})
    no_robots = LocalServer({"/page": Reply(b"no rules here")})
    with main, broken_robots, no_robots, tls_server(folder) as untrusted:
        elsewhere = main.url("/ok").replace("127.0.0.1", "localhost")
        main.routes["/away"] = [redirect(elsewhere)]
        main.routes["/retried_away"] = [Reply(b"", 503), redirect(elsewhere)]
        paths = [path.lstrip("/") for path in main.routes if path != "/robots.txt"] + ["missing"]
        urls = {name: main.url(f"/{name}") for name in paths}
        urls |= {"robots_broken": broken_robots.url("/page"), "robots_absent": no_robots.url("/page")}
        urls |= {"no_answer": "http://127.0.0.1:1/", "no_name": "http://pages.invalid/"}
        urls |= {"untrusted": untrusted}
        (folder / "local_spiders.py").write_text(spiders_file(urls))
        command = [sys.executable, "-m", "scrapers.crawl", "--out", str(folder / "out")]
        for option in ("SPIDER_MODULES=local_spiders", "DOWNLOAD_DELAY=0", "DOWNLOAD_MAXSIZE=200000"):
            command += ["-s", option]
        environ = {"PYTHONPATH": f"{folder}:{PROJECT}"}
        done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, timeout=60, check=False)
        stats = {name: json.loads((folder / "out" / f"{name}.stats.json").read_text()) for name in urls}
        pages = {path.name.split(".")[0]: json.loads(path.read_text()) for path in folder.glob("out/*.page.json")}
        yield {
            "exit": done.returncode,
            "stderr": done.stderr.decode(),
            "stats": stats,
            "pages": pages,
            "main": main,
            "broken_robots": broken_robots,
        }


def test_crawl_exits_zero_whatever_the_pages_do(crawled: dict[str, Any]) -> None:
    assert crawled["exit"] == 0, crawled["stderr"]
    assert set(crawled["pages"]) == {"ok", "retried", "moved", "robots_absent"}


@pytest.mark.parametrize("name", ["ok", "retried", "moved", "robots_absent"])
def test_good_crawl_is_not_blamed_for_its_neighbours(crawled: dict[str, Any], name: str) -> None:
    assert crawl.judge(name, crawled["stats"][name]) is None


@pytest.mark.parametrize(
    ("name", "kind", "why"),
    [
        ("missing", "failed", "status 404"),
        ("refused", "refused", "status 403"),
        ("later", "failed", "status 503"),
        ("down", "failed", "status 503"),
        ("private", "refused", "robots.txt"),
        ("robots_broken", "failed", "robots.txt answered with status 500"),
        ("away", "refused", "another host, localhost"),
        ("retried_away", "refused", "another host, localhost"),
        ("large", "failed", "over the limit"),
        ("bomb", "failed", "exceeded DOWNLOAD_MAXSIZE"),
        ("cut", "failed", "ResponseDataLossError"),
        ("broken", "failed", "1 exceptions in the spider"),
        ("no_answer", "unreachable", "robots.txt"),
        ("no_name", "unreachable", "robots.txt"),
        ("untrusted", "failed", "certificate"),
    ],
)
def test_bad_crawl_is_judged_by_its_stats(crawled: dict[str, Any], name: str, kind: str, why: str) -> None:
    verdict = crawl.judge(name, crawled["stats"][name])
    assert verdict is not None
    assert (verdict.kind, verdict.spider) == (kind, name)
    assert why in verdict.reason, verdict.reason


def test_nothing_forbidden_was_asked_for(crawled: dict[str, Any]) -> None:
    main = crawled["main"]
    assert main.asked("/private") == 0
    assert crawled["broken_robots"].asked("/page") == 0
    assert not [headers for _, headers in main.requests if headers["host"].startswith("localhost")]


def test_requests_carry_our_name_and_nothing_else(crawled: dict[str, Any]) -> None:
    sent = [headers for _, headers in crawled["main"].requests]
    assert {headers["user-agent"] for headers in sent} == {USER_AGENT}
    assert not [headers for headers in sent if {"cookie", "referer", "authorization"} & set(headers)]


def test_retry_waits_as_the_server_asks_or_not_at_all(crawled: dict[str, Any]) -> None:
    assert crawled["stats"]["retried"]["elapsed_time_seconds"] >= 1
    assert crawled["main"].asked("/later") == 1
    assert crawled["main"].asked("/down") == 3


def test_page_is_kept_as_served(crawled: dict[str, Any]) -> None:
    page = crawled["pages"]["ok"]
    assert (page["body"], page["status"]) == ("ZmluZQ==", 200)
    assert page["headers"]["etag"] == '"1"'
    assert dt.datetime.fromisoformat(page["fetched_at"]).tzinfo is not None


def test_unknown_spider_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        crawl.main(["--out", str(tmp_path), "nobody"])
    assert caught.value.code == 2
    assert "unknown spider nobody; known: anthropic, deepseek" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stats", "reason"),
    [
        ({}, "ended with None"),
        ({"finish_reason": "shutdown", "pages/wanted": 1, "item_scraped_count": 1}, "ended with 'shutdown'"),
        ({"finish_reason": "finished"}, "0 of 0 pages"),
        ({"finish_reason": "finished", "pages/wanted": 2, "item_scraped_count": 1}, "1 of 2 pages"),
        (
            {"finish_reason": "finished", "pages/wanted": 1, "item_scraped_count": 1, "log_count/ERROR": 4},
            "4 errors in the log",
        ),
    ],
)
def test_judge_needs_every_sign_to_be_good(stats: dict[str, Any], reason: str) -> None:
    verdict = crawl.judge("acme", stats)
    assert verdict is not None
    assert verdict.kind == "failed"
    assert reason in str(verdict)
    assert crawl.judge("acme", {"finish_reason": "finished", "pages/wanted": 1, "item_scraped_count": 1}) is None


def test_a_fault_of_ours_outweighs_a_refusal() -> None:
    stats = {"finish_reason": "finished", "pages/wanted": 1, "pages/refused/acme": "status 403"}
    verdict, worse = crawl.judge("acme", stats), crawl.judge("acme", stats | {"log_count/ERROR": 1})
    assert verdict is not None and worse is not None
    assert (verdict.kind, worse.kind) == ("refused", "failed")


def test_settings_are_polite_and_closed() -> None:
    settings = crawl.load_settings()
    assert settings.getbool("ROBOTSTXT_OBEY") and settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
    assert settings.getfloat("DOWNLOAD_DELAY") >= 1 and settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") == 1
    assert not settings.getbool("TELNETCONSOLE_ENABLED") and not settings.getbool("REMOTE_CONTROL_ENABLED")
    assert settings["USER_AGENT"] == USER_AGENT


def test_unknown_errors_are_named() -> None:
    assert describe_failure(error=KeyError("x")) == ("failed", "KeyError: 'x'")


def fetcher(base_url: str) -> Fetcher:
    environ = {price_pages.BASE_URL_VARIABLE: base_url, "PATH": "/usr/bin", "HF_TOKEN": "hf_secret"}
    return Fetcher(http=quick_http(), environ=environ)


def starter(day: str, file: str) -> bytes:
    return (STARTER / day / file).read_bytes()


@pytest.fixture
def vendors() -> Iterator[LocalServer]:
    """All vendors' pages on one server, at their real paths."""
    markdown, page = {"content-type": "text/markdown"}, {"content-type": "text/html; charset=utf-8"}
    with LocalServer(
        {
            "/docs/en/about-claude/pricing.md": Reply(starter("2026-08-21", "anthropic.md"), headers=markdown),
            "/quick_start/pricing/": Reply(starter("2026-08-22", "deepseek_usd.html"), headers=page),
            "/zh-cn/quick_start/pricing/": Reply(starter("2026-08-22", "deepseek_cny.html"), headers=page),
        }
    ) as server:
        yield server


def document(label: str, body: bytes, headers: dict[str, str] | None = None) -> Document:
    return Document(label, "https://pages.invalid/", body, dt.datetime(2026, 9, 1, tzinfo=dt.UTC), headers or {})


def prices(body: bytes, label: str) -> list[dict[str, Any]]:
    """All prices of a body, none rejected."""
    parsed = list(price_pages.parse(document(label, body)))
    assert not [item for item in parsed if isinstance(item, Reject)]
    return [dict(item.values) for item in parsed if isinstance(item, Row)]


def test_fetch_brings_every_page_of_every_vendor(vendors: LocalServer) -> None:
    pages = {page.label: page for page in price_pages.fetch(fetcher(vendors.url("")))}
    assert set(pages) == {"anthropic", "deepseek_usd", "deepseek_cny"} == set(price_pages.PAGES)
    assert pages["anthropic"].body == starter("2026-08-21", "anthropic.md")
    assert pages["deepseek_cny"].headers["content-type"] == "text/html; charset=utf-8"
    assert {label: len(prices(page.body, label)) for label, page in pages.items()} == {
        "anthropic": 105,
        "deepseek_usd": 18,
        "deepseek_cny": 18,
    }


def test_fetch_yields_what_arrived_before_it_names_what_did_not(vendors: LocalServer) -> None:
    vendors.routes["/zh-cn/quick_start/pricing/"] = [Reply(b"no", 403)]
    arrived: list[str] = []
    with pytest.raises(Refused, match=r"^deepseek: deepseek_cny refused \(status 403\); 1 of 2 pages arrived"):
        for page in price_pages.fetch(fetcher(vendors.url(""))):
            arrived.append(page.label)
    assert arrived == ["anthropic", "deepseek_usd"]


def test_fetch_without_a_network_ends_within_seconds() -> None:
    started = time.monotonic()
    with pytest.raises(Unreachable, match=r"anthropic: .*; deepseek: "):
        list(price_pages.fetch(fetcher("http://127.0.0.1:1")))
    assert time.monotonic() - started < 8


def test_fetch_stops_a_crawl_that_does_not_end(vendors: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_pages, "TIME_LIMIT_SECONDS", 0.2)
    with pytest.raises(FetchError, match=r"anthropic: the crawl was stopped after 0\.2 s"):
        list(price_pages.fetch(fetcher(vendors.url(""))))


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
        assert stored["url"] == price_pages.PAGES[stored["label"]].pages[stored["label"]].url
        rows = prices((path.parent / stored["file"]).read_bytes(), stored["label"])
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
        rows = prices(starter(day, "deepseek_usd.html"), "deepseek_usd")
        wanted = ("deepseek-v4-pro", "input", window, kind)
        names = ("listing", "component", "window_name", "price_kind")
        return [row["amount"] for row in rows if tuple(row[name] for name in names) == wanted]

    assert input_prices("2026-05-08", None, "promotion") == [Decimal("0.435")]
    assert input_prices("2026-05-08", None, "list") == [Decimal("1.74")]
    assert input_prices("2026-08-22", None, "promotion") == []
    assert input_prices("2026-08-22", "off_peak", "list") == [Decimal("0.66")]
    assert input_prices("2026-08-22", "peak", "list") == [Decimal("1.32")]


@pytest.mark.parametrize(
    ("file_name", "body", "label"),
    [
        ("anthropic/2026_pricing.md", b"Claude Opus 5 $5", "anthropic"),
        ("pricing.md", b"Claude Opus 5 $5 / MTok", "anthropic"),
        ("anthropic/pricing.html", b"<html>nothing", "anthropic"),
        ("deepseek/zh.html", "deepseek-v4-pro 3元 6元, about $1".encode(), "deepseek_cny"),
        ("pricing.html", b"deepseek-v4-pro $0.66", "deepseek_usd"),
        ("deepseek/pricing.html", b"<html>nothing", "unrecognised"),
        ("notes.txt", b"\xff\xfe\x00", "unrecognised"),
    ],
)
def test_loose_file_is_recognised(file_name: str, body: bytes, label: str) -> None:
    assert price_pages.label_of(file_name, body) == label


def test_unrecognised_file_is_a_bad_document() -> None:
    with pytest.raises(BadDocument, match="no price page is called 'unrecognised'; known are anthropic, deepseek_usd"):
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


def real(*parts: str) -> bytes:
    return REAL.joinpath(*parts).read_bytes()


def real_data(function: Callable[..., None]) -> Callable[..., None]:
    """A test on the real pages, skipped where they are absent."""
    skip = pytest.mark.skipif(not REAL.is_dir(), reason="the real pages are not beside the project")
    return pytest.mark.real_data(skip(function))


def amounts(rows: list[dict[str, Any]], listing: str, *components: str, **facts: Any) -> list[list[str]]:
    """The amounts of one listing's components where the other facts hold."""
    chosen = [row for row in rows if row["listing"] == listing and all(row[name] == facts[name] for name in facts)]
    return [[f"{row['amount'].normalize():f}" for row in chosen if row["component"] == name] for name in components]


@real_data
@pytest.mark.parametrize(
    ("file", "count", "models"),
    [
        ("2025-12-11_pricing.md", 74, 10),
        ("2026-05-01_pricing.md", 93, 13),
        ("2026-07-24_pricing.md", 118, 15),
        ("2026-08-21_pricing.md", 109, 15),
    ],
)
def test_real_anthropic_pages(file: str, count: int, models: int) -> None:
    rows = prices(real("anthropic", file), price_pages.label_of(file, real("anthropic", file)))
    assert (len(rows), len({row["listing"] for row in rows})) == (count, models)
    standard = {"service_tier": "standard"}
    assert amounts(rows, "Claude Opus 4", "input", "output", **standard) == [["15"], ["75"]]
    assert amounts(rows, "Claude Opus 4", "cache_write_5m", "cache_write_1h", "cache_read") == [
        ["18.75"],
        ["30"],
        ["1.5"],
    ]
    assert amounts(rows, "Claude Opus 4", "input", "output", service_tier="batch") == [["7.5"], ["37.5"]]


@real_data
def test_real_anthropic_scheduled_price_was_withdrawn() -> None:
    july = prices(real("anthropic", "2026-07-24_pricing.md"), "anthropic")
    august = prices(real("anthropic", "2026-08-21_pricing.md"), "anthropic")
    first = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    until = {"service_tier": "standard", "effective_to": first}
    after = {"service_tier": "standard", "effective_from": first}
    assert amounts(july, "Claude Sonnet 5", "input", "output", **until) == [["2"], ["10"]]
    assert amounts(july, "Claude Sonnet 5", "input", "output", **after) == [["3"], ["15"]]
    always = {"service_tier": "standard", "effective_from": None, "effective_to": None}
    assert amounts(august, "Claude Sonnet 5", "input", "output", **always) == [["2"], ["10"]]
    assert not [row for row in august if row["effective_from"]]


@real_data
def test_real_anthropic_tables_without_a_model_column() -> None:
    december = prices(real("anthropic", "2025-12-11_pricing.md"), "anthropic")
    beyond = {"context_from_tokens": 200_001}
    assert amounts(december, "Claude Sonnet 4.5", "input", "output", **beyond) == [["6"], ["22.5"]]
    assert amounts(december, "Claude Opus 4.5", "input", "output", **beyond) == [[], []]
    may = prices(real("anthropic", "2026-05-01_pricing.md"), "anthropic")
    fast = [row["listing"] for row in may if row["service_tier"] == "fast"]
    assert fast == ["Claude Opus 4.6"] * 2


@real_data
def test_real_anthropic_marketing_page_is_refused() -> None:
    body = real("anthropic", "2026-05-08_claude.com_pricing.html")
    assert price_pages.label_of("anthropic/2026-05-08_claude.com_pricing.html", body) == "anthropic"
    with pytest.raises(BadDocument, match="HTML where Markdown was due"):
        list(price_pages.parse(document("anthropic", body)))


@real_data
def test_real_deepseek_promotion() -> None:
    body = real("deepseek", "2026-05-08_en_pricing.html")
    rows = prices(body, price_pages.label_of("2026-05-08_en_pricing.html", body))
    parts = ("cache_read", "input", "output")
    assert len(rows) == 9
    assert amounts(rows, "deepseek-v4-flash", *parts, price_kind="list") == [["0.0028"], ["0.14"], ["0.28"]]
    assert amounts(rows, "deepseek-v4-pro", *parts, price_kind="promotion") == [["0.003625"], ["0.435"], ["0.87"]]
    assert amounts(rows, "deepseek-v4-pro", *parts, price_kind="list") == [["0.0145"], ["1.74"], ["3.48"]]
    ends = {row["promotion_ends_at"] for row in rows if row["price_kind"] == "promotion"}
    assert ends == {dt.datetime(2026, 5, 31, 15, 59, tzinfo=dt.UTC)}
    assert {row["market"] for row in rows} == {"global"}


@real_data
def test_real_deepseek_yuan_book_ignores_announced_peak_prices() -> None:
    body = real("deepseek", "2026-08-01_zh-cn_clipping.md")
    rows = prices(body, price_pages.label_of("2026-08-01_zh-cn_clipping.md", body))
    parts = ("cache_read", "input", "output")
    assert amounts(rows, "deepseek-v4-flash", *parts) == [["0.02"], ["1"], ["2"]]
    assert amounts(rows, "deepseek-v4-pro", *parts) == [["0.025"], ["3"], ["6"]]
    assert {(row["currency"], row["market"], row["window_name"]) for row in rows} == {("CNY", "cn", None)}


@real_data
def test_real_deepseek_peak_without_stated_hours() -> None:
    rows = prices(real("deepseek", "2026-09_en_peak_offpeak_table.html"), "deepseek_usd")
    assert amounts(rows, "deepseek-v4-pro", "input", "output", window_name="off_peak") == [["0.66"], ["1.98"]]
    assert amounts(rows, "deepseek-v4-pro", "input", "output", window_name="peak") == [["1.32"], ["3.96"]]
    assert amounts(rows, "deepseek-flash", "cache_read", window_name="peak") == [["0.006"]]
    assert {row["window_hours"] for row in rows} == {None}
