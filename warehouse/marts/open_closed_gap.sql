-- description: How far the best open model is behind the best closed one, and how that changed. One row per line and day on which either of the two changed.
-- description: The two are compared from the day on which both are known. The gap in points is above 0 where the closed model is better; gap_pct divides it by the closed score (AI Index). Its error is that of the difference, as in marts.open_closed_lag.
-- min_rows: 0
-- grain: line_id, changed_on
-- column: line_id VARCHAR | Line, as in marts.open_closed_frontier.
-- column: level VARCHAR in (series, other_composite, composite) | composite = our own index.
-- column: benchmark VARCHAR null | Benchmark; null for our own index.
-- column: line_name VARCHAR | Name of the benchmark with its version.
-- column: subject VARCHAR null | What the benchmark tests; null for composites.
-- column: evaluator VARCHAR | Who measured it.
-- column: is_self_reported BOOLEAN | True where only vendors report it.
-- column: scale VARCHAR in (percent, elo, index) | Scale of the scores.
-- column: changed_on DATE | Day on which the best open or the best closed model changed.
-- column: until_on DATE | Day on which it changed next, or the newest release date on the line.
-- column: open_model_id VARCHAR | Best open model.
-- column: open_model_name VARCHAR | Its name.
-- column: open_released_on DATE | Its release.
-- column: open_score DOUBLE | Its score.
-- column: closed_model_id VARCHAR | Best closed model.
-- column: closed_model_name VARCHAR | Its name.
-- column: closed_released_on DATE | Its release.
-- column: closed_score DOUBLE | Its score.
-- column: gap_points DOUBLE | By how much the closed one is better, on the scale of the scores.
-- column: gap_error DOUBLE null >= 0 | Half of the 90 % interval of the gap; null where the error of neither score is known.
-- column: gap_pct DOUBLE null | The gap in percent of the closed score; null for indexes, which have no zero, and for a closed score of 0.
-- column: is_newest BOOLEAN | True for the newest day of the line.
-- assert: until_on >= changed_on
with day as (
    select line_id, released_on as changed_on
    from marts.open_closed_frontier
    where is_frontier
    group by line_id, released_on
),

-- The last frontier model of each side on or before the day is the best of the side.
best as (
    select
        day.line_id,
        day.changed_on,
        frontier.is_open_weights,
        arg_max(frontier, (frontier.released_on, frontier.quality)) as model,
    from day
    join marts.open_closed_frontier as frontier
        on frontier.line_id = day.line_id and frontier.is_frontier and frontier.released_on <= day.changed_on
    group by day.line_id, day.changed_on, frontier.is_open_weights
),

both_sides as (
    select open.line_id, open.changed_on, open.model as open, closed.model as closed
    from best as open
    join best as closed on closed.line_id = open.line_id and closed.changed_on = open.changed_on
    where open.is_open_weights and not closed.is_open_weights
),

difference as (
    select
        both_sides.changed_on,
        10 * round(stddev_samp(open_fit.ability - closed_fit.ability), 9) as points,
    from both_sides
    join core.quality_fit as open_fit on open_fit.model_id = both_sides.open.model_id
    join core.quality_fit as closed_fit
        on closed_fit.model_id = both_sides.closed.model_id
        and closed_fit.left_out = open_fit.left_out
        and closed_fit.replicate = open_fit.replicate
    where both_sides.open.level = 'composite' and open_fit.left_out = 'nothing' and open_fit.replicate > 0
    group by both_sides.changed_on
),

index_error as (
    select
        difference.changed_on,
        difference.points * student.quantile_95 * sqrt((rated.benchmarks + 1) / (rated.benchmarks - 1)) as gap_error,
    from difference
    join both_sides on both_sides.open.level = 'composite' and both_sides.changed_on = difference.changed_on
    join marts.quality_index as open on open.model_id = both_sides.open.model_id
    join marts.quality_index as closed on closed.model_id = both_sides.closed.model_id
    cross join lateral (select least(open.benchmarks, closed.benchmarks) as benchmarks) as rated
    join seeds.student_t as student on student.degrees_of_freedom = least(rated.benchmarks - 1, 200)
)

select
    both_sides.line_id,
    open.level,
    open.benchmark,
    open.line_name,
    open.subject,
    open.evaluator,
    open.is_self_reported,
    open.scale,
    both_sides.changed_on,
    lead(both_sides.changed_on, 1, open.known_until) over line as until_on,
    open.model_id as open_model_id,
    open.model_name as open_model_name,
    open.released_on as open_released_on,
    open.score as open_score,
    closed.model_id as closed_model_id,
    closed.model_name as closed_model_name,
    closed.released_on as closed_released_on,
    closed.score as closed_score,
    round(closed.quality - open.quality, 9) as gap_points,
    round(
        coalesce(
            if(open.level = 'composite', index_error.gap_error, null),
            1.644853626951 * sqrt(
                nullif(coalesce(open.standard_error, 0) ** 2 + coalesce(closed.standard_error, 0) ** 2, 0)
            )
        ),
        9
    ) as gap_error,
    if(open.scale = 'index', null, round(100 * (closed.quality - open.quality) / nullif(closed.score, 0), 6)) as gap_pct,
    row_number() over (partition by both_sides.line_id order by both_sides.changed_on desc) = 1 as is_newest,
from both_sides
left join index_error on open.level = 'composite' and index_error.changed_on = both_sides.changed_on
window line as (partition by both_sides.line_id order by both_sides.changed_on)
