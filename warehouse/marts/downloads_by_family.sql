-- description: Downloads of each family's own repositories. One row per family and day of observation.
-- min_rows: 0
-- grain: family_id, observed_on
-- column: family_id VARCHAR | Family.
-- column: family_name VARCHAR | Name of the family.
-- column: organisation_name VARCHAR | Organisation that releases it.
-- column: region VARCHAR | Region of the organisation.
-- column: observed_on DATE | Day of the capture.
-- column: repositories BIGINT | Own repositories listed.
-- column: downloads_30d BIGINT null | Sum of trailing 30-day downloads; requests, not users.
-- column: downloads_all_time BIGINT null | Sum of all-time downloads.
-- column: likes BIGINT null | Sum of likes.
-- column: previous_observed_on DATE null | Day of the capture before.
-- column: downloads_30d_change BIGINT null | Change of the 30-day sum over the repositories seen in both captures; null on the first.
-- column: is_latest BOOLEAN | True for the newest observation of the family.
-- column: origin VARCHAR | Origin of the capture.
-- column: capture_id VARCHAR | Capture the sums come from.
with changed as (
    select
        family.family_id,
        history.*,
        downloads_30d - lag(downloads_30d) over (partition by repo_id order by observed_on) as added,
        lag(observed_on) over (partition by repo_id order by observed_on) as before_on,
    from core.download_history as history
    join core.repository_family as family using (repo_id)
),

summed as (
    select
        family_id,
        observed_on,
        count(*) as repositories,
        sum(downloads_30d) as downloads_30d,
        sum(downloads_all_time) as downloads_all_time,
        sum(likes) as likes,
        max(before_on) as previous_observed_on,
        sum(added) as downloads_30d_change,
        any_value(origin) as origin,
        any_value(capture_id) as capture_id,
    from changed
    group by family_id, observed_on
)

select
    summed.family_id,
    family.name as family_name,
    organisation.name as organisation_name,
    organisation.region,
    summed.observed_on,
    summed.repositories,
    summed.downloads_30d,
    summed.downloads_all_time,
    summed.likes,
    summed.previous_observed_on,
    summed.downloads_30d_change,
    summed.observed_on = max(summed.observed_on) over (partition by summed.family_id) as is_latest,
    summed.origin,
    summed.capture_id,
from summed
join seeds.family as family using (family_id)
join seeds.organisation as organisation using (organisation_id)
