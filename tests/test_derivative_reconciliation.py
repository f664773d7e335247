"""Our counts of direct derivatives beside the Hub's own, only where a crawl of the whole Hub is near."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import duckdb
import pytest

from tests.hub_history import Observation, history_of
from tests.lineage_tables import build, child, day, rows, warehouse


@pytest.fixture
def reconciled() -> Iterator[duckdb.DuckDBPyConnection]:
    """Three crawls of the whole Hub on days 1, 2 and 10, and what the Hub said of its children on several days."""
    only_tagged = child("b/4", tags=["base_model:a/renamed", "base_model:finetune:a/renamed"])
    asked = [
        (day(1), "a/root", "finetune", 2),
        (day(2, 20), "a/root", "finetune", 4),
        (day(4), "a/root", "finetune", 1),
        (day(5), "a/root", "finetune", 1),
        (day(9), "a/renamed", "finetune", 2),
        (day(9), "a/renamed", "adapter", 0),
        (day(9), "a/unknown", "adapter", 3),
    ]
    crawls = {
        day(1): [child("a/root", hub_id="1"), child("b/1", "a/root"), child("b/2", "a/root")],
        day(2): [child("a/root", hub_id="1"), child("b/1", "a/root"), child("b/2", "a/root"), child("b/3", "a/root")],
        day(10): [child("a/renamed", hub_id="1"), child("b/1", "a/renamed"), only_tagged],
    }
    with warehouse(history_of([Observation(at, tuple(found)) for at, found in crawls.items()])) as connection:
        for at, repo_id, relation, count in asked:
            connection.execute(
                "insert into staging.hub_children (repo_id, relation, children_count, source, document, capture_id, "
                "observed_at, origin) values (?, ?, ?, 'hub_models', ?, ?, ?, 'live')",
                [repo_id, relation, count, f"repository/{repo_id}", f"c{at:%d%H}", at],
            )
        build(connection, "marts.derivative_reconciliation")
        yield connection


def test_our_counts_beside_the_hubs(reconciled: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        reconciled,
        "select repo_id, relation, observed_on, crawled_at, hub_count, declared_count, difference, difference_pct "
        "from marts.derivative_reconciliation order by observed_on, repo_id, relation desc",
    )
    first = day(1).date()
    assert found == [
        ("a/root", "finetune", first, day(1), 2, 2, 0, 0.0),
        ("a/root", "finetune", first + timedelta(1), day(2), 4, 3, -1, -25.0),
        ("a/root", "finetune", first + timedelta(3), day(2), 1, 3, 2, 200.0),
        ("a/renamed", "finetune", first + timedelta(8), day(10), 2, 1, -1, -50.0),
        ("a/renamed", "adapter", first + timedelta(8), day(10), 0, 0, 0, None),
    ]
