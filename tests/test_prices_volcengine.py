"""Volcengine's and BytePlus' prices: the real bodies in both of their forms, and documents that must not be misread."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from pathlib import Path

import pytest

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.tables import markdown_tables
from scrapers.parsing.text import clean
from scrapers.spiders.volcengine import BytePlusSpider, VolcengineSpider

TABLE = """## 在线推理（常规）

|模型名称 |条件<br>千 token |输入 元/百万token |输出 元/百万token |
|---|---|---|---|
|doubao\\-seed |输入长度 [0, 32] |0.6 |3.6 |
"""


def read(markdown: str) -> list[Price | Rejected | Skipped]:
    return list(VolcengineSpider.read("volcengine", json.dumps({"Result": {"MDContent": markdown}}).encode(), {}))


def real_body(shared: Path) -> bytes:
    return (shared / "data/web/volcengine/2026-07-17_1544106_zh.html").read_bytes()


def offers(items: list[Price | Rejected | Skipped], listing: str, **facts: object) -> list[str]:
    """Component and amount of one listing's prices where the facts hold."""
    return [
        f"{item.component} {item.amount:f}"
        for item in items
        if isinstance(item, Price) and item.listing == listing and all(getattr(item, k) == v for k, v in facts.items())
    ]


@pytest.mark.real_data
def test_real_page_in_both_forms(shared: Path) -> None:
    body = real_body(shared)
    started = time.monotonic()
    document = list(VolcengineSpider.read("volcengine", body, {}))
    tables = list(VolcengineSpider.read("volcengine", re.sub(rb"<script.*?</script>", b"", body, flags=re.DOTALL), {}))
    assert time.monotonic() - started < 3
    for items in (document, tables):
        assert Counter(type(item) for item in items) == {Price: 375, Rejected: 24, Skipped: 125}
    assert [item for item in document if not isinstance(item, Skipped)] == [
        item for item in tables if not isinstance(item, Skipped)
    ]
    assert {item.reason.split(": ")[1].split(",")[0] for item in document if isinstance(item, Rejected)} == {
        "a price that depends on the output's length"
    }


@pytest.mark.real_data
def test_golden_prices_of_the_real_page(shared: Path) -> None:
    items = list(VolcengineSpider.read("volcengine", real_body(shared), {}))
    pro = "doubao-seed-2.0-pro"
    for start, end, amounts in ((0, 32_001, "3.2 16.0"), (32_001, 128_001, "4.8 24.0"), (128_001, 256_001, "9.6 48.0")):
        tier = {"service_tier": "standard", "context_from_tokens": start, "context_to_tokens": end}
        found = offers(items, pro, component="input", **tier) + offers(items, pro, component="output", **tier)
        assert found == [f"{name} {amount}" for name, amount in zip(("input", "output"), amounts.split(), strict=True)]
    assert offers(items, pro, service_tier="fast", context_from_tokens=0) == [
        "input 9.6",
        "cache_read 1.92",
        "output 48.0",
    ]
    assert offers(items, pro, service_tier="batch", context_from_tokens=0) == [
        "input 1.6",
        "cache_read 0.64",
        "output 8.0",
    ]
    assert offers(items, "deepseek-v4-pro", channel="cloud", market="cn", currency="CNY", context_to_tokens=None) == [
        "input 12.00",
        "cache_storage_hour 0.017",
        "cache_read 1.00",
        "output 24.00",
    ]
    assert offers(items, "doubao-seed-2.0-mini", component="input_audio", service_tier="standard") == [
        "input_audio 3.0",
        "input_audio 6.0",
        "input_audio 12.0",
    ]
    assert offers(items, "doubao-seedream-4-0", unit="per_image") == ["input_image 0", "output_image 0.20"]
    assert offers(items, "doubao-seed-1.8", context_from_tokens=0, service_tier="standard") == [
        "input 0.80",
        "cache_storage_hour 0.017",
        "cache_read 0.16",
    ]


@pytest.mark.real_data
def test_every_amount_of_the_real_page_is_accounted_for(shared: Path) -> None:
    """Each lone number of a table is a row, a reject or skipped; rows for two lengths of output may share a price."""
    body = real_body(shared)
    document = VolcengineSpider.text_of(body, {})
    cells = [clean(cell) for table in markdown_tables(document) for row in table.rows for cell in row]
    texts: list[str] = []
    for item in VolcengineSpider.read("volcengine", body, {}):
        texts += [item.price_text] if isinstance(item, Price) else item.text.split(" | ")
    on_page, found = (Counter(text for text in part if re.fullmatch(r"[\d.]+", text)) for part in (cells, texts))
    assert not found - on_page
    online = Counter({"0.80": 2, "0.30": 1, "0.017": 4, "0.16": 2, "0.06": 1})
    batch = Counter({"0.40": 2, "0.15": 1, "0.16": 2, "0.06": 1})
    assert on_page - found == online + batch


@pytest.mark.real_data
def test_real_dollar_book(shared: Path) -> None:
    body = (shared / "data/web/byteplus/2026-08-18_modelark_1544106_trimmed.html").read_bytes()
    items = list(BytePlusSpider.read("byteplus", body, {}))
    assert Counter(type(item) for item in items) == {Price: 134, Skipped: 4}
    assert {(item.provider, item.market, item.currency) for item in items if isinstance(item, Price)} == {
        ("byteplus", "intl", "USD")
    }
    short = {"context_from_tokens": 0, "context_to_tokens": 128_001}
    assert offers(items, "seed-2-0-lite-260428", **short) == [
        "input 0.25",
        "input_audio 3.75",
        "cache_storage_hour 0.0083",
        "cache_read 0.05",
        "cache_read_audio 0.75",
        "output 2.00",
    ]
    assert offers(items, "glm-4-7-251222", service_tier="batch", channel="cloud") == [
        "input 0.3",
        "cache_read 0.11",
        "output 1.1",
    ]
    assert offers(items, "seedance-1-0-pro-250528", component="output_video") == [
        "output_video 2.5",
        "output_video 1.25",
    ]
    amounts = re.findall(r"<td>([\d.]+)</td>", body.decode())
    assert Counter(amounts) == Counter(item.price_text for item in items if isinstance(item, Price))


def test_an_added_column_loses_no_price_and_gives_none_a_wrong_meaning() -> None:
    priced = (
        TABLE.replace("|输出", "|思考 元/百万token |输出").replace("|---|", "|---|---|", 1).replace("|3.6", "|9 |3.6")
    )
    items = read(priced)
    assert offers(items, "doubao-seed") == ["input 0.6", "output 3.6"]
    assert [item.text for item in items if isinstance(item, Rejected)] == ["9"]
    other = priced.replace("思考 元/百万token", "时段").replace("|9 |", "|夜间 |")
    with pytest.raises(UnreadablePage, match="夜间"):
        read(other)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("在线推理（常规）", "在线推理（极速）", "unknown section"),
        ("千 token", "token", "no unit for the bounds"),
        ("元/百万token", "元/百万字节", "unknown column '输入 元/百万字节'"),
        ("元/百万token", "", "no price was read"),
        ("元/百万token", "USD/M tokens", "not a price in CNY"),
        ("|模型名称 ", "|名称 ", "unknown headers"),
        ("[0, 32]", "约 32", "no context tier"),
    ],
)
def test_a_renamed_part_is_not_guessed(before: str, after: str, message: str) -> None:
    with pytest.raises(UnreadablePage, match=message):
        read(TABLE.replace(before, after) + "\n> 例：输入 1 元/百万 token。\n")


@pytest.mark.parametrize(
    "body",
    [
        b'{"Result": {"MDContent": "doubao 1\xe5\x85\x83',
        b'{"Result": {"MDContent": 7}}',
        b'{"Result": []}',
        b'{"a":' * 100_000,
        b"<html><script>window._ROUTER_DATA = doubao</script></html>",
        b'<html><script>window._ROUTER_DATA = [{"loaderData": 1}]</script></html>',
        b'<html><script>window._ROUTER_DATA = {"loaderData": [1]}</script></html>',
        "<html><div id='root'>doubao 1元/次</div></html>".encode(),
    ],
)
def test_what_is_no_document_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadablePage):
        list(VolcengineSpider.read("volcengine", body, {}))


def test_a_cut_document_is_refused_wherever_it_is_cut() -> None:
    whole = json.dumps({"Result": {"MDContent": TABLE}}).encode()
    for end in range(1, len(whole) - 1, 7):
        with pytest.raises(UnreadablePage):
            list(VolcengineSpider.read("volcengine", whole[:end], {}))
