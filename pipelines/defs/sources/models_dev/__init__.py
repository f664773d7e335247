"""Prices of models at more than a hundred providers as models.dev states them, in USD per million tokens.

An aggregator: a cross-check of what sellers say, never the seller's word (prices in yuan are converted there, and of
tiered prices it holds sometimes the first tier, sometimes the last). A provider keeps the name models.dev gives it.

The source's own terms: `tiers[].tier.size` is the length of prompt above which the tier holds, for the whole request;
a price that a tier does not state again is not known there. `context_over_200k` repeats the one tier there is for
older readers, so it is read only without `tiers`. `experimental.modes` are other ways to be served the same model.
`deprecated` means no longer served, `alpha` and `beta` are previews.

Zero is written for free and for not priced per token alike. It is read as free only where the name of the listing says
so; where all prices of a listing are 0 otherwise they are unknown, and at subscriptions (`*-coding-plan`, GitHub
Copilot) they are left out with one reject per provider. Beside a price above 0 a zero is what it says.
Other keys of `cost` (`cached_input` and the like were misspelt for months) are rejected. Release dates, limits and what
a model can do do not belong here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any

from pipelines.defs.sources.models_dev import catalogue
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
from scrapers.parsing.numbers import UnreadableNumber, read_amount, read_count, read_json, written

URL = "https://models.dev/api.json"

COMPONENTS = ("input", "output", "reasoning", "cache_read", "cache_write", "input_audio", "output_audio")
NOT_PRICES = frozenset({"tiers", "context_over_200k", "tier"})
OVER_200K = 200_000
AVAILABILITY = {"deprecated": "deprecated", "alpha": "preview", "beta": "preview"}
SERVICE_TIERS = frozenset({"fast", "priority", "flex", "batch"})
FREE = re.compile(r"(?:^|[^a-z])free(?![a-z])", re.IGNORECASE)
SUBSCRIPTION = re.compile(r"(?:.+-)?plan(?:-.+)?|github-copilot|kimi-for-coding")
# A block of prices that holds for prompts of at least `from` and fewer than `to` tokens.
Block = tuple[int, int | None, dict[str, Any]]


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """The one document of this source; it needs no key."""
    yield fetcher.http.get(URL, headers={"accept": "application/json"})


def parse(document: Document) -> Iterator[Parsed]:
    """Price rows of every model of every provider."""
    providers = _providers(document)

    def find(name: str) -> dict[str, Any] | None:
        provider, _, listing = name.partition("/")
        model = _models(providers.get(provider)).get(listing)
        return model if isinstance(model, dict) else None

    for provider, stated in providers.items():
        models = _models(stated)
        if not models:
            yield Reject(f"{provider}: a provider without models", written(stated)[:500], "price")
        unpriced: list[str] = []
        for listing, model in models.items():
            if not isinstance(model, dict):
                yield Reject(f"{provider}/{listing}: a model that is no object", written(model), "price")
                continue
            yield from _model_prices(provider, listing, catalogue.inherited(model, find), unpriced)
        if unpriced:
            reason = f"{provider}: 0 for {len(unpriced)} models of a subscription, which is no price per token"
            yield Reject(reason, ", ".join(unpriced), "price")


def _providers(document: Document) -> dict[str, Any]:
    try:
        content = read_json(document.body)
    except ValueError as error:
        raise BadDocument(f"{document.url} is not JSON ({error}): {document.body[:80]!r}") from error
    if not isinstance(content, dict) or not any(_models(provider) for provider in content.values()):
        raise BadDocument(f"{document.url} holds no providers with models: {document.body[:80]!r}")
    return content


def _models(provider: Any) -> dict[str, Any]:
    models = provider.get("models") if isinstance(provider, dict) else None
    return models if isinstance(models, dict) else {}


def _model_prices(provider: str, listing: str, model: dict[str, Any], unpriced: list[str]) -> Iterator[Parsed]:
    """Rows of one listing; the name of one that a subscription lists at 0 goes to `unpriced` instead."""
    name = f"{provider}/{listing}"
    if "unreadable" in model:
        yield Reject(f"{name}: its file cannot be read", written(model["unreadable"]), "price")
    if "extends" in model:
        reason = f"{name}: takes over prices of a model that is not in this body"
        yield Reject(reason, written(model["extends"]), "price")
    status = model.get("status")
    if status is not None and status not in AVAILABILITY:
        yield Reject(f"{name}: unknown status {status!r}", written(status), "price")
    offer = {"provider": provider, "listing": listing, "availability": AVAILABILITY.get(str(status))}
    found: list[Parsed] = []
    if model.get("cost") is not None:
        found += _cost_prices(offer, model["cost"])
    found += _mode_prices(offer, model.get("experimental"))
    rows = [item for item in found if isinstance(item, Row)]
    if rows and all(row.values["amount"] == 0 for row in rows):
        if SUBSCRIPTION.fullmatch(provider):
            unpriced.append(listing)
            found = [item for item in found if isinstance(item, Reject)]
        elif not FREE.search(listing) and not FREE.search(str(model.get("name"))):
            unknown = {"amount": None, "amount_per_mtok": None}
            found = [Row(i.table, {**i.values, **unknown}) if isinstance(i, Row) else i for i in found]
    yield from found


def _mode_prices(offer: Mapping[str, Any], experimental: Any) -> Iterator[Parsed]:
    """Prices of the modes of a model that have prices of their own."""
    modes = experimental.get("modes") if isinstance(experimental, dict) else None
    for mode, stated in modes.items() if isinstance(modes, dict) else ():
        cost = stated.get("cost") if isinstance(stated, dict) else None
        if cost is None:
            continue
        request = stated.get("provider")
        body = request.get("body") if isinstance(request, dict) else None
        asked = body.get("service_tier") if isinstance(body, dict) else None
        tier = mode if asked is None else asked
        if tier in SERVICE_TIERS:
            yield from _cost_prices({**offer, "service_tier": tier}, cost)
        else:
            reason = f"{offer['provider']}/{offer['listing']}: no service tier for the mode {mode!r}"
            yield Reject(reason, written(stated), "price")


def _cost_prices(offer: Mapping[str, Any], cost: Any) -> Iterator[Parsed]:
    name = f"{offer['provider']}/{offer['listing']}"
    try:
        blocks = _blocks(cost)
    except UnreadableNumber as error:
        yield Reject(f"{name}: {error}", written(cost), "price")
        return
    for start, end, prices in blocks:
        for key, value in prices.items():
            if value is None:
                continue
            try:
                if key not in COMPONENTS:
                    raise UnreadableNumber(f"unknown price key {key!r}")
                amount = read_amount(value)
            except UnreadableNumber as error:
                yield Reject(f"{name}: {error}", written({key: value}), "price")
                continue
            price = Price(
                component=key,
                amount=amount,
                unit="per_mtok",
                currency="USD",
                amount_per_mtok=amount,
                price_text=amount.text,
                channel="aggregator",
                context_from_tokens=start,
                context_to_tokens=end,
                **offer,
            )
            yield Row("price", vars(price))


def _blocks(cost: Any) -> list[Block]:
    """Prices by length of the prompt. The threshold itself still belongs to the shorter tier."""
    if not isinstance(cost, dict):
        raise UnreadableNumber("prices that are no object")
    longer = _longer(cost)
    starts = [0, *(start for start, _ in longer)]
    if any(start >= after for start, after in pairwise(starts)):
        raise UnreadableNumber("two tiers of one length")
    held = [cost, *(tier for _, tier in longer)]
    priced = [{key: value for key, value in block.items() if key not in NOT_PRICES} for block in held]
    return list(zip(starts, [*starts[1:], None], priced, strict=True))


def _longer(cost: Mapping[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """The tiers above the base, each with the first count of tokens it holds for."""
    tiers = cost.get("tiers")
    if tiers is None:
        over = cost.get("context_over_200k")
        return [] if over is None else [(OVER_200K + 1, _object(over))]
    if not isinstance(tiers, list):
        raise UnreadableNumber("tiers that are no list")
    return sorted(((_start(tier), tier) for tier in tiers), key=lambda item: item[0])


def _start(tier: Any) -> int:
    """The first count of tokens past a tier's threshold."""
    selector = _object(_object(tier).get("tier"))
    if not selector.keys() <= {"type", "size"} or selector.get("type", "context") != "context":
        raise UnreadableNumber(f"a tier of another kind: {written(selector)}")
    return read_count(selector.get("size")) + 1


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableNumber(f"not an object: {written(value)}")
    return value


source = Source(
    name="models_dev",
    title="models.dev, an open list of models and their prices",
    homepage="https://models.dev",
    licence="MIT",
    kind=SourceKind.AGGREGATOR,
    tables=("price",),
    fetch=fetch,
    parse=parse,
    host="models_dev",
    stale_after=timedelta(days=7),
    anchor={"*": '"cost"'},
    min_bytes=100,
    max_bytes=50_000_000,
    from_git=FromGit(catalogue.PATHS, catalogue.body_of),
    parser_code=(catalogue,),
)

defs = source_definitions(source)
