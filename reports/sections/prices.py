"""What changed in the price books, and what happened at the sources themselves."""

from __future__ import annotations

from collections.abc import Sequence

from reports import offers, words
from reports.mart import Record, Result
from reports.section import Body, Cell, Context, Figure, Section, Table, cell, columns, provenance

SHOWN = 40

_COLUMNS = """
select provider, listing, component, change, currency, per_mtok_before, per_mtok_after, ratio,
       amount_before, amount_after, unit, market, deployment_scope, channel, service_tier, mode,
       context_from_tokens, window_name, price_kind, effective_from, last_seen_before_at, known_from,
       source, source_kind, document, model_id, origin, capture_id
from marts.price_change
"""
_KINDS = "list_position(['cut', 'raise', 'new', 'withdrawn', 'restated'], change)"
_TIES = """provider, listing, component, source, document, market, deployment_scope, channel, service_tier, mode,
         context_from_tokens, window_name, unit, price_kind, effective_from, known_from, change"""

OF_THE_WEEK = f"""{_COLUMNS}where not is_upstream_event and known_from >= $week_start and known_from < $week_end
order by {_KINDS}, case when change = 'raise' then -ratio else ratio end nulls last,
         {_TIES}
limit 500
"""

COUNTS = f"""
select change, count(*) as prices, count(distinct (source, provider, listing)) as offers
from marts.price_change
where not is_upstream_event and known_from >= $week_start and known_from < $week_end
group by change
order by {_KINDS}
"""

NEWEST = f"""{_COLUMNS}where not is_upstream_event and known_from < $week_end
order by known_from desc, {_KINDS}, case when change = 'raise' then -ratio else ratio end nulls last,
         {_TIES}
limit 20
"""

EVENTS = """
select source, known_from, count(*) as prices,
       count(*) filter (where change = 'cut') as cuts, count(*) filter (where change = 'raise') as raises,
       count(*) filter (where change = 'new') as new, count(*) filter (where change = 'withdrawn') as withdrawn,
       count(*) filter (where change = 'restated') as restated,
       count(*) filter (where amount_after = 0) as to_zero, origin, capture_id
from marts.price_change
where is_upstream_event and known_from >= $week_start and known_from < $week_end
group by source, known_from, origin, capture_id
order by known_from desc, source, capture_id
limit 100
"""

NEWEST_CAPTURE = """
select max(last_seen_at) as newest from marts.price_current where last_seen_at < $week_end order by newest
"""

ARROWS = {"cut": "▼ cut", "raise": "▲ raise", "new": "+ new", "withdrawn": "× withdrawn", "restated": "~ restated"}
TONES = {"cut": "cut", "raise": "raise"}
NOUNS = {"cut": "cut", "raise": "raise", "new": "new price", "withdrawn": "withdrawal", "restated": "restatement"}
EVENT_KINDS = ("cuts", "raises", "new", "withdrawn", "restated", "to_zero")


def render(context: Context) -> Body:
    """Changes of the week or else the newest known, and events at the sources."""
    result, counts = context.mart.query(OF_THE_WEEK), context.mart.query(COUNTS)
    figures = [_of_the_week(context, result, counts) if result.records else _newest(context)]
    events = context.mart.query(EVENTS)
    if events.records:
        figures.append(_events(context, events))
    return Body(figures=tuple(figures), headlines=(_headline(context, result.records, counts.records),))


def _tally(counts: Sequence[Record]) -> str:
    return words.listed([words.plural(r["prices"], NOUNS[r["change"]]) for r in counts])


def _biggest_cut(records: Sequence[Record]) -> Record | None:
    """Records come with the deepest cut first."""
    first = records[0] if records else None
    return first if first and first["change"] == "cut" and first["ratio"] is not None else None


def _cut_in_words(record: Record) -> str:
    return (
        f"{offers.component(record)} of {record['listing']} at {record['provider']}, "
        f"{words.percent_change(record['ratio'])} to {offers.price(record, 'after')} {offers.unit(record)}"
    )


def _headline(context: Context, records: Sequence[Record], counts: Sequence[Record]) -> str:
    if not records:
        newest = context.mart.query(NEWEST_CAPTURE).records[0]["newest"]
        known = f"the newest capture of prices is of {words.day(newest)}" if newest else "no price was captured yet"
        return f"No price change was captured in this week; {known}."
    total = sum(r["prices"] for r in counts)
    text = f"{words.plural(total, 'price change')} captured in the week: {_tally(counts)}"
    biggest = _biggest_cut(records)
    cut = f"the biggest cut is the {_cut_in_words(biggest)}" if biggest else "no cut of known size among them"
    return f"{text}; {cut}."


def _size(record: Record) -> str | None:
    """How much the price changed, in percent, or why that cannot be said."""
    if record["change"] in ("new", "withdrawn"):
        return None
    if record["ratio"] is not None:
        return words.percent_change(record["ratio"])
    return "was free" if record["amount_before"] == 0 else "size unknown"


def _row(context: Context, record: Record) -> tuple[Cell, ...]:
    change, before, stated = record["change"], record["last_seen_before_at"], record["effective_from"]
    seen = f"last before: {words.day(before)}" if before else None
    said = f"stated from: {words.day(stated)}" if stated else None
    return (
        cell(record["listing"], sub=", ".join(filter(None, (record["provider"], offers.terms(record))))),
        cell(offers.component(record), sub=offers.unit(record)),
        cell(ARROWS[change], tone=TONES.get(change, "muted"), sub=_size(record)),
        cell("" if change == "new" else offers.price(record, "before")),
        cell("" if change == "withdrawn" else offers.price(record, "after")),
        cell(words.day(record["known_from"]), sub=", ".join(filter(None, (seen, said)))),
        cell(context.health.title_of(record["source"]), badge=record["origin"]),
    )


def _table(context: Context, records: Sequence[Record], caption: str) -> Table:
    return Table(
        caption=caption,
        columns=(
            *columns("Offer", kind=""),
            *columns("Price of", "Change", kind="fixed"),
            *columns("Before", "After"),
            *columns("First seen after", "Source", kind=""),
        ),
        rows=tuple(_row(context, record) for record in records),
    )


def _of_the_week(context: Context, result: Result, counts: Result) -> Figure:
    records, total, tally = result.records, sum(r["prices"] for r in counts.records), _tally(counts.records)
    biggest = _biggest_cut(records)
    left = total - min(len(records), SHOWN)
    note = f"{left:,} more changes are not shown; the CSV holds {len(records):,} of {total:,}."
    return Figure(
        slug="price-changes",
        title=f"Biggest cut: {_cut_in_words(biggest)}" if biggest else f"Price changes of the week: {tally}",
        subtitle="Each row is one price of one offer, in its own currency. A change lies between the last capture that "
        f"showed the state before and the first that shows the state after. n = {total:,}: {tally}.",
        results=(result, counts),
        provenance=provenance(context, records, at="known_from"),
        table=_table(context, records[:SHOWN], "Price changes first captured in the week, deepest cuts first"),
        notes=(note,) if left else (),
    )


def _newest(context: Context) -> Figure:
    result = context.mart.query(NEWEST)
    records = result.records
    if not records:
        return Figure(
            slug="price-changes",
            title="No price change was captured until the end of this week",
            subtitle="A change needs two captures of the same source.",
            results=(result,),
        )
    newest = words.day(records[0]["known_from"])
    return Figure(
        slug="price-changes",
        title=f"No price change was captured this week; the newest known is of {newest}",
        subtitle=f"Not of this week: the newest changes known, newest first. n = {len(records)}.",
        results=(result,),
        provenance=provenance(context, records, at="known_from"),
        table=_table(context, records, "Newest price changes before the week"),
    )


def _events(context: Context, result: Result) -> Figure:
    records = result.records
    prices = sum(r["prices"] for r in records)
    rows = (
        (
            cell(context.health.title_of(r["source"]), badge=r["origin"]),
            cell(words.moment(r["known_from"])),
            *(cell(words.exact(r[kind])) for kind in ("prices", *EVENT_KINDS)),
        )
        for r in records
    )
    return Figure(
        slug="price-events",
        title=f"Set apart: {words.plural(prices, 'price')} that changed at once in "
        f"{words.plural(len(records), 'capture')}, an event at the source",
        subtitle="Kept out of the changes above until they persist: so much at once is more often a repair or a fault "
        f"at the source than news. n = {prices:,}.",
        results=(result,),
        provenance=provenance(context, records, at="known_from"),
        table=Table(
            caption="Upstream events of the week, in prices by kind of change",
            columns=(
                *columns("Source", kind=""),
                *columns("Captured", kind="fixed"),
                *columns("Prices", "Cuts", "Raises", "New", "Withdrawn", "Restated", "Now zero"),
            ),
            rows=tuple(rows),
        ),
    )


section = Section(order=30, slug="prices", title="Price changes", render=render)
