-- description: Relative adoption of tracked models: downloads since release against the most downloaded models of the same size at the same age, in both published versions. One row per checkpoint of the primary population and age; v1 and v2 are different numbers and never to be mixed.
-- min_rows: 0
-- grain: checkpoint_id, day
-- column: checkpoint_id VARCHAR | Checkpoint, under its present namespace.
-- column: repo_id VARCHAR | Repository as the Hub names it now.
-- column: family_id VARCHAR null | Family it is a release of.
-- column: region VARCHAR null | Region of its organisation.
-- column: size_bucket VARCHAR null | Size class by total parameters.
-- column: parameters_total_b DOUBLE null | Total parameters in billions.
-- column: released_on DATE | Public release.
-- column: release_source VARCHAR | Where that date comes from; created means it was never corrected.
-- column: day BIGINT in (7, 14, 30, 60, 90, 180, 365) | Days since the release; only ages reached by the newest capture.
-- column: observed_on DATE null | Day of the counter: that day or the one before it, and not a stale one; null where the record does not reach back.
-- column: downloads_cumulative BIGINT null | All-time downloads then, with downward revisions added back; null where the record does not reach back.
-- column: models_compared BIGINT >= 0 | Checkpoints of the size class with a known value at that age, itself among them.
-- column: top_10_median DOUBLE null | Median of the ten largest values of the size class at that age; null with fewer than 10.
-- column: tenth_largest BIGINT null | Tenth largest value of the size class at that age, made monotonic: never below that of an earlier age; null with fewer than 10.
-- column: ram_v1 DOUBLE null | RAM of January 2026: downloads divided by top_10_median; null with fewer than 10 models.
-- column: ram_v2 DOUBLE null | RAM of the second quarter of 2026: downloads divided by tenth_largest; above 1 is on the way to the ten most downloaded of its size; null with fewer than 10 models.
-- column: capture_id VARCHAR null | Capture of the counter.
with age as (
    select unnest([7, 14, 30, 60, 90, 180, 365]) as day
),

checkpoint as (
    -- Where a checkpoint was known under two namespaces and both are still seen, the present name counts.
    select *
    from core.watched_repository
    where population = 'primary' and released_on is not null
    qualify row_number() over (
        partition by checkpoint_id order by repo_id = checkpoint_id desc, first_seen_at, repo_id
    ) = 1
),

reached as (
    select
        checkpoint.checkpoint_id,
        checkpoint.repo_id,
        checkpoint.family_id,
        checkpoint.region,
        checkpoint.size_bucket,
        checkpoint.parameters_total_b,
        checkpoint.released_on,
        checkpoint.release_source,
        age.day,
        checkpoint.released_on + age.day as aged_on,
    from checkpoint
    cross join age
    where checkpoint.released_on + age.day <= (select max(observed_on) from core.download_history)
),

counted as (
    select
        reached.*,
        history.observed_on,
        history.downloads_cumulative_repaired as downloads_cumulative,
        history.capture_id,
    from reached
    left join core.download_history as history
        on history.repo_id = reached.repo_id
        and history.observed_on between reached.aged_on - 1 and reached.aged_on
        and not history.is_stale
        and history.downloads_cumulative_repaired is not null
    qualify row_number() over (partition by reached.repo_id, reached.day order by history.observed_on desc) = 1
),

largest as (
    select
        size_bucket,
        day,
        count(downloads_cumulative) as models_compared,
        max(downloads_cumulative, 10) as ten,
    from counted
    where size_bucket is not null
    group by size_bucket, day
),

reference as (
    select
        size_bucket,
        day,
        models_compared,
        if(models_compared >= 10, list_median(ten), null) as top_10_median,
        if(models_compared >= 10, max(if(models_compared >= 10, ten[10], null)) over (
            partition by size_bucket order by day
        ), null) as tenth_largest,
    from largest
)

select
    counted.checkpoint_id,
    counted.repo_id,
    counted.family_id,
    counted.region,
    counted.size_bucket,
    counted.parameters_total_b,
    counted.released_on,
    counted.release_source,
    counted.day,
    counted.observed_on,
    counted.downloads_cumulative,
    coalesce(reference.models_compared, 0) as models_compared,
    reference.top_10_median,
    reference.tenth_largest,
    round(counted.downloads_cumulative / nullif(reference.top_10_median, 0), 4) as ram_v1,
    round(counted.downloads_cumulative / nullif(reference.tenth_largest, 0), 4) as ram_v2,
    counted.capture_id,
from counted
left join reference using (size_bucket, day)
