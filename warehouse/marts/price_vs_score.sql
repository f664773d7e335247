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
-- column: blended_usd_per_mtok DOUBLE | Blended 3:1 list price of a standard offer at the shortest context: the first party's where one is known, else the median provider's, as Epoch AI takes it.
-- column: price_basis VARCHAR in (first_party, median_of_providers) | Which of the two it is.
-- column: price_providers BIGINT | Providers with a price for the model, over which the median is taken.
-- column: price_source VARCHAR | Source of the price.
-- column: price_provider VARCHAR | Who sells at that price.
-- column: price_listing VARCHAR | Name at the source.
-- column: price_market VARCHAR | Market of the price book.
-- column: price_capture_id VARCHAR | Capture of the price.
-- column: price_origin VARCHAR | Origin of that capture.
-- column: is_pareto BOOLEAN | True when no other model on this benchmark and version is both at least as good and cheaper.
with offer as (
    -- The best founded price of each provider: its own page, then a reseller's list, then an aggregator's; off-peak
    -- where a price depends on the hour.
    select
        offer.*,
        provider.organisation_id as provider_organisation_id,
        coalesce(provider.market, 'global') = 'global' and offer.market in ('global', 'intl') as is_global,
    from marts.offer_price as offer
    left join seeds.provider as provider using (provider)
    where offer.model_id is not null
        and offer.blended_usd_per_mtok > 0
        and offer.service_tier = 'standard'
        and offer.price_kind = 'list'
        and offer.context_from_tokens = 0
        and offer.availability is distinct from 'retired'
    qualify row_number() over (
        partition by offer.model_id, offer.provider
        order by
            case offer.source_kind when 'official' then 1 when 'reseller' then 2 else 3 end,
            offer.market in ('global', 'intl') desc,
            offer.blended_usd_per_mtok, offer.source, offer.document, offer.listing, offer.market, offer.mode,
            offer.window_name
    ) = 1
),

ranked as (
    select
        offer.*,
        offer.provider_organisation_id is not distinct from model.organisation_id as is_first_party,
        count(*) over (partition by offer.model_id) as price_providers,
        count(*) over side as side_providers,
        row_number() over (side order by offer.is_global desc, offer.blended_usd_per_mtok, offer.provider) as position,
    from offer
    join core.model as model using (model_id)
    window side as (
        partition by offer.model_id, offer.provider_organisation_id is not distinct from model.organisation_id
    )
),

priced as (
    select
        *,
        case when is_first_party then 'first_party' else 'median_of_providers' end as price_basis,
    from ranked
    where position = case when is_first_party then 1 else (side_providers + 1) // 2 end
    qualify row_number() over (partition by model_id order by is_first_party desc) = 1
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
