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

-- Numbers of week days (1 is Monday) written as Mon-Fri or as Mon,Wed; null is every day. What follows them
-- (`Mon-Fri except Chinese public holidays`) is not looked at here.
create or replace macro weekdays_of(days) as list_filter(
    [1, 2, 3, 4, 5, 6, 7],
    lambda day:
        days is null
        or if(
            contains(split_part(days, ' ', 1), '-'),
            day between list_position(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'], days[1:3])
                and list_position(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'], days[5:7]),
            list_contains(
                string_split(split_part(days, ' ', 1), ','), ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][day]
            )
        )
);

-- First minutes of a window in its own week (0 is Monday 00:00), one for each of its days and spans of hours. Null hours
-- are the whole day.
create or replace macro window_starts(days, hours) as flatten(list_transform(
    weekdays_of(days),
    lambda day: list_transform(
        string_split(coalesce(hours, '00:00-24:00'), ','),
        lambda span: (day - 1) * 1440 + minutes_of(split_part(span, '-', 1))
    )
));

-- The minutes after their last, in the same order. A span past midnight belongs to the day on which it begins.
create or replace macro window_ends(days, hours) as flatten(list_transform(
    weekdays_of(days),
    lambda day: list_transform(
        string_split(coalesce(hours, '00:00-24:00'), ','),
        lambda span: (day - 1) * 1440 + minutes_of(split_part(span, '-', 2))
            + if(minutes_of(split_part(span, '-', 2)) > minutes_of(split_part(span, '-', 1)), 0, 1440)
    )
));

-- A moment with its offset as UTC; `of_hour`, where given, replaces its hour of the day.
create or replace macro utc_moment(moment, of_hour) as
    case
        when of_hour is null then timezone('UTC', moment::timestamptz)
        else date_trunc('day', timezone('UTC', moment::timestamptz)) + of_hour * interval 1 hour
    end;

-- Minute of the week of a local time; 0 is Monday 00:00.
create or replace macro minute_of_week(local_time) as
    (isodow(local_time) - 1) * 1440 + hour(local_time) * 60 + minute(local_time);

-- Whether a minute of the week lies in a window; one that runs over the end of the week goes on at its beginning.
create or replace macro in_window(week_minute, starts, ends) as
    len(list_filter(
        starts,
        lambda start, number: (week_minute >= start and week_minute < ends[number])
            or week_minute + 10080 < ends[number]
    )) > 0;

-- Price per million tokens of a mix (a row of seeds.token_mix). A part the mix does not have needs no price.
create or replace macro blend(mix, input, cache_read, cache_write, output) as (
    mix.input_tokens * input
    + if(mix.cache_read_tokens = 0, 0, mix.cache_read_tokens * cache_read)
    + if(mix.cache_write_tokens = 0, 0, mix.cache_write_tokens * cache_write)
    + mix.output_tokens * output
)::double / (mix.input_tokens + mix.cache_read_tokens + mix.cache_write_tokens + mix.output_tokens);
