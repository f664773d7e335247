"""The table of sources that `run` and `status` print."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import duckdb
from rich.table import Table

QUERY = """
    select
        source,
        count(document) as documents,
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


def health_table(
    connection: duckdb.DuckDBPyConnection,
    now: datetime,
    failures: Mapping[str, str],
    only: str | None = None,
) -> Table:
    """One row per source: what it gave, where from, how old, and what went wrong in this run."""
    table = Table(title="Sources", title_justify="left")
    for name in ("source", "origin", "captured at", "age"):
        table.add_column(name, no_wrap=True)
    for name in ("docs", "rows", "rejected"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("this run", overflow="fold")
    for row in connection.execute(QUERY, [only, only]).fetchall():
        source, documents, bad, origin, captured_at, rows, rejected, stale_after_hours, problem = row
        hours = (now - captured_at.replace(tzinfo=UTC)).total_seconds() / 3600 if captured_at else None
        stale = hours is not None and hours > stale_after_hours
        note = failures.get(f"raw/{source}") or (f"{bad} unusable: {problem}" if bad else "")
        table.add_row(
            source,
            origin or "never captured",
            f"{captured_at:%Y-%m-%d %H:%M}" if captured_at else "",
            f"{_age(hours)}{' stale' if stale else ''}",
            str(documents),
            f"{rows:,}",
            f"{rejected:,}",
            note.removeprefix(f"{source}: "),
        )
    return table


def _age(hours: float | None) -> str:
    if hours is None:
        return ""
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} d"
