-- description: Every name under which a price source lists a model, and the model it resolves to. One row per source, provider and listing.
-- min_rows: 0
-- grain: source, provider, listing
-- column: listing_id BIGINT | Number of the listing in this build, those of one model in a row; another in the next build.
-- column: source VARCHAR | Price source.
-- column: provider VARCHAR | Who sells.
-- column: listing VARCHAR | Name at the source.
-- column: model_id VARCHAR null | Model it resolves to; null while unmatched.
-- column: full_name VARCHAR | The name in the form in which names are compared.
-- column: short_name VARCHAR | The same without what a seller puts around a model's name: the path before it, and the region, vendor and version that clouds add.
-- column: matched_by VARCHAR null in (source_alias, hub_repository, public_name, short_name, spelling) | Which exact match resolved it: an alias of the source's own, a Hub repository (linked or named), a public name, a public name as the short name, or one that differs from it only in dots for hyphens (4-1 for 4.1).
-- column: first_seen_at TIMESTAMP | First capture that lists it.
-- column: last_seen_at TIMESTAMP | Newest capture that lists it.
with listed as (
    select
        source,
        provider,
        listing,
        arg_max(hub_repo_id, (observed_at, capture_id, document)) as hub_repo_id,
        -- OpenRouter's `:free` and `:batch` are the same model under other terms.
        regexp_replace(listing, ':(free|batch)$', '') as plain,
        -- What hosts put around a model's name: Databricks and Fireworks at Azure their own, Vertex AI and Chutes how it is
        -- run, Bedrock a region.
        regexp_replace(
            regexp_replace(
                regexp_extract(plain, '[^/]*$'), '^(databricks-|FW-|(global|regional|us-gov|us|eu|apac|jp|au|ca|in)\.)', ''
            ),
            '(-maas|-TEE|@default)$',
            ''
        ) as own_part,
        -- Bedrock also a vendor and a version: `anthropic.claude-opus-4-20250514-v1:0`, `openai.gpt-oss-120b-1:0`. What
        -- DeepSeek and NVIDIA are called there are not names of their models (`deepseek.v3-v1:0` is DeepSeek-V3.1).
        regexp_replace(
            own_part,
            '^(ai21|amazon|anthropic|cohere|google|meta|minimax|mistral|moonshot|moonshotai|openai|qwen|writer|xai|zai)'
            || '\.(.+?)(-v1|(-v?[1-9]\d*)?:0)?$',
            '\2'
        ) as bare,
    from staging.price
    group by source, provider, listing
),

named as (
    select
        *,
        normalise_name(plain) as full_name,
        -- Fireworks writes 3p1 for 3.1.
        normalise_name(
            if(
                contains(listing, 'accounts/fireworks/') or starts_with(provider, 'fireworks'),
                regexp_replace(bare, '(\d)p(\d)', '\1.\2', 'g'),
                bare
            )
        ) as short_name,
        -- The last two parts of a path, as in a repository's id; some write them with a hyphen.
        normalise_name(if(contains(plain, '/'), regexp_extract(plain, '[^/]+/[^/]+$'), plain)) as owned_name,
        if(source like 'openrouter%' or provider = 'openrouter', 'openrouter_models', source) as scope,
    from listed
),

seen as (
    select source, provider, listing, min(known_from) as first_seen_at, max(last_seen_at) as last_seen_at
    from core.price
    group by source, provider, listing
),

spelling as (
    select regexp_replace(normalised_name, '(\d)\.(\d)', '\1-\2', 'g') as dotless_name, any_value(model_id) as model_id
    from core.model_name
    where scope = 'any'
    group by dotless_name
    having count(distinct model_id) = 1
),

resolved as (
    select
        named.source,
        named.provider,
        named.listing,
        coalesce(
            own.model_id, owned.model_id, hub.model_id, public.model_id, short.model_id, spelling.model_id
        ) as model_id,
        named.full_name,
        named.short_name,
        case
            when coalesce(own.model_id, owned.model_id) is not null then 'source_alias'
            when hub.model_id is not null then 'hub_repository'
            when public.model_id is not null then 'public_name'
            when short.model_id is not null then 'short_name'
            when spelling.model_id is not null then 'spelling'
        end as matched_by,
        seen.first_seen_at,
        seen.last_seen_at,
    from named
    join seen using (source, provider, listing)
    left join core.model_name as own on own.scope = named.source and own.normalised_name = named.full_name
    left join core.model_name as owned on owned.scope = named.scope and owned.normalised_name = named.owned_name
    left join core.model_name as hub
        on hub.scope = 'hub' and hub.normalised_name = coalesce(normalise_name(named.hub_repo_id), named.owned_name)
    left join core.model_name as public on public.scope = 'any' and public.normalised_name = named.full_name
    left join core.model_name as short on short.scope = 'any' and short.normalised_name = named.short_name
    left join spelling
        on spelling.dotless_name = regexp_replace(named.short_name, '(\d)\.(\d)', '\1-\2', 'g')
)

select
    row_number() over (
        order by coalesce(model_id, short_name), short_name, full_name, source, provider, listing
    ) as listing_id,
    *,
from resolved
