-- description: Listings under a name that moved (core.moved_name), with the model they stood for at every time. The rows of a listing cover all days. One row per source, provider, listing and first day.
-- min_rows: 0
-- grain: source, provider, listing, valid_from
-- column: listing_id BIGINT | Number under which the prices of this time are kept: core.listing's own for what the name means now, one of its own before.
-- column: source VARCHAR | Price source.
-- column: provider VARCHAR | Who sells.
-- column: listing VARCHAR | Name at the source.
-- column: model_id VARCHAR null references seeds.model.model_id | Model it stood for; null for days of which nobody established it.
-- column: valid_from DATE null | First day; null for all days before the next row.
-- column: valid_before DATE null | First day of what it stood for next; null to this day.
select
    if(
        moved.valid_before is null,
        listing.listing_id,
        (select max(listing_id) from core.listing)
        + row_number() over (order by moved.valid_before nulls last, listing.listing_id)
    ) as listing_id,
    listing.source,
    listing.provider,
    listing.listing,
    moved.model_id,
    moved.valid_from,
    moved.valid_before,
from core.listing as listing
join core.moved_name as moved
    on moved.scope = listing.matched_scope and moved.normalised_name = listing.matched_name
