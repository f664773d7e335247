-- description: What the watched models cost over time: input and output at list price, standard tier, shortest prompts, in each currency their seller asks. The seller's own page where it was captured; before that, or without one, an aggregator's account. One row per model, currency, component and period.
-- min_rows: 0
-- grain: model_id, currency, component, in_force_from
-- column: model_id VARCHAR | Model.
-- column: model_name VARCHAR | Its name.
-- column: organisation_id VARCHAR | Organisation that released it.
-- column: organisation_name VARCHAR | Name of the organisation.
-- column: currency VARCHAR | Native currency.
-- column: component VARCHAR in (input, output) | What is charged for.
-- column: amount_per_mtok DECIMAL(24, 9) | Native price per million tokens; of several modes or hours the dearest.
-- column: in_force_from TIMESTAMP | From when, as in core.price_period.
-- column: in_force_to TIMESTAMP null | Until when; null while it lasts.
-- column: last_seen_at TIMESTAMP | Last capture that states it.
-- column: account VARCHAR in (own_page, aggregator) | Whose word it is.
-- column: is_first_party BOOLEAN | True where the model's own organisation sells; of models it does not sell, the seller whose history is longest.
-- column: basis VARCHAR in (captured, stated_later) | captured = read while it was in force; stated_later = the source's own account of a time before the first capture.
-- column: source VARCHAR | Source.
-- column: provider VARCHAR | Who sells.
-- column: listing VARCHAR | Name at the source; of several the shortest.
-- column: market VARCHAR | Market of the price book.
-- column: deployment_scope VARCHAR null | Deployment scope.
-- column: origin VARCHAR | Origin of the capture.
-- column: capture_id VARCHAR | First capture that states it.
with spoken as (
    select
        period.*,
        model.name as model_name,
        model.organisation_id,
        model.organisation_name,
        declared.kind = 'aggregator' as is_hearsay,
        coalesce(provider.organisation_id, period.provider) = model.organisation_id as is_first_party,
        -- Some slugs stand for a Chinese book converted to dollars.
        if(period.market = 'global', coalesce(provider.market, 'global'), period.market) as book_market,
    from core.price_period as period
    join seeds.watched_model as watched on watched.model_id = period.model_id
    join core.model as model on model.model_id = period.model_id
    join staging.source as declared on declared.source = period.source
    left join seeds.provider as provider on provider.provider = period.provider
    anti join (
        select offer_id, component, unit, known_from
        from core.price_doubt
        where lifted_at is null or lifted_at > as_at()
    ) as doubted
        on doubted.offer_id = period.offer_id
        and doubted.component = period.component
        and doubted.unit = period.unit
        and doubted.known_from = period.known_from
    where period.component in ('input', 'output')
        and period.amount_per_mtok > 0
        and period.service_tier = 'standard'
        and period.price_kind = 'list'
        and period.context_from_tokens = 0
        and period.channel <> 'cloud'
        and period.in_force_from <= as_at()
),

-- One book per model and currency, of a first party one per kind of account: the plain market before the rest, then the
-- longest history.
book as (
    select
        model_id, currency, is_hearsay, source, document, provider, market, deployment_scope, is_first_party,
        book_market,
        min(in_force_from) as begins_at,
    from spoken
    group by model_id, currency, is_hearsay, source, document, provider, market, deployment_scope, is_first_party,
        book_market
    qualify row_number() over (
        partition by model_id, currency, is_first_party, if(is_first_party, is_hearsay, null)
        order by
            if(is_first_party, list_position(['global', 'cn', 'intl'], book_market), null) nulls last,
            if(is_first_party, deployment_scope, null) nulls first,
            begins_at, is_hearsay, source, document, provider, market, deployment_scope nulls first
    ) = 1
        -- Of a model that its maker does not sell one seller's book alone: sellers are not strung together.
        and is_first_party = max(is_first_party) over (partition by model_id)
),

listed as (
    select spoken.*
    from spoken
    join book
        on book.model_id = spoken.model_id
        and book.currency = spoken.currency
        and book.source = spoken.source
        and book.document = spoken.document
        and book.provider = spoken.provider
        and book.market = spoken.market
        and book.deployment_scope is not distinct from spoken.deployment_scope
),

point as (
    select model_id, currency, is_hearsay, component, unnest([in_force_from, in_force_to]) as moment from listed
),

segment as (
    select
        model_id, currency, is_hearsay, component, moment,
        lead(moment) over (partition by model_id, currency, is_hearsay, component order by moment) as until,
    from (select distinct * from point where moment is not null)
),

chosen as (
    select listed.*, segment.moment, segment.until
    from segment
    join listed
        on listed.model_id = segment.model_id
        and listed.currency = segment.currency
        and listed.is_hearsay = segment.is_hearsay
        and listed.component = segment.component
        and listed.in_force_from <= segment.moment
        and (listed.in_force_to is null or listed.in_force_to > segment.moment)
    qualify row_number() over (
        partition by segment.model_id, segment.currency, segment.is_hearsay, segment.component, segment.moment
        order by
            listed.basis, length(listed.listing), listed.listing, listed.amount_per_mtok desc, listed.known_from desc,
            listed.offer_id, listed.unit
    ) = 1
),

stepped as (
    select
        *,
        moment is not distinct from lag(until) over in_time
        and amount_per_mtok = lag(amount_per_mtok) over in_time
        and basis = lag(basis) over in_time as continues,
    from chosen
    window in_time as (partition by model_id, currency, is_hearsay, component order by moment)
),

numbered as (
    select
        *,
        count_if(not coalesce(continues, false)) over (
            partition by model_id, currency, is_hearsay, component order by moment
        ) as period_number,
    from stepped
),

merged as (
    select
        model_id, currency, is_hearsay, component, period_number,
        arg_max(numbered, moment) as newest,
        arg_min(first_capture_id, moment) as earliest_capture_id,
        min(moment) as begins_at,
        arg_max_null(until, moment) as ends_at,
        max(last_seen_at) as seen_at,
    from numbered
    group by all
),

-- The aggregator's account ends where the seller's own page begins.
own_page as (
    select model_id, currency, component, min(begins_at) as own_begins_at
    from merged
    where not is_hearsay
    group by all
),

spliced as (
    select
        merged.* replace (least(merged.ends_at, if(is_hearsay, own_begins_at, null)) as ends_at),
    from merged
    left join own_page using (model_id, currency, component)
    where not (is_hearsay and own_begins_at is not null and begins_at >= own_begins_at)
)

select
    spliced.model_id,
    newest.model_name,
    newest.organisation_id,
    newest.organisation_name,
    spliced.currency,
    spliced.component,
    newest.amount_per_mtok,
    begins_at as in_force_from,
    ends_at as in_force_to,
    seen_at as last_seen_at,
    if(spliced.is_hearsay, 'aggregator', 'own_page') as account,
    newest.is_first_party,
    newest.basis,
    newest.source,
    newest.provider,
    newest.listing,
    newest.market,
    newest.deployment_scope,
    newest.origin,
    earliest_capture_id as capture_id,
from spliced
