"""The feed of price changes: valid Atom, stable, true to the marts, and inert whatever they hold."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import feedparser
import pytest
from feedparser import FeedParserDict

from reports.atom import TAG, price_feed
from reports.mart import Mart
from reports.weekly import write_report
from tests.report_data import HOSTILE, WEEK, at, changes, empty_marts, filled_marts, insert, poisoned_marts


def made(marts: duckdb.DuckDBPyConnection, **more: int) -> bytes:
    try:
        return price_feed(Mart(marts, {"week_start": at("2026-11-16"), "week_end": at("2026-11-23")}), **more)
    finally:
        marts.close()


@pytest.fixture(scope="module")
def feed() -> FeedParserDict:
    return feedparser.parse(made(filled_marts()))


def entry(feed: FeedParserDict, words: str) -> FeedParserDict:
    found = [one for one in feed.entries if words in one.title]
    assert len(found) == 1, [one.title for one in feed.entries]
    return found[0]


def test_it_is_a_whole_atom_feed(feed: FeedParserDict) -> None:
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.id == TAG and feed.feed.title and feed.feed.author == "modelmarket"
    assert feed.feed.updated == "2026-11-18T14:30:00+00:00", "the newest change, not the clock"
    ids = [one.id for one in feed.entries]
    assert len(ids) == len(set(ids)) == 11
    assert all(one.id.startswith(f"{TAG}/") and one.updated and one.content for one in feed.entries)


def test_one_entry_says_all_that_one_capture_shows_of_an_offer(feed: FeedParserDict) -> None:
    found = entry(feed, "acme-large")
    assert found.title == ("acme acme-large: input $0.42 → $0.26, output $2.40 → $1.90 per M tokens (−38% to −21%)")
    told = found.content[0].value
    assert "Evidence: capture acme-2026-11-21" in told
    assert "Source: Acme API prices (official), document international" in told
    assert "Origin: live" in told
    assert found.updated == "2026-11-18T14:30:00+00:00"


def test_kinds_are_worded_and_what_is_no_news_is_left_out(feed: FeedParserDict) -> None:
    assert "for 2026-12-01, input $2.00 → $3.00 per M tokens (+50%)" in entry(feed, "acme-later").title
    assert "announcement cancelled, input stays $2.00, not $3.00" in entry(feed, "acme-never").title
    assert "promotion, input $0.50, list $2.00" in entry(feed, "acme-sale").title
    titles = " ".join(one.title for one in feed.entries)
    assert "acme-doubted" not in titles and "model-a" not in titles


def test_entries_are_newest_first_and_no_more_than_asked_for() -> None:
    feed = feedparser.parse(made(filled_marts(), entries=3))
    assert len(feed.entries) == 3
    every = feedparser.parse(made(filled_marts()))
    times = [one.updated for one in every.entries]
    assert times == sorted(times, reverse=True)
    assert [one.id for one in feed.entries] == [one.id for one in every.entries[:3]]


def test_the_same_marts_give_the_same_bytes() -> None:
    assert made(filled_marts()) == made(filled_marts())


def test_names_of_entries_do_not_change_with_the_price_shown() -> None:
    marts = filled_marts()
    marts.execute("update marts.price_change set per_mtok_after = per_mtok_after * 2")
    assert [one.id for one in feedparser.parse(made(marts)).entries] == [
        one.id for one in feedparser.parse(made(filled_marts())).entries
    ]


@pytest.mark.parametrize(("origin", "said"), [("starter", "[starter data] acme"), ("simulated", "SIMULATED: acme")])
def test_what_is_no_live_data_says_so_in_the_title(origin: str, said: str) -> None:
    marts = filled_marts()
    marts.execute("update marts.price_change set origin = ? where listing = 'acme-large'", [origin])
    assert entry(feedparser.parse(made(marts)), "acme-large").title.startswith(said)


def test_hostile_text_stays_text() -> None:
    bad = f"]]></content>{HOSTILE}&\x00\x08\u202e\ufffe"
    body = made(poisoned_marts(bad.replace("\x00", "")))
    assert b"<script" not in body
    feed = feedparser.parse(body)
    assert not feed.bozo and len(feed.entries) == 11


def test_without_a_change_it_is_an_empty_feed_of_a_known_time() -> None:
    feed = feedparser.parse(made(empty_marts()))
    assert not feed.bozo and feed.entries == []
    assert feed.feed.updated == "2026-11-16T14:30:00+00:00"


def test_new_prices_count_only_on_sellers_own_pages() -> None:
    marts = filled_marts()
    new = next(dict(row) for row in changes() if row["change"] == "new")
    insert(marts, "price_change", [new | {"offer_id": "said", "listing": "said", "source_kind": "aggregator"}])
    titles = [one.title for one in feedparser.parse(made(marts)).entries]
    assert not [title for title in titles if " said" in title]
    assert [title for title in titles if title.startswith("acme acme-nano: new, cache read $0.000012")]


def test_the_newest_week_writes_the_feed_and_the_page_links_it(tmp_path: Path) -> None:
    def write(week: str, **more: dt.date) -> str:
        marts = filled_marts()
        try:
            return write_report(marts, week=week, out=tmp_path, **more).read_text(encoding="utf-8")
        finally:
            marts.close()

    page = write(WEEK)
    link = '<link rel="alternate" type="application/atom+xml" title="Price changes" href="../prices.atom">'
    assert link in page
    first = (tmp_path / "prices.atom").read_bytes()
    assert first == made(filled_marts())
    write("2026-W41")
    write(WEEK, as_known_on=dt.date(2026, 11, 17))
    assert (tmp_path / "prices.atom").read_bytes() == first, "an older week turned the feed back"
