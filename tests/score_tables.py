"""Small tables of scores, and the models on leaderboards filled from them as the machine fills them.

Here belongs how a case is written down: `board` is one publication of a list, `SCORE` what a score has unless the case
says otherwise.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pandas as pd

from pipelines.lib import contract
from pipelines.lib.contract import Table
from pipelines.lib.sql_model import run_checks
from pipelines.lib.warehouse import prepare
from warehouse import WAREHOUSE_DIR

Row = dict[str, Any]

GIVEN = ("core.score", "core.model", "seeds.model", "seeds.watched_model", "seeds.benchmark", "seeds.benchmark_version")
BENCHMARKS = (
    # slug, name, subject, scale, whether higher is better
    ("aa_intelligence_index", "AA Intelligence Index", "general", "index", True),
    ("gpqa_diamond", "GPQA Diamond", "knowledge", "fraction", True),
    ("mmlu_pro", "MMLU-Pro", "knowledge", "fraction", True),
    ("livecodebench", "LiveCodeBench", "coding", "percent", True),
    ("livebench", "LiveBench", "general", "percent", True),
    ("bfcl", "BFCL", "agentic", "percent", True),
    ("vectara_hallucination", "Vectara hallucination rate", "factuality", "percent", False),
    ("lmarena_text", "LMArena text arena", "preference", "elo", True),
    ("arena_hard", "Arena-Hard", "preference", "percent", True),
)
SCORE: Row = {
    "source": "board",
    "document": "main",
    "origin": "live",
    "benchmark": "gpqa_diamond",
    "metric": "accuracy",
    "scale": "percent",
    "evaluator": "Board",
    "is_self_reported": False,
    "is_current": True,
}


def table(full_name: str) -> Table:
    """The contract of a table."""
    schema, name = full_name.split(".")
    return contract.parse_contract((WAREHOUSE_DIR / schema / f"{name}.sql").read_text(), schema, name)


@contextmanager
def score_tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with what the models on leaderboards read: benchmarks as above, no scores."""
    with duckdb.connect() as connection:
        prepare(connection)
        for name in GIVEN:
            connection.execute(contract.create_sql(table(name)))
        for values in BENCHMARKS:
            registered(connection, *values)
        yield connection


def registered(db: duckdb.DuckDBPyConnection, slug: str, name: str, subject: str, scale: str, is_higher: bool) -> None:
    """A benchmark in the registry; what the case does not speak of has some accepted value."""
    given = {"benchmark": slug, "name": name, "subject": subject, "scale": scale, "higher_is_better": is_higher}
    usual = {"VARCHAR": "said", "BOOLEAN": False}
    other = {
        column.name: next(iter(column.accepted), usual.get(column.type))
        for column in table("seeds.benchmark").columns
        if not column.nullable
    }
    insert(db, "seeds.benchmark", [other | given])


def day(text: str) -> dt.datetime:
    """Midnight, naive UTC as DuckDB keeps it."""
    return dt.datetime.fromisoformat(text)


def score(model: str, value: float, on: str, **more: Any) -> Row:
    """One score of a capture of a day; its series is the benchmark and its version."""
    row = SCORE | {"model_name": model, "score": value, "observed_at": day(on), "capture_id": f"c-{on}"} | more
    version = row.setdefault("benchmark_version", None)
    row.setdefault("series_id", row["benchmark"] + (f":{version}" if version else ""))
    percent = {"fraction": 100 * value, "percent": value}
    return row | {"score_pct": percent.get(row["scale"])}


def board(on: str, scores: Mapping[str, float], **more: Any) -> list[Row]:
    """One publication: a capture of a day with the scores of its models."""
    return [score(model, value, on, **more) for model, value in scores.items()]


def arena(on: str, ratings: Mapping[str, float], *, observed: str = "2026-03-01", **more: Any) -> list[Row]:
    """One publication of ratings, whose day is the version."""
    values = {"source": "lmarena", "benchmark": "lmarena_text", "metric": "elo", "scale": "elo", "evaluator": "LMArena"}
    return board(observed, ratings, **(values | {"benchmark_version": on} | more))


def insert(db: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Row]) -> None:
    """Add rows; a column left out is null. Columns of nulls alone are left out: they have no type."""
    db.register("given", pd.DataFrame(list(rows)).dropna(axis="columns", how="all"))
    db.execute(f"insert into {name} by name select * from given")
    db.unregister("given")


def register(db: duckdb.DuckDBPyConnection, benchmark: str, version: str, starts_on: str | None = None) -> None:
    """A version in the registry."""
    row = {"benchmark": benchmark, "benchmark_version": version, "series_id": f"{benchmark}:{version}"}
    more = {"starts_on": starts_on, "change": "new_questions", "note": "note", "source": "source"}
    insert(db, "seeds.benchmark_version", [row | more])


def matched(db: duckdb.DuckDBPyConnection, *models: str) -> None:
    """Models of the record."""
    for model in models:
        row = {"model_id": model, "name": model.upper(), "organisation_id": "acme", "is_open_weights": False}
        insert(db, "seeds.model", [row | {"licence_class": "closed", "source": "test"}])
        more = {"organisation_name": "Acme", "region": "us", "licence_class": "closed", "names": 1, "source": "test"}
        insert(db, "core.model", [row | more])


def build(db: duckdb.DuckDBPyConnection, *names: str) -> list[Row]:
    """Fill the tables in this order as the machine does, hold them to their contracts; the rows of the last."""
    for name in names:
        model = table(name)
        db.execute(contract.create_sql(model))
        columns = ", ".join(f'"{column.name}"' for column in model.columns)
        db.execute(f"insert into {name} select {columns} from ({model.body})")
        assert run_checks(db, model) == ()
    order = ", ".join(model.grain)
    cursor = db.execute(f"select * from {names[-1]} order by {order}")
    headers = [column[0] for column in cursor.description or ()]
    return [dict(zip(headers, values, strict=True)) for values in cursor.fetchall()]


LISTS = ("core.leaderboard_publication", "core.leaderboard_entry")
