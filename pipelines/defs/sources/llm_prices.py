"""Prices of some 160 models at eleven vendors as llm-prices.com states them, in USD per million tokens.

An aggregator kept by hand: small, readable, with the days a price held from and to; some rows go stale. Fetched is the
list with all of history, which holds the current prices too. `parse` also reads the list of current prices, the
vendors' files of its repository (alone, or several under `files`), and the table of before October 2025, which names no
vendor: there the vendor follows from the first word of the id, as in all later files.

The source's own terms: a price holds until, but not on, its `to_date`; days are taken as UTC. A price for long prompts
is a listing of its own (`gemini-2.5-pro-200k`, by name `Gemini 2.5 Pro >200k`); it stays one, and the bounds that the
name states become the context tier. A null price is one the source does not know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
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
from scrapers.parsing.numbers import UnreadableNumber, read_amount, read_json, written
from scrapers.parsing.tiers import ContextTier, read_tier

URL = "https://www.llm-prices.com/historical-v1.json"
COMPONENTS = {"input": "input", "output": "output", "input_cached": "cache_read"}
KNOWN = frozenset({"id", "vendor", "name", "from_date", "to_date", *COMPONENTS})
# First word of an id -> vendor, as every later file has it.
VENDORS = {
    "amazon": "amazon",
    "chatgpt": "openai",
    "claude": "anthropic",
    "codestral": "mistral",
    "deepseek": "deepseek",
    "gemini": "google",
    "gpt": "openai",
    "grok": "xai",
    "magistral": "mistral",
    "ministral": "mistral",
    "mistral": "mistral",
    "o1": "openai",
    "o3": "openai",
    "o4": "openai",
    "open": "mistral",
    "pixtral": "mistral",
}
BOUND = re.compile(r"[<>≤≥]=?\s?\d[\d,.]*\s?[km]?\b", re.IGNORECASE)


class Unreadable(ValueError):
    """An entry that cannot be read; becomes a Reject."""


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """The list with all of history."""
    yield fetcher.http.get(URL, headers={"accept": "application/json"})


def parse(document: Document) -> Iterator[Parsed]:
    """Price rows of every entry."""
    for entry in _entries(document):
        try:
            offer = _offer(entry)
        except ValueError as error:
            yield Reject(str(error), written(entry)[:500], "price")
            continue
        name = f"{offer['provider']}/{offer['listing']}"
        for key in (key for key in entry if key not in KNOWN):
            yield Reject(f"{name}: unknown key {key!r}", written({key: entry[key]}), "price")
        for key, component in COMPONENTS.items():
            if entry.get(key) is None:
                continue
            try:
                amount = read_amount(entry[key])
            except UnreadableNumber as error:
                yield Reject(f"{name}: {error} of {key}", written({key: entry[key]}), "price")
                continue
            price = Price(
                component=component,
                amount=amount,
                unit="per_mtok",
                currency="USD",
                amount_per_mtok=amount,
                price_text=amount.text,
                channel="aggregator",
                **offer,
            )
            yield Row("price", vars(price))


def _entries(document: Document) -> list[dict[str, Any]]:
    """The entries of any of the forms, each with the fields of the list with all of history."""
    try:
        content = read_json(document.body)
    except ValueError as error:
        raise BadDocument(f"{document.url} is not JSON ({error}): {document.body[:80]!r}") from error
    entries: list[Any] = []
    if isinstance(content, dict) and isinstance(content.get("prices"), list):
        entries = content["prices"]
    elif isinstance(content, dict) and isinstance(content.get("files"), dict):
        entries = [entry for file in content["files"].values() for entry in _of_vendor(file)]
    elif isinstance(content, dict) and "models" in content:
        entries = list(_of_vendor(content))
    if not entries:
        raise BadDocument(f"{document.url} holds no list of prices: {document.body[:80]!r}")
    return [entry if isinstance(entry, dict) else {"entry": entry} for entry in entries]


def _of_vendor(file: Any) -> Iterator[dict[str, Any]]:
    models = file.get("models") if isinstance(file, dict) else None
    for model in models if isinstance(models, list) else [file]:
        history = model.get("price_history") if isinstance(model, dict) else None
        if not isinstance(history, list) or not all(isinstance(price, dict) for price in history):
            yield {"model": model}
            continue
        named = {key: value for key, value in model.items() if key != "price_history"}
        yield from ({**named, "vendor": file.get("vendor"), **price} for price in history)


def _offer(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry is a price of: seller, listing, length of prompt and days."""
    listing = entry.get("id")
    if not isinstance(listing, str) or not listing:
        raise Unreadable("an entry without an id")
    vendor = entry.get("vendor", VENDORS.get(re.split(r"[-.]", listing)[0]))
    if not isinstance(vendor, str) or not vendor:
        raise Unreadable(f"{listing}: an entry without a vendor")
    return {
        "provider": vendor,
        "listing": listing,
        "effective_from": _day(entry, "from_date"),
        "effective_to": _day(entry, "to_date"),
        **_tier(str(entry.get("name"))).columns(),
    }


def _tier(name: str) -> ContextTier:
    """The length of prompt a name states; all lengths where it states none, or more than one."""
    bounds = BOUND.findall(name)
    return read_tier(bounds[0]) if len(bounds) == 1 else ContextTier()


def _day(entry: Mapping[str, Any], key: str) -> datetime | None:
    value = entry.get(key)
    if value is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(value), time(), UTC)
    except (TypeError, ValueError) as error:
        raise Unreadable(f"{entry.get('id')}: unreadable {key} {value!r}") from error


def body_of(files: Mapping[str, bytes]) -> bytes | None:
    """The files of all vendors, under `files`; one that is no JSON stands there as text, and is rejected."""
    vendors: dict[str, Any] = {}
    for path, content in sorted(files.items()):
        try:
            vendors[path.removeprefix("data/")] = json.loads(content)
        except (ValueError, RecursionError):
            vendors[path.removeprefix("data/")] = content.decode(errors="replace")
    return json.dumps({"files": vendors}, indent=1).encode() if vendors else None


source = Source(
    name="llm_prices",
    title="llm-prices.com, a list of model prices kept by hand",
    homepage="https://www.llm-prices.com",
    licence="None stated; for local use",
    kind=SourceKind.AGGREGATOR,
    tables=("price",),
    fetch=fetch,
    parse=parse,
    host="llm_prices",
    stale_after=timedelta(days=30),
    anchor={"*": '"input"'},
    min_bytes=100,
    max_bytes=20_000_000,
    from_git=FromGit((":(glob)data/*.json",), body_of),
)

defs = source_definitions(source)
