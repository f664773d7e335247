"""What a price page yields: prices as written, and what could not be read as one.

The fields of `Price` are the columns of `warehouse/staging/price.sql`; a test holds them together.
Here belongs the plain data that `extract(page)` returns; parsing lives in `scrapers.parsing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any


class UnreadablePage(ValueError):
    """The page as a whole cannot be trusted (no price table, unknown header, unit or currency).

    The message must quote the offending text.
    """


@dataclass(frozen=True, kw_only=True)
class Price:
    """One price of one offer for one component, in the unit and currency the source states.

    `amount` None is unknown, 0 is free. `amount_per_mtok` is native currency per million tokens, None
    where the unit is not tokens. See `warehouse/staging/price.sql` for every column.
    """

    provider: str
    listing: str
    component: str
    amount: Decimal | None
    unit: str
    currency: str
    amount_per_mtok: Decimal | None
    price_text: str
    market: str = "global"
    deployment_scope: str | None = None
    channel: str = "first_party"
    service_tier: str = "standard"
    mode: str | None = None
    context_from_tokens: int = 0
    context_to_tokens: int | None = None
    window_name: str | None = None
    window_days: str | None = None
    window_hours: str | None = None
    window_zone: str | None = None
    price_kind: str = "list"
    promotion_ends_at: datetime | None = None
    effective_from: datetime | None = None
    effective_to: datetime | None = None
    hub_repo_id: str | None = None
    availability: str | None = None
    alias_of: str | None = None

    def values(self) -> dict[str, Any]:
        """The row for `staging.price`."""
        return dict(vars(self))


@dataclass(frozen=True)
class Rejected:
    """A piece of the page that was not read, with the reason and the raw text."""

    reason: str
    text: str


@dataclass(frozen=True)
class Skipped:
    """A priced piece of the page that is not for this price book (a tool, a subscription), with the reason.

    It makes no row and no reject; the table of what was read of each body counts it.
    """

    reason: str
    text: str
