-- description: Model families with their organisation and what the record holds of them. One row per family.
-- grain: family_id
-- column: family_id VARCHAR | Slug.
-- column: name VARCHAR | Name as the public knows it.
-- column: organisation_id VARCHAR | Organisation that releases it.
-- column: organisation_name VARCHAR | Name of the organisation.
-- column: region VARCHAR | Region of the organisation.
-- column: models BIGINT | Models of the record.
-- column: repositories BIGINT | Own repositories ever listed by the Hub.
select
    family.family_id,
    family.name,
    family.organisation_id,
    organisation.name as organisation_name,
    organisation.region,
    (select count(*) from seeds.model as model where model.family_id = family.family_id) as models,
    (select count(*) from core.repository_family as own where own.family_id = family.family_id) as repositories,
from seeds.family as family
join seeds.organisation as organisation using (organisation_id)
