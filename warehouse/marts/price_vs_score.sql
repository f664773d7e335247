-- description: Price against quality: every model with a current price and a score on the benchmark. One row per benchmark, version, model and effort.
-- min_rows: 0
-- grain: benchmark, benchmark_version, model_id, effort
-- column: benchmark VARCHAR | Benchmark.
-- column: benchmark_name VARCHAR | Name of the benchmark.
-- column: benchmark_version VARCHAR null | Version or release.
-- column: model_id VARCHAR | Model.
-- column: model_name VARCHAR | Name of the model.
-- column: organisation_name VARCHAR | Organisation that released it.
-- column: region VARCHAR | Region of the organisation.
-- column: is_open_weights BOOLEAN | True when the weights can be downloaded.
-- column: effort VARCHAR null | Reasoning effort of the scored run, or its mode where only that is stated.
-- column: score_pct DOUBLE | Score in percent.
-- column: evaluator VARCHAR | Who ran the evaluation.
-- column: score_source VARCHAR | Source of the score.
-- column: score_capture_id VARCHAR | Capture of the score.
-- column: score_origin VARCHAR | Origin of that capture.
-- column: blended_usd_per_mtok DOUBLE | Blended 3:1 list price in force, as in marts.model_price.
-- column: price_basis VARCHAR in (first_party, median_of_providers) | Which of the two it is.
-- column: price_providers BIGINT | Providers with a price for the model, over which the median is taken.
-- column: price_source VARCHAR | Source of the price.
-- column: price_provider VARCHAR | Who sells at that price.
-- column: price_listing VARCHAR | Name at the source.
-- column: price_market VARCHAR | Market of the price book.
-- column: price_capture_id VARCHAR | Capture of the price.
-- column: price_origin VARCHAR | Origin of that capture.
-- column: is_pareto BOOLEAN | True when no other model on this benchmark and version is both at least as good and cheaper.
with priced as (
    select * from marts.model_price where in_force_to is null
),

point as (
    select
        score.benchmark,
        benchmark.name as benchmark_name,
        score.benchmark_version,
        score.model_id,
        model.name as model_name,
        model.organisation_name,
        model.region,
        model.is_open_weights,
        -- Two modes of a model are two points, also where no effort is stated.
        coalesce(score.effort, replace(score.mode, '_', '-')) as effort,
        score.score_pct,
        score.evaluator,
        score.source as score_source,
        score.capture_id as score_capture_id,
        score.origin as score_origin,
        priced.blended_usd_per_mtok,
        priced.price_basis,
        priced.price_providers,
        priced.source as price_source,
        priced.provider as price_provider,
        priced.listing as price_listing,
        priced.market as price_market,
        priced.capture_id as price_capture_id,
        priced.origin as price_origin,
    from core.score as score
    join seeds.benchmark as benchmark using (benchmark)
    join core.model as model on model.model_id = score.model_id
    join priced on priced.model_id = score.model_id
    where score.is_current
        and score.category is null
        and score.score_pct is not null
        and benchmark.higher_is_better
    qualify row_number() over (
        partition by score.benchmark, score.benchmark_version, score.model_id, coalesce(score.effort, score.mode)
        order by
            score.is_self_reported, score.evaluated_on desc nulls last, score.observed_at desc, score.score_pct desc,
            score.source, score.document, score.capture_id, score.metric, score.harness, score.judge, score.model_name
    ) = 1
)

select
    point.*,
    not exists (
        select 1
        from point as other
        where other.benchmark = point.benchmark
            and other.benchmark_version is not distinct from point.benchmark_version
            and other.score_pct >= point.score_pct
            and other.blended_usd_per_mtok <= point.blended_usd_per_mtok
            and (other.score_pct > point.score_pct or other.blended_usd_per_mtok < point.blended_usd_per_mtok)
    ) as is_pareto,
from point
