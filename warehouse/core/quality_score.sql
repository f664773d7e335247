-- description: Scores that the quality index is fitted to: of each model its best run on each item, brought to one scale. One row per fit, item and model; the fit of everything, and one for each source and each subject left out.
-- description: An item is what scores are compared within: a series, a metric, who measured it and which model judged it; all that vendors report of their own models on a series is one item. A score a vendor reports counts only where nobody else measured that model on that benchmark. Of ratings (elo), which are refitted with every publication, only the newest publication counts.
-- description: Standard score: for shares the logit, ln(p / (1 - p)), of the share above guessing, held within 2 % and 98 %, as beyond them a question more or less decides; for ratings the rating times ln(10) / 400, which is a logit too; for other scales the distance from the item's mean in standard deviations. Always so that higher is better.
-- description: Weight: each benchmark counts 1 for a model, spread over the items of that benchmark that have the model, so that two releases or two evaluators of a benchmark do not count twice.
-- min_rows: 0
-- grain: left_out, item_id, model_id
-- column: left_out VARCHAR | What the fit does without: `source:` or `subject:` and its name; `nothing` for the fit of everything.
-- column: item_id VARCHAR | Item.
-- column: benchmark VARCHAR references seeds.benchmark.benchmark | Benchmark.
-- column: benchmark_version VARCHAR null | Version or release of the run.
-- column: subject VARCHAR | What the benchmark tests.
-- column: series_id VARCHAR | Series of the item.
-- column: metric VARCHAR | What the number is.
-- column: evaluator VARCHAR | Who ran the evaluation; `self-reported` for all vendors together.
-- column: judge VARCHAR null | Model that graded the answers, where named.
-- column: is_self_reported BOOLEAN | True when the model's own vendor reports the score.
-- column: scale VARCHAR in (percent, elo, index) | Scale of the score; fractions are in percent.
-- column: higher_is_better BOOLEAN | Direction of the score.
-- column: model_id VARCHAR references seeds.model.model_id | Model.
-- column: score DOUBLE | The best run's score on that scale.
-- column: standard_error DOUBLE null >= 0 | Standard error of the score on the same scale; null where nothing is known of it.
-- column: error_basis VARCHAR null in (stated, interval, binomial) | stated = as the source states it; interval = half of the stated interval, taken as one of 95 %, over 1.96; binomial = sqrt(p (1 - p) / n) of the stated number of questions.
-- column: standard_score DOUBLE null | Score on the common scale; null where all of an item's scores are the same.
-- column: weight DOUBLE null > 0 | Weight in the fit; null where the score is no part of it.
-- column: unused_because VARCHAR null in (composite, no_spread, too_few, apart) | composite = an index of several benchmarks, which would count them again; no_spread = all scores of the item are the same; too_few = the item has fewer than 5 models or the model fewer than 3 benchmarks; apart = no chain of shared models leads to the item with the most models.
-- column: runs BIGINT > 0 | Runs of the model on the item, over efforts, modes and harnesses, that the best was taken of.
-- column: effort VARCHAR null | Reasoning effort of the best run.
-- column: mode VARCHAR null in (thinking, non_thinking) | Whether the model thought before it answered.
-- column: harness VARCHAR null | Agent or harness of the best run.
-- column: source VARCHAR | Source of the score.
-- column: model_name VARCHAR | Name as the source writes it.
-- column: observed_at TIMESTAMP | Time of the capture, UTC.
-- column: origin VARCHAR | Origin of the capture.
-- column: capture_id VARCHAR | Capture the score was read from.
-- assert: (weight is null) = (unused_because is not null)
with recursive run as (
    select
        score.* replace (
            if(score.is_self_reported, 'self-reported', score.evaluator) as evaluator,
            if(score.scale = 'fraction', 'percent', score.scale) as scale
        ),
        coalesce(score.score_pct, score.score) as value,
        if(score.scale = 'fraction', 100, 1) * (score.ci_high - score.ci_low) / 2 / 1.96 as interval_error,
        benchmark.subject,
        benchmark.higher_is_better,
        coalesce(benchmark.score_floor * if(benchmark.scale = 'fraction', 1, 0.01), 0) as guessing,
        benchmark.scale = 'index' and not starts_with(score.benchmark, 'aa_omniscience')
            or score.benchmark = 'open_llm_leaderboard' as is_composite,
        coalesce(score.published_on, score.observed_at::date) as published_on_or_seen,
    from core.score as score
    join seeds.benchmark as benchmark using (benchmark)
    where score.is_current and score.category is null and score.model_id is not null
),

fit as (
    select 'nothing' as left_out, null::varchar as source, null::varchar as subject
    union all
    select distinct 'source:' || source, source, null from run where not is_composite
    union all
    select distinct 'subject:' || subject, null, subject from run where not is_composite
),

told as (
    select
        fit.left_out,
        concat_ws(' | ', run.series_id, run.metric, run.evaluator, run.judge) as item_id,
        run.*,
    from run
    join fit
        on fit.source is distinct from run.source
        and fit.subject is distinct from run.subject
        -- Composites are held beside the index, never in a fit: once is enough.
        and (fit.left_out = 'nothing' or not run.is_composite)
),

newest as (
    select *
    from (
        select
            *,
            max(published_on_or_seen) over (partition by left_out, item_id) as item_published_on,
        from told
    )
    qualify scale <> 'elo'
        or dense_rank() over (
            partition by left_out, benchmark, metric, evaluator, judge
            order by item_published_on desc, benchmark_version desc nulls last, item_id
        ) = 1
),

chosen as (
    select
        *,
        count(*) over (partition by left_out, item_id, model_id) as runs,
    from newest
    qualify row_number() over (
        partition by left_out, item_id, model_id
        order by
            if(higher_is_better, value, -value) desc, coalesce(evaluated_on, observed_at::date) desc, observed_at desc,
            source, document, capture_id, model_name, effort, mode, harness, benchmark_version, evaluated_on
    ) = 1
),

independent as (
    select *
    from chosen
    qualify not is_self_reported
        or bool_and(is_self_reported) over (partition by left_out, benchmark, model_id)
),

-- Rounded: the sum of floating-point numbers depends on the order in which threads add them.
scaled as (
    select
        *,
        if(higher_is_better, value / 100 - guessing, 1 - value / 100) / if(higher_is_better, 1 - guessing, 1) as share,
        if(higher_is_better, 1, -1) * case scale
            when 'elo' then value * ln(10) / 400
            when 'index' then (value - round(avg(value) over item, 9)) / nullif(round(stddev_samp(value) over item, 9), 0)
            else if(higher_is_better, 1, -1)
                * ln(least(greatest(share, 0.02), 0.98) / (1 - least(greatest(share, 0.02), 0.98)))
        end as standard_score,
    from independent
    window item as (partition by left_out, item_id)
),

-- Dropping models leaves items with fewer and the other way round: again until nothing is dropped.
kept as (
    select left_out, item_id, benchmark, model_id, true as is_falling
    from scaled
    where not is_composite and standard_score is not null
    union all
    select left_out, item_id, benchmark, model_id, not is_settled as is_falling
    from (
        select
            *,
            bool_and(is_held) over (partition by left_out) as is_settled,
        from (
            select
                *,
                count(*) over (partition by left_out, item_id) >= 5
                and count(distinct benchmark) over (partition by left_out, model_id) >= 3 as is_held,
            from kept
            where is_falling
        )
    )
    where is_held
),

held as (
    select * exclude (is_falling) from kept where not is_falling
),

-- From the item with the most models to all that share a model with what is reached.
reached as (
    (
        select left_out, item_id
        from held
        group by left_out, item_id
        qualify row_number() over (partition by left_out order by count(*) desc, item_id) = 1
    )
    union
    select other.left_out, other.item_id
    from reached
    join held as one using (left_out, item_id)
    join held as other on other.left_out = one.left_out and other.model_id = one.model_id
),

used as (
    select
        held.*,
        reached.item_id is not null as is_reached,
        1 / count(*) over (partition by held.left_out, held.benchmark, held.model_id) as weight,
    from held
    left join reached using (left_out, item_id)
)

select
    scaled.left_out,
    scaled.item_id,
    scaled.benchmark,
    scaled.benchmark_version,
    scaled.subject,
    scaled.series_id,
    scaled.metric,
    scaled.evaluator,
    scaled.judge,
    scaled.is_self_reported,
    scaled.scale,
    scaled.higher_is_better,
    scaled.model_id,
    scaled.value as score,
    coalesce(
        scaled.standard_error_pct,
        scaled.interval_error,
        if(scaled.scale = 'percent', 100 * sqrt(greatest(scaled.value * (100 - scaled.value), 0) / 1e4
            / nullif(scaled.sample_size, 0)), null)
    ) as standard_error,
    case
        when scaled.standard_error_pct is not null then 'stated'
        when scaled.interval_error is not null then 'interval'
        when scaled.scale = 'percent' and scaled.sample_size > 0 then 'binomial'
    end as error_basis,
    round(scaled.standard_score, 9) as standard_score,
    if(used.is_reached, used.weight, null) as weight,
    case
        when scaled.is_composite then 'composite'
        when scaled.standard_score is null then 'no_spread'
        when used.weight is null then 'too_few'
        when not used.is_reached then 'apart'
    end as unused_because,
    scaled.runs,
    scaled.effort,
    scaled.mode,
    scaled.harness,
    scaled.source,
    scaled.model_name,
    scaled.observed_at,
    scaled.origin,
    scaled.capture_id,
from scaled
left join used using (left_out, item_id, model_id)
