"""Hugging Face's inference router: what each provider behind it charges for a model, in USD per million tokens.

One row per model and provider; the listing is the model's repository on the Hub. `is_free` is a price of zero where no
amount stands beside it. `status` staging is a preview; other words for a provider's health, its speed and its limits
are not prices. The form is that of the published API and of programs that read it; no body was at hand when this was
written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.data import number, shown
from scrapers.parsing.embedded import read_json
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

COMPONENTS = {"input": "input", "output": "output"}
_REPOSITORY = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)
_PROVIDER = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


class HuggingFaceSpider(PricePageSpider):
    """One list of all models and providers."""

    name = "huggingface"
    pages: ClassVar = {
        "huggingface": PricePage(
            url="https://router.huggingface.co/v1/models", currency="USD", anchor="openai/gpt-oss-120b", form="data"
        )
    }

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected | Skipped]:
        """The prices of every provider of every model."""
        content = read_json(page.text)
        models = content.get("data") if isinstance(content, dict) else None
        if not isinstance(models, list):
            raise UnreadablePage(f"no list of models under 'data': {page.text.strip()[:120]!r}")
        for model in models:
            name = model.get("id") if isinstance(model, dict) else None
            providers = model.get("providers") if isinstance(model, dict) else None
            if not isinstance(name, str) or not _REPOSITORY.fullmatch(name) or not isinstance(providers, list):
                yield Rejected("a model without a repository's name or without providers", shown(model))
                continue
            for provider in providers:
                yield from _provider(name, provider)


def _provider(model: str, provider: Any) -> Iterator[Price | Rejected | Skipped]:
    slug = provider.get("provider") if isinstance(provider, dict) else None
    if not isinstance(slug, str) or not _PROVIDER.fullmatch(slug):
        yield Rejected(f"{model}: a provider without a name", shown(provider))
        return
    pricing, is_free = provider.get("pricing"), provider.get("is_free") is True
    if pricing is None and not is_free:
        yield Skipped(f"{model} at {slug} has no price", shown(provider))
        return
    if not isinstance(pricing, dict | None):
        yield Rejected(f"{model} at {slug}: prices of an unknown form", shown(pricing))
        return
    amounts: Mapping[str, Any] = pricing or dict.fromkeys(COMPONENTS, 0)
    for key, value in amounts.items():
        try:
            amount = number(value, key)
            if key not in COMPONENTS:
                raise ValueError(f"unknown price field {key!r}")
            if amount and is_free:
                raise ValueError(f"free, with a price of {amount}")
        except ValueError as error:
            yield Rejected(f"{model} at {slug}: {error}", shown({key: value}))
            continue
        if amount is not None:
            staging = provider.get("status") == "staging"
            yield _price(model, slug, key, amount, str(value) if pricing else "is_free", staging)


def _price(model: str, slug: str, key: str, amount: Decimal, text: str, staging: bool) -> Price:
    return Price(
        provider=f"huggingface_{slug}",
        listing=model,
        component=COMPONENTS[key],
        amount=amount,
        unit="per_mtok",
        currency="USD",
        amount_per_mtok=amount,
        price_text=text,
        channel="reseller",
        hub_repo_id=model,
        availability="preview" if staging else None,
    )
