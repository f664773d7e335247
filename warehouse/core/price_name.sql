-- description: Every normalised name under which prices of a listing can be asked: its own, the one after a seller's prefix, and all public names of its model. One row per name and listing.
-- min_rows: 0
-- grain: name, listing_id
-- column: name VARCHAR | The name after normalise_name().
-- column: listing_id BIGINT | Listing, as in core.listing of this build; of a name that moved, what it stood for at a time, as in core.moved_listing.
with meaning as (
    select listing_id, source, provider, listing, model_id from core.listing
    union
    select listing_id, source, provider, listing, model_id from core.moved_listing
)

select listing.full_name as name, meaning.listing_id
from meaning
join core.listing as listing using (source, provider, listing)
union
select listing.short_name as name, meaning.listing_id
from meaning
join core.listing as listing using (source, provider, listing)
union
select name.normalised_name as name, meaning.listing_id
from meaning
join core.model_name as name on name.model_id = meaning.model_id and name.scope in ('any', 'hub')
