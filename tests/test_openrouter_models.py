"""OpenRouter prices: what the fetch does on the wire, the real bodies, and the starter captures."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import openrouter_models
from pipelines.lib.http import FetchError, Refused, TooLarge, Truncated
from pipelines.lib.source import BadDocument, Document, Reject, Response, Row
from tests.local_server import LocalServer, Reply, fetcher, quick_http

PROJECT = Path(__file__).resolve().parents[1]
REAL = Path(__file__).resolve().parents[2] / "shared" / "data"
GRAIN = ("listing", "service_tier", "context_from_tokens", "window_name", "component", "unit")
BODY = b'{"data": [{"id": "openai/gpt-oss-20b", "pricing": {"prompt": "0.00000003"}}]}'
PATH = "/api/v1/models"
real_data = [pytest.mark.real_data, pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")]


def parse(body: bytes) -> tuple[list[dict[str, Any]], list[Reject]]:
    document = Document("main", openrouter_models.URL, body, datetime(2026, 9, 1, tzinfo=UTC))
    items = list(openrouter_models.parse(document))
    rows = [dict(item.values) for item in items if isinstance(item, Row)]
    return rows, [item for item in items if isinstance(item, Reject)]


def fetch(server: LocalServer, monkeypatch: pytest.MonkeyPatch, **options: Any) -> list[Response]:
    monkeypatch.setattr(openrouter_models, "URL", server.url(PATH))
    with quick_http(**options) as http:
        return list(openrouter_models.fetch(fetcher(http)))


def price(rows: list[dict[str, Any]], listing: str, component: str = "input", context_from: int = 0) -> Decimal:
    found = [
        row["amount_per_mtok"]
        for row in rows
        if (row["listing"], row["component"], row["context_from_tokens"]) == (listing, component, context_from)
    ]
    assert len(found) == 1, f"{listing} {component} {context_from}: {found}"
    return found[0]


def test_fetch_keeps_the_bytes_as_served(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalServer({PATH: Reply(BODY, headers={"content-type": "application/json"})}) as server:
        (response,) = fetch(server, monkeypatch)
    assert (response.label, response.body, response.status) == ("main", BODY, 200)
    assert response.headers["content-type"] == "application/json"
    assert server.asked("/robots.txt") == 1


def test_fetch_tries_again_after_503(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalServer({PATH: [Reply(b"busy", 503, {"retry-after": "1"}), Reply(BODY)]}) as server:
        (response,) = fetch(server, monkeypatch)
    assert response.body == BODY
    assert server.asked(PATH) == 2


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        pytest.param(Reply(BODY, announced=len(BODY) + 100), Truncated, id="cut off"),
        pytest.param(Reply(b"{", announced=1_000_000_000), TooLarge, id="announces a gigabyte"),
        pytest.param(Reply(b"no", 403), Refused, id="refused"),
        pytest.param(Reply(b"down", 503), FetchError, id="503 for ever"),
    ],
)
def test_fetch_fails_with_the_address(reply: Reply, error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    limit = openrouter_models.source.max_bytes
    with LocalServer({PATH: reply}) as server, pytest.raises(error, match=r"127\.0\.0\.1"):
        fetch(server, monkeypatch, max_bytes=limit)


def test_fetch_obeys_robots_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    routes = {"/robots.txt": Reply(b"User-agent: *\nDisallow: /api/\n"), PATH: Reply(BODY)}
    with LocalServer(routes) as server, pytest.raises(Refused, match=r"robots\.txt"):
        fetch(server, monkeypatch)
    assert server.asked(PATH) == 0


def test_a_web_page_with_status_200_is_no_capture_of_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Reply(b"<html><title>Just a moment</title></html>", headers={"content-type": "text/html"})
    with LocalServer({PATH: page}) as server:
        (response,) = fetch(server, monkeypatch)
    with pytest.raises(BadDocument, match="Just a moment"):
        parse(response.body)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data": []}', b'{"data": {}}', b"[" * 100_000, b'\xff\xfe{"data"'])
def test_unusable_bodies_are_refused_whole(body: bytes) -> None:
    with pytest.raises(BadDocument, match=r"openrouter\.ai"):
        parse(body)


def test_a_later_tier_wins_even_with_a_lower_threshold() -> None:
    overrides = [{"min_prompt_tokens": 200, "prompt": "3"}, {"min_prompt_tokens": 100, "prompt": "2"}]
    model = {"id": "acme/x", "pricing": {"prompt": "1", "overrides": overrides}}
    rows, rejects = parse(json.dumps({"data": [model]}).encode())
    assert [(row["context_from_tokens"], row["context_to_tokens"], row["amount"]) for row in rows] == [
        (0, 101, 1),
        (101, 201, 2),
        (201, None, 2),
    ]
    assert not rejects


class TestRealBodies:
    """The bodies as OpenRouter served them; the expected figures are theirs."""

    pytestmark = real_data

    def test_may_2026(self) -> None:
        rows, rejects = parse((REAL / "prices/openrouter-api/2026-05-15_models.json").read_bytes())
        assert len(rows) == 1059
        assert len({row["listing"] for row in rows}) == 361
        assert Counter(reject.reason.split(": ")[1] for reject in rejects) == {
            "variable price '-1' of prompt": 3,
            "variable price '-1' of completion": 3,
        }
        assert price(rows, "qwen/qwen3-235b-a22b-2507") == Decimal("0.071")
        assert price(rows, "moonshotai/kimi-k2", "output") == Decimal("2.3")
        assert len({row["listing"] for row in rows if row["hub_repo_id"]}) == 173
        assert all(row["context_to_tokens"] is None for row in rows)

    def test_july_2026_has_context_tiers(self) -> None:
        rows, rejects = parse((REAL / "web/openrouter/2026-07-18_models_top-weekly.json").read_bytes())
        assert len(rows) == 1264
        assert len(rejects) == 10
        assert [price(rows, "qwen/qwen3-max", "input", start) for start in (0, 32_001, 128_001)] == [
            Decimal("0.78"),
            Decimal("1.56"),
            Decimal("1.95"),
        ]
        assert price(rows, "google/gemini-3.1-pro-preview", "cache_write") == Decimal("0.375")
        assert len({row["listing"] for row in rows if row["context_from_tokens"]}) == 43
        assert Counter(tuple(row[name] for name in GRAIN) for row in rows).most_common(1)[0][1] == 1


def starter(day: str) -> tuple[list[dict[str, Any]], list[Reject]]:
    folder = PROJECT / "warehouse" / "starter" / "openrouter_models" / day
    (stored,) = json.loads((folder / "capture.json").read_text())["documents"]
    body = (folder / stored["file"]).read_bytes()
    assert stored["url"] == openrouter_models.URL
    assert len(body) >= openrouter_models.source.min_bytes
    return parse(body)


def test_starter_captures_hold_real_changes() -> None:
    (before, rejects_before), (after, rejects_after) = starter("2026-05-15"), starter("2026-08-08")
    assert not rejects_before
    assert not rejects_after
    assert len({row["listing"] for row in before}) == 48
    assert len({row["listing"] for row in after}) == 62
    assert (price(before, "moonshotai/kimi-k2.6"), price(after, "moonshotai/kimi-k2.6")) == (
        Decimal("0.73"),
        Decimal("0.5795"),
    )
    assert price(before, "openai/gpt-5") == price(after, "openai/gpt-5") == Decimal("1.25")


class TestStarterFacts:
    """Every price of the starter captures is one that OpenRouter stated on that day."""

    pytestmark = real_data

    def test_may(self) -> None:
        real, _ = parse((REAL / "prices/openrouter-api/2026-05-15_models.json").read_bytes())
        rows, _ = starter("2026-05-15")
        assert rows
        assert all(row in real for row in rows)

    def test_august(self) -> None:
        csv.field_size_limit(10_000_000)
        with (REAL / "prices/openrouter-market/models/2026-08-08.csv").open(newline="") as file:
            stated = {line["id"]: json.loads(line["headliner_json"])["pricing"] for line in csv.DictReader(file)}
        folder = PROJECT / "warehouse/starter/openrouter_models/2026-08-08"
        models = json.loads((folder / "models.json").read_text())["data"]
        assert models
        assert all(model["pricing"] == stated[model["id"]] for model in models)
