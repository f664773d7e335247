-- description: Scores of whole benchmarks and, for LiveBench, of its categories: as stated, or averaged here from task scores. One row per capture, benchmark, category, model name, effort and evaluation.
-- min_rows: 0
-- grain: source, document, capture_id, benchmark, benchmark_version, metric, category, model_name, effort, harness, evaluator, evaluated_on
-- column: source VARCHAR | Source of the score.
-- column: document VARCHAR | Document of the source.
-- column: capture_id VARCHAR | Capture the score was read from.
-- column: observed_at TIMESTAMP | Time of that capture, UTC.
-- column: origin VARCHAR | Origin of that capture.
-- column: benchmark VARCHAR | Benchmark.
-- column: benchmark_version VARCHAR null | Version or release.
-- column: metric VARCHAR | What the number is. An average is the mean over a category's tasks, or over the category means.
-- column: category VARCHAR null | Category; null for the whole benchmark.
-- column: model_name VARCHAR | Name as written.
-- column: effort VARCHAR null | Reasoning effort or mode, as the name states it.
-- column: score DOUBLE | Score on the source's own scale.
-- column: scale VARCHAR in (fraction, percent, elo, index) | Scale of the score.
-- column: score_pct DOUBLE null | Score in percent; null for elo and index, which are no shares.
-- column: standard_error_pct DOUBLE null >= 0 | Standard error in percent, where stated; none is stated for averages.
-- column: evaluator VARCHAR | Who ran the evaluation.
-- column: harness VARCHAR null | Agent or harness used.
-- column: is_self_reported BOOLEAN | True when the model's own vendor reports the score.
-- column: evaluated_on DATE null | Day of the evaluation, where stated.
-- column: model_released_on DATE null | Release date of the model as the source states it.
-- column: model_id VARCHAR null references seeds.model.model_id | Model by the reviewed names; null while unmatched.
-- column: is_current BOOLEAN | True for the newest evaluation in the newest capture of the document that has the benchmark.

-- Tasks stand in one document and their categories in another. Of several captures of the categories of a release, the
-- one last seen when the table was captured counts, else the first one after it.
with task_document as (
    select distinct source, document, capture_id, observed_at, benchmark, benchmark_version
    from staging.score
    where task is not null
),

category_document as (
    select distinct source, document, capture_id, observed_at, benchmark, benchmark_version
    from staging.benchmark_task
),

category_chosen as (
    select
        task_document.source,
        task_document.document,
        task_document.capture_id,
        category_document.document as category_document,
        category_document.capture_id as category_capture_id,
        benchmark,
        benchmark_version,
    from task_document
    join category_document using (source, benchmark, benchmark_version)
    qualify row_number() over (
        partition by task_document.source, task_document.document, task_document.capture_id, benchmark, benchmark_version
        order by
            category_document.observed_at <= task_document.observed_at desc,
            abs(epoch(category_document.observed_at) - epoch(task_document.observed_at)),
            category_document.capture_id,
            category_document.document
    ) = 1
),

task_wanted as (
    select
        chosen.source,
        chosen.document,
        chosen.capture_id,
        chosen.benchmark,
        chosen.benchmark_version,
        listed.category,
        listed.task,
        count(*) over (partition by chosen.source, chosen.document, chosen.capture_id, chosen.benchmark,
            chosen.benchmark_version, listed.category) as tasks_of_category,
    from category_chosen as chosen
    join staging.benchmark_task as listed
        on listed.source = chosen.source
        and listed.document = chosen.category_document
        and listed.capture_id = chosen.category_capture_id
        and listed.benchmark = chosen.benchmark
        and listed.benchmark_version = chosen.benchmark_version
),

-- A task that was not run is unknown, not zero: a category with a task missing has no average, and a model with a
-- category missing has none over all.
category_average as (
    select
        score.source, score.document, score.capture_id, score.observed_at, score.origin,
        score.benchmark, score.benchmark_version, wanted.category, score.model_name, score.effort, score.scale,
        score.evaluator, score.harness, score.is_self_reported, score.evaluated_on, score.model_released_on,
        -- Rounded: the sum of floating-point numbers depends on the order in which threads add them.
        round(avg(score.score), 9) as score,
    from staging.score as score
    join task_wanted as wanted using (source, document, capture_id, benchmark, benchmark_version, task)
    group by all
    having count(*) = any_value(wanted.tasks_of_category)
),

categories_wanted as (
    select source, document, capture_id, benchmark, benchmark_version, count(distinct category) as categories
    from task_wanted
    group by all
),

overall_average as (
    select
        average.source, average.document, average.capture_id, average.observed_at, average.origin,
        average.benchmark, average.benchmark_version, average.model_name, average.effort, average.scale,
        average.evaluator, average.harness, average.is_self_reported, average.evaluated_on, average.model_released_on,
        round(avg(average.score), 9) as score,
    from category_average as average
    join categories_wanted as wanted using (source, document, capture_id, benchmark, benchmark_version)
    group by all
    having count(*) = any_value(wanted.categories)
),

score as (
    select
        source, document, capture_id, observed_at, origin, benchmark, benchmark_version, metric, category, model_name,
        effort, score, scale, standard_error, evaluator, harness, is_self_reported, evaluated_on, model_released_on,
    from staging.score
    where task is null
    union all by name
    select
        source, document, capture_id, observed_at, origin, benchmark, benchmark_version, 'average' as metric, category,
        model_name, effort, score, scale, evaluator, harness, is_self_reported, evaluated_on, model_released_on,
    from category_average
    union all by name
    select
        source, document, capture_id, observed_at, origin, benchmark, benchmark_version, 'average' as metric,
        model_name, effort, score, scale, evaluator, harness, is_self_reported, evaluated_on, model_released_on,
    from overall_average
),

-- A name resolves as it is written or else without its effort. `-thinking` and `-reasoning` stay on: they end names of
-- models of their own (Kimi-K2-Thinking). An underscore is the mark of an effort, never part of a name.
written as (
    select distinct
        source,
        model_name,
        effort,
        regexp_replace(
            model_name,
            '(_unknown|_' || regexp_escape(effort)
            || if(effort in ('thinking', 'reasoning', 'non-reasoning'), '', '|-' || regexp_escape(effort) || '(-effort)?')
            || ')$',
            '',
            'i'
        ) as bare_name,
    from score
),

resolved as (
    select
        written.source,
        written.model_name,
        written.effort,
        arg_min(
            named.model_id,
            if(named.normalised_name = normalise_name(written.model_name), 0, 10)
            + case named.scope when written.source then 1 when 'any' then 2 else 3 end
        ) as model_id,
    from written
    join core.model_name as named
        on named.scope in (written.source, 'any', 'hub')
        and named.normalised_name in (normalise_name(written.model_name), normalise_name(written.bare_name))
    group by all
),

dated as (
    select
        score.source, score.document, score.capture_id, score.observed_at, score.origin, score.benchmark,
        score.benchmark_version, score.metric, score.category, score.model_name, score.effort, score.score, score.scale,
        score.standard_error, score.evaluator, score.harness, score.is_self_reported, score.evaluated_on,
        score.model_released_on, resolved.model_id,
        dense_rank() over (
            partition by score.source, score.document, score.benchmark
            order by score.observed_at desc, score.capture_id desc
        ) = 1 as is_in_newest_capture,
    from score
    left join resolved
        on resolved.source = score.source
        and resolved.model_name = score.model_name
        and resolved.effort is not distinct from score.effort
)

select
    source,
    document,
    capture_id,
    observed_at,
    origin,
    benchmark,
    benchmark_version,
    metric,
    category,
    model_name,
    effort,
    score,
    scale,
    case scale when 'fraction' then 100 * score when 'percent' then score end as score_pct,
    case scale when 'fraction' then 100 * standard_error when 'percent' then standard_error end as standard_error_pct,
    evaluator,
    harness,
    is_self_reported,
    evaluated_on,
    model_released_on,
    model_id,
    is_in_newest_capture and row_number() over (
        partition by is_in_newest_capture, source, benchmark, benchmark_version, metric, category, model_name, effort,
            evaluator, harness
        order by evaluated_on desc nulls last, observed_at desc, document
    ) = 1 as is_current,
from dated
