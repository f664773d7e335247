-- description: Repositories whose derivatives are counted. One row per root and rule: every parent that is itself no derivative, one parent of each cycle that nothing outside leads into, and every own repository of a family.
-- min_rows: 0
-- grain: rule, node
-- column: rule VARCHAR in (declared_edge, tag) | Which edges count: those of the Hub's resolved list, or those of any base_model tag.
-- column: node INTEGER | Key of the repository; below zero a stub.
-- column: repository_key INTEGER null | Repository; null for a stub.
-- column: repo_id VARCHAR | Its present or last name.
-- column: kind VARCHAR in (base, cycle, own) | base = has children and no parent; cycle = stands for a cycle without a way in, by its lowest key; own = of a family, and neither of these.
-- column: family_id VARCHAR null references seeds.family.family_id | Family whose own repository it is.
with recursive edge as (
    -- Rule 1 is declared_edge, 2 tag, 3 both. Edges of repositories that are gone stay in the way up to a root.
    select child_key as child, parent_node as parent, in_base_models::tinyint + 2 * in_tags::tinyint as rules
    from core.lineage_edge
    where is_last and (in_base_models or in_tags)
),

parent as (
    select parent as node, bit_or(rules) as rules from edge group by parent
),

-- Only parents have anything below them, and few edges join two of them: the rest of the work is small.
inner_edge as (
    select code.rule, edge.child, edge.parent
    from edge
    semi join parent on parent.node = edge.child
    join (values (1), (2)) as code(rule) on edge.rules & code.rule > 0
),

base as (
    select code.rule, parent.node
    from parent
    join (values (1), (2)) as code(rule) on parent.rules & code.rule > 0
    anti join inner_edge on inner_edge.rule = code.rule and inner_edge.child = parent.node
),

reached as (
    select rule, node from base
    union
    select inner_edge.rule, inner_edge.child
    from reached
    join inner_edge on inner_edge.rule = reached.rule and inner_edge.parent = reached.node
),

-- What is left lies on a cycle without a way in, or below one; only what has children can be on it.
left_edge as (
    select inner_edge.rule, inner_edge.child, inner_edge.parent
    from inner_edge
    anti join reached on reached.rule = inner_edge.rule and reached.node = inner_edge.child
),

above as (
    select rule, child as node, parent as ancestor from left_edge
    union
    select above.rule, above.node, left_edge.parent
    from above
    join left_edge on left_edge.rule = above.rule and left_edge.child = above.ancestor
),

-- On such a cycle everything above a repository is also below it.
cycle as (
    select up.rule, up.node
    from above as up
    left join above as down on down.rule = up.rule and down.node = up.ancestor and down.ancestor = up.node
    group by up.rule, up.node
    having bool_and(down.node is not null) and min(up.ancestor) = up.node
),

own as (
    select repository.repository_key as node, family.family_id
    from core.repository_family as family
    join core.repository as repository using (repo_id)
),

root as (
    select rule, node, 'base' as kind from base
    union all
    select rule, node, 'cycle' as kind from cycle
    union all
    select code.rule, own.node, 'own' as kind from own cross join (values (1), (2)) as code(rule)
),

name as (
    select repository_key as node, arg_max(repo_id, valid_from) as repo_id
    from core.repository_name
    where repository_key in (select node from root)
    group by repository_key
    union all
    select parent_node as node, parent_repo_id as repo_id from core.lineage_stub
)

select
    if(root.rule = 1, 'declared_edge', 'tag') as rule,
    root.node,
    case when root.node > 0 then root.node end as repository_key,
    any_value(name.repo_id) as repo_id,
    -- A base or a cycle that is also a family's own keeps its first kind, by alphabet.
    min(root.kind) as kind,
    any_value(own.family_id) as family_id,
from root
join name using (node)
left join own using (node)
group by root.rule, root.node
