-- description: Every name a Hub repository has carried, and when. One row per repository and period; a repository that is gone carries none.
-- min_rows: 0
-- grain: repository_key, valid_from
-- column: repository_key INTEGER | Repository.
-- column: repo_id VARCHAR | Name, organisation/name in its exact case.
-- column: valid_from TIMESTAMP | First capture that shows it under this name.
-- column: valid_to TIMESTAMP null | Capture that first shows another name, or that it is gone; null while it holds.
-- column: is_current BOOLEAN | True while it holds.
with summed as (
    -- Nearly all repositories have one name and stay; only the others are worth a window over their versions.
    select
        repository_key,
        min(repo_id) as repo_id,
        min(observed_at) as valid_from,
        min(repo_id) = max(repo_id) and bool_and(is_listed) as is_steady,
    from staging.hub_version
    group by repository_key
),

turn as (
    select repository_key, observed_at, repo_id, is_listed
    from staging.hub_version
    semi join (select repository_key from summed where not is_steady) using (repository_key)
    qualify (repo_id, is_listed)
        is distinct from lag((repo_id, is_listed)) over (partition by repository_key order by observed_at)
),

period as (
    select repository_key, repo_id, valid_from, null::timestamp as valid_to
    from summed
    where is_steady
    union all
    select repository_key, repo_id, observed_at as valid_from, valid_to
    from (
        select *, lead(observed_at) over (partition by repository_key order by observed_at) as valid_to
        from turn
    )
    where is_listed
)

select repository_key, repo_id, valid_from, valid_to, valid_to is null as is_current
from period
