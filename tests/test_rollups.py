"""Sums, concentration and movers over all repositories: against plain sums of what each capture listed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from tests.download_tables import REAL, build, built, day, listed, simulated, warehouse
from tests.hub_history import Observation, history_of

DUMP = "saranscript-huggingface-models-2022-02/models_full_hub_2022-02-21.parquet"
ROLLUP, CONCENTRATION, MOVER = "marts.download_rollup", "marts.download_concentration", "marts.download_mover"


def crowd(step: int) -> list[dict[str, Any]]:
    """Others whose counters tell whether a day was refreshed."""
    return [listed(f"crowd/m{i}", 2000 + 40 * step + i, 9000 + 70 * step) for i in range(25)]


def test_every_group_of_every_day_of_the_simulated_hub() -> None:
    """The sums made of changes alone are the sums of what each whole crawl listed, in the groups of today."""
    world, captures, history = simulated()
    with warehouse(history) as connection:
        build(connection, ROLLUP, "core.group_change")
        dimensions = ("family", "organisation", "region", "size_bucket", "licence_class", "modality")
        groups = {
            hub_id: dict(zip(dimensions, values, strict=True)) | {"all": "all"}
            for hub_id, *values in connection.execute(
                f"select key.hub_id, {', '.join(dimensions)} from core.repository_group "
                "join staging.hub_repository_key as key using (repository_key)"
            ).fetchall()
        }
        expected: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
        for capture in captures:
            for row in capture.rows:
                for dimension, value in groups[row["hub_id"]].items():
                    place = expected[capture.observed_at.date(), dimension, value]
                    place[0] += 1
                    place[1] += row["downloads_30d"]
        found = connection.execute(
            f"select observed_on, dimension, value, repositories, downloads_30d from {ROLLUP} "
            "where coverage = 'whole_hub'"
        ).fetchall()
        assert {tuple(row[:3]): list(row[3:]) for row in found} == expected
        assert len({row[2] for row in found if row[1] == "family"}) > 5
        waits = connection.execute(
            f"select observed_on, covers_days from {ROLLUP} where dimension = 'all' and observed_on > '2026-09-01'"
        ).fetchall()
        off = {item.day for item in world.happenings if item.kind in ("stale", "partial")}
        assert {on for on, days in waits if days is None} == off
        assert {on: days for on, days in waits if days and days > 1} == {date(2026, 9, 8): 3, date(2026, 9, 11): 2}


def test_increments_add_up_over_stale_days_and_leave_revisions_out() -> None:
    totals = {1: (0, 100), 2: (1, 110), 3: (1, 110), 4: (2, 130), 5: (3, 90)}
    captures = [
        Observation(day(n), (*crowd(step), listed("meta-llama/Llama-3-8B", 50, total)))
        for n, (step, total) in totals.items()
    ]
    with built(captures, ROLLUP) as connection:
        columns = "day(observed_on), downloads_increment, covers_days, is_stale"
        found = connection.execute(f"select {columns} from {ROLLUP} where value = 'meta' order by 1").fetchall()
        assert found == [
            (1, None, None, None),
            (2, 10, 1, False),
            (3, None, None, True),
            (4, 20, 2, False),
            (5, 0, 1, False),
        ]


def test_the_unknown_is_shown_and_watched_lists_are_summed_apart() -> None:
    known, unknown = listed("Qwen/Qwen3-8B", 300, 500, licence="apache-2.0"), listed("nobody/m", 100, 100)
    captures = [
        Observation(day(1), (known, unknown)),
        Observation(day(2), (known | {"downloads_30d": 320, "downloads_all_time": 540},), is_full=False),
        Observation(day(3), (known | {"downloads_30d": 330, "downloads_all_time": 560}, unknown)),
    ]
    with built(captures, ROLLUP) as connection:
        query = """
            select coverage, day(observed_on), value, repositories, downloads_30d, downloads_30d_share,
                downloads_increment
            from marts.download_rollup where dimension = ? order by all
        """
        assert connection.execute(query, ["region"]).fetchall() == [
            ("watched", 2, "china", 1, 320, 1.0, 40),
            ("whole_hub", 1, "china", 1, 300, 0.75, None),
            ("whole_hub", 1, "unknown", 1, 100, 0.25, None),
            ("whole_hub", 3, "china", 1, 330, 0.767442, 60),
            ("whole_hub", 3, "unknown", 1, 100, 0.232558, 0),
        ]
        licences = connection.execute(query, ["licence_class"]).fetchall()
        assert {row[2] for row in licences if row[0] == "whole_hub"} == {"permissive", "none"}


def measures(values: Sequence[int]) -> dict[str, float]:
    """The obvious way: Gini by mean absolute difference, shares by sorting."""
    found = np.sort(np.array(values, dtype=float))[::-1]
    shares = found / found.sum()
    gini = np.abs(found[:, None] - found[None, :]).sum() / (2 * len(found) ** 2 * found.mean())
    top = -(-len(found) // 100)
    return {
        "hhi": float((shares**2).sum()),
        "gini": float(gini),
        "top_1pct_share": float(shares[:top].sum()),
        "top_10_share": float(shares[:10].sum()),
        "top_100_share": float(shares[:100].sum()),
    }


def test_concentration_of_the_simulated_hub() -> None:
    _, captures, history = simulated()
    with warehouse(history) as connection:
        build(connection, CONCENTRATION)
        cursor = connection.execute(f"select * from {CONCENTRATION}")
        names = [column[0] for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        current = dict(
            connection.execute(
                "select hub_id, split_part(repo_id, '/', 1) from core.repository "
                "join staging.hub_repository_key as key using (repository_key)".replace(
                    "hub_id,", "key.hub_id,"
                ).replace("split_part(repo_id", "split_part(repository.repo_id")
            ).fetchall()
        )
    moments = sorted({row["observed_at"] for row in rows})
    assert [moment.date() for moment in moments] == [date(2026, 9, 6), date(2026, 9, 13), date(2026, 9, 20)]
    for capture in captures:
        if capture.observed_at not in moments:
            continue
        owned: Counter[str] = Counter()
        for row in capture.rows:
            owned[current[row["hub_id"]]] += row["downloads_30d"]
        held = {"repository": [row["downloads_30d"] for row in capture.rows], "namespace": list(owned.values())}
        for level, values in held.items():
            (row,) = [row for row in rows if row["level"] == level and row["observed_at"] == capture.observed_at]
            assert (row["holders"], row["zero_holders"]) == (len(values), values.count(0))
            assert row["downloads_30d"] == sum(values) and row["covered_share"] == 1
            expected = measures(values)
            assert {name: row[name] for name in expected} == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize(("values", "gini", "hhi"), [([5, 5, 5, 5], 0.0, 0.25), ([0, 0, 0, 9], 0.75, 1.0)])
def test_equal_shares_and_one_that_has_all(values: list[int], gini: float, hhi: float) -> None:
    rows = tuple(listed(f"a/m{number}", value) for number, value in enumerate(values))
    with built([Observation(day(1), (*rows, listed("a/unknown", None)))], CONCENTRATION) as connection:
        query = f"select holders, gini, hhi from {CONCENTRATION} where level = 'repository'"
        assert connection.execute(query).fetchall() == [(4, gini, hhi)]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are absent")
def test_concentration_of_the_whole_hub_of_2022() -> None:
    with warehouse() as connection:
        connection.execute(
            "create temp table dump as "
            "select row_number() over (order by id) as key, id, downloads::bigint as downloads from read_parquet(?)",
            [str(REAL / DUMP)],
        )
        at = "timestamp '2022-02-21 14:00:00'"
        for table, values in {
            "hub_repository_key": f"key as repository_key, id as repo_id, {at} as observed_at",
            "hub_version": f"key as repository_key, id as repo_id, {at} as observed_at, true as is_listed",
            "hub_counter": f"key as repository_key, downloads as downloads_30d, {at} as observed_at",
        }.items():
            connection.execute(f"insert into staging.{table} by name select {values} from dump")
        crawls = history_of([Observation(day(1), ())]).crawls[0]
        crawl = crawls | {"observed_at": "2022-02-21 14:00:00", "repositories": 29_432}
        names, marks = ", ".join(crawl), ", ".join("?" * len(crawl))
        connection.execute(f"insert into staging.hub_crawl ({names}) values ({marks})", list(crawl.values()))
        build(connection, CONCENTRATION)
        found = connection.execute(
            f"select holders, zero_holders, top_1pct_share, gini from {CONCENTRATION} where level = 'repository'"
        ).fetchall()
    # 212 of the 29,432 models tell no count: they are unknown, not zero.
    assert found[0][:2] == (29_220, 8_977)
    assert round(8_977 / 29_432, 3) == 0.305
    assert round(found[0][2], 3) == 0.953
    assert found[0][3] > 0.98


def test_movers_name_what_may_explain_them() -> None:
    week = {
        "a/steady": (50_000, 50_100),
        "a/up": (40_000, 60_000),
        "a/down": (90_000, 70_000),
        "a/small": (500, 9_999),
        "a/from-small": (2_000, 20_000),
        "a/gone": (80_000, None),
        "a/new": (None, 30_000),
        "a/revised": (30_000, 31_000),
    }
    born = {"created_at": day(1) - timedelta(days=300)}

    def capture(n: int, which: int) -> Observation:
        rows = [
            listed(name, values[which], 9_000_000 if name != "a/revised" or which == 0 else 8_000_000, **born)
            for name, values in week.items()
            if values[which] is not None
        ]
        return Observation(day(n), (*crowd(n), *rows))

    # Monday is the 5th: the first week ends on the 4th, the second is seen on two days.
    captures = [capture(3, 0), capture(4, 0), capture(6, 0), capture(9, 1)]
    with built(captures, MOVER) as connection:
        columns = (
            "subject, downloads_30d_before, downloads_30d, change, rank_rise, rank_fall, is_revised, is_new, is_launch"
        )
        found = connection.execute(
            f"select {columns} from {MOVER} where kind = 'repository' order by change desc"
        ).fetchall()
        assert [row for row in found if row[0].startswith("a/")] == [
            ("a/new", None, 30_000, 30_000, 1, None, False, True, True),
            ("a/up", 40_000, 60_000, 20_000, 2, None, False, False, False),
            ("a/from-small", 2_000, 20_000, 18_000, 3, None, False, False, False),
            ("a/revised", 30_000, 31_000, 1_000, 4, None, True, False, False),
            ("a/steady", 50_000, 50_100, 100, 5, None, False, False, False),
            ("a/down", 90_000, 70_000, -20_000, None, 1, False, False, False),
        ]
        weeks = connection.execute(f"select distinct week_from, observed_on, compared_with_on from {MOVER}").fetchall()
        assert weeks == [(date(2026, 10, 5), date(2026, 10, 9), date(2026, 10, 4))]


def test_movers_of_families_compare_the_same_repositories() -> None:
    first = [listed("Qwen/Qwen3-8B", 10_000), listed("Qwen/Qwen3-4B", 5_000)]
    second = [listed("Qwen/Qwen3-8B", 12_000), listed("Qwen/Qwen3-30B", 99_000)]
    captures = [Observation(day(4), tuple(first), is_full=False), Observation(day(8), tuple(second), is_full=False)]
    with built(captures, MOVER, "marts.downloads_by_family") as connection:
        columns = "subject, downloads_30d_before, downloads_30d, change, change_ratio, repositories, coverage"
        assert connection.execute(f"select {columns} from {MOVER} where kind = 'family'").fetchall() == [
            ("qwen", 10_000, 12_000, 2_000, 1.2, 1, "watched")
        ]


def test_downloads_by_family_say_what_was_refreshed_and_revised() -> None:
    totals = {1: (0, 100, 700), 2: (1, 150, 600), 3: (1, 150, 600)}
    captures = [
        Observation(day(n), (*crowd(step), listed("Qwen/Qwen3-8B", 10, one), listed("Qwen/Qwen3-4B", 20, other)))
        for n, (step, one, other) in totals.items()
    ]
    with built(captures, "marts.downloads_by_family") as connection:
        columns = "downloads_increment, repositories_increased, covers_days, repositories_stale, repositories_revised"
        found = connection.execute(f"select {columns} from marts.downloads_by_family order by observed_on").fetchall()
        assert found == [(None, 0, None, 0, 0), (50, 1, 1, 0, 1), (None, 0, None, 2, 0)]
