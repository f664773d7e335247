-- description: Derivatives of every root repository, by rule, relation and depth. One row per root, rule, relation and depth; the row of all relations is there also at 0, a relation without a row has none. Name matches are no edges and belong to families only: see marts.family_derivative_count.
-- description: Each derivative counts once however many ways or parents lead to it, under the relation of its own edge or edges on those ways, not of those above it; with two relations it counts in both and once in all. Only listed repositories are counted; ways also lead through those that are gone. A root on a cycle is no derivative of itself.
-- min_rows: 0
-- grain: node, rule, relation, depth
-- column: node INTEGER | Root, in core.lineage_root; below zero a stub.
-- column: repo_id VARCHAR | Its present or last name.
-- column: kind VARCHAR in (base, cycle, own) | Why it is a root: see core.lineage_root.
-- column: family_id VARCHAR null | Family whose own repository it is.
-- column: rule VARCHAR in (declared_edge, tag) | Which edges count: those of the Hub's resolved list, or those of any base_model tag.
-- column: relation VARCHAR in (finetune, adapter, quantized, merge, unknown, all) | Relation.
-- column: depth VARCHAR in (direct, transitive) | direct = the root is a parent; transitive = the root is a parent or any ancestor.
-- column: derivatives_count BIGINT >= 0 | Derivatives.
-- column: whole_hub_at TIMESTAMP null | Newest crawl of the whole Hub; null where none was made, and then only what the smaller captures showed is counted.
with recursive relation as (
    select name, bit
    from (values ('finetune', 1), ('adapter', 2), ('quantized', 4), ('merge', 8), ('unknown', 16)) as bits(name, bit)
),

-- What is counted of a derivative of a root is one number: five bits for its relations by declared edges, five for those
-- by tags, and both again for direct ones. One walk and one grouping then serve every rule, relation and depth.
cell as (
    select
        rule.name as rule,
        depth.name as depth,
        relation.name as relation,
        relation.bit << rule.shift << depth.shift as bits,
    from (select name, bit from relation union all select 'all', 31) as relation
    cross join (values ('declared_edge', 0), ('tag', 5)) as rule(name, shift)
    cross join (values ('transitive', 0), ('direct', 10)) as depth(name, shift)
),

edge as (
    select
        edge.child_key as child,
        edge.parent_node as parent,
        if(edge.in_base_models, relation.bit, 0) | if(edge.in_tags, relation.bit << 5, 0) as bits,
        if(edge.in_base_models, 31, 0) | if(edge.in_tags, 31 << 5, 0) as rules,
        edge.valid_to is null as is_listed,
    from core.lineage_edge as edge
    join relation on relation.name = edge.relation
    where edge.is_last and (edge.in_base_models or edge.in_tags)
),

inner_edge as (
    -- Only parents have anything below them: a way from a root down passes no other edges.
    select child, parent, rules
    from edge
    where child in (select parent from edge)
),

root as (
    select node, bit_or(if(rule = 'declared_edge', 31, 31 << 5)) as rules
    from core.lineage_root
    group by node
),

way as (
    -- Without its length, so that a cycle comes to an end.
    select node as root, node, rules from root
    union
    select way.root, inner_edge.child, way.rules & inner_edge.rules
    from way
    join inner_edge on inner_edge.parent = way.node and inner_edge.rules & way.rules > 0
),

derivative as (
    select
        way.root,
        edge.child,
        bit_or((way.rules & edge.bits) | if(way.node = way.root, (way.rules & edge.bits) << 10, 0)) as bits,
    from way
    join edge on edge.parent = way.node
    where edge.is_listed and edge.child <> way.root
    group by way.root, edge.child
),

pattern as (
    select root, bits, count(*) as derivatives_count
    from derivative
    group by root, bits
),

counted as (
    select
        pattern.root as node,
        cell.rule,
        cell.depth,
        cell.relation,
        sum(pattern.derivatives_count) as derivatives_count,
    from pattern
    join cell on pattern.bits & cell.bits > 0
    group by pattern.root, cell.rule, cell.depth, cell.relation
)

select
    root.node,
    root.repo_id,
    root.kind,
    root.family_id,
    root.rule,
    cell.relation,
    cell.depth,
    coalesce(counted.derivatives_count, 0)::bigint as derivatives_count,
    (select max(observed_at) from staging.hub_crawl where is_full) as whole_hub_at,
from core.lineage_root as root
join cell using (rule)
left join counted using (node, rule, depth, relation)
where counted.node is not null or cell.relation = 'all'
