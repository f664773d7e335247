"""What amounts a real price body holds, counted by rules of its own that know no vendor's layout.

Of a page: numbers beside a currency's sign in its visible text or in the properties of its scripts' elements, numbers
alone in the cells of a table that names a currency only in its headers, and numbers in fields of JSON that are called
a price. Of an aggregator's JSON: the numbers in each listing's fields of prices, by listing. Only values are compared:
the same number standing for two things on a page is one amount. How bodies are read does not belong here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from lxml import html

from pipelines.lib.source import Reject

UNPRICED = {  # key -> what it is, in the subtree of a listing's prices
    "constraint": "when a block holds",
    "when": "which requests a variant is for",
    "start": "where a tier begins",
    "tier": "where a tier begins",
    "range": "where a tier begins and ends",
    "max_results_range": "sizes of an answer",
    "min_prompt_tokens": "where a tier begins",
    "utc_start": "hours",
    "utc_end": "hours",
    "discount": "a share",
}

NUMBER = r"\d[\d,]*(?:\.\d+)?|\.\d+"
GAP = "\x1f"  # stands where one piece of text ends and the next begins, so that a footnote's mark joins no number
SIGNED = re.compile(rf"[$¥￥€][\"'}}\s{GAP}]*({NUMBER})|({NUMBER})[\s{GAP}]*(?:元|美元|USD|CNY|RMB)", re.IGNORECASE)
CURRENCY = re.compile(r"[$¥￥€元]|USD|CNY|RMB", re.IGNORECASE)
BARE = re.compile(rf"[\s\u200b\ufeff]*({NUMBER})[\s\u200b\ufeff]*")
ISLAND = re.compile(rf"(?<!:)\[0,({NUMBER})\]")  # a number in a list of an Astro island's properties
PRICED_KEY = re.compile(r"price|cost", re.IGNORECASE)
HIDDEN = "//script | //style | //noscript | //template | //head"
Found = set[Decimal]
Named = tuple[str, str, Decimal]  # listing, key, number


def numbers_of(amount: Decimal | None, price_text: str) -> Iterator[Decimal]:
    """The amount of a row, and the number that its text is, where it is one."""
    if amount is not None:
        yield amount.normalize()
    try:
        yield Decimal(price_text).normalize()
    except ArithmeticError:
        return


def numbers_in(text: str) -> Found:
    """All numbers of a text."""
    return {number_of(number) for number in re.findall(NUMBER, text)}


def page_amounts(text: str) -> Found:
    """Distinct amounts of a page: numbers beside a currency's sign, and those a table holds alone in its cells."""
    try:
        content = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return _text_amounts(text)
    leaves = list(_leaves(content))
    pages = "\n".join(value for _, value in leaves if "<table" in value)
    priced = {number_of(value) for keys, value in leaves if PRICED_KEY.search(keys[-1]) and BARE.fullmatch(value)}
    return priced | (_text_amounts(pages) if pages else set())


def _text_amounts(text: str) -> Found:
    if not re.search(r"<(?:table|td|html)\b", text):
        return _signed(text)
    tree = html.fromstring(text)
    props = "\n".join(island.get("props", "") for island in tree.iter("astro-island"))
    for element in tree.xpath(HIDDEN):
        if element.getparent() is not None:
            element.drop_tree()
    found = _signed(GAP.join(tree.itertext())) | _signed(props) | {number_of(text) for text in ISLAND.findall(props)}
    for table in tree.iter("table"):
        shown = GAP.join(table.itertext())
        if CURRENCY.search(shown) and not SIGNED.search(shown):
            cells = (BARE.fullmatch(cell.text_content()) for cell in table.iter("td"))
            found |= {number_of(match[1]) for match in cells if match}
    return found


def _signed(text: str) -> Found:
    return {number_of(before or after) for before, after in SIGNED.findall(text)}


def number_of(text: str) -> Decimal:
    return Decimal(text.strip().strip("\u200b\ufeff").replace(",", "")).normalize()


def listed_amounts(source: str, body: bytes) -> Iterator[Named]:
    """Every number that a JSON body states in a field of prices, with its listing and the field."""
    content = json.loads(body, parse_float=str, parse_int=str)
    for listing, prices in _LISTED[source](content):
        for keys, value in _leaves(prices):
            if not UNPRICED.keys() & set(keys) and re.fullmatch(r"-?[\d.]+(?:[eE][-+]?\d+)?", value):
                yield listing, keys[-1], Decimal(value).normalize()


def is_rejected(item: Named, rejects: Iterable[Reject]) -> bool:
    """Whether a reject speaks of this number: of its listing and value, or of its field in many listings."""
    listing, key, number = item
    return any(
        (_is_named(listing, reject) and number in _told(reject.text))
        or (number == 0 and listing in _members(reject.text))
        or (" listings, first " in reject.reason and key in _words(reject.reason + reject.text))
        for reject in rejects
    )


def _is_named(listing: str, reject: Reject) -> bool:
    return f"{listing}: " in reject.reason


@cache
def _told(text: str) -> frozenset[Decimal]:
    found = re.findall(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", text)
    return frozenset(Decimal(number).normalize() for number in found) | {-Decimal(n).normalize() for n in found}


@cache
def _members(text: str) -> frozenset[str]:
    return frozenset(text.split(", "))


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w.]+", text))


def _leaves(content: Any, keys: tuple[str, ...] = ("",)) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text in decoded JSON, with the keys above it."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _leaves(value, (*keys, key))
    elif isinstance(content, list):
        for value in content:
            yield from _leaves(value, keys)
    elif isinstance(content, str):
        yield keys, content


def _of_models_dev(content: Any) -> Iterator[tuple[str, Any]]:
    for provider in content.values():
        for listing, model in (provider.get("models") or {}).items():
            experimental = model.get("experimental")
            modes = experimental.get("modes") or {} if isinstance(experimental, dict) else {}
            yield listing, [model.get("cost"), *(mode.get("cost") for mode in modes.values())]


def _of_litellm(content: Any) -> Iterator[tuple[str, Any]]:
    for listing, model in content.items():
        if listing != "sample_spec":
            yield listing, {key: value for key, value in model.items() if re.search(r"cost|pricing", key)}


def _of_genai_prices(content: Any) -> Iterator[tuple[str, Any]]:
    for provider in content:
        for model in provider["models"]:
            yield model["id"], [model["prices"], model.get("price_variants")]


def _of_llm_prices(content: Any) -> Iterator[tuple[str, Any]]:
    vendors = content.get("files", {"": content}).values()
    entries = content.get("prices") or [
        {"id": model["id"], **price} for file in vendors for model in file["models"] for price in model["price_history"]
    ]
    for entry in entries:
        yield entry["id"], {key: entry.get(key) for key in ("input", "output", "input_cached")}


def _of_openrouter(content: Any) -> Iterator[tuple[str, Any]]:
    for model in content["data"]:
        yield model["id"], model["pricing"]


_LISTED = {
    "genai_prices": _of_genai_prices,
    "litellm": _of_litellm,
    "llm_prices": _of_llm_prices,
    "models_dev": _of_models_dev,
    "openrouter_models": _of_openrouter,
}
