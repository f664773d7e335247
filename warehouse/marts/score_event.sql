-- description: Events in the data of leaderboards: breaks of series, mass restatements, and single scores that a source gave otherwise without another evaluation. One row per event; a break touches a whole board, a restated score one entry.
-- min_rows: 0
-- grain: board_id, published_at, kind, entry
-- column: board_id VARCHAR | Board, as in core.leaderboard_publication.
-- column: published_at TIMESTAMP | Publication with which it came.
-- column: happened_at TIMESTAMP | The same, but for another version the start of its series.
-- column: kind VARCHAR in (new_version, new_judge, mass_restatement, rescaled, restated_score) | See core.series_break; restated_score = the score of an entry moved by more than rounding, its day of evaluation did not, and fewer than half of the list moved.
-- column: entry VARCHAR null | Entry, as in core.leaderboard_entry; null for a whole board.
-- column: source VARCHAR | Source.
-- column: document VARCHAR | Document of the source.
-- column: benchmark VARCHAR | Benchmark.
-- column: benchmark_name VARCHAR null | Its name; null where the registry has none.
-- column: metric VARCHAR | What the number is.
-- column: is_self_reported BOOLEAN | True for a list of what vendors say of their own models.
-- column: published_before_at TIMESTAMP | Publication before.
-- column: series_id_before VARCHAR | Series before.
-- column: series_id_after VARCHAR | Series after.
-- column: is_registered BOOLEAN null | True when the registry of versions knows the break; null for a restated score.
-- column: model_id VARCHAR null | Model of the entry, where matched.
-- column: model_name VARCHAR null | Name of the entry as written.
-- column: effort VARCHAR null | Its effort or mode.
-- column: score_before_points DOUBLE null | Its score before, in points.
-- column: score_after_points DOUBLE null | Its score after, in points.
-- column: change_points DOUBLE null | The difference; for a board the median over common entries.
-- column: common BIGINT >= 0 | Entries in both publications.
-- column: changed BIGINT >= 0 | Of these, how many moved by more than rounding.
-- column: direction VARCHAR null in (up, down, both) | Where nine in ten of the changed moved.
-- column: correlation DOUBLE null | For a board, Pearson's r of scores before and after.
-- column: slope DOUBLE null | For a board, the slope of the line from before to after.
-- column: capture_id_before VARCHAR | Capture of the publication before.
-- column: capture_id VARCHAR | Capture of the publication.
-- column: observed_at TIMESTAMP | Time of that capture.
-- column: origin VARCHAR | Origin of that capture.
with publication as (
    select * from core.leaderboard_publication where category is null and not is_refitted
),

pair as (
    select
        after.*,
        before.published_at as published_before_at,
        before.capture_id as capture_id_before,
        greatest(0.05, 0.5 * power(10, -least(after.decimals, before.decimals))) + 1e-9 as rounding,
    from publication as after
    join publication as before on before.board_id = after.board_id and before.position = after.position - 1
),

both_listed as (
    select
        after.*,
        pair.rounding,
        before.score_points as score_before_points,
        after.score_points - before.score_points as change_points,
        abs(change_points) > pair.rounding as is_changed,
        coalesce(after.evaluated_on > before.evaluated_on, false) as is_evaluated_again,
        count(*) over (partition by after.board_id, after.position) as common,
        count(*) filter (abs(after.score_points - before.score_points) > pair.rounding)
            over (partition by after.board_id, after.position) as changed,
    from pair
    join core.leaderboard_entry as after using (board_id, position)
    join core.leaderboard_entry as before
        on before.board_id = after.board_id and before.position = after.position - 1 and before.entry = after.entry
),

event as (
    select
        board_id, published_at, broke_at as happened_at, kind, source, document, benchmark, metric,
        is_self_reported, published_before_at, series_id_before, series_id_after, is_registered,
        median_change_points as change_points, common, changed, direction, correlation, slope, capture_id_before, capture_id, observed_at, origin,
    from core.series_break
    union all by name
    select
        pair.board_id, pair.published_at, pair.published_at as happened_at, 'restated_score' as kind,
        both_listed.entry, pair.source, pair.document, pair.benchmark, pair.metric, pair.is_self_reported, pair.published_before_at,
        pair.series_id as series_id_before, pair.series_id as series_id_after, both_listed.model_id,
        both_listed.model_name, both_listed.effort, both_listed.score_before_points,
        both_listed.score_points as score_after_points, round(both_listed.change_points, 9) as change_points,
        both_listed.common, both_listed.changed, if(both_listed.change_points > 0, 'up', 'down') as direction,
        pair.capture_id_before, pair.capture_id, pair.observed_at, pair.origin,
    from both_listed
    join pair using (board_id, position)
    where both_listed.is_changed and not both_listed.is_evaluated_again and 2 * both_listed.changed < both_listed.common
)

select
    event.board_id,
    event.published_at,
    event.happened_at,
    event.kind,
    event.entry,
    event.source,
    event.document,
    event.benchmark,
    benchmark.name as benchmark_name,
    event.metric,
    event.is_self_reported,
    event.published_before_at,
    event.series_id_before,
    event.series_id_after,
    event.is_registered,
    event.model_id,
    event.model_name,
    event.effort,
    event.score_before_points,
    event.score_after_points,
    event.change_points,
    event.common,
    event.changed,
    event.direction,
    event.correlation,
    event.slope,
    event.capture_id_before,
    event.capture_id,
    event.observed_at,
    event.origin,
from event
left join seeds.benchmark as benchmark using (benchmark)
