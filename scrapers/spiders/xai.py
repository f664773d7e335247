"""xAI's API prices in US dollars: the Markdown twin of its pricing page, or the catalogue inside its models page.

The Markdown states units in headers (`Input / 1M tokens`), in cells (`$0.02 / image`) or once below a table. Where it
does not come, the models page is read for the JSON it carries. Its integers are US cents per 100 million tokens, as
xAI's API reference states of the same fields, and 10^-10 dollars for an image, a second or a character; a zero for long
prompts means that the price of short ones holds. A prompt is long from the threshold on, for the whole request.

Not read: the discount of batch requests, which is a percentage, not a price; aliases. Skipped: tools, storage, realtime
sessions, and prices of images and videos by resolution. A field that looks like a price and is unknown is rejected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.embedded import read_json
from scrapers.parsing.money import CURRENCY_SIGNS, read_money
from scrapers.parsing.names import read_name
from scrapers.parsing.tables import MarkdownTable, markdown_tables
from scrapers.parsing.text import clean
from scrapers.parsing.tiers import read_tier
from scrapers.parsing.units import read_unit, to_per_mtok
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

MARKER = "__XAI_PUBLIC_MODELS__"
COLUMNS = {"Input": "input", "Cached input": "cache_read", "Output": "output", "Cost": "", "Price": ""}
PLAIN = frozenset({"", "Context"})
# First header of a table -> why its prices are not a model's.
SKIPPED = {"Tool": "tools", "Mode": "services that name no model", "Resource": "storage", "": "not of a model"}
# What is charged for where a column only says that it is a price.
MEDIA = {"per_image": "output_image", "per_second": "output_video", "per_hour": "input_audio", "per_mchar": "input"}
KINDS = ("languageModels", "imageGenerationModels", "videoGenerationModels", "audioModels")
# Field -> component and whether it is the price of long prompts, in US cents per 100 million tokens.
TOKENS = {
    "promptTextTokenPrice": ("input", False),
    "promptImageTokenPrice": ("input_image", False),
    "cachedPromptTokenPrice": ("cache_read", False),
    "completionTextTokenPrice": ("output", False),
    "promptTextTokenPriceLongContext": ("input", True),
    "cachedPromptTokenPriceLongContext": ("cache_read", True),
    "completionTokenPriceLongContext": ("output", True),
}
# Field -> component and unit, in 10^-10 dollars.
TICKS = {
    "imagePrice": ("output_image", "per_image"),
    "pricePerInputImage": ("input_image", "per_image"),
    "pricePerInputVideoSecond": ("input_video", "per_second"),
    "perCharacter": ("input", "per_char"),
    "perAudioSecond": ("input_audio", "per_second"),
}
SESSIONS = frozenset(
    {
        *("pstnMinutePrice", "perAudioSecondStreaming", "realtimeAudioSecondPrice"),
        *("realtimeAudioTokenPrice", "realtimeTextInputPrice"),
    }
)
_TIER = re.compile(r"(?:<|>|≤|≥|<=|>=) ?[\d.]+ ?[kKmM]? (?:prompt )?tokens")
_BELOW = re.compile(r"prices shown (per [\w ]{1,20}tokens)", re.IGNORECASE)
_IS_PRICE = re.compile(r"[Pp]rice|^per[A-Z]")
_CENTS_PER_100_MILLION = Decimal("0.0001")  # to dollars per million
_TICK = Decimal("0.0000000001")  # to dollars


class XaiSpider(PricePageSpider):
    """One page for all models."""

    name = "xai"
    pages: ClassVar = {
        "xai": PricePage(
            url="https://docs.x.ai/developers/pricing.md",
            fallback_url="https://docs.x.ai/developers/models",
            currency="USD",
            anchor="grok-",
            form="data",
        )
    }

    @classmethod
    def text_of(cls, body: bytes, headers: Mapping[str, str]) -> str:
        """Of the models page only the catalogue that its scripts hold."""
        text = super().text_of(body, headers)
        return text[text.index(MARKER) :] if MARKER in text else text

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected | Skipped]:
        """The prices of the tables, or of the catalogue."""
        if page.text.startswith(MARKER) or page.text.lstrip().startswith("{"):
            yield from _catalogue(read_json(page.text))
            return
        below = _BELOW.search(page.text)
        for table in markdown_tables(page.text):
            if table.headers[0] in SKIPPED:
                reason = SKIPPED[table.headers[0]]
                yield from (Skipped(reason, " | ".join(row)) for row in table.rows if _shows_price(row))
            elif table.headers[0] == "Model":
                yield from _rows(table, below[1] if below else "")
            elif any(_shows_price(row) for row in table.rows):
                yield Rejected("a price table with unknown headers", " | ".join(table.headers))


def _rows(table: MarkdownTable, below: str) -> Iterator[Price | Rejected]:
    """The prices of a table of models; a header may state the unit, else the cell or the text below does."""
    columns: dict[int, tuple[str, str]] = {}
    for index, header in enumerate(table.headers[1:], 1):
        label, _, unit = header.partition(" / ")
        if label in COLUMNS:
            columns[index] = (COLUMNS[label], unit)
        elif header not in PLAIN:
            yield Rejected("unknown column", header)
    for row in table.rows:
        try:
            if len(row) != len(table.headers):
                raise ValueError(f"{len(row)} cells under {len(table.headers)} headers")
            facts = _facts(row[0])
        except ValueError as error:
            yield Rejected(str(error), " | ".join(row))
            continue
        for index, (component, unit) in columns.items():
            yield from _cell(facts, component, unit or (below if component else ""), row[index])


def _facts(cell: str) -> dict[str, Any]:
    """The model's id and the context tier beside it."""
    name = read_name(cell)
    if not name.text.startswith("grok-") or " " in name.text:
        raise ValueError(f"not a model's id: {name.text!r}")
    facts: dict[str, Any] = {"listing": name.text}
    for note in name.notes:
        if not _TIER.fullmatch(note):
            raise ValueError(f"unknown note {note!r} on a model's id")
        facts |= read_tier(note.replace(" prompt tokens", " tokens")).columns()
    return facts


def _cell(facts: Mapping[str, Any], component: str, unit_text: str, cell: str) -> Iterator[Price | Rejected]:
    try:
        money = read_money(cell)
        if money.amount is None:
            return
        unit = read_unit(unit_text or money.rest)
        if unit_text and money.rest:
            raise ValueError(f"unknown text {money.rest!r} after a price")
        if money.currency not in ("USD", None) or not (component or unit in MEDIA):
            raise ValueError(f"not a price in USD for a thing we know: {cell!r}")
    except ValueError as error:
        yield Rejected(f"{facts['listing']} {component}: {error}", cell)
        return
    yield _make(facts, component or MEDIA[unit], money.amount, unit, clean(cell))


def _make(facts: Mapping[str, Any], component: str, amount: Decimal, unit: str, text: str) -> Price:
    return Price(
        provider="x-ai",
        component=component,
        amount=amount,
        unit=unit,
        currency="USD",
        amount_per_mtok=to_per_mtok(amount, unit),
        price_text=text,
        **facts,
    )


def _shows_price(row: tuple[str, ...]) -> bool:
    return any(CURRENCY_SIGNS["USD"].search(cell) for cell in row)


def _catalogue(data: Any) -> Iterator[Price | Rejected | Skipped]:
    """Every model of every cluster; a price that all clusters share is one row, else each names its cluster."""
    clusters = data.get("clusterConfigs") if isinstance(data, dict) else None
    if not isinstance(clusters, list) or not all(isinstance(cluster, dict) for cluster in clusters):
        raise UnreadablePage(f"no list 'clusterConfigs' in the catalogue: {str(data)[:120]!r}")
    stated: dict[tuple[object, ...], list[Price]] = {}
    for cluster in clusters:
        for model in (model for kind in KINDS for model in _list(cluster.get(kind))):
            if not isinstance(model, dict) or not isinstance(model.get("name"), str):
                yield Rejected("a model without a name", str(model)[:200])
                continue
            scope = str(model.get("cluster") or cluster.get("clusterName") or "") or None
            for item in _model(model, {"listing": model["name"], "deployment_scope": scope}):
                if isinstance(item, Price):
                    key = (item.listing, item.component, item.unit, item.context_from_tokens)
                    stated.setdefault(key, []).append(item)
                else:
                    yield item
    for prices in stated.values():
        same = len({(price.amount, price.context_to_tokens) for price in prices}) == 1
        yield from (replace(prices[0], deployment_scope=None),) if same else prices


def _model(model: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[Price | Rejected | Skipped]:
    """The prices of one model, field by field; none that looks like a price is passed over."""
    endpoints = [point.get("pricing") for point in _list(model.get("endpoints")) if isinstance(point, dict)]
    fields = [(name, value) for part in (model, *endpoints) if isinstance(part, dict) for name, value in part.items()]
    listing = facts["listing"]
    for field, value in fields:
        number = _number(value)
        if field == "resolutionPricing":
            yield Skipped("prices by resolution", f"{listing}: {str(value)[:300]}")
        elif field in SESSIONS:
            yield Skipped("realtime sessions, calls and streams", f"{listing} {field}: {value}")
        elif field not in TOKENS | TICKS:
            if _IS_PRICE.search(field) and number is not None:
                yield Rejected(f"{listing}: a price in an unknown unit, {field}", str(value))
        elif number is None or (number == 0 and not field.endswith("LongContext")):
            yield Rejected(f"{listing}: {field} is not a price that can be read", str(value))
        elif field in TICKS:
            component, unit = TICKS[field]
            yield _make(facts, component, number * _TICK, unit, str(value))
        elif number:
            yield _token_price(model, facts, field, number)


def _token_price(model: Mapping[str, Any], facts: Mapping[str, Any], field: str, number: Decimal) -> Price | Rejected:
    """A price of prompts up to the threshold, or from it on where the field is for long ones."""
    component, is_long = TOKENS[field]
    long = {name for other, (name, for_long) in TOKENS.items() if for_long and _number(model.get(other))}
    # Of images in prompts only the price for short ones is stated.
    has_tiers = component in long or (component == "input_image" and bool(long))
    threshold = _number(model.get("longContextThreshold"))
    if has_tiers and not threshold:
        return Rejected(f"{facts['listing']}: {field} without a threshold of long prompts", str(number))
    context = {"context_from_tokens" if is_long else "context_to_tokens": int(threshold or 0)} if has_tiers else {}
    return _make({**facts, **context}, component, number * _CENTS_PER_100_MILLION, "per_mtok", str(number))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: object) -> Decimal | None:
    """An integer as the catalogue writes it; None for all else, an absent field among it."""
    text = str(value)
    return Decimal(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else None
