-- description: Models with their organisation, family and every name that resolves to them. One row per model.
-- grain: model_id
-- column: model_id VARCHAR | Slug.
-- column: name VARCHAR | Name as the public knows it.
-- column: organisation_id VARCHAR | Organisation that released it.
-- column: organisation_name VARCHAR | Name of the organisation.
-- column: region VARCHAR | Region of the organisation.
-- column: family_id VARCHAR null | Family under watch.
-- column: released_on DATE null | Public release.
-- column: parameters_total_b DOUBLE null | Total parameters in billions; null where not disclosed.
-- column: parameters_active_b DOUBLE null | Parameters active per token in billions; null where not disclosed.
-- column: is_open_weights BOOLEAN | True when the weights can be downloaded.
-- column: licence VARCHAR null | Licence.
-- column: licence_class VARCHAR | Class of the licence.
-- column: hub_repo_id VARCHAR null | Main repository on the Hub.
-- column: names BIGINT | Names that resolve to it, over all scopes.
-- column: source VARCHAR | Where the reviewed facts come from.
select
    model.model_id,
    model.name,
    model.organisation_id,
    organisation.name as organisation_name,
    organisation.region,
    model.family_id,
    model.released_on,
    model.parameters_total_b,
    model.parameters_active_b,
    model.is_open_weights,
    model.licence,
    model.licence_class,
    model.hub_repo_id,
    (select count(*) from core.model_name as name where name.model_id = model.model_id) as names,
    model.source,
from seeds.model as model
join seeds.organisation as organisation using (organisation_id)
