-- description: Pairs of items that carry one text. One row per pair, with the reason.
-- min_rows: 0
-- grain: news_id, other_id
-- column: news_id VARCHAR | The one.
-- column: other_id VARCHAR | The other; greater than news_id.
-- column: reason VARCHAR in (same_address, same_headline, copy, summary) | Why the two are one text.
-- column: shared_shingles BIGINT null | Runs of four words (eight Chinese characters) that both have; null where not asked.
-- column: containment DOUBLE null | Share of these in the text that has fewer.
-- column: passages BIGINT null | Separate passages of the shorter text in which they lie.
-- assert: news_id < other_id
-- Hyphenated words count as several: writers differ in their hyphens.
with split as (
    select
        news_id,
        regexp_extract_all(array_to_string(words, ' '), '[a-z0-9]+(?:\.[a-z0-9]+)*|\p{Han}') as parts,
    from core.news_item
),

spans as (
    select
        news_id,
        list_transform(
            range(1, len(parts) - 2),
            lambda start: hash(parts[start:start + if(regexp_matches(parts[start], '^\p{Han}'), 7, 3)])
        ) as shingles,
    from split
),

shingle as (
    select news_id, unnest(shingles) as shingle, generate_subscripts(shingles, 1) as position from spans
),

own as (
    select distinct news_id, shingle from shingle
),

size as (
    select news_id, count(*) as shingles from own group by news_id
),

-- Candidates share rare shingles: what more than fifty items say is a set phrase.
rare as (
    select shingle from own group by shingle having count(*) between 2 and 50
),

candidate as (
    select one.news_id, other.news_id as other_id
    from own as one
    join rare using (shingle)
    join own as other on other.shingle = one.shingle and other.news_id > one.news_id
    group by one.news_id, other.news_id
    having count(*) >= 20
),

ordered as (
    select
        candidate.news_id,
        candidate.other_id,
        if(one.shingles <= other.shingles, candidate.news_id, candidate.other_id) as shorter_id,
        if(one.shingles <= other.shingles, candidate.other_id, candidate.news_id) as fuller_id,
        least(one.shingles, other.shingles) as fewer_shingles,
    from candidate
    join size as one on one.news_id = candidate.news_id
    join size as other on other.news_id = candidate.other_id
),

hit as (
    select
        ordered.news_id,
        ordered.other_id,
        ordered.fewer_shingles,
        shorter.shingle,
        shorter.position,
        lag(shorter.position) over (partition by ordered.news_id, ordered.other_id order by shorter.position) as position_before,
    from ordered
    join shingle as shorter on shorter.news_id = ordered.shorter_id
    join own as fuller on fuller.news_id = ordered.fuller_id and fuller.shingle = shorter.shingle
),

measured as (
    select
        news_id,
        other_id,
        count(distinct shingle) as shared_shingles,
        count(distinct shingle) / any_value(fewer_shingles) as containment,
        count(*) filter (position_before is null or position_before + 1 < position) as passages,
    from hit
    group by news_id, other_id
),

-- A copy is most of a text at another place. A summary takes many separate passages of a text on the same models:
-- one long passage is a quotation or a boilerplate, and one publisher's items repeat the publisher's own phrases.
same_words as (
    select
        measured.news_id,
        measured.other_id,
        if(measured.containment >= 0.6, 'copy', 'summary') as reason,
        measured.shared_shingles,
        measured.containment,
        measured.passages,
    from measured
    join core.news_item as one on one.news_id = measured.news_id
    join core.news_item as other on other.news_id = measured.other_id
    left join core.news_subject as one_subject on one_subject.news_id = measured.news_id
    left join core.news_subject as other_subject on other_subject.news_id = measured.other_id
    where
        (one.source, one.document) <> (other.source, other.document)
        and (
            measured.containment >= 0.6
            or (
                measured.containment >= 0.08
                and measured.passages >= 8
                and one_subject.models = other_subject.models
                and coalesce(abs(date_diff('hour', one.published_at, other.published_at)) <= 72, true)
            )
        )
),

-- An address counts when no feed gives it to items with different headlines, as some do with their front page.
address as (
    select url_key
    from core.news_item
    where url_key is not null
    group by url_key
    having count(*) > 1 and count(distinct (source, document, lower(title))) = count(distinct (source, document))
),

same_address as (
    select one.news_id, other.news_id as other_id
    from core.news_item as one
    join address using (url_key)
    join core.news_item as other on other.url_key = one.url_key and other.news_id > one.news_id
),

-- A headline of six words (ten Chinese characters) or more, once per feed, in different feeds on the same days.
headline as (
    select array_to_string(title_words, ' ') as headline
    from core.news_item
    where
        len(list_filter(title_words, lambda word: regexp_matches(word, '^[a-z0-9]'))) >= 6
        or len(list_filter(title_words, lambda word: regexp_matches(word, '^\p{Han}'))) >= 10
    group by 1
    having count(*) > 1 and count(*) = count(distinct (source, document))
),

same_headline as (
    select one.news_id, other.news_id as other_id
    from core.news_item as one
    join headline on headline.headline = array_to_string(one.title_words, ' ')
    join core.news_item as other
        on array_to_string(other.title_words, ' ') = headline.headline and other.news_id > one.news_id
    where abs(date_diff('hour', one.published_at, other.published_at)) <= 72
),

reasons as (
    select news_id, other_id, 1 as rank, 'same_address' as reason from same_address
    union all
    select news_id, other_id, 2 as rank, 'same_headline' as reason from same_headline
    union all
    select news_id, other_id, 3 as rank, reason from same_words
)

select
    reasons.news_id,
    reasons.other_id,
    arg_min(reasons.reason, reasons.rank) as reason,
    any_value(measured.shared_shingles) as shared_shingles,
    any_value(measured.containment) as containment,
    any_value(measured.passages) as passages,
from reasons
left join measured on measured.news_id = reasons.news_id and measured.other_id = reasons.other_id
group by reasons.news_id, reasons.other_id
