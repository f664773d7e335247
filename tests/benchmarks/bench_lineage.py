"""Derivative counts of all roots, rules and relations against networkx. `python -m tests.benchmarks.bench_lineage`

Runs the SQL of `core.lineage_root` and `marts.derivative_count` as it stands in their files, over tables filled with a
SIMULATED graph: the drawn population of `tests.hub`, more derivatives drawn as the others are, and edges turned round,
which make cycles. Filling is not timed on either side; networkx starts from the edges in memory.
"""

from __future__ import annotations

import argparse
import time
from datetime import date

import duckdb
import numpy as np

from tests.hub import population
from tests.hub.columns import CARD_ONLY, PLAIN
from tests.hub.population import Setting
from tests.hub.vocabulary import NONE
from tests.hub.vocabulary import RELATIONS as KINDS
from tests.lineage_tables import Edges, count_by_networkx, count_derivatives, counted, fill_graph

REVERSED_PER_EDGE = 1 / 1200
OWN = 2_000
SAMPLE = 50_000
SAMPLES = 3
RUNS = 3


def graph(nodes: int, edges: int, seed: int) -> Edges:
    """So many edges among nodes numbered from 1, without self loops and without a pair twice."""
    columns = population.generate(Setting(nodes, seed, date(2026, 9, 1)))
    derived = np.flatnonzero((columns.relation != NONE) & (columns.lineage != CARD_ONLY))
    single = derived[~np.isin(derived, list(columns.merges))]
    merged = [(row, parent) for row, parents in columns.merges.items() for parent in parents]
    pairs = np.concatenate([np.stack([single, columns.parent[single]], axis=1), np.array(merged).reshape(-1, 2)])
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    random = np.random.default_rng(seed)
    back = random.choice(pairs, int(edges * REVERSED_PER_EDGE), replace=False)[:, ::-1]
    free = np.flatnonzero(columns.relation == NONE)
    wanted = max(edges - len(pairs) - len(back), 0)
    more = np.stack([random.choice(free, wanted, replace=False), random.choice(pairs[:, 1], wanted)], axis=1)
    # A row that is its own drawn parent, or a pair there already, is left out again: a handful.
    pairs = np.unique(np.concatenate([pairs, back, more[more[:, 0] != more[:, 1]]]), axis=0)[:edges]
    kind = np.array(KINDS)[columns.relation[pairs[:, 0]]]
    kind[kind == "none"] = "finetune"
    typed = columns.lineage[pairs[:, 0]] != PLAIN
    every = np.ones_like(typed)
    return Edges(pairs[:, 0] + 1, pairs[:, 1] + 1, np.where(typed, kind, "unknown"), typed, every, every)


def own(nodes: int, seed: int) -> dict[int, str]:
    """Repositories that stand for the own ones of 17 families."""
    chosen = np.random.default_rng(seed).choice(nodes, min(OWN, nodes // 100), replace=False) + 1
    return {int(key): f"family-{number % 17}" for number, key in enumerate(chosen)}


def compare(nodes: int, edges: Edges, seed: int, runs: int) -> tuple[float, float]:
    """Seconds of the models, the best of some runs, and of networkx. Raises SystemExit when the answers differ."""
    families = own(nodes, seed)
    with duckdb.connect() as connection:
        fill_graph(connection, edges, nodes, families)
        times = []
        for _ in range(runs):
            start = time.perf_counter()
            count_derivatives(connection)
            times.append(time.perf_counter() - start)
        ours = counted(connection)
    start = time.perf_counter()
    theirs = count_by_networkx(edges, families)
    seconds = time.perf_counter() - start
    if ours != theirs:
        differing = [key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)]
        raise SystemExit(f"{len(differing):,} counts differ, such as {differing[:3]}")
    return min(times), seconds


def main() -> None:
    """Compare samples, then the whole graph, and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=3_000_000)
    parser.add_argument("--edges", type=int, default=1_200_000)
    asked = parser.parse_args()
    for seed in range(1, SAMPLES + 1):
        compare(SAMPLE, graph(SAMPLE, SAMPLE * asked.edges // asked.nodes, seed), seed, 1)
    edges = graph(asked.nodes, asked.edges, 1)
    ours, theirs = compare(asked.nodes, edges, 1, RUNS)
    print(
        f"derivatives of all roots, 2 rules, 5 relations, 2 depths; {asked.nodes:,} SIMULATED nodes, "
        f"{len(edges.child):,} edges: {ours:.2f} s, networkx {theirs:.1f} s, ratio {theirs / ours:.0f}; "
        f"equal there and on {SAMPLES} samples of {SAMPLE:,} nodes"
    )


if __name__ == "__main__":
    main()
