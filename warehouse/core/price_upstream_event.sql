-- description: Captures in which a source set many prices to zero, multiplied many by one factor, changed a third of its book or lost half of it: its own doing until it persists. One row per capture, document and kind.
-- min_rows: 0
-- grain: source, document, capture_id, kind
-- column: source VARCHAR | Source.
-- column: document VARCHAR | Document.
-- column: capture_id VARCHAR | Capture.
-- column: observed_at TIMESTAMP | Time of the capture.
-- column: kind VARCHAR in (zeroed, scaled, mass_change, vanished) | zeroed = at least 10 prices and a twentieth of the book went to 0; scaled = as many were multiplied by one factor of 2 or more, or a half or less; mass_change = at least 50 and a third of the book changed; vanished = at least 10 and half of the book were no longer stated.
-- column: ratio DOUBLE null | The factor, rounded to three decimals; null unless scaled.
-- column: prices BIGINT | Prices it touched.
-- column: listings BIGINT | Listings it touched.
-- column: book_prices BIGINT | Prices of the document that had a value before.
-- column: still_standing BIGINT | Of those it touched, how many still stood so at the newest capture.
-- column: persisted_at TIMESTAMP null | First capture three days or more later in which at least half of them still stood so; null until then.
with stepped as (
    select
        source,
        document,
        listing,
        provider,
        first_capture_id as capture_id,
        known_from,
        known_to,
        last_seen_at,
        amount,
        lag(amount) over in_time as amount_before,
        lag(currency) over in_time = currency as is_same_currency,
        lag(known_to) over in_time = known_from as is_step,
    from core.price
    where effective_from is null or effective_from <= known_from
    window in_time as (partition by offer_id, component, unit, effective_from order by known_from)
),

changed as (
    select
        *,
        case when amount > 0 and amount_before > 0 then round(amount::double / amount_before::double, 3) end as ratio,
    from stepped
    where is_step and is_same_currency and amount is distinct from amount_before
),

-- What went without a successor, until it came back.
left_off as (
    select
        *,
        lead(known_from) over (partition by offer_id, component, unit order by known_from) as came_back_at,
        count(*) over (partition by offer_id, component, unit, known_to) as versions,
    from core.price
),

vanished as (
    select
        price.source,
        price.document,
        seen.capture_id,
        price.provider,
        price.listing,
        price.came_back_at as known_to,
        coalesce(price.came_back_at - interval 1 microsecond, timestamp 'infinity') as last_seen_at,
    from left_off as price
    join core.document_sequence as seen
        on seen.source = price.source and seen.document = price.document and seen.observed_at = price.known_to
    where price.came_back_at is distinct from price.known_to and price.versions = 1
),

book as (
    select seen.source, seen.document, seen.capture_id, seen.observed_at, count(*) as book_prices
    from (
        select source, document, capture_id from changed
        union
        select source, document, capture_id from vanished
    ) as touched
    join core.document_sequence as seen using (source, document, capture_id)
    join core.price as held
        on held.source = seen.source
        and held.document = seen.document
        and held.known_from < seen.observed_at
        and (held.known_to is null or held.known_to >= seen.observed_at)
    group by all
),

event as (
    select source, document, capture_id, 'zeroed' as kind, null::double as ratio, list(struct_pack(provider, listing, known_to, last_seen_at)) as touched
    from changed
    where amount = 0 and amount_before > 0
    group by all
    having count(*) >= 10
    union all
    select source, document, capture_id, 'scaled' as kind, ratio, list(struct_pack(provider, listing, known_to, last_seen_at)) as touched
    from changed
    where ratio is not null and not (ratio > 0.5 and ratio < 2)
    group by all
    having count(*) >= 10 and count(distinct listing) >= 5
    union all
    select source, document, capture_id, 'mass_change' as kind, null::double as ratio, list(struct_pack(provider, listing, known_to, last_seen_at)) as touched
    from changed
    group by all
    having count(*) >= 50
    union all
    select
        source,
        document,
        capture_id,
        'vanished' as kind,
        null::double as ratio,
        list(struct_pack(provider, listing, known_to, last_seen_at)) as touched,
    from vanished
    group by all
    having count(*) >= 10
)

select
    event.source,
    event.document,
    event.capture_id,
    book.observed_at,
    event.kind,
    event.ratio,
    len(event.touched) as prices,
    len(list_distinct(list_transform(event.touched, lambda one: one.provider || '/' || one.listing))) as listings,
    book.book_prices,
    len(list_filter(event.touched, lambda one: one.known_to is null)) as still_standing,
    (
        select min(later.observed_at)
        from core.document_sequence as later
        where later.source = event.source
            and later.document = event.document
            and later.observed_at >= book.observed_at + interval 3 day
            and 2 * len(list_filter(event.touched, lambda one: one.last_seen_at >= later.observed_at)) >= len(event.touched)
    ) as persisted_at,
from event
join book using (source, document, capture_id)
where len(event.touched)
    >= case event.kind when 'mass_change' then 1 / 3 when 'vanished' then 1 / 2 else 1 / 20 end * book.book_prices
-- The factor that touched most, where one capture has several.
qualify row_number() over (
    partition by event.source, event.document, event.capture_id, event.kind
    order by len(event.touched) desc, event.ratio
) = 1
