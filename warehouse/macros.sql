-- Scalar macros of the warehouse, created before any model runs and published with it.

-- A name in the one form in which names are compared: lower case, `+` as plus, every run of other characters one hyphen.
create or replace macro normalise_name(name) as
    trim(regexp_replace(replace(lower(nfc_normalize(name)), '+', '-plus-'), '[^a-z0-9.]+', '-', 'g'), '-');

-- The same with a hyphen for a dot between digits, for those who write 4-1 for 4.1.
create or replace macro dotless_name(normalised_name) as regexp_replace(normalised_name, '(\d)\.(\d)', '\1-\2', 'g');

-- A normalised name without the number format of the weights at its end (fp8, nvfp4, awq, gguf): another precision of one
-- model is no other model.
create or replace macro without_precision(normalised_name) as regexp_replace(
    normalised_name,
    '(-(fp4|fp8|fp16|bf16|nvfp4|mxfp4|mxfp8|int4|int8|4bit|8bit|w4a16|w8a8|awq|gptq|gguf|mlx|dynamic))+$',
    ''
);

-- A leaderboard's name without the effort it states, after a hyphen or an underscore. `-thinking` and `-reasoning` stay
-- on: they end names of models of their own (Kimi-K2-Thinking). An underscore is the mark of an effort, never part of a name.
create or replace macro without_effort(name, effort) as coalesce(
    regexp_replace(
        name,
        '(_unknown|_' || regexp_escape(effort)
        || if(
            effort in ('thinking', 'reasoning', 'non-reasoning'), '', '|-' || regexp_escape(effort) || '(-effort)?'
        )
        || ')$',
        '',
        'i'
    ),
    name
);

-- A leaderboard's name without what stands in brackets after it of how the model was asked: effort or mode (32k thinking),
-- functions called or prompted for (FC), edit format (diff), samples (N=1), seller (Novita). Other brackets (0324) stay on.
create or replace macro without_mark(name) as regexp_replace(
    name,
    '( ?[([](fc|prompt|fc (any|auto|thinking|tools-[0-9-]+)|prompt \+ thinking|optimized|novita|diff|udiff|whole|n=1'
    || '|minimal|low|med|medium|high|xhigh|max|chat|reasoner|bf16|fp8'
    || '|((no|non|default|[0-9]+k)[ -])?(think|thinking|reasoning)( tokens)?|thinking-([0-9]+k|minimal))[)\]])+$',
    '',
    'i'
);

-- A leaderboard's name without the owner written before it as a word of its own (`OpenAI GPT-4o`, `IBM Granite-3.0-8B`). Owners
-- whose models begin with their own name (Mistral, DeepSeek) are not among them.
create or replace macro without_owner(name) as regexp_replace(
    name,
    '^(openai[ -]|(anthropic|google|microsoft|mistralai|moonshot ai|cohere|amazon|ibm|meta|intel|apple|ai21|allenai|xai) )',
    '',
    'i'
);

-- The forms in which a leaderboard's name is looked up, first to last: whole, without its effort (`bare`), without the
-- brackets too (`plain`), of that the last part of a path (`short`), and that without the owner; all in normalised form. Where
-- names are Hub repositories, the last part alone would be somebody else's copy, or base weights.
create or replace macro score_forms(source, name, bare, plain, short, unowned) as [
    {'step': 1, 'rule': 'source_alias', 'scope': source, 'form': name},
    {'step': 2, 'rule': 'public_name', 'scope': 'any', 'form': name},
    {'step': 3, 'rule': 'hub_repository', 'scope': 'hub', 'form': name},
    {'step': 4, 'rule': 'source_alias', 'scope': source, 'form': bare},
    {'step': 5, 'rule': 'public_name', 'scope': 'any', 'form': bare},
    {'step': 6, 'rule': 'hub_repository', 'scope': 'hub', 'form': bare},
    {'step': 7, 'rule': 'without_mark', 'scope': source, 'form': plain},
    {'step': 8, 'rule': 'without_mark', 'scope': 'any', 'form': plain},
    {'step': 9, 'rule': 'without_mark', 'scope': 'hub', 'form': plain},
    {'step': 10, 'rule': 'precision', 'scope': 'hub', 'form': without_precision(plain)},
    {'step': 11, 'rule': 'short_name', 'scope': if(source = 'open_llm_leaderboard', null, 'any'), 'form': short},
    {'step': 12, 'rule': 'without_owner', 'scope': if(source = 'open_llm_leaderboard', null, 'any'), 'form': unowned},
    {
        'step': 13, 'rule': 'precision', 'scope': if(source = 'open_llm_leaderboard', null, 'any'),
        'form': without_precision(short)
    },
    {
        'step': 14, 'rule': 'spelling', 'scope': if(source = 'open_llm_leaderboard', null, 'spelling'),
        'form': dotless_name(without_precision(unowned))
    }
];

-- A price source's name without the terms OpenRouter writes after it: `:free` and `:batch` are the same model.
create or replace macro plain_listing(listing) as regexp_replace(listing, ':(free|batch)$', '');

-- A seller's own name for a model, without what hosts put around it: the path before it; Databricks and Fireworks at Azure
-- their own prefix, Vertex AI and Chutes how it is run, Bedrock a region.
create or replace macro own_part(listing) as regexp_replace(
    regexp_replace(
        regexp_extract(plain_listing(listing), '[^/]*$'),
        '^(databricks-|FW-|(global|regional|us-gov|us|eu|apac|jp|au|ca|in)\.)',
        ''
    ),
    '(-maas|-TEE|@default)$',
    ''
);

-- The same without the vendor and the version that Bedrock adds (`anthropic.claude-opus-4-20250514-v1:0`,
-- `openai.gpt-oss-120b-1:0`), and with Fireworks' 3p1 as 3.1; elsewhere the
-- pattern matches nothing. What DeepSeek and NVIDIA are called at Bedrock are not names of their models (`deepseek.v3-v1:0`
-- is DeepSeek-V3.1).
create or replace macro short_listing(listing, provider) as regexp_replace(
    regexp_replace(
        own_part(listing),
        '^(ai21|amazon|anthropic|cohere|google|meta|minimax|mistral|moonshot|moonshotai|openai|qwen|writer|xai|zai)'
        || '\.(.+?)(-v1|(-v?[1-9]\d*)?:0)?$',
        '\2'
    ),
    if(contains(listing, 'accounts/fireworks/') or starts_with(provider, 'fireworks'), '(\d)p(\d)', '([^\s\S])([^\s\S])'),
    '\1.\2',
    'g'
);

-- The last two parts of a path, as in a repository's id; some write them with a hyphen.
create or replace macro owned_listing(listing) as if(
    contains(listing, '/'), regexp_extract(plain_listing(listing), '[^/]+/[^/]+$'), plain_listing(listing)
);

-- The forms in which a price source's name is looked up, first to last, from those above in normalised form. What a seller
-- calls its own models (`seller:mistral`, mistral-large-latest) comes first: its names may move, and no source redefines them.
create or replace macro listing_forms(source, provider, seller, full_name, owned_name, short_name, hub_name) as [
    {'step': 1, 'rule': 'seller_alias', 'scope': 'seller:' || seller, 'form': short_name},
    {'step': 2, 'rule': 'source_alias', 'scope': source, 'form': full_name},
    {
        'step': 3, 'rule': 'source_alias',
        'scope': if(source like 'openrouter%' or provider = 'openrouter', 'openrouter_models', source),
        'form': owned_name
    },
    {'step': 4, 'rule': 'hub_repository', 'scope': 'hub', 'form': coalesce(hub_name, owned_name)},
    {'step': 5, 'rule': 'public_name', 'scope': 'any', 'form': full_name},
    {'step': 6, 'rule': 'short_name', 'scope': 'any', 'form': short_name},
    {'step': 7, 'rule': 'precision', 'scope': 'hub', 'form': without_precision(coalesce(hub_name, owned_name))},
    {'step': 8, 'rule': 'precision', 'scope': 'any', 'form': without_precision(short_name)},
    {'step': 9, 'rule': 'spelling', 'scope': 'spelling', 'form': dotless_name(without_precision(short_name))}
];

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

-- Minute of the week of a local time; 0 is Monday 00:00 (1970-01-05 was a Monday).
create or replace macro minute_of_week(local_time) as
    (date_diff('minute', timestamp '1970-01-05', local_time) % 10080)::integer;

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
