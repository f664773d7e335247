-- description: What it cost at each time to use a model with a known score, in the two variants of the price to reach a level. One row per series, metric, variant, model and period.
-- description: epoch_frozen, as Epoch AI takes it: the first price of each model that is known, from the day of its release on and for ever; models that reason before they answer are left out (those of seeds.price_trend_exclusion, and scores of runs whose mode or effort says so; a model of which neither tells stays). live: the price in force at each time, from the day on which a score of the series was known.
-- min_rows: 0
-- grain: series_id, metric, variant, model_id, began_on
-- assert: ended_on is null or ended_on > began_on
-- column: series_id VARCHAR | Series within which scores are comparable.
-- column: benchmark VARCHAR | Benchmark.
-- column: benchmark_name VARCHAR | Name of the benchmark.
-- column: benchmark_version VARCHAR null | Version or release of the score.
-- column: metric VARCHAR | What the number is; two metrics of a series are never compared.
-- column: variant VARCHAR in (epoch_frozen, live) | Which of the two.
-- column: model_id VARCHAR | Model.
-- column: model_name VARCHAR | Name of the model.
-- column: organisation_id VARCHAR null | Organisation that released it.
-- column: organisation_name VARCHAR null | Name of the organisation.
-- column: is_open_weights BOOLEAN null | True when the weights can be downloaded.
-- column: released_on DATE null | Public release.
-- column: began_on DATE | From this day on the model can be had at the price.
-- column: ended_on DATE null | First day on which it no longer can; null while it lasts.
-- column: usd_per_mtok DOUBLE > 0 | Blended 3:1 price in US dollars per million tokens.
-- column: price_basis VARCHAR in (first_party, median_of_providers, stated) | Whose price it is, as in marts.model_price; stated = as the row of a given file says.
-- column: price_first_on DATE | First day for which this price is known.
-- column: score DOUBLE | Score: in percent for shares, else on the benchmark's own scale. The best of the model's runs, the vendor's own only where nobody else ran it.
-- column: score_known_on DATE | First day on which a source gave a score of the model in this series: the day of the evaluation or of publication where stated, else of the capture.
-- column: effort VARCHAR null | Reasoning effort of the scored run.
-- column: mode VARCHAR null in (thinking, non_thinking) | Whether the model thought before it answered.
-- column: evaluator VARCHAR null | Who ran the evaluation.
-- column: is_self_reported BOOLEAN null | True when only the model's own vendor reports a score.
-- column: price_source VARCHAR | Source of the price.
-- column: price_provider VARCHAR null | Who sells at that price.
-- column: price_capture_id VARCHAR | Capture of the price.
-- column: price_origin VARCHAR | Origin of that capture.
-- column: score_source VARCHAR | Source of the score.
-- column: score_capture_id VARCHAR | Capture of the score.
-- column: score_origin VARCHAR | Origin of that capture.
with run as (
    select
        score.*,
        benchmark.name as benchmark_name,
        coalesce(score.score_pct, score.score) as value,
        -- A budget or a level of effort is only ever given for a model that reasons.
        score.mode is not distinct from 'thinking'
        or (score.mode is null and coalesce(score.effort, 'unknown') not in ('unknown', 'none'))
        or excluded.model_id is not null as is_reasoning,
        min(least(score.evaluated_on, score.published_on, score.observed_at::date)) over (
            partition by score.series_id, score.metric, score.model_id
        ) as score_known_on,
    from core.score as score
    join seeds.benchmark as benchmark using (benchmark)
    left join seeds.price_trend_exclusion as excluded on excluded.model_id = score.model_id
    where score.model_id is not null
        and score.category is null
        and benchmark.higher_is_better
),

-- Ratings are refitted with every publication: of each benchmark and metric the newest alone.
current_run as (
    select *
    from run
    where is_current
    qualify scale <> 'elo'
        or benchmark_version is not distinct from max(benchmark_version) over (partition by benchmark, metric)
),

varied as (
    select 'live' as variant, * from current_run
    union all
    select 'epoch_frozen' as variant, * from current_run where not is_reasoning
),

-- Of one effort, mode and harness the newest independent evaluation counts, and of these the best.
newest as (
    select *
    from varied
    qualify is_self_reported = bool_and(is_self_reported) over (partition by variant, series_id, metric, model_id)
        and row_number() over (
            partition by variant, series_id, metric, model_id, effort, mode, harness
            order by
                coalesce(evaluated_on, published_on, observed_at::date) desc, observed_at desc, value desc, source,
                document, capture_id, model_name, benchmark_version, evaluator, judge
        ) = 1
),

scored as (
    select *
    from newest
    qualify row_number() over (
        partition by variant, series_id, metric, model_id
        order by value desc, effort nulls first, mode nulls first, harness nulls first
    ) = 1
),

first_price as (
    select * from marts.model_price
    qualify row_number() over (partition by model_id order by in_force_from) = 1
),

-- By days: of several prices of one day the last.
priced as (
    select
        'live' as variant,
        *,
        in_force_from::date as price_first_on,
        in_force_to::date as ended_on,
    from marts.model_price
    union all by name
    select
        'epoch_frozen' as variant,
        * exclude (in_force_to),
        in_force_from::date as price_first_on,
        null::date as ended_on,
    from first_price
),

joined as (
    select
        scored.*,
        priced.* exclude (variant, model_id, source, origin, capture_id),
        priced.source as price_source,
        priced.origin as price_origin,
        priced.capture_id as price_capture_id,
        model.name as name_of_model,
        model.organisation_id,
        model.organisation_name,
        model.is_open_weights,
        model.released_on,
        if(scored.variant = 'live', greatest(priced.price_first_on, scored.score_known_on), model.released_on) as began_on,
    from scored
    join priced on priced.variant = scored.variant and priced.model_id = scored.model_id
    join core.model as model on model.model_id = scored.model_id
)

select
    series_id,
    benchmark,
    benchmark_name,
    benchmark_version,
    metric,
    variant,
    model_id,
    name_of_model as model_name,
    organisation_id,
    organisation_name,
    is_open_weights,
    released_on,
    began_on,
    ended_on,
    blended_usd_per_mtok as usd_per_mtok,
    price_basis,
    price_first_on,
    value as score,
    score_known_on,
    effort,
    mode,
    evaluator,
    is_self_reported,
    price_source,
    provider as price_provider,
    price_capture_id,
    price_origin,
    source as score_source,
    capture_id as score_capture_id,
    origin as score_origin,
from joined
where began_on is not null and (ended_on is null or ended_on > began_on)
