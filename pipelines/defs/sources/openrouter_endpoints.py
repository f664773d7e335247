"""Prices of each endpoint behind a listing at OpenRouter: what every provider is sold at there, a document per model.

Asked for are open models of watched families that `warehouse/seeds` knows at OpenRouter: the newest of each family,
then the second newest, and so on up to 40. The provider is `openrouter_` and the first part of the endpoint's tag
(`deepinfra/turbo`); the rest of the tag, or else the quantization, is its deployment scope. How prices are read is in
`openrouter_pricing`.

The prices already include the `discount` that stands beside them (a body that also held the providers' own prices shows
it for 20 endpoints and every component). They are promotions then, and the list price is the one they were taken off,
where that division comes out even. A negative discount is a surcharge, and the price with it the list price. Status,
uptime, latency and limits of an endpoint are no prices. The form is that of OpenRouter's published API; of bodies, only
those of the undocumented twin behind its web pages were at hand when this was written.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.defs.sources import openrouter_pricing
from pipelines.defs.sources.openrouter_pricing import Unreadable, offer_prices, show
from pipelines.lib.assets import source_definitions
from pipelines.lib.http import FetchError, Unreachable
from pipelines.lib.source import BadDocument, Document, Fetcher, Parsed, Reject, Response, Row, Source, SourceKind
from warehouse import WAREHOUSE_DIR

URL = "https://openrouter.ai/api/v1/models"
PREFIX = "endpoints/"
MOST_MODELS = 40
_EXACT = Context(prec=24, traps=[Inexact, InvalidOperation])


@cache
def watched_models() -> tuple[str, ...]:
    """OpenRouter's ids of the models that are asked for, the newest of each family first."""
    families: dict[str, list[tuple[str, str]]] = {row["family_id"]: [] for row in _seed("hub_watch")}
    models = {row["model_id"]: row for row in _seed("model")}
    for row in _seed("model_alias"):
        name, model = row["alias"], models[row["model_id"]]
        is_plain = ":" not in name and not name.startswith("~")
        if row["scope"] == "openrouter_models" and is_plain and model["is_open_weights"] == "true":
            families.get(model["family_id"], []).append((model["released_on"], name))
    ranked = [
        (-rank, released, name)
        for named in families.values()
        for rank, (released, name) in enumerate(sorted(named, reverse=True))
    ]
    return tuple(name for _, _, name in sorted(ranked, reverse=True)[:MOST_MODELS])


def _seed(name: str) -> list[dict[str, str]]:
    with (Path(WAREHOUSE_DIR) / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """One document per model. A model that is not listed (404) is left out, other failures are named at the end."""
    failures: list[FetchError] = []
    arrived = 0
    for model in watched_models():
        try:
            url = f"{URL}/{model}/endpoints"
            yield fetcher.http.get(url, label=PREFIX + model, headers={"accept": "application/json"})
            arrived += 1
        except FetchError as error:
            if error.status == 404:
                fetcher.progress(f"OpenRouter does not list {model} (any more)")
                continue
            failures.append(error)
            if not arrived and isinstance(error, Unreachable):
                raise
    if failures or not arrived:
        named = "; ".join(map(str, failures)) or "OpenRouter lists none of them"
        raise FetchError(f"endpoints of {arrived} of {len(watched_models())} models arrived: {named}")


def parse(document: Document) -> Iterator[Parsed]:
    """Price rows of every endpoint of the model."""
    model, endpoints = _content(document)
    tags: dict[str, list[Mapping[str, Any]]] = {}
    for endpoint in endpoints:
        tag = endpoint.get("tag") if isinstance(endpoint, dict) else None
        if not isinstance(tag, str) or not tag or not isinstance(endpoint.get("pricing"), dict):
            yield Reject(f"{model}: an endpoint without a tag or without prices", show(endpoint), "price")
            continue
        tags.setdefault(tag, []).append(endpoint)
    for tag, found in tags.items():
        if any(endpoint["pricing"] != found[0]["pricing"] for endpoint in found):
            prices = [endpoint["pricing"] for endpoint in found]
            yield Reject(
                f"{model}: {len(found)} endpoints with the tag {tag!r} at different prices", show(prices), "price"
            )
            continue
        yield from _endpoint(model, tag, found[0])


def _content(document: Document) -> tuple[str, list[Any]]:
    try:
        content = json.loads(document.body)
    except (ValueError, RecursionError) as error:
        raise BadDocument(f"{document.url} is not JSON ({error}): {document.body[:80]!r}") from error
    data = content.get("data") if isinstance(content, dict) else None
    model, endpoints = (data.get("id"), data.get("endpoints")) if isinstance(data, dict) else (None, None)
    if not isinstance(model, str) or not model or not isinstance(endpoints, list):
        raise BadDocument(f"{document.url} holds no endpoints of a model under 'data': {document.body[:80]!r}")
    return model, endpoints


def _endpoint(model: str, tag: str, endpoint: Mapping[str, Any]) -> Iterator[Parsed]:
    provider, _, scope = tag.partition("/")
    quantization = endpoint.get("quantization")
    offer = {
        "provider": f"openrouter_{provider}",
        "listing": model,
        "deployment_scope": scope or (quantization if quantization not in (None, "", "unknown") else None),
        "service_tier": "batch" if model.endswith(":batch") else "standard",
    }
    try:
        discount = _discount(endpoint["pricing"].get("discount"))
    except Unreadable as error:
        yield Reject(f"{tag}: {model}: {error}", show(endpoint["pricing"]), "price")
        return
    for item in offer_prices(offer, endpoint["pricing"]):
        if isinstance(item, Reject):
            yield replace(item, reason=f"{tag}: {item.reason}")
        elif discount > 0:
            yield from _promotion(item, discount)
        else:
            yield item


def _discount(value: Any) -> Decimal:
    """The share of a price that was taken off, below 1; 0 where none is stated."""
    if value is None:
        return Decimal(0)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable(f"discount {value!r}")
    try:
        share = Decimal(str(value))
    except InvalidOperation:
        raise Unreadable(f"discount {value!r}") from None
    if not share.is_finite() or abs(share) >= 1:
        raise Unreadable(f"discount {value!r}")
    return share


def _promotion(row: Row, discount: Decimal) -> Iterator[Row]:
    """A price with a discount, and the list price it was taken off where the division comes out even."""
    text = f"{row.values['price_text']} (discount {discount})"
    yield Row(row.table, {**row.values, "price_kind": "promotion", "price_text": text})
    try:
        amounts = {name: _undiscounted(row.values[name], discount) for name in ("amount", "amount_per_mtok")}
    except Inexact:
        return
    yield Row(row.table, {**row.values, **amounts, "price_text": text})


def _undiscounted(amount: Decimal | None, discount: Decimal) -> Decimal | None:
    return None if amount is None else _EXACT.divide(amount, 1 - discount)


def label_of(_file_name: str, body: bytes) -> str:
    """The document a loose file is: of the model it names."""
    try:
        return PREFIX + str(json.loads(body)["data"]["id"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return "unrecognised"


source = Source(
    name="openrouter_endpoints",
    title="OpenRouter prices by provider",
    homepage="https://openrouter.ai/models",
    licence="Public API without a stated licence; OpenRouter terms of service",
    kind=SourceKind.RESELLER,
    tables=("price",),
    fetch=fetch,
    parse=parse,
    host="openrouter",
    anchor={"*": '"endpoints"'},
    min_bytes=30,
    max_bytes=5_000_000,
    parser_code=(openrouter_pricing,),
    label_of=label_of,
)

defs = source_definitions(source)
