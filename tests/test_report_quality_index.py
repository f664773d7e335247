"""The section on the quality index: who leads and who may, what it hangs on, and what is unknown."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.report_data import HOSTILE, WEEK, empty_marts, health, insert
from tests.report_reading import drawn, text, title
from tests.test_report import figure, headlines, report

Row = dict[str, Any]


def model(place: int, name: str, index: float, half: float, *, is_open: bool = False, **more: Any) -> Row:
    """One rated model; `half` is half of its interval."""
    return {
        "model_id": name.lower(), "model_name": name, "organisation_id": "acme", "organisation_name": "Acme",
        "region": "us", "is_open_weights": is_open, "released_on": dt.date(2026, 1, 1), "quality_index": index,
        "ci_low": index - half, "ci_high": index + half, "place": place, "place_low": place, "place_high": place + 1,
        "benchmarks": 5, "subjects": 2, "items": 6, "self_reported_benchmarks": 0,
        "benchmark_names": ["one", "two", "three"], "sources": ["board", "atom"], "origins": ["starter", "imported"],
        "capture_ids": ["board-1"], "epoch_capabilities_index": 100 + index / 10,
    } | more  # fmt: skip


def moved(kind: str, left_out: str, name: str, before: int | None, after: int | None) -> Row:
    """Where a model stands without something; not rated where `after` is None."""
    return {
        "left_out_kind": kind, "left_out": left_out, "model_id": name.lower(), "model_name": name,
        "is_open_weights": False, "quality_index": 100, "place_of_rated": before, "place_without": after,
        "index_without": None if after is None else 99.0, "index_change": None if after is None else -1.0,
        "place_change": None if after is None or before is None else after - before, "benchmarks_without": 3,
        "rated_models": 3,
    }  # fmt: skip


def rated() -> list[Row]:
    return [
        model(1, "Top", 150, 10),
        model(2, "Second", 145, 8, place_low=1, self_reported_benchmarks=1),
        model(3, "Free", 140, 5, is_open=True),
    ]


def marts() -> duckdb.DuckDBPyConnection:
    connection = empty_marts()
    insert(connection, "source_health", health())
    insert(connection, "quality_index", rated())
    without = [
        moved("source", "board", "Top", 1, 3), moved("source", "board", "Second", 2, 1),
        moved("source", "board", "Free", 3, 2), moved("subject", "coding", "Top", 1, 1),
        moved("subject", "coding", "Second", 2, 2), moved("subject", "coding", "Free", None, None),
        *(moved("source", "atom", name, None, None) for name in ("Top", "Second", "Free")),
    ]  # fmt: skip
    insert(connection, "quality_index_sensitivity", without)
    return connection


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("quality")
    return report(marts(), folder), folder / WEEK


def test_the_finding_has_the_leader_who_else_may_lead_and_the_best_open_model(page: tuple[str, Path]) -> None:
    finding = (
        "Top leads the quality index with 150 (140 to 160), and 2 models may be first; the best open model is Free "
        "with 140 (135 to 145), place 3 to 4"
    )
    assert title(page[0], "quality-index") == finding
    assert f"{finding}." in headlines(page[0])


def test_an_open_leader_is_named_once(tmp_path: Path) -> None:
    connection = marts()
    connection.execute("update marts.quality_index set is_open_weights = true, place_low = place")
    assert title(report(connection, tmp_path), "quality-index") == "Top leads the quality index with 150 (140 to 160)"


def test_every_model_is_drawn_with_its_interval_and_its_kind(page: tuple[str, Path]) -> None:
    shown = {row["name"]: row for row in drawn(page[0], "quality-index") if "shown" in row}
    assert list(shown) == ["Top", "Second", "Free"]
    assert (shown["Free"]["low"], shown["Free"]["value"], shown["Free"]["high"]) == (135, 140, 145)
    assert [row["kind"] for row in shown.values()] == ["closed", "closed", "open weights"]


def test_no_more_than_25_are_drawn_and_all_are_in_the_csv(tmp_path: Path) -> None:
    connection = marts()
    insert(connection, "quality_index", [model(n, f"M{n}", 100 - n, 3) for n in range(4, 40)])
    shown = report(connection, tmp_path)
    assert len([row for row in drawn(shown, "quality-index") if "shown" in row]) == 25
    assert "14 more models are in the CSV." in text(shown, "quality-index")
    with (tmp_path / WEEK / "data" / "quality-index.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 39


def test_what_moves_each_model_and_what_it_needs(page: tuple[str, Path]) -> None:
    words = text(page[0], "quality-index")
    assert "Top Acme, closed 150.0 140 to 160 1 1 to 2 5 2 subjects GPQA board: place 1 to 3" in words
    assert "GPQA board: place 3 to 2 not rated without Policy dataset and coding" in words
    assert "1.000 over 3 models with the Epoch Capabilities Index" in words
    assert "Artificial Analysis" not in words, "no composite of theirs is known"
    assert "6.7% of the scores by benchmark are reported by vendors alone." in words
    assert '<span class="badge starter">starter</span> GPQA board' in figure(page[0], "quality-index")
    assert '<span class="badge imported">imported</span> Policy dataset' in figure(page[0], "quality-index")


def test_the_largest_move_is_the_finding_and_too_little_left_is_said(page: tuple[str, Path]) -> None:
    assert title(page[0], "quality-index-sensitivity") == (
        "Without GPQA board Top moves from place 1 to 3, the largest move; Top stays first in 1 of 2 such fits"
    )
    words = text(page[0], "quality-index-sensitivity")
    assert "coding subject 2 of 3 1.000 0 up to 0 Second place 2 to 2 Top" in words
    assert "GPQA board source 3 of 3 -0.500 1 up to 2 Top place 1 to 3 Second" in words.replace("−", "-")
    assert "Policy dataset source 0 of 3 too little left unknown unknown unknown" in words


def test_the_printed_sql_gives_the_csv_again(page: tuple[str, Path]) -> None:
    from reports.sections.quality_index import INDEX, SENSITIVITY

    connection = marts()
    for slug, sql in (("quality-index", INDEX), ("quality-index-sensitivity", SENSITIVITY)):
        cursor = connection.execute(sql)
        names = [column[0] for column in cursor.description or ()]
        with (page[1] / "data" / f"{slug}.csv").open(encoding="utf-8") as file:
            written = list(csv.DictReader(file))
        assert list(written[0]) == names
        assert len(written) == len(cursor.fetchall())
    connection.close()


def test_without_a_rated_model_the_section_is_not_there(tmp_path: Path) -> None:
    assert 'id="quality-index"' not in report(empty_marts(), tmp_path)


def test_a_hostile_name_is_only_text(tmp_path: Path) -> None:
    connection = marts()
    connection.execute("update marts.quality_index set model_name = ? || model_name", [HOSTILE])
    connection.execute("update marts.quality_index_sensitivity set model_name = ? || model_name", [HOSTILE])
    assert HOSTILE not in report(connection, tmp_path)
