"""Anthropic's API prices: the Markdown twin of its pricing page, in US dollars per million tokens.

Read are the tables of models (input, cache writes, cache reads, output), of batch processing and of fast
mode, and the long-context table of 2025. Multipliers that the page states in prose (data residency, cache
writes in fast mode) are not applied: those prices are not written there. Days without a zone are UTC days.
Amounts elsewhere are skipped: server tools (searches, container and session hours), billing units of the clouds,
worked examples. A model the page calls retired is retired at Anthropic's own API, also where a cloud still sells it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.dates import find_day
from scrapers.parsing.money import read_money
from scrapers.parsing.names import read_name, unlink
from scrapers.parsing.tables import MarkdownTable, markdown_tables
from scrapers.parsing.text import clean
from scrapers.parsing.units import read_unit, to_per_mtok
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

MODELS = {
    "Base Input Tokens": "input",
    "5m Cache Writes": "cache_write_5m",
    "1h Cache Writes": "cache_write_1h",
    "Cache Hits & Refreshes": "cache_read",
    "Output Tokens": "output",
}
BATCH = {"Batch input": "input", "Batch output": "output"}
FAST = {"Input": "input", "Output": "output"}

AVAILABILITY = {
    "retired": "retired",
    "deprecated": "deprecated",
    "limited availability": "limited",
    "research preview": "preview",
    "beta": "preview",
}

_STATUS = re.compile(rf"({'|'.join(AVAILABILITY)})\b", re.IGNORECASE)
_DATED = re.compile(r"\s+(through|starting) (\w+ \d{1,2}, \d{4})$", re.IGNORECASE)
_MODEL = re.compile(r"Claude(?: [A-Z][a-z]+| \d[\d.]*)+")
_TIER = re.compile(r"([≤>]) ?(\d+)K input tokens")
_TIER_CELL = re.compile(r"(Input|Output): (.+)")
_PER_MTOK = re.compile(r"\$[\d.,]+ ?/ ?MTok")
_DOLLARS = re.compile(r"\$\d")


@dataclass(frozen=True)
class _Listing:
    """A model, what the page says of its standing, and the days between which it says its row holds."""

    name: str
    availability: str | None = None
    effective_from: datetime | None = None
    effective_to: datetime | None = None


class AnthropicSpider(PricePageSpider):
    """One page for all models."""

    name = "anthropic"
    pages: ClassVar = {
        "anthropic": PricePage(
            url="https://platform.claude.com/docs/en/about-claude/pricing.md",
            currency="USD",
            anchor="Claude Opus",
            form="markdown",
        )
    }

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected | Skipped]:
        """All prices per token; a table of such prices with other headers is rejected as a whole."""
        tables = list(markdown_tables(page.text))
        main = [table for table in tables if "Base Input Tokens" in table.headers]
        if len(main) != 1:
            found = [" | ".join(table.headers) for table in tables]
            raise UnreadablePage(f"{len(main)} tables with a column 'Base Input Tokens'; headers found: {found}")
        models = [listing.name for row in main[0].rows for listing in _try_listings(row[0])]
        long_context = [table for table in tables if _TIER.fullmatch(table.headers[0])]
        limits = {name: _limit(table.headers[0]) for table in long_context for name in _mentioned(models, table.intro)}
        for table in tables:
            kinds = set(table.headers) - {"Model"}
            if "Base Input Tokens" in kinds:
                yield from _until(limits, _rows(table, MODELS))
            elif set(BATCH) & kinds:
                yield from _until(limits, _rows(table, BATCH, service_tier="batch"))
            elif kinds == set(FAST) and "fast mode" in table.heading.lower():
                yield from _rows(_with_models(table, models), FAST, service_tier="fast")
            elif table in long_context:
                yield from _long_context(table, models)
            elif _prices_models(table):
                yield Rejected("a price table with unknown headers", " | ".join(table.headers))
            else:
                yield from _skipped((" | ".join(row) for row in table.rows), "a row that prices no tokens of a model")
        prose = (line for line in page.text.splitlines() if not line.lstrip().startswith("|"))
        yield from _skipped(prose, "an amount in prose")


def _prices_models(table: MarkdownTable) -> bool:
    """Whether a table of no known form prices tokens, or anything by model."""
    price = _DOLLARS if "Model" in table.headers else _PER_MTOK
    return any(price.search(cell) for row in table.rows for cell in row)


def _skipped(texts: Iterable[str], reason: str) -> Iterator[Skipped]:
    """Texts with amounts that are no prices of models."""
    return (Skipped(reason, text.strip()) for text in texts if _DOLLARS.search(text))


def _rows(table: MarkdownTable, components: Mapping[str, str], **facts: Any) -> Iterator[Price | Rejected]:
    """The prices of a table with a column of models and one column for each component."""
    if missing := {"Model", *components} - set(table.headers):
        raise UnreadablePage(f"no column {sorted(missing)} in the table {' | '.join(table.headers)!r}")
    for header in table.headers:
        if header not in components and header != "Model":
            yield Rejected("unknown column", header)
    for row in table.rows:
        try:
            if len(row) != len(table.headers):
                raise ValueError(f"{len(row)} cells under {len(table.headers)} headers")
            cells = dict(zip(table.headers, row, strict=True))
            for listing in _listings(cells["Model"]):
                for header, component in components.items():
                    yield from _price(listing, component, cells[header], **facts)
        except ValueError as error:
            yield Rejected(str(error), " | ".join(row))


def _price(listing: _Listing, component: str, cell: str, **facts: Any) -> Iterator[Price | Rejected]:
    """One cell; nothing where the page marks that there is no such price."""
    try:
        money = read_money(cell)
        if money.amount is None:
            return
        unit = read_unit(money.rest) if money.currency else "per_mtok"  # "Free" stands without a unit
        if money.currency not in ("USD", None):
            raise ValueError(f"a price in {money.currency} on a page in USD: {cell!r}")
    except ValueError as error:
        yield Rejected(f"{listing.name} {component}: {error}", cell)
        return
    yield Price(
        provider="anthropic",
        listing=listing.name,
        component=component,
        amount=money.amount,
        unit=unit,
        currency="USD",
        amount_per_mtok=to_per_mtok(money.amount, unit),
        price_text=clean(cell),
        availability=listing.availability,
        effective_from=listing.effective_from,
        effective_to=listing.effective_to,
        **facts,
    )


def _listings(cell: str) -> list[_Listing]:
    """The models a cell names, several with slashes between; raise for a note or a name we do not know."""
    listings = []
    for part in re.split(r"\s+/\s+", unlink(cell)):
        name = read_name(part)
        standing = {note: _STATUS.match(note) for note in name.notes}
        if unknown := [note for note, status in standing.items() if status is None]:
            raise ValueError(f"unknown note {unknown} on a model's name")
        said = [AVAILABILITY[status[1].lower()] for status in standing.values() if status]
        dated = _DATED.search(name.text)
        model = name.text[: dated.start()] if dated else name.text
        if not _MODEL.fullmatch(model):
            raise ValueError(f"not a model's name: {model!r}")
        listings.append(_Listing(model, said[0] if said else None, *_days(dated)))
    return listings


def _try_listings(cell: str) -> list[_Listing]:
    """The same for a first look at the table; `_rows` rejects what cannot be read."""
    try:
        return _listings(cell)
    except ValueError:
        return []


def _days(dated: re.Match[str] | None) -> tuple[datetime | None, datetime | None]:
    """From and to: `through` a day is until the next one begins."""
    if dated is None:
        return None, None
    day = find_day(dated[2])
    if day is None:
        raise ValueError(f"not a day: {dated[2]!r}")
    start = datetime.combine(day, time(), UTC)
    return (start, None) if dated[1].lower() == "starting" else (None, start + timedelta(days=1))


def _with_models(table: MarkdownTable, models: list[str]) -> MarkdownTable:
    """A table without a column of models holds for those that the text above it names."""
    if "Model" in table.headers:
        return table
    named = " / ".join(_mentioned(models, table.intro))
    return replace(table, headers=("Model", *table.headers), rows=tuple((named, *row) for row in table.rows))


def _long_context(table: MarkdownTable, models: list[str]) -> Iterator[Price | Rejected]:
    """Two columns, short and long prompts, with the component in the cell; models are named above."""
    named = _mentioned(models, table.intro)
    if not named:
        yield Rejected("a long-context table without a model", table.intro)
    for row in table.rows:
        for header, cell in zip(table.headers, row, strict=False):
            tier, price = _TIER.fullmatch(header), _TIER_CELL.fullmatch(cell)
            if tier is None or price is None:
                yield Rejected("unknown form of a long-context price", f"{header}: {cell}")
                continue
            bound = _limit(header)
            context = {"context_from_tokens": bound} if tier[1] == ">" else {"context_to_tokens": bound}
            for name in named:
                yield from _price(_Listing(name), price[1].lower(), price[2], **context)


def _limit(header: str) -> int:
    """The first prompt length that is over the limit; the page counts a K as a thousand."""
    tier = _TIER.fullmatch(header)
    return int(Decimal(tier[2]) * 1000) + 1 if tier else 0


def _until(limits: Mapping[str, int], items: Iterable[Price | Rejected]) -> Iterator[Price | Rejected]:
    """Prices of models with a long-context price hold only up to its limit."""
    for item in items:
        if isinstance(item, Price) and item.listing in limits:
            yield replace(item, context_to_tokens=limits[item.listing])
        else:
            yield item


def _mentioned(models: list[str], text: str) -> list[str]:
    """The models that a text names, with or without `Claude`; `Sonnet 4` is not in `Sonnet 4.5`."""
    plain = clean(unlink(text))
    return [
        name
        for name in dict.fromkeys(models)
        if re.search(rf"\b{re.escape(name.removeprefix('Claude '))}(?!\.?\d)", plain)
    ]
