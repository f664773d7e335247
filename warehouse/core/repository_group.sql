-- description: The groups by which downloads are summed, for every repository of the Hub, as of its newest attributes. One row per repository.
-- min_rows: 0
-- grain: repository_key
-- column: repository_key INTEGER | Repository.
-- column: family VARCHAR | Family it is a release of; none for all others.
-- column: organisation VARCHAR | Organisation behind its namespace; unknown where no reviewed fact names it.
-- column: region VARCHAR | Region of that organisation; unknown without one.
-- column: size_bucket VARCHAR | Size class by total parameters; unknown where nobody counts them.
-- column: licence_class VARCHAR | Class of its licence tag; none without one, unlisted where the tag is not reviewed.
-- column: modality VARCHAR | Modality of its task; unknown without a task, other for a task that is not listed.
-- column: group_id INTEGER | Number of the combination of these, so that sums over a year are made once per combination.
with told as (
    select
        repository.repository_key,
        coalesce(repository.family_id, 'none') as family,
        coalesce(repository.organisation_id, 'unknown') as organisation,
        coalesce(organisation.region, 'unknown') as region,
        coalesce(watched.parameters_total_b, repository.parameters_total / 1e9) as parameters_total_b,
        coalesce(licence.licence_class, if(repository.licence is null, 'none', 'unlisted')) as licence_class,
        coalesce(task.modality, if(repository.pipeline_tag is null, 'unknown', 'other')) as modality,
    from core.repository as repository
    left join core.watched_repository as watched using (repository_key)
    left join seeds.organisation as organisation on organisation.organisation_id = repository.organisation_id
    left join seeds.licence as licence on licence.licence = repository.licence
    left join seeds.hub_task as task on task.pipeline_tag = repository.pipeline_tag
)

select
    told.repository_key,
    told.family,
    told.organisation,
    told.region,
    coalesce(bucket.size_bucket, 'unknown') as size_bucket,
    told.licence_class,
    told.modality,
    dense_rank() over (
        order by told.family, told.organisation, told.region, bucket.size_bucket, told.licence_class, told.modality
    )::integer as group_id,
from told
left join seeds.size_bucket as bucket
    on told.parameters_total_b >= bucket.from_b
    and (bucket.below_b is null or told.parameters_total_b < bucket.below_b)
