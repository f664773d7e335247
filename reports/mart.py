"""Reading marts: a query, its rows, and the SQL kept beside them for the reader.

Here belongs the one place where the report touches DuckDB. What the rows mean belongs to the sections.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

Record = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """What a query gave, with the SQL that gives it again."""

    sql: str
    frame: pd.DataFrame

    @property
    def records(self) -> list[Record]:
        """The rows as dictionaries; an unknown value is None."""
        columns = list(self.frame.columns)
        return [dict(zip(columns, row, strict=True)) for row in self.frame.itertuples(index=False, name=None)]


def _known(value: Any) -> Any:
    """NaN and infinity say nothing about the world: unknown."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


class Mart:
    """Runs SQL on the warehouse with the week's bounds bound as `$week_start` and `$week_end`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, parameters: Mapping[str, dt.datetime]) -> None:
        self.connection = connection
        self.parameters = dict(parameters)

    def query(self, sql: str) -> Result:
        """Run `sql`. Values stay Python objects: Decimal is exact, None is unknown and never becomes 0 or NaN."""
        used = {name: value for name, value in self.parameters.items() if f"${name}" in sql}
        cursor = self.connection.execute(sql, used)
        columns = [entry[0] for entry in cursor.description or ()]
        rows = [[_known(value) for value in row] for row in cursor.fetchall()]
        return Result(self._shown(sql), pd.DataFrame(rows, columns=columns, dtype=object))

    def _shown(self, sql: str) -> str:
        """The SQL with the bounds written out, so that a reader can run it as it stands."""
        for name, value in self.parameters.items():
            sql = sql.replace(f"${name}", f"timestamp '{value:%Y-%m-%d %H:%M:%S}'")
        return sql.strip()
