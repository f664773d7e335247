-- description: What each source last gave: one row per source and document.
-- grain: source, document
-- column: source VARCHAR | Source.
-- column: title VARCHAR | Title of the source.
-- column: kind VARCHAR | Whose word it is.
-- column: homepage VARCHAR | Home page.
-- column: licence VARCHAR | Licence or terms as the producer states them.
-- column: document VARCHAR null | Document within the source; null when nothing was ever captured.
-- column: state VARCHAR in (good, bad, never) | good = the newest capture was read; bad = the newest capture was not usable and an older one, or nothing, stands in; never = no capture at all.
-- column: problem VARCHAR null | Why the newest capture was not usable.
-- column: origin VARCHAR null | Origin of the newest good capture.
-- column: origin_note VARCHAR null | Where a capture that is not live comes from.
-- column: captured_at TIMESTAMP null | Time of the newest good capture.
-- column: url VARCHAR null | Address of the document.
-- column: sha256 VARCHAR null | Hash of the newest good body.
-- column: rows BIGINT | Rows read from it.
-- column: rejected BIGINT | Rows rejected from it.
-- column: captures BIGINT | Captures held, good and bad.
-- column: stale_after_hours DOUBLE | The source counts as stale after this many hours.
with document as (
    select
        source,
        document,
        count(*) as captures,
        max(observed_at) as newest_at,
        arg_max(state, (observed_at, capture_id)) as newest_state,
        arg_max_null(problem, (observed_at, capture_id)) as newest_problem,
    from staging.document
    group by source, document
),

good as (
    select *
    from staging.document
    where state = 'good'
    qualify row_number() over (partition by source, document order by observed_at desc, capture_id desc) = 1
)

select
    declared.source,
    declared.title,
    declared.kind,
    declared.homepage,
    declared.licence,
    document.document,
    coalesce(document.newest_state, 'never') as state,
    document.newest_problem as problem,
    good.origin,
    good.origin_note,
    good.observed_at as captured_at,
    good.url,
    good.sha256,
    coalesce(good.rows, 0) as rows,
    coalesce(good.rejected, 0) as rejected,
    coalesce(document.captures, 0) as captures,
    declared.stale_after_hours,
from staging.source as declared
left join document on document.source = declared.source
left join good on good.source = document.source and good.document = document.document
union all by name
-- Not captured but reviewed by hand: a seed that stands beside the sources.
select
    'reported_score' as source,
    'Scores as vendors state them, reviewed by hand' as title,
    'official' as kind,
    arg_max(url, (published_on, url)) as homepage,
    'each row names the page that states it' as licence,
    'seed' as document,
    'good' as state,
    'starter' as origin,
    'a reviewed table of this project (seeds.reported_score)' as origin_note,
    max(published_on)::timestamp as captured_at,
    count(*) as rows,
    0 as rejected,
    1 as captures,
    -- What a page stated on a day does not age.
    876000 as stale_after_hours,
from seeds.reported_score
where 'simulated' not in (select origin from staging.document)
having count(*) > 0
