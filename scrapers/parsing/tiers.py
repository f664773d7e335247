"""Context tiers as price pages write them: how many tokens of a prompt a price holds for.

A K is 1,000 and an M is 1,000,000, as the vendors state. A tier is half open: from a first number of tokens up to,
but not with, another; `≤128K` therefore ends at 128,001. What a page calls the thing it counts (tokens, input, prompt
length) may stand around the bounds; any other text raises, as does a cell that was cut off at its `<`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from scrapers.parsing.text import clean

_NUMBER = r"\d[\d,]*(?:\.\d+)? ?[KM]?"
_COUNTED = (
    r"(?:(?:single[- ]request |total )?(?:input|prompt|context|request)s?(?: (?:tokens?|lengths?|size))?"
    r"|tokens?(?: count)?"
    r"|(?:单次请求的?|单次)?(?:输入|上下文)(?:长度|区间)?(?: ?tokens?(?: ?数)?)?)"
)
_TAIL = rf"(?: ?{_COUNTED}| ?个)*"
_BETWEEN = re.compile(rf"({_NUMBER})(<=|<) ?{_COUNTED}? ?(<=|<)({_NUMBER}){_TAIL}", re.IGNORECASE)
_INTERVAL = re.compile(rf"(?:{_COUNTED})?[ :]*([\[(])({_NUMBER}),({_NUMBER}|\+?∞|inf)([\])]){_TAIL}", re.IGNORECASE)
_ONE_SIDED = re.compile(rf"(?:{_COUNTED})?[ :]*(<=|>=|<|>)({_NUMBER}){_TAIL}", re.IGNORECASE)
_UP_TO = re.compile(rf"(?:up to|within|不超过) ?({_NUMBER}){_TAIL}|({_NUMBER}){_TAIL}(?:以内|及以下)", re.IGNORECASE)
_ABOVE = re.compile(rf"(?:over|above|more than|超过|大于) ?({_NUMBER}){_TAIL}", re.IGNORECASE)
_SIGNS = str.maketrans({"≤": "<=", "≦": "<=", "⩽": "<=", "≥": ">=", "≧": ">=", "⩾": ">=", "＜": "<", "＞": ">"})
_FACTORS = {"": 1, "K": 1_000, "M": 1_000_000}


class UnreadableTier(ValueError):
    """The text states no context tier that can be read surely; the message quotes it."""


@dataclass(frozen=True)
class ContextTier:
    """Prompts of at least `from_tokens` and fewer than `to_tokens` tokens; without end where that is None."""

    from_tokens: int = 0
    to_tokens: int | None = None

    def columns(self) -> dict[str, int | None]:
        """The two columns of a price row."""
        return {"context_from_tokens": self.from_tokens, "context_to_tokens": self.to_tokens}


def read_tier(text: str, *, bare_unit: str = "") -> ContextTier:
    """The tier that a whole text states; `bare_unit` is K or M where the page's numbers carry none.

    Raises UnreadableTier for everything else, a lone number among it.
    """
    plain = clean(text).translate(_SIGNS)
    plain = re.sub(r"\s*(<=|>=|<|>|,)\s*", r"\1", plain).strip(" :")
    if match := _BETWEEN.fullmatch(plain):
        tier = ContextTier(_above(match[1], match[2], bare_unit), _below(match[4], match[3], bare_unit))
    elif match := _INTERVAL.fullmatch(plain):
        end = match[3].lower().lstrip("+")
        low = _above(match[2], "<" if match[1] == "(" else "<=", bare_unit)
        tier = ContextTier(
            low, None if end in ("∞", "inf") else _below(end, "<=" if match[4] == "]" else "<", bare_unit)
        )
    elif match := _ONE_SIDED.fullmatch(plain):
        tier = _one_sided(match[1], match[2], bare_unit)
    elif match := _UP_TO.fullmatch(plain):
        tier = ContextTier(0, _below(match[1] or match[2], "<=", bare_unit))
    elif match := _ABOVE.fullmatch(plain):
        tier = ContextTier(_above(match[1], "<", bare_unit), None)
    else:
        raise UnreadableTier(f"no context tier in {text!r}")
    if tier.to_tokens is not None and tier.to_tokens <= tier.from_tokens:
        raise UnreadableTier(f"a context tier that ends before it begins: {text!r}")
    return tier


def read_tokens(text: str, *, bare_unit: str = "") -> int:
    """A count of tokens such as `128K`, `1M` or `272,000`."""
    match = re.fullmatch(r"(\d[\d,]*(?:\.\d+)?) ?([KM]?)", clean(text), re.IGNORECASE)
    if match is None:
        raise UnreadableTier(f"not a count of tokens: {text!r}")
    count = Decimal(match[1].replace(",", "")) * _FACTORS[match[2].upper() or bare_unit]
    if count != int(count):
        raise UnreadableTier(f"not a whole count of tokens: {text!r}")
    return int(count)


def _one_sided(sign: str, number: str, bare_unit: str) -> ContextTier:
    if sign.startswith("<"):
        return ContextTier(0, _below(number, sign, bare_unit))
    return ContextTier(_above(number, "<" if sign == ">" else "<=", bare_unit), None)


def _above(number: str, sign: str, bare_unit: str) -> int:
    """First count of a tier whose lower bound stands left of the sign; no prompt has zero tokens."""
    count = read_tokens(number, bare_unit=bare_unit)
    return count + 1 if sign == "<" and count else count


def _below(number: str, sign: str, bare_unit: str) -> int:
    """First count past a tier whose upper bound stands right of the sign."""
    count = read_tokens(number, bare_unit=bare_unit)
    return count + 1 if sign == "<=" else count
