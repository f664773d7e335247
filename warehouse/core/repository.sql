-- description: Hub repositories as last listed. One row per repository.
-- min_rows: 0
-- grain: repo_id
-- column: repo_id VARCHAR | Repository id.
-- column: hub_id VARCHAR null | The Hub's own id, stable over renames.
-- column: organisation_id VARCHAR null | Organisation behind the namespace.
-- column: family_id VARCHAR null | Family it is a release of.
-- column: model_id VARCHAR null | Model it carries the weights of.
-- column: created_at TIMESTAMP null | Creation of the repository; not a release date.
-- column: licence VARCHAR null | Licence tag.
-- column: pipeline_tag VARCHAR null | Task.
-- column: parameters_total BIGINT null | Parameters in the safetensors header.
-- column: base_relation VARCHAR null | Relation to its parents.
-- column: base_models VARCHAR[] null | Parents.
-- column: downloads_30d BIGINT null | Downloads in the trailing 30 days.
-- column: downloads_all_time BIGINT null | Downloads of all time.
-- column: likes BIGINT null | Likes.
-- column: first_seen_at TIMESTAMP | First capture that lists it.
-- column: last_seen_at TIMESTAMP | Newest capture that lists it.
-- column: origin VARCHAR | Origin of the newest capture.
-- column: capture_id VARCHAR | Newest capture that lists it.
with told as (
    -- A listing that leaves an attribute out does not take it back: the newest value that was told counts.
    select
        repo_id,
        arg_max(hub_id, (observed_at, capture_id, document)) as hub_id,
        arg_max(created_at, (observed_at, capture_id, document)) as created_at,
        arg_max(licence, (observed_at, capture_id, document)) as licence,
        arg_max(pipeline_tag, (observed_at, capture_id, document)) as pipeline_tag,
        arg_max(parameters_total, (observed_at, capture_id, document)) as parameters_total,
        min(observed_at) as first_seen_at,
    from staging.hub_model
    group by repo_id
),

newest as (
    select repo_id, base_relation, base_models, downloads_30d, downloads_all_time, likes, observed_at, origin, capture_id
    from staging.hub_model
    qualify row_number() over (partition by repo_id order by observed_at desc, capture_id desc, document) = 1
)

select
    newest.repo_id,
    told.hub_id,
    namespace.organisation_id,
    family.family_id,
    name.model_id,
    told.created_at,
    told.licence,
    told.pipeline_tag,
    told.parameters_total,
    newest.base_relation,
    newest.base_models,
    newest.downloads_30d,
    newest.downloads_all_time,
    newest.likes,
    told.first_seen_at,
    newest.observed_at as last_seen_at,
    newest.origin,
    newest.capture_id,
from newest
join told using (repo_id)
left join seeds.hub_namespace as namespace on namespace.namespace = split_part(newest.repo_id, '/', 1)
left join core.repository_family as family on family.repo_id = newest.repo_id
left join core.model_name as name on name.scope = 'hub' and name.normalised_name = normalise_name(newest.repo_id)
