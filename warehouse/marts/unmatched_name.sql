-- description: Names that no reviewed alias resolves, ranked by what they would change. One row per source, table and name.
-- min_rows: 0
-- grain: source, used_in, name
-- column: source VARCHAR | Source that uses the name.
-- column: used_in VARCHAR in (price, score) | Where it appears.
-- column: name VARCHAR | The name as written.
-- column: provider VARCHAR null | Who sells, for prices.
-- column: rows BIGINT | Rows of the newest capture under this name.
-- column: sources_with_name BIGINT | Sources that use the same normalised name.
-- column: also_in_other_use BOOLEAN | True when the same normalised name has both a price and a score, so that one alias would add a point to price against quality.
-- column: rank BIGINT | 1 is the name that would change most.
with named as (
    select
        price.source,
        'price' as used_in,
        price.listing as name,
        any_value(price.provider) as provider,
        count(*) as rows,
        normalise_name(regexp_replace(price.listing, '^.*/', '')) as normalised_name,
    from marts.price_current as price
    where price.model_id is null
    group by price.source, price.listing
    union all
    select
        score.source,
        'score' as used_in,
        score.model_name as name,
        null as provider,
        count(*) as rows,
        normalise_name(score.model_name) as normalised_name,
    from core.score as score
    where score.model_id is null and score.is_current
    group by score.source, score.model_name
),

spread as (
    select
        normalised_name,
        count(distinct source) as sources_with_name,
        count(distinct used_in) > 1 as also_in_other_use,
    from named
    group by normalised_name
)

select
    named.source,
    named.used_in,
    named.name,
    named.provider,
    named.rows,
    spread.sources_with_name,
    spread.also_in_other_use,
    row_number() over (
        order by spread.also_in_other_use desc, spread.sources_with_name desc, named.rows desc, named.source, named.name,
            named.used_in
    ) as rank,
from named
join spread using (normalised_name)
