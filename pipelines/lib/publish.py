"""The published copy: what every reader opens, at any time, also while a run writes.

A compact copy in storage version 1.5, so that command-line clients of that generation open it, put in place by one
atomic rename: a reader keeps the file it opened, the next one sees the new file.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import duckdb

from pipelines.lib.contract import literal
from pipelines.lib.warehouse import Warehouse
from warehouse import WAREHOUSE_DIR

STORAGE_VERSION = "v1.5.0"


class NothingPublished(RuntimeError):
    """There is no published file yet."""


def published_path(data_dir: Path) -> Path:
    """Where readers find the copy."""
    return data_dir / "published" / "modelmarket.duckdb"


def publish(warehouse: Warehouse, data_dir: Path) -> bool:
    """Copy the warehouse for readers; false when the copy in place is already of this version."""
    target = published_path(data_dir)
    target.parent.mkdir(parents=True, exist_ok=True)
    with warehouse.read() as connection:
        version = _version(connection)
        if target.exists() and _published_version(target) == version:
            return False
        _create_table_macros(connection)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.partial")
        temporary.unlink(missing_ok=True)
        try:
            connection.execute(f"attach {literal(str(temporary))} as copy (storage_version '{STORAGE_VERSION}')")
            connection.execute("copy from database modelmarket to copy")
            _leave_out(connection)
            connection.execute("create or replace table copy.meta.published as select ? as version", [version])
            connection.execute("detach copy")
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    return True


def _leave_out(connection: duckdb.DuckDBPyConnection) -> None:
    """Take what sources said that may not be passed on out of the copy; it stays in the warehouse.

    Only staging has such rows: `core.score` leaves them out.
    """
    tables = connection.execute(
        "select table_name from duckdb_columns() where database_name = 'copy' and schema_name = 'staging' "
        "and column_name = 'source' and table_name not in ('source', 'document')"
    ).fetchall()
    for (name,) in tables:
        connection.execute(
            f'delete from copy.staging."{name}" '
            "where source in (select source from copy.staging.source where not is_redistributable)"
        )


def _create_table_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the macros whose tables are built; DuckDB binds a macro's tables when it is created."""
    built = {row[0] for row in connection.execute("select table_name from meta.table_build").fetchall()}
    for statement in duckdb.extract_statements((WAREHOUSE_DIR / "table_macros.sql").read_text(encoding="utf-8")):
        text = re.sub(r"--.*", "", statement.query)
        if set(re.findall(r"\b(?:from|join) (\w+\.\w+)", text)) <= built:
            connection.execute(statement)
            built |= set(re.findall(r"\bmacro (\w+\.\w+)", text))


def _version(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute(
        "select md5(string_agg(concat_ws('|', table_name, fingerprint), ',' order by table_name)) from meta.table_build"
    ).fetchone()
    return str(row[0]) if row else ""


def _published_version(path: Path) -> str | None:
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            row = connection.execute("select version from meta.published").fetchone()
    except duckdb.Error:
        return None
    return str(row[0]) if row else None


def open_published(data_dir: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection that cannot read other files of the machine. Raises NothingPublished."""
    path = published_path(data_dir)
    if not path.exists():
        raise NothingPublished(f"there is no {path} yet; run `modelmarket run` first")
    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "lock_configuration": "true",
    }
    return duckdb.connect(str(path), read_only=True, config=config)
