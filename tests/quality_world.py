"""A small warehouse of made-up models and scores for tests of the quality index and of what is built on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from pipelines.lib import contract
from pipelines.lib.sql_model import SqlModel, run_checks
from pipelines.lib.warehouse import prepare
from warehouse import WAREHOUSE_DIR

INDEX = ("core.quality_score", "core.quality_fit", "marts.quality_index", "marts.quality_index_sensitivity")
GIVEN = ("core.score", "core.model", "seeds.model", "seeds.benchmark")
DAY = dt.datetime(2026, 1, 29)  # noqa: DTZ001 - naive UTC, as DuckDB keeps it


def model_of(table: str) -> SqlModel:
    """The SQL model of a table, read from its file."""
    schema, name = table.split(".")
    path = WAREHOUSE_DIR / schema / f"{name}.sql"
    return SqlModel(contract.parse_contract(path.read_text(encoding="utf-8"), schema, name), path)


def world() -> duckdb.DuckDBPyConnection:
    """An empty warehouse of what the index reads, with the seed of Student's t filled."""
    connection = duckdb.connect()
    prepare(connection)
    for table in GIVEN:
        connection.execute(contract.create_sql(model_of(table).table))
    student = model_of("seeds.student_t")
    connection.execute(contract.create_sql(student.table))
    connection.execute(f"insert into seeds.student_t by name {student.select}")
    return connection


def put(db: duckdb.DuckDBPyConnection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows; what the contract demands and the case is not about is filled with the plainest value."""
    if not rows:
        return
    plain = {"VARCHAR": "x", "BOOLEAN": False, "BIGINT": 0, "DOUBLE": 0.0, "DATE": DAY.date(), "TIMESTAMP": DAY}
    needed = {c.name: plain[c.type] for c in model_of(table).table.columns if not c.nullable}
    frame = pd.DataFrame([needed | row for row in rows])
    db.execute(f"insert into {table} by name select * from frame")
    assert len(frame) == len(rows)


def models(db: duckdb.DuckDBPyConnection, *names: str, **more: Any) -> None:
    """Models, closed and released in 2025 unless said otherwise."""
    usual = {"released_on": dt.date(2025, 1, 1), "is_open_weights": False} | more
    rows = [{"model_id": name, "name": name.upper()} | usual for name in names]
    put(db, "core.model", rows)
    put(db, "seeds.model", rows)


def benchmark(db: duckdb.DuckDBPyConnection, name: str, **more: Any) -> None:
    """A benchmark in fractions, unless said otherwise."""
    usual = {
        "benchmark": name,
        "name": name.title(),
        "subject": "general",
        "scale": "fraction",
        "higher_is_better": True,
    }
    put(db, "seeds.benchmark", [usual | more])


def score(model: str, name: str, value: float, **more: Any) -> dict[str, Any]:
    """A whole score of a matched model in its own benchmark's series."""
    scale = more.get("scale", "fraction")
    shares = {"fraction": 100 * value, "percent": value}
    return {
        "source": "board", "document": "main", "capture_id": "c1", "observed_at": DAY, "origin": "live",
        "benchmark": name, "series_id": name, "metric": "accuracy", "model_name": model, "model_id": model,
        "score": value, "scale": scale, "score_pct": shares.get(scale), "evaluator": "Board",
        "is_self_reported": False, "is_current": True,
    } | more  # fmt: skip


def build(db: duckdb.DuckDBPyConnection, *tables: str) -> None:
    """Fill the tables as the machine does and hold them to their contracts."""
    for table in tables or INDEX:
        model = model_of(table)
        columns = ", ".join(f'"{column.name}"' for column in model.table.columns)
        db.execute(contract.create_sql(model.table))
        db.execute(f"insert into {table} select {columns} from ({model.select})")
        assert run_checks(db, model.table) == (), table


def rows(db: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = db.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def logistic(value: float) -> float:
    return 1 / (1 + float(np.exp(-value)))


def simulated(db: duckdb.DuckDBPyConnection, seed: int, count: int = 100, benchmarks: int = 14) -> dict[str, float]:
    """Models of known ability on benchmarks of known difficulty, each on 3 to all of them. Returns the abilities."""
    random = np.random.default_rng(seed)
    difficulty = random.normal(0, 0.8, benchmarks)
    ability = {f"m{number:03}": float(value) for number, value in enumerate(random.normal(0, 1.2, count))}
    models(db, *ability)
    for number in range(benchmarks):
        benchmark(db, f"b{number:02}", subject=("general", "coding", "mathematics")[number % 3])
    put(
        db,
        "core.score",
        [
            score(name, f"b{number:02}", logistic(value - difficulty[number] + random.normal(0, 0.4)))
            for name, value in ability.items()
            for number in random.permutation(benchmarks)[: random.integers(3, benchmarks + 1)]
        ],
    )
    return ability
