-- description: Names that their owners have pointed at one model after another (deepseek-chat, gpt-4o, mistral-large-latest), with what they meant at every time. The rows of a name cover all days. One row per scope, normalised name and first day.
-- min_rows: 0
-- grain: scope, normalised_name, valid_from
-- column: scope VARCHAR | Source the name is used at, or any.
-- column: normalised_name VARCHAR | The name after normalise_name().
-- column: model_id VARCHAR null references seeds.model.model_id | Model it meant; null for days of which nobody established what it meant.
-- column: valid_from DATE null | First day; null for all days before the next row.
-- column: valid_before DATE null | First day of what it meant next; null to this day.
with dated as (
    select distinct
        scope,
        normalise_name(alias) as normalised_name,
        model_id,
        valid_from,
        valid_before,
    from seeds.model_alias
    where coalesce(valid_from, valid_before) is not null
),

in_time as (
    select
        *,
        lead(valid_from) over following as next_from,
        row_number() over following as position,
    from dated
    window following as (partition by scope, normalised_name order by valid_from nulls first)
)

select scope, normalised_name, model_id, valid_from, valid_before from in_time
union all by name
-- What nobody established: before the first row, between two, and after the last.
select scope, normalised_name, null as model_id, null as valid_from, valid_from as valid_before
from in_time
where position = 1 and valid_from is not null
union all by name
select scope, normalised_name, null as model_id, valid_before as valid_from, next_from as valid_before
from in_time
where valid_before is not null and next_from is distinct from valid_before
