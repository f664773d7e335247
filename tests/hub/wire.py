"""From a request to the Hub's reply, on paper: routes, attributes, cursors, rate limit, ETag. No sockets here."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from tests.hub.population import Population, Position, Query, Repository

PAGE_LIMIT = 1000
LIST_ATTRIBUTES = frozenset(
    [
        "author",
        "baseModels",
        "cardData",
        "config",
        "createdAt",
        "disabled",
        "downloads",
        "downloadsAllTime",
        "evalResults",
        "gated",
        "inference",
        "inferenceProviderMapping",
        "lastModified",
        "library_name",
        "likes",
        "mask_token",
        "model-index",
        "pipeline_tag",
        "private",
        "safetensors",
        "sha",
        "siblings",
        "spaces",
        "tags",
        "transformersInfo",
        "trendingScore",
        "widgetData",
        "gguf",
        "resourceGroup",
        "xetEnabled",
    ]
)
DETAIL_ATTRIBUTES = LIST_ATTRIBUTES | {"childrenModelCount", "usedStorage"}
PLAIN_ATTRIBUTES = (
    "likes",
    "trendingScore",
    "private",
    "downloads",
    "tags",
    "pipeline_tag",
    "library_name",
    "createdAt",
)
RATE_LIMITED = {"error": "We had to rate limit you."}
HIDDEN = {"error": "Invalid username or password."}


@dataclass(frozen=True)
class Reply:
    """A whole answer before it is sent."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(status: int, content: Any, **headers: str) -> Reply:
    """A JSON body with the headers the Hub's framework gives it: a weak ETag and no cache control."""
    body = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    digest = base64.b64encode(hashlib.sha1(body).digest()).decode()[:27]
    fixed = {"Content-Type": "application/json; charset=utf-8", "ETag": f'W/"{len(body):x}-{digest}"'}
    return Reply(status, body, fixed | headers)


def answer(population: Population, base_url: str, target: str, page_limit: int = PAGE_LIMIT) -> Reply:
    """The Hub's reply to a GET of `target` (path and query)."""
    parts = urlsplit(target)
    fields = parse_qs(parts.query)
    wanted = fields.get("expand", []) + fields.get("expand[]", [])
    if parts.path == "/api/models":
        return _list(population, base_url, fields, wanted, page_limit)
    if parts.path.startswith("/api/models/"):
        return _detail(population, unquote(parts.path).removeprefix("/api/models/"), parts.query, wanted)
    return json_reply(404, {"error": "Sorry, we can't find the page you are looking for."})


def _list(
    population: Population, base_url: str, fields: dict[str, list[str]], wanted: list[str], page_limit: int
) -> Reply:
    if unknown := sorted(set(wanted) - LIST_ATTRIBUTES):
        return _unknown_attribute(unknown[0], LIST_ATTRIBUTES)
    query = Query(
        author=fields.get("author", [None])[0],
        search=fields.get("search", [None])[0],
        filters=tuple(fields.get("filter", [])),
        sort=fields.get("sort", ["trendingScore"])[0],
    )
    limit = min(int(fields.get("limit", [str(page_limit)])[0]), page_limit)
    after = _read_cursor(fields["cursor"][0], query.sort) if "cursor" in fields else None
    rows = population.page(query, after, limit + 1)
    headers = {}
    if len(rows) > limit:
        last = rows[limit - 1]
        cursor = _write_cursor(Position(last.attributes.get(query.sort), last.hub_id), query)
        # The Hub repeats the request's own parameters, expand[] rewritten to expand.
        again = [(name.removesuffix("[]"), value) for name, values in fields.items() for value in values]
        again = [(name, value) for name, value in again if name != "cursor"] + [("cursor", cursor)]
        headers["Link"] = f'<{base_url}/api/models?{urlencode(again)}>; rel="next"'
    return json_reply(200, [_shown(item, wanted, PLAIN_ATTRIBUTES) for item in rows[:limit]], **headers)


def _detail(population: Population, repo_id: str, query: str, wanted: list[str]) -> Reply:
    if unknown := sorted(set(wanted) - DETAIL_ATTRIBUTES):
        return _unknown_attribute(unknown[0], DETAIL_ATTRIBUTES)
    if name := population.new_name(repo_id):
        location = f"/api/models/{quote(name)}" + (f"?{query}" if query else "")
        return Reply(307, f"Temporary Redirect. Redirecting to {location}".encode(), {"Location": location})
    repository = population.get(repo_id)
    if repository is None:
        return json_reply(401, HIDDEN)
    content = _shown(repository, wanted, tuple(repository.attributes))
    if "childrenModelCount" in wanted:
        content.setdefault("childrenModelCount", population.children_count(repo_id))
    return json_reply(200, content)


def _shown(repository: Repository, wanted: list[str], otherwise: tuple[str, ...]) -> dict[str, Any]:
    """`_id` and `id` always come; with expand, of the rest only what is asked for and there."""
    names = wanted or otherwise
    known = dict(repository.attributes) | {"author": repository.author, "private": repository.private}
    head = {"_id": repository.hub_id, "id": repository.repo_id}
    return head | {name: known[name] for name in names if name in known}


def _unknown_attribute(name: str, known: frozenset[str]) -> Reply:
    return json_reply(400, {"error": f"Invalid expand value {name!r}; expected one of {', '.join(sorted(known))}"})


def _write_cursor(position: Position, query: Query) -> str:
    sort, value = query.sort, position.value
    keyset = {"$or": [{sort: value, "_id": {"$gt": position.hub_id}}, {sort: {"$lt": value}}, {sort: None}]}
    searched = {"searchSequenceToken": position.hub_id} if query.filters else {}
    return base64.b64encode(json.dumps(keyset | searched, separators=(",", ":")).encode()).decode()


def _read_cursor(cursor: str, sort: str) -> Position:
    first = json.loads(base64.b64decode(cursor))["$or"][0]
    return Position(first[sort], first["_id"]["$gt"])
