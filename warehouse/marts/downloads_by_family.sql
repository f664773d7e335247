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
-- column: downloads_increment BIGINT null >= 0 | Sum of rises of all-time counters since each repository's last refresh; null where none is known.
-- column: repositories_increased BIGINT null >= 0 | Repositories that increment is known for.
-- column: covers_days BIGINT null | Most days that one of these increments stands for.
-- column: repositories_stale BIGINT null >= 0 | Repositories whose counter was not refreshed that day.
-- column: repositories_revised BIGINT null >= 0 | Repositories whose all-time counter the Hub revised down.
-- column: is_latest BOOLEAN | True for the newest observation of the family.
-- column: origin VARCHAR | Origin of the capture.
-- column: capture_id VARCHAR | Capture the sums come from.
with observed as (
    select family.family_id, history.*
    from core.download_history as history
    join core.repository_family as family using (repo_id)
),

day as (
    select
        family_id,
        observed_on,
        lag(observed_on) over (partition by family_id order by observed_on) as previous_observed_on,
    from observed
    group by family_id, observed_on
),

summed as (
    select
        present.family_id,
        present.observed_on,
        count(*) as repositories,
        sum(present.downloads_30d) as downloads_30d,
        sum(present.downloads_all_time) as downloads_all_time,
        sum(present.likes) as likes,
        any_value(day.previous_observed_on) as previous_observed_on,
        sum(present.downloads_30d - before.downloads_30d) as downloads_30d_change,
        sum(present.downloads_increment) as downloads_increment,
        count(present.downloads_increment) as repositories_increased,
        max(present.covers_days) as covers_days,
        count_if(present.is_stale) as repositories_stale,
        count_if(present.is_revision) as repositories_revised,
        max(present.origin) as origin,
        max(present.capture_id) as capture_id,
    from observed as present
    join day on day.family_id = present.family_id and day.observed_on = present.observed_on
    left join core.download_history as before
        on before.repo_id = present.repo_id and before.observed_on = day.previous_observed_on
    group by present.family_id, present.observed_on
)

select
    summed.family_id,
    family.name as family_name,
    family.organisation_name,
    family.region,
    summed.observed_on,
    summed.repositories,
    summed.downloads_30d,
    summed.downloads_all_time,
    summed.likes,
    summed.previous_observed_on,
    summed.downloads_30d_change,
    summed.downloads_increment,
    summed.repositories_increased,
    summed.covers_days,
    summed.repositories_stale,
    summed.repositories_revised,
    summed.observed_on = max(summed.observed_on) over (partition by summed.family_id) as is_latest,
    summed.origin,
    summed.capture_id,
from summed
join core.family as family using (family_id)
