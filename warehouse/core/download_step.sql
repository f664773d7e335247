-- description: How far the 30-day counters of like repositories moved from one capture to the next: the yardstick for a jump of one of them. One row per capture and group.
-- min_rows: 0
-- grain: observed_at, peers, value
-- column: observed_at TIMESTAMP | Time of the capture, UTC.
-- column: peers VARCHAR in (all, library, task, organisation) | What the repositories of the group have in common.
-- column: value VARCHAR | The library, task or organisation; none where they state none.
-- column: repositories BIGINT > 0 | Repositories with at least 1,000 downloads in 30 days before whose counter was shown, or in a whole crawl had changed.
-- column: ratio_median DOUBLE | Median ratio of the 30-day downloads to those of the capture before.
with step as (
    select
        counter.observed_at,
        coalesce(repository.library_name, 'none') as library,
        coalesce(repository.pipeline_tag, 'none') as task,
        coalesce(repository.organisation_id, 'none') as organisation,
        counter.downloads_30d / counter.downloads_30d_before as ratio,
    from staging.hub_counter as counter
    join core.repository as repository using (repository_key)
    where counter.downloads_30d_before >= 1000 and counter.downloads_30d is not null
)

select
    observed_at,
    case grouping(library, task, organisation)
        when 3 then 'library'
        when 5 then 'task'
        when 6 then 'organisation'
        else 'all'
    end as peers,
    coalesce(library, task, organisation, 'all') as value,
    count(*) as repositories,
    round(quantile_disc(ratio, 0.5), 4) as ratio_median,
from step
group by grouping sets ((observed_at), (observed_at, library), (observed_at, task), (observed_at, organisation))
