"""The command `modelmarket trend price-to-reach`: options in, JSON out.

What it asks is `trend_answer`. It ends with 0 also where there are too few points for a factor: the number of points
is an answer, `factor_per_year` is null and `reason` says why. A file that cannot be read ends with 1, a benchmark that
is not there or a threshold that is no number with 2.
"""

from __future__ import annotations

import json
import math
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer

from pipelines import trend_answer
from pipelines.console import fail
from pipelines.lib.folder import data_dir
from pipelines.lib.publish import NothingPublished, open_published
from pipelines.trend_answer import Answer, Points
from pipelines.trend_tables import BadTable, UnknownBenchmark

trend = typer.Typer(help="How a measure of the record moves over time.", no_args_is_help=True)

_TREND = (
    "benchmark", "series_id", "benchmark_version", "metric", "threshold", "variant", "n", "factor_per_year", "ci_low",
    "ci_high", "r2", "first_on", "last_on", "first_usd_per_mtok", "last_usd_per_mtok", "reason", "excluded",
    "definition",
)  # fmt: skip
_STEP = {
    "began_on": "date", "ended_on": "until", "model_name": "model", "usd_per_mtok": "price_usd_per_mtok",
    "score": "score",
}  # fmt: skip
_EVIDENCE = (
    "model_id", "price_basis", "price_first_on", "effort", "mode", "evaluator", "is_self_reported", "price_source",
    "price_capture_id", "score_source", "score_capture_id",
)  # fmt: skip


class Variant(StrEnum):
    """How prices are taken."""

    EPOCH_FROZEN = "epoch_frozen"
    LIVE = "live"


def register(app: typer.Typer) -> None:
    """Add the command to the `modelmarket` command."""
    app.add_typer(trend, name="trend")


@trend.callback()
def _group() -> None:
    """How a measure of the record moves over time."""


@trend.command("price-to-reach")
def price_to_reach(
    benchmark: Annotated[str, typer.Option(help="Benchmark, by our slug or by its name, such as gpqa_diamond.")],
    threshold: Annotated[float, typer.Option(help="Score to reach: percent, or points of a rating or an index.")],
    data: Annotated[Path | None, typer.Option(help="CSV file, or folder of them; else the published tables.")] = None,
    variant: Annotated[Variant, typer.Option(help="With the published tables: how prices are taken.")] = (
        Variant.EPOCH_FROZEN
    ),
    version: Annotated[str | None, typer.Option(help="With the published tables: version of the benchmark.")] = None,
) -> None:
    """By how much the price of a level of quality is divided each year, as JSON: one line per series.

    A CSV file has columns model, released_on (such as 2024-05-13), price_usd_per_mtok and score, and maybe benchmark;
    or those of Epoch AI's tables. A row is the price of a model from its day on.
    """
    if not math.isfinite(threshold):
        fail(f"{threshold} is no score to reach", 2)
    if data is not None and (variant is not Variant.EPOCH_FROZEN or version is not None):
        fail("--variant and --version are for the published tables; a file has one price per model and day", 2)
    try:
        points = _published(benchmark, version) if data is None else trend_answer.given_points(data, benchmark)
    except UnknownBenchmark as error:
        fail(str(error), 2)
    except (BadTable, OSError) as error:
        fail(str(error))
    for answer in trend_answer.trends(points, threshold, variant=variant.value):
        line = _line(answer, is_given=data is not None)
        sys.stdout.write(json.dumps(line, default=_plain, ensure_ascii=False) + "\n")


def _published(benchmark: str, version: str | None) -> Points:
    try:
        with open_published(data_dir()) as connection:
            points = trend_answer.published_points(connection, benchmark, version)
    except NothingPublished as error:
        fail(str(error))
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        reason = str(error).splitlines()[0]
        fail(f"the published tables were built by another version ({reason}); run `modelmarket run --no-capture`")
    if not len(points.rows):
        fail(f"no score of {points.benchmark} version {version!r} has a price", 2)
    return points


def _line(answer: Answer, *, is_given: bool) -> dict[str, Any]:
    evidence = () if is_given else _EVIDENCE
    steps = [
        {shown: step[name] for name, shown in _STEP.items()} | {name: step[name] for name in evidence}
        for step in answer["points"]
    ]
    return {name: answer[name] for name in _TREND} | {"points": steps}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else float(value)
