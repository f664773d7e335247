"""The one place that opens DuckDB for writing: one writer, one transaction, always closed.

Readers use the published copy (`pipelines.lib.publish`); nobody else calls `duckdb.connect` on this file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from pipelines.lib.contract import SCHEMAS
from warehouse import WAREHOUSE_DIR

LOCK_SECONDS = 600.0


class WarehouseError(RuntimeError):
    """The warehouse cannot be opened or written; what was good in it is untouched."""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Create schemas and macros, unless the file holds them as they are now."""
    macros = (WAREHOUSE_DIR / "macros.sql").read_text(encoding="utf-8")
    version = hashlib.sha256(macros.encode()).hexdigest()[:16]
    if _prepared_version(connection) == version:
        return
    for schema in (*SCHEMAS, "meta"):
        connection.execute(f"create schema if not exists {schema}")
    for statement in duckdb.extract_statements(macros):
        connection.execute(statement)
    connection.execute("create or replace table meta.prepared as select ? as version", [version])


def _prepared_version(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Version of the macros in place; None in a file that has none yet."""
    held = connection.execute(
        "select count(*) from duckdb_tables() where database_name = current_database() "
        "and schema_name = 'meta' and table_name = 'prepared'"
    ).fetchone()
    if held is None or not held[0]:
        return None
    row = connection.execute("select version from meta.prepared").fetchone()
    return str(row[0]) if row else None


def set_as_at(connection: duckdb.DuckDBPyConnection, moment: datetime | None) -> None:
    """Set the moment for which `as_at()` answers (naive UTC)."""
    value = "null" if moment is None else f"timestamp '{moment:%Y-%m-%d %H:%M:%S}'"
    connection.execute(f"set variable as_at = {value}")


class Warehouse:
    """The working DuckDB file below the data folder."""

    def __init__(self, data_dir: Path, lock_seconds: float = LOCK_SECONDS) -> None:
        self.path = data_dir / "modelmarket.duckdb"
        self._lock_path = data_dir / "modelmarket.lock"
        self._lock_seconds = lock_seconds

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in one transaction: committed when the block ends well, rolled back otherwise.

        Raises WarehouseError when another writer holds the file for longer than the lock's patience.
        """
        with self._open() as connection:
            connection.execute("begin transaction")
            try:
                yield connection
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of the writer's own for reading; it waits its turn like a writer."""
        with self._open() as connection:
            yield connection

    @contextmanager
    def _open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._lock_path, timeout=self._lock_seconds)
        try:
            with lock:
                connection = self._connect()
                try:
                    connection.execute("set timezone = 'UTC'")
                    prepare(connection)
                    yield connection
                finally:
                    connection.close()
        except Timeout as error:
            raise WarehouseError(
                f"another run has been writing {self.path} for {self._lock_seconds:.0f} s; wait for it to end"
            ) from error

    def _connect(self) -> duckdb.DuckDBPyConnection:
        try:
            return duckdb.connect(str(self.path))
        except duckdb.IOException as error:
            raise WarehouseError(
                f"{self.path} cannot be opened ({str(error).splitlines()[0]}); if a client has it open, "
                "close it there and read the published copy instead"
            ) from error
