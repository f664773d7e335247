-- description: The price in force at every moment, as the sources stated it, with unchanged captures taken together; announced prices that were taken back are left out. One row per offer, component and period.
-- min_rows: 0
-- grain: listing_id, offer_id, component, unit, in_force_from
-- column: listing_id BIGINT | Listing, as in core.listing of this build; of a name that moved, what it stood for then, as in core.moved_listing.
-- column: all_hours_id BIGINT | Number of the offer whatever its tier and time window, in this build; windows of one of these exclude each other.
-- column: offer_id VARCHAR | Offer, as in core.price.
-- column: source VARCHAR | Source that states the price.
-- column: source_kind VARCHAR | Whose word it is.
-- column: document VARCHAR | Document of the source.
-- column: provider VARCHAR | Who sells.
-- column: listing VARCHAR | Name at the source.
-- column: model_id VARCHAR null | Model it stood for in this period; null while unmatched.
-- column: market VARCHAR | Market of the price book.
-- column: deployment_scope VARCHAR null | Deployment scope.
-- column: channel VARCHAR | Channel.
-- column: service_tier VARCHAR | Service tier.
-- column: mode VARCHAR null | Thinking or non-thinking.
-- column: context_from_tokens BIGINT | From this prompt length on.
-- column: context_to_tokens BIGINT null | Below this prompt length.
-- column: window_name VARCHAR null | Time window.
-- column: window_days VARCHAR null | Days of the window in its own zone.
-- column: window_hours VARCHAR null | Hours of the window in its own zone.
-- column: window_zone VARCHAR null | Zone of the window.
-- column: window_minutes BIT null | A bit for every minute of the week in the window's own zone, from Monday 00:00, set while it holds; null without stated hours or days.
-- column: window_days_off DATE[] null | Days of its own zone on which the window does not hold; null where none are stated.
-- column: price_kind VARCHAR | List or promotion.
-- column: component VARCHAR | What is charged for.
-- column: unit VARCHAR | Unit as stated.
-- column: currency VARCHAR | Native currency.
-- column: amount DECIMAL(24, 12) null | Price in the stated unit.
-- column: amount_per_mtok DECIMAL(24, 9) null | Native price per million tokens.
-- column: price_text VARCHAR | The price as written.
-- column: promotion_ends_at TIMESTAMP null | End of the promotion as stated.
-- column: effective_from TIMESTAMP null | Start as stated.
-- column: availability VARCHAR null | Standing of the listing as stated.
-- column: alias_of VARCHAR null | Listing this name stands for, as stated.
-- column: in_force_from TIMESTAMP | From when it is in force: its stated start, but not before the capture before it was known; else the first capture that shows it.
-- column: in_force_to TIMESTAMP null | Until when; null while it lasts.
-- column: basis VARCHAR in (captured, stated_later) | captured = read while it was in force; stated_later = the source's own account of a time before the first capture.
-- column: is_doubted BOOLEAN | True while the statement is doubted (core.price_doubt).
-- column: known_from TIMESTAMP | First capture that states it.
-- column: last_seen_at TIMESTAMP | Last capture that states it.
-- column: origin VARCHAR | Origin of that capture.
-- column: first_capture_id VARCHAR | First capture that states it.
-- column: capture_id VARCHAR | Last capture that states it.
with cancelled as (
    select offer_id, component, unit, effective_from, known_from
    from core.price_schedule
    where outcome = 'cancelled'
),

statement as (
    select
        price.*,
        -- A start in the past that a capture states reaches back over the time we did not look, no further.
        case
            when price.effective_from is null then price.known_from
            when price.effective_from >= price.known_from then price.effective_from
            else least(price.known_from, greatest(price.effective_from, previous.observed_at))
        end as starts_at,
        -- A price that was to end only because an announced one was to begin goes on when that was taken back.
        least(
            price.known_to,
            if(exists (
                select 1 from cancelled
                where cancelled.offer_id = price.offer_id
                    and cancelled.component = price.component
                    and cancelled.unit = price.unit
                    and cancelled.effective_from = price.effective_to
            ), null, price.effective_to),
            price.promotion_ends_at
        ) as stops_at,
    from core.price as price
    anti join cancelled using (offer_id, component, unit, effective_from, known_from)
    asof left join core.document_sequence as previous
        on price.source = previous.source
        and price.document = previous.document
        and price.known_from > previous.observed_at
),

captured as (
    select * from statement
    where starts_at <= as_at() and (stops_at is null or stops_at > starts_at)
),

point as (
    select offer_id, component, unit, unnest([starts_at, stops_at]) as moment
    from captured
),

segment as (
    select
        offer_id,
        component,
        unit,
        moment,
        lead(moment) over (partition by offer_id, component, unit order by moment) as until,
    from (select distinct * from point where moment is not null)
),

chosen as (
    select
        captured.*,
        segment.moment,
        segment.until,
    from segment
    join captured
        on captured.offer_id = segment.offer_id
        and captured.component = segment.component
        and captured.unit = segment.unit
        and captured.starts_at <= segment.moment
        and (captured.stops_at is null or captured.stops_at > segment.moment)
    qualify row_number() over (
        partition by segment.offer_id, segment.component, segment.unit, segment.moment
        order by captured.effective_from desc nulls last, captured.known_from desc
    ) = 1
),

marked as (
    select
        *,
        row(
            currency, amount, context_to_tokens, window_days, window_hours, window_zone, availability, alias_of,
            promotion_ends_at
        ) as terms,
        moment is not distinct from lag(until) over in_time
        and terms is not distinct from lag(terms) over in_time as continues,
    from chosen
    window in_time as (partition by offer_id, component, unit order by moment)
),

numbered as (
    select
        * exclude (terms),
        count_if(not continues) over (partition by offer_id, component, unit order by moment) as period,
    from marked
),

merged as (
    select
        arg_max(numbered, moment) as newest,
        min(moment) as in_force_from,
        arg_max_null(until, moment) as in_force_to,
        'captured' as basis,
        min(known_from) as first_known_from,
        arg_min(first_capture_id, known_from) as earliest_capture_id,
        arg_min(effective_from, moment) as first_effective_from,
    from numbered
    group by offer_id, component, unit, period
),

-- What a source says of the time before we first asked it, by the earliest account it gave.
begins as (
    select offer_id, component, unit, min(starts_at) as begins_at from captured group by all
),

earlier as (
    select
        statement.*,
        least(statement.effective_to, begins.begins_at) as until,
    from core.price as statement
    left join begins using (offer_id, component, unit)
    where statement.effective_from < coalesce(begins.begins_at, statement.known_from)
        and statement.effective_from < statement.known_from
    qualify row_number() over (
        partition by offer_id, component, unit, effective_from
        order by statement.known_from
    ) = 1
),

backfilled as (
    select
        earlier as newest,
        effective_from as in_force_from,
        least(until, lead(effective_from) over (partition by offer_id, component, unit order by effective_from)) as in_force_to,
        'stated_later' as basis,
        known_from as first_known_from,
        first_capture_id as earliest_capture_id,
        effective_from as first_effective_from,
    from earlier
),

together as (
    select newest.offer_id, * from merged
    union all by name
    select newest.offer_id, * from backfilled where in_force_to is null or in_force_to > in_force_from
),

hours as materialized (
    select
        *,
        window_starts(window_days, window_hours) as starts,
        window_ends(window_days, window_hours) as ends,
    from (select distinct window_days, window_hours from core.price)
    where coalesce(window_days, window_hours) is not null
),

week as (
    select
        hours.window_days,
        hours.window_hours,
        string_agg(
            if(in_window(minute.week_minute, hours.starts, hours.ends), '1', '0'), '' order by minute.week_minute
        )::bit as window_minutes,
    from hours
    cross join range(10080) as minute(week_minute)
    group by hours.window_days, hours.window_hours
)

select
    coalesce(moved.listing_id, listing.listing_id) as listing_id,
    dense_rank() over (
        order by newest.source, newest.document, newest.provider, newest.listing, newest.market,
            newest.deployment_scope, newest.channel, newest.service_tier, newest.mode, newest.price_kind
    ) as all_hours_id,
    together.offer_id,
    newest.source,
    declared.kind as source_kind,
    newest.document,
    newest.provider,
    newest.listing,
    if(moved.listing is null, listing.model_id, moved.model_id) as model_id,
    newest.market,
    newest.deployment_scope,
    newest.channel,
    newest.service_tier,
    newest.mode,
    newest.context_from_tokens,
    newest.context_to_tokens,
    newest.window_name,
    newest.window_days,
    newest.window_hours,
    newest.window_zone,
    week.window_minutes,
    case
        when contains(newest.window_days, 'except Chinese public holidays') then (
            select list(holiday.holiday_on order by holiday.holiday_on)
            from seeds.public_holiday as holiday
            where holiday.country = 'CN'
        )
    end as window_days_off,
    newest.price_kind,
    newest.component,
    newest.unit,
    newest.currency,
    newest.amount,
    newest.amount_per_mtok,
    newest.price_text,
    newest.promotion_ends_at,
    first_effective_from as effective_from,
    newest.availability,
    newest.alias_of,
    -- A price that outlived what its name stood for is one period for each model.
    greatest(together.in_force_from, moved.valid_from) as in_force_from,
    least(together.in_force_to, if(moved.valid_before <= as_at(), moved.valid_before, null)) as in_force_to,
    basis,
    doubted.offer_id is not null as is_doubted,
    first_known_from as known_from,
    newest.last_seen_at,
    newest.origin,
    earliest_capture_id as first_capture_id,
    newest.capture_id,
from together
join core.listing as listing
    on listing.source = newest.source and listing.provider = newest.provider and listing.listing = newest.listing
join staging.source as declared on declared.source = newest.source
left join core.moved_listing as moved
    on moved.source = newest.source and moved.provider = newest.provider and moved.listing = newest.listing
    and least(coalesce(together.in_force_to, 'infinity'::timestamp), as_at() + interval 1 microsecond)
        > coalesce(moved.valid_from, '-infinity'::date)
    and together.in_force_from < coalesce(moved.valid_before, 'infinity'::date)
left join week
    on week.window_days is not distinct from newest.window_days
    and week.window_hours is not distinct from newest.window_hours
left join (
    select distinct offer_id, component, unit, known_from
    from core.price_doubt
    where lifted_at is null or lifted_at > as_at()
) as doubted
    on doubted.offer_id = together.offer_id
    and doubted.component = newest.component
    and doubted.unit = newest.unit
    and doubted.known_from = together.first_known_from
