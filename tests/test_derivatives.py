"""Counts of derivatives by root, family, month and day: small Hubs by hand, and random graphs against networkx."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hub_history import Observation, history_of
from tests.lineage_tables import (
    RELATIONS,
    Edges,
    build,
    child,
    count_by_networkx,
    count_derivatives,
    counted,
    day,
    fill_graph,
    lineage,
    roots_by_networkx,
    rows,
    warehouse,
)

NODES = 12
BY_ROOT = "select repo_id, depth, derivatives_count from marts.derivative_count where rule = '{}' and relation = 'all'"


@st.composite
def graphs(draw: st.DrawFn) -> Edges:
    """A few repositories and stubs with any edges but self loops: cycles, merges, stubs, rules that differ."""
    pair = st.tuples(st.integers(1, NODES), st.integers(-3, NODES)).filter(lambda ends: ends[1] and ends[0] != ends[1])
    pairs = draw(st.lists(pair, min_size=1, max_size=25, unique=True))
    number = len(pairs)
    gone = draw(st.sets(st.integers(1, NODES), max_size=3))
    signal = st.sampled_from([(True, True), (False, True), (True, False)])
    signals = draw(st.lists(signal, min_size=number, max_size=number))
    kinds = draw(st.lists(st.sampled_from(RELATIONS), min_size=number, max_size=number))
    return Edges(
        np.array([below for below, _ in pairs]),
        np.array([parent for _, parent in pairs]),
        np.array(kinds),
        np.array([listed for listed, _ in signals]),
        np.array([tagged for _, tagged in signals]),
        np.array([below not in gone for below, _ in pairs]),
    )


@settings(max_examples=60, deadline=None)
@given(graphs(), st.sets(st.integers(1, NODES), max_size=4))
def test_every_count_is_that_of_networkx(edges: Edges, own: set[int]) -> None:
    with duckdb.connect() as connection:
        fill_graph(connection, edges, NODES, {key: "qwen" for key in own})
        count_derivatives(connection)
        assert counted(connection) == count_by_networkx(edges, own)
        zeros = rows(connection, "select distinct relation from marts.derivative_count where derivatives_count = 0")
        assert zeros in ([], [("all",)])
        roots = rows(connection, "select node from core.lineage_root where rule = 'tag'")
    graph = nx.DiGraph()
    graph.add_edges_from(zip(edges.parent[edges.in_tags].tolist(), edges.child[edges.in_tags].tolist(), strict=True))
    assert {node for (node,) in roots} == roots_by_networkx(graph, own)


def test_no_repository_is_out_of_reach_of_every_root() -> None:
    """One edge turned round makes a whole family of a root nobody's; the cycle has a root of its own."""
    crawl = [child("a/root", "b/1"), child("b/1", "a/root"), child("b/2", "a/root"), child("b/3", "b/2")]
    with lineage({day(1): crawl}, "marts.derivative_count") as connection:
        assert rows(connection, "select distinct repo_id, kind from core.lineage_root") == [("a/root", "cycle")]
        assert dict(row[1:] for row in rows(connection, BY_ROOT.format("tag"))) == {"direct": 2, "transitive": 3}


def test_a_cycle_of_three_has_one_root() -> None:
    crawl = [child("a/1", "a/3"), child("a/2", "a/1"), child("a/3", "a/2"), child("b/c", "a/2")]
    with lineage({day(1): crawl}, "marts.derivative_count") as connection:
        assert sorted(rows(connection, BY_ROOT.format("declared_edge"))) == [
            ("a/1", "direct", 1),
            ("a/1", "transitive", 3),
        ]


def test_a_cycle_below_a_cycle_has_no_root_of_its_own() -> None:
    """Keys follow the order of the rows, so the lower cycle has the lower keys."""
    lower = [child("a/1", "a/2", "b/1", relation="merge"), child("a/2", "a/1")]
    with lineage({day(1): [*lower, child("b/1", "b/2"), child("b/2", "b/1")]}, "core.lineage_root") as connection:
        assert rows(connection, "select distinct repo_id, kind from core.lineage_root") == [("b/1", "cycle")]


def test_a_merge_of_several_ways_counts_once_for_a_root() -> None:
    crawl = [
        child("a/root"),
        child("b/1", "a/root"),
        child("b/2", "a/root", relation="adapter"),
        child("b/merge", "b/1", "b/2", "a/root", relation="merge"),
        child("b/quant", "b/merge", relation="quantized"),
    ]
    with lineage({day(1): crawl}, "marts.derivative_count") as connection:
        found = rows(
            connection,
            "select relation, depth, derivatives_count from marts.derivative_count where rule = 'tag' order by all",
        )
    assert found == [
        ("adapter", "direct", 1),
        ("adapter", "transitive", 1),
        ("all", "direct", 3),
        ("all", "transitive", 4),
        ("finetune", "direct", 1),
        ("finetune", "transitive", 1),
        ("merge", "direct", 1),
        ("merge", "transitive", 1),
        ("quantized", "transitive", 1),
    ]


def test_derivatives_of_one_that_is_gone_stay_derivatives() -> None:
    rest = [child("a/root"), child("b/2", "b/1")]
    with lineage({day(1): [*rest, child("b/1", "a/root")], day(2): rest}, "marts.derivative_count") as connection:
        assert sorted(rows(connection, BY_ROOT.format("tag"))) == [("a/root", "direct", 0), ("a/root", "transitive", 1)]


def test_a_deleted_parent_is_a_root_and_so_is_a_stub() -> None:
    crawls = {
        day(1): [child("a/deleted"), child("b/1", "a/deleted"), child("b/2", "never/seen")],
        day(2): [child("b/1", "a/deleted"), child("b/2", "never/seen")],
    }
    with lineage(crawls, "marts.derivative_count") as connection:
        found = rows(
            connection,
            "select repo_id, node > 0, derivatives_count from marts.derivative_count "
            "where rule = 'tag' and relation = 'all' and depth = 'direct' order by all",
        )
    assert found == [("a/deleted", True, 1), ("never/seen", False, 1)]


def test_a_plain_tag_counts_by_one_rule_only() -> None:
    crawl = [child("a/root"), child("b/plain", plain=["a/root"]), child("b/c", "b/plain")]
    with lineage({day(1): crawl}, "marts.derivative_count") as connection:
        tag = sorted(rows(connection, BY_ROOT.format("tag")))
        declared = sorted(rows(connection, BY_ROOT.format("declared_edge")))
    assert tag == [("a/root", "direct", 1), ("a/root", "transitive", 2)]
    assert declared == [("b/plain", "direct", 1), ("b/plain", "transitive", 1)]


FAMILY = [
    child("Qwen/Qwen9-1B"),
    child("Qwen/Qwen9-1B-Instruct", "Qwen/Qwen9-1B"),
    child("Qwen/Childless"),
    child("meta-llama/Llama-9"),
    child("b/tuned", "Qwen/Qwen9-1B-Instruct"),
    child("b/quant", "b/tuned", relation="quantized", tags=["base_model:b/tuned", "base_model:quantized:b/tuned"]),
    child("b/both", "b/tuned", "meta-llama/Llama-9", relation="merge"),
    child("b/plain", plain=["Qwen/Qwen9-1B"]),
    child("b/My-QWEN9-thing", tags=[]),
    child("b/sqwen-qwenish", tags=["dataset:someone/qwen-chats"]),
    child("b/tagged", tags=["qwen9_moe"]),
    child("Qwen-fans/nothing", tags=["license:mit"]),
]


def family_counts(connection: duckdb.DuckDBPyConnection, family: str) -> dict[tuple[str, ...], int]:
    found = rows(
        connection,
        "select rule, depth, relation, derivatives_count from marts.family_derivative_count "
        f"where family_id = '{family}' and derivatives_count > 0",
    )
    return {(rule, depth, relation): count for rule, depth, relation, count in found}


def test_three_rules_for_a_family() -> None:
    with lineage({day(1): FAMILY}, "marts.family_derivative_count") as connection:
        assert family_counts(connection, "qwen") == {
            ("declared_edge", "direct", "finetune"): 1,
            ("declared_edge", "direct", "all"): 1,
            ("declared_edge", "transitive", "finetune"): 1,
            ("declared_edge", "transitive", "quantized"): 1,
            ("declared_edge", "transitive", "merge"): 1,
            ("declared_edge", "transitive", "all"): 3,
            ("tag", "direct", "finetune"): 1,
            ("tag", "direct", "unknown"): 1,
            ("tag", "direct", "all"): 2,
            ("tag", "transitive", "finetune"): 1,
            ("tag", "transitive", "quantized"): 1,
            ("tag", "transitive", "merge"): 1,
            ("tag", "transitive", "unknown"): 1,
            ("tag", "transitive", "all"): 4,
            # b/tuned and b/plain by a parent's tag, b/My-QWEN9-thing by its name, b/tagged by a tag.
            ("name_match", "any", "finetune"): 1,
            ("name_match", "any", "unknown"): 3,
            ("name_match", "any", "all"): 4,
        }
        llama = family_counts(connection, "llama")
        assert {key[0] for key in llama} == {"declared_edge", "tag", "name_match"}
        assert {key[2]: count for key, count in llama.items()} == {"merge": 1, "all": 1} and len(llama) == 10
        own = rows(
            connection,
            "select distinct own_count from marts.family_derivative_count "
            "where family_id = 'qwen' and rule = 'tag' and relation = 'finetune'",
        )
        assert own == [(1,)]
        whole = rows(connection, "select distinct whole_hub_at from marts.family_derivative_count")
        assert whole == [(day(1),)]


def test_a_derivative_that_is_gone_is_no_longer_counted() -> None:
    rest = [row for row in FAMILY if row["repo_id"] not in ("b/tuned", "b/tagged")]
    with lineage({day(1): FAMILY, day(2): rest}, "marts.family_derivative_count") as connection:
        found = family_counts(connection, "qwen")
    assert found["declared_edge", "transitive", "all"] == 2 and found["name_match", "any", "all"] == 2
    assert ("declared_edge", "direct", "all") not in found


def test_a_family_without_own_repositories_has_no_rows_and_one_without_derivatives_has_zeros() -> None:
    with lineage({day(1): [child("Qwen/Qwen9-1B")]}, "marts.family_derivative_count") as connection:
        found = rows(
            connection,
            "select family_id, rule, sum(derivatives_count) from marts.family_derivative_count "
            "where family_id in ('qwen', 'gemini') group by all order by all",
        )
    assert found == [("qwen", "declared_edge", 0), ("qwen", "name_match", 0), ("qwen", "tag", 0)]


def test_without_a_crawl_of_the_whole_hub_the_counts_say_so() -> None:
    history = history_of([Observation(day(1), tuple(FAMILY), is_full=False)])
    with warehouse(history) as connection:
        build(connection, "marts.family_derivative_count", "marts.new_derivative_by_month")
        assert rows(connection, "select distinct whole_hub_at from marts.family_derivative_count") == [(None,)]
        assert rows(connection, "select distinct is_whole_hub_month from marts.new_derivative_by_month") == [(False,)]


def made(month: int, repo_id: str, *parents: str, **other: Any) -> dict[str, Any]:
    return child(repo_id, *parents, **other) | {"created_at": datetime(2026, month, 15)}  # noqa: DTZ001


def test_shares_of_a_month() -> None:
    crawl = [
        made(1, "Qwen/Qwen9-1B"),
        made(9, "Qwen/Qwen9-1B-Instruct", "Qwen/Qwen9-1B"),
        made(1, "meta-llama/Llama-9"),
        made(1, "x/other"),
        made(9, "b/1", "Qwen/Qwen9-1B"),
        made(9, "b/2", "Qwen/Qwen9-1B-Instruct"),
        made(9, "b/both", "Qwen/Qwen9-1B", "meta-llama/Llama-9", relation="merge"),
        made(9, "b/llama", "meta-llama/Llama-9"),
        made(9, "b/x", "x/other"),
        made(10, "b/later", "Qwen/Qwen9-1B"),
    ]
    without = [row for row in crawl if row["repo_id"] != "b/1"]
    with lineage({day(1): crawl, day(2): without}, "marts.new_derivative_by_month") as connection:
        found = rows(
            connection,
            "select family_id, relation, new_derivatives_count, all_families_count, whole_hub_count, "
            "share_of_all_families, share_of_whole_hub from marts.new_derivative_by_month "
            "where rule = 'declared_edge' and created_month = '2026-09-01' order by all",
        )
        months = rows(
            connection,
            "select distinct created_month::varchar, is_whole_hub_month from marts.new_derivative_by_month order by 1",
        )
        names = rows(
            connection,
            "select count(*), count(whole_hub_count), count(share_of_whole_hub) "
            "from marts.new_derivative_by_month where rule = 'name_match'",
        )
    # b/1 has gone since and still was made that month. All derivatives of the Hub are six with the own one.
    assert found == [
        ("llama", "all", 2, 4, 6, 0.5, 2 / 6),
        ("llama", "finetune", 1, 3, 5, 1 / 3, 0.2),
        ("llama", "merge", 1, 1, 1, 1.0, 1.0),
        ("qwen", "all", 3, 4, 6, 0.75, 0.5),
        ("qwen", "finetune", 2, 3, 5, 2 / 3, 0.4),
        ("qwen", "merge", 1, 1, 1, 1.0, 1.0),
    ]
    assert months == [("2026-09-01", False), ("2026-10-01", True)]
    assert names[0][0] > 0 and names[0][1:] == (0, 0)
