"""The local Hub on a socket: headers, compression, limits, and replies that are wrong on purpose."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator

import httpx2
import pytest

from tests.hub import Altered, LocalHub, Status
from tests.hub.faults import Linked, Replaced, Shortened, html_with_200, not_utf8
from tests.hub.world import World


@pytest.fixture(scope="module")
def world() -> World:
    """A small world that no test of this module changes."""
    return World(models=200, seed=3)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    """A plain client; certificates do not matter to it, and reading those of the system takes time."""
    with httpx2.Client(verify=False) as plain:
        yield plain


class Asked:
    """The world on a socket and one GET at a time."""

    def __init__(self, hub: LocalHub, client: httpx2.Client) -> None:
        self.hub = hub
        self.client = client

    def get(self, target: str, **headers: str) -> httpx2.Response:
        """One GET."""
        return self.client.get(f"{self.hub.url}{target}", headers=headers)


@pytest.fixture
def asked(world: World, client: httpx2.Client) -> Iterator[Asked]:
    """A running server for one test."""
    with LocalHub(world) as running:
        yield Asked(running, client)


def next_url(reply: httpx2.Response) -> str | None:
    """Target of the Link header."""
    return reply.links.get("next", {}).get("url")


def test_every_reply_says_that_it_is_simulated(asked: Asked) -> None:
    asked.hub.fail("likes", Status(503))
    for target in ("/", "/api/models?limit=1", "/api/models/a/b", "/nowhere", "/api/models?expand=likes"):
        assert asked.get(target).headers["x-simulated"] == "true"
    assert "SIMULATED" in asked.get("/").text


def test_bodies_are_packed_when_wished_and_an_etag_saves_them(asked: Asked) -> None:
    with asked.client.stream(
        "GET", f"{asked.hub.url}/api/models?limit=50", headers={"accept-encoding": "gzip"}
    ) as reply:
        packed = b"".join(reply.iter_raw())
    assert reply.headers["content-encoding"] == "gzip"
    plain = asked.get("/api/models?limit=50", **{"accept-encoding": "identity"})
    assert gzip.decompress(packed) == plain.content
    assert plain.headers["content-type"] == "application/json; charset=utf-8"
    assert plain.headers["etag"] == reply.headers["etag"]
    again = asked.get("/api/models?limit=50", **{"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert asked.get("/api/models?limit=51", **{"if-none-match": plain.headers["etag"]}).status_code == 200


def test_the_link_is_absolute_to_the_servers_own_address(asked: Asked) -> None:
    first = asked.get("/api/models?limit=3&sort=createdAt")
    assert (next_url(first) or "").startswith(asked.hub.url)
    second = asked.client.get(next_url(first) or "")
    assert not {row["id"] for row in first.json()} & {row["id"] for row in second.json()}


def test_a_window_is_used_up_and_begins_again(asked: Asked) -> None:
    asked.hub.window.quota, asked.hub.window.seconds = 2, 0.4
    replies = [asked.get("/api/models?limit=1") for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert [reply.headers["ratelimit"].split(";")[1] for reply in replies] == ["r=1", "r=0", "r=0"]
    assert {reply.headers["ratelimit-policy"] for reply in replies} == {'"fixed window";"api";q=2;w=0.4'}
    time.sleep(0.45)
    assert asked.get("/api/models?limit=1").status_code == 200


def test_a_refused_token_is_refused_and_no_token_is_not(asked: Asked) -> None:
    asked.hub.refused_tokens.add("hf_bad")
    assert asked.get("/api/models?limit=1", authorization="Bearer hf_bad").status_code == 401
    assert asked.get("/api/models?limit=1", authorization="Bearer hf_good").status_code == 200
    assert asked.get("/api/models?limit=1").status_code == 200


def test_replies_can_be_well_formed_and_wrong(asked: Asked) -> None:
    first = asked.get("/api/models?limit=5")
    asked.hub.fail(
        "/api/models",
        Altered(html_with_200),
        Altered(not_utf8),
        Altered(Shortened(2)),
        Altered(Linked(f"{asked.hub.url}/api/models?limit=5")),
        Altered(Replaced(first.content)),
    )
    html, broken, short, circle, twice = (asked.get("/api/models?limit=7") for _ in range(5))
    assert html.status_code == 200 and html.text.startswith("<!doctype html>")
    with pytest.raises(UnicodeDecodeError):
        broken.content.decode()
    assert len(short.json()) == 2 and next_url(short)
    assert next_url(circle) == f"{asked.hub.url}/api/models?limit=5"
    assert twice.content == first.content
