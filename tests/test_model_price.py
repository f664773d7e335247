"""`marts.model_price` and `marts.scored_price`: a model's price at each time, and since when it buys a score."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import duckdb
import pandas as pd
import pytest

from pipelines.lib import contract
from pipelines.lib.folder import DataFolder
from pipelines.lib.publish import open_published
from pipelines.lib.source import SourceKind
from pipelines.lib.sql_model import run_checks
from pipelines.lib.warehouse import prepare
from tests.small_sources import build_all, small_source, store
from warehouse import WAREHOUSE_DIR

OWN = small_source("own_pages")
HOSTS = small_source("hosts", kind=SourceKind.RESELLER)
LIST = small_source("a_list", kind=SourceKind.AGGREGATOR)
SONNET, KIMI, V31 = "claude-sonnet-5", "kimi-k3", "deepseek-v3.1"

Body = dict[str, Any]


# --- one price at each time


def offer(provider: str, price: str, **more: Any) -> Body:
    """Input and output at the same price."""
    return {side: [{"amount": price, "amount_per_mtok": price, "provider": provider} | more] for side in PARTS}


def both(*offers: Body) -> Body:
    return {side: [price for one in offers for price in one[side]] for side in PARTS}


PARTS = ("input", "output")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = DataFolder(root=str(tmp_path_factory.mktemp("model_price")))
    hosts = [offer(f"host{number}", str(number), channel="reseller") for number in (1, 2, 4, 8)]
    store(folder.archive, "2026-03-01", {KIMI: both(*hosts), SONNET: offer("cheap", "1")}, source="hosts")
    store(folder.archive, "2026-05-01", {KIMI: both(*hosts[1:]), SONNET: offer("cheap", "1")}, source="hosts")
    said = {SONNET: offer("anthropic", "7"), V31: offer("elsewhere", "0.5", market="cn")}
    store(folder.archive, "2026-04-01", said, source="a_list")
    prices = both(
        offer("anthropic", "3"),
        offer("anthropic", "2", service_tier="batch"),
        offer("anthropic", "1", price_kind="promotion"),
        offer("anthropic", "9", context_from_tokens=200_000),
    )
    store(folder.archive, "2026-06-01", {SONNET: prices}, source="own_pages")
    store(folder.archive, "2026-08-01", {SONNET: offer("anthropic", "6")}, source="own_pages")
    build_all(folder, OWN, HOSTS, LIST, only="model_price")
    with open_published(folder.path) as connection:
        yield connection


def history(published: duckdb.DuckDBPyConnection, model: str) -> list[Any]:
    query = """
        select in_force_from::date::varchar, in_force_to::date::varchar, blended_usd_per_mtok, price_basis,
            price_providers, provider, source
        from marts.model_price where model_id = ? order by in_force_from
    """
    return published.execute(query, [model]).fetchall()


def test_the_first_party_comes_before_others_and_its_own_page_before_a_list(
    published: duckdb.DuckDBPyConnection,
) -> None:
    assert history(published, SONNET) == [
        ("2026-03-01", "2026-04-01", 1, "median_of_providers", 1, "cheap", "hosts"),
        ("2026-04-01", "2026-06-01", 7, "first_party", 2, "anthropic", "a_list"),
        ("2026-06-01", "2026-08-01", 3, "first_party", 2, "anthropic", "own_pages"),
        ("2026-08-01", None, 6, "first_party", 2, "anthropic", "own_pages"),
    ]


def test_without_a_first_party_the_lower_median(published: duckdb.DuckDBPyConnection) -> None:
    assert history(published, KIMI) == [
        ("2026-03-01", "2026-05-01", 2, "median_of_providers", 4, "host2", "hosts"),
        ("2026-05-01", None, 4, "median_of_providers", 3, "host4", "hosts"),
    ]


def test_a_seller_in_one_country_counts_where_there_is_no_other(published: duckdb.DuckDBPyConnection) -> None:
    assert [row[2] for row in history(published, V31)] == [0.5]


def test_a_price_without_a_rate_of_exchange_is_none(folder: DataFolder) -> None:
    store(folder.archive, "2026-03-01", {KIMI: offer("moonshotai", "7", currency="CNY")}, source="own_pages")
    build_all(folder, OWN, only="model_price")
    with open_published(folder.path) as connection:
        assert history(connection, KIMI) == []


# --- since when it buys a score


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        prepare(connection)
        for name in ("core.score", "core.model", "marts.model_price", "seeds.benchmark", "seeds.price_trend_exclusion"):
            connection.execute(contract.create_sql(table(name)))
        insert(
            connection,
            "seeds.benchmark",
            [
                {"benchmark": name, "name": name.title(), "subject": "general", "scale": "percent",
                 "higher_is_better": better, "version_note": "-", "source": "-"}
                for name, better in (("quiz", True), ("errors", False), ("arena", True))
            ],
        )  # fmt: skip
        yield connection


def table(name: str) -> contract.Table:
    path = WAREHOUSE_DIR / f"{name.replace('.', '/')}.sql"
    return contract.parse_contract(path.read_text(encoding="utf-8"), *name.split("."))


def insert(db: duckdb.DuckDBPyConnection, name: str, rows: list[Body]) -> None:
    """Add rows; a column that is left out and may not be null has a dash, or a day long ago."""
    fillers: dict[str, Any] = {"VARCHAR": "-", "BOOLEAN": False, "BIGINT": 1, "TIMESTAMP": dt.datetime(2025, 1, 1)}  # noqa: DTZ001
    needed = {c.name: fillers[c.type] for c in table(name).columns if not c.nullable and c.type in fillers}
    db.register("given", pd.DataFrame([needed | row for row in rows], dtype=object))
    db.execute(f"insert into {name} by name select * from given")


def model(name: str, released: str | None = "2025-02-01") -> Body:
    return {"model_id": name, "name": name.upper(), "released_on": released, "is_open_weights": True}


def price(name: str, begins: str, ends: str | None, usd: float) -> Body:
    return {
        "model_id": name, "in_force_from": begins, "in_force_to": ends, "blended_usd_per_mtok": usd,
        "input_usd_per_mtok": usd, "output_usd_per_mtok": usd, "price_basis": "first_party", "basis": "captured",
    }  # fmt: skip


def score(name: str, value: float, **more: Any) -> Body:
    return {
        "series_id": "quiz", "benchmark": "quiz", "metric": "accuracy", "scale": "percent", "score": value,
        "score_pct": value, "model_id": name, "model_name": name, "is_current": True, "evaluator": "us",
        "observed_at": "2025-06-01", "evaluated_on": "2025-03-01",
    } | more  # fmt: skip


def build(db: duckdb.DuckDBPyConnection, variant: str) -> list[Any]:
    mart = table("marts.scored_price")
    db.execute(contract.create_sql(mart))
    db.execute(f"insert into {mart.full_name} by name {mart.body}")
    assert run_checks(db, mart) == ()
    query = """
        select model_id, began_on::varchar, ended_on::varchar, usd_per_mtok, score, effort
        from marts.scored_price where variant = ? order by series_id, metric, model_id, began_on
    """
    return db.execute(query, [variant]).fetchall()


def test_frozen_is_the_first_price_from_release_on_and_live_the_price_of_each_day(
    db: duckdb.DuckDBPyConnection,
) -> None:
    insert(db, "core.model", [model("a"), model("undated", None)])
    prices = [("2025-02-10", "2025-02-20", 9.0), ("2025-02-20", "2025-05-01", 5.0), ("2025-05-01", None, 7.0)]
    insert(db, "marts.model_price", [price(name, *each) for name in ("a", "undated") for each in prices])
    insert(db, "core.score", [score("a", 50), score("undated", 50)])
    assert build(db, "epoch_frozen") == [("a", "2025-02-01", None, 9, 50, None)]
    # The first price was over before the score was known.
    live = [("2025-03-01", "2025-05-01", 5, 50, None), ("2025-05-01", None, 7, 50, None)]
    assert build(db, "live") == [(name, *each) for name in ("a", "undated") for each in live]


def test_frozen_leaves_out_what_reasons(db: duckdb.DuckDBPyConnection) -> None:
    names = ("listed", "plain", "thinks", "tries")
    insert(db, "core.model", [model(name) for name in names])
    insert(db, "marts.model_price", [price(name, "2025-02-01", None, 1) for name in names])
    insert(db, "seeds.price_trend_exclusion", [{"model_id": "listed", "reason": "named_by_epoch"}])
    rows = [
        score("listed", 50),
        score("plain", 50, effort="unknown"),
        score("thinks", 70, mode="thinking", effort="thinking"),
        score("thinks", 40, mode="non_thinking"),
        score("tries", 60, effort="high"),
    ]
    insert(db, "core.score", rows)
    assert [(row[0], row[4]) for row in build(db, "epoch_frozen")] == [("plain", 50), ("thinks", 40)]
    assert [(row[0], row[4]) for row in build(db, "live")] == [
        ("listed", 50), ("plain", 50), ("thinks", 70), ("tries", 60),
    ]  # fmt: skip


def test_what_others_measured_comes_before_what_a_vendor_says_and_the_best_run_counts(
    db: duckdb.DuckDBPyConnection,
) -> None:
    insert(db, "core.model", [model("a"), model("b")])
    insert(db, "marts.model_price", [price(name, "2025-02-01", None, 1) for name in "ab"])
    rows = [
        score("a", 90, is_self_reported=True, evaluator="maker"),
        score("a", 55, effort="low"),
        score("a", 65, effort="high"),
        score("a", 80, effort="high", evaluated_on="2025-02-15", is_current=False),
        score("b", 77, is_self_reported=True, evaluator="maker"),
    ]
    insert(db, "core.score", rows)
    # Known since the older evaluation, at the score of the newer.
    assert build(db, "live") == [
        ("a", "2025-02-15", None, 1, 65, "high"),
        ("b", "2025-03-01", None, 1, 77, None),
    ]


def test_no_categories_no_errors_counted_and_of_ratings_the_newest_publication(db: duckdb.DuckDBPyConnection) -> None:
    insert(db, "core.model", [model("a")])
    insert(db, "marts.model_price", [price("a", "2025-02-01", None, 1)])
    rating = {"benchmark": "arena", "metric": "elo", "scale": "elo", "score_pct": None}
    rows = [
        score("a", 50, category="hard"),
        score("a", 5, benchmark="errors", series_id="errors"),
        score("a", 1300, series_id="arena:2025-05-01", benchmark_version="2025-05-01", **rating),
        score("a", 1200, series_id="arena:2025-06-01", benchmark_version="2025-06-01", **rating),
    ]
    insert(db, "core.score", rows)
    assert [row[4] for row in build(db, "live")] == [1200]
