-- description: What each leaderboard showed, publication by publication: a day of ratings where the version is the day, else a capture that shows something else than the one before. One row per board and publication.
-- min_rows: 0
-- grain: board_id, position
-- column: board_id VARCHAR | Board: one document's list for a benchmark, metric, category and judge, within one series; lists of self-reported scores are boards of their own.
-- column: position BIGINT >= 1 | 1 is the oldest publication of the board.
-- column: list_id VARCHAR | The same list whatever its document, series and judge: source, benchmark, metric and category.
-- column: source VARCHAR | Source.
-- column: document VARCHAR | Document of the source.
-- column: benchmark VARCHAR | Benchmark.
-- column: metric VARCHAR | What the number is.
-- column: category VARCHAR null | Category; null for the whole benchmark.
-- column: judge VARCHAR null | Model that graded the answers.
-- column: is_self_reported BOOLEAN | True for a list of what vendors say of their own models.
-- column: is_refitted BOOLEAN | True where all ratings are fitted anew for each publication, whose day is the version: they move every time.
-- column: benchmark_version VARCHAR null | Version.
-- column: series_id VARCHAR | Series of the scores.
-- column: series_starts_at TIMESTAMP | Start of the series with this judge: as the registry says, else the day that is its version, else its first publication; of judges after the first always that.
-- column: is_start_stated BOOLEAN | True where the registry or the version says so.
-- column: is_current_series BOOLEAN | True when no later series or judge of the list is known; those that were first captured together and have no day are all current.
-- column: published_at TIMESTAMP | The day that is its version, else the first capture that shows it.
-- column: capture_id VARCHAR | Capture it was read from: of several of one day the one with most entries, else the first.
-- column: observed_at TIMESTAMP | Time of that capture.
-- column: last_observed_at TIMESTAMP | Last capture that shows the same.
-- column: origin VARCHAR | Origin of that capture.
-- column: entries BIGINT >= 1 | Entries listed.
-- column: decimals BIGINT >= 0 | Decimals its scores are given with, in points; at most 3.
-- column: is_newest BOOLEAN | True for the newest publication of the board.
with written as (
    select
        *,
        scale = 'elo' and try_cast(benchmark_version as date) is not null as is_refitted,
        md5(row(source, benchmark, metric, category, is_self_reported)::varchar) as list_id,
        md5(
            row(source, document, benchmark, metric, category, judge, is_self_reported, if(is_refitted, '', series_id))
            ::varchar
        ) as board_id,
        if(is_refitted, benchmark_version, capture_id) as publication,
        coalesce(score_pct, score) as score_points,
    from core.score
    -- Of several evaluations of one entry the newest stands.
    qualify row_number() over (
        partition by board_id, capture_id, publication, model_name, effort, mode, harness, evaluator
        order by evaluated_on desc nulls last, benchmark_version desc nulls last, score_points desc
    ) = 1
),

shown as (
    select
        board_id, list_id, source, document, benchmark, metric, category, judge, is_self_reported, is_refitted,
        publication, series_id, capture_id, observed_at, origin,
        max(benchmark_version) as benchmark_version,
        count(*) as entries,
        -- Hashed as one text: hashes of columns are combined in such a way that two swapped scores would cancel out.
        bit_xor(hash(row(model_name, effort, mode, harness, evaluator, score_points)::varchar)) as content,
        max(
            case
                when abs(score_points - round(score_points)) < 1e-9 then 0
                when abs(score_points - round(score_points, 1)) < 1e-9 then 1
                when abs(score_points - round(score_points, 2)) < 1e-9 then 2
                else 3
            end
        ) as decimals,
    from written
    group by all
),

-- Of several captures of one day, or at one moment, one.
chosen as (
    select *, max(observed_at) over (partition by board_id, publication) as last_observed_at
    from shown
    qualify row_number() over (
        partition by board_id, if(is_refitted, publication, observed_at::varchar)
        order by entries desc, observed_at desc, capture_id desc
    ) = 1
),

compared as (
    select
        *,
        is_refitted
        or (content, entries) is distinct from (lag(content) over in_time, lag(entries) over in_time) as is_other,
    from chosen
    window in_time as (partition by board_id order by observed_at, capture_id)
),

numbered as (
    select
        *,
        if(is_refitted, publication::timestamp, observed_at) as published_at,
        sum(is_other::integer) over (partition by board_id order by published_at, capture_id) as position,
    from compared
),

publication as (
    select
        * exclude (last_observed_at),
        max(last_observed_at) over (partition by board_id, position) as last_observed_at,
    from numbered
    qualify is_other
),

stretch as (
    select
        publication.list_id,
        publication.series_id,
        publication.judge,
        coalesce(
            min(registered.starts_on),
            min(try_cast(publication.benchmark_version as date))
        )::timestamp as stated_start,
        min(publication.published_at) as first_published_at,
    from publication
    left join seeds.benchmark_version as registered
        on registered.benchmark = publication.benchmark
        and registered.benchmark_version = publication.benchmark_version
    group by publication.list_id, publication.series_id, publication.judge
),

series as (
    select
        *,
        -- A judge that comes later begins when it is first seen: the registry knows versions, not judges.
        stated_start is not null and first_published_at = min(first_published_at) over (partition by list_id, series_id)
            as is_start_stated,
        if(is_start_stated, stated_start, first_published_at) as series_starts_at,
    from stretch
)

select
    publication.board_id,
    publication.position,
    publication.list_id,
    publication.source,
    publication.document,
    publication.benchmark,
    publication.metric,
    publication.category,
    publication.judge,
    publication.is_self_reported,
    publication.is_refitted,
    publication.benchmark_version,
    publication.series_id,
    series.series_starts_at,
    series.is_start_stated,
    series.series_starts_at = max(series.series_starts_at) over (partition by publication.list_id)
        as is_current_series,
    publication.published_at,
    publication.capture_id,
    publication.observed_at,
    publication.last_observed_at,
    publication.origin,
    publication.entries,
    publication.decimals,
    publication.position = max(publication.position) over (partition by publication.board_id) as is_newest,
from publication
join series
    on series.list_id = publication.list_id
    and series.series_id = publication.series_id
    and series.judge is not distinct from publication.judge
