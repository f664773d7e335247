"""The tables of the staging schema: the parsed shapes with their provenance, and the machine's own ledger.

Here belong their contracts, their creation and their versions; filling them is `pipelines.lib.loading`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import duckdb

from pipelines.lib import contract
from pipelines.lib.contract import Column, Table
from pipelines.lib.differences import GONE
from pipelines.lib.source import Origin
from pipelines.lib.sql_model import create_meta, record_build
from warehouse import WAREHOUSE_DIR


class StagingError(RuntimeError):
    """The staging schema cannot be brought to its contracts without loss; nothing was changed."""


PROVENANCE = (
    Column("source", "VARCHAR", "Source of the row."),
    Column("document", "VARCHAR", "Document of the source."),
    Column("capture_id", "VARCHAR", "Capture the row was read from."),
    Column("observed_at", "TIMESTAMP", "Time of that capture, UTC."),
    Column("origin", "VARCHAR", "Origin of that capture.", accepted=tuple(item.value for item in Origin)),
)
DOCUMENT = Table(
    "staging",
    "document",
    "Every document of every capture and what became of it. One row per capture and document.",
    ("capture_id", "document"),
    (
        *PROVENANCE,
        Column("origin_note", "VARCHAR", "Where a capture that is not live comes from.", nullable=True),
        Column("is_complete", "BOOLEAN", "Whether every document of the capture arrived."),
        Column("url", "VARCHAR", "Address of the document."),
        Column("http_status", "INTEGER", "Status of the answer."),
        Column("media_type", "VARCHAR", "Media type as served.", nullable=True),
        Column("sha256", "VARCHAR", "Hash of the body in the raw archive."),
        Column("bytes", "BIGINT", "Size of the body."),
        Column("state", "VARCHAR", "good = rows were read; bad = the body could not be used.", False, ("good", "bad")),
        Column("problem", "VARCHAR", "Why the body could not be used.", nullable=True),
        Column("rows", "BIGINT", "Rows read."),
        Column("rejected", "BIGINT", "Rows rejected."),
        Column("parser_version", "VARCHAR", "Version of the parser and contract that read it."),
    ),
)
REJECTED = Table(
    "staging",
    "rejected",
    "What could not be loaded, with its reason. One row per rejected piece of a document.",
    ("capture_id", "document", "number"),
    (
        *PROVENANCE,
        Column("number", "BIGINT", "Running number within the document."),
        Column("table_name", "VARCHAR", "Table it was meant for, where known.", nullable=True),
        Column("reason", "VARCHAR", "Why it was rejected."),
        Column("raw", "VARCHAR", "The raw text."),
    ),
)
SOURCE = Table(
    "staging",
    "source",
    "The sources as declared. One row per source.",
    ("source",),
    (
        Column("source", "VARCHAR", "Name of the source."),
        Column("title", "VARCHAR", "Title."),
        Column("kind", "VARCHAR", "Whose word it is."),
        Column("homepage", "VARCHAR", "Home page."),
        Column("licence", "VARCHAR", "Licence or terms as the producer states them."),
        Column("stale_after_hours", "DOUBLE", "The source counts as stale after this many hours."),
        Column("tables", "VARCHAR[]", "Staging tables it fills."),
        Column("is_redistributable", "BOOLEAN", "Whether its rows may be in files that are passed on."),
    ),
)
MACHINE_TABLES = (DOCUMENT, REJECTED, SOURCE)


@cache
def staging_tables() -> dict[str, Table]:
    """Contracts of the staging schema by name; all but logs of changes with provenance columns."""
    extra = {"changes": (), "differences": (*PROVENANCE, GONE)}
    return {
        table.name: table.with_columns(extra.get(table.kept, PROVENANCE))
        for table in contract.read_contracts(WAREHOUSE_DIR, ["staging"])
    }


def kept_tables() -> list[Table]:
    """The staging tables there are in a warehouse, the machine's own ones left out."""
    return [table for table in staging_tables().values() if table.kept != "elsewhere"]


def row_tables(names: Iterable[str], kept: tuple[str, ...] = ("rows",)) -> list[str]:
    """Those of some staging tables that hold rows per capture, or are kept in another way."""
    return [name for name in names if staging_tables()[name].kept in kept]


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create staging tables that are missing; a changed contract replaces its table, and all is loaded again.

    A log of changes is never replaced: it may hold what no body can tell any more. It gets its new columns, and a
    contract that takes one away is refused with a StagingError.
    """
    create_meta(connection)
    connection.execute(
        "create table if not exists meta.staging_contract (table_name varchar primary key, contract varchar)"
    )
    kept = dict(connection.execute("select table_name, contract from meta.staging_contract").fetchall())
    for table in (*kept_tables(), *MACHINE_TABLES):
        text = contract.create_sql(table)
        if kept.get(table.name) == text:
            continue
        if table.kept == "changes" and table.name in kept:
            _extend(connection, table)
        else:
            connection.execute(text)
        for statement in contract.comment_sql(table):
            connection.execute(statement)
        connection.execute("insert or replace into meta.staging_contract values (?, ?)", [table.name, text])
        if table.name in kept and table not in MACHINE_TABLES:
            connection.execute("delete from staging.document")


def _extend(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    held = {name: kind for name, kind, *_ in connection.execute(f"describe {table.full_name}").fetchall()}
    declared = {column.name: column.type for column in table.columns}
    if lost := sorted(name for name, kind in held.items() if declared.get(name) != kind):
        raise StagingError(
            f"{table.full_name} holds {', '.join(lost)}, which its contract no longer has so; a log of changes is not "
            "rewritten. Move the warehouse file away to build it anew from the bodies that are left."
        )
    for name in declared.keys() - held.keys():
        connection.execute(f'alter table {table.full_name} add column "{name}" {declared[name]}')


def record_versions(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    """Set the version of staging tables from the documents they hold, so that readers know when to rebuild."""
    kept = [name for name in tables if staging_tables()[name].kept != "elsewhere"]
    for name in (*kept, "document", "rejected", "source"):
        everything = name in ("document", "rejected", "source")
        held = connection.execute(
            "select coalesce(md5(string_agg(concat_ws('|', capture_id, document, parser_version, state), ',' "
            "order by capture_id, document)), '') from staging.document where ? or source in "
            "(select source from staging.source where list_contains(tables, ?))",
            [everything, name],
        ).fetchone()
        declared = connection.execute(
            "select md5(string_agg(s::varchar, ',' order by source)) from staging.source as s"
        )
        version = f"{held[0] if held else ''}{(declared.fetchone() or [''])[0] if everything else ''}"
        count = connection.execute(f"select count(*) from staging.{name}").fetchone()
        record_build(connection, f"staging.{name}", version, count[0] if count else 0)
