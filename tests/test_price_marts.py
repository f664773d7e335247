"""The marts on routes, repeats, promotions and histories: built from small captures of three kinds of source."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.lib.folder import DataFolder
from pipelines.lib.publish import open_published
from pipelines.lib.source import SourceKind
from tests.small_sources import build_all, small_source, store

SEEDS = Path(__file__).parents[1] / "warehouse" / "seeds"
# Watched, and sold by their own organisation under the slug beside them; the last by others only.
PRO, FLASH, OPUS, SONNET, KIMI, V31 = (
    "minimax-m3", "grok-4.6", "claude-opus-5", "claude-sonnet-5", "kimi-k3", "deepseek-v3.1",
)  # fmt: skip
OWN = small_source("own_pages")
HOSTS = small_source("hosts", kind=SourceKind.RESELLER)
LIST = small_source("a_list", kind=SourceKind.AGGREGATOR)

Body = dict[str, Any]


def offer(provider: str, price_in: str, price_out: str, **more: Any) -> Body:
    """Input and output of one offer."""
    sides = (("input", price_in), ("output", price_out))
    return {
        side: [{"amount": amount, "amount_per_mtok": amount, "provider": provider} | more] for side, amount in sides
    }


def both(*offers: Body) -> Body:
    """Several offers of one listing."""
    return {side: [price for one in offers for price in one[side]] for side in ("input", "output")}


PEAK = {"window_name": "peak", "window_hours": "09:00-18:00", "window_zone": "UTC"}


def captures(folder: DataFolder) -> None:
    """Four months of three sources."""
    first = {
        PRO: offer("minimax", "1", "3"),
        FLASH: offer("xai", "0.1", "0.3"),
        SONNET: offer("anthropic", "3", "15"),
        OPUS: both(offer("anthropic", "5", "25"), offer("anthropic", "4", "20", price_kind="promotion",
                   promotion_ends_at="2026-09-20")),
    }  # fmt: skip
    raised = both(
        offer("minimax", "2", "6", **PEAK),
        offer("minimax", "1", "3", window_name="off_peak"),
        offer("minimax", "7", "21", currency="CNY", market="cn"),
    )
    store(folder.archive, "2026-06-01", first, source="own_pages")
    store(folder.archive, "2026-08-01", first | {PRO: raised}, source="own_pages")
    later = {name: offer for name, offer in first.items() if name != FLASH} | {PRO: raised}
    later[SONNET] = offer("anthropic", "2", "10")
    store(folder.archive, "2026-09-10", later, source="own_pages")

    hosts = {
        "host/" + PRO: both(
            offer("host", "1.2", "3.6", channel="reseller"),
            offer("host", "0.6", "1.8", channel="reseller", price_kind="promotion"),
        ),
        PRO + ":free": offer("host", "0", "0", channel="reseller"),
        "host/" + KIMI: offer("host", "2", "8", channel="reseller", availability="retired"),
        "host/" + V31: offer("host", "0.2", "0.8", channel="reseller"),
    }
    store(folder.archive, "2026-09-01", hosts, source="hosts")

    said = {
        PRO: both(offer("minimax", "0.9", "2.7"), offer("elsewhere", "0.5", "1.5"), offer("odd", "0.001", "0.003")),
        FLASH: offer("xai", "0.1", "0.3"),
        SONNET: both(offer("anthropic", "3", "15"), offer("cheap", "1", "5")),
        KIMI: offer("moonshotai", "3", "12"),
        V31: offer("another", "0.3", "1.2"),
        OPUS: offer("anthropic", "5", "26"),
    }
    early = {name: said[name] for name in (KIMI, V31, SONNET)} | {PRO: offer("minimax", "0.5", "1.5")}
    store(folder.archive, "2026-03-01", early, source="a_list")
    store(folder.archive, "2026-09-05", said, source="a_list")
    store(folder.archive, "2026-09-15", {name: said[name] for name in said if name != FLASH}, source="a_list")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = DataFolder(root=str(tmp_path_factory.mktemp("price_marts")))
    captures(folder)
    build_all(folder, OWN, HOSTS, LIST, only="price_")
    with open_published(folder.path) as connection:
        yield connection


def ask(published: duckdb.DuckDBPyConnection, query: str) -> list[Any]:
    return published.execute(query).fetchall()


# --- routes


def test_a_route_costs_what_its_dearest_hour_does(published: duckdb.DuckDBPyConnection) -> None:
    rows = ask(
        published,
        f"""select window_name, blended_usd_per_mtok, dearest_hour_usd_per_mtok, first_party_usd_per_mtok, window_hours
        from marts.price_route where model_id = '{PRO}' and is_first_party and currency = 'USD' order by all""",
    )
    assert rows == [("off_peak", 1.5, 3, 3, None), ("peak", 3, 3, 3, "09:00-18:00")]


def test_places_leave_out_free_tiers_doubted_prices_and_what_has_no_rate(published: duckdb.DuckDBPyConnection) -> None:
    rows = ask(
        published,
        f"""select provider, price_kind, currency, is_free, place, is_cheapest, ratio_to_first_party
        from marts.price_route where model_id = '{PRO}' order by place nulls last, currency desc""",
    )
    assert rows == [
        ("elsewhere", "list", "USD", False, 1, True, 0.25),
        ("host", "promotion", "USD", False, 2, False, pytest.approx(0.3)),
        ("host", "list", "USD", False, 3, False, pytest.approx(0.6)),
        ("minimax", "list", "USD", False, 4, False, 1),
        ("minimax", "list", "USD", False, 5, False, 1),
        ("host", "list", "USD", True, None, False, 0),
        ("minimax", "list", "CNY", False, None, False, None),
    ]
    assert ask(published, "select count(*) from marts.price_quarantine where provider = 'odd' and is_doubted") == [(2,)]


def test_an_aggregator_counts_only_where_the_sellers_own_page_is_silent(published: duckdb.DuckDBPyConnection) -> None:
    word = "select distinct source from marts.price_route where model_id = '{}' and seller = '{}'"
    assert ask(published, word.format(PRO, "minimax")) == [("own_pages",)]
    assert ask(published, word.format(KIMI, "moonshot")) == [("a_list",)]
    assert ask(published, word.format(SONNET, "cheap")) == [("a_list",)]
    # Its page gave the model up after the list had last named it.
    assert ask(published, word.format(FLASH, "xai")) == []


def test_retired_listings_are_no_routes(published: duckdb.DuckDBPyConnection) -> None:
    assert ask(published, f"select distinct provider from marts.price_route where model_id = '{KIMI}'") == [
        ("moonshotai",)
    ]


def test_one_route_of_each_model_is_the_cheapest(published: duckdb.DuckDBPyConnection) -> None:
    query = "select model_id from marts.price_route group by model_id having count_if(is_cheapest) <> 1"
    assert ask(published, query) == []


# --- repeats


def test_verdicts_on_what_is_repeated(published: duckdb.DuckDBPyConnection) -> None:
    rows = ask(
        published,
        """select model_id, component, stated_per_mtok::double, own_per_mtok::double, verdict, stale_days,
            given_up_at::date::varchar, own_since::date::varchar
        from marts.price_disagreement where component = 'output' order by all""",
    )
    assert rows == [
        (OPUS, "output", 26, 25, "differs", None, None, "2026-06-01"),
        (SONNET, "output", 15, 10, "stale", 5, "2026-09-10", "2026-09-10"),
        (PRO, "output", 2.7, 3, "differs", None, None, "2026-08-01"),
    ]
    agrees = "select ratio, verdict from marts.price_disagreement where component = 'input' and model_id = '{}'"
    assert ask(published, agrees.format(OPUS)) == [(1, "agrees")]
    assert ask(published, agrees.format(SONNET)) == [(1.5, "stale")]


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        (("2026-05-01", "2026-05-20"), "asked_before"),
        (("2026-05-01", "2026-06-10"), "stale"),
        (("2026-06-10", "2026-07-10"), "newer_than_page"),
        (("2026-06-02", "2026-07-10"), "stale"),
    ],
)
def test_what_is_not_of_one_time_is_not_judged(folder: DataFolder, asked: tuple[str, str], verdict: str) -> None:
    for day, price in (("2026-05-10", "3"), ("2026-06-01", "2"), ("2026-06-05", "2")):
        store(folder.archive, day, {SONNET: offer("anthropic", price, price)}, source="own_pages")
    for day in asked:
        store(folder.archive, day, {SONNET: offer("anthropic", "3", "3")}, source="a_list")
    build_all(folder, OWN, LIST, only="price_disagreement")
    with open_published(folder.path) as connection:
        rows = ask(connection, "select distinct verdict, stale_days is not null from marts.price_disagreement")
    assert rows == [(verdict, verdict == "stale")]


# --- promotions


def test_promotions_have_the_list_price_beside_them(published: duckdb.DuckDBPyConnection) -> None:
    rows = ask(
        published,
        """select listing, component, amount::double, list_amount::double, round(discount, 6), days_left
        from marts.price_promotion order by all""",
    )
    assert rows == [
        (OPUS, "input", 4, 5, 0.2, 5),
        (OPUS, "output", 20, 25, 0.2, 5),
        ("host/" + PRO, "input", 0.6, 1.2, 0.5, None),
        ("host/" + PRO, "output", 1.8, 3.6, 0.5, None),
    ]


# --- history

HISTORY = """
    select currency, amount_per_mtok::double, in_force_from::date::varchar, in_force_to::date::varchar, account,
        is_first_party, provider
    from marts.price_history where model_id = '{}' and component = 'input' order by currency desc, in_force_from
"""


def test_the_history_goes_from_an_aggregators_account_to_the_own_page(published: duckdb.DuckDBPyConnection) -> None:
    assert ask(published, HISTORY.format(PRO)) == [
        ("USD", 0.5, "2026-03-01", "2026-06-01", "aggregator", True, "minimax"),
        ("USD", 1, "2026-06-01", "2026-08-01", "own_page", True, "minimax"),
        # From then on by the hour: the dearest.
        ("USD", 2, "2026-08-01", None, "own_page", True, "minimax"),
        ("CNY", 7, "2026-08-01", None, "own_page", True, "minimax"),
    ]


def test_sellers_are_not_strung_together(published: duckdb.DuckDBPyConnection) -> None:
    assert ask(published, HISTORY.format(V31)) == [("USD", 0.3, "2026-03-01", None, "aggregator", False, "another")]


def test_no_two_periods_of_a_history_overlap(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select * from (
            select in_force_to > lead(in_force_from) over (
                partition by model_id, currency, component order by in_force_from) as is_overlap
            from marts.price_history)
        where is_overlap
    """
    assert ask(published, query) == []
    assert ask(published, "select count(distinct model_id) from marts.price_history") == [(6,)]


# --- who is watched


def test_watched_models_exist_and_hold_those_the_record_began_with() -> None:
    def read(name: str) -> list[dict[str, str]]:
        with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    watched = read("watched_model")
    ids = [row["model_id"] for row in watched]
    assert ids == sorted(set(ids))
    assert set(ids) <= {row["model_id"] for row in read("model")}
    assert all(len(row["source"]) > 15 for row in watched)
    assert {row["model_id"] for row in watched if row["why"] == "compared_in_news"} == {
        "qwen3-max", "qwen3-max-preview", "qwen3-235b-a22b-instruct-2507", "qwen3-235b-a22b-thinking-2507",
        "qwen3.5-plus", "qwen3.5-397b-a17b", "kimi-k2", "claude-opus-4", "deepseek-v3.1", "gpt-5.2", "gemini-3-pro",
    }  # fmt: skip
