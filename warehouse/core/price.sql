-- description: Every price statement with the time it was known. A changed value closes a row and opens a new one. One row per offer, component, stated start and period of knowledge.
-- min_rows: 0
-- grain: source, document, provider, listing, market, deployment_scope, channel, service_tier, mode, context_from_tokens, window_name, component, unit, price_kind, effective_from, known_from
-- column: source VARCHAR | Source that states the price.
-- column: document VARCHAR | Document of the source.
-- column: provider VARCHAR | Who sells.
-- column: listing VARCHAR | Name at the source.
-- column: market VARCHAR | Market of the price book.
-- column: deployment_scope VARCHAR null | Deployment scope.
-- column: channel VARCHAR | Channel.
-- column: service_tier VARCHAR | Service tier.
-- column: mode VARCHAR null | Thinking or non-thinking.
-- column: context_from_tokens BIGINT | From this prompt length on.
-- column: window_name VARCHAR null | Time window.
-- column: component VARCHAR | What is charged for.
-- column: unit VARCHAR | Unit as stated.
-- column: price_kind VARCHAR | List or promotion.
-- column: context_to_tokens BIGINT null | Below this prompt length.
-- column: currency VARCHAR | Native currency.
-- column: amount DECIMAL(24, 12) null | Price in the stated unit; null is unknown, 0 is free.
-- column: amount_per_mtok DECIMAL(24, 9) null | Native price per million tokens.
-- column: price_text VARCHAR | The price as written.
-- column: promotion_ends_at TIMESTAMP null | End of the promotion as stated.
-- column: effective_from TIMESTAMP null | Start as stated.
-- column: effective_to TIMESTAMP null | End as stated.
-- column: known_from TIMESTAMP | First capture of this value.
-- column: last_seen_at TIMESTAMP | Last capture of this value.
-- column: known_to TIMESTAMP null | First capture that shows another value or none; null while it stands.
-- column: origin VARCHAR | Origin of the last capture of this value.
-- column: first_capture_id VARCHAR | First capture of this value.
-- column: capture_id VARCHAR | Last capture of this value.
with seen as (
    select
        price.*,
        sequence.position,
        sequence.next_observed_at,
        row(currency, amount, amount_per_mtok, context_to_tokens, promotion_ends_at, effective_to) as value,
    from staging.price as price
    join core.document_sequence as sequence using (source, document, capture_id)
),

marked as (
    select
        *,
        position - 1 is not distinct from lag(position) over in_time
        and value is not distinct from lag(value) over in_time as continues,
    from seen
    window in_time as (
        partition by source, document, provider, listing, market, deployment_scope, channel, service_tier, mode,
            context_from_tokens, window_name, component, unit, price_kind, effective_from
        order by position
    )
),

numbered as (
    select
        *,
        count_if(not continues) over (
            partition by source, document, provider, listing, market, deployment_scope, channel, service_tier, mode,
                context_from_tokens, window_name, component, unit, price_kind, effective_from
            order by position
        ) as period,
    from marked
)

select
    source,
    document,
    provider,
    listing,
    market,
    deployment_scope,
    channel,
    service_tier,
    mode,
    context_from_tokens,
    window_name,
    component,
    unit,
    price_kind,
    any_value(context_to_tokens) as context_to_tokens,
    any_value(currency) as currency,
    any_value(amount) as amount,
    any_value(amount_per_mtok) as amount_per_mtok,
    arg_max(price_text, position) as price_text,
    any_value(promotion_ends_at) as promotion_ends_at,
    effective_from,
    any_value(effective_to) as effective_to,
    min(observed_at) as known_from,
    max(observed_at) as last_seen_at,
    arg_max_null(next_observed_at, position) as known_to,
    arg_max(origin, position) as origin,
    arg_min(capture_id, position) as first_capture_id,
    arg_max(capture_id, position) as capture_id,
from numbered
group by
    source, document, provider, listing, market, deployment_scope, channel, service_tier, mode, context_from_tokens,
    window_name, component, unit, price_kind, effective_from, period
