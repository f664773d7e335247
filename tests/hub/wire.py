"""From a request to the Hub's reply, on paper: routes, attributes, paging, ETag. No sockets here."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from tests.hub import cursor
from tests.hub.catalog import DETAIL_ATTRIBUTES, LIST_ATTRIBUTES, SORTS, Catalog, Query

PAGE_LIMIT = 1000
RATE_LIMITED = {"error": "We had to rate limit you."}
HIDDEN = {"error": "Invalid username or password."}
BAD_TOKEN = {"error": "Invalid credentials in Authorization header"}
ROOT_PAGE = b"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>SIMULATED Hub</title></head>
<body><h1>SIMULATED</h1><p>This is a local stand-in for the Hugging Face Hub. Every repository, count and date it
serves is SIMULATED, also where a name is real. Models: <a href="/api/models?limit=3">/api/models</a>.</p></body></html>
"""


@dataclass(frozen=True)
class Reply:
    """A whole answer before it is sent."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class BadRequest(ValueError):
    """The request asks for something the Hub does not know."""


def json_reply(status: int, content: Any, **headers: str) -> Reply:
    """A JSON body with the headers the Hub's framework gives it."""
    return text_reply(status, json.dumps(content, separators=(",", ":"), ensure_ascii=False), **headers)


def text_reply(status: int, text: str, **headers: str) -> Reply:
    """A text that is JSON already, with the framework's weak ETag and no cache control."""
    body = text.encode("utf-8", "surrogatepass")
    digest = base64.b64encode(hashlib.sha1(body).digest()).decode()[:27]
    fixed = {"Content-Type": "application/json; charset=utf-8", "ETag": f'W/"{len(body):x}-{digest}"'}
    return Reply(status, body, fixed | headers)


def answer(catalog: Catalog, base_url: str, target: str, page_limit: int = PAGE_LIMIT) -> Reply:
    """The Hub's reply to a GET of `target` (path and query)."""
    parts = urlsplit(target)
    fields = parse_qs(parts.query, keep_blank_values=True)
    try:
        if parts.path == "/":
            return Reply(200, ROOT_PAGE, {"Content-Type": "text/html; charset=utf-8"})
        if parts.path == "/api/models":
            return _list(catalog, base_url, fields, page_limit)
        if parts.path.startswith("/api/models/"):
            return _detail(catalog, unquote(parts.path).removeprefix("/api/models/"), parts.query, fields)
    except BadRequest as error:
        return json_reply(400, {"error": str(error)}, **{"X-Error-Message": str(error)})
    return json_reply(404, {"error": "Sorry, we can't find the page you are looking for."})


def _list(catalog: Catalog, base_url: str, fields: dict[str, list[str]], page_limit: int) -> Reply:
    wanted = _wanted(fields, LIST_ATTRIBUTES)
    query = Query(
        author=fields.get("author", [None])[0],
        search=fields.get("search", [None])[0],
        filters=tuple(fields.get("filter", [])),
        sort=fields.get("sort", ["trendingScore"])[0],
    )
    if query.sort not in SORTS:
        raise BadRequest(_not_one_of("sort", query.sort, SORTS))
    try:
        after = cursor.read(fields["cursor"][0], query.sort) if "cursor" in fields else None
        limit = min(max(int(fields.get("limit", [str(page_limit)])[0]), 1), page_limit)
    except ValueError as error:
        raise BadRequest(str(error)) from error
    page = catalog.listing(query, after, limit, wanted)
    headers = {}
    if page.end is not None:
        # The Hub repeats the request's own parameters, expand[] rewritten to expand.
        again = [(name.removesuffix("[]"), value) for name, values in fields.items() for value in values]
        again = [item for item in again if item[0] != "cursor"] + [("cursor", cursor.write(page.end, query))]
        headers["Link"] = f'<{base_url}/api/models?{urlencode(again)}>; rel="next"'
    return text_reply(200, f"[{','.join(page.rows)}]", **headers)


def _detail(catalog: Catalog, path: str, query: str, fields: dict[str, list[str]]) -> Reply:
    wanted = _wanted(fields, DETAIL_ATTRIBUTES)
    repo_id, at_revision, revision = path.partition("/revision/")
    if name := catalog.new_name(repo_id):
        location = f"/api/models/{quote(name)}{quote(at_revision + revision)}" + (f"?{query}" if query else "")
        body = f"Temporary Redirect. Redirecting to {location}".encode()
        return Reply(307, body, {"Location": location, "Content-Type": "text/plain; charset=utf-8"})
    found = catalog.detail(repo_id, wanted)
    # What is missing and what is private look the same from outside.
    return json_reply(401, HIDDEN) if found is None else text_reply(200, found)


def _wanted(fields: dict[str, list[str]], known: Sequence[str]) -> list[str]:
    wanted = fields.get("expand", []) + fields.get("expand[]", [])
    if unknown := [name for name in wanted if name not in known]:
        raise BadRequest(_not_one_of("expand", unknown[0], known))
    return wanted


def _not_one_of(field_name: str, value: str, known: Sequence[str]) -> str:
    """One wrong name refuses the whole request, and the text lists the right ones."""
    listed = "|".join(f'"{name}"' for name in known)
    return f'Invalid option for "{field_name}": {json.dumps(value)}; expected one of {listed}'
