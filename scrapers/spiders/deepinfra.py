"""DeepInfra's public list of models: prices in US cents per token, everything else as a ratio of those.

`rate_per_input_token_cached` and its kin are the price of a cache read or write as a ratio of the input price; the
service tiers are ratios of all prices; `discount` is the share off every price until `discount_ends_at`, a promotion
beside the list price. These fields are the only place where such prices are stated, so the ratios are applied exactly.
Context tiers stand only in the text `full` (`$1.2 in $6 out $0.24 cached <= 32K, ...`, dollars per million tokens, kept
per token like all others); its first tier has to be the price in cents, else nothing of the model is read. `deprecated`
is a time, also one to come.

Not read: models billed by seconds, images, frames or characters; private ones; `replaced_by`, as the list does not say
that requests are served by the other model. The fields are those of DeepInfra's published API schema and of programs
that read this list; no body of it was at hand when this was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.data import number, shown
from scrapers.parsing.embedded import read_json
from scrapers.parsing.tiers import read_tokens
from scrapers.parsing.units import from_cents, to_per_mtok
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

CENTS = {"cents_per_input_token": "input", "cents_per_output_token": "output"}
RATIOS = {"rate_per_input_token_cached": "cache_read", "rate_per_input_token_cache_write": "cache_write"}
EXPLICIT_WRITES = "rate_per_explicit_cache_write_token"
LIFETIMES = {"5m": "cache_write_5m", "1h": "cache_write_1h"}
TIERS = {"rate_per_service_tier_priority": "priority", "rate_per_service_tier_flex": "flex"}
DISCOUNT = ("discount", "discount_ends_at")
TEXTS = ("type", "short", "full", "table", "explicit_cache_granularity_tokens")
KNOWN = frozenset({*CENTS, *RATIOS, EXPLICIT_WRITES, *TIERS, *DISCOUNT, *TEXTS})
# What else models are billed by. A type beyond these is rejected, not skipped.
OTHER_TYPES = frozenset(
    {"input_length", "output_length", "input_character_length", "image_units", "frame_units", "time", "uptime"}
)

_DOLLARS = r"\$ ?(\d[\d.]{0,12})"
_SEGMENT = re.compile(
    rf"{_DOLLARS} in {_DOLLARS} out(?: {_DOLLARS} cached)?(?: (<=|>) ?(\d[\d.]{{0,9}} ?[KM]))?", re.IGNORECASE
)


@dataclass(frozen=True)
class _Offer:
    """Amounts in USD per token by component, the same with the words they are from, and the prompts they hold for."""

    amounts: Mapping[str, Decimal]
    texts: Mapping[str, str]
    context_from_tokens: int = 0
    context_to_tokens: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def times(self, ratio: Decimal, words: str, **facts: Any) -> _Offer:
        """All prices at a ratio of these, under further facts."""
        amounts = {component: amount * ratio for component, amount in self.amounts.items()}
        texts = {component: f"{text} {words}" for component, text in self.texts.items()}
        return replace(self, amounts=amounts, texts=texts, facts={**self.facts, **facts})


class DeepInfraSpider(PricePageSpider):
    """One list of all models."""

    name = "deepinfra"
    pages: ClassVar = {
        "deepinfra": PricePage(
            url="https://api.deepinfra.com/models/list", currency="USD", anchor="deepseek-ai/DeepSeek", form="data"
        )
    }

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected | Skipped]:
        """The prices of every model that is billed by the token."""
        models = read_json(page.text)
        if not isinstance(models, list):
            raise UnreadablePage(f"not a list of models: {page.text.strip()[:120]!r}")
        for model in models:
            name = model.get("model_name") if isinstance(model, dict) else None
            if not isinstance(name, str) or not name:
                yield Rejected("a model without a name", shown(model))
            else:
                yield from _model(name, model)


def _model(name: str, model: Mapping[str, Any]) -> Iterator[Price | Rejected | Skipped]:
    pricing = model.get("pricing")
    if model.get("private"):
        yield Skipped(f"{name} is private", shown(pricing))
    elif pricing is None:
        yield Skipped(f"{name} has no price", shown(pricing))
    elif not isinstance(pricing, dict) or pricing.get("type") not in ("tokens", "input_tokens", *OTHER_TYPES):
        yield Rejected(f"{name}: an unknown type of price", shown(pricing))
    elif pricing["type"] in OTHER_TYPES:
        yield Skipped(f"{name} is not billed by the token but by {pricing['type']}", shown(pricing))
    else:
        for key in pricing:
            if key not in KNOWN and pricing[key] is not None:
                yield Rejected(f"{name}: unknown price field {key!r}", shown({key: pricing[key]}))
        availability = "deprecated" if model.get("deprecated") else None
        try:
            offers = list(_offers(pricing))
        except ValueError as error:
            yield Rejected(f"{name}: {error}", shown(pricing))
            return
        for offer in offers:
            yield from _prices(name, offer, availability)


def _offers(pricing: Mapping[str, Any]) -> Iterator[_Offer]:
    """Every combination of context tier, service tier, list price and promotion. Raises ValueError for any doubt."""
    base = _base(pricing)
    tiered = list(_context_tiers(pricing, base))
    discount = number(pricing.get("discount"), "discount") or Decimal(0)
    ends_at = _instant(pricing.get("discount_ends_at"))
    if discount >= 1 or (discount and tiered):
        raise ValueError(f"a discount of {discount} {'beside context tiers' if tiered else 'of everything'}")
    for offer in tiered or [_with_cache(base, pricing)]:
        ratios = {tier: number(pricing.get(key), key) for key, tier in TIERS.items()}
        by_tier = [offer.times(ratio, f"x {ratio}", service_tier=tier) for tier, ratio in ratios.items() if ratio]
        for variant in (offer, *by_tier):
            yield variant
            if discount:
                words = f"less {discount}"
                yield variant.times(1 - discount, words, price_kind="promotion", promotion_ends_at=ends_at)


def _base(pricing: Mapping[str, Any]) -> _Offer:
    """The prices stated in cents."""
    cents = {component: number(pricing.get(key), key) for key, component in CENTS.items()}
    stated = {component: amount for component, amount in cents.items() if amount is not None}
    if "input" not in stated or (pricing["type"] == "tokens" and "output" not in stated):
        raise ValueError("no price in cents of input and output")
    texts = {component: f"{amount} cents" for component, amount in stated.items()}
    return _Offer({component: from_cents(amount) for component, amount in stated.items()}, texts)


def _with_cache(offer: _Offer, pricing: Mapping[str, Any], without: tuple[str, ...] = ()) -> _Offer:
    """The offer with the cache prices that are ratios of its input price."""
    ratios = {component: number(pricing.get(key), key) for key, component in RATIOS.items()}
    writes = pricing.get(EXPLICIT_WRITES) or {}
    if not isinstance(writes, dict) or set(writes) - set(LIFETIMES):
        raise ValueError(f"unknown lifetimes of a cache in {shown(writes)}")
    ratios |= {LIFETIMES[key]: number(ratio, EXPLICIT_WRITES) for key, ratio in writes.items()}
    amounts, texts = dict(offer.amounts), dict(offer.texts)
    for component, ratio in ratios.items():
        if ratio is not None and component not in without:
            amounts[component] = offer.amounts["input"] * ratio
            texts[component] = f"{offer.texts['input']} x {ratio}"
    return replace(offer, amounts=amounts, texts=texts)


def _context_tiers(pricing: Mapping[str, Any], base: _Offer) -> Iterator[_Offer]:
    """The tiers that `full` states; none where it states none."""
    full, table = pricing.get("full"), pricing.get("table")
    if not isinstance(full, str) or not re.search(r"<=|>", full):
        if isinstance(table, dict) and table.get("rows"):
            raise ValueError("a table of prices without context tiers in words")
        return
    start: int | None = 0
    said = repr(full[:200])
    for index, text in enumerate(full.split(",")):
        match = _SEGMENT.fullmatch(" ".join(text.split()))
        if match is None or start is None:
            raise ValueError(f"unreadable context tiers {said}")
        bound = read_tokens(match[5]) + 1 if match[5] else None
        if bound is not None and (bound != start if match[4] == ">" else bound <= start):
            raise ValueError(f"context tiers that do not follow each other: {said}")
        bound = None if match[4] == ">" else bound
        words = {"input": match[1], "output": match[2]} | ({"cache_read": match[3]} if match[3] else {})
        per_token = {component: Decimal(word) / 1_000_000 for component, word in words.items()}
        if index == 0 and any(per_token[component] != base.amounts.get(component) for component in CENTS.values()):
            raise ValueError(f"the first context tier of {said} is not the price in cents")
        tier = _Offer(per_token, {component: f"${word}" for component, word in words.items()}, start, bound)
        yield _with_cache(tier, pricing, without=("cache_read",) if match[3] else ())
        start = bound
    if start is not None:
        raise ValueError(f"context tiers without a last one: {said}")


def _instant(value: Any) -> datetime | None:
    """A time as seconds since 1970 or in ISO form with its offset."""
    if value is None:
        return None
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str) and (moment := datetime.fromisoformat(value)).tzinfo:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"an unreadable time {value!r}") from error
    raise ValueError(f"an unreadable time {value!r}")


def _prices(name: str, offer: _Offer, availability: str | None) -> Iterator[Price]:
    for component, amount in offer.amounts.items():
        yield Price(
            provider="deepinfra",
            listing=name,
            component=component,
            amount=amount,
            unit="per_token",
            currency="USD",
            amount_per_mtok=to_per_mtok(amount, "per_token"),
            price_text=offer.texts[component],
            channel="reseller",
            availability=availability,
            context_from_tokens=offer.context_from_tokens,
            context_to_tokens=offer.context_to_tokens,
            **offer.facts,
        )
