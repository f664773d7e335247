-- description: Which family a Hub repository belongs to as its own release. One row per repository of a watched family.
-- min_rows: 0
-- grain: repo_id
-- column: repo_id VARCHAR | Repository.
-- column: family_id VARCHAR references seeds.family.family_id | Family, by the longest matching rule.
with repository as (
    select distinct repo_id from staging.hub_version
    union
    select distinct repo_id from staging.hub_children
)
select repository.repo_id, rule.family_id
from repository
join seeds.family_rule as rule
    on split_part(repository.repo_id, '/', 1) = rule.namespace
    and starts_with(lower(split_part(repository.repo_id, '/', 2)), lower(coalesce(rule.name_prefix, '')))
qualify row_number() over (
    partition by repository.repo_id order by length(coalesce(rule.name_prefix, '')) desc, rule.family_id
) = 1
