-- description: The one price of a model at each time: the blended 3:1 list price of a standard offer at the shortest context, the first party's where one is known, else the median provider's, as Epoch AI takes it. It can rise. One row per model and period.
-- min_rows: 0
-- grain: model_id, in_force_from
-- assert: in_force_to is null or in_force_to > in_force_from
-- column: model_id VARCHAR references seeds.model.model_id | Model.
-- column: in_force_from TIMESTAMP | From when, as in core.price_period.
-- column: in_force_to TIMESTAMP null | Until when; null while it lasts. A time between two periods has no known price.
-- column: blended_usd_per_mtok DOUBLE > 0 | (3 x input + output) / 4 in US dollars, at the rate of the day on which the native price began.
-- column: input_usd_per_mtok DOUBLE >= 0 | Input price in US dollars at that rate.
-- column: output_usd_per_mtok DOUBLE >= 0 | Output price in US dollars at that rate.
-- column: fx_rate_on DATE null | Day of the exchange rate; null for US dollars.
-- column: price_basis VARCHAR in (first_party, median_of_providers) | Whose price it is. Of an even number of providers the cheaper of the two in the middle, so that somebody asks this price.
-- column: price_providers BIGINT >= 1 | Providers with a price for the model when the period began.
-- column: basis VARCHAR in (captured, stated_later) | captured = read while it was in force; stated_later = the source's own account of a time before the first capture.
-- column: source VARCHAR | Source of the price.
-- column: source_kind VARCHAR | Whose word it is.
-- column: provider VARCHAR | Who sells at that price.
-- column: listing VARCHAR | Name at the source.
-- column: market VARCHAR | Market of the price book.
-- column: currency VARCHAR | Native currency.
-- column: origin VARCHAR | Origin of the capture.
-- column: capture_id VARCHAR | First capture that states it.
with spoken as (
    select
        *,
        if(in_force_to > as_at(), null, in_force_to) as stops_at,
    from core.price_period
    where model_id is not null
        and component in ('input', 'output')
        and amount_per_mtok is not null
        and service_tier = 'standard'
        and price_kind = 'list'
        and context_from_tokens = 0
        and availability is distinct from 'retired'
        and not is_doubted
        and in_force_from <= as_at()
),

rate_begins as (
    select currency, min(rate_on)::timestamp as rates_from from core.fx_rate group by currency
),

-- Input and output of one offer, for as long as both are in force. Before the first exchange rate a price in another
-- currency has none in dollars.
paired as (
    select
        input.*,
        greatest(input.in_force_from, output.in_force_from, rate_begins.rates_from) as begins_at,
        least(input.stops_at, output.stops_at) as ends_at,
        input.amount_per_mtok::double as input_per_mtok,
        output.amount_per_mtok::double as output_per_mtok,
    from spoken as input
    join spoken as output
        on output.offer_id = input.offer_id
        and output.currency = input.currency
        and output.component = 'output'
        and output.in_force_from < coalesce(input.stops_at, 'infinity'::timestamp)
        and input.in_force_from < coalesce(output.stops_at, 'infinity'::timestamp)
    left join rate_begins
        on rate_begins.currency = input.currency and input.currency <> 'USD'
    where input.component = 'input'
        and (input.currency = 'USD' or rate_begins.currency is not null)
),

dated_rate as (
    select *, rate_on::timestamp as rate_at from core.fx_rate
),

offer as (
    select
        paired.*,
        if(paired.currency = 'USD', 1, rate.usd_per_unit) as usd_per_unit,
        if(paired.currency = 'USD', null, rate.rate_on) as fx_rate_on,
        -- Rounded, so that the same price from two sources is the same number.
        round(
            blended_3_1(input_per_mtok, output_per_mtok) * if(paired.currency = 'USD', 1, rate.usd_per_unit), 12
        ) as blended_usd,
        coalesce(provider.organisation_id, paired.provider) = model.organisation_id as is_first_party,
        coalesce(provider.market, 'global') = 'global' and paired.market in ('global', 'intl') as is_global,
    from paired
    asof left join dated_rate as rate on rate.currency = paired.currency and paired.begins_at >= rate.rate_at
    join core.model as model using (model_id)
    left join seeds.provider as provider using (provider)
    where (paired.ends_at is null or paired.ends_at > paired.begins_at)
        and paired.input_per_mtok + paired.output_per_mtok > 0
),

point as (
    select model_id, unnest([begins_at, ends_at]) as moment from offer
),

segment as (
    select
        model_id,
        moment,
        lead(moment) over (partition by model_id order by moment) as until,
    from (select distinct * from point where moment is not null)
),

-- The best founded price of each provider: its own page, then a reseller's list, then an aggregator's; off-peak where a
-- price depends on the hour.
stated as (
    select offer.*, segment.moment, segment.until
    from segment
    join offer
        on offer.model_id = segment.model_id
        and offer.begins_at <= segment.moment
        and (offer.ends_at is null or offer.ends_at > segment.moment)
    qualify row_number() over (
        partition by segment.model_id, segment.moment, offer.provider
        order by
            offer.basis,
            case offer.source_kind when 'official' then 1 when 'reseller' then 2 else 3 end,
            offer.is_global desc, offer.blended_usd, offer.source, offer.document, offer.listing, offer.market,
            offer.deployment_scope, offer.channel, offer.mode, offer.window_name, offer.unit, offer.offer_id,
            offer.begins_at
    ) = 1
),

-- The first party's price for the whole world, else its cheapest; of the others the lower median, of those that sell to
-- the whole world where there are any.
ranked as (
    select
        *,
        count(*) over at_once as price_providers,
        max(is_first_party) over at_once as has_first_party,
        count(*) over side as side_providers,
        row_number() over (side order by blended_usd, provider) as position,
        row_number() over (side_of_all order by is_global desc, blended_usd, provider) as first_position,
        max(is_global) over side_of_all as has_global,
    from stated
    window
        at_once as (partition by model_id, moment),
        side_of_all as (partition by model_id, moment, is_first_party),
        side as (partition by model_id, moment, is_first_party, is_global)
),

chosen as (
    select *
    from ranked
    where is_first_party = has_first_party
        and if(
            has_first_party,
            first_position = 1,
            is_global = has_global and position = (side_providers + 1) // 2
        )
),

marked as (
    select
        *,
        row(blended_usd, input_per_mtok, output_per_mtok, currency, is_first_party, basis) as terms,
        moment is not distinct from lag(until) over in_time
        and terms is not distinct from lag(terms) over in_time as continues,
    from chosen
    window in_time as (partition by model_id order by moment)
),

numbered as (
    select
        * exclude (terms),
        count_if(not continues) over (partition by model_id order by moment) as period,
    from marked
),

merged as (
    select
        model_id,
        arg_min(numbered, moment) as first,
        min(moment) as begins_at,
        arg_max_null(until, moment) as ends_at,
    from numbered
    group by model_id, period
)

select
    model_id,
    begins_at as in_force_from,
    ends_at as in_force_to,
    first.blended_usd as blended_usd_per_mtok,
    first.input_per_mtok * first.usd_per_unit as input_usd_per_mtok,
    first.output_per_mtok * first.usd_per_unit as output_usd_per_mtok,
    first.fx_rate_on,
    if(first.is_first_party, 'first_party', 'median_of_providers') as price_basis,
    first.price_providers,
    first.basis,
    first.source,
    first.source_kind,
    first.provider,
    first.listing,
    first.market,
    first.currency,
    first.origin,
    first.first_capture_id as capture_id,
from merged
