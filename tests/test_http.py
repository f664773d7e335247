"""The HTTP client on real sockets: what is refused, what is tried again, and how it says so."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from pipelines.lib.http import FetchError, Refused, TooLarge, Truncated, Unreachable
from tests.local_server import LocalServer, Reply, quick_http

GZIP = {"content-encoding": "gzip"}


def get(reply: Reply | list[Reply], **options: int) -> tuple[bytes, int]:
    with LocalServer({"/x": reply}) as server, quick_http(**options) as http:
        response = http.get(server.url("/x"))
        return response.body, server.asked("/x")


def test_a_gzipped_body_arrives_unpacked() -> None:
    assert get(Reply(gzip.compress(b"hello"), headers=GZIP)) == (b"hello", 1)


def test_a_zip_bomb_is_stopped_at_the_limit() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 60_000
    with pytest.raises(TooLarge, match="more than the limit of 1000000 bytes"):
        get(Reply(bomb, headers=GZIP), max_bytes=1_000_000)


def test_a_body_announced_too_large_is_not_read() -> None:
    with pytest.raises(TooLarge, match="announces 1073741824 bytes"):
        get(Reply(b"x", announced=1 << 30), max_bytes=1_000_000)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"half", announced=400),
        Reply(gzip.compress(b"hello" * 1000)[:-20], headers=GZIP),
        Reply(b"no gzip", headers=GZIP),
    ],
    ids=["short", "gzip cut off", "not gzip"],
)
def test_a_cut_off_body_is_tried_again_and_then_an_error(reply: Reply) -> None:
    assert get([reply, Reply(b"whole")]) == (b"whole", 2)
    with pytest.raises(Truncated):
        get(reply)


def test_an_encoding_nobody_asked_for_is_an_error() -> None:
    with pytest.raises(FetchError, match="'br'"):
        get(Reply(b"x", headers={"content-encoding": "br"}))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_is_tried_again(status: int) -> None:
    assert get([Reply(b"", status), Reply(b"ok")]) == (b"ok", 2)


def test_retry_after_is_obeyed_as_seconds_and_as_date() -> None:
    waits: list[float] = []
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    replies = [Reply(b"", 429, {"retry-after": "7"}), Reply(b"", 503, {"retry-after": soon}), Reply(b"ok")]
    with LocalServer({"/x": replies}) as server, quick_http() as http:
        http._sleep = waits.append
        assert http.get(server.url("/x")).body == b"ok"
    assert waits[0] == 7 and 15 < waits[1] <= 20


@pytest.mark.parametrize("status", [401, 403, 451])
def test_a_refusal_is_final(status: int) -> None:
    with LocalServer({"/x": Reply(b"", status)}) as server, quick_http() as http:
        with pytest.raises(Refused) as caught:
            http.get(server.url("/x"))
        assert server.asked("/x") == 1 and caught.value.status == status


def test_a_missing_page_keeps_its_status() -> None:
    with pytest.raises(FetchError) as caught:
        get(Reply(b"", 404))
    assert caught.value.status == 404


def test_a_redirect_stays_on_its_host() -> None:
    with (
        LocalServer({"/x": Reply(b"", 302, {"location": "/y"}), "/y": Reply(b"there")}) as server,
        quick_http() as http,
    ):
        assert http.get(server.url("/x")).body == b"there"
    elsewhere = Reply(b"", 302, {"location": "http://127.0.0.1:1/steal"})
    with pytest.raises(Refused, match="another host"):
        get(elsewhere)


def test_a_circle_of_redirects_ends() -> None:
    with pytest.raises(FetchError, match="redirects more than"):
        get(Reply(b"", 302, {"location": "/x"}))


def test_robots_rules_are_obeyed() -> None:
    rules = Reply(b"User-agent: *\nDisallow: /private\n")
    with LocalServer({"/robots.txt": rules, "/private": Reply(b"x")}) as server, quick_http() as http:
        with pytest.raises(Refused, match=r"disallowed by .*robots\.txt"):
            http.get(server.url("/private"))
        assert server.asked("/private") == 0


@pytest.fixture
def closed_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener.getsockname()[1]


def test_no_server_is_said_at_once(closed_port: int) -> None:
    waits: list[float] = []
    with quick_http() as http:
        http._sleep = waits.append
        with pytest.raises(Unreachable, match="could not be reached"):
            http.get(f"http://127.0.0.1:{closed_port}/x")
    assert not [wait for wait in waits if wait >= 1]
