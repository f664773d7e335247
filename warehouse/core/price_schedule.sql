-- description: Prices announced for a day to come, and what became of them. One row per announced price of an offer's component.
-- min_rows: 0
-- grain: offer_id, component, unit, effective_from, known_from
-- column: offer_id VARCHAR | Offer, as in core.price.
-- column: component VARCHAR | What is charged for.
-- column: unit VARCHAR | Unit.
-- column: effective_from TIMESTAMP | When the price was to begin.
-- column: known_from TIMESTAMP | First capture that announced it.
-- column: source VARCHAR | Source.
-- column: provider VARCHAR | Who sells.
-- column: listing VARCHAR | Name at the source.
-- column: model_id VARCHAR null | Model, where the name resolves.
-- column: currency VARCHAR | Currency.
-- column: amount_before DECIMAL(24, 12) null | Price in force when it was announced.
-- column: amount_announced DECIMAL(24, 12) null | The announced price.
-- column: outcome VARCHAR in (pending, took_effect, cancelled, replaced, unconfirmed) | pending = its day has not come; cancelled = it was taken back, or from its day on the old price still stood; replaced = another price was announced for that day; unconfirmed = nobody was asked since.
-- column: outcome_known_at TIMESTAMP null | Capture that settled it.
-- column: evidence VARCHAR null in (own_page, other_sources) | Whose word settled it.
-- column: evidence_sources VARCHAR[] null | Sources that settled it.
-- column: evidence_capture_id VARCHAR null | A capture that settled it.
with statement as (
    select
        price.*,
        if(moved.listing is null, listing.model_id, moved.model_id) as model_id,
        coalesce(provider.seller, price.provider) as seller,
    from core.price as price
    left join core.listing as listing
        on listing.source = price.source and listing.provider = price.provider and listing.listing = price.listing
    left join core.moved_listing as moved
        on moved.source = price.source and moved.provider = price.provider and moved.listing = price.listing
        and price.known_from >= coalesce(moved.valid_from, '-infinity'::date)
        and price.known_from < coalesce(moved.valid_before, 'infinity'::date)
    left join seeds.provider as provider on provider.provider = price.provider
),

announced as (
    select * from statement where effective_from > known_from
),

own as (
    select
        announced.*,
        before.amount as amount_before,
        before.amount_per_mtok as per_mtok_before,
        after.observed_at as asked_at,
        after.capture_id as asked_capture_id,
        exists (
            select 1 from statement as held
            where held.offer_id = announced.offer_id
                and held.component = announced.component
                and held.unit = announced.unit
                and held.amount is not distinct from announced.amount
                and held.known_from <= after.observed_at
                and (held.known_to is null or held.known_to > after.observed_at)
                and (held.effective_from is null or held.effective_from <= after.observed_at)
                and (held.effective_to is null or held.effective_to > after.observed_at)
        ) as is_in_force_after,
        exists (
            select 1 from statement as other
            where other.offer_id = announced.offer_id
                and other.component = announced.component
                and other.unit = announced.unit
                and other.effective_from = announced.effective_from
                and other.known_from = announced.known_to
        ) as is_replaced,
    from announced
    left join statement as before
        on before.offer_id = announced.offer_id
        and before.component = announced.component
        and before.unit = announced.unit
        and before.known_from <= announced.known_from
        and (before.known_to is null or before.known_to > announced.known_from)
        and (before.effective_from is null or before.effective_from <= announced.known_from)
        and (before.effective_to is null or before.effective_to > announced.known_from)
    asof left join core.document_sequence as after
        on announced.source = after.source
        and announced.document = after.document
        and announced.effective_from <= after.observed_at
    qualify row_number() over (
        partition by announced.offer_id, announced.component, announced.unit, announced.effective_from,
            announced.known_from
        order by before.effective_from desc nulls last, before.known_from desc
    ) = 1
),

-- What other sources said of the same seller's price from the announced day on.
witness as (
    select
        own.offer_id,
        own.component,
        own.unit,
        own.effective_from,
        own.known_from,
        list(distinct other.source order by other.source)
            filter (other.amount_per_mtok = own.per_mtok_before) as for_before,
        list(distinct other.source order by other.source)
            filter (other.amount_per_mtok = own.amount_per_mtok) as for_announced,
        min(greatest(other.known_from, own.effective_from)) as settled_at,
        arg_min(other.capture_id, other.last_seen_at) as capture_id,
    from own
    join statement as other
        on other.model_id = own.model_id
        and other.seller = own.seller
        and other.component = own.component
        and other.service_tier = own.service_tier
        and other.context_from_tokens = own.context_from_tokens
        and other.currency = own.currency
        and other.price_kind = own.price_kind
        and other.source <> own.source
    where own.asked_at is null
        and own.per_mtok_before is distinct from own.amount_per_mtok
        and other.last_seen_at >= own.effective_from
        and (other.effective_from is null or other.effective_from <= other.last_seen_at)
        and (other.effective_to is null or other.effective_to > other.last_seen_at)
    group by all
),

judged as (
    select
        own.*,
        witness.for_before,
        witness.for_announced,
        witness.settled_at,
        witness.capture_id as witness_capture_id,
        case
            when own.is_replaced then 'replaced'
            when own.known_to <= own.effective_from then 'cancelled'
            when own.effective_from > as_at() then 'pending'
            when own.asked_at is not null then if(own.is_in_force_after, 'took_effect', 'cancelled')
            when witness.for_before is not null and witness.for_announced is null then 'cancelled'
            when witness.for_announced is not null and witness.for_before is null then 'took_effect'
            else 'unconfirmed'
        end as outcome,
    from own
    left join witness using (offer_id, component, unit, effective_from, known_from)
)

select
    offer_id,
    component,
    unit,
    effective_from,
    known_from,
    source,
    provider,
    listing,
    model_id,
    currency,
    amount_before,
    amount as amount_announced,
    outcome,
    case
        when outcome in ('pending', 'unconfirmed') then null
        when known_to <= effective_from then known_to
        else coalesce(asked_at, settled_at)
    end as outcome_known_at,
    case
        when outcome in ('pending', 'unconfirmed') then null
        when known_to <= effective_from or asked_at is not null then 'own_page'
        else 'other_sources'
    end as evidence,
    case
        when outcome in ('pending', 'unconfirmed') then null
        when known_to <= effective_from or asked_at is not null then [source]
        when outcome = 'cancelled' then for_before
        else for_announced
    end as evidence_sources,
    case
        when outcome in ('pending', 'unconfirmed') then null
        when known_to <= effective_from then
            (select any_value(next.capture_id) from core.document_sequence as next
            where next.source = judged.source and next.document = judged.document and next.observed_at = judged.known_to)
        else coalesce(asked_capture_id, witness_capture_id)
    end as evidence_capture_id,
from judged
