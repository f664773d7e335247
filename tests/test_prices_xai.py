"""xAI's prices: the saved catalogue and layout, and bodies that must not be misread."""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.spiders.xai import XaiSpider

TABLE = """| Model | Context | Input / 1M tokens | Output / 1M tokens |
| --- | --- | --- | --- |
| grok-4.7 (< 200k prompt tokens) | 500k | $2.00 | $6.00 |
| grok-4.7 (≥ 200k prompt tokens) | 500k | $4.00 | $12.00 |
"""


def read(body: str) -> list[Price | Rejected | Skipped]:
    return list(XaiSpider.read("xai", body.encode(), {}))


def shown(items: list[Price | Rejected | Skipped]) -> list[tuple[str, str, str, int, int | None]]:
    return [
        (item.listing, item.component, f"{item.amount:f}", item.context_from_tokens, item.context_to_tokens)
        for item in items
        if isinstance(item, Price)
    ]


def catalogue(**model: Any) -> str:
    return json.dumps({"clusterConfigs": [{"languageModels": [{"name": "grok-x", **model}]}]})


@pytest.mark.real_data
def test_real_catalogue(shared: Path) -> None:
    body = (shared / "data/web/xai/2026-09_models_blob_subset.json").read_text()
    items = read(body)
    prices = [item for item in items if isinstance(item, Price)]
    assert Counter(type(item) for item in items) == {Price: 30, Skipped: 1}
    assert Counter(price.listing for price in prices) == {
        **dict.fromkeys(["grok-4.20-multi-agent-0309", "grok-4.6", "grok-4.7", "grok-build-0.1"], 7),
        "grok-imagine-image": 2,
    }
    golden = {(p.component, p.context_from_tokens): p.amount_per_mtok for p in prices if p.listing == "grok-4.7"}
    assert {key: f"{amount:f}" for key, amount in golden.items()} == {
        ("input", 0): "2.0000",
        ("input_image", 0): "2.0000",
        ("input", 200_000): "4.0000",
        ("cache_read", 0): "0.5000",
        ("cache_read", 200_000): "1.0000",
        ("output", 0): "6.0000",
        ("output", 200_000): "12.0000",
    }
    image = next(price for price in prices if price.component == "output_image")
    assert (image.amount, image.unit, image.amount_per_mtok) == (Decimal("0.02"), "per_image", None)
    stated = re.findall(r'"\w*[Pp]rice\w*":"(\d+)"', body)
    skipped = re.findall(r"'pricePerImage': '(\d+)'", " ".join(i.text for i in items if isinstance(i, Skipped)))
    found = Counter([price.price_text for price in prices] + skipped)
    assert found == Counter(stated)


@pytest.mark.real_data
def test_both_forms_state_the_same_prices(shared: Path) -> None:
    folder = shared / "data/web/xai"
    layout = shown(read((folder / "2026-09-30_pricing_md_layout_SYNTHETIC.md").read_text()))
    assert len(layout) == 12
    numbers = {(*row[:2], Decimal(row[2]), *row[3:]) for row in layout}
    blob = shown(read((folder / "2026-09_models_blob_subset.json").read_text()))
    assert numbers <= {(*row[:2], Decimal(row[2]), *row[3:]) for row in blob}


@pytest.mark.real_data
def test_a_reader_services_copy_is_refused(shared: Path) -> None:
    with pytest.raises(UnreadablePage, match="a reader service's copy"):
        read((shared / "data/web/xai/2026-05-08_models_jina.md").read_text())


def test_an_added_column_is_rejected_and_the_rest_stays() -> None:
    added = TABLE.replace("| Output", "| Thoughts / 1M tokens | Output").replace("| --- |", "| --- | --- |", 1)
    items = read(added.replace("| $6.00", "| $5.00 | $6.00").replace("| $12.00", "| $9.00 | $12.00"))
    assert shown(items) == shown(read(TABLE))
    assert [item.text for item in items if isinstance(item, Rejected)] == ["Thoughts / 1M tokens"]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("/ 1M tokens", "/ 1M words", "unknown unit '1M words'"),
        ("/ 1M tokens", "", "unknown unit ''"),
        ("Model |", "Modell |", "unknown headers"),
        ("prompt tokens", "prompt words", "unknown note '< 200k prompt words'"),
        ("$", "€", "a thing we know|no price was read"),
        ("grok-4.7 (", "Grok 4.7, once grok- (", "not a model's id"),
    ],
)
def test_a_renamed_part_is_not_guessed(before: str, after: str, message: str) -> None:
    with pytest.raises(UnreadablePage, match=message):
        read(TABLE.replace(before, after))


def test_a_catalogue_inside_a_page_is_the_same_catalogue() -> None:
    data = catalogue(promptTextTokenPrice="12500", completionTextTokenPrice="25000")
    page = f"<!doctype html><html><table><script>x={{}};globalThis.__XAI_PUBLIC_MODELS__={data};</script></html>"
    assert (
        shown(read(page))
        == shown(read(data))
        == [
            ("grok-x", "input", "1.2500", 0, None),
            ("grok-x", "output", "2.5000", 0, None),
        ]
    )


def test_a_percentage_is_not_applied() -> None:
    items = read(catalogue(promptTextTokenPrice="10000", batchDiscountPercent=20, batchEnabled=True))
    assert [(item.service_tier, item.price_text) for item in items if isinstance(item, Price)] == [
        ("standard", "10000")
    ]


@pytest.mark.parametrize("value", ["-5", "1e4", "2.5", "", None, [], {}, "9" * 20, "²"])
def test_what_is_no_integer_is_rejected(value: object) -> None:
    items = read(catalogue(promptTextTokenPrice=value, completionTextTokenPrice="20000"))
    assert [row[1] for row in shown(items)] == ["output"]
    assert [item.text for item in items if isinstance(item, Rejected)] == [str(value)]


@pytest.mark.parametrize(
    "body",
    [
        '{"clusterConfigs": {"grok-": 1}}',
        '{"clusterConfigs": ["grok-"]}',
        '{"clusterConfigs": [{"languageModels": "grok-", "audioModels": [{"name": "grok-", "endpoints": 4}]}]}',
        '{"grok-": ' * 100_000,
        '{"grok-": NaN}',
        "__XAI_PUBLIC_MODELS__ grok-",
    ],
)
def test_hostile_catalogues_are_refused(body: str) -> None:
    with pytest.raises(UnreadablePage):
        read(body)
