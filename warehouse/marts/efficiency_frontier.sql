-- description: Quality against size: what the weights of open models score, by total and by active parameters. One row per series, metric, scale, kind of parameters and open model; models whose count is not known are left out and counted.
-- min_rows: 0
-- grain: series_id, metric, scale, parameter_basis, model_id
-- column: series_id VARCHAR | Series within which scores are comparable.
-- column: benchmark VARCHAR | Benchmark.
-- column: benchmark_name VARCHAR | Name of the benchmark.
-- column: benchmark_version VARCHAR null | Version or release of the run.
-- column: metric VARCHAR | What the number is.
-- column: scale VARCHAR in (percent, elo, index) | Scale of the score.
-- column: parameter_basis VARCHAR in (total, active) | Which parameters: all, or those active per token.
-- column: model_id VARCHAR | Model.
-- column: model_name VARCHAR | Its name.
-- column: organisation_id VARCHAR | Organisation that released it.
-- column: organisation_name VARCHAR | Name of the organisation.
-- column: region VARCHAR | Region of the organisation.
-- column: released_on DATE null | Public release.
-- column: parameters_b DOUBLE > 0 | Parameters in billions, on the basis of the row.
-- column: size_bucket VARCHAR null | Size class, always by total parameters; null where the total is not known.
-- column: score DOUBLE | Score of its best run.
-- column: quality DOUBLE | The score so that higher is better.
-- column: effort VARCHAR null | Reasoning effort of that run.
-- column: mode VARCHAR null in (thinking, non_thinking) | Whether the model thought before it answered.
-- column: evaluator VARCHAR | Who ran the evaluation.
-- column: is_self_reported BOOLEAN | True when only the model's own vendor reports a score.
-- column: source VARCHAR | Source of the score.
-- column: capture_id VARCHAR | Capture of the score.
-- column: origin VARCHAR | Origin of that capture.
-- column: is_frontier BOOLEAN | True when no other model of the series is at least as good and no larger, and better in one of the two.
-- column: is_best_of_size BOOLEAN null | True when none of its size class scores better; null where the class is not known.
-- column: models_considered BIGINT > 0 | Models of the series with a known count on this basis.
-- column: models_without_parameters BIGINT >= 0 | Open models of the series left out because their count is not known.
with sized as (
    select
        score.*,
        basis.parameter_basis,
        model.name as model_name,
        model.organisation_id,
        model.organisation_name,
        model.region,
        model.released_on,
        nullif(greatest(if(
            basis.parameter_basis = 'total', model.parameters_total_b, model.parameters_active_b
        ), 0), 0) as parameters_b,
        bucket.size_bucket,
        count(parameters_b) over one_chart as models_considered,
        count(*) over one_chart - count(parameters_b) over one_chart as models_without_parameters,
    from core.model_score as score
    join core.model as model using (model_id)
    cross join (values ('total'), ('active')) as basis(parameter_basis)
    left join seeds.size_bucket as bucket
        on model.parameters_total_b >= bucket.from_b
        and (bucket.below_b is null or model.parameters_total_b < bucket.below_b)
    where model.is_open_weights
    window one_chart as (partition by score.series_id, score.metric, score.scale, basis.parameter_basis)
)

select
    series_id,
    benchmark,
    benchmark_name,
    benchmark_version,
    metric,
    scale,
    parameter_basis,
    model_id,
    model_name,
    organisation_id,
    organisation_name,
    region,
    released_on,
    parameters_b,
    size_bucket,
    score,
    quality,
    effort,
    mode,
    evaluator,
    is_self_reported,
    source,
    capture_id,
    origin,
    quality = max(quality) over same_size
    and quality > coalesce(max(quality) over smaller, '-infinity'::double) as is_frontier,
    if(size_bucket is null, null, quality = max(quality) over same_bucket) as is_best_of_size,
    models_considered,
    models_without_parameters,
from sized
where parameters_b is not null
window
    same_size as (partition by series_id, metric, scale, parameter_basis, parameters_b),
    same_bucket as (partition by series_id, metric, scale, parameter_basis, size_bucket),
    smaller as (
        partition by series_id, metric, scale, parameter_basis
        order by parameters_b groups between unbounded preceding and 1 preceding
    )
