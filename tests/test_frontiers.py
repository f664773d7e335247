"""Frontiers of price, of size and of the cost of a run: small cases by hand, and every point against every other."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.frontier_tables import ask, benchmark, best, frontier, made, model, price, run

SCORE, PARETO = "core.model_score", "marts.pareto_frontier"
SIZE, COST = "marts.efficiency_frontier", "marts.cost_vs_score"


# --- the one score of a model


def chosen(*runs: dict[str, Any], **of_benchmark: Any) -> list[Any]:
    tables = {"core.score": runs, "seeds.benchmark": [benchmark(**of_benchmark)]}
    with made(tables, SCORE) as connection:
        return ask(
            connection,
            f"select series_id, metric, model_id, score, quality, effort, evaluator, runs from {SCORE} order by all",
        )


def test_the_best_run_of_a_model_counts() -> None:
    assert chosen(run("a", 50, effort="low"), run("a", 70, effort="high"), run("b", 60)) == [
        ("quiz", "accuracy", "a", 70, 70, "high", "Board", 2),
        ("quiz", "accuracy", "b", 60, 60, None, "Board", 1),
    ]


def test_a_vendors_own_score_counts_only_where_nobody_else_measured() -> None:
    own = {"is_self_reported": True, "evaluator": "Vendor"}
    found = chosen(run("a", 70), run("a", 90, **own), run("a", 95, effort="max", **own), run("b", 60, **own))
    assert [(row[2], row[3], row[6]) for row in found] == [("a", 70, "Board"), ("b", 60, "Vendor")]


def test_of_one_effort_the_newest_evaluation_counts() -> None:
    old, new = dt.date(2026, 1, 1), dt.date(2026, 5, 1)
    found = chosen(run("a", 80, evaluated_on=old), run("a", 60, evaluated_on=new, capture_id="later"))
    assert [row[3] for row in found] == [60]


def test_series_and_metrics_are_never_mixed() -> None:
    found = chosen(
        run("a", 1, series_id="quiz:1"), run("a", 2, series_id="quiz:2"), run("a", 3, series_id="quiz:2", metric="f1")
    )
    assert [row[:4] for row in found] == [
        ("quiz:1", "accuracy", "a", 1), ("quiz:2", "accuracy", "a", 2), ("quiz:2", "f1", "a", 3),
    ]  # fmt: skip


def test_what_does_not_count() -> None:
    assert not chosen(run("a", 1, is_current=False), run("a", 2, category="maths"), run(None, 3))


def test_fractions_are_in_percent_and_errors_are_turned_over() -> None:
    found = chosen(run("a", 0.07, scale="fraction", score_pct=7), run("b", 9), higher_is_better=False)
    assert [row[3:5] for row in found] == [(7, -7), (9, -9)]


# --- price


def test_the_frontier_now_a_week_ago_and_at_the_ends_of_months() -> None:
    """`b` was cut to half on 14 November; `c` came out that day; `d` costs as much as `a` and scores less."""
    tables = {
        "core.model": [model("a"), model("b"), model("c", released_on=dt.date(2026, 11, 14)), model("d")],
        SCORE: [best("a", 50), best("b", 60), best("c", 90), best("d", 40)],
        "marts.model_price": [
            price("a", 1.0, "2026-09-20"),
            price("b", 1.0, "2026-10-05", "2026-11-14"),
            price("b", 0.5, "2026-11-14"),
            price("c", 7.0, "2026-11-01"),
            price("d", 1.0, "2026-09-20", "2026-11-02"),
        ],
    }
    with made(tables, PARETO) as connection:
        found = ask(
            connection,
            f"""select moment_kind, frontier_at::date::varchar, list(model_id order by model_id),
                list(model_id order by model_id) filter (is_frontier), any_value(models_considered)
            from {PARETO} group by all order by 2""",
        )
    assert found == [
        ("month", "2026-10-01", ["a"], ["a"], 2),
        ("month", "2026-11-01", ["b"], ["b"], 3),
        ("last_week", "2026-11-10", ["a", "b"], ["b"], 2),
        ("this_week", "2026-11-17", ["a", "b", "c"], ["b", "c"], 3),
    ]


def test_without_a_release_date_the_first_price_is_the_beginning() -> None:
    tables = {
        "core.model": [model("a", released_on=None), model("later", released_on=dt.date(2027, 1, 1))],
        SCORE: [best("a", 50), best("later", 60)],
        "marts.model_price": [price("a", 1.0, "2026-11-01"), price("later", 1.0, "2026-11-01")],
    }
    with made(tables, PARETO) as connection:
        assert ask(connection, f"select distinct model_id from {PARETO}") == ["a"]


def pareto(points: list[tuple[float, float]], **more: Any) -> list[Any]:
    names = [f"m{number:02}" for number in range(len(points))]
    tables = {
        "core.model": [model(name) for name in names],
        SCORE: [best(name, quality, **more) for name, (_, quality) in zip(names, points, strict=True)],
        "marts.model_price": [price(name, usd) for name, (usd, _) in zip(names, points, strict=True)],
    }
    with made(tables, PARETO) as connection:
        return ask(connection, f"select is_frontier from {PARETO} where moment_kind = 'this_week' order by model_id")


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param([(1, 50)], [True], id="one model alone"),
        pytest.param([(1, 50), (1, 50)], [True, True], id="two that are equal in both"),
        pytest.param([(1, 50), (1, 60)], [False, True], id="same price, better"),
        pytest.param([(1, 50), (2, 50)], [True, False], id="same score, dearer"),
        pytest.param([(1, -5), (2, -4), (3, -9)], [True, True, False], id="scores below zero"),
    ],
)
def test_ties_by_hand(points: list[tuple[float, float]], expected: list[bool]) -> None:
    assert pareto(points) == expected


@pytest.mark.parametrize("usd", [0, -1])
def test_a_price_that_is_not_above_zero_is_no_price(usd: float) -> None:
    assert pareto([(usd, 90), (1, 50)]) == [True]


def test_models_of_two_series_do_not_meet() -> None:
    tables = {
        "core.model": [model("a"), model("b")],
        SCORE: [best("a", 50, series_id="quiz:1"), best("b", 60, series_id="quiz:2"), best("b", 40, metric="f1")],
        "marts.model_price": [price("a", 2), price("b", 1)],
    }
    with made(tables, PARETO) as connection:
        assert ask(connection, f"select is_frontier from {PARETO} where moment_kind = 'this_week'") == [
            True,
            True,
            True,
        ]


POINTS = st.lists(st.tuples(st.integers(1, 6), st.integers(-3, 6)), min_size=1, max_size=14)
CHARTS = st.lists(POINTS, min_size=3, max_size=8)
Charts = list[list[tuple[float, float]]]


def named(charts: Charts) -> list[tuple[str, str, float, float]]:
    """Series, model, first and second value of every point; each chart is a series of its own."""
    return [(f"quiz:{i}", f"m{i}-{j:02}", *point) for i, chart in enumerate(charts) for j, point in enumerate(chart)]


@settings(max_examples=6, deadline=None)
@given(charts=CHARTS)
def test_no_model_on_the_frontier_is_dominated_and_each_off_it_is(charts: Charts) -> None:
    points = named(charts)
    tables = {
        "core.model": [model(name) for _, name, _, _ in points],
        SCORE: [best(name, quality, series_id=series) for series, name, _, quality in points],
        "marts.model_price": [price(name, usd) for _, name, usd, _ in points],
    }
    with made(tables, PARETO) as connection:
        found = ask(connection, f"select is_frontier from {PARETO} where moment_kind = 'this_week' order by model_id")
    assert found == [is_on for chart in charts for is_on in frontier(chart)]


# --- size


@pytest.mark.parametrize(
    ("billions", "size_class"),
    [
        (0.5, "<1B"), (0.999, "<1B"), (1, "1-5B"), (4.99, "1-5B"), (5, "7-9B"), (6, "7-9B"), (9.99, "7-9B"),
        (10, "10-50B"), (49.9, "10-50B"), (50, "50-100B"), (99.9, "50-100B"), (100, "100-250B"), (249.9, "100-250B"),
        (250, "250B+"), (1_600, "250B+"), (None, None),
    ],
)  # fmt: skip
def test_edges_of_the_size_classes(billions: float | None, size_class: str | None) -> None:
    tables = {
        "core.model": [model("a", parameters_total_b=billions, parameters_active_b=0.1)],
        SCORE: [best("a", 50)],
    }
    with made(tables, SIZE) as connection:
        found = ask(connection, f"select distinct size_bucket from {SIZE}")
    assert found == [size_class]


def test_total_and_active_parameters_are_two_frontiers() -> None:
    """A sparse model is large by the one and small by the other; what is not known is left out and counted."""
    tables = {
        "core.model": [
            model("sparse", parameters_total_b=120, parameters_active_b=5),
            model("dense", parameters_total_b=27, parameters_active_b=27),
            model("half", parameters_total_b=20),
            model("none"),
            model("zero", parameters_total_b=0, parameters_active_b=-1),
            model("closed", parameters_total_b=1, parameters_active_b=1, is_open_weights=False),
        ],
        SCORE: [best(name, score) for name, score in
                (("sparse", 70), ("dense", 60), ("half", 60), ("none", 99), ("zero", 99), ("closed", 99))],
    }  # fmt: skip
    with made(tables, SIZE) as connection:
        found = ask(
            connection,
            f"""select parameter_basis, model_id, parameters_b, is_frontier, is_best_of_size, models_considered,
                models_without_parameters from {SIZE} order by 1, 3""",
        )
    assert found == [
        ("active", "sparse", 5, True, True, 2, 3),
        ("active", "dense", 27, False, True, 2, 3),
        ("total", "half", 20, True, True, 3, 2),
        ("total", "dense", 27, False, True, 3, 2),
        ("total", "sparse", 120, True, True, 3, 2),
    ]


@settings(max_examples=6, deadline=None)
@given(charts=CHARTS)
def test_the_frontier_of_size_is_that_of_every_pair(charts: Charts) -> None:
    points = named(charts)
    tables = {
        "core.model": [model(name, parameters_total_b=size, parameters_active_b=size) for _, name, size, _ in points],
        SCORE: [best(name, quality, series_id=series) for series, name, _, quality in points],
    }
    with made(tables, SIZE) as connection:
        for basis in ("total", "active"):
            query = f"select is_frontier from {SIZE} where parameter_basis = '{basis}' order by model_id"
            assert ask(connection, query) == [is_on for chart in charts for is_on in frontier(chart)]


# --- the cost of a run


def costs(*runs: dict[str, Any], columns: str = "model_name, is_frontier", **of_benchmark: Any) -> list[Any]:
    tables = {
        "core.score": runs,
        "seeds.benchmark": [benchmark(**of_benchmark)],
        "core.model": [model("a"), model("b", is_open_weights=False)],
    }
    with made(tables, COST) as connection:
        return ask(connection, f"select {columns} from {COST} order by all")


def test_runs_are_compared_by_cost_and_score() -> None:
    found = costs(
        run("a", 60, cost_usd=10), run("b", 70, cost_usd=20), run(None, 65, cost_usd=25),
        columns="model_name, model_id, is_open_weights, cost_usd, is_frontier",
    )  # fmt: skip
    assert found == [("a", "a", True, 10, True), ("b", "b", False, 20, True), ("nobody", None, None, 25, False)]


def test_a_run_without_a_cost_is_counted_and_one_of_zero_is_no_bargain() -> None:
    found = costs(
        run("a", 60, cost_usd=10), run("a", 99, effort="free", cost_usd=0), run("b", 70),
        columns="model_name, is_frontier, runs_considered, runs_without_cost",
    )  # fmt: skip
    assert found == [("a", True, 1, 2)]


@pytest.mark.parametrize("apart", ["series_id", "metric", "evaluator", "source"])
def test_what_is_never_in_one_frontier(apart: str) -> None:
    assert costs(run("a", 60, cost_usd=10), run("b", 70, cost_usd=5, **{apart: "other"})) == [("a", True), ("b", True)]


def test_efforts_of_one_model_compete() -> None:
    runs = [run("a", score, effort=effort, cost_usd=usd) for effort, score, usd in (("low", 60, 1), ("high", 55, 9))]
    assert costs(*runs, columns="effort, is_frontier") == [("high", False), ("low", True)]


def test_where_errors_are_counted_fewer_are_better() -> None:
    runs = [run("a", 3, cost_usd=10), run("b", 9, cost_usd=20)]
    assert costs(*runs, higher_is_better=False) == [("a", True), ("b", False)]


@settings(max_examples=6, deadline=None)
@given(charts=CHARTS)
def test_the_frontier_of_costs_is_that_of_every_pair(charts: Charts) -> None:
    runs = [run(None, quality, model_name=name, series_id=series, cost_usd=usd)
            for series, name, usd, quality in named(charts)]  # fmt: skip
    assert [is_on for _, is_on in costs(*runs)] == [is_on for chart in charts for is_on in frontier(chart)]


# --- every point of price against quality


def test_a_point_is_one_mode_at_the_price_in_force() -> None:
    """Thinking and not thinking are two points, of sources that disagree the independent one counts."""
    tables = {
        "seeds.benchmark": [benchmark()],
        "core.model": [model("a")],
        "core.score": [
            run("a", 70, mode="thinking"),
            run("a", 40, mode="non_thinking"),
            run("a", 45, mode="non_thinking", is_self_reported=True, capture_id="vendor"),
            run("a", 60, effort="high", mode="thinking"),
        ],
        "marts.model_price": [price("a", 5, since="2026-01-01", until="2026-06-10"), price("a", 2)],
    }
    with made(tables, "marts.price_vs_score") as connection:
        found = ask(connection, "select effort, score_pct, blended_usd_per_mtok from marts.price_vs_score order by all")
    assert found == [("high", 60, 2), ("non-thinking", 40, 2), ("thinking", 70, 2)]
