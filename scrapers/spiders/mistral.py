"""Mistral's API prices in US dollars, from the pricing page of its docs or from its price list with the same tables.

A table's unit stands in a line above it (`Prices /M Tokens`) or, where that says `Prices as marked`, in each cell. The
page shows the dollar book, standard tier; the euro book, batch, priority and regional prices appear only when a reader
presses a button, by factors in the page's script, and are not read. A struck-out price is the list price beside a sale.

Not seen on a whole saved body: the layout is known from the docs' public source and from reduced copies of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from parsel import Selector

from scrapers.items import Price, Rejected, UnreadablePage
from scrapers.parsing.money import read_money
from scrapers.parsing.tables import Cell, grid
from scrapers.parsing.text import clean
from scrapers.parsing.units import read_unit, to_per_mtok
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

HEADERS = ["Model", "Input", "Cached input", "Output"]
COMPONENTS = ("input", "cache_read", "output")
# Unit -> what its columns charge for, where that is not tokens of text.
OTHER_UNITS = {
    "per_kpage": ("input_document", "cache_read", "output"),
    "per_minute": ("input_audio", "cache_read_audio", "output_audio"),
    "per_mchar": ("input", "cache_read", "output_audio"),
}
THIRD_PARTY = "third-party hosted"
_UNIT = re.compile(r"Prices (as marked|/.+)")
_SALE = re.compile(r"(?:Original price: ?)?(?:Sale price: ?)?")
_NAME_MARKS = re.compile(r" ?↗| ?Sale price")


@dataclass(frozen=True)
class _Table:
    """A table with the unit line and the heading above it."""

    unit: str
    heading: str
    rows: list[list[Cell]]


class MistralSpider(PricePageSpider):
    """One page for all models."""

    name = "mistral"
    pages: ClassVar = {
        "mistral": PricePage(
            url="https://docs.mistral.ai/inference/pricing",
            fallback_url="https://mistral.ai/pricing/api",
            currency="USD",
            anchor="Mistral Large",
        )
    }

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected]:
        """The prices of every table of models; a priced table with other headers is rejected."""
        found = 0
        for table in _tables(page):
            headers = [cell.text for cell in table.rows[0]]
            if headers == HEADERS:
                found += 1
                yield from _rows(table)
            elif any("$" in cell.text for row in table.rows[1:] for cell in row):
                yield Rejected("a price table with unknown headers", " | ".join(headers))
        if not found:
            raise UnreadablePage(f"no table with the headers {' | '.join(HEADERS)}")


def _tables(page: Page) -> Iterator[_Table]:
    unit = heading = ""
    for element in page.selector.root.iter("h1", "h2", "h3", "span", "p", "div", "table"):
        if element.tag == "table":
            if rows := grid(Selector(root=element)):
                yield _Table(unit, heading, rows)
            continue
        text = clean(element.text or "")
        if line := _UNIT.fullmatch(text):
            unit = line[1]
        elif element.tag.startswith("h"):
            heading, unit = text, ""


def _rows(table: _Table) -> Iterator[Price | Rejected]:
    channel = "cloud" if table.heading.lower() == THIRD_PARTY else "first_party"
    for row in table.rows[1:]:
        listing = _NAME_MARKS.sub("", row[0].text).strip()
        if not listing:
            yield Rejected("a price without a model", " | ".join(cell.text for cell in row))
            continue
        for column, cell in enumerate(row[1:]):
            yield from _cell({"listing": listing, "channel": channel}, column, table.unit, cell)


def _cell(facts: dict[str, Any], column: int, unit_line: str, cell: Cell) -> Iterator[Price | Rejected]:
    """One price, or two where an old one is struck out: the promotion and the list price."""
    shown = _SALE.sub("", cell.text, count=1).strip() if cell.struck else cell.text
    kinds = (("promotion", shown), ("list", cell.struck)) if cell.struck else (("list", shown),)
    for kind, text in kinds:
        try:
            money = read_money(text)
            if money.amount is None:
                continue
            unit = _unit(unit_line, money.rest) if money.currency else "per_mtok"  # "Free" stands without a unit
            if money.currency not in ("USD", None):
                raise ValueError(f"a price in {money.currency} on a page in USD: {text!r}")
        except ValueError as error:
            yield Rejected(f"{facts['listing']} {HEADERS[column + 1]}: {error}", text)
            continue
        yield Price(
            provider="mistral",
            component=OTHER_UNITS.get(unit, COMPONENTS)[column],
            amount=money.amount,
            unit=unit,
            currency="USD",
            amount_per_mtok=to_per_mtok(money.amount, unit),
            price_text=text,
            price_kind=kind,
            **facts,
        )


def _unit(line: str, rest: str) -> str:
    """The unit that the cell states, else that of the line above the table."""
    return read_unit(rest or line.removeprefix("as marked"))
