-- description: Organisations with what the record holds of them. One row per organisation.
-- grain: organisation_id
-- column: organisation_id VARCHAR | Slug.
-- column: name VARCHAR | Name as the public knows it.
-- column: region VARCHAR | Region of the headquarters.
-- column: country VARCHAR | ISO 3166 alpha-2 code of the headquarters.
-- column: hub_namespaces VARCHAR[] | Hub namespaces it owns, old names included; empty for none.
-- column: models BIGINT | Models of the record.
-- column: open_models BIGINT | Models of the record whose weights can be downloaded.
select
    organisation.organisation_id,
    organisation.name,
    organisation.region,
    organisation.country,
    coalesce(
        (
            select list(namespace.namespace order by namespace.namespace)
            from seeds.hub_namespace as namespace
            where namespace.organisation_id = organisation.organisation_id
        ),
        []
    ) as hub_namespaces,
    count(model.model_id) as models,
    count(model.model_id) filter (model.is_open_weights) as open_models,
from seeds.organisation as organisation
left join seeds.model as model using (organisation_id)
group by organisation.organisation_id, organisation.name, organisation.region, organisation.country
