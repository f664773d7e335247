-- description: What changed in the price books between two captures of a source. One row per change of one component of one offer.
-- min_rows: 0
-- grain: source, document, provider, listing, market, deployment_scope, channel, service_tier, mode, context_from_tokens, window_name, component, unit, price_kind, effective_from, known_from, change
-- column: source VARCHAR | Source that shows the change.
-- column: source_kind VARCHAR | Whose word it is.
-- column: document VARCHAR | Document of the source.
-- column: provider VARCHAR | Who sells.
-- column: listing VARCHAR | Name at the source.
-- column: model_id VARCHAR null | Model it resolves to.
-- column: market VARCHAR | Market of the price book.
-- column: deployment_scope VARCHAR null | Deployment scope.
-- column: channel VARCHAR | Channel.
-- column: service_tier VARCHAR | Service tier.
-- column: mode VARCHAR null | Thinking or non-thinking.
-- column: context_from_tokens BIGINT | From this prompt length on.
-- column: window_name VARCHAR null | Time window.
-- column: component VARCHAR | What is charged for.
-- column: unit VARCHAR | Unit as stated.
-- column: price_kind VARCHAR | List or promotion.
-- column: currency VARCHAR | Native currency.
-- column: change VARCHAR in (new, raise, cut, withdrawn, restated) | Kind of change; restated when a price with a stated past start changed, or became known or unknown.
-- column: amount_before DECIMAL(24, 12) null | Price before, in the stated unit.
-- column: amount_after DECIMAL(24, 12) null | Price after.
-- column: per_mtok_before DECIMAL(24, 9) null | Native price per million tokens before.
-- column: per_mtok_after DECIMAL(24, 9) null | Native price per million tokens after.
-- column: ratio DOUBLE null | After divided by before; null when either is unknown or before is 0.
-- column: effective_from TIMESTAMP null | When the source says the new price starts.
-- column: last_seen_before_at TIMESTAMP null | Last capture that still showed the state before.
-- column: known_from TIMESTAMP | First capture that shows the state after; the change lies between the two.
-- column: is_upstream_event BOOLEAN | True when the source changed so many prices in this capture that it is an event at the source, not news.
-- column: origin VARCHAR | Origin of that capture.
-- column: capture_id VARCHAR | That capture.
with sized as (
    select source, document, capture_id, count(*) as prices
    from staging.price
    group by source, document, capture_id
),

ended as (
    select
        period.*,
        lead(period.first_position) over offer as next_position,
        lag(period.last_position) over offer as before_position,
        lag(period.amount) over offer as before_amount,
        lag(period.amount_per_mtok) over offer as before_per_mtok,
        lag(period.effective_from) over offer as before_effective_from,
        lag(period.last_seen_at) over offer as before_seen_at,
    from core.price_period as period
    window offer as (
        partition by source, document, provider, listing, market, deployment_scope, channel, service_tier, mode,
            context_from_tokens, window_name, component, unit, price_kind
        order by first_position
    )
),

opened as (
    select
        ended.* exclude (known_to, last_seen_at, next_position, before_position, before_amount, before_per_mtok,
            before_effective_from, before_seen_at, first_position, last_position, capture_id),
        case when before_position = first_position - 1 then before_amount end as amount_before,
        amount as amount_after,
        case when before_position = first_position - 1 then before_per_mtok end as per_mtok_before,
        amount_per_mtok as per_mtok_after,
        coalesce(before_seen_at, document_before.observed_at) as last_seen_before_at,
        first_capture_id as shown_by,
        case
            when before_position is distinct from first_position - 1 then 'new'
            when amount is null or before_amount is null then 'restated'
            when effective_from is not null and effective_from = before_effective_from then 'restated'
            when amount > before_amount then 'raise'
            when amount < before_amount then 'cut'
            else 'restated'
        end as change,
    from ended
    join core.document_sequence as document_before
        on document_before.source = ended.source
        and document_before.document = ended.document
        and document_before.position = ended.first_position - 1
),

withdrawn as (
    select
        ended.* exclude (known_from, known_to, last_seen_at, effective_from, next_position, before_position,
            before_amount, before_per_mtok, before_effective_from, before_seen_at, first_position, last_position,
            capture_id, origin),
        document_after.observed_at as known_from,
        null::timestamp as effective_from,
        later.origin,
        amount as amount_before,
        null as amount_after,
        amount_per_mtok as per_mtok_before,
        null as per_mtok_after,
        last_seen_at as last_seen_before_at,
        document_after.capture_id as shown_by,
        'withdrawn' as change,
    from ended
    join core.document_sequence as document_after
        on document_after.source = ended.source
        and document_after.document = ended.document
        and document_after.position = ended.last_position + 1
    join staging.document as later
        on later.capture_id = document_after.capture_id and later.document = document_after.document
    where ended.next_position is distinct from ended.last_position + 1
),

changes as (
    select * from opened
    union all by name
    select * from withdrawn
)

select
    changes.source,
    declared.kind as source_kind,
    changes.document,
    changes.provider,
    changes.listing,
    listing.model_id,
    changes.market,
    changes.deployment_scope,
    changes.channel,
    changes.service_tier,
    changes.mode,
    changes.context_from_tokens,
    changes.window_name,
    changes.component,
    changes.unit,
    changes.price_kind,
    changes.currency,
    changes.change,
    changes.amount_before,
    changes.amount_after,
    changes.per_mtok_before,
    changes.per_mtok_after,
    changes.amount_after::double / nullif(changes.amount_before::double, 0) as ratio,
    changes.effective_from,
    changes.last_seen_before_at,
    changes.known_from,
    -- A third of a book's prices, and at least 50, in one capture is the source's doing, not the market's.
    count(*) filter (changes.change in ('raise', 'cut', 'restated')) over one_capture
    > greatest(50, sized.prices / 3) as is_upstream_event,
    changes.origin,
    changes.shown_by as capture_id,
from changes
join staging.source as declared using (source)
left join sized
    on sized.source = changes.source and sized.document = changes.document and sized.capture_id = changes.shown_by
left join core.listing as listing
    on listing.source = changes.source and listing.provider = changes.provider and listing.listing = changes.listing
window one_capture as (partition by changes.source, changes.document, changes.shown_by)
