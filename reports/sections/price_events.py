"""What happened to price data rather than to prices: doubted statements, events at a source, rewritten pasts."""

from __future__ import annotations

from reports import words
from reports.mart import Result
from reports.section import Body, Context, Figure, Section, Table, cell, columns, provenance

SHOWN = 25

DOUBTED = """
select source, provider, reason, count(*) as prices, count(distinct listing) as listings_count,
       list(distinct listing order by listing) as listings,
       count(*) filter (where not is_doubted) as believed,
       min(amount_per_mtok::double) as least_per_mtok, max(amount_per_mtok::double) as most_per_mtok,
       currency, min(ratio) as least_ratio, max(ratio) as most_ratio, min(known_from) as first_seen_at,
       max(last_seen_at) as last_seen_at, max(lifted_at) as lifted_at, origin,
       min(capture_id) as capture_id
from marts.price_quarantine
where known_from < $week_end and (is_doubted or lifted_at >= $week_start)
group by source, provider, reason, currency, origin
order by prices desc, source, provider, reason, currency, origin
limit 200
"""

EVENTS = """
select source, document, observed_at, kind, ratio, prices, listings, book_prices, still_standing, persisted_at, origin,
       capture_id
from marts.price_upstream_event
where observed_at < $week_end and (observed_at >= $week_start or persisted_at >= $week_start or persisted_at is null)
order by observed_at desc, source, document, kind, capture_id
limit 100
"""

RESTATED = """
select source, provider, kind, count(*) as statements, count(distinct listing) as listings_count,
       list(distinct listing order by listing) as listings, min(effective_from) as past_from, restated_at, origin,
       capture_id
from marts.price_restatement
where restated_at >= $week_start and restated_at < $week_end
group by source, provider, kind, restated_at, origin, capture_id
order by restated_at desc, statements desc, source, provider, kind, capture_id
limit 200
"""

REASONS = {
    "far_from_others": "far from what others ask",
    "far_from_own_past": "far from its own past",
    "implausible": "implausible",
    "upstream_event": "part of an event at the source",
}
KINDS = {
    "zeroed": "set to zero",
    "scaled": "multiplied by one factor",
    "mass_change": "changed at once",
    "vanished": "no longer stated",
}
REWRITES = {
    "changed": "said otherwise of a time past",
    "removed": "no longer states a time past",
    "added": "added a time past",
}


def render(context: Context) -> Body:
    """A figure for each kind that has something to show."""
    parts = ((DOUBTED, _doubted), (EVENTS, _events), (RESTATED, _restated))
    found = ((context.mart.query(sql), make) for sql, make in parts)
    figures = tuple(make(context, result) for result, make in found if result.records)
    return Body(figures=figures)


def _examples(names: list[str], total: int) -> str:
    shown = list(names[:3])
    return words.listed([*shown, f"{total - len(shown):,} more"] if total > len(shown) else shown)


def _more(records: list, what: str) -> tuple[str, ...]:
    left = len(records) - SHOWN
    return (f"{left:,} more {what} are in the CSV.",) if left > 0 else ()


def _ratio(value: float | None) -> str:
    if value is None:
        return "not known"
    return words.times(value) if value >= 1 else f"1/{1 / value:,.0f}" if value > 0 else "0"


def _doubted(context: Context, result: Result) -> Figure:
    records = result.records
    kept, most = sum(r["prices"] - r["believed"] for r in records), records[0]
    rows = (
        (
            cell(r["provider"], sub=_examples(r["listings"], r["listings_count"])),
            cell(REASONS[r["reason"]], sub=f"{r['believed']:,} believed by now" if r["believed"] else None),
            cell(words.exact(r["prices"])),
            cell(" to ".join(dict.fromkeys(_ratio(r[key]) for key in ("least_ratio", "most_ratio")))),
            cell(
                " to ".join(
                    dict.fromkeys(words.money(r[key], r["currency"]) for key in ("least_per_mtok", "most_per_mtok"))
                )
            ),
            cell(words.day(r["first_seen_at"]), sub=f"last: {words.day(r['last_seen_at'])}"),
            cell(context.health.title_of(r["source"]), badge=r["origin"]),
        )
        for r in records[:SHOWN]
    )
    return Figure(
        slug="price-quarantine",
        title=f"{words.plural(kept, 'price')} {'is' if kept == 1 else 'are'} doubted and kept out, "
        f"most of them of {most['provider']} in {context.health.title_of(most['source'])}",
        subtitle="Kept out of current prices and of news until they persist for three days or others confirm them: "
        "more than 20 times, or less than a twentieth of, what they were compared with. "
        f"n = {words.plural(sum(r['prices'] for r in records), 'price')}, those believed in the week among them.",
        results=(result,),
        provenance=provenance(context, records, at="last_seen_at"),
        table=Table(
            caption="Doubted prices by seller, source and reason",
            columns=(
                *columns("Seller and listings", kind=""),
                *columns("Why", kind=""),
                *columns("Prices", "By comparison", "Per M tokens"),
                *columns("First seen", kind="fixed"),
                *columns("Source", kind=""),
            ),
            rows=tuple(rows),
        ),
        notes=_more(records, "groups"),
    )


def _events(context: Context, result: Result) -> Figure:
    records = result.records
    prices = sum(r["prices"] for r in records)
    rows = (
        (
            cell(context.health.title_of(r["source"]), badge=r["origin"], sub=r["document"]),
            cell(words.moment(r["observed_at"])),
            cell(KINDS[r["kind"]], sub=_ratio(r["ratio"]) if r["ratio"] else None),
            cell(f"{words.exact(r['prices'])} of {words.exact(r['book_prices'])}"),
            cell(words.exact(r["still_standing"])),
            cell(
                f"believed since {words.day(r['persisted_at'])}" if r["persisted_at"] else "set apart",
                tone=None if r["persisted_at"] else "warn",
            ),
        )
        for r in records[:SHOWN]
    )
    return Figure(
        slug="price-events",
        title=f"Set apart: {words.plural(prices, 'price')} that changed at once in "
        f"{words.plural(len(records), 'capture')}, an event at the source",
        subtitle="So much at once is more often a repair or a fault at the source than news. It is believed when half "
        f"of it still stands three days later. n = {prices:,}.",
        results=(result,),
        provenance=provenance(context, records, at="observed_at"),
        table=Table(
            caption="Events at the sources: those of the week, and older ones not yet believed",
            columns=(
                *columns("Source", kind=""),
                *columns("Captured", kind="fixed"),
                *columns("What", kind=""),
                *columns("Prices", "Still standing"),
                *columns("Judgement", kind=""),
            ),
            rows=tuple(rows),
        ),
        notes=_more(records, "events"),
    )


def _restated(context: Context, result: Result) -> Figure:
    records = result.records
    total = sum(r["statements"] for r in records)
    rows = (
        (
            cell(r["provider"], sub=_examples(r["listings"], r["listings_count"])),
            cell(REWRITES[r["kind"]]),
            cell(words.exact(r["statements"])),
            cell(words.day(r["past_from"])),
            cell(words.day(r["restated_at"])),
            cell(context.health.title_of(r["source"]), badge=r["origin"]),
        )
        for r in records[:SHOWN]
    )
    return Figure(
        slug="price-restatements",
        title=f"{words.plural(total, 'statement')} on past prices {'was' if total == 1 else 'were'} rewritten "
        "in the week",
        subtitle="A source said otherwise of a time already past; the price itself may be as it was. What was known "
        f"before is kept. n = {total:,}.",
        results=(result,),
        provenance=provenance(context, records, at="restated_at"),
        table=Table(
            caption="Rewritten pasts by seller, source and kind",
            columns=(
                *columns("Seller and listings", kind=""),
                *columns("What", kind=""),
                *columns("Statements"),
                *columns("Past from", "Rewritten", kind="fixed"),
                *columns("Source", kind=""),
            ),
            rows=tuple(rows),
        ),
        notes=_more(records, "groups"),
    )


section = Section(order=38, slug="price-data", title="Events in price data", render=render)
