"""Volcengine Ark's prices in yuan and BytePlus ModelArk's, the same house's book in US dollars.

Both publish one document of tables. Volcengine's document service gives it as Markdown in JSON, which is what is
fetched; a saved page carries the same Markdown in its router data, and a page saved without scripts has its tables,
with the cells that a span covers still there but hidden. Tiers count a prompt in thousands of tokens and hold for the
whole request. The name of a table's section is its service tier; low latency is the fast tier.

Not read, and skipped with the reason: reserved throughput, machines, fine-tuning and fine-tuned models (no column
tells them from the base model), prices of video, image or 3D that depend on resolution, input or sound, worked
examples, tools, subscriptions. Where a price depends on the output's length too, only what all lengths share is a row.
Not seen as saved bodies: the document service's own answer, and BytePlus' page with its router data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import pairwise
from typing import Any, ClassVar

from parsel import Selector

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.dates import find_day
from scrapers.parsing.embedded import read_json
from scrapers.parsing.money import ABSENT, CURRENCIES, CURRENCY_SIGNS, UnreadableMoney, read_money
from scrapers.parsing.names import unlink
from scrapers.parsing.tables import grid, markdown_tables
from scrapers.parsing.text import clean
from scrapers.parsing.tiers import ContextTier, read_tier
from scrapers.parsing.units import UnknownUnit, read_unit, to_per_mtok
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

NAMES = frozenset({"模型名称", "模型", "Model ID"})
COMPONENTS = {
    "输入": "input",
    "输入(非音频)": "input",
    "输入(音频)": "input_audio",
    "缓存存储": "cache_storage_hour",
    "缓存命中": "cache_read",
    "缓存命中(非音频)": "cache_read",
    "缓存命中(音频)": "cache_read_audio",
    "输出": "output",
    "文本输入": "input",
    "图片输入": "input_image",
    "输入图单价": "input_image",
    "输出图单价": "output_image",
    "在线推理": "output_video",
    "离线推理": "output_video",
    "Input": "input",
    "Input (non-audio)": "input",
    "Input (audio)": "input_audio",
    "Cache-storage": "cache_storage_hour",
    "Cache-hit input": "cache_read",
    "Cache-hit input (non-audio)": "cache_read",
    "Cache-hit input (audio)": "cache_read_audio",
    "Output": "output",
    "Online inference": "output_video",
    "Offline inference": "output_video",
}
OFFLINE = frozenset({"离线推理", "Offline inference"})
# Part of a section's name -> service tier.
TIERS = {
    "在线推理(常规)": "standard",
    "在线推理(低延迟)": "fast",
    "批量推理": "batch",
    "online inference (standard)": "standard",
    "online inference (flex)": "flex",
    "batch inference": "batch",
}
WINDOWS = {"空闲时段": "off_peak", "高峰时段": "peak", "off-peak hours": "off_peak", "peak hours": "peak"}
# A column's name -> why no row of its table is a price of ours.
SKIPPED = {
    "计费方式": "reserved throughput or machines",
    "算力规格": "machines",
    "精调模型对应的基础模型": "a model that the caller fine-tuned",
    "基础模型 ID": "fine-tuning by two methods that a price row does not tell apart",
    "产物(3D 文件)": "3D files, by what they hold",
    "分辨率": "worked examples of video prices",
    "版权 IP": "the rights to a film",
    "计费项": "agents and tools",
    "服务项": "tools",
    "套餐类型": "subscriptions",
}
OTHERS = ("deepseek", "glm", "kimi", "gpt-oss", "qwen", "minimax", "llama", "mistral")

_PRICED = re.compile(r"(.+?) ?\(?(元|USD) ?(/.+?)\)?")
_OUTPUT_LENGTH = re.compile(r"(.+?) ?(?:且|and) ?((?:输出长度|output length).+)", re.IGNORECASE)
_SUPERSEDED = re.compile(r"调整前价格, ?(\d{4}-\d{2}-\d{2}) ?起不适用")
_KNOWN_NOTE = re.compile(r"(?:(?:按|不支持|包含)[^>]{1,60}>? ?){1,4}|\d{4}版本不支持")
_VARIANTS = re.compile(r"[A-Za-z\u4e00-\u9fff]\W{0,3}\d")  # words before the amounts: prices for cases


@dataclass(frozen=True)
class _Table:
    """A table of either form, cells as plain text, names repeated where they cover several rows."""

    section: str
    headers: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class _Column:
    """What a header says of the prices below it."""

    label: str
    component: str
    currency: str
    unit: str


class VolcengineSpider(PricePageSpider):
    """The yuan book."""

    name = "volcengine"
    pages: ClassVar = {
        "volcengine": PricePage(
            url="https://www.volcengine.com/api/doc/getDocDetail?LibraryID=82379&DocumentID=1544106&type=online",
            currency="CNY",
            anchor="doubao",
            market="cn",
        )
    }

    @classmethod
    def text_of(cls, body: bytes, headers: Mapping[str, str]) -> str:
        """The document's Markdown where the body carries it, else the page as it is."""
        text = super().text_of(body, headers)
        if text.lstrip().startswith("{"):
            return _markdown(read_json(text), "Result")
        if "_ROUTER_DATA" in text:
            router = read_json(text, "_ROUTER_DATA")
            pages = router.get("loaderData") if isinstance(router, dict) else None
            for loaded in pages.values() if isinstance(pages, dict) else ():
                if isinstance(loaded, dict) and loaded.get("curDoc"):
                    return _markdown(loaded, "curDoc")
        return text

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected | Skipped]:
        """The prices of every table whose columns we know; any other priced table is rejected."""
        for table in _html_tables(page) if "</table>" in page.text else _markdown_tables(page.text):
            headers = [header for header in table.headers if header] or [""]
            known = [priced for priced in map(_PRICED.fullmatch, headers) if priced and priced[1] in COMPONENTS]
            skipped = [SKIPPED[header] for header in (headers[:1] if known else headers) if header in SKIPPED]
            if skipped:
                yield from (Skipped(skipped[0], " | ".join(row)) for row in table.rows)
            elif not any(map(_PRICED.fullmatch, headers)):
                if any(CURRENCY_SIGNS[page.spec.currency].search(cell) for row in table.rows for cell in row):
                    yield Rejected("a table with prices but no column of them", " | ".join(headers))
            elif headers[0] in NAMES:
                yield from _models(cls.name, page.spec, table)
            else:
                yield Rejected("a price table with unknown headers", " | ".join(headers))


class BytePlusSpider(VolcengineSpider):
    """The dollar book; its page is rendered by scripts, but carries its document in its router data."""

    name = "byteplus"
    pages: ClassVar = {
        "byteplus": PricePage(
            url="https://docs.byteplus.com/en/docs/ModelArk/1544106",
            currency="USD",
            anchor="seed",
            market="intl",
        )
    }


def _markdown(holder: Any, key: str) -> str:
    """The Markdown of a document; an empty one is what the service gives for an unknown document."""
    document = holder.get(key) if isinstance(holder, dict) else None
    text = document.get("MDContent") if isinstance(document, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise UnreadablePage(f"no document in the data: {str(holder)[:120]!r}")
    return text


def _markdown_tables(text: str) -> Iterator[_Table]:
    for table in markdown_tables(text):
        rows = [[clean(unlink(cell)) for cell in row] for row in table.rows]
        for above, row in pairwise(rows):
            if not row[0]:
                row[0] = above[0]
        yield _Table(clean(unlink(table.heading)), list(table.headers), rows)


def _html_tables(page: Page) -> Iterator[_Table]:
    """Tables with the nearest heading above, which the editor marks by a class instead of a tag."""
    heading = re.compile(r"(?:^|\s)heading-h\d(?:\s|$)")
    section = ""
    for element in page.selector.root.iter("h1", "h2", "h3", "h4", "div", "table"):
        if element.tag == "table":
            rows = [[cell.text for cell in row] for row in grid(Selector(root=element), hidden_class="table-hide")]
            if rows:
                yield _Table(section, rows[0], rows[1:])
        elif element.tag != "div" or heading.search(element.get("class", "")):
            section = clean("".join(element.itertext()))


def _models(provider: str, spec: PricePage, table: _Table) -> Iterator[Price | Rejected | Skipped]:
    """The prices of a table of models; its condition column holds context tiers or hours of the day."""
    columns, condition, unknown = _columns(table.headers)
    tier = next((tier for name, tier in TIERS.items() if name in table.section.lower()), None)
    if tier is None and any(column.component == "output" for column in columns.values()):
        yield Rejected("a price table in an unknown section", f"{table.section}: {' | '.join(table.headers)}")
        return
    bare_unit = "K" if condition and re.search("千 ?token|K tokens", table.headers[condition]) else ""
    offers: list[tuple[Price, str]] = []
    for row in table.rows:
        try:
            if len(row) != len(table.headers):
                raise ValueError(f"{len(row)} cells under {len(table.headers)} headers")
            said = {table.headers[index]: row[index] for index in unknown if row[index].lower() not in ABSENT}
            if said and not all(map(_PRICED.fullmatch, said)):
                raise ValueError(f"a row with {said} in columns we do not know")
            facts, output_length = _facts(row[0], row[condition] if condition else "-", bare_unit)
        except ValueError as error:
            yield Rejected(str(error), " | ".join(row))
            continue
        facts |= {"provider": provider, "market": spec.market, "service_tier": tier or "standard"}
        yield from (Rejected(f"{row[0]}: unknown column {header!r}", cell) for header, cell in said.items())
        for index, column in columns.items():
            item = _price(facts, column, spec.currency, row[index])
            if isinstance(item, Price):
                offers.append((item, output_length))
            elif item:
                yield item
    yield from _whatever_the_output(offers)


def _columns(headers: list[str]) -> tuple[dict[int, _Column], int | None, list[int]]:
    """The columns of prices, the one of conditions, and those that we do not know."""
    columns: dict[int, _Column] = {}
    condition: int | None = None
    unknown: list[int] = []
    for index, header in enumerate(headers[1:], 1):
        priced = _PRICED.fullmatch(header)
        try:
            if priced and priced[1] in COMPONENTS:
                unit = read_unit(priced[3])
                columns[index] = _Column(priced[1], COMPONENTS[priced[1]], CURRENCIES[priced[2]], unit)
            elif header.startswith(("条件", "Pricing tiers")):
                condition = index
            elif header:
                unknown.append(index)
        except UnknownUnit:
            unknown.append(index)
    return columns, condition, unknown


def _facts(name: str, condition: str, bare_unit: str) -> tuple[dict[str, Any], str]:
    """What a row says of all its prices, and its condition on the output's length."""
    listing, _, note = name.partition(" ")
    note = note.lstrip("> ")
    superseded = _SUPERSEDED.fullmatch(note)
    if not listing or (note and not superseded and not _KNOWN_NOTE.fullmatch(note)):
        raise ValueError(f"unknown note {note!r} on a model's name")
    facts: dict[str, Any] = {
        "listing": listing,
        "channel": "cloud" if listing.lower().startswith(OTHERS) else "first_party",
        "availability": "preview" if re.search("preview|预览版", listing) else None,
    }
    if superseded and (day := find_day(superseded[1])):
        facts["effective_to"] = datetime.combine(day, time(), UTC)
    if condition.lower() in ABSENT:
        return facts, ""
    if condition.lower() in WINDOWS:
        return facts | {"window_name": WINDOWS[condition.lower()]}, ""
    if re.search(r"\d", condition) and not (bare_unit or re.search(r"\d ?[KM]\b", condition, re.IGNORECASE)):
        raise ValueError(f"no unit for the bounds of {condition!r}")
    split = _OUTPUT_LENGTH.fullmatch(condition)
    tier: ContextTier = read_tier(split[1] if split else condition, bare_unit=bare_unit)
    return facts | tier.columns(), split[2] if split else ""


def _price(facts: Mapping[str, Any], column: _Column, currency: str, cell: str) -> Price | Rejected | Skipped | None:
    """One cell; nothing where the page marks that there is no such price."""
    try:
        money = read_money(cell, default_currency=column.currency)
        if money.rest or {column.currency, money.currency or currency} != {currency}:
            raise UnreadableMoney(f"not a price in {currency}: {cell!r}")
    except UnreadableMoney as error:
        if column.component.endswith(("_image", "_video")) and _VARIANTS.search(cell):
            return Skipped("prices by resolution, input or sound", f"{facts['listing']}: {cell}")
        return Rejected(f"{facts['listing']} {column.component}: {error}", cell)
    if money.amount is None:
        return None
    return Price(
        component=column.component,
        amount=money.amount,
        unit=column.unit,
        currency=currency,
        amount_per_mtok=to_per_mtok(money.amount, column.unit),
        price_text=cell,
        **{**facts, **({"service_tier": "batch"} if column.label in OFFLINE else {})},
    )


def _whatever_the_output(offers: Iterable[tuple[Price, str]]) -> Iterator[Price | Rejected]:
    """Prices that do not depend on the output's length; the others cannot be told apart in a price row."""
    stated: dict[tuple[object, ...], list[tuple[Price, str]]] = {}
    for price, output_length in offers:
        key = (price.listing, price.component, price.service_tier, price.context_from_tokens, price.window_name)
        stated.setdefault((*key, price.effective_to), []).append((price, output_length))
    for prices in stated.values():
        conditions = [condition for _, condition in prices if condition]
        same = len({price.amount for price, _ in prices}) == 1
        if not conditions or (same and len(prices) > 1):
            yield from (price for price, _ in (prices[:1] if conditions else prices))
            continue
        for price, condition in prices:
            reason = f"{price.listing} {price.component}: a price that depends on the output's length, {condition}"
            yield Rejected(reason, price.price_text)
