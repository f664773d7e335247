"""Numbers, prices and times as people read them. Unknown is said to be unknown, never written as 0.

Here belongs formatting only; what is dangerous in fetched text is dealt with in `reports.safe`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

Number = int | float | Decimal

NUMERALS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

UNKNOWN = "unknown"
SYMBOLS = {"USD": "$", "CNY": "¥", "EUR": "€"}
UNITS = {
    "per_token": "per token",
    "per_ktok": "per 1K tokens",
    "per_mtok": "per M tokens",
    "per_request": "per request",
    "per_ksearch": "per 1,000 searches",
    "per_image": "per image",
    "per_minute": "per minute",
    "per_hour": "per hour",
    "per_mtok_hour": "per M tokens and hour",
}


def count(value: Number | None) -> str:
    """950, 5,230, 52.3k, 236k, 1.2M, 3.4B."""
    if value is None:
        return UNKNOWN
    size = abs(float(value))
    if size < 9_999.5:
        text = f"{size:,.0f}"
    elif size < 999_500:
        text = _short(size / 1e3) + "k"
    elif size < 999_500_000:
        text = _short(size / 1e6) + "M"
    else:
        text = _short(size / 1e9) + "B"
    return f"−{text}" if float(value) < 0 else text


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 99.95 else f"{value:.1f}".removesuffix(".0")


def exact(value: int | None) -> str:
    """52,310: every digit, for tables."""
    return UNKNOWN if value is None else f"{value:,}".replace("-", "−")


def change(value: Number | None) -> str:
    """A signed count: +1,204, −12, no change."""
    if value is None:
        return UNKNOWN
    if value == 0:
        return "no change"
    return f"+{count(value)}" if float(value) > 0 else count(value)


def money(amount: Number | None, currency: str) -> str:
    """$0.26, ¥0.80, $0.0028, $1,250.00: three significant digits below 1, three decimals above, at least two."""
    if amount is None:
        return UNKNOWN
    value = Decimal(str(amount))
    symbol = SYMBOLS.get(currency, f"{currency} ")
    if value == 0:
        return f"{symbol}0"
    decimals = 3 if abs(value) >= 1 else 2 - value.adjusted()
    whole, _, fraction = f"{value:,.{decimals}f}".partition(".")
    return f"{symbol}{whole}.{fraction.rstrip('0').ljust(2, '0')}"


def unit(name: str) -> str:
    """`per_mtok` as words; a unit unknown here is shown as it is written."""
    return UNITS.get(name, name)


def times(ratio: Number) -> str:
    """2.1×, 14×."""
    return f"{ratio:.1f}×" if ratio < 10 else f"{ratio:,.0f}×"


def percent_change(ratio: Number | None) -> str:
    """After divided by before, as a signed percentage; above elevenfold as a multiple."""
    if ratio is None:
        return UNKNOWN
    if ratio >= 11:
        return times(ratio)
    points = (float(ratio) - 1) * 100
    digits = 0 if abs(points) >= 10 or points == round(points) else 1
    text = f"{abs(points):.{digits}f}%"
    return f"−{text}" if points < 0 else f"+{text}"


def share(part: Number | None) -> str:
    """A part of one as a percentage: 62%, 8.1%, 0.4%, under 0.1%, 99.3%; only nothing is 0% and only all is 100%."""
    if part is None:
        return UNKNOWN
    percent = float(part) * 100
    if 0 < percent < 0.1:
        return "under 0.1%"
    if 99.95 <= percent < 100:
        return "over 99.9%"
    whole = percent in (0, 100) or 10 <= percent < 98.95
    return f"{percent:.{0 if whole else 1}f}%"


def day(value: dt.date | dt.datetime | None) -> str:
    """2026-11-21."""
    return UNKNOWN if value is None else f"{value:%Y-%m-%d}"


def moment(value: dt.datetime | None) -> str:
    """2026-11-21 14:30 UTC."""
    return UNKNOWN if value is None else f"{value:%Y-%m-%d %H:%M} UTC"


def days_between(values: Iterable[dt.date | dt.datetime]) -> str:
    """One day, or the first and the last of several."""
    days = sorted({day(value) for value in values})
    if not days:
        return UNKNOWN
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """1 price, 2 prices, 1,204 prices."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def numeral(number: int) -> str:
    """Small numbers as words, for headings."""
    return NUMERALS[number] if number < len(NUMERALS) else f"{number:,}"


def listed(parts: Sequence[str]) -> str:
    """a, b and c."""
    return ", ".join(parts[:-1]) + f" and {parts[-1]}" if len(parts) > 1 else "".join(parts)
