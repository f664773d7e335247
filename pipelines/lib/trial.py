"""Parsing a loose file without storing anything: the same parser, contract and checks as the loader's."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.lib import loading, staging
from pipelines.lib.archive import Archive, StarterArchive
from pipelines.lib.importing import import_files
from pipelines.lib.source import Source
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


def parse_file(source: Source, path: Path, captured_at: datetime, label: str | None = None) -> Trial:
    """Load one file into memory and read back what came of it. Raises ImportRefused for an unreadable file."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        archive = Archive(Path(folder))
        import_files(source, archive, [path], captured_at=captured_at, where_from=None, label=label)
        prepare(connection)
        loading.load(connection, source, archive, StarterArchive(Path(folder) / "none"))
        rows: list[str] = []
        for name in source.tables:
            provenance = ", ".join(column.name for column in staging.PROVENANCE if column.name != "document")
            lines = connection.execute(
                f"select to_json(struct_insert(t, \"table\" := '{name}')) from "
                f"(select * exclude ({provenance}) from staging.{name}) as t"
            ).fetchall()
            rows += [line[0] for line in lines]
        rejected = connection.execute("select reason || ' in ' || raw from staging.rejected order by number").fetchall()
        problem = connection.execute("select problem from staging.document").fetchone()
        return Trial(rows, [item[0] for item in rejected], problem[0] if problem else None)
