"""The local Hub on the wire: paging, attributes, refusals, limits and faults as the real one shows them."""

from __future__ import annotations

import base64
import itertools
import json
import re
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from tests.hub import Population, Repository, cursor
from tests.hub.catalog import LIST_ATTRIBUTES, SORTS, Query
from tests.hub.wire import Reply, answer, text_reply
from tests.hub.world import World

BASE = "https://hub.simulated"
WIRE = Path(__file__).resolve().parents[3] / "shared" / "data" / "hub" / "wire"


@pytest.fixture(scope="module")
def world() -> World:
    """A small world that no test of this module changes."""
    return World(models=1_500, seed=3)


def ask(catalog: Any, target: str, page_limit: int = 1000) -> Reply:
    """A reply on paper."""
    return answer(catalog, BASE, target, page_limit)


def rows(reply: Reply) -> list[dict[str, Any]]:
    """Models of a list."""
    assert reply.status == 200, reply.body
    return list(json.loads(reply.body))


def next_url(reply: Reply | httpx2.Response) -> str | None:
    """Target of the Link header."""
    headers = {name.lower(): value for name, value in reply.headers.items()}
    found = re.fullmatch(r'<([^>]+)>; rel="next"', headers.get("link", ""))
    return found[1] if found else None


def everything(catalog: Any, query: str, limit: int) -> list[dict[str, Any]]:
    """All rows of a list, following the links."""
    url: str | None = f"{BASE}/api/models?limit={limit}&{query}"
    found: list[dict[str, Any]] = []
    while url:
        reply = ask(catalog, url.removeprefix(BASE))
        found += rows(reply)
        url = next_url(reply)
    return found


# ---- lists and cursors


@pytest.mark.parametrize("sort", SORTS)
def test_pages_of_any_size_give_every_row_once_in_order(world: World, sort: str) -> None:
    whole = everything(world, f"sort={sort}&expand={sort}", 1000)
    assert len(whole) == world.visible.sum()
    assert [row["_id"] for row in everything(world, f"sort={sort}&expand={sort}", 97)] == [row["_id"] for row in whole]
    for first, second in itertools.pairwise(whole):
        assert first[sort] > second[sort] or (first[sort] == second[sort] and first["_id"] < second["_id"])


def test_without_a_limit_or_with_a_huge_one_a_page_has_a_thousand_rows(world: World) -> None:
    assert len(rows(ask(world, "/api/models"))) == len(rows(ask(world, "/api/models?limit=5000"))) == 1000


def test_the_cursor_is_the_hubs_keyset(world: World) -> None:
    reply = ask(world, "/api/models?limit=2&sort=downloads&expand[]=downloads&expand=likes")
    last = rows(reply)[-1]
    url = next_url(reply) or ""
    assert url.startswith(f"{BASE}/api/models?")
    fields = parse_qs(urlsplit(url).query)
    assert fields["expand"] == ["likes", "downloads"] or fields["expand"] == ["downloads", "likes"]
    assert "expand[]" not in fields
    assert json.loads(base64.b64decode(fields["cursor"][0])) == {
        "$or": [
            {"downloads": last["downloads"], "_id": {"$gt": last["_id"]}},
            {"downloads": {"$lt": last["downloads"]}},
            {"downloads": None},
        ]
    }


def test_a_filtered_list_has_a_search_token_in_its_cursor(world: World) -> None:
    url = next_url(ask(world, "/api/models?limit=1&filter=transformers")) or ""
    keyset = json.loads(base64.b64decode(parse_qs(urlsplit(url).query)["cursor"][0]))
    assert len(base64.b64decode(keyset["searchSequenceToken"])) == 48


def test_the_last_page_has_no_link_even_when_it_is_full(world: World) -> None:
    total = int(world.visible.sum())
    assert next_url(ask(world, f"/api/models?limit={total}", page_limit=total)) is None
    assert next_url(ask(world, f"/api/models?limit={total - 1}", page_limit=total)) is not None


@pytest.mark.parametrize("bad", ["cursor=nonsense", "cursor=e30=", "limit=many", "sort=size", "expand=downloadz"])
def test_a_request_the_hub_does_not_know_is_refused(world: World, bad: str) -> None:
    reply = ask(world, f"/api/models?{bad}")
    assert reply.status == 400
    assert json.loads(reply.body)["error"]


@pytest.mark.parametrize("name", ["childrenModelCount", "usedStorage", "stars"])
@pytest.mark.parametrize("key", ["expand", "expand[]"])
def test_one_unknown_attribute_refuses_the_request_and_the_known_ones_are_listed(
    world: World, name: str, key: str
) -> None:
    reply = ask(world, f"/api/models?{urlencode([('expand', 'likes'), (key, name)])}")
    assert reply.status == 400
    error = json.loads(reply.body)["error"]
    assert name in error
    assert all(f'"{known}"' in error for known in LIST_ATTRIBUTES)
    assert '"childrenModelCount"' not in error.partition("expected")[2]


def test_with_expand_only_what_is_asked_for_comes(world: World) -> None:
    shown = rows(ask(world, "/api/models?limit=1000&expand=downloadsAllTime&expand=baseModels&expand=spaces"))
    assert {frozenset(row) for row in shown} == {
        frozenset({"_id", "id", "downloadsAllTime"}),
        frozenset({"_id", "id", "downloadsAllTime", "baseModels"}),
    }
    plain = rows(ask(world, "/api/models?limit=1000"))
    asked = {"_id", "id", "likes", "trendingScore", "private", "downloads", "tags", "createdAt", "modelId"}
    assert all(asked <= set(row) <= asked | {"pipeline_tag", "library_name"} for row in plain)
    assert list(plain[0])[:5] == ["_id", "id", "likes", "trendingScore", "private"]


def test_every_known_attribute_can_be_asked_for_at_once(world: World) -> None:
    query = "&".join(f"expand={name}" for name in LIST_ATTRIBUTES)
    for row in rows(ask(world, f"/api/models?limit=300&{query}")):
        assert re.fullmatch("[0-9a-f]{24}", row["_id"]) and re.fullmatch("[0-9a-f]{40}", row["sha"])
        assert row["author"] == row["id"].partition("/")[0]
        assert row["gated"] in (False, "auto", "manual")
        assert "simulated" in row["tags"]
        assert "mask_token" not in row and "spaces" not in row


def test_filters_narrow_together_and_authors_and_words_too(world: World) -> None:
    whole = everything(world, "expand=tags&expand=author", 1000)

    def ids(query: str) -> set[str]:
        return {row["id"] for row in everything(world, f"expand=likes&{query}", 50)}

    for tags in (("gguf",), ("transformers", "license:apache-2.0"), ("lora", "en"), ("license:no-such",), ("zh", "fr")):
        wanted = {row["id"] for row in whole if set(tags) <= set(row["tags"])}
        assert ids("&".join(f"filter={tag}" for tag in tags)) == wanted
    assert ids("author=Qwen") == {row["id"] for row in whole if row["author"] == "Qwen"} != set()
    someone = whole[700]["author"]
    assert ids(f"author={someone}") == {row["id"] for row in whole if row["author"] == someone}
    assert ids("author=nobody-here") == set()
    assert ids("search=LLAMA") == {row["id"] for row in whole if "llama" in row["id"].lower()} != set()


def test_derivatives_are_found_by_plain_and_by_typed_tag(world: World) -> None:
    whole = everything(world, "expand=tags", 1000)
    tags = {tag for row in whole for tag in row["tags"] if tag.startswith("base_model:")}
    assert len({tag.split(":")[1] for tag in tags if tag.count(":") == 2}) == 4
    for tag in sorted(tags)[::29]:
        wanted = {row["id"] for row in whole if tag in row["tags"]}
        assert {row["id"] for row in everything(world, f"filter={tag}&expand=likes", 7)} == wanted


# ---- details


def test_a_detail_counts_direct_children_by_relation(world: World) -> None:
    whole, total = everything(world, "expand=tags", 1000), 0
    for repo_id in ("Qwen/Qwen2.5-7B", "google-bert/bert-base-uncased", whole[5]["id"]):
        found = json.loads(ask(world, f"/api/models/{repo_id}?expand=childrenModelCount&expand=gated").body)
        counts = {
            relation: sum(f"base_model:{relation}:{repo_id}" in row["tags"] for row in whole)
            for relation in ("adapter", "merge", "quantized", "finetune")
        }
        assert found["childrenModelCount"] == counts
        total += sum(counts.values())
        assert set(found) == {"_id", "id", "gated", "childrenModelCount"}
    assert total > 10


def test_a_detail_without_expand_is_full_and_with_a_revision_the_same(world: World) -> None:
    found = json.loads(ask(world, "/api/models/Qwen/Qwen2.5-7B").body)
    assert {"sha", "siblings", "cardData", "lastModified", "usedStorage", "safetensors"} <= set(found)
    assert "downloadsAllTime" not in found
    assert json.loads(ask(world, "/api/models/Qwen/Qwen2.5-7B/revision/main").body) == found


@pytest.mark.parametrize("repo_id", ["acme/none", "qwen/qwen2.5-7b", "Qwen/Qwen2.5-7B-ffff", "x/y-ffffffffffffffffff"])
def test_what_is_missing_or_spelled_otherwise_answers_401(world: World, repo_id: str) -> None:
    reply = ask(world, f"/api/models/{repo_id}")
    assert (reply.status, reply.body) == (401, b'{"error":"Invalid username or password."}')


def test_private_repositories_look_missing() -> None:
    hidden = Population([Repository("acme/secret", "f" * 24, {"downloads": 3}, private=True)])
    assert ask(hidden, "/api/models/acme/secret").status == 401
    assert rows(ask(hidden, "/api/models")) == []


def test_a_renamed_repository_redirects_and_keeps_the_question() -> None:
    world = World(models=400)
    row = world.row_of("Qwen/Qwen2.5-7B")
    world.edit("rename", row)
    reply = ask(world, "/api/models/Qwen/Qwen2.5-7B?expand=likes")
    assert (reply.status, reply.headers["Location"]) == (307, "/api/models/Qwen/Qwen2.5-7B-v2?expand=likes")
    assert json.loads(ask(world, reply.headers["Location"]).body)["id"] == "Qwen/Qwen2.5-7B-v2"
    tags = [row["tags"] for row in rows(ask(world, "/api/models?filter=base_model:Qwen/Qwen2.5-7B-v2&expand=tags"))]
    assert tags and all("base_model:Qwen/Qwen2.5-7B-v2" in of_row for of_row in tags)
    world.edit("delete", row)
    assert ask(world, "/api/models/Qwen/Qwen2.5-7B").status == 401


# ---- real replies, read in place


@pytest.mark.real_data
@pytest.mark.skipif(not WIRE.is_dir(), reason="the folder of real data is absent")
def test_etags_and_cursors_are_made_as_the_real_ones_were() -> None:
    compared = 0
    for path in sorted(WIRE.glob("*.head.json")):
        header = json.loads(path.read_text())["header"]
        body = path.with_name(path.name.replace(".head.", ".body.")).read_bytes()
        assert text_reply(200, body.decode()).headers["ETag"] == header["ETag"]
        if "Link" not in header:
            continue
        url = urlsplit(next_url(Reply(200, b"", header)) or "")
        fields = parse_qs(url.query)
        query = Query(filters=tuple(fields.get("filter", ())), sort=fields.get("sort", ["trendingScore"])[0])
        real = fields["cursor"][0]
        position = cursor.read(real, query.sort)
        last = json.loads(body)[-1]
        assert (position.value, position.hub_id) == (last[query.sort], last["_id"])
        assert cursor.write(position, query) == real
        compared += 1
    assert compared == 3


def test_the_first_day_can_be_any(world: World) -> None:
    other = World(models=200, start=date(2025, 3, 1))
    created = rows(ask(other, "/api/models?sort=createdAt&expand=createdAt&limit=1"))[0]["createdAt"]
    assert created.startswith("2025-02-2")
