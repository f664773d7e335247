-- description: What changed in the price books: between two captures of a source, or on a day it had announced. One row per change of one component of one offer.
-- min_rows: 0
-- grain: offer_id, component, unit, effective_from, known_from, change
-- column: offer_id VARCHAR | Offer, as in core.price.
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
-- column: change VARCHAR in (new, raise, cut, withdrawn, tier_change, promotion_start, promotion_end, scheduled, cancelled, alias_moved, restated) | Kind of change. tier_change: the same price for other prompts or hours, or tiers or hours cut anew (a row without `after` for each old one, without `before` for each new one). scheduled: announced for `effective_from`. cancelled: an announced price that did not come, in amount_before. alias_moved: the name stands for another listing since, so the two prices are not of one model. restated: a price with a stated past start changed, its currency did, or it became known or unknown.
-- column: amount_before DECIMAL(24, 12) null | Price before, in the stated unit.
-- column: amount_after DECIMAL(24, 12) null | Price after.
-- column: per_mtok_before DECIMAL(24, 9) null | Native price per million tokens before.
-- column: per_mtok_after DECIMAL(24, 9) null | Native price per million tokens after.
-- column: ratio DOUBLE null | After divided by before; null when either is unknown or before is 0.
-- column: effective_from TIMESTAMP null | When the source says the new price starts.
-- column: last_seen_before_at TIMESTAMP null | Last capture that still showed the state before.
-- column: known_from TIMESTAMP | First capture that shows the state after, or the announced moment; an unannounced change lies between the two.
-- column: is_upstream_event BOOLEAN | True when the source changed so many prices in this capture that it is an event at the source, not news, until it persists.
-- column: is_doubtful BOOLEAN | True when the price before or after is doubted (core.price_doubt).
-- column: origin VARCHAR | Origin of the capture.
-- column: capture_id VARCHAR | Capture that shows it.
with period as (
    select *, is_doubted as is_doubtful from core.price_period where basis = 'captured'
),

stepped as (
    select
        period.*,
        lag(in_force_to) over offer is not distinct from in_force_from as is_adjacent,
        lead(in_force_from) over offer is not distinct from in_force_to as is_followed,
        lag(period) over offer as before,
        min(in_force_from) over offer as begins_at,
    from period
    window offer as (partition by offer_id, component, unit order by in_force_from)
),

first_capture as (
    select source, document, min(observed_at) as first_asked_at from core.document_sequence group by source, document
),

opened as (
    select
        stepped.* exclude (before, known_from, is_doubtful),
        if(is_adjacent, before.amount, null) as amount_before,
        amount as amount_after,
        if(is_adjacent, before.amount_per_mtok, null) as per_mtok_before,
        amount_per_mtok as per_mtok_after,
        if(is_adjacent, before.last_seen_at, previous.observed_at) as last_seen_before_at,
        greatest(in_force_from, stepped.known_from) as known_from,
        is_doubtful or coalesce(is_adjacent and before.is_doubtful, false) as is_doubtful,
        stepped.first_capture_id as shown_by,
        case
            when not is_adjacent and price_kind = 'promotion' then 'promotion_start'
            when not is_adjacent then 'new'
            when before.alias_of is distinct from alias_of then 'alias_moved'
            when before.currency <> currency then 'restated'
            when amount is not distinct from before.amount then 'tier_change'
            when amount is null or before.amount is null then 'restated'
            when effective_from is not null and effective_from = before.effective_from then 'restated'
            when amount > before.amount then 'raise'
            else 'cut'
        end as change,
    from stepped
    join first_capture using (source, document)
    asof left join core.document_sequence as previous
        on stepped.source = previous.source
        and stepped.document = previous.document
        and stepped.in_force_from > previous.observed_at
    where stepped.in_force_from > first_asked_at
        and not (
            is_adjacent
            and before.currency = currency
            and before.amount is not distinct from amount
            and before.alias_of is not distinct from alias_of
            and before.context_to_tokens is not distinct from context_to_tokens
            and before.window_days is not distinct from window_days
            and before.window_hours is not distinct from window_hours
            and before.window_zone is not distinct from window_zone
        )
),

closed as (
    select
        stepped.* exclude (before, known_from, effective_from, origin),
        null::timestamp as effective_from,
        amount as amount_before,
        null as amount_after,
        amount_per_mtok as per_mtok_before,
        null as per_mtok_after,
        last_seen_at as last_seen_before_at,
        in_force_to as known_from,
        coalesce(shown.capture_id, stepped.capture_id) as shown_by,
        coalesce(shown.origin, stepped.origin) as origin,
        if(price_kind = 'promotion', 'promotion_end', 'withdrawn') as change,
    from stepped
    left join core.document_sequence as shown
        on shown.source = stepped.source
        and shown.document = stepped.document
        and shown.observed_at = stepped.in_force_to
    where not is_followed and in_force_to <= as_at()
),

announcement as (
    select
        price.* exclude (known_from, amount, amount_per_mtok),
        known_from as announced_at,
        price.known_from > first_capture.first_asked_at as is_news,
        schedule.model_id,
        schedule.outcome,
        schedule.outcome_known_at,
        schedule.evidence_capture_id,
        schedule.amount_before as price_before,
        schedule.amount_announced as price_announced,
    from core.price_schedule as schedule
    join core.price as price using (offer_id, component, unit, effective_from, known_from)
    join first_capture on first_capture.source = price.source and first_capture.document = price.document
),

announced as (
    select
        *,
        'scheduled' as change,
        price_before as amount_before,
        price_announced as amount_after,
        announced_at as known_from,
        first_capture_id as shown_by,
    from announcement
    where is_news
    union all by name
    select
        *,
        'cancelled' as change,
        price_announced as amount_before,
        price_before as amount_after,
        outcome_known_at as known_from,
        evidence_capture_id as shown_by,
    from announcement
    where outcome = 'cancelled'
),

changes as (
    select
        * replace (
            case
                when change in ('new', 'withdrawn')
                    and count(distinct change) filter (change in ('new', 'withdrawn')) over one_place > 1 then 'tier_change'
                else change
            end as change
        ),
    from (select * from opened union all by name select * from closed)
    window one_place as (
        partition by source, document, provider, listing, market, deployment_scope, channel, service_tier, mode,
            price_kind, component, unit, known_from
    )
    union all by name
    select
        *,
        false as is_doubtful,
        per_mtok(amount_before, unit) as per_mtok_before,
        per_mtok(amount_after, unit) as per_mtok_after,
    from announced
)

select
    changes.offer_id,
    changes.source,
    declared.kind as source_kind,
    changes.document,
    changes.provider,
    changes.listing,
    changes.model_id,
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
    exists (
        select 1 from core.price_upstream_event as event
        where event.source = changes.source
            and event.document = changes.document
            and event.capture_id = changes.shown_by
            and event.persisted_at is null
            and (
                (event.kind = 'mass_change' and changes.change in ('raise', 'cut', 'restated'))
                or (event.kind = 'vanished' and changes.change in ('withdrawn', 'promotion_end', 'tier_change'))
                or (event.kind = 'zeroed' and changes.amount_after = 0)
                or (
                    event.kind = 'scaled'
                    and round(changes.amount_after::double / nullif(changes.amount_before::double, 0), 3) = event.ratio
                )
            )
    ) as is_upstream_event,
    changes.is_doubtful,
    changes.origin,
    changes.shown_by as capture_id,
from changes
join staging.source as declared using (source)
