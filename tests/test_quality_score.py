"""Which scores the quality index is fitted to: runs, vendors' words, composites, ratings, scales, errors, and links."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import numpy as np
import pytest

from tests.quality_world import benchmark, build, models, put, rows, score, world


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with world() as connection:
        yield connection


def full_board(db: duckdb.DuckDBPyConnection, names: Sequence[str], *benchmarks: str) -> None:
    """Scores of every model on every benchmark, the later the better."""
    put(
        db,
        "core.score",
        [score(model, name, 0.3 + 0.1 * place) for place, model in enumerate(names) for name in benchmarks],
    )


@pytest.fixture
def five(db: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Five models on three benchmarks of fractions: the least that is rated."""
    models(db, *"abcde")
    for name in ("one", "two", "three"):
        benchmark(db, name)
    full_board(db, "abcde", "one", "two", "three")
    return db


def chosen(db: duckdb.DuckDBPyConnection, where: str) -> list[dict[str, Any]]:
    build(db, "core.quality_score")
    return rows(
        db, f"select * from core.quality_score where left_out = 'nothing' and ({where}) order by item_id, model_id"
    )


def test_the_best_run_of_a_model_counts_and_the_runs_are_counted(five: duckdb.DuckDBPyConnection) -> None:
    put(five, "core.score", [score("a", "one", 0.9, effort="high"), score("a", "one", 0.2, effort="low")])
    put(five, "core.score", [score("a", "one", 0.99, effort="old", is_current=False)])
    put(five, "core.score", [score("a", "one", 0.99, category="part"), score("x", "one", 0.99, model_id=None)])
    (found,) = chosen(five, "benchmark = 'one' and model_id = 'a'")
    assert (found["score"], found["effort"], found["runs"]) == (90.0, "high", 3)
    assert found["standard_score"] == pytest.approx(np.log(0.9 / 0.1), abs=1e-9)


def test_what_a_vendor_says_counts_only_where_nobody_else_measured(five: duckdb.DuckDBPyConnection) -> None:
    said = {"is_self_reported": True, "source": "cards"}
    put(five, "core.score", [score(name, "one", 0.95, evaluator=f"Vendor of {name}", **said) for name in "abcdefghi"])
    models(five, *"fghi")
    found = chosen(five, "benchmark = 'one'")
    assert [row["model_id"] for row in found if row["is_self_reported"]] == ["f", "g", "h", "i"]
    assert {row["evaluator"] for row in found if row["is_self_reported"]} == {"self-reported"}
    assert {row["model_id"] for row in found if not row["is_self_reported"]} == set("abcde")


def test_composites_are_beside_the_index_and_never_in_it(five: duckdb.DuckDBPyConnection) -> None:
    for name in ("epoch_capabilities_index", "aa_intelligence_index"):
        benchmark(five, name, scale="index")
        put(five, "core.score", [score(m, name, 100.0 + p, scale="index") for p, m in enumerate("abcde")])
    benchmark(five, "open_llm_leaderboard", scale="percent")
    benchmark(five, "aa_omniscience", scale="index", subject="factuality")
    put(
        five, "core.score", [score(m, "open_llm_leaderboard", 50.0 + p, scale="percent") for p, m in enumerate("abcde")]
    )
    put(five, "core.score", [score(m, "aa_omniscience", -10.0 * p, scale="index") for p, m in enumerate("abcde")])
    build(five)
    used = {
        (r["benchmark"], r["unused_because"]) for r in rows(five, "from core.quality_score where left_out = 'nothing'")
    }
    composites = {"epoch_capabilities_index", "aa_intelligence_index", "open_llm_leaderboard"}
    assert {name for name, why in used if why == "composite"} == composites
    assert {name for name, why in used if why is None} == {"one", "two", "three", "aa_omniscience"}
    shown = {r["model_id"]: r for r in rows(five, "from marts.quality_index")}
    assert (shown["c"]["epoch_capabilities_index"], shown["c"]["aa_intelligence_index"]) == (102.0, 102.0)
    assert shown["c"]["benchmarks"] == 4


def test_of_ratings_only_the_newest_publication_counts(five: duckdb.DuckDBPyConnection) -> None:
    benchmark(five, "arena", scale="elo")
    for day, shift in (("2026-01-01", 0), ("2026-02-01", 50)):
        values: dict[str, Any] = {"scale": "elo", "series_id": f"arena:{day}", "benchmark_version": day}
        values["published_on"] = dt.date.fromisoformat(day)
        put(five, "core.score", [score(m, "arena", 1000.0 + shift + p, **values) for p, m in enumerate("abcde")])
    found = chosen(five, "benchmark = 'arena'")
    assert {row["series_id"] for row in found} == {"arena:2026-02-01"}
    assert found[0]["standard_score"] == pytest.approx(1050 * np.log(10) / 400, abs=1e-9)


def test_fewer_errors_are_better_and_guessing_is_taken_off(five: duckdb.DuckDBPyConnection) -> None:
    benchmark(five, "errors", scale="percent", higher_is_better=False)
    benchmark(five, "choices", score_floor=0.25)
    put(five, "core.score", [score(m, "errors", 10.0 + p, scale="percent") for p, m in enumerate("abcde")])
    put(five, "core.score", [score("a", "errors", 30.0, scale="percent", effort="worse")])
    put(
        five,
        "core.score",
        [score(m, "choices", value) for m, value in zip("abcde", (0.2, 0.4, 0.625, 0.8, 1.0), strict=True)],
    )
    errors = chosen(five, "benchmark = 'errors'")
    assert [row["score"] for row in errors] == [10.0, 11.0, 12.0, 13.0, 14.0]
    assert errors[0]["standard_score"] == pytest.approx(np.log(0.9 / 0.1), abs=1e-9)
    choices = [row["standard_score"] for row in rows(five, "from core.quality_score where item_id like 'choices%' "
               "and left_out = 'nothing' order by model_id")]  # fmt: skip
    edge = np.log(0.98 / 0.02)
    share = (0.4 - 0.25) / 0.75
    assert choices == pytest.approx([-edge, np.log(share / (1 - share)), 0, np.log(0.55 / 0.2), edge], abs=1e-9)


def test_errors_are_as_stated_or_of_the_interval_or_of_the_number_of_questions(five: duckdb.DuckDBPyConnection) -> None:
    five.execute("update core.score set standard_error_pct = 2 where benchmark = 'one' and model_id = 'a'")
    five.execute(
        "update core.score set ci_low = 0.40, ci_high = 0.479, sample_size = 9 "
        "where benchmark = 'one' and model_id = 'b'"
    )
    five.execute("update core.score set sample_size = 100 where benchmark = 'one' and model_id = 'c'")
    found = {row["model_id"]: row for row in chosen(five, "benchmark = 'one'")}
    assert (found["a"]["error_basis"], found["a"]["standard_error"]) == ("stated", 2)
    assert found["b"]["error_basis"] == "interval"
    assert found["b"]["standard_error"] == pytest.approx(7.9 / 2 / 1.96)
    assert found["c"]["error_basis"] == "binomial"
    assert found["c"]["standard_error"] == pytest.approx(5)
    assert (found["d"]["error_basis"], found["d"]["standard_error"]) == (None, None)


def test_models_with_few_benchmarks_items_with_few_models_and_islands_are_left_out(
    five: duckdb.DuckDBPyConnection,
) -> None:
    models(five, *"fghijk")
    put(five, "core.score", [score("f", name, 0.5) for name in ("one", "two")])
    benchmark(five, "small")
    full_board(five, "abcd", "small")
    for name in ("far", "off", "away"):
        benchmark(five, name)
    full_board(five, "ghijk", "far", "off", "away")
    models(five, "l")
    for name in ("one", "two", "three"):
        put(five, "core.score", [score("l", name, 0.55)])
    build(five)
    found = {(r["benchmark"], r["model_id"]): r["unused_because"] for r in chosen(five, "true")}
    assert found["one", "a"] is None
    assert found["one", "f"] == "too_few"
    assert found["small", "a"] == "too_few"
    assert found["far", "g"] == "apart"
    assert {r["model_id"] for r in rows(five, "from marts.quality_index")} == set("abcdel")


def test_dropping_goes_on_until_nothing_more_falls(five: duckdb.DuckDBPyConnection) -> None:
    """Without `e`, which has two benchmarks only, no benchmark has five models."""
    five.execute("delete from core.score where benchmark = 'three' and model_id = 'e'")
    build(five)
    assert {r["unused_because"] for r in rows(five, "from core.quality_score")} == {"too_few"}
    assert rows(five, "from marts.quality_index") == []
