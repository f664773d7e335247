"""The feed of price changes: what the page tells of prices, as Atom for a reader of feeds.

A pure function of the marts: the same data give the same bytes, and every time in it comes from the data.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from feedgen.feed import FeedGenerator

from reports import offers, price_lines, words
from reports.mart import Mart, Record
from reports.safe import tidy

TAG = "tag:modelmarket,2026:prices"
ENTRIES = 100
# Of what came and went only sellers' own pages: lists of others are long, and news only for themselves.
_LEFT_OUT = "(change in ('new', 'withdrawn') and source_kind <> 'official')"

NEWEST = f"""{price_lines.LINES.format(without=_LEFT_OUT)}where known_from < $week_end
order by known_from desc, kind, source_kind <> 'official', provider, listing, {price_lines.IN_LINE}
limit 2000
"""

TITLES = "select source, any_value(title) as title from marts.source_health group by source order by source"

NEWEST_CAPTURE = """
select max(captured_at) as newest from marts.source_health where captured_at < $week_end order by newest
"""

_ABOUT = {
    "promotion_start": "promotion, ",
    "promotion_end": "promotion over, ",
    "cancelled": "announcement cancelled, ",
    "tier_change": "tiers, ",
    "restated": "restated, ",
    "new": "new, ",
    "withdrawn": "withdrawn, ",
}
_ORIGINS = {"starter": "[starter data] ", "simulated": "SIMULATED: "}
_NOT_XML = re.compile("[\ufffe\uffff]")


def price_feed(mart: Mart, *, entries: int = ENTRIES) -> bytes:
    """Atom of the newest price changes that are news, one entry for what one capture shows of one offer."""
    lines = price_lines.lines_of(mart.query(NEWEST).records)[:entries]
    titles = {record["source"]: record["title"] for record in mart.query(TITLES).records}
    feed = FeedGenerator()
    feed.id(TAG)
    feed.title("modelmarket: price changes")
    feed.subtitle("What changed in the price books of language models, with the capture that shows it.")
    feed.author(name="modelmarket")
    feed.generator("modelmarket")
    feed.updated(_utc(_newest(mart, lines)))
    for line in lines:
        _add(feed, line, titles)
    made: bytes = feed.atom_str(pretty=True)
    return made


def _newest(mart: Mart, lines: Sequence[Sequence[Record]]) -> dt.datetime:
    """The newest change, else the newest capture, else the beginning of the week that was asked for."""
    captured = mart.query(NEWEST_CAPTURE).records[0]["newest"]
    newest: dt.datetime = max(
        (line[0]["known_from"] for line in lines), default=captured or mart.parameters["week_start"]
    )
    return newest


def _add(feed: FeedGenerator, line: Sequence[Record], titles: Mapping[str, str]) -> None:
    first = line[0]
    offer = min(str(record["offer_id"]) for record in line)
    entry = feed.add_entry(order="append")
    entry.id(_plain(f"{TAG}/{offer}/{first['known_from']:%Y%m%dT%H%M%S}/{_start(first)}{first['change']}"))
    entry.title(_plain(_title(line)))
    entry.updated(_utc(first["known_from"]))
    entry.published(_utc(first["known_from"]))
    entry.category(term=str(first["change"]))
    entry.content(_plain("\n".join(_facts(line, titles))), type="text")


def _start(record: Record) -> str:
    """Two prices of one offer may be announced for two days in one capture."""
    return f"{record['effective_from']:%Y%m%d}/" if record["effective_from"] else ""


def _title(line: Sequence[Record]) -> str:
    first = line[0]
    about = f"for {words.day(first['effective_from'])}, " if first["change"] == "scheduled" else ""
    units = words.listed(list(dict.fromkeys(offers.unit(record) for record in line)))
    size = offers.size(line)
    return (
        f"{_ORIGINS.get(first['origin'], '')}{first['provider']} {first['listing']}: "
        f"{_ABOUT.get(first['change'], about)}{', '.join(offers.prices(line))} {units}{f' ({size})' if size else ''}"
    )


def _facts(line: Sequence[Record], titles: Mapping[str, str]) -> list[str]:
    first = line[0]
    terms = offers.terms(offers.whole_offer(first))
    before, stated, ends = first["last_seen_before_at"], first["effective_from"], first["promotion_ends_at"]
    source = f"{titles.get(first['source'], first['source'])} ({first['source_kind']}), document {first['document']}"
    return [
        *offers.prices(line),
        *([f"Terms: {terms}"] if terms else []),
        f"First seen: {words.moment(first['known_from'])}",
        *([f"Last seen before: {words.moment(before)}"] if before else []),
        *([f"Start as stated: {words.day(stated)}"] if stated else []),
        *([f"Promotion ends: {words.day(ends)}"] if ends else []),
        f"Source: {source}",
        f"Origin: {first['origin']}",
        f"Evidence: capture {first['capture_id']}",
    ]


def _plain(text: str) -> str:
    """Text without what hides, reorders or may not stand in XML; escaping is the library's."""
    return _NOT_XML.sub("\ufffd", str(tidy(text)))


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.replace(tzinfo=dt.UTC)
