"""The Hub's page cursor: a keyset condition of its database, as base64 of JSON."""

from __future__ import annotations

import base64
import binascii
import json

from tests.hub.catalog import Position, Query


class BadCursor(ValueError):
    """A cursor that was not written here, or for another sort order."""


def write(position: Position, query: Query) -> str:
    """The cursor to everything after a position. A filtered list is served by the search index, with its own token."""
    sort, value = query.sort, position.value
    keyset = {"$or": [{sort: value, "_id": {"$gt": position.hub_id}}, {sort: {"$lt": value}}, {sort: None}]}
    searched = {"searchSequenceToken": _search_token(position.hub_id)} if query.filters or query.search else {}
    return base64.b64encode(json.dumps(keyset | searched, separators=(",", ":")).encode()).decode()


def read(cursor: str, sort: str) -> Position:
    """The position in a cursor."""
    try:
        first = json.loads(base64.b64decode(cursor, validate=True))["$or"][0]
        return Position(first[sort], first["_id"]["$gt"])
    except (binascii.Error, ValueError, KeyError, IndexError, TypeError) as error:
        raise BadCursor(f"Invalid cursor: {cursor[:40]!r}") from error


def _search_token(hub_id: str) -> str:
    """Opaque to clients; the real one is 48 bytes that hold the id of the last row twice."""
    last = bytes.fromhex(f"0e5a0c{hub_id}")
    token = bytes.fromhex("0893a680021a0921") + bytes(8) + b"\x1a" + last + b"\x22" + last
    return base64.b64encode(token).decode()
