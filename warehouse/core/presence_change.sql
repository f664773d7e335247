-- description: When Hub repositories left the Hub and came back, with the counters they had. One row per repository and capture from which on it is gone, or listed again.
-- min_rows: 0
-- grain: repository_key, observed_at
-- column: repository_key INTEGER | Repository.
-- column: observed_at TIMESTAMP | First capture without it, or the first that shows it again, UTC.
-- column: is_listed BOOLEAN | False where it left, true where it came back.
-- column: downloads_30d BIGINT null | Its last known 30-day downloads before this capture.
-- column: downloads_all_time BIGINT null | Its last known downloads of all time before this capture.
with departed as (
    select distinct repository_key from staging.hub_version where not is_listed
),

change as (
    select repository_key, observed_at, is_listed
    from staging.hub_version
    where repository_key in (from departed)
    qualify not is_listed
        or not lag(is_listed, 1, true) over (partition by repository_key order by observed_at)
),

counter as materialized (
    select repository_key, observed_at, downloads_30d, downloads_all_time
    from staging.hub_counter
    where repository_key in (from departed)
)

select
    change.repository_key,
    change.observed_at,
    change.is_listed,
    counter.downloads_30d,
    counter.downloads_all_time,
from change
asof left join counter
    on counter.repository_key = change.repository_key and counter.observed_at < change.observed_at
