"""The sections on leaderboards: disagreement and events say what their marts hold; what all of them have in common."""

from __future__ import annotations

import csv
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports.score_charts import LINE, WRAP
from tests.report_data import WEEK, empty_marts, insert
from tests.report_prices import at
from tests.report_reading import drawn, text, title
from tests.test_report import figure, report

Row = dict[str, Any]

CAPTURE: Row = {"origin": "live", "capture_id": "c2", "capture_id_before": "c1", "observed_at": at("2026-11-18")}


def listed(name: str, change: str, before: int | None, now: int | None, reason: str | None = None, **more: Any) -> Row:
    """A row of a top ten."""
    usual: Row = {
        "board_id": "arena", "published_at": at("2026-11-18"), "published_before_at": at("2026-11-11"),
        "comparison": "previous", "entry": name, "model_name": name, "source": "board", "document": "text",
        "benchmark": "lmarena_text", "benchmark_name": "LMArena text arena", "metric": "elo", "series_id": "s",
        "is_current_series": True, "is_newest": True, "entries": 40, "entries_before": 41, "is_cut": False,
        "change": change, "reason": reason, "place": now, "place_before": before,
        "score": None if now is None else 1500.0 - now, "score_before": None if before is None else 1490.0 - before,
    }  # fmt: skip
    return usual | CAPTURE | more


def top_tens() -> list[Row]:
    """A list that changed in the week, with one more publication in between; one cut; one older without change."""
    week: Row = {"comparison": "week", "published_before_at": at("2026-11-01")}
    cut: Row = {"board_id": "cut", "benchmark_name": "Cut list", "benchmark": "cut", "is_cut": True, "entries": 20}
    old: Row = {"board_id": "old", "benchmark_name": "Old list", "benchmark": "old", "published_at": at("2026-03-01"),
           "published_before_at": at("2026-02-01")}  # fmt: skip
    return [
        listed("new-one", "entered", None, 1, "new_model", **week),
        listed("riser", "entered", 12, 2, "overtaken", effort="high", **week),
        listed("loser", "left", 9, 11, "overtaken", **week),
        listed("gone", "left", 1, None, "removed", **week),
        listed("mover-high", "moved", 3, 4, effort="high", **week),
        listed("same", "stayed", 5, 5, **week),
        listed("newest-only", "entered", 11, 10, "removed"),
        listed("fallen", "left", 4, None, "not_listed", **cut),
        listed("first", "stayed", 1, 1, **cut),
        listed("first", "stayed", 1, 1, **old),
        listed("ghost", "entered", None, 1, "new_model", board_id="g", category="coding"),
        listed("ghost", "entered", None, 1, "new_model", board_id="h", is_current_series=False),
    ]


def statement(source: str, evaluator: str, points: float, *, own: bool = False, effort: str | None = None) -> Row:
    return {"source": source, "evaluator": evaluator, "is_self_reported": own, "is_other_vendor": False,
            "effort": effort, "harness": None, "judge": None, "score": points, "scale": "percent",
            "points": points, "capture_id": "c", "origin": "live", "url": None}  # fmt: skip


def reconciled(model: str, own: float | None, others: list[float], **more: Any) -> Row:
    said = [statement("epoch", f"Evaluator {number}", value) for number, value in enumerate(others)]
    if own is not None:
        said.append(statement("cards", "Acme", own, own=True, effort="high"))
    known = [*others, *([own] if own is not None else [])]
    middle = sorted(others)[len(others) // 2] if others else None
    usual: Row = {
        "model_id": model, "model_name": model.upper(), "organisation_id": "acme", "is_watched": True,
        "benchmark": "gpqa_diamond", "benchmark_name": "GPQA Diamond", "subject": "knowledge",
        "series_id": "gpqa_diamond", "mode": "thinking", "metric": "accuracy", "scale": "percent",
        "statements": len(said), "sources": 2, "evaluators": len(known), "independent_evaluators": len(others),
        "other_vendor_evaluators": 0,
        "min_points": min(known), "max_points": max(known), "spread_points": max(known) - min(known),
        "independent_min_points": min(others, default=None), "independent_max_points": max(others, default=None),
        "independent_spread_points": max(others) - min(others) if others else None,
        "independent_median_points": middle, "self_reported_points": own,
        "self_reported_minus_independent_points": None if own is None or middle is None else own - middle,
        "is_self_reported_only": not others, "statement_list": json.dumps(said), "last_observed_at": at("2026-11-18"),
        "source_list": ["epoch"], "origins": ["live"],
    }  # fmt: skip
    return usual | more


def pair(number: int, spearman: float | None, *models: tuple[str, int, int], **more: Any) -> list[Row]:
    usual: Row = {
        "pair_id": f"p{number}", "kind": "between_benchmarks", "subject": "general", "models": 9, "spearman": spearman,
        "spearman_low": -0.55 if spearman is not None else None, "spearman_high": 0.6 if spearman is not None else None,
        "organisation_id": "acme", "points_a": 1.0, "points_b": 1.0, "percentile_a": 0.0, "percentile_b": 0.0,
        "percentile_difference": 0.0, "capture_id_a": "a", "capture_id_b": "b", "origin_a": "live",
        "origin_b": "imported", "published_at": at("2026-11-01"), "observed_at": at("2026-11-02"),
    }  # fmt: skip
    for side, name in (("a", f"First {number}"), ("b", f"Second {number}")):
        usual |= {f"source_{side}": "board", f"evaluator_{side}": f"Lab {side}", f"benchmark_{side}": name,
                  f"benchmark_name_{side}": name, f"series_id_{side}": name, f"metric_{side}": "accuracy"}  # fmt: skip
    return [
        usual | {"model_id": model, "model_name": model, "place_a": a, "place_b": b, "position_in_pair": place} | more
        for place, (model, a, b) in enumerate(models, start=1)
    ]


def event(kind: str, day: str, **more: Any) -> Row:
    usual: Row = {
        "board_id": f"b-{kind}-{day}", "published_at": at(day), "happened_at": at(day), "kind": kind, "source": "board",
        "document": "main", "benchmark": "aa_intelligence_index", "benchmark_name": "AA index", "metric": "index",
        "is_self_reported": False, "published_before_at": at("2026-01-01"), "series_id_before": "v3",
        "series_id_after": "v4", "is_registered": False, "common": 20, "changed": 20, "direction": "down",
        "change_points": -21.6, "correlation": 0.99, "slope": 1.14,
    }  # fmt: skip
    return usual | CAPTURE | more


def marts() -> duckdb.DuckDBPyConnection:
    connection = empty_marts()
    insert(connection, "top_ten_change", top_tens())
    insert(connection, "score_reconciliation", [
        reconciled("far", 92.4, [80.0, 88.0]), reconciled("near", 50.0, [49.5]), reconciled("below", 40.0, [41.0]),
        reconciled("alone", 99.0, []), reconciled("later", 10.0, [90.0], last_observed_at=at("2027-01-01")),
    ])  # fmt: skip
    insert(connection, "leaderboard_disagreement", [
        *pair(1, -0.25, ("turned", 1, 9), ("other", 2, 3)), *pair(2, 0.9, ("x", 4, 2)), *pair(3, None, ("y", 1, 1)),
    ])  # fmt: skip
    one = {"entry": "m", "model_name": "restated-one", "score_before_points": 71.0, "score_after_points": 70.0,
           "change_points": -1.0, "changed": 1, "is_registered": None, "correlation": None, "slope": None}  # fmt: skip
    insert(connection, "score_event", [
        event("rescaled", "2026-11-17"), event("new_version", "2026-11-18", is_registered=True, benchmark_name="BFCL"),
        event("restated_score", "2026-11-19", **one), event("mass_restatement", "2026-03-01", benchmark_name="Older"),
        event("new_version", "2026-03-01", is_registered=True, benchmark_name="Known before"),
        event("rescaled", "2027-01-01", benchmark_name="Later"),
    ])  # fmt: skip
    return connection


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("leaderboards")
    return report(marts(), folder), folder / WEEK


def rows(page: str, slug: str) -> list[str]:
    """The words of each row of a figure's table."""
    found = re.findall(r"<tr>(.*?)</tr>", figure(page, slug).split("<tbody>")[1], re.DOTALL)
    return [re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", row))).strip() for row in found]


# --- disagreement


def test_self_reported_against_independent_widest_first_with_the_share_that_stands_alone(
    filled: tuple[str, Path],
) -> None:
    page = filled[0]
    # +4.4, +0.5 and -1.0; what was captured after the week is not known in it.
    assert "at the median 0.5 points above what others measure" in title(page, "self-reported")
    assert "n = 3 scores stated by both; 1 of 4 scores rest on the vendor's word alone" in text(page, "self-reported")
    first = rows(page, "self-reported")[0]
    assert first.startswith("FAR, GPQA Diamond, thinking") and first.endswith("+4.4")
    assert "Acme 92.4 (high)" in first and "Evaluator 0 80.0 and Evaluator 1 88.0" in first
    assert "prompts and harness may differ" in text(page, "self-reported")
    shown = [row["shown"] for row in drawn(page, "self-reported") if "shown" in row]
    assert shown[:3] == ["+4.4", "−1.0", "+0.5"]


def test_evaluators_apart_leaves_the_vendor_out(filled: tuple[str, Path]) -> None:
    assert title(filled[0], "evaluators-apart") == (
        "Evaluators are up to 8.0 points apart on one score: FAR, GPQA Diamond, thinking"
    )
    assert len(rows(filled[0], "evaluators-apart")) == 1


def test_the_least_alike_leaderboards_come_first_with_interval_n_and_the_model(filled: tuple[str, Path]) -> None:
    page = filled[0]
    assert title(page, "leaderboard-disagreement") == (
        "First 1 and Second 1 agree least on how models rank: correlation −0.25 over 9 models"
    )
    first = rows(page, "leaderboard-disagreement")[0]
    assert "−0.25 −0.55 to 0.60, n = 9" in first and "turned 1 of 9 9 of 9" in first
    assert len(rows(page, "leaderboard-disagreement")) == 2


def test_a_long_name_of_a_pair_is_on_lines_and_never_cut(tmp_path: Path) -> None:
    connection = empty_marts()
    name = "Leaderboard of images with a long name"
    metrics = {"metric_a": "win_rate_style_control", "metric_b": "elo_without_style_control"}
    insert(connection, "leaderboard_disagreement", [
        *pair(1, 0.5, ("m", 1, 2), benchmark_name_b=name, **metrics), *pair(2, 0.9, ("m", 1, 2)),
    ])  # fmt: skip
    page = report(connection, tmp_path)
    long, short = [row["lines"] for row in drawn(page, "leaderboard-disagreement") if "lines" in row]
    assert " ".join(long) == f"First 1 (style control) and {name} (without style control)"
    assert len(long) == 2 and all(len(line) <= WRAP for line in long)
    assert short == ["First 2 and Second 2"]
    spec = re.findall(r'data-chart="chart-leaderboard-disagreement">(.*?)</script>', page, re.DOTALL)[0]
    names = [m for layer in json.loads(spec)["layer"] if (m := layer["mark"]).get("lineHeight")]
    assert [mark["limit"] for mark in names] == [{"expr": "width"}] * 2
    # The last line of either is as far above its mark.
    assert names[0]["dy"] - names[1]["dy"] == LINE


# --- events


def test_events_of_the_week_and_older_ones_without_a_version(filled: tuple[str, Path]) -> None:
    page = filled[0]
    assert title(page, "score-events") == (
        "2 series of scores broke in the week; 1 score changed without another evaluation; "
        "1 older break no known version explains"
    )
    found = rows(page, "score-events")
    assert len(found) == 4 and not any("Known before" in row or "Later" in row for row in found)
    rescaled = next(row for row in found if "another scale" in row)
    assert "not in the registry of versions" in rescaled
    assert "−21.6 median; 20 of 20 moved, slope 1.14" in rescaled
    assert any("another version v3 to v4" in row for row in found)
    assert any("restated-one −1.0 71.0 → 70.0 1 of 20 moved" in row for row in found)


# --- all of them


SLUGS = (
    "top-ten-changes",
    "top-ten-older",
    "self-reported",
    "evaluators-apart",
    "leaderboard-disagreement",
    "score-events",
)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_printed_sql_gives_the_csv_again(filled: tuple[str, Path], slug: str) -> None:
    page, folder = filled
    sql = unescape(re.findall(r"<pre>(.*?)</pre>", figure(page, slug), re.DOTALL)[0])
    connection = marts()
    count = len(connection.execute(sql).fetchall())
    connection.close()
    with (folder / "data" / f"{slug}.csv").open(encoding="utf-8-sig", newline="") as lines:
        assert len(list(csv.DictReader(lines))) == count > 0


def test_without_leaderboards_there_is_no_section(tmp_path: Path) -> None:
    page = report(empty_marts(), tmp_path)
    assert not any(f'<section id="{slug}"' in page for slug in ("top-tens", "benchmark-disagreement", "score-data"))


def test_names_of_sources_are_escaped(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>"
    connection = marts()
    connection.execute("update marts.top_ten_change set model_name = ? || model_name", [bad])
    connection.execute("update marts.score_event set model_name = ? || model_name, document = ?", [bad, bad])
    connection.execute("update marts.leaderboard_disagreement set model_name = ?, benchmark_name_a = ?", [bad, bad])
    connection.execute(
        "update marts.score_reconciliation set statement_list = replace(statement_list, 'Acme', ?)", [bad]
    )
    page = report(connection, tmp_path)
    assert bad not in page and "&lt;script&gt;alert(1)" in page
