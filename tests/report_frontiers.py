"""Rows of the marts on frontiers for the report's tests, every figure made up, and a short report of them."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from reports.weekly import find_sections
from tests.report_data import WEEK, filled_marts, insert
from tests.report_prices import at
from tests.test_report import report

SECTIONS = ("price-frontier", "efficiency", "run-cost", "divergence")
NOW, BEFORE = at("2026-11-21"), at("2026-11-14")
SERIES: dict[str, Any] = {
    "series_id": "quiz:2", "benchmark": "quiz", "benchmark_name": "Quiz", "benchmark_version": "2",
    "metric": "accuracy", "scale": "percent", "evaluator": "Quiz Lab", "is_self_reported": False,
}  # fmt: skip
SCORED = {"score_source": "board", "score_origin": "starter", "score_capture_id": "board-1"}
PRICED = {
    "price_source": "catalogue", "price_origin": "imported", "price_capture_id": "catalogue-1",
    "price_market": "global", "price_basis": "first_party", "price_providers": 1, "price_account": "captured",
    "price_in_force_from": BEFORE,
}  # fmt: skip
ORGANISATIONS = {"Ant": ("anthropic", "Anthropic"), "Bee": ("alibaba", "Alibaba"), "Cat": ("corvid", "Corvid")}

Row = dict[str, Any]


def of_model(name: str, score: float, **more: Any) -> Row:
    """What every mart here says of a model; its organisation goes by the first word of its name."""
    organisation, organisation_name = ORGANISATIONS.get(name.split()[0], ("dove", "Dove"))
    usual = SERIES | {
        "model_id": name.lower().replace(" ", "-"), "model_name": name, "organisation_id": organisation,
        "organisation_name": organisation_name, "region": "us", "is_open_weights": True,
        "released_on": dt.date(2026, 5, 1), "score": score, "quality": score,
    }  # fmt: skip
    return usual | more


def week(points: Iterable[tuple[str, float, float, bool]], kind: str, **more: Any) -> list[Row]:
    """Points (name, score, price, on the frontier) of one moment of marts.pareto_frontier."""
    rows = [
        of_model(name, score) | SCORED | PRICED
        | {"moment_kind": kind, "frontier_at": NOW if kind == "this_week" else BEFORE, "blended_usd_per_mtok": usd,
           "price_provider": "acme", "price_listing": name.lower(), "is_frontier": is_on}
        | more
        for name, score, usd, is_on in points
    ]  # fmt: skip
    return [row | {"models_considered": len(rows)} for row in rows]


LAST_WEEK = (("Ant 1", 90, 9.0, True), ("Bee 1", 80, 2.0, True), ("Cat 1", 60, 1.0, True), ("Dove 1", 50, 3.0, False))
# Bee 1 got dearer than Bee 2, which came out within the week; Dove 2 is old and its price was read for the first time.
THIS_WEEK = (
    ("Ant 1", 90, 9.0, True), ("Bee 2", 85, 1.5, True), ("Bee 1", 80, 4.0, False), ("Cat 1", 60, 1.0, True),
    ("Dove 2", 55, 0.5, True), ("Dove 1", 50, 3.0, False),
)  # fmt: skip


def frontier_rows() -> list[Row]:
    """Two weeks of one series."""
    rows = week(LAST_WEEK, "last_week") + week(THIS_WEEK, "this_week")
    return [row | {"released_on": dt.date(2026, 11, 18)} if row["model_name"] == "Bee 2" else row for row in rows]


def page_of(folder: Path, **tables: Sequence[Row]) -> str:
    """The report of the made-up marts with these rows added, of the sections on frontiers and divergence alone."""
    marts = filled_marts()
    for table, rows in tables.items():
        insert(marts, table, rows)
    shown = [section for section in find_sections() if section.slug in SECTIONS]
    with patch("reports.weekly.find_sections", return_value=shown):
        return report(marts, folder)


def csv_rows(folder: Path, slug: str) -> list[dict[str, str]]:
    (path,) = (folder / WEEK / "data").glob(f"{slug}*.csv")
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
