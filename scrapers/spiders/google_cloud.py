"""Google Cloud's prices of Gemini: the HTML page of its Agent Platform (once Vertex AI), in US dollars.

Read are the tables of Gemini's models by type of token: a row for each type, a column for each context tier of prompts
and of cached prompts, the service tier in the headers. `Flex/Batch` is one price for two service tiers. Some cells hold
a price for global and one for other endpoints, which is the deployment scope; a footnote says from which day (UTC) the
latter holds. `Input (text, image, video)` is the component without a modality: what has no price of its own is charged
like text. The channel is `cloud`.

Not read, since their tables differ from each other in form: older models, media, embeddings, tuning, cache storage,
grounding; and what is sold by throughput or resold of partners.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import ClassVar

from parsel import Selector

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.dates import find_day
from scrapers.parsing.money import CURRENCY_SIGNS, read_money
from scrapers.parsing.tables import grid
from scrapers.parsing.text import clean
from scrapers.parsing.tiers import read_tier
from scrapers.parsing.units import to_per_mtok
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

TYPES = {
    "input": ("input",),
    "audio input": ("input_audio",),
    "input (audio)": ("input_audio",),
    "text output": ("output",),
    "image output": ("output_image",),
    "1m input text tokens": ("input",),
    "1m input audio tokens": ("input_audio",),
    "1m input video/image tokens": ("input_video", "input_image"),
    "1m output text tokens": ("output",),
    "1m output audio tokens": ("output_audio",),
}
SERVICE_TIERS = {None: ("standard",), "Priority": ("priority",), "Flex/Batch": ("flex", "batch")}

_USD = CURRENCY_SIGNS["USD"]
_UNCLOSED = re.compile(r"(</(?:tr|tbody|thead)>\s*)(<table\b)")
_COLUMN = re.compile(
    r"Price \(/1M tokens\) (?P<tier>(?:=<|<=|>) ?\d+K) (?P<cached>cached )?input tokens(?: with (?P<service>[\w/]+))?"
)
_TEXT_TYPE = re.compile(r" \((?:text|response)[^()]*\)|\*")
_NON_GLOBAL = re.compile(r"non-global endpoints, pricing will go into effect [^.]{0,200}? on (\w+ \d{1,2}, \d{4})")
_AMOUNT = re.compile(r"(\$[\d,.]+)(?: \((Global|Non-global)\)\*?)?")


class GoogleCloudSpider(PricePageSpider):
    """One page for all models."""

    name = "google_cloud"
    pages: ClassVar = {
        "google_cloud": PricePage(
            url="https://cloud.google.com/gemini-enterprise-agent-platform/generative-ai/pricing?hl=en",
            currency="USD",
            anchor="Gemini 3",
        )
    }

    @classmethod
    def text_of(cls, body: bytes, headers: Mapping[str, str]) -> str:
        """The page with each table closed where the next begins between its rows, as browsers do."""
        return _UNCLOSED.sub(r"\1</table>\2", super().text_of(body, headers))

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected | Skipped]:
        """Each priced row of each table; the page is unreadable without a table of Gemini by the token."""
        tables = [[[cell.text for cell in line] for line in grid(table)] for table in _tables(page.selector)]
        if not any(table and _is_by_token(table[0]) for table in tables):
            found = [" | ".join(table[0]) for table in tables if table]
            raise UnreadablePage(f"no table of prices by type of token; headers found: {str(found)[:300]}")
        footnote = _NON_GLOBAL.search(clean(page.text))
        day = find_day(footnote[1]) if footnote else None
        starts = {"Non-global": datetime.combine(day, time(), UTC)} if day else {}
        for headers, *rows in filter(None, tables):
            columns = [_COLUMN.fullmatch(header) for header in headers[2:]]
            for row in rows:
                if not any(map(_USD.search, row)):
                    continue
                if not _is_by_token(headers):
                    yield Skipped("a table that is not of Gemini by type of token", " | ".join(row))
                    continue
                try:
                    yield from [
                        replace(price, effective_from=starts.get(price.deployment_scope or ""))
                        for price in _row(row, headers, columns)
                    ]
                except ValueError as error:
                    yield Rejected(f"{row[0]}: {error}", " | ".join(row))


def _tables(root: Selector) -> list[Selector]:
    return list(root.xpath("//table[not(ancestor::table)]"))


def _is_by_token(headers: list[str]) -> bool:
    return headers[:2] == ["Model", "Type"] and any(map(_COLUMN.fullmatch, headers[2:]))


def _row(row: list[str], headers: list[str], columns: list[re.Match[str] | None]) -> Iterator[Price]:
    """The prices of one model and type of token."""
    components = TYPES.get(_TEXT_TYPE.sub("", row[1]).strip().lower())
    if components is None:
        raise ValueError(f"unknown type {row[1]!r}")
    for header, column, cell in zip(headers[2:], columns, row[2:], strict=True):
        if column is None:
            raise ValueError(f"unknown column {header!r}")
        if column["service"] not in SERVICE_TIERS:
            raise ValueError(f"unknown service tier {header!r}")
        for component in components:
            yield from _prices(row[0], component, column, cell)


def _prices(listing: str, component: str, column: re.Match[str], cell: str) -> Iterator[Price]:
    """One cell: a price, one for each scope, or a mark that there is none."""
    if not _USD.search(cell) and read_money("-" if cell == "NA" else cell).amount is None:
        return
    if rest := _AMOUNT.sub("", cell).strip():
        raise ValueError(f"unknown text {rest!r} beside a price")
    tier = read_tier(column["tier"].replace("=<", "<="))
    for match in _AMOUNT.finditer(cell):
        amount = read_money(match[1]).amount
        for service_tier in SERVICE_TIERS[column["service"]]:
            yield Price(
                provider="google",
                listing=listing,
                component=component.replace("input", "cache_read", 1) if column["cached"] else component,
                amount=amount,
                unit="per_mtok",
                currency="USD",
                amount_per_mtok=to_per_mtok(amount, "per_mtok"),
                price_text=match[0],
                channel="cloud",
                deployment_scope=match[2],
                service_tier=service_tier,
                availability="preview" if "Preview" in listing.split() else None,
                context_from_tokens=tier.from_tokens,
                context_to_tokens=tier.to_tokens,
            )
