"""The section on top tens: who came and went and why, what is open and what is folded, and the histories."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from reports.sections import top_tens as top_tens_section
from tests.report_data import WEEK, empty_marts, health, insert
from tests.report_prices import at
from tests.report_reading import drawn, text, title
from tests.test_report import figure, headlines, report
from tests.test_report_leaderboards import Row, event, listed, marts, rows


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("top_tens")
    return report(marts(), folder), folder / WEEK


def lists(*days: str, **more: Any) -> list[Row]:
    """One list for each day, whose publication of that day changed."""
    return [
        listed("x", "entered", None, 3, "new_model", board_id=f"b{number:02}", benchmark_name=f"List {number}",
               published_at=at(day), published_before_at=at("2025-01-01"), **more)
        for number, day in enumerate(days)
    ]  # fmt: skip


def test_changes_of_the_week_are_counted_and_told_with_their_reasons(filled: tuple[str, Path]) -> None:
    assert title(filled[0], "top-ten-changes") == (
        "2 of 2 top tens published in the 13 weeks to 2026-11-22 changed, two in the week: 2 entries came in; "
        "1 list is older"
    )
    shown = next(row for row in rows(filled[0], "top-ten-changes") if row.startswith("LMArena"))
    for words in (
        "▲ new: new-one at 1",
        "▲ rose: riser (high) 12 → 2",
        "▼ overtaken: loser 9 → 11",
        "▼ no longer listed: gone from 1; ↕ 1 moved",
    ):
        assert words in shown
    assert "same" not in shown and "mover-high" not in shown


def test_a_cut_list_says_so_and_an_unchanged_one_too(filled: tuple[str, Path]) -> None:
    cut = next(row for row in rows(filled[0], "top-ten-changes") if "Cut list" in row)
    assert "not known, as a list was cut: fallen from 4" in cut and "41 to 20 listed, cut to a part" in cut
    assert "no longer listed" not in cut
    assert next(row for row in rows(filled[0], "top-ten-older") if "Old list" in row).endswith("no change")
    assert "What became of 1 entry cannot be told" in text(filled[0], "top-ten-changes")
    assert not any("ghost" in row for slug in ("top-ten-changes", "top-ten-older") for row in rows(filled[0], slug))


def test_a_list_is_held_against_the_week_before_and_the_shorter_comparison_is_folded(
    filled: tuple[str, Path],
) -> None:
    (shown,) = [row for row in rows(filled[0], "top-ten-changes") if "LMArena" in row]
    assert "2026-11-01 to 2026-11-18" in shown and "newest-only" not in shown
    (folded,) = [row for row in rows(filled[0], "top-ten-older") if "LMArena" in row]
    assert "2026-11-11 to 2026-11-18" in folded and "▲ moved up as others went: newest-only 11 → 10" in folded
    assert "<details><summary>Table" in figure(filled[0], "top-ten-older")
    assert "<details><summary>Table" not in figure(filled[0], "top-ten-changes")


def test_only_the_newest_lists_are_open_and_those_of_the_week_come_first(tmp_path: Path) -> None:
    connection = empty_marts()
    days = [f"2026-10-{day:02}" for day in range(10, 10 + top_tens_section.SHOWN)]
    insert(connection, "top_ten_change", lists(*days, "2026-11-20", "2026-08-01"))
    page = report(connection, tmp_path)
    shown = [row.split(" ")[1] for row in rows(page, "top-ten-changes")]
    assert shown == [str(top_tens_section.SHOWN), *(str(n) for n in range(top_tens_section.SHOWN - 1, 0, -1))]
    assert [row.split(" ")[1] for row in rows(page, "top-ten-older")] == ["0", str(top_tens_section.SHOWN + 1)]
    count = top_tens_section.SHOWN + 1
    assert f"{count} of {count} top tens published in the 13 weeks to 2026-11-22 changed, one in the week" in title(
        page, "top-ten-changes"
    )
    assert title(page, "top-ten-older").startswith(f"1 of {count + 1} top tens was not published in the 13 weeks")


def test_lists_are_old_by_the_newest_capture_and_without_a_recent_one_none_is_open(tmp_path: Path) -> None:
    connection = empty_marts()
    # The newest capture of these sources is of 2026-11-21: 13 weeks before is 2026-08-22.
    insert(connection, "source_health", health())
    insert(connection, "top_ten_change", lists("2026-08-21", "2026-08-20"))
    page = report(connection, tmp_path)
    assert title(page, "top-ten-older") == (
        "None of 2 top tens was published in the 13 weeks to 2026-11-21; the newest is List 0, of 2026-08-21"
    )
    assert 'id="top-ten-changes"' not in page
    assert not any("enters the top ten" in sentence for sentence in headlines(page))


def test_what_every_entry_of_a_list_has_is_left_out_of_the_names(tmp_path: Path) -> None:
    connection = empty_marts()
    insert(connection, "top_ten_change", [
        listed("one", "entered", None, 1, "new_model", harness="test-harness"),
        listed("two", "entered", None, 2, "new_model", harness="test-harness, float16"),
        listed("three", "entered", None, 3, "new_model", harness="tool a", board_id="other"),
        listed("four", "entered", None, 4, "new_model", harness="tool b", board_id="other"),
    ])  # fmt: skip
    found = " ".join(rows(report(connection, tmp_path), "top-ten-changes"))
    assert "new: one at 1; two (float16) at 2" in found
    assert "new: three (tool a) at 3; four (tool b) at 4" in found


def test_lists_of_one_name_are_told_apart_by_their_series(tmp_path: Path) -> None:
    connection = empty_marts()
    insert(connection, "top_ten_change", [
        listed("one", "stayed", 1, 1, series_id="maths"),
        listed("one", "stayed", 1, 1, series_id="maths:public sample", board_id="other"),
        listed("one", "stayed", 1, 1, series_id="solo:v2", board_id="solo", benchmark_name="Solo"),
    ])  # fmt: skip
    found = rows(report(connection, tmp_path), "top-ten-changes")
    names = {row.split(" board")[0].removesuffix(" live") for row in found}
    assert names == {"LMArena text arena", "LMArena text arena, public sample", "Solo"}


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


def test_lists_side_by_side_in_one_document_are_lines_of_their_own_and_no_breaks(tmp_path: Path) -> None:
    connection = empty_marts()
    days = ("2026-01-01", "2026-02-01", "2026-03-01")
    for before, now in pairwise(days):
        step: Row = {"published_before_at": at(before), "published_at": at(now)}
        insert(connection, "top_ten_change", [
            listed("first", "stayed", 1, 1, **step, series_id="maths"),
            listed("first", "stayed", 1, 1, **step, series_id="maths:public sample", board_id="sample"),
        ])  # fmt: skip
    page = report(connection, tmp_path)
    assert title(page, "best-scores") == "The best score of 2 leaderboards over time, cut at 0 breaks of the series"
    assert "LMArena text arena, public sample, elo" in text(page, "best-scores")
    for number in (1, 2):
        points = [row for row in drawn(page, f"best-scores-{number}") if "stretch" in row]
        assert [row["at"][:10] for row in points] == list(days)


def test_there_are_at_most_six_histories(tmp_path: Path) -> None:
    connection = empty_marts()
    for number in range(7):
        for before, now in pairwise(("2026-01-01", "2026-02-01", "2026-03-01")):
            step: Row = {"published_before_at": at(before), "published_at": at(now), "board_id": f"b{number}"}
            insert(connection, "top_ten_change", [listed("x", "stayed", 1, 1, **step, document=f"d{number}")])
    page = report(connection, tmp_path)
    assert figure(page, "best-scores").count('class="panel"') == 6
    assert "1 more are in the CSV" in text(page, "best-scores")
