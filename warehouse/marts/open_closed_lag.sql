-- description: How long after the closed frontier the open one arrived. One row per line and step of its open frontier: each model that was better than every open model before it.
-- description: The lag is the time from the day on which the closed frontier first had the open model's score less the tolerance, to the release of the open model; below 0 where the open model was first. The closed frontier is made of the closed models that were better than every closed one before. The tolerance is the 90 % error of the difference: 1.645 sqrt(a² + b²) of the two standard errors where scores state one, 0 for a side where nothing is known; for our own index that of the difference over the replicates of core.quality_fit, widened as its intervals are.
-- description: Only models measured on the line are known: a closed model nobody measured there may have arrived earlier.
-- min_rows: 0
-- grain: line_id, step
-- column: line_id VARCHAR | Line, as in marts.open_closed_frontier.
-- column: level VARCHAR in (series, other_composite, composite) | composite = our own index.
-- column: benchmark VARCHAR null | Benchmark; null for our own index.
-- column: line_name VARCHAR | Name of the benchmark with its version.
-- column: subject VARCHAR null | What the benchmark tests; null for composites.
-- column: evaluator VARCHAR | Who measured it.
-- column: is_self_reported BOOLEAN | True where only vendors report it.
-- column: scale VARCHAR in (percent, elo, index) | Scale of the scores.
-- column: step BIGINT >= 1 | Number of the step, by release.
-- column: open_model_id VARCHAR | The open model that became the best.
-- column: open_model_name VARCHAR | Its name.
-- column: open_released_on DATE | Its release.
-- column: open_score DOUBLE | Its score.
-- column: closed_model_id VARCHAR null | The first model of the closed frontier within the tolerance of that score or above it; null where there is none yet.
-- column: closed_model_name VARCHAR null | Its name.
-- column: closed_released_on DATE null | Its release.
-- column: closed_score DOUBLE null | Its score.
-- column: tolerance DOUBLE null >= 0 | By how much less than the open score still counts as the same; null without a closed model.
-- column: tolerance_basis VARCHAR null in (both, open_only, closed_only, none) | Of which of the two scores an error is known; null without a closed model.
-- column: lag_months DOUBLE | Lag in months of 30.4375 days; where it is censored, its bound.
-- column: censored VARCHAR null in (at_least, at_most) | at_least = that closed model is the first one measured on the line, and what came before it is not known; at_most = no closed model measured on the line is that good yet, and the bound is the time from the open model's release to the newest release on the line, below 0. Null where the lag is known.
-- column: lag_months_without_tolerance DOUBLE null | Lag behind the first closed model with at least the same score; null where there is none.
-- column: unreached_model_id VARCHAR null | The first model of the closed frontier that is better by more than the tolerance: the level this open model did not reach; null where there is none.
-- column: unreached_model_name VARCHAR null | Its name.
-- column: unreached_released_on DATE null | Its release.
-- column: unreached_score DOUBLE null | Its score.
-- column: is_newest BOOLEAN | True for the best open model that is known.
-- column: known_until DATE | Newest release date of a model on the line.
-- assert: (closed_model_id is null) = coalesce(censored = 'at_most', false)
with difference as (
    select
        open.model_id as open_model_id,
        closed.model_id as closed_model_id,
        10 * round(stddev_samp(open_fit.ability - closed_fit.ability), 9) as points,
    from marts.open_closed_frontier as open
    join marts.open_closed_frontier as closed
        on closed.line_id = open.line_id and closed.is_frontier and not closed.is_open_weights
    join core.quality_fit as open_fit on open_fit.model_id = open.model_id
    join core.quality_fit as closed_fit
        on closed_fit.model_id = closed.model_id
        and closed_fit.left_out = open_fit.left_out
        and closed_fit.replicate = open_fit.replicate
    where open.level = 'composite'
        and open.is_open_weights
        and open.is_frontier
        and open_fit.left_out = 'nothing'
        and open_fit.replicate > 0
    group by open.model_id, closed.model_id
),

allowed as (
    select
        difference.open_model_id,
        difference.closed_model_id,
        difference.points * student.quantile_95 * sqrt((rated.benchmarks + 1) / (rated.benchmarks - 1)) as tolerance,
    from difference
    join marts.quality_index as open on open.model_id = difference.open_model_id
    join marts.quality_index as closed on closed.model_id = difference.closed_model_id
    cross join lateral (select least(open.benchmarks, closed.benchmarks) as benchmarks) as rated
    join seeds.student_t as student on student.degrees_of_freedom = least(rated.benchmarks - 1, 200)
),

step as (
    select
        *,
        row_number() over (partition by line_id order by released_on) as step,
        row_number() over (partition by line_id order by released_on desc) = 1 as is_newest,
    from marts.open_closed_frontier
    where is_open_weights and is_frontier
),

pair as (
    select
        step.line_id,
        step.step,
        closed.model_id,
        closed.model_name,
        closed.released_on,
        closed.score,
        closed.quality,
        step.quality as open_quality,
        round(
            coalesce(
                allowed.tolerance,
                1.644853626951
                * sqrt(coalesce(step.standard_error, 0) ** 2 + coalesce(closed.standard_error, 0) ** 2)
            ),
            9
        ) as tolerance,
        case
            when step.standard_error is not null and closed.standard_error is not null then 'both'
            when step.standard_error is not null then 'open_only'
            when closed.standard_error is not null then 'closed_only'
            else 'none'
        end as tolerance_basis,
        min(closed.released_on) over (partition by step.line_id) as first_closed_on,
    from step
    join marts.open_closed_frontier as closed
        on closed.line_id = step.line_id and closed.is_frontier and not closed.is_open_weights
    left join allowed
        on step.level = 'composite'
        and allowed.open_model_id = step.model_id
        and allowed.closed_model_id = closed.model_id
),

reached as (
    select *
    from pair
    where quality >= open_quality - tolerance
    qualify row_number() over (partition by line_id, step order by released_on) = 1
),

unreached as (
    select *
    from pair
    where quality > open_quality + tolerance
    qualify row_number() over (partition by line_id, step order by released_on) = 1
),

reached_exactly as (
    select line_id, step, min(released_on) as released_on
    from pair
    where quality >= open_quality
    group by line_id, step
)

select
    step.line_id,
    step.level,
    step.benchmark,
    step.line_name,
    step.subject,
    step.evaluator,
    step.is_self_reported,
    step.scale,
    step.step,
    step.model_id as open_model_id,
    step.model_name as open_model_name,
    step.released_on as open_released_on,
    step.score as open_score,
    reached.model_id as closed_model_id,
    reached.model_name as closed_model_name,
    reached.released_on as closed_released_on,
    reached.score as closed_score,
    reached.tolerance,
    reached.tolerance_basis,
    round((step.released_on - coalesce(reached.released_on, step.known_until)) / 30.4375, 6) as lag_months,
    case
        when reached.model_id is null then 'at_most'
        when reached.released_on = reached.first_closed_on then 'at_least'
    end as censored,
    round((step.released_on - reached_exactly.released_on) / 30.4375, 6) as lag_months_without_tolerance,
    unreached.model_id as unreached_model_id,
    unreached.model_name as unreached_model_name,
    unreached.released_on as unreached_released_on,
    unreached.score as unreached_score,
    step.is_newest,
    step.known_until,
from step
left join reached using (line_id, step)
left join unreached using (line_id, step)
left join reached_exactly using (line_id, step)
