"""`marts.score_reconciliation` and `marts.leaderboard_disagreement`: hand-checked cases and properties."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pytest

from tests.score_tables import LISTS, Row, board, build, insert, matched, registered, score, score_tables

RECONCILED = "marts.score_reconciliation"
APART = "marts.leaderboard_disagreement"


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with score_tables() as connection:
        yield connection


def said(value: float, **more: Any) -> Row:
    """A score of the model m."""
    return score("M", value, "2026-01-22", **({"model_id": "m"} | more))


OWN = {"source": "cards", "evaluator": "Acme", "is_self_reported": True}
EPOCH = {"source": "epoch", "evaluator": "Epoch AI"}
AA = {"source": "aa", "evaluator": "Artificial Analysis"}


def reconciled(db: duckdb.DuckDBPyConnection, *rows: Row) -> list[Row]:
    matched(db, "m")
    insert(db, "core.score", rows)
    return build(db, RECONCILED)


def test_every_statement_stands_side_by_side_and_the_own_one_apart(db: duckdb.DuckDBPyConnection) -> None:
    """GPT-5.2 on GPQA Diamond: the vendor 92.4; Epoch 91.4 at xhigh and 88.2 at high; Artificial Analysis 90.3."""
    (row,) = reconciled(
        db,
        said(92.4, **OWN, url="https://acme.example/card"),
        said(0.914, **EPOCH, effort="xhigh", scale="fraction"),
        said(0.882, **EPOCH, effort="high", scale="fraction"),
        said(90.3, **AA),
    )
    assert (row["statements"], row["sources"], row["evaluators"], row["independent_evaluators"]) == (4, 3, 3, 2)
    assert (row["min_points"], row["max_points"], row["spread_points"]) == (90.3, 92.4, 2.1)
    assert row["independent_median_points"] == pytest.approx(90.85)
    assert row["self_reported_points"] == 92.4
    assert row["self_reported_minus_independent_points"] == pytest.approx(1.55)
    assert row["is_self_reported_only"] is False
    listed = json.loads(row["statement_list"])
    assert [(one["source"], one["effort"], one["score"]) for one in listed] == [
        ("aa", None, 90.3),
        ("epoch", "xhigh", 0.914),
        ("epoch", "high", 0.882),
        ("cards", None, 92.4),
    ]
    assert listed[-1]["url"] == "https://acme.example/card"
    assert all(one["capture_id"] == "c-2026-01-22" for one in listed)


def test_windows_releases_and_modes_are_never_one_row(db: duckdb.DuckDBPyConnection) -> None:
    lcb = {"benchmark": "livecodebench"}
    rows = reconciled(
        db,
        said(53.7, **lcb, benchmark_version="v6 2024-08..2025-05", **OWN),
        said(48.9, **lcb, benchmark_version="v6 2025-02..2025-05", **EPOCH),
        said(55.6, **lcb, benchmark_version="AA", **AA),
        said(63.8, benchmark="livebench", benchmark_version="2025-05-30"),
        said(53.8, benchmark="livebench", benchmark_version="2025-11-25"),
        said(33.9, mode="non_thinking"),
        said(75.5, mode="thinking"),
        said(60.0),
    )
    assert len(rows) == 8
    assert all(row["statements"] == 1 and row["spread_points"] == 0 for row in rows)
    assert {row["mode"] for row in rows if row["benchmark"] == "gpqa_diamond"} == {None, "thinking", "non_thinking"}


def test_what_only_the_vendor_says_is_flagged_and_compared_with_nothing(db: duckdb.DuckDBPyConnection) -> None:
    (row,) = reconciled(db, said(87.8, **OWN), said(88.0, **OWN, harness="tools"))
    assert row["is_self_reported_only"] is True
    assert row["independent_median_points"] is None and row["self_reported_minus_independent_points"] is None
    assert row["self_reported_points"] == 88.0 and row["independent_evaluators"] == 0


def test_what_a_vendor_measures_of_a_rivals_model_is_neither_own_nor_independent(
    db: duckdb.DuckDBPyConnection,
) -> None:
    """Kimi K2 on LiveCodeBench: its vendor's 53.7 and Qwen's 48.9 (another window in truth); nobody independent."""
    rival = {"source": "cards", "evaluator": "Qwen"}
    other = score("Qwen3", 60.0, "2026-01-22", **rival, is_self_reported=True)
    (row,) = reconciled(db, said(53.7, **OWN), said(48.9, **rival), other)
    assert (row["evaluators"], row["independent_evaluators"], row["other_vendor_evaluators"]) == (2, 0, 1)
    assert row["independent_median_points"] is None and row["self_reported_minus_independent_points"] is None
    assert row["is_self_reported_only"] is False and row["spread_points"] == pytest.approx(4.8)
    assert [one["is_other_vendor"] for one in json.loads(row["statement_list"])] == [True, False]


def test_a_copy_in_another_source_is_one_evaluator(db: duckdb.DuckDBPyConnection) -> None:
    (row,) = reconciled(db, said(70.7, **AA), said(70.7, **(AA | {"source": "epoch"})), said(72.0, **EPOCH))
    assert (row["statements"], row["sources"], row["evaluators"]) == (3, 2, 2)
    assert row["independent_median_points"] == pytest.approx(71.35)


def test_the_best_run_is_the_lowest_where_lower_is_better_and_old_ratings_are_left_out(
    db: duckdb.DuckDBPyConnection,
) -> None:
    elo = {"benchmark": "lmarena_text", "metric": "elo", "scale": "elo", "source": "lmarena"}
    rows = reconciled(
        db,
        said(4.8, benchmark="vectara_hallucination", harness="a"),
        said(3.9, benchmark="vectara_hallucination", harness="b"),
        said(1400, **elo, benchmark_version="2026-01-01"),
        said(1410, **elo, benchmark_version="2026-01-08"),
        said(50.0, is_current=False),
        said(51.0, category="physics"),
    )
    assert {row["series_id"]: row["max_points"] for row in rows} == {
        "vectara_hallucination": 3.9,
        "lmarena_text:2026-01-08": 1410,
    }


# --- between leaderboards

MODELS = [f"m{number}" for number in range(10)]


def two_lists(db: duckdb.DuckDBPyConnection, first: list[float], second: list[float], **more: Any) -> list[Row]:
    matched(db, *MODELS)
    for values, other in ((first, {}), (second, {"benchmark": "mmlu_pro", "source": "other", "evaluator": "O"} | more)):
        rows = [
            score(model, value, "2026-01-22", model_id=model, **other)
            for model, value in zip(MODELS, values, strict=False)
        ]
        insert(db, "core.score", rows)
    return build(db, *LISTS, APART)


def test_percentiles_are_among_common_models_and_the_widest_comes_first(db: duckdb.DuckDBPyConnection) -> None:
    # The tenth model of the first list is not in the second; m0 is best there and worst here.
    rows = two_lists(db, [90, 80, 70, 60, 50, 40, 30, 20, 10, 99], [5, 80, 70, 60, 50, 40, 30, 20, 10])
    assert {row["models"] for row in rows} == {9}
    first = min(rows, key=lambda row: row["position_in_pair"])
    assert (first["model_id"], first["place_a"], first["place_b"]) == ("m0", 1, 9)
    assert (first["percentile_a"], first["percentile_b"], first["percentile_difference"]) == (100, 0, 100)
    # One of nine goes from first to last, eight move up one: 1 - 6 (64 + 8) / (9 * 80).
    assert first["spearman"] == pytest.approx(1 - 6 * 72 / 720)
    assert first["spearman_low"] < first["spearman"] < first["spearman_high"]
    assert {row["kind"] for row in rows} == {"between_benchmarks"}
    assert all(row["score_difference_points"] is None for row in rows)


def test_ties_share_the_middle_and_the_correlation_is_that_of_scipy_by_hand(db: duckdb.DuckDBPyConnection) -> None:
    random = np.random.default_rng(7)
    first, second = random.integers(0, 6, 10).tolist(), random.integers(0, 6, 10).tolist()
    rows = two_lists(db, first, second)

    def middles(values: list[int]) -> list[float]:
        return [sum(o > v for o in values) + (sum(o == v for o in values) + 1) / 2 for v in values]

    expected = np.corrcoef(middles(first), middles(second))[0, 1]
    assert all(row["spearman"] == pytest.approx(expected, abs=1e-6) for row in rows) and len(rows) == 10
    assert sum(row["percentile_a"] for row in rows) == pytest.approx(500)
    assert sum(row["percentile_difference"] for row in rows) == pytest.approx(0, abs=1e-4)


def test_fewer_than_eight_common_models_are_no_pair(db: duckdb.DuckDBPyConnection) -> None:
    assert two_lists(db, [9, 8, 7, 6, 5, 4, 3], [1, 2, 3, 4, 5, 6, 7]) == []


def test_evaluators_of_one_series_are_compared_in_points_and_other_subjects_not_at_all(
    db: duckdb.DuckDBPyConnection,
) -> None:
    falling = [float(90 - 5 * number) for number in range(10)]
    rows = two_lists(db, falling, [value + 2 for value in falling], benchmark="gpqa_diamond")
    assert {row["kind"] for row in rows} == {"between_evaluators"}
    assert {abs(row["score_difference_points"]) for row in rows} == {2}
    assert {row["percentile_difference"] for row in rows} == {0}
    db.execute("update core.score set benchmark = 'bfcl', series_id = 'bfcl' where source = 'other'")
    assert build(db, *LISTS, APART) == []


def test_stated_modes_that_differ_are_not_compared_and_lower_is_better_is_turned(db: duckdb.DuckDBPyConnection) -> None:
    matched(db, *MODELS)
    for model in MODELS:
        value = float(MODELS.index(model))
        mode = "thinking" if model == "m0" else None
        rate = {"benchmark": "vectara_hallucination"}
        other = {"benchmark": "factscore", "source": "other", "evaluator": "O"}
        insert(
            db,
            "core.score",
            [
                score(model, value, "2026-01-22", model_id=model, mode=mode, **rate),
                score(model, 50 - value, "2026-01-22", model_id=model, mode="non_thinking" if mode else None, **other),
            ],
        )
    registered(db, "factscore", "F", "factuality", "percent", True)
    rows = build(db, *LISTS, APART)
    assert sorted(row["model_id"] for row in rows) == MODELS[1:]
    assert {row["spearman"] for row in rows} == {1.0}


def test_only_the_current_series_and_the_newest_publication_are_compared(db: duckdb.DuckDBPyConnection) -> None:
    matched(db, *MODELS)
    old = {model: float(number) for number, model in enumerate(MODELS)}
    new = {model: float(-number) for number, model in enumerate(MODELS)}
    for version, scores, on in (("v1", old, "2026-01-01"), ("v2", new, "2026-02-01")):
        insert(db, "core.score", board(on, scores, benchmark="mmlu_pro", benchmark_version=version))
    insert(db, "core.score", board("2026-02-01", new, source="other", evaluator="O"))
    db.execute("update core.score set model_id = model_name")
    rows = build(db, *LISTS, APART)
    assert {(row["series_id_a"], row["series_id_b"], row["spearman"]) for row in rows} == {
        ("gpqa_diamond", "mmlu_pro:v2", 1.0)
    }
