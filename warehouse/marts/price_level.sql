-- description: The levels of quality whose price is followed, in each series that has scores with a price: as seeds.price_threshold says, or what the milestone model scores in the series itself. One row per series, metric and threshold.
-- min_rows: 0
-- grain: series_id, metric, threshold
-- column: series_id VARCHAR | Series within which scores are comparable.
-- column: benchmark VARCHAR | Benchmark.
-- column: benchmark_name VARCHAR | Name of the benchmark.
-- column: benchmark_version VARCHAR null | Version or release; of a series of several the newest.
-- column: metric VARCHAR | What the number is.
-- column: threshold DOUBLE | Score to reach, in percent for shares, else on the benchmark's own scale.
-- column: milestone VARCHAR | Model whose score it is.
-- column: source VARCHAR | Where the score comes from.
with series as (
    select
        series_id,
        benchmark,
        metric,
        max(benchmark_name) as benchmark_name,
        max(benchmark_version) as benchmark_version,
    from marts.scored_price
    group by all
),

reached as (
    select
        series.*,
        coalesce(
            wanted.threshold,
            (
                select max(scored.score)
                from marts.scored_price as scored
                where scored.series_id = series.series_id
                    and scored.metric = series.metric
                    and scored.model_id = wanted.milestone_model_id
            )
        ) as threshold,
        wanted.milestone,
        wanted.source,
    from series
    join seeds.price_threshold as wanted
        on wanted.benchmark = series.benchmark
        and (wanted.benchmark_version is null or wanted.benchmark_version = series.benchmark_version)
        and (wanted.metric is null or wanted.metric = series.metric)
)

select series_id, benchmark, benchmark_name, benchmark_version, metric, threshold, milestone, source,
from reached
where threshold is not null
qualify row_number() over (partition by series_id, metric, threshold order by milestone) = 1
