-- description: Breaks in series of whole-benchmark scores: another version, a mass restatement or another scale, between two publications that follow each other. Ratings that are fitted anew each time break a series only where they move far more than they usually do. One row per board and publication with which a break came.
-- min_rows: 0
-- grain: board_id, position
-- column: board_id VARCHAR | Board, as in core.leaderboard_publication.
-- column: position BIGINT | Publication with which the break came.
-- column: source VARCHAR | Source.
-- column: document VARCHAR | Document of the source.
-- column: benchmark VARCHAR | Benchmark.
-- column: metric VARCHAR | What the number is.
-- column: judge VARCHAR null | Model that graded the answers.
-- column: is_self_reported BOOLEAN | True for a list of what vendors say of their own models.
-- column: kind VARCHAR in (new_version, new_judge, mass_restatement, rescaled) | new_version = the series is another; new_judge = the series is the same, who grades is another; mass_restatement = of 8 or more common models at least half moved by more than rounding, and the median by more than three times its usual (ratings: also by 5 points or more); rescaled = the same, where the scores after are nearly a linear map of those before (r over 0.98) with a slope off 1 by over a tenth or a shift of a tenth of their range.
-- column: is_registered BOOLEAN | True when seeds.benchmark_version has the version after, or a version that starts between the two.
-- column: series_id_before VARCHAR | Series before.
-- column: series_id_after VARCHAR | Series after.
-- column: broke_at TIMESTAMP | When it came: the start of the series after, where that is another; else published_at.
-- column: published_before_at TIMESTAMP | Publication before.
-- column: published_at TIMESTAMP | Publication after.
-- column: capture_id_before VARCHAR | Capture of the one before.
-- column: capture_id VARCHAR | Capture of the one after.
-- column: observed_at TIMESTAMP | Time of that capture.
-- column: origin VARCHAR | Origin of that capture.
-- column: entries_before BIGINT | Entries before.
-- column: entries BIGINT | Entries after.
-- column: common BIGINT >= 0 | Entries in both.
-- column: changed BIGINT >= 0 | Of these, whose score moved by more than rounding: half the last decimal given in both, at least 0.05 points (0.5 for ratings).
-- column: share_changed DOUBLE null >= 0 | changed by common.
-- column: median_change_points DOUBLE null | Median change, in points.
-- column: median_abs_change_points DOUBLE null >= 0 | Median absolute change, in points.
-- column: usual_abs_change_points DOUBLE null >= 0 | Median of the same over the ten nearest other pairs of publications of the board; null where there are none.
-- column: direction VARCHAR null in (up, down, both) | Where nine in ten of the changed moved; null where none did.
-- column: correlation DOUBLE null | Pearson's r of scores before and after; null below 3 common entries.
-- column: slope DOUBLE null | Slope of the line from scores before to scores after.
-- column: intercept_points DOUBLE null | Its value at a score of 0.
with publication as (
    select * from core.leaderboard_publication where category is null
),

followed as (
    select
        board_id as board_id_before,
        position as position_before,
        board_id,
        position + 1 as position,
        false as is_other,
    from publication
    where not is_newest
),

-- The first publication of a series follows the last of the series before it that is not newer, else its first. What
-- vendors say of their own models is no list that goes from version to version.
began as (
    select
        *,
        max(series_starts_at) over (
            partition by list_id order by series_starts_at
            range between unbounded preceding and interval 1 microsecond preceding
        ) as before_starts_at,
    from publication
    where not is_refitted and not is_self_reported
    qualify row_number() over (
        partition by list_id, series_id, judge order by published_at, entries desc, document, position
    ) = 1
),

superseded as (
    select
        before.board_id as board_id_before,
        before.position as position_before,
        began.board_id,
        began.position,
        true as is_other,
    from began
    join publication as before
        on before.list_id = began.list_id
        and before.series_starts_at = began.before_starts_at
        -- Side by side in one capture, two without days of their own are windows, not versions.
        and (before.capture_id <> began.capture_id or (before.is_start_stated and began.is_start_stated))
    qualify row_number() over (
        partition by began.list_id, began.series_id, began.judge
        order by
            before.judge is not distinct from began.judge desc,
            before.published_at <= began.published_at desc,
            abs(epoch(before.published_at) - epoch(began.published_at)),
            before.entries desc, before.series_id, before.judge, before.document, before.position desc
    ) = 1
),

pair as (
    select
        either.*,
        after.is_refitted,
        greatest(if(after.is_refitted, 0.5, 0.05), 0.5 * power(10, -least(after.decimals, before.decimals))) + 1e-9
            as rounding,
    from (from followed union all from superseded) as either
    join publication as before
        on before.board_id = either.board_id_before and before.position = either.position_before
    join publication as after on after.board_id = either.board_id and after.position = either.position
),

moved as (
    select
        pair.board_id,
        pair.position,
        pair.rounding,
        before.score_points as score_before,
        after.score_points as score_after,
        score_after - score_before as change,
    from pair
    join core.leaderboard_entry as before
        on before.board_id = pair.board_id_before and before.position = pair.position_before
    join core.leaderboard_entry as after
        on after.board_id = pair.board_id and after.position = pair.position and after.entry = before.entry
),

measured as (
    select
        pair.*,
        count(moved.change) as common,
        count(*) filter (abs(moved.change) > moved.rounding) as changed,
        count(*) filter (moved.change > moved.rounding) as up,
        round(median(moved.change), 9) as median_change_points,
        round(median(abs(moved.change)), 9) as median_abs_change_points,
        max(moved.score_before) - min(moved.score_before) as range_before,
        if(common > 2 and range_before > 0, round(corr(moved.score_before, moved.score_after), 6), null) as correlation,
        if(common > 2 and range_before > 0, round(regr_slope(moved.score_after, moved.score_before), 6), null) as slope,
        if(common > 2 and range_before > 0, round(regr_intercept(moved.score_after, moved.score_before), 6), null)
            as intercept_points,
    from pair
    left join moved on moved.board_id = pair.board_id and moved.position = pair.position
    group by all
),

near as (
    select one.board_id, one.position, other.median_abs_change_points
    from measured as one
    join measured as other
        on other.board_id = one.board_id
        and other.position <> one.position
        and not other.is_other
        and other.common >= 8
    qualify row_number() over (
        partition by one.board_id, one.position order by abs(other.position - one.position), other.position
    ) <= 10
),

usual as (
    select
        board_id,
        position,
        count(*) as others,
        round(median(median_abs_change_points), 9) as usual_abs_change_points,
    from near
    group by board_id, position
),

judged as (
    select
        measured.*,
        usual.usual_abs_change_points,
        measured.common >= 8
        and 2 * measured.changed >= measured.common
        and measured.median_abs_change_points > measured.rounding
        and measured.median_abs_change_points > 3 * coalesce(usual.usual_abs_change_points, 0)
        -- How far ratings usually move is known from three other times at the earliest, and a stated interval of a
        -- rating is rarely narrower than 5 points either way.
        and (not measured.is_refitted or (usual.others >= 3 and measured.median_abs_change_points >= 5)) as is_mass,
        measured.correlation > 0.98
        and (abs(measured.slope - 1) > 0.1 or abs(measured.median_change_points) >= 0.1 * measured.range_before)
            as is_linear,
    from measured
    left join usual using (board_id, position)
)

select
    judged.board_id,
    judged.position,
    after.source,
    after.document,
    after.benchmark,
    after.metric,
    after.judge,
    after.is_self_reported,
    case
        when before.series_id <> after.series_id and judged.is_other then 'new_version'
        when judged.is_other then 'new_judge'
        when judged.is_linear then 'rescaled'
        else 'mass_restatement'
    end as kind,
    exists (
        select 1
        from seeds.benchmark_version as registered
        where registered.benchmark = after.benchmark
            and (
                (
                    before.series_id <> after.series_id and judged.is_other
                    and registered.benchmark_version = after.benchmark_version
                )
                or (registered.starts_on > before.published_at and registered.starts_on <= after.published_at)
            )
    ) as is_registered,
    before.series_id as series_id_before,
    after.series_id as series_id_after,
    if(judged.is_other, after.series_starts_at, after.published_at) as broke_at,
    before.published_at as published_before_at,
    after.published_at,
    before.capture_id as capture_id_before,
    after.capture_id,
    after.observed_at,
    after.origin,
    before.entries as entries_before,
    after.entries,
    judged.common,
    judged.changed,
    round(judged.changed / nullif(judged.common, 0), 6) as share_changed,
    judged.median_change_points,
    judged.median_abs_change_points,
    judged.usual_abs_change_points,
    case
        when judged.changed = 0 then null
        when judged.up >= 0.9 * judged.changed then 'up'
        when judged.changed - judged.up >= 0.9 * judged.changed then 'down'
        else 'both'
    end as direction,
    judged.correlation,
    judged.slope,
    judged.intercept_points,
from judged
join publication as before on before.board_id = judged.board_id_before and before.position = judged.position_before
join publication as after on after.board_id = judged.board_id and after.position = judged.position
where judged.is_other or judged.is_mass
