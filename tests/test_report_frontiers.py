"""The sections on frontiers, on the cost of runs and on quality against use: true titles, notices, one set of marks."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from tests.report_data import HOSTILE, empty_marts
from tests.report_frontiers import (
    LAST_WEEK,
    THIS_WEEK,
    Row,
    csv_rows,
    frontier_rows,
    of_model,
    page_of,
    week,
)
from tests.report_reading import drawn, text, title
from tests.test_report import chart, figure, headlines, report

# --- frontier of price


@pytest.fixture(scope="module")
def priced(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("priced")
    return page_of(folder, pareto_frontier=frontier_rows()), folder


def test_the_title_names_who_came_and_went_by_release_and_price(priced: tuple[str, Path]) -> None:
    assert title(priced[0], "price-frontier-1-quiz-2") == (
        "Quiz 2: 4 of 6 models on the price frontier; Bee 2 joined and Bee 1 left it within the week"
    )
    assert any(line.startswith("Quiz 2: 4 of 6 models") for line in headlines(priced[0]))


def test_a_price_first_read_is_told_apart_from_news_of_the_market(priced: tuple[str, Path]) -> None:
    words = text(priced[0], "price-frontier-1")
    assert "Of 1 model, among them Dove 2, a price was first read, or is read from another seller" in words
    assert "n = 6 models, 4 of them with a price on 2026-11-14" in words


def test_last_weeks_frontier_is_drawn_as_a_shadow(priced: tuple[str, Path]) -> None:
    spec = chart(priced[0], "price-frontier-1-quiz-2")
    shadow = spec["layer"][0]
    assert shadow["mark"]["strokeWidth"] == 6 and shadow["mark"]["interpolate"] == "step-after"
    points = spec["datasets"][shadow["data"]["name"]]
    assert [(p["x"], p["y"]) for p in points[:-1]] == [(1.0, 60), (2.0, 80), (9.0, 90)]
    assert points[-1]["y"] == 90 and points[-1]["x"] > 9
    assert "frontier a week before" in figure(priced[0], "price-frontier-1")


def test_the_table_tells_of_both_weeks(priced: tuple[str, Path]) -> None:
    words = text(priced[0], "price-frontier-1")
    assert "Bee 2 Alibaba open 85.0 $1.50 released 2026-11-18" in words
    assert "Bee 1 Alibaba open 80.0 left, $4.00 on it $2.00" in words
    assert "Dove 2 Dove open 55.0 $0.50 no price known" in words


def test_the_data_hold_both_weeks_and_the_shown_sql_gives_them(priced: tuple[str, Path]) -> None:
    rows = csv_rows(priced[1], "price-frontier-1")
    assert [row["moment_kind"] for row in rows] == ["this_week"] * 6 + ["last_week"] * 4
    sql = re.search(r"<pre>(.*?)</pre>", figure(priced[0], "price-frontier-1"), re.DOTALL)
    assert sql and "marts.pareto_frontier" in sql[1]


def test_a_frontier_that_moved_by_first_readings_alone_is_no_news(tmp_path: Path) -> None:
    rows = week(LAST_WEEK, "last_week") + week([*LAST_WEEK, ("Dove 2", 95, 0.5, True)], "this_week")
    page = page_of(tmp_path, pareto_frontier=rows)
    assert title(page, "price-frontier-1-quiz-2").endswith("no release and no price change moved it within the week")
    assert not [line for line in headlines(page) if "price frontier" in line]


def test_the_same_model_at_another_seller_is_no_price_change(tmp_path: Path) -> None:
    before = [("Ant 1", 90, 9.0, True), ("Bee 1", 80, 9.5, False), ("Cat 1", 60, 1.0, True), ("Dove 1", 50, 3.0, False)]
    after = [("Ant 1", 90, 9.0, True), ("Bee 1", 80, 2.0, True), ("Cat 1", 60, 1.0, True), ("Dove 1", 50, 3.0, False),
             ("Dove 3", 40, 3.0, False)]  # fmt: skip
    rows = week(before, "last_week", price_provider="reseller") + week(after, "this_week")
    page = page_of(tmp_path, pareto_frontier=rows)
    assert title(page, "price-frontier-1-quiz-2").endswith("no release and no price change moved it within the week")
    cut = page_of(tmp_path / "cut", pareto_frontier=week(before, "last_week") + week(after, "this_week"))
    assert title(cut, "price-frontier-1-quiz-2").endswith("Bee 1 joined it within the week")


def test_without_a_week_before_that_is_said(tmp_path: Path) -> None:
    page = page_of(tmp_path, pareto_frontier=week(THIS_WEEK, "this_week"))
    assert title(page, "price-frontier-1-quiz-2").endswith("on the price frontier; of a week before no price is known")
    assert "frontier a week before" not in figure(page, "price-frontier-1")


def test_too_few_models_give_a_notice_and_no_chart(tmp_path: Path) -> None:
    page = page_of(tmp_path, pareto_frontier=week(LAST_WEEK, "this_week"))
    assert title(page, "price-frontier") == "No series of scores has five models with a price: no frontier is drawn"
    assert "data-chart" not in figure(page, "price-frontier")


def test_the_series_with_most_models_of_the_last_year_comes_first(tmp_path: Path) -> None:
    old = {"released_on": dt.date(2024, 1, 1), "series_id": "old", "benchmark": "old", "benchmark_name": "Old"}
    many = [(f"Cat {n}", 10 + n, 1.0 + n, True) for n in range(9)]
    page = page_of(tmp_path, pareto_frontier=frontier_rows() + week(many, "this_week", **old))
    assert re.findall(r'<figure id="price-frontier-([^"]+)"', page) == ["1-quiz-2", "2-old-2"]


def test_where_errors_are_counted_up_is_still_better(tmp_path: Path) -> None:
    rows = [row | {"quality": -row["score"]} for row in week(THIS_WEEK, "this_week")]
    spec = chart(page_of(tmp_path, pareto_frontier=rows), "price-frontier-1-quiz-2")
    y = spec["layer"][0]["encoding"]["y"]
    assert y["title"] == "score, %, less is better"
    assert y["scale"]["domain"][0] > y["scale"]["domain"][1]


def test_hostile_names_stay_words(tmp_path: Path) -> None:
    rows = [row | {"model_name": HOSTILE + row["model_name"], "organisation_name": HOSTILE} for row in frontier_rows()]
    page = page_of(tmp_path, pareto_frontier=rows)
    assert HOSTILE not in page
    assert any(HOSTILE in str(row.get("label")) for row in drawn(page, "price-frontier-1-quiz-2"))


# --- size


def sizes(*points: tuple[str, float, float, bool], basis: str = "total", **more: Any) -> list[Row]:
    rows = [
        of_model(name, score) | {"source": "board", "origin": "starter", "capture_id": "board-1"}
        | {"parameter_basis": basis, "parameters_b": size, "size_bucket": "10-50B", "is_frontier": is_on,
           "is_best_of_size": False, "models_considered": len(points), "models_without_parameters": 2}
        | more
        for name, score, size, is_on in points
    ]  # fmt: skip
    return [{name: value for name, value in row.items() if name != "is_open_weights"} for row in rows]


FIVE = (("Ant 1", 90, 700, True), ("Bee 1", 86, 30, True), ("Cat 1", 60, 8, True), ("Cat 2", 50, 70, False),
        ("Dove 1", 40, 90, False))  # fmt: skip


def test_quality_for_size_on_both_bases(tmp_path: Path) -> None:
    active = tuple((name, score, size / 10, is_on) for name, score, size, is_on in FIVE)
    page = page_of(tmp_path, efficiency_frontier=[*sizes(*FIVE), *sizes(*active, basis="active")])
    assert title(page, "efficiency-total-quiz-2") == (
        "Quiz 2: Ant 1 is best with 700B total parameters; Bee 1 comes within 5 points of it with 30B"
    )
    assert "Ant 1 is best with 70B active parameters; Bee 1 comes within" in title(page, "efficiency-active-quiz-2")
    assert "n = 5 models, 2 open models left out whose count is not known" in text(page, "efficiency-total")
    assert {row["parameter_basis"] for row in csv_rows(tmp_path, "efficiency-active")} == {"active"}


def test_nothing_near_the_best_is_said_and_too_few_are_no_chart(tmp_path: Path) -> None:
    lone = (("Ant 1", 99, 700, True), *FIVE[1:])
    page = page_of(tmp_path, efficiency_frontier=sizes(*lone))
    assert title(page, "efficiency-total-quiz-2").endswith("nothing smaller comes within 5 points of it")
    few = page_of(tmp_path / "few", efficiency_frontier=sizes(*FIVE[:4]))
    assert title(few, "efficiency") == "No series of scores has five open models of known size"
    assert "data-chart" not in figure(few, "efficiency")


# --- the cost of a run


def runs(*points: tuple[str, float, float, bool], **more: Any) -> list[Row]:
    left = ("region", "released_on", "is_self_reported")
    rows = [
        of_model(name, score) | {"source": "board", "origin": "starter", "capture_id": "board-1", "cost_usd": usd,
                                 "is_frontier": is_on, "runs_considered": len(points), "runs_without_cost": 3}
        | more
        for name, score, usd, is_on in points
    ]  # fmt: skip
    return [{name: value for name, value in row.items() if name not in left} for row in rows]


def test_what_a_run_costs(tmp_path: Path) -> None:
    points = (("Ant 1", 90, 120.5, True), ("Bee 1", 86, 0.8, True), ("Cat 1", 60, 4, False), ("Cat 2", 50, 5, False),
              ("Dove 1", 40, 6, False))  # fmt: skip
    unmatched = {"model_id": None, "organisation_id": None, "organisation_name": None, "is_open_weights": None}
    rows = [row | unmatched if row["model_name"] == "Dove 1" else row for row in runs(*points)]
    page = page_of(tmp_path, cost_vs_score=rows)
    assert title(page, "run-cost-1-quiz-2") == (
        "Quiz 2: the best run, Ant 1, cost $120.50; Bee 1 came within 5 points of it for $0.80"
    )
    words = text(page, "run-cost-1")
    assert "n = 5 runs; 3 runs without a cost left out. Measured by Quiz Lab." in words
    assert "Dove 1 not matched 40.0 $6.00" in words


def test_no_costs_no_chart(tmp_path: Path) -> None:
    page = page_of(tmp_path)
    assert title(page, "run-cost") == "No leaderboard of this record reports the cost of five runs"
    assert "data-chart" not in figure(page, "run-cost")


def test_nothing_at_all_is_said_too(tmp_path: Path) -> None:
    page = report(empty_marts(), tmp_path)
    for slug in ("price-frontier", "efficiency", "run-cost", "divergence"):
        assert re.search(r"<h3>(No|Fewer)", figure(page, slug)), slug


def test_report_is_the_same_twice(tmp_path: Path) -> None:
    pages = [page_of(tmp_path / name, pareto_frontier=frontier_rows()) for name in ("a", "b")]
    assert pages[0] == pages[1]
