"""DeepSeek's API prices: one transposed HTML table (models are columns) in each of two price books.

The English page is the book in US dollars, market `global`; the Chinese page is the book in yuan, market
`cn`. The two are set independently; neither is the other at an exchange rate. A struck-out price is the
list price beside a promotion. Peak hours are read from the footnote of rows that name them, in the zone it names
(the English page counts in UTC, the Chinese one in Beijing time); off-peak is all other time.

A footnote may announce prices in a table of its own (there models are rows): those hold from the instant it names.
Other footnotes make no rows: neither past changes, nor a coming peak price given only as a multiple, nor the old names
(`deepseek-chat`) that stand for a mode of a listed model, as the page prices no such name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from scrapers.items import Price, Rejected, UnreadablePage
from scrapers.parsing.dates import UnreadableDate, Window, find_instant, find_window
from scrapers.parsing.money import CURRENCY_SIGNS, read_money
from scrapers.parsing.names import read_name
from scrapers.parsing.tables import Cell, block_text, grid
from scrapers.parsing.text import clean
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
_SENTENCE = re.compile(r"[。;；]|\.(?=\s)|\n\s*\n")
_HOLIDAYS = re.compile(r"exclud\w+ Chinese public holidays|不含(?:中国)?法定节假日", re.IGNORECASE)


@dataclass(frozen=True)
class _Offer:
    """What a row of the table says of every price in it."""

    component: str
    window_name: str | None
    window: Window | None
    effective_from: datetime | None = None


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
        """The price rows of the table whose first cell says that models follow, then those it announces."""
        grids = map(grid, page.selector.xpath("//table[not(ancestor::table)]"))
        tables = [table for table in grids if table and table[0] and table[0][0].text in HEADERS]
        announced = [table for table in tables if _LABEL.fullmatch(table[0][-1].text)]
        current = [table for table in tables if table not in announced]
        if len(current) != 1:
            raise UnreadablePage(f"{len(current)} tables that begin with 'MODEL' or '模型', one was expected")
        notes = _footnotes(block_text(page.selector))
        yield from _current(page.spec, current[0], notes)
        for table in announced:
            yield from _announced(page.spec, table, notes)


def _current(spec: PricePage, table: list[list[Cell]], notes: Mapping[str, str]) -> Iterator[Price | Rejected]:
    """The table of what holds now: models are columns, components and time windows are rows."""
    first = sum(cell.text in HEADERS for cell in table[0])
    models = [read_name(cell.text).text for cell in table[0][first:]]
    if first < 2 or not models or not all(models):
        raise UnreadablePage(f"not label columns and models: {[cell.text for cell in table[0]]}")
    for row in table[1:]:
        if row[0].text not in SECTIONS:
            if any(CURRENCY_SIGNS[spec.currency].search(cell.text) for cell in row[first:]):
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
            yield from _prices(spec, model, offer, cell, notes)


def _announced(spec: PricePage, table: list[list[Cell]], notes: Mapping[str, str]) -> Iterator[Price | Rejected]:
    """A table of coming prices inside a footnote: models and time windows are rows, components are columns."""
    header = table[0]
    first = sum(cell.text in HEADERS for cell in header)
    try:
        components = [_component(cell.text) for cell in header[first:]]
        note = next((note for note in notes.values() if all(cell.text in clean(note) for cell in table[1])), "")
        starts_at = find_instant(note)
        if starts_at is None:
            raise ValueError("a table of coming prices without the time from which they hold")
        peak = _peak_window([note])
    except (ValueError, IndexError) as error:
        yield Rejected(str(error), " | ".join(cell.text for row in table[:2] for cell in row))
        return
    for row in table[1:]:
        try:
            name = _window_name(row[1:first])
        except ValueError as error:
            yield Rejected(str(error), " | ".join(cell.text for cell in row))
            continue
        for component, cell in zip(components, row[first:], strict=True):
            offer = _Offer(component, name, peak if name == "peak" else None, starts_at)
            yield from _prices(spec, read_name(row[0].text).text, offer, cell, notes)


def _offer(labels: list[Cell], noted: list[Cell], notes: Mapping[str, str]) -> _Offer:
    """Component and time window from a row's labels, of which one may cover several columns."""
    texts = list(dict.fromkeys(cell.text for cell in labels))
    component = _component(texts[0])
    name = _window_name([cell for cell in labels if cell.text != texts[0]])
    if name != "peak":
        return _Offer(component, name, None)
    marked = [notes[mark] for cell in noted for mark in cell.marks if mark in notes]
    return _Offer(component, name, _peak_window(marked or list(notes.values())))


def _window_name(labels: list[Cell]) -> str | None:
    """The time window that a row's labels name; None where there is no such label."""
    texts = list(dict.fromkeys(cell.text for cell in labels))
    if texts and (len(texts) > 1 or texts[0].upper() not in WINDOWS):
        raise ValueError(f"unknown time window {texts}")
    return WINDOWS[texts[0].upper()] if texts else None


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
            effective_from=offer.effective_from,
        )


def _promotion_end(cell: Cell, notes: Mapping[str, str]) -> datetime | None:
    """The end that a footnote of the price states; None where none does."""
    ends = (find_instant(notes[mark]) for mark in cell.marks if mark in notes)
    return next((end for end in ends if end is not None), None)


def _peak_window(notes: list[str]) -> Window | None:
    """Hours and days from the first sentence that names peak time with hours."""
    for note in notes:
        for sentence in _SENTENCE.split(note):
            window = find_window(sentence) if _PEAK.search(sentence) else None
            if window is not None:
                except_holidays = window.days and _HOLIDAYS.search(clean(sentence))
                days = f"{window.days} except Chinese public holidays" if except_holidays else window.days
                return replace(window, days=days)
    return None


def _footnotes(text: str) -> dict[str, str]:
    """Footnotes by number: each begins a line with its number in brackets and ends where the next begins."""
    parts = _FOOTNOTE.split(text)
    return {mark: note.strip()[:2000] for mark, note in zip(parts[1::2], parts[2::2], strict=True)}
