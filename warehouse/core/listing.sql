-- description: Every name under which a price source lists a model, and the model it resolves to. One row per source, provider and listing.
-- min_rows: 0
-- grain: source, provider, listing
-- column: listing_id BIGINT | Number of the listing in this build, those of one model in a row; another in the next build.
-- column: source VARCHAR | Price source.
-- column: provider VARCHAR | Who sells.
-- column: listing VARCHAR | Name at the source.
-- column: model_id VARCHAR null | Model it resolves to; of a name that moved the one it means now (core.moved_listing has the others). Null while unmatched.
-- column: full_name VARCHAR | The name in the form in which names are compared.
-- column: short_name VARCHAR | The same without what a seller puts around a model's name: the path before it, and the region, vendor and version that clouds add.
-- column: matched_by VARCHAR null in (source_alias, seller_alias, hub_repository, public_name, short_name, precision, spelling) | Which exact match resolved it: an alias of the source's own, one of the seller's own interface, a Hub repository (linked or named), a public name, a public name as the short name, the name without a number format (fp8), or one that differs from it only in dots for hyphens (4-1 for 4.1).
-- column: matched_scope VARCHAR null | Scope of the name that matched.
-- column: matched_name VARCHAR null | The name that matched; with its scope the key to core.moved_name.
-- column: first_seen_at TIMESTAMP | First capture that lists it.
-- column: last_seen_at TIMESTAMP | Newest capture that lists it.
with listed as (
    select
        source,
        provider,
        listing,
        arg_max(hub_repo_id, (observed_at, capture_id, document)) as hub_repo_id,
    from staging.price
    group by source, provider, listing
),

named as (
    select
        listed.*,
        sold.seller,
        normalise_name(plain_listing(listing)) as full_name,
        normalise_name(owned_listing(listing)) as owned_name,
        normalise_name(short_listing(listing, provider)) as short_name,
        normalise_name(hub_repo_id) as hub_name,
    from listed
    left join seeds.provider as sold using (provider)
),

seen as (
    select source, provider, listing, min(known_from) as first_seen_at, max(last_seen_at) as last_seen_at
    from core.price
    group by source, provider, listing
),

known as (
    select scope, normalised_name, model_id, scope as matched_scope, normalised_name as matched_name from core.model_name
    union all
    select
        'spelling' as scope,
        dotless_name(normalised_name) as normalised_name,
        any_value(model_id) as model_id,
        'any' as matched_scope,
        any_value(normalised_name) as matched_name,
    from core.model_name
    where scope = 'any'
    group by 2
    having count(distinct model_id) = 1
),

tried as (
    select
        source,
        provider,
        listing,
        unnest(listing_forms(source, provider, seller, full_name, owned_name, short_name, hub_name)) as form,
    from named
),

matched as (
    select
        tried.source,
        tried.provider,
        tried.listing,
        arg_min(known, form.step) as known,
        arg_min(form.rule, form.step) as matched_by,
    from tried
    join known on known.scope = form.scope and known.normalised_name = form.form
    group by all
)

select
    row_number() over (
        order by
            coalesce(matched.known.model_id, named.short_name), named.short_name, named.full_name, source, provider, listing
    ) as listing_id,
    source,
    provider,
    listing,
    matched.known.model_id,
    named.full_name,
    named.short_name,
    matched.matched_by,
    matched.known.matched_scope,
    matched.known.matched_name,
    seen.first_seen_at,
    seen.last_seen_at,
from named
join seen using (source, provider, listing)
left join matched using (source, provider, listing)
