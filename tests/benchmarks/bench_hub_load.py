"""Loading full crawls of a SIMULATED Hub, against DuckDB's bare `read_json` over the same pages.

    python -m tests.benchmarks.bench_hub_load [--models 3000000] [--folder FOLDER]

Prints for the first crawl the time of our load (read, check, compare, write, commit) and of `create table as select *
from read_json(...)` in one run, their ratio, and our peak memory; and for the second crawl, on the next simulated day,
the time to read its pages and the time to take the changes into the logs. Pages are drawn once and kept in the folder.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.defs.sources.hub_models import source
from pipelines.lib import staging
from pipelines.lib.archive import Capture, StoredDocument
from pipelines.lib.documents import LoadResult, Pending
from pipelines.lib.history import listing
from pipelines.lib.history.logs import Logs
from pipelines.lib.history.sync import sync
from pipelines.lib.source import Document, Origin
from pipelines.lib.warehouse import prepare
from tests.hub.pages import write_days
from tests.hub.world import World

MEMORY = "3500MB"


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=3_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", choices=["bare", "ours"], help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.folder or Path(scratch)
        if not (folder / "2026-09-02" / "pages.json").exists():
            for written in write_days(folder, World(chosen.models), 2):
                print(written, flush=True)
        if chosen.only:
            print(json.dumps({"bare": _bare, "ours": _ours}[chosen.only](folder, Path(scratch))))
            return
        # Each in a process of its own, so that memory is its own; in turn, so that the machine is the same.
        runs = {name: _run(name, folder) for name in ("bare", "ours")}
    bare, ours = runs["bare"], runs["ours"]
    print(f"bare read_json: {bare['seconds']:.1f} s, CPU {bare['cpu']:.1f} s, peak memory {bare['gb']:.2f} GB")
    print(f"ours, first crawl: {ours['seconds']:.1f} s, CPU {ours['cpu']:.1f} s, peak memory {ours['gb']:.2f} GB")
    print(f"ratio {ours['seconds'] / bare['seconds']:.2f} (CPU {ours['cpu'] / bare['cpu']:.2f}); at most 2.0 wanted")
    print(f"the next day: pages read in {ours['read_next']:.1f} s, changes taken in in {ours['apply_next']:.1f} s")


def _run(name: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.bench_hub_load", "--folder", str(folder), "--only", name]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def _bare(folder: Path, scratch: Path) -> dict[str, float]:
    pages = [str(path) for path in _pages(folder / "2026-09-01")]
    with duckdb.connect(str(scratch / "bare.duckdb")) as connection:
        connection.execute(f"set memory_limit = '{MEMORY}'")
        return _timed(
            lambda: connection.execute(
                "create table bare as select * from read_json(?, format = 'array', compression = 'zstd')", [pages]
            )
        )


def _ours(folder: Path, scratch: Path) -> dict[str, float]:
    reading = [0.0]
    read_pages = listing._read_pages

    def timed_read(*args: object) -> object:
        started = time.perf_counter()
        found = read_pages(*args)  # type: ignore[arg-type]
        reading[0] = time.perf_counter() - started
        return found

    listing._read_pages = timed_read  # type: ignore[assignment]
    with duckdb.connect(str(scratch / "ours.duckdb")) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        prepare(connection)
        staging.create_tables(connection)
        days = [pending(folder / day) for day in ("2026-09-01", "2026-09-02")]
        first = _timed(lambda: _load(connection, days[0]))
        second = _timed(lambda: _load(connection, days[0] + days[1]))
    return first | {"read_next": reading[0], "apply_next": second["seconds"] - reading[0]}


def _load(connection: duckdb.DuckDBPyConnection, items: list[Pending]) -> None:
    assert source.history is not None
    connection.execute("begin transaction")
    result = LoadResult()
    sync(connection, source, Logs(source.history), items, "benchmark", result)
    connection.execute("commit")
    assert not result.bad and not result.rejected, (result.bad, result.rejected)


def _timed(work: Callable[[], object]) -> dict[str, float]:
    started, cpu = time.perf_counter(), time.process_time()
    work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu, "gb": peak}


def _pages(folder: Path) -> list[Path]:
    return sorted(folder.glob("page-*.json.zst"))


def pending(folder: Path) -> list[Pending]:
    """The pages of a day as the loader is given them."""
    moment = datetime.fromisoformat(folder.name).replace(hour=14, tzinfo=UTC)
    capture = Capture(f"hub_models-{folder.name}", "hub_models", Origin.LIVE, None, moment, True, None, ())
    found = []
    for path in _pages(folder):
        label = f"models/{path.name.removesuffix('.json.zst')}"
        stored = StoredDocument(label, "https://hub.simulated", 200, {}, folder.name, path.name, path.stat().st_size)
        found.append(Pending(capture, stored, _unread, path))
    return found


def _unread() -> Document:
    raise AssertionError("every drawn page is read by DuckDB")


if __name__ == "__main__":
    main()
