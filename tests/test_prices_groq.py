"""Groq's prices: the saved tables, and cells that must not be misread."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.spiders.groq import GroqSpider

PAGE = """## [Production Models](#production-models)

| MODEL ID | PRICE PER 1M TOKENS | CONTEXT |
| --- | --- | --- |
| [GPT OSS 20B](/docs/model/openai/gpt-oss-20b)openai/gpt-oss-20b | $0.075 input$0.30 output | 131,072 |
"""


def read(body: str) -> list[Price | Rejected | Skipped]:
    return list(GroqSpider.read("groq", body.encode(), {}))


def shown(items: list[Price | Rejected | Skipped]) -> list[str]:
    return [f"{p.listing} {p.component} {p.amount} {p.unit}" for p in items if isinstance(p, Price)]


@pytest.mark.real_data
def test_real_tables(shared: Path) -> None:
    body = (shared / "data/web/groq/2026-08-29_models.md").read_text()
    items = read(body)
    assert Counter(type(item) for item in items) == {Price: 13, Skipped: 3}
    assert shown(items)[:5] == [
        "openai/gpt-oss-120b input 0.15 per_mtok",
        "openai/gpt-oss-120b output 0.60 per_mtok",
        "openai/gpt-oss-20b input 0.075 per_mtok",
        "openai/gpt-oss-20b output 0.30 per_mtok",
        "whisper-large-v3 input_audio 0.111 per_hour",
    ]
    assert {(p.listing, p.availability) for p in items if isinstance(p, Price) and p.availability} == {
        ("canopylabs/orpheus-arabic-saudi", "preview"),
        ("openai/gpt-oss-safeguard-20b", "preview"),
        ("qwen/qwen3.6-27b", "preview"),
        ("qwen/qwen3.8-27b", "preview"),
    }
    assert {p.channel for p in items if isinstance(p, Price)} == {"reseller"}
    found = [price for item in items if isinstance(item, Price) for price in re.findall(r"\$[\d.]+", item.price_text)]
    assert Counter(found) == Counter(re.findall(r"\$[\d.]+", body))


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("PRICE PER 1M TOKENS", "PRICE PER 1M WORDS", "unknown unit 'PER 1M WORDS'"),
        ("PRICE PER 1M TOKENS", "PRICE", "0 columns 'PRICE PER ...'"),
        ("CONTEXT", "PRICE PER 1M IMAGES", "2 columns 'PRICE PER ...'"),
        ("MODEL ID", "MODELE", "no table that begins with 'MODEL ID'"),
        ("Production Models", "Modèles de production", "unknown section"),
        ("input$", "$", "unknown unit"),
        ("$0.30 output", "€0.30 output", "not a price|more than one price"),
        ("$0.30", "$0.3.0", "not a price"),
        ("$0.075", "from $0.075", "not a price: 'from '"),
        (")openai/", ")oss-20b openai/", "is not the one in the link"),
        ("| 131,072 |", "|", "2 cells under 3 headers"),
    ],
)
def test_a_changed_part_is_not_guessed(before: str, after: str, message: str) -> None:
    with pytest.raises(UnreadablePage, match=message):
        read(PAGE.replace(before, after))


def test_a_price_that_cannot_be_read_takes_its_row_with_it_and_no_other() -> None:
    other = PAGE.splitlines()[-1].replace("20b", "21b").replace("$0.30 output", "$0.30 thoughts")
    items = read(PAGE + other + "\n")
    assert shown(items) == ["openai/gpt-oss-20b input 0.075 per_mtok", "openai/gpt-oss-20b output 0.30 per_mtok"]
    assert [item.reason for item in items if isinstance(item, Rejected)] == ["unknown unit 'thoughts'"]
