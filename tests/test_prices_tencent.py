"""Tencent TokenHub's prices: the real page, and parts of it that must not be misread."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import pytest
from parsel import Selector

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.tables import grid
from scrapers.spiders.tencent import TencentSpider

PAGE = """<html><body><h2>在线推理场景</h2><div class="tse-tabs__item-label">广州</div><table>
<tr><td>模型名称</td><td>条件 (token)</td><td>推理输入 (元/百万 tokens)</td><td>推理输出 (元/百万 tokens)</td></tr>
<tr><td>Hy3</td><td>输入长度(0, 32k]</td><td>1</td><td>4</td></tr></table></body></html>"""


def read(body: str) -> list[Price | Rejected | Skipped]:
    return list(TencentSpider.read("tencent", body.encode(), {"content-type": "text/html; charset=utf-8"}))


def offers(items: list[Price | Rejected | Skipped], listing: str, **facts: object) -> list[str]:
    """Component and amount of one listing's prices where the facts hold."""
    return [
        f"{item.component} {item.amount:f}"
        for item in items
        if isinstance(item, Price) and item.listing == listing and all(getattr(item, k) == v for k, v in facts.items())
    ]


@pytest.mark.real_data
def test_real_page(shared: Path) -> None:
    body = (shared / "data/web/tencent/2026-08-10_tokenhub_cn.html").read_text()
    started = time.monotonic()
    items = read(body)
    assert time.monotonic() - started < 3
    assert Counter(type(item) for item in items) == {Price: 217, Skipped: 148}
    prices = [item for item in items if isinstance(item, Price)]
    assert Counter((price.service_tier, price.deployment_scope) for price in prices) == {
        ("standard", "广州"): 109,
        ("standard", "新加坡"): 80,
        ("standard", None): 16,
        ("batch", None): 12,
    }
    top = {"context_from_tokens": 256_001, "context_to_tokens": 1_000_001}
    assert offers(items, "Qwen3.5-Plus", deployment_scope="广州", **top) == ["input 4", "output 24", "cache_read 0.4"]
    assert offers(items, "Qwen3.5-Plus", deployment_scope="新加坡", **top) == [
        "input 3.67",
        "output 22.018",
        "cache_read 0.367",
    ]
    assert offers(items, "DeepSeek-V4-Pro", deployment_scope="广州", channel="cloud") == [
        "input 12",
        "output 24",
        "cache_read 1",
    ]
    assert offers(items, "DeepSeek-V4-Pro 原厂直供", deployment_scope="广州") == [
        "input 3",
        "output 6",
        "cache_read 0.025",
    ]
    assert offers(items, "GLM-5", service_tier="batch", context_from_tokens=32_001) == [
        "input 3",
        "output 11",
        "cache_read 0.75",
    ]
    assert offers(items, "Kinfra-VL-Embedding-8b") == ["input 0.6", "input_image 0.9", "input_video 1.8"]


@pytest.mark.real_data
def test_every_amount_of_the_real_page_is_accounted_for(shared: Path) -> None:
    body = (shared / "data/web/tencent/2026-08-10_tokenhub_cn.html").read_text()
    tables = Selector(text=body).xpath("//table")
    cells = [cell.text for table in tables for row in grid(table, hidden_class="hidden") for cell in row]
    texts: list[str] = []
    for item in read(body):
        texts += [item.price_text] if isinstance(item, Price) else item.text.split(" | ")
    on_page, found = (Counter(text for text in part if re.fullmatch(r"[\d.]+", text)) for part in (cells, texts))
    assert found == on_page
    assert on_page.total() > 217


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("模型名称", "名称", "no table of '模型名称'"),
        ("元/百万 tokens", "元/百万字节", "unknown unit '/百万字节'"),
        ("条件 (token)", "时段", "unknown column"),
        ("在线推理场景", "新场景", "an unknown part of the page"),
        ("(0, 32k]", "约 32k", "no context tier"),
        ("<td>4</td>", "<td>$4</td>", None),
        ("</table>", "", "a table is cut off"),
    ],
)
def test_a_changed_part_is_not_guessed(before: str, after: str, message: str | None) -> None:
    changed = PAGE.replace(before, after).replace("</body>", "<p>Hy3 1元</p></body>")
    if message is None:
        items = read(changed)
        assert offers(items, "Hy3") == ["input 1"]
        assert [item.text for item in items if isinstance(item, Rejected)] == ["$4"]
        return
    with pytest.raises(UnreadablePage, match=message):
        read(changed)
