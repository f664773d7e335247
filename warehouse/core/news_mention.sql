-- description: Models that news items name. One row per item and name.
-- min_rows: 0
-- grain: news_id, name
-- column: news_id VARCHAR | Item.
-- column: name VARCHAR | The name in one form: lower case, hyphens between words, none between a word and its number.
-- column: model_id VARCHAR null | Model of our record that has this name; null for a name that only looks like one.
-- column: in_title BOOLEAN | Whether the headline names it.
-- column: mentions BIGINT > 0 | How often headline and text name it.
-- column: lead_mentions BIGINT >= 0 | How often it is named within the first 300 words.
with known as (
    -- Names that every model of a family could have name no model: one needs a number or a second word.
    select
        regexp_replace(normalised_name, '^([a-z]+(?:-[a-z]+)*)-([0-9])', '\1\2') as name,
        any_value(model_id) as model_id,
    from (
        select normalised_name, model_id
        from core.model_name
        where scope in ('any', 'hub', 'news_feeds', 'articles')
        union all
        select normalise_name(name) as normalised_name, model_id from seeds.model
    )
    where regexp_matches(normalised_name, '[a-z]') and regexp_matches(normalised_name, '[0-9]|[a-z]-[a-z]')
    group by 1
    having count(distinct model_id) = 1
),

-- First words of names of models and families, without everyday words: an unknown version of a known family counts too.
family_word as (
    select distinct regexp_extract(normalise_name(name), '^[a-z]{2,}') as word
    from (select name from seeds.model union all select name from seeds.family)
    where
        regexp_extract(normalise_name(name), '^[a-z]{2,}') not in (
            '', 'amazon', 'command', 'inception', 'intellect', 'ring', 'seed', 'solar', 'step', 'trinity'
        )
),

-- What a name can begin with; a cheap test that leaves few words to look at.
opening as (
    select word from family_word
    union
    select regexp_extract(name, '^[a-z]+') as word from known
),

-- Positions count over headline, summary and body, of which the headline comes first.
placed as (
    select news_id, len(title_words) as title_length, unnest(words) as word, generate_subscripts(words, 1) as position
    from core.news_item
),

started as (
    select
        news_id,
        position,
        title_length,
        word as word_1,
        lead(word, 1) over place as word_2,
        lead(word, 2) over place as word_3,
        lead(word, 3) over place as word_4,
        lead(word, 4) over place as word_5,
        lead(word, 5) over place as word_6,
    from placed
    window place as (partition by news_id order by position)
    qualify
        regexp_extract(word, '^[a-z]+') in (select opening.word from opening)
        or regexp_matches(word, '^[a-z]{3,}-[0-9]{1,2}\.[0-9]')
),

phrase as (
    select
        news_id,
        position,
        position + length - 1 as last_position,
        title_length,
        word_1 as first_word,
        regexp_replace(
            array_to_string([word_1, word_2, word_3, word_4, word_5, word_6][1:length], '-'),
            '^([a-z]+(?:-[a-z]+)*)-([0-9])', '\1\2'
        ) as name,
    from started
    cross join (select unnest([1, 2, 3, 4, 5, 6]) as length) as lengths
    where list_bool_and(
        list_transform(
            [word_1, word_2, word_3, word_4, word_5, word_6][1:length],
            lambda word: coalesce(regexp_matches(word, '^[a-z0-9]'), false)
        )
    )
),

found as (
    select phrase.news_id, phrase.position, phrase.last_position, phrase.title_length, phrase.name, known.model_id
    from phrase
    left join known on known.name = phrase.name
    left join family_word on family_word.word = regexp_extract(phrase.name, '^[a-z]+')
    where
        known.model_id is not null
        -- A family, perhaps a tier, a version, then only sizes, tiers and dates.
        or (
            family_word.word is not null
            and regexp_matches(
                phrase.name,
                '^[a-z]+'
                || '(-(opus|sonnet|haiku|fable|mythos|nano|mini|small|medium|large|max|super|ultra|pro|flash|next|coder'
                || '|omni|image|math|vl|spark))*'
                || '-?[a-z]?[0-9]{1,3}(\.[0-9]{1,2}){0,2}[a-z]?'
                || '(-(opus|sonnet|haiku|nano|mini|small|medium|large|max|super|ultra|pro|plus|lite|air|flash|turbo|next'
                || '|coder|code|codex|omni|vl|oss|scout|maverick|lightning|speciale|preview|exp|base|it|chat|instruct'
                || '|thinking|reasoning|[0-9]{1,4}(\.[0-9])?[bmt]|a[0-9]{1,3}(\.[0-9])?b|[0-9]{4}|[0-9]{8}))*$'
            )
        )
        -- A family we do not watch: only as one word with a hyphen and a decimal version, such as ling-2.6-flash.
        or (
            phrase.position = phrase.last_position
            and regexp_matches(
                phrase.first_word,
                '^[a-z]{3,}-[0-9]{1,2}(\.[0-9]{1,2})+(-(flash|lite|pro|plus|max|ultra|mini|preview|instruct|thinking'
                || '|[0-9]{1,4}b|a[0-9]{1,3}b))*$'
            )
            and not regexp_matches(phrase.first_word, 'bench|^(agi|apache|cuda|http|java|node|python|tls|version|web)-')
        )
),

-- The longest name counts: qwen3-max-preview does not name qwen3-max.
longest as (
    select found.news_id, found.position, found.title_length, found.name, found.model_id
    from found
    where not exists (
        select 1
        from found as longer
        where
            longer.news_id = found.news_id
            and longer.position <= found.position
            and longer.last_position >= found.last_position
            and longer.last_position - longer.position > found.last_position - found.position
    )
)

select
    news_id,
    name,
    any_value(model_id) as model_id,
    bool_or(position <= title_length) as in_title,
    count(*) as mentions,
    count(*) filter (position <= title_length + 300) as lead_mentions,
from longest
group by news_id, name
