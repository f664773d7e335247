"""Amazon Bedrock's price list: one line of CSV per SKU, behind five lines that say what the file is.

Two offers for one region: AmazonBedrock (Amazon's own and open models, per thousand tokens) and
AmazonBedrockFoundationModels (models billed through the Marketplace, per million). The unit is the one a line states;
where it is only `Units`, the line's description has to say how many tokens. What a line charges for, its service tier
and its routing stand in three columns, `usageType` first (`USE1-NovaPro-input-tokens-batch`); the same rate is listed
under more than one usage type, and lines that disagree are rejected. Prices of global routing have `global` as their
deployment scope; those without such a word are the region's own. Latency-optimised inference is the tier `fast`.

`EffectiveDate` is not read: it is the start of the current month, not of the price. Skipped are reserved and
provisioned capacity, customisation, guardrails, and media billed by pieces, seconds or sizes. Long-context prices are
rejected, as the file does not say from which length on they hold. The columns are those of AWS's documented format and
of programs that read these offers; no body of them was at hand when this was written.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.units import PER_MTOK, UnknownUnit, read_unit, to_per_mtok
from scrapers.pricing_spider import Page, PricePage, PricePageSpider

BASE = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws"
NEEDED = ("sku", "termtype", "pricedescription", "unit", "priceperunit", "currency", "usagetype", "regioncode")

# Words of a meter, by what they tell. Every word behind a model's name has to be one of these.
DIRECTIONS = {"input": "input", "output": "output", "response": "output"}
CACHES = {"read": "read", "cacheread": "read", "cached": "read", "write": "write", "cachewrite": "write"}
MEDIA = {"text": "", "speech": "audio", "audio": "audio", "image": "image", "video": "video"}
LIFETIMES = {"5m": "5m", "1h": "1h", "30m": "30m"}
SERVICE_TIERS = {"batch": "batch", "flex": "flex", "priority": "priority", "latency": "fast"}
SCOPES = {"global": "global", "geo": "geo"}
LONG = {"long": "long", "lctx": "long"}
FILLERS = frozenset({"token", "tokens", "count", "standard", "optimized", "cache", "ctx", "context", "cross", "region"})
GROUPS = (DIRECTIONS, CACHES, MEDIA, LIFETIMES, SERVICE_TIERS, SCOPES, LONG)
WORDS = FILLERS.union(*GROUPS)

COMPONENTS = frozenset(
    {
        *("input", "output", "cache_read", "cache_write", "cache_write_5m", "cache_write_1h"),
        *("input_audio", "output_audio", "cache_read_audio", "input_image", "output_image", "cache_read_image"),
        "input_video",
    }
)

_NOT_FOR_THE_BOOK = re.compile(
    r"reserved|provisioned|tpm(?![a-z])|custom|training|rft|guardrail|grounding|storage|evaluation|model.?units",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"[A-Z]{2,4}\d?-(MP:(?:[A-Z]{2,4}\d?_)?)?")
_EDITION = re.compile(r"\s*\(Amazon Bedrock Edition\)$")
_PER_MANY = re.compile(r"(?:\b|\|)(million|1M|thousand|1K)\b[^|]{0,60}\btokens?\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Meter:
    """What a line charges for."""

    component: str
    service_tier: str
    scope: str | None


class AwsSpider(PricePageSpider):
    """Two offers, one region."""

    name = "aws"
    also_called = ("bedrock",)
    pages: ClassVar = {
        "aws_bedrock": PricePage(
            url=f"{BASE}/AmazonBedrock/current/us-east-1/index.csv",
            currency="USD",
            anchor="Nova Pro",
            market="us-east-1",
            form="data",
        ),
        "aws_marketplace": PricePage(
            url=f"{BASE}/AmazonBedrockFoundationModels/current/us-east-1/index.csv",
            currency="USD",
            anchor="Claude Sonnet",
            market="us-east-1",
            form="data",
        ),
    }

    @classmethod
    def extract(cls, page: Page) -> Iterator[Price | Rejected | Skipped]:
        """The prices per token that are paid on demand."""
        for line in _lines(page.text):
            if isinstance(line, Rejected):
                yield line
                continue
            text = " | ".join(line[name] for name in NEEDED)
            told = f"{line['usagetype']} {line.get('feature', '')} {line.get('inferencetype', '')}"
            if line["termtype"] != "OnDemand" or _NOT_FOR_THE_BOOK.search(told):
                yield Skipped("capacity, customisation or a tool, not tokens on demand", text)
                continue
            try:
                yield _price(line, page.spec.market)
            except _NotTokens as error:
                yield Skipped(str(error), text)
            except ValueError as error:
                yield Rejected(str(error), text)


class _NotTokens(Exception):
    """A line that charges for something other than tokens."""


def _lines(text: str) -> Iterator[dict[str, str] | Rejected]:
    """The lines by column, the names of columns without spaces and capitals (AWS writes them in both ways)."""
    columns: list[str] | None = None
    try:
        for row in filter(None, csv.reader(text.splitlines(keepends=True), strict=True)):
            if columns is None:
                if row[0] == "SKU":
                    columns = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in row]
                    if missing := set(NEEDED) - set(columns):
                        raise UnreadablePage(f"no column {sorted(missing)} among {row}")
            elif len(row) != len(columns):
                yield Rejected(f"{len(row)} cells under {len(columns)} headers", " | ".join(row)[:2000])
            else:
                yield dict(zip(columns, row, strict=True))
    except csv.Error as error:
        raise UnreadablePage(f"CSV that is cut off or broken ({error}): it ends {text[-120:]!r}") from error
    if columns is None:
        raise UnreadablePage(f"no line of headers that begins with 'SKU' in a body that begins {text[:120]!r}")


def _price(line: Mapping[str, str], market: str) -> Price:
    stated = line.get("model") or line.get("titanmodel") or _EDITION.sub("", line.get("servicename", ""))
    stated = "" if stated == "Amazon Bedrock" else stated
    unit = _unit(line)
    name, words = _split(line["usagetype"], stated)
    meter = _meter(words | _words(line.get("inferencetype", "")) | _words(line.get("feature", "")) & set(SERVICE_TIERS))
    if line["regioncode"] != market:
        raise ValueError(f"a price of the region {line['regioncode']!r} in the book of {market}")
    if line["currency"] != "USD":
        raise ValueError(f"a price in {line['currency']!r}")
    if line.get("startingrange", "0") not in ("", "0"):
        raise ValueError(f"a price by volume, from {line['startingrange']!r} on")
    if not re.fullmatch(r"\d{1,9}(?:\.\d{1,12})?", line["priceperunit"]):
        raise ValueError(f"not a price: {line['priceperunit']!r}")
    amount = Decimal(line["priceperunit"])
    return Price(
        provider="aws",
        listing=stated or name,
        component=meter.component,
        amount=amount,
        unit=unit,
        currency="USD",
        amount_per_mtok=to_per_mtok(amount, unit),
        price_text=f"{line['priceperunit']} {line['currency']} / {line['unit']}",
        market=market,
        deployment_scope=meter.scope,
        channel="cloud",
        service_tier=meter.service_tier,
    )


def _split(usage_type: str, stated: str) -> tuple[str, set[str]]:
    """A usage type as the name it holds and the words of its meter; `stated` is the model's name in its own column.

    A medium is part of the name where that column has it too or there is none (`TitanEmbeddingsG1-Image`).
    Marketplace lines hold no name, so every word has to be known; in others the last words have to be.
    """
    media = set(MEDIA) & _words(stated) if stated else set(MEDIA)
    prefix = _PREFIX.match(usage_type)
    rest = (usage_type[prefix.end() :] if prefix else usage_type).removesuffix("-Units")
    parts = re.split(r"[-_]", rest)
    tail: set[str] = set()
    while parts:
        words = _words(parts[-1])
        if not words or words - WORDS or words & media:
            break
        tail |= words
        parts.pop()
    if parts and (not tail & {*DIRECTIONS, *CACHES} or (prefix and prefix[1])):
        raise ValueError(f"unknown word {parts[-1]!r} in the usage type {usage_type!r}")
    return "-".join(part for part in parts if part != "mantle"), tail


def _words(text: str) -> set[str]:
    """Words in small letters, also those glued together as in `CacheWrite1hInputTokenCount`."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z\d])", " ", text)
    return set(re.findall(r"[a-z0-9]+", apart.lower()))


def _unit(line: Mapping[str, str]) -> str:
    """The unit of a price per so many tokens; _NotTokens for lines that count something else."""
    words = line["unit"]
    if words.lower() == "units" and (many := _PER_MANY.search(line["pricedescription"])):
        words = f"{many[1]} tokens"
    try:
        unit = read_unit(words)
    except UnknownUnit:
        if "token" in f"{line['usagetype']} {words}".lower():
            raise
        raise _NotTokens(f"a price per {words!r}") from None
    if unit not in PER_MTOK:
        raise _NotTokens(f"a price per {words!r}")
    return unit


def _meter(words: set[str]) -> _Meter:
    """What the words of a line tell together; ValueError where they tell too little, or two things at once."""
    told = {frozenset(group): {group[word] for word in words if word in group} for group in GROUPS}
    for group in GROUPS:
        if len(told[frozenset(group)]) > 1:
            raise ValueError(f"two things at once: {' and '.join(sorted(told[frozenset(group)]))}")
    direction, cache, medium, lifetime, tier, scope, long = (next(iter(told[frozenset(group)]), "") for group in GROUPS)
    if long:
        raise ValueError("a price of long context, of which the file does not say where it begins")
    if cache == "write":
        component = f"cache_write_{lifetime}" if lifetime else "cache_write"
    elif cache == "read":
        component = "cache_read"
    else:
        component = direction
    component = f"{component}_{medium}" if medium else component
    if component not in COMPONENTS:
        raise ValueError(f"no known component {component!r} in the words {' '.join(sorted(words & WORDS))!r}")
    return _Meter(component, tier or "standard", scope or None)
