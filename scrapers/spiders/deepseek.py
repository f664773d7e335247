"""DeepSeek's API prices: one transposed HTML table (models are columns) in each of two price books.

The English page is the book in US dollars, market `global`; the Chinese page is the book in yuan, market
`cn`. The two are set independently; neither is the other at an exchange rate. A struck-out price is the
list price beside a promotion. Peak hours are read from the footnote of rows that name them; off-peak is all
other time. Footnotes about past or coming changes make no rows: the page's table says what holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from scrapers.items import Price, Rejected, UnreadablePage
from scrapers.parsing.dates import UnreadableDate, Window, find_instant, find_window
from scrapers.parsing.money import CURRENCY_SIGNS, read_money
from scrapers.parsing.names import read_name
from scrapers.parsing.tables import Cell, block_text, grid
from scrapers.parsing.units import read_unit, to_per_mtok
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

HEADERS = frozenset({"MODEL", "模型"})
SECTIONS = frozenset({"PRICING", "价格"})
COMPONENTS = {
    "INPUT TOKENS (CACHE HIT)": "cache_read",
    "INPUT TOKENS (CACHE MISS)": "input",
    "OUTPUT TOKENS": "output",
    "输入(缓存命中)": "cache_read",
    "输入(缓存未命中)": "input",
    "输出": "output",
}
WINDOWS = {
    "PEAK": "peak",
    "OFF-PEAK": "off_peak",
    "高峰": "peak",
    "高峰时段": "peak",
    "平时": "off_peak",
    "平时时段": "off_peak",
    "空闲时段": "off_peak",
    "非高峰时段": "off_peak",
}
_LABEL = re.compile(r"(1M|百万 ?tokens) ?(.+)", re.IGNORECASE)
_DISCOUNT = re.compile(r"\(\d{1,2}% off\)", re.IGNORECASE)
_FOOTNOTE = re.compile(r"^[ \t]*[(（](\d{1,2})[)）]", re.MULTILINE)
_PEAK = re.compile(r"(?<!off-)(?<!off )\bpeak\b|(?<!非)高峰", re.IGNORECASE)
_SENTENCE = re.compile(r"[。;；\n]|\.(?=\s)")


@dataclass(frozen=True)
class _Offer:
    """What a row of the table says of every price in it."""

    component: str
    window_name: str | None
    window: Window | None


class DeepSeekSpider(PricePageSpider):
    """Two price books."""

    name = "deepseek"
    pages: ClassVar = {
        "deepseek_usd": PricePage(
            url="https://api-docs.deepseek.com/quick_start/pricing/",
            currency="USD",
            anchor="deepseek-",
            market="global",
        ),
        "deepseek_cny": PricePage(
            url="https://api-docs.deepseek.com/zh-cn/quick_start/pricing/",
            currency="CNY",
            anchor="deepseek-",
            market="cn",
        ),
    }

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected]:
        """The price rows of the table whose first cell says that models follow."""
        grids = map(grid, page.selector.xpath("//table[not(ancestor::table)]"))
        tables = [table for table in grids if table and table[0] and table[0][0].text in HEADERS]
        if len(tables) != 1:
            raise UnreadablePage(f"{len(tables)} tables that begin with 'MODEL' or '模型', one was expected")
        table, notes = tables[0], _footnotes(block_text(page.selector))
        first = sum(cell.text in HEADERS for cell in table[0])
        models = [read_name(cell.text).text for cell in table[0][first:]]
        if first < 2 or not models or not all(models):
            raise UnreadablePage(f"not label columns and models: {[cell.text for cell in table[0]]}")
        for row in table[1:]:
            if row[0].text not in SECTIONS:
                if any(CURRENCY_SIGNS[page.spec.currency].search(cell.text) for cell in row[first:]):
                    yield Rejected("a priced row outside the price section", " | ".join(cell.text for cell in row))
                continue
            try:
                offer = _offer(row[1:first], row[:first], notes)
            except UnreadableDate as error:
                yield Rejected(f"the hours of a time window: {error}", str(error))
                offer = _offer(row[1:first], row[:first], {})
            except ValueError as error:
                yield Rejected(str(error), " | ".join(cell.text for cell in row))
                continue
            for model, cell in zip(models, row[first:], strict=True):
                yield from _prices(page.spec, model, offer, cell, notes)


def _offer(labels: list[Cell], noted: list[Cell], notes: Mapping[str, str]) -> _Offer:
    """Component and time window from a row's labels, of which one may cover several columns."""
    texts = list(dict.fromkeys(cell.text for cell in labels))
    component = _component(texts[0])
    if len(texts) == 1:
        return _Offer(component, None, None)
    if len(texts) > 2 or texts[1].upper() not in WINDOWS:
        raise ValueError(f"unknown time window {texts[1:]}")
    name = WINDOWS[texts[1].upper()]
    if name != "peak":
        return _Offer(component, name, None)
    marked = [notes[mark] for cell in noted for mark in cell.marks if mark in notes]
    return _Offer(component, name, _peak_window(marked or list(notes.values())))


def _component(label: str) -> str:
    """`1M INPUT TOKENS (CACHE HIT)` and its kin; the unit is part of the label and must be a million tokens."""
    match = _LABEL.fullmatch(label)
    if match is None or match[2].upper() not in COMPONENTS:
        raise ValueError(f"unknown price row {label!r}")
    read_unit("per 1M tokens" if match[1].upper() == "1M" else match[1])
    return COMPONENTS[match[2].upper()]


def _prices(
    spec: PricePage, model: str, offer: _Offer, cell: Cell, notes: Mapping[str, str]
) -> Iterator[Price | Rejected]:
    """One price, or two where an old one is struck out: the promotion and the list price."""
    window = offer.window
    for kind, text in (("promotion", cell.text), ("list", cell.struck)) if cell.struck else (("list", cell.text),):
        try:
            money = read_money(text)
            if money.amount is None:
                continue
            if money.currency not in (spec.currency, None):
                raise ValueError(f"a price in {money.currency} on a page in {spec.currency}: {text!r}")
            if money.rest and not (kind == "promotion" and _DISCOUNT.fullmatch(money.rest)):
                raise ValueError(f"unknown text {money.rest!r} after a price")
            ends_at = _promotion_end(cell, notes) if kind == "promotion" else None
        except ValueError as error:
            yield Rejected(f"{model} {offer.component}: {error}", text)
            continue
        yield Price(
            provider="deepseek",
            listing=model,
            component=offer.component,
            amount=money.amount,
            unit="per_mtok",
            currency=spec.currency,
            amount_per_mtok=to_per_mtok(money.amount, "per_mtok"),
            price_text=text,
            market=spec.market,
            window_name=offer.window_name,
            window_days=window.days if window else None,
            window_hours=window.hours if window else None,
            window_zone=window.zone if window else None,
            price_kind=kind,
            promotion_ends_at=ends_at,
        )


def _promotion_end(cell: Cell, notes: Mapping[str, str]) -> datetime | None:
    """The end that a footnote of the price states; None where none does."""
    ends = (find_instant(notes[mark]) for mark in cell.marks if mark in notes)
    return next((end for end in ends if end is not None), None)


def _peak_window(notes: list[str]) -> Window | None:
    """Hours from the first sentence that names peak time with hours; its days may stand elsewhere in the note."""
    for note in notes:
        for sentence in _SENTENCE.split(note):
            window = find_window(sentence) if _PEAK.search(sentence) else None
            if window is not None:
                return window
    return None


def _footnotes(text: str) -> dict[str, str]:
    """Footnotes by number: each begins a line with its number in brackets and ends where the next begins."""
    parts = _FOOTNOTE.split(text)
    return {mark: note.strip()[:2000] for mark, note in zip(parts[1::2], parts[2::2], strict=True)}
