-- description: Our count of direct derivatives against the Hub's own. One row per repository, relation and day on which the Hub was asked, where a crawl of the whole Hub is at most two days away.
-- description: Ours are listed repositories whose resolved list of parents holds the repository, as of the nearest such crawl; the Hub counts its typed tags. The two are not read at one moment, so small differences are normal.
-- min_rows: 0
-- grain: repo_id, relation, observed_on
-- column: repo_id VARCHAR | Repository.
-- column: relation VARCHAR | Relation of the children.
-- column: observed_on DATE | Day on which the Hub was asked.
-- column: crawled_at TIMESTAMP | Nearest crawl of the whole Hub, of two equally near ones the earlier.
-- column: hub_count BIGINT >= 0 | Direct derivatives as the Hub counts them.
-- column: declared_count BIGINT >= 0 | Direct derivatives by declared edges.
-- column: difference BIGINT | declared_count less hub_count.
-- column: difference_pct DOUBLE null | The difference in per cent of hub_count; null where that is 0.
-- column: origin VARCHAR | Origin of the Hub's count.
-- column: capture_id VARCHAR | Capture of the Hub's count.
with near as (
    select
        asked.observed_at,
        arg_min(crawl.observed_at, (abs(epoch(crawl.observed_at - asked.observed_at)), crawl.observed_at)) as crawled_at,
    from (select distinct observed_at from core.derivative_history) as asked
    join (select observed_at from staging.hub_crawl where is_full) as crawl
        on crawl.observed_at between asked.observed_at - interval 2 day and asked.observed_at + interval 2 day
    group by asked.observed_at
),

asked as (
    -- The repository that carried the name at the crawl.
    select history.*, near.crawled_at, name.repository_key
    from core.derivative_history as history
    join near using (observed_at)
    asof join (
        select repo_id, repository_key, valid_from
        from core.repository_name
        where repo_id in (select repo_id from core.derivative_history)
    ) as name on name.repo_id = history.repo_id and name.valid_from <= near.crawled_at
),

step as (
    select parent_key, relation, valid_from as changed_at, 1 as change
    from core.lineage_edge
    where in_base_models and parent_key in (select repository_key from asked)
    union all
    select parent_key, relation, valid_to as changed_at, -1 as change
    from core.lineage_edge
    where in_base_models and valid_to is not null and parent_key in (select repository_key from asked)
),

level as (
    select
        parent_key,
        relation,
        changed_at,
        sum(sum(change)) over (partition by parent_key, relation order by changed_at) as children_count,
    from step
    group by parent_key, relation, changed_at
)

select
    asked.repo_id,
    asked.relation,
    asked.observed_on,
    asked.crawled_at,
    asked.children_count as hub_count,
    coalesce(level.children_count, 0)::bigint as declared_count,
    declared_count - hub_count as difference,
    100 * (declared_count - hub_count) / nullif(hub_count, 0) as difference_pct,
    asked.origin,
    asked.capture_id,
from asked
asof left join level
    on level.parent_key = asked.repository_key
    and level.relation = asked.relation
    and level.changed_at <= asked.crawled_at
