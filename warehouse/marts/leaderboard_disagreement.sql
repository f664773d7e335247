-- description: Where leaderboards of one subject rank models differently: every pair of current lists with at least eight models in common, and each model's percentile among these in both. One row per pair and model.
-- description: A list is what one evaluator measured for one series, in the newest publication of a source; of the runs of a model the best counts. Runs whose modes are stated and differ are not compared; copies of one evaluator's list, lists of self-reported scores and those of vendors are no pair.
-- min_rows: 0
-- grain: pair_id, model_id
-- column: pair_id VARCHAR | The pair.
-- column: kind VARCHAR in (between_benchmarks, between_evaluators) | Two benchmarks or series of one subject, or two evaluators of one series.
-- column: subject VARCHAR | What both test.
-- column: source_a VARCHAR | Source of the first list.
-- column: evaluator_a VARCHAR | Who ran it.
-- column: benchmark_a VARCHAR | Benchmark of the first list.
-- column: benchmark_name_a VARCHAR | Its name.
-- column: series_id_a VARCHAR | Its series.
-- column: metric_a VARCHAR | What its number is.
-- column: judge_a VARCHAR null | Its judge.
-- column: source_b VARCHAR | Source of the second list.
-- column: evaluator_b VARCHAR | Who ran it.
-- column: benchmark_b VARCHAR | Benchmark of the second list.
-- column: benchmark_name_b VARCHAR | Its name.
-- column: series_id_b VARCHAR | Its series.
-- column: metric_b VARCHAR | What its number is.
-- column: judge_b VARCHAR null | Its judge.
-- column: models BIGINT >= 8 | Models in both.
-- column: spearman DOUBLE null | Spearman's rank correlation over these; null where all are equal in one list.
-- column: spearman_low DOUBLE null | Lower end of its 90 per cent interval (Fisher's z with the variance 1.06 / (n - 3) of Fieller, Hartley and Pearson, 1957).
-- column: spearman_high DOUBLE null | Upper end of it.
-- column: model_id VARCHAR references seeds.model.model_id | Model.
-- column: model_name VARCHAR | Its name.
-- column: organisation_id VARCHAR | Who released it.
-- column: mode_a VARCHAR null in (thinking, non_thinking) | Mode in the first list, where stated.
-- column: mode_b VARCHAR null in (thinking, non_thinking) | Mode in the second list, where stated.
-- column: points_a DOUBLE | Score in the first list: percent for shares, else its own scale.
-- column: points_b DOUBLE | Score in the second list.
-- column: place_a BIGINT >= 1 | Place among the common models in the first list.
-- column: place_b BIGINT >= 1 | Place among them in the second list.
-- column: percentile_a DOUBLE >= 0 | 100 is the best of the common models, 0 the worst; equal scores share the middle.
-- column: percentile_b DOUBLE >= 0 | The same in the second list.
-- column: percentile_difference DOUBLE | The first less the second.
-- column: score_difference_points DOUBLE null | points_a less points_b; null unless both are of one series and metric.
-- column: position_in_pair BIGINT >= 1 | 1 is the model the two disagree on most.
-- column: capture_id_a VARCHAR | Capture of the first list.
-- column: capture_id_b VARCHAR | Capture of the second list.
-- column: origin_a VARCHAR | Origin of the first list.
-- column: origin_b VARCHAR | Origin of the second list.
-- column: observed_at TIMESTAMP | The older of the two captures.
-- column: published_at TIMESTAMP | The older of the two publications.
with list as (
    select
        publication.*,
        benchmark.name as benchmark_name,
        benchmark.subject,
        benchmark.higher_is_better,
    from core.leaderboard_publication as publication
    join seeds.benchmark as benchmark using (benchmark)
    where publication.is_newest
        and publication.is_current_series
        and publication.category is null
        and not publication.is_self_reported
),

run as (
    select
        list.* exclude (position),
        entry.evaluator,
        entry.model_id,
        entry.mode,
        entry.score_points,
        if(list.higher_is_better, entry.score_points, -entry.score_points) as goodness,
        md5(row(list.list_id, list.series_id, list.judge, entry.evaluator)::varchar) as side_id,
    from list
    join core.leaderboard_entry as entry using (board_id, position)
    where entry.model_id is not null
        -- Who states scores of models of its own is a vendor.
        and entry.evaluator not in (select evaluator from core.score where is_self_reported)
    -- Of several documents of a source with one evaluator's list the newest; of a model's runs in a mode the best.
    qualify dense_rank() over (
            partition by side_id order by list.published_at desc, list.entries desc, list.board_id
        ) = 1
        and row_number() over (
            partition by side_id, list.board_id, entry.model_id, entry.mode
            order by goodness desc, entry.entry
        ) = 1
),

side as (
    select distinct
        side_id, subject, source, evaluator, benchmark, benchmark_name, series_id, metric, judge, capture_id, origin,
        observed_at, published_at,
        (benchmark, series_id, evaluator, source, metric, judge) as place_in_order,
    from run
),

pair as (
    select
        a.side_id as side_id_a,
        b.side_id as side_id_b,
        md5(a.side_id || b.side_id) as pair_id,
        if(a.series_id = b.series_id, 'between_evaluators', 'between_benchmarks') as kind,
        a.subject,
        a.source as source_a,
        a.evaluator as evaluator_a,
        a.benchmark as benchmark_a,
        a.benchmark_name as benchmark_name_a,
        a.series_id as series_id_a,
        a.metric as metric_a,
        a.judge as judge_a,
        b.source as source_b,
        b.evaluator as evaluator_b,
        b.benchmark as benchmark_b,
        b.benchmark_name as benchmark_name_b,
        b.series_id as series_id_b,
        b.metric as metric_b,
        b.judge as judge_b,
        a.capture_id as capture_id_a,
        b.capture_id as capture_id_b,
        a.origin as origin_a,
        b.origin as origin_b,
        least(a.observed_at, b.observed_at) as observed_at,
        least(a.published_at, b.published_at) as published_at,
    from side as a
    join side as b
        on b.subject = a.subject
        and b.place_in_order > a.place_in_order
        and (b.benchmark <> a.benchmark or b.evaluator <> a.evaluator)
),

common as (
    select
        pair.*,
        a.model_id,
        a.mode as mode_a,
        b.mode as mode_b,
        a.score_points as points_a,
        b.score_points as points_b,
        a.goodness as goodness_a,
        b.goodness as goodness_b,
    from pair
    join run as a on a.side_id = pair.side_id_a
    join run as b
        on b.side_id = pair.side_id_b
        and b.model_id = a.model_id
        and (a.mode is null or b.mode is null or a.mode = b.mode)
    qualify row_number() over (
        partition by pair.pair_id, a.model_id
        order by (a.mode = b.mode) is true desc, a.goodness desc, b.goodness desc, a.mode nulls last, b.mode nulls last
    ) = 1
),

placed as (
    select
        *,
        count(*) over (partition by pair_id) as models,
        rank() over (partition by pair_id order by goodness_a desc) as place_a,
        rank() over (partition by pair_id order by goodness_b desc) as place_b,
        place_a + (count(*) over (partition by pair_id, goodness_a) - 1) / 2 as middle_a,
        place_b + (count(*) over (partition by pair_id, goodness_b) - 1) / 2 as middle_b,
    from common
    qualify models >= 8
),

correlated as (
    select
        pair_id,
        if(
            min(middle_a) < max(middle_a) and min(middle_b) < max(middle_b), round(corr(middle_a, middle_b), 6), null
        ) as spearman,
        -- Fisher's z of a perfect correlation is infinite.
        atanh(greatest(least(spearman, 0.999999), -0.999999)) as z,
        1.6449 * sqrt(1.06 / (count(*) - 3)) as half_width,
    from placed
    group by pair_id
)

select
    placed.pair_id,
    placed.kind,
    placed.subject,
    placed.source_a,
    placed.evaluator_a,
    placed.benchmark_a,
    placed.benchmark_name_a,
    placed.series_id_a,
    placed.metric_a,
    placed.judge_a,
    placed.source_b,
    placed.evaluator_b,
    placed.benchmark_b,
    placed.benchmark_name_b,
    placed.series_id_b,
    placed.metric_b,
    placed.judge_b,
    placed.models,
    correlated.spearman,
    round(tanh(correlated.z - correlated.half_width), 6) as spearman_low,
    round(tanh(correlated.z + correlated.half_width), 6) as spearman_high,
    placed.model_id,
    model.name as model_name,
    model.organisation_id,
    placed.mode_a,
    placed.mode_b,
    placed.points_a,
    placed.points_b,
    placed.place_a,
    placed.place_b,
    round(100 * (placed.models - placed.middle_a) / (placed.models - 1), 6) as percentile_a,
    round(100 * (placed.models - placed.middle_b) / (placed.models - 1), 6) as percentile_b,
    round(100 * (placed.middle_b - placed.middle_a) / (placed.models - 1), 6) as percentile_difference,
    if(placed.series_id_a = placed.series_id_b and placed.metric_a = placed.metric_b,
        round(placed.points_a - placed.points_b, 9), null) as score_difference_points,
    row_number() over (
        partition by placed.pair_id
        order by abs(placed.middle_a - placed.middle_b) desc, placed.model_id
    ) as position_in_pair,
    placed.capture_id_a,
    placed.capture_id_b,
    placed.origin_a,
    placed.origin_b,
    placed.observed_at,
    placed.published_at,
from placed
join correlated using (pair_id)
join core.model as model using (model_id)
