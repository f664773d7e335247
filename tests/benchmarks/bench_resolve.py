"""Names: resolving 100,000 of them, at price sources and at leaderboards, beside a dictionary in Python.

    python -m tests.benchmarks.bench_resolve

The names are those of `name_pairs.csv`, each under made-up hosts until there are enough. The alternative does less: it
looks a normalised name up in one dictionary, once whole and once without its path, and knows no other rule.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice

import duckdb

from pipelines.name_answer import known_names
from tests.test_names import build, pairs

NAMES = 100_000
Name = tuple[str, str, str | None]


def main() -> None:
    """Print what both took for both kinds of name."""
    print(f"load of the machine: {os.getloadavg()[0]:.2f}; {os.cpu_count()} cores")
    for used_in, table in (("price", "core.listing"), ("score", "core.score_name")):
        named = list(islice(many(used_in), NAMES))
        with known_names() as connection:
            fill(connection, used_in, named)
            ours = timed(lambda table=table, connection=connection: build(connection, table))  # type: ignore[misc]
            matched = connection.execute(f"select count(*), count(model_id) from {table}").fetchone()
            known = {
                (scope, name): model
                for scope, name, model in connection.execute(
                    "select scope, normalised_name, model_id from core.model_name"
                ).fetchall()
            }
        found: list[str | None] = []
        theirs = timed(lambda named=named, known=known, found=found: found.extend(by_dictionary(named, known)))  # type: ignore[misc]
        assert matched is not None
        print(
            f"{table}: {matched[0]:,} names in {ours:.2f} s, {matched[1]:,} resolved; dictionary: {theirs:.2f} s, "
            f"{sum(model is not None for model in found):,} resolved; ratio {ours / theirs:.2f}"
        )


def many(used_in: str) -> Iterator[Name]:
    """Source, name and provider or effort, without end."""
    chosen = [pair for pair in pairs() if pair["used_in"] == used_in]
    for number, pair in enumerate(cycle(chosen)):
        name = pair["name"] if number < len(chosen) else f"host-{number // len(chosen)}/{pair['name']}"
        yield pair["source"], name, (pair["provider"] if used_in == "price" else pair["effort"]) or None


def fill(connection: duckdb.DuckDBPyConnection, used_in: str, named: list[Name]) -> None:
    """Let the names stand where the sources' rows would."""
    sources, names, others = (list(column) for column in zip(*named, strict=True))
    last = "provider" if used_in == "price" else "effort"
    column = "listing" if used_in == "price" else "model_name"
    seen = ", timestamp '2026-01-01' as observed_at" if used_in == "price" else ""
    connection.execute(
        f"insert into staging.{used_in} by name select unnest($sources::varchar[]) as source, "
        f"unnest($names::varchar[]) as {column}, unnest($others::varchar[]) as {last}{seen}",
        {"sources": sources, "names": names, "others": others},
    )


def by_dictionary(named: list[Name], known: dict[tuple[str, str], str | None]) -> Iterator[str | None]:
    """The obvious way."""
    for source, name, _ in named:
        whole, last = normalise(name), normalise(name.rsplit("/", 1)[-1])
        yield known.get((source, whole)) or known.get(("any", whole)) or known.get(("any", last))


def normalise(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower().replace("+", "-plus-")).strip("-")


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
