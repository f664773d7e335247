"""Downloads one can defend: increments, revisions, jumps and launches, by hand, simulated and in real lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import pytest

from tests.download_tables import (
    DAILY,
    REAL,
    TRENDING_CACHE,
    build,
    built,
    day,
    listed,
    real_captures,
    simulated,
    warehouse,
)
from tests.hub import counters
from tests.hub_history import Listed, Observation

HISTORY = ("core.download_history",)
QWEN = "Qwen/Qwen3-8B"


def crowd(step: int, *more: Listed) -> tuple[Listed, ...]:
    """Thirty others whose counters tell whether a day was refreshed, and more."""
    return tuple(listed(f"crowd/m{i}", 2000 + 40 * step + i, 9000 + 70 * step + i) for i in range(30)) + more


def series(connection: duckdb.DuckDBPyConnection, repo_id: str, *columns: str) -> list[Any]:
    query = f"select day(observed_on), {', '.join(columns)} from core.download_history where repo_id = ? order by 1"
    return connection.execute(query, [repo_id]).fetchall()


def test_increments_wait_for_the_refresh_and_leave_revisions_out() -> None:
    """Days 3 and 4 are not refreshed; on day 6 the Hub takes 500 back; on day 7 nobody downloads it."""
    steps = {1: 0, 2: 1, 3: 1, 4: 1, 5: 2, 6: 3, 7: 4, 8: 5}
    totals = {1: 1000, 2: 1010, 3: 1010, 4: 1010, 5: 1070, 6: 570, 7: 570, 8: 590}
    captures = [Observation(day(n), crowd(steps[n], listed(QWEN, 300, total))) for n, total in totals.items()]
    with built(captures, *HISTORY) as connection:
        columns = ("downloads_increment", "covers_days", "is_stale", "is_catch_up", "is_revision")
        assert series(connection, QWEN, *columns, "is_carried") == [
            (1, None, None, False, False, False, False),
            (2, 10, 1, False, False, False, False),
            (3, None, None, True, False, False, True),
            (4, None, None, True, False, False, True),
            (5, 60, 3, False, True, False, False),
            (6, None, None, False, False, True, False),
            (7, 0, 1, False, False, False, True),
            (8, 20, 1, False, False, False, False),
        ]
        repaired = [row[1] for row in series(connection, QWEN, "downloads_cumulative_repaired")]
        assert repaired == [1000, 1010, 1010, 1010, 1070, 1070, 1070, 1090]


def test_unchanged_on_a_partial_day_is_not_zero() -> None:
    def capture(n: int, refreshed: int, own: int) -> Observation:
        others = tuple(listed(f"crowd/m{i}", 2000 + 10 * (n - (i >= refreshed)), 9000) for i in range(30))
        return Observation(day(n), (*others, listed(QWEN, 300, own)))

    with built(
        [capture(1, 30, 100), capture(2, 30, 105), capture(3, 15, 105), capture(4, 30, 115)], *HISTORY
    ) as connection:
        columns = ("downloads_increment", "covers_days", "is_stale")
        assert series(connection, QWEN, *columns)[2:] == [(3, None, None, True), (4, 10, 2, False)]


def test_an_evening_and_the_next_morning_are_one_day_of_counting() -> None:
    captures = [
        Observation(moment, (listed(QWEN, 300, total),), is_full=False)
        for moment, total in ((day(1, 14), 100), (day(2, 3), 100), (day(3, 14), 150))
    ]
    with built(captures, *HISTORY) as connection:
        columns = ("downloads_increment", "covers_days", "is_stale")
        assert series(connection, QWEN, *columns) == [(1, None, None, False), (2, None, None, True), (3, 50, 2, False)]


def test_a_series_follows_renames_and_stops_while_the_repository_is_gone() -> None:
    old, new = listed("THUDM/GLM-4", 300, 100), listed("THUDM/GLM-4", 300, 120) | {"repo_id": "zai-org/GLM-4"}
    shown = {1: old, 2: new, 3: None, 4: None, 5: new | {"downloads_all_time": 150}}
    captures = [Observation(day(n), crowd(n, *([row] if row else []))) for n, row in shown.items()]
    with built(captures, *HISTORY) as connection:
        columns = ("downloads_increment", "covers_days")
        assert series(connection, "zai-org/GLM-4", *columns) == [(1, None, None), (2, 20, 1), (5, 30, 3)]
        assert series(connection, "THUDM/GLM-4", *columns) == []


def test_only_watched_repositories_are_kept_by_the_day() -> None:
    lists = Observation(day(2, 15), (listed("crowd/m7", 2087, 9147),), is_full=False)
    captures = [Observation(day(n), crowd(n, listed(QWEN, 300, 100 + n))) for n in (1, 2, 3)]
    with built([*captures, lists], *HISTORY) as connection:
        found = connection.execute("select repo_id, count(*) from core.download_history group by all order by all")
        assert found.fetchall() == [(QWEN, 3), ("crowd/m7", 3)]


def test_a_launch_counts_late_and_is_no_jump() -> None:
    """Qwen3.8-27B: created on the 5th, public on the 14th, 2 downloads for two days, then 91,917 and 1.73 million."""
    name, created = "Qwen/Qwen3.8-27B", datetime(2026, 10, 5)  # noqa: DTZ001
    shown = {14: 2, 15: 2, 16: 91_917, 17: 415_039, 18: 1_373_584}
    captures = [
        Observation(day(n), crowd(n, *([listed(name, shown[n], shown[n], created_at=created)] if n in shown else [])))
        for n in range(12, 19)
    ]
    with built(captures, *HISTORY, "marts.download_jump") as connection:
        assert [row[1] for row in series(connection, name, "is_launch_lag")] == [True, True, False, False, False]
        assert connection.execute("select count(*) from marts.download_jump").fetchall() == [(0,)]


def test_counter_revisions_of_every_repository() -> None:
    before = tuple(listed(f"any/m{i}", 50, 1000 + i) for i in range(4))
    after = tuple(
        row | {"downloads_all_time": row["downloads_all_time"] - cut}
        for row, cut in zip(before, (0, 1, 300, 0), strict=True)
    )
    with built([Observation(day(1), before), Observation(day(2), after)], "marts.counter_revision") as connection:
        columns = "repo_id, downloads_all_time_before, downloads_all_time, downloads_removed, removed_share"
        found = connection.execute(
            f"select {columns}, repositories_revised, downloads_removed_that_day from marts.counter_revision order by 1"
        )
        assert found.fetchall() == [
            ("any/m1", 1001, 1000, 1, 0.000999, 2, 301),
            ("any/m2", 1002, 702, 300, 0.299401, 2, 301),
        ]


def jumps(connection: duckdb.DuckDBPyConnection) -> list[Any]:
    columns = "kind, subject, day(observed_on), ratio, peers, is_echo"
    return connection.execute(f"select {columns} from marts.download_jump order by observed_on, subject").fetchall()


def moving(values: dict[str, list[int]], **other: Any) -> list[Observation]:
    """Daily whole crawls of the crowd and of these 30-day series."""
    days = len(next(iter(values.values())))
    return [
        Observation(
            day(1) + timedelta(days=n), crowd(n, *(listed(name, found[n], **other) for name, found in values.items()))
        )
        for n in range(days)
    ]


def test_a_level_that_leaves_its_peers_is_a_jump() -> None:
    """MiniMax-H3 went from 83,484 to 1,605,940 overnight."""
    captures = moving({"MiniMaxAI/MiniMax-H3": [59_368, 70_000, 78_000, 83_484, 1_605_940, 1_997_541]})
    with built(captures, "marts.download_jump") as connection:
        assert jumps(connection) == [("single", "MiniMaxAI/MiniMax-H3", 5, 19.2365, "all", False)]


def test_what_always_moves_or_moves_with_its_peers_is_none() -> None:
    restless = {"a/restless": [20_000, 65_000, 21_000, 66_000, 20_000, 67_000]}
    together = {f"library/m{i}": [20_000, 20_100, 20_200, 70_000, 70_100, 70_200] for i in range(5)}
    with built(moving(restless), "marts.download_jump") as connection:
        assert jumps(connection) == []
    with built(moving(together, library_name="new-library"), "marts.download_jump") as connection:
        assert jumps(connection) == []


def test_a_burst_that_leaves_the_window_is_an_echo() -> None:
    values = [20_000 + n for n in range(3)] + [900_000 + n for n in range(30)] + [20_000]
    with built(moving({"a/burst": values}), "marts.download_jump") as connection:
        found = connection.execute(
            "select observed_on, ratio > 1, is_echo from marts.download_jump order by 1"
        ).fetchall()
        assert found == [(date(2026, 10, 4), True, False), (date(2026, 11, 3), False, True)]


def test_a_rule_change_for_a_library_is_one_jump() -> None:
    def capture(n: int) -> Observation:
        rows = [
            listed(
                f"{library}/m{i}",
                int((5000 + i + n) * (1.6 if library == "diffusers" and n >= 3 else 1)),
                library_name=library,
            )
            for library in ("diffusers", "transformers", "peft", "gguf")
            for i in range(25)
        ]
        return Observation(day(n), tuple(rows))

    with built([capture(n) for n in range(1, 6)], "marts.download_jump") as connection:
        assert jumps(connection) == [("library", "diffusers", 3, 1.6002, "other libraries", False)]


def falls(captures: list[Observation], keys: dict[str, int]) -> Iterator[tuple[date, int]]:
    """Days and repositories whose all-time count is listed lower than in the capture before."""
    for before, after in pairwise(captures):
        was = {row["hub_id"]: row["downloads_all_time"] for row in before.rows}
        for row in after.rows:
            if row["downloads_all_time"] < was.get(row["hub_id"], 0):
                yield after.observed_at.date(), keys[row["hub_id"]]


def test_the_simulated_hub() -> None:
    world, captures, history = simulated()
    with warehouse(history) as connection:
        build(connection, *HISTORY, "marts.counter_revision", "marts.download_jump")
        keys = dict(connection.execute("select hub_id, repository_key from staging.hub_repository_key").fetchall())

        def happened(kind: str) -> set[tuple[date, int]]:
            items = [item for item in world.happenings if item.kind == kind]
            return {(item.day, keys[hub_id]) for item in items for hub_id in world.renderer.hub_ids(item.rows)}

        def told(table: str) -> set[tuple[date, int]]:
            return set(connection.execute(f"select observed_on, repository_key from {table}").fetchall())

        launched = {key for _, key in happened("launch")}
        # Where more came in on that day than was taken back, nobody can see it.
        seen = told("marts.counter_revision")
        assert seen == set(falls(captures, keys)) and seen <= happened("revision")
        assert len(seen) >= 0.9 * len(happened("revision")) > 20
        assert told("marts.download_jump") == happened("jump") != set()
        off = launched | {key for kind in ("revision", "jump") for _, key in happened(kind)}
        found = connection.execute(
            "select repository_key, sum(downloads_increment) from core.download_history group by all "
            "having sum(covers_days) = ?",
            [len(captures) - 1],
        ).fetchall()
        rows = np.arange(len(world.columns))
        first = world.setting.start.toordinal()
        # The refresh of a morning counts what was downloaded until the midnight before.
        drawn = sum(
            counters.increments(world.setting.seed, world.columns, rows, first + number)
            for number in range(len(captures) - 1)
        )
        truth = dict(zip(world.renderer.hub_ids(rows), np.asarray(drawn).tolist(), strict=True))
        drawn_by_key = {key: truth[hub_id] for hub_id, key in keys.items()}
        steady = {key: total for key, total in found if key not in off}
        assert steady == {key: drawn_by_key[key] for key in steady}
        assert sum(total > 0 for total in steady.values()) > 10


@pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are absent")
def test_jumps_of_a_real_daily_series() -> None:
    captures = real_captures(DAILY, start="2026-02-01", end="2026-03-25")
    with built(captures, "marts.download_jump") as connection:
        columns = "subject, strftime(observed_on, '%m-%d'), downloads_30d_before, downloads_30d, is_echo"
        found = connection.execute(f"select {columns} from marts.download_jump order by observed_on").fetchall()
    name = "Xenova/paraphrase-multilingual-MiniLM-L12-v2"
    assert found == [
        ("MongoDB/mdbr-leaf-ir", "02-12", 16_259, 3_586, False),
        (name, "02-19", 98_087, 6_206_406, False),
        (name, "03-21", 6_408_489, 132_146, True),
    ]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are absent")
def test_a_jump_and_a_launch_of_the_real_trending_list() -> None:
    """The list shows nine models at a time, so the peers are few and stated; many launches in it are no jumps."""
    with built(real_captures(TRENDING_CACHE), *HISTORY, "marts.download_jump") as connection:
        columns = "subject, observed_at, downloads_30d_before, downloads_30d, peer_repositories"
        assert connection.execute(f"select {columns} from marts.download_jump").fetchall() == [
            ("MiniMaxAI/MiniMax-H3", datetime(2026, 8, 14, 1, 58, 59), 59_368, 1_605_940, 4)  # noqa: DTZ001
        ]
        lag = series(connection, "Qwen/Qwen3.8-27B", "downloads_30d", "is_launch_lag")
        assert lag[:3] == [(14, 2, True), (16, 267_725, False), (17, 415_039, False)]
