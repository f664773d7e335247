"""Reading a Parquet file that somebody else wrote: bytes in, rows as JSON texts out.

Here belong the bounds on a hostile file. What its columns mean is the affair of the source that reads them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb

from pipelines.lib.contract import literal

MAGIC = b"PAR1"
# A file of kilobytes can stand for terabytes: both what DuckDB holds and what comes out of it is bounded.
MEMORY_LIMIT = "2GB"
MAX_TEXT_CHARS = 500_000_000
ROWS_AT_ONCE = 10_000


class BadParquet(ValueError):
    """The bytes are no Parquet file, or one that cannot be read within bounds."""


def column_names(body: bytes) -> tuple[str, ...]:
    """Names of its columns, in their order. Raises BadParquet."""
    with _file(body) as (connection, table):
        return tuple(row[0] for row in connection.execute(f"describe from {table}").fetchall())


def read_rows(body: bytes, columns: Sequence[str], key: str | None) -> Iterator[tuple[str | None, str]]:
    """Per row, in the order of the file: the text of one column, if one is named, and some columns as a JSON object.

    Raises BadParquet, also half-way.
    """
    fields = ", ".join(f"{literal(name)}: {_quoted(name)}" for name in columns)
    chars = 0
    with _file(body) as (connection, table):
        rows = connection.execute(
            f"select {_quoted(key) if key else 'null'}::varchar, to_json({{{fields}}})::varchar from {table}"
        )
        while batch := rows.fetchmany(ROWS_AT_ONCE):
            chars += sum(len(text) for _, text in batch)
            if chars > MAX_TEXT_CHARS:
                raise BadParquet(f"it unpacks to more than the limit of {MAX_TEXT_CHARS} characters")
            yield from batch


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _file(body: bytes) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    # DuckDB would fetch an extension for an encoding it does not know.
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY_LIMIT,
        "autoinstall_known_extensions": "false",
        "TimeZone": "UTC",
    }
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file, duckdb.connect(config=config) as connection:
        file.write(body)
        file.flush()
        try:
            yield connection, f"read_parquet({literal(file.name)})"
        except duckdb.Error as error:
            said = str(error).replace(file.name, "the file").splitlines()[0]
            raise BadParquet(f"not a Parquet file that can be read ({said})") from error
