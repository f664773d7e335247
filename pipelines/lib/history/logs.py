"""The tables of a `History` and what goes into which column, read from their contracts; and the state beside them.

The state holds per key the newest counters and a hash of the attributes, so that a day costs the same after a year as
after a week. It can be made from the logs at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import duckdb

from pipelines.lib.contract import Table
from pipelines.lib.source import History
from pipelines.lib.staging import staging_tables

Connection = duckdb.DuckDBPyConnection


def columns(names: tuple[str, ...], table: str = "") -> str:
    """Column names for a select list, of one table where it is named."""
    return ", ".join(f'{table}."{name}"' if table else f'"{name}"' for name in names)


@dataclass(frozen=True)
class Logs:
    """The tables of a History and the columns that go to each, read from their contracts."""

    history: History

    @cached_property
    def key(self) -> str:
        """The integer key."""
        return staging_tables()[self.history.keys].grain[0]

    @cached_property
    def shape(self) -> Table:
        """The parsed shape, with provenance."""
        return staging_tables()[self.history.shape]

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """Slow columns: a change of any gives a version."""
        return self._own(self.history.versions, ("is_listed",))

    @cached_property
    def counters(self) -> tuple[str, ...]:
        """Fast columns."""
        own = self._own(self.history.counters, ())
        return tuple(name for name in own if not name.endswith("_before"))

    @cached_property
    def befores(self) -> tuple[str, ...]:
        """Counters whose value before is kept beside them."""
        names = [column.name for column in staging_tables()[self.history.counters].columns]
        return tuple(name for name in self.counters if f"{name}_before" in names)

    def _own(self, table: str, besides: tuple[str, ...]) -> tuple[str, ...]:
        names = [column.name for column in staging_tables()[table].columns]
        return tuple(name for name in names if name not in (self.key, "observed_at", *besides))

    def type_of(self, table: str, name: str) -> str:
        """DuckDB type of a column."""
        return next(column.type for column in staging_tables()[table].columns if column.name == name)

    @property
    def keys_table(self) -> str:
        """Full name of the table of keys."""
        return f"staging.{self.history.keys}"

    @property
    def versions_table(self) -> str:
        """Full name of the log of attributes."""
        return f"staging.{self.history.versions}"

    @property
    def counters_table(self) -> str:
        """Full name of the log of counters."""
        return f"staging.{self.history.counters}"

    @property
    def crawls_table(self) -> str:
        """Full name of the table of moments."""
        return f"staging.{self.history.crawls}"

    @property
    def state_table(self) -> str:
        """Full name of the state: one row per key, as after the newest listing."""
        return f"meta.{self.history.shape}_state"

    @property
    def hash_sql(self) -> str:
        """Hash of the attributes; only ever compared with one of the same DuckDB version."""
        typed = [f'"{name}"::{self.type_of(self.history.versions, name)}' for name in self.attributes]
        # To DuckDB's hash an empty list is the same as none.
        lists = [f"{value} is null" for value in typed if value.endswith("[]")]
        return f"hash({', '.join(typed + lists)})"

    @property
    def has_untold_sql(self) -> str:
        """Whether a row holds an attribute that a whole row may leave out."""
        return " or ".join(f'"{name}" is not null' for name in self.history.untold) or "false"

    def create_state(self, connection: Connection) -> None:
        """Create the state where it is missing, and make it anew where another DuckDB version wrote its hashes."""
        connection.execute("create table if not exists meta.state_version (state varchar primary key, duckdb varchar)")
        held = connection.execute(
            "select duckdb from meta.state_version where state = ?", [self.state_table]
        ).fetchone()
        version = f"{duckdb.__version__} {self.hash_sql}"
        if held and held[0] == version:
            return
        counters = ", ".join(f'"{name}" {self.type_of(self.history.counters, name)}' for name in self.counters)
        connection.execute(
            f"create or replace table {self.state_table} "
            f"({self.key} integer, is_listed boolean, version_hash ubigint, has_untold boolean, {counters})"
        )
        self.restore_state(connection, f"select {self.key} from {self.keys_table}", None)
        connection.execute("insert or replace into meta.state_version values (?, ?)", [self.state_table, version])

    def restore_state(self, connection: Connection, keys: str, before: datetime | None) -> None:
        """Set the state of some keys (a select of them) from the logs as they stood before a moment."""
        cut = "true" if before is None else f"observed_at < timestamp '{before}'"
        connection.execute(f"delete from {self.state_table} where {self.key} in ({keys})")
        connection.execute(
            f"""
            insert into {self.state_table}
            with version_at as (
                select {self.key}, max(observed_at) as observed_at from {self.versions_table}
                where {cut} and {self.key} in ({keys}) group by {self.key}
            ), version as (
                select {self.key}, is_listed, {self.hash_sql} as version_hash, {self.has_untold_sql} as has_untold
                from {self.versions_table} join version_at using ({self.key}, observed_at)
            ), counter_at as (
                select {self.key}, max(observed_at) as observed_at from {self.counters_table}
                where {cut} and {self.key} in ({keys}) group by {self.key}
            ), counter as (
                select {self.key}, {columns(self.counters)}
                from {self.counters_table} join counter_at using ({self.key}, observed_at)
            )
            select version.*, {columns(self.counters, "counter")}
            from version left join counter using ({self.key})
            """
        )
