"""MiniMax's pay-as-you-go prices: the Markdown twin of one page in each of two price books.

The international site is the book in US dollars, market `global`, with a unit in every cell; the Chinese site is the
book in yuan, market `cn`, with currency and unit in the headers. The title of the tab around a table is its service
tier; a line under the model's name is its context tier; a struck-out price is the list price beside a promotion, also
where the page calls the promotion permanent. A K is a thousand. Skipped are tools, prices by the piece (a voice, a
song, a video) and prices by resolution, which the price book does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.names import read_name
from scrapers.parsing.offers import cell_prices
from scrapers.parsing.tables import Cell, MarkdownTable, markdown_tables, read_pipe_cell
from scrapers.parsing.text import clean
from scrapers.parsing.tiers import ContextTier, read_tier
from scrapers.parsing.units import read_unit
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

TABS = {"Standard": "standard", "标准": "standard", "Priority": "priority", "优先": "priority"}
MODEL = frozenset({"Model", "Model / API", "模型", "模型/接口"})
COMPONENTS = {
    "Input": "input",
    "Input Price": "input",
    "输入价格": "input",
    "Output": "output",
    "Output Price": "output",
    "输出价格": "output",
    "Prompt caching Read": "cache_read",
    "缓存读取": "cache_read",
    "Prompt caching Write": "cache_write",
    "缓存写入": "cache_write",
}
PRICE = frozenset({"Price", "List Price", "单价", "刊例价"})
# What a price for one unit pays for, where the column only says `price`.
PAID_FOR = {"per_mchar": "input", "per_10kchar": "input", "per_image": "output_image"}
NO_PRICE = frozenset({"API", "Description", "Endpoint", "Notes", "计费项", "接口说明", "接口", "计费说明", "功能"})
TOOLS = frozenset({"MCP", "Server Tools", "服务端工具"})
BY_MEDIUM = frozenset({"Resolution", "分辨率", "Material Type", "素材类型"})
BY_PIECE = re.compile(r"(?:per|/) ?.{0,40}(?:voice|video|song|music)|元 ?/ ?(?:音色|视频|首)", re.IGNORECASE)

_TAB = re.compile(r"<Tab\b[^<>]{0,200}?\btitle=\"([^\"<>]{0,80})\"[^<>]{0,200}>|</Tab>")
_ANY_TAB = re.compile(r"<Tab\b[^<>]{0,80}")
_BREAK = re.compile(r"<br\b[^<>]{0,200}>", re.IGNORECASE)
_BADGE = re.compile(r"<span\b[^<>]{0,500}>([^<>]{0,80})</span>")
_KNOWN_BADGE = re.compile(
    r"(?:Permanent|Limited-time) \d{1,2}% off|(?:永久|限时)[一二三四五六七八九\d.]{1,3}折|New|新|新品"
)
_HEADER_UNIT = re.compile(r"(.+?) ?(元) ?(/ ?.+)")
_NAME = re.compile(r"[A-Za-z][\w.-]*")
_PRICED = re.compile(r"\$ ?\d|\d ?元|¥ ?\d")


@dataclass(frozen=True)
class _Column:
    """A column's meaning: its label, and currency and unit where the header states them."""

    label: str
    unit_text: str = ""


class MiniMaxSpider(PricePageSpider):
    """Two price books."""

    name = "minimax"
    pages: ClassVar = {
        "minimax_usd": PricePage(
            url="https://platform.minimax.io/docs/guides/pricing-paygo.md",
            currency="USD",
            anchor="MiniMax-M",
            form="markdown",
        ),
        "minimax_cny": PricePage(
            url="https://platform.minimaxi.com/docs/guides/pricing-paygo.md",
            fallback_url="https://platform.minimax.cn/docs/guides/pricing-paygo.md",
            currency="CNY",
            anchor="MiniMax-M",
            market="cn",
            form="markdown",
        ),
    }

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected | Skipped]:
        """Every table, whatever its section: of tokens, of one price a row, or none that the price book holds."""
        tables = list(_tables(page.text))
        if not any("MiniMax-M" in row[0] for _, _, table in tables for row in table.rows):
            found = [" | ".join(table.headers) for _, _, table in tables]
            raise UnreadablePage(f"no table of MiniMax-M models; headers found: {found}")
        for title, heading, table in tables:
            columns = [_column(header) for header in table.headers]
            labels = {column.label for column in columns}
            tier = TABS.get(title.rstrip("* ")) if title else "standard"
            if clean(heading) in TOOLS:
                yield from _skip(table, "a tool")
            elif labels & BY_MEDIUM:
                yield from _skip(table, "a price by resolution or material")
            elif not labels & (COMPONENTS.keys() | PRICE):
                if any(_PRICED.search(clean(cell)) for row in table.rows for cell in row):
                    yield Rejected("a price table with unknown headers", " | ".join(table.headers))
            elif not labels & MODEL:
                yield from _skip(table, "a service without a model")
            elif tier is None:
                yield Rejected(f"unknown service tier {title!r}", "\n".join(" | ".join(row) for row in table.rows))
            else:
                yield from _rows(page.spec, table, columns, tier)


def _tables(text: str) -> Iterator[tuple[str, str, MarkdownTable]]:
    """Every table with the title of the tab it is in and the heading it stands under."""
    heading, title = "", ""
    parts = _TAB.split(text)
    if sum(part is not None for part in parts[1::2]) != len(_ANY_TAB.findall(text)):
        raise UnreadablePage(f"a tab without a title: {_ANY_TAB.findall(text)}")
    for index, part in enumerate(parts):
        if index % 2:
            title = part or ""
            continue
        for table in markdown_tables(part):
            heading = table.heading or heading
            yield title, heading, table
        headings = re.findall(r"^ {0,3}#{1,6} +(.+)$", part, re.MULTILINE)
        heading = headings[-1] if headings else heading


def _column(header: str) -> _Column:
    match = _HEADER_UNIT.fullmatch(header)
    return _Column(match[1], match[2] + match[3]) if match else _Column(header)


def _skip(table: MarkdownTable, reason: str) -> Iterator[Skipped]:
    for row in table.rows:
        yield Skipped(reason, " | ".join(map(clean, row)))


def _rows(
    spec: PricePage, table: MarkdownTable, columns: list[_Column], tier: str
) -> Iterator[Price | Rejected | Skipped]:
    for column in columns:
        if column.label not in MODEL | COMPONENTS.keys() | PRICE | NO_PRICE:
            yield Rejected("unknown column", column.label)
    for row in table.rows:
        text = " | ".join(map(clean, row))
        if len(row) != len(columns):
            yield Rejected(f"{len(row)} cells under {len(columns)} headers", text)
            continue
        cells = list(zip(columns, row, strict=True))
        try:
            models = _models(next(cell for column, cell in cells if column.label in MODEL))
        except ValueError as error:
            priced_by_piece = any(BY_PIECE.search(f"{cell} {column.unit_text}") for column, cell in cells)
            yield Skipped("a price by the piece", text) if priced_by_piece else Rejected(str(error), text)
            continue
        for column, cell in cells:
            if column.label in COMPONENTS or column.label in PRICE:
                for model in models:
                    yield from _prices(spec, column, read_pipe_cell(cell), service_tier=tier, **model)


def _models(cell: str) -> list[dict[str, Any]]:
    """The models of a cell, with slashes or line breaks between, and the context tier that a line of it states."""
    if unknown := [badge for badge in map(clean, _BADGE.findall(cell)) if badge and not _KNOWN_BADGE.fullmatch(badge)]:
        raise ValueError(f"unknown badge {unknown} on a model's name")
    names, context = [], ContextTier()
    for line in filter(None, map(clean, _BREAK.split(_BADGE.sub(" ", cell)))):
        if not line.startswith(("≤", "<", "≥", ">")):
            names += [read_name(part) for part in line.split(" / ")]
        else:
            context = read_tier(line.rstrip("* "))
    for name in names:
        if name.notes or not _NAME.fullmatch(name.text):
            raise ValueError(f"not a model's name: {name.text!r} with notes {list(name.notes)}")
    return [{"listing": name.text, **context.columns()} for name in names]


def _prices(spec: PricePage, column: _Column, cell: Cell, **facts: Any) -> Iterator[Price | Rejected | Skipped]:
    """The prices of one cell; its column says what is paid for, or else its unit does."""
    text = f"{cell.text} {column.unit_text}".strip()
    if BY_PIECE.search(text):
        yield Skipped("a price by the piece", f"{facts['listing']} | {text}")
        return
    facts |= {"provider": "minimax", "market": spec.market, "component": COMPONENTS.get(column.label, "request")}
    try:
        unit = read_unit(column.unit_text.lstrip("元")) if column.unit_text else None
        prices = cell_prices(cell, currency=spec.currency, unit=unit, bare=bool(column.unit_text), **facts)
        if column.label in PRICE:
            prices = tuple(replace(price, component=_paid_for(price)) for price in prices)
    except ValueError as error:
        yield Rejected(f"{facts['listing']} {column.label}: {error}", text)
        return
    yield from prices


def _paid_for(price: Price) -> str:
    if price.unit not in PAID_FOR:
        raise ValueError(f"a price {price.unit} without a word of what for: {price.price_text!r}")
    return PAID_FOR[price.unit]
