"""Every core and mart table from the dated histories of prices and scores, and a report from the built marts.

    python -m tests.benchmarks.bench_build [--keep FOLDER]

Beside it stands a copy of the two staging tables, the least that any build must do. Needs the real bodies beside
the project (`../shared/data`).
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pipelines.lib import loading, sql_model, staging
from pipelines.lib.assets import newest_capture
from pipelines.lib.folder import DataFolder
from pipelines.lib.importing import ImportRefused, date_of, import_files
from pipelines.lib.publish import open_published, publish
from pipelines.lib.registry import load_sources
from pipelines.lib.warehouse import set_as_at
from reports.weekly import write_report
from tests.benchmarks.bench_prices import HISTORIES
from tests.price_bodies import DATA

BOARDS = {
    "aider": ["aider/history*/*.yml", "aider/latest/*_leaderboard.yml"],
    "arena_hard": ["arena-hard/*"],
    "bfcl": ["bfcl/history*/*.csv", "bfcl/latest/*overall.csv"],
    "epoch_benchmarks": ["epoch/hub_*/*.csv", "epoch/history/*.csv"],
    "livebench": ["livebench/latest/*"],
    "livecodebench": ["livecodebench/*.json.gz"],
    "llm_stats": ["llm-stats/history/*.json.gz"],
    "lmarena": ["lmarena/history/*.csv", "lmarena/history_json/*.json", "lmarena/*.csv.gz", "lmarena/latest/*.csv"],
    "mmlu_pro": ["mmlu-pro/*.md"],
    "open_llm_leaderboard": ["hf-open-llm-leaderboard/**/*.csv.gz"],
    "supergpqa": ["supergpqa/*.md"],
    "vectara": ["vectara/history/*.md"],
}
WEEK = "2026-W47"


@contextmanager
def timed(took: dict[str, float], name: str) -> Iterator[None]:
    """Seconds of a part under its name."""
    started = time.perf_counter()
    yield
    took[name] = time.perf_counter() - started


def take_histories(folder: DataFolder) -> list[str]:
    """Import every body, one by one; what cannot be taken is named, not hidden."""
    left_out = []
    for root, histories in ((DATA / "prices", HISTORIES), (DATA / "leaderboards", BOARDS)):
        for name, patterns in histories.items():
            source = load_sources()[name]
            for path in sorted({path for pattern in patterns for path in root.glob(pattern)}):
                try:
                    import_files(source, folder.archive, [path], captured_at=day_of(path), where_from="benchmark")
                except ImportRefused as error:
                    left_out.append(f"{name} {path.name}: {error}")
    return left_out


def day_of(path: Path) -> datetime | None:
    """None where the file's name has a date, else that of its folder, else one after all they hold."""
    if date_of(path) is not None:
        return None
    named = re.search(r"\d{4}-\d{2}-\d{2}", path.parent.name)
    return datetime.fromisoformat(named[0] if named else "2026-08-31").replace(tzinfo=UTC)


def load_all(folder: DataFolder) -> None:
    """Every source into staging: what was imported, and the starters of the rest."""
    with folder.warehouse.write() as connection:
        staging.create_tables(connection)
        for source in load_sources().values():
            loading.load(connection, source, folder.archive, folder.starter)


def build(folder: DataFolder) -> dict[str, float]:
    """Seconds of every core and mart table, in the order they are built."""
    took: dict[str, float] = {}
    with folder.warehouse.write() as connection:
        moment = newest_capture(connection)
        set_as_at(connection, moment)
        for model in sql_model.load_models():
            with timed(took, model.table.full_name):
                sql_model.build(connection, model, str(moment))
    return took


def main() -> None:
    """Import, load, build, publish, report; print what each took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="Folder to leave the warehouse and the report in.")
    chosen = parser.parse_args()
    print(f"load of the machine before: {os.getloadavg()[0]:.2f}; {os.cpu_count()} cores", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        measure(DataFolder(root=str(chosen.keep or scratch)))


def measure(folder: DataFolder) -> None:
    """Run all of it in one folder and print the figures."""
    took: dict[str, float] = {}
    with timed(took, "import"):
        for reason in take_histories(folder):
            print("left out:", reason[:200], flush=True)
    with timed(took, "load"):
        load_all(folder)
    tables = build(folder)
    gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    with folder.warehouse.read() as connection:
        rows = {
            name: connection.execute(f"select count(*) from {name}").fetchall()[0][0]
            for name in ("staging.price", "core.price", "staging.score", "core.score")
        }
        with timed(took, "copy"):
            connection.execute("create temp table price_copy as select * from staging.price")
            connection.execute("create temp table score_copy as select * from staging.score")
    with timed(took, "publish"):
        publish(folder.warehouse, folder.path)
    with open_published(folder.path) as connection, timed(took, "report"):
        page = write_report(connection, week=WEEK, out=folder.path / "reports")
    total = sum(tables.values())
    print(f"rows: {', '.join(f'{name} {count:,}' for name, count in rows.items())}")
    print(f"import {took['import']:.1f} s, load {took['load']:.1f} s")
    print(
        f"build of {len(tables)} tables {total:.1f} s, peak memory {gb:.2f} GB; copying staging {took['copy']:.2f} s, "
        f"ratio {total / took['copy']:.0f}"
    )
    slowest = sorted(tables.items(), key=lambda item: -item[1])[:12]
    print("  slowest: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in slowest))
    print(f"publish {took['publish']:.1f} s; report {took['report']:.1f} s, {page.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
