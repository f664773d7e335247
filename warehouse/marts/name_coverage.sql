-- description: How many of the names in use resolve to a model, counted and weighted by use (marts.name_use says how): a price name weighs 1/rank of its product by the number of sellers, a score name 1/rank on each board that lists it. One row per source and use, and one for all sources of a use together but the archived Open LLM Leaderboard, whose thousands of names are Hub repositories that name themselves.
-- min_rows: 0
-- grain: used_in, source
-- column: used_in VARCHAR in (price, score) | Where the names appear.
-- column: source VARCHAR null | Source; null for all of them together, without the archived Open LLM Leaderboard.
-- column: names BIGINT | Names in use.
-- column: resolved_names BIGINT | Those that resolve.
-- column: rows BIGINT | Current rows under them.
-- column: resolved_rows BIGINT | Rows under names that resolve.
-- column: names_share_pct DOUBLE | Resolved share of the names in percent.
-- column: rows_share_pct DOUBLE | Resolved share of the rows in percent.
-- column: weighted_share_pct DOUBLE | Resolved share of the weight in percent.
-- column: weight DOUBLE | Weight of all names.
with counted as (
    select *, 'own' as row_kind from marts.name_use
    union all
    select * replace (null as source), 'all' as row_kind from marts.name_use where source <> 'open_llm_leaderboard'
)

select
    used_in,
    source,
    count(*) as names,
    count(model_id) as resolved_names,
    sum(rows)::bigint as rows,
    coalesce(sum(rows) filter (model_id is not null), 0)::bigint as resolved_rows,
    100 * count(model_id) / count(*) as names_share_pct,
    100 * coalesce(sum(rows) filter (model_id is not null), 0) / sum(rows) as rows_share_pct,
    round(100 * coalesce(sum(weight) filter (model_id is not null), 0) / sum(weight), 6) as weighted_share_pct,
    round(sum(weight), 6) as weight,
from counted
group by row_kind, used_in, source
