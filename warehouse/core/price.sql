-- description: Every price statement with the time it was known. A changed value closes a row and opens a new one. One row per offer, component, unit, stated start and period of knowledge.
-- min_rows: 0
-- grain: offer_id, component, unit, effective_from, known_from
-- column: offer_id VARCHAR | Key of the offer: source, document, provider, listing, market, deployment scope, channel, service tier, mode, start of the context tier, time window, list or promotion.
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
-- column: price_kind VARCHAR | List or promotion.
-- column: component VARCHAR | What is charged for.
-- column: unit VARCHAR | Unit as stated.
-- column: context_to_tokens BIGINT null | Below this prompt length.
-- column: window_days VARCHAR null | Days of the window in its own zone.
-- column: window_hours VARCHAR null | Hours of the window in its own zone.
-- column: window_zone VARCHAR null | Zone of the window.
-- column: currency VARCHAR | Native currency.
-- column: amount DECIMAL(24, 12) null | Price in the stated unit; null is unknown, 0 is free.
-- column: amount_per_mtok DECIMAL(24, 9) null | Native price per million tokens.
-- column: price_text VARCHAR | The price as written.
-- column: promotion_ends_at TIMESTAMP null | End of the promotion as stated.
-- column: effective_from TIMESTAMP null | Start as stated.
-- column: effective_to TIMESTAMP null | End as stated.
-- column: availability VARCHAR null | Standing of the listing as stated.
-- column: alias_of VARCHAR null | Listing this name stands for, as stated.
-- column: known_from TIMESTAMP | First capture of this value.
-- column: last_seen_at TIMESTAMP | Last capture of this value.
-- column: known_to TIMESTAMP null | First capture that shows another value or none; null while it stands.
-- column: origin VARCHAR | Origin of the last capture of this value.
-- column: first_capture_id VARCHAR | First capture of this value.
-- column: capture_id VARCHAR | Last capture of this value.
with keyed as (
    select
        *,
        md5(
            row(
                source, document, provider, listing, market, deployment_scope, channel, service_tier, mode,
                context_from_tokens, window_name, price_kind
            )::varchar
        ) as offer_id,
        row(
            currency, amount, amount_per_mtok, context_to_tokens, window_days, window_hours, window_zone,
            promotion_ends_at, effective_to, availability, alias_of
        ) as value,
    from staging.price
    -- Two bodies of one moment cannot both have been in force: the history follows the later one.
    qualify row_number() over (
        partition by source, document, provider, listing, market, deployment_scope, channel, service_tier, mode,
            context_from_tokens, window_name, price_kind, component, unit, effective_from, observed_at
        order by capture_id desc
    ) = 1
),

marked as (
    select
        *,
        not is_gone
        and not coalesce(lag(is_gone) over in_time, true)
        and value is not distinct from lag(value) over in_time as continues,
    from keyed
    window in_time as (partition by offer_id, component, unit, effective_from order by observed_at)
),

opened as (
    select
        * exclude (value, continues),
        -- Only the text or the link to the Hub may differ between rows of one period: the next row that ends it counts.
        lead(observed_at) over (partition by offer_id, component, unit, effective_from order by observed_at) as known_to,
    from marked
    where not continues
)

select
    opened.offer_id,
    opened.source,
    opened.document,
    opened.provider,
    opened.listing,
    opened.market,
    opened.deployment_scope,
    opened.channel,
    opened.service_tier,
    opened.mode,
    opened.context_from_tokens,
    opened.window_name,
    opened.price_kind,
    opened.component,
    opened.unit,
    opened.context_to_tokens,
    opened.window_days,
    opened.window_hours,
    opened.window_zone,
    opened.currency,
    opened.amount,
    opened.amount_per_mtok,
    opened.price_text,
    opened.promotion_ends_at,
    opened.effective_from,
    opened.effective_to,
    opened.availability,
    opened.alias_of,
    opened.observed_at as known_from,
    seen.observed_at as last_seen_at,
    opened.known_to,
    seen.origin,
    opened.capture_id as first_capture_id,
    seen.capture_id,
from opened
asof join core.document_sequence as seen
    on opened.source = seen.source
    and opened.document = seen.document
    and coalesce(opened.known_to, timestamp 'infinity') > seen.observed_at
where not opened.is_gone
