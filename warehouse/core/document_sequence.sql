-- description: The good captures of every document in order of time. One row per document and capture.
-- grain: source, document, position
-- column: source VARCHAR | Source.
-- column: document VARCHAR | Document of the source.
-- column: capture_id VARCHAR | Capture.
-- column: observed_at TIMESTAMP | Time of the capture.
-- column: position BIGINT | 1 is the oldest good capture of the document.
-- column: next_observed_at TIMESTAMP null | Time of the next good capture; null for the newest.
select
    source,
    document,
    capture_id,
    observed_at,
    row_number() over in_time as position,
    lead(observed_at) over in_time as next_observed_at,
from staging.document
where state = 'good'
window in_time as (partition by source, document order by observed_at, capture_id)
