"""models.dev: the fetch on the wire, inheritance, the body of a commit, and the real bodies of nine month ends."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import models_dev
from pipelines.defs.sources.models_dev import catalogue
from pipelines.lib.http import FetchError, Refused
from pipelines.lib.source import BadDocument, Document, Reject, Row
from tests.local_server import LocalServer, Reply, fetcher, quick_http

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "prices" / "models.dev"
real_data = [pytest.mark.real_data, pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")]
GRAIN = ("provider", "listing", "service_tier", "context_from_tokens", "component", "unit")
BODY = b'{"acme": {"id": "acme", "models": {"acme-1": {"id": "acme-1", "cost": {"input": 1, "output": 2}}}}}'


def parse(body: bytes) -> tuple[list[dict[str, Any]], list[Reject]]:
    document = Document("main", models_dev.URL, body, datetime(2026, 7, 2, tzinfo=UTC))
    items = list(models_dev.parse(document))
    rows = [dict(item.values) for item in items if isinstance(item, Row)]
    return rows, [item for item in items if isinstance(item, Reject)]


def parse_model(model: Any, provider: str = "acme") -> tuple[list[dict[str, Any]], list[Reject]]:
    return parse(json.dumps({provider: {"id": provider, "models": {"acme-1": model}}}).encode())


def prices(rows: list[dict[str, Any]], name: str, context_from: int = 0) -> dict[str, str]:
    return {
        row["component"]: f"{row['amount'].normalize():f}" if row["amount"] is not None else "unknown"
        for row in rows
        if f"{row['provider']}/{row['listing']}" == name
        and row["context_from_tokens"] == context_from
        and row["service_tier"] == "standard"
    }


def test_fetch_keeps_the_bytes_as_served(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalServer({"/api.json": Reply(BODY, headers={"content-type": "application/json"})}) as server:
        monkeypatch.setattr(models_dev, "URL", server.url("/api.json"))
        with quick_http() as http:
            (response,) = models_dev.fetch(fetcher(http))
    assert (response.label, response.body, response.status) == ("main", BODY, 200)


def test_a_refusal_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalServer({"/api.json": Reply(b"no", 403)}) as server:
        monkeypatch.setattr(models_dev, "URL", server.url("/api.json"))
        with quick_http() as http, pytest.raises((Refused, FetchError)):
            list(models_dev.fetch(fetcher(http)))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"<html>", b'{"acme": {"models": {"a"', b"[" * 100_000, b"{}"])
def test_unusable_bodies_are_refused_whole(body: bytes) -> None:
    with pytest.raises(BadDocument, match=r"models\.dev"):
        parse(body)


def test_no_digit_is_lost() -> None:
    rows, _ = parse(b'{"acme": {"models": {"a": {"cost": {"input": 0.1234567890123456789, "output": 1.50}}}}}')
    assert [(row["amount"], row["price_text"]) for row in rows] == [
        (Decimal("0.1234567890123456789"), "0.1234567890123456789"),
        (Decimal("1.5"), "1.50"),
    ]


@pytest.mark.parametrize(
    ("provider", "cost", "name", "amounts"),
    [
        ("acme", {"input": 0, "output": 0}, "Acme 1", [None, None]),
        ("acme", {"input": 0, "output": 0}, "Acme 1 (free)", [0, 0]),
        ("acme", {"input": 0.1, "output": 0}, "Acme 1", [Decimal("0.1"), 0]),
        ("acme-coding-plan", {"input": 0, "output": 0}, "Acme 1 (free)", []),
        ("acme-coding-plan-cn", {"input": 0, "output": 0}, "Acme 1", []),
        ("github-copilot", {"input": 0, "output": 0}, "Acme 1", []),
        ("github-copilot", {"input": 4, "output": 20}, "Acme 1", [4, 20]),
        ("planet", {"input": 0, "output": 0}, "Acme 1", [None, None]),
    ],
)
def test_zero_is_free_only_where_the_listing_says_so(provider: str, cost: Any, name: str, amounts: list[Any]) -> None:
    rows, rejects = parse_model({"name": name, "cost": cost}, provider)
    assert [row["amount"] for row in rows] == amounts
    assert [row["amount_per_mtok"] for row in rows] == amounts
    assert bool(rejects) == (not amounts)


def test_a_circle_or_a_long_chain_of_models_ends() -> None:
    models: dict[str, Any] = {f"m{n}": {"extends": {"from": f"acme/m{n + 1}"}} for n in range(5_000)}
    models["m5000"] = {"extends": {"from": "acme/m0"}}
    models |= {"own": {"cost": {"input": 1, "output": 2}}}
    rows, rejects = parse(json.dumps({"acme": {"models": models}}).encode())
    assert (len(rows), len(rejects)) == (2, 5_001)


def test_what_is_omitted_leaves_the_shared_model_as_it_is() -> None:
    base = {"cost": {"input": 1, "tiers": [1]}, "experimental": {"modes": {"fast": {}}}}
    own = {"extends": {"from": "acme/base", "omit": ["cost.tiers", "experimental.modes.fast", "no.such.thing"]}}
    assert catalogue.inherited(own, {"acme/base": base}.get) == {"cost": {"input": 1}}
    assert base == {"cost": {"input": 1, "tiers": [1]}, "experimental": {"modes": {"fast": {}}}}


FILES = {
    "providers/acme/provider.toml": b'name = "Acme"\nenv = ["KEY"]\n',
    "providers/acme/models/acme-1.toml": b'name = "Acme 1"\n[cost]\ninput = 1.50\noutput = 6\n',
    "providers/cloud/provider.toml": b'name = "Cloud"\n',
    "providers/cloud/models/acme/one.toml": b'base_model = "acme/acme-1"\n[cost]\ninput = 2\noutput = 8\n',
    "providers/cloud/models/old.toml": b'[extends]\nfrom = "acme/acme-1"\nomit = ["cost.output"]\n[cost]\ninput = 3\n',
    "models/acme/acme-1.toml": b'name = "Acme 1 of the lab"\nrelease_date = 2026-01-01\n',
}


def test_the_files_of_a_commit_make_the_body_that_is_published() -> None:
    body = catalogue.body_of(FILES)
    assert body is not None
    assert json.loads(body) == {
        "acme": {
            "id": "acme",
            "name": "Acme",
            "models": {"acme-1": {"id": "acme-1", "name": "Acme 1", "cost": {"input": 1.5, "output": 6}}},
        },
        "cloud": {
            "id": "cloud",
            "name": "Cloud",
            "models": {
                "acme/one": {"id": "acme/one", "name": "Acme 1 of the lab", "cost": {"input": 2, "output": 8}},
                "old": {"id": "old", "name": "Acme 1", "cost": {"input": 3}},
            },
        },
    }
    rows, rejects = parse(body)
    assert (len(rows), rejects) == (5, [])


def test_what_prices_do_not_depend_on_changes_no_byte() -> None:
    more = {"models/acme/acme-1.toml": FILES["models/acme/acme-1.toml"] + b'knowledge = "2025-04"\n'}
    logo = {"providers/acme/models/logo.svg": b"<svg/>"}
    assert catalogue.body_of(FILES | more | logo) == catalogue.body_of(FILES)
    assert catalogue.body_of({"models/acme/acme-1.toml": b""}) is None


def test_a_file_that_is_no_toml_is_rejected_and_the_others_stay() -> None:
    body = catalogue.body_of(FILES | {"providers/acme/models/acme-1.toml": b"[cost]\ninput = 1\ninput = 2\n"})
    rows, rejects = parse(body or b"")
    assert {row["listing"] for row in rows} == {"acme/one", "old"}
    assert rejects[0].reason == "acme/acme-1: its file cannot be read"
    assert "Cannot overwrite a value" in rejects[0].text


class TestRealBodies:
    """Month ends made of the repository's files; the figures were counted in the bodies."""

    pytestmark = real_data

    @pytest.mark.parametrize(
        ("day", "rows", "rejects", "listings"),
        [
            ("2025-06-29", 399, 0, 142),
            ("2025-08-31", 705, 2, 283),
            ("2025-09-30", 816, 3, 330),
            ("2025-11-29", 1453, 1, 593),
            ("2025-12-31", 1608, 4, 660),
            ("2026-02-28", 2013, 7, 782),
            ("2026-03-31", 2095, 7, 807),
            ("2026-05-31", 2626, 22, 966),
            ("2026-07-02", 2614, 11, 940),
        ],
    )
    def test_every_amount_of_a_body_is_a_row_or_a_reject(
        self, day: str, rows: int, rejects: int, listings: int
    ) -> None:
        body = real_body(day)
        found, rejected = parse(body)
        assert (len(found), len(rejected)) == (rows, rejects)
        assert len({(row["provider"], row["listing"]) for row in found}) == listings
        assert Counter(tuple(row[name] for name in GRAIN) for row in found).most_common(1)[0][1] == 1
        if day != "2026-05-31":  # there some amounts are taken over from other models
            amounts = sum(count_amounts(model) for model in models_of(body))
            assert amounts == rows + sum("unknown price key" in item.reason for item in rejected)

    def test_prices_of_the_eight_models(self) -> None:
        rows, _ = parse(real_body("2026-07-02"))
        assert prices(rows, "alibaba/qwen3-max") == {"input": "1.2", "output": "6"}
        assert prices(rows, "alibaba-cn/qwen3-max") == {"input": "0.861", "output": "3.441"}
        assert prices(rows, "alibaba-cn/qwen3.5-plus") == {"input": "0.573", "output": "3.44", "reasoning": "3.44"}
        assert prices(rows, "alibaba/qwen3.5-plus")["output"] == "2.4"
        assert prices(rows, "alibaba/qwen3.5-397b-a17b") == {"input": "0.6", "output": "3.6"}
        assert prices(rows, "moonshotai/kimi-k2-0711-preview")["output"] == "2.5"
        assert prices(rows, "anthropic/claude-opus-4-0")["input"] == "15"
        assert prices(rows, "openai/gpt-5.2") == {"input": "1.75", "output": "14", "cache_read": "0.175"}
        short, long = (prices(rows, "google/gemini-3-pro-preview", start) for start in (0, 200_001))
        assert (short["input"], short["output"], long["input"], long["output"]) == ("2", "12", "4", "18")
        gemini = [row for row in rows if row["listing"] == "gemini-3-pro-preview"]
        assert {row["availability"] for row in gemini} == {"deprecated"}

    def test_prices_move_from_month_to_month(self) -> None:
        def over_time(name: str) -> list[str]:
            found = [prices(parse(real_body(day))[0], name) for day in DAYS]
            pairs = [f"{item['input']}/{item['output']}" for item in found if item]
            return [pair for place, pair in enumerate(pairs) if place == 0 or pairs[place - 1] != pair]

        assert over_time("openrouter/qwen/qwen3-max") == ["1.2/6", "0.78/3.9"]
        assert over_time("deepseek/deepseek-chat") == ["0.27/1.1", "0.57/1.68", "0.28/0.42", "0.14/0.28"]
        assert over_time("openrouter/qwen/qwen3.5-397b-a17b")[:2] == ["0.6/3.6", "0.39/2.34"]
        assert over_time("deepinfra/Qwen/Qwen3.5-397B-A17B") == ["0.54/3.4", "0.45/3"]

    def test_prices_taken_over_from_another_model_are_resolved(self) -> None:
        rows, rejects = parse(real_body("2026-05-31"))
        assert prices(rows, "amazon-bedrock/anthropic.claude-opus-4-6-v1") == prices(rows, "anthropic/claude-opus-4-6")
        fast = {(row["provider"], row["listing"]) for row in rows if row["service_tier"] == "fast"}
        assert ("anthropic", "claude-opus-4-6") in fast
        assert ("amazon-bedrock", "anthropic.claude-opus-4-6-v1") not in fast
        missing = [item for item in rejects if "not in this body" in item.reason]
        assert {item.text.split('"')[3].split("/")[0] for item in missing} <= {
            "xiaomi",
            "cohere",
            "inception",
            "stepfun",
            "upstage",
            "xai",
            "nvidia",
        }

    def test_zeros_are_free_only_where_they_say_so(self) -> None:
        rows, _ = parse(real_body("2026-07-02"))
        free = {
            f"{row['provider']}/{row['listing']}" for row in rows if row["amount"] == 0 and row["component"] == "input"
        }
        assert free and all("free" in name for name in free)
        unknown = {row["provider"] for row in rows if row["amount"] is None}
        assert "llama" in unknown


DAYS = (
    "2025-06-29",
    "2025-08-31",
    "2025-09-30",
    "2025-11-29",
    "2025-12-31",
    "2026-02-28",
    "2026-03-31",
    "2026-05-31",
    "2026-07-02",
)


def real_body(day: str) -> bytes:
    return gzip.decompress((REAL / "history" / f"{day}.json.gz").read_bytes())


def models_of(body: bytes) -> list[dict[str, Any]]:
    return [model for provider in json.loads(body).values() for model in provider.get("models", {}).values()]


def count_amounts(model: dict[str, Any]) -> int:
    """Numbers in the costs of a model, also of its tiers and modes, but not the lengths of tiers."""
    experimental = model.get("experimental")
    modes = experimental.get("modes", {}) if isinstance(experimental, dict) else {}
    total = 0
    for cost in (model.get("cost") or {}, *(mode.get("cost") or {} for mode in modes.values())):
        blocks = [cost, *cost.get("tiers", ()), cost.get("context_over_200k") or {}]
        total += sum(isinstance(value, int | float) for block in blocks for value in block.values())
    return total
