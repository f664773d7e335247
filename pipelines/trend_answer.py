"""How fast the price to reach a level of quality falls: asked of given tables (CSV) or of the published warehouse.

Here belongs running the method (running cheapest, line through the logarithm, interval): it is the SQL of
`marts.price_level`, `marts.price_to_reach` and `marts.price_trend` as it stands, over points that `trend_tables` or the
published tables give. How an answer is printed is `trend_cli`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandas as pd

from pipelines.lib import contract, sql_model
from pipelines.lib.sql_model import SqlModel
from pipelines.lib.warehouse import Warehouse
from pipelines.trend_tables import FROZEN, match_benchmark, read_points
from warehouse import WAREHOUSE_DIR

Answer = dict[str, Any]

FEWEST = 4
METHOD = ("seeds.student_t", "marts.price_level", "marts.price_to_reach", "marts.price_trend")
_PUBLISHED = """
select * from marts.scored_price
where benchmark = $slug and ($version is null or benchmark_version = $version)
"""
_CURVE = ("series_id", "metric", "threshold")
_TRENDS = """
select
    trend.*,
    (
        select max(scored.score)
        from marts.scored_price as scored
        where scored.series_id = trend.series_id and scored.metric = trend.metric and scored.variant = trend.variant
    ) as best_score,
from marts.price_trend as trend
where variant = $variant
order by series_id, metric, threshold
"""
_STEPS = "select * from marts.price_to_reach where variant = $variant order by began_on"


@dataclass(frozen=True, kw_only=True)
class Points:
    """Points of one benchmark for the method: rows of `marts.scored_price`, and the models left out of them.

    `prices` says what a price is, where it is not what the marts say of the variant.
    """

    benchmark: str
    rows: pd.DataFrame
    excluded: tuple[str, ...] = ()
    prices: str | None = None


def given_points(path: Path, benchmark: str) -> Points:
    """The points of a benchmark in a CSV file or a folder of them. Raises BadTable and UnknownBenchmark."""
    given = read_points(path, benchmark)
    columns = [column.name for column in _model("marts.scored_price").table.columns]
    rows = pd.DataFrame(given.rows, columns=columns, dtype=object)
    prices = f"each row of {path.resolve().name} from its day on"
    return Points(benchmark=given.benchmark, rows=rows, excluded=given.excluded, prices=prices)


def published_points(connection: duckdb.DuckDBPyConnection, benchmark: str, version: str | None) -> Points:
    """The points of a benchmark in the published warehouse, of one version or of all. Raises UnknownBenchmark."""
    pairs = connection.execute("select distinct benchmark_name, benchmark from marts.scored_price").fetchall()
    slug = match_benchmark(benchmark, pairs)
    rows = connection.execute(_PUBLISHED, {"slug": slug, "version": version}).df()
    return Points(benchmark=slug, rows=rows)


def trends(points: Points, *thresholds: float, variant: str = FROZEN) -> list[Answer]:
    """One answer per series, metric and threshold, each with the points that the line goes through."""
    with _scratch() as connection:
        connection.register("given", points.rows)
        connection.execute("insert into marts.scored_price by name select * from given")
        connection.executemany(
            "insert into seeds.price_threshold (benchmark, threshold, milestone, source) values (?, ?, '', '')",
            [(points.benchmark, threshold) for threshold in thresholds],
        )
        for name in METHOD:
            sql_model.build(connection, _model(name), "", comments=False)
        found = _records(connection, _TRENDS, variant)
        steps = _records(connection, _STEPS, variant)
    return [
        trend
        | {
            "reason": _reason(trend),
            "excluded": list(points.excluded),
            "definition": _definition(trend, points),
            "points": [step for step in steps if all(step[key] == trend[key] for key in _CURVE)],
        }
        for trend in found
    ]


@contextmanager
def _scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse of its own that is gone afterwards, with the two tables the method reads still empty."""
    with TemporaryDirectory() as folder, Warehouse(Path(folder)).write() as connection:
        for name in ("marts.scored_price", "seeds.price_threshold"):
            connection.execute(contract.create_sql(_model(name).table))
        yield connection


def _model(full_name: str) -> SqlModel:
    schema, name = full_name.split(".")
    path = WAREHOUSE_DIR / schema / f"{name}.sql"
    return SqlModel(contract.parse_contract(path.read_text(encoding="utf-8"), schema, name), path)


def _records(connection: duckdb.DuckDBPyConnection, query: str, variant: str) -> list[Answer]:
    cursor = connection.execute(query, {"variant": variant})
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _definition(trend: Answer, points: Points) -> str:
    """What is measured, in a sentence."""
    if points.prices is None:
        return str(trend["definition"])
    left_out = f", without {', '.join(points.excluded)}" if points.excluded else ""
    return (
        f"Lowest price in US dollars per million tokens at a score of at least {trend['threshold']:g} on "
        f"{points.benchmark}, {points.prices}{left_out}; factor per year from a line through log10(price) at each step."
    )


def _reason(trend: Answer) -> str | None:
    """Why there is no factor, in words."""
    if trend["why_no_factor"] == "no_step":
        best = "" if trend["best_score"] is None else f"; the best score with a price is {trend['best_score']:g}"
        return f"no model with a price reaches {trend['threshold']:g}{best}"
    if trend["why_no_factor"] == "fewer_than_4_steps":
        return f"only {trend['n']} step(s) of the price; a factor needs {FEWEST}"
    return "the line is too steep for a number" if trend["why_no_factor"] else None
