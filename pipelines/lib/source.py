"""What a source is: a declaration, a fetch that never interprets, a parse that never fetches.

Here belong the plain types that a file in `pipelines/defs/sources/` fills in. Nothing here knows
Dagster, DuckDB or the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
    SIMULATED = "simulated"


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
class StoredDocument:
    """One body of a capture, by reference to its blob in the raw archive."""

    label: str
    url: str
    status: int
    headers: Mapping[str, str]
    fetched_at: str
    sha256: str
    bytes: int


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


@dataclass(frozen=True, kw_only=True)
class History:
    """How what a source lists again and again is kept: as changes, in tables declared `-- kept: changes`.

    `shape` is the parsed shape (`-- kept: elsewhere`). `identity` is the column with the producer's own lasting id,
    `name` the one it is called by, `whole` the flag that a row leaves nothing out. Other columns of the shape go to
    `versions` or `counters`, wherever the contracts name them; `keys` holds an integer per identity, `crawls` a row per
    moment. `untold` are columns that even a whole row may leave out. `lists(label)` says which documents are listings,
    `all_of_it(label)` which belong to a listing of everything. `read_json` is a select of the shape's columns from the
    files of such documents (`{files}`), for reading them without a parser; None where there is none.
    `usual_change` are the bounds of the change in number between two listings of everything, else it is doubted.
    """

    shape: str
    keys: str
    versions: str
    counters: str
    crawls: str
    identity: str
    name: str
    whole: str
    untold: tuple[str, ...] = ()
    lists: Callable[[str], bool]
    all_of_it: Callable[[str], bool]
    read_json: str | None = None
    usual_change: tuple[float, float] = (-0.005, 0.02)
    document: str = "listing"


@dataclass(frozen=True)
class FromGit:
    """How the body of a commit is made of the files of a repository.

    `paths` are the git pathspecs of the files it takes, `make` gives the body of their bytes by path; None where they
    make none. Links within those files are followed before `make` sees them.
    """

    paths: tuple[str, ...]
    make: Callable[[Mapping[str, bytes]], bytes | None]


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
    """What a fetch may use: the polite HTTP client, tokens, and the last good body of each document.

    `whole_before` are the labels of the newest whole live capture. `resumed` is what an interrupted attempt at the
    same plan stored, in order: the fetch goes on behind it and yields none of it again.
    """

    http: HttpClient
    environ: Mapping[str, str]
    previous: Mapping[str, Document] = field(default_factory=dict)
    progress: Callable[[str], None] = lambda _message: None
    whole_before: frozenset[str] = frozenset()
    resumed: Sequence[StoredDocument] = ()


@dataclass(frozen=True, kw_only=True)
class Source:
    """Everything the machine must know of a source. One per file in `pipelines/defs/sources/`.

    `tables` are the staging tables `parse` yields rows for. `anchor` is text that every good body of a
    document must hold (label -> text, matched case-insensitively; the label "*" stands for all).
    `parser_code` are further modules whose change must lead to parsing again.
    `label_of(file_name, body)` names the document a loose file is, for `modelmarket parse` and `import`;
    `moments_of(file_name, body)` are the times the body itself says it speaks for, none where it states no time.
    `history` says that what its documents list is kept as changes, and how.
    `plan(environ)` says in words what a fetch would ask for, where a fetch is so long that it goes on where an
    interrupted one of the same plan ended, if that began less than `resume_within` ago; else None.
    `expires_raw` is how the label of a document begins that only bulky captures hold: those lose their bodies after
    some days (see `retention`).
    `off(environ)` says in words why the source is not to be asked at all, such as for want of a key; None where it is.
    `is_redistributable` is whether its rows may be in files that are passed on.
    `from_git` says how the history of the repository it is published in is read, where there is one.
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
    moments_of: Callable[[str, bytes], tuple[datetime, ...]] = lambda _file_name, _body: ()
    history: History | None = None
    resume_within: timedelta | None = None
    plan: Callable[[Mapping[str, str]], str | None] = lambda _environ: None
    expires_raw: str | None = None
    from_git: FromGit | None = None
    off: Callable[[Mapping[str, str]], str | None] = lambda _environ: None
    is_redistributable: bool = True

    def is_asked(self, environ: Mapping[str, str]) -> bool:
        """Whether it has something to fetch, and nothing it needs for that is wanting."""
        return self.fetch is not None and self.off(environ) is None
