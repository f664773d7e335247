"""Stored bodies on their way to staging: what the parser makes of them, and what the ledger says of them.

Here belongs what rows per capture (`loading`) and listings (`history`) have in common: parsing a body, casting and
checking its rows, and writing down what became of it.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipelines.lib import staging
from pipelines.lib.archive import ArchiveError, Capture, StoredDocument
from pipelines.lib.casting import MAX_RAW_CHARS, insert_checked, json_line
from pipelines.lib.contract import Table
from pipelines.lib.drift import check_document
from pipelines.lib.source import BadDocument, Document, Reject, Source


@dataclass
class LoadResult:
    """What a load did to the staging tables of one source."""

    loaded: int = 0
    removed: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    rejected: int = 0
    bad: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Pending:
    """A document that could be loaded; its body is read only when it is. `path` is where it lies, compressed."""

    capture: Capture
    stored: StoredDocument
    read: Callable[[], Document]
    path: Path | None = None


@dataclass
class ParsedDocument:
    """What the parser gave for one body: JSON lines per table and rejects, or why the body is unusable."""

    lines: dict[str, list[str]] = field(default_factory=dict)
    rejects: list[tuple[int, Reject]] = field(default_factory=list)
    problem: str | None = None


def parse(source: Source, item: Pending) -> ParsedDocument:
    """Run the parser over one body; never raises for what the body holds."""
    parsed = ParsedDocument()
    try:
        document = item.read()
        check_document(source, document)
        for number, found in enumerate(source.parse(document)):
            if isinstance(found, Reject):
                parsed.rejects.append((number, found))
            elif found.table not in source.tables:
                raise BadDocument(f"{source.name} yields rows for {found.table!r}, which it does not declare")
            else:
                line = json_line(number, found.values)
                parsed.lines.setdefault(found.table, []).append(line)
    except (BadDocument, ArchiveError) as error:
        return ParsedDocument(problem=str(error))
    except Exception as error:  # a body the parser breaks on must not hold back the others; it is shown as bad
        return ParsedDocument(problem=f"the parser fails on this body ({type(error).__name__}: {error})"[:500])
    return parsed


@dataclass(frozen=True)
class Stored:
    """Per document of a batch, by its position: rows inserted, and pieces rejected."""

    rows: Counter[int]
    rejected: Counter[int]
    by_table: Counter[str]


def store_rows(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    batch: Sequence[Pending],
    parsed: Sequence[ParsedDocument],
    tables: Mapping[str, Table],
) -> Stored:
    """Cast, check and insert the rows of some documents into these tables; what does not fit is rejected.

    Rows of a table that keeps differences go into the temporary table `every_<name>`, for `differences` to compare.
    """
    connection.execute(
        "create or replace temp table batch (_document bigint, source varchar, document varchar, "
        "capture_id varchar, observed_at timestamp, origin varchar)"
    )
    connection.executemany(
        "insert into batch values (?, ?, ?, ?, ?, ?)",
        [[number, *provenance(source, item)] for number, item in enumerate(batch)],
    )
    rows: Counter[int] = Counter()
    by_table: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for name, table in tables.items():
            path = Path(folder) / f"{name}.jsonl"
            into = table.full_name
            if table.kept == "differences":
                into = f"every_{name}"
                connection.execute(f"create or replace temp table {into} as from {table.full_name} limit 0")
            # A lone surrogate is no character; it is replaced here as it would be in any UTF-8 text.
            with path.open("w", encoding="utf-8", errors="replace") as file:
                for number, document in enumerate(parsed):
                    file.writelines(f'{{"_document": {number}, {line[1:]}\n' for line in document.lines.get(name, ()))
            if path.stat().st_size:
                inserted = insert_checked(connection, table, path, into)
                rows.update(inserted)
                by_table[name] += sum(inserted.values())
    _insert_rejects(connection, source, batch, parsed)
    rejected = connection.execute(
        "select _document, count(*) from staging.rejected join batch using (capture_id, document) group by 1"
    ).fetchall()
    return Stored(rows, Counter(dict(rejected)), by_table)


def provenance(source: Source, item: Pending) -> list[Any]:
    """Values of the provenance columns."""
    capture = item.capture
    moment = capture.captured_at.replace(tzinfo=None)
    return [source.name, item.stored.label, capture.capture_id, moment, capture.origin.value]


def insert_document(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    item: Pending,
    version: str,
    problem: str | None,
    rows: int,
    rejected: int,
) -> None:
    """Write down what became of a document."""
    capture, stored = item.capture, item.stored
    media_type = stored.headers.get("content-type", "").split(";")[0].strip().lower() or None
    connection.execute(
        f"insert into staging.document values ({', '.join('?' * len(staging.DOCUMENT.columns))})",
        [
            *provenance(source, item),
            capture.origin_note,
            capture.complete,
            stored.url,
            stored.status,
            media_type,
            stored.sha256,
            stored.bytes,
            "bad" if problem else "good",
            problem,
            rows,
            rejected,
            version,
        ],
    )


def _insert_rejects(
    connection: duckdb.DuckDBPyConnection, source: Source, batch: Sequence[Pending], parsed: Sequence[ParsedDocument]
) -> None:
    rows = [
        [*provenance(source, item), number, reject.table, reject.reason, reject.text[:MAX_RAW_CHARS]]
        for item, document in zip(batch, parsed, strict=True)
        for number, reject in document.rejects
    ]
    if rows:
        connection.executemany(
            f"insert into staging.rejected values ({', '.join('?' * len(staging.REJECTED.columns))})", rows
        )
