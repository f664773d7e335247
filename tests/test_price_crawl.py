"""The Scrapy project on real local servers that misbehave, and how its crawls are judged.

One crawl in one subprocess runs a spider for each way a page can fail, beside a good one: its exit code is 0, and the
good spider must not be blamed for the others. The vendors' own spiders are crawled with in `test_price_pages`.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from scrapers import USER_AGENT, crawl
from scrapers.politeness import describe_failure
from tests.local_server import LocalServer, Reply

PROJECT = Path(__file__).resolve().parents[1]

SPIDER = """
class {name}(PricePageSpider):
    name = "{name}"
    pages = {{"{name}": PricePage(url="{url}", fallback_url={fallback!r}, currency="USD", anchor="x")}}
"""
GOOD = ("ok", "retried", "moved", "robots_absent", "second", "second_refused", "second_forbidden")
BROKEN = """
    def parse(self, response, label):
        raise ValueError("a bug in the spider")
"""


# Spider -> its page's first address and the one to ask where that gives nothing.
FALLBACKS = {
    "second": ("/missing", "/second"),
    "second_refused": ("/refused", "/second_refused"),
    "second_forbidden": ("/private", "/second_forbidden"),
    "second_useless": ("/missing", "/refused"),
    "second_private": ("/missing", "/private"),
}


def spiders_file(urls: Mapping[str, tuple[str, ...]]) -> str:
    """A module with one spider per page, each of one address or two; the one called broken raises in its callback."""
    head = "from scrapers.pricing_spider import PricePage, PricePageSpider\n"
    made = (
        SPIDER.format(name=name, url=first, fallback=second[0] if second else None)
        + (BROKEN if name == "broken" else "")
        for name, (first, *second) in urls.items()
    )
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
            **{second: Reply(b"here") for _, second in FALLBACKS.values() if second.startswith("/second")},
        }
    )
    broken_robots = LocalServer({"/robots.txt": Reply(b"oops", 500), "/page": Reply(b"never asked")})
    no_robots = LocalServer({"/page": Reply(b"no rules here")})
    with main, broken_robots, no_robots, tls_server(folder) as untrusted:
        elsewhere = main.url("/ok").replace("127.0.0.1", "localhost")
        main.routes["/away"] = [redirect(elsewhere)]
        main.routes["/retried_away"] = [Reply(b"", 503), redirect(elsewhere)]
        paths = [path.lstrip("/") for path in main.routes if not path.startswith(("/robots", "/second"))] + ["missing"]
        urls = {name: (main.url(f"/{name}"),) for name in paths}
        urls |= {"robots_broken": (broken_robots.url("/page"),), "robots_absent": (no_robots.url("/page"),)}
        urls |= {"no_answer": ("http://127.0.0.1:1/",), "no_name": ("http://pages.invalid/",)}
        urls |= {"untrusted": (untrusted,)}
        urls |= {name: tuple(map(main.url, addresses)) for name, addresses in FALLBACKS.items()}
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
    assert set(crawled["pages"]) == set(GOOD)


@pytest.mark.parametrize("name", GOOD)
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
        ("second_useless", "refused", "status 403"),
        ("second_private", "refused", "robots.txt"),
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


@pytest.mark.parametrize("name", ["second", "second_refused", "second_forbidden"])
def test_page_of_a_second_address_says_where_it_is_from(crawled: dict[str, Any], name: str) -> None:
    assert crawled["pages"][name]["url"] == crawled["main"].url(f"/{name}")
    assert crawled["main"].asked(f"/{name}") == 1


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
    assert f"unknown spider nobody; known: {', '.join(crawl.load_spiders())}" in capsys.readouterr().err


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
