"""A year of daily crawls of a SIMULATED Hub: the cost of a day, the room a year takes, the history of a family.

    python -m tests.benchmarks.bench_hub_year [--models 3000000] [--days 365] [--folder FOLDER]

Every day 15 % of the repositories change their counters and 0.5 % their attributes. Five days about day 10 and the last
five are taken in by the loader's own code from a whole listing; the days between are written into the logs as it would
write them, because nobody wants to wait for them. Prints the time of a day early and late, the size of the file with a
year of days and with the first alone, and the time of a family's history of 30 days.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from pipelines.defs.sources.hub_models import source
from pipelines.lib import staging
from pipelines.lib.history import changes
from pipelines.lib.history.logs import Logs
from pipelines.lib.warehouse import prepare

START = datetime(2026, 1, 1, 14)  # noqa: DTZ001 - naive UTC, as DuckDB keeps it
COUNTED, EDITED = 0.15, 0.005
MEMORY = "3500MB"
FAMILY = 20_000

# As many zeros, and as few giants, as the Hub has: a third zero, the top hundredth holds nearly everything.
WORLD = """
create table world.now as
with drawn as (
    select (range + 1)::integer as repository_key, hash(range) / 18446744073709551616.0 as u,
        hash(range + 7) / 18446744073709551616.0 as v
    from range({models})
), sized as (
    select *, case when u < 0.35 then 0 else floor(power((1 - u) / 0.65, -1.6) * 8)::bigint end as size from drawn
)
select repository_key, 'org-' || (repository_key % 200_000) || '/model-' || repository_key as repo_id,
    timestamp '2022-03-02 23:29:04' + to_seconds((repository_key * 48)::bigint) as created_at,
    timestamp '2024-01-01' + to_seconds((v * 60_000_000)::bigint) as modified_at, 'text-generation' as pipeline_tag,
    'transformers' as library_name, ['mit', 'apache-2.0', null][1 + (repository_key % 3)] as licence,
    (v * 1000)::bigint * 8_000_000 as parameters_total,
    list_transform(range(3 + (repository_key % 9)), lambda i: 'tag-' || ((repository_key * (i + 3)) % 4_000)) as tags,
    least(size, 250_000_000)::bigint as downloads_30d, least(size, 250_000_000)::bigint * (2 + (v * 20)::bigint)
        as downloads_all_time, (size / 400)::bigint as likes, 0::real as trending_score, v
from sized
"""
# Counters in closed form, so that any day can be written without the days before it.
COUNTERS = """
    greatest(0, (downloads_30d * (1 + 0.3 * sin({day} / 20.0 + 6 * v)))::bigint + ({day} + repository_key) % 2)
        as downloads_30d{name},
    downloads_all_time + (downloads_30d / 30.0 * (0.6 + 0.8 * v) * {day})::bigint + {day} as downloads_all_time{name}
"""
# Counters move where there is something to count.
IS_COUNTED = """hash(repository_key, {day}, 1) / 18446744073709551616.0
    < {share} * (case when downloads_30d > 0 then 1.4 else 0.25 end)"""
IS_EDITED = "hash(repository_key, {day}, 2) / 18446744073709551616.0 < {share}"


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=3_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as scratch:
        _run(Path(scratch), chosen.models, chosen.days)


def _run(folder: Path, models: int, days: int) -> None:
    assert source.history is not None
    logs = Logs(source.history)
    with duckdb.connect(str(folder / "year.duckdb")) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        prepare(connection)
        staging.create_tables(connection)
        logs.create_state(connection)
        connection.execute(f"attach '{folder / 'world.duckdb'}' as world")
        connection.execute(WORLD.format(models=models))
        # With the world's own keys a day can be written without looking them up.
        connection.execute(
            f"insert into staging.hub_repository_key select repository_key, printf('%024x', repository_key), repo_id, "
            f"timestamp '{START}' from world.now"
        )
        _taken_in(connection, logs, 0)
        first_size = _size(connection, folder)
        measured = {*range(8, 13), *range(days - 5, days)}
        seconds: dict[int, float] = {}
        for day in range(1, days):
            if day in measured:
                seconds[day] = _taken_in(connection, logs, day)
            else:
                _written(connection, day)
                if day + 1 in measured:
                    logs.restore_state(connection, f"select repository_key from {logs.keys_table}", None)
        rows = connection.execute("select count(*) from staging.hub_counter").fetchone()
        share = ((rows[0] if rows else 0) - models) / (days - 1) / models
        year_size = _size(connection, folder)
        print(f"SIMULATED: {models:,} repositories, {days} days, {share:.1%} of counters a day")
        early = statistics.median(value for day, value in seconds.items() if day < 13)
        late = statistics.median(value for day, value in seconds.items() if day >= days - 5)
        print(f"a day taken in: {early:.1f} s about day 10, {late:.1f} s about day {days}, ratio {late / early:.2f}")
        print(f"file: {year_size / 1e6:,.0f} MB, of which the first day {first_size / 1e6:,.0f} MB")
        print(f"30 days of a family of {FAMILY:,}: {_family_milliseconds(connection, days, models):.0f} ms")
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def _taken_in(connection: duckdb.DuckDBPyConnection, logs: Logs, day: int) -> float:
    """Take a whole listing in as the loader does; the listing itself is made before the clock starts."""
    own = {column.name: column.type for column in logs.shape.columns}
    given = {row[0] for row in connection.execute("describe world.now").fetchall()}
    made = ("hub_id", "is_whole", "author", "modified_at", "downloads_30d", "downloads_all_time")
    values = ", ".join(
        f'now."{name}"' if name in given else f'null::{kind} as "{name}"'
        for name, kind in own.items()
        if name not in made
    )
    connection.execute(
        f"""
        create or replace table world.listing as
        select *, {logs.hash_sql} as version_hash from (
            select now.repository_key::bigint as _row, printf('%024x', now.repository_key) as hub_id, true as is_whole,
                split_part(repo_id, '/', 1) as author, {values},
                case when {IS_EDITED.format(day=day, share=EDITED)} then timestamp '2026-01-01' + interval {day} day
                    else coalesce(version.modified_at, now.modified_at) end as modified_at,
                case when counted.downloads_30d is null then coalesce(state.downloads_30d, now.downloads_30d)
                    else counted.downloads_30d end as downloads_30d,
                case when counted.downloads_30d is null then coalesce(state.downloads_all_time, now.downloads_all_time)
                    else counted.downloads_all_time end as downloads_all_time,
            from world.now
            left join {logs.state_table} as state using (repository_key)
            left join (
                select repository_key, max(modified_at) as modified_at from staging.hub_version group by all
            ) as version using (repository_key)
            left join (
                select repository_key, {COUNTERS.format(day=day, name="")} from world.now
                where {day} > 0 and {IS_COUNTED.format(day=day, share=COUNTED)}
            ) as counted using (repository_key)
        )
        """
    )
    names = "select repository_key, repo_id from staging.hub_version"
    connection.execute(f"create or replace temp view known_names as {names}")
    connection.execute("create or replace temp view listing as select * from world.listing")
    started = time.perf_counter()
    connection.execute("begin transaction")
    changes.apply(connection, logs, START + timedelta(days=day), is_full=lambda _members: True)
    connection.execute("commit")
    taken = time.perf_counter() - started
    connection.execute("drop table world.listing")
    return taken


def _written(connection: duckdb.DuckDBPyConnection, day: int) -> None:
    """A day as the loader would have written it; the value before is that of a week before, the usual distance."""
    at = f"timestamp '{START + timedelta(days=day)}' as observed_at"
    connection.execute(
        f"insert into staging.hub_counter by name select repository_key, {at}, likes, trending_score, "
        f"{COUNTERS.format(day=day, name='')}, {COUNTERS.format(day=day - 7, name='_before')} from world.now "
        f"where {IS_COUNTED.format(day=day, share=COUNTED)} "
        "order by downloads_all_time_before, downloads_30d_before, repository_key"
    )
    connection.execute(
        f"insert into staging.hub_version by name select repository_key, {at}, true as is_listed, repo_id, "
        f"split_part(repo_id, '/', 1) as author, created_at, "
        f"timestamp '2026-01-01' + interval {day} day as modified_at, "
        "pipeline_tag, library_name, licence, parameters_total, tags "
        f"from world.now where {IS_EDITED.format(day=day, share=EDITED)}"
    )


def _size(connection: duckdb.DuckDBPyConnection, folder: Path) -> int:
    connection.execute("checkpoint year")
    return (folder / "year.duckdb").stat().st_size


def _family_milliseconds(connection: duckdb.DuckDBPyConnection, days: int, models: int) -> float:
    """Sums by day over the last 30 days, from the state and the changes alone."""
    query = f"""
        select observed_at::date as observed_on, sum(downloads_30d - coalesce(downloads_30d_before, 0)) as change
        from staging.hub_counter
        where observed_at > timestamp '{START + timedelta(days=days - 31)}' and repository_key in (
            select repository_key from staging.hub_repository_key
            where hash(repository_key) % {max(1, models // FAMILY)} = 0
        )
        group by observed_on order by observed_on
    """
    times = []
    for _ in range(5):
        started = time.perf_counter()
        connection.execute(query).fetchall()
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
