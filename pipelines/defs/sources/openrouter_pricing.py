"""What OpenRouter says in `pricing`, for models and for single endpoints: amounts in USD per token as decimal text.

The source's own terms: `image` is a price per input image and `image_output` per output image, but for several models
(Gemini) the figures are plainly per image token; they are kept per image, as documented, and never converted.
`web_search` and `request` are per call.

`pricing.overrides` hold prices under a condition: a prompt longer than `min_prompt_tokens` (one of exactly that length
is still billed at the lower tier, so the higher begins one token later), or a window of the UTC day (`utc_start`,
`utc_end` as HHMM clock numbers, half open, possibly past midnight) and of the week (`utc_days`). A later entry wins per
price; an absent price keeps the base. Prices outside `overrides` are those of no condition.
What a `discount` beside the prices means is for each source to say: it is not read here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pipelines.lib.source import Parsed, Reject, Row
from scrapers.items import Price

# Price key -> component and unit, as OpenRouter documents them.
COMPONENTS = {
    "prompt": ("input", "per_token"),
    "completion": ("output", "per_token"),
    "input_cache_read": ("cache_read", "per_token"),
    "input_cache_write": ("cache_write", "per_token"),
    "input_cache_write_1h": ("cache_write_1h", "per_token"),
    "audio": ("input_audio", "per_token"),
    "audio_output": ("output_audio", "per_token"),
    "input_audio_cache": ("cache_read_audio", "per_token"),
    "image_token": ("input_image", "per_token"),
    "image": ("input_image", "per_image"),
    "image_output": ("output_image", "per_image"),
    "internal_reasoning": ("reasoning", "per_token"),
    "web_search": ("web_search", "per_request"),
    "request": ("request", "per_request"),
}
WINDOW_KEYS = ("utc_days", "utc_start", "utc_end")
CONDITIONS = ("min_prompt_tokens", *WINDOW_KEYS)
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PLAIN_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?", re.ASCII)


class Unreadable(ValueError):
    """One price or condition that cannot be read; becomes a Reject."""


def offer_prices(offer: dict[str, Any], pricing: Mapping[str, Any]) -> Iterator[Parsed]:
    """Price rows of one offer: `offer` holds the columns that all its prices share, the listing among them."""
    name = offer["listing"]
    tiers, windows, rejects = _sorted_overrides(name, pricing.get("overrides") or [])
    yield from rejects
    for key in pricing:
        if key in COMPONENTS:
            yield from _tier_rows(offer, key, pricing, tiers)
        elif key not in ("overrides", "discount"):
            yield Reject(f"{name}: unknown price key {key!r}", show({key: pricing[key]}), "price")
    for key in dict.fromkeys(key for entry in tiers for key in entry if key not in pricing and key in COMPONENTS):
        yield from _tier_rows(offer, key, pricing, tiers)
    for entry in windows:
        window = _window(entry)
        for key in (key for key in entry if key in COMPONENTS):
            yield _price(offer | window, key, entry[key])


def _sorted_overrides(name: str, overrides: Any) -> tuple[list[dict], list[dict], list[Reject]]:
    """Overrides that are context tiers, those that are time windows, and what is neither."""
    tiers: list[dict] = []
    windows: list[dict] = []
    rejects: list[Reject] = []
    for entry in overrides if isinstance(overrides, list) else [overrides]:
        try:
            (tiers if _is_tier(entry) else windows).append(entry)
        except Unreadable as error:
            rejects.append(Reject(f"{name}: {error}", show(entry), "price"))
    if tiers and windows:
        reason = f"{name}: time windows beside context tiers; which price holds where both apply is not read"
        rejects.extend(Reject(reason, show(entry), "price") for entry in windows)
        windows = []
    return tiers, windows, rejects


def _is_tier(entry: Any) -> bool:
    """True for a context tier, False for a time window; anything else is unreadable."""
    if not isinstance(entry, dict):
        raise Unreadable("an override is not an object")
    unknown = [key for key in entry if key not in COMPONENTS and key not in CONDITIONS]
    if unknown:
        raise Unreadable(f"unknown key {unknown[0]!r} in an override")
    conditions = [key for key in CONDITIONS if key in entry]
    if conditions == ["min_prompt_tokens"]:
        if not _whole_number(entry, "min_prompt_tokens"):
            raise Unreadable("an override from 0 tokens on")
        return True
    if conditions and "min_prompt_tokens" not in conditions:
        _window(entry)
        return False
    raise Unreadable(f"an override under the conditions {', '.join(conditions) or 'none'}")


def _whole_number(entry: Mapping[str, Any], key: str) -> int:
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1 or value < 0:
        raise Unreadable(f"{key} {value!r} in an override")
    return int(value)


def _tier_rows(
    offer: dict[str, Any], key: str, pricing: Mapping[str, Any], tiers: Sequence[Mapping[str, Any]]
) -> Iterator[Parsed]:
    """Rows of one price key from the shortest prompt on; each ends where another price begins."""
    starts = sorted({0, *(_whole_number(entry, "min_prompt_tokens") + 1 for entry in tiers if key in entry)})
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        holder: Mapping[str, Any] = pricing
        for entry in tiers:
            if key in entry and entry["min_prompt_tokens"] < start:
                holder = entry
        if key in holder:
            yield _price(offer | {"context_from_tokens": start, "context_to_tokens": end}, key, holder[key])


def _window(entry: Mapping[str, Any]) -> dict[str, str | None]:
    """Window columns of an override; the window is named by its own text."""
    hours = days = None
    if "utc_start" in entry or "utc_end" in entry:
        start, end = _clock(entry, "utc_start"), _clock(entry, "utc_end")
        if start == end:
            raise Unreadable(f"a window from {start} to {end}")
        hours = f"{start}-{end}"
    if "utc_days" in entry:
        days = _days(entry["utc_days"])
    name = " ".join(part for part in (days, hours, "UTC") if part)
    return {"window_name": name, "window_days": days, "window_hours": hours, "window_zone": "UTC"}


def _clock(entry: Mapping[str, Any], key: str) -> str:
    hours, minutes = divmod(_whole_number(entry, key), 100)
    if hours > 23 or minutes > 59:
        raise Unreadable(f"{key} {entry[key]!r} is no time of day")
    return f"{hours:02}:{minutes:02}"


def _days(names: Any) -> str:
    """Week days as `Mon-Fri` where they follow each other, else as `Mon,Wed`."""
    if not isinstance(names, list) or not names or any(name not in WEEK for name in names):
        raise Unreadable(f"utc_days {names!r}")
    indexes = sorted({WEEK.index(name) for name in names})
    short = [WEEK[index][:3].title() for index in indexes]
    if len(indexes) > 1 and indexes[-1] - indexes[0] == len(indexes) - 1:
        return f"{short[0]}-{short[-1]}"
    return ",".join(short)


def _price(offer: Mapping[str, Any], key: str, text: Any) -> Parsed:
    component, unit = COMPONENTS[key]
    try:
        amount = _amount(text)
    except Unreadable as error:
        return Reject(f"{offer['listing']}: {error} of {key}", show({key: text}), "price")
    values = {"provider": "openrouter", **offer}
    price = Price(
        channel="reseller",
        component=component,
        amount=amount,
        unit=unit,
        currency="USD",
        amount_per_mtok=amount.scaleb(6) if amount is not None and unit == "per_token" else None,
        price_text="null" if text is None else text,
        **values,
    )
    return Row("price", price.values())


def _amount(text: Any) -> Decimal | None:
    """The price as written; null stays unknown."""
    if text is None:
        return None
    if text == "-1":
        raise Unreadable("variable price '-1'")
    if not isinstance(text, str) or not PLAIN_DECIMAL.fullmatch(text):
        raise Unreadable(f"unreadable price {text!r}")
    return Decimal(text)


def show(value: Any) -> str:
    """A decoded value as the text of a reject."""
    return json.dumps(value, ensure_ascii=False)
