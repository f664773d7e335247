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
-- column: effort VARCHAR null | Reasoning effort of the scored run.
-- column: score_pct DOUBLE | Score in percent.
-- column: evaluator VARCHAR | Who ran the evaluation.
-- column: score_source VARCHAR | Source of the score.
-- column: score_capture_id VARCHAR | Capture of the score.
-- column: score_origin VARCHAR | Origin of that capture.
-- column: blended_usd_per_mtok DOUBLE | Cheapest blended 3:1 list price of a standard offer at the shortest context, first party before reseller before aggregator.
-- column: price_source VARCHAR | Source of the price.
-- column: price_provider VARCHAR | Who sells at that price.
-- column: price_listing VARCHAR | Name at the source.
-- column: price_market VARCHAR | Market of the price book.
-- column: price_capture_id VARCHAR | Capture of the price.
-- column: price_origin VARCHAR | Origin of that capture.
-- column: is_pareto BOOLEAN | True when no other model on this benchmark and version is both at least as good and cheaper.
with offer as (
    select *
    from marts.offer_price
    where model_id is not null
        and blended_usd_per_mtok > 0
        and service_tier = 'standard'
        and price_kind = 'list'
        and context_from_tokens = 0
    qualify row_number() over (
        partition by model_id
        order by
            case source_kind when 'official' then 1 when 'reseller' then 2 else 3 end,
            blended_usd_per_mtok, source, document, provider, listing, market, mode, window_name
    ) = 1
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
        score.effort,
        score.score_pct,
        score.evaluator,
        score.source as score_source,
        score.capture_id as score_capture_id,
        score.origin as score_origin,
        offer.blended_usd_per_mtok,
        offer.source as price_source,
        offer.provider as price_provider,
        offer.listing as price_listing,
        offer.market as price_market,
        offer.capture_id as price_capture_id,
        offer.origin as price_origin,
    from core.score as score
    join seeds.benchmark as benchmark using (benchmark)
    join core.model as model on model.model_id = score.model_id
    join offer on offer.model_id = score.model_id
    where score.is_current
        and score.category is null
        and score.score_pct is not null
        and benchmark.higher_is_better
    qualify row_number() over (
        partition by score.benchmark, score.benchmark_version, score.model_id, score.effort
        order by score.is_self_reported, score.evaluated_on desc nulls last, score.observed_at desc, score.score_pct desc
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
