-- description: Derivatives of every family under three rules side by side, by relation and depth. One row per family, rule, relation and depth, also at 0; a rule that cannot be asked for a family has no rows.
-- description: Only listed repositories outside the family itself are counted, each once per family however many ways lead to it; one that derives from two families counts in both.
-- min_rows: 0
-- grain: family_id, rule, relation, depth
-- column: family_id VARCHAR | Family.
-- column: family_name VARCHAR | Name of the family.
-- column: rule VARCHAR in (declared_edge, tag, name_match) | declared_edge = edges of the Hub's resolved list of parents; tag = edges of any base_model tag; name_match = a word of the family in name or tags.
-- column: relation VARCHAR in (finetune, adapter, quantized, merge, unknown, all) | Relation of the derivative's own edge; with two it counts in both and once in all.
-- column: depth VARCHAR in (direct, transitive, any) | direct = a parent is the family's own; transitive = any ancestor is; any = by name_match, which knows no depth.
-- column: derivatives_count BIGINT >= 0 | Derivatives.
-- column: own_count BIGINT null >= 0 | Own repositories of the family that derive from another of its own, not in derivatives_count; null by name_match.
-- column: whole_hub_at TIMESTAMP null | Newest crawl of the whole Hub; null where none was made, and then only what the smaller captures showed is counted.
with asked as (
    select family_id, rule.name as rule, rule.depth
    from (select distinct family_id from core.repository_family)
    cross join (
        values ('declared_edge', 'direct'), ('declared_edge', 'transitive'), ('tag', 'direct'), ('tag', 'transitive')
    ) as rule(name, depth)
    union all
    select distinct family_id, 'name_match' as rule, 'any' as depth from seeds.family_word
),

relation as (
    select unnest(['finetune', 'adapter', 'quantized', 'merge', 'unknown', 'all']) as relation
),

counted as (
    select
        derivative.family_id,
        derivative.rule,
        coalesce(derivative.relation, 'all') as relation,
        depth.name as depth,
        count(distinct derivative.repository_key) filter (not derivative.is_own) as derivatives_count,
        count(distinct derivative.repository_key) filter (derivative.is_own) as own_count,
    from core.family_derivative as derivative
    join (values ('direct'), ('transitive'), ('any')) as depth(name) on case depth.name
        when 'direct' then derivative.is_direct
        when 'transitive' then derivative.is_direct is not null
        else derivative.is_direct is null
    end
    where derivative.is_listed
    group by grouping sets (
        (derivative.family_id, derivative.rule, depth.name, derivative.relation),
        (derivative.family_id, derivative.rule, depth.name)
    )
)

select
    asked.family_id,
    family.name as family_name,
    asked.rule,
    relation.relation,
    asked.depth,
    coalesce(counted.derivatives_count, 0) as derivatives_count,
    case when asked.rule <> 'name_match' then coalesce(counted.own_count, 0) end as own_count,
    (select max(observed_at) from staging.hub_crawl where is_full) as whole_hub_at,
from asked
cross join relation
join seeds.family as family using (family_id)
left join counted using (family_id, rule, relation, depth)
