"""Z.ai's and BigModel's API prices for GLM: two price books of one organisation.

Z.ai's documentation is the book in US dollars (provider `zai`, market `global`): Markdown, or the same page as HTML,
whose sections state a unit in a line above each table. BigModel's documentation is the book in yuan (provider
`zhipuai`, market `cn`): Markdown with currency and unit in the headers, context tiers in a column of their own. The
console's page of the same book, open.bigmodel.cn/pricing, is drawn in the browser; saved from there it comes by import
and is read too: each of its tables is two, one of headers and one of rows.

A single price per token of a chat model pays for input and output, that of an embedding or reranking model for input.
Storage that is free for a limited time is a promotion of 0. A price that depends on the length of the output too is a
row only where all lengths state the same. Skipped are tools, agents, fine-tuning, private instances and videos by the
piece, which the price book does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.money import FREE, read_money
from scrapers.parsing.names import read_name
from scrapers.parsing.offers import cell_prices
from scrapers.parsing.sections import SectionTable, line, section_tables
from scrapers.parsing.tables import Cell
from scrapers.parsing.tiers import ContextTier, read_tier, read_tokens
from scrapers.parsing.units import read_unit
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

MODEL = frozenset({"Model", "模型", "模型名称"})
COMPONENTS = {
    "Input": "input",
    "输入单价": "input",
    "Output": "output",
    "输出单价": "output",
    "Cached Input": "cache_read",
    "缓存命中": "cache_read",
    "Cached Input Storage": "cache_storage_hour",
    "缓存存储": "cache_storage_hour",
}
PRICE = {"Price": "standard", "单价": "standard", "Batch API 定价": "batch"}
CONTEXT = "上下文"
KIND = "简介"
NO_PRICE = frozenset({CONTEXT, KIND, "分辨率", "规格", "输入模态", "多模态支持"})
# What a price by the piece or the character pays for, by the kind of the model.
KINDS = {
    "图像生成": "output_image",
    "视频生成": "output_video",
    "文生视频": "output_video",
    "图生视频": "output_video",
    "首尾帧": "output_video",
    "参考生视频": "output_video",
    "语音生成": "input",
    "音色克隆": "request",
}
SECTIONS = {  # by a word of the section's heading or of the table's first header
    "Tool": "a tool",
    "Agent": "an agent",
    "搜索工具": "a tool",
    "工具名称": "a tool",
    "产品名称": "a service",
    "知识库": "a service",
    "模型微调": "fine-tuning, or a model fine-tuned by the customer",
    "私有": "a private instance",
}
STATES = {"beta": "preview", "公测": "preview", "即将下线": "deprecated", "已下线": "retired"}
DIRECTIONS = {"输入": "input", "输出": "output"}
BADGES = frozenset({"新品", "热门", "推荐", "New", "Hot"})
PER_VIDEO = re.compile(r"per video\.?|/ ?video", re.IGNORECASE)

_HEADER = re.compile(r"(.+?) ?\((?:(元) ?/ ?)?(.{1,40}?)\)")
_INTRO_UNIT = re.compile(r"^Prices (per [\w ,]{1,30})\.?$", re.MULTILINE)
_NAME = re.compile(r"([A-Za-z][\w.+-]*)(?: (\S{1,6}))?")
_OPEN_END = re.compile(r"\[(\d[\d.]*[KM]?)\+\)", re.IGNORECASE)
_DIRECTION = re.compile(r"(输入|输出):(.+)")
_APPROXIMATE = re.compile(r"\((?:约|equivalent to)[^()]{0,80}\)")
_PRICED = re.compile(r"\$ ?\d|\d ?[千百十万]*元|¥ ?\d")


@dataclass(frozen=True)
class _Column:
    """A header: its label, the unit it or the line above the table states, whether it states the currency too."""

    label: str
    unit: str | None = None
    is_bare: bool = False
    is_price: bool = False


Item = Price | Rejected | Skipped


class ZaiSpider(PricePageSpider):
    """Two price books."""

    name = "zai"
    also_called = ("zhipu", "bigmodel")
    pages: ClassVar = {
        "zai_usd": PricePage(
            url="https://docs.z.ai/guides/overview/pricing.md",
            fallback_url="https://docs.z.ai/guides/overview/pricing",
            currency="USD",
            anchor="GLM-",
        ),
        "zai_cny": PricePage(
            url="https://docs.bigmodel.cn/cn/guide/start/pricing.md",
            fallback_url="https://docs.bigmodel.cn/cn/guide/start/pricing",
            currency="CNY",
            anchor="GLM-",
            market="cn",
        ),
    }

    @classmethod
    def extract(cls, page: Page) -> Iterator[Item]:
        """Every table: of tokens, of one price a row, or none that the price book holds."""
        tables = list(section_tables(page.text, page.selector))
        if not any(map(_is_read, tables)):
            raise UnreadablePage(f"no table of models; headers found: {[' | '.join(t.headers) for t in tables]}")
        for table in tables:
            label = f"{table.heading} {table.headers[0]}"
            priced = [text for text in table.lines() if _PRICED.search(text)]
            if reason := next((reason for word, reason in SECTIONS.items() if word in label), None):
                yield from (Skipped(reason, text) for text in priced)
            elif _is_read(table):
                yield from _table_prices(page.spec, table)
            elif priced:
                yield Rejected(f"a price table with unknown headers {' | '.join(table.headers)!r}", "\n".join(priced))


def _is_read(table: SectionTable) -> bool:
    labels = {_label(header) for header in table.headers}
    return bool(labels & MODEL and labels & (COMPONENTS.keys() | PRICE.keys()))


def _label(header: str) -> str:
    match = _HEADER.fullmatch(header)
    return match[1] if match else header


def _table_prices(spec: PricePage, table: SectionTable) -> Iterator[Item]:
    """The prices of a table with a column of models."""
    columns: list[_Column] = []
    for header in table.headers:
        try:
            columns.append(_column(header, table.intro))
        except ValueError as error:
            yield Rejected(str(error), header)
            columns.append(_Column(""))
    if PER_VIDEO.search(table.intro):
        yield from (Skipped("a price per video", line(row)) for row in table.rows)
        return
    priced = [index for index, column in enumerate(columns) if column.is_price]
    common = _common_unit(row[index] for row in table.rows for index in priced if index < len(row))
    conditioned: dict[tuple[Any, ...], list[Price]] = {}
    for row in table.rows:
        if len(row) != len(columns):
            yield Rejected(f"{len(row)} cells under {len(columns)} headers", line(row))
            continue
        cells = {column.label: cell for column, cell in zip(columns, row, strict=True)}
        try:
            facts, condition = _facts(spec, columns, cells)
        except ValueError as error:
            yield Rejected(str(error), line(row))
            continue
        for item in _row_prices(spec, columns, cells, facts, common):
            if condition and isinstance(item, Price):
                key = (item.listing, item.component, item.service_tier, item.context_from_tokens, item.price_kind)
                conditioned.setdefault(key, []).append(item)
            else:
                yield item
    yield from _whatever_the_output(conditioned.values())


def _column(header: str, intro: str) -> _Column:
    """The meaning of a header; a unit of its own goes before that of the line above the table."""
    match, label = _HEADER.fullmatch(header), _label(header)
    if label not in MODEL | NO_PRICE | COMPONENTS.keys() | PRICE.keys():
        raise ValueError("unknown column")
    if label == CONTEXT:
        return _Column(label, unit="K" if match and "千" in match[3] else "")
    if label in COMPONENTS or label in PRICE:
        stated = match[3] if match else (found[1] if (found := _INTRO_UNIT.search(intro)) else None)
        if stated is None or PER_VIDEO.search(stated):
            return _Column(label, is_price=True)
        return _Column(label, unit=read_unit(stated), is_bare=bool(match and match[2]), is_price=True)
    return _Column(label)


def _facts(spec: PricePage, columns: list[_Column], cells: Mapping[str, Cell]) -> tuple[dict[str, Any], str]:
    """What a row says of all its prices, and its condition on the length of the output."""
    name = read_name(next(cell.text for label, cell in cells.items() if label in MODEL))
    match = _NAME.fullmatch(name.text)
    if match is None or (match[2] and match[2] not in BADGES):
        raise ValueError(f"not a model's name: {name.text!r}")
    availability = None
    for note in name.notes:
        if note.lower() in STATES:
            availability = STATES[note.lower()]
        else:
            read_tokens(note)  # raises unless the note is the size of the context window
    bare_unit = next((column.unit for column in columns if column.label == CONTEXT), None) or ""
    text, output, condition = cells[CONTEXT].text.partition("输出") if CONTEXT in cells else ("", "", "")
    facts = {
        "provider": "zhipuai" if spec.market == "cn" else "zai",
        "market": spec.market,
        "listing": match[1],
        "availability": availability,
        **_context(text.strip(" ,"), bare_unit).columns(),
    }
    return facts, output + condition


def _context(text: str, bare_unit: str) -> ContextTier:
    """A tier of prompt lengths; the size of the context window is none."""
    if text in ("", "-", "/") or re.fullmatch(r"\d+ ?[KM]", text, re.IGNORECASE):
        return ContextTier()
    return read_tier(_OPEN_END.sub(r"[\1,∞)", text), bare_unit=bare_unit)


def _row_prices(
    spec: PricePage, columns: list[_Column], cells: Mapping[str, Cell], facts: dict[str, Any], common: str | None
) -> Iterator[Item]:
    for column in columns:
        if not column.is_price:
            continue
        cell = cells[column.label]
        if PER_VIDEO.search(cell.text):
            yield Skipped("a price per video", f"{facts['listing']} | {cell.text}")
            continue
        try:
            if column.label in COMPONENTS:
                component = COMPONENTS[column.label]
                prices = _cell_prices(spec, column, cell, column.unit, facts | {"component": component})
                if any(price.amount and price.unit == "per_mtok" for price in prices) and "hour" in component:
                    raise ValueError("a price of storage without a unit of time")
            else:
                kind = cells[KIND].text if KIND in cells else ""
                prices = _single_prices(spec, column, cell, kind, facts | {"service_tier": PRICE[column.label]}, common)
        except ValueError as error:
            yield Rejected(f"{facts['listing']} {column.label}: {error}", cell.text)
            continue
        yield from prices


def _cell_prices(
    spec: PricePage, column: _Column, cell: Cell, unit: str | None, facts: dict[str, Any]
) -> tuple[Price, ...]:
    return cell_prices(cell, currency=spec.currency, unit=unit, bare=column.is_bare, **facts)


def _single_prices(
    spec: PricePage, column: _Column, cell: Cell, kind: str, facts: dict[str, Any], common: str | None
) -> tuple[Price, ...]:
    """One price for all that a model does, or parts with their direction before each."""
    plain = replace(cell, text=_APPROXIMATE.sub("", cell.text).replace("不计费", "免费"))
    parts = [_DIRECTION.fullmatch(part.strip()) for part in plain.text.split(";")]
    if all(parts):
        common = _common_unit(Cell(part[2]) for part in parts if part)
        directed = [(Cell(part[2]), DIRECTIONS[part[1]]) for part in parts if part]
    else:
        directed = [(plain, "request")]
    prices: list[Price] = []
    for piece, component in directed:
        unit = column.unit or (common if piece.text.lower() in FREE else None)
        prices += _cell_prices(spec, column, piece, unit, facts | {"component": component})
    if all(parts):
        return tuple(replace(price, price_text=cell.text) for price in prices)
    return tuple(replace(price, component=name) for price in prices for name in _paid_for(price, column.label, kind))


def _paid_for(price: Price, label: str, kind: str) -> tuple[str, ...]:
    """The components that a single price pays for."""
    if price.amount_per_mtok is not None:
        if label == "Price":
            raise ValueError("a price per token, of input or output unsaid")
        return ("input",) if price.listing.startswith(("Embedding", "Rerank")) else ("input", "output")
    if price.unit == "per_image":
        return ("output_image",)
    if kind not in KINDS:
        raise ValueError(f"a price {price.unit} of a model of an unknown kind {kind!r}")
    return (KINDS[kind],)


def _common_unit(cells: Iterable[Cell]) -> str | None:
    """The unit that all priced cells state, for those that are only called free; None where they differ."""
    units = set()
    for cell in cells:
        try:
            units.add(read_unit(read_money(cell.text).rest))
        except ValueError:
            continue  # no price, or no unit: read again, with its error, as a price of its own
    return units.pop() if len(units) == 1 else None


def _whatever_the_output(groups: Iterable[list[Price]]) -> Iterator[Price | Rejected]:
    """Prices that several lengths of output share; the others cannot be told apart in a price row."""
    for prices in groups:
        if len(prices) > 1 and len({price.amount for price in prices}) == 1:
            yield prices[0]
        else:
            for price in prices:
                reason = "a price that depends on the length of the output"
                yield Rejected(f"{price.listing} {price.component}: {reason}", price.price_text)
