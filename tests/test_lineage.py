"""Names, edges and their changes: what repositories say of their parents, held against what was put in."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.hub_history import Observation, history_of
from tests.lineage_tables import build, child, day, lineage, rows, warehouse

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "hub" / "evaleval-eval-card-registry"
EDGES = """
    select child.repo_id, edge.parent_repo_id, edge.relation, edge.in_base_models, edge.in_tags, edge.in_card
    from core.lineage_edge as edge
    join core.repository_name as child on child.repository_key = edge.child_key and child.is_current
    where edge.valid_to is null
    order by all
"""


def base(repo_id: str, **other: Any) -> dict[str, Any]:
    """A repository without parents."""
    return child(repo_id, **other)


def key(connection: duckdb.DuckDBPyConnection, repo_id: str) -> int:
    found = rows(connection, f"select distinct repository_key from core.repository_name where repo_id = '{repo_id}'")
    assert len(found) == 1
    return int(found[0][0])


def test_names_are_kept_with_their_time() -> None:
    crawls = {
        day(1): [base("a/old", hub_id="1"), base("a/stays")],
        day(2): [base("a/new", hub_id="1"), base("a/stays", created_at=None)],
        day(3): [base("a/stays", created_at=None)],
        day(4): [base("a/new", hub_id="1"), base("a/stays", created_at=None)],
    }
    with lineage(crawls, "core.repository_name") as connection:
        found = rows(
            connection, "select repo_id, valid_from, valid_to, is_current from core.repository_name order by all"
        )
    assert found == [
        ("a/new", day(2), day(3), False),
        ("a/new", day(4), None, True),
        ("a/old", day(1), day(2), False),
        ("a/stays", day(1), None, True),
    ]


def test_a_parent_is_found_by_its_former_name() -> None:
    crawls = {
        day(1): [base("a/old", hub_id="1"), child("b/early", "a/old")],
        day(2): [base("a/new", hub_id="1"), child("b/early", "a/new"), child("b/late", "a/old")],
    }
    with lineage(crawls, "marts.lineage_event", "core.lineage_stub") as connection:
        found = rows(connection, "select parent_key, parent_repo_id, valid_from, valid_to from core.lineage_edge")
        parent = key(connection, "a/new")
        assert sorted(found) == [(parent, "a/new", day(1), None), (parent, "a/old", day(2), None)]
        assert rows(connection, "from marts.lineage_event") == []
        assert rows(connection, "from core.lineage_stub") == []


def test_one_name_of_two_repositories_is_told_apart_by_time() -> None:
    crawls = {
        day(1): [base("a/x", hub_id="1"), child("b/first", "a/x")],
        day(2): [base("a/y", hub_id="1"), child("b/first", "a/x"), child("b/between", "a/x")],
        day(3): [base("a/y", hub_id="1"), base("a/x", hub_id="2"), child("b/first", "a/x"), child("b/second", "a/x")],
    }
    with lineage(crawls, "core.lineage_edge") as connection:
        found = dict(
            rows(
                connection,
                "select child.repo_id, key.hub_id from core.lineage_edge as edge "
                "join core.repository_name as child on child.repository_key = edge.child_key "
                "join staging.hub_repository_key as key on key.repository_key = edge.parent_key",
            )
        )
    assert found == {"b/first": "1", "b/between": "1", "b/second": "2"}


def test_a_parent_seen_only_later_is_no_stub() -> None:
    crawls = {day(1): [child("b/c", "a/x")], day(5): [child("b/c", "a/x"), base("a/x")]}
    with lineage(crawls, "core.lineage_edge") as connection:
        assert rows(connection, "select parent_key, valid_from, valid_to from core.lineage_edge") == [
            (key(connection, "a/x"), day(1), None)
        ]


def test_signals_of_one_parent_are_one_edge() -> None:
    crawl = [
        base("a/x"),
        base("a/y"),
        child("b/all", "a/x", card_models=["a/x"]),
        child("b/plain", plain=["a/x"]),
        child("b/card", card_models=["a/x", "a/y"]),
        child("b/tags", base_models=None, base_relation=None, tags=["base_model:a/x", "base_model:quantized:a/x"]),
        child("b/listed", base_models=["a/x"], base_relation="adapter"),
        child("b/new-form", tags=["base_model:distill:a/x", "base_model:", "base_model:finetune:", "base_modelx"]),
        child("b/untyped-list", base_models=["a/x"], base_relation="unknown", tags=["base_model:merge:a/x"]),
    ]
    with lineage({day(1): crawl}, "core.lineage_edge") as connection:
        assert rows(connection, EDGES) == [
            ("b/all", "a/x", "finetune", True, True, True),
            ("b/card", "a/x", "unknown", False, False, True),
            ("b/card", "a/y", "unknown", False, False, True),
            ("b/listed", "a/x", "adapter", True, False, False),
            ("b/new-form", "a/x", "unknown", False, True, False),
            ("b/plain", "a/x", "unknown", False, True, False),
            ("b/tags", "a/x", "quantized", False, True, False),
            ("b/untyped-list", "a/x", "merge", True, True, False),
        ]


def test_two_names_of_one_parent_are_one_edge() -> None:
    crawls = {
        day(1): [base("a/old", hub_id="1")],
        day(2): [base("a/new", hub_id="1"), child("b/c", "a/old", "a/new", relation="merge")],
    }
    with lineage(crawls, "core.lineage_edge") as connection:
        assert rows(connection, "select relation, in_base_models, parent_key from core.lineage_edge") == [
            ("merge", True, key(connection, "a/new"))
        ]


def test_a_merge_of_forty_seven() -> None:
    parents = [f"a/p{number}" for number in range(47)]
    crawl = [*map(base, parents), child("b/merge", *parents, relation="merge")]
    with lineage({day(1): crawl}, "core.lineage_edge") as connection:
        found = rows(connection, "select count(*), count(distinct parent_key), min(relation) from core.lineage_edge")
    assert found == [(47, 47, "merge")]


def test_a_repository_that_names_itself_has_no_edge_but_a_record() -> None:
    crawls = {
        day(1): [child("a/x", "a/x", hub_id="1"), child("a/other", "a/x")],
        day(2): [child("a/renamed", "a/x", hub_id="1"), child("a/other", "a/x")],
    }
    with lineage(crawls, "core.lineage_edge") as connection:
        assert rows(connection, "select parent_repo_id, observed_at from core.parent_statement where is_self") == [
            ("a/x", day(1)),
            ("a/x", day(2)),
        ]
        assert rows(connection, EDGES) == [("a/other", "a/x", "finetune", True, True, False)]


def test_stubs_are_kept_and_counted() -> None:
    crawls = {
        day(1): [
            base("Org/Model"),
            child("b/1", "org/model"),
            child("b/2", "not/seen"),
            child("b/3", "not/seen"),
        ],
        day(2): [base("Org/Model"), child("b/1", "org/model"), child("b/2", "not/seen")],
    }
    with lineage(crawls, "core.lineage_stub") as connection:
        found = rows(
            connection,
            "select parent_repo_id, children_count, children_ever_count, differs_only_in_case, candidate_repo_id "
            "from core.lineage_stub order by all",
        )
        edges = rows(connection, "select count(*) from core.lineage_edge where parent_key is not null")
    assert found == [("not/seen", 1, 2, False, None), ("org/model", 1, 1, True, "Org/Model")]
    assert edges == [(0,)]


def test_ids_that_differ_in_case_are_two_repositories() -> None:
    crawl = [base("a/x"), base("a/X"), child("b/lower", "a/x"), child("b/upper", "a/X")]
    with lineage({day(1): crawl}, "core.lineage_edge") as connection:
        parents = dict(rows(connection, "select parent_repo_id, parent_key from core.lineage_edge"))
        assert parents == {"a/x": key(connection, "a/x"), "a/X": key(connection, "a/X")}


def test_ten_thousand_tags() -> None:
    tags = [f"tag-{number}" for number in range(9_000)] + [f"base_model:p/{number}" for number in range(1_000)]
    crawl = [base("p/0"), child("b/c", tags=tags)]
    with lineage({day(1): crawl}, "core.lineage_stub") as connection:
        assert rows(connection, "select count(*), count(parent_key) from core.lineage_edge") == [(1_000, 1)]
        assert rows(connection, "select count(*) from core.lineage_stub") == [(999,)]


CHANGES = {
    day(1): [base("a/x"), base("a/y"), child("b/c", "a/x")],
    day(2): [base("a/x"), base("a/y"), child("b/c", "a/x", licence="mit")],
    day(3): [base("a/x"), base("a/y"), child("b/c", "a/x", relation="quantized")],
    day(4): [base("a/x"), base("a/y"), child("b/c", "a/y"), child("b/new", "a/x")],
    day(5): [base("a/x"), base("a/y"), child("b/new", "a/x")],
    day(6): [base("a/x"), base("a/y"), child("b/c", "a/y"), child("b/new")],
}


def test_edges_have_periods() -> None:
    with lineage(CHANGES, "core.lineage_edge") as connection:
        found = rows(
            connection,
            "select parent_repo_id, relation, valid_from, valid_to, is_last from core.lineage_edge "
            "semi join core.repository_name as child on child.repository_key = child_key and child.repo_id = 'b/c' "
            "order by valid_from",
        )
    assert found == [
        ("a/x", "finetune", day(1), day(3), False),
        ("a/x", "quantized", day(3), day(4), False),
        ("a/y", "finetune", day(4), day(5), False),
        ("a/y", "finetune", day(6), None, True),
    ]


def test_changes_of_lineage_are_records_and_first_sight_is_not() -> None:
    with lineage(CHANGES, "marts.lineage_event") as connection:
        found = rows(
            connection,
            "select child_repo_id, parent_repo_id, observed_at, event, cause, relation_before, relation_after "
            "from marts.lineage_event order by observed_at, child_repo_id, parent_repo_id",
        )
    assert found == [
        ("b/c", "a/x", day(3), "relation_changed", "edited", "finetune", "quantized"),
        ("b/c", "a/x", day(4), "removed", "edited", "quantized", None),
        ("b/c", "a/y", day(4), "added", "edited", None, "finetune"),
        ("b/c", "a/y", day(5), "removed", "gone", "finetune", None),
        ("b/c", "a/y", day(6), "added", "returned", None, "finetune"),
        ("b/new", "a/x", day(6), "removed", "edited", "finetune", None),
    ]


def test_an_edge_of_a_repository_that_is_gone_was_its_last() -> None:
    crawls = {day(1): [base("a/x"), child("b/c", "a/x")], day(2): [base("a/x")]}
    with lineage(crawls, "core.lineage_edge") as connection:
        assert rows(connection, "select valid_to, is_last from core.lineage_edge") == [(day(2), True)]


def test_lineage_told_for_the_first_time_is_no_change() -> None:
    counters = {"repo_id": "b/c", "downloads_30d": 5, "is_whole": False}
    history = history_of(
        [
            Observation(day(1), (counters,), is_full=False),
            Observation(day(2), (base("a/x"), base("a/y"), child("b/c", "a/x", hub_id=None))),
            Observation(day(3), (base("a/x"), base("a/y"), child("b/c", "a/x", hub_id=None, card_models=["a/y"]))),
        ]
    )
    with warehouse(history) as connection:
        build(connection, "marts.lineage_event")
        assert rows(connection, "select count(*) from core.lineage_edge") != [(0,)]
        assert rows(connection, "from marts.lineage_event") == []


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason="the real rows are absent")
def test_real_rows_have_the_parents_their_tags_name() -> None:
    with duckdb.connect() as connection:
        real = connection.execute(
            "select id, tags, baseModels.relation, list_transform(baseModels.models, lambda model: model.id), cardData "
            "from read_parquet(?)",
            [str(REAL / "hub_stats_frozen.parquet")],
        ).fetchall()
    crawl = [
        {
            "repo_id": repo_id,
            "tags": tags,
            "base_relation": relation,
            "base_models": parents,
            "card_models": _card_models(card),
        }
        for repo_id, tags, relation, parents, card in real
    ]
    named = defaultdict(set)
    for repo_id, tags, *_ in real:
        for tag in tags or []:
            if tag.startswith("base_model:") and tag.split(":")[-1] != repo_id:
                named[repo_id].add(tag.split(":")[-1])
    with lineage({datetime(2026, 5, 1): crawl}, "core.lineage_edge") as connection:  # noqa: DTZ001
        found = defaultdict(list)
        for repo_id, parent, *_ in [row for row in rows(connection, EDGES) if row[4]]:
            found[repo_id].append(parent)
        told = rows(connection, "select count(distinct child_key) from core.parent_statement where in_tags")
        selves = rows(connection, "select count(*) from core.parent_statement where is_self and in_tags")
        both = rows(connection, "select count(*) from core.lineage_edge where in_tags <> in_base_models")
        kinds = rows(connection, "select count(*) from core.lineage_edge where in_tags and relation = 'unknown'")
    own = sum(f"base_model:{repo_id}" in (tags or []) for repo_id, tags, *_ in real)
    assert (len(real), told, selves) == (4_167, [(2_586,)], [(own,)])
    assert {repo_id: sorted(parents) for repo_id, parents in found.items()} == {
        repo_id: sorted(parents) for repo_id, parents in named.items()
    }
    assert kinds == [(0,)]
    assert both == [(0,)]


def _card_models(card: str | None) -> list[str] | None:
    stated = json.loads(card).get("base_model") if card else None
    found = [stated] if isinstance(stated, str) else stated
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else None
