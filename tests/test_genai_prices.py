"""genai-prices: the dump of the installed package, its date, and the bodies the project published."""

from __future__ import annotations

import json
import socket
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import genai_prices
from pipelines.lib.source import BadDocument, Document, Reject, Response, Row
from tests.local_server import fetcher, quick_http

REAL = Path(__file__).resolve().parents[2] / "shared" / "data"
FOLDER = REAL / "prices" / "genai-prices"
real_data = [pytest.mark.real_data, pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")]
GRAIN = (
    "provider",
    "listing",
    "service_tier",
    "context_from_tokens",
    "window_name",
    "component",
    "unit",
    "effective_from",
)


def parse(body: bytes) -> tuple[list[dict[str, Any]], list[Reject]]:
    document = Document("main", "pkg:pypi/genai-prices", body, datetime(2026, 11, 10, tzinfo=UTC))
    items = list(genai_prices.parse(document))
    rows = [dict(item.values) for item in items if isinstance(item, Row)]
    return rows, [item for item in items if isinstance(item, Reject)]


def parse_model(prices: Any, **others: Any) -> tuple[list[dict[str, Any]], list[Reject]]:
    model = {"id": "acme-1", "prices": prices, **others}
    return parse(json.dumps([{"id": "acme", "models": [model]}]).encode())


def fetched() -> Response:
    with quick_http() as http:
        (response,) = genai_prices.fetch(fetcher(http))
    return response


def test_fetch_needs_no_network_and_says_where_the_bytes_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    response = fetched()
    installed = version("genai-prices")
    assert response.url == f"pkg:pypi/genai-prices@{installed}"
    assert response.headers["x-origin"] == "imported"
    assert response.headers["x-origin-note"] == f"genai-prices {installed} as installed"


def test_the_dump_is_the_same_every_time_and_holds_prices_only() -> None:
    first, second = genai_prices.dump_installed(), genai_prices.dump_installed()
    assert first == second
    assert first == json.dumps(json.loads(first), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert b'"extractors"' not in first


def test_the_dump_parses_and_agrees_with_the_package() -> None:
    from genai_prices.data import providers

    rows, rejects = parse(fetched().body)
    assert {row["provider"] for row in rows} <= {provider.id for provider in providers}
    assert len(rows) > 20 * len(rejects)
    deepseek = next(provider for provider in providers if provider.id == "deepseek")
    for model in deepseek.models:
        now = model.get_prices(datetime(2026, 11, 10, 12, tzinfo=UTC))
        current = [
            row["amount"]
            for row in rows
            if (row["provider"], row["listing"], row["component"]) == ("deepseek", model.id, "input")
            and row["window_name"] is None
            and row["effective_to"] is None
        ]
        if model.id not in ("deepseek-chat", "deepseek-reasoner"):  # their windows cover noon
            assert current == [now.input_mtok], model.id


def test_the_release_date_comes_from_the_lock_file(tmp_path: Path) -> None:
    lock = tmp_path / "uv.lock"
    lock.write_text(
        '[[package]]\nname = "genai-prices"\nversion = "9.9.9"\n'
        'sdist = { url = "x", upload-time = "2026-11-10T21:51:42Z" }\n'
        'wheels = [{ url = "y", upload-time = "2026-11-10T21:51:41Z" }]\n'
    )
    assert genai_prices.released_at("9.9.9", lock) == datetime(2026, 11, 10, 21, 51, 41, tzinfo=UTC)
    assert genai_prices.released_at("9.9.8", lock) is None
    assert genai_prices.released_at("9.9.9", tmp_path / "absent") is None


def test_the_installed_version_is_the_locked_one() -> None:
    released = fetched().fetched_at
    assert released is not None
    assert datetime(2025, 1, 1, tzinfo=UTC) < released < datetime.now(UTC)


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"<html>", b'[{"id": "acme", "models"', b"[" * 100_000])
def test_unusable_bodies_are_refused_whole(body: bytes) -> None:
    with pytest.raises(BadDocument, match="pkg:pypi"):
        parse(body)


def test_no_digit_is_lost() -> None:
    rows, _ = parse(b'[{"id": "acme", "models": [{"id": "m", "prices": {"input_mtok": 0.1234567890123456789}}]}]')
    assert rows[0]["amount"] == Decimal("0.1234567890123456789")
    assert rows[0]["price_text"] == "0.1234567890123456789"


def test_an_empty_price_is_free_unless_the_model_is_deprecated() -> None:
    rows, rejects = parse_model({})
    assert [(row["component"], row["amount"]) for row in rows] == [("input", 0), ("output", 0)]
    assert not rejects
    rows, rejects = parse_model({}, deprecated=True)
    assert not rows
    assert len(rejects) == 1


def test_a_later_block_without_condition_leaves_nothing_to_the_earlier_ones() -> None:
    blocks = [{"constraint": {"start_date": "2026-01-01"}, "prices": {"input_mtok": 1}}, {"prices": {"input_mtok": 2}}]
    rows, rejects = parse_model(blocks)
    assert [(row["amount"], row["effective_from"], row["effective_to"]) for row in rows] == [(2, None, None)]
    assert len(rejects) == 1


class TestRealBodies:
    """The bodies as the project published them; the expected figures are theirs."""

    pytestmark = real_data

    @pytest.mark.parametrize(
        ("name", "rows", "rejects"),
        [
            ("history/2025-06-23.json", 1893, 0),
            ("history/2025-12-31.json", 2597, 0),
            ("history/2026-07-25.json", 3459, 0),
            ("latest/2026-08-21_v2_data.json", 3636, 1),
            ("latest/2026-11-10_pypi-0.2.3.json", 8270, 77),
            ("../../web/genai-prices/2026-08-21_data_slim.json", 3145, 0),
        ],
    )
    def test_published_bodies(self, name: str, rows: int, rejects: int) -> None:
        found, rejected = parse((FOLDER / name).read_bytes())
        assert (len(found), len(rejected)) == (rows, rejects)
        assert Counter(tuple(row[name] for name in GRAIN) for row in found).most_common(1)[0][1] == 1
        assert {row["currency"] for row in found} == {"USD"}

    def test_future_and_withdrawn_prices_are_read_as_stated(self) -> None:
        def sonnet(name: str) -> list[tuple[Decimal, str | None]]:
            rows, _ = parse((FOLDER / name).read_bytes())
            return [
                (row["amount"], row["effective_from"] and f"{row['effective_from']:%Y-%m-%d}")
                for row in rows
                if (row["provider"], row["listing"], row["component"], row["service_tier"])
                == ("anthropic", "claude-sonnet-5", "input", "standard")
            ]

        assert sonnet("latest/2026-08-21_v2_data.json") == [(Decimal(2), None), (Decimal(3), "2026-09-01")]
        assert sonnet("latest/2026-11-10_pypi-0.2.3.json") == [(Decimal(2), None)]

    def test_the_derived_dump_holds_the_same_prices_as_the_installed_package(self) -> None:
        if version("genai-prices") != "0.2.3":
            pytest.skip("another version is installed")
        derived, _ = parse((FOLDER / "latest/2026-11-10_pypi-0.2.3.json").read_bytes())
        installed, _ = parse(genai_prices.dump_installed())

        def keyed(rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], Decimal]:
            return {tuple(row[name] for name in GRAIN): row["amount"] for row in rows}

        assert keyed(derived) == keyed(installed)
