"""The section on quality against use: it claims what the interval allows, of the newest week, with its n."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.report_frontiers import Row, csv_rows, page_of
from tests.report_reading import drawn, text, title
from tests.test_report import figure


def pair(models: int, rho: float | None, low: float | None = None, high: float | None = None, **more: Any) -> Row:
    usual = {
        "week_from": dt.date(2026, 11, 16), "adoption_measure": "downloads_30d", "quality_measure": "quiz:2",
        "benchmark": "quiz", "quality_name": "Quiz", "quality_metric": "accuracy", "scale": "percent",
        "size_class": "all", "models": models, "rank_correlation": rho, "ci_low": low, "ci_high": high,
        "sized_models": models, "size_weighted_gap_pct": 12.4 if rho is not None else None,
        "score_sources": ["board"], "is_latest": True,
    }  # fmt: skip
    return usual | more


COMPOSITE: Row = {"quality_measure": "quality_index", "benchmark": None, "quality_name": "Quality index"}


def test_the_composite_speaks_first_and_says_how_sure_it_is(tmp_path: Path) -> None:
    rows = [pair(30, 0.5, 0.2, 0.7), pair(12, -0.2, -0.6, 0.3, **COMPOSITE), pair(4, None, size_class="1-5B")]
    page = page_of(tmp_path, adoption_divergence=rows)
    assert title(page, "divergence") == (
        "Quality and use of open models show no sure relation: rank correlation −0.20 (90% interval −0.60 to 0.30) of "
        "Quality index with 30-day downloads, n = 12, week of 2026-11-16"
    )
    words = text(page, "divergence")
    assert "n = 12 to 30 models" in words
    assert "the percentile of quality lies 12 points above that of use" in words
    shown = [row["text"] for row in drawn(page, "divergence-1") if "text" in row]
    assert shown == ["Quality index, n = 12", "Quiz 2, n = 30"]
    assert len(csv_rows(tmp_path, "divergence")) == 3


@pytest.mark.parametrize(
    ("row", "lead"),
    [
        (pair(30, 0.5, 0.2, 0.7), "The better open models are also the more used"),
        (pair(30, -0.5, -0.7, -0.2), "The better open models are the less used"),
        (
            pair(5, 1.0),
            "Quality and use of open models show no sure relation: rank correlation 1.00 (90% interval unkn",
        ),
    ],
)
def test_a_relation_is_claimed_only_where_the_interval_allows_it(row: Row, lead: str, tmp_path: Path) -> None:
    assert title(page_of(tmp_path, adoption_divergence=[row]), "divergence").startswith(lead)


def test_the_course_over_weeks_says_whether_it_moved(tmp_path: Path) -> None:
    earlier = {"week_from": dt.date(2026, 6, 1), "is_latest": False}
    later = {"week_from": dt.date(2026, 11, 23)}
    rows = [pair(30, 0.5, 0.2, 0.7), pair(20, 0.4, 0.1, 0.6, **earlier), pair(40, 0.9, 0.8, 0.95, **later)]
    page = page_of(tmp_path, adoption_divergence=rows)
    assert title(page, "divergence-over-time") == (
        "Quiz 2 with 30-day downloads: 0.40 in the week of 2026-06-01, 0.50 in that of 2026-11-16; "
        "their intervals overlap"
    )
    assert "0.90" not in text(page, "divergence-over-time"), "a week after the week of the report"


def test_too_few_models_are_a_notice_with_their_number(tmp_path: Path) -> None:
    page = page_of(tmp_path, adoption_divergence=[pair(4, None), pair(2, None, **COMPOSITE)])
    assert title(page, "divergence").startswith("Fewer than five open models have both a score and a known use")
    assert "The most for any pair of measures is n = 4." in text(page, "divergence")
    assert "data-chart" not in figure(page, "divergence")
