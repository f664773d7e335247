"""Prices: reading every real body, taking in the histories of four aggregators, and asking what a model costs.

    python -m tests.benchmarks.bench_prices

Each part runs beside the obvious alternative in one run and prints the ratio: parsing against `lxml.html` or
`json.loads` of the same bytes; import, load and build against `pandas.concat` of the parsed rows; `core.price_at`
against a bare select of one listing. Then comes a day on which no source changed anything, which must add no row.
Needs the real bodies beside the project (`../shared/data`).
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from lxml import html

from pipelines.lib import loading, sql_model, staging
from pipelines.lib.assets import newest_capture
from pipelines.lib.folder import DataFolder
from pipelines.lib.importing import as_document, date_of, import_files
from pipelines.lib.publish import open_published, publish
from pipelines.lib.registry import load_sources
from pipelines.lib.source import BadDocument, Reject, Row
from pipelines.lib.warehouse import set_as_at
from tests.price_bodies import DATA, SEEN_AT, bodies
from tests.small_sources import needed

# Source -> its dated whole lists.
HISTORIES = {
    "genai_prices": (
        "genai-prices/history/*.json",
        "genai-prices/latest/2026-08-21*.json",
        "genai-prices/latest/*pypi*",
    ),
    "litellm": ("litellm/*.json",),
    "llm_prices": ("simonw-llm-prices/history/*.json",),
    "models_dev": ("models.dev/history/*.json.gz",),
}
PROCESSES = 2
CALLS = 50
MOMENT = "2026-07-15 10:00+00:00"
LONGEST_PAGE_SECONDS = 3.0
PRICE_AT = "select * from core.price_at(?, ?)"
BARE = "select * from core.price_period where listing = ?"


def main() -> None:
    """Run each part in a process of its own, in turn, and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=sorted(PARTS), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.only:
        with tempfile.TemporaryDirectory() as scratch:
            print(json.dumps(PARTS[chosen.only](Path(scratch))))
        return
    print(f"load of the machine before: {os.getloadavg()[0]:.2f}; {os.cpu_count()} cores", flush=True)
    print(_parsing(_run("parse"), _run("bare_parse")), flush=True)
    concat, loaded = _run("concat"), _run("load")
    print(_loading(loaded, concat))


def _run(name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.bench_prices", "--only", name]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def _parsing(ours: dict[str, Any], bare: dict[str, Any]) -> str:
    slowest, seconds = ours["slowest"]
    if seconds > LONGEST_PAGE_SECONDS:
        raise SystemExit(f"{slowest} took {seconds:.2f} s of CPU to parse; {LONGEST_PAGE_SECONDS} s are allowed")
    ratio = ours["seconds"] / bare["seconds"]
    return (
        f"parsing {ours['bodies']} bodies ({ours['mb']:.0f} MB, {ours['rows']:,} rows) in {PROCESSES} processes: "
        f"{ours['seconds']:.2f} s, lxml and json.loads alone {bare['seconds']:.2f} s, ratio {ratio:.1f}\n"
        f"  CPU of the slowest: {slowest} {seconds:.2f} s; volcengine's 2.6 MB: {ours['volcengine']:.2f} s"
    )


def _loading(ours: dict[str, Any], concat: dict[str, Any]) -> str:
    if ours["added"]:
        raise SystemExit(f"a day without a change added {ours['added']} rows")
    whole = ours["import"] + ours["load"] + ours["build"]
    lines = (
        f"{ours['bodies']} dated bodies of {len(HISTORIES)} aggregators: import {ours['import']:.1f} s, "
        f"load {ours['load']:.1f} s, build of {ours['tables']} tables {ours['build']:.1f} s, together {whole:.1f} s; "
        f"peak memory {ours['gb']:.2f} GB",
        f"  {ours['read']:,} rows read, {ours['stored']:,} stored; parsing and pandas.concat of "
        f"{concat['rows']:,} rows {concat['seconds']:.1f} s, {concat['gb']:.2f} GB; "
        f"ratio {whole / concat['seconds']:.1f}",
        f"price_at, median of {CALLS} calls over as many listings: {ours['ask_ms']:.1f} ms "
        f"(slowest {ours['ask_slowest_ms']:.1f}), bare select {ours['bare_ms']:.1f} ms, "
        f"ratio {ours['ask_ms'] / ours['bare_ms']:.1f}",
        f"a day without a change: {ours['added']} rows added; import and load {ours['next_day']:.1f} s",
    )
    return "\n".join(lines)


def _parse_all(work: Callable[[tuple[str, str | None]], tuple[float, int]], _scratch: Path) -> dict[str, Any]:
    items = sorted(bodies(), key=lambda item: -(DATA / item[0]).stat().st_size)
    with ProcessPoolExecutor(PROCESSES) as pool:
        # What a process does once (imports, compiled patterns) is no part of a body.
        list(pool.map(work, items[-2 * PROCESSES :]))
        started = time.perf_counter()
        took = list(pool.map(work, items))
        seconds = time.perf_counter() - started
    slowest = max(range(len(items)), key=lambda number: took[number][0])
    return {
        "seconds": seconds,
        "bodies": len(items),
        "mb": sum((DATA / path).stat().st_size for path, _ in items) / 1e6,
        "rows": sum(rows for _, rows in took),
        "slowest": (items[slowest][0], took[slowest][0]),
        "volcengine": next(took[number][0] for number, (path, _) in enumerate(items) if "/volcengine/" in path),
    }


def _ours(item: tuple[str, str | None]) -> tuple[float, int]:
    """CPU seconds, which other processes do not lengthen, and rows of one body."""
    path, name = item
    started = time.process_time()
    source = load_sources()[name or "price_pages"]
    try:
        rows = sum(isinstance(found, Row) for found in source.parse(as_document(source, DATA / path, SEEN_AT)))
    except BadDocument:
        rows = 0
    return time.process_time() - started, rows


def _bare(item: tuple[str, str | None]) -> tuple[float, int]:
    started = time.process_time()
    path = DATA / item[0]
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        json.loads(body)
    except ValueError:
        html.document_fromstring(body)
    return time.process_time() - started, 0


def _files(source: str) -> list[Path]:
    found = (path for pattern in HISTORIES[source] for path in (DATA / "prices").glob(pattern))
    return sorted(found, key=lambda path: path.name)


def _load(scratch: Path) -> dict[str, Any]:
    folder = DataFolder(root=str(scratch))
    sources = [load_sources()[name] for name in HISTORIES]
    files = {source.name: _files(source.name) for source in sources}
    took: dict[str, Any] = {"bodies": sum(map(len, files.values()))}
    started = time.perf_counter()
    for source in sources:
        import_files(source, folder.archive, files[source.name], captured_at=None, where_from="benchmark")
    took["import"] = time.perf_counter() - started
    started = time.perf_counter()
    took["read"] = _load_sources(folder)
    took["load"] = time.perf_counter() - started
    started = time.perf_counter()
    took["tables"] = _build(folder)
    took["build"] = time.perf_counter() - started
    took["gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    took["stored"] = _stored(folder)
    publish(folder.warehouse, folder.path)
    with open_published(folder.path) as connection:
        took |= _ask(connection)
    started = time.perf_counter()
    for source in sources:
        newest = files[source.name][-1]
        day = date_of(newest)
        assert day is not None, newest
        import_files(source, folder.archive, [newest], captured_at=day + timedelta(days=1), where_from="benchmark")
    _load_sources(folder)
    took["next_day"] = time.perf_counter() - started
    took["added"] = _stored(folder) - took["stored"]
    return took


def _load_sources(folder: DataFolder) -> int:
    """Rows read by a load of all sources. Raises SystemExit when a body could not be used."""
    read = 0
    with folder.warehouse.write() as connection:
        staging.create_tables(connection)
        for name in HISTORIES:
            result = loading.load(connection, load_sources()[name], folder.archive, folder.starter)
            if result.bad:
                raise SystemExit(f"{name}: {result.bad[0]}")
            read += result.rows["price"]
    return read


def _build(folder: DataFolder) -> int:
    models = {model.table.full_name: model for model in sql_model.load_models()}
    wanted = needed(models, "price")
    with folder.warehouse.write() as connection:
        moment = newest_capture(connection)
        set_as_at(connection, moment)
        for name, model in models.items():
            if name in wanted:
                sql_model.build(connection, model, str(moment))
    return len(wanted)


def _stored(folder: DataFolder) -> int:
    with folder.warehouse.read() as connection:
        return int(connection.execute("select count(*) from staging.price").fetchall()[0][0])


def _ask(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Milliseconds of each question, each listing's two in turn, after one of each that is not counted."""
    listings = connection.execute(
        "select listing from core.price_period where in_force_from <= timestamp '2026-07-15' "
        "group by listing order by md5(listing) limit ?",
        [CALLS],
    ).fetchall()
    times: dict[str, list[float]] = {PRICE_AT: [], BARE: []}
    answered = 0
    for number, (listing,) in enumerate([listings[0], *listings]):
        for query, values in ((PRICE_AT, [listing, MOMENT]), (BARE, [listing])):
            started = time.perf_counter()
            found = connection.execute(query, values).fetchall()
            if number:
                times[query].append((time.perf_counter() - started) * 1e3)
                answered += query == PRICE_AT and bool(found)
    if answered < CALLS / 2:
        raise SystemExit(f"price_at answered only {answered} of {CALLS} questions")
    ours, bare = times[PRICE_AT], times[BARE]
    return {"ask_ms": statistics.median(ours), "bare_ms": statistics.median(bare), "ask_slowest_ms": max(ours)}


def _concat(_scratch: Path) -> dict[str, Any]:
    started = time.perf_counter()
    frames = []
    for name in HISTORIES:
        source = load_sources()[name]
        for path in _files(name):
            document = as_document(source, path, date_of(path) or SEEN_AT)
            rows = [item.values for item in source.parse(document) if not isinstance(item, Reject)]
            frames.append(pd.DataFrame(rows).assign(source=name, observed_at=document.observed_at))
    rows_count = len(pd.concat(frames, ignore_index=True))
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "rows": rows_count,
        "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


PARTS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "parse": partial(_parse_all, _ours),
    "bare_parse": partial(_parse_all, _bare),
    "load": _load,
    "concat": _concat,
}


if __name__ == "__main__":
    main()
