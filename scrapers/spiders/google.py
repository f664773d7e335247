"""Google's prices of the Gemini API: one page in Markdown or HTML, in US dollars.

A heading for each model, below it one for each service tier, then a table whose `Paid Tier` column names the unit. One
cell may hold several prices: of two context tiers, of modalities, of storage by the hour, and of the time before and
after a day (a UTC day, since no zone is named). `text / image / video` is the component without a modality: what has
no price of its own is charged like text. A model's standing is what its name and the text above its tables say. An
amount with a star and no unit of its own is rejected: its footnote may name another unit than the column.

Not read: the free tier, whose limits and use of the data make it another service; amounts that restate a price in
another unit; media priced by size or by the piece; grounding by the prompt or on maps; tools and agents. The prices of
Google Cloud, a book of its own, are in `google_cloud`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar

from parsel import Selector

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.dates import find_day
from scrapers.parsing.money import CURRENCY_SIGNS, read_money
from scrapers.parsing.names import read_name, unlink
from scrapers.parsing.tables import block_text, grid, markdown_tables
from scrapers.parsing.text import clean
from scrapers.parsing.tiers import ContextTier, read_tier
from scrapers.parsing.units import read_unit, to_per_mtok
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

TIERS = {"": "standard", "Standard": "standard", "Batch": "batch", "Flex": "flex", "Priority": "priority"}
ROWS = {
    "input price": "input",
    "output price": "output",
    "text input price": "input",
    "image input price": "input_image",
    "audio input price": "input_audio",
    "video input price": "input_video",
    "video price": "output_video",
    "image generation pricing": "output_image",
    "context caching price": "cache_read",
    "context caching": "cache_storage_hour",
    "tuning price": "training",
}
MODALITIES = {
    "text": "",
    "text and thinking": "",
    "image": "_image",
    "images": "_image",
    "audio": "_audio",
    "video": "_video",
}
NO_PRICES = "used to improve our products"
OTHER_SECTIONS = ("Pricing for tools", "Pricing for agents")

_USD = CURRENCY_SIGNS["USD"]
_SECTION = re.compile(r"^##[ \t]+", re.MULTILINE)
_ABOVE_TABLE = re.compile(r"^[#|]", re.MULTILINE)
_PAID = re.compile(r"Paid Tier, (per .{1,20}) in ([A-Z]{3})")
_AMOUNT = re.compile(r"\$\d[\d,]*(?:\.\d+)?")
_RESTATED = re.compile(
    r"\bor (\$[\d.]+ ?/ ?\w+)|\((\$[\d.]+ per \w+)\)|,? ?\b(equivalent to (?:\$|approximately).*)$", re.IGNORECASE
)
_QUALIFIER = re.compile(
    r"prompts? ?(?P<tier>(?:<=|>=|<|>|≤|≥) ?\d+[KM]?(?: tokens?)?)"
    r"|(?P<bound>through|starting) (?P<day>\w+ \d{1,2}, \d{4})"
    r"|\((?P<note>[^()]{1,60})\)"
    r"|per (?P<size>\d[\dK./]*) image"
    r"|(?P<unit>(?:/|per) ?(?:1,000,000 tokens per hour|1,000,000 tokens|[a-z]+))",
    re.IGNORECASE,
)
_SIZES = re.compile(r"\d+[pk](?: and \d+[pk])*", re.IGNORECASE)
_SEARCHES = re.compile(r"(\$[\d.]+) ?(?:/|per) ?1,000 (?:search(?:es)?\b|requests)")
_SHUT_DOWN = re.compile(r"\b(?:been|was|is|are|were) shut down")
_STARS = re.compile(r"<sup\b[^<>]{0,200}>\s*\[?(\*{1,3})\]?\s*</sup>")
_MEDIUM = re.compile(r" (?:(image)|(video)(?: with audio)?) price$")


@dataclass(frozen=True)
class _Table:
    """A table of one model and service tier; `about` is the text between the model's heading and its first table."""

    model: str
    tier: str
    rows: tuple[tuple[str, ...], ...]  # the headers first
    about: str = ""


@dataclass
class _Terms:
    """What stands behind an amount."""

    unit: str | None = None
    tier: ContextTier = field(default_factory=ContextTier)
    modalities: list[str] = field(default_factory=list)
    is_storage: bool = False
    is_marked: bool = False
    size: str | None = None
    effective_from: datetime | None = None
    effective_to: datetime | None = None


class GoogleSpider(PricePageSpider):
    """One page for all models."""

    name = "google"
    also_called = ("gemini",)
    pages: ClassVar = {
        "google": PricePage(
            url="https://ai.google.dev/gemini-api/docs/pricing.md.txt",
            fallback_url="https://ai.google.dev/gemini-api/docs/pricing?hl=en",
            currency="USD",
            anchor="gemini-3",
        ),
    }

    @classmethod
    def text_of(cls, body: bytes, headers: Mapping[str, str]) -> str:
        """The page with the stars of its footnotes as text, since one may set the unit of a price."""
        return _STARS.sub(r"\1", super().text_of(body, headers))

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected | Skipped]:
        """All tables of the page, each row a row of prices, rejected or skipped."""
        tables = list(_from_html(page.selector) if "</table>" in page.text else _from_markdown(page.text))
        if not any(_PAID.fullmatch(header) for table in tables for header in table.rows[0]):
            found = [" | ".join(table.rows[0]) for table in tables]
            raise UnreadablePage(f"no column 'Paid Tier, per ... in USD'; headers found: {str(found)[:300]}")
        for table in tables:
            yield from _read(table)


def _from_markdown(text: str) -> Iterator[_Table]:
    for section in _SECTION.split(text)[1:]:
        about = _ABOVE_TABLE.split(section, maxsplit=1)[0]
        for table in markdown_tables(section):
            rows = (table.headers, *(tuple(clean(unlink(cell)) for cell in row) for row in table.rows))
            yield _Table(_name(section.partition("\n")[0]), table.heading, rows, about)


def _from_html(root: Selector) -> Iterator[_Table]:
    model, tier, about, is_above = "", "", "", True
    for node in root.xpath("//h2 | //h3 | //p[not(ancestor::table)] | //aside | //table[not(ancestor::table)]"):
        if node.root.tag == "table":
            is_above = False
            if rows := tuple(tuple(cell.text for cell in line) for line in grid(node)):
                yield _Table(model, tier, rows, about)
        elif node.root.tag == "h2":
            model, tier, about, is_above = _name(block_text(node)), "", "", True
        elif node.root.tag == "h3":
            tier = clean(block_text(node))
        elif is_above:
            about = f"{about} {block_text(node)}"[:2000]


def _name(heading: str) -> str:
    """The model of a heading, without what is no name at its end (a picture)."""
    return re.sub(r"[^\w)]+$", "", read_name(heading).text)


def _availability(table: _Table) -> str | None:
    about = clean(unlink(table.about)).lower()
    if _SHUT_DOWN.search(about):
        return "retired"
    if "deprecated" in about:
        return "deprecated"
    return "preview" if "Preview" in table.model.split() else None


def _read(table: _Table) -> Iterator[Price | Rejected | Skipped]:
    """All rows of a table; one whose headers or service tier we do not know is rejected once if it has a price."""
    headers, *rows = table.rows
    priced = [" | ".join(row) for row in rows if any(map(_USD.search, row))]
    paid = _PAID.fullmatch(headers[-1])
    if table.model in OTHER_SECTIONS:
        yield from (Skipped(f"not a model: {table.model}", row) for row in priced)
        return
    if headers[:-1] != ("", "Free Tier") or not paid or paid[2] != "USD" or table.tier not in TIERS:
        if priced:
            yield Rejected(f"unknown headers or service tier {table.tier!r} of {table.model!r}", " | ".join(headers))
        return
    for row in rows:
        try:
            if len(row) != len(headers):
                raise ValueError(f"{len(row)} cells under {len(headers)} headers")
            if row[1].lower().startswith("free of charge"):
                yield Skipped("the free tier, which is another service than the paid one", f"{table.model}: {row[0]}")
            yield from _row(table, row[0], row[-1], read_unit(paid[1]))
        except ValueError as error:
            yield Rejected(f"{table.model}: {error}", " | ".join(row))


def _row(table: _Table, label: str, cell: str, unit: str) -> Iterator[Price | Rejected | Skipped]:
    """The prices of one cell; raise when a word of it is not understood."""
    offer: dict[str, Any] = {
        "listing": table.model,
        "service_tier": TIERS[table.tier],
        "availability": _availability(table),
    }
    what = read_name(label).text
    if what.lower() == NO_PRICES or not _USD.search(cell):
        return
    if what.startswith("Grounding with "):
        yield from _grounding(what, cell, offer)
        return
    medium = _MEDIUM.search(what)
    if table.model and what.startswith(table.model) and medium:  # one row for each model of a family
        offer["listing"], component = what[: medium.start()], "output_image" if medium[1] else "output_video"
    elif what.startswith(table.model) and " per song" in cell:
        yield Skipped("a price by the piece", f"{label}: {cell}")
        return
    elif what.lower() in ROWS:
        component = ROWS[what.lower()]
    else:
        raise ValueError(f"unknown row {label!r}")
    for match in _RESTATED.finditer(cell):
        yield Skipped("a price restated in another unit", f"{label}: {next(filter(None, match.groups()))}")
    yield from _amounts(component, unit, _RESTATED.sub(" ", cell), offer)


def _amounts(component: str, unit: str, cell: str, offer: dict[str, Any]) -> Iterator[Price | Rejected | Skipped]:
    """Every amount with the terms behind it."""
    found = list(_AMOUNT.finditer(cell))
    before = cell[: found[0].start()].strip(" _*")
    if before and not before.startswith("Same as Standard"):
        raise ValueError(f"unknown text before a price: {before!r}")
    ends = [match.start() for match in found[1:]] + [len(cell)]
    for match, end in zip(found, ends, strict=True):
        terms = _terms(cell[match.end() : end])
        written = " ".join(cell[match.start() : end].split()).strip(" ,")
        if terms.size:
            yield Skipped("a price for one of several sizes, which the price book does not tell apart", written)
            continue
        if terms.is_marked and not terms.unit:
            yield Rejected("a footnote, not the column, sets the unit of this price", written)
            continue
        facts = (
            offer | terms.tier.columns() | {"effective_from": terms.effective_from, "effective_to": terms.effective_to}
        )
        stem = "cache_storage_hour" if terms.is_storage else component
        medium = ["_image"] if terms.unit == "per_image" and stem == "output" else [""]
        for modality in terms.modalities or medium:
            yield _price(stem + modality, match[0], terms.unit or unit, written, facts)


def _terms(text: str) -> _Terms:
    """Read what stands behind an amount to its end; raise for a word we do not know."""
    terms, raw = _Terms(), text
    while rest := text.strip(" ,.;*"):
        match = _QUALIFIER.match(rest)
        if match is None:
            raise ValueError(f"unknown text after a price: {rest!r}")
        if match["tier"]:
            terms.tier = read_tier(match["tier"])
        elif match["bound"]:
            terms = _dated(terms, match["bound"].lower(), match["day"])
        elif match["unit"]:
            terms.unit = read_unit(match["unit"])
        elif match["size"]:
            terms.size = match["size"]
        elif match["note"].lower() == "storage price":
            terms.is_storage = True
        elif _SIZES.fullmatch(match["note"]):
            terms.size = match["note"]
        elif not match["note"].endswith("not supported"):
            terms.modalities = _modalities(match["note"])
            terms.is_marked = f"{match[0]}*" in raw
        text = rest[match.end() :]
    return terms


def _dated(terms: _Terms, bound: str, text: str) -> _Terms:
    """`through` a day is until the next one begins."""
    day = find_day(text)
    if day is None:
        raise ValueError(f"not a day: {text!r}")
    start = datetime.combine(day, time(), UTC)
    if bound == "starting":
        return replace(terms, effective_from=start)
    return replace(terms, effective_to=start + timedelta(days=1))


def _modalities(note: str) -> list[str]:
    """Suffixes of the component: only the plain one where text is among the modalities, which then share its price."""
    words = [word.strip().lower() for word in re.split(r"[/,]", note)]
    if unknown := [word for word in words if word not in MODALITIES]:
        raise ValueError(f"unknown modality {unknown} in {note!r}")
    suffixes = [MODALITIES[word] for word in words]
    return [""] if "" in suffixes else suffixes


def _grounding(what: str, cell: str, offer: dict[str, Any]) -> Iterator[Price | Skipped]:
    match = _SEARCHES.search(cell)
    if match and "Search" in what:
        yield _price("web_search", match[1], "per_ksearch", cell, offer)
    elif "Maps" in what or "grounded prompts" in cell:
        yield Skipped("grounding on maps or by the prompt, not by the search", f"{what}: {cell}")
    else:
        raise ValueError(f"unknown unit of {what!r}")


def _price(component: str, amount: str, unit: str, written: str, facts: dict[str, Any]) -> Price:
    money = read_money(amount)
    return Price(
        provider="google",
        component=component,
        amount=money.amount,
        unit=unit,
        currency="USD",
        amount_per_mtok=to_per_mtok(money.amount, unit),
        price_text=written,
        **facts,
    )
