-- description: The price in force of every offer and component, by source, at the newest capture; prices that are doubted are left out (marts.price_quarantine). One row per source, offer and component.
-- min_rows: 0
-- grain: offer_id, component, unit
-- column: offer_id VARCHAR | Offer, as in core.price.
-- column: source VARCHAR | Source that states the price.
-- column: source_kind VARCHAR | Whose word it is: official, reseller or aggregator.
-- column: document VARCHAR | Document of the source.
-- column: provider VARCHAR | Who sells.
-- column: listing VARCHAR | Name at the source.
-- column: model_id VARCHAR null | Model it resolves to; null while unmatched.
-- column: market VARCHAR | Market of the price book.
-- column: deployment_scope VARCHAR null | Deployment scope.
-- column: channel VARCHAR | Channel.
-- column: service_tier VARCHAR | Service tier.
-- column: mode VARCHAR null | Thinking or non-thinking.
-- column: context_from_tokens BIGINT | From this prompt length on.
-- column: context_to_tokens BIGINT null | Below this prompt length.
-- column: window_name VARCHAR null | Time window.
-- column: window_days VARCHAR null | Days of the window in its own zone.
-- column: window_hours VARCHAR null | Hours of the window in its own zone; null for all other hours.
-- column: window_zone VARCHAR null | Zone of the window.
-- column: component VARCHAR | What is charged for.
-- column: price_kind VARCHAR | List or promotion.
-- column: amount DECIMAL(24, 12) null | Price in the stated unit and currency.
-- column: unit VARCHAR | Unit as stated.
-- column: currency VARCHAR | Native currency.
-- column: amount_per_mtok DECIMAL(24, 9) null | Native price per million tokens.
-- column: usd_per_mtok DOUBLE null | The same in US dollars at the stated day's rate; null where no rate is known.
-- column: fx_rate_on DATE null | Day of the exchange rate used; null for US dollars.
-- column: promotion_ends_at TIMESTAMP null | End of the promotion.
-- column: effective_from TIMESTAMP null | Stated start.
-- column: availability VARCHAR null in (preview, limited, deprecated, retired) | Standing of the listing as stated.
-- column: alias_of VARCHAR null | Listing this name stands for, as stated.
-- column: known_from TIMESTAMP | Capture in which this price was first seen.
-- column: last_seen_at TIMESTAMP | Newest capture that confirms it.
-- column: origin VARCHAR | Origin of the newest capture.
-- column: capture_id VARCHAR | Newest capture that confirms it.
with in_force as (
    select *
    from core.price_period as period
    where not period.is_doubted
        and (period.in_force_to is null or period.in_force_to > as_at())
        and period.in_force_from <= as_at()
        -- The source's own account of the past is no current price.
        and period.basis = 'captured'
),

rate as (
    select currency, arg_max(usd_per_unit, rate_on) as usd_per_unit, max(rate_on) as rate_on
    from core.fx_rate
    where rate_on <= as_at()::date
    group by currency
)

select
    price.offer_id,
    price.source,
    price.source_kind,
    price.document,
    price.provider,
    price.listing,
    price.model_id,
    price.market,
    price.deployment_scope,
    price.channel,
    price.service_tier,
    price.mode,
    price.context_from_tokens,
    price.context_to_tokens,
    price.window_name,
    price.window_days,
    price.window_hours,
    price.window_zone,
    price.component,
    price.price_kind,
    price.amount,
    price.unit,
    price.currency,
    price.amount_per_mtok,
    case
        when price.currency = 'USD' then price.amount_per_mtok::double
        else price.amount_per_mtok::double * rate.usd_per_unit
    end as usd_per_mtok,
    case when price.currency <> 'USD' then rate.rate_on end as fx_rate_on,
    price.promotion_ends_at,
    price.effective_from,
    price.availability,
    price.alias_of,
    price.known_from,
    price.last_seen_at,
    price.origin,
    price.capture_id,
from in_force as price
left join rate on rate.currency = price.currency
