-- description: What a run of a benchmark cost and what it scored, as leaderboards report both. One row per source, series, metric, evaluator, name and kind of run; runs without a cost are left out and counted.
-- description: Costs are those of the whole run, at the prices of its day: no price of ours is in them. A frontier is drawn among the runs of one evaluator in one source only.
-- min_rows: 0
-- grain: source, series_id, metric, scale, evaluator, model_name, effort, mode, harness, judge, benchmark_version
-- column: source VARCHAR | Source of score and cost.
-- column: series_id VARCHAR | Series within which scores are comparable.
-- column: benchmark VARCHAR | Benchmark.
-- column: benchmark_name VARCHAR | Name of the benchmark.
-- column: benchmark_version VARCHAR null | Version or release.
-- column: metric VARCHAR | What the number is.
-- column: scale VARCHAR in (percent, elo, index) | Scale of the score.
-- column: evaluator VARCHAR | Who ran the evaluation.
-- column: model_name VARCHAR | Name as written.
-- column: model_id VARCHAR null | Model it resolves to; null while unmatched.
-- column: organisation_id VARCHAR null | Organisation that released it.
-- column: organisation_name VARCHAR null | Name of the organisation.
-- column: is_open_weights BOOLEAN null | True when the weights can be downloaded; null while unmatched.
-- column: effort VARCHAR null | Reasoning effort of the run.
-- column: mode VARCHAR null in (thinking, non_thinking) | Whether the model thought before it answered.
-- column: harness VARCHAR null | Agent or harness used.
-- column: judge VARCHAR null | Model that graded the answers, where named.
-- column: score DOUBLE | Score.
-- column: quality DOUBLE | The score so that higher is better.
-- column: cost_usd DOUBLE > 0 | Cost of the whole run in US dollars, as reported.
-- column: evaluated_on DATE null | Day of the evaluation, where stated.
-- column: capture_id VARCHAR | Capture of the score.
-- column: origin VARCHAR | Origin of that capture.
-- column: is_frontier BOOLEAN | True when no other run of the same source, series, metric and evaluator is at least as good and no dearer, and better in one of the two.
-- column: runs_considered BIGINT > 0 | Runs with a cost among which the frontier is drawn.
-- column: runs_without_cost BIGINT >= 0 | Runs of the same table whose cost is not reported, or not above 0.
with run as (
    select
        score.* replace (if(score.scale = 'fraction', 'percent', score.scale) as scale),
        benchmark.name as benchmark_name,
        coalesce(score.score_pct, score.score) as value,
        if(benchmark.higher_is_better, 1, -1) * coalesce(score.score_pct, score.score) as quality,
    from core.score as score
    join seeds.benchmark as benchmark using (benchmark)
    where score.is_current and score.category is null
),

counted as (
    select
        *,
        count(*) over one_table as runs,
        count(*) filter (cost_usd > 0) over one_table as runs_considered,
    from run
    window one_table as (partition by source, series_id, metric, scale, evaluator)
)

select
    run.source,
    run.series_id,
    run.benchmark,
    run.benchmark_name,
    run.benchmark_version,
    run.metric,
    run.scale,
    run.evaluator,
    run.model_name,
    run.model_id,
    model.organisation_id,
    model.organisation_name,
    model.is_open_weights,
    run.effort,
    run.mode,
    run.harness,
    run.judge,
    run.value as score,
    run.quality,
    run.cost_usd,
    run.evaluated_on,
    run.capture_id,
    run.origin,
    run.quality = max(run.quality) over same_cost
    and run.quality > coalesce(max(run.quality) over cheaper, '-infinity'::double) as is_frontier,
    run.runs_considered,
    run.runs - run.runs_considered as runs_without_cost,
from counted as run
left join core.model as model on model.model_id = run.model_id
where run.cost_usd > 0
window
    same_cost as (
        partition by run.source, run.series_id, run.metric, run.scale, run.evaluator, run.cost_usd
    ),
    cheaper as (
        partition by run.source, run.series_id, run.metric, run.scale, run.evaluator
        order by run.cost_usd groups between unbounded preceding and 1 preceding
    )
