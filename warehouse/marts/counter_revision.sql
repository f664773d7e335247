-- description: Downloads the Hub took back: all-time counters lower than before. One row per repository and capture that shows it, over every repository of the Hub.
-- min_rows: 0
-- grain: repository_key, observed_at
-- column: repository_key INTEGER | Repository.
-- column: repo_id VARCHAR | Its present name.
-- column: organisation_id VARCHAR null | Organisation behind its namespace.
-- column: observed_at TIMESTAMP | First capture with the lower counter, UTC.
-- column: observed_on DATE | Its day.
-- column: downloads_all_time_before BIGINT | Counter before.
-- column: downloads_all_time BIGINT | Counter now.
-- column: downloads_removed BIGINT > 0 | What was taken back; net of what came in since the capture before.
-- column: removed_share DOUBLE | Share of the counter before.
-- column: repositories_revised BIGINT > 0 | Repositories revised on the same day.
-- column: downloads_removed_that_day BIGINT > 0 | Downloads taken back from all of them.
-- column: origin VARCHAR | Origin of the capture.
-- column: capture_id VARCHAR | Capture that shows it.
with revised as (
    select
        repository_key,
        observed_at,
        downloads_all_time_before,
        downloads_all_time,
        downloads_all_time_before - downloads_all_time as downloads_removed,
    from staging.hub_counter
    where downloads_all_time < downloads_all_time_before
),

day as (
    select
        observed_at::date as observed_on,
        count(distinct repository_key) as repositories_revised,
        sum(downloads_removed) as downloads_removed_that_day,
    from revised
    group by observed_at::date
)

select
    revised.repository_key,
    repository.repo_id,
    repository.organisation_id,
    revised.observed_at,
    day.observed_on,
    revised.downloads_all_time_before,
    revised.downloads_all_time,
    revised.downloads_removed,
    round(revised.downloads_removed / revised.downloads_all_time_before, 6) as removed_share,
    day.repositories_revised,
    day.downloads_removed_that_day,
    crawl.origin,
    crawl.capture_id,
from revised
join day on day.observed_on = revised.observed_at::date
join core.repository as repository using (repository_key)
join core.hub_crawl as crawl on crawl.observed_at = revised.observed_at
