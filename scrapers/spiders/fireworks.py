"""Fireworks' serverless prices of hosted models in US dollars per million tokens: Markdown, or the same page as HTML.

A cell holds input, cached input and output (`$0.95 / $0.19 / $4.00`), in the order that the page states above the
table, with a column for each service tier. Older pages have a column for each of the three. Fast variants are rows of
their own with ids of their own, and `US` at the end of a name is an endpoint in the United States only.

Not read, and skipped: prices by the number of parameters, which name no model. The discount of batch requests is
stated in prose as a percentage and not applied. Not seen as a saved body: the layout is that of public copies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.money import ABSENT, read_money
from scrapers.parsing.names import unlink
from scrapers.parsing.tables import block_text, grid, markdown_tables
from scrapers.parsing.text import clean
from scrapers.parsing.units import UnknownUnit, read_unit, to_per_mtok
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

TIERS = {"Standard": "standard", "Priority": "priority"}
COMPONENTS = {"Input": "input", "Cached input": "cache_read", "Output": "output"}
ORDER = ("input", "cache_read", "output")
BY_SIZE = frozenset({"$ / 1M tokens", "$ / 1M input tokens"})
NOTES = {"preview": "preview", "deprecated": "deprecated", "fast": None}
_UNIT = re.compile(r"prices below are (per [\w ]{1,20}tokens) in us dollars", re.IGNORECASE)
_ORDER = re.compile(r"prices are input / cached input / output", re.IGNORECASE)
_NAME = re.compile(r"([^()]+?)(?: \(([^()]*)\))?")


class FireworksSpider(PricePageSpider):
    """One page for all models."""

    name = "fireworks"
    pages: ClassVar = {
        "fireworks": PricePage(
            url="https://docs.fireworks.ai/serverless/pricing.md",
            fallback_url="https://docs.fireworks.ai/serverless/pricing",
            currency="USD",
            anchor="GPT OSS",
        )
    }

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected | Skipped]:
        """The prices of the tables of models, in the unit that the page states once."""
        is_html = "</table>" in page.text
        text = clean(block_text(page.selector) if is_html else page.text)
        stated = _UNIT.search(text)
        try:
            unit = read_unit(stated[1] if stated else "")
        except UnknownUnit as error:
            wanted = "the page does not say 'Prices below are per 1 million tokens in US dollars'"
            raise UnreadablePage(f"{wanted}: {error}") from error
        for headers, *rows in _html_tables(page) if is_html else _markdown_tables(page.text):
            if BY_SIZE & set(headers):
                yield from (Skipped("a price by the number of parameters", " | ".join(row)) for row in rows)
            elif headers[0] != "Model":
                if any("$" in cell for row in rows for cell in row):
                    yield Rejected("a price table with unknown headers", " | ".join(headers))
            elif TIERS.keys() & set(headers) and not _ORDER.search(text):
                raise UnreadablePage("the page does not say that prices are 'input / cached input / output'")
            else:
                yield from _rows(headers, rows, unit)


def _html_tables(page: Page) -> Iterator[list[list[str]]]:
    for table in page.selector.xpath("//table[not(ancestor::table)]"):
        if rows := [[cell.text for cell in row] for row in grid(table)]:
            yield rows


def _markdown_tables(text: str) -> Iterator[list[list[str]]]:
    for table in markdown_tables(text):
        yield [list(table.headers), *([clean(unlink(cell)) for cell in row] for row in table.rows)]


def _rows(headers: Sequence[str], rows: Sequence[Sequence[str]], unit: str) -> Iterator[Price | Rejected]:
    """The prices of a table with a column for each tier, or for each component."""
    for header in headers[1:]:
        if header not in TIERS | COMPONENTS:
            yield Rejected("unknown column", header)
    for row in rows:
        try:
            if len(row) != len(headers):
                raise ValueError(f"{len(row)} cells under {len(headers)} headers")
            facts = _facts(row[0])
        except ValueError as error:
            yield Rejected(str(error), " | ".join(row))
            continue
        for header, cell in zip(headers[1:], row[1:], strict=True):
            try:
                if header in COMPONENTS:
                    yield from _prices(facts, unit, [COMPONENTS[header]], cell)
                elif header in TIERS:
                    tier = {} if TIERS[header] == "standard" else {"service_tier": TIERS[header]}
                    yield from _prices({**facts, **tier}, unit, ORDER, cell)
            except ValueError as error:
                yield Rejected(f"{facts['listing']} {header}: {error}", cell)


def _facts(cell: str) -> dict[str, Any]:
    """The model's name with what its words say; a date in brackets belongs to the name."""
    found = _NAME.fullmatch(cell)
    if found is None:
        raise ValueError(f"not a model's name: {cell!r}")
    name, bracket = found[1], found[2] or ""
    notes = [note.strip().lower() for note in bracket.split(",") if note.strip()]
    if bracket.isdigit():
        name, notes = cell, []
    if unknown := [note for note in notes if note not in NOTES]:
        raise ValueError(f"unknown note {unknown} on a model's name")
    words = name.split()
    return {
        "listing": name,
        "service_tier": "fast" if "Fast" in words or "fast" in notes else "standard",
        "deployment_scope": "US" if words[-1] == "US" else None,
        "availability": next((NOTES[note] for note in notes if NOTES[note]), None),
    }


def _prices(facts: dict[str, Any], unit: str, components: Sequence[str], cell: str) -> Iterator[Price]:
    """As many prices as the cell must hold; raise for any other number of them."""
    if cell in ABSENT:
        return
    parts = [part.strip() for part in cell.split(" / ")] if len(components) > 1 else [cell]
    if len(parts) != len(components):
        raise ValueError(f"{len(parts)} prices, {len(components)} were expected")
    prices = []
    for component, part in zip(components, parts, strict=True):
        money = read_money(part)
        if money.rest or money.currency not in ("USD", None):
            raise ValueError(f"not a price in USD: {part!r}")
        if money.amount is None:
            continue
        prices.append(
            Price(
                provider="fireworks",
                component=component,
                amount=money.amount,
                unit=unit,
                currency="USD",
                amount_per_mtok=to_per_mtok(money.amount, unit),
                price_text=part,
                channel="reseller",
                **facts,
            )
        )
    yield from prices
