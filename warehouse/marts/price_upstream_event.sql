-- description: Captures in which a source set many prices to zero, multiplied many by one factor, changed a third of its book or lost half of it, for the report. One row per capture, document and kind.
-- min_rows: 0
-- grain: source, document, capture_id, kind
-- column: source VARCHAR | Source.
-- column: document VARCHAR | Document.
-- column: capture_id VARCHAR | Capture.
-- column: observed_at TIMESTAMP | Time of the capture.
-- column: kind VARCHAR in (zeroed, scaled, mass_change, vanished) | What happened, see core.price_upstream_event.
-- column: ratio DOUBLE null | The factor; null unless scaled.
-- column: prices BIGINT | Prices it touched.
-- column: listings BIGINT | Listings it touched.
-- column: book_prices BIGINT | Prices of the document that had a value before.
-- column: still_standing BIGINT | Of those it touched, how many still stood at the newest capture.
-- column: persisted_at TIMESTAMP null | When it was believed after all; null while it is set apart.
-- column: origin VARCHAR | Origin of the capture.
select
    event.source,
    event.document,
    event.capture_id,
    event.observed_at,
    event.kind,
    event.ratio,
    event.prices,
    event.listings,
    event.book_prices,
    event.still_standing,
    event.persisted_at,
    seen.origin,
from core.price_upstream_event as event
join core.document_sequence as seen using (source, document, capture_id)
