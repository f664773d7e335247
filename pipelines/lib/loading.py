"""From captures to staging tables: parse what is new, keep what is bad with its reason.

A document is loaded once per version of its parser. Loading is incremental and idempotent: the staging tables are a
function of the set of captures in the archive, whatever order they came in. Documents of a source with a `History` that
list its members are kept as changes (`pipelines.lib.history`), all others as rows per capture or, where their table
says so, as the differences between captures (`differences`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import duckdb

from pipelines.lib import documents, staging
from pipelines.lib.archive import Archive, Capture, StarterArchive, StoredDocument
from pipelines.lib.differences import Differences, Moment
from pipelines.lib.documents import LoadResult, Pending
from pipelines.lib.history.logs import Logs
from pipelines.lib.history.sync import sync
from pipelines.lib.parser_version import parser_version
from pipelines.lib.source import Document, Source

BATCH_DOCUMENTS = 100
# Set to 1 by those who pass nothing on: then figures that are only for local use are part of tables and reports too.
LOCAL_USE = "MODELMARKET_LOCAL_USE"
Wanted = dict[tuple[str, str], Pending]
Progress = Callable[[str], None]


def load(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    archive: Archive,
    starter: StarterArchive,
    progress: Progress = lambda _message: None,
) -> LoadResult:
    """Bring the staging tables of one source up to date, inside the caller's transaction."""
    staging.create_tables(connection)
    changed = _declare(connection, source)
    version = parser_version(source)
    result = LoadResult(rows=dict.fromkeys(source.tables, 0))
    captured, started = _captured(source, archive), _starter(source, starter)
    held = _held(connection, source)
    kept = {key: item for key, item in started.items() if (key[0], _entry(source, key[1])) in held}
    _bring_to(connection, source, captured | kept, version, result, progress)
    # Starter captures stand in until a real one could be read; an unusable body does not put them away.
    wanted = captured if _has_good(connection, source) else captured | started
    _bring_to(connection, source, wanted, version, result, progress)
    if changed or result.loaded or result.removed:
        staging.record_versions(connection, source.tables)
    return result


def _bring_to(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    wanted: Wanted,
    version: str,
    result: LoadResult,
    progress: Progress,
) -> None:
    """Make the staging tables hold exactly these documents."""
    rows = {key: item for key, item in wanted.items() if not _is_listing(source, key[1])}
    if source.history is not None:
        listings = [item for key, item in wanted.items() if key not in rows]
        sync(connection, source, Logs(source.history), listings, version, result, progress)
    result.removed += _forget(connection, source, keep=set(rows), version=version)
    new = sorted(
        rows.keys() - _held(connection, source).keys(), key=lambda item: (rows[item].capture.captured_at, item)
    )
    for start in range(0, len(new), BATCH_DOCUMENTS):
        batch = [rows[key] for key in new[start : start + BATCH_DOCUMENTS]]
        progress(f"{source.name}: documents {start + 1} to {start + len(batch)} of {len(new)}")
        _load_batch(connection, source, batch, version, result)


def _is_listing(source: Source, label: str) -> bool:
    return source.history is not None and source.history.lists(label)


def _entry(source: Source, label: str) -> str:
    """The document under which one of this label stands in the ledger."""
    return source.history.document if source.history is not None and _is_listing(source, label) else label


def is_pending(
    connection: duckdb.DuckDBPyConnection, source: Source, archive: Archive, starter: StarterArchive
) -> bool:
    """Whether a load would change anything."""
    declared = connection.execute("select * from staging.source where source = ?", [source.name]).fetchone()
    captured = _captured(source, archive)
    wanted = captured if _has_good(connection, source) else captured | _starter(source, starter)
    version = parser_version(source)
    held = _held(connection, source)
    due = {(key[0], _entry(source, key[1])): item for key, item in wanted.items()}
    current = {key for key, parser in held.items() if parser == version or _is_retired(due.get(key))}
    return declared != _declaration(source) or held.keys() != due.keys() or current != due.keys()


def _is_retired(item: Pending | None) -> bool:
    return item is not None and item.capture.bodies_expired_at is not None


def _has_good(connection: duckdb.DuckDBPyConnection, source: Source) -> bool:
    """Whether any capture of our own, or given by the user, could be read."""
    row = connection.execute(
        "select count(*) from staging.document where source = ? and state = 'good' and origin <> 'starter'",
        [source.name],
    ).fetchone()
    return bool(row and row[0])


def _held(connection: duckdb.DuckDBPyConnection, source: Source) -> dict[tuple[str, str], str]:
    """Capture and document of what is loaded, with the parser's version; bad pages of a listing are left out."""
    rows = connection.execute(
        "select capture_id, document, parser_version from staging.document where source = ?", [source.name]
    ).fetchall()
    return {(capture_id, label): parser for capture_id, label, parser in rows if not _is_listing(source, label)}


def loaded_captures(connection: duckdb.DuckDBPyConnection, source: Source) -> set[str]:
    """Captures whose documents are all in the staging tables, good or bad."""
    return {capture_id for capture_id, _ in _held(connection, source)}


def _captured(source: Source, archive: Archive) -> Wanted:
    """Every document of the source's captures, by capture and label."""
    return {
        (capture.capture_id, stored.label): Pending(
            capture, stored, _reader(archive, capture, stored), archive.body_path(stored)
        )
        for capture in archive.captures(source.name)
        for stored in capture.documents
    }


def _starter(source: Source, starter: StarterArchive) -> Wanted:
    """Every document of the source's starter captures."""
    return {
        (capture.capture_id, stored.label): Pending(capture, stored, _given(document))
        for capture, bodies in starter.captures(source.name)
        for stored, document in zip(capture.documents, bodies, strict=True)
    }


def _reader(archive: Archive, capture: Capture, stored: StoredDocument) -> Callable[[], Document]:
    return lambda: archive.document(capture, stored)


def _given(document: Document) -> Callable[[], Document]:
    return lambda: document


def _declaration(source: Source) -> tuple[Any, ...]:
    hours = source.stale_after.total_seconds() / 3600
    kind, tables = source.kind.value, list(source.tables)
    may_pass_on = source.is_redistributable or os.environ.get(LOCAL_USE) == "1"
    return source.name, source.title, kind, source.homepage, source.licence, hours, tables, may_pass_on


def _declare(connection: duckdb.DuckDBPyConnection, source: Source) -> bool:
    """Write the source's declaration; true when it is new or changed."""
    held = connection.execute("select * from staging.source where source = ?", [source.name]).fetchone()
    if held == _declaration(source):
        return False
    connection.execute("delete from staging.source where source = ?", [source.name])
    connection.execute("insert into staging.source values (?, ?, ?, ?, ?, ?, ?, ?)", _declaration(source))
    return True


def _forget(connection: duckdb.DuckDBPyConnection, source: Source, keep: set[tuple[str, str]], version: str) -> int:
    """Delete the rows of documents that are not wanted, or were read by another version of the parser."""
    held = _held(connection, source)
    listing = source.history.document if source.history is not None else None
    gone = [key for key, parser in held.items() if key[1] != listing and (key not in keep or parser != version)]
    own = (*staging.row_tables(source.tables), "document", "rejected")
    for name in staging.row_tables(source.tables, ("differences",)):
        for document in sorted({document for _, document in gone}):
            log = Differences(connection, staging.staging_tables()[name], source.name, document)
            log.forget(capture_id for capture_id, label in gone if label == document)
    for capture_id, document in gone:
        for name in own:
            connection.execute(
                f"delete from staging.{name} where source = ? and capture_id = ? and document = ?",
                [source.name, capture_id, document],
            )
    return len(gone)


def _load_batch(
    connection: duckdb.DuckDBPyConnection, source: Source, batch: list[Pending], version: str, result: LoadResult
) -> None:
    """Parse a batch of documents, then cast, check and insert all their rows in a few statements."""
    parsed = [documents.parse(source, item) for item in batch]
    names = staging.row_tables(source.tables, ("rows", "differences"))
    tables = {name: staging.staging_tables()[name] for name in names}
    stored = documents.store_rows(connection, source, batch, parsed, tables)
    for name, count in stored.by_table.items():
        result.rows[name] += count
    good: dict[str, list[Moment]] = {}
    for number, (item, document) in enumerate(zip(batch, parsed, strict=True)):
        problem = document.problem
        if not problem and not stored.rows[number]:
            problem = f"no rows could be read from {item.stored.url}"
        if problem:
            result.bad.append(f"{item.stored.label}: {problem}")
        result.loaded += 1
        result.rejected += stored.rejected[number]
        documents.insert_document(
            connection, source, item, version, problem, stored.rows[number], stored.rejected[number]
        )
        if not problem:
            good.setdefault(item.stored.label, []).append(_moment(source, item))
    for table in (tables[name] for name in staging.row_tables(source.tables, ("differences",))):
        for document_label, moments in good.items():
            log = Differences(connection, table, source.name, document_label)
            log.add(moments, f"every_{table.name}")


def _moment(source: Source, item: Pending) -> Moment:
    """When and by which capture a document was good."""
    _, _, capture_id, observed_at, origin = documents.provenance(source, item)
    return Moment(observed_at, capture_id, origin)
