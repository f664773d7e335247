-- description: Which texts tell the same event. One row per text.
-- min_rows: 0
-- grain: text_id
-- column: text_id VARCHAR | Text.
-- column: story_id VARCHAR | Text that told the event first; the text's own id where no earlier text tells it.
-- column: shared_models VARCHAR[] null | Main models both are about; null where the text begins a story.
-- column: shared_particulars VARCHAR[] null | Particulars both give; null where the text begins a story.
with dated as (
    select
        text.text_id,
        min(item.published_at) as published_at,
        min(item.first_observed_at) as first_observed_at,
        coalesce(min(item.published_at), min(item.first_observed_at)) as told_at,
    from core.news_text as text
    join core.news_item as item using (news_id)
    group by text.text_id
),

-- A particular that very many texts on the same models give says nothing.
particular as (
    select text_id, models, particular
    from (
        select distinct text.text_id, subject.models, unnest(subject.particulars) as particular
        from core.news_subject as subject
        join core.news_text as text using (news_id)
    )
    qualify count(*) over (partition by models, particular) <= 200
),

topic as (
    select distinct text.text_id, subject.topic
    from core.news_subject as subject
    join core.news_text as text using (news_id)
    where subject.topic is not null
),

shared as (
    select
        earlier.text_id as earlier_id,
        later.text_id as later_id,
        any_value(later.models) as shared_models,
        list(distinct later.particular order by later.particular) as shared_particulars,
        count(distinct later.particular) as particulars,
        count(distinct later.particular) filter (starts_with(later.particular, 'figure:')) as figures,
    from particular as later
    join particular as earlier
        on
            earlier.models = later.models
            and earlier.particular = later.particular
            and earlier.text_id <> later.text_id
    group by earlier.text_id, later.text_id
),

-- The same main models and, besides, at least two particulars, one of them a figure; three where a date is unknown.
-- What two headlines call different things (a launch and a price cut) are different events.
matched as (
    select shared.earlier_id, shared.later_id, shared.shared_models, shared.shared_particulars, earlier.told_at
    from shared
    join dated as earlier on earlier.text_id = shared.earlier_id
    join dated as later on later.text_id = shared.later_id
    where
        (earlier.told_at, earlier.text_id) < (later.told_at, later.text_id)
        and shared.figures >= 1
        and case
            when earlier.published_at is null or later.published_at is null
                then
                    -- What was seen before an event does not tell it.
                    shared.particulars >= 3
                    and coalesce(earlier.published_at <= later.first_observed_at + interval 3 days, true)
                    and coalesce(later.published_at <= earlier.first_observed_at + interval 3 days, true)
            else shared.particulars >= 2 and later.published_at <= earlier.published_at + interval 3 days
        end
        and not exists (
            select 1
            from topic as one
            join topic as other on other.text_id = shared.later_id and other.topic <> one.topic
            where one.text_id = shared.earlier_id
        )
),

-- A text joins the first text of a story only, never a follower: no chain of near stories grows into one.
first_text as (
    select text_id from dated where text_id not in (select later_id from matched)
),

joined as (
    select matched.later_id as text_id, matched.earlier_id, matched.shared_models, matched.shared_particulars
    from matched
    join first_text on first_text.text_id = matched.earlier_id
    qualify row_number() over (partition by matched.later_id order by matched.told_at, matched.earlier_id) = 1
)

select
    dated.text_id,
    coalesce(joined.earlier_id, dated.text_id) as story_id,
    joined.shared_models,
    joined.shared_particulars,
from dated
left join joined using (text_id)
