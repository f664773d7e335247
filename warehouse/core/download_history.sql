-- description: Download counters and likes of watched repositories by day, with what was downloaded since the last refresh. One row per watched repository and day of observation.
-- min_rows: 0
-- grain: repo_id, observed_on
-- column: repo_id VARCHAR | Repository, by its present name.
-- column: repository_key INTEGER | Its key.
-- column: observed_on DATE | Day of the capture.
-- column: downloads_30d BIGINT null | Downloads in the trailing 30 days.
-- column: downloads_all_time BIGINT null | Downloads of all time, as the Hub states them that day.
-- column: likes BIGINT null | Likes.
-- column: is_carried BOOLEAN | True where a whole crawl found the repository unchanged, so that its last counters stand.
-- column: is_stale BOOLEAN | Unchanged without a refresh to show for it: the capture is stale or partial, or no whole refresh window lies between it and the day before. Its increment is left to the next refresh.
-- column: is_catch_up BOOLEAN | First refresh after a stale day.
-- column: covers_days BIGINT null | Days the increment stands for; null where there is none.
-- column: downloads_increment BIGINT null >= 0 | Rise of the all-time counter since the last refresh; null on the first day, on a stale one, and where the counter was revised down.
-- column: is_revision BOOLEAN | The all-time counter is lower than before: the Hub took downloads back.
-- column: downloads_cumulative_repaired BIGINT null | All-time counter with every downward revision added back, so that it never falls; null until the counter is known.
-- column: is_launch_lag BOOLEAN | At most 10 downloads within 4 days of becoming public: the counter of a new repository is not in yet.
-- column: observed_at TIMESTAMP | Newest capture of that day.
-- column: origin VARCHAR | Origin of that capture.
-- column: capture_id VARCHAR | That capture.
with watched as (
    select repository_key, repo_id, first_public_at from core.watched_repository
),

counter as materialized (
    select repository_key, observed_at, downloads_30d, downloads_all_time, likes
    from staging.hub_counter
    where repository_key in (select repository_key from watched)
),

version as materialized (
    select repository_key, observed_at, is_listed
    from staging.hub_version
    where repository_key in (select repository_key from watched)
),

crawled as (
    select watched.repository_key, crawl.observed_at
    from watched
    cross join core.hub_crawl as crawl
    where crawl.coverage = 'whole_hub'
),

moment as (
    select repository_key, max(observed_at) as observed_at
    from (
        select repository_key, observed_at from counter
        union all
        select crawled.repository_key, crawled.observed_at
        from crawled
        asof join version
            on version.repository_key = crawled.repository_key and version.observed_at <= crawled.observed_at
        where version.is_listed
    )
    group by repository_key, observed_at::date
),

observed as (
    select
        moment.repository_key,
        moment.observed_at,
        counter.downloads_30d,
        counter.downloads_all_time,
        counter.likes,
        counter.observed_at < moment.observed_at as is_carried,
        crawl.refreshed_from,
        coalesce(crawl.is_stale or crawl.is_partial, false) as is_suspect,
        crawl.origin,
        crawl.capture_id,
    from moment
    asof join counter
        on counter.repository_key = moment.repository_key and counter.observed_at <= moment.observed_at
    join core.hub_crawl as crawl on crawl.observed_at = moment.observed_at
),

judged as (
    select
        *,
        coalesce(
            downloads_30d is not distinct from lag(downloads_30d) over in_time
            and downloads_all_time is not distinct from lag(downloads_all_time) over in_time
            and (is_suspect or lag(observed_at) over in_time > refreshed_from),
            false
        ) as is_stale,
    from observed
    window in_time as (partition by repository_key order by observed_at)
),

measured as (
    select
        *,
        not is_stale and coalesce(lag(is_stale) over in_time, false) as is_catch_up,
        downloads_all_time - lag(downloads_all_time) over in_time as raw_change,
        observed_at::date - (max(observed_at) filter (not is_stale) over earlier)::date as days,
    from judged
    window
        in_time as (partition by repository_key order by observed_at),
        earlier as (partition by repository_key order by observed_at rows between unbounded preceding and 1 preceding)
)

select
    watched.repo_id,
    measured.repository_key,
    measured.observed_at::date as observed_on,
    measured.downloads_30d,
    measured.downloads_all_time,
    measured.likes,
    measured.is_carried,
    measured.is_stale,
    measured.is_catch_up,
    if(measured.is_stale or measured.raw_change < 0, null, measured.raw_change) as downloads_increment,
    if(downloads_increment is null, null, measured.days) as covers_days,
    coalesce(measured.raw_change < 0, false) as is_revision,
    measured.downloads_all_time
    - coalesce(
        sum(least(measured.raw_change, 0)) over (partition by measured.repository_key order by measured.observed_at), 0
    ) as downloads_cumulative_repaired,
    coalesce(
        measured.downloads_30d <= 10
        and measured.observed_at < watched.first_public_at + interval 4 days
        and measured.observed_at >= watched.first_public_at - interval 1 day,
        false
    ) as is_launch_lag,
    measured.observed_at,
    measured.origin,
    measured.capture_id,
from measured
join watched using (repository_key)
