-- description: Every name under which a price source lists a model, and the model it resolves to. One row per source, provider and listing.
-- min_rows: 0
-- grain: source, provider, listing
-- column: source VARCHAR | Price source.
-- column: provider VARCHAR | Who sells.
-- column: listing VARCHAR | Name at the source.
-- column: model_id VARCHAR null | Model it resolves to; null while unmatched.
-- column: full_name VARCHAR | The name in the form in which names are compared.
-- column: short_name VARCHAR | The same after the vendor's prefix, if it has one.
-- column: matched_by VARCHAR null in (source_alias, hub_repository, public_name, short_name) | Which exact match resolved it: the source's own alias, the linked Hub repository, a public name, or a public name after the vendor's prefix.
-- column: first_seen_at TIMESTAMP | First capture that lists it.
-- column: last_seen_at TIMESTAMP | Newest capture that lists it.
with listed as (
    select
        source,
        provider,
        listing,
        arg_max(hub_repo_id, (observed_at, capture_id, document)) as hub_repo_id,
        -- OpenRouter's `:free` is the same model under other terms of service.
        normalise_name(regexp_replace(listing, ':free$', '')) as full_name,
        normalise_name(regexp_replace(regexp_replace(listing, ':free$', ''), '^.*/', '')) as short_name,
    from staging.price
    group by source, provider, listing
),

seen as (
    select source, provider, listing, min(known_from) as first_seen_at, max(last_seen_at) as last_seen_at
    from core.price
    group by source, provider, listing
)

select
    listed.source,
    listed.provider,
    listed.listing,
    coalesce(own.model_id, hub.model_id, public.model_id, short.model_id) as model_id,
    listed.full_name,
    listed.short_name,
    case
        when own.model_id is not null then 'source_alias'
        when hub.model_id is not null then 'hub_repository'
        when public.model_id is not null then 'public_name'
        when short.model_id is not null then 'short_name'
    end as matched_by,
    seen.first_seen_at,
    seen.last_seen_at,
from listed
join seen using (source, provider, listing)
left join core.model_name as own on own.scope = listed.source and own.normalised_name = listed.full_name
left join core.model_name as hub on hub.scope = 'hub' and hub.normalised_name = normalise_name(listed.hub_repo_id)
left join core.model_name as public on public.scope = 'any' and public.normalised_name = listed.full_name
left join core.model_name as short on short.scope = 'any' and short.normalised_name = listed.short_name
