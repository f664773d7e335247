-- description: The one score of each model in each series: its best run, the vendor's own only where nobody else ran it. One row per series, metric, scale and model.
-- min_rows: 0
-- grain: series_id, metric, scale, model_id
-- column: series_id VARCHAR | Series within which scores are comparable.
-- column: benchmark VARCHAR | Benchmark.
-- column: benchmark_name VARCHAR | Name of the benchmark.
-- column: benchmark_version VARCHAR null | Version or release of the run.
-- column: subject VARCHAR | What the benchmark tests.
-- column: metric VARCHAR | What the number is; two metrics of one series are never compared.
-- column: scale VARCHAR in (percent, elo, index) | Scale of the score; fractions are in percent.
-- column: model_id VARCHAR | Model.
-- column: score DOUBLE | Score on that scale.
-- column: quality DOUBLE | The score so that higher is better: its negative where the benchmark counts errors.
-- column: effort VARCHAR null | Reasoning effort of the run.
-- column: mode VARCHAR null in (thinking, non_thinking) | Whether the model thought before it answered.
-- column: harness VARCHAR null | Agent or harness used.
-- column: evaluator VARCHAR | Who ran the evaluation.
-- column: is_self_reported BOOLEAN | True when only the model's own vendor reports a score.
-- column: runs BIGINT > 0 | Runs of the model in the series that the best was taken of, one per effort, mode and harness.
-- column: evaluated_on DATE null | Day of the evaluation, where stated.
-- column: source VARCHAR | Source of the score.
-- column: capture_id VARCHAR | Capture of the score.
-- column: origin VARCHAR | Origin of that capture.
with run as (
    select
        score.* replace (if(score.scale = 'fraction', 'percent', score.scale) as scale),
        coalesce(score.score_pct, score.score) as value,
        if(benchmark.higher_is_better, 1, -1) * coalesce(score.score_pct, score.score) as quality,
        benchmark.name as benchmark_name,
        benchmark.subject,
    from core.score as score
    join seeds.benchmark as benchmark using (benchmark)
    where score.is_current and score.category is null and score.model_id is not null
),

-- Of one effort, mode and harness the newest evaluation counts, whoever ran it, but independent ones first.
newest as (
    select *
    from run
    qualify is_self_reported = bool_and(is_self_reported) over (partition by series_id, metric, scale, model_id)
        and row_number() over (
            partition by series_id, metric, scale, model_id, effort, mode, harness
            order by
                is_self_reported, coalesce(evaluated_on, published_on, observed_at::date) desc, observed_at desc,
                quality desc, source, document, capture_id, model_name, benchmark_version, evaluator, judge
        ) = 1
)

select
    series_id,
    benchmark,
    benchmark_name,
    benchmark_version,
    subject,
    metric,
    scale,
    model_id,
    value as score,
    quality,
    effort,
    mode,
    harness,
    evaluator,
    is_self_reported,
    count(*) over (partition by series_id, metric, scale, model_id) as runs,
    evaluated_on,
    source,
    capture_id,
    origin,
from newest
qualify row_number() over (
    partition by series_id, metric, scale, model_id
    order by quality desc, effort nulls first, mode nulls first, harness nulls first
) = 1
