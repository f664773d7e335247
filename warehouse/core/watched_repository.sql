-- description: Repositories whose downloads are kept day by day, with their size and public release. One row per repository of a watched family, of the tracked population, or shown by a list of the light mode.
-- min_rows: 0
-- grain: repo_id
-- column: repo_id VARCHAR | Repository, by its present name.
-- column: repository_key INTEGER | Its key.
-- column: family_id VARCHAR null | Family it is a release of.
-- column: checkpoint_id VARCHAR null | Checkpoint of the tracked population; null for others.
-- column: population VARCHAR null in (primary, secondary) | List of the tracked population that names it.
-- column: region VARCHAR null | Region of its organisation, else as the tracked population states it; null where neither knows.
-- column: parameters_total_b DOUBLE null | Total parameters in billions.
-- column: parameters_source VARCHAR null in (population, model, repository) | Who counts them, in this order: reviewed by the tracked population, reviewed for the model, or the header of the weights with every module.
-- column: size_bucket VARCHAR null | Size class; null where the size is not known.
-- column: created_on DATE null | Creation of the repository; null where the Hub gives the day on which it began to keep dates.
-- column: released_on DATE null | Public release.
-- column: release_source VARCHAR null in (correction, model, created) | Where that date comes from: a reviewed correction, the reviewed model it is the main repository of, or, without better knowledge, its creation.
-- column: first_public_at TIMESTAMP null | Creation, or the first capture that shows it where earlier captures of the Hub exist: private repositories keep their creation date.
-- column: first_seen_at TIMESTAMP | First capture that shows it.
-- Every name a repository ever had counts: a list or a correction may use an old one.
with tracked as (
    select
        name.repository_key,
        min(named.checkpoint_id) as checkpoint_id,
        min(named.list) as population,
        min(named.region) as region,
        max(named.parameters_total_b) as parameters_total_b,
    from (select *, unnest([repo_id, checkpoint_id]) as any_name from seeds.tracked_checkpoint) as named
    join core.repository_name as name on name.repo_id = named.any_name
    group by name.repository_key
),

shown as (
    select distinct counter.repository_key
    from staging.hub_counter as counter
    join core.hub_crawl as crawl using (observed_at)
    where crawl.coverage = 'watched'
),

correction as (
    select name.repository_key, min(correction.released_on) as released_on
    from seeds.release_correction as correction
    join core.repository_name as name using (repo_id)
    group by name.repository_key
),

release as (
    select
        name.repository_key,
        min(model.released_on) as released_on,
        max(model.parameters_total_b) as parameters_total_b,
    from seeds.model as model
    join core.repository_name as name on name.repo_id = model.hub_repo_id
    group by name.repository_key
),

told as (
    select
        repository.*,
        tracked.checkpoint_id,
        tracked.population,
        coalesce(organisation.region, nullif(tracked.region, 'unknown')) as region,
        coalesce(tracked.parameters_total_b, release.parameters_total_b, repository.parameters_total / 1e9)
            as parameters_total_b,
        case
            when tracked.parameters_total_b is not null then 'population'
            when release.parameters_total_b is not null then 'model'
            when repository.parameters_total is not null then 'repository'
        end as parameters_source,
        case when repository.created_at >= timestamp '2022-03-03' then repository.created_at::date end as created_on,
        correction.released_on as corrected_on,
        release.released_on as model_released_on,
    from core.repository as repository
    left join tracked using (repository_key)
    left join correction using (repository_key)
    left join release using (repository_key)
    left join seeds.organisation as organisation on organisation.organisation_id = repository.organisation_id
    where repository.family_id is not null
        or tracked.repository_key is not null
        or repository.repository_key in (from shown)
)

select
    told.repo_id,
    told.repository_key,
    told.family_id,
    told.checkpoint_id,
    told.population,
    told.region,
    told.parameters_total_b,
    told.parameters_source,
    bucket.size_bucket,
    told.created_on,
    coalesce(told.corrected_on, told.model_released_on, told.created_on) as released_on,
    case
        when told.corrected_on is not null then 'correction'
        when told.model_released_on is not null then 'model'
        when told.created_on is not null then 'created'
    end as release_source,
    if(
        told.first_seen_at > (select min(observed_at) from core.hub_crawl),
        greatest(told.created_at, told.first_seen_at),
        told.created_at
    ) as first_public_at,
    told.first_seen_at,
from told
left join seeds.size_bucket as bucket
    on told.parameters_total_b >= bucket.from_b
    and (bucket.below_b is null or told.parameters_total_b < bucket.below_b)
