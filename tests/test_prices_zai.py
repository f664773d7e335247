"""Z.ai's and BigModel's price pages: the real bodies of 2026, and bodies that must be refused or rejected."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import pytest
from parsel import Selector

from pipelines.defs.sources.price_pages import label_of
from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.sections import section_tables
from scrapers.parsing.tables import read_cell
from scrapers.spiders.zai import ZaiSpider

Items = list[Price | Rejected | Skipped]
TABLE = """| Model | Input | Output |
| :- | :- | :- |
| GLM-5.3 | \\$1.4 | \\$4.4 |
"""


def read(body: str, label: str = "zai_usd") -> Items:
    return list(ZaiSpider.read(label, body.encode(), {}))


def offers(items: Items, listing: str, **facts: object) -> dict[str, str]:
    """Amount by component of one listing's prices where the facts hold."""
    chosen = [item for item in items if isinstance(item, Price) and item.listing == listing]
    held = [item for item in chosen if all(getattr(item, name) == value for name, value in facts.items())]
    assert len({item.component for item in held}) == len(held)
    return {item.component: f"{item.amount:f}" for item in held}


@pytest.fixture
def console(shared: Path) -> str:
    """BigModel's price page as a browser showed it."""
    return (shared / "data/web/zhipu/2026-07-20_bigmodel_pricing.html").read_text()


@pytest.mark.real_data
def test_real_console_page_of_july(console: str) -> None:
    started = time.monotonic()
    items = read(console, "zai_cny")
    assert time.monotonic() - started < 2
    assert Counter(type(item) for item in items) == {Price: 179, Rejected: 10, Skipped: 60}
    prices = [item for item in items if isinstance(item, Price)]
    assert {(price.provider, price.market, price.currency) for price in prices} == {("zhipuai", "cn", "CNY")}
    assert len({price.listing for price in prices}) == 57
    assert Counter(price.unit for price in prices) == {
        "per_mtok": 141,
        "per_mtok_hour": 22,
        "per_request": 15,
        "per_10kchar": 1,
    }
    short, long = {"context_to_tokens": 32_000}, {"context_from_tokens": 32_000}
    free = {"cache_storage_hour": "0"}
    assert offers(items, "GLM-5.2") == {"input": "8", "output": "28", "cache_read": "2"} | free
    assert offers(items, "GLM-5.1", **short) == {"input": "6", "output": "24", "cache_read": "1.3"} | free
    assert offers(items, "GLM-5.1", **long) == {"input": "8", "output": "28", "cache_read": "2"} | free
    assert (
        offers(items, "GLM-4.5V", context_to_tokens=64_000)
        == {"input": "4", "output": "12", "cache_read": "0.8"} | free
    )
    assert offers(items, "GLM-4-Plus", service_tier="standard") == {"input": "5", "output": "5"}
    assert offers(items, "GLM-4-Plus", service_tier="batch") == {"input": "2.5", "output": "2.5"}
    assert offers(items, "Embedding-3", service_tier="batch") == {"input": "0.25"}
    assert offers(items, "CogView-4", service_tier="batch", unit="per_request") == {"output_image": "0.03"}
    assert offers(items, "GLM-ASR-2512", unit="per_mtok") == {"input": "16", "output": "0"}
    assert offers(items, "GLM-4.7-Flash", price_kind="list")["cache_storage_hour"] == "0"
    assert offers(items, "GLM-4.7-FlashX", price_kind="promotion") == free


@pytest.mark.real_data
def test_real_prices_that_depend_on_the_output_are_rejected_unless_they_agree(console: str) -> None:
    items = read(console, "zai_cny")
    short = {"context_from_tokens": 0}
    assert offers(items, "GLM-4.7", **short) == {"cache_storage_hour": "0"}
    assert offers(items, "GLM-4.5-Air", **short) == {"input": "0.8", "cache_read": "0.16", "cache_storage_hour": "0"}
    rejected = [item for item in items if isinstance(item, Rejected)]
    assert Counter(item.reason.partition(":")[0] for item in rejected) == {
        "GLM-4.7 input": 2,
        "GLM-4.7 output": 2,
        "GLM-4.7 cache_read": 2,
        "GLM-4.5-Air output": 2,
        "GLM-Realtime-Flash 单价": 1,
        "GLM-Realtime-Air 单价": 1,
    }


@pytest.mark.real_data
def test_every_priced_cell_of_the_real_console_page_is_accounted_for(console: str) -> None:
    items = read(console, "zai_cny")
    priced: dict[str, Counter[str]] = {}
    for section in Selector(text=console).xpath(
        "//div[contains(@class, 'model-desc-item-content') and .//h3 and .//td]"
    ):
        cells = Counter(read_cell(node).text for node in section.xpath(".//td"))
        kept = {text: count for text, count in cells.items() if re.search(r"\d ?[千百十万]*元|免费|不计费", text)}
        priced[section.xpath("string(.//h3)").get(default="").strip()] = Counter(kept)
    flagship, single = priced.pop("旗舰模型"), priced.pop("模型推理")
    rejected = Counter(item.text for item in items if isinstance(item, Rejected))
    # The 1 + 3 prices that two lengths of output share make a row each.
    shared_by_lengths = Counter({"限时免费": 2, "0.8元": 1, "0.16元": 1})
    prices = [item for item in items if isinstance(item, Price)]
    of_flagship = prices[: flagship.total() - 8 - 4]
    assert Counter(price.price_text for price in of_flagship) + shared_by_lengths + rejected >= flagship
    assert len(of_flagship) + 8 + 4 == flagship.total() == 96
    of_single = Counter(price.price_text for price in prices[len(of_flagship) :] if price.component != "output")
    assert single == of_single + Counter({text: count for text, count in rejected.items() if "分钟" in text})
    skipped = " | ".join(item.text for item in items if isinstance(item, Skipped))
    assert [text for cells in priced.values() for text in cells if text not in skipped] == []
    # Two cells hold two amounts each.
    assert sum(cells.total() for cells in priced.values()) == len(re.findall(r"\d ?[千百十万]*元", skipped)) - 2 == 70


@pytest.mark.real_data
def test_real_dollar_tables_of_may(shared: Path) -> None:
    """The only real body is a reader service's copy, which is refused; below its head are the tables of the page."""
    copy = (shared / "data/web/zai/2026-05-08_pricing_jina.md").read_text()
    with pytest.raises(UnreadablePage, match="a reader service's copy"):
        read(copy)
    tables = copy[copy.index("\n## [") :]
    items = read(tables)
    assert Counter(type(item) for item in items) == {Price: 74, Rejected: 1, Skipped: 11}
    free = {"cache_storage_hour": "0"}
    assert offers(items, "GLM-5.1", provider="zai") == {"input": "1.4", "cache_read": "0.26", "output": "4.4"} | free
    assert offers(items, "GLM-OCR") == {"input": "0.03", "output": "0.03"}
    assert offers(items, "GLM-4.5-Flash", price_kind="list") == dict.fromkeys(
        ("input", "cache_read", "cache_storage_hour", "output"), "0"
    )
    assert offers(items, "GLM-Image", unit="per_image") == {"output_image": "0.015"}
    texts = " ".join(item.price_text if isinstance(item, Price) else item.text for item in items)
    assert Counter(re.findall(r"\$[\d.]+", texts)) == Counter(re.findall(r"\$[\d.]+", tables))


@pytest.mark.real_data
def test_real_guide_under_the_pages_address_is_refused(shared: Path) -> None:
    body = (shared / "data/web/zai/2026-05-08_pricing.html").read_text()
    with pytest.raises(UnreadablePage, match=r"no table of models; headers found: \[\]"):
        read(body)


@pytest.mark.real_data
def test_real_files_are_recognised(console: str) -> None:
    assert label_of("zhipu/2026-07-20_bigmodel_pricing.html", console.encode()) == "zai_cny"


def test_an_empty_shell_of_the_console_is_refused() -> None:
    with pytest.raises(UnreadablePage, match="the expected model 'GLM-' is not named"):
        read("<html><body><div id='app'></div><script src='/app.js'></script></body></html>", "zai_cny")


def test_a_unit_is_never_taken_from_another_section() -> None:
    items = read("### A\n\nPrices per 1M tokens.\n\n" + TABLE + "\n### B\n\n" + TABLE.replace("5.3", "5.2"))
    assert offers(items, "GLM-5.3", unit="per_mtok") == {"input": "1.4", "output": "4.4"}
    assert not offers(items, "GLM-5.2")
    assert [item.reason for item in items if isinstance(item, Rejected)] == [
        "GLM-5.2 Input: no unit in '$1.4'",
        "GLM-5.2 Output: no unit in '$4.4'",
    ]


def test_other_languages_and_parts_are_refused_with_their_headers() -> None:
    with pytest.raises(UnreadablePage, match=r"headers found: \['Modelo \| Input \| Output'\]"):
        read("Prices per 1M tokens.\n\n" + TABLE.replace("Model", "Modelo"))
    with pytest.raises(UnreadablePage, match=r"no price was read from the page; unknown column"):
        read("Prices per 1M tokens.\n\n" + TABLE.replace("Input", "Entrada").replace("4.4", "x"))
    with pytest.raises(UnreadablePage, match="a table is cut off"):
        read("<h3>Text</h3><table><tr><th>Model</th></tr><tr><td>GLM-5.3</td><td>$1.4")


def test_a_tier_by_output_that_stands_alone_is_no_price_for_all_output() -> None:
    table = (
        "| 模型名称 | 上下文 | 输入单价（元/百万 Tokens） |\n| - | - | - |\n"
        "| GLM-4.7 | 输入 [0, 32K)，输出 [0, 0.2K) | 2 元 |\n| GLM-5 | 1M | 4 元 |\n"
    )
    items = read(table, "zai_cny")
    assert offers(items, "GLM-5") == {"input": "4"}
    assert not offers(items, "GLM-4.7")


def test_sections_of_html_and_markdown_are_alike() -> None:
    rows = "<table><tr><th>Model</th></tr><tr><td>GLM-5</td></tr></table>"
    page = f"<h2>A</h2><p>one</p><p>two</p>{rows}{rows}<h3>B <b>b</b></h3>{rows}"
    table = "| Model |\n| - |\n| GLM-5 |\n\n"
    marked = f"## A\n\none\n\ntwo\n\n{table}{table}### B **b**\n\n{table}"
    for text in (page, marked):
        tables = list(section_tables(text, Selector(text=text)))
        assert [(table.heading, table.intro.split(), table.lines()) for table in tables] == [
            ("A", ["one", "two"], ["Model", "GLM-5"]),
            ("A", [], ["Model", "GLM-5"]),
            ("B b", [], ["Model", "GLM-5"]),
        ]


def test_hostile_pages_are_read_in_linear_time() -> None:
    started = time.monotonic()
    cell = "(" * 20_000
    for part in ("<p>", "<span data-as='p'>", "<h3>", "<div>" * 10, "<p></p>" * 10):
        body = part * 10_000 + "<h3>Text</h3><p>Prices per 1M tokens.</p>"
        table = "<table><tr><th>Model</th><th>Input</th></tr><tr><td>GLM-5</td><td>$1</td></tr></table>"
        try:
            assert offers(read(body + table), "GLM-5") == {"input": "1"}
        except UnreadablePage as error:  # a heading or paragraph never closed swallows what follows
            assert "no table of models" in str(error) or "no price was read" in str(error)
    for text in (cell, "输入:" * 20_000, "1" * 20_000, "[1+" * 20_000, "GLM-" * 20_000, "；" * 20_000):
        row = f"| GLM-5 {text} | {text} | {text} |\n| GLM-5 | 1M | {text} |\n| GLM-6 | 1M | 1元 |\n"
        header = "| 模型名称 | 上下文 | 单价（元/百万 Tokens） |\n| - | - | - |\n"
        assert offers(read(header + row, "zai_cny"), "GLM-6") == {"input": "1", "output": "1"}
    assert time.monotonic() - started < 20
