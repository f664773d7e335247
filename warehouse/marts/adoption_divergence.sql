-- description: Do the best open models get used? Rank correlation of quality and adoption on the Hub, and who is ahead in which, week by week. One row per week, measure of adoption, measure of quality and size class.
-- description: A model is in a week when its adoption was seen then and it was released by its end; scores are those of today's record. Ranks are taken anew within every row, ties share their mean rank. Below 5 models there is no correlation. It goes back a year from the newest capture.
-- min_rows: 0
-- grain: week_from, adoption_measure, quality_measure, quality_metric, scale, size_class
-- column: week_from DATE | Monday of the week.
-- column: adoption_measure VARCHAR in (ram_v1, ram_v2, downloads_30d, derivatives_hub_count, derivatives_direct, derivatives_transitive) | ram_v1, ram_v2 = the two versions of relative adoption (marts.adoption_ram) at the greatest age the model had reached with a known value, the highest of its checkpoints; downloads_30d = newest 30-day downloads of the week over its repositories; derivatives_hub_count = direct derivatives as the Hub counts them, the newest count of 28 days, over its repositories; derivatives_direct, derivatives_transitive = the same by declared edges, only in the week of the newest crawl of the whole Hub, the transitive ones of the repository that has most.
-- column: quality_measure VARCHAR | Series of the scores; quality_index = the composite of marts.quality_index.
-- column: benchmark VARCHAR null | Benchmark of the series; null for the composite.
-- column: quality_name VARCHAR | Name of the benchmark, or of the composite.
-- column: quality_metric VARCHAR | Metric of the scores.
-- column: scale VARCHAR in (percent, elo, index) | Scale of the scores.
-- column: size_class VARCHAR in (<1B, 1-5B, 7-9B, 10-50B, 50-100B, 100-250B, 250B+, all) | Size class by total parameters; all = every model together, also those of unknown size.
-- column: models BIGINT > 0 | Models with both.
-- column: rank_correlation DOUBLE null | Spearman's rank correlation: 1 = the better the more used, 0 = no relation; null below 5 models, and where all have one rank.
-- column: ci_low DOUBLE null | Lower end of its 90 % interval: Fisher's z with the variance (1 + r²/2) / (n - 3) of Bonett and Wright (2000); null where the correlation is null or perfect.
-- column: ci_high DOUBLE null | Upper end of the same.
-- column: sized_models BIGINT >= 0 | Models of them whose total parameters are known.
-- column: size_weighted_gap_pct DOUBLE null | Mean of quality percentile less adoption percentile over those models, weighted by total parameters; above 0 the large models rank higher in quality than in adoption. Without weights it would be 0 by construction. Null below 5 such models.
-- column: score_sources VARCHAR[] | Sources of the scores of that measure.
-- column: is_latest BOOLEAN | True for the newest week of the two measures.
with repository as (
    select repo_id, repository_key, model_id from core.repository where model_id is not null
),

counted as (
    select
        repository.model_id,
        history.repo_id,
        date_trunc('week', history.observed_on)::date as week_from,
        arg_max(history.downloads_30d, history.observed_on) as downloads_30d,
    from core.download_history as history
    join repository on repository.repo_id = history.repo_id
    where history.downloads_30d is not null and not history.is_stale
    group by all
),

downloads as (
    select week_from, 'downloads_30d' as adoption_measure, model_id, sum(downloads_30d)::double as adoption
    from counted
    group by all
),

-- A week speaks of every age that was reached in it or before.
age as (
    select repository.model_id, ram.checkpoint_id, ram.released_on + ram.day::integer as reached_on, ram.ram_v1, ram.ram_v2
    from marts.adoption_ram as ram
    join repository on repository.repo_id = ram.repo_id
    where ram.ram_v2 is not null
),

newest_age as (
    select week.week_from, age.*
    from (select distinct week_from from downloads) as week
    join age on age.reached_on < week.week_from + 7
    qualify row_number() over (partition by week.week_from, age.checkpoint_id order by age.reached_on desc) = 1
),

relative as (
    select
        week_from,
        unnest(['ram_v1', 'ram_v2']) as adoption_measure,
        model_id,
        unnest([max(ram_v1), max(ram_v2)]) as adoption,
    from newest_age
    group by week_from, model_id
),

-- The Hub's own counts, under the name a repository has now.
asked as (
    select
        repository.model_id,
        repository.repo_id,
        history.observed_on,
        date_trunc('week', history.observed_on)::date as week_from,
        sum(history.children_count) as children_count,
    from core.derivative_history as history
    join (
        select repo_id, arg_max(repository_key, valid_from) as repository_key
        from core.repository_name
        group by repo_id
    ) as name on name.repo_id = history.repo_id
    join repository on repository.repository_key = name.repository_key
    group by all
),

newest_count as (
    select week.week_from, asked.model_id, asked.repo_id, asked.children_count
    from (select distinct week_from from asked) as week
    join asked on asked.observed_on between week.week_from - 21 and week.week_from + 6
    qualify row_number() over (partition by week.week_from, asked.repo_id order by asked.observed_on desc) = 1
),

derivatives as (
    select
        week_from,
        'derivatives_hub_count' as adoption_measure,
        model_id,
        sum(children_count)::double as adoption,
    from newest_count
    group by all
    union all
    select
        date_trunc('week', counted.whole_hub_at)::date as week_from,
        'derivatives_' || counted.depth as adoption_measure,
        repository.model_id,
        if(
            counted.depth = 'direct', sum(counted.derivatives_count), max(counted.derivatives_count)
        )::double as adoption,
    from marts.derivative_count as counted
    join repository on repository.repo_id = counted.repo_id
    where counted.rule = 'declared_edge' and counted.relation = 'all' and counted.whole_hub_at is not null
    group by counted.whole_hub_at, counted.depth, repository.model_id
),

adopted as (
    select * from downloads
    union all by name
    select * from relative where adoption is not null
    union all by name
    select * from derivatives
),

scored as (
    select
        series_id as quality_measure, benchmark, benchmark_name as quality_name, metric as quality_metric, scale,
        model_id, quality, [source] as sources,
    from core.model_score
    union all
    select
        'quality_index' as quality_measure, null as benchmark, 'Quality index' as quality_name,
        'index' as quality_metric, 'index' as scale, model_id, quality_index as quality, sources,
    from marts.quality_index
),

heard as (
    select
        quality_measure,
        quality_metric,
        scale,
        list_sort(list_distinct(flatten(list(sources)))) as score_sources,
    from scored
    group by all
),

member as (
    select
        adopted.week_from,
        adopted.adoption_measure,
        scored.* exclude (model_id, sources),
        unnest(if(bucket.size_bucket is null, ['all'], ['all', bucket.size_bucket])) as size_class,
        adopted.adoption,
        model.parameters_total_b,
    from adopted
    join core.model as model using (model_id)
    join scored using (model_id)
    left join seeds.size_bucket as bucket
        on model.parameters_total_b >= bucket.from_b
        and (bucket.below_b is null or model.parameters_total_b < bucket.below_b)
    where model.is_open_weights
        and adopted.week_from > as_at()::date - 371
        and (model.released_on is null or model.released_on < adopted.week_from + 7)
),

ranked as (
    -- The rows of one range are those of one value: two sorts serve both ranks with their ties.
    select
        *,
        count(*) over (one_row order by quality rows between unbounded preceding and unbounded following) as models,
        rank() over (one_row order by quality)
        + (count(*) over (one_row order by quality range between current row and current row) - 1) / 2
            as quality_rank,
        rank() over (one_row order by adoption)
        + (count(*) over (one_row order by adoption range between current row and current row) - 1) / 2
            as adoption_rank,
    from member
    window one_row as (
        partition by week_from, adoption_measure, quality_measure, quality_metric, scale, size_class
    )
),

measured as (
    select
        week_from,
        adoption_measure,
        quality_measure,
        any_value(benchmark) as benchmark,
        any_value(quality_name) as quality_name,
        quality_metric,
        scale,
        size_class,
        count(*) as models,
        -- Ranks without spread give no number: that is null, not a correlation.
        if(
            count(*) >= 5 and min(quality_rank) < max(quality_rank) and min(adoption_rank) < max(adoption_rank),
            round(corr(quality_rank, adoption_rank), 9),
            null
        ) as rank_correlation,
        count(parameters_total_b) as sized_models,
        if(
            sized_models >= 5,
            round(
                sum(parameters_total_b * 100 * (quality_rank - adoption_rank) / models) / sum(parameters_total_b), 6
            ),
            null
        ) as size_weighted_gap_pct,
    from ranked
    group by week_from, adoption_measure, quality_measure, quality_metric, scale, size_class
)

select
    week_from,
    adoption_measure,
    quality_measure,
    benchmark,
    quality_name,
    quality_metric,
    scale,
    size_class,
    models,
    rank_correlation,
    -- 1.6449 is the 0.95 quantile of the normal distribution.
    if(abs(rank_correlation) < 1, round(tanh(
        atanh(rank_correlation) - 1.6448536269514722 * sqrt((1 + rank_correlation ** 2 / 2) / (models - 3))
    ), 9), null) as ci_low,
    if(abs(rank_correlation) < 1, round(tanh(
        atanh(rank_correlation) + 1.6448536269514722 * sqrt((1 + rank_correlation ** 2 / 2) / (models - 3))
    ), 9), null) as ci_high,
    sized_models,
    size_weighted_gap_pct,
    heard.score_sources,
    week_from = max(week_from) over (partition by adoption_measure, quality_measure, quality_metric, scale) as is_latest,
from measured
join heard using (quality_measure, quality_metric, scale)
