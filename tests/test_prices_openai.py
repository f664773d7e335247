"""OpenAI's prices: the real page in both forms, every amount accounted for, and pages that must not be misread."""

from __future__ import annotations

import html
import json
import re
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.pricing_spider import Page
from scrapers.spiders.openai import OpenAISpider

FOLDER = Path("data/web/openai")
PAGE = (Path(__file__).parent / "fixtures" / "price_pages" / "openai_markdown" / "pricing.md").read_text()


def read(body: bytes | str) -> list[Price | Rejected | Skipped]:
    return list(OpenAISpider.read("openai", body.encode() if isinstance(body, str) else body, {}))


def offers(items: list[Price | Rejected | Skipped], listing: str, **facts: Any) -> list[str]:
    """`component amount` of one listing where the other facts hold."""
    prices = [item for item in items if isinstance(item, Price) and item.listing == listing]
    chosen = [price for price in prices if all(getattr(price, name) == fact for name, fact in facts.items())]
    return [f"{price.component} {price.amount.normalize():f}" for price in chosen if price.amount is not None]


@pytest.mark.real_data
def test_real_html_page(shared: Path) -> None:
    started = time.monotonic()
    items = read((shared / FOLDER / "2026-08-21_pricing.html").read_bytes())
    assert time.monotonic() - started < 3
    assert Counter(type(item) for item in items) == {Price: 504, Skipped: 67}
    prices = [item for item in items if isinstance(item, Price)]
    assert len({price.listing for price in prices}) == 77
    assert Counter(price.service_tier for price in prices) == {"standard": 240, "batch": 132, "fast": 71, "flex": 61}
    standard = {"service_tier": "standard"}
    assert offers(items, "gpt-5.2", **standard) == ["input 1.75", "cache_read 0.175", "output 14"]
    assert offers(items, "gpt-5.2", service_tier="batch") == ["input 0.875", "cache_read 0.0875", "output 7"]
    assert offers(items, "gpt-5.2", service_tier="fast") == ["input 3.5", "cache_read 0.35", "output 28"]
    short, long = {"context_to_tokens": 272_001}, {"context_from_tokens": 272_001}
    parts = ("input", "cache_read", "cache_write", "output")
    for facts, amounts in ((short, ("5", "0.5", "6.25", "30")), (long, ("10", "1", "12.5", "45"))):
        expected = [f"{part} {amount}" for part, amount in zip(parts, amounts, strict=True)]
        assert offers(items, "gpt-5.6-sol", **standard, **facts) == expected
    assert offers(items, "gpt-5.5", **standard, context_to_tokens=272_000) == offers(items, "gpt-5.5", **standard)
    free = next(item for item in items if isinstance(item, Price) and item.listing == "omni-moderation-latest")
    assert (free.component, free.amount, free.price_text) == ("input", Decimal(0), "Free")
    assert offers(items, "gpt-5-pro", **standard) == ["input 15", "output 120"]
    assert offers(items, "tts-1", unit="per_mchar") == ["input 15"]
    assert offers(items, "Whisper", unit="per_minute") == ["input_audio 0.006"]
    assert offers(items, "o4-mini-2025-04-16", unit="per_hour", **standard) == ["training 100"]
    assert offers(items, "sora-2", unit="per_second", **standard) == ["output_video 0.1"]
    assert offers(items, "gpt-image-2", **standard) == [
        *("input_image 8", "cache_read_image 2", "output_image 30"),
        *("input 5", "cache_read 1.25"),
    ]


def island_amounts(text: str) -> Counter[float]:
    """Every amount in the props of the page's price islands, read without the spider: numbers and `$` in texts."""

    def walk(value: Any) -> list[float]:
        if isinstance(value, dict):
            return [
                amount
                for name, inner in value.items()
                if name in ("rows", "groups", "__pricingHtml")
                for amount in walk(inner[1])
            ]
        if isinstance(value, list):
            return [amount for pair in value for amount in walk(pair[1])]
        if isinstance(value, str):
            return [float(amount) for amount in re.findall(r"\$([\d.]+\d)", value)]
        return [float(value)] if value is not None else []

    props = re.findall(r'component-export="\w*Pricing\w*"[^>]*? props="([^"]*)"', text)
    assert len(props) == 16
    return Counter(amount for prop in props for amount in walk(json.loads(html.unescape(prop))))


@pytest.mark.real_data
def test_every_amount_of_the_real_html_page_is_read_or_skipped(shared: Path) -> None:
    text = (shared / FOLDER / "2026-08-21_pricing.html").read_text()
    items = list(OpenAISpider.extract(Page("openai", OpenAISpider.pages["openai"], text)))
    rendered = [item for item in items if isinstance(item, Price) and item.listing.startswith("gpt-5.6-")]
    found: Counter[float] = Counter()
    for item in items:
        written = item.price_text if isinstance(item, Price) else item.text
        cells = written.split(" | ") if " | " in written else [written.rsplit(": ", 1)[-1]]
        for cell in cells:
            found.update(float(amount) for amount in re.findall(r"\$([\d.]+\d)", cell))
            if re.fullmatch(r"[\d.]+", cell):
                found[float(cell)] += 1
    wanted = island_amounts(text)
    # The twelve rows of the newest models are read where they are rendered, each with four amounts of long context.
    long_context = Counter(
        float(item.amount or 0) for item in rendered if item.context_from_tokens and "$" in item.price_text
    )
    assert sum(long_context.values()) == 12 * 4
    assert sum(wanted.values()) == 539
    assert found - long_context == wanted


@pytest.mark.real_data
def test_real_markdown_page(shared: Path) -> None:
    body = (shared / FOLDER / "2026-09-25_pricing_trimmed.md").read_text()
    items = read(body)
    assert Counter(type(item) for item in items) == {Price: 63}
    assert Counter(item.price_text for item in items if isinstance(item, Price)) == Counter(
        re.findall(r"\$[\d.]+", body)
    )
    short, long = {"context_to_tokens": 272_000}, {"context_from_tokens": 272_000}
    standard = {"service_tier": "standard"}
    assert offers(items, "gpt-5.5", **standard, **short) == ["input 5", "cache_read 0.5", "output 30"]
    assert offers(items, "gpt-5.5", **standard, **long) == ["input 10", "cache_read 1", "output 45"]
    assert offers(items, "gpt-6-sol", **standard, **short) == [
        *("input 2", "cache_read 0.2"),
        *("cache_write 2.5", "output 10"),
    ]
    assert offers(items, "gpt-5.3-codex", **standard) == ["input 1.75", "cache_read 0.175", "output 14"]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("2026-05-08_CHALLENGE_pricing.html", "a challenge page"),
        ("2026-05-08_pricing_jina.md", "a reader service's copy"),
    ],
)
def test_real_bodies_that_are_no_page_are_refused(shared: Path, file: str, message: str) -> None:
    with pytest.raises(UnreadablePage, match=message):
        read((shared / FOLDER / file).read_bytes())


@pytest.mark.parametrize(
    ("before", "after", "reason", "text"),
    [
        ("| Model | Modality", "| Model | Mood", "unknown column", "Mood"),
        ("Batch pricing data", "Overnight pricing data", "service tier 'overnight'", "Model | Short"),
        ("per 1M tokens unless", "per 1M words unless", "unknown unit 'per 1M words'", "$32.00"),
        ("$14.00", "¥14.00", "a price in CNY on a page in USD", "¥14.00"),
        ("$14.00", "$14.00 before 2027", "unknown unit 'before 2027'", "$14.00 before 2027"),
        ("| Audio |", "| Smell |", "unknown modality 'Smell'", "$64.00"),
        ("(\\<272K context length)", "(cheaper at night)", "unknown note", "gpt-5.5"),
        ("| - | $15.00 | - |", "| - | $15.00 |", "8 cells under 9 headers", "gpt-4o-2024-05-13"),
    ],
)
def test_a_changed_part_is_rejected_with_its_text(before: str, after: str, reason: str, text: str) -> None:
    assert before in PAGE
    rejected = [item for item in read(PAGE.replace(before, after)) if isinstance(item, Rejected)]
    assert any(reason in item.reason and text in item.text for item in rejected), rejected


def test_two_limits_on_a_page_are_not_guessed_between() -> None:
    """Only a page with one limit says what short and long context are for models without a note."""
    body = PAGE.replace("| gpt-4o-2024-05-13 |", "| gpt-4o-2024-05-13 (\\<128K context length) |")
    items = read(body)
    rejected = [item.text for item in items if isinstance(item, Rejected)]
    assert rejected == ["$4.00", "$0.40", "$5.00", "$15.00", "$2.00", "$0.20", "$2.50", "$7.50"]
    assert offers(items, "gpt-5.5", context_from_tokens=272_000) == ["input 10", "cache_read 1", "output 45"]


@pytest.mark.parametrize(
    "body",
    [
        "gpt-5.2 costs $1.75 and $14.00",
        PAGE.partition("| --- |")[0],
        '<html><astro-island component-export="PricingTable" props="&quot;">gpt-5.2 $1</astro-island></html>',
        '<html><astro-island component-export="PricingTable" props="'
        + "[" * 100_000
        + '">gpt-5.2 $1</astro-island></html>',
        "<html><astro-island></astro-island><table><tr><td>Model</td><td>gpt-5.2</td><td>$1.75</td></tr></table></html>",
    ],
)
def test_pages_without_readable_prices_are_refused(body: str) -> None:
    with pytest.raises(UnreadablePage):
        read(body)
