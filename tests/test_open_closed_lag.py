"""How far open models are behind closed ones: hand-made frontiers, bounds, tolerances, gaps and their means."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pytest

from tests.quality_world import INDEX, benchmark, build, models, put, rows, score, simulated, world

LAG = (
    "marts.open_closed_frontier",
    "marts.open_closed_gap",
    "marts.open_closed_lag",
    "marts.open_closed_summary",
)
MONTH = 30.4375

# Name, release and score of each model.
Side = Sequence[tuple[str, str, float]]


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with world() as connection:
        yield connection


def race(db: duckdb.DuckDBPyConnection, name: str, open_side: Side, closed_side: Side, **more: Any) -> None:
    """A benchmark with the scores of both sides; models are made on first use."""
    if not rows(db, f"from seeds.benchmark where benchmark = '{more.get('benchmark', name)}'"):
        benchmark(
            db, more.get("benchmark", name), scale=more.get("scale", "percent"), subject=more.pop("subject", "coding")
        )
    known = {row["model_id"] for row in rows(db, "from core.model")}
    values = {"scale": "percent"} | {key: value for key, value in more.items() if key != "benchmark"}
    for side, is_open in ((open_side, True), (closed_side, False)):
        for model, day, points in side:
            if model not in known:
                models(db, model, released_on=dt.date.fromisoformat(day), is_open_weights=is_open)
            put(db, "core.score", [score(model, more.get("benchmark", name), points, **values)])


def made(db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    build(db, *INDEX, *LAG)
    return rows(db, "from marts.open_closed_lag order by line_id, step")


# Closed: 40 in January, 60 in June, 80 in December of 2024. Open: 50, 60, 70, later each; 45 is no step.
CLOSED: Side = [("c1", "2024-01-01", 40), ("c2", "2024-06-01", 60), ("c3", "2024-12-01", 80), ("c4", "2024-09-01", 55)]
OPEN: Side = [("o1", "2024-08-01", 50), ("o2", "2024-11-01", 60), ("o3", "2025-05-01", 70), ("o4", "2025-02-01", 45)]


def days(first: str, last: str) -> float:
    return (dt.date.fromisoformat(last) - dt.date.fromisoformat(first)).days / MONTH


def test_a_step_is_held_against_the_first_closed_model_at_its_level(db: duckdb.DuckDBPyConnection) -> None:
    race(db, "b", OPEN, CLOSED)
    found = [(r["open_model_id"], r["closed_model_id"], r["lag_months"], r["censored"]) for r in made(db)]
    assert found == [
        ("o1", "c2", pytest.approx(days("2024-06-01", "2024-08-01"), abs=1e-6), None),
        ("o2", "c2", pytest.approx(days("2024-06-01", "2024-11-01"), abs=1e-6), None),
        ("o3", "c3", pytest.approx(days("2024-12-01", "2025-05-01"), abs=1e-6), None),
    ]


def test_below_the_first_closed_model_measured_the_lag_is_a_lower_bound(db: duckdb.DuckDBPyConnection) -> None:
    race(db, "b", [("o0", "2024-03-01", 30), *OPEN], CLOSED)
    first, second, *_ = made(db)
    assert (first["closed_model_id"], first["censored"]) == ("c1", "at_least")
    assert first["lag_months"] == pytest.approx(days("2024-01-01", "2024-03-01"), abs=1e-6)
    assert second["censored"] is None


def test_a_closed_model_that_came_later_is_a_lag_below_zero(db: duckdb.DuckDBPyConnection) -> None:
    race(db, "b", [("o0", "2024-10-01", 75), *OPEN], CLOSED)
    found = made(db)
    step = next(r for r in found if r["open_model_id"] == "o0")
    assert (step["closed_model_id"], step["censored"]) == ("c3", None)
    assert step["lag_months"] == pytest.approx(-days("2024-10-01", "2024-12-01"), abs=1e-6)
    assert [r["open_model_id"] for r in found] == ["o1", "o0"], "later ones below 75 are no steps"


def test_where_no_closed_model_is_that_good_the_lag_is_an_upper_bound(db: duckdb.DuckDBPyConnection) -> None:
    race(db, "b", [*OPEN, ("o5", "2025-06-01", 90)], [*CLOSED, ("c5", "2025-09-01", 82)])
    last = made(db)[-1]
    assert (last["open_model_id"], last["closed_model_id"], last["censored"]) == ("o5", None, "at_most")
    assert last["lag_months"] == pytest.approx(-days("2025-06-01", "2025-09-01"), abs=1e-6)
    assert (last["tolerance"], last["tolerance_basis"], last["lag_months_without_tolerance"]) == (None, None, None)
    (line,) = rows(db, "from marts.open_closed_summary where scope = 'series'")
    assert (line["now_lag_months"], line["now_censored"], line["now_unreached_months"]) == (0, "at_most", None)
    assert line["now_gap_points"] == -8
    assert line["at_most_steps"] == 1


def test_the_tolerance_is_the_90_percent_error_of_the_difference(db: duckdb.DuckDBPyConnection) -> None:
    race(db, "b", OPEN, CLOSED)
    db.execute("update core.score set standard_error_pct = 3 where model_id = 'o2'")
    db.execute("update core.score set standard_error_pct = 4 where model_id = 'c2'")
    db.execute("update core.score set standard_error_pct = 9 where model_id = 'c1'")
    o1, o2, o3 = made(db)
    assert o2["tolerance"] == pytest.approx(1.644853626951 * 5, abs=1e-6), "3, 4, 5"
    assert o2["tolerance_basis"] == "both"
    # 50 against 40 with an error of 14.8: c1 counts as the same, and is the first.
    assert (o1["closed_model_id"], o1["tolerance_basis"], o1["censored"]) == ("c1", "closed_only", "at_least")
    assert o1["lag_months_without_tolerance"] == pytest.approx(days("2024-06-01", "2024-08-01"), abs=1e-6)
    assert (o3["tolerance"], o3["tolerance_basis"]) == (0, "none")


def test_a_wider_tolerance_never_makes_a_lag_shorter(db: duckdb.DuckDBPyConnection) -> None:
    race(db, "b", OPEN, CLOSED)
    lags = []
    for error in (0.0, 2.0, 5.0, 15.0):
        db.execute("update core.score set standard_error_pct = ?", [error])
        lags.append([r["lag_months"] for r in made(db)])
    for before, after in itertools.pairwise(lags):
        assert all(b <= a for b, a in zip(before, after, strict=True))
    assert lags[0] != lags[-1]


def test_a_number_of_questions_gives_a_tolerance_too(db: duckdb.DuckDBPyConnection) -> None:
    race(db, "b", OPEN, CLOSED, sample_size=100)
    step = next(r for r in made(db) if r["open_model_id"] == "o2")
    assert step["tolerance"] == pytest.approx(1.644853626951 * (2 * 24) ** 0.5, abs=1e-6), "60 of 100, twice"


def test_openness_belongs_to_the_model_and_undated_models_are_out(db: duckdb.DuckDBPyConnection) -> None:
    race(db, "b", OPEN, CLOSED)
    models(db, "undated", released_on=None, is_open_weights=True)
    put(db, "core.score", [score("undated", "b", 99.0, scale="percent")])
    db.execute("update core.model set organisation_id = 'the same'")
    before = made(db)
    assert [r["open_model_id"] for r in before] == ["o1", "o2", "o3"]
    db.execute("update core.model set is_open_weights = true where model_id = 'c4'")
    assert [r["open_model_id"] for r in made(db)] == ["o1", "c4", "o2", "o3"]


def test_a_line_needs_three_of_each_side_and_independent_scores_where_there_are_any(
    db: duckdb.DuckDBPyConnection,
) -> None:
    race(db, "thin", OPEN[:2], CLOSED)
    said = {"is_self_reported": True, "evaluator": "Vendor"}
    race(db, "said", OPEN, CLOSED, **said)
    race(db, "both", OPEN, CLOSED)
    vendors, others = ([(f"{side}{n}", f"2025-0{n}-01", n) for n in (1, 2, 3)] for side in "vw")
    race(db, "vendors", vendors, others, benchmark="both", **said)
    made(db)
    lines = rows(db, "select distinct benchmark, is_self_reported from marts.open_closed_frontier order by all")
    assert lines == [
        {"benchmark": "both", "is_self_reported": False},
        {"benchmark": "said", "is_self_reported": True},
    ]
    (every,) = rows(db, "from marts.open_closed_summary where scope = 'all'")
    assert (every["benchmarks"], every["is_self_reported"]) == (1, False), "what vendors say is in no mean"


def test_fewer_errors_are_ahead(db: duckdb.DuckDBPyConnection) -> None:
    benchmark(db, "errors", scale="percent", higher_is_better=False)
    flipped = [[(name, day, 100 - points) for name, day, points in side] for side in (OPEN, CLOSED)]
    race(db, "errors", *flipped)
    assert [(r["open_model_id"], r["closed_model_id"]) for r in made(db)] == [("o1", "c2"), ("o2", "c2"), ("o3", "c3")]
    newest = rows(db, "from marts.open_closed_gap where is_newest")[0]
    assert (newest["open_score"], newest["closed_score"], newest["gap_points"]) == (30, 20, 10)
    assert newest["gap_pct"] == 50


def test_the_gap_follows_both_frontiers(db: duckdb.DuckDBPyConnection) -> None:
    race(db, "b", OPEN, CLOSED)
    made(db)
    found = rows(db, "from marts.open_closed_gap order by changed_on")
    shown = [(str(r["changed_on"]), r["open_model_id"], r["closed_model_id"], r["gap_points"]) for r in found]
    assert shown == [
        ("2024-08-01", "o1", "c2", 10),
        ("2024-11-01", "o2", "c2", 0),
        ("2024-12-01", "o2", "c3", 20),
        ("2025-05-01", "o3", "c3", 10),
    ]
    assert found[2]["gap_pct"] == 25
    assert [str(r["until_on"]) for r in found] == ["2024-11-01", "2024-12-01", "2025-05-01", "2025-05-01"]
    assert {r["gap_error"] for r in found} == {None}


def test_what_is_still_open_now_is_a_lower_bound(db: duckdb.DuckDBPyConnection) -> None:
    race(db, "b", OPEN, [*CLOSED, ("c5", "2025-11-01", 50)])
    made(db)
    (line,) = rows(db, "from marts.open_closed_summary where scope = 'series'")
    assert line["known_until"] == dt.date(2025, 11, 1)
    assert (line["best_open_model_id"], line["best_closed_model_id"], line["unreached_model_id"]) == ("o3", "c3", "c3")
    assert line["now_lag_months"] == pytest.approx(days("2024-12-01", "2025-11-01"), abs=1e-6)
    assert line["now_unreached_months"] == line["now_lag_months"]


def test_each_benchmark_of_a_subject_has_the_same_weight_and_versions_are_one_benchmark(
    db: duckdb.DuckDBPyConnection,
) -> None:
    race(db, "b", OPEN, CLOSED)
    race(db, "b", OPEN, CLOSED, evaluator="Other")
    late: Side = [("p1", "2025-06-01", 60), ("p2", "2025-06-02", 30), ("p3", "2025-06-03", 20)]
    race(db, "d", late, CLOSED)
    race(db, "far", OPEN, CLOSED, subject="factuality")
    made(db)
    found = {r["scope_id"]: r for r in rows(db, "from marts.open_closed_summary where scope in ('subject', 'all')")}
    one = (days("2024-06-01", "2024-08-01") + days("2024-06-01", "2024-11-01") + days("2024-12-01", "2025-05-01")) / 3
    other = days("2024-06-01", "2025-06-01")
    coding = found["coding"]
    assert coding["mean_lag_months"] == pytest.approx((one + other) / 2, abs=1e-5)
    assert (coding["benchmarks"], coding["steps"], coding["open_models"]) == (2, 4, 4)
    assert coding["mean_lag_ci_low"] < coding["mean_lag_months"] < coding["mean_lag_ci_high"]
    assert found["all"]["mean_lag_months"] == pytest.approx((2 * one + other) / 3, abs=1e-5)
    series = rows(db, "from marts.open_closed_summary where scope_id like 'd |%'")[0]
    assert (series["steps"], series["mean_lag_ci_low"]) == (1, None), "no interval from one step"
    assert series["mean_lag_last_year_months"] == pytest.approx(other, abs=1e-5)
    assert found["all"]["now_gap_ci_low"] <= found["all"]["now_gap_pct"] <= found["all"]["now_gap_ci_high"]


def test_stalled_benchmarks_say_nothing_of_now(db: duckdb.DuckDBPyConnection) -> None:
    race(db, "b", OPEN, CLOSED, subject="coding")
    new: Side = [("n1", "2026-07-01", 10), ("n2", "2026-07-02", 20), ("n3", "2026-07-03", 30)]
    race(db, "new", new, CLOSED, subject="agentic")
    made(db)
    found = {r["scope_id"]: r for r in rows(db, "from marts.open_closed_summary where scope = 'subject'")}
    assert (found["coding"]["now_benchmarks"], found["coding"]["now_lag_months"]) == (0, None)
    assert found["agentic"]["now_benchmarks"] == 1


def test_composites_come_last_and_the_index_has_the_tolerance_of_its_replicates(db: duckdb.DuckDBPyConnection) -> None:
    names = sorted(simulated(db, 9, count=24, benchmarks=6))
    db.execute("update core.model set is_open_weights = (substr(model_id, 4)::int % 2 = 0)")
    db.execute("update core.model set released_on = '2024-01-01'::date + substr(model_id, 2)::int * 20")
    benchmark(db, "epoch_capabilities_index", scale="index")
    put(db, "core.score", [score(m, "epoch_capabilities_index", 100.0 + p, scale="index") for p, m in enumerate(names)])
    found = made(db)
    order = [r["scope"] for r in rows(db, "from marts.open_closed_summary order by position")]
    assert order[-2:] == ["other_composite", "composite"]
    assert order[: order.index("subject")] == ["series"] * 6
    own = [r for r in found if r["level"] == "composite"]
    assert own and {r["tolerance_basis"] for r in own} <= {"both", None}
    pair = next(r for r in own if r["closed_model_id"] is not None)
    ((expected,),) = db.execute(
        """
        select 10 * stddev_samp(one.ability - other.ability) * t.quantile_95 * sqrt((n + 1) / (n - 1))
        from core.quality_fit as one
        join core.quality_fit as other on other.replicate = one.replicate and other.model_id = $closed
            and other.left_out = 'nothing'
        join (select min(benchmarks) as n from marts.quality_index where model_id in ($open, $closed)) on true
        join seeds.student_t as t on t.degrees_of_freedom = n - 1
        where one.left_out = 'nothing' and one.replicate > 0 and one.model_id = $open
        group by t.quantile_95, n
        """,
        {"open": pair["open_model_id"], "closed": pair["closed_model_id"]},
    ).fetchall()
    assert pair["tolerance"] == pytest.approx(expected, abs=1e-5)
    gap = rows(db, "from marts.open_closed_gap where level = 'composite' and is_newest")[0]
    assert gap["gap_pct"] is None and gap["gap_error"] > 0
    (line,) = rows(db, "from marts.open_closed_summary where scope = 'composite'")
    assert line["now_gap_ci_low"] < line["now_gap_points"] < line["now_gap_ci_high"]


def test_without_both_sides_there_is_nothing(db: duckdb.DuckDBPyConnection) -> None:
    race(db, "b", [], CLOSED)
    assert made(db) == []
    assert rows(db, "from marts.open_closed_summary") == []
