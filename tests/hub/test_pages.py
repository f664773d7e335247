"""Crawls written to disk are what a client would have received, fast enough for millions of models."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import numpy as np
import pytest
import zstandard

from pipelines.defs.sources.hub_models import source
from pipelines.lib.source import Document, Row
from tests.hub import LocalHub, lineage
from tests.hub.catalog import Query
from tests.hub.columns import CARD_ONLY
from tests.hub.pages import CRAWLED, crawl_pages, write_days, write_pages
from tests.hub.world import World

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "zstd": zstandard.ZstdDecompressor().decompress,
    "gzip": gzip.decompress,
    "plain": bytes,
}


@pytest.mark.parametrize("compression", list(UNPACK))
def test_files_hold_the_bytes_the_server_would_send(tmp_path: Path, compression: str) -> None:
    world = World(700, seed=2)
    written = write_pages(tmp_path, world, compression=compression, page_size=300)
    folder = tmp_path / "2026-09-01"
    listed = json.loads((folder / "pages.json").read_text())
    assert listed["simulated"] is True and len(listed["pages"]) == written.pages == 3
    bodies = [UNPACK[compression]((folder / page["file"]).read_bytes()) for page in listed["pages"]]
    assert sum(map(len, bodies)) == written.body_bytes
    assert sum((folder / page["file"]).stat().st_size for page in listed["pages"]) == written.stored_bytes
    ids = [row["_id"] for body in bodies for row in json.loads(body)]
    assert len(set(ids)) == len(ids) == written.models == world.visible.sum()
    with LocalHub(world) as hub, httpx2.Client(verify=False) as client:
        for page, body in zip(listed["pages"], bodies, strict=True):
            reply = client.get(page["url"].replace("https://hub.simulated", hub.url))
            assert reply.content == body
    assert listed["pages"][-1]["next"] is None
    with pytest.raises(FileExistsError):
        write_pages(tmp_path, world)


def test_the_tracker_reads_every_row_and_finds_the_parents_that_the_world_states() -> None:
    world = World(4_000, seed=3)
    found: dict[str, set[str]] = {}
    for page in crawl_pages(world):
        document = Document("author/all/page-1", page.url, page.body, datetime(2026, 9, 1, tzinfo=UTC))
        for item in source.parse(document):
            assert isinstance(item, Row), item
            tagged = {tag.rpartition(":")[2] for tag in item.values["tags"] if tag.startswith("base_model:")}
            found[str(item.values["repo_id"])] = tagged | set(item.values["base_models"] or [])
    columns, rows = world.columns, np.flatnonzero(world.visible)
    names = world.naming.ids(np.arange(len(columns)))
    for row in rows.tolist():
        parents = lineage.parents(columns, row) if columns.lineage[row] != CARD_ONLY else ()
        assert found.pop(names[row]) - {names[row]} == {names[parent] for parent in parents if parent != row}
    assert not found


def test_days_are_written_one_after_the_other(tmp_path: Path) -> None:
    written = list(write_days(tmp_path, World(200), 3))
    assert [str(item.day) for item in written] == ["2026-09-01", "2026-09-02", "2026-09-03"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2026-09-01", "2026-09-02", "2026-09-03"]


def test_a_page_of_a_thousand_rows_takes_well_under_100_ms(capsys: pytest.CaptureFixture[str]) -> None:
    world = World(30_000)
    times, sizes = [], []
    started = time.process_time()
    for page in crawl_pages(world):
        times.append(time.process_time() - started)
        sizes.append(len(page.body))
        started = time.process_time()
    with capsys.disabled():
        print(f"\nSIMULATED page of 1,000 rows: {1000 * np.median(times):.1f} ms, {np.mean(sizes) / 1000:.0f} kB")
    assert np.median(times) < 0.1
    assert 300_000 < np.mean(sizes[:-1]) < 900_000


def test_a_cursor_in_the_middle_costs_no_more_than_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    world = World(60_000)
    position = world.listing(Query(sort="createdAt"), None, 1000, CRAWLED).end
    times = []
    for _ in range(20):
        started = time.process_time()
        position = world.listing(Query(sort="createdAt"), position, 1000, CRAWLED).end
        times.append(time.process_time() - started)
    assert np.median(times[10:]) < 3 * np.median(times[:10])


def test_the_command_writes_and_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.hub", "--models", "150", "write", str(tmp_path), "--days", "2"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["SIMULATED 2026-09-01", "SIMULATED 2026-09-02"]
