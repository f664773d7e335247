-- description: What each capture of the Hub showed against an earlier one, and whether its counters are those of its day. One row per moment of capture.
-- min_rows: 0
-- grain: observed_at
-- column: observed_at TIMESTAMP | Time of the capture, UTC.
-- column: observed_on DATE | Day of the capture.
-- column: capture_id VARCHAR | The capture.
-- column: origin VARCHAR | Origin of the capture.
-- column: coverage VARCHAR in (whole_hub, watched, part) | whole_hub lists every repository; watched is a list of at most 100,000; part is a longer list, or a crawl that was not taken as whole. Captures are compared within one coverage.
-- column: repositories BIGINT | Distinct repositories shown.
-- column: refreshed_from TIMESTAMP | Start of the last refresh window that is over: the Hub refreshes its counters once a day between 04 and 13 UTC.
-- column: compared_with_at TIMESTAMP null | Newest capture of the same coverage from before that window, so that a refresh lies between the two; null for the first.
-- column: repositories_compared BIGINT null | Repositories of both captures that had at least 1,000 downloads in 30 days in the earlier one.
-- column: unchanged_share DOUBLE null | Share of them with the same 30-day count; null when fewer than 20 can be compared.
-- column: is_stale BOOLEAN null | More than 80 % unchanged: the counters were not refreshed; null when it cannot be told.
-- column: is_partial BOOLEAN null | More than 25 % and up to 80 % unchanged, where a usual day has less than 5 %: only a part was refreshed.
-- column: is_catch_up BOOLEAN null | First refreshed capture after a stale or partial one: its changes cover several days.
-- column: previous_full_at TIMESTAMP null | Crawl of the whole Hub before this one; null for other captures and the first.
-- column: repositories_change BIGINT null | Repositories more than in the whole crawl before.
-- column: appeared BIGINT null | Repositories first seen since the whole crawl before.
-- column: gone BIGINT null | Repositories that this whole crawl no longer lists.
-- column: returned BIGINT null | Repositories listed again since the whole crawl before.
-- column: renamed BIGINT null | Names that changed since the whole crawl before.
with crawl as (
    select
        *,
        case
            when is_full then 'whole_hub'
            when gate is null and repositories <= 100_000 then 'watched'
            else 'part'
        end as coverage,
        (observed_at - interval 13 hours)::date + interval 4 hours as refreshed_from,
    from staging.hub_crawl
),

paired as (
    select
        this.*,
        before.observed_at as compared_with_at,
        lag(this.observed_at) over (partition by this.coverage order by this.observed_at) as previous_at,
        lag(this.repositories) over (partition by this.coverage order by this.observed_at) as previous_repositories,
    from crawl as this
    asof left join crawl as before
        on before.coverage = this.coverage and before.observed_at <= this.refreshed_from
),

other_name as (
    select valid_from
    from core.repository_name
    where repository_key in (select repository_key from core.repository_name group by all having count(*) > 1)
    qualify repo_id <> lag(repo_id) over (partition by repository_key order by valid_from)
),

-- A whole crawl has no row for an unchanged counter. So the number of large repositories is a running sum of those
-- that cross the line, appear, leave or return; the changed ones are counted as they change.
event as (
    select
        observed_at,
        count(*) filter (downloads_30d >= 1000) - count(*) filter (downloads_30d_before >= 1000) as large,
        count(*) filter (downloads_30d_before >= 1000 and downloads_30d is distinct from downloads_30d_before) as changed,
        0 as left_large,
        0 as appeared,
        0 as gone,
        0 as returned,
        0 as renamed,
    from staging.hub_counter
    where downloads_30d >= 1000 or downloads_30d_before >= 1000
    group by observed_at
    union all by name
    select
        observed_at,
        sum(if(is_listed, 1, -1)) filter (downloads_30d >= 1000) as large,
        count(*) filter (not is_listed and downloads_30d >= 1000) as left_large,
        count_if(not is_listed) as gone,
        count_if(is_listed) as returned,
    from core.presence_change
    group by observed_at
    union all by name
    select observed_at, count(*) as appeared from staging.hub_repository_key group by observed_at
    union all by name
    select valid_from as observed_at, count(*) as renamed
    from other_name
    group by valid_from
),

total as (
    select
        observed_at,
        sum(coalesce(sum(large), 0)) over in_time as large,
        sum(coalesce(sum(changed), 0)) over in_time as changed,
        sum(coalesce(sum(left_large), 0)) over in_time as left_large,
        sum(coalesce(sum(appeared), 0)) over in_time as appeared,
        sum(coalesce(sum(gone), 0)) over in_time as gone,
        sum(coalesce(sum(returned), 0)) over in_time as returned,
        sum(coalesce(sum(renamed), 0)) over in_time as renamed,
    from event
    group by observed_at
    window in_time as (order by observed_at)
),

whole as (
    select
        this.observed_at,
        compared.large - (latest.left_large - compared.left_large) as repositories_compared,
        latest.changed - compared.changed as changed,
        latest.appeared - previous.appeared as appeared,
        latest.gone - previous.gone as gone,
        latest.returned - previous.returned as returned,
        latest.renamed - previous.renamed as renamed,
    from paired as this
    asof left join total as latest on latest.observed_at <= this.observed_at
    asof left join total as compared on compared.observed_at <= this.compared_with_at
    asof left join total as previous on previous.observed_at <= this.previous_at
    where this.is_full
),

shown as (
    select counter.repository_key, counter.observed_at, counter.downloads_30d
    from staging.hub_counter as counter
    join crawl using (observed_at)
    where not crawl.is_full
),

listed as (
    select
        paired.observed_at,
        count(*) as repositories_compared,
        count_if(this.downloads_30d is distinct from before.downloads_30d) as changed,
    from paired
    join shown as this using (observed_at)
    join shown as before
        on before.observed_at = paired.compared_with_at and before.repository_key = this.repository_key
    where not paired.is_full and before.downloads_30d >= 1000
    group by paired.observed_at
),

compared as (
    select
        paired.*,
        case
            when paired.compared_with_at is null then null
            when paired.is_full then whole.repositories_compared
            else coalesce(listed.repositories_compared, 0)
        end as repositories_compared,
        coalesce(whole.changed, listed.changed, 0) as changed,
        whole.appeared,
        whole.gone,
        whole.returned,
        whole.renamed,
    from paired
    left join whole using (observed_at)
    left join listed using (observed_at)
),

judged as (
    select
        *,
        case
            when repositories_compared >= 20 then round(1 - least(changed / repositories_compared, 1), 4)
        end as unchanged_share,
        unchanged_share > 0.8 as is_stale,
        unchanged_share > 0.25 and unchanged_share <= 0.8 as is_partial,
    from compared
)

select
    observed_at,
    observed_at::date as observed_on,
    capture_id,
    origin,
    coverage,
    repositories,
    refreshed_from,
    compared_with_at,
    repositories_compared,
    unchanged_share,
    is_stale,
    is_partial,
    not is_stale and not is_partial and coalesce(
        lag(is_stale or is_partial ignore nulls) over (partition by coverage order by observed_at), false
    ) as is_catch_up,
    if(is_full, previous_at, null) as previous_full_at,
    if(is_full, repositories - previous_repositories, null) as repositories_change,
    if(is_full and previous_at is not null, appeared, null) as appeared,
    if(is_full and previous_at is not null, gone, null) as gone,
    if(is_full and previous_at is not null, returned, null) as returned,
    if(is_full and previous_at is not null, renamed, null) as renamed,
from judged
