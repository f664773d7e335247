"""SQL models: one file, one table. Finds them, orders them, builds one with its checks in one transaction.

A model is rebuilt only when its fingerprint changes: its own text, the fingerprints of what it reads, and, where
it asks for `as_at()`, that moment. The clock is never part of it, so the same inputs give the same tables.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from pipelines.lib import contract
from pipelines.lib.contract import Check, Table
from warehouse import WAREHOUSE_DIR

SAMPLE_ROWS = 5


class ModelError(RuntimeError):
    """A model cannot be built, or breaks its contract; the table of before stays."""

    def __init__(self, message: str, failed: tuple[FailedCheck, ...] = ()) -> None:
        super().__init__(message)
        self.failed = failed


@dataclass(frozen=True)
class FailedCheck:
    """A data test with offending rows: how many, and a small sample."""

    check: Check
    rows: int
    sample: str


@dataclass(frozen=True)
class BuildResult:
    """What a build did: rows in the table, and whether anything had to be done."""

    table: str
    rows: int
    rebuilt: bool
    fingerprint: str


@dataclass(frozen=True)
class SqlModel:
    """A contract, the select that fills it, and the file it came from."""

    table: Table
    path: Path

    @cached_property
    def select(self) -> str:
        """The body; for a seed without one, a cast of the CSV beside the header."""
        if self.table.body:
            return self.table.body
        csv = self.path.with_suffix(".csv")
        columns = ", ".join(
            f'nullif(trim("{column.name}"), \'\')::{column.type} as "{column.name}"' for column in self.table.columns
        )
        source = f"read_csv({contract.literal(str(csv))}, header = true, all_varchar = true, strict_mode = true)"
        return f"select {columns} from {source}"

    @cached_property
    def depends_on(self) -> frozenset[str]:
        """Tables the select reads, as `schema.name`, and those its columns refer to."""
        named = {name for name in tables_read(self.table.body) if name.split(".")[0] in SCHEMA_SET}
        referred = {
            column.references.rpartition(".")[0] for column in self.table.columns if column.references is not None
        }
        return frozenset((named | referred) - {self.table.full_name})

    @cached_property
    def text_hash(self) -> str:
        """Hash of everything in the project that decides the table's content."""
        digest = hashlib.sha256(self.path.read_bytes())
        digest.update((WAREHOUSE_DIR / "macros.sql").read_bytes())
        csv = self.path.with_suffix(".csv")
        if csv.exists():
            digest.update(csv.read_bytes())
        return digest.hexdigest()

    @property
    def asks_as_at(self) -> bool:
        """Whether the select depends on the moment for which current tables speak."""
        return "as_at()" in self.select


SCHEMA_SET = frozenset((*contract.SCHEMAS, "meta"))


@cache
def tables_read(select: str) -> frozenset[str]:
    """The `schema.table` names a select reads, from DuckDB's own syntax tree. Raises ModelError on bad syntax."""
    if not select:
        return frozenset()
    ((text,),) = duckdb.execute("select json_serialize_sql(?::varchar)", [select]).fetchall()
    tree = json.loads(text)
    if tree.get("error"):
        raise ModelError(f"a select cannot be read: {tree.get('error_message')} in {select[:80]!r}")
    found: set[str] = set()
    pending: list[Any] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending.extend(node)
        elif isinstance(node, dict):
            if node.get("type") == "BASE_TABLE" and node.get("schema_name"):
                found.add(f"{node['schema_name']}.{node['table_name']}")
            pending.extend(node.values())
    return frozenset(found)


def load_models(folder: Path = WAREHOUSE_DIR) -> list[SqlModel]:
    """Every seed, core and mart model, in an order in which they can be built."""
    found = {
        table.full_name: SqlModel(table, folder / table.schema / f"{table.name}.sql")
        for table in contract.read_contracts(folder)
        if table.schema != "staging"
    }
    graph = {name: [dep for dep in sorted(model.depends_on) if dep in found] for name, model in found.items()}
    return [found[name] for name in TopologicalSorter(graph).static_order()]


def fingerprint(model: SqlModel, inputs: Mapping[str, str], as_at: str) -> str:
    """The version of a table's content. `inputs` maps every table it reads to that table's version."""
    parts = [model.text_hash, *(f"{name}={inputs.get(name, '')}" for name in sorted(model.depends_on))]
    if model.asks_as_at:
        parts.append(as_at)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def create_meta(connection: duckdb.DuckDBPyConnection) -> None:
    """The record of builds: which version of each table is in place."""
    connection.execute(
        "create table if not exists meta.table_build (table_name varchar primary key, fingerprint varchar, rows bigint)"
    )


def built_fingerprints(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Version of every table in place."""
    create_meta(connection)
    return dict(connection.execute("select table_name, fingerprint from meta.table_build").fetchall())


def record_build(connection: duckdb.DuckDBPyConnection, table: str, version: str, rows: int) -> None:
    """Remember the version of a table that was just built."""
    connection.execute(
        "insert into meta.table_build values (?, ?, ?) on conflict (table_name) "
        "do update set fingerprint = excluded.fingerprint, rows = excluded.rows",
        [table, version, rows],
    )


def build(connection: duckdb.DuckDBPyConnection, model: SqlModel, as_at: str, *, comments: bool = True) -> BuildResult:
    """Build one table inside the caller's transaction, or leave it when nothing it depends on changed.

    Raises ModelError when the select fails, its columns differ from the contract, or a check finds rows.
    """
    name = model.table.full_name
    versions = built_fingerprints(connection)
    version = fingerprint(model, versions, as_at)
    if versions.get(name) == version:
        held = connection.execute("select rows from meta.table_build where table_name = ?", [name]).fetchone()
        return BuildResult(name, held[0] if held else 0, False, version)
    _fill(connection, model)
    if failed := run_checks(connection, model.table):
        listed = "; ".join(f"{item.check.name}: {item.rows} row(s), e.g. {item.sample}" for item in failed)
        raise ModelError(f"{name} breaks its contract ({listed})", failed)
    if comments:
        for statement in contract.comment_sql(model.table):
            connection.execute(statement)
    count = connection.execute(f"select count(*) from {name}").fetchone()
    rows = count[0] if count else 0
    record_build(connection, name, version, rows)
    return BuildResult(name, rows, True, version)


def _fill(connection: duckdb.DuckDBPyConnection, model: SqlModel) -> None:
    name = model.table.full_name
    expected = [column.name for column in model.table.columns]
    try:
        actual = [row[0] for row in connection.execute(f"describe {model.select}").fetchall()]
        if sorted(actual) != sorted(expected):
            missing, extra = sorted(set(expected) - set(actual)), sorted(set(actual) - set(expected))
            raise ModelError(
                f"{name}: the select gives other columns than the contract (missing {missing}, extra {extra})"
            )
        connection.execute(contract.create_sql(model.table))
        columns = ", ".join(f'"{column}"' for column in expected)
        order = ", ".join(f'"{column}"' for column in model.table.grain)
        connection.execute(f"insert into {name} select {columns} from ({model.select}) order by {order}")
    except duckdb.Error as error:
        raise ModelError(f"{name} cannot be built: {str(error).splitlines()[0]}") from error


def run_checks(connection: duckdb.DuckDBPyConnection, table: Table) -> tuple[FailedCheck, ...]:
    """Run every check of the contract; the ones with offending rows come back."""
    failed: list[FailedCheck] = []
    for check in contract.checks(table):
        count = connection.execute(f"select count(*) from ({check.query})").fetchone()
        if count and count[0]:
            failed.append(FailedCheck(check, count[0], _sample(connection, check.query)))
    return tuple(failed)


def _sample(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    cursor = connection.execute(f"select * from ({query}) limit {SAMPLE_ROWS}")
    names = [column[0] for column in cursor.description or ()]
    rows: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return json.dumps(rows, default=str, ensure_ascii=False)[:1000]
