"""The report on derivatives, downloads and adoption: true to its marts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.report_data import WEEK
from tests.report_hub import hub_marts
from tests.report_reading import FIGURES, changed, drawn, text, title
from tests.test_report import figure, headlines, report


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The report of a record with whole crawls."""
    folder = tmp_path_factory.mktemp("hub")
    return report(hub_marts(), folder), folder / WEEK


def test_every_figure_of_the_ecosystem_states_its_sources(hub: tuple[str, Path]) -> None:
    for slug in FIGURES:
        shown = figure(hub[0], slug)
        assert '<span class="badge live">live</span> Hugging Face Hub, captured 2026-' in shown, slug
        assert "n = " in text(hub[0], slug), slug


FINDINGS = {
    "derivatives-by-family": "Qwen has 1.9× the derivatives of Llama",
    "derivatives-by-rule": ("“Derivatives of Qwen” are 131k by declared edge, 139k by any tag and 203k by name match"),
    "new-derivatives-by-month": (
        "Qwen took 57% of the families' new derivatives of October 2026, after 30% in November 2025"
    ),
    "licence-drift": (
        "Where it can be told, 30% of derivatives loosen the licence and 10% tighten it; of 55% it cannot"
    ),
    "licence-drift-by-family": "Derivatives of Llama loosen most: 30% of those that can be told",
    "downloads-by-region": "Organisations of China receive 41% of all downloads; 22% cannot be placed",
    "downloads-by-organisation": "alibaba leads the organisations with 31% of all downloads; 22% cannot be placed",
    "movers-repository": (
        "Qwen/Qwen4-8B rose most (+4M to 5M), flagged: launch, new; without a flag "
        "meta-llama/Llama-5-70B-Instruct-with-a-rather-long-name (+900k to 5M)"
    ),
    "movers-family": "Qwen rose most, +4.2M to 5M",
    "download-concentration": (
        "The top 1% of repositories have 95% of all downloads, the ten largest 16% (24% on 2026-09-26); "
        "50% of repositories have none"
    ),
    "adoption-leaders": (
        "Qwen/Qwen4-8B stands out among 7-9B: 2.5× the tenth most downloaded of its size 90 days after release"
    ),
    "hub-events": ("On 1 of 35 captured days the counters were not fully refreshed; the Hub took back 44M downloads"),
    "derivatives-reconciled": (
        "67% of counts agree with the Hub's own; the rest differ by 1.0% of all derivatives it counts"
    ),
}


@pytest.mark.parametrize("slug", FINDINGS)
def test_findings(hub: tuple[str, Path], slug: str) -> None:
    assert title(hub[0], slug) == FINDINGS[slug]


def test_the_summary_has_the_leader_the_region_and_the_move(hub: tuple[str, Path]) -> None:
    first, second, third, *_ = headlines(hub[0])
    assert first == (
        "Qwen has 1.9× the derivatives of Llama (131k at any depth by declared edges on 2026-11-21; 203k by name)."
    )
    assert second.startswith("Organisations of China receive 41% of all downloads; 22% cannot be placed. Qwen leads")
    assert third.startswith("Qwen/Qwen4-8B rose most (+4M to 5M), flagged: launch, new; without a flag meta-llama/")


def test_the_three_rules_stand_side_by_side_and_a_rule_not_asked_has_no_point(hub: tuple[str, Path]) -> None:
    rows = drawn(hub[0], "derivatives-by-rule")
    qwen = {row["rule"]: row["value"] for row in rows if row["name"] == "Qwen" and "rule" in row}
    assert qwen == {"declared edge": 131_000, "any tag": 139_000, "name match": 203_000}
    gemma = {row["rule"] for row in rows if row["name"] == "Gemma" and "rule" in row}
    assert gemma == {"declared edge", "any tag"}
    assert "not asked" in text(hub[0], "derivatives-by-rule")
    table = text(hub[0], "derivatives-by-rule")
    assert "Qwen 113,000 131,000 121,000 139,000 203,000 1.5×" in table


def test_a_bar_of_two_relations_ends_before_its_text(hub: tuple[str, Path]) -> None:
    rows = [row for row in drawn(hub[0], "derivatives-by-family") if row["name"] == "Qwen"]
    parts = sum(row["value"] for row in rows if "part" in row)
    end = next(row for row in rows if "shown" in row)
    assert end["shown"] == "131k"
    assert end["value"] == parts > 131_000


def test_a_month_without_a_derivative_is_zero_and_one_before_the_first_crawl_is_not_sure(hub: tuple[str, Path]) -> None:
    rows = [row for row in drawn(hub[0], "new-derivatives-by-month") if row["name"] == "Llama"]
    months = {row["month"][:7]: (row["counted"], row["share"], row["is_sure"]) for row in rows}
    assert months["2026-04"] == (0, 0, False)
    assert months["2026-10"] == (200, 0.2, False), "begun before the crawl of 2026-10-17"
    assert months["2026-11"] == (200, 0.2, True)
    assert "November 2026 is not over yet." in text(hub[0], "new-derivatives-by-month")


def test_stale_days_catch_up_and_revisions_are_marked_in_the_course(hub: tuple[str, Path]) -> None:
    for slug in ("downloads-by-region", "downloads-by-organisation"):
        rows = drawn(hub[0], slug)
        spans = [(row["observed_on"][:10], row["until"][:10]) for row in rows if "until" in row]
        assert spans == [("2026-11-03", "2026-11-04")]
        bare = [row["observed_on"][:10] for row in rows if set(row) == {"observed_on"}]
        assert bare == ["2026-10-28"], "120 downloads taken back are no event"
    notes = text(hub[0], "downloads-by-region")
    assert "Counters not refreshed, or only in part: 2026-11-03, caught up on 2026-11-04." in notes
    assert "All counts off for a day, against the captures before and after: 2026-11-10 (−34%)." in notes
    assert "Taken back by the Hub, from all-time counts: 44M on 2026-10-28 from 40 repositories." in notes


def test_what_cannot_be_placed_is_no_organisation_but_stays_in_the_table(hub: tuple[str, Path]) -> None:
    names = {row["name"] for row in drawn(hub[0], "downloads-by-organisation") if "name" in row}
    assert names == {"alibaba", "meta", "google", "deepseek", "openai"}
    assert "unknown 477,400,000 22%" in text(hub[0], "downloads-by-organisation")
    assert "unknown" in {row.get("name") for row in drawn(hub[0], "downloads-by-region")}


def test_new_downloads_of_the_week_leave_out_what_is_unknown(hub: tuple[str, Path], tmp_path: Path) -> None:
    assert "147,600,000 over 6 days" in text(hub[0], "downloads-by-region"), "41 % of 60M on Monday to Saturday"
    none = changed("update marts.download_rollup set downloads_increment = null, covers_days = null", tmp_path)
    row = re.search(r"China 889,700,000 41% 41% 2026-10-23 (\w+)", text(none, "downloads-by-region"))
    assert row and row[1] == "unknown"


def test_movers_carry_their_flags_and_their_direction(hub: tuple[str, Path]) -> None:
    rows = {row["name"]: row for row in drawn(hub[0], "movers-repository") if "shown" in row}
    assert rows["Qwen/Qwen4-8B"]["shown"] == "+4M · launch · new"
    assert (rows["google/gemma-3-4b-it"]["kind"], rows["google/gemma-3-4b-it"]["value"]) == ("fell", 700_000)
    assert rows["google/gemma-3-4b-it"]["shown"] == "−700k · renamed"
    assert "old/mover" not in text(hub[0], "movers-repository"), "a move of the week before"


def test_both_rams_are_named_and_unknown_has_its_reason(hub: tuple[str, Path]) -> None:
    shown = {row["name"]: row for row in drawn(hub[0], "adoption-leaders")}
    assert shown["7-9B: Qwen/Qwen4-8B"]["shown"] == "v2 2.50, v1 0.80, day 90", "at the greatest known age"
    assert shown["100-250B"]["value"] is None
    assert shown["100-250B"]["shown"] == "unknown: 9 of 10 known at one age"
    assert shown["250B+"]["shown"] == "unknown: no counter reaches back"
    assert "Unknown for 2 of 3 size classes" in text(hub[0], "adoption-leaders")


def test_concentration_is_compared_with_eight_weeks_before(hub: tuple[str, Path], tmp_path: Path) -> None:
    table = text(hub[0], "download-concentration")
    assert "Repositories 2026-11-21 0.012 0.991 95% 16% 50% 50% 3,000,000" in table
    assert "Repositories before 2026-09-26 0.020 0.991 95% 24% 50% 50% 3,000,000" in table
    alone = changed("delete from marts.download_concentration where not is_newest", tmp_path)
    assert "Repositories before" not in text(alone, "download-concentration")
    assert 'id="chart-download-concentration"' not in alone, "one crawl has no course"


def test_every_kind_of_event_is_on_its_day(hub: tuple[str, Path]) -> None:
    events = {(row["kind"], row["observed_on"][:10]) for row in drawn(hub[0], "hub-events")}
    assert events == {
        ("not refreshed", "2026-11-03"), ("caught up", "2026-11-04"), ("off for a day", "2026-11-10"),
        ("taken back", "2026-10-28"), ("taken back", "2026-11-21"), ("jump", "2026-11-17"),
        ("no capture", "2026-10-24"),
    }  # fmt: skip
    note = "changed in the week: 1 parent gained and 1 parent lost (1 with the repository)."
    assert note in text(hub[0], "hub-events"), "the parent gained two weeks before is no news"
