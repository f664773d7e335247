"""OpenAI's API prices: the Markdown twin of its pricing page, or the page itself, in US dollars.

Amounts are per million tokens unless a line above the table (`Prices per second.`), its header or the cell names
another unit. In HTML the tables are the props of Astro islands, JSON that writes each value as a pair `[0, value]` or
`[1, [values]]`; the tables rendered beside them hold the newest rows only. The props of the text models name no
columns: they are those rendered in the same island, and three amounts are input, cached input and output, the columns
before cache writes had a price. Of these models long context is read where it is rendered.

Short context ends where the model's note, the column's tooltip or else the only limit on the page ends it. `Fast` is
since 2026-07-30 the name of `Priority`; the service tier is what the page of its day calls it. Not read: tools; use of
one's own fine-tuned model; video priced by size; estimates beside token prices; uplifts and aliases in prose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, ClassVar

from parsel import Selector

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.embedded import read_json
from scrapers.parsing.money import CURRENCY_SIGNS, read_money
from scrapers.parsing.names import read_name
from scrapers.parsing.tables import grid, markdown_tables
from scrapers.parsing.text import clean
from scrapers.parsing.tiers import ContextTier, UnreadableTier, read_tier
from scrapers.parsing.units import read_unit, to_per_mtok
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

TIERS = {"standard", "batch", "flex", "priority", "fast"}
TOKENS = {"Input": "input", "Cached input": "cache_read", "Cache writes": "cache_write", "Output": "output"}
OTHERS = {"Training": "training", "Estimated cost": "input_audio", "Price per second": "output_video"}
COMPONENTS = TOKENS | {"Output / cost": "output"} | OTHERS
MODALITIES = {"Text": "", "Audio": "_audio", "Image": "_image"}
LABELS = {"Model", "Category", "Modality", "Size", "Portrait", "Landscape", "Use case"}
CONTEXTS = ("Short context", "Long context")

_TIER_HEADING = re.compile(r"(\w+)(?: mode| processing)? pricing data", re.IGNORECASE)
_TIER_LINE = re.compile(r"(\w+)(?: mode| processing)?", re.IGNORECASE)
_PRICES_PER = re.compile(r"Prices (per [^.]{1,40}?)(?: unless noted)?\.")
_HEADING = re.compile(r"^(#{1,6}[ \t].*)$", re.MULTILINE)
_MODEL = re.compile(r"[A-Za-z][\w.:-]*")


@dataclass(frozen=True)
class _Table:
    """One table in either form of the page. Cells are texts, numbers of JSON, or None."""

    headers: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    tier: str = "standard"
    unit: str = "per 1M tokens"
    bounds: Mapping[str, ContextTier] = field(default_factory=dict)


class OpenAISpider(PricePageSpider):
    """One page for all models."""

    name = "openai"
    pages: ClassVar = {
        "openai": PricePage(
            url="https://developers.openai.com/api/docs/pricing.md",
            fallback_url="https://developers.openai.com/api/docs/pricing",
            currency="USD",
            anchor="gpt-",
        ),
    }

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected | Skipped]:
        """The prices of all tables, whichever form the page has."""
        found = list(_from_islands(page.selector) if "<astro-island" in page.text else _from_markdown(page.text))
        tables = [item for item in found if isinstance(item, _Table)]
        if not tables:
            raise UnreadablePage(f"no price table in a page that begins {page.text.strip()[:120]!r}")
        bounds = _only_bounds(tables)
        for item in found:
            yield from _read(item, bounds) if isinstance(item, _Table) else [item]


def _from_markdown(text: str) -> Iterator[_Table]:
    """Pipe tables. The service tier is in the heading, or alone on a line between the table before and the heading."""
    parts = ["", *_HEADING.split(text)]
    unit, lead = _Table.unit, ""
    for heading, body in zip(parts[::2], parts[1::2], strict=True):
        for table in markdown_tables(f"{heading}\n{body}"):
            lines = [line.strip() for line in f"{lead}\n{table.intro}".splitlines()]
            named = _TIER_HEADING.fullmatch(table.heading)
            loose = [match[1].lower() for line in lines if (match := _TIER_LINE.fullmatch(line))]
            tier = named[1].lower() if named else next((word for word in reversed(loose) if word in TIERS), "standard")
            unit = next((match[1] for line in reversed(lines) if (match := _PRICES_PER.search(line))), unit)
            yield _Table(table.headers, table.rows, tier, unit)
            lead = ""
        lead = body.rpartition("|")[2] if "|" in body else f"{lead}\n{body}"


def _from_islands(root: Selector) -> Iterator[_Table | Rejected]:
    """The tables of the page's islands, in order; a priced table outside of them is rejected."""
    unit = _Table.unit
    for node in root.xpath(
        "//astro-island[contains(@component-export, 'Pricing')]"
        " | //*[text()[starts-with(normalize-space(), 'Prices per')]]"
        " | //table[not(ancestor::table) and not(ancestor::astro-island)]"
    ):
        if node.root.tag == "table":
            if _is_priced(shown := clean(" ".join(node.xpath(".//text()").getall()))):
                yield Rejected("a price table that is not in an island", shown[:200])
        elif node.root.tag != "astro-island":
            match = _PRICES_PER.search(clean(node.xpath("string()").get() or ""))
            unit = match[1] if match else unit
        else:
            pane = node.xpath("ancestor::*[@data-content-switcher-pane][1]/@data-value").get()
            try:
                for table in _island(node):
                    yield replace(table, tier=pane or table.tier, unit=unit)
            except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
                yield Rejected(f"an island of unknown form: {error!r}", node.root.get("props", "")[:200])


def _island(node: Selector) -> Iterator[_Table]:
    """The table of one island: with headings and groups, with headings and rows, or with rows of text models."""
    props = read_json(node.root.get("props", ""))
    if "groups" in props:
        groups = list(map(_value, _value(props["groups"])))
        rows = [(_cell(group["model"]), *map(_cell, _value(row))) for group in groups for row in _value(group["rows"])]
    else:
        rows = [tuple(map(_cell, _value(row))) for row in _value(props["rows"])]
    if "headings" not in props:
        yield from _text_models(node, rows)
        return
    labels = [_value(_value(group)["label"]) for group in _value(props.get("headingGroups", [1, []]))]
    tooltips = [_value(label["__pricingTooltipHeading"]) for label in labels if isinstance(label, dict)]
    bounds = {_value(tooltip["label"]): read_tier(_value(tooltip["tooltip"])) for tooltip in tooltips}
    yield _Table(tuple(str(_cell(heading)) for heading in _value(props["headings"])), tuple(rows), bounds=bounds)


def _value(pair: Any) -> Any:
    """What a pair of Astro's JSON stands for: `[0]` is undefined."""
    if not isinstance(pair, list) or not pair or pair[0] not in (0, 1) or len(pair) > 2:
        raise ValueError(f"not a pair of Astro's JSON: {str(pair)[:80]}")
    return pair[1] if len(pair) == 2 else None


def _cell(pair: Any) -> Any:
    """A cell: text, number or None. HTML and headings with a tooltip come down to their text."""
    value = _value(pair)
    if isinstance(value, list):
        raise ValueError(f"a list in a cell: {str(value)[:80]}")
    if not isinstance(value, dict):
        return value
    if "__pricingHtml" in value:
        return clean(_value(value["__pricingHtml"]))
    return clean(_value(_value(value["__pricingTooltipHeading"])["label"]))


def _text_models(node: Selector, rows: list[tuple[Any, ...]]) -> Iterator[_Table]:
    """The rendered table, and the rows that it leaves out under the short context of its headers."""
    tables = [grid(table) for table in node.xpath(".//table")]
    if len(tables) != 1 or len(tables[0]) < 3:
        raise ValueError(f"{len(tables)} rendered tables that could name the columns, one was expected")
    above, below, *rendered = [tuple(cell.text for cell in line) for line in tables[0]]
    headers = tuple(f"{group} {name.lower()}" if group else name for group, name in zip(above, below, strict=True))
    shown = {line[0]: line for line in rendered}
    short = tuple(header for header in headers if not header.startswith(CONTEXTS[1]))
    before = tuple(header for header in short if "cache writes" not in header)
    for row in rows:
        if len(row) not in (len(short), len(before)):
            raise ValueError(f"{len(row)} cells for the columns {short}")
        line = shown.get(row[0], row)
        if list(map(_amount, row[1:])) != list(map(_amount, line[1 : len(row)])):
            raise ValueError(f"data and table differ: {row} and {line}")
    yield _Table(headers, tuple(rendered))
    for columns in (short, before):
        yield _Table(columns, tuple(row for row in rows if row[0] not in shown and len(row) == len(columns)))


def _amount(cell: Any) -> Decimal | None:
    return None if cell is None else read_money(_text(cell), default_currency="USD").amount


def _text(cell: Any) -> str:
    """A cell as written; numbers of JSON in full, since `1E-7` is no way to write a price."""
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def _shown(row: Iterable[Any]) -> str:
    return " | ".join(map(_text, row))


def _only_bounds(tables: Iterable[_Table]) -> Mapping[str, ContextTier]:
    """Short and long context where a table does not say: the only limit on the page, from tooltips or else notes."""
    stated = [table.bounds for table in tables if table.bounds]
    if not stated:
        names = (name for table in tables if "Model" in table.headers for name in _names(table))
        stated = [bounds for name in names if (bounds := _noted(name))]
    return stated[0] if stated and all(bounds == stated[0] for bounds in stated) else {}


def _noted(name: str) -> dict[str, ContextTier]:
    """Short and long context on both sides of the limit that a model's note sets; empty without a note."""
    for note in read_name(name).notes:
        with suppress(UnreadableTier):  # any other note is rejected with its row
            if limit := read_tier(note).to_tokens:
                return dict(zip(CONTEXTS, (ContextTier(0, limit), ContextTier(limit)), strict=True))
    return {}


def _read(table: _Table, bounds: Mapping[str, ContextTier]) -> Iterator[Price | Rejected | Skipped]:
    """All rows of a table under the headers we know; a table of unknown kind is rejected once if it has a price."""
    priced = [_shown(row) for row in table.rows if any(map(_is_priced, row))]
    if table.headers[:1] == ("Tool",):
        yield from (Skipped("a tool, not a model", row) for row in priced)
        return
    if "Model" not in table.headers or table.tier not in TIERS:
        if priced:
            yield Rejected(f"a price table of unknown kind, of service tier {table.tier!r}", _shown(table.headers))
        return
    for header in table.headers:
        if _column(header)[1] not in {*COMPONENTS, *LABELS}:
            yield Rejected("unknown column", header)
    names = _names(table)
    sizes = Counter(names if "Size" in table.headers else ())
    for name, row in zip(names, table.rows, strict=True):
        try:
            if len(row) != len(table.headers):
                raise ValueError(f"{len(row)} cells under {len(table.headers)} headers")
            if sizes[name] > 1:
                yield Skipped("a price for one of several sizes, which the price book does not tell apart", _shown(row))
            else:
                yield from _row(table, name, dict(zip(table.headers, row, strict=True)), bounds)
        except ValueError as error:
            yield Rejected(str(error), _shown(row))


def _is_priced(cell: Any) -> bool:
    return isinstance(cell, int | Decimal) or (isinstance(cell, str) and bool(CURRENCY_SIGNS["USD"].search(cell)))


def _column(header: str) -> tuple[str | None, str]:
    """The context a header names, and the column within it: `Long context cached input` is `Cached input` of long."""
    for context in CONTEXTS:
        if header.startswith(f"{context} "):
            return context, header.removeprefix(context).strip().capitalize()
    return None, header


def _names(table: _Table) -> list[str]:
    """The model of every row; an empty cell continues the model above, as where a cell spans rows."""
    column, names = table.headers.index("Model"), [""]
    for row in table.rows:
        names.append((_text(row[column]) if column < len(row) else "") or names[-1])
    return names[1:]


def _row(
    table: _Table, name: str, cells: Mapping[str, Any], bounds: Mapping[str, ContextTier]
) -> Iterator[Price | Rejected | Skipped]:
    """The prices of one model, in one modality where the table has several."""
    named, own = read_name(name), _noted(name)
    model, _, note = named.text.partition(" ")
    if note == "with data sharing":
        yield Skipped("a discount for customers who share their data", _shown(cells.values()))
        return
    if note not in ("", "Legacy") or (named.notes and not own) or not _MODEL.fullmatch(model):
        raise ValueError(f"not a model's name, or one with an unknown note: {name!r}")
    modality = cells.get("Modality", "Text")
    if modality not in MODALITIES:
        raise ValueError(f"unknown modality {modality!r}")
    is_long = any(_is_priced(cell) for header, cell in cells.items() if _column(header)[0] == CONTEXTS[1])
    limits = own or table.bounds or (bounds if is_long else {})
    has_tokens = any(_is_priced(cells.get(header)) for header in ("Input", "Output"))
    for header, cell in cells.items():
        context, column = _column(header)
        if column not in COMPONENTS or (not _is_priced(cell) and _amount(cell) is None):
            continue
        if "Training" in cells and column != "Training":
            yield Skipped("use of a customer's own fine-tuned model", f"{name} {header}: {_text(cell)}")
        elif column == "Estimated cost" and has_tokens:
            yield Skipped("an estimate of what the tokens come to", f"{name}: {_text(cell)}")
        elif context == CONTEXTS[1] and context not in limits:
            yield Rejected(f"{name}: the page does not say where long context begins", _text(cell))
        else:
            tier = limits.get(context or CONTEXTS[0], ContextTier())
            yield from _price(table, model, COMPONENTS[column] + MODALITIES[modality], column, cell, tier)


def _price(
    table: _Table, model: str, component: str, column: str, cell: Any, tier: ContextTier
) -> Iterator[Price | Rejected]:
    """One amount; its unit is in the cell, in the header, or in the line above the table."""
    try:
        money = read_money(_text(cell), default_currency=None if isinstance(cell, str) else "USD")
        if money.currency not in ("USD", None):
            raise ValueError(f"a price in {money.currency} on a page in USD")
        of_header = column.removeprefix("Price ") if column.startswith("Price per ") else ""
        if column == "Estimated cost" and not money.rest:
            raise ValueError("a cost without a unit")
        unit = read_unit(money.rest or of_header or table.unit)
    except ValueError as error:
        yield Rejected(f"{model} {component}: {error}", _text(cell))
        return
    yield Price(
        provider="openai",
        listing=model,
        component=component,
        amount=money.amount,
        unit=unit,
        currency="USD",
        amount_per_mtok=to_per_mtok(money.amount, unit),
        price_text=clean(_text(cell)),
        service_tier=table.tier,
        context_from_tokens=tier.from_tokens,
        context_to_tokens=tier.to_tokens,
    )
