-- description: Changes of lineage: a parent that a repository gained, lost or now relates to otherwise. One row per child, parent and capture that first shows the change. What a repository said when its lineage was first told is no change, nor is a parent's new name.
-- description: Edges of the Hub's list or a tag; what only a model card names comes and goes with whether cards were asked for, and is left out.
-- min_rows: 0
-- grain: child_key, parent_node, observed_at
-- column: child_key INTEGER | Repository whose lineage changed.
-- column: child_repo_id VARCHAR | Its present or last name.
-- column: parent_node INTEGER | Parent, in core.lineage_edge; below zero a stub.
-- column: parent_repo_id VARCHAR | Parent as named there.
-- column: observed_at TIMESTAMP | Capture that first shows the change, UTC.
-- column: event VARCHAR in (added, removed, relation_changed) | What changed.
-- column: cause VARCHAR in (edited, gone, returned) | edited = its statements changed; gone, returned = the repository itself went or came back.
-- column: relation_before VARCHAR null | Relation before; null when added.
-- column: relation_after VARCHAR null | Relation since; null when removed.
with edge as (
    select
        child_key,
        parent_node,
        parent_repo_id,
        relation,
        valid_from,
        valid_to,
        lag(valid_to) over later as before_to,
        lag(relation) over later as relation_before,
        lead(valid_from) over later as next_from,
    from core.lineage_edge
    where in_base_models or in_tags
    window later as (partition by child_key, parent_node order by valid_from)
),

changed as (
    select *, valid_from as observed_at, 'added' as event from edge where before_to is distinct from valid_from
    union all
    select *, valid_from as observed_at, 'relation_changed' as event
    from edge
    where before_to = valid_from and relation_before <> relation
    union all
    select *, valid_to as observed_at, 'removed' as event
    from edge
    where valid_to is not null and next_from is distinct from valid_to
),

version as (
    select
        repository_key as child_key,
        observed_at,
        is_listed,
        lag(is_listed) over (partition by repository_key order by observed_at) as was_listed,
        min(observed_at) filter (tags is not null or base_models is not null)
            over (partition by repository_key) as first_told_at,
    from staging.hub_version
    where repository_key in (select child_key from changed)
),

name as (
    select repository_key as child_key, arg_max(repo_id, valid_from) as child_repo_id
    from core.repository_name
    where repository_key in (select child_key from changed)
    group by repository_key
)

select
    changed.child_key,
    name.child_repo_id,
    changed.parent_node,
    changed.parent_repo_id,
    changed.observed_at,
    changed.event,
    case when not version.is_listed then 'gone' when not version.was_listed then 'returned' else 'edited' end as cause,
    case changed.event
        when 'relation_changed' then changed.relation_before
        when 'removed' then changed.relation
    end as relation_before,
    case when changed.event <> 'removed' then changed.relation end as relation_after,
from changed
join version using (child_key, observed_at)
join name using (child_key)
where changed.observed_at > version.first_told_at
