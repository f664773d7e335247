-- description: Derivatives of each family under three rules, at any depth. One row per family, rule, repository and relation: a derivative with edges of two relations has two rows.
-- min_rows: 0
-- grain: family_id, rule, repository_key, relation
-- column: family_id VARCHAR references seeds.family.family_id | Family.
-- column: rule VARCHAR in (declared_edge, tag, name_match) | declared_edge = edges of the Hub's resolved list; tag = edges of any base_model tag; name_match = a word of the family, see core.family_name_match.
-- column: repository_key INTEGER | The derivative.
-- column: relation VARCHAR in (finetune, adapter, quantized, merge, unknown) | Relation of its own edge, not of those above it; by name_match of any edge it has, unknown where it has none.
-- column: is_direct BOOLEAN null | A parent is the family's own repository; null by name_match, which knows no depth.
-- column: is_own BOOLEAN | It is itself the family's own repository.
-- column: is_listed BOOLEAN | Whether the repository is still listed.
with recursive own as (
    select family.family_id, repository.repository_key as node
    from core.repository_family as family
    join core.repository as repository using (repo_id)
),

edge as (
    -- Rule 1 is declared_edge, 2 tag, 3 both. Ways also lead through repositories that are gone.
    select
        child_key as child,
        parent_node as parent,
        relation,
        in_base_models::tinyint + 2 * in_tags::tinyint as rules,
        valid_to is null as is_listed,
    from core.lineage_edge
    where is_last and (in_base_models or in_tags)
),

inner_edge as (
    select child, parent, rules from edge where child in (select parent from edge)
),

way as (
    -- Without its length, so that a cycle comes to an end.
    select family_id, node, 3 as rules from own
    union
    select way.family_id, inner_edge.child, way.rules & inner_edge.rules
    from way
    join inner_edge on inner_edge.parent = way.node and inner_edge.rules & way.rules > 0
),

derivative as (
    select
        way.family_id,
        edge.child,
        edge.relation,
        bit_or(way.rules & edge.rules) as rules,
        bit_or(if(own.node is null, 0, way.rules & edge.rules)) as direct_rules,
        bool_or(edge.is_listed) as is_listed,
    from way
    join edge on edge.parent = way.node
    left join own on own.family_id = way.family_id and own.node = way.node
    group by way.family_id, edge.child, edge.relation
),

declared as (
    select distinct child as repository_key, relation from edge
)

select
    derivative.family_id,
    code.rule,
    derivative.child as repository_key,
    derivative.relation,
    derivative.direct_rules & code.bit > 0 as is_direct,
    own.node is not null as is_own,
    derivative.is_listed,
from derivative
join (values ('declared_edge', 1), ('tag', 2)) as code(rule, bit) on derivative.rules & code.bit > 0
left join own on own.family_id = derivative.family_id and own.node = derivative.child
union all
select
    match.family_id,
    'name_match' as rule,
    match.repository_key,
    coalesce(declared.relation, 'unknown') as relation,
    null as is_direct,
    false as is_own,
    match.is_listed,
from core.family_name_match as match
left join declared using (repository_key)
