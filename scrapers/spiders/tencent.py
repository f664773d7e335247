"""Tencent Cloud TokenHub's prices in yuan: one HTML page, tables of its own and of other vendors' models.

The tables of language models stand in tabs, one for each region; a region is the deployment scope, and where none is
named there is none. Cells that a span covers stay in a page saved from a browser, hidden; a served page leaves them
empty. A K is a thousand tokens of a prompt. `下线` with a day says until when a model is offered.

Not read, and skipped with the reason: images, video, speech and 3D, which are reckoned in tokens or points by
resolution and length, and search.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, ClassVar

from parsel import Selector

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.dates import find_day
from scrapers.parsing.money import ABSENT, read_money
from scrapers.parsing.tables import grid
from scrapers.parsing.text import clean
from scrapers.parsing.tiers import read_tier
from scrapers.parsing.units import UnknownUnit, read_unit, to_per_mtok
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

NAME, CONDITION, HOURS, ITEM = "模型名称", "条件 (token)", "峰谷计费", "计费项"
COMPONENTS = {"推理输入": "input", "推理输出": "output", "缓存命中": "cache_read", "价格": ""}
ITEMS = {"文本输入": "input", "图片输入": "input_image", "视频输入": "input_video"}
WINDOWS = {"空闲时段": "off_peak", "高峰时段": "peak"}
TIERS = {"批量任务场景": "batch", "在线推理场景": "standard"}
# A column's name, or how it begins -> why no row of its table is a price of ours.
SKIPPED = {
    "Token 单价": "reckoned in tokens by resolution and length",
    "积分单价": "points",
    "输出消耗": "points",
    "旧计费方式": "what older models cost in two reckonings",
    "版本": "search",
}
OWN = ("hy", "yt-", "kinfra", "hunyuan")
_PRICED = re.compile(r"([^()]+?) ?\(元 ?(/.+)\)")
_ENDS = re.compile(r"(.+?) ?\((\d{4}-\d{2}-\d{2}) ?下线\)")
_OPEN_TIER = re.compile(r"输入长度 ?(\[?)([\d.]+[kKmM])\+\)?")


@dataclass(frozen=True)
class _Table:
    """A table with the service tier of its part of the page, the region of its tab, and its cells' text."""

    tier: str
    region: str | None
    headers: list[str]
    rows: list[list[str]]


class TencentSpider(PricePageSpider):
    """One page for all models."""

    name = "tencent"
    pages: ClassVar = {
        "tencent": PricePage(
            url="https://cloud.tencent.com/document/product/1823/130055",
            currency="CNY",
            anchor="Hy3",
            market="cn",
        )
    }

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected | Skipped]:
        """The prices of every table of models; a priced table with other headers is rejected."""
        tables = list(_tables(page))
        if not any(NAME in table.headers for table in tables):
            raise UnreadablePage(f"no table of {NAME!r}; headers found: {[' | '.join(t.headers) for t in tables]}")
        for table in tables:
            reasons = [reason for name, reason in SKIPPED.items() if any(h.startswith(name) for h in table.headers)]
            if reasons:
                yield from (Skipped(reasons[0], " | ".join(row)) for row in table.rows)
            elif table.headers[0] == NAME:
                yield from _models(table)
            elif any(map(_PRICED.fullmatch, table.headers)):
                yield Rejected("a price table with unknown headers", " | ".join(table.headers))


def _tables(page: Page) -> Iterator[_Table]:
    """Tables in order; the labels of tabs are taken one by one by the tables that follow them."""
    tier, regions = "", list[str]()
    for element in page.selector.root.iter("h2", "h3", "h4", "div", "table"):
        if element.tag == "table":
            rows = [[cell.text for cell in row] for row in grid(Selector(root=element), hidden_class="hidden")]
            region = regions.pop(0) if regions else None
            if rows:
                yield _Table(tier, region, rows[0], rows[1:])
        elif element.tag == "div":
            if "tse-tabs__item-label" in element.get("class", "").split():
                regions.append(clean("".join(element.itertext())))
        else:
            regions = []
            if element.tag == "h2":
                tier = TIERS.get(clean("".join(element.itertext())), "")


def _models(table: _Table) -> Iterator[Price | Rejected]:
    columns: dict[str, tuple[str, str]] = {}
    for header in table.headers[1:]:
        priced = _PRICED.fullmatch(header)
        try:
            if priced and priced[1] in COMPONENTS:
                columns[header] = (COMPONENTS[priced[1]], read_unit(priced[2]))
            elif header not in (CONDITION, HOURS, ITEM):
                raise UnknownUnit("unknown column")
        except UnknownUnit as error:
            yield Rejected(f"{error} in a table of models", header)
            return
    if not table.tier:
        yield Rejected("a price table in an unknown part of the page", " | ".join(table.headers))
        return
    name = ""
    for row in table.rows:
        name = row[0] or name
        cells = dict(zip(table.headers, row, strict=True))
        try:
            facts = {**_facts(name, cells), "service_tier": table.tier, "deployment_scope": table.region}
            item = ITEMS[cells[ITEM]] if ITEM in cells else ""
        except (ValueError, KeyError) as error:
            yield Rejected(f"a row that cannot be read: {error}", " | ".join(row))
            continue
        for header, (component, unit) in columns.items():
            yield from _price(facts, component or item, unit, cells[header])


def _facts(name: str, cells: dict[str, str]) -> dict[str, Any]:
    """What a row says of all its prices."""
    facts: dict[str, Any] = {"listing": name}
    if ends := _ENDS.fullmatch(name):
        day = find_day(ends[2])
        facts = {"listing": ends[1], "availability": "deprecated"}
        facts["effective_to"] = datetime.combine(day, time(), UTC) if day else None
    elif "(" in name or not name:
        raise ValueError(f"unknown note on a model's name {name!r}")
    elif "preview" in name.lower():
        facts["availability"] = "preview"
    facts["channel"] = "first_party" if name.lower().startswith(OWN) else "cloud"
    hours = cells.get(HOURS, "-")
    if hours not in ABSENT:
        facts["window_name"] = WINDOWS[hours]
    condition = cells.get(CONDITION, "-")
    if condition not in ABSENT:
        beyond = _OPEN_TIER.fullmatch(condition)
        tier = read_tier(f"{'≥' if beyond[1] else '>'}{beyond[2]}" if beyond else condition)
        facts |= tier.columns()
    return facts


def _price(facts: dict[str, Any], component: str, unit: str, cell: str) -> Iterator[Price | Rejected]:
    try:
        money = read_money(cell, default_currency="CNY")
        if money.amount is None:
            return
        if money.rest or money.currency not in ("CNY", None) or not component:
            raise ValueError(f"not a price in CNY: {cell!r}")
    except ValueError as error:
        yield Rejected(f"{facts['listing']} {component}: {error}", cell)
        return
    yield Price(
        provider="tencent",
        component=component,
        amount=money.amount,
        unit=unit,
        currency="CNY",
        amount_per_mtok=to_per_mtok(money.amount, unit),
        price_text=cell,
        market="cn",
        **facts,
    )
