"""Moonshot's price pages: the real bodies of May and July 2026, and bodies that must be refused."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from pipelines.defs.sources.price_pages import label_of
from scrapers.items import Price, UnreadablePage
from scrapers.spiders.moonshot import MoonshotSpider

COLUMNS = 'columns={[{ title: "Model" }, { title: "Unit" }, { title: "Input Price" }]}'
ROW = '["kimi-k3", "1M tokens", "$3.00"]'


def read(label: str, body: bytes) -> list[Price]:
    """All prices of a body, nothing else."""
    items = list(MoonshotSpider.read(label, body, {}))
    prices = [item for item in items if isinstance(item, Price)]
    assert items == prices
    return prices


def amounts(prices: list[Price], listing: str) -> dict[str, str]:
    return {price.component: f"{price.amount:f}" for price in prices if price.listing == listing}


def page(*tables: str) -> bytes:
    return ("# Pricing\n\n" + "\n\n".join(f"<DocTable\n  {table}\n/>" for table in tables)).encode()


@pytest.mark.real_data
def test_real_dollar_pages_of_four_families(shared: Path) -> None:
    body = (shared / "data/web/moonshot/2026-05-08_kimi_pricing.md").read_bytes()
    prices = read("moonshot_usd", body)
    assert (len(prices), len({price.listing for price in prices})) == (33, 13)
    assert amounts(prices, "kimi-k2.6") == {"cache_read": "0.16", "input": "0.95", "output": "4.00"}
    assert amounts(prices, "kimi-k2.5") == {"cache_read": "0.10", "input": "0.60", "output": "3.00"}
    assert amounts(prices, "kimi-k2-thinking-turbo") == {"cache_read": "0.15", "input": "1.15", "output": "8.00"}
    assert amounts(prices, "moonshot-v1-128k-vision-preview") == {"input": "2.00", "output": "5.00"}
    series = {price.listing for price in prices if price.availability == "deprecated"}
    assert len(series) == 5 and all(name.startswith("kimi-k2-") for name in series)
    assert {(price.unit, price.currency, price.market, price.provider) for price in prices} == {
        ("per_mtok", "USD", "global", "moonshotai")
    }
    written = re.findall(r'\{"\$"\}([\d.]+)', body.decode())
    assert [price.price_text for price in prices] == [f"${amount}" for amount in written]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "label", "models"),
    [
        ("2026-07-17_kimi1.html", "moonshot_cny_k26", ["kimi-k2.6"]),
        ("2026-07-17_kimi3.html", "moonshot_cny_k27", ["kimi-k2.7-code", "kimi-k2.7-code-highspeed"]),
    ],
)
def test_real_yuan_pages(shared: Path, file: str, label: str, models: list[str]) -> None:
    body = (shared / "data/web/moonshot" / file).read_bytes()
    started = time.monotonic()
    prices = read(label, body)
    assert time.monotonic() - started < 1
    assert [price.listing for price in prices] == [name for name in models for _ in range(3)]
    assert {(price.currency, price.market, price.availability) for price in prices} == {("CNY", "cn", None)}
    cells = re.findall(r"<td>(¥[\d.]+)</td>", body.decode())
    assert [price.price_text for price in prices] == cells
    expected = {"kimi-k2.6": "1.10 6.50 27.00", "kimi-k2.7-code": "1.30 6.50 27.00"}[models[0]]
    assert " ".join(amounts(prices, models[0]).values()) == expected


@pytest.mark.real_data
def test_real_overview_of_may_has_no_prices(shared: Path) -> None:
    body = (shared / "data/web/moonshot/2026-05-08_kimi_pricing.html").read_bytes()
    with pytest.raises(UnreadablePage, match="no table with columns of models and units"):
        read("moonshot_usd", body)


def test_pages_of_single_models_come_by_import_only() -> None:
    fetched = {label for label, page in MoonshotSpider.pages.items() if page.is_fetched}
    assert fetched == {"moonshot_usd", "moonshot_cny"}


def test_dollars_in_jsx_make_a_page_one_in_dollars() -> None:
    body = page(COLUMNS + '\n  rows={[["kimi-k3", "1M tokens", <>{"$"}3.00</>]]}')
    assert label_of("moonshot/chat.md", body) == "moonshot_usd"
    assert amounts(read("moonshot_usd", body), "kimi-k3") == {"input": "3.00"}
    with pytest.raises(UnreadablePage, match="no amount in CNY"):
        read("moonshot_cny", body)


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        (f"rows={{[{ROW}, ...more]}}", r"not a row of a table: ' \.\.\.more"),
        (f"rows={{[{ROW}", "not a row of a table: '/>|not a row"),
        ('rows={["kimi-k3 $3.00"]}', "not a row of a table"),
        ('rows={[["kimi-k3", ["1M tokens"], "$3.00"]]}', "not a row of a table"),
        ('rows={[["kimi-k3", `1M ${unit}`, "$3.00"]]}', "not a row of a table"),
        ("rows={kimi-k3 $3.00}", "not a row of a table: 'kimi-k3"),
        ("lines={[]} kimi-k3 $3.00", "a table without columns or rows"),
    ],
)
def test_what_is_no_list_of_texts_is_refused(rows: str, error: str) -> None:
    with pytest.raises(UnreadablePage, match=error):
        read("moonshot_usd", page(f"{COLUMNS}\n  {rows}"))


def test_renamed_columns_are_refused_with_their_text() -> None:
    with pytest.raises(UnreadablePage, match=r"headers found: \['Name \| Unit \| Input Price'\]"):
        read("moonshot_usd", page(COLUMNS.replace("Model", "Name") + f" rows={{[{ROW}]}}"))
    with pytest.raises(UnreadablePage, match=r"no price column in the table 'Model \| Unit \| Prix'"):
        read("moonshot_usd", page(COLUMNS.replace("Input Price", "Prix") + f" rows={{[{ROW}]}}"))


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ("`kimi-k3` has been officially discontinued.", "retired"),
        ("> kimi-k3 will be discontinued on May 1; use kimi-k4", "deprecated"),
        ("`kimi-k3` 系列已于 2026 年 5 月 25 日下线", "retired"),
        ("kimi-k3 预计 8 月 31 日全平台下线", "deprecated"),
        ("Use kimi-k3. The older kimi-k1 has been discontinued.", None),
        ("kimi-k2 will be discontinued; use kimi-k3", None),
        ("kimi-k31 has been discontinued", None),
    ],
)
def test_standing_is_read_from_the_sentence_that_names_the_model(said: str, standing: str | None) -> None:
    body = page(f"{COLUMNS} rows={{[{ROW}]}}") + b"\n\n" + said.encode()
    assert [price.availability for price in read("moonshot_usd", body)] == [standing]


def test_hostile_pages_are_read_in_linear_time() -> None:
    started = time.monotonic()
    for rows in ("[" * 200_000, '["kimi-k3",' * 50_000, '"' + "\\" * 200_000, "<>" * 100_000, "kimi-k3 将于" * 50_000):
        with pytest.raises(UnreadablePage):
            read("moonshot_usd", page(f"{COLUMNS} rows={{{rows} kimi-k3 $1"))
    many = ", ".join(ROW.replace("k3", f"k3.{number}") for number in range(5_000))
    assert len(read("moonshot_usd", page(f"{COLUMNS} rows={{[{many}]}}"))) == 5_000
    assert time.monotonic() - started < 10
