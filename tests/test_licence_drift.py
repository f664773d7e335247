"""Licences of derivatives against those of their parents, and the reviewed classes behind the verdicts."""

from __future__ import annotations

import csv

import pytest

from tests.lineage_tables import child, day, lineage, rows
from warehouse import WAREHOUSE_DIR

DRIFT = """
    select relation, parent_class, child_class, verdict, edges_count, same_licence_count
    from marts.licence_drift
    where {}
    order by all
"""


def seed(name: str) -> list[dict[str, str]]:
    with (WAREHOUSE_DIR / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_class_is_ordered_or_says_why_not() -> None:
    order = {row["licence_class"]: row["strictness"] for row in seed("licence_class")}
    assert [name for name, rank in sorted(order.items(), key=lambda item: item[1]) if rank] == [
        "permissive",
        "copyleft",
        "restricted",
        "non_commercial",
    ]
    assert {row["licence_class"] for row in seed("licence_class") if "Not ordered" in row["source"]} == {
        name for name, rank in order.items() if not rank
    }
    assert {row["licence_class"] for row in seed("licence")} <= order.keys()


@pytest.mark.parametrize(
    ("licence", "licence_class"),
    [
        ("apache-2.0", "permissive"),
        ("cc-by-sa-4.0", "copyleft"),
        ("agpl-3.0", "copyleft"),
        ("llama3.1", "restricted"),
        ("openrail", "restricted"),
        ("cc-by-nc-sa-4.0", "non_commercial"),
        ("other", "other"),
    ],
)
def test_classes_of_licences(licence: str, licence_class: str) -> None:
    assert [row["licence_class"] for row in seed("licence") if row["licence"] == licence] == [licence_class]


CRAWL = [
    child("meta-llama/Llama-9", licence="llama3.1"),
    child("meta-llama/Llama-9-Instruct", "meta-llama/Llama-9", licence="llama3.1"),
    child("b/same", "meta-llama/Llama-9", licence="llama3.1"),
    child("b/other-own", "meta-llama/Llama-9", licence="gemma"),
    child("b/loose", "meta-llama/Llama-9", licence="apache-2.0"),
    child("b/below", "b/loose", relation="quantized", licence="cc-by-nc-4.0"),
    child("b/none", "meta-llama/Llama-9"),
    child("b/two", "meta-llama/Llama-9", licence="mit, apache-2.0"),
    child("b/merge", "meta-llama/Llama-9", "x/free", relation="merge", licence="gpl-3.0"),
    child("b/stub", "never/seen", licence="mit"),
    child("x/free", licence="mit"),
    child("b/card", card_models=["x/free"], licence="gpl-3.0"),
]


def test_verdicts_by_family_and_over_all() -> None:
    with lineage({day(1): CRAWL}, "marts.licence_drift") as connection:
        llama = rows(connection, DRIFT.format("family_id = 'llama'"))
        whole = rows(connection, DRIFT.format("family_id is null"))
    assert llama == [
        ("finetune", "restricted", "none", "unknown", 1, 0),
        ("finetune", "restricted", "permissive", "loosened", 1, 0),
        ("finetune", "restricted", "restricted", "same", 2, 1),
        ("finetune", "restricted", "unlisted", "unknown", 1, 0),
        ("merge", "restricted", "copyleft", "loosened", 1, 0),
        ("quantized", "permissive", "non_commercial", "tightened", 1, 0),
    ]
    more = {
        ("finetune", "restricted", "restricted", "same", 3, 2),
        ("finetune", "unseen", "permissive", "unknown", 1, 0),
        ("merge", "permissive", "copyleft", "tightened", 1, 0),
    }
    assert set(whole) == {row for row in llama if row[:3] != ("finetune", "restricted", "restricted")} | more


def test_only_edges_that_hold_now_are_compared() -> None:
    rest = [row for row in CRAWL if row["repo_id"] != "b/loose"]
    with lineage({day(1): CRAWL, day(2): rest}, "marts.licence_drift") as connection:
        found = rows(connection, DRIFT.format("family_id = 'llama' and verdict in ('tightened', 'loosened')"))
    # What derives from the one that is gone still does, and its licence is still known.
    assert found == [
        ("merge", "restricted", "copyleft", "loosened", 1, 0),
        ("quantized", "permissive", "non_commercial", "tightened", 1, 0),
    ]
