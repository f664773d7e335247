"""Price lists in JSON and CSV (DeepInfra, Hugging Face's router, Amazon Bedrock): what is refused, and what is read.

No body of these three was at hand; the fixtures follow their published forms. Real bodies of other price lists stand in
for an answer that is not the list: all of them have to be refused.
"""

from __future__ import annotations

import json
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import price_pages
from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.data import UnreadableField, number

LABELS = ("deepinfra", "huggingface", "aws_bedrock", "aws_marketplace")
FIXTURES = Path(__file__).parent / "fixtures" / "price_pages"
Items = list[Price | Rejected | Skipped]


def read(label: str, body: bytes) -> Items:
    return list(price_pages.PAGES[label].read(label, body, {}))


def fixture(case: str) -> bytes:
    folder = FIXTURES / case
    meta: dict[str, str] = json.loads((folder / "capture.json").read_text())
    return (folder / meta["body"]).read_bytes()


def deepinfra(**pricing: Any) -> Items:
    known = {"type": "tokens", "cents_per_input_token": 1e-05, "cents_per_output_token": 2e-05}
    model = {"model_name": "deepseek-ai/DeepSeek-V3.2", "pricing": known | pricing}
    return read("deepinfra", json.dumps([model]).encode())


def amounts(items: Items, component: str) -> list[tuple[str, str, Decimal | None]]:
    found = [item for item in items if isinstance(item, Price) and item.component == component]
    return [(item.service_tier, item.price_kind, item.amount_per_mtok) for item in found]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b'{"data": []}',
        b'{"detail": "rate limited"}',
        b"NaN",
        b"[" * 50_000,
        b"<html><body>prices</body></html>",
        b'"SKU","Unit"\n"a","1K tokens"\n',
        b'"SKU',
    ],
)
def test_answers_that_are_no_list_are_refused(label: str, body: bytes) -> None:
    anchor = price_pages.PAGES[label].pages[label].anchor.encode()
    for text in (body, body + b"\n" + anchor):
        with pytest.raises(UnreadablePage):
            read(label, text)


@pytest.mark.real_data
@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    "file",
    [
        "web/aws/2026-09-11_AmazonBedrock_region_index.json",
        "web/atlascloud/2026-08-22_models.json",
        "web/cloudflare/2026-07-02_ai-gateway_models.json",
        "web/portkey/2026-08-21_pricing_dashscope.json",
        "web/openrouter/2026-07-18_models_top-weekly.json",
    ],
)
def test_real_lists_of_others_are_refused(shared: Path, label: str, file: str) -> None:
    body = (shared / "data" / file).read_bytes()
    with pytest.raises(UnreadablePage):
        read(label, body)
    # The same with the model's name that a good body has: the form alone gives it away.
    with pytest.raises(UnreadablePage):
        read(label, body + price_pages.PAGES[label].pages[label].anchor.encode())


def test_cents_per_token_become_dollars_per_token() -> None:
    (price,) = (item for item in deepinfra() if isinstance(item, Price) and item.component == "output")
    assert (price.amount, price.unit, price.currency) == (Decimal("2e-7"), "per_token", "USD")
    assert (price.amount_per_mtok, price.channel, price.provider) == (Decimal("0.2"), "reseller", "deepinfra")


def test_tiers_and_discounts_of_deepinfra_multiply() -> None:
    items = deepinfra(rate_per_service_tier_flex=0.8, discount=0.25, rate_per_input_token_cached=0.5)
    assert amounts(items, "cache_read") == [
        ("standard", "list", Decimal("0.05")),
        ("standard", "promotion", Decimal("0.0375")),
        ("flex", "list", Decimal("0.04")),
        ("flex", "promotion", Decimal("0.03")),
    ]


@pytest.mark.parametrize(
    ("pricing", "words"),
    [
        ({"dollars_per_input_token": 1}, "dollars_per_input_token"),
        ({"discount": 1}, "a discount of 1"),
        ({"discount": -0.1}, "discount is -0.1"),
        ({"discount": 0.5, "discount_ends_at": "2026-10-31"}, "2026-10-31"),
        ({"discount": 0.5, "discount_ends_at": 10**30}, "unreadable time"),
        ({"rate_per_service_tier_flex": "0.8"}, "rate_per_service_tier_flex"),
        ({"full": "$0.1 in $0.2 out <= 32K," * 50_000}, "do not follow each other"),
        ({"full": "$0.1 in $0.2 out <= 32K"}, "without a last one"),
        ({"full": "$" + "1" * 1_000_000 + " in $2 out <= 32K"}, "unreadable context tiers"),
    ],
)
def test_doubts_at_deepinfra_are_told(pricing: dict[str, Any], words: str) -> None:
    try:
        told = [f"{item.reason} {item.text}" for item in deepinfra(**pricing) if isinstance(item, Rejected)]
    except UnreadablePage as error:
        told = [str(error)]
    assert len(told) == 1 and words in told[0]


@pytest.mark.parametrize("value", [True, "1", -1, Decimal("-0.1"), Decimal("1e99"), Decimal("1e-99"), 10**40, [1], {}])
def test_what_is_no_price_is_no_number(value: Any) -> None:
    with pytest.raises(UnreadableField, match="cents is"):
        number(value, "cents")


def test_null_is_not_zero() -> None:
    assert number(None, "cents") is None
    assert number(0, "cents") == 0


def test_lines_that_price_no_tokens_on_demand_are_skipped() -> None:
    skipped = [item for item in read("aws_bedrock", fixture("aws_bedrock")) if isinstance(item, Skipped)]
    assert [item.text.split(" | ")[0] for item in skipped] == [f"SKU000{n}" for n in (15, 16, 17, 18, 19)]
    skipped = [item for item in read("aws_marketplace", fixture("aws_marketplace")) if isinstance(item, Skipped)]
    assert [item.text.split(" | ")[0] for item in skipped] == [f"SKU000{n:02}" for n in (9, 10, 11)]


@pytest.mark.parametrize("case", ["aws_bedrock", "aws_marketplace", "aws_rejects"])
def test_every_line_is_a_price_a_reject_or_skipped(case: str) -> None:
    label = json.loads((FIXTURES / case / "capture.json").read_text())["label"]
    body = fixture(case)
    # One rate stands under two usage types; all else is told for each line.
    same = {"aws_bedrock": 1}.get(case, 0)
    assert len(read(label, body)) == len(body.splitlines()) - 6 - same


def test_every_model_and_provider_is_told() -> None:
    items = read("deepinfra", fixture("deepinfra_list"))
    told = " ".join(item.listing if isinstance(item, Price) else item.reason for item in items)
    assert all(model["model_name"] in told for model in json.loads(fixture("deepinfra_list")))
    items = read("huggingface", fixture("huggingface_router"))
    told = " ".join(f"{item.listing} at {item.provider}" if isinstance(item, Price) else item.reason for item in items)
    for model in json.loads(fixture("huggingface_router"))["data"]:
        for provider in model["providers"]:
            name = provider["provider"]
            assert f"{model['id']} at {name}" in told or f"{model['id']} at huggingface_{name}" in told


def test_a_large_offer_is_read_in_time() -> None:
    lines = fixture("aws_bedrock").decode().splitlines()
    many = [line.replace("Nova", f"Nova{n}") for n in range(600) for line in lines[6:]]
    body = "\n".join([*lines, *many]).encode()
    started = time.perf_counter()
    items = read("aws_bedrock", body)
    assert len([item for item in items if isinstance(item, Price)]) > 5_000
    # Ten times the room that it takes on a slow machine; a quadratic reader takes minutes.
    assert time.perf_counter() - started < 15
