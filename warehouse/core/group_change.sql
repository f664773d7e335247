-- description: What each whole crawl changed in the sums of a group of repositories: the small table from which downloads of any day are summed. One row per whole crawl and combination of groups.
-- min_rows: 0
-- grain: observed_at, group_id
-- column: observed_at TIMESTAMP | The whole crawl by which it is known, the last of its day.
-- column: group_id INTEGER | Combination of groups, by core.repository_group.
-- column: repositories BIGINT | Repositories more than before: those that appeared or came back, less those that left.
-- column: downloads_30d BIGINT | Change of the sum of 30-day downloads, with those that came and went.
-- column: downloads_all_time BIGINT | Change of the sum of all-time downloads, with those that came and went.
-- column: downloads_increment BIGINT >= 0 | Sum of the rises of all-time counters of repositories seen before; falls are counter revisions and not in it.
with crawl as (
    select max(observed_at) as crawled_at
    from core.hub_crawl
    where coverage = 'whole_hub'
    group by observed_on
),

member as (
    select repository_key, group_id from core.repository_group
),

change as (
    select
        counter.observed_at,
        member.group_id,
        0 as repositories,
        sum(coalesce(counter.downloads_30d, 0) - coalesce(counter.downloads_30d_before, 0)) as downloads_30d,
        sum(coalesce(counter.downloads_all_time, 0) - coalesce(counter.downloads_all_time_before, 0))
            as downloads_all_time,
        coalesce(sum(greatest(counter.downloads_all_time - counter.downloads_all_time_before, 0)), 0)
            as downloads_increment,
    from staging.hub_counter as counter
    join member using (repository_key)
    group by counter.observed_at, member.group_id
    union all by name
    select
        change.observed_at,
        member.group_id,
        sum(if(change.is_listed, 1, -1)) as repositories,
        sum(if(change.is_listed, 1, -1) * coalesce(change.downloads_30d, 0)) as downloads_30d,
        sum(if(change.is_listed, 1, -1) * coalesce(change.downloads_all_time, 0)) as downloads_all_time,
        0 as downloads_increment,
    from core.presence_change as change
    join member using (repository_key)
    group by change.observed_at, member.group_id
    union all by name
    select
        key.observed_at,
        member.group_id,
        count(*) as repositories,
        0 as downloads_30d,
        0 as downloads_all_time,
        0 as downloads_increment,
    from staging.hub_repository_key as key
    join member using (repository_key)
    group by key.observed_at, member.group_id
)

select
    crawl.crawled_at as observed_at,
    change.group_id,
    sum(change.repositories) as repositories,
    sum(change.downloads_30d) as downloads_30d,
    sum(change.downloads_all_time) as downloads_all_time,
    sum(change.downloads_increment) as downloads_increment,
from change
asof join crawl on crawl.crawled_at >= change.observed_at
group by crawl.crawled_at, change.group_id
