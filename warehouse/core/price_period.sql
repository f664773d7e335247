-- description: The price that was in force at each capture, as the source then stated it, with unchanged captures taken together. One row per offer, component and period.
-- min_rows: 0
-- grain: source, document, provider, listing, market, deployment_scope, channel, service_tier, mode, context_from_tokens, window_name, component, unit, price_kind, known_from
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
-- column: currency VARCHAR | Native currency.
-- column: amount DECIMAL(24, 12) null | Price in the stated unit.
-- column: amount_per_mtok DECIMAL(24, 9) null | Native price per million tokens.
-- column: effective_from TIMESTAMP null | Start as stated.
-- column: known_from TIMESTAMP | First capture of the period.
-- column: last_seen_at TIMESTAMP | Last capture of the period.
-- column: known_to TIMESTAMP null | First capture after the period; null while it lasts.
-- column: first_position BIGINT | Position of the first capture among the document's captures.
-- column: last_position BIGINT | Position of the last capture.
-- column: origin VARCHAR | Origin of the first capture.
-- column: first_capture_id VARCHAR | First capture of the period.
-- column: capture_id VARCHAR | Last capture of the period.
with in_force as (
    select
        price.*,
        sequence.position,
        sequence.next_observed_at,
    from staging.price as price
    join core.document_sequence as sequence using (source, document, capture_id)
    where (price.effective_from is null or price.effective_from <= price.observed_at)
        and (price.effective_to is null or price.effective_to > price.observed_at)
    qualify row_number() over (
        partition by source, document, capture_id, provider, listing, market, deployment_scope, channel, service_tier,
            mode, context_from_tokens, window_name, component, unit, price_kind
        order by effective_from desc nulls last
    ) = 1
),

marked as (
    select
        *,
        position - 1 is not distinct from lag(position) over in_time
        and amount is not distinct from lag(amount) over in_time
        and currency is not distinct from lag(currency) over in_time as continues,
    from in_force
    window in_time as (
        partition by source, document, provider, listing, market, deployment_scope, channel, service_tier, mode,
            context_from_tokens, window_name, component, unit, price_kind
        order by position
    )
),

numbered as (
    select
        *,
        count_if(not continues) over (
            partition by source, document, provider, listing, market, deployment_scope, channel, service_tier, mode,
                context_from_tokens, window_name, component, unit, price_kind
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
    any_value(currency) as currency,
    any_value(amount) as amount,
    any_value(amount_per_mtok) as amount_per_mtok,
    arg_min_null(effective_from, position) as effective_from,
    min(observed_at) as known_from,
    max(observed_at) as last_seen_at,
    arg_max_null(next_observed_at, position) as known_to,
    min(position) as first_position,
    max(position) as last_position,
    arg_min(origin, position) as origin,
    arg_min(capture_id, position) as first_capture_id,
    arg_max(capture_id, position) as capture_id,
from numbered
group by
    source, document, provider, listing, market, deployment_scope, channel, service_tier, mode, context_from_tokens,
    window_name, component, unit, price_kind, period
