-- description: Input, output and blended price of every current offer per million tokens. One row per source and offer.
-- min_rows: 0
-- grain: source, document, provider, listing, market, deployment_scope, channel, service_tier, mode, context_from_tokens, window_name, price_kind, currency
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
-- column: origin VARCHAR | Origin of that capture.
-- column: capture_id VARCHAR | That capture.
with offer as (
    select
        source,
        any_value(source_kind) as source_kind,
        document,
        provider,
        listing,
        any_value(model_id) as model_id,
        market,
        deployment_scope,
        channel,
        service_tier,
        mode,
        context_from_tokens,
        window_name,
        price_kind,
        currency,
        max(amount_per_mtok) filter (component = 'input') as input_per_mtok,
        max(amount_per_mtok) filter (component = 'output') as output_per_mtok,
        max(amount_per_mtok) filter (component = 'cache_read') as cache_read_per_mtok,
        max(usd_per_mtok) filter (component = 'input') as input_usd_per_mtok,
        max(usd_per_mtok) filter (component = 'output') as output_usd_per_mtok,
        max(fx_rate_on) as fx_rate_on,
        max(last_seen_at) as last_seen_at,
        any_value(origin) as origin,
        any_value(capture_id) as capture_id,
    from marts.price_current
    where component in ('input', 'output', 'cache_read') and amount_per_mtok is not null
    group by
        source, document, provider, listing, market, deployment_scope, channel, service_tier, mode,
        context_from_tokens, window_name, price_kind, currency
)

select
    source,
    source_kind,
    document,
    provider,
    listing,
    model_id,
    market,
    deployment_scope,
    channel,
    service_tier,
    mode,
    context_from_tokens,
    window_name,
    price_kind,
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
    origin,
    capture_id,
from offer
