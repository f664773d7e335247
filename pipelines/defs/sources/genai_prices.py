"""Prices of some 2,300 models at 47 providers as the package genai-prices states them, in USD per million tokens.

An aggregator: a cross-check of what sellers say, never the seller's word. The package is always installed, so this
source needs no network; its bytes are as old as the release of the package, and are dated so. `parse` also reads the
bodies the project publishes in its repository (data.json of v1 and v2, data_slim.json).

How the package applies prices, kept here: a request of more than a tier's `start` is billed whole at the tier; of a
list of dated and time-of-day blocks the last one that is active holds; of the variants of a request (batch, flex,
priority) the first one that is active holds; `{}` costs nothing. An empty price of a model marked as deprecated is not
read: there it also stands for a price no longer known. Which usage matches which model does not belong here.
"""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipelines.lib.assets import source_definitions
from pipelines.lib.source import (
    BadDocument,
    Document,
    Fetcher,
    FromGit,
    Parsed,
    Reject,
    Response,
    Row,
    Source,
    SourceKind,
)
from scrapers.items import Price

PACKAGE = "genai-prices"
REPOSITORY_FILE = "prices/data.json"
LOCK_FILE = Path(__file__).resolve().parents[3] / "uv.lock"
UNPRICED_FIELDS = frozenset({"extractors", "match", "model_match", "provider_match"})

# Price field -> component, unit, and the count of that unit a stated price is for.
COMPONENTS = {
    "input_mtok": ("input", "per_mtok", 1),
    "output_mtok": ("output", "per_mtok", 1),
    "cache_read_mtok": ("cache_read", "per_mtok", 1),
    "cache_write_mtok": ("cache_write", "per_mtok", 1),
    "cache_write_5m_mtok": ("cache_write_5m", "per_mtok", 1),
    "cache_write_1h_mtok": ("cache_write_1h", "per_mtok", 1),
    "input_audio_mtok": ("input_audio", "per_mtok", 1),
    "output_audio_mtok": ("output_audio", "per_mtok", 1),
    "cache_audio_read_mtok": ("cache_read_audio", "per_mtok", 1),
    "cache_image_read_mtok": ("cache_read_image", "per_mtok", 1),
    "input_image_mtok": ("input_image", "per_mtok", 1),
    "output_image_mtok": ("output_image", "per_mtok", 1),
    "input_video_mtok": ("input_video", "per_mtok", 1),
    "output_video_mtok": ("output_video", "per_mtok", 1),
    "output_reasoning_mtok": ("reasoning", "per_mtok", 1),
    "input_audio_hours": ("input_audio", "per_hour", 1),
    "output_audio_hours": ("output_audio", "per_hour", 1),
    "input_mchars": ("input", "per_mchar", 1),
    "input_document_kpages": ("input_document", "per_kpage", 1),
    "web_searches_kcount": ("web_search", "per_ksearch", 1),
    "requests_kcount": ("request", "per_request", 1000),
}
SERVICE_TIERS = (
    ({"processing": "batch"}, "batch"),
    ({"service_tier": "flex"}, "flex"),
    ({"service_tier": "priority"}, "priority"),
    ({"service_tier": "fast"}, "fast"),
    ({"speed": "fast"}, "fast"),
)
PLAIN_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?", re.ASCII)
EVER = datetime.min.replace(tzinfo=UTC)
UTC_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9]):00(\+00:00|Z)", re.ASCII)


class Unreadable(ValueError):
    """One price or condition that cannot be read; becomes a Reject."""


def fetch(_fetcher: Fetcher) -> Iterator[Response]:
    """The data of the installed package, dated by its release; nothing is downloaded."""
    installed = version(PACKAGE)
    yield Response(
        label="main",
        url=f"pkg:pypi/{PACKAGE}@{installed}",
        body=dump_installed(),
        headers={
            "content-type": "application/json",
            "x-origin": "imported",
            "x-origin-note": f"{PACKAGE} {installed} as installed",
        },
        fetched_at=released_at(installed),
    )


def dump_installed() -> bytes:
    """The providers of the installed package as JSON; the same version always gives the same bytes.

    Decimals are written as text, so that no digit is lost. Rules for matching names and reading usage are left out.
    """
    from genai_prices.data import providers  # takes half a second, and only a fetch needs it

    return json.dumps(_plain(providers), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def released_at(installed: str, lock_file: Path = LOCK_FILE) -> datetime | None:
    """When this version of the package was uploaded, as the project's lock file says; None when it does not."""
    if not lock_file.is_file():
        return None
    for package in tomllib.loads(lock_file.read_text(encoding="utf-8")).get("package", []):
        if package.get("name") == PACKAGE and package.get("version") == installed:
            files = [package.get("sdist", {}), *package.get("wheels", [])]
            times = [datetime.fromisoformat(file["upload-time"]) for file in files if "upload-time" in file]
            return min(times, default=None)
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if item is not None and key not in UNPRICED_FIELDS}
    if dataclasses.is_dataclass(value):
        return _plain({item.name: getattr(value, item.name) for item in dataclasses.fields(value)})
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | time):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int) else _plain(vars(value))


def parse(document: Document) -> Iterator[Parsed]:
    """Price rows of every model of every provider."""
    for provider in _providers(document):
        provider_id = provider.get("id") if isinstance(provider, dict) else None
        models = provider.get("models") if isinstance(provider, dict) else None
        if not isinstance(provider_id, str) or not isinstance(models, list):
            yield Reject("a provider without an id or without models", _raw(provider)[:500], "price")
            continue
        for model in models:
            if not isinstance(model, dict) or not isinstance(model.get("id"), str) or "prices" not in model:
                yield Reject(f"{provider_id}: a model without an id or without prices", _raw(model), "price")
                continue
            yield from _model_prices({"provider": provider_id, "listing": model["id"]}, model)


def _providers(document: Document) -> list[Any]:
    try:
        content = json.loads(document.body, parse_float=Decimal, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise BadDocument(f"{document.url} is not JSON ({error}): {document.body[:80]!r}") from error
    if not isinstance(content, list) or not content:
        raise BadDocument(f"{document.url} is no list of providers: {document.body[:80]!r}")
    return content


def _model_prices(offer: dict[str, Any], model: Mapping[str, Any]) -> Iterator[Parsed]:
    prices = model["prices"]
    if prices == {} and not model.get("deprecated"):
        for component in ("input", "output"):
            yield _row(offer, component, "per_mtok", Decimal(0), "{}")
    elif prices in ({}, []):
        yield Reject(f"{_name(offer)}: no price of a deprecated model; free or no longer known", _raw(prices), "price")
    else:
        yield from _block_prices(offer, prices if isinstance(prices, list) else [{"prices": prices}])
    yield from _variant_prices(offer, model.get("price_variants") or [])


def _variant_prices(offer: dict[str, Any], variants: Any) -> Iterator[Parsed]:
    """Prices of other service tiers; a variant that changes no price says nothing."""
    tiers: dict[str, list[Any]] = {}
    for variant in variants if isinstance(variants, list) else [variants]:
        when = variant.get("when") if isinstance(variant, dict) else None
        tier = next((tier for condition, tier in SERVICE_TIERS if when == condition), None)
        if tier:
            # Of variants the first active one holds, of blocks the last.
            tiers.setdefault(tier, []).insert(0, variant)
        elif not isinstance(variant, dict) or variant.get("prices") != {}:
            yield Reject(f"{_name(offer)}: no service tier for the variant {_raw(when)}", _raw(variant), "price")
    for tier, blocks in tiers.items():
        yield from _block_prices(offer | {"service_tier": tier}, blocks)


def _block_prices(offer: dict[str, Any], blocks: Sequence[Any]) -> Iterator[Parsed]:
    """Rows of blocks of which the last active one holds: a block ends where a later one begins."""
    ends: datetime | None = None
    rows: list[list[Parsed]] = []
    for block in reversed(blocks):
        try:
            condition = _condition(block)
            starts = condition.get("effective_from")
            if ends and (starts or EVER) >= ends:
                raise Unreadable("a price that never holds, as a later one does from then on")
        except Unreadable as error:
            rows.append([Reject(f"{_name(offer)}: {error}", _raw(block), "price")])
            continue
        rows.append(list(_component_prices(offer | condition | {"effective_to": ends}, block["prices"])))
        ends = (starts or ends) if condition else EVER
    for group in reversed(rows):
        yield from group


def _condition(block: Any) -> dict[str, Any]:
    """Columns of a block's constraint: a first day, or a daily window named by its own text."""
    if not isinstance(block, dict) or not isinstance(block.get("prices"), dict):
        raise Unreadable("a block without prices")
    constraint = block.get("constraint") or {}
    if not constraint:
        return {}
    keys = constraint.keys() if isinstance(constraint, dict) else None
    if keys == {"start_date"}:
        try:
            day = date.fromisoformat(constraint["start_date"])
        except (TypeError, ValueError) as error:
            raise Unreadable(f"start_date {constraint['start_date']!r}") from error
        return {"effective_from": datetime.combine(day, time(), UTC)}
    if keys == {"start_time", "end_time"}:
        found = [UTC_TIME.fullmatch(str(constraint[key])) for key in ("start_time", "end_time")]
        hours = "-".join(f"{match[1]}:{match[2]}" for match in found if match)
        if len(hours) == len("00:00-00:00"):
            return {"window_name": f"{hours} UTC", "window_hours": hours, "window_zone": "UTC"}
    raise Unreadable(f"unknown constraint {_raw(constraint)}")


def _component_prices(offer: dict[str, Any], prices: Mapping[str, Any]) -> Iterator[Parsed]:
    for field, value in prices.items():
        if value is None:
            continue
        if field not in COMPONENTS:
            yield Reject(f"{_name(offer)}: no component for the price field {field!r}", _raw({field: value}), "price")
            continue
        component, unit, count = COMPONENTS[field]
        text = value if isinstance(value, str) else _raw(value)
        try:
            for start, end, amount in _tiers(value):
                bounds = {"context_from_tokens": start, "context_to_tokens": end}
                yield _row(offer | bounds, component, unit, amount / count, text)
        except Unreadable as error:
            yield Reject(f"{_name(offer)}: {error} of {field}", _raw({field: value}), "price")


def _tiers(value: Any) -> list[tuple[int, int | None, Decimal]]:
    """(from, to, price) by length of the prompt; one price is one tier without end."""
    if not isinstance(value, dict):
        return [(0, None, _amount(value))]
    tiers = value.get("tiers")
    if value.keys() != {"base", "tiers"} or not isinstance(tiers, list):
        raise Unreadable("unreadable tiers")
    if any(not isinstance(tier, dict) or tier.keys() != {"start", "price"} for tier in tiers):
        raise Unreadable("unreadable tiers")
    starts = [0, *(tier["start"] for tier in tiers)]
    whole = all(isinstance(start, int) and not isinstance(start, bool) for start in starts)
    if not whole or any(start >= after for start, after in pairwise(starts)):
        raise Unreadable("tiers that do not ascend")
    amounts = [_amount(value["base"]), *(_amount(tier["price"]) for tier in tiers)]
    firsts = [0, *(start + 1 for start in starts[1:])]
    return list(zip(firsts, [*firsts[1:], None], amounts, strict=True))


def _amount(value: Any) -> Decimal:
    text = value if isinstance(value, str) else _raw(value)
    if not PLAIN_DECIMAL.fullmatch(text):
        raise Unreadable(f"unreadable price {text!r}")
    return Decimal(text)


def _row(offer: Mapping[str, Any], component: str, unit: str, amount: Decimal, text: str) -> Row:
    price = Price(
        component=component,
        amount=amount,
        unit=unit,
        currency="USD",
        amount_per_mtok=amount if unit == "per_mtok" else None,
        price_text=text,
        channel="aggregator",
        **offer,
    )
    return Row("price", price.values())


def _name(offer: Mapping[str, Any]) -> str:
    return f"{offer['provider']}/{offer['listing']}"


def _raw(value: Any) -> str:
    """JSON text with the digits of every number as they were."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_raw(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_raw(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


source = Source(
    name="genai_prices",
    title="genai-prices, an open list of model prices",
    homepage="https://github.com/pydantic/genai-prices",
    licence="MIT",
    kind=SourceKind.AGGREGATOR,
    tables=("price",),
    fetch=fetch,
    parse=parse,
    host="local",
    stale_after=timedelta(days=45),
    anchor={"*": "anthropic"},
    min_bytes=10_000,
    max_bytes=20_000_000,
    from_git=FromGit((REPOSITORY_FILE,), lambda files: files.get(REPOSITORY_FILE)),
)

defs = source_definitions(source)
