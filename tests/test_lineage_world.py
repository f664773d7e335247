"""Lineage of a simulated Hub whose days pass, found from its pages and held against what it knows of itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import numpy as np
import pytest

from pipelines.defs.sources.hub_models.parsing import parse
from pipelines.lib.source import Document, Row
from tests.hub import lineage as truth
from tests.hub.clock import Script
from tests.hub.columns import CARD_ONLY, PLAIN
from tests.hub.pages import crawl_pages
from tests.hub.vocabulary import NONE
from tests.hub.vocabulary import RELATIONS as KINDS
from tests.hub.world import World
from tests.hub_history import Observation, history_of
from tests.lineage_tables import Counts, Edges, build, count_by_networkx, rows, warehouse

Parents = dict[int, tuple[str, frozenset[int]]]
LAST_EDGES = """
    select key.hub_id, coalesce(parent.hub_id, edge.parent_repo_id), edge.relation, edge.in_base_models
    from core.lineage_edge as edge
    join staging.hub_repository_key as key on key.repository_key = edge.child_key
    left join staging.hub_repository_key as parent on parent.repository_key = edge.parent_key
    where edge.is_last and edge.in_tags
"""


@dataclass
class Told:
    """What the Hub's tags said, day by day: of every public row its relation and parents, itself left out."""

    world: World
    captures: list[Observation] = field(default_factory=list)
    days: list[Parents] = field(default_factory=list)

    def crawl(self) -> None:
        """Read every page now, as the parser reads it, and note the truth."""
        moment = self.world.now.replace(tzinfo=None)
        found = [
            dict(item.values)
            for page in crawl_pages(self.world)
            for item in parse(Document(f"models/page-{page.number:05}", page.url, page.body, self.world.now))
            if isinstance(item, Row)
        ]
        self.captures.append(Observation(moment, tuple(found)))
        self.days.append({int(row): self.stated(int(row)) for row in np.flatnonzero(self.world.visible)})

    def stated(self, row: int) -> tuple[str, frozenset[int]]:
        columns = self.world.columns
        if columns.relation[row] == NONE or columns.lineage[row] == CARD_ONLY:
            return "none", frozenset()
        kind = "unknown" if columns.lineage[row] == PLAIN else KINDS[columns.relation[row]]
        return kind, frozenset(truth.parents(columns, row)) - {row}

    @property
    def last(self) -> Parents:
        """The newest of every row ever seen."""
        return {row: said for day in self.days for row, said in day.items()}


@pytest.fixture(scope="module")
def told() -> Told:
    """Four days of 1,500 models; every kind of edit is made on some repositories besides those that just happen."""
    world = World(1_500, seed=3, script=Script.quiet())
    told = Told(world)
    told.crawl()
    columns = world.columns
    public = np.flatnonzero(world.visible & (columns.named < 0)).tolist()
    parents = [row for row in public if len(truth.children(columns, row))]
    typed = np.isin(columns.lineage, (CARD_ONLY, PLAIN), invert=True) & (columns.relation != NONE)
    derived = [row for row in public if typed[row] and row not in parents]
    world.edit("reparent", *derived[5:25], *public[-10:])
    world.edit("rename", *parents[:10], *derived[30:35])
    world.edit("delete", *parents[10:14], *derived[40:45])
    world.next_day()
    told.crawl()
    world.edit("return", *derived[40:43])
    world.next_day()
    told.crawl()
    world.next_day()
    told.crawl()
    return told


@pytest.fixture(scope="module")
def built(told: Told) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables after those four crawls, with the Hub's own counts of the last day."""
    with warehouse(history_of(told.captures)) as connection:
        world, moment = told.world, told.captures[-1].observed_at
        for row in np.flatnonzero(world.visible).tolist():
            children = truth.children(world.columns, row)
            if not len(children) or row in children:
                continue
            name = world.naming.ids(np.array([row]))[0]
            for relation, count in truth.children_count(world.columns, world.visible, row).items():
                connection.execute(
                    "insert into staging.hub_children (repo_id, relation, children_count, source, document, "
                    "capture_id, observed_at, origin) values (?, ?, ?, 'hub_models', ?, 'c', ?, 'live')",
                    [name, relation, count, f"repository/{name}", moment],
                )
        build(connection, "marts.derivative_count", "marts.lineage_event", "marts.derivative_reconciliation")
        yield connection


def hub_ids(told: Told, ever: Parents) -> dict[int, str]:
    """What the tables know a row by: its Hub id, or its name where it was never public."""
    columns = told.world.columns
    everyone = np.arange(len(columns))
    names = zip(told.world.renderer.hub_ids(everyone), told.world.naming.ids(everyone), strict=True)
    return {row: hub_id if row in ever else name for row, (hub_id, name) in enumerate(names)}


def test_last_edges_are_those_of_the_population(told: Told, built: duckdb.DuckDBPyConnection) -> None:
    known = hub_ids(told, told.last)
    expected = {
        (known[row], known[parent], kind, kind != "unknown")
        for row, (kind, parents) in told.last.items()
        for parent in parents
    }
    found = rows(built, LAST_EDGES)
    assert len(found) == len(set(found)) > 300
    assert set(found) == expected


def test_counts_of_every_root_are_those_of_the_population(told: Told, built: duckdb.DuckDBPyConnection) -> None:
    last, listed = told.last, told.days[-1]
    edges = [(row, parent, kind) for row, (kind, parents) in last.items() for parent in parents]
    # In the tables a key is above 0; a parent that was never public is a stub, below it.
    number = {row: row + 1 if row in last else -row - 1 for row in range(len(told.world.columns))}
    by_key = {hub_id: number[row] for row, hub_id in hub_ids(told, last).items()}
    typed = np.array([kind != "unknown" for *_, kind in edges])
    graph = Edges(
        np.array([number[row] for row, *_ in edges]),
        np.array([number[parent] for _, parent, _ in edges]),
        np.array([kind for *_, kind in edges]),
        typed,
        np.ones_like(typed),
        np.array([row in listed for row, *_ in edges]),
    )
    found = rows(
        built,
        "select coalesce(key.hub_id, found.repo_id), rule, relation, depth, derivatives_count, found.kind "
        "from marts.derivative_count as found left join staging.hub_repository_key as key on key.repository_key = node "
        "where derivatives_count > 0",
    )
    own = {by_key[node] for node, *_, kind in found if kind == "own"}
    expected = without_cycles(count_by_networkx(graph, own), graph)
    counts: Counts = {(by_key[node], rule, relation, depth): count for node, rule, relation, depth, count, _ in found}
    assert without_cycles(counts, graph) == expected
    assert len(expected) > 200


def without_cycles(counts: Counts, graph: Edges) -> Counts:
    """Counts of roots that are no child: which one of a cycle stands for it depends on the order of keys."""
    below = set(graph.child.tolist())
    return {key: count for key, count in counts.items() if key[0] not in below}


def test_changes_are_those_that_took_place(told: Told, built: duckdb.DuckDBPyConnection) -> None:
    known = hub_ids(told, told.last)
    expected: set[tuple[str, str, datetime, str, str]] = set()
    seen: Parents = {}
    for number, (capture, now) in enumerate(zip(told.captures, told.days, strict=True)):
        before = told.days[number - 1] if number else {}
        for row in before.keys() | now.keys():
            (_, old), (_, new) = before.get(row, ("", frozenset())), now.get(row, ("", frozenset()))
            cause = "gone" if row not in now else "returned" if row not in before else "edited"
            if row not in seen:
                continue
            expected |= {(known[row], known[parent], capture.observed_at, "added", cause) for parent in new - old}
            expected |= {(known[row], known[parent], capture.observed_at, "removed", cause) for parent in old - new}
        seen |= now
    found = rows(
        built,
        "select child.hub_id, coalesce(parent.hub_id, event.parent_repo_id), event.observed_at, event, cause "
        "from marts.lineage_event as event "
        "join staging.hub_repository_key as child on child.repository_key = event.child_key "
        "left join staging.hub_repository_key as parent on parent.repository_key = event.parent_node "
        "where event <> 'relation_changed'",
    )
    assert len(found) == len(set(found)) and set(found) == expected
    assert {cause for *_, cause in expected} == {"edited", "gone", "returned"}
    assert told.world.happened("rename")


def test_our_direct_counts_are_the_hubs(built: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        built,
        "select count(*), count(*) filter (hub_count > 0), count(*) filter (difference <> 0), sum(hub_count) "
        "from marts.derivative_reconciliation",
    )
    asked, with_children, wrong, children = found[0]
    assert asked > 200 and with_children > 50 and children > 300
    assert wrong == 0
