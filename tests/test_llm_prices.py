"""llm-prices.com: the fetch on the wire, its four forms, and the real bodies of two years."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import llm_prices
from pipelines.lib.source import BadDocument, Document, Reject, Row
from tests.local_server import LocalServer, Reply, fetcher, quick_http

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "prices" / "simonw-llm-prices"
real_data = [pytest.mark.real_data, pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")]
ENTRY = {"id": "acme-1", "vendor": "acme", "name": "Acme 1", "input": 1, "output": 2, "input_cached": None}


def parse(body: bytes) -> tuple[list[dict[str, Any]], list[Reject]]:
    document = Document("main", llm_prices.URL, body, datetime(2026, 8, 5, tzinfo=UTC))
    items = list(llm_prices.parse(document))
    rows = [dict(item.values) for item in items if isinstance(item, Row)]
    return rows, [item for item in items if isinstance(item, Reject)]


def parse_entry(**fields: Any) -> tuple[list[dict[str, Any]], list[Reject]]:
    return parse(json.dumps({"prices": [ENTRY | fields]}).encode())


def real(name: str) -> tuple[list[dict[str, Any]], list[Reject]]:
    return parse((REAL / name).read_bytes())


def price(rows: list[dict[str, Any]], listing: str) -> list[str]:
    """Input and output of each period of a listing, as `input/output`."""
    found: dict[datetime | None, dict[str, Decimal]] = {}
    for row in rows:
        if row["listing"] == listing:
            found.setdefault(row["effective_from"], {})[row["component"]] = row["amount"]
    return [f"{item['input'].normalize():f}/{item['output'].normalize():f}" for item in found.values()]


def test_fetch_asks_for_the_list_with_all_of_history(monkeypatch: pytest.MonkeyPatch) -> None:
    assert llm_prices.URL.endswith("/historical-v1.json")
    body = json.dumps({"prices": [ENTRY]}).encode()
    with LocalServer({"/historical-v1.json": Reply(body)}) as server:
        monkeypatch.setattr(llm_prices, "URL", server.url("/historical-v1.json"))
        with quick_http() as http:
            (response,) = llm_prices.fetch(fetcher(http))
    assert (response.label, response.body) == ("main", body)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b"<html>", b'{"prices": [{"id"', b'{"files": {}}'])
def test_unusable_bodies_are_refused_whole(body: bytes) -> None:
    with pytest.raises(BadDocument, match="llm-prices"):
        parse(body)


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("Acme 1 ≤200k", (0, 200_001)),
        ("Acme 1 >200k", (200_001, None)),
        ("Acme 1 <= 256K", (0, 256_001)),
        ("Acme 1 ≥1M", (1_000_000, None)),
        ("Acme 1 (128k)", (0, None)),
        ("Acme 1 >32k ≤128k", (0, None)),
        ("Acme 1 > Acme 0", (0, None)),
    ],
)
def test_the_length_of_prompt_is_read_only_where_a_name_states_one(name: str, bounds: tuple[int, int | None]) -> None:
    rows, rejects = parse_entry(name=name)
    assert {(row["context_from_tokens"], row["context_to_tokens"]) for row in rows} == {bounds}
    assert not rejects


def test_null_is_no_row_and_zero_is_free() -> None:
    rows, _ = parse_entry(input=0, output=None)
    assert [(row["component"], row["amount"]) for row in rows] == [("input", 0)]


def test_the_files_of_a_commit_make_one_body() -> None:
    history = [{"input": 1.50, "output": 2, "from_date": None, "to_date": None, "input_cached": None}]
    vendor = {"vendor": "acme", "models": [{"id": "acme-1", "name": "Acme 1", "price_history": history}]}
    files = {"data/acme.json": json.dumps(vendor).encode(), "data/broken.json": b'{"vendor": '}
    body = llm_prices.body_of(files)
    assert body is not None
    rows, rejects = parse(body)
    assert [(row["provider"], row["amount"]) for row in rows] == [("acme", Decimal("1.5")), ("acme", Decimal(2))]
    assert [item.text for item in rejects] == ['{"model": "{\\"vendor\\": "}']
    assert llm_prices.body_of({}) is None


class TestRealBodies:
    """The lists of two years; the figures were counted in the bodies."""

    pytestmark = real_data

    @pytest.mark.parametrize(
        ("name", "rows", "listings"),
        [
            ("history/2024-10-25.json", 26, 13),
            ("history/2024-11-04.json", 28, 14),
            ("history/2025-01-31.json", 40, 20),
            ("history/2025-02-27.json", 50, 25),
            ("history/2025-04-23.json", 98, 49),
            ("history/2025-05-22.json", 106, 53),
            ("history/2025-07-22.json", 120, 60),
            ("history/2025-08-12.json", 128, 64),
            ("history/2025-10-29.json", 188, 78),
            ("history/2025-12-17.json", 230, 92),
            ("history/2026-02-19.json", 234, 94),
            ("history/2026-04-24.json", 277, 110),
            ("history/2026-05-19.json", 280, 111),
            ("history/2026-07-30.json", 335, 127),
            ("history/2026-08-05.json", 377, 141),
            ("latest/openai.json", 140, 46),
            ("latest/google.json", 57, 24),
        ],
    )
    def test_every_amount_is_a_row(self, name: str, rows: int, listings: int) -> None:
        found, rejects = real(name)
        assert (len(found), rejects) == (rows, [])
        assert len({(row["provider"], row["listing"]) for row in found}) == listings
        text = (REAL / name).read_text()
        stated = sum(count for key in ("input", "output", "input_cached") for count in [text.count(f'"{key}": ')])
        assert stated - text.count('"input_cached": null') == rows

    def test_vendors_of_the_first_tables_are_those_of_the_later_files(self) -> None:
        later = {row["listing"]: row["provider"] for row in real("history/2026-08-05.json")[0]}
        early = {row["listing"]: row["provider"] for row in real("history/2025-08-12.json")[0]}
        assert {name: later[name] for name in early.keys() & later.keys()} == {
            name: early[name] for name in early.keys() & later.keys()
        }
        assert len(early.keys() & later.keys()) > 40
        assert early["grok-3-beta"] == "xai"

    def test_prices_of_the_models_under_watch(self) -> None:
        rows, _ = real("history/2026-08-05.json")
        assert price(rows, "kimi-k2-0711-preview") == ["0.6/2.5"]
        assert price(rows, "claude-opus-4") == ["15/75"]
        assert price(rows, "gpt-5.2") == ["1.75/14"]
        assert price(rows, "gemini-3-pro-preview") == ["2/12"]
        assert price(rows, "gemini-3-pro-preview-200k") == ["4/18"]
        assert not [row for row in rows if "qwen3-max" in row["listing"] or "qwen3.5" in row["listing"]]

    def test_a_price_to_come_is_kept_with_its_day(self) -> None:
        rows, _ = real("history/2026-08-05.json")
        sonnet = [
            (row["amount"], row["effective_from"], row["effective_to"])
            for row in rows
            if (row["listing"], row["component"]) == ("claude-sonnet-5", "input")
        ]
        change = datetime(2026, 9, 1, tzinfo=UTC)
        assert sonnet == [(Decimal(2), None, change), (Decimal(3), change, None)]
        assert price(rows, "deepseek-chat") == ["0.27/1.1", "0.14/0.28"]
