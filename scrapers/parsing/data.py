"""Fields of decoded JSON, read strictly: a number is a number, and what cannot be read is shown as JSON again.

Here belongs what every list of prices in JSON needs. How JSON is found and decoded: `scrapers.parsing.embedded`.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

MAX_SHOWN = 2_000
MAX_DIGITS = 24


class UnreadableField(ValueError):
    """A field that does not hold what it should; the message quotes it."""


def number(value: Any, name: str) -> Decimal | None:
    """A number of at least zero; None where there is none. Texts, booleans and numbers no price has raise."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
        raise UnreadableField(f"{name} is {shown(value)}")
    exact = Decimal(value)
    if len(exact.as_tuple().digits) > MAX_DIGITS or abs(exact.adjusted()) > MAX_DIGITS:
        raise UnreadableField(f"{name} is {shown(value)}")
    return exact


def shown(value: Any) -> str:
    """A decoded value as the text of a reject."""
    return json.dumps(value, ensure_ascii=False, default=float)[:MAX_SHOWN]
