-- description: Where a source rewrote what it had said of a time already past. Not a price change: the world may be as it was. One row per rewritten statement.
-- min_rows: 0
-- grain: offer_id, component, unit, effective_from, restated_at, kind
-- column: offer_id VARCHAR | Offer, as in core.price.
-- column: source VARCHAR | Source.
-- column: provider VARCHAR | Who sells.
-- column: listing VARCHAR | Name at the source.
-- column: model_id VARCHAR null | Model it resolves to.
-- column: component VARCHAR | What is charged for.
-- column: unit VARCHAR | Unit.
-- column: currency VARCHAR | Currency.
-- column: kind VARCHAR in (changed, removed, added) | changed = another amount or end for the same stated start; removed = a stated past period is no longer stated; added = a period was added that had begun before the capture before.
-- column: effective_from TIMESTAMP | Start of the period it speaks of, as stated.
-- column: effective_to_before TIMESTAMP null | End it stated before.
-- column: effective_to_after TIMESTAMP null | End it states now.
-- column: amount_before DECIMAL(24, 12) null | What it said before.
-- column: amount_after DECIMAL(24, 12) null | What it says now.
-- column: last_seen_before_at TIMESTAMP null | Last capture before.
-- column: restated_at TIMESTAMP | First capture that says otherwise.
-- column: origin VARCHAR | Origin of that capture.
-- column: capture_id VARCHAR | That capture.
with dated as (
    select
        price.*,
        if(moved.listing is null, listing.model_id, moved.model_id) as model_id,
        lead(price) over versions as after,
        lag(price.known_to) over versions as before_known_to,
    from core.price as price
    left join core.listing as listing
        on listing.source = price.source and listing.provider = price.provider and listing.listing = price.listing
    left join core.moved_listing as moved
        on moved.source = price.source and moved.provider = price.provider and moved.listing = price.listing
        and price.known_from >= coalesce(moved.valid_from, '-infinity'::date)
        and price.known_from < coalesce(moved.valid_before, 'infinity'::date)
    where price.effective_from is not null
    window versions as (
        partition by price.offer_id, price.component, price.unit, price.effective_from order by price.known_from
    )
),

first_capture as (
    select source, document, min(observed_at) as first_asked_at from core.document_sequence group by source, document
),

-- A listing that went as a whole was withdrawn; only one that stayed had its past rewritten.
stays as (
    select distinct offer_id, component, unit, known_from, known_to from core.price
),

rewritten as (
    select
        *,
        if(after.known_from = known_to, 'changed', 'removed') as kind,
        if(after.known_from = known_to, after.amount, null) as amount_after,
        if(after.known_from = known_to, after.effective_to, null) as effective_to_after,
        known_to as restated_at,
    from dated
    where known_to > effective_from
        and (
            (after.known_from = known_to and (
                after.amount is distinct from amount or after.effective_to is distinct from effective_to
            ))
            or (after.known_from is distinct from known_to and exists (
                select 1 from stays
                where stays.offer_id = dated.offer_id
                    and stays.component = dated.component
                    and stays.unit = dated.unit
                    and stays.known_from <= dated.known_to
                    and (stays.known_to is null or stays.known_to > dated.known_to)
            ))
        )
),

added as (
    select
        dated.*,
        previous.observed_at as asked_before_at,
    from dated
    join first_capture using (source, document)
    asof join core.document_sequence as previous
        on dated.source = previous.source
        and dated.document = previous.document
        and dated.known_from > previous.observed_at
    where dated.before_known_to is distinct from dated.known_from
        and dated.known_from > first_asked_at
        and dated.effective_from < previous.observed_at
        and exists (
            select 1 from stays
            where stays.offer_id = dated.offer_id
                and stays.component = dated.component
                and stays.unit = dated.unit
                and stays.known_from < dated.known_from
        )
)

select
    changed.offer_id,
    changed.source,
    changed.provider,
    changed.listing,
    changed.model_id,
    changed.component,
    changed.unit,
    changed.currency,
    changed.kind,
    changed.effective_from,
    changed.effective_to as effective_to_before,
    changed.effective_to_after,
    changed.amount as amount_before,
    changed.amount_after,
    changed.last_seen_at as last_seen_before_at,
    changed.restated_at,
    shown.origin,
    shown.capture_id,
from rewritten as changed
join core.document_sequence as shown
    on shown.source = changed.source and shown.document = changed.document and shown.observed_at = changed.restated_at
union all by name
select
    offer_id,
    source,
    provider,
    listing,
    model_id,
    component,
    unit,
    currency,
    'added' as kind,
    effective_from,
    null::timestamp as effective_to_before,
    effective_to as effective_to_after,
    null as amount_before,
    amount as amount_after,
    asked_before_at as last_seen_before_at,
    known_from as restated_at,
    origin,
    first_capture_id as capture_id,
from added
