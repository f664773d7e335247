-- description: Parents that are named but that no capture has ever shown: deleted, private, misspelt, a local path. One row per name.
-- min_rows: 0
-- grain: parent_repo_id
-- assert: parent_node < 0
-- column: parent_node INTEGER | Its number among the nodes of core.lineage_edge.
-- column: parent_repo_id VARCHAR | The name.
-- column: children_count BIGINT >= 0 | Repositories that name it now.
-- column: children_ever_count BIGINT >= 1 | Repositories that have ever named it.
-- column: differs_only_in_case BOOLEAN | A repository has this name in another case; names match in their exact case, so it is not taken as the parent.
-- column: candidate_repo_id VARCHAR null | That name; of several the first by alphabet.
with stub as (
    select
        parent_node,
        any_value(parent_repo_id) as parent_repo_id,
        count(distinct child_key) filter (valid_to is null) as children_count,
        count(distinct child_key) as children_ever_count,
    from core.lineage_edge
    where parent_key is null
    group by parent_node
),

candidate as (
    select lower(repo_id) as lowered, min(repo_id) as repo_id
    from core.repository_name
    where lower(repo_id) in (select lower(parent_repo_id) from stub)
    group by lower(repo_id)
)

select
    stub.parent_node,
    stub.parent_repo_id,
    stub.children_count,
    stub.children_ever_count,
    candidate.repo_id is not null as differs_only_in_case,
    candidate.repo_id as candidate_repo_id,
from stub
left join candidate on candidate.lowered = lower(stub.parent_repo_id)
