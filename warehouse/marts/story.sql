-- description: Stories: items that tell the same event, brought together. One row per story.
-- min_rows: 0
-- grain: story_id
-- column: story_id VARCHAR | Hash id of the earliest item of the story (core.news_item.news_id).
-- column: title VARCHAR | Headline of the earliest item.
-- column: url VARCHAR null | Its address.
-- column: publisher VARCHAR | Its publisher.
-- column: published_at TIMESTAMP | Publication of the earliest item, or its first capture where it gives no date.
-- column: published_precision VARCHAR | Precision of that time; unknown when only the capture time is known.
-- column: last_published_at TIMESTAMP | Publication of the latest item that gives a date; where none does, the last first capture.
-- column: items BIGINT | Items in the story.
-- column: texts BIGINT | Distinct texts: copies of a text and summaries made of its sentences count as that text.
-- column: publishers VARCHAR[] | All publishers.
-- column: urls VARCHAR[] | All addresses.
-- column: model_names VARCHAR[] | Models of our record that it names.
-- column: origins VARCHAR[] | Origins of its captures.
-- column: capture_ids VARCHAR[] | Captures of its items.
with told as (
    select
        item.news_id,
        story.story_id,
        item.title,
        item.url,
        item.publisher,
        coalesce(item.published_at, item.first_observed_at) as told_at,
        item.published_at,
        item.first_observed_at,
        item.published_precision,
        item.origin,
        item.capture_id,
        text.text_id,
    from core.news_item as item
    join core.news_text as text using (news_id)
    join core.news_story as story using (text_id)
),

named as (
    select told.story_id, list(distinct model.name order by model.name) as model_names
    from told
    join core.news_mention as mention using (news_id)
    join seeds.model as model using (model_id)
    group by told.story_id
)

select
    arg_min(told.news_id, (told.told_at, told.news_id)) as story_id,
    arg_min(told.title, (told.told_at, told.news_id)) as title,
    arg_min_null(told.url, (told.told_at, told.news_id)) as url,
    arg_min(told.publisher, (told.told_at, told.news_id)) as publisher,
    min(told.told_at) as published_at,
    arg_min(told.published_precision, (told.told_at, told.news_id)) as published_precision,
    coalesce(max(told.published_at), max(told.first_observed_at)) as last_published_at,
    count(*) as items,
    count(distinct told.text_id) as texts,
    list(distinct told.publisher order by told.publisher) as publishers,
    coalesce(list(distinct told.url order by told.url) filter (told.url is not null), []) as urls,
    coalesce(any_value(named.model_names), []) as model_names,
    list(distinct told.origin order by told.origin) as origins,
    list(distinct told.capture_id order by told.capture_id) as capture_ids,
from told
left join named on named.story_id = told.story_id
group by told.story_id
