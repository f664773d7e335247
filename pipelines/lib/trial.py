"""Parsing a loose file without storing anything: the same parser, contract and checks as the loader's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path

import duckdb

from pipelines.lib import contract, documents, staging
from pipelines.lib.archive import Capture, StoredDocument, utc_text
from pipelines.lib.differences import GONE
from pipelines.lib.documents import Pending
from pipelines.lib.importing import ImportRefused, as_document, date_of, refuse_future, stated_moments
from pipelines.lib.source import BadDocument, Document, Origin, Source
from pipelines.lib.staging import PROVENANCE, staging_tables
from pipelines.lib.warehouse import prepare


@dataclass(frozen=True)
class Trial:
    """What a file would load: rows as JSON lines, rejected pieces as sentences, and why it is unusable, if it is."""

    rows: list[str]
    rejected: list[str]
    problem: str | None

    @property
    def summary(self) -> str:
        """One line for the user."""
        text = f"{len(self.rows)} row(s), {len(self.rejected)} rejected"
        return f"{text}; not usable: {self.problem}" if self.problem else text


def parse_file(source: Source, path: Path, captured_at: datetime | None, label: str | None = None) -> Trial:
    """Read one file into memory and give back what came of it. Raises ImportRefused for an unreadable file.

    Of a body that speaks for many moments only the rows of one are read: of `captured_at`, else of the newest.
    """
    document = as_document(source, path, captured_at or datetime.now(UTC), label)
    try:
        stated = stated_moments(source, document)
    except BadDocument as error:
        return Trial([], [], str(error))
    document = replace(document, observed_at=_moment(stated, path, captured_at))
    with duckdb.connect() as connection:
        prepare(connection)
        staging.create_tables(connection)
        shapes = [staging_tables()[name] for name in source.tables if staging_tables()[name].kept != "changes"]
        # Also a shape that is kept elsewhere has a table here.
        tables = {
            shape.name: replace(
                shape,
                schema="temp",
                name=f"trial_{shape.name}",
                kept="rows",
                columns=tuple(column for column in shape.columns if column != GONE),
            )
            for shape in shapes
        }
        for table in tables.values():
            connection.execute(contract.create_sql(table).replace("replace table", "replace temp table", 1))
        item = _pending(source, document)
        parsed = documents.parse(source, item)
        stored = documents.store_rows(connection, source, [item], [parsed], tables)
        provenance = ", ".join(column.name for column in PROVENANCE if column.name != "document")
        rows: list[str] = []
        for name, table in tables.items():
            lines = connection.execute(
                f"select to_json(struct_insert(t, \"table\" := '{name}')) from "
                f"(select * exclude ({provenance}) from {table.full_name}) as t"
            ).fetchall()
            rows += [line[0] for line in lines]
        rejected = connection.execute("select reason || ' in ' || raw from staging.rejected order by number").fetchall()
    problem = parsed.problem or (None if stored.rows[0] else f"no rows could be read from {document.url}")
    return Trial(rows, [text for (text,) in rejected], problem)


def _moment(stated: tuple[datetime, ...], path: Path, captured_at: datetime | None) -> datetime:
    """When a body was captured; a bare day stands for the newest moment of that day."""
    if len(stated) < 2:
        moment = captured_at or next(iter(stated), None) or date_of(path) or datetime.now(UTC)
        refuse_future(path, moment)
        return moment
    if captured_at is None:
        return stated[-1]
    is_day = captured_at.timetz() == time(tzinfo=UTC)
    fitting = [moment for moment in stated if moment == captured_at or (is_day and moment.date() == captured_at.date())]
    if not fitting:
        span = f"{len(stated)} moments, {stated[0]:%Y-%m-%d %H:%M} to {stated[-1]:%Y-%m-%d %H:%M}"
        raise ImportRefused(f"{path.name} speaks for {span}, and not for {captured_at:%Y-%m-%d %H:%M}")
    return fitting[-1]


def _pending(source: Source, document: Document) -> Pending:
    moment = document.observed_at
    stored = StoredDocument(
        document.label, document.url, 200, document.headers, utc_text(moment), "", len(document.body)
    )
    capture = Capture(f"{source.name}-trial", source.name, Origin.IMPORTED, None, moment, True, None, (stored,))
    return Pending(capture, stored, lambda: document)
