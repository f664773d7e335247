"""`core.score`: LiveBench averages, current evaluations and names, on small tables and on the real releases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from pipelines.defs.sources.livebench import source as livebench
from pipelines.lib import contract
from pipelines.lib.source import Document, Row
from pipelines.lib.sql_model import run_checks
from pipelines.lib.staging import DOCUMENT, PROVENANCE
from pipelines.lib.warehouse import prepare
from warehouse import WAREHOUSE_DIR

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "leaderboards" / "livebench"
MODEL = contract.parse_contract((WAREHOUSE_DIR / "core" / "score.sql").read_text(), "core", "score")
DOUBT = contract.parse_contract(
    (WAREHOUSE_DIR / "marts" / "score_release_doubt.sql").read_text(), "marts", "score_release_doubt"
)
MOVED = contract.parse_contract((WAREHOUSE_DIR / "core" / "moved_name.sql").read_text(), "core", "moved_name")
NAME = contract.parse_contract((WAREHOUSE_DIR / "core" / "score_name.sql").read_text(), "core", "score_name")
VERSION = contract.parse_contract(
    (WAREHOUSE_DIR / "seeds" / "benchmark_version.sql").read_text(), "seeds", "benchmark_version"
)
STAGING = {table.name: table for table in contract.read_contracts(WAREHOUSE_DIR) if table.schema == "staging"}
REPORTED = contract.parse_contract(
    (WAREHOUSE_DIR / "seeds" / "reported_score.sql").read_text(), "seeds", "reported_score"
)
DAY = dt.datetime(2026, 1, 29)  # noqa: DTZ001 - naive UTC, as DuckDB keeps it


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        prepare(connection)
        for name in ("score", "benchmark_task"):
            connection.execute(contract.create_sql(STAGING[name].with_columns(PROVENANCE)))
        connection.execute("create table core.model_name (scope varchar, normalised_name varchar, model_id varchar)")
        connection.execute("create table seeds.model (model_id varchar, released_on date)")
        connection.execute("create table staging.source (source varchar, is_redistributable boolean)")
        for table in (VERSION, REPORTED, MOVED, DOCUMENT):
            connection.execute(contract.create_sql(table))
        yield connection


def insert(db: duckdb.DuckDBPyConnection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    frame = pd.DataFrame(rows)
    db.execute(f"insert into {table} by name select * from frame")
    assert len(frame) == len(rows)


def row(model: str, score: float, **other: Any) -> dict[str, Any]:
    """A whole-benchmark score of Epoch's hub, with whatever the case is about."""
    return {
        "source": "epoch_benchmarks",
        "document": "main",
        "capture_id": "c1",
        "observed_at": DAY,
        "origin": "live",
        "benchmark": "gpqa_diamond",
        "metric": "accuracy",
        "model_name": model,
        "score": score,
        "scale": "fraction",
        "evaluator": "Epoch AI",
        "is_self_reported": False,
        "score_text": str(score),
    } | other


def task(model: str, name: str, score: float, **other: Any) -> dict[str, Any]:
    """A LiveBench task score."""
    values = {
        "source": "livebench",
        "document": "table_2026_01_08",
        "benchmark": "livebench",
        "benchmark_version": "2026-01-08",
        "metric": "task_score",
        "task": name,
        "scale": "percent",
        "evaluator": "LiveBench",
    }
    return row(model, score, **(values | other))


def tasks_of(category: str, *tasks: str, **other: Any) -> list[dict[str, Any]]:
    values = {
        "source": "livebench",
        "document": "categories_2026_01_08",
        "capture_id": "c1",
        "observed_at": DAY,
        "origin": "live",
        "benchmark": "livebench",
        "benchmark_version": "2026-01-08",
        "category": category,
    }
    return [values | {"task": name} | other for name in tasks]


def build(db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Fill core.score as the machine does, hold it to its contract, and give its rows."""
    for table in (NAME, MODEL):
        db.execute(contract.create_sql(table))
        db.execute(f"insert into {table.full_name} by name {table.body}")
    assert run_checks(db, MODEL) == ()
    cursor = db.execute("select * from core.score order by all")
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def test_average_is_the_mean_of_category_means_not_of_tasks(db: duckdb.DuckDBPyConnection) -> None:
    insert(db, "staging.benchmark_task", [*tasks_of("Reasoning", "a", "b"), *tasks_of("Coding", "c")])
    insert(
        db,
        "staging.score",
        [task("m-high", name, score, effort="high") for name, score in zip("abc", (10, 20, 60), strict=True)],
    )
    found = {item["category"]: item["score"] for item in build(db)}
    assert found == {"Reasoning": 15.0, "Coding": 60.0, None: 37.5}


def test_a_task_that_was_not_run_leaves_the_model_out_and_a_zero_does_not(db: duckdb.DuckDBPyConnection) -> None:
    insert(db, "staging.benchmark_task", [*tasks_of("Reasoning", "a", "b"), *tasks_of("Coding", "c")])
    insert(db, "staging.score", [task("gap", "a", 80), task("gap", "c", 90)])
    insert(db, "staging.score", [task("zero", name, score) for name, score in zip("abc", (0, 20, 60), strict=True)])
    found = {(item["model_name"], item["category"]): item["score"] for item in build(db)}
    assert found == {("gap", "Coding"): 90, ("zero", "Reasoning"): 10, ("zero", "Coding"): 60, ("zero", None): 35}


def test_each_capture_is_averaged_by_the_categories_known_then(db: duckdb.DuckDBPyConnection) -> None:
    later = {"capture_id": "c2", "observed_at": DAY + dt.timedelta(days=30)}
    insert(db, "staging.benchmark_task", [*tasks_of("One", "a"), *tasks_of("One", "a", "b", **later)])
    for when in ({}, later):
        insert(db, "staging.score", [task("m", "a", 10, **when), task("m", "b", 30, **when)])
    found = {(item["capture_id"], item["category"]): (item["score"], item["is_current"]) for item in build(db)}
    assert found == {
        ("c1", "One"): (10, False),
        ("c1", None): (10, False),
        ("c2", "One"): (20, True),
        ("c2", None): (20, True),
    }


def test_a_release_without_categories_has_no_average(db: duckdb.DuckDBPyConnection) -> None:
    insert(db, "staging.score", [task("m", "a", 10)])
    assert build(db) == []


def test_percent_only_where_the_score_is_a_share(db: duckdb.DuckDBPyConnection) -> None:
    insert(
        db,
        "staging.score",
        [
            row("f", 0.5, standard_error=0.02),
            row("p", 50.0, scale="percent", standard_error=2.0),
            row("e", 1400.0, scale="elo", standard_error=9.0),
            row("i", 150.0, scale="index"),
        ],
    )
    found = {item["model_name"]: (item["score_pct"], item["standard_error_pct"]) for item in build(db)}
    assert found == {"f": (50.0, 2.0), "p": (50.0, 2.0), "e": (None, None), "i": (None, None)}


def test_current_is_the_newest_evaluation_of_the_newest_capture(db: duckdb.DuckDBPyConnection) -> None:
    later = {"capture_id": "c2", "observed_at": DAY + dt.timedelta(days=30)}
    insert(
        db,
        "staging.score",
        [
            row("old", 0.1),
            row("twice", 0.2, evaluated_on=dt.date(2026, 1, 1)),
            row("twice", 0.3, evaluated_on=dt.date(2026, 2, 1), **later),
            row("twice", 0.4, evaluated_on=dt.date(2026, 1, 1), **later),
            row("twice", 0.5, harness="agent", **later),
            row("undated", 0.6, **later),
            row("undated", 0.7, evaluated_on=dt.date(2020, 1, 1), **later),
            row("elsewhere", 0.8, benchmark="mmlu"),
        ],
    )
    assert sorted(item["score"] for item in build(db) if item["is_current"]) == [0.3, 0.5, 0.7, 0.8]


def test_names_resolve_exactly_own_scope_first_and_without_their_effort(db: duckdb.DuckDBPyConnection) -> None:
    named = [
        ("any", "gpt-5.2", "gpt-5.2"),
        ("epoch_benchmarks", "gpt-5.2", "own-scope"),
        ("other_source", "grok-4", "never"),
        ("any", "kimi-k2", "kimi-k2"),
        ("any", "model-high", "model-high"),
        ("any", "model", "model"),
        ("hub", "openai-gpt-oss-120b", "gpt-oss-120b"),
        ("any", "gemini-2.5-flash", "gemini-2.5-flash"),
        ("any", "claude-opus-4.5", "claude-opus-4.5"),
    ]
    db.executemany("insert into core.model_name values (?, ?, ?)", named)
    db.execute("insert into seeds.model (model_id) select distinct model_id from core.model_name")
    efforts = {
        "GPT 5.2_xhigh": "xhigh",
        "grok-4": None,
        "kimi-k2-thinking": "thinking",
        "kimi-k2_thinking": "thinking",
        "model-high": "high",
        "openai/gpt-oss-120b_high": "high",
        "gemini-2.5-flash_16K": "16k",
        "claude-opus-4.5-thinking-64k-high-effort": "thinking-64k-high",
        "claude-opus-4.5_unknown": "thinking",
    }
    insert(db, "staging.score", [row(name, 0.5, effort=effort) for name, effort in efforts.items()])
    assert {item["model_name"]: item["model_id"] for item in build(db)} == {
        "GPT 5.2_xhigh": "own-scope",
        "grok-4": None,
        "kimi-k2-thinking": None,
        "kimi-k2_thinking": "kimi-k2",
        "model-high": "model-high",
        "openai/gpt-oss-120b_high": "gpt-oss-120b",
        "gemini-2.5-flash_16K": "gemini-2.5-flash",
        "claude-opus-4.5-thinking-64k-high-effort": "claude-opus-4.5",
        "claude-opus-4.5_unknown": "claude-opus-4.5",
    }


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
def test_livebench_averages_of_four_releases(db: duckdb.DuckDBPyConnection) -> None:
    """The averages the site shows, which no file of it states."""
    provenance = {"source": "livebench", "capture_id": "c1", "observed_at": DAY, "origin": "imported"}
    releases = ("2025_05_30", "2025_11_25", "2025_12_23", "2026_01_08")
    for path in sorted(path for release in releases for path in (REAL / "latest").glob(f"*_{release}.*")):
        label = livebench.label_of(path.name, b"")
        items = [item for item in livebench.parse(Document(label, "", path.read_bytes(), DAY)) if isinstance(item, Row)]
        rows = [{**item.values, **provenance, "document": label} for item in items]
        insert(db, f"staging.{items[0].table}", rows)
    overall: dict[str, list[float]] = {}
    for item in sorted(build(db), key=lambda item: str(item["benchmark_version"])):
        if item["category"] is None:
            overall.setdefault(item["model_name"], []).append(round(item["score"], 1))
    assert overall["kimi-k2-instruct"] == [63.8, 53.8, 53.4, 48.1]
    assert overall["qwen3-235b-a22b-instruct-2507"] == [65.2, 53.8, 54.0, 48.8]
    assert overall["gemini-3-pro-preview-11-2025-high"] == [79.7, 75.6, 75.2, 73.4]


def test_a_score_without_a_version_takes_the_registrys_of_its_day_and_series_are_told_apart(
    db: duckdb.DuckDBPyConnection,
) -> None:
    versions = [
        ("gpqa_diamond", "v1", "gpqa_diamond:old", None, dt.date(2026, 1, 1)),
        ("gpqa_diamond", "v2", "gpqa_diamond:new", dt.date(2026, 1, 1), dt.date(2026, 2, 1)),
        ("gpqa_diamond", "v2.1", "gpqa_diamond:new", dt.date(2026, 2, 1), None),
    ]
    for benchmark, version, series, starts_on, ends_before in versions:
        db.execute(
            "insert into seeds.benchmark_version values (?, ?, ?, ?, ?, 'rescaled', 'note', 'source')",
            [benchmark, version, series, starts_on, ends_before],
        )
    later = {"capture_id": "c2", "observed_at": DAY + dt.timedelta(days=30)}
    insert(
        db,
        "staging.score",
        [
            row("of the day", 0.1),
            row("of the day", 0.2, **later),
            row("stated", 0.3, benchmark_version="v1"),
            row("unregistered", 0.4, benchmark_version="v9"),
            row("elsewhere", 0.5, benchmark="mmlu"),
        ],
    )
    found = {item["score"]: (item["benchmark_version"], item["series_id"]) for item in build(db)}
    assert found == {
        0.1: ("v2", "gpqa_diamond:new"),
        0.2: ("v2.1", "gpqa_diamond:new"),
        0.3: ("v1", "gpqa_diamond:old"),
        0.4: ("v9", "gpqa_diamond:v9"),
        0.5: (None, "mmlu"),
    }


def test_the_words_of_an_effort_say_the_mode_and_an_effort_alone_does_not(db: duckdb.DuckDBPyConnection) -> None:
    efforts = {"a": "thinking-64k", "b": "nothinking", "c": "non-reasoning", "d": "high", "e": None, "f": "reasoning"}
    insert(db, "staging.score", [row(name, 0.5, effort=effort) for name, effort in efforts.items()])
    insert(db, "staging.score", [row("g", 0.5, effort="high", mode="thinking")])
    found = {item["model_name"]: item["mode"] for item in build(db)}
    assert found == {
        "a": "thinking",
        "b": "non_thinking",
        "c": "non_thinking",
        "d": None,
        "e": None,
        "f": "thinking",
        "g": "thinking",
    }


def test_a_model_dated_long_before_it_existed_is_reported_and_not_believed(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("insert into core.model_name values ('any', 'acme-1', 'acme-1')")
    db.execute("insert into seeds.model values ('acme-1', date '2025-09-05')")
    stated = {"early": dt.date(2024, 9, 5), "near": dt.date(2025, 3, 9), "late": dt.date(2025, 10, 1)}
    insert(
        db,
        "staging.score",
        [row("acme-1", 0.5, document=document, model_released_on=day) for document, day in stated.items()],
    )
    insert(db, "staging.score", [row("unknown", 0.5, document="early", model_released_on=dt.date(2000, 1, 1))])
    kept = {(item["document"], item["model_name"]): item["model_released_on"] for item in build(db)}
    assert kept == {
        ("early", "acme-1"): None,
        ("near", "acme-1"): dt.date(2025, 3, 9),
        ("late", "acme-1"): dt.date(2025, 10, 1),
        ("early", "unknown"): dt.date(2000, 1, 1),
    }
    db.execute(contract.create_sql(DOUBT))
    db.execute(f"insert into {DOUBT.full_name} by name {DOUBT.body}")
    found = db.execute("select document, model_id, stated_on, days_early from marts.score_release_doubt").fetchall()
    assert found == [("early", "acme-1", dt.date(2024, 9, 5), 365)]


def test_a_name_that_moves_means_what_it_meant_on_the_day_of_the_score(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("insert into core.model_name values ('any', 'acme-latest', 'acme-2')")
    db.execute("insert into seeds.model values ('acme-1', null), ('acme-2', null)")
    db.execute(
        "insert into core.moved_name by name select 'any' as scope, 'acme-latest' as normalised_name, * from (values "
        "('acme-1', null::date, date '2025-06-01'), ('acme-2', date '2025-06-01', null::date)) "
        "as meant(model_id, valid_from, valid_before)"
    )
    insert(
        db,
        "staging.score",
        [
            row("acme-latest", 0.1, evaluated_on=dt.date(2025, 5, 31)),
            row("acme-latest", 0.2, evaluated_on=dt.date(2025, 6, 1)),
            row("acme-latest", 0.3, published_on=dt.date(2025, 1, 1), document="published"),
            row("acme-latest", 0.4, document="undated"),
        ],
    )
    found = {item["score"]: item["model_id"] for item in build(db)}
    assert found == {0.1: "acme-1", 0.2: "acme-2", 0.3: "acme-1", 0.4: "acme-2"}
