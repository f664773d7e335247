"""Marts built by their own SQL from tables given by hand: what the tests of frontiers and of divergence share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from pipelines.lib import sql_model
from pipelines.lib.contract import parse_contract
from pipelines.lib.sql_model import SqlModel
from pipelines.lib.warehouse import prepare, set_as_at
from warehouse import WAREHOUSE_DIR

Rows = Iterable[Mapping[str, Any]]
AS_AT = dt.datetime(2026, 11, 17)  # noqa: DTZ001 - naive UTC, as DuckDB keeps it
SEEN: dict[str, Any] = {"source": "board", "capture_id": "board-1", "origin": "live"}


def sql_file(name: str) -> SqlModel:
    """The model of a table, without reading any other file."""
    schema, _, table = name.partition(".")
    path = WAREHOUSE_DIR / schema / f"{table}.sql"
    return SqlModel(parse_contract(path.read_text(encoding="utf-8"), schema, table), path)


@contextmanager
def made(given: Mapping[str, Rows], *names: str, as_at: dt.datetime = AS_AT) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse in memory with these tables, each made by its SQL and held to its contract.

    What they read is as `given`, else empty; size classes are the real ones.
    """
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        prepare(connection)
        set_as_at(connection, as_at)
        needed = {other for name in names for other in sql_file(name).depends_on} - set(names)
        for name in sorted(needed | set(given)):
            if name == "seeds.size_bucket":
                sql_model.build(connection, sql_file(name), "")
            else:
                _fill(connection, name, given.get(name, ()))
        for name in names:
            sql_model.build(connection, sql_file(name), str(as_at), comments=False)
        yield connection


def _fill(connection: duckdb.DuckDBPyConnection, name: str, rows: Rows) -> None:
    """A table with the columns of its contract; what a row leaves out is null."""
    columns = ", ".join(f'"{column.name}" {column.type}' for column in sql_file(name).table.columns)
    connection.execute(f"create table {name} ({columns})")
    for row in rows:
        marks = ", ".join("?" for _ in row)
        names = ", ".join(f'"{column}"' for column in row)
        connection.execute(f"insert into {name} ({names}) values ({marks})", list(row.values()))


def model(model_id: str, **more: Any) -> dict[str, Any]:
    """A row of core.model: an open one of an organisation of its own, released long ago."""
    usual = {
        "model_id": model_id,
        "name": model_id.upper(),
        "organisation_id": f"org-{model_id}",
        "organisation_name": f"Org {model_id}",
        "region": "us",
        "released_on": dt.date(2026, 1, 1),
        "is_open_weights": True,
    }
    return usual | more


def benchmark(name: str = "quiz", **more: Any) -> dict[str, Any]:
    """A row of seeds.benchmark."""
    return {"benchmark": name, "name": name.title(), "subject": "general", "higher_is_better": True} | more


def run(model_id: str | None, score: float, **more: Any) -> dict[str, Any]:
    """A row of core.score: a current one of the whole benchmark."""
    usual = SEEN | {
        "document": "main",
        "observed_at": AS_AT,
        "benchmark": "quiz",
        "series_id": "quiz",
        "metric": "accuracy",
        "model_name": model_id or "nobody",
        "model_id": model_id,
        "score": score,
        "scale": "percent",
        "score_pct": score,
        "evaluator": "Board",
        "is_self_reported": False,
        "is_current": True,
    }
    return usual | more


def best(model_id: str, score: float, **more: Any) -> dict[str, Any]:
    """A row of core.model_score."""
    usual = SEEN | {
        "series_id": "quiz",
        "benchmark": "quiz",
        "benchmark_name": "Quiz",
        "metric": "accuracy",
        "scale": "percent",
        "model_id": model_id,
        "score": score,
        "quality": score,
        "evaluator": "Board",
        "is_self_reported": False,
    }
    return usual | more


def price(
    model_id: str, usd: float, since: str = "2026-06-10", until: str | None = None, **more: Any
) -> dict[str, Any]:
    """A row of marts.model_price."""
    usual = SEEN | {
        "model_id": model_id,
        "in_force_from": since,
        "in_force_to": until,
        "blended_usd_per_mtok": usd,
        "price_basis": "first_party",
        "price_providers": 1,
        "basis": "captured",
        "provider": "acme",
        "listing": model_id,
        "market": "global",
    }
    return usual | more


def ask(connection: duckdb.DuckDBPyConnection, query: str) -> list[Any]:
    """Rows of a query; a single column as plain values."""
    found = connection.execute(query).fetchall()
    return [row[0] for row in found] if found and len(found[0]) == 1 else found


def frontier(points: Sequence[tuple[float, float]]) -> list[bool]:
    """For points of price and quality, by comparing each with each: is it on the frontier?"""
    return [
        not any(p <= price and q >= quality and (p < price or q > quality) for p, q in points)
        for price, quality in points
    ]
