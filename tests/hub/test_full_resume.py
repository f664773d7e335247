"""A full crawl that fails or is killed goes on where it ended, on the local Hub with real processes and signals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub.utils import close_session  # type: ignore[attr-defined]  # lazy export

from pipelines.defs.sources.hub_models import source
from pipelines.defs.sources.hub_models.client import HubClient, Limits
from pipelines.defs.sources.hub_models.crawl import Watched
from pipelines.defs.sources.hub_models.full import full_crawl
from pipelines.lib.archive import Archive
from pipelines.lib.capture import CaptureOutcome, capture
from pipelines.lib.http import FetchError
from pipelines.lib.source import Fetcher, Response
from tests.hub import Altered, Drop, LocalHub, Population, Status
from tests.hub.limits import RateWindow
from tests.hub.test_crawl import acme, repository
from tests.hub.test_full_crawl import ALL
from tests.hub.world import World

UNLIMITED = 1_000_000


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    """Twelve repositories, two on a page."""
    close_session()
    with LocalHub(acme(11), page_limit=2) as running:
        yield running
    close_session()


def run(hub: LocalHub, folder: Path, *watched: Watched, notes: list[str] | None = None) -> CaptureOutcome:
    """Capture with the source's own plan and limits, but a small watch list and no pause before the first request."""

    def fetch(fetcher: Fetcher) -> Iterator[Response]:
        client = HubClient(hub.url, None, Limits(pause_seconds=0.0, attempts=1))
        return full_crawl(client, watched, fetcher)

    environ = {"HF_ENDPOINT": hub.url, "MODELMARKET_HUB_CRAWL": "full"}
    told = [] if notes is None else notes
    return capture(replace(source, fetch=fetch), Archive(folder), environ, told.append)


def contents(outcome: CaptureOutcome) -> list[tuple[str, str]]:
    """What a capture holds: names and hashes, in order."""
    assert outcome.whole and outcome.capture is not None, outcome.problem
    return [(stored.label, stored.sha256) for stored in outcome.capture.documents]


CRAWL = """
import os, sys
from pathlib import Path
from pipelines.defs.sources.hub_models import source
from pipelines.lib.archive import Archive
from pipelines.lib.capture import capture
print(capture(source, Archive(Path(sys.argv[1])), os.environ).problem)
"""


@dataclass
class Crashed:
    """What a killed crawl left, and the Hub it asked."""

    hub: LocalHub
    folder: Path

    def kill_at(self, text: str, number: int) -> None:
        """Crawl in a process of its own that is killed while the Hub has its so manieth request with `text`."""
        environ = os.environ | {"HF_ENDPOINT": self.hub.url, "MODELMARKET_HUB_CRAWL": "full"}
        environ.pop("HF_TOKEN", None)
        process = subprocess.Popen([sys.executable, "-c", CRAWL, str(self.folder)], env=environ)
        self.hub.change(text, *[lambda: None] * (number - 1), lambda: process.send_signal(signal.SIGKILL))
        assert process.wait(60) == -signal.SIGKILL

    @property
    def journal(self) -> Path:
        """Its journal."""
        return self.folder / "captures" / "hub_models" / "unfinished.jsonl"

    def go_on(self) -> CaptureOutcome:
        """Capture again, in this process, as the source does it."""
        return capture(source, Archive(self.folder), {"HF_ENDPOINT": self.hub.url, "MODELMARKET_HUB_CRAWL": "full"})


@pytest.fixture(scope="module")
def world() -> World:
    """Thirty pages of ten; some of the watched repositories are among them."""
    return World(models=295, seed=5)


@pytest.fixture
def crashed(world: World, tmp_path: Path) -> Iterator[Crashed]:
    """A Hub to crash against."""
    close_session()
    with LocalHub(world, page_limit=10) as hub:
        hub.window = RateWindow(quota=UNLIMITED)
        yield Crashed(hub, tmp_path / "crashed")
    close_session()


@pytest.fixture
def uninterrupted(world: World, tmp_path: Path) -> list[tuple[str, str]]:
    """What a crawl without a crash gives."""
    with LocalHub(world, page_limit=10) as hub:
        hub.window = RateWindow(quota=UNLIMITED)
        whole = contents(Crashed(hub, tmp_path / "whole").go_on())
    assert len([label for label, _ in whole if label.startswith("models/")]) == 30
    assert len([label for label, _ in whole if label.startswith("repository/")]) >= 3
    return whole


def tear(crash: Crashed) -> int:
    """The process was killed while it wrote a line; nothing that arrived is lost."""
    with crash.journal.open("ab") as file:
        file.write(b'{"label": "models/page-000')
    return 0


def lose_blobs(crash: Crashed) -> int:
    """Two of the last blobs are not there: these pages and those behind them are asked for again."""
    lines = crash.journal.read_bytes().splitlines()
    for line in (lines[-3], lines[-2]):
        digest = json.loads(line)["sha256"]
        (crash.folder / "blobs" / digest[:2] / f"{digest}.zst").unlink()
    return 3


@pytest.mark.parametrize(
    ("text", "number", "harm", "pages_asked"),
    [
        ("cursor=", 1, None, 29),
        ("cursor=", 17, tear, 13),
        ("cursor=", 17, lose_blobs, 16),
        ("/api/models/", 1, None, 0),
        ("/api/models/", 60, tear, 0),
    ],
)
def test_a_killed_crawl_goes_on_and_gives_what_an_uninterrupted_one_gives(
    crashed: Crashed,
    uninterrupted: list[tuple[str, str]],
    text: str,
    number: int,
    harm: Callable[[Crashed], int] | None,
    pages_asked: int,
) -> None:
    crashed.kill_at(text, number)
    archive = Archive(crashed.folder)
    assert archive.captures("hub_models") == []
    begun = archive.journal("hub_models").read()
    assert begun is not None and begun.documents
    if harm:
        harm(crashed)
    before = len(crashed.hub.requests)
    outcome = crashed.go_on()
    assert contents(outcome) == uninterrupted
    assert outcome.capture and outcome.capture.captured_at == begun.started_at.replace(microsecond=0)
    asked = [request.target for request in crashed.hub.requests[before:]]
    assert sum(target.startswith("/api/models?") for target in asked) == pages_asked
    assert not crashed.journal.exists()
    assert all(archive.body(stored) for stored in outcome.capture.documents)


def test_a_kill_between_manifest_and_journal_changes_nothing(hub: LocalHub, tmp_path: Path) -> None:
    hub.fail("cursor=", Drop())
    assert not run(hub, tmp_path).whole
    journal = Archive(tmp_path).journal("hub_models")
    begun = journal.read()
    assert begun is not None
    first = run(hub, tmp_path)
    assert first.capture is not None
    journal.write(replace(begun, documents=first.capture.documents))
    before = len(hub.requests)
    assert run(hub, tmp_path).capture == first.capture
    assert len(hub.requests) == before and len(Archive(tmp_path).captures("hub_models")) == 1


def test_a_failed_crawl_keeps_its_pages_for_the_next(hub: LocalHub, tmp_path: Path) -> None:
    hub.fail("cursor=", Altered(lambda reply: reply), Status(400))
    failed = run(hub, tmp_path)
    assert failed.capture is None and Archive(tmp_path).captures("hub_models") == []
    assert re.search(
        r"page-00003\) answered with status 400.*; 2 documents are kept, and a run before", failed.problem or ""
    )
    notes: list[str] = []
    assert [label for label, _ in contents(run(hub, tmp_path, notes=notes))] == ALL
    assert "going on behind 2 documents" in notes[0]
    assert len(hub.requests) == 3 + 4


def test_a_crawl_that_gets_nothing_leaves_nothing(tmp_path: Path) -> None:
    with LocalHub(acme()) as hub:
        hub.fail("/api/models", Drop())
        assert run(hub, tmp_path).problem
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["unfinished.lock"]


def test_what_is_too_old_to_go_on_with_becomes_an_incomplete_capture(hub: LocalHub, tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    hub.fail("cursor=", Altered(lambda reply: reply), Status(400))
    run(hub, tmp_path)
    journal = archive.journal("hub_models")
    begun = journal.read()
    assert begun is not None
    old = begun.started_at - timedelta(hours=6)
    journal.write(replace(begun, started_at=old))
    assert len(contents(run(hub, tmp_path))) == 6
    aside, whole = archive.captures("hub_models")
    assert (aside.complete, aside.captured_at, len(aside.documents)) == (False, old.replace(microsecond=0), 2)
    assert "after 2 documents; that is too long ago" in str(aside.problem)
    assert whole.complete and whole.captured_at > datetime.now(UTC) - timedelta(minutes=5)
    assert all(archive.body(stored) for stored in (*aside.documents, *whole.documents))


@pytest.mark.parametrize("change", [{"MODELMARKET_HUB_CRAWL": "watch"}, {"HF_ENDPOINT": "http://127.0.0.1:9"}])
def test_another_plan_does_not_go_on(hub: LocalHub, tmp_path: Path, change: dict[str, str]) -> None:
    hub.fail("cursor=", Altered(lambda reply: reply), Status(400))
    run(hub, tmp_path)
    environ = {"HF_ENDPOINT": hub.url, "MODELMARKET_HUB_CRAWL": "full"} | change

    def fetch(fetcher: Fetcher) -> Iterator[Response]:
        assert not fetcher.resumed
        yield Response("author/acme/page-1", hub.url, b"[]")

    assert capture(replace(source, fetch=fetch), Archive(tmp_path), environ).whole
    aside, new = sorted(Archive(tmp_path).captures("hub_models"), key=lambda item: item.complete)
    assert (len(aside.documents), aside.complete) == (2, False) and "something else is asked for" in str(aside.problem)
    assert new.complete and Archive(tmp_path).journal("hub_models").read() is None


def test_the_light_crawl_keeps_what_arrived_as_it_always_did(hub: LocalHub, tmp_path: Path) -> None:
    def fetch(_fetcher: Fetcher) -> Iterator[Response]:
        yield Response("author/acme/page-1", hub.url, b"[]")
        raise FetchError("enough")

    outcome = capture(replace(source, fetch=fetch), Archive(tmp_path), {})
    assert outcome.capture and not outcome.capture.complete and outcome.problem == "enough"
    assert Archive(tmp_path).journal("hub_models").read() is None


def test_two_crawls_at_once_do_not_share_a_journal(hub: LocalHub, tmp_path: Path) -> None:
    with Archive(tmp_path).journal("hub_models").held():
        outcome = run(hub, tmp_path)
    assert outcome.capture is None and "another process" in str(outcome.problem)
    assert run(hub, tmp_path).whole


def test_a_last_page_that_fills_up_is_not_strange(tmp_path: Path) -> None:
    captures: list[Any] = []
    for number in (9, 10):
        with LocalHub(acme(number), page_limit=5) as hub:
            captures.append(run(hub, tmp_path))
    assert [len(contents(item)) for item in captures] == [2, 3]
    assert captures[1].warnings == ()
    with LocalHub(acme(2), page_limit=5) as hub:
        (warning,) = run(hub, tmp_path).warnings
    assert warning.startswith("models/page- changed from")


def test_ids_that_differ_by_case_are_two(tmp_path: Path) -> None:
    twins = [repository("acme/Model", 1), repository("acme/model", 2), repository("Acme/model", 3)]
    watched = tuple(Watched("repository", item.repo_id) for item in twins)
    with LocalHub(Population(twins), page_limit=2) as hub:
        hub.fail("/api/models/acme/model", Status(400))
        assert not run(hub, tmp_path, *watched).whole
        before = len(hub.requests)
        labels = [label for label, _ in contents(run(hub, tmp_path, *watched))]
        assert labels[2:] == [f"repository/{item.repo_id}" for item in twins]
        assert [path.partition("/api/models/")[2] for path in hub.targets()[before:]] == ["acme/model", "Acme/model"]
