-- description: Every way to buy a model at its standard price: list price or promotion, shortest prompts, blended three input tokens to one output token. Doubted prices and withdrawn listings are left out. One row per offer and currency.
-- min_rows: 0
-- grain: offer_id, currency
-- column: offer_id VARCHAR | Offer, as in core.price.
-- column: model_id VARCHAR | Model.
-- column: model_name VARCHAR | Its name.
-- column: organisation_id VARCHAR | Organisation that released it.
-- column: organisation_name VARCHAR | Name of the organisation.
-- column: region VARCHAR | Region of the organisation.
-- column: is_watched BOOLEAN | True for models of seeds.watched_model.
-- column: seller VARCHAR | Who sells: an organisation where the provider is one, else the provider.
-- column: provider VARCHAR | The same as the source writes it.
-- column: is_first_party BOOLEAN | True where the model's own organisation sells.
-- column: source VARCHAR | Source that states the price.
-- column: source_kind VARCHAR | Whose word it is. An aggregator's only where no page of the seller itself was captured; of several aggregators the one asked last.
-- column: document VARCHAR | Document of the source.
-- column: listing VARCHAR | Name at the source.
-- column: market VARCHAR | Market of the price book.
-- column: deployment_scope VARCHAR null | Deployment scope, or precision of the weights where the source names it so.
-- column: channel VARCHAR | Channel.
-- column: mode VARCHAR null | Thinking or non-thinking.
-- column: context_from_tokens BIGINT | Shortest prompt the offer is for.
-- column: window_name VARCHAR null | Time window.
-- column: window_hours VARCHAR null | Hours of the window in its own zone.
-- column: window_zone VARCHAR null | Zone of the window.
-- column: price_kind VARCHAR | List or promotion.
-- column: currency VARCHAR | Native currency.
-- column: input_per_mtok DECIMAL(24, 9) null | Native input price.
-- column: output_per_mtok DECIMAL(24, 9) null | Native output price.
-- column: blended_per_mtok DECIMAL(24, 9) null | (3 x input + output) / 4 in native currency.
-- column: blended_usd_per_mtok DOUBLE null | The same in US dollars; null where no exchange rate is known.
-- column: dearest_hour_usd_per_mtok DOUBLE null | The blended price in the dearest of the offer's time windows: what the route costs whatever the hour.
-- column: fx_rate_id VARCHAR null | The exchange rate used, such as ECB CNY 2026-11-20.
-- column: is_free BOOLEAN | True for free tiers and prices of zero: offers with limits of another kind, no routes.
-- column: place BIGINT null | 1 is the cheapest of the model at its dearest hour; null for what is free or has no price in US dollars.
-- column: is_cheapest BOOLEAN | True for place 1.
-- column: first_party_usd_per_mtok DOUBLE null | What the model's own organisation asks at its dearest hour, in its dollar book where it has one.
-- column: ratio_to_first_party DOUBLE null | The route's price at its dearest hour by that.
-- column: availability VARCHAR null | Standing of the listing as stated.
-- column: last_seen_at TIMESTAMP | Newest capture that confirms the price.
-- column: origin VARCHAR | Origin of that capture.
-- column: capture_id VARCHAR | That capture.
with offer as (
    select
        offer.*,
        model.name as model_name,
        model.organisation_id,
        model.organisation_name,
        model.region,
        watched.model_id is not null as is_watched,
        coalesce(provider.organisation_id, offer.provider) as seller,
        coalesce(provider.organisation_id, offer.provider) = model.organisation_id as is_first_party,
        -- Where a source does not say, the provider's slug may: some stand for a Chinese book converted to dollars.
        if(offer.market = 'global', coalesce(provider.market, offer.market), offer.market) as book,
        offer.listing like '%:free' or offer.blended_per_mtok = 0 as is_free,
    from marts.offer_price as offer
    join core.model as model using (model_id)
    left join seeds.watched_model as watched on watched.model_id = offer.model_id
    left join seeds.provider as provider using (provider)
    where offer.service_tier = 'standard'
        and offer.availability is distinct from 'retired'
        and offer.blended_per_mtok is not null
    window route as (
        partition by offer.source, offer.document, offer.provider, offer.listing, offer.market, offer.deployment_scope,
            offer.channel, offer.mode, offer.window_name, offer.price_kind
    )
    qualify offer.context_from_tokens = min(offer.context_from_tokens) over route
),

-- When a seller's own page last ceased to state a price of a model: what others said before that is out of date.
dropped as (
    select
        if(moved.listing is null, listing.model_id, moved.model_id) as model_id,
        coalesce(provider.organisation_id, price.provider) as seller,
        price.market = 'cn' as is_cn,
        max(price.known_to) as dropped_at,
    from core.price as price
    join staging.source as declared on declared.source = price.source
    join core.listing as listing
        on listing.source = price.source and listing.provider = price.provider and listing.listing = price.listing
    left join core.moved_listing as moved
        on moved.source = price.source and moved.provider = price.provider and moved.listing = price.listing
        and price.known_from >= coalesce(moved.valid_from, '-infinity'::date)
        and price.known_from < coalesce(moved.valid_before, 'infinity'::date)
    left join seeds.provider as provider on provider.provider = price.provider
    where declared.kind <> 'aggregator' and price.known_to is not null
    group by all
),

word as (
    select
        offer.model_id,
        offer.seller,
        offer.book = 'cn' as is_cn,
        offer.source,
        any_value(offer.source_kind) = 'aggregator' as is_hearsay,
        max(offer.last_seen_at) as asked_at,
    from offer
    left join dropped
        on dropped.model_id = offer.model_id
        and dropped.seller = offer.seller
        and dropped.is_cn = (offer.book = 'cn')
    where offer.source_kind <> 'aggregator'
        or dropped.dropped_at is null
        or offer.last_seen_at >= dropped.dropped_at
    group by all
),

heard as (
    select model_id, seller, is_cn, source
    from word
    where not is_hearsay
    union
    select model_id, seller, is_cn, source
    from word
    qualify is_hearsay and row_number() over (
        partition by model_id, seller, is_cn order by is_hearsay, asked_at desc, source
    ) = 1
),

route as (
    select
        offer.*,
        max(offer.blended_usd_per_mtok) over (
            partition by offer.source, offer.document, offer.provider, offer.listing, offer.market,
                offer.deployment_scope, offer.channel, offer.mode, offer.price_kind, offer.currency
        ) as dearest_hour_usd_per_mtok,
    from offer
    join heard
        on heard.model_id = offer.model_id
        and heard.seller = offer.seller
        and heard.is_cn = (offer.book = 'cn')
        and heard.source = offer.source
),

placed as (
    select
        offer_id,
        currency,
        row_number() over (
            partition by model_id
            order by dearest_hour_usd_per_mtok, blended_usd_per_mtok desc, is_first_party desc, source_kind = 'aggregator',
                market in ('global', 'intl', 'cn') desc, last_seen_at desc, provider, listing, document, offer_id
        ) as place,
    from route
    where not is_free and dearest_hour_usd_per_mtok is not null
),

own as (
    select
        model_id,
        arg_min(
            dearest_hour_usd_per_mtok, (currency <> 'USD', source_kind = 'aggregator', dearest_hour_usd_per_mtok)
        ) as first_party_usd_per_mtok,
    from route
    where is_first_party and not is_free and dearest_hour_usd_per_mtok is not null
    group by model_id
)

select
    route.offer_id,
    route.model_id,
    route.model_name,
    route.organisation_id,
    route.organisation_name,
    route.region,
    route.is_watched,
    route.seller,
    route.provider,
    route.is_first_party,
    route.source,
    route.source_kind,
    route.document,
    route.listing,
    route.market,
    route.deployment_scope,
    route.channel,
    route.mode,
    route.context_from_tokens,
    route.window_name,
    window_terms.window_hours,
    window_terms.window_zone,
    route.price_kind,
    route.currency,
    route.input_per_mtok,
    route.output_per_mtok,
    route.blended_per_mtok,
    route.blended_usd_per_mtok,
    route.dearest_hour_usd_per_mtok,
    'ECB ' || route.currency || ' ' || route.fx_rate_on as fx_rate_id,
    route.is_free,
    placed.place,
    coalesce(placed.place = 1, false) as is_cheapest,
    own.first_party_usd_per_mtok,
    route.dearest_hour_usd_per_mtok / own.first_party_usd_per_mtok as ratio_to_first_party,
    route.availability,
    route.last_seen_at,
    route.origin,
    route.capture_id,
from route
left join placed using (offer_id, currency)
left join own on own.model_id = route.model_id
left join (
    select distinct offer_id, window_hours, window_zone from marts.price_current where component = 'input'
) as window_terms on window_terms.offer_id = route.offer_id
