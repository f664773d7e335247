-- description: Which repository derives from which, and when. One row per child, parent and period in which relation and signals stayed the same; several names, tags or lists of one parent are one edge. A repository that names itself has no edge, see core.parent_statement.
-- min_rows: 0
-- grain: child_key, parent_node, valid_from
-- column: child_key INTEGER | Repository that derives.
-- column: parent_node INTEGER | Key of the parent; below zero a stub, a name that no repository ever carried, see core.lineage_stub.
-- column: parent_key INTEGER null | Parent; null for a stub.
-- column: parent_repo_id VARCHAR | Parent as it was last named in the period.
-- column: relation VARCHAR in (finetune, adapter, quantized, merge, unknown) | How it derives; unknown where only a plain tag or a card names the parent.
-- column: in_base_models BOOLEAN | The Hub's resolved list of parents holds it.
-- column: in_tags BOOLEAN | A base_model tag names it, typed or plain.
-- column: in_card BOOLEAN | The model card names it; false also where the card was never asked for.
-- column: valid_from TIMESTAMP | First capture that shows it so.
-- column: valid_to TIMESTAMP null | First capture that shows it otherwise or no more, or that the child is gone; null while it holds.
-- column: is_last BOOLEAN | True while it holds, and for the edges of a child that is gone those it had when last listed.
with stub as (
    select parent_repo_id, -row_number() over (order by parent_repo_id) as node
    from (select distinct parent_repo_id from core.parent_statement where parent_key is null)
),

version as (
    select
        repository_key as child_key,
        observed_at,
        is_listed,
        row_number() over later as number,
        lead(observed_at) over later as next_at,
        -- Nothing but "it is gone" comes after.
        not coalesce(lead(is_listed) over later, false) and lead(observed_at, 2) over later is null as is_last,
    from staging.hub_version
    semi join core.parent_statement on parent_statement.child_key = hub_version.repository_key
    window later as (partition by repository_key order by observed_at)
),

stated as (
    -- A parent may be named twice, by an old and a new name.
    select
        said.child_key,
        version.number,
        coalesce(said.parent_key, stub.node)::integer as parent_node,
        any_value(said.parent_key) as parent_key,
        min(said.parent_repo_id) as parent_repo_id,
        coalesce(min(said.relation) filter (said.in_base_models), min(said.relation)) as relation,
        bool_or(said.in_base_models) as in_base_models,
        bool_or(said.in_tags) as in_tags,
        bool_or(said.in_card) as in_card,
        any_value(said.observed_at) as observed_at,
        any_value(version.next_at) as next_at,
        bool_or(version.is_last) as is_last,
    from core.parent_statement as said
    join version using (child_key, observed_at)
    left join stub using (parent_repo_id)
    where not said.is_self
    group by said.child_key, version.number, coalesce(said.parent_key, stub.node)
),

run as (
    select
        *,
        number - row_number() over (
            partition by child_key, parent_node, relation, in_base_models, in_tags, in_card order by number
        ) as run,
    from stated
)

select
    child_key,
    parent_node,
    any_value(parent_key) as parent_key,
    arg_max(parent_repo_id, number) as parent_repo_id,
    relation,
    in_base_models,
    in_tags,
    in_card,
    min(observed_at) as valid_from,
    arg_max_null(next_at, number) as valid_to,
    bool_or(is_last) as is_last,
from run
group by child_key, parent_node, relation, in_base_models, in_tags, in_card, run
