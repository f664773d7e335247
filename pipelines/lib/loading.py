"""From captures to staging tables: parse what is new, keep what is bad with its reason.

A document is loaded once per version of its parser. Loading is incremental and idempotent: the staging tables are a
function of the set of captures in the archive, whatever order they came in.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipelines.lib import staging
from pipelines.lib.archive import Archive, ArchiveError, Capture, StarterArchive, StoredDocument
from pipelines.lib.casting import MAX_RAW_CHARS, insert_checked, json_line
from pipelines.lib.drift import check_document
from pipelines.lib.parser_version import parser_version
from pipelines.lib.source import BadDocument, Document, Reject, Source

BATCH_DOCUMENTS = 100


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
    """A document that could be loaded; its body is read only when it is."""

    capture: Capture
    stored: StoredDocument
    read: Callable[[], Document]


@dataclass
class ParsedDocument:
    """What the parser gave for one body: JSON lines per table and rejects, or why the body is unusable."""

    lines: dict[str, list[str]] = field(default_factory=dict)
    rejects: list[tuple[int, Reject]] = field(default_factory=list)
    problem: str | None = None


def load(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    archive: Archive,
    starter: StarterArchive,
    progress: Callable[[str], None] = lambda _message: None,
) -> LoadResult:
    """Bring the staging tables of one source up to date, inside the caller's transaction."""
    staging.create_tables(connection)
    changed = _declare(connection, source)
    version = parser_version(source)
    result = LoadResult(rows=dict.fromkeys(source.tables, 0))
    captured = _captured(source, archive)
    held = _held(connection, source, version)
    result.removed = _forget(connection, source, keep=held & (captured.keys() | _starter(source, starter).keys()))
    _load_new(connection, source, captured, version, result, progress)
    # Starter captures stand in until a real one could be read; an unusable body does not put them away.
    wanted = captured if _has_good(connection, source) else captured | _starter(source, starter)
    result.removed += _forget(connection, source, keep=set(wanted))
    _load_new(connection, source, wanted, version, result, progress)
    if changed or result.loaded or result.removed:
        staging.record_versions(connection, source.tables)
    return result


def _load_new(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    wanted: dict[tuple[str, str], Pending],
    version: str,
    result: LoadResult,
    progress: Callable[[str], None],
) -> None:
    held = _held(connection, source, version)
    new = sorted(wanted.keys() - held, key=lambda item: (wanted[item].capture.captured_at, item))
    for start in range(0, len(new), BATCH_DOCUMENTS):
        batch = [wanted[key] for key in new[start : start + BATCH_DOCUMENTS]]
        progress(f"{source.name}: documents {start + 1} to {start + len(batch)} of {len(new)}")
        _load_batch(connection, source, batch, version, result)


def is_pending(
    connection: duckdb.DuckDBPyConnection, source: Source, archive: Archive, starter: StarterArchive
) -> bool:
    """Whether a load would change anything."""
    declared = connection.execute("select * from staging.source where source = ?", [source.name]).fetchone()
    everything = connection.execute(
        "select capture_id, document, parser_version from staging.document where source = ?", [source.name]
    ).fetchall()
    version = parser_version(source)
    captured = _captured(source, archive)
    wanted = captured if _has_good(connection, source) else captured | _starter(source, starter)
    return declared != _declaration(source) or set(everything) != {(*key, version) for key in wanted}


def _has_good(connection: duckdb.DuckDBPyConnection, source: Source) -> bool:
    """Whether any capture of our own, or given by the user, could be read."""
    row = connection.execute(
        "select count(*) from staging.document where source = ? and state = 'good' and origin <> 'starter'",
        [source.name],
    ).fetchone()
    return bool(row and row[0])


def _held(connection: duckdb.DuckDBPyConnection, source: Source, version: str) -> set[tuple[str, str]]:
    rows = connection.execute(
        "select capture_id, document from staging.document where source = ? and parser_version = ?",
        [source.name, version],
    ).fetchall()
    return {(capture_id, document) for capture_id, document in rows}


def _captured(source: Source, archive: Archive) -> dict[tuple[str, str], Pending]:
    """Every document of the source's captures, by capture and label."""
    return {
        (capture.capture_id, stored.label): Pending(capture, stored, _reader(archive, capture, stored))
        for capture in archive.captures(source.name)
        for stored in capture.documents
    }


def _starter(source: Source, starter: StarterArchive) -> dict[tuple[str, str], Pending]:
    """Every document of the source's starter captures."""
    return {
        (capture.capture_id, stored.label): Pending(capture, stored, _given(document))
        for capture, documents in starter.captures(source.name)
        for stored, document in zip(capture.documents, documents, strict=True)
    }


def _reader(archive: Archive, capture: Capture, stored: StoredDocument) -> Callable[[], Document]:
    return lambda: archive.document(capture, stored)


def _given(document: Document) -> Callable[[], Document]:
    return lambda: document


def _declaration(source: Source) -> tuple[Any, ...]:
    hours = source.stale_after.total_seconds() / 3600
    kind, tables = source.kind.value, list(source.tables)
    return source.name, source.title, kind, source.homepage, source.licence, hours, tables


def _declare(connection: duckdb.DuckDBPyConnection, source: Source) -> bool:
    """Write the source's declaration; true when it is new or changed."""
    held = connection.execute("select * from staging.source where source = ?", [source.name]).fetchone()
    if held == _declaration(source):
        return False
    connection.execute("delete from staging.source where source = ?", [source.name])
    connection.execute("insert into staging.source values (?, ?, ?, ?, ?, ?, ?)", _declaration(source))
    return True


def _forget(connection: duckdb.DuckDBPyConnection, source: Source, keep: set[tuple[str, str]]) -> int:
    held = connection.execute(
        "select capture_id, document from staging.document where source = ?", [source.name]
    ).fetchall()
    gone = [(capture_id, document) for capture_id, document in held if (capture_id, document) not in keep]
    for capture_id, document in gone:
        for name in (*source.tables, "document", "rejected"):
            connection.execute(
                f"delete from staging.{name} where source = ? and capture_id = ? and document = ?",
                [source.name, capture_id, document],
            )
    return len(gone)


def _load_batch(
    connection: duckdb.DuckDBPyConnection, source: Source, batch: list[Pending], version: str, result: LoadResult
) -> None:
    """Parse a batch of documents, then cast, check and insert all their rows in a few statements."""
    with tempfile.TemporaryDirectory() as folder:
        parsed = [_parse(source, item) for item in batch]
        connection.execute(
            "create or replace temp table batch (_document bigint, source varchar, document varchar, "
            "capture_id varchar, observed_at timestamp, origin varchar)"
        )
        connection.executemany(
            "insert into batch values (?, ?, ?, ?, ?, ?)",
            [[number, *_provenance(source, item)] for number, item in enumerate(batch)],
        )
        rows: Counter[int] = Counter()
        tables = staging.staging_tables()
        for name in source.tables:
            path = Path(folder) / f"{name}.jsonl"
            # A lone surrogate is no character; it is replaced here as it would be in any UTF-8 text.
            with path.open("w", encoding="utf-8", errors="replace") as file:
                for number, document in enumerate(parsed):
                    file.writelines(f'{{"_document": {number}, {line[1:]}\n' for line in document.lines.get(name, ()))
            if path.stat().st_size:
                inserted = insert_checked(connection, tables[name], path)
                rows.update(inserted)
                result.rows[name] += sum(inserted.values())
    _insert_rejects(connection, source, batch, parsed)
    rejected = dict(
        connection.execute(
            "select _document, count(*) from staging.rejected join batch using (capture_id, document) group by 1"
        ).fetchall()
    )
    for number, (item, document) in enumerate(zip(batch, parsed, strict=True)):
        problem = document.problem
        if not problem and not rows[number]:
            problem = f"no rows could be read from {item.stored.url}"
        if problem:
            result.bad.append(f"{item.stored.label}: {problem}")
        result.loaded += 1
        result.rejected += rejected.get(number, 0)
        _insert_document(connection, source, item, version, problem, rows[number], rejected.get(number, 0))


def _parse(source: Source, item: Pending) -> ParsedDocument:
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


def _provenance(source: Source, item: Pending) -> list[Any]:
    capture = item.capture
    moment = capture.captured_at.replace(tzinfo=None)
    return [source.name, item.stored.label, capture.capture_id, moment, capture.origin.value]


def _insert_document(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    item: Pending,
    version: str,
    problem: str | None,
    rows: int,
    rejected: int,
) -> None:
    capture, stored = item.capture, item.stored
    media_type = stored.headers.get("content-type", "").split(";")[0].strip().lower() or None
    connection.execute(
        f"insert into staging.document values ({', '.join('?' * len(staging.DOCUMENT.columns))})",
        [
            *_provenance(source, item),
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
    connection: duckdb.DuckDBPyConnection, source: Source, batch: list[Pending], parsed: list[ParsedDocument]
) -> None:
    rows = [
        [*_provenance(source, item), number, reject.table, reject.reason, reject.text[:MAX_RAW_CHARS]]
        for item, document in zip(batch, parsed, strict=True)
        for number, reject in document.rejects
    ]
    if rows:
        connection.executemany(
            f"insert into staging.rejected values ({', '.join('?' * len(staging.REJECTED.columns))})", rows
        )
