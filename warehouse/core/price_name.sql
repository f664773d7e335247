-- description: Every normalised name under which prices of a listing can be asked: its own, the one after a seller's prefix, and all public names of its model. One row per name and listing.
-- min_rows: 0
-- grain: name, listing_id
-- column: name VARCHAR | The name after normalise_name().
-- column: listing_id BIGINT | Listing, as in core.listing of this build.
select full_name as name, listing_id from core.listing
union
select short_name as name, listing_id from core.listing
union
select name.normalised_name as name, listing.listing_id
from core.listing as listing
join core.model_name as name on name.model_id = listing.model_id and name.scope in ('any', 'hub')
