-- description: Which items carry one text: the connected groups of core.news_pair. One row per item.
-- min_rows: 0
-- grain: news_id
-- column: news_id VARCHAR | Item.
-- column: text_id VARCHAR | Smallest item id of the group; the item's own where it is alone.
with recursive edge as (
    select news_id, other_id from core.news_pair
    union all
    select other_id as news_id, news_id as other_id from core.news_pair
),

label (news_id, text_id) using key (news_id) as (
    select news_id, news_id as text_id from core.news_item
    union
    select edge.other_id as news_id, min(label.text_id) as text_id
    from label
    join edge on edge.news_id = label.news_id
    join recurring.label as known on known.news_id = edge.other_id
    where label.text_id < known.text_id
    group by edge.other_id
)

select news_id, text_id from label
