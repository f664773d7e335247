-- description: How concentrated 30-day downloads are over the whole Hub. One row per whole crawl and level: the newest whole crawl and the last one of each of the eight weeks before.
-- min_rows: 0
-- grain: level, observed_at
-- column: level VARCHAR in (repository, namespace, region) | What holds a share: a repository, the namespace that owns it today, or the region of the organisation behind the namespace.
-- column: observed_at TIMESTAMP | The whole crawl.
-- column: observed_on DATE | Its day.
-- column: is_newest BOOLEAN | True for the newest whole crawl.
-- column: holders BIGINT > 0 | Holders with a listed repository whose counter is known, those with no downloads included.
-- column: zero_holders BIGINT >= 0 | Those with no downloads.
-- column: zero_share DOUBLE | Their share of all holders.
-- column: downloads_30d BIGINT >= 0 | Sum of their 30-day downloads.
-- column: covered_share DOUBLE null | Share of all downloads these holders have: below 1 for regions, where unknown is no holder.
-- column: hhi DOUBLE null | Herfindahl-Hirschman index, the sum of squared shares from 0 to 1; null without downloads.
-- column: gini DOUBLE null | Gini coefficient over all holders, zeros included: 0 where all have the same, (n-1)/n where one of n has all; null with zero downloads.
-- column: top_1pct_share DOUBLE null | Share of the top 1 % of holders, their number rounded up.
-- column: top_10_share DOUBLE null | Share of the ten largest.
-- column: top_100_share DOUBLE null | Share of the hundred largest.
-- column: origin VARCHAR | Origin of the crawl.
-- column: capture_id VARCHAR | The crawl.
with crawl as (
    select
        crawl.observed_at,
        crawl.observed_on,
        crawl.origin,
        crawl.capture_id,
        row_number() over (order by crawl.observed_at desc) = 1 as is_newest,
    from core.hub_crawl as crawl
    where crawl.coverage = 'whole_hub'
    qualify row_number() over (partition by date_trunc('week', observed_on) order by observed_at desc) = 1
        and date_trunc('week', observed_on) >= date_trunc('week', max(observed_on) over ()) - interval 56 days
),

-- From the present state back in time: what a crawl knew is the present less everything that changed after it.
-- Only the last weeks of the counters have to be read for that.
moment as (
    select capture.observed_at, crawl.observed_at as crawled_at
    from staging.hub_crawl as capture
    asof join crawl on crawl.observed_at < capture.observed_at
),

-- The changes of one repository between two crawls come down to its first and last value.
step as materialized (
    select
        moment.crawled_at,
        counter.repository_key,
        arg_min_null(counter.downloads_30d_before, counter.observed_at) as value_before,
        arg_max_null(counter.downloads_30d, counter.observed_at) as value,
    from staging.hub_counter as counter
    join moment using (observed_at)
    group by moment.crawled_at, counter.repository_key
),

change as materialized (
    select crawled_at, repository_key, value, -1 as holders from step where value is not null
    union all
    select crawled_at, repository_key, value_before, 1 from step where value_before is not null
    union all
    select moment.crawled_at, change.repository_key, change.downloads_30d, if(change.is_listed, -1, 1)
    from core.presence_change as change
    join moment using (observed_at)
    where change.downloads_30d is not null
    union all
    select null, repository_key, downloads_30d, 1
    from core.repository
    where is_listed and downloads_30d is not null
),

-- Repositories need no names here, only how often each value occurs.
repository as (
    select crawl.observed_at, summed.value, sum(summed.holders) as holders
    from (select crawled_at, value, sum(holders) as holders from change group by all) as summed
    join crawl on summed.crawled_at >= crawl.observed_at or summed.crawled_at is null
    group by crawl.observed_at, summed.value
    having sum(summed.holders) > 0
),

owner as (
    select repository_key, dense_rank() over (order by split_part(repo_id, '/', 1)) as namespace_id, organisation_id
    from core.repository
),

owned as (
    select
        change.crawled_at,
        owner.namespace_id,
        sum(change.holders * change.value) as value,
        sum(change.holders) as holders,
    from change
    join owner using (repository_key)
    group by change.crawled_at, owner.namespace_id
),

namespace as (
    select crawl.observed_at, owned.namespace_id, sum(owned.value) as value
    from owned
    join crawl on owned.crawled_at >= crawl.observed_at or owned.crawled_at is null
    group by crawl.observed_at, owned.namespace_id
    having sum(owned.holders) > 0
),

region as (
    select namespace.observed_at, organisation.region, sum(namespace.value) as value
    from namespace
    join (select distinct namespace_id, organisation_id from owner) using (namespace_id)
    join seeds.organisation as organisation using (organisation_id)
    group by namespace.observed_at, organisation.region
),

held as (
    select 'repository' as level, observed_at, value, holders from repository
    union all
    select 'namespace', observed_at, value, count(*) from namespace group by observed_at, value
    union all
    select 'region', observed_at, value, count(*) from region group by observed_at, value
),

ranked as (
    select
        level,
        observed_at,
        value::hugeint as value,
        holders::hugeint as holders,
        sum(holders) over (in_order rows unbounded preceding)::hugeint - holders as smaller,
        sum(holders) over whole::hugeint as all_holders,
        all_holders - smaller - holders::hugeint as larger,
    from held
    window in_order as (partition by level, observed_at order by value), whole as (partition by level, observed_at)
),

summed as (
    select
        level,
        observed_at,
        any_value(all_holders) as holders,
        coalesce(sum(holders) filter (value = 0), 0) as zero_holders,
        sum(value * holders) as downloads_30d,
        sum(value * value * holders) as squares,
        -- Sum of each holder's value times its rank, smallest first.
        sum(value * (holders * smaller + holders * (holders + 1) // 2)) as ranked_values,
        sum(value * greatest(least(holders, (all_holders + 99) // 100 - larger), 0)) as top_1pct,
        sum(value * greatest(least(holders, 10 - larger), 0)) as top_10,
        sum(value * greatest(least(holders, 100 - larger), 0)) as top_100,
    from ranked
    group by level, observed_at
)

select
    summed.level,
    summed.observed_at,
    crawl.observed_on,
    crawl.is_newest,
    summed.holders,
    summed.zero_holders,
    round(summed.zero_holders / summed.holders, 6) as zero_share,
    summed.downloads_30d,
    round(summed.downloads_30d / nullif(max(summed.downloads_30d) over (partition by summed.observed_at), 0), 6)
        as covered_share,
    round(summed.squares / nullif(summed.downloads_30d::double * summed.downloads_30d, 0), 6) as hhi,
    round(
        2 * summed.ranked_values / nullif(summed.holders::double * summed.downloads_30d, 0)
        - (summed.holders + 1) / summed.holders,
        6
    ) as gini,
    round(summed.top_1pct / nullif(summed.downloads_30d, 0), 6) as top_1pct_share,
    round(summed.top_10 / nullif(summed.downloads_30d, 0), 6) as top_10_share,
    round(summed.top_100 / nullif(summed.downloads_30d, 0), 6) as top_100_share,
    crawl.origin,
    crawl.capture_id,
from summed
join crawl using (observed_at)
