"""Points for the price to reach a level, read from CSV tables: Epoch AI's wide ones, or long ones of anybody.

Here belong the shapes of such tables and the names of benchmarks in them. What is computed from the points is
`trend_answer`.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from warehouse import WAREHOUSE_DIR

FROZEN = "epoch_frozen"
# Columns by the names they have in Epoch AI's tables and in ours; every other one of a wide table is a benchmark.
NAMES = {
    "model": ("model", "model name"),
    "released_on": ("released_on", "release date"),
    "price": ("price_usd_per_mtok", "usd per 1m tokens"),
    "score": ("score", "benchmark_score"),
    "benchmark": ("benchmark", "bench"),
}
NO_BENCHMARK = {"tokens per second", "prefill latency (s)", "prompt length (tk)"}
# What Epoch AI's tables call the benchmarks that have another name here.
EPOCH_SLUGS = {
    "gpqa diamond": "gpqa_diamond",
    "lmsys chatbot arena elo": "lmarena_text",
    "math 5": "math_level_5",
    "math-500": "math_500",
}
SHAPE = (
    "columns model, released_on, price_usd_per_mtok, score (and maybe benchmark), or Epoch AI's Model Name, "
    "Release Date, USD per 1M Tokens and one column per benchmark"
)


class BadTable(ValueError):
    """A CSV file cannot be read as points; the message names the file and the line and quotes the text."""


class UnknownBenchmark(ValueError):
    """No benchmark, or more than one, has this name; the message lists those there are."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What tables hold on one benchmark: rows with the columns of `marts.scored_price`, and the models left out."""

    benchmark: str
    rows: list[dict[str, Any]]
    excluded: tuple[str, ...]


@dataclass(frozen=True)
class _Table:
    """A CSV file: column names as written, by role or as benchmark, and the rows with their line numbers."""

    path: Path
    roles: Mapping[str, str]
    others: tuple[str, ...]
    lines: tuple[tuple[int, dict[str, str]], ...]

    @property
    def is_wide(self) -> bool:
        return "score" not in self.roles


def read_points(path: Path, benchmark: str) -> Given:
    """The points of a benchmark in a CSV file, or in all tables of a folder. Raises BadTable and UnknownBenchmark.

    Of a wide table the five reasoning models that Epoch AI leaves out are left out; a long one is taken as it is.
    """
    tables = _tables(path)
    name = match_benchmark(benchmark, _benchmarks(tables).items()) if any(map(_states_benchmark, tables)) else benchmark
    excluded: set[str] = set()
    rows = []
    for table in tables:
        for row in _points(table, name):
            if table.is_wide and _normalised(row["model_name"]) in _left_out_by_epoch():
                excluded.add(row["model_name"])
            else:
                rows.append(row)
    if not rows:
        raise BadTable(f"{path.name} has no row with a price and a score on {name}")
    return Given(benchmark=name, rows=rows, excluded=tuple(sorted(excluded)))


def _tables(path: Path) -> list[_Table]:
    if not path.exists():
        raise BadTable(f"there is no {path}")
    if path.is_file():
        return [_table(path)]
    found = []
    for file in sorted(path.glob("*.csv")):
        try:
            found.append(_table(file))
        except _NoPoints:
            continue  # Results and other tables lie beside the points.
    if not found:
        raise BadTable(f"{path} holds no CSV file with {SHAPE}")
    return [table for table in found if table.is_wide] or found


class _NoPoints(BadTable):
    """The columns are not those of a table of points."""


def _table(path: Path) -> _Table:
    try:
        text = path.read_text(encoding="utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        header = [name.strip() for name in reader.fieldnames or ()]
        lines = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadTable(f"{path.name} is not CSV in UTF-8: {error}") from error
    roles = {role: name for role, names in NAMES.items() for name in header if name.lower() in names}
    others = tuple(name for name in header if name not in roles.values() and name.lower() not in NO_BENCHMARK)
    missing = [role for role in ("model", "released_on", "price") if role not in roles]
    if missing or len(set(header)) != len(header) or not ("score" in roles or others):
        wrong = f"without {', '.join(missing)}" if missing else "with a name twice or no score"
        raise _NoPoints(f"{path.name} has the columns {', '.join(header) or '(none)'}, {wrong}; a table has {SHAPE}")
    for number, row in lines:
        if None in row or None in row.values():
            raise BadTable(f"{path.name}, line {number}: {len(header)} cells expected")
    return _Table(
        path, roles, others, tuple((number, {k.strip(): v.strip() for k, v in row.items()}) for number, row in lines)
    )


def _states_benchmark(table: _Table) -> bool:
    return table.is_wide or "benchmark" in table.roles


def _benchmarks(tables: Sequence[_Table]) -> dict[str, str]:
    """Names as written, with our slug of each."""
    names: list[str] = []
    for table in tables:
        column = table.roles.get("benchmark")
        names += table.others if table.is_wide else [row[column] for _, row in table.lines] if column else []
    return {name: EPOCH_SLUGS.get(name.lower(), name.lower().replace(" ", "_")) for name in names}


def _points(table: _Table, benchmark: str) -> Iterator[dict[str, Any]]:
    """Rows of `marts.scored_price`; a row without a score on the benchmark is none."""
    column = table.roles["score"] if not table.is_wide else None
    if column is None:
        spelled = {EPOCH_SLUGS.get(name.lower(), name.lower().replace(" ", "_")): name for name in table.others}
        column = spelled.get(benchmark)
    named = table.roles.get("benchmark")
    for number, row in table.lines if column else ():
        if named and not table.is_wide and _benchmarks([table])[row[named]] != benchmark:
            continue
        score = _number(table, number, row[column or ""])
        price = _number(table, number, row[table.roles["price"]])
        if score is None or price is None:
            continue
        if price <= 0:
            raise BadTable(f"{table.path.name}, line {number}: {row[table.roles['price']]!r} is no price above 0")
        released_on = _day(table, number, row[table.roles["released_on"]])
        model = row[table.roles["model"]]
        if not model:
            raise BadTable(f"{table.path.name}, line {number}: no model is named")
        yield {
            "series_id": benchmark, "benchmark": benchmark, "benchmark_name": benchmark, "metric": "score",
            "variant": FROZEN, "model_id": model, "model_name": model, "released_on": released_on,
            "began_on": released_on, "usd_per_mtok": price, "price_basis": "stated", "price_first_on": released_on,
            "score": score, "score_known_on": released_on, "price_source": table.path.name,
            "price_capture_id": table.path.name, "price_origin": "given", "score_source": table.path.name,
            "score_capture_id": table.path.name, "score_origin": "given",
        }  # fmt: skip


def _number(table: _Table, line: int, text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadTable(f"{table.path.name}, line {line}: {text!r} is no number")
    return value


def _day(table: _Table, line: int, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadTable(f"{table.path.name}, line {line}: {text!r} is no date such as 2024-05-13") from None


def _left_out_by_epoch() -> frozenset[str]:
    with (WAREHOUSE_DIR / "seeds" / "price_trend_exclusion.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["model_id"] for row in csv.DictReader(file) if row["reason"] == "named_by_epoch")


# --- names


def _normalised(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-")


def match_benchmark(wanted: str, named: Collection[tuple[str, str]]) -> str:
    """The slug that is meant, of `named` (name, slug): a name, a slug, or the first words of just one of them."""
    word = _normalised(wanted)
    spelled = [(_normalised(text), slug) for name, slug in named for text in (name, slug)]
    exact = {slug for text, slug in spelled if text == word}
    begun = {slug for text, slug in spelled if word and text.startswith(f"{word}-")}
    found = exact or begun
    if len(found) == 1:
        return found.pop()
    known = ", ".join(sorted(f"{slug} ({name})" if name != slug else slug for name, slug in set(named)))
    problem = f"{wanted!r} may be {' or '.join(sorted(found))}" if found else f"there is no benchmark {wanted!r}"
    raise UnknownBenchmark(f"{problem}; there are {known or 'none with a score and a price'}")
