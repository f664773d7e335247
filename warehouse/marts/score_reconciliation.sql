-- description: What every source says of a model's score now, side by side: whole benchmarks, one series and one mode at a time. One row per model, series, mode and metric; what nobody says the mode of is a mode of its own.
-- description: Of one evaluator's runs (efforts, harnesses, copies of them in other sources) the best counts, where the registry says which end is the better, else their median. In points: percent for shares, else the source's own scale.
-- min_rows: 0
-- grain: model_id, series_id, mode, metric
-- column: model_id VARCHAR references seeds.model.model_id | Model.
-- column: model_name VARCHAR | Its name.
-- column: organisation_id VARCHAR | Who released it.
-- column: is_watched BOOLEAN | True for models of seeds.watched_model.
-- column: benchmark VARCHAR | Benchmark.
-- column: benchmark_name VARCHAR null | Its name; null where the registry has none.
-- column: subject VARCHAR null | What it tests.
-- column: benchmark_version VARCHAR null | Version, the newest where several are one series.
-- column: series_id VARCHAR | Series: only scores of one are comparable.
-- column: mode VARCHAR null in (thinking, non_thinking) | Whether the model thought before it answered; null where not stated.
-- column: metric VARCHAR | What the number is.
-- column: scale VARCHAR in (percent, elo, index) | Scale of the points.
-- column: statements BIGINT >= 1 | Statements, each with its effort, harness and source.
-- column: sources BIGINT >= 1 | Sources among them.
-- column: evaluators BIGINT >= 1 | Evaluators among them.
-- column: independent_evaluators BIGINT >= 0 | Evaluators that are no vendor.
-- column: other_vendor_evaluators BIGINT >= 0 | Vendors of other models among them: who states scores of models of its own anywhere in the record is one, and what it measures of a rival's model is neither self-reported nor independent.
-- column: min_points DOUBLE | Least of the evaluators' values.
-- column: max_points DOUBLE | Greatest of them.
-- column: spread_points DOUBLE >= 0 | The one less the other.
-- column: independent_min_points DOUBLE null | Least of the independent evaluators' values.
-- column: independent_max_points DOUBLE null | Greatest of them.
-- column: independent_spread_points DOUBLE null >= 0 | The one less the other.
-- column: independent_median_points DOUBLE null | Median of the independent evaluators' values.
-- column: self_reported_points DOUBLE null | What the vendor says, the best where it says several.
-- column: self_reported_minus_independent_points DOUBLE null | The one less the other; null unless both are known.
-- column: is_self_reported_only BOOLEAN | True when no one but the model's own vendor states a score.
-- column: statement_list JSON | The statements as a list of objects: source, evaluator, is_self_reported, is_other_vendor, effort, harness, judge, score, scale, points, evaluated_on, capture_id, origin, url.
-- column: last_observed_at TIMESTAMP | Newest capture among them.
-- column: source_list VARCHAR[] | The sources.
-- column: origins VARCHAR[] | Origins of their captures.
with vendor as (
    select distinct evaluator from core.score where is_self_reported
),

statement as (
    select
        score.*,
        if(score.scale = 'fraction', 'percent', score.scale) as points_scale,
        coalesce(score.score_pct, score.score) as points,
        not score.is_self_reported and vendor.evaluator is not null as is_other_vendor,
        benchmark.name as benchmark_name,
        benchmark.subject,
        benchmark.higher_is_better,
    from core.score as score
    left join seeds.benchmark as benchmark using (benchmark)
    left join vendor using (evaluator)
    where score.is_current and score.category is null and score.model_id is not null
    -- Of ratings that are fitted anew each day, the newest day of a source.
    qualify score.scale <> 'elo'
        or score.benchmark_version is not distinct from max(score.benchmark_version) over (
            partition by score.source, score.benchmark, score.metric
        )
),

by_evaluator as (
    select
        model_id, series_id, mode, metric, points_scale, evaluator, is_self_reported, is_other_vendor,
        higher_is_better,
        round(
            case
                when higher_is_better then max(points)
                when not higher_is_better then min(points)
                else median(points)
            end,
            9
        ) as points,
    from statement
    group by
        model_id, series_id, mode, metric, points_scale, evaluator, is_self_reported, is_other_vendor, higher_is_better
),

reconciled as (
    select
        model_id, series_id, mode, metric, points_scale,
        count(distinct evaluator) as evaluators,
        count(distinct evaluator) filter (not is_self_reported and not is_other_vendor) as independent_evaluators,
        count(distinct evaluator) filter (is_other_vendor) as other_vendor_evaluators,
        bool_and(is_self_reported) as is_self_reported_only,
        min(points) as min_points,
        max(points) as max_points,
        min(points) filter (not is_self_reported and not is_other_vendor) as independent_min_points,
        max(points) filter (not is_self_reported and not is_other_vendor) as independent_max_points,
        round(median(points) filter (not is_self_reported and not is_other_vendor), 9) as independent_median_points,
        case
            when any_value(higher_is_better) then max(points) filter (is_self_reported)
            when not any_value(higher_is_better) then min(points) filter (is_self_reported)
            else median(points) filter (is_self_reported)
        end as self_reported_points,
    from by_evaluator
    group by all
),

listed as (
    select
        model_id, series_id, mode, metric, points_scale,
        max(benchmark) as benchmark,
        max(benchmark_name) as benchmark_name,
        max(subject) as subject,
        max(benchmark_version) as benchmark_version,
        count(*) as statements,
        count(distinct source) as sources,
        to_json(
            list(
                {
                    'source': source, 'evaluator': evaluator, 'is_self_reported': is_self_reported,
                    'is_other_vendor': is_other_vendor, 'effort': effort,
                    'harness': harness, 'judge': judge, 'score': score, 'scale': scale, 'points': points,
                    'evaluated_on': evaluated_on, 'capture_id': capture_id, 'origin': origin, 'url': url
                }
                order by is_self_reported, is_other_vendor, evaluator, source, points desc, effort, harness, judge, document, capture_id,
                    model_name, evaluated_on, benchmark_version, url
            )
        ) as statement_list,
        max(observed_at) as last_observed_at,
        list(distinct source order by source) as source_list,
        list(distinct origin order by origin) as origins,
    from statement
    group by all
)

select
    listed.model_id,
    model.name as model_name,
    model.organisation_id,
    watched.model_id is not null as is_watched,
    listed.benchmark,
    listed.benchmark_name,
    listed.subject,
    listed.benchmark_version,
    listed.series_id,
    listed.mode,
    listed.metric,
    listed.points_scale as scale,
    listed.statements,
    listed.sources,
    reconciled.evaluators,
    reconciled.independent_evaluators,
    reconciled.other_vendor_evaluators,
    reconciled.min_points,
    reconciled.max_points,
    round(reconciled.max_points - reconciled.min_points, 9) as spread_points,
    reconciled.independent_min_points,
    reconciled.independent_max_points,
    round(reconciled.independent_max_points - reconciled.independent_min_points, 9) as independent_spread_points,
    reconciled.independent_median_points,
    reconciled.self_reported_points,
    round(reconciled.self_reported_points - reconciled.independent_median_points, 9)
        as self_reported_minus_independent_points,
    reconciled.is_self_reported_only,
    listed.statement_list,
    listed.last_observed_at,
    listed.source_list,
    listed.origins,
from listed
join reconciled
    on reconciled.model_id = listed.model_id
    and reconciled.series_id = listed.series_id
    and reconciled.mode is not distinct from listed.mode
    and reconciled.metric = listed.metric
    and reconciled.points_scale = listed.points_scale
join core.model as model on model.model_id = listed.model_id
left join seeds.watched_model as watched on watched.model_id = listed.model_id
