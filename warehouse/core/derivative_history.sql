-- description: Direct derivatives of Hub repositories by relation and day, as the Hub counts them. One row per repository, relation and day of observation.
-- min_rows: 0
-- grain: repo_id, relation, observed_on
-- column: repo_id VARCHAR | Repository.
-- column: relation VARCHAR | Relation of the children.
-- column: observed_on DATE | Day of the capture.
-- column: children_count BIGINT | Direct children.
-- column: observed_at TIMESTAMP | Newest capture of that day.
-- column: origin VARCHAR | Origin of that capture.
-- column: capture_id VARCHAR | That capture.
select
    repo_id,
    relation,
    observed_at::date as observed_on,
    children_count,
    observed_at,
    origin,
    capture_id,
from staging.hub_children
qualify row_number() over (
    partition by repo_id, relation, observed_at::date order by observed_at desc, capture_id desc, document
) = 1
