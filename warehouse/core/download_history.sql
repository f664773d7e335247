-- description: Download counters and likes of Hub repositories by day. One row per repository and day of observation.
-- min_rows: 0
-- grain: repo_id, observed_on
-- column: repo_id VARCHAR | Repository.
-- column: observed_on DATE | Day of the capture.
-- column: downloads_30d BIGINT null | Downloads in the trailing 30 days.
-- column: downloads_all_time BIGINT null | Downloads of all time, as the Hub states them that day.
-- column: likes BIGINT null | Likes.
-- column: observed_at TIMESTAMP | Newest capture of that day.
-- column: origin VARCHAR | Origin of that capture.
-- column: capture_id VARCHAR | That capture.
select
    repo_id,
    observed_at::date as observed_on,
    downloads_30d,
    downloads_all_time,
    likes,
    observed_at,
    origin,
    capture_id,
from staging.hub_model
qualify row_number() over (
    partition by repo_id, observed_at::date order by observed_at desc, capture_id desc, document
) = 1
