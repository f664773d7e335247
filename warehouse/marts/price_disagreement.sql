-- description: What others say a seller charges, against the seller's own page: standard tier, list price, shortest prompts, per million tokens. Of the seller's prices in the same currency (books, modes, hours) the one nearest to what the other says. One row per statement of another source and component.
-- min_rows: 0
-- grain: offer_id, component, unit
-- column: offer_id VARCHAR | Offer of the other source, as in core.price.
-- column: model_id VARCHAR | Model.
-- column: model_name VARCHAR | Its name.
-- column: is_watched BOOLEAN | True for models of seeds.watched_model.
-- column: seller VARCHAR | Whose price it is.
-- column: component VARCHAR | What is charged for.
-- column: unit VARCHAR | Unit as the other states it.
-- column: currency VARCHAR | Currency of both.
-- column: source VARCHAR | The other source.
-- column: source_kind VARCHAR | What it is: a reseller that passes the seller's offer on, or an aggregator.
-- column: provider VARCHAR | The seller as the other writes it.
-- column: listing VARCHAR | Name at the other.
-- column: stated_per_mtok DECIMAL(24, 9) | What the other says.
-- column: stated_since TIMESTAMP | First capture in which it said so.
-- column: stated_until TIMESTAMP | Last capture in which it said so.
-- column: stated_origin VARCHAR | Origin of that capture.
-- column: stated_capture_id VARCHAR | That capture.
-- column: own_source VARCHAR | Source of the seller's own page.
-- column: own_document VARCHAR | The page.
-- column: own_listing VARCHAR | Name there.
-- column: own_per_mtok DECIMAL(24, 9) | What the seller says.
-- column: own_since TIMESTAMP | From when that price is in force, as far as the page or its captures tell.
-- column: own_until TIMESTAMP | Last capture that confirms it.
-- column: own_origin VARCHAR | Origin of that capture.
-- column: own_capture_id VARCHAR | That capture.
-- column: ratio DOUBLE null | What the other says by what the seller says; null where the seller's is 0.
-- column: verdict VARCHAR in (agrees, stale, differs, asked_before, newer_than_page) | stale = it still said a price the seller had given up; asked_before = the other was last asked before the seller's price began; newer_than_page = it said so only after the page was last read; differs = none of these.
-- column: given_up_at TIMESTAMP null | When the seller gave up the price a stale statement repeats.
-- column: stale_days BIGINT null | Days from then to the last capture in which the other still said so.
with spoken as (
    select
        price.*,
        -- OpenRouter and the Hugging Face router name the seller behind them; so does the table of sellers.
        coalesce(provider.seller, price.provider) as seller,
    from marts.price_current as price
    left join seeds.provider as provider using (provider)
    where price.model_id is not null
        and price.amount_per_mtok is not null
        and price.service_tier = 'standard'
        and price.price_kind = 'list'
        and price.context_from_tokens = 0
        and price.availability is distinct from 'retired'
        and price.listing not like '%:free'
),

is_own as (
    select * from spoken where source_kind <> 'aggregator' and not regexp_matches(provider, '^(openrouter|huggingface)_')
),

other as (
    select * from spoken where source_kind = 'aggregator' or regexp_matches(provider, '^(openrouter|huggingface)_')
),

paired as (
    select
        other.*,
        own.source as own_source,
        own.document as own_document,
        own.listing as own_listing,
        own.offer_id as own_offer_id,
        own.unit as own_unit,
        own.amount_per_mtok as own_per_mtok,
        own.last_seen_at as own_until,
        own.origin as own_origin,
        own.capture_id as own_capture_id,
    from other
    join is_own as own
        on own.model_id = other.model_id
        and own.seller = other.seller
        and own.component = other.component
        and own.currency = other.currency
        and (other.mode is null or own.mode is null or own.mode = other.mode)
    qualify row_number() over (
        partition by other.offer_id, other.component, other.unit
        order by abs(own.amount_per_mtok - other.amount_per_mtok), own.last_seen_at desc, own.listing, own.document,
            own.offer_id, own.unit
    ) = 1
),

-- Earlier prices of the seller for the same component, from any of its books in that currency.
past as (
    select
        period.model_id,
        coalesce(provider.seller, period.provider) as seller,
        period.component,
        period.currency,
        period.amount_per_mtok,
        max(period.in_force_to) as given_up_at,
    from core.price_period as period
    join staging.source as declared using (source)
    left join seeds.provider as provider using (provider)
    where declared.kind <> 'aggregator'
        and period.service_tier = 'standard'
        and period.context_from_tokens = 0
        and period.in_force_to <= as_at()
    group by all
),

dated as (
    select
        paired.*,
        period.in_force_from as own_since,
        past.given_up_at,
    from paired
    left join core.price_period as period
        on period.offer_id = paired.own_offer_id
        and period.component = paired.component
        and period.unit = paired.own_unit
        and period.basis = 'captured'
        and period.in_force_from <= as_at()
        and (period.in_force_to is null or period.in_force_to > as_at())
    left join past
        on past.model_id = paired.model_id
        and past.seller = paired.seller
        and past.component = paired.component
        and past.currency = paired.currency
        and past.amount_per_mtok = paired.amount_per_mtok
),

judged as (
    select
        *,
        case
            when amount_per_mtok = own_per_mtok then 'agrees'
            when last_seen_at < own_since then 'asked_before'
            when known_from > own_until then 'newer_than_page'
            when given_up_at <= last_seen_at then 'stale'
            else 'differs'
        end as verdict,
    from dated
)

select
    judged.offer_id,
    judged.model_id,
    model.name as model_name,
    watched.model_id is not null as is_watched,
    judged.seller,
    judged.component,
    judged.unit,
    judged.currency,
    judged.source,
    judged.source_kind,
    judged.provider,
    judged.listing,
    judged.amount_per_mtok as stated_per_mtok,
    judged.known_from as stated_since,
    judged.last_seen_at as stated_until,
    judged.origin as stated_origin,
    judged.capture_id as stated_capture_id,
    judged.own_source,
    judged.own_document,
    judged.own_listing,
    judged.own_per_mtok,
    judged.own_since,
    judged.own_until,
    judged.own_origin,
    judged.own_capture_id,
    judged.amount_per_mtok::double / nullif(judged.own_per_mtok, 0)::double as ratio,
    judged.verdict,
    if(judged.verdict = 'stale', judged.given_up_at, null) as given_up_at,
    if(judged.verdict = 'stale', date_diff('day', judged.given_up_at, judged.last_seen_at), null) as stale_days,
from judged
join core.model as model using (model_id)
left join seeds.watched_model as watched on watched.model_id = judged.model_id
