"""Amounts of money as price pages write them, read without a guess.

Every text is one of three things: an amount in a known currency, free (0), or not offered (None).
All else raises with the text. Price-guessing libraries are of no use here: they read `$1.250` as 1250
and `-1` as 1. Units after the amount are left to `scrapers.parsing.units`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import NumberFormatError, parse_decimal

from scrapers.parsing.text import clean

CURRENCIES = {
    "$": "USD",
    "US$": "USD",
    "USD": "USD",
    "¥": "CNY",
    "元": "CNY",
    "RMB": "CNY",
    "CNY": "CNY",
    "€": "EUR",
    "EUR": "EUR",
}
# What a body that quotes prices in a currency cannot lack.
CURRENCY_SIGNS = {
    "USD": re.compile(r"\$(?:[\"']\})?\s?\d|\d\s?USD|\bUSD ?/ ?\w", re.IGNORECASE),  # also as JSX, `{"$"}0.95`
    "CNY": re.compile(r"\d\s*元|[¥￥]\s?\d|\d\s?(?:CNY|RMB)|元 ?/ ?\w", re.IGNORECASE),
    "EUR": re.compile(r"€\s?\d|\d\s?(?:€|EUR)", re.IGNORECASE),
}
FREE = frozenset({"free", "free of charge", "limited-time free", "限时免费", "免费"})
ABSENT = frozenset(
    {"", "-", "--", "–", "—", "−", "\\", "/", "n/a", "not available", "not supported yet", "不支持", "暂不支持", "暂无"}
)

_SIGN = "|".join(sorted(map(re.escape, CURRENCIES), key=len, reverse=True))
# After the amount no more of a number may follow: no letter, fraction, percent sign, second group or range.
_AMOUNT = re.compile(
    rf"({_SIGN})?\s?(\d[\d,]*(?:\.\d+)?|\.\d+)\s?({_SIGN})?(?![\d.,A-Za-z$¥€⁄%]|\s*[-–—~]?\s*\d)\s*(.*)",
    re.IGNORECASE,
)
_ANY_SIGN = re.compile(r"[$¥€元]")


class UnreadableMoney(ValueError):
    """The text is neither an amount in a known currency, nor free, nor a mark of absence."""


@dataclass(frozen=True)
class Money:
    """An amount, its currency, and the text that followed it (a unit, a note).

    `amount` None is not offered or unknown, 0 is free; `currency` is None where the text names none,
    which only happens without an amount of money.
    """

    amount: Decimal | None
    currency: str | None
    rest: str = ""


def read_money(text: str, *, default_currency: str | None = None) -> Money:
    """Read one price; raise UnreadableMoney with the text for anything that is not surely one.

    `default_currency` is for pages that state the currency once, away from the amounts.
    """
    plain = clean(text)
    if plain.lower() in FREE:
        return Money(Decimal(0), None)
    if plain.lower() in ABSENT:
        return Money(None, None)
    match = _AMOUNT.fullmatch(plain)
    if match is None:
        raise UnreadableMoney(f"not a price: {text!r}")
    before, number, after, rest = match.groups()
    if _ANY_SIGN.search(rest):
        raise UnreadableMoney(f"more than one price in {text!r}")
    stated = {CURRENCIES[sign.upper()] for sign in (before, after) if sign}
    if not stated and default_currency:
        stated = {default_currency}
    if len(stated) != 1:
        raise UnreadableMoney(f"{'two currencies' if stated else 'no currency'} in {text!r}")
    return Money(_number(number, text), stated.pop(), rest)


def _number(digits: str, text: str) -> Decimal:
    """Strict: a comma only between groups of three digits."""
    try:
        return Decimal(parse_decimal(digits, locale="en_US", strict=True))
    except NumberFormatError as error:
        raise UnreadableMoney(f"not a number: {digits!r} in {text!r}") from error
