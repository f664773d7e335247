-- description: The course of the best open and the best closed model on every line along which they can be compared. One row per line and model with a release date.
-- description: A line is an item of core.quality_score (a series, a metric, one evaluator), a composite of others, or our own quality index, with at least 3 open and 3 closed models. What vendors report of themselves is a line only where nobody else measured both sides on that benchmark. Openness and release date are the model's own (core.model), never its vendor's; each model has its best run.
-- min_rows: 0
-- grain: line_id, model_id
-- column: line_id VARCHAR | Line: the item, or quality_index.
-- column: level VARCHAR in (series, other_composite, composite) | composite = our own index.
-- column: benchmark VARCHAR null | Benchmark; null for our own index.
-- column: line_name VARCHAR | Name of the benchmark with its version.
-- column: subject VARCHAR null | What the benchmark tests; null for composites.
-- column: evaluator VARCHAR | Who measured it.
-- column: is_self_reported BOOLEAN | True where only vendors report it.
-- column: scale VARCHAR in (percent, elo, index) | Scale of the scores.
-- column: model_id VARCHAR references seeds.model.model_id | Model.
-- column: model_name VARCHAR | Its name.
-- column: is_open_weights BOOLEAN | True when the weights can be downloaded.
-- column: released_on DATE | Public release.
-- column: score DOUBLE | Score on that scale.
-- column: quality DOUBLE | The score so that higher is better: its negative where the benchmark counts errors.
-- column: standard_error DOUBLE null >= 0 | Standard error of the score; null where nothing is known of it.
-- column: is_frontier BOOLEAN | True when the model was better than every model of its side released before or on the same day; of equal ones on a day the first by name.
-- column: known_until DATE | Newest release date of a model on the line: of later models nothing is known there.
-- column: source VARCHAR null | Source of the score; null for our own index, which has several.
-- column: capture_id VARCHAR null | Capture of the score; null for our own index.
-- column: origin VARCHAR null | Origin of that capture; null for our own index.
with measured as (
    select
        score.item_id as line_id,
        if(score.unused_because = 'composite', 'other_composite', 'series') as level,
        score.benchmark,
        concat_ws(' ', benchmark.name, nullif(score.benchmark_version, '')) as line_name,
        if(score.unused_because = 'composite', null, score.subject) as subject,
        score.evaluator,
        score.is_self_reported,
        score.scale,
        score.model_id,
        score.score,
        if(score.higher_is_better, score.score, -score.score) as quality,
        score.standard_error,
        score.source,
        score.capture_id,
        score.origin,
    from core.quality_score as score
    join seeds.benchmark as benchmark using (benchmark)
    where score.left_out = 'nothing'
    union all by name
    select
        'quality_index' as line_id,
        'composite' as level,
        'Quality index' as line_name,
        'modelmarket' as evaluator,
        false as is_self_reported,
        'index' as scale,
        model_id,
        quality_index as score,
        quality_index as quality,
        round((ci_high - ci_low) / 2 / 1.644853626951, 6) as standard_error,
    from marts.quality_index
),

dated as (
    select
        measured.*,
        model.name as model_name,
        model.is_open_weights,
        model.released_on,
        count(*) filter (model.is_open_weights) over line >= 3
        and count(*) filter (not model.is_open_weights) over line >= 3 as has_both,
        max(model.released_on) over line as known_until,
    from measured
    join core.model as model using (model_id)
    where model.released_on is not null
    window line as (partition by measured.line_id)
),

-- A line's runs may name versions that are one series; the line is named by its newest.
named as (
    select
        * replace (max(line_name) over (partition by line_id) as line_name),
        bool_or(not is_self_reported) over (partition by coalesce(benchmark, line_id)) as is_measured_by_others,
    from dated
    where has_both
)

select
    line_id,
    level,
    benchmark,
    line_name,
    subject,
    evaluator,
    is_self_reported,
    scale,
    model_id,
    model_name,
    is_open_weights,
    released_on,
    score,
    quality,
    standard_error,
    quality > coalesce(
        max(quality) over (
            partition by line_id, is_open_weights
            order by released_on, quality desc, model_id
            rows between unbounded preceding and 1 preceding
        ),
        '-infinity'::double
    ) as is_frontier,
    known_until,
    source,
    capture_id,
    origin,
from named
where not is_self_reported or not is_measured_by_others
