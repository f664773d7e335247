-- description: Every name under which a leaderboard lists a model, and the model it resolves to. One row per source, name and effort.
-- min_rows: 0
-- grain: source, model_name, effort
-- column: source VARCHAR | Source of the scores.
-- column: model_name VARCHAR | Name as written.
-- column: effort VARCHAR null | Reasoning effort or mode, as the source states it.
-- column: bare_name VARCHAR | The name without its effort.
-- column: model_id VARCHAR null | Model it resolves to; null while unmatched.
-- A name resolves as it is written or else without its effort. `-thinking` and `-reasoning` stay on: they end names of
-- models of their own (Kimi-K2-Thinking). An underscore is the mark of an effort, never part of a name.
with written as (
    select distinct
        source,
        model_name,
        effort,
        coalesce(
            regexp_replace(
                model_name,
                '(_unknown|_' || regexp_escape(effort)
                || if(
                    effort in ('thinking', 'reasoning', 'non-reasoning'), '', '|-' || regexp_escape(effort) || '(-effort)?'
                )
                || ')$',
                '',
                'i'
            ),
            model_name
        ) as bare_name,
    from staging.score
)

select
    written.source,
    written.model_name,
    written.effort,
    written.bare_name,
    arg_min(
        named.model_id,
        if(named.normalised_name = normalise_name(written.model_name), 0, 10)
        + case named.scope when written.source then 1 when 'any' then 2 else 3 end
    ) as model_id,
from written
left join core.model_name as named
    on named.scope in (written.source, 'any', 'hub')
    and named.normalised_name in (normalise_name(written.model_name), normalise_name(written.bare_name))
group by all
