"""Units of prices: the words for them, and exact conversion to a million tokens.

The names are those of the contract (`warehouse/staging/price.sql`). A unit that is not listed here
raises with its text; it is never inferred from the size of a number.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow

from scrapers.parsing.text import clean

# Factor from a price per this many tokens to a price per million tokens.
PER_MTOK = {"per_token": Decimal(1_000_000), "per_ktok": Decimal(1_000), "per_mtok": Decimal(1)}

_TOKENS = r"(?:input |output )?(?:tokens?|tok)"
_WORDINGS = {
    "per_mtok": rf"(?:1 ?)?(?:m|million|1,000,000) ?{_TOKENS}|百万 ?{_TOKENS}",
    "per_ktok": rf"(?:1 ?)?(?:k|thousand|1,000|1000) ?{_TOKENS}|千 ?{_TOKENS}",
    "per_token": _TOKENS,
    "per_request": r"request|次",
    "per_ksearch": r"(?:1k|1,000|1000) (?:searches|search queries)",
    "per_image": r"image|张",
    "per_second": r"second|sec|秒",
    "per_minute": r"minute|min|分钟",
    "per_hour": r"hour|小时",
    "per_char": r"char(?:acter)?|字符",
    "per_10kchar": r"(?:10k|10,000) char(?:acter)?s|万字符?",
    "per_mchar": r"(?:1 ?)?(?:m|million|1,000,000) char(?:acter)?s|百万字符",
    "per_page": r"page|页",
    "per_kpage": r"(?:1k|1,000|1000) pages|千页",
    "per_mtok_hour": rf"(?:1 ?)?(?:m|million|1,000,000) ?{_TOKENS} ?(?:/|per) ?hour|百万 ?{_TOKENS} ?/ ?小时",
}
_UNITS = {unit: re.compile(rf"(?:/|per|每)? ?(?:{wording})", re.IGNORECASE) for unit, wording in _WORDINGS.items()}
# 60 digits hold every price we can meet; a result that does not fit is an error, never rounded.
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, Overflow])


class UnreadableAmount(ValueError):
    """A number too long to convert exactly; the message quotes it."""


class UnknownUnit(ValueError):
    """The text names no unit we know; the message quotes it."""


def read_unit(text: str) -> str:
    """The contract's name of a written unit, such as `/ MTok`, `per 1M tokens` or `/百万tokens`."""
    plain = clean(text)
    for unit, pattern in _UNITS.items():
        if pattern.fullmatch(plain):
            return unit
    raise UnknownUnit(f"unknown unit {text!r}")


def to_per_mtok(amount: Decimal | None, unit: str) -> Decimal | None:
    """The same price per million tokens, exactly; None for units that do not count tokens."""
    if unit not in _UNITS:
        raise UnknownUnit(f"unknown unit {unit!r}")
    if amount is None or unit not in PER_MTOK:
        return None
    try:
        return _EXACT.multiply(amount, PER_MTOK[unit])
    except (Inexact, InvalidOperation, Overflow) as error:
        raise UnreadableAmount(f"not a price: {str(amount)[:80]}") from error


def from_cents(amount: Decimal) -> Decimal:
    """Dollars for an amount in US cents, exactly."""
    return _EXACT.multiply(amount, Decimal("0.01"))
