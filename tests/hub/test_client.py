"""The genuine client library against the simulated Hub, over plain HTTP and over TLS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import BadRequestError, HfHubHTTPError, RepositoryNotFoundError
from huggingface_hub.utils import close_session, set_client_factory  # type: ignore[attr-defined]  # lazy exports
from huggingface_hub.utils._http import default_client_factory

from tests.hub import LocalHub, RateLimited, Status
from tests.hub.tls import NoCertificate, self_signed
from tests.hub.world import World


@pytest.fixture(scope="module")
def world() -> World:
    """Enough models for three pages of a hundred, with one rename."""
    world = World(models=290, seed=5)
    world.edit("rename", world.row_of("Qwen/Qwen2.5-7B"))
    return world


@pytest.fixture(params=["http", "https"])
def hub(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Iterator[LocalHub]:
    """The world on a socket; over TLS the client is told to trust its certificate."""
    certificate = None
    if request.param == "https":
        try:
            certificate = self_signed(tmp_path)
        except NoCertificate as error:
            pytest.skip(str(error))
        trusted = certificate.client_context()
        set_client_factory(lambda: httpx2.Client(verify=trusted, follow_redirects=True, timeout=None))
    close_session()
    with LocalHub(world, page_limit=100, certificate=certificate) as running:
        yield running
    set_client_factory(default_client_factory)
    close_session()


@pytest.fixture
def api(hub: LocalHub) -> HfApi:
    """The client, pointed at the local Hub."""
    return HfApi(endpoint=hub.url, token=False)


def test_a_whole_list_is_paged_in_order(hub: LocalHub, api: HfApi, world: World) -> None:
    found = list(
        api.list_models(
            sort="created_at", expand=["downloads", "tags", "createdAt", "baseModels", "gated", "safetensors"]
        )
    )
    assert len(found) == world.visible.sum()
    assert len({item.id for item in found}) == len(found)
    dates = [item.created_at for item in found if item.created_at]
    assert len(dates) == len(found)
    assert dates == sorted(dates, reverse=True) and dates[0] < datetime(2026, 9, 2, tzinfo=UTC)
    assert all("simulated" in (item.tags or []) for item in found)
    assert any(item.gated == "manual" for item in found)
    assert any(item.safetensors and item.safetensors.total > 0 for item in found)
    assert len(hub.requests) == 3


def test_lists_are_narrowed_and_sorted(api: HfApi) -> None:
    top = [item.downloads or 0 for item in api.list_models(sort="downloads", limit=5)]
    assert top == sorted(top, reverse=True) and top[-1] > 0
    own = list(api.list_models(author="meta-llama"))
    assert own and all(item.id.startswith("meta-llama/") for item in own)
    assert list(api.list_models(filter=["transformers", "no-such-tag"])) == []


def test_a_detail_and_a_renamed_one(api: HfApi) -> None:
    found = api.model_info("Qwen/Qwen2.5-7B", expand=["childrenModelCount", "downloads", "baseModels"])
    assert found.id == "Qwen/Qwen2.5-7B-v2"
    assert set(vars(found)["children_model_count"]) == {"adapter", "merge", "quantized", "finetune"}
    full = api.model_info("Qwen/Qwen2.5-7B-v2")
    assert full.sha and full.siblings and full.card_data and full.last_modified


def test_a_missing_repository_is_known_as_such_over_tls_only(hub: LocalHub, api: HfApi) -> None:
    with pytest.raises(HfHubHTTPError) as caught:
        api.model_info("acme/none")
    assert isinstance(caught.value, RepositoryNotFoundError) == hub.url.startswith("https")
    assert "401" in str(caught.value)


def test_an_attribute_of_details_is_refused_in_lists(api: HfApi) -> None:
    with pytest.raises(BadRequestError, match="childrenModelCount"):
        list(api.list_models(expand=["childrenModelCount"]))


def test_the_client_waits_out_what_passes(hub: LocalHub, api: HfApi, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", waits.append)
    hub.fail("/api/models?", Status(503), RateLimited(7))
    assert len(list(api.list_models(limit=3))) == 3
    assert waits == [1, 8]
