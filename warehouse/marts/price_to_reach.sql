-- description: Price to reach a level of quality: the cheapest model with at least the score, at each time at which that price changes. One row per series, metric, threshold, variant and step.
-- description: epoch_frozen runs from release to release and never rises: a model counts from its release on at its first known price, without the models that reason. live is the price in force at each time of the models whose score was known; it can rise, and ends where no such model has a price.
-- min_rows: 0
-- grain: series_id, metric, threshold, variant, began_on
-- assert: ended_on is null or ended_on > began_on
-- column: series_id VARCHAR | Series within which scores are comparable.
-- column: benchmark VARCHAR | Benchmark.
-- column: benchmark_name VARCHAR | Name of the benchmark.
-- column: benchmark_version VARCHAR null | Version or release.
-- column: metric VARCHAR | What the number is.
-- column: threshold DOUBLE | Score to reach, in percent for shares, else on the benchmark's own scale.
-- column: milestone VARCHAR | Model whose score it is.
-- column: variant VARCHAR in (epoch_frozen, live) | How prices are taken.
-- column: step BIGINT >= 1 | Number of the step, from the first.
-- column: began_on DATE | First day of the step.
-- column: ended_on DATE null | Day after its last; null while it lasts.
-- column: model_id VARCHAR | Cheapest model that reaches the level; of equally cheap ones the one that could be had first.
-- column: model_name VARCHAR | Its name.
-- column: organisation_id VARCHAR null | Organisation that released it.
-- column: organisation_name VARCHAR null | Name of the organisation.
-- column: is_open_weights BOOLEAN null | True when the weights can be downloaded.
-- column: released_on DATE null | Its public release.
-- column: usd_per_mtok DOUBLE > 0 | Its blended 3:1 price in US dollars per million tokens.
-- column: models_in_reach BIGINT >= 1 | Models with a price that reach the level on the first day of the step.
-- column: price_basis VARCHAR in (first_party, median_of_providers, stated) | Whose price it is.
-- column: price_first_on DATE | First day for which this price is known.
-- column: score DOUBLE | Its score.
-- column: score_known_on DATE | First day on which a score of it was known.
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
with reaching as (
    select
        scored.* exclude (benchmark_name, benchmark_version),
        level.benchmark_name,
        level.benchmark_version,
        level.threshold,
        level.milestone,
    from marts.scored_price as scored
    join marts.price_level as level
        on level.series_id = scored.series_id
        and level.metric = scored.metric
        -- A share of 0.57 is 56.99999999999999 percent.
        and scored.score >= level.threshold - 1e-9
),

point as (
    select series_id, metric, threshold, variant, unnest([began_on, ended_on]) as moment from reaching
),

segment as (
    select
        *,
        lead(moment) over (partition by series_id, metric, threshold, variant order by moment) as until,
    from (select distinct * from point where moment is not null)
),

cheapest as (
    select
        reaching.*,
        segment.moment,
        segment.until,
        count(*) over (
            partition by segment.series_id, segment.metric, segment.threshold, segment.variant, segment.moment
        ) as models_in_reach,
    from segment
    join reaching
        on reaching.series_id = segment.series_id
        and reaching.metric = segment.metric
        and reaching.threshold = segment.threshold
        and reaching.variant = segment.variant
        and reaching.began_on <= segment.moment
        and (reaching.ended_on is null or reaching.ended_on > segment.moment)
    qualify row_number() over (
        partition by segment.series_id, segment.metric, segment.threshold, segment.variant, segment.moment
        order by reaching.usd_per_mtok, reaching.began_on, reaching.model_id, reaching.price_first_on
    ) = 1
),

marked as (
    select
        *,
        moment is not distinct from lag(until) over curve
        and usd_per_mtok is not distinct from lag(usd_per_mtok) over curve as continues,
    from cheapest
    window curve as (partition by series_id, metric, threshold, variant order by moment)
),

numbered as (
    select
        *,
        count_if(not continues) over (
            partition by series_id, metric, threshold, variant order by moment
        ) as step,
    from marked
),

merged as (
    select
        series_id,
        metric,
        threshold,
        variant,
        step,
        arg_min(numbered, moment) as first,
        min(moment) as began_on,
        arg_max_null(until, moment) as ended_on,
    from numbered
    group by all
)

select
    series_id,
    first.benchmark,
    first.benchmark_name,
    first.benchmark_version,
    metric,
    threshold,
    first.milestone,
    variant,
    step,
    began_on,
    ended_on,
    first.model_id,
    first.model_name,
    first.organisation_id,
    first.organisation_name,
    first.is_open_weights,
    first.released_on,
    first.usd_per_mtok,
    first.models_in_reach,
    first.price_basis,
    first.price_first_on,
    first.score,
    first.score_known_on,
    first.effort,
    first.mode,
    first.evaluator,
    first.is_self_reported,
    first.price_source,
    first.price_provider,
    first.price_capture_id,
    first.price_origin,
    first.score_source,
    first.score_capture_id,
    first.score_origin,
from merged
