-- description: How much every name in use weighs: names at price sources in force now, and names in the newest publications of the leaderboards. One row per source, use, provider and name.
-- min_rows: 0
-- grain: source, used_in, provider, name
-- column: source VARCHAR | Source that uses the name.
-- column: used_in VARCHAR in (price, score) | Where it appears.
-- column: provider VARCHAR null | Who sells, for prices.
-- column: name VARCHAR | The name as written.
-- column: product VARCHAR | The model, or the normalised name where no model matched.
-- column: model_id VARCHAR null | Model it resolves to; null while unmatched.
-- column: rows BIGINT | Current rows under this name.
-- column: weight DOUBLE > 0 | Weight by use: of a price name 1/rank of its product by the number of sellers that offer it now; of a score name the sum of 1/rank over the boards whose newest publication lists it, by score there.

-- Tokens by model would be a better measure of use; no source of ours may be kept and has them. How many sellers offer a
-- product is the nearest that every price source tells.
with priced as (
    select
        price.source,
        price.provider,
        price.listing as name,
        coalesce(provider.seller, price.provider) as seller,
        coalesce(price.model_id, listing.short_name) as product,
        price.model_id,
        count(*) as rows,
    from marts.price_current as price
    join core.listing as listing using (source, provider, listing)
    left join seeds.provider as provider on provider.provider = price.provider
    group by all
),

product as (
    select
        product,
        row_number() over (order by count(distinct seller) desc, sum(rows) desc, product) as rank,
    from priced
    group by product
),

-- A board is a benchmark at a source by one metric, over everything, as it stood last.
placed as (
    select
        score.source,
        score.model_name as name,
        score.model_id,
        row_number() over (
            partition by score.source, score.benchmark, score.metric
            order by
                if(coalesce(benchmark.higher_is_better, true), -score.score, score.score), score.model_name, score.effort,
                score.mode, score.harness, score.judge, score.evaluator, score.benchmark_version, score.evaluated_on
        ) as rank,
    from core.score as score
    left join seeds.benchmark as benchmark using (benchmark)
    where score.is_current and score.category is null
)

select
    priced.source,
    'price' as used_in,
    priced.provider,
    priced.name,
    priced.product,
    priced.model_id,
    priced.rows,
    1 / product.rank as weight,
from priced
join product using (product)
union all by name
select
    source,
    'score' as used_in,
    null as provider,
    name,
    coalesce(arg_min(model_id, rank), normalise_name(name)) as product,
    arg_min(model_id, rank) as model_id,
    count(*) as rows,
    round(sum(1 / rank), 9) as weight,
from placed
group by source, name
