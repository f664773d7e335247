-- description: Price statements that are kept out of current prices and of news until something confirms them, and why. One row per doubted statement and reason.
-- min_rows: 0
-- grain: offer_id, component, unit, effective_from, known_from, reason
-- column: offer_id VARCHAR | Offer, as in core.price.
-- column: component VARCHAR | What is charged for.
-- column: unit VARCHAR | Unit.
-- column: effective_from TIMESTAMP null | Start as stated.
-- column: known_from TIMESTAMP | First capture of the statement.
-- column: reason VARCHAR in (far_from_others, far_from_own_past, implausible, upstream_event) | far_from_others = more than 20 times the median of other sellers and sources of the same model, or less than a twentieth; far_from_own_past = the same against its own last value; implausible = above 2,000 USD per million tokens with nobody near; upstream_event = one of many prices that one capture set to zero or multiplied.
-- column: ratio DOUBLE null | The price by what it was compared with.
-- column: compared_with_usd_per_mtok DOUBLE null | What it was compared with, in US dollars per million tokens where the unit is tokens.
-- column: others BIGINT null | Sellers and sources in the median.
-- column: lifted_at TIMESTAMP null | When it was believed after all: it persisted for three days and a second capture (a change of its own), or the seller's own page or two other sources say the same; null while it is doubted.
-- column: lifted_by VARCHAR null in (persisted, confirmed) | What lifted it.
with rate as (
    select currency, arg_max(usd_per_unit, rate_on) as usd_per_unit
    from core.fx_rate
    where rate_on <= as_at()::date
    group by currency
),

statement as (
    select
        price.*,
        coalesce(if(moved.listing is null, listing.model_id, moved.model_id), listing.short_name) as product,
        price.amount_per_mtok::double * if(price.currency = 'USD', 1, rate.usd_per_unit) as usd_per_mtok,
        lag(price.amount) over in_time as amount_before,
        lag(price.amount_per_mtok::double * if(price.currency = 'USD', 1, rate.usd_per_unit)) over in_time as usd_before,
        lag(price.currency) over in_time as currency_before,
        lag(price.known_from) over in_time as before_known_from,
        lag(price.effective_from) over in_time as before_effective_from,
    from core.price as price
    join core.listing as listing
        on listing.source = price.source and listing.provider = price.provider and listing.listing = price.listing
    left join core.moved_listing as moved
        on moved.source = price.source and moved.provider = price.provider and moved.listing = price.listing
        and price.known_from >= coalesce(moved.valid_from, '-infinity'::date)
        and price.known_from < coalesce(moved.valid_before, 'infinity'::date)
    left join rate on rate.currency = price.currency
    window in_time as (
        partition by offer_id, component, unit order by known_from, effective_from nulls first
    )
),

-- One voice per seller and source, so that one long list cannot outvote the others.
voice as (
    select
        product,
        component,
        source,
        provider,
        round(median(usd_per_mtok), 9) as usd_per_mtok,
    from statement
    where usd_per_mtok > 0 and service_tier = 'standard'
    group by product, component, source, provider
),

heard as (
    select
        mine.product,
        mine.component,
        mine.source,
        mine.provider,
        list(other.usd_per_mtok order by other.usd_per_mtok) as prices,
    from voice as mine
    join voice as other
        on other.product = mine.product
        and other.component = mine.component
        and (other.source <> mine.source or other.provider <> mine.provider)
    group by mine.product, mine.component, mine.source, mine.provider
),

-- Of an even number of voices both middle ones count: a price is far only when it is far from the nearer one.
compared as (
    select
        * exclude (prices),
        len(prices) as others,
        prices[(len(prices) + 1) // 2] as lower_median,
        prices[len(prices) // 2 + 1] as upper_median,
    from heard
),

judged as (
    select
        statement.*,
        declared.kind as source_kind,
        compared.others,
        greatest(compared.lower_median, least(statement.usd_per_mtok, compared.upper_median)) as nearer_median,
        statement.usd_per_mtok / nearer_median as ratio_to_others,
        case
            when statement.currency = statement.currency_before and statement.amount_before > 0
            then statement.amount::double / statement.amount_before::double
        end as ratio_to_past,
    from statement
    join staging.source as declared using (source)
    left join compared using (product, component, source, provider)
),

far as (
    select *
    from judged
    where usd_per_mtok > 0
        and others >= 2
        and not ratio_to_others between 0.05 and 20
        -- A seller's own page is not doubted because others list the same name at another price.
        and source_kind <> 'official'
),

-- Those who say nearly the same of the same model: the seller's own page, or two other sources, confirm a price.
agreeing as (
    select
        far.offer_id,
        far.component,
        far.unit,
        far.effective_from,
        far.known_from,
        count(distinct said.source) as sources,
        coalesce(bool_or(said.source_kind = 'official'), false) as is_official,
        min(greatest(said.known_from, far.known_from)) as agreed_at,
    from far
    join judged as said
        on said.product = far.product
        and said.component = far.component
        and said.source <> far.source
        and said.usd_per_mtok between 0.8 * far.usd_per_mtok and 1.25 * far.usd_per_mtok
    group by far.offer_id, far.component, far.unit, far.effective_from, far.known_from
),

far_from_others as (
    select
        far.*,
        if(agreeing.is_official or agreeing.sources >= 2, agreeing.agreed_at, null) as agreed_at,
    from far
    left join agreeing
        on agreeing.offer_id = far.offer_id
        and agreeing.component = far.component
        and agreeing.unit = far.unit
        and agreeing.known_from = far.known_from
        and agreeing.effective_from is not distinct from far.effective_from
),

implausible as (
    select *
    from judged
    where usd_per_mtok > 2000 and coalesce(others, 0) < 2
),

far_from_own_past as (
    select
        judged.*,
        case
            when judged.others >= 2 and judged.ratio_to_others between 0.2 and 5 then 'confirmed'
            when judged.last_seen_at >= judged.known_from + interval 3 day
                and judged.first_capture_id <> judged.capture_id then 'persisted'
        end as lifted_by,
    from judged
    where amount > 0 and not ratio_to_past between 0.05 and 20
),

upstream as (
    select
        judged.*,
        event.persisted_at,
    from judged
    join core.price_upstream_event as event
        on event.source = judged.source
        and event.document = judged.document
        and event.capture_id = judged.first_capture_id
    where (event.kind = 'zeroed' and judged.amount = 0 and judged.amount_before > 0)
        or (event.kind = 'scaled' and round(judged.ratio_to_past, 3) = event.ratio)
)

select
    offer_id, component, unit, effective_from, known_from,
    'far_from_others' as reason,
    ratio_to_others as ratio,
    nearer_median as compared_with_usd_per_mtok,
    others,
    agreed_at as lifted_at,
    if(agreed_at is not null, 'confirmed', null) as lifted_by,
from far_from_others
union all by name
select
    offer_id, component, unit, effective_from, known_from,
    'implausible' as reason,
    null::double as ratio,
    null::double as compared_with_usd_per_mtok,
    others,
    null::timestamp as lifted_at,
    null as lifted_by,
from implausible
union all by name
select
    offer_id, component, unit, effective_from, known_from,
    'far_from_own_past' as reason,
    ratio_to_past as ratio,
    usd_before as compared_with_usd_per_mtok,
    others,
    case lifted_by when 'confirmed' then known_from when 'persisted' then known_from + interval 3 day end as lifted_at,
    lifted_by,
from far_from_own_past
union all by name
select
    offer_id, component, unit, effective_from, known_from,
    'upstream_event' as reason,
    amount::double / amount_before::double as ratio,
    usd_before as compared_with_usd_per_mtok,
    others,
    persisted_at as lifted_at,
    if(persisted_at is not null, 'persisted', null) as lifted_by,
from upstream
