-- description: Price against quality now, a week ago and at the end of every month, and which models were on the frontier. One row per series, metric, scale, moment and model with a score and a price then; for the ends of months only the models of the frontier.
-- description: Prices are those of marts.model_price in force at the moment, the first party's before the median provider's. Scores are those of today's record: a model counts from its public release on (without a known one, from its first price), not from the day somebody measured it.
-- min_rows: 0
-- grain: series_id, metric, scale, moment_kind, frontier_at, model_id
-- column: series_id VARCHAR | Series within which scores are comparable.
-- column: benchmark VARCHAR | Benchmark.
-- column: benchmark_name VARCHAR | Name of the benchmark.
-- column: benchmark_version VARCHAR null | Version or release of the run.
-- column: metric VARCHAR | What the score is.
-- column: scale VARCHAR in (percent, elo, index) | Scale of the score.
-- column: moment_kind VARCHAR in (this_week, last_week, month) | this_week = the newest capture; last_week = seven days before it; month = the end of a month.
-- column: frontier_at TIMESTAMP | The moment; for a month the first instant after it.
-- column: model_id VARCHAR | Model.
-- column: model_name VARCHAR | Its name.
-- column: organisation_id VARCHAR | Organisation that released it.
-- column: organisation_name VARCHAR | Name of the organisation.
-- column: region VARCHAR | Region of the organisation.
-- column: is_open_weights BOOLEAN | True when the weights can be downloaded.
-- column: released_on DATE null | Public release.
-- column: score DOUBLE | Score of its best run.
-- column: quality DOUBLE | The score so that higher is better.
-- column: effort VARCHAR null | Reasoning effort of that run.
-- column: mode VARCHAR null in (thinking, non_thinking) | Whether the model thought before it answered.
-- column: evaluator VARCHAR | Who ran the evaluation.
-- column: is_self_reported BOOLEAN | True when only the model's own vendor reports a score.
-- column: score_source VARCHAR | Source of the score.
-- column: score_capture_id VARCHAR | Capture of the score.
-- column: score_origin VARCHAR | Origin of that capture.
-- column: blended_usd_per_mtok DOUBLE > 0 | Blended 3:1 list price in US dollars per million tokens: standard tier, shortest prompts, off-peak where the hour decides.
-- column: price_in_force_from TIMESTAMP | From when that price is known to hold: a price read for the first time begins with its first capture.
-- column: price_basis VARCHAR in (first_party, median_of_providers) | Whose price it is.
-- column: price_providers BIGINT > 0 | Providers with a price for the model then.
-- column: price_account VARCHAR in (captured, stated_later) | captured = read while it was in force; stated_later = the source's own account of a time before it was captured.
-- column: price_source VARCHAR | Source of the price.
-- column: price_provider VARCHAR | Who sells at that price.
-- column: price_listing VARCHAR | Name at the source.
-- column: price_market VARCHAR | Market of the price book.
-- column: price_capture_id VARCHAR | First capture that states the price.
-- column: price_origin VARCHAR | Origin of that capture.
-- column: is_frontier BOOLEAN | True when no other model of the series was then at least as good and no dearer, and better in one of the two.
-- column: models_considered BIGINT > 0 | Models with a score and a price then.
with moment as (
    select 'this_week' as moment_kind, as_at() as frontier_at
    union all
    select 'last_week' as moment_kind, as_at() - interval 7 days as frontier_at
    union all
    select 'month' as moment_kind, unnest(generate_series(
        date_trunc('month', min(in_force_from)) + interval 1 month, as_at(), interval 1 month
    )) as frontier_at
    from marts.model_price
),

priced as (
    select moment.moment_kind, moment.frontier_at, price.*
    from moment
    join marts.model_price as price
        on price.in_force_from <= moment.frontier_at
        and (price.in_force_to is null or price.in_force_to > moment.frontier_at)
    -- What is free has limits, and no place on a logarithmic axis.
    where price.blended_usd_per_mtok > 0
)

select
    score.series_id,
    score.benchmark,
    score.benchmark_name,
    score.benchmark_version,
    score.metric,
    score.scale,
    priced.moment_kind,
    priced.frontier_at,
    score.model_id,
    model.name as model_name,
    model.organisation_id,
    model.organisation_name,
    model.region,
    model.is_open_weights,
    model.released_on,
    score.score,
    score.quality,
    score.effort,
    score.mode,
    score.evaluator,
    score.is_self_reported,
    score.source as score_source,
    score.capture_id as score_capture_id,
    score.origin as score_origin,
    priced.blended_usd_per_mtok,
    priced.in_force_from as price_in_force_from,
    priced.price_basis,
    priced.price_providers,
    priced.basis as price_account,
    priced.source as price_source,
    priced.provider as price_provider,
    priced.listing as price_listing,
    priced.market as price_market,
    priced.capture_id as price_capture_id,
    priced.origin as price_origin,
    score.quality = max(score.quality) over same_price
    and score.quality > coalesce(max(score.quality) over cheaper, '-infinity'::double) as is_frontier,
    count(*) over one_chart as models_considered,
from core.model_score as score
join priced using (model_id)
join core.model as model using (model_id)
where model.released_on is null or model.released_on <= priced.frontier_at
window
    one_chart as (
        partition by score.series_id, score.metric, score.scale, priced.moment_kind, priced.frontier_at
    ),
    same_price as (
        partition by score.series_id, score.metric, score.scale, priced.moment_kind, priced.frontier_at,
            priced.blended_usd_per_mtok
    ),
    cheaper as (
        partition by score.series_id, score.metric, score.scale, priced.moment_kind, priced.frontier_at
        order by priced.blended_usd_per_mtok groups between unbounded preceding and 1 preceding
    )
qualify is_frontier or priced.moment_kind <> 'month'
