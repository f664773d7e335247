-- Scalar macros of the warehouse, created before any model runs and published with it.

-- A name in the one form in which names are compared: lower case, `+` as plus, every run of other characters one hyphen.
create or replace macro normalise_name(name) as
    trim(regexp_replace(replace(lower(nfc_normalize(name)), '+', '-plus-'), '[^a-z0-9.]+', '-', 'g'), '-');

-- The moment for which current tables speak: the newest capture, unless a report asks for an earlier one.
create or replace macro as_at() as getvariable('as_at')::timestamp;

-- Price of a mix of three input tokens to one output token, in the currency of its arguments.
create or replace macro blended_3_1(input, output) as (3 * input + output) / 4;

-- A price per million tokens; null where the unit does not count tokens.
create or replace macro per_mtok(amount, unit) as
    amount * case unit when 'per_token' then 1000000 when 'per_ktok' then 1000 when 'per_mtok' then 1 end;

-- Minutes since midnight of a clock time such as 09:30; 24:00 is the end of the day.
create or replace macro minutes_of(clock) as split_part(clock, ':', 1)::integer * 60 + split_part(clock, ':', 2)::integer;

-- Whether a day of the week (1 is Monday) is among days written as Mon-Fri, or as Mon,Wed; null days are all days. What
-- follows the days (`Mon-Fri except Chinese public holidays`) is not looked at here.
create or replace macro in_week(weekday, days) as
    days is null
    or list_contains(
        if(
            days like '%-%',
            list_filter(
                ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
                lambda name, number: number between
                    list_position(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'], split_part(days, '-', 1))
                    and list_position(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'], split_part(days, '-', 2))
            ),
            string_split(days, ',')
        ),
        ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][weekday]
    );
create or replace macro in_days(weekday, days_and_more) as in_week(weekday, split_part(days_and_more, ' ', 1));

-- The same for a local time; hours such as 09:00-12:00,22:00-08:00 may run past midnight and then belong to the day
-- on which they begin. Null hours are the whole day.
create or replace macro in_local_window(local_time, days, hours) as
    len(list_filter(
        string_split(coalesce(hours, '00:00-24:00'), ','),
        lambda span:
            case
                when minutes_of(split_part(span, '-', 1)) < minutes_of(split_part(span, '-', 2)) then
                    in_days(isodow(local_time), days)
                    and minutes_of(strftime(local_time, '%H:%M')) >= minutes_of(split_part(span, '-', 1))
                    and minutes_of(strftime(local_time, '%H:%M')) < minutes_of(split_part(span, '-', 2))
                else
                    (
                        in_days(isodow(local_time), days)
                        and minutes_of(strftime(local_time, '%H:%M')) >= minutes_of(split_part(span, '-', 1))
                    )
                    or (
                        in_days(isodow(local_time - interval 1 day), days)
                        and minutes_of(strftime(local_time, '%H:%M')) < minutes_of(split_part(span, '-', 2))
                    )
            end
    )) > 0;

-- Whether a moment in UTC lies in a window of another zone; null where the zone is not known.
create or replace macro in_window(utc_time, days, hours, zone) as
    in_local_window(timezone(zone, timezone('UTC', utc_time)), days, hours);

-- Price per million tokens of a mix (a row of seeds.token_mix). A part the mix does not have needs no price.
create or replace macro blend(mix, input, cache_read, cache_write, output) as (
    mix.input_tokens * input
    + if(mix.cache_read_tokens = 0, 0, mix.cache_read_tokens * cache_read)
    + if(mix.cache_write_tokens = 0, 0, mix.cache_write_tokens * cache_write)
    + mix.output_tokens * output
)::double / (mix.input_tokens + mix.cache_read_tokens + mix.cache_write_tokens + mix.output_tokens);
