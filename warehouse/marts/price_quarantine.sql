-- description: Data-quality events among prices: statements kept out of current prices and news, and why. One row per doubted statement and reason, lifted ones among them.
-- min_rows: 0
-- grain: offer_id, component, unit, effective_from, known_from, reason
-- column: offer_id VARCHAR | Offer, as in core.price.
-- column: source VARCHAR | Source that states the price.
-- column: provider VARCHAR | Who sells.
-- column: listing VARCHAR | Name at the source.
-- column: model_id VARCHAR null | Model it resolves to.
-- column: component VARCHAR | What is charged for.
-- column: unit VARCHAR | Unit as stated.
-- column: currency VARCHAR | Native currency.
-- column: amount DECIMAL(24, 12) null | Price in the stated unit.
-- column: amount_per_mtok DECIMAL(24, 9) null | Native price per million tokens.
-- column: price_text VARCHAR | The price as written.
-- column: effective_from TIMESTAMP null | Start as stated.
-- column: known_from TIMESTAMP | First capture of the statement.
-- column: last_seen_at TIMESTAMP | Last capture of the statement.
-- column: known_to TIMESTAMP null | When the source took it back; null while it stands.
-- column: reason VARCHAR in (far_from_others, far_from_own_past, implausible, upstream_event) | Why it is doubted, see core.price_doubt.
-- column: ratio DOUBLE null | The price by what it was compared with.
-- column: compared_with_usd_per_mtok DOUBLE null | What it was compared with, in US dollars per million tokens.
-- column: others BIGINT null | Sellers and sources it was compared with.
-- column: is_doubted BOOLEAN | True while it is kept out.
-- column: lifted_at TIMESTAMP null | When it was believed after all.
-- column: lifted_by VARCHAR null in (persisted, confirmed) | What lifted it.
-- column: origin VARCHAR | Origin of the last capture.
-- column: capture_id VARCHAR | First capture of the statement.
select
    price.offer_id,
    price.source,
    price.provider,
    price.listing,
    if(moved.listing is null, listing.model_id, moved.model_id) as model_id,
    price.component,
    price.unit,
    price.currency,
    price.amount,
    price.amount_per_mtok,
    price.price_text,
    price.effective_from,
    price.known_from,
    price.last_seen_at,
    price.known_to,
    doubt.reason,
    doubt.ratio,
    doubt.compared_with_usd_per_mtok,
    doubt.others,
    doubt.lifted_at is null or doubt.lifted_at > as_at() as is_doubted,
    doubt.lifted_at,
    doubt.lifted_by,
    price.origin,
    price.first_capture_id as capture_id,
from core.price_doubt as doubt
join core.price as price
    on price.offer_id = doubt.offer_id
    and price.component = doubt.component
    and price.unit = doubt.unit
    and price.known_from = doubt.known_from
    and price.effective_from is not distinct from doubt.effective_from
left join core.listing as listing
    on listing.source = price.source and listing.provider = price.provider and listing.listing = price.listing
left join core.moved_listing as moved
    on moved.source = price.source and moved.provider = price.provider and moved.listing = price.listing
    and price.known_from >= coalesce(moved.valid_from, '-infinity'::date)
    and price.known_from < coalesce(moved.valid_before, 'infinity'::date)
