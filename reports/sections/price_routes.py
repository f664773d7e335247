"""The cheapest way to buy each watched model, against what its own organisation asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from reports import hub, offers, words
from reports.mart import Record, Result
from reports.section import Body, Cell, Context, Figure, Section, Table, cell, columns, provenance

OLD = dt.timedelta(days=30)

# One row per watched model: its cheapest route, its own organisation's offer beside it.
SQL = """
with own as (
    select *
    from marts.price_route
    where is_first_party and not is_free and dearest_hour_usd_per_mtok = first_party_usd_per_mtok
    qualify row_number() over (
        partition by model_id
        order by currency <> 'USD', source_kind = 'aggregator', blended_usd_per_mtok desc, last_seen_at desc, listing,
                 offer_id
    ) = 1
), counted as (
    select model_id, count(distinct seller) filter (where place is not null) as sellers,
           list(distinct seller order by seller) filter (where is_free) as free_at
    from marts.price_route
    group by model_id
)
select route.model_name, route.organisation_name, route.region, counted.sellers, counted.free_at,
       own.dearest_hour_usd_per_mtok as own_usd_per_mtok, own.currency as own_currency, own.market as own_market,
       own.blended_per_mtok as own_blended_per_mtok, own.window_name as own_window_name,
       own.price_kind as own_price_kind,
       own.source as own_source, own.source_kind as own_source_kind, own.origin as own_origin,
       own.last_seen_at as own_last_seen_at, own.capture_id as own_capture_id,
       route.provider, route.seller, route.is_first_party, route.listing, route.channel, route.market,
       route.deployment_scope, route.mode, route.window_name, route.context_from_tokens, route.price_kind,
       route.currency,
       route.input_per_mtok, route.output_per_mtok, route.blended_per_mtok,
       route.dearest_hour_usd_per_mtok as route_usd_per_mtok, route.fx_rate_id, route.ratio_to_first_party,
       route.availability, route.source, route.source_kind, route.last_seen_at,
       route.origin, route.capture_id, route.offer_id, route.model_id
from marts.price_route as route
join counted using (model_id)
left join own using (model_id)
where route.is_watched and route.is_cheapest
order by route.ratio_to_first_party nulls last, route.model_name, route.model_id
"""


def render(context: Context) -> Body:
    """One table, the furthest below the own price first."""
    result = context.mart.query(SQL)
    if not result.records:
        return Body()
    return Body(figures=(_figure(context, result),))


def _figure(context: Context, result: Result) -> Figure:
    records = result.records
    seen = [{"source": r["source"], "origin": r["origin"], "at": r["last_seen_at"]} for r in records]
    seen += [
        {"source": r["own_source"], "origin": r["own_origin"], "at": r["own_last_seen_at"]}
        for r in records
        if r["own_source"]
    ]
    return Figure(
        slug="price-routes",
        title=_title(context, records),
        subtitle="Blended price, (3 × input + output) ÷ 4, in US dollars per million tokens: standard tier, shortest "
        "prompts, list price or promotion in force, at the dearest hour where it depends on the hour. Doubted prices, "
        f"withdrawn listings and free tiers are no routes. n = {words.plural(len(records), 'watched model')}.",
        results=(result,),
        provenance=provenance(context, seen, at="at"),
        table=_table(context, records),
        notes=_notes(context, records),
    )


def _cheaper(records: Sequence[Record]) -> list[Record]:
    return [r for r in records if r["ratio_to_first_party"] is not None and not r["is_first_party"]]


def _is_old(context: Context, record: Record) -> bool:
    return bool(context.health.as_of - record["last_seen_at"] > OLD)


def _title(context: Context, records: Sequence[Record]) -> str:
    """The largest saving on somebody's own page of late; an aggregator's word alone makes no headline."""
    sure = [
        r
        for r in _cheaper(records)
        if r["source_kind"] != "aggregator" and r["ratio_to_first_party"] < 1 and not _is_old(context, r)
    ]
    compared = [r for r in records if r["ratio_to_first_party"] is not None]
    if sure:
        first = sure[0]
        below = words.percent_change(first["ratio_to_first_party"]).removeprefix("−")
        return f"{first['model_name']} costs {below} less at {first['provider']} than at {first['organisation_name']}"
    own = sum(1 for r in compared if r["is_first_party"])
    if not compared:
        return f"{words.plural(len(records), 'watched model')} with a price, none with its own organisation's beside it"
    return f"Of {len(compared)} watched models {own} are cheapest at their own organisation"


def _notes(context: Context, records: Sequence[Record]) -> tuple[str, ...]:
    hearsay = [r["model_name"] for r in _cheaper(records) if r["source_kind"] == "aggregator"]
    old = [r["model_name"] for r in records if _is_old(context, r)]
    free = [f"{r['model_name']} at {words.listed(r['free_at'])}" for r in records if r["free_at"]]
    found = []
    if hearsay:
        found.append(f"Only an aggregator's word, the seller's own page was not captured: {words.listed(hearsay)}.")
    if old:
        found.append(f"Last confirmed more than {OLD.days} days before: {words.listed(old)}.")
    if free:
        found.append(f"Free with limits, not compared: {words.listed(free)}.")
    return tuple(found)


def _own(record: Record) -> Cell:
    if record["own_usd_per_mtok"] is None:
        return cell("not sold there" if not record["is_first_party"] else words.UNKNOWN, tone="muted")
    native = None
    if record["own_currency"] != "USD":
        native = words.money(record["own_blended_per_mtok"], record["own_currency"])
    market = record["own_market"] if record["own_market"] != "global" else None
    parts = [part for part in (native, market, record["own_window_name"]) if part]
    if record["own_source_kind"] == "aggregator":
        parts.append("an aggregator's word")
    return cell(
        words.money(record["own_usd_per_mtok"], "USD"),
        sub=", ".join(parts).replace("_", " ") or None,
        badge=record["own_origin"],
    )


def _saving(record: Record) -> Cell:
    if record["ratio_to_first_party"] is None:
        return cell("")
    if record["is_first_party"] and record["ratio_to_first_party"] == 1:
        return cell("same")
    shown = words.percent_change(record["ratio_to_first_party"])
    return cell(shown, tone="cut" if record["ratio_to_first_party"] < 1 else "muted")


def _row(context: Context, record: Record) -> tuple[Cell, ...]:
    native = words.money(record["blended_per_mtok"], record["currency"]) if record["currency"] != "USD" else None
    details = ", ".join(filter(None, (native, record["fx_rate_id"])))
    whose = "an aggregator's word" if record["source_kind"] == "aggregator" else None
    sellers = words.plural(record["sellers"], "seller")
    route = "its own organisation" if record["is_first_party"] else record["provider"]
    seen = words.day(record["last_seen_at"])
    return (
        cell(record["model_name"], sub=f"{record['organisation_name']}, {hub.region(record['region'])}; {sellers}"),
        _own(record),
        cell(route, sub=", ".join(filter(None, (offers.terms(record), whose, details))) or None),
        cell(words.money(record["route_usd_per_mtok"], "USD")),
        _saving(record),
        cell(seen, tone="warn" if _is_old(context, record) else None),
        cell(context.health.title_of(record["source"]), badge=record["origin"]),
    )


def _table(context: Context, records: Sequence[Record]) -> Table:
    return Table(
        caption="Watched models and their cheapest route, the furthest below the own price first",
        columns=(
            *columns("Model", kind=""),
            *columns("Own price"),
            *columns("Cheapest route", kind=""),
            *columns("Its price", "Against own"),
            *columns("Seen", kind="fixed"),
            *columns("Source", kind=""),
        ),
        rows=tuple(_row(context, record) for record in records),
    )


section = Section(order=32, slug="routes", title="Cheapest routes", render=render)
