-- description: Scores of whole benchmarks and, for LiveBench, of its categories: as stated, or averaged here from task scores; without sources whose figures may not be passed on. One row per capture, benchmark, category, model name, effort and evaluation.
-- min_rows: 0
-- grain: source, document, capture_id, benchmark, benchmark_version, metric, category, model_name, effort, mode, harness, judge, evaluator, evaluated_on
-- column: source VARCHAR | Source of the score.
-- column: document VARCHAR | Document of the source.
-- column: capture_id VARCHAR | Capture the score was read from.
-- column: observed_at TIMESTAMP | Time of that capture, UTC.
-- column: origin VARCHAR | Origin of that capture.
-- column: benchmark VARCHAR | Benchmark.
-- column: benchmark_version VARCHAR null | Version, release or window: as the source states it, else the registry's for the day of the capture.
-- column: series_id VARCHAR | Scores are comparable only within one series: the benchmark and its version, or what the registry says is the same.
-- column: metric VARCHAR | What the number is. An average is the mean over a category's tasks, or over the category means.
-- column: category VARCHAR null | Category; null for the whole benchmark.
-- column: model_name VARCHAR | Name as written.
-- column: effort VARCHAR null | Reasoning effort or mode, as the name states it.
-- column: mode VARCHAR null in (thinking, non_thinking) | Whether the model thought before it answered: as the source states it, else as the effort says.
-- column: score DOUBLE | Score on the source's own scale.
-- column: scale VARCHAR in (fraction, percent, elo, index) | Scale of the score.
-- column: score_pct DOUBLE null | Score in percent; null for elo and index, which are no shares.
-- column: standard_error_pct DOUBLE null >= 0 | Standard error in percent, where stated; none is stated for averages.
-- column: evaluator VARCHAR | Who ran the evaluation.
-- column: harness VARCHAR null | Agent or harness used.
-- column: judge VARCHAR null | Model that graded the answers, where named.
-- column: sample_size BIGINT null >= 0 | Votes or questions behind the score, where given.
-- column: cost_usd DOUBLE null >= 0 | Cost of the whole evaluation run in US dollars, where given.
-- column: ci_low DOUBLE null | Lower end of the interval as stated, on the source's own scale.
-- column: ci_high DOUBLE null | Upper end of the same.
-- column: url VARCHAR null | Page that states the score, where the source cites one per row.
-- column: is_self_reported BOOLEAN | True when the model's own vendor reports the score.
-- column: evaluated_on DATE null | Day of the evaluation, where stated.
-- column: published_on DATE null | Day the source gives its table or row, where stated.
-- column: model_released_on DATE null | Release date of the model as the source states it.
-- column: model_id VARCHAR null references seeds.model.model_id | Model by the reviewed names, of names that move the one of the day of the score; null while unmatched.
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
        effort, mode, score, scale, standard_error, ci_low, ci_high, sample_size, cost_usd, url, evaluator, harness, judge,
        is_self_reported, evaluated_on, published_on, model_released_on,
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
    union all by name
    -- What vendors state on pages that no source reads: a document is the page, and its day stands for a capture.
    select
        'reported_score' as source, url as document, 'reported_score-' || published_on as capture_id,
        published_on::timestamp as observed_at, 'starter' as origin, benchmark, benchmark_version, metric, model_name, mode,
        score, scale, evaluator, harness, judge, is_self_reported, published_on, url,
    from seeds.reported_score
    -- A simulated world holds nothing of this one.
    where 'simulated' not in (select origin from staging.document)
),

dated as (
    select
        score.* replace (
            coalesce(score.benchmark_version, registered.benchmark_version) as benchmark_version,
            -- What the words of an effort say about the mode; an effort of `high` alone says nothing.
            coalesce(
                score.mode,
                case
                    when regexp_matches(score.effort, '^(non-?|no-?)(thinking|reasoning)') then 'non_thinking'
                    when regexp_matches(score.effort, 'thinking|reasoning') then 'thinking'
                end
            ) as mode
        ),
        -- A name that moves means what it meant when the score was made, or else first seen.
        coalesce(score.evaluated_on, score.published_on, score.observed_at::date) as said_on,
        dense_rank() over (
            partition by score.source, score.document, score.benchmark
            order by score.observed_at desc, score.capture_id desc
        ) = 1 as is_in_newest_capture,
    from score
    anti join (select source from staging.source where not is_redistributable) as kept_back using (source)
    left join seeds.benchmark_version as registered
        on score.benchmark_version is null
        and registered.benchmark = score.benchmark
        and (registered.starts_on is not null or registered.ends_before is not null)
        and score.observed_at >= coalesce(registered.starts_on, '-infinity'::date)
        and score.observed_at < coalesce(registered.ends_before, 'infinity'::date)
)

select
    dated.source,
    dated.document,
    dated.capture_id,
    dated.observed_at,
    dated.origin,
    dated.benchmark,
    dated.benchmark_version,
    case
        when registered.series_id is not null then registered.series_id
        when dated.benchmark_version is not null then dated.benchmark || ':' || dated.benchmark_version
        -- Where versions differ, scores of no stated version are comparable at most within their own source.
        when dated.benchmark in (select benchmark from seeds.benchmark_version)
            then dated.benchmark || ':not stated by ' || dated.source
        else dated.benchmark
    end as series_id,
    dated.metric,
    dated.category,
    dated.model_name,
    dated.effort,
    dated.mode,
    dated.score,
    dated.scale,
    case dated.scale when 'fraction' then 100 * dated.score when 'percent' then dated.score end as score_pct,
    case dated.scale when 'fraction' then 100 * dated.standard_error when 'percent' then dated.standard_error end
        as standard_error_pct,
    dated.ci_low,
    dated.ci_high,
    dated.sample_size,
    dated.cost_usd,
    dated.url,
    dated.evaluator,
    dated.harness,
    dated.judge,
    dated.is_self_reported,
    dated.evaluated_on,
    dated.published_on,
    -- A day long before the reviewed release is of no version of the model; see marts.score_release_doubt.
    if(dated.model_released_on < model.released_on - 180, null, dated.model_released_on) as model_released_on,
    model.model_id,
    dated.is_in_newest_capture and row_number() over (
        partition by dated.is_in_newest_capture, dated.source, dated.benchmark, dated.benchmark_version, dated.metric,
            dated.category, dated.model_name, dated.effort, dated.mode, dated.evaluator, dated.harness, dated.judge
        order by dated.evaluated_on desc nulls last, dated.observed_at desc, dated.document
    ) = 1 as is_current,
from dated
left join core.score_name as name
    on name.source = dated.source
    and name.model_name = dated.model_name
    and name.effort is not distinct from dated.effort
left join core.moved_name as moved
    on moved.scope = name.matched_scope
    and moved.normalised_name = name.matched_name
    and dated.said_on >= coalesce(moved.valid_from, '-infinity'::date)
    and dated.said_on < coalesce(moved.valid_before, 'infinity'::date)
left join seeds.model as model
    on model.model_id = if(moved.normalised_name is null, name.model_id, moved.model_id)
left join seeds.benchmark_version as registered
    on registered.benchmark = dated.benchmark and registered.benchmark_version = dated.benchmark_version
