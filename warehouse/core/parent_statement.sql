-- description: What each version of a repository says of its parents: the Hub's resolved list, base_model tags, typed or plain, and the model card. One row per child, version and parent as named; several signals of one parent are one row.
-- min_rows: 0
-- grain: child_key, observed_at, parent_repo_id
-- column: child_key INTEGER | Repository that names the parent.
-- column: observed_at TIMESTAMP | Capture that first shows this version.
-- column: parent_repo_id VARCHAR | Parent as named there, in its exact case.
-- column: parent_key INTEGER null | Repository that carried this name then, else last before, else first after; null where none ever did.
-- column: is_self BOOLEAN | The repository names itself, by its present or a former name: no edge.
-- column: in_base_models BOOLEAN | The Hub's resolved list holds it.
-- column: in_tags BOOLEAN | A base_model tag names it.
-- column: in_card BOOLEAN | The model card names it.
-- column: relation VARCHAR in (finetune, adapter, quantized, merge, unknown) | Of the resolved list, else of the typed tag (of several the first by alphabet), else unknown.
with mention as (
    select
        repository_key as child_key,
        observed_at,
        unnest(base_models) as parent_repo_id,
        'base_models' as signal,
        nullif(base_relation, 'unknown') as relation,
    from staging.hub_version
    where is_listed
    union all
    -- base_model:PARENT is plain, base_model:RELATION:PARENT typed; no repository id holds a colon.
    select
        child_key,
        observed_at,
        part[-1] as parent_repo_id,
        'tags' as signal,
        case
            when len(part) > 2 and part[2] in ('finetune', 'adapter', 'quantized', 'merge') then part[2]
        end as relation,
    from (
        select
            repository_key as child_key,
            observed_at,
            string_split(unnest(list_filter(tags, lambda tag: starts_with(tag, 'base_model:'))), ':') as part,
        from staging.hub_version
        where is_listed
    )
    union all
    select
        repository_key as child_key,
        observed_at,
        unnest(card_models) as parent_repo_id,
        'card' as signal,
        null as relation,
    from staging.hub_version
    where is_listed
),

stated as (
    select
        child_key,
        observed_at,
        parent_repo_id,
        bool_or(signal = 'base_models') as in_base_models,
        bool_or(signal = 'tags') as in_tags,
        bool_or(signal = 'card') as in_card,
        coalesce(
            min(relation) filter (signal = 'base_models'), min(relation) filter (signal = 'tags'), 'unknown'
        ) as relation,
    from mention
    where parent_repo_id <> ''
    group by child_key, observed_at, parent_repo_id
),

carrier as (
    -- From the day a repository is first seen under a name the name is its own, until another is.
    select
        repo_id,
        repository_key,
        case when row_number() over earlier > 1 then valid_from else '-infinity' end as carried_from,
        coalesce(lead(valid_from) over earlier, 'infinity') as carried_to,
    from core.repository_name
    where repo_id in (select parent_repo_id from stated)
    window earlier as (partition by repo_id order by valid_from, repository_key)
)

select
    stated.child_key,
    stated.observed_at,
    stated.parent_repo_id,
    carrier.repository_key as parent_key,
    coalesce(carrier.repository_key = stated.child_key, false) as is_self,
    stated.in_base_models,
    stated.in_tags,
    stated.in_card,
    stated.relation,
from stated
left join carrier
    on carrier.repo_id = stated.parent_repo_id
    and stated.observed_at >= carrier.carried_from
    and stated.observed_at < carrier.carried_to
