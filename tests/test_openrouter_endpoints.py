"""OpenRouter's prices per endpoint: which models are asked for, the fetch on the wire, real endpoints, the starter."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import openrouter_endpoints
from pipelines.lib.http import FetchError, Refused, Unreachable
from pipelines.lib.source import BadDocument, Document, Reject, Response, Row
from scrapers.pricing_spider import GRAIN
from tests.local_server import LocalServer, Reply, fetcher, quick_http

PROJECT = Path(__file__).resolve().parents[1]
MODELS = ("acme/one", "acme/two", "acme/three")
BODY = b'{"data": {"id": "acme/one", "endpoints": []}}'


def parse(body: bytes, label: str = "endpoints/acme/one") -> tuple[list[dict[str, Any]], list[Reject]]:
    document = Document(label, openrouter_endpoints.URL, body, datetime(2026, 9, 1, tzinfo=UTC))
    items = list(openrouter_endpoints.parse(document))
    rows = [dict(item.values) for item in items if isinstance(item, Row)]
    return rows, [item for item in items if isinstance(item, Reject)]


def path(model: str) -> str:
    return f"/api/v1/models/{model}/endpoints"


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openrouter_endpoints, "watched_models", lambda: MODELS)


def fetch(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Response]:
    monkeypatch.setattr(openrouter_endpoints, "URL", server.url("/api/v1/models"))
    with quick_http(attempts=2) as http:
        yield from openrouter_endpoints.fetch(fetcher(http))


def test_open_models_of_watched_families_are_asked_for() -> None:
    asked = openrouter_endpoints.watched_models()
    assert len(asked) == len(set(asked)) == openrouter_endpoints.MOST_MODELS
    with (PROJECT / "warehouse/seeds/model_alias.csv").open(newline="") as file:
        model_of = {
            row["alias"]: row["model_id"] for row in csv.DictReader(file) if row["scope"] == "openrouter_models"
        }
    with (PROJECT / "warehouse/seeds/model.csv").open(newline="") as file:
        models = {row["model_id"]: row for row in csv.DictReader(file)}
    chosen = [models[model_of[name]] for name in asked]
    assert {row["is_open_weights"] for row in chosen} == {"true"}
    assert len({row["family_id"] for row in chosen[:13]}) == 13
    assert all(name.count("/") == 1 and ":" not in name for name in asked)


def test_one_document_per_model(three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalServer({path(model): Reply(BODY) for model in MODELS}) as server:
        found = list(fetch(server, monkeypatch))
    assert [(item.label, item.body) for item in found] == [(f"endpoints/{model}", BODY) for model in MODELS]
    assert server.asked("/robots.txt") == 1


def test_a_model_that_is_not_listed_is_left_out(three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalServer({path(model): Reply(BODY) for model in MODELS[1:]}) as server:
        assert [item.label for item in fetch(server, monkeypatch)] == ["endpoints/acme/two", "endpoints/acme/three"]


def test_what_failed_is_named_after_what_arrived(three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    routes = {path(MODELS[0]): Reply(b"down", 503), path(MODELS[1]): Reply(BODY), path(MODELS[2]): Reply(b"no", 403)}
    arrived: list[str] = []
    with LocalServer(routes) as server, pytest.raises(FetchError, match=r"of 1 of 3 .*acme/one.*acme/three"):
        arrived.extend(item.label for item in fetch(server, monkeypatch))
    assert arrived == ["endpoints/acme/two"]


def test_none_listed_is_a_failure(three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalServer({}) as server, pytest.raises(FetchError, match="lists none of them"):
        list(fetch(server, monkeypatch))


def test_robots_rules_hold(three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    routes = {"/robots.txt": Reply(b"User-agent: *\nDisallow: /api/\n"), path(MODELS[0]): Reply(BODY)}
    with LocalServer(routes) as server, pytest.raises((Refused, FetchError), match=r"robots\.txt"):
        list(fetch(server, monkeypatch))
    assert server.asked(path(MODELS[0])) == 0


def test_without_a_network_the_first_failure_is_enough(three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openrouter_endpoints, "URL", "http://127.0.0.1:1/api/v1/models")
    with quick_http(attempts=1) as http, pytest.raises(Unreachable):
        list(openrouter_endpoints.fetch(fetcher(http)))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"data": []}', b'{"data": {"id": "x"}}', b'{"data": {"endpoints": []}}', b"[" * 100_000]
)
def test_unusable_bodies_are_refused_whole(body: bytes) -> None:
    with pytest.raises(BadDocument, match=r"openrouter\.ai"):
        parse(body)


@pytest.mark.parametrize(
    ("body", "label"),
    [
        (BODY, "endpoints/acme/one"),
        (b'{"data": []}', "unrecognised"),
        (b"\xff", "unrecognised"),
        (b"[" * 99_999, "unrecognised"),
    ],
)
def test_a_loose_file_is_of_the_model_it_names(body: bytes, label: str) -> None:
    assert openrouter_endpoints.label_of("file.json", body) == label


@pytest.mark.parametrize("discount", ["NaN", "Infinity", "1", 1.5, [0.1], {}, False])
def test_a_discount_that_is_none_rejects_the_endpoint(discount: Any) -> None:
    endpoint = {"tag": "x", "pricing": {"prompt": "0.1", "discount": discount}}
    rows, rejects = parse(json.dumps({"data": {"id": "acme/one", "endpoints": [endpoint]}}).encode())
    assert not rows
    assert [reject.reason for reject in rejects] == [f"x: acme/one: discount {discount!r}"]


def real_endpoints(shared: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Endpoints of the web pages' own body, in the form of the API: the tag is called `provider_slug` there."""
    file = shared / "data/web/openrouter/2026-08-08_frontend_endpoint_stats_subset.jsonl"
    for line in file.read_text().splitlines():
        model = json.loads(line)
        listing = model["model_slug"] + (":batch" if model["variant"] == "batch" else "")
        yield listing, [endpoint | {"tag": endpoint["provider_slug"]} for endpoint in model["endpoints"]]


def api_body(listing: str, endpoints: list[dict[str, Any]]) -> bytes:
    kept = [
        {
            "tag": endpoint["tag"],
            "quantization": endpoint["quantization"],
            "pricing": {key: value for key, value in endpoint["pricing"].items() if key != "display_pricing"},
        }
        for endpoint in endpoints
    ]
    return json.dumps({"data": {"id": listing, "endpoints": kept}}).encode()


@pytest.mark.real_data
class TestRealEndpoints:
    """178 endpoints of 18 listings as OpenRouter stated them on 2026-08-08."""

    def test_every_price_is_a_row(self, shared: Path) -> None:
        keys: Counter[tuple[Any, ...]] = Counter()
        stated = promoted = 0
        for listing, endpoints in real_endpoints(shared):
            rows, rejects = parse(api_body(listing, endpoints))
            assert not rejects
            keys.update(tuple(row[name] for name in GRAIN) for row in rows)
            for endpoint in endpoints:
                prices = [key for key in endpoint["pricing"] if key not in ("discount", "display_pricing", "overrides")]
                tiers = [key for entry in endpoint["pricing"].get("overrides", []) for key in entry]
                stated += len(prices) + len([key for key in tiers if key != "min_prompt_tokens"])
                promoted += len(prices) if endpoint["pricing"]["discount"] else 0
        assert keys.most_common(1)[0][1] == 1
        assert len(keys) == stated + promoted == 626

    def test_the_list_price_is_the_providers_own(self, shared: Path) -> None:
        own_names = {"input": "openai:prompt_tokens", "output": "openai:completion_tokens"}
        compared = 0
        for listing, endpoints in real_endpoints(shared):
            for endpoint in endpoints:
                if not endpoint["pricing"]["discount"]:
                    continue
                rows, _ = parse(api_body(listing, [endpoint]))
                listed = {row["component"]: row["amount"] for row in rows if row["price_kind"] == "list"}
                for component, name in own_names.items():
                    assert listed[component] == Decimal(endpoint["pricing_json"][name]), (listing, endpoint["tag"])
                    compared += 1
        assert compared == 40

    def test_providers_and_scopes(self, shared: Path) -> None:
        endpoints = dict(real_endpoints(shared))
        rows, _ = parse(api_body("openai/gpt-oss-120b", endpoints["openai/gpt-oss-120b"]))
        offers = {(row["provider"], row["deployment_scope"]) for row in rows}
        assert {("openrouter_deepinfra", "bf16"), ("openrouter_google-vertex", "global")} <= offers
        assert ("openrouter_digitalocean", None) in offers
        rows, _ = parse(api_body("qwen/qwen3-max", endpoints["qwen/qwen3-max"]))
        tiers = {row["context_from_tokens"]: row["amount_per_mtok"] for row in rows if row["component"] == "input"}
        assert tiers == {0: Decimal("0.78"), 32_001: Decimal("1.56"), 128_001: Decimal("1.95")}


def test_starter_capture() -> None:
    folder = PROJECT / "warehouse/starter/openrouter_endpoints/2026-08-08"
    documents = json.loads((folder / "capture.json").read_text())["documents"]
    providers = set()
    for stored in documents:
        body = (folder / stored["file"]).read_bytes()
        rows, rejects = parse(body)
        assert rows and not rejects
        model = rows[0]["listing"]
        assert stored["label"] == openrouter_endpoints.label_of("", body) == f"endpoints/{model}"
        assert stored["url"] == f"{openrouter_endpoints.URL}/{model}/endpoints"
        providers |= {row["provider"] for row in rows}
    assert len(providers) >= 15
