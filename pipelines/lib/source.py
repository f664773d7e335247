"""What a source is: a declaration, a fetch that never interprets, a parse that never fetches.

Here belong the plain types that a file in `pipelines/defs/sources/` fills in. Nothing here knows
Dagster, DuckDB or the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import ModuleType
from typing import Any, Protocol


class Origin(StrEnum):
    """Where the bytes of a capture came from; travels with every row to the report."""

    LIVE = "live"
    IMPORTED = "imported"
    STARTER = "starter"


class SourceKind(StrEnum):
    """Whose word a source is."""

    OFFICIAL = "official"
    RESELLER = "reseller"
    AGGREGATOR = "aggregator"
    LEADERBOARD = "leaderboard"
    REGISTRY = "registry"
    NEWS = "news"
    REFERENCE = "reference"


class BadDocument(ValueError):
    """The body as a whole cannot be used; the message says why and quotes the offending text."""


@dataclass(frozen=True)
class Response:
    """One fetched body, exactly as served (after transfer decoding)."""

    label: str
    url: str
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fetched_at: datetime | None = None


@dataclass(frozen=True)
class Document:
    """A stored body handed to `parse`: what it is, where from, and when it was observed (UTC)."""

    label: str
    url: str
    body: bytes
    observed_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def media_type(self) -> str:
        """Media type without parameters, lower case; empty when the server gave none."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


@dataclass(frozen=True)
class Row:
    """One typed row for `staging.<table>`; values may be text, the contract casts and checks them."""

    table: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Reject:
    """Something in the body that was not read, with the reason and the raw text."""

    reason: str
    text: str
    table: str | None = None


Parsed = Row | Reject
Fetch = Callable[["Fetcher"], Iterable[Response]]
Parse = Callable[[Document], Iterator[Parsed]]


class HttpClient(Protocol):
    """What a fetch asks for bodies; `pipelines.lib.http.Http` is the one there is."""

    def get(
        self,
        url: str,
        *,
        label: str = "main",
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        hosts: frozenset[str] | None = None,
    ) -> Response:
        """One complete body, or an error of `pipelines.lib.http`."""
        ...


@dataclass(frozen=True)
class Fetcher:
    """What a fetch may use: the polite HTTP client, tokens, and the last good body of each document."""

    http: HttpClient
    environ: Mapping[str, str]
    previous: Mapping[str, Document] = field(default_factory=dict)
    progress: Callable[[str], None] = lambda _message: None


@dataclass(frozen=True, kw_only=True)
class Source:
    """Everything the machine must know of a source. One per file in `pipelines/defs/sources/`.

    `tables` are the staging tables `parse` yields rows for. `anchor` is text that every good body of a
    document must hold (label -> text, matched case-insensitively; the label "*" stands for all).
    `parser_code` are further modules whose change must lead to parsing again.
    `label_of(file_name, body)` names the document a loose file is, for `modelmarket parse` and `import`.
    """

    name: str
    title: str
    homepage: str
    licence: str
    kind: SourceKind
    tables: tuple[str, ...]
    fetch: Fetch | None
    parse: Parse
    every: timedelta = timedelta(days=1)
    stale_after: timedelta = timedelta(days=2)
    host: str = "web"
    anchor: Mapping[str, str] = field(default_factory=dict)
    min_bytes: int = 1
    max_bytes: int = 200_000_000
    parser_code: tuple[ModuleType, ...] = ()
    label_of: Callable[[str, bytes], str] = lambda _file_name, _body: "main"
