"""LiteLLM's cost map: the fetch on the wire, what its keys are for, and the real bodies of two years."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import litellm
from pipelines.defs.sources.litellm.keys import NO_MODEL_PRICE
from pipelines.lib.source import BadDocument, Document, Reject, Row
from tests.local_server import LocalServer, Reply, fetcher, quick_http

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "prices" / "litellm"
real_data = [pytest.mark.real_data, pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")]
GRAIN = ("provider", "listing", "service_tier", "context_from_tokens", "window_name", "component", "unit")
BODY = b'{"acme-1": {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": 1e-06}}'


def parse(body: bytes, day: str = "2026-11-17") -> tuple[list[dict[str, Any]], list[Reject]]:
    document = Document("main", litellm.URL, body, datetime.fromisoformat(day).replace(tzinfo=UTC))
    items = list(litellm.parse(document))
    rows = [dict(item.values) for item in items if isinstance(item, Row)]
    return rows, [item for item in items if isinstance(item, Reject)]


def parse_listing(**keys: Any) -> tuple[list[dict[str, Any]], list[Reject]]:
    return parse(json.dumps({"acme-1": {"litellm_provider": "acme", "mode": "chat", **keys}}).encode())


def per_mtok(rows: list[dict[str, Any]], listing: str, start: int = 0, tier: str = "standard") -> str | None:
    """Input and output of a listing per million tokens."""
    found = {
        row["component"]: f"{row['amount_per_mtok'].normalize():f}"
        for row in rows
        if (row["listing"], row["context_from_tokens"], row["service_tier"], row["unit"])
        == (listing, start, tier, "per_token")
    }
    return f"{found['input']}/{found['output']}" if found else None


def test_fetch_keeps_the_bytes_as_served(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalServer({"/map.json": Reply(BODY, headers={"content-type": "text/plain"})}) as server:
        monkeypatch.setattr(litellm, "URL", server.url("/map.json"))
        with quick_http() as http:
            (response,) = litellm.fetch(fetcher(http))
    assert (response.label, response.body) == ("main", BODY)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b"<html>", BODY[:40], b"[" * 100_000, b'{"a": {"b": 1}}'])
def test_unusable_bodies_are_refused_whole(body: bytes) -> None:
    with pytest.raises(BadDocument, match=r"model_prices"):
        parse(body)


def test_no_digit_is_lost() -> None:
    rows, _ = parse(b'{"a": {"litellm_provider": "acme", "input_cost_per_token": 2.9999900000000002e-06}}')
    assert rows[0]["amount"] == Decimal("2.9999900000000002e-06")
    assert rows[0]["amount_per_mtok"] == Decimal("2.9999900000000002")
    assert rows[0]["price_text"] == "2.9999900000000002e-06"


def test_a_price_above_a_length_ends_the_one_below_and_leaves_the_others_alone() -> None:
    rows, _ = parse_listing(
        input_cost_per_token=1e-06,
        input_cost_per_token_above_128k_tokens=2e-06,
        input_cost_per_token_above_200k_tokens=3e-06,
        input_cost_per_token_flex=5e-07,
        output_cost_per_token=4e-06,
    )
    bounds = [
        (row["component"], row["service_tier"], row["context_from_tokens"], row["context_to_tokens"]) for row in rows
    ]
    assert bounds == [
        ("input", "standard", 0, 128_001),
        ("input", "standard", 128_001, 200_001),
        ("input", "standard", 200_001, None),
        ("input", "flex", 0, None),
        ("output", "standard", 0, None),
    ]


@pytest.mark.parametrize(
    ("keys", "amounts"),
    [
        ({"input_cost_per_token": 0, "output_cost_per_token": 0.0}, [None, None]),
        ({"input_cost_per_token": 0, "output_cost_per_token": 1e-06}, [0, Decimal("1e-06")]),
        ({"input_cost_per_token": None, "output_cost_per_token": 1e-06}, [Decimal("1e-06")]),
        ({"tiered_pricing": [{"range": [0, 1000], "input_cost_per_token": 0}]}, [None]),
    ],
)
def test_zero_is_unknown_where_nothing_costs_anything(keys: dict[str, Any], amounts: list[Any]) -> None:
    rows, rejects = parse_listing(**keys)
    assert [row["amount"] for row in rows] == amounts
    assert not rejects


@pytest.mark.parametrize(
    "key",
    [
        "input_cost_per_pixel",
        "output_cost_per_second_1080p",
        "input_cost_per_token_ultrafast",
        "input_cost_per_tokn",
        "cost",
        "output_cost_per_token_above_ten_tokens",
        "price_per_month",
    ],
)
def test_a_key_nobody_knows_is_rejected_once_per_body(key: str) -> None:
    listing = {"litellm_provider": "acme", "mode": "chat", key: 0.5}
    rows, rejects = parse(json.dumps({f"acme-{n}": listing for n in range(300)}).encode())
    assert not rows
    assert [item.reason for item in rejects] == [f"no component or unit for {key}: 300 listings, first acme-0"]
    assert key in rejects[0].text


def test_a_listing_is_deprecated_from_its_day_on() -> None:
    body = BODY.replace(b"1e-06}", b'1e-06, "deprecation_date": "2026-07-24"}')
    assert [parse(body, day)[0][0]["availability"] for day in ("2026-07-23", "2026-07-24")] == [None, "deprecated"]


def test_hostile_values_end_as_rejects() -> None:
    for value in ([1] * 3, {"a": 1}, "x" * 10_000, True, 1e400):
        rows, rejects = parse_listing(input_cost_per_token=value, tiered_pricing=value, off_peak_pricing=value)
        assert not rows
        assert len(rejects) >= 3


class TestRealBodies:
    """The map as the package shipped it on four days; the figures were counted in the bodies."""

    pytestmark = real_data

    @pytest.mark.parametrize(
        ("day", "rows", "rejects", "listings"),
        [
            ("2024-11-28", 1543, 3, 643),
            ("2025-06-01", 2590, 7, 941),
            ("2026-04-03", 6512, 13, 2451),
            ("2026-11-17", 15427, 44, 4105),
        ],
    )
    def test_every_price_of_a_body_is_a_row_or_a_reject(self, day: str, rows: int, rejects: int, listings: int) -> None:
        body = (REAL / f"{day}.json").read_bytes()
        found, rejected = parse(body, day)
        assert (len(found), len(rejected)) == (rows, rejects)
        assert len({(row["provider"], row["listing"]) for row in found}) == listings
        assert Counter(tuple(row[name] for name in GRAIN) for row in found).most_common(1)[0][1] == 1
        assert {row["currency"] for row in found} == {"USD"}
        assert count_prices(json.loads(body)) == len(found) + count_unread(rejected)

    def test_prices_of_the_eight_models_in_november(self) -> None:
        rows, _ = parse((REAL / "2026-11-17.json").read_bytes())
        longer = [per_mtok(rows, "dashscope/qwen3-max-preview", start) for start in (0, 32_001, 128_001)]
        assert longer == ["1.2/6", "2.4/12", "3/15"]
        assert [per_mtok(rows, "dashscope/qwen3.5-plus", start) for start in (0, 256_001)] == ["0.4/2.4", "0.5/3"]
        assert per_mtok(rows, "deepinfra/Qwen/Qwen3-235B-A22B-Instruct-2507") == "0.09/0.55"
        assert per_mtok(rows, "fireworks_ai/accounts/fireworks/models/qwen3-235b-a22b-instruct-2507") == "0.22/0.88"
        assert per_mtok(rows, "moonshot/kimi-k2-0711-preview") is None
        assert per_mtok(rows, "hyperbolic/moonshotai/Kimi-K2-Instruct") == "2/2"
        assert per_mtok(rows, "deepinfra/moonshotai/Kimi-K2-Instruct") == "0.5/2"
        assert per_mtok(rows, "claude-opus-4-20250514") is None
        assert per_mtok(rows, "gmi/anthropic/claude-opus-4") == "15/75"
        assert per_mtok(rows, "together_ai/deepseek-ai/DeepSeek-V3.1") == "0.6/1.7"
        assert per_mtok(rows, "sambanova/DeepSeek-V3.1") == "3/4.5"
        assert per_mtok(rows, "azure_ai/deepseek-v3.1") == "1.23/4.94"
        assert per_mtok(rows, "wandb/deepseek-ai/DeepSeek-V3.1") == "0.55/1.65"
        assert per_mtok(rows, "together_ai/Qwen/Qwen3.5-397B-A17B") == "0.6/3.6"
        assert per_mtok(rows, "deepinfra/Qwen/Qwen3.5-397B-A17B") == "0.45/3"
        assert per_mtok(rows, "aihubmix/qwen3.5-397b-a17b") == "0.1644/0.9864"
        assert per_mtok(rows, "gpt-5.2") == "1.75/14"
        assert per_mtok(rows, "azure/eu/gpt-5.2") == per_mtok(rows, "azure/us/gpt-5.2") == "1.925/15.4"
        assert [per_mtok(rows, "vertex_ai/gemini-3-pro-preview", start) for start in (0, 200_001)] == ["2/12", "4/18"]
        assert per_mtok(rows, "gemini/gemini-3-pro-preview") is None

    def test_prices_of_april_are_kept_as_stated_even_where_they_are_absurd(self) -> None:
        rows, _ = parse((REAL / "2026-04-03.json").read_bytes(), "2026-04-03")
        assert per_mtok(rows, "wandb/deepseek-ai/DeepSeek-V3.1") == "55000/165000"
        assert per_mtok(rows, "wandb/Qwen/Qwen3-235B-A22B-Instruct-2507") == "10000/10000"
        assert per_mtok(rows, "together_ai/Qwen/Qwen3-235B-A22B-Instruct-2507-tput") == "0.2/6"
        assert per_mtok(rows, "moonshot/kimi-k2-0711-preview") == "0.6/2.5"
        assert per_mtok(rows, "claude-opus-4-20250514") == "15/75"
        assert per_mtok(rows, "azure_ai/jais-30b-chat") == "3200/9710"

    def test_volcengine_at_zero_is_unknown_and_off_peak_prices_have_windows(self) -> None:
        rows, _ = parse((REAL / "2026-11-17.json").read_bytes())
        zeros = [row for row in rows if row["listing"] == "glm-4-7-251222"]
        assert [row["amount"] for row in zeros] == [None, None]
        assert {row["price_text"] for row in zeros} == {"0.0"}
        windows = {
            (row["window_days"], row["window_hours"], row["amount_per_mtok"])
            for row in rows
            if row["listing"] == "deepseek/deepseek-v4-pro" and row["component"] == "input"
        }
        assert windows == {
            (None, None, Decimal("1.32")),
            ("Mon-Fri", "00:00-01:00,04:00-06:00,10:00-24:00", Decimal("0.66")),
            ("Sat-Sun", "00:00-24:00", Decimal("0.66")),
        }


def count_prices(listings: dict[str, Any]) -> int:
    """Prices that stand in a body, without what is no price of a model."""
    total = 0
    for name, model in listings.items():
        keys = {key: value for key, value in model.items() if "cost" in key or "pric" in key}
        if name == "sample_spec" or "month-commitment" in name or "litellm_provider" not in model:
            continue
        both = "cache_read_input_token_cost" in keys and "input_cost_per_token_cache_hit" in keys
        total += sum(value is not None and not NO_MODEL_PRICE.fullmatch(key) for key, value in keys.items()) - both
        tiers = [tier for tier in keys.get("tiered_pricing") or () if "range" in tier]
        total += sum(len(tier) - 1 for tier in tiers) - bool(tiers)
        off_peak = keys.get("off_peak_pricing") or {}
        if off_peak and "weekday_timezone" not in off_peak:
            total += len(off_peak["windows"]) * (len(off_peak) - 1) - 1
    return total


def count_unread(rejects: list[Reject]) -> int:
    """Listings that the rejects of a body count, without those that hold no price at all."""
    counts = [re.search(r": (\d+) listings, first", item.reason) for item in rejects if "without" not in item.reason]
    return sum(int(match[1]) for match in counts if match)
