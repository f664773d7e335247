"""Prices that a JSON body states as numbers: read with every digit, written as they stood, and never out of all bounds.

Here belongs what the sources that publish plain JSON have in common; what a field means is the source's to know.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

# Amounts of more digits than this, or with more zeros before or behind them, are no prices; written out in full they
# could fill a disk.
MAX_DIGITS, MAX_ZEROS = 40, 30


class UnreadableNumber(ValueError):
    """The value is no amount of money; the message quotes it."""


class Number(Decimal):
    """A number of a JSON body, exact, with the text it stood there as."""

    text: str

    def __new__(cls, text: str) -> Number:
        """Read the text of a JSON number."""
        number = super().__new__(cls, text)
        number.text = text
        return number


def read_json(body: bytes) -> Any:
    """The content of a JSON body, its numbers as `Number`. Raises ValueError when it is none, or nested too deeply."""
    try:
        return json.loads(body, parse_float=Number, parse_int=Number, parse_constant=str)
    except RecursionError as error:
        raise ValueError(f"nested too deeply ({error})") from error


def read_amount(value: Any) -> Number:
    """A price: a number of 0 or more. Raises UnreadableNumber for text, truth values and what is out of all bounds."""
    if not isinstance(value, Number) or value < 0:
        raise UnreadableNumber(f"unreadable price {written(value)!r}")
    _, digits, exponent = value.as_tuple()
    if len(digits) > MAX_DIGITS or not -MAX_ZEROS <= int(exponent) <= MAX_ZEROS:
        raise UnreadableNumber(f"a price out of all bounds: {value.text[:60]!r}")
    return value


def read_count(value: Any) -> int:
    """A whole number of 0 or more, also where it is written as 32000.0 or 3.2e4."""
    if not isinstance(value, Number) or not 0 <= value <= 10**12 or value != int(value):
        raise UnreadableNumber(f"not a count: {written(value)!r}")
    return int(value)


def written(value: Any) -> str:
    """JSON text with every number as it stood in the body."""
    if isinstance(value, Number):
        return value.text
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
