"""Moonshot's API prices for Kimi: one page for all models in each of two price books.

The international site is the book in US dollars, market `global`; the Chinese site is the book in yuan, market `cn`.
As Markdown a page writes each table as a JSX element, `<DocTable columns={[...]} rows={[...]} />`, which is read as
text and never run; as HTML it is a plain table. The unit stands in a column of its own. Until August 2026 every model
had a page of its own; those pages come by import. Not read: the prices of batch jobs and of web search, which have
other pages (a model named `(Batch)` is a batch price wherever it stands).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from scrapers.items import Price, Rejected, UnreadablePage
from scrapers.parsing.names import read_name
from scrapers.parsing.offers import cell_prices
from scrapers.parsing.tables import Cell, block_text, grid, read_pipe_cell
from scrapers.parsing.text import clean
from scrapers.parsing.units import read_unit
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

MODEL = frozenset({"Model", "模型"})
UNIT = frozenset({"Unit", "计费单位"})
NO_PRICE = frozenset({"Context Window", "上下文窗口"})
COMPONENTS = {
    "Input Price (Cache Hit)": "cache_read",
    "Cached Input Price": "cache_read",
    "输入价格(缓存命中)": "cache_read",
    "Input Price (Cache Miss)": "input",
    "Input Price": "input",
    "输入价格(缓存未命中)": "input",
    "输入价格": "input",
    "Output Price": "output",
    "输出价格": "output",
    "Cache Write Price (TTL 5min)": "cache_write_5m",
    "缓存写入(TTL 5min)": "cache_write_5m",
    "Cache Write Price (TTL 1h)": "cache_write_1h",
    "缓存写入(TTL 1h)": "cache_write_1h",
}
TIERS = {"batch": "batch", "批量": "batch"}

_COLUMNS = re.compile(r"\bcolumns=\{\[")
_ROWS = re.compile(r"\brows=\{")
_TITLE = re.compile(r"\btitle:\s*([\"'])([^\"'\n]{0,200})\1")
_TOKEN = re.compile(
    r"\s*(?:\"(?P<double>(?:[^\"\\\n]|\\.)*)\"|'(?P<single>(?:[^'\\\n]|\\.)*)'|`(?P<template>[^`\\$\n]*)`"
    r"|<>(?P<jsx>[^\n]{0,500}?)</>|(?P<mark>[\[\],]))"
)
_MODEL_ID = re.compile(r"\b(?:kimi|moonshot)-[a-z0-9]+(?:[.-][a-z0-9]+)*", re.IGNORECASE)
_ENDING = re.compile(
    r"will be (?:officially )?(?:discontinued|retired|deprecated)|(?:将于|预计|即将)[^。;\n]{0,40}下线"
)
_ENDED = re.compile(r"(?:has|have) been (?:officially )?(?:discontinued|retired)|已(?:于)?[^。;\n将]{0,40}下线")


@dataclass(frozen=True)
class _Table:
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def _book(host: str, currency: str, market: str) -> PricePage:
    address = f"https://{host}/docs/pricing/chat"
    return PricePage(url=f"{address}.md", fallback_url=address, currency=currency, market=market, anchor="kimi-k")


def _single(host: str, path: str, currency: str, market: str, title: str) -> PricePage:
    """A page of one model, named by its title: the sites linked all their pages from each."""
    url = f"https://{host}/docs/pricing/{path}"
    return PricePage(url=url, currency=currency, market=market, anchor=title, is_fetched=False)


class MoonshotSpider(PricePageSpider):
    """Two price books, and the pages of single models they grew from."""

    name = "moonshot"
    also_called = ("kimi",)
    pages: ClassVar = {
        "moonshot_usd_k26": _single("platform.kimi.ai", "chat-k26", "USD", "global", "Kimi K2.6 Pricing"),
        "moonshot_usd_k25": _single("platform.kimi.ai", "chat-k25", "USD", "global", "Kimi K2.5 Pricing"),
        "moonshot_usd_k2": _single("platform.kimi.ai", "chat-k2", "USD", "global", "Kimi K2 Pricing"),
        "moonshot_usd_v1": _single("platform.kimi.ai", "chat-v1", "USD", "global", "Moonshot V1 Pricing"),
        "moonshot_cny_k26": _single("platform.kimi.com", "chat-k26", "CNY", "cn", "Kimi K2.6 模型定价 - Kimi API"),
        "moonshot_cny_k27": _single(
            "platform.kimi.com", "chat-k27-code", "CNY", "cn", "Kimi K2.7 Code 定价 - Kimi API"
        ),
        "moonshot_usd": _book("platform.kimi.ai", "USD", "global"),
        "moonshot_cny": _book("platform.kimi.com", "CNY", "cn"),
    }

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected]:
        """Every table with columns of models and units; any other priced table is rejected as a whole."""
        is_markdown = "<DocTable" in page.text
        tables = list(_doc_tables(page.text) if is_markdown else _html_tables(page))
        if not any(map(_is_read, tables)):
            found = [" | ".join(table.headers) for table in tables]
            raise UnreadablePage(f"no table with columns of models and units; headers found: {found}")
        standing = _standing(page.text if is_markdown else block_text(page.selector))
        for table in tables:
            if _is_read(table):
                yield from _prices(page.spec, table, standing)
            else:
                yield Rejected("a table with unknown headers", " | ".join(table.headers))


def _is_read(table: _Table) -> bool:
    return bool(MODEL & set(table.headers) and UNIT & set(table.headers))


def _prices(spec: PricePage, table: _Table, standing: dict[str, str]) -> Iterator[Price | Rejected]:
    """The prices of one table, row by row."""
    known = MODEL | UNIT | NO_PRICE | COMPONENTS.keys()
    if not set(table.headers) & COMPONENTS.keys():
        raise UnreadablePage(f"no price column in the table {' | '.join(table.headers)!r}")
    for header in table.headers:
        if header not in known:
            yield Rejected("unknown column", header)
    for row in table.rows:
        text = " | ".join(cell.text for cell in row)
        if len(row) != len(table.headers):
            yield Rejected(f"{len(row)} cells under {len(table.headers)} headers", text)
            continue
        cells = dict(zip(table.headers, row, strict=True))
        try:
            facts = _facts(next(cells[header] for header in table.headers if header in MODEL), standing)
            unit = read_unit(next(cells[header].text for header in table.headers if header in UNIT))
        except ValueError as error:
            yield Rejected(str(error), text)
            continue
        for header, component in COMPONENTS.items():
            if header in cells:
                try:
                    yield from cell_prices(
                        cells[header],
                        currency=spec.currency,
                        unit=unit,
                        provider="moonshotai",
                        market=spec.market,
                        component=component,
                        **facts,
                    )
                except ValueError as error:
                    yield Rejected(f"{facts['listing']} {component}: {error}", cells[header].text)


def _facts(cell: Cell, standing: dict[str, str]) -> dict[str, Any]:
    """Listing, service tier and standing of a row's model."""
    name = read_name(cell.text)
    if not _MODEL_ID.fullmatch(name.text):
        raise ValueError(f"not a model's name: {cell.text!r}")
    if unknown := [note for note in name.notes if note.lower() not in TIERS]:
        raise ValueError(f"unknown note {unknown} on a model's name")
    tier = TIERS[name.notes[0].lower()] if name.notes else "standard"
    said = (state for model, state in standing.items() if f"{name.text}-".startswith(f"{model}-"))
    return {"listing": name.text, "service_tier": tier, "availability": next(said, None)}


def _standing(text: str) -> dict[str, str]:
    """Models, or the first part of a series' names, that a sentence says are to be or have been taken away."""
    said: dict[str, str] = {}
    for line in text.splitlines():
        if not _MODEL_ID.search(line[:2000]):
            continue
        plain = clean(line[:2000])
        for pattern, state in ((_ENDED, "retired"), (_ENDING, "deprecated")):
            if match := pattern.search(plain):
                sentence = re.split(r"[.;]\s|。", plain[: match.start()])[-1]
                said |= dict.fromkeys(_MODEL_ID.findall(sentence), state)
                break
    return said


def _html_tables(page: Page) -> Iterator[_Table]:
    for node in page.selector.xpath("//table[not(ancestor::table)]"):
        if rows := grid(node):
            yield _Table(tuple(cell.text for cell in rows[0]), tuple(map(tuple, rows[1:])))


def _doc_tables(text: str) -> Iterator[_Table]:
    """The JSX tables of a Markdown page."""
    for part in text.split("<DocTable")[1:]:
        columns, rows = _COLUMNS.search(part), _ROWS.search(part)
        if columns is None or rows is None:
            raise UnreadablePage(f"a table without columns or rows: {part[:120]!r}")
        titles = part[columns.end() : part.find("]}", columns.end())]
        headers = tuple(clean(match[2]) for match in _TITLE.finditer(titles))
        yield _Table(headers, tuple(_js_rows(part, rows.end())))


def _js_rows(text: str, start: int) -> Iterator[tuple[Cell, ...]]:
    """The rows of an array of arrays of texts; anything else that a program could hold there is refused."""
    position, depth = start, 0
    row: list[Cell] = []
    while depth or position == start:
        match = _TOKEN.match(text, position)
        mark = match["mark"] if match else None
        if match is None or (depth == 0 and mark != "[") or (depth == 1 and mark is None) or (depth, mark) == (2, "["):
            raise UnreadablePage(f"not a row of a table: {text[position : position + 120]!r}")
        position = match.end()
        if mark == "[":
            depth += 1
            row = []
        elif mark == "]":
            if depth == 2:
                yield tuple(row)
            depth -= 1
        elif mark is None:
            row.append(read_pipe_cell(match[match.lastgroup or 0]))
