"""What the price keys of LiteLLM's cost map are for: which component, in which unit, tier, length and hours.

A key is a price (`input_cost_per_token`), then maybe the length of prompt above which it holds (`_above_200k_tokens`;
a prompt of exactly that length is billed below), then maybe a service tier (`_batches`). `tiered_pricing[].range` is
open below and closed above. `off_peak_pricing` holds in windows of the UTC day, the plain prices in all other hours.
`_above_1hr` is a cache kept for an hour, `_cache_hit` an older name of a cache read. Amounts are the parser's to read.

No prices of a model, and passed over: grounding on maps, guardrails, sandboxes, file search, annotations, citations,
amounts that are no money (DBU, credits).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from scrapers.parsing.numbers import UnreadableNumber, read_count, written
from scrapers.parsing.tiers import read_tokens

OFF_PEAK_TERMS = frozenset({"windows", "hours_utc", "weekdays", "weekday_timezone"})
COMPONENTS = {
    "input_cost_per_token": ("input", "per_token"),
    "output_cost_per_token": ("output", "per_token"),
    "output_cost_per_reasoning_token": ("reasoning", "per_token"),
    "cache_read_input_token_cost": ("cache_read", "per_token"),
    "input_cost_per_token_cache_hit": ("cache_read", "per_token"),
    "explicit_cache_read_input_token_cost": ("cache_read_explicit", "per_token"),
    "cache_creation_input_token_cost": ("cache_write", "per_token"),
    "cache_creation_input_token_cost_above_1hr": ("cache_write_1h", "per_token"),
    "input_cost_per_audio_token": ("input_audio", "per_token"),
    "output_cost_per_audio_token": ("output_audio", "per_token"),
    "cache_read_input_audio_token_cost": ("cache_read_audio", "per_token"),
    "cache_read_input_token_cost_per_audio_token": ("cache_read_audio", "per_token"),
    "input_cost_per_audio_per_second": ("input_audio", "per_second"),
    "input_cost_per_image_token": ("input_image", "per_token"),
    "output_cost_per_image_token": ("output_image", "per_token"),
    "cache_read_input_image_token_cost": ("cache_read_image", "per_token"),
    "input_cost_per_image": ("input_image", "per_image"),
    "output_cost_per_image": ("output_image", "per_image"),
    "input_cost_per_video_token": ("input_video", "per_token"),
    "output_cost_per_video_token": ("output_video", "per_token"),
    "input_cost_per_video_per_second": ("input_video", "per_second"),
    "output_cost_per_video_per_second": ("output_video", "per_second"),
    "input_cost_per_character": ("input", "per_char"),
    "output_cost_per_character": ("output", "per_char"),
    "input_cost_per_request": ("request", "per_request"),
    "ocr_cost_per_page": ("input_document", "per_page"),
}
# What a second or a query is a price of follows from what the model does.
COMPONENTS_BY_MODE = {
    ("input_cost_per_second", "audio_transcription"): ("input_audio", "per_second"),
    ("input_cost_per_second", "realtime"): ("input_audio", "per_second"),
    ("output_cost_per_second", "audio_transcription"): ("output_audio", "per_second"),
    ("output_cost_per_second", "audio_speech"): ("output_audio", "per_second"),
    ("output_cost_per_second", "video_generation"): ("output_video", "per_second"),
    ("input_cost_per_query", "rerank"): ("request", "per_request"),
    ("input_cost_per_query", "search"): ("web_search", "per_request"),
}
SEARCHES = "search_context_cost_per_query"
SERVICE_TIERS = {
    None: "standard",
    "batches": "batch",
    "batch_requests": "batch",
    "flex": "flex",
    "priority": "priority",
}
PRICE_KEY = re.compile(r"(.+?)(?:_above_(\d{1,7}k?)_tokens)?(?:_(batches|batch_requests|flex|priority))?")
MONEY_KEY = re.compile(r"cost|pric(?:e|ing)")
NO_MODEL_PRICE = re.compile(
    r"(?:annotation|citation|code_interpreter|computer_use|file_search|vector_store|google_maps_grounding|guardrail)_.*"
    r"|ocr_cost_per_credit|(?:input|output)_dbu_cost.*"
)
HOURS = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ALL_DAY = (None, None)
Window = tuple[str | None, str | None]  # days and hours, UTC


class Offered(NamedTuple):
    """What a price is for: of two prices for the same, one is wrong."""

    component: str
    unit: str
    service_tier: str = "standard"
    start: int = 0
    window: Window = ALL_DAY


class Unknown(ValueError):
    """A key no component, unit or tier is known for; the message says which. Counted, and rejected once per body."""


# A price as stated, and the end of its tier where the key states one.
Stated = tuple[Offered, Any, int | None]


@lru_cache(maxsize=10_000)
def is_price(key: str) -> bool:
    """Whether a key states a price of the model."""
    return bool(MONEY_KEY.search(key)) and not NO_MODEL_PRICE.fullmatch(key)


def stated(key: str, value: Any, mode: str) -> list[Stated]:
    """The prices that one key states."""
    if key == "tiered_pricing":
        return _tiered(value, mode)
    if key == "off_peak_pricing":
        return _off_peak(value, mode)
    if key == SEARCHES:
        sizes = list(value.values()) if isinstance(value, dict) else [value]
        if not sizes or any(price != sizes[0] for price in sizes):
            raise Unknown(f"{key} that differs by the size of the context")
        return [(Offered("web_search", "per_request"), sizes[0], None)]
    return [(_offered(key, mode), value, None)]


@lru_cache(maxsize=10_000)
def _offered(key: str, mode: str) -> Offered:
    """What a price key is for."""
    match = PRICE_KEY.fullmatch(key)
    price, above, tier = match.groups() if match else (key, None, None)
    known = COMPONENTS.get(price) or COMPONENTS_BY_MODE.get((price, mode))
    if known is None:
        by_mode = any(price == name for name, _ in COMPONENTS_BY_MODE)
        raise Unknown(f"no component or unit for {key}{f' of a model for {mode}' if by_mode else ''}")
    return Offered(*known, SERVICE_TIERS[tier], read_tokens(above) + 1 if above else 0)


def _tiered(tiers: Any, mode: str) -> list[Stated]:
    """Prices by length of the prompt, each with its own range."""
    found: list[Stated] = []
    for tier in tiers if isinstance(tiers, list) else [tiers]:
        bounds = tier.get("range") if isinstance(tier, dict) else None
        if not isinstance(bounds, list) or len(bounds) != 2:
            raise Unknown("tiered_pricing by something else than the length of the prompt")
        above, end = (read_count(bound) for bound in bounds)
        if end <= above:
            raise UnreadableNumber(f"a tier that ends before it begins: {written(bounds)}")
        for key, value in tier.items():
            if key != "range":
                found.append((_offered(key, mode)._replace(start=above + 1 if above else 0), value, end + 1))
    return found


def _off_peak(block: Any, mode: str) -> list[Stated]:
    """Prices of windows of the UTC day."""
    if not isinstance(block, dict):
        raise Unknown("off_peak_pricing that is no object")
    if block.get("weekday_timezone") not in (None, "UTC"):
        raise Unknown("off_peak_pricing with the days of one time zone and the hours of another")
    windows = block.get("windows", [block])
    if not isinstance(windows, list) or not all(isinstance(window, dict) for window in windows):
        raise Unknown("off_peak_pricing without windows")
    prices = {key: value for key, value in block.items() if key not in OFF_PEAK_TERMS}
    return [
        (_offered(key, mode)._replace(window=_window(window)), value, None)
        for window in windows
        for key, value in prices.items()
    ]


def _window(window: Mapping[str, Any]) -> Window:
    stated = window.get("hours_utc")
    ranges = [str(item) for item in (stated if isinstance(stated, list) else [stated])]
    if not ranges or not all(HOURS.fullmatch(item) for item in ranges):
        raise Unknown("off_peak_pricing with hours that are not 00:00-00:00")
    # An end at 00:00 is the end of the day.
    hours = ",".join(re.sub("-00:00$", "-24:00", item) for item in ranges)
    if "weekdays" not in window:
        return None, hours
    named = window["weekdays"]
    days = [read_count(day) for day in named] if isinstance(named, list) else []
    if not days or not all(1 <= day <= len(WEEK) for day in days):
        raise Unknown("off_peak_pricing with days that are not 1 to 7")
    first, last = WEEK[days[0] - 1], WEEK[days[-1] - 1]
    follow = len(days) > 1 and days == list(range(days[0], days[-1] + 1))
    return f"{first}-{last}" if follow else ",".join(WEEK[day - 1] for day in days), hours
