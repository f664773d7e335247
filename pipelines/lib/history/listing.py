"""Documents that list the members of a `History`, read into one view of rows.

Pages of a listing of everything are read by DuckDB itself, by its own connection and into Parquet: a body it cannot
read aborts that connection's statement and no transaction. Whatever is not wholly fine, and every other document, goes
through the source's parser, whose meaning is the one that counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipelines.lib import contract, documents
from pipelines.lib.contract import Column, literal
from pipelines.lib.documents import Pending
from pipelines.lib.history.logs import Logs, columns
from pipelines.lib.history.moments import Moment
from pipelines.lib.source import Source
from pipelines.lib.staging import PROVENANCE

PAGES_AT_ONCE = 250
# Rows that went through the parser stand behind those that did not.
PARSED_FROM = 1_000_000_000_000


@dataclass
class Read:
    """What reading some documents gave: bad ones with their problem, and how many pieces were rejected."""

    bad: list[tuple[Pending, str]] = field(default_factory=list)
    rejected: int = 0


@dataclass(frozen=True)
class Listings:
    """The documents of some moments, read; `show` makes one moment the temp view `listing`."""

    connection: duckdb.DuckDBPyConnection
    logs: Logs
    files: list[Path]
    unread: list[Pending]
    read: dict[datetime, Read]

    def show(self, moment: Moment) -> Read:
        """The rows of one moment as `listing`; of two that show one member, the document given first goes first."""
        own = tuple(column.name for column in self.logs.shape.columns if column not in PROVENANCE)
        parts = [
            f"select {PARSED_FROM} + rowid as _row, {columns(own)}, {self.logs.hash_sql} as version_hash "
            f"from temp.{self.logs.history.shape} where observed_at = timestamp '{moment.observed_at}'"
        ]
        if self.files:
            listed = ", ".join(literal(str(path)) for path in self.files)
            but = sorted({literal(str(item.path)) for item in self.unread})
            excluded = f"where filename not in ({', '.join(but)})" if but else ""
            parts.append(
                f"select file_index * 10000000 + file_row_number as _row, {columns(own)}, version_hash "
                f"from read_parquet([{listed}], file_row_number = true) {excluded}"
            )
        self.connection.execute(f"create or replace temp view listing as {' union all by name '.join(parts)}")
        return self.read[moment.observed_at]


@contextmanager
def listings_of(
    connection: duckdb.DuckDBPyConnection, source: Source, logs: Logs, moments: Sequence[Moment]
) -> Iterator[Listings]:
    """Read the documents of some moments; only a moment alone may have pages of a listing of everything."""
    items = [item for moment in moments for item in moment.items]
    with TemporaryDirectory(prefix="modelmarket-") as name:
        quick = [item for item in items if _is_quick(logs, item)]
        files, unread = _read_pages(logs, quick, Path(name))
        slow = [item for item in items if item in unread or not _is_quick(logs, item)]
        read = {moment.observed_at: Read() for moment in moments}
        _parse(connection, source, logs, slow, read)
        yield Listings(connection, logs, files, unread, read)
        connection.execute("drop view if exists listing")


def batches(logs: Logs, moments: Sequence[Moment]) -> Iterator[list[Moment]]:
    """Moments in their order, as many at once as are read well together."""
    batch: list[Moment] = []
    for moment in moments:
        alone = any(_is_quick(logs, item) for item in moment.items)
        if batch and (alone or sum(len(item.items) for item in batch) + len(moment.items) > PAGES_AT_ONCE):
            yield batch
            batch = []
        batch.append(moment)
        if alone:
            yield batch
            batch = []
    if batch:
        yield batch


def _is_quick(logs: Logs, item: Pending) -> bool:
    return (
        logs.history.read_json is not None
        and item.path is not None
        and item.path.exists()
        and logs.history.all_of_it(item.stored.label)
    )


def _read_pages(logs: Logs, items: list[Pending], folder: Path) -> tuple[list[Path], list[Pending]]:
    """Pages as Parquet files, and those left to the parser."""
    if not items:
        return [], []
    with duckdb.connect() as reader:
        reader.execute("set timezone = 'UTC'")
        files: list[Path] = []
        unread: list[Pending] = []
        todo = [items[start : start + PAGES_AT_ONCE] for start in range(0, len(items), PAGES_AT_ONCE)][::-1]
        while todo:
            pages = todo.pop()
            target = folder / f"{len(files) + len(unread):06}-{len(pages)}.parquet"
            try:
                odd = _copy(reader, logs, pages, target)
            except (duckdb.Error, UnicodeDecodeError):  # the latter from an error message that quotes the body
                # One body among them is not what it should be: halves, until it stands alone.
                if len(pages) == 1:
                    unread += pages
                else:
                    middle = len(pages) // 2
                    todo += [pages[middle:], pages[:middle]]
                continue
            files.append(target)
            unread += [item for item in pages if str(item.path) in odd]
    return files, unread


def _copy(reader: duckdb.DuckDBPyConnection, logs: Logs, pages: list[Pending], target: Path) -> set[str]:
    """Write the rows of some pages; the files with a row that is not wholly fine come back."""
    paths = ", ".join(literal(str(item.path)) for item in pages)
    select = str(logs.history.read_json).replace("{files}", f"[{paths}]")
    moment = pages[0].capture.captured_at.replace(tzinfo=None)
    own = [column for column in logs.shape.columns if column not in PROVENANCE]
    doubts = " or ".join(_doubt(column, f"timestamp '{moment}'") for column in own)
    reader.execute(
        f"""
        copy (select *, {logs.hash_sql} as version_hash, is_odd or coalesce({doubts}, false) as _odd from ({select}))
        to {literal(str(target))} (format parquet, compression lz4)
        """
    )
    found = reader.execute("select distinct filename from read_parquet(?) where _odd", [str(target)]).fetchall()
    return {name for (name,) in found}


def _doubt(column: Column, moment: str) -> str:
    """Whether a value breaks the contract; `documents` says how, for the parser's reading of the same row."""
    name = f'"{column.name}"'
    cases = [] if column.nullable else [f"{name} is null"]
    if column.type == "DOUBLE":
        cases.append(f"coalesce(not isfinite({name}), false)")
    if column.accepted:
        cases.append(f"coalesce({name} not in ({', '.join(map(literal, column.accepted))}), false)")
    if column.bound:
        cases.append(f"coalesce(not {name} {column.bound}, false)")
    if column.not_future:
        cases.append(f"coalesce({name} > {moment} + interval 1 day, false)")
    return " or ".join(cases) or "false"


def _parse(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    logs: Logs,
    items: list[Pending],
    read: Mapping[datetime, Read],
) -> None:
    """Rows of some documents by the source's parser, into a temp table called like their shape."""
    table = replace(logs.shape, schema="temp")
    connection.execute(contract.create_sql(table).replace("create or replace table", "create or replace temp table"))
    for start in range(0, len(items), PAGES_AT_ONCE):
        batch = items[start : start + PAGES_AT_ONCE]
        parsed = [documents.parse(source, item) for item in batch]
        stored = documents.store_rows(connection, source, batch, parsed, {logs.history.shape: table})
        for number, (item, document) in enumerate(zip(batch, parsed, strict=True)):
            found = read[item.capture.captured_at.replace(tzinfo=None)]
            problem = document.problem
            if not problem and not stored.rows[number] and not logs.history.all_of_it(item.stored.label):
                problem = f"no rows could be read from {item.stored.url}"
            if problem:
                found.bad.append((item, problem))
            found.rejected += stored.rejected[number]
