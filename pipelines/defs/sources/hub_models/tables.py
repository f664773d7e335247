"""Dumps of Hub models as Parquet: what the columns of each known kind are called at the Hub.

Here belong column names and the division of a table by moment, and no meaning of values beyond undoing what a table
does to a type.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pipelines.lib.parquet import BadParquet, column_names, read_rows
from pipelines.lib.source import BadDocument

KEPT_TABLES = 2


@dataclass(frozen=True)
class Kind:
    """A kind of dump: its columns that are attributes of the Hub, where renamed as `column=attribute`.

    `moment` is the column that says when a row was so; without one the file speaks for a single moment it does not
    state. Columns are left out on purpose where they are not what the Hub says of the repository: `numParameters` is
    taken from a GGUF header too, and llmfit's task and size are its own.
    """

    name: str
    spelled: str
    moment: str | None = None

    @property
    def columns(self) -> Mapping[str, str]:
        """Attribute of the Hub by column."""
        pairs = (word.partition("=") for word in self.spelled.split())
        return {column: attribute or column for column, _, attribute in pairs}

    @property
    def needed(self) -> set[str]:
        """Columns a file of this kind has."""
        return {*self.columns, *([self.moment] if self.moment else [])}


KINDS = (
    Kind(
        "hub_stats",
        "id author createdAt lastModified downloads downloadsAllTime likes trendingScore tags cardData safetensors "
        "baseModels pipeline_tag library_name",
    ),
    Kind(
        "trending",
        "id author createdAt lastModified downloads likes trendingScore tags pipeline_tag library_name",
        "fetched_at",
    ),
    Kind("daily", "id author lastModified downloads likes pipeline_tag gated", "date"),
    Kind("trending_cache", "id lastModified downloads likes pipeline_tag gated", "commit_time"),
    Kind("llmfit", "id hf_downloads=downloads hf_likes=likes", "commit_time"),
    Kind("full_2022", "id lastModified downloads likes tags pipeline_tag library_name private"),
)
UNKNOWN = "table"


@dataclass(frozen=True)
class Table:
    """The rows of one file as JSON texts, by the moment they speak for; under None where the file states none."""

    rows: Mapping[datetime | None, list[str]]
    columns: Mapping[str, str]

    @property
    def moments(self) -> tuple[datetime, ...]:
        """The moments, oldest first."""
        return tuple(sorted(moment for moment in self.rows if moment is not None))

    def items(self, moment: datetime) -> list[Any]:
        """The models at a moment, as the Hub would list them; of a file with one moment at most, all there are."""
        if len(self.rows) == 1:
            (texts,) = self.rows.values()
        elif moment in self.rows:
            texts = self.rows[moment]
        else:
            count, oldest, newest = len(self.rows), self.moments[0], self.moments[-1]
            raise BadDocument(f"it speaks for {count} moments from {oldest} to {newest}, and not for {moment}")
        return [_as_listed(json.loads(text), self.columns) for text in texts]


def kind_name(body: bytes) -> str:
    """Name of the kind whose columns a file has, the richest of them; else of the kind that comes nearest."""
    try:
        found = set(column_names(body))
    except BadParquet:
        return UNKNOWN
    fitting = [kind for kind in KINDS if kind.needed <= found]
    if fitting:
        return max(fitting, key=lambda kind: len(kind.needed)).name
    nearest = max(KINDS, key=lambda kind: (len(kind.needed & found), -len(kind.needed)))
    return nearest.name if "id" in found else UNKNOWN


def read(kind: str, body: bytes) -> Table:
    """The table of a body, kept for the captures of its other moments. Raises BadDocument."""
    return _read(kind, _Body(hashlib.sha256(body).hexdigest(), body))


@dataclass(frozen=True)
class _Body:
    """Bytes that are told apart by their hash alone."""

    sha256: str
    data: bytes = field(compare=False, repr=False)


@lru_cache(maxsize=KEPT_TABLES)
def _read(name: str, body: _Body) -> Table:
    kind = next((kind for kind in KINDS if kind.name == name), None)
    try:
        found = column_names(body.data)
        if kind is None:
            raise BadDocument(f"no kind of table this source knows; its columns are {', '.join(found)[:300]}")
        if missing := sorted(kind.needed - set(found)):
            raise BadDocument(f"a table of kind {name} has columns that are missing here: {', '.join(missing)}")
        rows: dict[datetime | None, list[str]] = {}
        moments: dict[str | None, datetime | None] = {}
        for stated, text in read_rows(body.data, list(kind.columns), kind.moment):
            if stated not in moments:
                moments[stated] = moment_of(stated, kind.moment) if kind.moment else None
            rows.setdefault(moments[stated], []).append(text)
    except BadParquet as error:
        raise BadDocument(str(error)) from error
    if not rows:
        raise BadDocument("the table has no rows")
    return Table(rows, kind.columns)


def moment_of(text: Any, where: str) -> datetime:
    """A stated time in UTC to the second, as captures are dated; a bare day is its midnight. Raises BadDocument."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadDocument(f"{where} is {text!r}, which is not a time") from error
    return moment.replace(microsecond=0)


def _as_listed(row: dict[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """A row under the Hub's names, with whole numbers and gates as JSON had them; what is null is left out."""
    return {columns[name]: _plain(name, value) for name, value in row.items() if not _is_null(value)}


def _is_null(value: Any) -> bool:
    """Null, or a struct of nulls, as some writers put it."""
    return value is None or (isinstance(value, dict) and all(part is None for part in value.values()))


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if name == "gated" and value in ("False", "false"):
        return False
    return value
