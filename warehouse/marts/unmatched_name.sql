-- description: Names that no reviewed alias resolves and whose use makes them worth one, ranked: those with both a price and a score, those of three sources or more, and those of some weight (marts.name_use, which has all names). One row per source, table and name.
-- min_rows: 0
-- grain: source, used_in, name
-- column: source VARCHAR | Source that uses the name.
-- column: used_in VARCHAR in (price, score) | Where it appears.
-- column: name VARCHAR | The name as written.
-- column: provider VARCHAR null | Who sells, for prices; one of them where several do.
-- column: rows BIGINT | Current rows under this name.
-- column: sources_with_name BIGINT | Sources that use the same normalised name.
-- column: also_in_other_use BOOLEAN | True when the same normalised name has both a price and a score, so that one alias would add a point to price against quality.
-- column: weight DOUBLE null | Weight by use, as in marts.name_use.
-- column: rank BIGINT | 1 is the name that would change most: first those with both a price and a score, then by weight.
with named as (
    select
        source,
        used_in,
        name,
        min(provider) as provider,
        sum(rows)::bigint as rows,
        min(product) as product,
        max(weight) as weight,
    from marts.name_use
    where model_id is null
    group by source, used_in, name
),

spread as (
    select
        product,
        count(distinct source) as sources_with_name,
        count(distinct used_in) > 1 as also_in_other_use,
    from named
    group by product
)

-- The archived Open LLM Leaderboard names Hub repositories, thousands of them copies and merges: each names itself.
select
    named.source,
    named.used_in,
    named.name,
    named.provider,
    named.rows,
    spread.sources_with_name,
    spread.also_in_other_use,
    named.weight,
    row_number() over (
        order by spread.also_in_other_use desc, named.weight desc, spread.sources_with_name desc, named.rows desc,
            named.source, named.name, named.used_in
    ) as rank,
from named
join spread using (product)
where named.source <> 'open_llm_leaderboard'
    and (spread.also_in_other_use or spread.sources_with_name >= 3 or named.weight >= 0.02)
