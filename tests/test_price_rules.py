"""What is announced, doubted, rewritten or in force at a moment: the rules behind prices, on small made-up books."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.lib.folder import DataFolder
from pipelines.lib.publish import open_published
from pipelines.lib.source import Source, SourceKind
from tests.small_sources import build_all as build_everything
from tests.small_sources import small_source, store

LIST = small_source("pricelist", kind=SourceKind.AGGREGATOR)
OTHER = small_source("otherlist", kind=SourceKind.AGGREGATOR)


def build_all(folder: DataFolder, *sources: Source) -> None:
    """Only the price tables and what they rest on."""
    build_everything(folder, *sources, only="price")


def ask(folder: DataFolder, query: str) -> list[Any]:
    with open_published(folder.path) as connection:
        return connection.execute(query).fetchall()


def at(folder: DataFolder, model: str, moment: str, **more: str) -> list[tuple[Any, ...]]:
    """Listing terms and amount of every offer at a moment."""
    options = "".join(f", {name} := {value}" for name, value in more.items())
    query = f"select source, window_name, price_kind, amount::double from core.price_at('{model}', '{moment}'{options})"
    return sorted(ask(folder, query), key=str)


# Announced prices.

SOON = {"input": [{"amount": "2", "effective_to": "2026-09-01"}, {"amount": "3", "effective_from": "2026-09-01"}]}


def outcome(folder: DataFolder) -> list[tuple[Any, ...]]:
    return ask(
        folder,
        "select source, amount_before::double, amount_announced::double, outcome, evidence, evidence_sources "
        "from core.price_schedule order by all",
    )


def test_an_announced_price_that_came_is_in_force_from_its_day(folder: DataFolder) -> None:
    store(folder.archive, "2026-08-01", {"x": SOON})
    store(folder.archive, "2026-09-10", {"x": {"input": "3"}})
    build_all(folder, small_source())
    assert outcome(folder) == [("acme_prices", 2, 3, "took_effect", "own_page", ["acme_prices"])]
    assert at(folder, "x", "2026-08-31T23:59Z") == [("acme_prices", None, "list", 2)]
    assert at(folder, "x", "2026-09-01T00:00Z") == [("acme_prices", None, "list", 3)]
    changes = ask(folder, "select change, known_from::date::varchar, ratio from marts.price_change order by known_from")
    assert changes == [("raise", "2026-09-01", 1.5)]


def test_an_announced_price_that_did_not_come_is_kept_as_cancelled(folder: DataFolder) -> None:
    store(folder.archive, "2026-07-01", {"x": {"input": "2"}})
    store(folder.archive, "2026-08-01", {"x": SOON})
    store(folder.archive, "2026-11-10", {"x": {"input": "2"}})
    build_all(folder, small_source())
    assert outcome(folder) == [("acme_prices", 2, 3, "cancelled", "own_page", ["acme_prices"])]
    for day in ("2026-08-20", "2026-09-02", "2026-11-20"):
        assert at(folder, "x", day) == [("acme_prices", None, "list", 2)], day
    changes = ask(
        folder,
        "select change, known_from::date::varchar, amount_before::double, amount_after::double "
        "from marts.price_change order by known_from",
    )
    assert changes == [("scheduled", "2026-08-01", 2, 3), ("cancelled", "2026-11-10", 3, 2)]


def test_other_sources_can_show_that_an_announced_price_did_not_come(folder: DataFolder) -> None:
    name = "claude-opus-4"  # a model of the record, so that two sources speak of one thing
    store(folder.archive, "2026-08-01", {name: SOON})
    store(folder.archive, "2026-11-10", {name: {"input": "2"}}, source="pricelist")
    build_all(folder, small_source(), LIST)
    assert outcome(folder) == [("acme_prices", 2, 3, "cancelled", "other_sources", ["pricelist"])]
    assert at(folder, name, "2026-09-02") == [("acme_prices", None, "list", 2)]


def test_without_a_later_word_an_announced_price_is_unconfirmed(folder: DataFolder) -> None:
    store(folder.archive, "2026-08-01", {"x": SOON})
    store(folder.archive, "2026-10-01", {"y": {"input": "1"}}, label="another page")
    build_all(folder, small_source())
    assert [row[3] for row in outcome(folder)] == ["unconfirmed"]
    assert at(folder, "x", "2026-09-02") == [("acme_prices", None, "list", 3)]


def test_a_pending_price_is_no_current_price(folder: DataFolder) -> None:
    store(folder.archive, "2026-08-01", {"x": SOON})
    build_all(folder, small_source())
    assert [row[3] for row in outcome(folder)] == ["pending"]
    assert ask(folder, "select amount::double from marts.price_current") == [(2,)]


# Doubted prices.


def test_a_price_far_from_all_others_is_listed_and_not_current(folder: DataFolder) -> None:
    usual = {"input": "0.55"}
    store(
        folder.archive,
        "2026-04-03",
        {"b/m": {"input": {"amount": "55000", "provider": "b"}}, "a/m": usual},
        source="pricelist",
    )
    book = {
        "a/m": {"input": {"amount": "0.6", "provider": "a"}},
        "b/m": {"input": {"amount": "55000", "provider": "b"}},
    }
    store(folder.archive, "2026-04-04", book, source="pricelist")
    store(folder.archive, "2026-04-04", {"m": usual}, source="otherlist")
    build_all(folder, LIST, OTHER)
    current = ask(folder, "select provider, amount::double from marts.price_current order by all")
    assert (("b", 55000.0)) not in current
    assert ("a", 0.6) in current
    doubted = ask(folder, "select listing, reason, is_doubted from marts.price_quarantine where amount = 55000")
    assert ("b/m", "far_from_others", True) in doubted
    assert at(folder, "m", "2026-04-05")[-1][-1] < 1


def test_a_jump_of_its_own_is_doubted_until_it_persists(folder: DataFolder) -> None:
    for day, amount in (("2026-05-01", "0.5"), ("2026-05-02", "50"), ("2026-05-03", "50")):
        store(folder.archive, day, {"x": {"input": amount}})
    build_all(folder, small_source())
    assert ask(folder, "select count(*) from marts.price_current") == [(0,)]
    assert ask(folder, "select reason, ratio, is_doubted from marts.price_quarantine") == [
        ("far_from_own_past", 100, True)
    ]
    assert ask(folder, "select change, is_doubtful from marts.price_change") == [("raise", True)]
    store(folder.archive, "2026-05-06", {"x": {"input": "50"}})
    build_all(folder, small_source())
    assert ask(folder, "select amount::double from marts.price_current") == [(50,)]
    assert ask(folder, "select lifted_by, is_doubted from marts.price_quarantine") == [("persisted", False)]
    assert ask(folder, "select change, is_doubtful from marts.price_change") == [("raise", False)]


def test_a_feed_that_zeroes_prices_for_a_day_makes_one_event_and_no_headline(folder: DataFolder) -> None:
    book = {f"m{number}": {"input": str(number + 1)} for number in range(40)}
    zeroed = {name: {"input": "0"} if number < 20 else prices for number, (name, prices) in enumerate(book.items())}
    for day, body in (("2026-05-01", book), ("2026-05-02", zeroed), ("2026-05-03", book)):
        store(folder.archive, day, body)
    build_all(folder, small_source())
    events = ask(
        folder, "select kind, prices, book_prices, still_standing, persisted_at from core.price_upstream_event"
    )
    assert events == [("zeroed", 20, 40, 0, None)]
    news = "select count(*) from marts.price_change where not is_upstream_event and not is_doubtful"
    assert ask(folder, news) == [(0,)]
    assert ask(folder, "select min(amount)::double, count(*) from marts.price_current") == [(1, 40)]


def test_zeroed_prices_are_not_current_before_they_persist(folder: DataFolder) -> None:
    book = {f"m{number}": {"input": str(number + 1)} for number in range(40)}
    zeroed = {name: {"input": "0"} if number < 20 else prices for number, (name, prices) in enumerate(book.items())}
    store(folder.archive, "2026-05-01", book)
    store(folder.archive, "2026-05-02", zeroed)
    build_all(folder, small_source())
    assert ask(folder, "select count(*) from marts.price_current where amount = 0") == [(0,)]
    store(folder.archive, "2026-05-06", zeroed)
    build_all(folder, small_source())
    assert ask(folder, "select count(*) from marts.price_current where amount = 0") == [(20,)]


def test_prices_multiplied_by_one_factor_are_an_event(folder: DataFolder) -> None:
    book = {f"m{number}": {"input": str(number + 1)} for number in range(30)}
    scaled = {name: {"input": str(int(prices["input"]) * 1000)} for name, prices in book.items()}
    store(folder.archive, "2026-05-01", book)
    store(folder.archive, "2026-05-02", scaled)
    build_all(folder, small_source())
    assert ask(folder, "select kind, ratio, prices from core.price_upstream_event order by 1") == [("scaled", 1000, 30)]
    assert ask(folder, "select count(*) from marts.price_change where not is_upstream_event") == [(0,)]


def test_a_list_cut_short_withdraws_nothing_before_it_persists(folder: DataFolder) -> None:
    book = {f"m{number}": {"input": str(number + 1)} for number in range(40)}
    short = dict(list(book.items())[:15])
    for day, body in (("2026-05-01", book), ("2026-05-02", short)):
        store(folder.archive, day, body)
    build_all(folder, small_source())
    events = "select kind, prices, book_prices, still_standing, persisted_at is null from core.price_upstream_event"
    assert ask(folder, events) == [("vanished", 25, 40, 25, True)]
    news = "select change, count(*) from marts.price_change where not is_upstream_event group by 1"
    assert ask(folder, news) == []
    store(folder.archive, "2026-05-06", short)
    build_all(folder, small_source())
    assert ask(folder, news) == [("withdrawn", 25)]


# Restatements and tiers.


def test_a_source_that_rewrites_its_past_makes_a_restatement_and_no_change(folder: DataFolder) -> None:
    def block(amount: str, start: str) -> dict[str, str]:
        return {"amount": amount, "effective_from": start}

    now = block("4", "2026-04-01")
    store(folder.archive, "2026-05-01", {"x": {"input": [block("9", "2026-01-01"), now]}})
    store(folder.archive, "2026-05-08", {"x": {"input": [block("8", "2026-01-01"), now]}})
    store(folder.archive, "2026-05-15", {"x": {"input": [now]}})
    build_all(folder, small_source())
    rows = ask(
        folder,
        "select kind, effective_from::date::varchar, amount_before::double, amount_after::double, "
        "restated_at::date::varchar from marts.price_restatement order by restated_at",
    )
    assert rows == [("changed", "2026-01-01", 9, 8, "2026-05-08"), ("removed", "2026-01-01", 8, None, "2026-05-15")]
    assert ask(folder, "select count(*) from marts.price_change") == [(0,)]
    assert at(folder, "x", "2026-02-01") == [("acme_prices", None, "list", 9)], "the earliest account is kept"


def tier(amount: str, start: int, end: int | None) -> dict[str, Any]:
    return {"amount": amount, "context_from_tokens": start, "context_to_tokens": end}


def test_the_whole_request_is_charged_at_the_tier_of_its_prompt(folder: DataFolder) -> None:
    tiers = [tier("0.8", 0, 128_001), tier("2", 128_001, 256_001), tier("4", 256_001, 1_000_001)]
    store(folder.archive, "2026-05-01", {"q": {"input": tiers, "output": tier("4.8", 0, 128_001)}})
    build_all(folder, small_source())
    for tokens, amount in ((0, 0.8), (128_000, 0.8), (128_001, 2), (256_000, 2), (256_001, 4), (1_000_000, 4)):
        found = at(folder, "q", "2026-05-02", context_tokens=str(tokens))
        assert [row[-1] for row in found if row[-1] != 4.8] == [amount], tokens
    assert at(folder, "q", "2026-05-02", context_tokens="1000001") == []


def test_tiers_cut_anew_are_a_tier_change(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {"q": {"input": [tier("1", 0, 128_001), tier("2", 128_001, None)]}})
    store(folder.archive, "2026-05-08", {"q": {"input": [tier("1", 0, 256_001), tier("2", 256_001, None)]}})
    build_all(folder, small_source())
    assert ask(folder, "select distinct change from marts.price_change") == [("tier_change",)]


def test_an_alias_that_moves_is_no_cut(folder: DataFolder) -> None:
    """`chat` sells another model from one day on: its price fell, that of no model did."""
    for day, amount, stands_for in (("2026-05-01", "4", "v3"), ("2026-05-08", "1", "v4"), ("2026-05-15", "2", "v4")):
        store(folder.archive, day, {"chat": {"input": {"amount": amount, "alias_of": stands_for}}})
    build_all(folder, small_source())
    changes = ask(folder, "select change, known_from::date::varchar from marts.price_change order by known_from")
    assert changes == [("alias_moved", "2026-05-08"), ("raise", "2026-05-15")]
    told = "select alias_of, amount::double from core.price_at('chat', '{}')"
    assert [ask(folder, told.format(day)) for day in ("2026-05-02", "2026-05-09")] == [[("v3", 4)], [("v4", 1)]]


# Time windows and promotions.

PEAK = {
    "amount": "4",
    "window_name": "peak",
    "window_days": "Mon-Fri except Chinese public holidays",
    "window_hours": "09:00-12:00,14:00-18:00",
    "window_zone": "Asia/Shanghai",
}
OFF_PEAK = {"amount": "2", "window_name": "off_peak"}


@pytest.fixture
def busy(folder: DataFolder) -> DataFolder:
    store(folder.archive, "2026-09-01", {"d": {"input": [PEAK, OFF_PEAK]}})
    build_all(folder, small_source())
    return folder


@pytest.mark.parametrize(
    ("moment", "amount"),
    [
        ("2026-09-02T10:00+08:00", 4),
        ("2026-09-02T02:00Z", 4),
        ("2026-09-01T22:00-04:00", 4),
        ("2026-09-02T11:59:59+08:00", 4),
        ("2026-09-02T12:00+08:00", 2),
        ("2026-09-02T13:59+08:00", 2),
        ("2026-09-02T17:00+08:00", 4),
        ("2026-09-02T18:00+08:00", 2),
        ("2026-09-05T10:00+08:00", 2),  # a Saturday
        ("2026-10-01T10:00+08:00", 2),  # a public holiday on a Thursday
    ],
)
def test_hours_are_those_of_the_window_s_own_zone(busy: DataFolder, moment: str, amount: float) -> None:
    assert [row[-1] for row in at(busy, "d", moment)] == [amount]


def test_the_hour_may_be_asked_apart_from_the_day(busy: DataFolder) -> None:
    assert [row[-1] for row in at(busy, "d", "2026-09-02", hour="2")] == [4]
    assert [row[-1] for row in at(busy, "d", "2026-09-02T02:00Z", hour="20")] == [2]


def test_a_window_past_midnight_belongs_to_the_day_it_begins_on(folder: DataFolder) -> None:
    night = {**PEAK, "window_name": "night", "window_days": "Fri", "window_hours": "22:00-08:00", "window_zone": "UTC"}
    store(folder.archive, "2026-09-01", {"d": {"input": [night, {"amount": "2"}]}})
    build_all(folder, small_source())
    prices = [
        at(folder, "d", f"2026-09-{moment}Z")[0][-1] for moment in ("04T23:00", "05T07:59", "05T08:00", "06T01:00")
    ]
    assert prices == [4, 4, 2, 2]


def test_a_promotion_stands_beside_its_list_price_until_it_ends(folder: DataFolder) -> None:
    offer = {"amount": "6", "price_kind": "promotion", "promotion_ends_at": "2026-06-01 00:00:00"}
    store(folder.archive, "2026-05-01", {"p": {"input": [{"amount": "12"}, offer]}})
    store(folder.archive, "2026-06-10", {"p": {"input": "12"}})
    build_all(folder, small_source())
    assert [row[2:] for row in at(folder, "p", "2026-05-31")] == [("list", 12), ("promotion", 6)]
    assert [row[2:] for row in at(folder, "p", "2026-06-02")] == [("list", 12)]
    assert ask(folder, "select change, known_from::date::varchar from marts.price_change") == [
        ("promotion_end", "2026-06-01")
    ]


def test_every_mix_is_blended_or_null(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {"m": {"input": "2", "output": "12"}, "c": {"input": "1", "cache_read": "0.1"}})
    build_all(folder, small_source())
    blended = "select mix, blended_per_mtok from core.blended_price_at('{}', '2026-05-02', mix := '{}')"
    assert ask(folder, blended.format("m", "input_3_output_1")) == [("input_3_output_1", 4.5)]
    assert ask(folder, blended.format("m", "cached_20_1")) == [("cached_20_1", None)]
    assert ask(folder, blended.format("c", "input_3_output_1")) == [("input_3_output_1", None)]


def test_the_macros_answer_under_their_bare_names_and_by_position(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {"m": {"input": [tier("2", 0, 200_001), tier("4", 200_001, None)]}})
    build_all(folder, small_source())
    asked = "select amount::double from price_at('m', '2026-05-02', 200001, 'global', 'standard', 3)"
    assert ask(folder, asked) == [(4,)]
    assert ask(folder, "select count(*) from blended_price_at('m', '2026-05-02')") == [(1,)]
