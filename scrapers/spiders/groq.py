"""Groq's prices of hosted models in US dollars: the Markdown twin of its page of supported models.

The cell of a model glues its link, a badge and its id together; the link's address says where the id begins. The price
cell glues input and output (`$0.15 input$0.60 output`), per the unit in its header, or states a unit of its own: hours
of speech for transcription, characters of text for speech. A section's name tells previews and deprecated models.
Models whose price is on request make no rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.money import ABSENT, read_money
from scrapers.parsing.names import unlink
from scrapers.parsing.tables import MarkdownTable, markdown_tables
from scrapers.parsing.text import clean
from scrapers.parsing.units import read_unit, to_per_mtok
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

MODEL = "MODEL ID"
SECTIONS = {
    "production models": None,
    "production systems": None,
    "preview models": "preview",
    "preview systems": "preview",
    "deprecated models": "deprecated",
}
COMPONENTS = {"input": "input", "cached input": "cache_read", "output": "output"}
# Unit of its own -> what is charged for.
OTHER_UNITS = {"per_hour": "input_audio", "per_minute": "input_audio", "per_mchar": "input"}
BADGES = ("", "Enterprise")
_PRICE = re.compile(r"PRICE (PER .+)")
_LINKED = re.compile(r"\[[^\[\]]*\]\((/docs/[^()\s]*)\)(.*)")


class GroqSpider(PricePageSpider):
    """One page for all models."""

    name = "groq"
    pages: ClassVar = {
        "groq": PricePage(
            url="https://console.groq.com/docs/models.md",
            currency="USD",
            anchor="gpt-oss",
            form="markdown",
        )
    }

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected | Skipped]:
        """The prices of every table of models."""
        tables = [table for table in markdown_tables(page.text) if table.headers[0] == MODEL]
        if not tables:
            raise UnreadablePage(f"no table that begins with {MODEL!r}")
        for table in tables:
            units = {index: found[1] for index, name in enumerate(table.headers) if (found := _PRICE.fullmatch(name))}
            if len(units) != 1:
                raise UnreadablePage(f"{len(units)} columns 'PRICE PER ...' in {' | '.join(table.headers)!r}")
            yield from _rows(table, *units.popitem())


def _rows(table: MarkdownTable, column: int, unit_text: str) -> Iterator[Price | Rejected | Skipped]:
    section = clean(unlink(table.heading)).lower()
    for row in table.rows:
        try:
            if len(row) != len(table.headers):
                raise ValueError(f"{len(row)} cells under {len(table.headers)} headers")
            cell = clean(row[column])
            if cell in ABSENT:
                continue
            if section not in SECTIONS:
                raise ValueError(f"unknown section {table.heading!r}")
            listing = _listing(row[0])
            if cell == "ContactSales":
                yield Skipped("a price on request", f"{listing}: {cell}")
                continue
            yield from _prices(listing, SECTIONS[section], cell, read_unit(unit_text))
        except ValueError as error:
            yield Rejected(str(error), " | ".join(row))


def _listing(cell: str) -> str:
    """The id at the end of the cell, which is the end of the link's address too."""
    linked = _LINKED.fullmatch(re.sub(r"!\[[^\[\]]*\]\([^()]*\)", "", cell).strip())
    if linked is None:
        raise ValueError(f"no link to a model in {cell[-200:]!r}")
    address, glued = linked[1].split("/"), clean(linked[2])
    for badge in BADGES:
        listing = glued.removeprefix(badge)
        if listing and listing.split("/") == address[-len(listing.split("/")) :]:
            return listing
    raise ValueError(f"the id in {glued!r} is not the one in the link {linked[1]!r}")


def _prices(listing: str, availability: str | None, cell: str, unit: str) -> Iterator[Price]:
    """One price or several; a cell of which one part cannot be read is rejected as a whole."""
    stated: Mapping[str, tuple[str, str]] = {name: (component, unit) for name, component in COMPONENTS.items()}
    prices = []
    for part in re.split(r"(?=\$)", cell):
        if not part:
            continue
        money = read_money(part)
        component, own_unit = stated.get(money.rest) or _other(money.rest)
        if money.amount is None or money.currency != "USD":
            raise ValueError(f"not a price in USD: {cell!r}")
        prices.append(
            Price(
                provider="groq",
                listing=listing,
                component=component,
                amount=money.amount,
                unit=own_unit,
                currency="USD",
                amount_per_mtok=to_per_mtok(money.amount, own_unit),
                price_text=part.strip(),
                channel="reseller",
                availability=availability,
            )
        )
    yield from prices


def _other(rest: str) -> tuple[str, str]:
    """Component and unit of a price that states its unit itself."""
    unit = read_unit(rest)
    if unit not in OTHER_UNITS:
        raise ValueError(f"not known what is charged {rest!r}")
    return OTHER_UNITS[unit], unit
