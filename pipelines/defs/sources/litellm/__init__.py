"""Prices of some 4,000 listings at a hundred providers as LiteLLM's cost map states them, in USD, mostly per token.

An aggregator: a cross-check of what sellers say, never the seller's word. The map is one object per listing; its key is
the listing (with region prefixes such as `us.` or `eu/`), `litellm_provider` the provider. The bodies of the package's
own backup copy and of tokencost, its mirror of 2024, have the same form. What each key is for: `keys`.

A price without a length of prompt holds wherever no other is stated for a longer one, as in LiteLLM's own reckoning.
Zero is also written for missing. A listing whose prices are all 0 has unknown prices, unless its key says `free`;
beside a price above 0 a zero is what it says. A listing past its `deprecation_date` is deprecated. Prices far from all
others (0.055 USD per token) are kept as stated: the unit is never inferred from a number.

Left out is capacity rented by the second (`1-month-commitment`). Any unknown key, and any that no component or unit is
for (per pixel, by resolution), is rejected once per body with the number of listings it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from pipelines.defs.sources.litellm.keys import Offered, Unknown, is_price, stated
from pipelines.lib.assets import source_definitions
from pipelines.lib.source import (
    BadDocument,
    Document,
    Fetcher,
    FromGit,
    Parsed,
    Reject,
    Response,
    Row,
    Source,
    SourceKind,
)
from scrapers.items import Price
from scrapers.parsing.numbers import Number, UnreadableNumber, read_amount, read_json, written
from scrapers.parsing.units import to_per_mtok

FILE = "model_prices_and_context_window.json"
URL = f"https://raw.githubusercontent.com/BerriAI/litellm/main/{FILE}"
EXAMPLE = "sample_spec"
COMMITMENT = re.compile(r"\d+-month-commitment")
FREE = re.compile(r"(?:^|[^a-z])free(?![a-z])", re.IGNORECASE)
Prices = dict[Offered, tuple[Any, int | None]]
Rejects = list[Reject]


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """The one document of this source; it needs no key."""
    yield fetcher.http.get(URL, headers={"accept": "application/json"})


def parse(document: Document) -> Iterator[Parsed]:
    """Price rows of every listing, then what was not read."""
    unread: dict[str, list[tuple[str, Any]]] = {}
    for listing, model in _listings(document).items():
        provider = model.get("litellm_provider") if isinstance(model, dict) else None
        if listing == EXAMPLE:
            continue
        if not isinstance(provider, str) or not provider:
            unread.setdefault("an entry without litellm_provider", []).append((listing, model))
            continue
        prices, rejects = _prices(listing, model, unread)
        yield from rejects
        past = _is_past(model.get("deprecation_date"), document)
        offer = {"provider": provider, "listing": listing, "availability": "deprecated" if past else None}
        yield from _rows(offer, prices)
    for reason, found in unread.items():
        yield Reject(f"{reason}: {len(found)} listings, first {found[0][0]}", written(found[0][1])[:500], "price")


def _prices(listing: str, model: Mapping[str, Any], unread: dict[str, list[tuple[str, Any]]]) -> tuple[Prices, Rejects]:
    """What the keys of a listing state; keys that are not known go to `unread`."""
    mode = str(model.get("mode"))
    prices: Prices = {}
    rejects: Rejects = []
    for key, value in model.items():
        if value is None or not is_price(key):
            continue
        try:
            for offered, price, end in stated(key, value, mode):
                if prices.setdefault(offered, (price, end))[0] != price:
                    rejects.append(Reject(f"{listing}: two prices for {offered.component}", written(value), "price"))
        except Unknown as error:
            if not COMMITMENT.search(listing):
                unread.setdefault(str(error), []).append((listing, {key: value}))
        except UnreadableNumber as error:
            rejects.append(Reject(f"{listing}: {error} of {key}", written({key: value}), "price"))
    return prices, rejects


def _listings(document: Document) -> dict[str, Any]:
    try:
        content = read_json(document.body)
    except ValueError as error:
        raise BadDocument(f"{document.url} is not JSON ({error}): {document.body[:80]!r}") from error
    models = content.values() if isinstance(content, dict) else ()
    if not any(isinstance(model, dict) and "litellm_provider" in model for model in models):
        raise BadDocument(f"{document.url} is no map of listings with litellm_provider: {document.body[:80]!r}")
    return dict(content)


def _is_past(day: Any, document: Document) -> bool:
    try:
        return date.fromisoformat(str(day)) <= document.observed_at.date()
    except ValueError:
        return False


def _rows(offer: Mapping[str, Any], prices: Prices) -> Iterator[Parsed]:
    """Rows of one listing; a price ends where the same is stated for longer prompts."""
    amounts: dict[Offered, Number] = {}
    for offered, (value, _) in prices.items():
        try:
            amounts[offered] = read_amount(value)
        except UnreadableNumber as error:
            yield Reject(f"{offer['listing']}: {error} of {offered.component}", written(value), "price")
    is_unknown = all(amount == 0 for amount in amounts.values()) and not FREE.search(offer["listing"])
    ends: dict[Offered, int] = {}
    for shorter, longer in pairwise(sorted(amounts, key=lambda item: (*_same(item), item.start))):
        if _same(shorter) == _same(longer):
            ends[shorter] = longer.start
    for offered, amount in amounts.items():
        days, hours = offered.window
        price = Price(
            component=offered.component,
            amount=None if is_unknown else amount,
            unit=offered.unit,
            currency="USD",
            amount_per_mtok=None if is_unknown else to_per_mtok(amount, offered.unit),
            price_text=amount.text,
            channel="aggregator",
            service_tier=offered.service_tier,
            context_from_tokens=offered.start,
            context_to_tokens=ends.get(offered) or prices[offered][1],
            window_name=" ".join(part for part in (days, hours, "UTC") if part) if hours else None,
            window_days=days,
            window_hours=hours,
            window_zone="UTC" if hours else None,
            **offer,
        )
        yield Row("price", vars(price))


def _same(offered: Offered) -> tuple[str, ...]:
    """All that a price is for but the length of the prompt."""
    return offered.component, offered.unit, offered.service_tier, str(offered.window)


source = Source(
    name="litellm",
    title="LiteLLM's map of model costs",
    homepage="https://github.com/BerriAI/litellm",
    licence="MIT",
    kind=SourceKind.AGGREGATOR,
    tables=("price",),
    fetch=fetch,
    parse=parse,
    host="github_raw",
    stale_after=timedelta(days=7),
    anchor={"*": '"litellm_provider"'},
    min_bytes=100,
    max_bytes=50_000_000,
    from_git=FromGit((FILE,), lambda files: files.get(FILE)),
)

defs = source_definitions(source)
