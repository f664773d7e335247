"""The sections on leaderboards: top tens, disagreement and events say what their marts hold, and no more."""

from __future__ import annotations

import csv
import json
import re
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.report_data import WEEK, empty_marts, insert
from tests.report_prices import at
from tests.report_reading import drawn, text, title
from tests.test_report import figure, headlines, report

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
    """A list that changed in the week, with another publication a week before it; one cut; one older without change."""
    week: Row = {"comparison": "week", "published_before_at": at("2026-11-01")}
    cut: Row = {"board_id": "cut", "benchmark_name": "Cut list", "benchmark": "cut", "is_cut": True, "entries": 20}
    old: Row = {"board_id": "old", "benchmark_name": "Old list", "benchmark": "old", "published_at": at("2026-03-01"),
           "published_before_at": at("2026-02-01")}  # fmt: skip
    return [
        listed("new-one", "entered", None, 1, "new_model"),
        listed("riser", "entered", 12, 2, "overtaken", effort="high"),
        listed("loser", "left", 9, 11, "overtaken"),
        listed("gone", "left", 1, None, "removed"),
        listed("mover-high", "moved", 3, 4, effort="high"),
        listed("same", "stayed", 5, 5),
        listed("new-one", "entered", None, 1, "new_model", **week),
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


# --- top tens


def test_changes_of_the_week_are_counted_and_told_with_their_reasons(filled: tuple[str, Path]) -> None:
    assert title(filled[0], "top-ten-changes") == ("2 of 2 top tens published in the week changed: 2 entries came in")
    shown = next(row for row in rows(filled[0], "top-ten-changes") if row.startswith("LMArena"))
    for words in (
        "▲ in new-one: to 1, new",
        "▲ in riser (high): to 2, from 12, rose",
        "▼ out loser: from 9, to 11, overtaken",
        "▼ out gone: from 1, no longer listed",
        "↕ mover-high 3 → 4",
    ):
        assert words in shown
    assert "same" not in shown and "mover-high (high)" not in shown


def test_a_cut_list_says_so_and_an_unchanged_one_too(filled: tuple[str, Path]) -> None:
    found = rows(filled[0], "top-ten-changes")
    cut = next(row for row in found if "Cut list" in row)
    assert "from 4, not known, as a list was cut" in cut and "41 to 20 listed, cut to a part" in cut
    assert "no longer listed" not in cut
    assert next(row for row in found if "Old list" in row).endswith("no change")
    assert "What became of 1 entry cannot be told" in text(filled[0], "top-ten-changes")
    assert not any("ghost" in row for row in found)


def test_the_week_before_is_a_row_of_its_own_where_it_is_another_publication(filled: tuple[str, Path]) -> None:
    found = [row for row in rows(filled[0], "top-ten-changes") if "LMArena" in row]
    assert len(found) == 2 and "2026-11-01 to 2026-11-18" in found[1]


def test_a_new_leader_is_a_headline(filled: tuple[str, Path]) -> None:
    assert any("new-one leads LMArena text arena" in sentence for sentence in headlines(filled[0]))
    assert any("riser (high) enters the top ten of LMArena text arena at place 2" in s for s in headlines(filled[0]))


def test_lines_of_best_scores_are_cut_at_breaks_and_at_other_series(tmp_path: Path) -> None:
    connection = empty_marts()
    days = ("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01")
    for before, now in pairwise(days):
        more: Row = {
            "published_before_at": at(before),
            "published_at": at(now),
            "score": 1400.0,
            "score_before": 1390.0,
        }
        insert(connection, "top_ten_change", [listed("first", "stayed", 1, 1, **more)])
    other: Row = {"published_before_at": at("2026-06-01"), "published_at": at("2026-07-01"), "board_id": "next"}
    insert(connection, "top_ten_change", [listed("first", "stayed", 1, 1, **other)])
    known = {"benchmark": "lmarena_text", "metric": "elo", "document": "text", "is_registered": True}
    insert(connection, "score_event", [event("rescaled", "2026-03-01", board_id="arena", **known)])
    page = report(connection, tmp_path)
    assert title(page, "best-scores") == "The best score of 1 leaderboard over time, cut at 2 breaks of the series"
    points = [row for row in drawn(page, "best-scores-1") if "stretch" in row]
    stretches: dict[str, list[str]] = {}
    for row in points:
        stretches.setdefault(row["stretch"], []).append(row["at"][:10])
    assert list(stretches.values()) == [list(days[:2]), list(days[2:]), ["2026-06-01", "2026-07-01"]]


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


SLUGS = ("top-ten-changes", "self-reported", "evaluators-apart", "leaderboard-disagreement", "score-events")


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
