"""MiniMax's price pages: the real body of October 2026, and bodies that must be refused or rejected."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import pytest

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.spiders.minimax import MiniMaxSpider

TABLE = """| Model | Input | Output |
| :- | :- | :- |
| **MiniMax-M3** | \\$0.30 / M tokens | \\$1.20 / M tokens |
"""


def read(body: str, label: str = "minimax_usd") -> list[Price | Rejected | Skipped]:
    return list(MiniMaxSpider.read(label, body.encode(), {}))


def offers(items: list[Price | Rejected | Skipped], listing: str, **facts: object) -> list[str]:
    """Component and amount of one listing's prices where the facts hold."""
    return [
        f"{item.component} {item.amount:f}"
        for item in items
        if isinstance(item, Price) and item.listing == listing and all(getattr(item, k) == v for k, v in facts.items())
    ]


@pytest.mark.real_data
def test_real_page_of_october(shared: Path) -> None:
    body = (shared / "data/web/minimax/2026-10_pricing-paygo.md").read_text()
    items = read(body)
    prices = [item for item in items if isinstance(item, Price)]
    assert Counter(type(item) for item in items) == {Price: 56, Skipped: 2}
    assert Counter(price.listing for price in prices) == {
        "MiniMax-M3": 24,
        **dict.fromkeys(
            ["MiniMax-M2.7", "MiniMax-M2.7-highspeed", "MiniMax-M2.5", "MiniMax-M2.5-highspeed", "MiniMax-M2.1"], 4
        ),
        **dict.fromkeys(["MiniMax-M2.1-highspeed", "MiniMax-M2"], 4),
        **{"speech-2.8-hd": 1, "speech-2.8-turbo": 1, "MiniMax-H3-Context-IR": 2},
    }
    standard = {"service_tier": "standard", "context_from_tokens": 0, "context_to_tokens": 512_001}
    assert offers(items, "MiniMax-M3", price_kind="promotion", **standard) == [
        "input 0.30",
        "output 1.20",
        "cache_read 0.06",
    ]
    assert offers(items, "MiniMax-M3", price_kind="list", **standard) == [
        "input 0.60",
        "output 2.40",
        "cache_read 0.12",
    ]
    beyond = {"service_tier": "priority", "context_from_tokens": 512_001, "context_to_tokens": None}
    assert offers(items, "MiniMax-M3", price_kind="list", **beyond) == ["input 1.80", "output 7.20", "cache_read 0.36"]
    assert offers(items, "MiniMax-M2.7-highspeed") == [
        "input 0.6",
        "output 2.4",
        "cache_read 0.06",
        "cache_write 0.375",
    ]
    assert offers(items, "speech-2.8-hd", unit="per_mchar", amount_per_mtok=None) == ["input 100"]


@pytest.mark.real_data
def test_every_amount_of_the_real_page_is_accounted_for(shared: Path) -> None:
    body = (shared / "data/web/minimax/2026-10_pricing-paygo.md").read_text()
    read_texts = [item.price_text if isinstance(item, Price) else item.text for item in read(body)]
    found = Counter(re.findall(r"\$[\d.]+", " ".join(read_texts)))
    assert found == Counter(re.findall(r"\$[\d.]+", body.replace("\\", "")))


def test_a_tab_ends_where_it_ends() -> None:
    tabs = '<Tabs>\n<Tab title="Priority*">\n' + TABLE + "</Tab>\n</Tabs>\n" + TABLE.replace("M3", "M2.7")
    items = read(tabs)
    assert offers(items, "MiniMax-M3", service_tier="priority") == ["input 0.30", "output 1.20"]
    assert offers(items, "MiniMax-M2.7", service_tier="standard") == ["input 0.30", "output 1.20"]


def test_tables_of_a_renamed_tab_are_rejected() -> None:
    items = read('<Tab title="Turbo">\n' + TABLE + "</Tab>\n\n" + TABLE.replace("M3", "M2.7"))
    assert [item.reason for item in items if isinstance(item, Rejected)] == ["unknown service tier 'Turbo'"]
    assert not offers(items, "MiniMax-M3")
    with pytest.raises(UnreadablePage, match="a tab without a title"):
        read("<Tab label='Priority'>\n" + TABLE + "</Tab>")


def test_bare_amounts_need_a_header_that_states_the_currency() -> None:
    bare = "| 模型 | 输入价格{} |\n| - | - |\n| MiniMax-M3 | 2.10 |\n| MiniMax-M2 | 2.10 元/百万 tokens |\n"
    items = read(bare.format(" 元/百万 tokens"), "minimax_cny")
    assert offers(items, "MiniMax-M3", currency="CNY", market="cn", unit="per_mtok") == ["input 2.10"]
    rejected, price = read(bare.format(""), "minimax_cny")
    assert isinstance(rejected, Rejected) and "no currency in '2.10'" in rejected.reason
    assert isinstance(price, Price) and price.listing == "MiniMax-M2"
    with pytest.raises(UnreadablePage, match="unknown unit '/百万字'"):
        read(bare.format(" 元/百万字"), "minimax_cny")


def test_other_languages_and_parts_are_refused_with_their_headers() -> None:
    with pytest.raises(UnreadablePage, match="no price was read from the page; a price table with unknown headers"):
        read(TABLE.replace("Input", "Entrada").replace("Output", "Salida"))
    with pytest.raises(UnreadablePage, match="no price was read from the page; 1 cells under 3 headers"):
        read(TABLE[:60] + "\n\nMiniMax-M3 costs $1")
    with pytest.raises(UnreadablePage, match=r"no table of MiniMax-M models; headers found: \[\]"):
        read(TABLE[:30] + "\n\nMiniMax-M3 costs $1")


def test_hostile_pages_are_read_in_linear_time() -> None:
    started = time.monotonic()
    for part in ("<Tab title=", "<Tab ", '<Tab title="', "<span ", "~~", "<br", "元/", "(", "> "):
        cell = part * (50_000 // len(part))
        for body in ("x " + cell + "\n" + TABLE, TABLE + f"| MiniMax-M1 {cell} | {cell} | \\$1 {cell} |\n"):
            try:
                assert read(body)
            except UnreadablePage as error:
                assert "tab without a title" in str(error)
    assert time.monotonic() - started < 20
