"""What a body of Artificial Analysis lists: models with their evaluations, in four forms.

`data`: an answer of the API. `fullData`: that answer as a mirror keeps it (what such a body adds under `models` are
names of the mirror's own making). `models` alone: the payload of the leaderboard page. CSV: answers of many days in one
table, of which the rows of the document's own day are read.

Here belongs where in a body things stand; what they mean does not (see `parsing`).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from pipelines.defs.sources.artificial_analysis.evaluations import EVALUATIONS, NOT_READ
from pipelines.defs.sources.leaderboard_text import MAX_QUOTE
from pipelines.lib.source import BadDocument, Document, Reject
from scrapers.parsing.numbers import read_json, written

DAY_COLUMNS = ("date", "day", "snapshot", "snapshot_date", "snapshot_on", "captured_on", "fetched_on", "as_of")
NAME_COLUMNS = ("name", "model", "model_name")
CREATOR_COLUMNS = ("creator", "creator_name", "model_creator", "model_creator_name", "organization")
VERSION = "intelligence_index_version"
# Columns of a table that state something else than a score.
OTHER_COLUMN = re.compile(r"id|slug|release_date|.*(price|pricing|cost|creator|organization|median|seconds|tokens).*")


@dataclass(frozen=True)
class Listed:
    """One model as listed: its name, what is said of it, and its evaluations by key."""

    name: str
    evaluations: Mapping[str, Any]
    creator: str | None = None
    released: Any = None
    thinks: bool | None = None
    cost: Any = None
    rating: Any = None
    version: Any = None


@dataclass(frozen=True)
class Listing:
    """The models of a body, what of it cannot be read, and whether it writes 0 for what it does not know."""

    models: list[Listed]
    rejects: list[Reject] = field(default_factory=list)
    zero_is_unknown: bool = True
    published_on: date | None = None


def moments_of(_file_name: str, body: bytes) -> tuple[datetime, ...]:
    """The days of a table, or when a page payload or a mirror was made. An answer of the API states no time."""
    if not _is_json(body):
        return tuple(datetime.combine(day, time(), UTC) for day in sorted(day for day in _table(body).rows if day))
    content = _content(body)
    text = _envelope(content).get("fetched_at", content.get("updated"))
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError as error:
        raise BadDocument(f"the body says it is of {text!r}, which is no time") from error
    return (moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC),) if moment else ()


def has_more(body: bytes) -> bool:
    """Whether an answer of the API says that further pages follow. Raises BadDocument where it does not say."""
    paging = _envelope(_content(body)).get("pagination")
    more = paging.get("has_more") if isinstance(paging, dict) else None
    if not isinstance(more, bool):
        raise BadDocument(f"it does not say whether there are more pages: {body[:80]!r}")
    return more


def read_listing(document: Document) -> Listing:
    """The models a body lists. Raises BadDocument where it lists none."""
    return _of_json(document) if _is_json(document.body) else _of_table(document)


def _is_json(body: bytes) -> bool:
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def _content(body: bytes) -> dict[str, Any]:
    try:
        content = read_json(body)
    except ValueError as error:
        raise BadDocument(f"the body is not JSON ({error}): {body[:80]!r}") from error
    if not isinstance(content, dict):
        raise BadDocument(f"the body is no object with models: {body[:80]!r}")
    return content


def _envelope(content: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = content.get("meta")
    return meta if isinstance(meta, dict) else content


def _of_json(document: Document) -> Listing:
    content = _content(document.body)
    full = content.get("fullData")
    entries = list(full.values()) if isinstance(full, dict) else content.get("data", content.get("models"))
    if not isinstance(entries, list) or not entries:
        raise BadDocument(f"{document.label} lists no models: {document.body[:80]!r}")
    version = _envelope(content).get(VERSION)
    models: list[Listed] = []
    rejects: list[Reject] = []
    for entry in entries:
        listed = _of_entry(entry, version)
        if listed is None:
            rejects.append(Reject("a model without a name or without evaluations", written(entry)[:MAX_QUOTE], "score"))
        else:
            models.append(listed)
    is_page = "fullData" not in content and "data" not in content
    return Listing(models, rejects, zero_is_unknown=not is_page)


def _of_entry(entry: Any, version: Any) -> Listed | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("evaluations"), dict):
        return None
    name, thinks = entry.get("name"), entry.get("reasoning_model")
    if not isinstance(name, str) or not name.strip():
        return None
    creator = entry.get("model_creator", entry.get("creator"))
    cost = _inside(entry, "artificial_analysis_intelligence_index_cost", "total_cost")
    return Listed(
        name=name,
        evaluations=entry["evaluations"],
        creator=creator.get("name") if isinstance(creator, dict) else creator,
        released=entry.get("release_date"),
        thinks=thinks if isinstance(thinks, bool) else None,
        cost=cost if cost is not None else _inside(entry, "pricing", "intelligence_index_cost_total"),
        rating=_inside(entry, "breakdowns", "gdpval"),
        version=version,
    )


def _inside(entry: Mapping[str, Any], outer: str, inner: str) -> Any:
    found = entry.get(outer)
    return found.get(inner) if isinstance(found, dict) else None


@dataclass(frozen=True)
class _Table:
    """A table by day: its columns in lower case without the path they have in the API's answer, and its rows.

    Rows of no day stand under None; so do all where no column is a day.
    """

    columns: list[str]
    is_dated: bool
    rows: dict[date | None, list[list[str]]]


# Each day of a table is a document with the whole of it.
@lru_cache(maxsize=1)
def _table(body: bytes) -> _Table:
    try:
        lines = [line for line in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadDocument(f"the body is neither JSON nor readable as CSV ({error}): {body[:80]!r}") from error
    header = lines[0] if lines else []
    columns = [re.sub(r"^evaluations?[._]", "", cell.strip().lower()).replace(".", "_") for cell in header]
    if len(set(columns)) < len(columns) or set(columns).isdisjoint(NAME_COLUMNS):
        raise BadDocument(f"no table of models, or one with two columns of a name: {','.join(header)[:MAX_QUOTE]!r}")
    wrong = next((line for line in lines if len(line) != len(columns)), None)
    if wrong is not None:
        raise BadDocument(f"a row has {len(wrong)} cells, the header {len(columns)}: {','.join(wrong)[:MAX_QUOTE]!r}")
    day_at = next((columns.index(name) for name in DAY_COLUMNS if name in columns), None)
    rows: dict[date | None, list[list[str]]] = {}
    for line in lines[1:]:
        rows.setdefault(_day(line[day_at]) if day_at is not None else None, []).append(line)
    return _Table(columns, day_at is not None, rows)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def _of_table(document: Document) -> Listing:
    table = _table(document.body)
    day = document.observed_at.astimezone(UTC).date()
    known = {*DAY_COLUMNS, *NAME_COLUMNS, VERSION, *EVALUATIONS, *NOT_READ}
    strange = [name for name in table.columns if name not in known and not OTHER_COLUMN.fullmatch(name)]
    rejects = [Reject("the column is not known", name, "score") for name in strange]
    undated = table.rows.get(None, []) if table.is_dated else []
    rejects += [Reject("the row is of no day", ",".join(cells)[:MAX_QUOTE], "score") for cells in undated]
    models: list[Listed] = []
    for cells in table.rows.get(day if table.is_dated else None, []):
        row = dict(zip(table.columns, cells, strict=True))
        name = _first(row, NAME_COLUMNS)
        if name is None:
            rejects.append(Reject("the row names no model", ",".join(cells)[:MAX_QUOTE], "score"))
            continue
        stated = {key: cell for key, cell in row.items() if key in EVALUATIONS}
        creator, released = _first(row, CREATOR_COLUMNS), _first(row, ("release_date",))
        models.append(Listed(name, stated, creator, released, version=_first(row, (VERSION,))))
    if not models:
        raise BadDocument(f"{document.label} has no row of {day}")
    return Listing(models, rejects, published_on=day if table.is_dated else None)


def _first(row: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((row[name].strip() for name in names if row.get(name, "").strip()), None)
