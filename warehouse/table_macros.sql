-- Table macros of the published warehouse: questions with a date in them.

-- What the price sources were known to say at the end of a day (UTC), whatever was learnt later.
create or replace macro core.price_as_known_on(day) as table
    select *
    from core.price
    where known_from < day::date + interval 1 day
        and (known_to is null or known_to >= day::date + interval 1 day);

-- What a model costs at a moment: one row per offer and component that may be meant, never one picked silently.
--
--     from core.price_at('qwen3.5-plus', '2026-08-20 10:00+08:00', context_tokens := 200000, region := 'cn')
--
-- `model` is a name of the record or a name at a source; `moment` any time with its offset (without one it is UTC);
-- `hour` replaces its hour of the day in UTC. The price is that of the tier a prompt of `context_tokens` tokens falls in,
-- which is charged for the whole request. Of an offer's time windows the one the moment lies in holds, else the price of
-- all other hours. `tier := null` and `region := null` are all of them. A promotion and the list price beside it are two
-- rows. Doubted prices and announced prices that were taken back are not in it.
create or replace macro core.price_at(
    model, moment, context_tokens := 0, region := null, tier := 'standard', hour := null
) as table
    with asked as (
        select utc_moment(moment, hour) as asked_at
    ),

    held as (
        select
            period.*,
            timezone(window_zone, timezone('UTC', asked_at)) as local_time,
            get_bit(window_minutes, minute_of_week(local_time)) = 1
            and not list_contains(coalesce(window_days_off, []), local_time::date) as is_in_window,
        from core.price_period as period, asked
        where listing_id in (select listing_id from core.price_name where name = normalise_name(model))
            and not is_doubted
            and in_force_from <= asked_at
            and (in_force_to is null or in_force_to > asked_at)
            and context_from_tokens <= context_tokens
            and (context_to_tokens is null or context_to_tokens > context_tokens)
            and (tier is null or service_tier = tier)
            and (region is null or market = region or deployment_scope = region)
            -- Hours in a zone that is not known are shown; they rule out nothing.
            and (is_in_window is null or is_in_window)
    ),

    rate as (
        select currency, arg_max(usd_per_unit, rate_on) as usd_per_unit, max(rate_on) as rate_on
        from core.fx_rate, asked
        where rate_on <= asked_at::date
        group by currency
    )

    select
        held.* exclude (
            listing_id, local_time, is_in_window, is_doubted, window_minutes, window_days_off, first_capture_id
        ),
        case
            when currency = 'USD' then amount_per_mtok::double else amount_per_mtok::double * rate.usd_per_unit
        end as usd_per_mtok,
        if(currency = 'USD', null, 'ECB ' || currency || ' ' || rate.rate_on) as fx_rate_id,
    from held
    left join rate using (currency)
    -- A window the moment lies in rules out the price of all other hours.
    qualify is_in_window
        or not coalesce(bool_or(is_in_window) over (partition by all_hours_id, component, unit), false);

-- The same, one row per offer, with the blended price of a mix of tokens (seeds.token_mix; 3:1 when left out) in native
-- currency and in US dollars. A mix that needs a price the offer does not state is null.
create or replace macro core.blended_price_at(
    model, moment, context_tokens := 0, region := null, tier := 'standard', hour := null, mix := 'input_3_output_1'
) as table
    with offer as (
        -- Each part is at its own tier and window, the one that holds for this prompt at this moment.
        select
            all_hours_id, source_kind, source, document, provider, listing, model_id, market, deployment_scope, channel,
            service_tier, mode, price_kind, currency,
            max(context_from_tokens) as context_from_tokens,
            min(context_to_tokens) as context_to_tokens,
            max(window_name) as window_name,
            max(amount_per_mtok) filter (component = 'input') as input_per_mtok,
            max(amount_per_mtok) filter (component = 'output') as output_per_mtok,
            max(amount_per_mtok) filter (component = 'cache_read') as cache_read_per_mtok,
            coalesce(
                max(amount_per_mtok) filter (component = 'cache_write'),
                max(amount_per_mtok) filter (component = 'cache_write_5m')
            ) as cache_write_per_mtok,
            max(usd_per_mtok / nullif(amount_per_mtok::double, 0)) as usd_per_unit,
            max(fx_rate_id) as fx_rate_id,
            min(promotion_ends_at) as promotion_ends_at,
            max(availability) as availability,
            max(alias_of) as alias_of,
            max(basis) as basis,
            min(last_seen_at) as last_seen_at,
            arg_min(origin, component) as origin,
            arg_min(capture_id, component) as capture_id,
        from core.price_at(
            model, moment, context_tokens := context_tokens, region := region, tier := tier, hour := hour
        )
        where amount_per_mtok is not null
        group by all
    )

    select
        offer.* exclude (usd_per_unit),
        mixed.mix,
        blend(
            mixed, input_per_mtok, cache_read_per_mtok, cache_write_per_mtok, output_per_mtok
        ) as blended_per_mtok,
        blend(
            mixed, input_per_mtok, cache_read_per_mtok, cache_write_per_mtok, output_per_mtok
        ) * coalesce(usd_per_unit, if(currency = 'USD', 1, null)) as blended_usd_per_mtok,
    from offer
    join seeds.token_mix as mixed on mixed.mix = mix;

-- The same two under their bare names.
create or replace macro main.price_at(
    model, moment, context_tokens := 0, region := null, tier := 'standard', hour := null
) as table
    select *
    from core.price_at(model, moment, context_tokens := context_tokens, region := region, tier := tier, hour := hour);

create or replace macro main.blended_price_at(
    model, moment, context_tokens := 0, region := null, tier := 'standard', hour := null, mix := 'input_3_output_1'
) as table
    select *
    from core.blended_price_at(
        model, moment, context_tokens := context_tokens, region := region, tier := tier, hour := hour, mix := mix
    );
