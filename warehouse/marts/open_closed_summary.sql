-- description: The lag of open behind closed models in one row per series, subject and composite, with what is known of today. One row per scope; the composites come last.
-- description: Mean lag: over the steps of the open frontier, a step being an open model on a benchmark (the mean over its lines where several have it), each benchmark with the same weight; censored steps with their bounds. Lines that only vendors report are series here and in no mean. Its interval holds 90 % of 200 replicates of a Bayesian bootstrap over open models, widened as in marts.quality_index; none below 3 open models.
-- description: Now: the newest release date on a line stands for today, as of later models nothing is known there. Subjects have the mean over benchmarks of the line with the newest model, where that was released in the last 365 days of the record; intervals of their gap are of a bootstrap over benchmarks, those of lines the error of the two scores.
-- min_rows: 0
-- grain: scope, scope_id
-- column: scope VARCHAR in (series, subject, all, other_composite, composite) | all = every benchmark somebody else measured; composite = our own index.
-- column: scope_id VARCHAR | Line, subject, or all.
-- column: scope_name VARCHAR | Its name.
-- column: position BIGINT >= 1 | Order of report: series, subjects, all benchmarks, composites of others, our own index.
-- column: subject VARCHAR null | What is tested; null for composites and for all benchmarks.
-- column: evaluator VARCHAR null | Who measured it, of one line.
-- column: is_self_reported BOOLEAN | True for a line that only vendors report.
-- column: benchmarks BIGINT >= 0 | Benchmarks in it.
-- column: steps BIGINT >= 1 | Steps of the open frontier.
-- column: open_models BIGINT >= 1 | Open models that made them.
-- column: at_least_steps BIGINT >= 0 | Steps of which only a lower bound of the lag is known.
-- column: at_most_steps BIGINT >= 0 | Steps of which only an upper bound of the lag is known.
-- column: no_tolerance_steps BIGINT >= 0 | Steps held against a score where no error of either is known: the tolerance is 0.
-- column: mean_lag_months DOUBLE | Mean lag in months.
-- column: mean_lag_ci_low DOUBLE null | Lower end of its 90 % interval; null below 3 open models.
-- column: mean_lag_ci_high DOUBLE null | Upper end of the same.
-- column: mean_lag_without_tolerance_months DOUBLE null | Mean lag with a tolerance of 0, over the steps whose score a closed model has reached; null where there is none.
-- column: mean_known_lag_months DOUBLE null | Mean lag over the steps whose lag is known; null where every one is a bound.
-- column: mean_lag_last_year_months DOUBLE null | The same over steps of the last 365 days known; null where there was none.
-- column: steps_last_year BIGINT >= 0 | Steps of these days.
-- column: known_until DATE | Newest release date on its lines.
-- column: now_benchmarks BIGINT >= 0 | Benchmarks that speak of now: 1 for a line.
-- column: now_lag_months DOUBLE null | Months by which the closed frontier was earlier at the level of the best open model, up to known_until; null where no line of the subject is recent. 0 where no closed model is that good.
-- column: now_censored VARCHAR null in (at_least, at_most) | Where it is a bound. Null where it is known, and for subjects.
-- column: now_unreached_months DOUBLE null | How long closed models have had a level that no open model reached yet: the open gap, a lower bound; null where every level was reached, and for subjects.
-- column: now_gap_points DOUBLE null | Gap on the scale of the scores; null for subjects.
-- column: now_gap_pct DOUBLE null | Gap in percent of the closed score; null for indexes.
-- column: now_gap_ci_low DOUBLE null | Lower end of the 90 % interval: of the points where they are given, else of the percent.
-- column: now_gap_ci_high DOUBLE null | Upper end of the same.
-- column: best_open_model_id VARCHAR null | Best open model; null for subjects.
-- column: best_closed_model_id VARCHAR null | Best closed model; null for subjects.
-- column: unreached_model_id VARCHAR null | First closed model at a level no open model reached; null for subjects.
with line as (
    select
        lag.line_id,
        lag.level,
        lag.line_name,
        lag.benchmark,
        lag.subject,
        lag.evaluator,
        lag.is_self_reported,
        lag.known_until,
        lag.open_model_id,
        lag.unreached_model_id,
        greatest(round((lag.known_until - coalesce(lag.closed_released_on, lag.known_until)) / 30.4375, 6), 0)
            as now_lag_months,
        lag.censored as now_censored,
        round((lag.known_until - lag.unreached_released_on) / 30.4375, 6) as now_unreached_months,
        gap.closed_model_id,
        gap.gap_points,
        gap.gap_pct,
        gap.gap_error,
        -- The benchmark's line that speaks of now.
        lag.known_until >= max(lag.known_until) over () - 365
        and row_number() over (partition by lag.level, lag.benchmark order by lag.known_until desc, lag.line_id) = 1
            as is_now,
    from marts.open_closed_lag as lag
    join marts.open_closed_gap as gap using (line_id)
    where lag.is_newest and gap.is_newest
),

scope as (
    select
        level as scope, line_id as scope_id, line_name as scope_name, subject, evaluator, is_self_reported, line_id,
        known_until, true as is_now, case level when 'series' then 1 when 'composite' then 5 else 4 end as place,
    from line
    union all
    select 'subject', subject, subject, subject, null, is_self_reported, line_id, known_until, is_now, 2
    from line
    where level = 'series' and not is_self_reported
    union all
    select 'all', 'all', 'All benchmarks', null, null, is_self_reported, line_id, known_until, is_now, 3
    from line
    where level = 'series' and not is_self_reported
),

scope_fact as (
    select
        scope,
        scope_id,
        any_value(scope_name) as scope_name,
        any_value(subject) as subject,
        any_value(evaluator) as evaluator,
        any_value(place) as place,
        bool_and(is_self_reported) as is_self_reported,
        max(known_until) as known_until,
    from scope
    group by scope, scope_id
),

step as (
    select
        scope.scope,
        scope.scope_id,
        coalesce(lag.benchmark, lag.line_id) as benchmark,
        lag.open_model_id,
        min(lag.open_released_on) as open_released_on,
        round(avg(lag.lag_months), 9) as lag_months,
        round(avg(lag.lag_months_without_tolerance), 9) as lag_without_tolerance,
        bool_or(coalesce(lag.censored = 'at_least', false)) as is_at_least,
        bool_or(coalesce(lag.censored = 'at_most', false)) as is_at_most,
        bool_or(coalesce(lag.tolerance_basis = 'none', false)) as has_no_tolerance,
    from scope
    join marts.open_closed_lag as lag using (line_id)
    group by all
),

-- What is averaged: lags by open model, and the gaps of now by benchmark.
observation as (
    select
        scope,
        scope_id,
        'lag' as measure,
        open_model_id as unit,
        lag_months as value,
        1 / count(*) over (partition by scope, scope_id, benchmark) as weight,
    from step
    union all
    select scope.scope, scope.scope_id, 'gap', line.benchmark, line.gap_pct, 1
    from scope
    join line using (line_id)
    where scope.scope in ('subject', 'all') and scope.is_now and line.gap_pct is not null
),

replicate as (
    select
        observation.scope,
        observation.scope_id,
        observation.measure,
        numbers.replicate,
        sum((observation.value * observation.weight * drawn.weight)::decimal(18, 9))
        / sum((observation.weight * drawn.weight)::decimal(18, 9)) as mean,
        count(distinct observation.unit) as units,
    from observation
    cross join range(0, 201) as numbers(replicate)
    -- The digest is the same on every machine and in every version, which is not said of hash().
    cross join lateral (
        select if(
            numbers.replicate = 0,
            1,
            -ln(
                ((md5_number_lower(observation.unit || ' ' || numbers.replicate) >> 11)::double + 0.5)
                / 9007199254740992.0
            )
        ) as weight
    ) as drawn
    group by all
),

widened as (
    select
        replicate.*,
        max(if(replicate.replicate = 0, replicate.mean, null)) over one as center,
        student.quantile_95 / 1.644853626951 * sqrt((replicate.units + 1) / (replicate.units - 1)) as widening,
    from replicate
    left join seeds.student_t as student
        on student.degrees_of_freedom = least(replicate.units - 1, 200) and replicate.units >= 3
    window one as (partition by replicate.scope, replicate.scope_id, replicate.measure)
),

mean as (
    select
        scope,
        scope_id,
        measure,
        round(any_value(center), 6) as value,
        any_value(units) as units,
        round(quantile_cont(center + widening * (mean - center), 0.05) filter (replicate > 0), 6) as ci_low,
        round(quantile_cont(center + widening * (mean - center), 0.95) filter (replicate > 0), 6) as ci_high,
    from widened
    group by scope, scope_id, measure
),

step_count as (
    select
        step.scope,
        step.scope_id,
        count(distinct step.benchmark) as benchmarks,
        count(*) as steps,
        count(distinct step.open_model_id) as open_models,
        count(*) filter (step.is_at_least) as at_least_steps,
        count(*) filter (step.is_at_most) as at_most_steps,
        count(*) filter (step.has_no_tolerance) as no_tolerance_steps,
        count(*) filter (step.open_released_on > scope_fact.known_until - 365) as steps_last_year,
    from step
    join scope_fact using (scope, scope_id)
    group by step.scope, step.scope_id
),

-- Each benchmark with the same weight, as in the mean over all steps.
part as (
    select
        scope,
        scope_id,
        round(avg(last_year_months), 6) as last_year_months,
        round(avg(without_tolerance_months), 6) as without_tolerance_months,
        round(avg(known_months), 6) as known_months,
    from (
        select
            step.scope,
            step.scope_id,
            step.benchmark,
            round(avg(step.lag_months) filter (step.open_released_on > scope_fact.known_until - 365), 9)
                as last_year_months,
            round(avg(step.lag_without_tolerance), 9) as without_tolerance_months,
            round(avg(step.lag_months) filter (not step.is_at_least and not step.is_at_most), 9) as known_months,
        from step
        join scope_fact using (scope, scope_id)
        group by step.scope, step.scope_id, step.benchmark
    )
    group by scope, scope_id
),

state as (
    select
        scope.scope,
        scope.scope_id,
        count(*) as benchmarks,
        round(avg(line.now_lag_months), 6) as now_lag_months,
    from scope
    join line using (line_id)
    where scope.is_now
    group by scope.scope, scope.scope_id
)

select
    scope_fact.scope,
    scope_fact.scope_id,
    scope_fact.scope_name,
    row_number() over (order by scope_fact.place, scope_fact.subject, scope_fact.scope_name, scope_fact.scope_id)
        as position,
    scope_fact.subject,
    scope_fact.evaluator,
    scope_fact.is_self_reported,
    step_count.benchmarks,
    step_count.steps,
    step_count.open_models,
    step_count.at_least_steps,
    step_count.at_most_steps,
    step_count.no_tolerance_steps,
    lag.value as mean_lag_months,
    lag.ci_low as mean_lag_ci_low,
    lag.ci_high as mean_lag_ci_high,
    part.without_tolerance_months as mean_lag_without_tolerance_months,
    part.known_months as mean_known_lag_months,
    part.last_year_months as mean_lag_last_year_months,
    step_count.steps_last_year,
    scope_fact.known_until,
    coalesce(state.benchmarks, 0) as now_benchmarks,
    state.now_lag_months,
    line.now_censored,
    line.now_unreached_months,
    line.gap_points as now_gap_points,
    coalesce(line.gap_pct, gap.value) as now_gap_pct,
    coalesce(line.gap_points - line.gap_error, gap.ci_low) as now_gap_ci_low,
    coalesce(line.gap_points + line.gap_error, gap.ci_high) as now_gap_ci_high,
    line.open_model_id as best_open_model_id,
    line.closed_model_id as best_closed_model_id,
    line.unreached_model_id,
from scope_fact
join step_count using (scope, scope_id)
join part using (scope, scope_id)
join mean as lag on lag.scope = scope_fact.scope and lag.scope_id = scope_fact.scope_id and lag.measure = 'lag'
left join mean as gap on gap.scope = scope_fact.scope and gap.scope_id = scope_fact.scope_id and gap.measure = 'gap'
left join state on state.scope = scope_fact.scope and state.scope_id = scope_fact.scope_id
left join line on line.line_id = scope_fact.scope_id and scope_fact.scope not in ('subject', 'all')
