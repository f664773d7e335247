-- description: Derivatives by the month in which their repository was created, and each family's share of them. One row per family, rule, relation and month that has any.
-- description: Derivatives at any depth outside the family itself, with those that have gone since a capture showed them: months before the first crawl of the whole Hub lack what had been deleted by then. A repository is created when it is made, also in private, not when it comes out. One that derives from two families counts in both, and once in what shares are taken of, so that shares may add up to more than 1.
-- min_rows: 0
-- grain: family_id, rule, relation, created_month
-- column: family_id VARCHAR | Family.
-- column: family_name VARCHAR | Name of the family.
-- column: rule VARCHAR in (declared_edge, tag, name_match) | Which derivatives count: see core.family_derivative.
-- column: relation VARCHAR in (finetune, adapter, quantized, merge, unknown, all) | Relation of the derivative's own edge.
-- column: created_month DATE | First day of the month, UTC.
-- column: new_derivatives_count BIGINT >= 1 | Derivatives of the family created that month.
-- column: all_families_count BIGINT >= 1 | Derivatives of any family created that month, with that rule and relation.
-- column: whole_hub_count BIGINT null >= 1 | All derivatives created that month, of a family or not; null by name_match, which needs a family's word.
-- column: share_of_all_families DOUBLE >= 0 | new_derivatives_count over all_families_count.
-- column: share_of_whole_hub DOUBLE null >= 0 | new_derivatives_count over whole_hub_count.
-- column: is_whole_hub_month BOOLEAN | True for months that began after the first crawl of the whole Hub, false for earlier ones and where there was none.
with created as (
    select repository_key, date_trunc('month', max(created_at))::date as created_month
    from staging.hub_version
    where created_at is not null
    group by repository_key
),

derivative as (
    select found.family_id, found.rule, found.repository_key, found.relation, created.created_month
    from core.family_derivative as found
    join created using (repository_key)
    where not found.is_own
),

by_family as (
    select
        family_id,
        rule,
        created_month,
        coalesce(relation, 'all') as relation,
        count(distinct repository_key) as derivatives_count,
    from derivative
    group by grouping sets ((family_id, rule, created_month, relation), (family_id, rule, created_month))
),

of_families as (
    select
        rule,
        created_month,
        coalesce(relation, 'all') as relation,
        count(distinct repository_key) as derivatives_count,
    from derivative
    group by grouping sets ((rule, created_month, relation), (rule, created_month))
),

of_hub as (
    select
        code.rule,
        created.created_month,
        coalesce(edge.relation, 'all') as relation,
        count(distinct edge.child_key) as derivatives_count,
    from core.lineage_edge as edge
    join created on created.repository_key = edge.child_key
    join (values ('declared_edge'), ('tag')) as code(rule)
        on if(code.rule = 'tag', edge.in_tags, edge.in_base_models)
    where edge.is_last
    group by grouping sets ((code.rule, created.created_month, edge.relation), (code.rule, created.created_month))
)

select
    by_family.family_id,
    family.name as family_name,
    by_family.rule,
    by_family.relation,
    by_family.created_month,
    by_family.derivatives_count as new_derivatives_count,
    of_families.derivatives_count as all_families_count,
    of_hub.derivatives_count as whole_hub_count,
    by_family.derivatives_count / of_families.derivatives_count as share_of_all_families,
    by_family.derivatives_count / of_hub.derivatives_count as share_of_whole_hub,
    coalesce(
        by_family.created_month >= (select min(observed_at) from staging.hub_crawl where is_full), false
    ) as is_whole_hub_month,
from by_family
join seeds.family as family using (family_id)
join of_families using (rule, relation, created_month)
left join of_hub using (rule, relation, created_month)
