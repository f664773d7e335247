-- description: Every name under which a leaderboard lists a model, and the model it resolves to. One row per source, name and effort.
-- min_rows: 0
-- grain: source, model_name, effort
-- column: source VARCHAR | Source of the scores.
-- column: model_name VARCHAR | Name as written.
-- column: effort VARCHAR null | Reasoning effort or mode, as the source states it.
-- column: bare_name VARCHAR | The name without its effort.
-- column: model_id VARCHAR null | Model it resolves to; of a name that moved the one it means now. Null while unmatched.
-- column: matched_by VARCHAR null in (source_alias, public_name, hub_repository, without_mark, short_name, without_owner, precision, spelling) | Which exact match found it: an alias of the source's own, a public name, a Hub repository, one of these without the brackets after it, the last part of a path, the name without the owner before it, the name without a number format (fp8), or one that differs only in dots for hyphens (4-1 for 4.1).
-- column: matched_scope VARCHAR null | Scope of the name that matched.
-- column: matched_name VARCHAR null | The name that matched; with its scope the key to core.moved_name.
with written as (
    select distinct source, model_name, effort, without_effort(model_name, effort) as bare_name
    from (
        select source, model_name, effort from staging.score
        union all
        select 'reported_score' as source, model_name, null as effort from seeds.reported_score
    )
),

-- A repository of base weights belongs to its release; a score of it is no score of the model that was tuned from it.
base as (
    select distinct base.normalised_name
    from core.model_name as base
    join core.model_name as tuned
        on tuned.scope = 'hub'
        and tuned.model_id = base.model_id
        and tuned.normalised_name <> base.normalised_name
        and base.normalised_name in (
            regexp_replace(tuned.normalised_name, '-(instruct|chat|it)(-hf)?(-|$)', '\3'),
            regexp_replace(tuned.normalised_name, '-it$', '-pt')
        )
    where base.scope = 'hub'
),

known as (
    select scope, normalised_name, model_id, scope as matched_scope, normalised_name as matched_name
    from core.model_name
    where scope <> 'hub'
        or (
            not regexp_matches(normalised_name, '-base(-|$)')
            and normalised_name not in (select normalised_name from base)
        )
    union all
    select
        'spelling' as scope,
        dotless_name(normalised_name) as normalised_name,
        any_value(model_id) as model_id,
        'any' as matched_scope,
        any_value(normalised_name) as matched_name,
    from core.model_name
    where scope = 'any'
    group by 2
    having count(distinct model_id) = 1
),

marked as (
    select *, without_mark(bare_name) as plain_name from written
),

looked_up as (
    select
        source,
        model_name,
        effort,
        normalise_name(model_name) as full_form,
        normalise_name(bare_name) as bare_form,
        normalise_name(plain_name) as plain_form,
        normalise_name(regexp_extract(plain_name, '[^/]*$')) as short_form,
        normalise_name(without_owner(regexp_extract(plain_name, '[^/]*$'))) as unowned_form,
    from marked
),

tried as (
    select
        source,
        model_name,
        effort,
        unnest(score_forms(source, full_form, bare_form, plain_form, short_form, unowned_form)) as form,
    from looked_up
),

matched as (
    select
        tried.source,
        tried.model_name,
        tried.effort,
        arg_min(known, form.step) as known,
        arg_min(form.rule, form.step) as matched_by,
    from tried
    join known on known.scope = form.scope and known.normalised_name = form.form
    group by all
)

select
    written.source,
    written.model_name,
    written.effort,
    written.bare_name,
    matched.known.model_id,
    matched.matched_by,
    matched.known.matched_scope,
    matched.known.matched_name,
from written
left join matched
    on matched.source = written.source
    and matched.model_name = written.model_name
    and matched.effort is not distinct from written.effort
