-- description: One figure for how good a model is over all its benchmarks, with its interval. One row per model with scores on at least 3 benchmarks that a chain of shared models joins to the rest.
-- description: The index is the ability of the model (core.quality_fit) in tenths of a logit; 100 is the mean of the rated models released in 2024, or of all where none was. Ten points more multiply the odds of a right answer by 2.7. It speaks of the best run of each model; composites of others, which contain the same benchmarks, are beside it and not in it.
-- description: The interval holds 90 % of 200 replicates over benchmarks, which are moved away from the index by Student's t over the normal quantile and by sqrt((n + 1) / (n - 1)) of its n benchmarks, since few benchmarks look more alike than they are. It says how far other benchmarks of the same kinds might have moved the model, not whether the benchmarks measure what matters.
-- min_rows: 0
-- grain: model_id
-- column: model_id VARCHAR references seeds.model.model_id | Model.
-- column: model_name VARCHAR | Its name.
-- column: organisation_id VARCHAR | Organisation that released it.
-- column: organisation_name VARCHAR | Name of the organisation.
-- column: region VARCHAR | Region of the organisation.
-- column: is_open_weights BOOLEAN | True when the weights can be downloaded.
-- column: released_on DATE null | Public release.
-- column: quality_index DOUBLE | The index.
-- column: ci_low DOUBLE | Lower end of its 90 % interval.
-- column: ci_high DOUBLE | Upper end of the same.
-- column: place BIGINT >= 1 | Place by the index; equal values share one.
-- column: place_low BIGINT >= 1 | Best place within the 90 % interval over replicates.
-- column: place_high BIGINT >= 1 | Worst place within the same.
-- column: benchmarks BIGINT >= 3 | Benchmarks the index rests on.
-- column: subjects BIGINT >= 1 | Subjects these benchmarks are of.
-- column: items BIGINT >= 3 | Releases and evaluators of these benchmarks.
-- column: self_reported_benchmarks BIGINT >= 0 | Benchmarks of them on which only the vendor reports a score.
-- column: benchmark_names VARCHAR[] | Slugs of the benchmarks.
-- column: sources VARCHAR[] | Sources of the scores; one with captures of two origins stands twice.
-- column: origins VARCHAR[] | Origins of their captures, in the same order.
-- column: capture_ids VARCHAR[] | Captures of the scores.
-- column: epoch_capabilities_index DOUBLE null | Epoch's own composite for the model, to compare.
-- column: aa_intelligence_index DOUBLE null | Artificial Analysis' composite for the model, of its newest version, to compare.
-- assert: ci_low <= ci_high
-- assert: place_low <= place_high
with anchor as (
    select
        fit.replicate,
        coalesce(
            sum(fit.ability::decimal(18, 9)) filter (year(model.released_on) = 2024)
            / nullif(count(*) filter (year(model.released_on) = 2024), 0),
            sum(fit.ability::decimal(18, 9)) / count(*)
        ) as ability,
    from core.quality_fit as fit
    join core.model as model using (model_id)
    where fit.left_out = 'nothing'
    group by fit.replicate
),

origin as (
    select
        model_id,
        list(source order by source, origin) as sources,
        list(origin order by source, origin) as origins,
    from (
        select distinct model_id, source, origin
        from core.quality_score
        where left_out = 'nothing' and weight is not null
    )
    group by model_id
),

evidence as (
    select
        model_id,
        count(distinct benchmark) as benchmarks,
        count(distinct subject) as subjects,
        count(*) as items,
        count(distinct benchmark) filter (is_self_reported) as self_reported_benchmarks,
        list(distinct benchmark order by benchmark) as benchmark_names,
        list(distinct capture_id order by capture_id) as capture_ids,
    from core.quality_score
    where left_out = 'nothing' and weight is not null
    group by model_id
),

fitted as (
    select
        fit.model_id,
        fit.replicate,
        100 + 10 * (fit.ability - anchor.ability) as points,
        max(if(fit.replicate = 0, points, null)) over (partition by fit.model_id) as quality_index,
        student.quantile_95 / 1.644853626951 * sqrt((evidence.benchmarks + 1) / (evidence.benchmarks - 1)) as widening,
    from core.quality_fit as fit
    join anchor using (replicate)
    join evidence using (model_id)
    join seeds.student_t as student on student.degrees_of_freedom = least(evidence.benchmarks - 1, 200)
    where fit.left_out = 'nothing'
),

placed as (
    select
        *,
        quality_index + widening * (points - quality_index) as widened,
        rank() over (
            partition by replicate order by round(quality_index + widening * (points - quality_index), 3) desc
        ) as place,
    from fitted
),

summed as (
    select
        model_id,
        round(any_value(quality_index), 3) as quality_index,
        -- The index itself is always within: replicates of few benchmarks may all lie to one side of it.
        round(least(quantile_cont(widened, 0.05) filter (replicate > 0), any_value(quality_index)), 3) as ci_low,
        round(greatest(quantile_cont(widened, 0.95) filter (replicate > 0), any_value(quality_index)), 3) as ci_high,
        max(place) filter (replicate = 0) as place,
        least(quantile_disc(place, 0.05) filter (replicate > 0), max(place) filter (replicate = 0)) as place_low,
        greatest(quantile_disc(place, 0.95) filter (replicate > 0), max(place) filter (replicate = 0)) as place_high,
    from placed
    group by model_id
),

composite as (
    select benchmark, model_id, arg_max(score, (benchmark_version is not null, benchmark_version, score)) as score
    from core.quality_score
    where unused_because = 'composite'
    group by benchmark, model_id
)

select
    summed.model_id,
    model.name as model_name,
    model.organisation_id,
    model.organisation_name,
    model.region,
    model.is_open_weights,
    model.released_on,
    summed.quality_index,
    summed.ci_low,
    summed.ci_high,
    summed.place,
    summed.place_low,
    summed.place_high,
    evidence.benchmarks,
    evidence.subjects,
    evidence.items,
    evidence.self_reported_benchmarks,
    evidence.benchmark_names,
    origin.sources,
    origin.origins,
    evidence.capture_ids,
    epoch.score as epoch_capabilities_index,
    analysis.score as aa_intelligence_index,
from summed
join evidence using (model_id)
join origin using (model_id)
join core.model as model using (model_id)
left join composite as epoch on epoch.model_id = summed.model_id and epoch.benchmark = 'epoch_capabilities_index'
left join composite as analysis on analysis.model_id = summed.model_id and analysis.benchmark = 'aa_intelligence_index'
