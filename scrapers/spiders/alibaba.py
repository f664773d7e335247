"""Alibaba Cloud's model prices: its mainland book in yuan, its international one in US dollars, and Hologres.

The mainland page comes as JSON that holds HTML, the international one as Markdown with HTML tables in tabs. Each quotes
every region: the one at home is the book's market, the others go by the page's own names, and a yuan price for
Singapore stays yuan. Hologres sells the same models inside a database at its own prices per thousand tokens.

Where each mode has an output price of its own, there is an offer for each, and the input price holds for both; equal
prices are one offer. Halved batch prices and cache discounts stand in prose, so they make no row. Skipped with the
reason: prices that depend on a condition no column holds (resolution, sound, multimodal prompts), ladders of volumes,
prices per voice, free trials, sides that are not charged. The words of the international page's tables for images,
video and speech were not at hand when this was written: those tables are rejected with their headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.dates import UnreadableDate, Window, find_window
from scrapers.parsing.embedded import read_json
from scrapers.parsing.mdx import mdx_to_html
from scrapers.parsing.money import ABSENT
from scrapers.parsing.offers import cell_prices
from scrapers.parsing.outline import Heading, headed_tables
from scrapers.parsing.phrases import Discount, read_discount, split_labels
from scrapers.parsing.tables import Cell, grid
from scrapers.parsing.tiers import read_tier
from scrapers.parsing.units import to_per_mtok
from scrapers.pricing_spider import Page, PricePage, PricePageSpider
from scrapers.spiders import alibaba_words as words

_HTML = re.compile(r"\s*<(?:!doctype|html|head|body|div|main)\b", re.IGNORECASE)
_JSON = re.compile(rb'\s*\{\s*"')
_SIGN = re.compile(r"[$¥元]")
_HOURS = re.compile(r"\b(Busy|Idle|Night|Daytime) hours: (\d[^.;<]{1,100})")


@dataclass(frozen=True)
class _Table:
    """What holds for a whole table: currency, what its section counts in seconds, the hours that the page states."""

    currency: str
    seconds_of: str | None
    windows: Mapping[str, Window]
    facts: Mapping[str, Any]

    def window(self, name: str | None) -> dict[str, Any]:
        """The columns of a time window."""
        if name is None:
            return {}
        hours = self.windows.get(name, Window("", None, None))
        stated = {"window_days": hours.days, "window_hours": hours.hours or None, "window_zone": hours.zone}
        return {"window_name": name, **stated}


@dataclass(frozen=True)
class _Row:
    """What a row says of its prices, and why they are none of this price book."""

    facts: dict[str, Any]
    charged: words.Charged
    reason: str | None


class AlibabaSpider(PricePageSpider):
    """Three pages of tables; `extract` reads them alike."""

    name = "alibaba"
    pages: ClassVar = {
        "alibaba_cn": PricePage(
            url="https://help.aliyun.com/help/json/document_detail.json"
            "?alias=%2Fmodel-studio%2Fmodel-pricing&pageNum=1&pageSize=20&website=cn&language=zh",
            fallback_url="https://help.aliyun.com/zh/model-studio/model-pricing",
            currency="CNY",
            anchor="qwen-plus",
            market="cn",
        ),
        "alibaba_intl": PricePage(
            url="https://www.alibabacloud.com/help/en/model-studio/model-pricing.md",
            fallback_url="https://www.alibabacloud.com/help/en/model-studio/model-pricing",
            currency="USD",
            anchor="Qwen",
            market="intl",
        ),
        "alibaba_hologres": PricePage(
            url="https://help.aliyun.com/zh/hologres/user-guide/managed-models-billing",
            currency="CNY",
            anchor="Qwen",
            market="cn",
        ),
    }

    @classmethod
    def text_of(cls, body: bytes, headers: Mapping[str, str]) -> str:
        """The HTML that the JSON holds; Markdown with its tabs, headings and tables as HTML."""
        if _JSON.match(body):
            answer = read_json(body.decode("utf-8", "replace"))
            data = answer.get("data")
            if not isinstance(data, dict) or not isinstance(data.get("content"), str):
                raise UnreadablePage(f"an answer without a document: {str(answer)[:120]!r}")
            return str(data["content"])
        text = super().text_of(body, headers)
        return text if _HTML.match(text) else mdx_to_html(text)

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected | Skipped]:
        """Every table of models and prices; another that names an amount of money is rejected with its headers."""
        windows: dict[str, Window] = {}
        try:
            windows = _windows(page.text)
        except UnreadableDate as error:
            yield Rejected(f"the hours of a time window: {error}", str(error))
        for headings, node in headed_tables(page.selector):
            rows = grid(node)
            depth = 2 if len(rows) > 1 and rows[1][:1] and rows[1][0] is rows[0][0] else 1
            headers = [tuple(dict.fromkeys(cell.text for cell in column)) for column in zip(*rows[:depth], strict=True)]
            try:
                columns = words.read_columns(headers)
                table = _table(page, headings, windows, "region" in {column.kind for column in columns})
            except ValueError as error:
                if any(_SIGN.search(cell.text) for row in rows for cell in row):
                    yield Rejected(str(error), " | ".join(" ".join(texts) for texts in headers))
                continue
            for row in rows[depth:]:
                yield from _prices(table, columns, row)


def _table(page: Page, headings: Sequence[Heading], windows: Mapping[str, Window], has_regions: bool) -> _Table:
    """What the page and the headings say of every price in a table."""
    section = next((heading.text for heading in headings if heading.level == 2), "")
    is_resold = has_regions or any(word in section for word in words.THIRD_PARTY)  # Hologres has a column of regions
    return _Table(
        page.spec.currency,
        next((medium for start, medium in words.SECONDS_OF.items() if section.startswith(start)), None),
        windows,
        {
            "provider": "alibaba",
            "market": page.spec.market if has_regions else words.read_market(headings, page.spec.market),
            "channel": "cloud" if is_resold else "first_party",
        },
    )


def _prices(
    table: _Table, columns: Sequence[words.Column], cells: Sequence[Cell]
) -> Iterator[Price | Rejected | Skipped]:
    """The prices of a row, once for each mode that has an output price of its own."""
    kinds = ("price", "multimodal", "voice")
    priced = [
        (column, cell)
        for column, cell in zip(columns, cells, strict=True)
        if column.kind in kinds and (cell.text not in ABSENT or cell.struck)
    ]
    if not priced:
        return
    try:
        row = _row(table, columns, cells)
    except ValueError as error:
        yield Rejected(str(error), " | ".join(cell.text for cell in cells))
        return
    stated: dict[str | None, list[Price]] = {None: [], "non_thinking": [], "thinking": []}
    for column, cell in priced:
        shown = f"{row.facts['listing']} {column.header}"
        if reason := _no_price(row, column, cell.text):
            yield Skipped(reason, f"{shown}: {cell.text}")
            continue
        try:
            stated[column.mode].extend(_cell(table, row, column, cell))
        except ValueError as error:
            yield Rejected(f"{shown}: {error}", cell.text)
    both, *modes = stated.values()
    if [_value(price) for price in modes[0]] == [_value(price) for price in modes[1]]:
        yield from (*both, *modes[0])
        return
    for mode in ("non_thinking", "thinking"):
        yield from (replace(price, mode=mode) for price in (*both, *stated[mode]) if stated[mode])


def _value(price: Price) -> tuple[Any, ...]:
    return price.component, price.price_kind, price.window_name, price.amount, price.unit, price.availability


def _row(table: _Table, columns: Sequence[words.Column], cells: Sequence[Cell]) -> _Row:
    """Model, market, scope, mode and tier of a row, and what in it keeps its prices out."""
    texts: dict[str, str] = {}
    for column, cell in zip(columns, cells, strict=True):
        texts[column.kind] = texts.get(column.kind, "") or ("" if cell.text in ABSENT else cell.text)
    facts = {**table.facts, **words.read_model(texts["model"]), "deployment_scope": texts.get("scope") or None}
    if region := texts.get("region"):
        facts["market"] = words.REGION_LISTS.get(region, region)
    if mode := texts.get("mode"):
        facts["mode"] = words.known(words.MODES, mode, "mode")
    if (tier := texts.get("tier", "")) not in words.UNTIERED:
        facts |= read_tier(tier.replace("~", "<Token<=")).columns()
    charged = words.known(words.CHARGED, texts["charged"], "kind of charge") if texts.get("charged") else (None, None)
    reason = None
    if facts["listing"] == words.OTHER_MODELS:
        reason = "a price for models that another page lists"
    elif "ladder" in texts:
        reason = "a price from a ladder of volumes"
    elif texts.get("condition"):
        reason = "a price that depends on the output's size, sound or kind"
    return _Row(facts, charged, reason)


def _no_price(row: _Row, column: words.Column, text: str) -> str | None:
    """Why a cell that is no mark of absence makes no row."""
    if row.reason:
        return row.reason
    if column.kind == "voice":
        return "a price per voice"
    if column.kind == "multimodal":
        return "a price of text that answers a multimodal prompt"
    if words.CONDITION.search(text):
        return "a price that depends on the output's size or on a rewritten prompt"
    if text.startswith(words.TRIAL):
        return "a free trial without a price"
    if column.unit is None and text.startswith((words.UNCHARGED, words.LIMITED_FREE, words.RETIRED)):
        return "free or withdrawn, in no unit"
    if not (column.sides or row.charged[0] or ":" in text or "/次" in text):
        return "a price of which it is not said whether input or output is charged"
    return None


def _cell(table: _Table, row: _Row, column: words.Column, cell: Cell) -> Iterator[Price]:
    """The prices of a cell: one, a list price with its promotions, or one for each label (`文本输入:0.7元`)."""
    facts = {**row.facts, "component": "", "currency": table.currency}
    if cell.text.startswith(words.RETIRED) and column.unit:
        facts |= {"amount": None, "amount_per_mtok": None, "unit": column.unit, "availability": "retired"}
        yield from _components(table, column, row.charged, Price(price_text=cell.text, **facts))
        return
    list_text, discounts = read_discount(cell.text) or ("", ())
    for label, text in [("", list_text)] if discounts else split_labels(cell.text):
        window = words.WINDOWS.get(label)
        charged = words.known(words.CHARGED, label, "label") if label and not window else row.charged
        shown = replace(cell, text=text)
        for price in cell_prices(shown, unit=column.unit, bare=column.is_bare, **facts, **table.window(window)):
            stated = [replace(price, price_text=cell.text)] if discounts else [price]
            for offered in (*stated, *(_promotion(table, stated[0], discount) for discount in discounts)):
                yield from _components(table, column, charged, offered)


def _promotion(table: _Table, price: Price, discount: Discount) -> Price:
    """What a discount leaves of a list price."""
    amount = (price.amount or Decimal(0)) * discount.share
    window = words.known(words.WINDOWS, discount.window, "time of day") if discount.window else None
    per_mtok = to_per_mtok(amount, price.unit)
    return replace(price, amount=amount, amount_per_mtok=per_mtok, price_kind="promotion", **table.window(window))


def _components(table: _Table, column: words.Column, charged: words.Charged, price: Price) -> Iterator[Price]:
    """One row for each side and medium that the price is for."""
    sides, media = charged[0] or column.sides, charged[1] or column.media
    if price.unit == "per_request":
        yield replace(price, component="request")
        return
    if media == ("",) and price.unit == "per_image":
        media = ("image",)
    elif media == ("",) and price.unit == "per_second":
        if table.seconds_of is None:
            raise ValueError(f"seconds of an unknown medium: {price.price_text!r}")
        media = (table.seconds_of,)
    if not sides:
        raise ValueError(f"neither input nor output is named for {price.price_text!r}")
    for side in sides:
        for medium in media:
            yield replace(price, component=f"{side}_{medium}" if medium else side)


def _windows(text: str) -> dict[str, Window]:
    """Hours by the name of their window, where the page states some and no others."""
    found: dict[str, set[Window]] = {}
    for match in _HOURS.finditer(text):
        if window := find_window(match[2]):
            found.setdefault(words.HOURS[match[1]], set()).add(window)
    return {name: hours.pop() for name, hours in found.items() if len(hours) == 1}
