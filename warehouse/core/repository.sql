-- description: Hub repositories as last seen. One row per repository id; of several that have carried one id, the one that carries it now.
-- min_rows: 0
-- grain: repo_id
-- column: repo_id VARCHAR | Repository id.
-- column: repository_key INTEGER | Key in the logs of changes.
-- column: hub_id VARCHAR null | The Hub's own id, stable over renames.
-- column: organisation_id VARCHAR null | Organisation behind the namespace.
-- column: family_id VARCHAR null | Family it is a release of.
-- column: model_id VARCHAR null | Model it carries the weights of.
-- column: created_at TIMESTAMP null | Creation of the repository; not a release date.
-- column: modified_at TIMESTAMP null | Last modification.
-- column: licence VARCHAR null | Licence tag.
-- column: pipeline_tag VARCHAR null | Task.
-- column: library_name VARCHAR null | Library.
-- column: gated VARCHAR null | Access gate: auto, manual or false.
-- column: parameters_total BIGINT null | Parameters in the safetensors header.
-- column: downloads_30d BIGINT null | Downloads in the trailing 30 days.
-- column: downloads_all_time BIGINT null | Downloads of all time.
-- column: likes BIGINT null | Likes.
-- column: is_listed BOOLEAN | False when a crawl of the whole Hub no longer lists it.
-- column: first_seen_at TIMESTAMP | First capture that shows it.
-- column: last_seen_at TIMESTAMP | Newest capture that shows it; a crawl of the whole Hub shows all that are listed.
-- column: origin VARCHAR | Origin of that capture.
-- column: capture_id VARCHAR | That capture.
with version_at as (
    select repository_key, min(observed_at) as first_seen_at, max(observed_at) as observed_at
    from staging.hub_version
    group by repository_key
),

counter_at as (
    select repository_key, max(observed_at) as observed_at
    from staging.hub_counter
    group by repository_key
),

newest_full as (
    select max(observed_at) as observed_at from staging.hub_crawl where is_full
),

-- Names pass from one repository to another: whoever is listed, and was named so last, carries it.
carrier as (
    select version.repo_id, version.repository_key, version.observed_at, version.is_listed, version_at.first_seen_at
    from staging.hub_version as version
    join version_at using (repository_key, observed_at)
    qualify row_number() over (
        partition by version.repo_id order by version.is_listed desc, version.observed_at desc, version.repository_key
    ) = 1
),

seen as (
    select
        carrier.repository_key,
        carrier.first_seen_at,
        counter_at.observed_at as counted_at,
        carrier.observed_at as version_at,
        case
            when carrier.is_listed
                then greatest(counter_at.observed_at, carrier.observed_at, newest_full.observed_at)
            else coalesce(counter_at.observed_at, carrier.first_seen_at)
        end as last_seen_at,
    from carrier
    left join counter_at using (repository_key)
    cross join newest_full
),

-- Names are only put into their common form where a model has a repository at all.
named as (
    select repo_id, normalise_name(repo_id) as normalised_name
    from carrier
    where lower(split_part(repo_id, '/', 1)) in (
        select lower(split_part(hub_repo_id, '/', 1)) from seeds.model where hub_repo_id is not null
        union
        select lower(split_part(alias, '/', 1)) from seeds.model_alias where scope = 'hub'
    )
)

select
    version.repo_id,
    version.repository_key,
    key.hub_id,
    namespace.organisation_id,
    family.family_id,
    name.model_id,
    version.created_at,
    version.modified_at,
    version.licence,
    version.pipeline_tag,
    version.library_name,
    version.gated,
    version.parameters_total,
    counter.downloads_30d,
    counter.downloads_all_time,
    counter.likes,
    version.is_listed,
    seen.first_seen_at,
    seen.last_seen_at,
    crawl.origin,
    crawl.capture_id,
from seen
join staging.hub_version as version
    on version.repository_key = seen.repository_key and version.observed_at = seen.version_at
left join staging.hub_counter as counter
    on counter.repository_key = seen.repository_key and counter.observed_at = seen.counted_at
join staging.hub_repository_key as key on key.repository_key = version.repository_key
join staging.hub_crawl as crawl on crawl.observed_at = seen.last_seen_at
left join seeds.hub_namespace as namespace on namespace.namespace = split_part(version.repo_id, '/', 1)
left join core.repository_family as family on family.repo_id = version.repo_id
left join named on named.repo_id = version.repo_id
left join core.model_name as name on name.scope = 'hub' and name.normalised_name = named.normalised_name
