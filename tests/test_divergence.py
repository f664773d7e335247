"""Quality against adoption: ranks and intervals by hand, every measure of adoption from the table it comes from."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.frontier_tables import Rows, ask, best, made, model

MART = "marts.adoption_divergence"
MONDAY = dt.date(2026, 11, 9)
WEDNESDAY = MONDAY + dt.timedelta(days=2)


def repositories(*names: str) -> list[dict[str, Any]]:
    """One repository per model, of the same name below `lab/`."""
    return [
        {"repo_id": f"lab/{name}", "repository_key": key, "model_id": name.split("+")[0]}
        for key, name in enumerate(names, start=1)
    ]


def read(name: str, downloads_30d: int | None, day: dt.date = WEDNESDAY, **more: Any) -> dict[str, Any]:
    """A row of core.download_history."""
    usual = {"repo_id": f"lab/{name}", "observed_on": day, "downloads_30d": downloads_30d, "is_stale": False}
    return usual | more


def world(scores: Sequence[float], downloads: Sequence[int], sizes: Sequence[float | None]) -> dict[str, Rows]:
    """Models with a score, downloads and a size each."""
    names = [f"m{number:02}" for number in range(len(scores))]
    return {
        "core.model": [
            model(name, parameters_total_b=size, hub_repo_id=f"lab/{name}")
            for name, size in zip(names, sizes, strict=True)
        ],
        "core.model_score": [best(name, score) for name, score in zip(names, scores, strict=True)],
        "core.repository": repositories(*names),
        "core.download_history": [read(name, count) for name, count in zip(names, downloads, strict=True)],
    }


def measured(tables: dict[str, Rows], columns: str, where: str = "true") -> list[Any]:
    with made(tables, MART) as connection:
        return ask(connection, f"select {columns} from {MART} where {where} order by all")


SIX = ([10, 20, 30, 40, 50, 60], [600, 100, 200, 300, 400, 500], [1, 2, 3, 6, 300, 400])


def test_a_correlation_and_its_interval_by_hand() -> None:
    """Ranks 1 2 3 4 5 6 against 6 1 2 3 4 5: the squares of the differences add up to 30."""
    (row,) = measured(world(*SIX), "week_from, models, rank_correlation, ci_low, ci_high", "size_class = 'all'")
    rho = 1 - 6 * 30 / (6 * 35)
    reach = 1.6448536269514722 * math.sqrt((1 + rho**2 / 2) / 3)
    assert row[:2] == (MONDAY, 6)
    assert row[2:] == pytest.approx((rho, math.tanh(math.atanh(rho) - reach), math.tanh(math.atanh(rho) + reach)))


def test_the_gap_is_weighted_by_size() -> None:
    """In percentiles of six: the first model is 5/6 more used than good, every other 1/6 better than used."""
    (gap,) = measured(world(*SIX), "size_weighted_gap_pct", "size_class = 'all'")
    assert gap == pytest.approx(100 * ((2 + 3 + 6 + 300 + 400) - 5 * 1) / 6 / 712)


def test_equal_sizes_give_no_gap_by_construction() -> None:
    assert measured(world(SIX[0], SIX[1], [6] * 6), "size_weighted_gap_pct", "size_class = 'all'") == [0]


def test_ties_share_their_mean_rank() -> None:
    (found,) = measured(world([1, 1, 2, 3, 4], [10, 20, 30, 40, 40], [6] * 5), "rank_correlation", "size_class = 'all'")
    assert found == pytest.approx(np.corrcoef([1.5, 1.5, 3, 4, 5], [1, 2, 3, 4.5, 4.5])[0, 1])


def test_below_five_models_there_is_a_count_and_no_correlation() -> None:
    columns = "size_class, models, rank_correlation, ci_low, ci_high, sized_models, size_weighted_gap_pct"
    found = measured(world([1, 2, 3, 4], [1, 2, 3, 4], [6] * 4), columns)
    assert found == [(name, 4, None, None, None, 4, None) for name in ("7-9B", "all")]


def test_a_perfect_order_has_no_interval_and_one_value_no_correlation() -> None:
    columns = "rank_correlation, ci_low, ci_high"
    assert measured(world(range(5), range(5), [6] * 5), columns, "size_class = 'all'") == [(1, None, None)]
    assert measured(world(range(5), [7] * 5, [6] * 5), columns, "size_class = 'all'") == [(None, None, None)]


def test_every_model_is_in_its_size_class_and_in_all() -> None:
    found = measured(world([1, 2, 3, 4], [1, 2, 3, 4], [0.9, 6, 8, None]), "size_class, models, sized_models")
    assert found == [("7-9B", 2, 2), ("<1B", 1, 1), ("all", 4, 3)]


PAIRS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=5, max_size=12)


@settings(max_examples=6, deadline=None)
@given(groups=st.lists(PAIRS, min_size=3, max_size=8))
def test_spearman_as_numpy_has_it(groups: list[list[tuple[int, int]]]) -> None:
    """Every group is a series of its own; all are measured at once."""
    names = [[f"m{series}-{n:02}" for n in range(len(group))] for series, group in enumerate(groups)]
    every = [name for part in names for name in part]
    pairs = [(series, name, *pair) for series, part in enumerate(names)
             for name, pair in zip(part, groups[series], strict=True)]  # fmt: skip
    tables: dict[str, Rows] = {
        "core.model": [model(name) for name in every],
        "core.model_score": [best(name, score, series_id=f"quiz:{series}") for series, name, score, _ in pairs],
        "core.repository": repositories(*every),
        "core.download_history": [read(name, downloads) for _, name, _, downloads in pairs],
    }
    found = dict(measured(tables, "quality_measure, rank_correlation"))
    for series, group in enumerate(groups):
        expected = spearman(group)
        assert found[f"quiz:{series}"] == (None if expected is None else pytest.approx(expected, abs=1e-9))


def spearman(pairs: list[tuple[int, int]]) -> float | None:
    """Pearson's correlation of mean ranks; nothing where one side does not vary."""
    sides = list(zip(*pairs, strict=True))
    if any(len(set(side)) == 1 for side in sides):
        return None
    ranks = [[sum(x < y for x in side) + (sum(x == y for x in side) + 1) / 2 for y in side] for side in sides]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


# --- weeks


def test_the_newest_reading_of_a_week_counts_and_stale_ones_do_not() -> None:
    tables = world(*SIX)
    tables["core.download_history"] = [
        *tables["core.download_history"],
        read("m00", 5, WEDNESDAY - dt.timedelta(days=1)),
        read("m00", 7, WEDNESDAY + dt.timedelta(days=1), is_stale=True),
        read("m01", None, WEDNESDAY + dt.timedelta(days=1)),
        read("m02", 9, MONDAY - dt.timedelta(days=1)),
    ]
    found = measured(tables, "week_from, models, rank_correlation, is_latest", "size_class = 'all'")
    assert found == [(MONDAY - dt.timedelta(days=7), 1, None, False), (MONDAY, 6, pytest.approx(1 / 7), True)]


def test_a_model_counts_from_its_release() -> None:
    tables = world(*SIX)
    later = {"released_on": MONDAY + dt.timedelta(days=7)}
    tables["core.model"] = [{**row, **later} if row["model_id"] == "m00" else row for row in tables["core.model"]]
    assert measured(tables, "models, rank_correlation", "size_class = 'all'") == [(5, 1)]


def test_closed_models_and_those_without_a_score_are_not_in_it() -> None:
    tables = world(*SIX)
    tables["core.model"] = [{**row, "is_open_weights": row["model_id"] != "m00"} for row in tables["core.model"]]
    tables["core.model_score"] = [row for row in tables["core.model_score"] if row["model_id"] != "m01"]
    assert measured(tables, "models", "size_class = 'all'") == [4]


def test_the_composite_is_a_measure_of_quality_beside_the_series() -> None:
    tables = world(*SIX)
    tables["marts.quality_index"] = [{"model_id": f"m{n:02}", "quality_index": 100 - n} for n in range(5)]
    columns = "quality_measure, quality_name, benchmark, models, rank_correlation"
    assert measured(tables, columns, "size_class = 'all'") == [
        ("quality_index", "Quality index", None, 5, pytest.approx(0)),
        ("quiz", "Quiz", "quiz", 6, pytest.approx(1 / 7)),
    ]


# --- measures of adoption


def adoption(tables: dict[str, Rows], measure: str) -> list[Any]:
    """What a measure says of five models of rising quality, as the order in which they are used."""
    return measured(
        tables, "week_from, models, rank_correlation", f"adoption_measure = '{measure}' and size_class = 'all'"
    )


def test_downloads_of_all_repositories_of_a_model_are_added() -> None:
    """Without its second repository `m00` is used least, with it most."""
    tables = world([1, 2, 3, 4, 5], [1, 20, 30, 40, 50], [6] * 5)
    assert adoption(tables, "downloads_30d") == [(MONDAY, 5, 1)]
    tables["core.repository"] = [
        *tables["core.repository"], {"repo_id": "lab/m00-fp8", "repository_key": 9, "model_id": "m00"}
    ]  # fmt: skip
    tables["core.download_history"] = [*tables["core.download_history"], read("m00-fp8", 99)]
    assert adoption(tables, "downloads_30d") == [(MONDAY, 5, pytest.approx(0))]


def ram(name: str, day: int, v1: float | None, v2: float | None, released_on: dt.date) -> dict[str, Any]:
    """A row of marts.adoption_ram."""
    return {
        "checkpoint_id": f"lab/{name}", "repo_id": f"lab/{name}", "released_on": released_on, "day": day,
        "ram_v1": v1, "ram_v2": v2,
    }  # fmt: skip


def test_both_versions_of_relative_adoption_at_the_greatest_known_age() -> None:
    """v1 and v2 disagree here; the age of 90 days is only reached after the week, that of 60 has no value."""
    tables = world([1, 2, 3, 4, 5], [1, 1, 1, 1, 1], [6] * 5)
    born = MONDAY - dt.timedelta(days=61)
    tables["marts.adoption_ram"] = [
        row
        for number in range(5)
        for row in (
            ram(f"m{number:02}", 7, 9, 9, born),
            ram(f"m{number:02}", 30, 1 + number, 5 - number, born),
            ram(f"m{number:02}", 60, None, None, born),
            ram(f"m{number:02}", 90, 8, 8, born),
        )
    ]
    assert adoption(tables, "ram_v1") == [(MONDAY, 5, 1)]
    assert adoption(tables, "ram_v2") == [(MONDAY, 5, -1)]


def children(name: str, count: int, day: dt.date, relation: str = "finetune") -> dict[str, Any]:
    """A row of core.derivative_history."""
    return {"repo_id": name, "relation": relation, "observed_on": day, "children_count": count}


def test_the_hubs_own_counts_are_the_newest_of_four_weeks_under_any_name() -> None:
    """`m04` was counted under an old name three weeks before, `m00` five weeks before: that is too old."""
    tables = world([1, 2, 3, 4, 5, 6], [1] * 6, [6] * 6)
    tables["core.repository_name"] = [
        {"repo_id": f"lab/m{n:02}", "repository_key": n + 1, "valid_from": MONDAY} for n in range(6)
    ] + [{"repo_id": "lab/old", "repository_key": 5, "valid_from": MONDAY - dt.timedelta(days=300)}]
    tables["core.derivative_history"] = [
        children("lab/m00", 999, MONDAY - dt.timedelta(days=29)),
        children("lab/m01", 90, MONDAY - dt.timedelta(days=9)),
        children("lab/m01", 1, WEDNESDAY),
        children("lab/m02", 2, WEDNESDAY),
        children("lab/m03", 1, WEDNESDAY),
        children("lab/m03", 2, WEDNESDAY, "adapter"),
        children("lab/old", 4, MONDAY - dt.timedelta(days=20)),
        children("lab/m05", 5, WEDNESDAY),
    ]
    assert adoption(tables, "derivatives_hub_count")[-1] == (MONDAY, 5, 1)


def declared(name: str, depth: str, count: int, **more: Any) -> dict[str, Any]:
    """A row of marts.derivative_count."""
    usual = {"repo_id": name, "rule": "declared_edge", "relation": "all", "depth": depth, "derivatives_count": count}
    return usual | {"whole_hub_at": dt.datetime.combine(WEDNESDAY, dt.time(14))} | more


def test_declared_derivatives_are_of_the_week_of_the_whole_crawl() -> None:
    """Direct ones are added over the repositories of a model, of transitive ones the most count."""
    tables = world([1, 2, 3, 4, 5], [1] * 5, [6] * 5)
    tables["core.repository"] = [
        *tables["core.repository"], {"repo_id": "lab/m04-base", "repository_key": 9, "model_id": "m04"}
    ]  # fmt: skip
    rows = [declared(f"lab/m{n:02}", depth, n + 1) for n in range(4) for depth in ("direct", "transitive")]
    rows += [declared(f"lab/{name}", depth, 3) for name in ("m04", "m04-base") for depth in ("direct", "transitive")]
    rows += [declared("lab/m00", "direct", 99, rule="tag"), declared("lab/m00", "direct", 98, relation="merge")]
    tables["marts.derivative_count"] = rows
    assert adoption(tables, "derivatives_direct") == [(MONDAY, 5, 1)]
    assert adoption(tables, "derivatives_transitive")[0][2] < 1


def test_derivatives_of_a_part_of_the_hub_are_no_measure() -> None:
    tables = world([1, 2, 3, 4, 5], [1] * 5, [6] * 5)
    tables["marts.derivative_count"] = [declared(f"lab/m{n:02}", "direct", n, whole_hub_at=None) for n in range(5)]
    assert adoption(tables, "derivatives_direct") == []
