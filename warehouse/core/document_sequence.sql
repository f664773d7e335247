-- description: The good captures of every document in order of time; of several at one moment, one. One row per document and moment.
-- grain: source, document, position
-- column: source VARCHAR | Source.
-- column: document VARCHAR | Document of the source.
-- column: capture_id VARCHAR | Capture.
-- column: observed_at TIMESTAMP | Time of the capture.
-- column: origin VARCHAR | Origin of the capture.
-- column: position BIGINT | 1 is the oldest good capture of the document.
-- column: next_observed_at TIMESTAMP null | Time of the next good capture; null for the newest.
with good as (
    select source, document, capture_id, observed_at, origin
    from staging.document
    where state = 'good'
    -- Two bodies of one moment cannot both have been in force: the history follows one, both stay in staging.
    qualify row_number() over (partition by source, document, observed_at order by capture_id desc) = 1
)

select
    source,
    document,
    capture_id,
    observed_at,
    origin,
    row_number() over in_time as position,
    lead(observed_at) over in_time as next_observed_at,
from good
window in_time as (partition by source, document order by observed_at)
