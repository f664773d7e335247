-- description: Licences of derivatives against those of their parents, by family and relation. One row per family, relation and pair of licence classes; a derivative counts once for each of its parents.
-- description: Edges that hold now, by the Hub's list or a tag, with the licence tags as last told. Says what is declared, not what the licences allow.
-- min_rows: 0
-- grain: family_id, relation, parent_class, child_class
-- column: family_id VARCHAR null | Family the parent belongs to or derives from; null for all edges of the Hub. Edges among a family's own repositories are left out of its rows.
-- column: family_name VARCHAR null | Name of the family.
-- column: relation VARCHAR in (finetune, adapter, quantized, merge, unknown) | Relation.
-- column: parent_class VARCHAR references seeds.licence_class.licence_class | Licence class of the parent.
-- column: child_class VARCHAR references seeds.licence_class.licence_class | Licence class of the derivative.
-- column: verdict VARCHAR in (loosened, tightened, same, unknown) | By the strictness of the two classes in seeds.licence_class; same where they are one class, also with two licences; unknown where either is not ordered.
-- column: edges_count BIGINT >= 1 | Edges.
-- column: same_licence_count BIGINT >= 0 | Of these, edges with one licence tag on both ends.
with present as (
    select child_key, parent_node, parent_key, relation
    from core.lineage_edge
    where valid_to is null and (in_base_models or in_tags)
),

last as (
    select repository_key, max(observed_at) as observed_at
    from staging.hub_version
    where repository_key in (select child_key from present union select parent_key from present)
    group by repository_key
),

licensed as (
    select
        version.repository_key,
        version.licence,
        coalesce(licence.licence_class, if(version.licence is null, 'none', 'unlisted')) as licence_class,
    from staging.hub_version as version
    semi join last using (repository_key, observed_at)
    left join seeds.licence as licence using (licence)
),

edge as (
    select
        present.child_key,
        present.parent_node,
        present.relation,
        coalesce(parent.licence_class, 'unseen') as parent_class,
        child.licence_class as child_class,
        coalesce(parent.licence = child.licence, false) as is_same_licence,
    from present
    join licensed as child on child.repository_key = present.child_key
    left join licensed as parent on parent.repository_key = present.parent_key
),

own as (
    select family.family_id, repository.repository_key
    from core.repository_family as family
    join core.repository as repository using (repo_id)
),

member as (
    select family_id, repository_key from own
    union
    select family_id, repository_key from core.family_derivative where rule <> 'name_match'
),

counted as (
    select
        null as family_id,
        relation,
        parent_class,
        child_class,
        count(*) as edges_count,
        count(*) filter (is_same_licence) as same_licence_count,
    from edge
    group by relation, parent_class, child_class
    union all
    select
        member.family_id,
        edge.relation,
        edge.parent_class,
        edge.child_class,
        count(*) as edges_count,
        count(*) filter (edge.is_same_licence) as same_licence_count,
    from edge
    join member on member.repository_key = edge.parent_node
    anti join own on own.family_id = member.family_id and own.repository_key = edge.child_key
    group by member.family_id, edge.relation, edge.parent_class, edge.child_class
)

select
    counted.family_id,
    family.name as family_name,
    counted.relation,
    counted.parent_class,
    counted.child_class,
    case
        when parent.strictness is null or child.strictness is null then 'unknown'
        when child.strictness < parent.strictness then 'loosened'
        when child.strictness > parent.strictness then 'tightened'
        else 'same'
    end as verdict,
    counted.edges_count,
    counted.same_licence_count,
from counted
left join seeds.family as family using (family_id)
join seeds.licence_class as parent on parent.licence_class = counted.parent_class
join seeds.licence_class as child on child.licence_class = counted.child_class
