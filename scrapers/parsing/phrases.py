"""Several prices in the words of one cell: labelled amounts, and a list price with what a discount leaves of it.

Here belongs the taking apart. Each amount is read by `scrapers.parsing.money`; what a label means is the vendor's
parser to know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_AMOUNT = re.compile(r"(?<![\d.,])(?:(?:US)?\$ ?\d[\d.,]{0,20}(?:/\w+)?|\d[\d.,]{0,20} ?元(?:/\w+)?)")
_DISCOUNTED = re.compile(
    r"(?:原价|List price) ?(.{1,100}?) ?\(?(?:限时|Limited-time) ?([^()]{1,100})\)?", re.IGNORECASE
)
_TENTHS = re.compile(r"(\d(?:\.\d)?)折")
_OFF = re.compile(r"(?:([a-z]+) )?(\d{1,2})% off", re.IGNORECASE)


class UnreadablePhrase(ValueError):
    """Words around amounts that cannot be taken apart surely; the message quotes them."""


@dataclass(frozen=True)
class Discount:
    """The share of the list price that is left to pay, and the time of day it is named for."""

    share: Decimal
    window: str | None = None


def split_labels(text: str) -> list[tuple[str, str]]:
    """`480P:0.5元/秒 720P:0.9元/秒` as pairs of label and amount; a text that begins with its amount has no label."""
    found = list(_AMOUNT.finditer(text))
    if not found or (len(found) == 1 and found[0].start() == 0):
        return [("", text)]
    if rest := text[found[-1].end() :].strip():
        raise UnreadablePhrase(f"unknown text {rest!r} after a price in {text!r}")
    starts = [0, *(match.end() for match in found)]
    labels = [text[start : match.start()].strip(" :") for start, match in zip(starts, found, strict=False)]
    if not all(labels):
        raise UnreadablePhrase(f"prices without a label in {text!r}")
    return [(label, match[0]) for label, match in zip(labels, found, strict=True)]


def read_discount(text: str) -> tuple[str, tuple[Discount, ...]] | None:
    """The list price of `原价12元 限时5折` or `List price $1.65 (Limited-time 20% off)`, and what is left of it.

    None for a text of another form. Raises for a discount that is not stated in tenths or percent.
    """
    match = _DISCOUNTED.fullmatch(text)
    return None if match is None else (match[1], tuple(_discount(part, text) for part in match[2].split(",")))


def _discount(part: str, text: str) -> Discount:
    if tenths := _TENTHS.fullmatch(part.strip()):
        return Discount(Decimal(tenths[1]) / 10)
    if off := _OFF.fullmatch(part.strip()):
        return Discount(1 - Decimal(off[2]) / 100, off[1])
    raise UnreadablePhrase(f"unknown discount {part.strip()!r} in {text!r}")
