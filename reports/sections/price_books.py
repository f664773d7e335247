"""The same product in two currencies: a seller's yuan and dollar price books side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reports import words
from reports.mart import Record
from reports.section import Body, Cell, Context, Figure, Provenance, Section, Table, cell, columns, provenance

SHOWN = 30
DEFINED = (
    "The same seller's product for the same prompt lengths in both books: list price, standard tier, per million "
    "tokens. Blended is (3 × input + output) ÷ 4; implied is the blended price in yuan by the one in dollars."
)

# Of each product and currency the best word there is: the seller's own before a reseller's or an aggregator's. Tiers
# cut at other lengths are compared where they overlap. The rate is the one the mart used.
SQL = """
with spoken as (
    select *, coalesce(model_id, listing) as product,
           coalesce(context_to_tokens, 9223372036854775807) as context_end,
           list_position(['official', 'reseller', 'aggregator'], source_kind) as word
    from marts.offer_price
    where service_tier = 'standard' and price_kind = 'list' and blended_usd_per_mtok > 0
    qualify word is not distinct from min(word) over (partition by provider, product, currency)
), books as (
    select *
    from spoken
    qualify row_number() over (
        partition by provider, product, currency, market, deployment_scope, mode, window_name, context_from_tokens
        order by length(listing), listing, source, document, channel, offer_id
    ) = 1
       -- Regions abroad are priced in yuan too on the same page; where there is a mainland book, that is the one.
       and not (
           currency = 'CNY' and market <> 'cn'
           and count_if(market = 'cn') over (partition by provider, product, currency) > 0
       )
), watched as (
    select distinct model_id from marts.price_route where is_watched
)
select yuan.provider, yuan.product, watched.model_id is not null as is_watched, yuan.mode, yuan.window_name,
       greatest(yuan.context_from_tokens, dollar.context_from_tokens) as context_from_tokens,
       nullif(least(yuan.context_end, dollar.context_end), 9223372036854775807) as context_to_tokens,
       yuan.listing as listing_cny, yuan.market as market_cny, yuan.deployment_scope as deployment_scope_cny,
       yuan.input_per_mtok as input_cny, yuan.output_per_mtok as output_cny, yuan.blended_per_mtok as blended_cny,
       yuan.blended_usd_per_mtok as blended_cny_in_usd,
       yuan.blended_per_mtok / yuan.blended_usd_per_mtok as cny_per_usd, yuan.fx_rate_on,
       'ECB CNY ' || yuan.fx_rate_on as fx_rate_id,
       dollar.listing as listing_usd, dollar.market as market_usd, dollar.deployment_scope as deployment_scope_usd,
       dollar.input_per_mtok as input_usd, dollar.output_per_mtok as output_usd, dollar.blended_per_mtok as blended_usd,
       yuan.blended_per_mtok::double / dollar.blended_per_mtok::double as implied_cny_per_usd,
       dollar.blended_per_mtok / yuan.blended_usd_per_mtok as dollar_over_yuan,
       yuan.source as source_cny, yuan.origin as origin_cny, yuan.last_seen_at as seen_cny,
       yuan.capture_id as capture_cny, dollar.source as source_usd, dollar.origin as origin_usd,
       dollar.last_seen_at as seen_usd, dollar.capture_id as capture_usd
from books as yuan
join books as dollar
  on dollar.provider = yuan.provider and dollar.product = yuan.product and dollar.currency = 'USD'
 and dollar.mode is not distinct from yuan.mode and dollar.window_name is not distinct from yuan.window_name
 and dollar.context_from_tokens < yuan.context_end and yuan.context_from_tokens < dollar.context_end
left join watched on watched.model_id = yuan.model_id
where yuan.currency = 'CNY'
order by watched.model_id is null,
         max(abs(ln(dollar_over_yuan))) over (partition by yuan.provider, yuan.product) desc, yuan.provider,
         yuan.product, yuan.mode, market_cny, market_usd, deployment_scope_cny, deployment_scope_usd, yuan.window_name,
         context_from_tokens, capture_cny, capture_usd
"""


def render(context: Context) -> Body:
    """One table of pairs: watched models, then the others, the widest apart first."""
    result = context.mart.query(SQL)
    records = result.records
    rates = dict.fromkeys(f"{r['cny_per_usd']:.4f} ({r['fx_rate_id']})" for r in records)
    rate = f" Yuan per dollar are {words.listed(list(rates))}. n = {words.plural(len(records), 'pair')}."
    figure = Figure(
        slug="two-price-books",
        title=_title(records),
        subtitle=DEFINED + (rate if records else ""),
        results=(result,),
        provenance=_provenance(context, records),
        table=_table(records[:SHOWN]) if records else None,
        notes=(f"The first {SHOWN} pairs are shown; the CSV holds more.",) if len(records) > SHOWN else (),
    )
    return Body(figures=(figure,))


def _title(records: Sequence[Record]) -> str:
    """The pair furthest apart, of the watched models where there is one."""
    if not records:
        return "No product is known with both a yuan and a dollar price"
    watched = [record for record in records if record["is_watched"]] or records
    furthest = max(watched, key=lambda record: abs(math.log(record["dollar_over_yuan"])))
    ratio, name = furthest["dollar_over_yuan"], furthest["listing_cny"]
    if 0.95 <= ratio <= 1.05:
        products = len({r["listing_cny"] for r in records})
        return f"Yuan and dollar prices agree within 5% for {words.plural(products, 'product')}"
    if ratio > 1:
        return f"{name} costs {words.times(ratio)} as much in the dollar price book as in the yuan one"
    return f"{name} costs {words.times(1 / ratio)} as much in the yuan price book as in the dollar one"


def _prompts(record: Record) -> str:
    first, end = record["context_from_tokens"], record["context_to_tokens"]
    if not first:
        return "all prompts" if end is None else f"below {words.count(end)}"
    return f"from {words.count(first)}" if end is None else f"{words.count(first)} to {words.count(end)}"


def _book(record: Record, side: str) -> str:
    return ", ".join(filter(None, (record[f"market_{side}"], record[f"deployment_scope_{side}"])))


def _row(record: Record) -> tuple[Cell, ...]:
    setting = ", ".join(filter(None, (record["provider"], record["mode"], record["window_name"]))).replace("_", " ")
    yuan = f"{words.money(record['input_cny'], 'CNY')} / {words.money(record['output_cny'], 'CNY')}"
    dollar = f"{words.money(record['input_usd'], 'USD')} / {words.money(record['output_usd'], 'USD')}"
    return (
        cell(record["listing_cny"], sub=setting),
        cell(_prompts(record)),
        cell(yuan, sub=_book(record, "cny")),
        cell(words.money(record["blended_cny"], "CNY"), sub=f"= {words.money(record['blended_cny_in_usd'], 'USD')}"),
        cell(dollar, sub=_book(record, "usd")),
        cell(words.money(record["blended_usd"], "USD")),
        cell(f"{record['implied_cny_per_usd']:.2f}"),
        cell(f"{record['dollar_over_yuan']:.2f}×"),
    )


def _table(records: Sequence[Record]) -> Table:
    titles = ("Yuan book, in / out", "Blended", "Dollar book, in / out", "Blended", "Implied")
    return Table(
        caption="The same product in the yuan and the dollar book: watched models, then others, furthest apart first",
        columns=(
            *columns("Product", kind=""),
            *columns("Prompt tokens", kind="fixed"),
            *columns(*titles, "Dollar ÷ yuan"),
        ),
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
