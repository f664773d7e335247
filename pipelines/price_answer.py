"""What a model costs, asked of the published warehouse: offers at a moment, a workload's cost, a model against another.

Here belongs asking `core.price_at` and its kin, and arithmetic on the answer. The rules (tiers, time windows,
promotions, exchange rates) are the macros' own; how an answer is printed is `price_cli`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import duckdb

Offer = dict[str, Any]

_OFFERS = """
select * from core.blended_price_at(
    $model, $moment, context_tokens := $context, region := $region, tier := $tier, mix := $mix
)
order by list_position(['official', 'reseller', 'aggregator'], source_kind), source, provider, listing, market,
    deployment_scope, service_tier, mode, context_from_tokens, window_name, price_kind
"""
_SIMILAR = """
select distinct listing
from core.listing
where jaro_winkler_similarity(short_name, normalise_name($model)) > 0.85 or contains(full_name, normalise_name($model))
order by jaro_winkler_similarity(normalise_name(listing), normalise_name($model)) desc, listing
limit 8
"""


class UnknownMix(ValueError):
    """No mix of tokens has this name; the message lists those there are."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked. Without a time of day (`whole_day`) the price of every time window is meant."""

    model: str
    moment: datetime
    whole_day: bool = False
    context_tokens: int = 0
    region: str | None = None
    tier: str | None = "standard"
    mix: str = "input_3_output_1"


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Requests of one size. The whole of a request is charged at the tier its prompt falls in."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    requests: int = 1

    @property
    def prompt_tokens(self) -> int:
        """Tokens of one prompt, read from a cache or not."""
        return self.input_tokens + self.cached_tokens


def offers(connection: duckdb.DuckDBPyConnection, question: Question) -> list[Offer]:
    """Every offer that may be meant, the seller's own word first. Raises UnknownMix."""
    mixes = [row[0] for row in connection.execute("select mix from seeds.token_mix order by mix").fetchall()]
    if question.mix not in mixes:
        raise UnknownMix(f"no mix is called {question.mix!r}; there are {', '.join(mixes)}")
    found = _ask(connection, question, question.moment)
    if question.whole_day and any(offer["window_name"] for offer in found):
        for hour in range(1, 24):
            found += _ask(connection, question, question.moment + timedelta(hours=hour))
    once = {(offer["all_hours_id"], offer["currency"], offer["window_name"]): offer for offer in reversed(found)}
    return list(reversed(once.values()))


def _ask(connection: duckdb.DuckDBPyConnection, question: Question, moment: datetime) -> list[Offer]:
    answer = connection.execute(
        _OFFERS,
        {
            "model": question.model,
            "moment": moment.isoformat(),
            "context": question.context_tokens,
            "region": question.region,
            "tier": question.tier,
            "mix": question.mix,
        },
    )
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def similar_names(connection: duckdb.DuckDBPyConnection, model: str) -> list[str]:
    """Names of listings that look like the one asked for; a help for typing, never an answer."""
    return [row[0] for row in connection.execute(_SIMILAR, {"model": model}).fetchall()]


def cost(offer: Mapping[str, Any], workload: Workload) -> float | None:
    """What the workload costs in the offer's currency; None where a price it needs is not stated."""
    parts = (
        (workload.input_tokens, offer["input_per_mtok"]),
        (workload.cached_tokens, offer["cache_read_per_mtok"]),
        (workload.output_tokens, offer["output_per_mtok"]),
    )
    if any(tokens and price is None for tokens, price in parts):
        return None
    return workload.requests * sum(tokens * float(price) for tokens, price in parts if tokens) / 1_000_000


def in_usd(offer: Mapping[str, Any], amount: float | None, rates: Mapping[str, float]) -> float | None:
    """An amount of the offer's currency in US dollars: at a given rate (units for a dollar), else at the day's own."""
    if amount is None:
        return None
    if offer["currency"] in rates:
        return amount / rates[offer["currency"]]
    if offer["currency"] == "USD":
        return amount
    native, dollars = offer["blended_per_mtok"], offer["blended_usd_per_mtok"]
    return amount * dollars / native if native and dollars else None


def ratios(
    ours: Sequence[Offer], theirs: Sequence[Offer], rates: Mapping[str, float]
) -> list[tuple[Offer, Offer, float | None, float | None]]:
    """Every pair of offers, and how many times the first's input and output price the second's is."""
    found = []
    for our in ours:
        for their in theirs:
            pair = [
                _ratio(in_usd(their, _number(their[part]), rates), in_usd(our, _number(our[part]), rates))
                for part in ("input_per_mtok", "output_per_mtok")
            ]
            found.append((our, their, pair[0], pair[1]))
    return found


def _number(price: Any) -> float | None:
    return None if price is None else float(price)


def _ratio(over: float | None, under: float | None) -> float | None:
    return over / under if over is not None and under else None
