"""The same product in two currencies: a seller's yuan and dollar price books side by side."""

from __future__ import annotations

from collections.abc import Sequence

from reports import words
from reports.mart import Record
from reports.section import Body, Cell, Context, Figure, Provenance, Section, Table, cell, columns, provenance

SHOWN = 30
DEFINED = (
    "The same seller's product at the shortest context of each book, list price, standard tier, per million tokens. "
    "Blended is (3 × input + output) ÷ 4."
)

# One offer per book: the seller's own word before a reseller's or an aggregator's. The rate is the one the mart used.
SQL = """
with books as (
    select *, coalesce(model_id, listing) as product
    from marts.offer_price
    where service_tier = 'standard' and price_kind = 'list' and context_from_tokens = 0 and blended_usd_per_mtok > 0
    qualify row_number() over (
        partition by provider, product, currency, market, deployment_scope, mode, window_name
        order by list_position(['official', 'reseller', 'aggregator'], source_kind) nulls last,
                 length(listing), listing, source, document, channel
    ) = 1
)
select yuan.provider, yuan.product, yuan.mode, yuan.window_name,
       yuan.listing as listing_cny, yuan.market as market_cny, yuan.input_per_mtok as input_cny,
       yuan.output_per_mtok as output_cny, yuan.blended_per_mtok as blended_cny,
       yuan.blended_usd_per_mtok as blended_cny_in_usd,
       yuan.blended_per_mtok / yuan.blended_usd_per_mtok as cny_per_usd, yuan.fx_rate_on,
       dollar.listing as listing_usd, dollar.market as market_usd, dollar.input_per_mtok as input_usd,
       dollar.output_per_mtok as output_usd, dollar.blended_per_mtok as blended_usd,
       dollar.blended_per_mtok / yuan.blended_usd_per_mtok as dollar_over_yuan,
       yuan.source as source_cny, yuan.origin as origin_cny, yuan.last_seen_at as seen_cny,
       yuan.capture_id as capture_cny, dollar.source as source_usd, dollar.origin as origin_usd,
       dollar.last_seen_at as seen_usd, dollar.capture_id as capture_usd
from books as yuan
join books as dollar
  on dollar.provider = yuan.provider and dollar.product = yuan.product and dollar.currency = 'USD'
 and dollar.mode is not distinct from yuan.mode and dollar.window_name is not distinct from yuan.window_name
where yuan.currency = 'CNY'
order by abs(ln(dollar_over_yuan)) desc, yuan.provider, yuan.product, yuan.mode, yuan.window_name, market_cny,
         market_usd, yuan.deployment_scope, dollar.deployment_scope
limit 200
"""


def render(context: Context) -> Body:
    """One table of pairs, the widest apart first."""
    result = context.mart.query(SQL)
    records = result.records
    days = words.days_between(r["fx_rate_on"] for r in records if r["fx_rate_on"])
    rate = f" Yuan are converted at the rate of {days}. n = {words.plural(len(records), 'pair')}."
    figure = Figure(
        slug="two-price-books",
        title=_title(records),
        subtitle=DEFINED + (rate if records else ""),
        results=(result,),
        provenance=_provenance(context, records),
        table=_table(records[:SHOWN]) if records else None,
        notes=(f"The {SHOWN} pairs furthest apart are shown; the CSV holds more.",) if len(records) > SHOWN else (),
    )
    return Body(figures=(figure,))


def _title(records: Sequence[Record]) -> str:
    """The pair furthest apart, which comes first."""
    if not records:
        return "No product is known with both a yuan and a dollar price"
    ratio, name = records[0]["dollar_over_yuan"], records[0]["listing_cny"]
    if 0.95 <= ratio <= 1.05:
        products = len({r["listing_cny"] for r in records})
        return f"Yuan and dollar prices agree within 5% for {words.plural(products, 'product')}"
    if ratio > 1:
        return f"{name} costs {words.times(ratio)} as much in the dollar price book as in the yuan one"
    return f"{name} costs {words.times(1 / ratio)} as much in the yuan price book as in the dollar one"


def _row(record: Record) -> tuple[Cell, ...]:
    setting = ", ".join(filter(None, (record["provider"], record["mode"], record["window_name"]))).replace("_", " ")
    yuan = f"{words.money(record['input_cny'], 'CNY')} / {words.money(record['output_cny'], 'CNY')}"
    dollar = f"{words.money(record['input_usd'], 'USD')} / {words.money(record['output_usd'], 'USD')}"
    return (
        cell(record["listing_cny"], sub=setting),
        cell(yuan, sub=record["market_cny"]),
        cell(words.money(record["blended_cny"], "CNY"), sub=f"= {words.money(record['blended_cny_in_usd'], 'USD')}"),
        cell(f"{record['cny_per_usd']:.4f}", sub=words.day(record["fx_rate_on"])),
        cell(dollar, sub=record["market_usd"]),
        cell(words.money(record["blended_usd"], "USD")),
        cell(f"{record['dollar_over_yuan']:.2f}×"),
    )


def _table(records: Sequence[Record]) -> Table:
    titles = ("Yuan book, in / out", "Blended", "CNY per USD", "Dollar book, in / out", "Blended", "Dollar ÷ yuan")
    return Table(
        caption="The same product in the yuan and in the dollar price book, furthest apart first",
        columns=(*columns("Product", kind=""), *columns(*titles)),
        rows=tuple(_row(record) for record in records),
    )


def _provenance(context: Context, records: Sequence[Record]) -> tuple[Provenance, ...]:
    sides = [
        {"source": record[f"source_{side}"], "origin": record[f"origin_{side}"], "at": record[f"seen_{side}"]}
        for record in records
        for side in ("cny", "usd")
    ]
    return provenance(context, sides, at="at")


section = Section(order=35, slug="price-books", title="Two currencies", render=render)
