"""Changes of prices as a reader takes them: the prices of one offer that moved the same way are one line.

Here belong the question to the mart and the grouping, shared by the page and the feed; words are in `reports.offers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from reports.mart import Record

# An announcement of the price that is in force anyway is none.
NEWS = "not is_upstream_event and not is_doubtful and not (change = 'scheduled' and ratio is not distinct from 1)"
KINDS = """list_position(['cut', 'raise', 'promotion_start', 'promotion_end', 'scheduled', 'cancelled', 'tier_change',
                      'alias_moved', 'restated', 'new', 'withdrawn'], change)"""
"""The order of the kinds of change."""

# All tiers of an offer that were cut anew are one line as well.
LINES = f"""
with change as (
    select *,
           case when change = 'tier_change' then
               md5(row(source, document, provider, listing, market, deployment_scope, channel, service_tier, mode,
                       price_kind, known_from)::varchar)
           else md5(row(offer_id, change, effective_from, known_from)::varchar) end as line,
           {KINDS} as kind,
           -- A price of zero is more often a free tier or a gap than the deepest of cuts: it comes last.
           case when change = 'raise' then -ratio when ratio > 0 then ratio end as size
    from marts.price_change
    where {NEWS} and not {{without}}
), sized as (
    select change.*, promotion.list_per_mtok, promotion.promotion_ends_at,
           min(size) over (partition by line) as line_size
    from change
    left join marts.price_promotion as promotion using (offer_id, component, unit)
)
select provider, listing, component, change, currency, per_mtok_before, per_mtok_after, ratio,
       amount_before, amount_after, unit, market, deployment_scope, channel, service_tier, mode,
       context_from_tokens, window_name, price_kind, list_per_mtok, promotion_ends_at, effective_from,
       last_seen_before_at, known_from, source, source_kind, document, model_id, origin, capture_id, offer_id, line
from sized
"""
"""A query still without order, to be formatted with what is left out; it gives `line`, which names the line."""

IN_LINE = """line, list_position(['input', 'output', 'cache_read'], component) nulls last, component, unit,
         context_from_tokens, offer_id"""
"""The end of every order: it keeps the prices of a line side by side."""


def lines_of(records: Sequence[Record]) -> list[list[Record]]:
    """The prices of each line together, in the order given."""
    return [list(prices) for _, prices in groupby(records, key=lambda record: record["line"])]
