-- description: Input, output and blended price of every current offer per million tokens. One row per source and offer.
-- min_rows: 0
-- grain: offer_id, currency
-- column: offer_id VARCHAR | Offer, as in core.price.
-- column: source VARCHAR | Source that states the price.
-- column: source_kind VARCHAR | Whose word it is.
-- column: document VARCHAR | Document of the source.
-- column: provider VARCHAR | Who sells.
-- column: listing VARCHAR | Name at the source.
-- column: model_id VARCHAR null | Model it resolves to.
-- column: market VARCHAR | Market of the price book.
-- column: deployment_scope VARCHAR null | Deployment scope.
-- column: channel VARCHAR | Channel.
-- column: service_tier VARCHAR | Service tier.
-- column: mode VARCHAR null | Thinking or non-thinking.
-- column: context_from_tokens BIGINT | From this prompt length on.
-- column: context_to_tokens BIGINT null | Below this prompt length.
-- column: window_name VARCHAR null | Time window.
-- column: price_kind VARCHAR | List or promotion.
-- column: currency VARCHAR | Native currency.
-- column: input_per_mtok DECIMAL(24, 9) null | Native input price.
-- column: output_per_mtok DECIMAL(24, 9) null | Native output price.
-- column: cache_read_per_mtok DECIMAL(24, 9) null | Native price of a cached input token.
-- column: blended_per_mtok DECIMAL(24, 9) null | (3 x input + output) / 4 in native currency.
-- column: input_usd_per_mtok DOUBLE null | Input price in US dollars.
-- column: output_usd_per_mtok DOUBLE null | Output price in US dollars.
-- column: blended_usd_per_mtok DOUBLE null | Blended price in US dollars at the stated day's rate.
-- column: fx_rate_on DATE null | Day of the exchange rate used.
-- column: last_seen_at TIMESTAMP | Newest capture that confirms the price.
-- column: availability VARCHAR null | Standing of the listing as stated.
-- column: origin VARCHAR | Origin of that capture.
-- column: capture_id VARCHAR | That capture.
with offer as (
    select
        offer_id,
        currency,
        arg_min(price_current, component) as terms,
        max(amount_per_mtok) filter (component = 'input') as input_per_mtok,
        max(amount_per_mtok) filter (component = 'output') as output_per_mtok,
        max(amount_per_mtok) filter (component = 'cache_read') as cache_read_per_mtok,
        max(usd_per_mtok) filter (component = 'input') as input_usd_per_mtok,
        max(usd_per_mtok) filter (component = 'output') as output_usd_per_mtok,
        max(fx_rate_on) as fx_rate_on,
        max(last_seen_at) as last_seen_at,
    from marts.price_current
    where component in ('input', 'output', 'cache_read') and amount_per_mtok is not null
    group by offer_id, currency
)

select
    offer_id,
    terms.source,
    terms.source_kind,
    terms.document,
    terms.provider,
    terms.listing,
    terms.model_id,
    terms.market,
    terms.deployment_scope,
    terms.channel,
    terms.service_tier,
    terms.mode,
    terms.context_from_tokens,
    terms.context_to_tokens,
    terms.window_name,
    terms.price_kind,
    currency,
    input_per_mtok,
    output_per_mtok,
    cache_read_per_mtok,
    blended_3_1(input_per_mtok, output_per_mtok) as blended_per_mtok,
    input_usd_per_mtok,
    output_usd_per_mtok,
    blended_3_1(input_usd_per_mtok, output_usd_per_mtok) as blended_usd_per_mtok,
    fx_rate_on,
    last_seen_at,
    terms.availability,
    terms.origin,
    terms.capture_id,
from offer
