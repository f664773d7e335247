"""Lineage tables from hand-made captures or bare edges, and the same answers worked out by networkx."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.lib import contract
from pipelines.lib.warehouse import prepare
from tests.download_tables import build, warehouse
from tests.hub_history import Listed, Observation, history_of
from warehouse import WAREHOUSE_DIR

RELATIONS = ("finetune", "adapter", "quantized", "merge", "unknown")
RULES = {"declared_edge": "in_base_models", "tag": "in_tags"}
Counts = dict[tuple[int, str, str, str], int]


def day(number: int, hour: int = 14) -> datetime:
    """A moment of a day of September 2026, naive UTC as DuckDB keeps it."""
    return datetime(2026, 9, number, hour)  # noqa: DTZ001


def child(
    repo_id: str, *parents: str, relation: str | None = "finetune", plain: Sequence[str] = (), **other: Any
) -> dict[str, Any]:
    """A listed repository as the Hub shows it: a resolved list and two tags per parent; only one tag for `plain`."""
    tags = ["transformers", *(f"base_model:{name}" for name in (*parents, *plain))]
    tags += [f"base_model:{relation}:{name}" for name in parents]
    return {
        "repo_id": repo_id,
        "hub_id": f"id of {repo_id}",
        "created_at": datetime(2026, 8, 1),  # noqa: DTZ001
        "base_relation": relation if parents else None,
        "base_models": list(parents) or None,
        "tags": [*tags, "region:us"],
    } | other


@contextmanager
def lineage(days: Mapping[datetime, Iterable[Listed]], *tables: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with these tables after crawls of the whole Hub."""
    history = history_of([Observation(moment, tuple(rows)) for moment, rows in days.items()])
    with warehouse(history) as connection:
        build(connection, *tables)
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return connection.execute(query).fetchall()


@dataclass(frozen=True)
class Edges:
    """Last edges of a lineage graph. Keys of repositories are above 0, those of stubs below."""

    child: npt.NDArray[np.int64]
    parent: npt.NDArray[np.int64]
    relation: npt.NDArray[np.str_]
    in_base_models: npt.NDArray[np.bool_]
    in_tags: npt.NDArray[np.bool_]
    is_listed: npt.NDArray[np.bool_]  # whether the child is

    def frame(self) -> pd.DataFrame:
        """As a table."""
        return pd.DataFrame(vars(self))


def model(name: str) -> contract.Table:
    """The model file of a table."""
    schema, _, table = name.partition(".")
    return contract.parse_contract((WAREHOUSE_DIR / schema / f"{table}.sql").read_text(encoding="utf-8"), schema, table)


def fill_graph(connection: duckdb.DuckDBPyConnection, edges: Edges, nodes: int, own: Mapping[int, str]) -> None:
    """The tables the counts are made of, for a Hub of repositories 1 to `nodes` with these edges."""
    prepare(connection)
    for name in ("core.lineage_edge", "core.lineage_stub", "core.repository_name"):
        connection.execute(contract.create_sql(model(name)))
    frame = edges.frame()  # noqa: F841 - read by name in the SQL
    owned = pd.DataFrame({"repo_id": [f"x/{key}" for key in own], "family_id": list(own.values())}, dtype=str)  # noqa: F841
    for statement in (
        "insert into core.lineage_edge select child, parent, if(parent > 0, parent, null), 'x/' || parent, relation, "
        "in_base_models, in_tags, false, timestamp '2026-09-01', if(is_listed, null, timestamp '2026-09-02'), true "
        "from frame",
        "insert into core.lineage_stub select distinct parent, 'x/' || parent, 1, 1, false, null from frame "
        "where parent < 0",
        f"insert into core.repository_name select i, 'x/' || i, timestamp '2026-09-01', null, true "
        f"from range(1, {nodes} + 1) as numbers(i)",
        "create table core.repository as select repo_id, repository_key from core.repository_name",
        "create table core.repository_family as select * from owned",
        "create table staging.hub_crawl (observed_at timestamp, is_full boolean)",
    ):
        connection.execute(statement)


def count_derivatives(connection: duckdb.DuckDBPyConnection) -> None:
    """Run the very SQL of the model files."""
    for name in ("core.lineage_root", "marts.derivative_count"):
        connection.execute(f"create or replace table {name} as {model(name).body}")


def counted(connection: duckdb.DuckDBPyConnection) -> Counts:
    """What the models counted, without the rows that say 0."""
    found = rows(connection, "select node, rule, relation, depth, derivatives_count from marts.derivative_count")
    return {(node, rule, relation, depth): count for node, rule, relation, depth, count in found if count}


def roots_by_networkx(graph: nx.DiGraph, own: Iterable[int]) -> set[int]:
    """Every parent without a parent, the lowest key of every cycle nothing leads into, every own repository."""
    whole = nx.condensation(graph)
    sources = [members for part, members in whole.nodes(data="members") if not whole.in_degree(part)]
    return {min(members) for members in sources if any(graph.out_degree(node) for node in members)} | set(own)


def count_by_networkx(edges: Edges, own: Iterable[int]) -> Counts:
    """The same counts, root by root."""
    counts: Counts = defaultdict(int)
    for rule, signal in RULES.items():
        chosen = getattr(edges, signal)
        graph = nx.DiGraph()
        triples = zip(
            edges.parent[chosen].tolist(), edges.child[chosen].tolist(), edges.relation[chosen].tolist(), strict=True
        )
        graph.add_edges_from((parent, below, {"relation": relation}) for parent, below, relation in triples)
        gone = set(edges.child[~edges.is_listed].tolist())
        for root in roots_by_networkx(graph, own):
            if root not in graph:
                continue
            reached = nx.descendants(graph, root) | {root}
            for depth, parents in (("direct", [root]), ("transitive", reached)):
                found = graph.out_edges(parents, data="relation")
                pairs = {(below, relation) for _, below, relation in found if below != root and below not in gone}
                for _, relation in pairs:
                    counts[root, rule, relation, depth] += 1
                if pairs:
                    counts[root, rule, "all", depth] = len({below for below, _ in pairs})
    return dict(counts)
