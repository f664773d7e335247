"""The section on open and closed models: capabilities with the composites last, bounds worded, the gap over time."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports.sections import open_closed_lag
from tests.report_data import HOSTILE, WEEK, empty_marts, health, insert
from tests.report_reading import drawn, text, title
from tests.test_report import figure, headlines, report

Row = dict[str, Any]
UNTIL = dt.date(2026, 11, 1)


def scope(place: int, kind: str, name: str, lag: float, half: float | None, **more: Any) -> Row:
    """One row of the summary; `half` is half of the interval of its mean lag."""
    return {
        "scope": kind, "scope_id": name.lower(), "scope_name": name, "position": place, "is_self_reported": False,
        "benchmarks": 2, "steps": 9, "open_models": 7, "at_least_steps": 0, "at_most_steps": 0,
        "no_tolerance_steps": 4, "mean_lag_months": lag, "mean_lag_ci_low": None if half is None else lag - half,
        "mean_lag_ci_high": None if half is None else lag + half, "mean_lag_without_tolerance_months": 3.1,
        "mean_known_lag_months": 4.2, "mean_lag_last_year_months": 2.0, "steps_last_year": 3, "known_until": UNTIL,
        "now_benchmarks": 2, "now_lag_months": 6.0,
    } | more  # fmt: skip


LINE = {
    "subject": "coding", "evaluator": "Board", "benchmarks": 1, "now_benchmarks": 1, "best_open_model_id": "free-1",
    "best_closed_model_id": "shut-2", "now_gap_points": 4.0, "now_gap_pct": 5.0,
}  # fmt: skip


def summary() -> list[Row]:
    return [
        scope(1, "series", "Code board", 3.0, 1.0, now_unreached_months=2.5, unreached_model_id="shut-1", **LINE),
        scope(2, "series", "Won board", -1.0, None, steps=1, at_most_steps=1,
              **LINE | {"now_lag_months": 0, "now_censored": "at_most", "now_gap_points": -2.0}),
        scope(3, "subject", "coding", 1.5, 1.0, steps=10, now_gap_pct=12.0, now_gap_ci_low=-3.0, now_gap_ci_high=27.0),
        scope(4, "subject", "agentic", 7.25, 2.0, steps=11, now_lag_months=None, now_benchmarks=0),
        scope(5, "subject", "preference", 9.0, None, steps=5),
        scope(6, "subject", "factuality", -8.8, 8.0, steps=4),
        scope(7, "subject", "knowledge", 19.0, 8.0, steps=9),
        scope(8, "all", "All benchmarks", 4.5, 1.5, steps=12, at_least_steps=3),
        scope(9, "other_composite", "Their index", 5.0, 1.0, benchmarks=1, steps=3),
        scope(10, "composite", "Quality index", 5.5, 2.5, benchmarks=1, now_censored="at_least", now_gap_points=8.0,
              now_gap_ci_low=-1.0, now_gap_ci_high=17.0, now_unreached_months=7.0, unreached_model_id="shut-2",
              best_open_model_id="free-1", best_closed_model_id="shut-2", evaluator="modelmarket"),
    ]  # fmt: skip


def gap(day: str, until: str, points: float, error: float | None, newest: bool = False) -> Row:
    return {
        "line_id": "quality_index", "level": "composite", "line_name": "Quality index", "evaluator": "modelmarket",
        "is_self_reported": False, "scale": "index", "changed_on": day, "until_on": until,
        "open_model_id": "free-1", "open_model_name": "Free 1", "open_released_on": day, "open_score": 130.0,
        "closed_model_id": "shut-2", "closed_model_name": "Shut 2", "closed_released_on": day,
        "closed_score": 130.0 + points, "gap_points": points, "gap_error": error, "is_newest": newest,
    }  # fmt: skip


def marts() -> duckdb.DuckDBPyConnection:
    connection = empty_marts()
    insert(connection, "source_health", health())
    insert(connection, "open_closed_summary", summary())
    insert(connection, "open_closed_gap", [
        gap("2026-01-01", "2026-06-01", 12.0, 5.0), gap("2026-06-01", "2026-11-01", 8.0, 9.0, newest=True),
        gap("2026-01-01", "2026-11-01", 3.0, None, newest=True) | {
            "line_id": "other", "level": "series", "scale": "percent", "line_name": "Other", "gap_pct": 2.0},
    ])  # fmt: skip
    step = {
        "line_id": "code board", "level": "series", "line_name": "Code board", "evaluator": "Board",
        "is_self_reported": False, "scale": "percent", "step": 1, "open_model_id": "free-1",
        "open_model_name": "Free 1", "open_released_on": "2026-05-01", "open_score": 50.0, "lag_months": 3.0,
        "is_newest": True, "known_until": UNTIL,
    }  # fmt: skip
    insert(connection, "open_closed_lag", [step])
    model = {
        "line_id": "code board", "level": "series", "line_name": "Code board", "evaluator": "Board",
        "is_self_reported": False, "scale": "percent", "model_id": "free-1", "model_name": "Free 1",
        "is_open_weights": True, "released_on": "2026-05-01", "score": 50.0, "quality": 50.0, "is_frontier": True,
        "known_until": UNTIL, "source": "board", "capture_id": "board-1", "origin": "starter",
    }  # fmt: skip
    insert(connection, "open_closed_frontier", [model])
    return connection


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("lag")
    return report(marts(), folder), folder / WEEK


def test_the_finding_is_the_mean_with_its_interval_and_the_ends_with_ten_steps_or_more(page: tuple[str, Path]) -> None:
    finding = (
        "Open models reach closed ones at least 4.5 (3.0 to 6.0) months later over 2 benchmarks: 1.5 in coding, "
        "7.2 in agentic"
    )
    assert title(page[0], "open-closed-lag") == finding
    assert f"{finding}." in headlines(page[0])


def test_capabilities_are_drawn_with_the_composites_last(page: tuple[str, Path]) -> None:
    shown = [row for row in drawn(page[0], "open-closed-lag") if "shown" in row]
    names = ["Coding", "Agentic", "Preference", "Knowledge", "All benchmarks", "Their index", "Quality index"]
    assert [row["name"] for row in shown] == names
    assert [row["kind"] for row in shown] == ["capability"] * 5 + ["composite"] * 2
    assert [row["has_interval"] for row in shown] == [True, True, False, True, True, True, True]
    assert "too few for an interval" in text(page[0], "open-closed-lag")


def test_a_subject_with_few_steps_has_a_row_and_no_mean(page: tuple[str, Path]) -> None:
    words = text(page[0], "open-closed-lag")
    assert "Factuality 2 benchmarks too few 4 steps 2.0 3 steps" in words
    assert "−8.8" not in words and "Preference 2 benchmarks 9.0 5 steps" in words
    with (page[1] / "data" / "open-closed-lag.csv").open(encoding="utf-8") as file:
        written = {row["scope_id"]: row["mean_lag_months"] for row in csv.DictReader(file)}
    assert written["factuality"] == "-8.8"


def test_without_two_subjects_of_ten_steps_the_title_names_none(tmp_path: Path) -> None:
    connection = marts()
    connection.execute("update marts.open_closed_summary set steps = 9 where scope_id = 'agentic'")
    found = title(report(connection, tmp_path), "open-closed-lag")
    assert found == "Open models reach closed ones at least 4.5 (3.0 to 6.0) months later over 2 benchmarks"


def test_unknown_and_bounds_are_worded(page: tuple[str, Path]) -> None:
    words = text(page[0], "open-closed-lag")
    assert "Coding 2 benchmarks 1.5 (0.5 to 2.5) 10 steps 2.0 3 steps 6.0 2 benchmarks, to 2026-11-01 12.0%" in words
    assert "−3.0 to 27.0%" in words
    assert "Agentic 2 benchmarks 7.2 (5.2 to 9.2) 11 steps 2.0 3 steps unknown" in words
    assert "Quality index composite" in words and "at least 6.0 composite, to 2026-11-01 8.0 points" in words
    assert "12 steps, 3 at least" in words
    assert "n = 12 steps of 7 open models, 3 of them bounds." in words
    assert "without the allowance for error it is 3.1 months, and 4 steps had none" in words


def test_the_open_gap_of_each_series_is_a_lower_bound(page: tuple[str, Path]) -> None:
    assert title(page[0], "open-closed-lag-series") == (
        "The longest open gap is 7.0 months, in Quality index: no open model reached shut-2 there"
    )
    words = text(page[0], "open-closed-lag-series")
    assert "Code board coding, Board 3.0 (2.0 to 4.0) 9 steps 6.0 to 2026-11-01 at least 2.5 shut-1" in words
    assert "Won board coding, Board −1.0 1 step at most 0.0 to 2026-11-01 none open −2.0 points, 5.0%" in words


def test_a_board_nobody_measures_any_more_has_not_the_longest_open_gap(tmp_path: Path) -> None:
    connection = marts()
    connection.execute(
        "update marts.open_closed_summary set now_unreached_months = 30, known_until = known_until - 400 "
        "where scope_name = 'Code board'"
    )
    assert title(report(connection, tmp_path), "open-closed-lag-series") == (
        "The longest open gap is 7.0 months, in Quality index: no open model reached shut-2 there"
    )


def test_the_gap_is_that_of_the_composite_and_runs_to_the_newest_release(page: tuple[str, Path]) -> None:
    assert title(page[0], "open-closed-gap") == (
        "Shut 2 is 8.0 ± 9.0 index points ahead of Free 1, the best open model; the gap was widest with 12.0 on "
        "2026-01-01"
    )
    points = [row for row in drawn(page[0], "open-closed-gap") if "value" in row]
    assert [(row["changed_on"][:10], row["value"], row["low"], row["high"]) for row in points] == [
        ("2026-01-01", 12, 7, 17), ("2026-06-01", 8, -1, 17), ("2026-11-01", 8, -1, 17),
    ]  # fmt: skip


def test_without_a_composite_the_gap_is_that_of_a_series(tmp_path: Path) -> None:
    connection = marts()
    connection.execute("delete from marts.open_closed_gap where level = 'composite'")
    page = report(connection, tmp_path)
    assert title(page, "open-closed-gap").startswith("Shut 2 is 3.0 points (2.0%) ahead of Free 1")
    assert "90% interval" not in text(page, "open-closed-gap")


def test_who_stands_behind_it_is_named(page: tuple[str, Path]) -> None:
    for slug in ("open-closed-lag", "open-closed-lag-series", "open-closed-gap"):
        assert '<span class="badge starter">starter</span> GPQA board' in figure(page[0], slug)


def test_the_printed_sql_gives_the_csv_again(page: tuple[str, Path]) -> None:
    connection = marts()
    for slug, sql in (("open-closed-lag", open_closed_lag.LAG), ("open-closed-gap", open_closed_lag.GAP)):
        cursor = connection.execute(sql)
        names = [column[0] for column in cursor.description or ()]
        with (page[1] / "data" / f"{slug}.csv").open(encoding="utf-8") as file:
            written = list(csv.DictReader(file))
        assert list(written[0]) == names
        assert len(written) == len(cursor.fetchall())
    connection.close()


def test_without_a_line_the_section_is_not_there(tmp_path: Path) -> None:
    assert 'id="open-closed-lag"' not in report(empty_marts(), tmp_path)


def test_a_hostile_name_is_only_text(tmp_path: Path) -> None:
    connection = marts()
    connection.execute("update marts.open_closed_gap set open_model_name = ?, closed_model_name = ?", [HOSTILE] * 2)
    connection.execute("update marts.open_closed_summary set scope_name = ? || scope_name", [HOSTILE])
    assert HOSTILE not in report(connection, tmp_path)
