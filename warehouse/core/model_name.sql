-- description: Every name that resolves to a model, in normalised form. A name that moved from one model to another is here with what it means now; core.moved_name has the rest. One row per scope and normalised name.
-- grain: scope, normalised_name
-- column: scope VARCHAR | Source the name is used at, hub for repository ids, or any.
-- column: normalised_name VARCHAR | The name after normalise_name().
-- column: model_id VARCHAR null references seeds.model.model_id | Model it names; null for a name that moved and of which nobody established what it means now.
with named as (
    select scope, alias as name, model_id
    from seeds.model_alias
    where coalesce(valid_from, valid_before) is null
    union all
    select 'any' as scope, model_id as name, model_id from seeds.model
    union all
    select 'any' as scope, name, model_id from seeds.model
    union all
    select 'hub' as scope, hub_repo_id as name, model_id from seeds.model where hub_repo_id is not null
)

select distinct scope, normalise_name(name) as normalised_name, model_id
from named
union all
select scope, normalised_name, model_id
from core.moved_name
where valid_before is null
