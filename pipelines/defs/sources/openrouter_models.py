"""Prices of every model listing at OpenRouter, a reseller, in USD per token as decimal text.

A listing's price is the one of the endpoint OpenRouter shows for it, so it may move several times a day. `:free` and
`:batch` are listings of their own; `:batch` is the batch tier. How the prices themselves are read is in
`openrouter_pricing`; prices per endpoint (`/models/<id>/endpoints`) are a source of their own, `openrouter_endpoints`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pipelines.defs.sources import openrouter_pricing
from pipelines.defs.sources.openrouter_pricing import offer_prices, show
from pipelines.lib.assets import source_definitions
from pipelines.lib.source import BadDocument, Document, Fetcher, Parsed, Reject, Response, Source, SourceKind

URL = "https://openrouter.ai/api/v1/models"


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """The one document of this source; it needs no key."""
    yield fetcher.http.get(URL, headers={"accept": "application/json"})


def parse(document: Document) -> Iterator[Parsed]:
    """Price rows of every listing."""
    for model in _models(document):
        listing = model.get("id") if isinstance(model, dict) else None
        pricing = model.get("pricing") if isinstance(model, dict) else None
        if not isinstance(listing, str) or not listing or not isinstance(pricing, dict):
            yield Reject("a model without an id or without prices", show(model), "price")
            continue
        hub_repo_id = model.get("hugging_face_id")
        offer = {
            "listing": listing,
            "service_tier": "batch" if listing.endswith(":batch") else "standard",
            "hub_repo_id": hub_repo_id if isinstance(hub_repo_id, str) and hub_repo_id else None,
        }
        if pricing.get("discount") not in (None, 0, "0"):
            reason = f"{listing}: it is not stated whether the prices include the discount"
            yield Reject(reason, show(pricing), "price")
            continue
        yield from offer_prices(offer, pricing)


def _models(document: Document) -> list[Any]:
    try:
        content = json.loads(document.body)
    except (ValueError, RecursionError) as error:
        raise BadDocument(f"{document.url} is not JSON ({error}): {document.body[:80]!r}") from error
    models = content.get("data") if isinstance(content, dict) else None
    if not isinstance(models, list) or not models:
        raise BadDocument(f"{document.url} holds no list of models under 'data': {document.body[:80]!r}")
    return models


source = Source(
    name="openrouter_models",
    title="OpenRouter model prices",
    homepage="https://openrouter.ai/models",
    licence="Public API without a stated licence; OpenRouter terms of service",
    kind=SourceKind.RESELLER,
    tables=("price",),
    fetch=fetch,
    parse=parse,
    host="openrouter",
    anchor={"*": "openai/"},
    min_bytes=1_000,
    max_bytes=20_000_000,
    parser_code=(openrouter_pricing,),
)

defs = source_definitions(source)
