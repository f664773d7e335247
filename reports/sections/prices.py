"""What changed in the price books: prices that moved, and what came and went.

What is no news (faults and repairs at the sources, doubted prices) is the matter of `price_events`.
"""

from __future__ import annotations

from collections.abc import Sequence

from reports import offers, price_lines, words
from reports.mart import Record, Result
from reports.section import Body, Cell, Context, Figure, Section, Table, cell, columns, provenance

SHOWN, LISTED, ROWS, NEWEST_LINES = 25, 30, 500, 8

_WEEK = "known_from >= $week_start and known_from < $week_end"
_ARRIVALS = "change in ('new', 'withdrawn')"

OF_THE_WEEK = f"""{price_lines.LINES.format(without=_ARRIVALS)}where {_WEEK}
order by kind, source_kind <> 'official', line_size nulls last, provider, listing, {price_lines.IN_LINE}
limit {ROWS}
"""

NEWEST = f"""{price_lines.LINES.format(without=_ARRIVALS)}where known_from < $week_end
qualify dense_rank() over (
    order by known_from desc, kind, source_kind <> 'official', line_size nulls last, provider, listing, line
) <= {NEWEST_LINES}
order by known_from desc, kind, source_kind <> 'official', line_size nulls last, provider, listing,
         {price_lines.IN_LINE}
limit {ROWS}
"""

COUNTS = f"""
select change, count(*) as prices, count(distinct (source, provider, listing)) as offers
from marts.price_change
where {price_lines.NEWS} and {_WEEK}
group by change
order by {price_lines.KINDS}
"""

ARRIVALS = f"""
select change, provider, source, source_kind, known_from, count(*) as prices,
       count(distinct listing) as listings_count, list(distinct listing order by listing) as listings, origin,
       capture_id
from marts.price_change
where {price_lines.NEWS} and {_ARRIVALS} and {_WEEK}
group by change, provider, source, source_kind, known_from, origin, capture_id
order by change, source_kind <> 'official', listings_count desc, provider, source, known_from, capture_id
limit {ROWS}
"""

NEWEST_CAPTURE = """
select max(last_seen_at) as newest from marts.price_current where last_seen_at < $week_end order by newest
"""


def render(context: Context) -> Body:
    """Prices that moved in the week or else the newest known, and what came and went."""
    result, counts = context.mart.query(OF_THE_WEEK), context.mart.query(COUNTS)
    arrivals = context.mart.query(ARRIVALS)
    figures = [_of_the_week(context, result, counts) if result.records else _newest(context)]
    if arrivals.records:
        figures.append(_arrivals(context, arrivals))
    return Body(figures=tuple(figures), headlines=(_headline(context, result.records, counts.records),))


def _biggest_cut(records: Sequence[Record]) -> Record | None:
    """Of the first line, which is the deepest cut a seller's own page shows, else any source, the deepest price."""
    first = price_lines.lines_of(records)[0] if records else []
    cuts = [record for record in first if record["change"] == "cut" and record["ratio"]]
    return min(cuts, key=lambda record: record["ratio"], default=None)


def _cut_in_words(context: Context, record: Record) -> str:
    whose = "" if record["source_kind"] == "official" else f", as {context.health.title_of(record['source'])} has it"
    return (
        f"{offers.component(record)} of {record['listing']} at {record['provider']}, "
        f"{words.percent_change(record['ratio'])} to {offers.price(record, 'after')} {offers.unit(record)}{whose}"
    )


def _headline(context: Context, records: Sequence[Record], counts: Sequence[Record]) -> str:
    if not counts:
        newest = context.mart.query(NEWEST_CAPTURE).records[0]["newest"]
        known = f"the newest capture of prices is of {words.day(newest)}" if newest else "no price was captured yet"
        return f"No price change was captured in this week; {known}."
    total = sum(r["prices"] for r in counts)
    text = f"{words.plural(total, 'price change')} captured in the week: {offers.tally(counts)}"
    biggest = _biggest_cut(records)
    cut = f"the biggest cut is the {_cut_in_words(context, biggest)}" if biggest else "no cut of known size among them"
    return f"{text}; {cut}."


def _when(records: Sequence[Record]) -> str:
    """The last capture before, the stated start, and how long a promotion is to last."""
    first = records[0]
    before, stated, ends = first["last_seen_before_at"], first["effective_from"], first["promotion_ends_at"]
    parts = [f"last before: {words.day(before)}"] if before and first["change"] != "scheduled" else []
    if stated:
        word = {"scheduled": "to begin", "cancelled": "was to begin"}.get(first["change"], "stated from")
        parts.append(f"{word} {words.day(stated)}")
    if first["change"] == "promotion_start":
        parts.append(f"to end {words.day(ends)}" if ends else "no end stated")
    return ", ".join(parts)


def _row(context: Context, records: Sequence[Record]) -> tuple[Cell, ...]:
    first = records[0]
    units = words.listed(list(dict.fromkeys(offers.unit(record) for record in records)))
    lines = offers.prices(records)
    return (
        cell(
            first["listing"], sub=", ".join(filter(None, (first["provider"], offers.terms(offers.whole_offer(first)))))
        ),
        cell(
            offers.ARROWS[first["change"]],
            tone=offers.TONES.get(first["change"], "muted"),
            sub=offers.size(records),
        ),
        cell(lines[0], lines=lines[1:], sub=units),
        cell(words.day(first["known_from"]), sub=_when(records) or None),
        cell(context.health.title_of(first["source"]), badge=first["origin"]),
    )


def _table(context: Context, lines: Sequence[Sequence[Record]], caption: str) -> Table:
    return Table(
        caption=caption,
        columns=(
            *columns("Offer", kind=""),
            *columns("Change", kind="fixed"),
            *columns("Price", kind="wide"),
            *columns("First seen after", "Source", kind=""),
        ),
        rows=tuple(_row(context, records) for records in lines),
    )


def _of_the_week(context: Context, result: Result, counts: Result) -> Figure:
    records, lines = result.records, price_lines.lines_of(result.records)
    moved = [r for r in counts.records if r["change"] not in ("new", "withdrawn")]
    total, biggest = sum(r["prices"] for r in moved), _biggest_cut(records)
    shown = lines[:SHOWN]
    left = total - sum(len(line) for line in shown)
    note = f"{left:,} more prices are not shown; the CSV holds {len(records):,} of {total:,}."
    return Figure(
        slug="price-changes",
        title=f"Biggest cut: {_cut_in_words(context, biggest)}"
        if biggest
        else f"Prices that moved in the week: {offers.tally(moved)}",
        subtitle="Each row is one offer, in its own currency; sellers' own pages come first. A change lies between the "
        "last capture that showed the state before and the first that shows the state after. "
        f"n = {total:,} prices: {offers.tally(moved)}.",
        results=(result, counts),
        provenance=provenance(context, records, at="known_from"),
        table=_table(context, shown, "Prices that moved, first captured in the week, deepest cuts first"),
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
        title=f"No price moved this week; the newest known change is of {newest}",
        subtitle=f"Not of this week: the newest changes known, newest first. "
        f"n = {words.plural(len(records), 'price')}.",
        results=(result,),
        provenance=provenance(context, records, at="known_from"),
        table=_table(context, price_lines.lines_of(records), "Newest price changes before the week"),
    )


def _arrivals(context: Context, result: Result) -> Figure:
    records = result.records
    new, gone = (sum(r["listings_count"] for r in records if r["change"] == kind) for kind in ("new", "withdrawn"))
    left = len(records) - LISTED
    return Figure(
        slug="price-arrivals",
        title=f"{words.plural(new, 'listing')} came with new prices and {words.plural(gone, 'listing')} lost some",
        subtitle="Prices that a source had not stated before, and prices that it no longer states; each row is one "
        f"seller at one source. n = {sum(r['prices'] for r in records):,} prices.",
        results=(result,),
        provenance=provenance(context, records, at="known_from"),
        table=Table(
            caption="New and withdrawn prices, sellers' own pages first",
            columns=(
                *columns("Seller", kind=""),
                *columns("Change", kind="fixed"),
                *columns("Prices"),
                *columns("Listings", kind="wide"),
                *columns("First seen after", "Source", kind=""),
            ),
            rows=tuple(_arrival(context, record) for record in records[:LISTED]),
            folded=True,
        ),
        notes=(f"{left} more sellers are in the CSV.",) if left > 0 else (),
    )


def _arrival(context: Context, record: Record) -> tuple[Cell, ...]:
    names = list(record["listings"][:3])
    more = record["listings_count"] - len(names)
    shown = [*names, f"{more:,} more"] if more else names
    return (
        cell(record["provider"]),
        cell(offers.ARROWS[record["change"]], tone="muted"),
        cell(words.exact(record["prices"])),
        cell(words.listed(shown)),
        cell(words.day(record["known_from"])),
        cell(context.health.title_of(record["source"]), badge=record["origin"]),
    )


section = Section(order=30, slug="prices", title="Price changes", render=render)
