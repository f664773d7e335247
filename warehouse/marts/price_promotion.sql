-- description: Promotions in force, with the list price beside them. One row per promoted component of an offer.
-- min_rows: 0
-- grain: offer_id, component, unit
-- column: offer_id VARCHAR | Offer, as in core.price.
-- column: source VARCHAR | Source that states it.
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
-- column: price_kind VARCHAR | Promotion.
-- column: component VARCHAR | What is charged for.
-- column: unit VARCHAR | Unit as stated.
-- column: currency VARCHAR | Native currency.
-- column: amount DECIMAL(24, 12) null | Promoted price in the stated unit.
-- column: amount_per_mtok DECIMAL(24, 9) null | Promoted native price per million tokens.
-- column: list_amount DECIMAL(24, 12) null | List price of the same offer; null where the source states none.
-- column: list_per_mtok DECIMAL(24, 9) null | The same per million tokens.
-- column: discount DOUBLE null | Part of the list price that is taken off.
-- column: promotion_ends_at TIMESTAMP null | End as stated; null where none is stated.
-- column: days_left BIGINT null | Whole days to that end.
-- column: known_from TIMESTAMP | Capture in which the promoted price was first seen.
-- column: last_seen_at TIMESTAMP | Newest capture that confirms it.
-- column: origin VARCHAR | Origin of that capture.
-- column: capture_id VARCHAR | That capture.
select
    promoted.offer_id,
    promoted.source,
    promoted.source_kind,
    promoted.document,
    promoted.provider,
    promoted.listing,
    promoted.model_id,
    promoted.market,
    promoted.deployment_scope,
    promoted.channel,
    promoted.service_tier,
    promoted.mode,
    promoted.context_from_tokens,
    promoted.window_name,
    promoted.price_kind,
    promoted.component,
    promoted.unit,
    promoted.currency,
    promoted.amount,
    promoted.amount_per_mtok,
    listed.amount as list_amount,
    listed.amount_per_mtok as list_per_mtok,
    1 - promoted.amount::double / nullif(listed.amount, 0)::double as discount,
    promoted.promotion_ends_at,
    date_diff('hour', as_at(), promoted.promotion_ends_at) // 24 as days_left,
    promoted.known_from,
    promoted.last_seen_at,
    promoted.origin,
    promoted.capture_id,
from marts.price_current as promoted
left join marts.price_current as listed
    on listed.source = promoted.source
    and listed.document = promoted.document
    and listed.provider = promoted.provider
    and listed.listing = promoted.listing
    and listed.market = promoted.market
    and listed.deployment_scope is not distinct from promoted.deployment_scope
    and listed.channel = promoted.channel
    and listed.service_tier = promoted.service_tier
    and listed.mode is not distinct from promoted.mode
    and listed.context_from_tokens = promoted.context_from_tokens
    and listed.window_name is not distinct from promoted.window_name
    and listed.component = promoted.component
    and listed.unit = promoted.unit
    and listed.currency = promoted.currency
    and listed.price_kind = 'list'
where promoted.price_kind = 'promotion'
