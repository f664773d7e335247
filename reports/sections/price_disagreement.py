"""Whether others repeat a seller's prices as its own page has them, and how far behind they are."""

from __future__ import annotations

from reports import words
from reports.mart import Record, Result
from reports.section import Body, Cell, Context, Figure, Section, Table, cell, columns, provenance

SHOWN = 20

COUNTS = """
select source, source_kind, count(*) as statements,
       count(*) filter (where verdict = 'agrees') as agrees,
       count(*) filter (where verdict = 'stale') as stale,
       count(*) filter (where verdict = 'differs') as differs,
       count(*) filter (where verdict = 'asked_before') as asked_before,
       count(*) filter (where verdict = 'newer_than_page') as newer_than_page,
       max(stale_days) as stale_days_most, round(median(stale_days), 1) as stale_days_median,
       max(stated_until) as stated_until, stated_origin as origin
from marts.price_disagreement
group by source, source_kind, origin
order by statements desc, source, source_kind, origin
"""

APART = """
select verdict, source, source_kind, provider, seller, model_name, listing, component, currency, stated_per_mtok,
       own_per_mtok, ratio, stale_days, given_up_at, own_since, own_until, own_source, own_document, own_listing,
       stated_since, stated_until, stated_origin, stated_capture_id, own_origin, own_capture_id, model_id, offer_id
from marts.price_disagreement
where verdict in ('stale', 'differs')
order by verdict = 'differs', stale_days desc, abs(ln(nullif(ratio, 0))) desc nulls first, seller, model_name,
         component, source, listing, offer_id
limit 500
"""


def render(context: Context) -> Body:
    """A count for each source, and the statements that are behind or apart."""
    counts, apart = context.mart.query(COUNTS), context.mart.query(APART)
    if not counts.records:
        return Body()
    figures = [_counts(context, counts)]
    if apart.records:
        figures.append(_apart(context, apart))
    return Body(figures=tuple(figures))


def _comparable(record: Record) -> int:
    return int(record["agrees"] + record["stale"] + record["differs"])


def _counts(context: Context, result: Result) -> Figure:
    records = result.records
    total, agree = sum(map(_comparable, records)), sum(r["agrees"] for r in records)
    stale = sum(r["stale"] for r in records)
    return Figure(
        slug="price-agreement",
        title=f"{words.share(agree / total)} of {total:,} prices repeated by others agree with the seller's own page"
        if total
        else "No price repeated by others can be compared with the seller's own page yet",
        subtitle="Same seller, model and component: list price, standard tier, shortest prompts, same currency, "
        "against the nearest of the seller's own prices. Stale is a price the seller had given up; what was "
        "asked before the seller's price began, or said only after its page was last read, is not judged. "
        f"n = {sum(r['statements'] for r in records):,} statements, {stale:,} of them stale.",
        results=(result,),
        provenance=provenance(context, records, at="stated_until"),
        table=Table(
            caption="What sources say of other sellers' prices",
            columns=(
                *columns("Source", kind=""),
                *columns("Agree", "Stale", "Different", "Not judged"),
            ),
            rows=tuple(_count(context, record) for record in records),
        ),
    )


def _count(context: Context, record: Record) -> tuple[Cell, ...]:
    judged, most = _comparable(record), record["stale_days_most"]
    apart = [
        f"{record[key]:,} {word}"
        for key, word in (("asked_before", "asked before"), ("newer_than_page", "newer than page"))
        if record[key]
    ]
    return (
        cell(
            context.health.title_of(record["source"]),
            badge=record["origin"],
            sub=f"{record['source_kind']}, last {words.day(record['stated_until'])}",
        ),
        cell(
            words.share(record["agrees"] / judged) if judged else "none judged",
            sub=f"{record['agrees']:,} of {judged:,}" if judged else None,
        ),
        cell(
            words.exact(record["stale"]),
            sub=None if most is None else f"up to {words.plural(most, 'day')}, median {record['stale_days_median']:g}",
        ),
        cell(words.exact(record["differs"])),
        cell(words.exact(record["asked_before"] + record["newer_than_page"]), sub=", ".join(apart) or None),
    )


def _apart(context: Context, result: Result) -> Figure:
    records = result.records
    stale = [r for r in records if r["verdict"] == "stale"]
    left = len(records) - SHOWN
    if stale:
        first = stale[0]
        title = (
            f"{context.health.title_of(first['source'])} is {words.plural(first['stale_days'], 'day')} behind on "
            f"{first['component'].replace('_', ' ')} of {first['model_name']} at {first['seller']}"
        )
    else:
        title = f"{words.plural(len(records), 'price')} repeated by others differ from the seller's own page"
    both = [
        {"source": r[f"{side}source"], "origin": r[origin], "at": r[at]}
        for r in records
        for side, origin, at in (("", "stated_origin", "stated_until"), ("own_", "own_origin", "own_until"))
    ]
    return Figure(
        slug="price-disagreement",
        title=title,
        subtitle="Native currency per million tokens. Days behind run from the day the seller gave the price up to the "
        f"last capture in which the other still said it. n = {len(records):,} prices, {len(stale):,} of them stale.",
        results=(result,),
        provenance=provenance(context, both, at="at"),
        table=Table(
            caption="Prices that others repeat differently, stalest first",
            columns=(
                *columns("Model", kind=""),
                *columns("Own page", "Repeated as"),
                *columns("Judgement", kind=""),
                *columns("Own price since", kind="fixed"),
                *columns("Source", kind=""),
            ),
            rows=tuple(_row(context, record) for record in records[:SHOWN]),
        ),
        notes=(f"{left:,} more are in the CSV.",) if left > 0 else (),
    )


def _judgement(record: Record) -> Cell:
    if record["verdict"] == "stale":
        days = words.plural(record["stale_days"], "day")
        return cell(f"stale by {days}", tone="warn", sub=f"given up {words.day(record['given_up_at'])}")
    return cell("different", sub=f"said since {words.day(record['stated_since'])}")


def _row(context: Context, record: Record) -> tuple[Cell, ...]:
    ratio = words.percent_change(record["ratio"]) if record["ratio"] is not None else None
    component = record["component"].replace("_", " ")
    return (
        cell(record["model_name"], sub=f"{component} at {record['seller']}"),
        cell(words.money(record["own_per_mtok"], record["currency"])),
        cell(words.money(record["stated_per_mtok"], record["currency"]), sub=ratio),
        _judgement(record),
        cell(words.day(record["own_since"]), sub=f"seen {words.day(record['own_until'])}"),
        cell(
            context.health.title_of(record["source"]),
            badge=record["stated_origin"],
            sub=f"seen {words.day(record['stated_until'])}",
        ),
    )


section = Section(order=34, slug="agreement", title="Prices repeated by others", render=render)
