"""The table of sources that `run` and `status` print."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

QUERY = """
    select
        source,
        count(*) filter (state = 'bad') as bad,
        string_agg(distinct origin, ' + ' order by origin) as origin,
        max(captured_at) as captured_at,
        sum(rows) as rows,
        sum(rejected) as rejected,
        max(stale_after_hours) as stale_after_hours,
        string_agg(problem, '; ' order by document) as problem,
    from marts.source_health
    where ? is null or source = ?
    group by source
    order by source
"""


def health_table(connection: duckdb.DuckDBPyConnection, now: datetime, only: str | None = None) -> Group:
    """One row per source: what it last gave, where from and how old; below it, why anything is not usable."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for name in ("source", "origin", "captured", "age"):
        table.add_column(name, no_wrap=True)
    for name in ("rows", "rejected"):
        table.add_column(name, justify="right", no_wrap=True)
    notes: list[str] = []
    for row in connection.execute(QUERY, [only, only]).fetchall():
        source, bad, origin, captured_at, rows, rejected, stale_after_hours, problem = row
        hours = (now - captured_at.replace(tzinfo=UTC)).total_seconds() / 3600 if captured_at else None
        stale = hours is not None and hours > stale_after_hours
        if bad:
            notes.append(f"{source}: {bad} document(s) of the newest capture unusable: {problem}")
        table.add_row(
            source,
            origin or "never",
            f"{captured_at:%Y-%m-%d}" if captured_at else "",
            f"{_age(hours)}{' stale' if stale else ''}",
            f"{rows:,}",
            f"{rejected:,}",
        )
    return Group(table, *(Text(note) for note in notes))


def _age(hours: float | None) -> str:
    if hours is None:
        return ""
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} d"
