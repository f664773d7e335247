-- description: Downloads of all listed repositories by family, organisation, region, size, licence and modality, each repository in the groups of its newest attributes. One row per coverage, dimension, group and day.
-- min_rows: 0
-- grain: coverage, dimension, value, observed_on
-- column: coverage VARCHAR in (whole_hub, watched) | whole_hub: every repository the last whole crawl of the day lists; watched: what the lists of the light mode show that day, and nothing more.
-- column: dimension VARCHAR in (all, family, organisation, region, size_bucket, licence_class, modality) | What it is grouped by.
-- column: value VARCHAR | The group; unknown and none are groups of their own and never dropped.
-- column: observed_on DATE | Day of the captures.
-- column: repositories BIGINT >= 0 | Repositories listed.
-- column: downloads_30d BIGINT null | Sum of trailing 30-day downloads; requests, not users, and not to be added over days.
-- column: downloads_30d_share DOUBLE null | Share of the sum over all groups; null where that sum is 0.
-- column: downloads_increment BIGINT null >= 0 | Sum of rises of all-time counters since the last refreshed day; null on the first day and on stale ones. Revisions are left out, jumps of a counting rule are in it.
-- column: covers_days BIGINT null | Days the increment stands for; in watched coverage the longest of its repositories.
-- column: is_stale BOOLEAN null | The counters were not refreshed, or only in part; null where it cannot be told.
-- column: origin VARCHAR | Origin of the newest capture of the day.
-- column: capture_id VARCHAR | Newest capture of the day.
with day as (
    select *
    from core.hub_crawl
    where coverage <> 'part'
    qualify row_number() over (partition by coverage, observed_on order by observed_at desc) = 1
),

label as materialized (
    select distinct
        group_id,
        unnest(['all', 'family', 'organisation', 'region', 'size_bucket', 'licence_class', 'modality']) as dimension,
        unnest(['all', family, organisation, region, size_bucket, licence_class, modality]) as value,
    from core.repository_group
),

-- Whole crawls: the sum of all changes up to the day. Increments of stale days wait for the next refresh.
changed as (
    select
        label.dimension,
        label.value,
        change.observed_at,
        sum(change.repositories) as repositories,
        sum(change.downloads_30d) as downloads_30d,
        sum(change.downloads_increment) as downloads_increment,
    from core.group_change as change
    join label using (group_id)
    group by label.dimension, label.value, change.observed_at
),

summed as (
    select
        value.dimension,
        value.value,
        day.observed_at,
        day.observed_on,
        coalesce(day.is_stale or day.is_partial, false) as waits,
        sum(coalesce(changed.repositories, 0)) over in_time as repositories,
        sum(coalesce(changed.downloads_30d, 0)) over in_time as downloads_30d,
        sum(coalesce(changed.downloads_increment, 0)) over in_time as risen,
    from day
    cross join (select distinct dimension, value from changed) as value
    left join changed
        on changed.dimension = value.dimension and changed.value = value.value and changed.observed_at = day.observed_at
    where day.coverage = 'whole_hub'
    window in_time as (partition by value.dimension, value.value order by day.observed_at)
),

whole as (
    select
        'whole_hub' as coverage,
        dimension,
        value,
        observed_on,
        repositories,
        downloads_30d,
        if(waits, null, risen - max(risen) filter (not waits) over earlier) as downloads_increment,
        if(waits, null, observed_on - max(observed_on) filter (not waits) over earlier) as covers_days,
    from summed
    window earlier as (
        partition by dimension, value order by observed_at rows between unbounded preceding and 1 preceding
    )
),

shown as (
    select
        counter.repository_key,
        crawl.observed_on,
        arg_max(counter.downloads_30d, counter.observed_at) as downloads_30d,
    from staging.hub_counter as counter
    join core.hub_crawl as crawl using (observed_at)
    where crawl.coverage = 'watched'
    group by counter.repository_key, crawl.observed_on
),

watched as (
    select
        'watched' as coverage,
        label.dimension,
        label.value,
        shown.observed_on,
        count(*) as repositories,
        sum(shown.downloads_30d) as downloads_30d,
        sum(history.downloads_increment) as downloads_increment,
        max(history.covers_days) as covers_days,
    from shown
    join core.repository_group as member using (repository_key)
    join label using (group_id)
    left join core.download_history as history
        on history.repository_key = shown.repository_key and history.observed_on = shown.observed_on
    group by label.dimension, label.value, shown.observed_on
)

select
    told.coverage,
    told.dimension,
    told.value,
    told.observed_on,
    told.repositories,
    told.downloads_30d,
    round(
        told.downloads_30d
        / nullif(sum(told.downloads_30d) over (partition by told.coverage, told.dimension, told.observed_on), 0),
        6
    ) as downloads_30d_share,
    if(day.is_stale or day.is_partial, null, told.downloads_increment) as downloads_increment,
    if(day.is_stale or day.is_partial, null, told.covers_days) as covers_days,
    day.is_stale or day.is_partial as is_stale,
    day.origin,
    day.capture_id,
from (from whole union all by name from watched) as told
join day using (coverage, observed_on)
where told.repositories > 0
