"""Download tables built from captures of the Hub made by hand, simulated, or real: what their tests share."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from pipelines.lib import sql_model, staging
from pipelines.lib.sql_model import SqlModel
from pipelines.lib.warehouse import prepare
from tests.hub.clock import Script
from tests.hub.pages import crawl_pages
from tests.hub.world import World
from tests.hub_history import History, Listed, Observation, history_of

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
REAL = SHARED / "hub"
DAILY = "do-me-trending-huggingface-models/transformersjs_feature_extraction_daily_2024-05_2026-05.parquet"
TRENDING_LIST = "0motionguy-starscreener/trending1000_2026-04-28_2026-05-04.parquet"
TRENDING_CACHE = "park-onezero-daily-hf-trending/api_trending_cache_2026-03_2026-08.parquet"
SIMULATED_DAYS = 20
SCRIPT = Script(
    stale=frozenset({5, 6}),
    partial={9: 0.4},
    off_by={},
    jump_of_one=frozenset({13}),
    jump_of_library={},
    revision=frozenset({11}),
    launch=frozenset({3}),
)


def day(number: int, hour: int = 14) -> datetime:
    """A moment of a day of October 2026, naive UTC as DuckDB keeps it; Monday is the 5th."""
    return datetime(2026, 10, number, hour)  # noqa: DTZ001


def listed(repo_id: str, downloads_30d: int | None, all_time: int | None = None, **other: Any) -> dict[str, Any]:
    """One listed repository, its Hub id made from its name unless told."""
    values = {"repo_id": repo_id, "hub_id": f"id of {repo_id}", "created_at": datetime(2026, 1, 1)}  # noqa: DTZ001
    return values | {"downloads_30d": downloads_30d, "downloads_all_time": all_time, "likes": 1} | other


@contextmanager
def warehouse(history: History | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse in memory whose staging tables hold a history."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        prepare(connection)
        staging.create_tables(connection)
        if history:
            fill(connection, history)
        yield connection


def fill(connection: duckdb.DuckDBPyConnection, history: History) -> None:
    """Write a history into the staging tables, in bulk."""
    tables = {
        "hub_repository_key": history.keys,
        "hub_version": history.versions,
        "hub_counter": history.counters,
        "hub_crawl": history.crawls,
    }
    for table, rows in tables.items():
        if not rows:
            continue
        types = dict(
            connection.execute(
                "select column_name, data_type from duckdb_columns where schema_name = 'staging' and table_name = ?",
                [table],
            ).fetchall()
        )
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.writelines(json.dumps(row, default=str) + "\n" for row in rows)
            file.flush()
            connection.execute(
                f"insert into staging.{table} by name "
                f"select {', '.join(rows[0])} from read_json(?, columns = {types}, format = 'newline_delimited')",
                [file.name],
            )


def build(connection: duckdb.DuckDBPyConnection, *tables: str) -> None:
    """Build these tables and what they are made of, with all their checks."""
    models = sql_model.load_models()
    found = {model.table.full_name: model for model in models}
    needed: set[str] = set()

    def need(name: str) -> None:
        if name in found and name not in needed:
            needed.add(name)
            for other in found[name].depends_on:
                need(other)

    for table in tables:
        need(table)
    chosen: list[SqlModel] = [model for model in models if model.table.full_name in needed]
    for model in chosen:
        sql_model.build(connection, model, "", comments=False)


@contextmanager
def built(observations: list[Observation], *tables: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with these tables, built from captures."""
    with warehouse(history_of(observations)) as connection:
        build(connection, *tables)
        yield connection


def real_captures(file: str, *, start: str = "", end: str = "9") -> list[Observation]:
    """Real lists of the Hub by someone else, as captures that tell only what is in them."""
    columns = {
        DAILY: ("date", "null", "null"),
        TRENDING_LIST: ("fetched_at", "library_name", "createdAt"),
        TRENDING_CACHE: ("commit_time", "null", "null"),
    }
    moment, library, created = columns[file]
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        found = connection.execute(
            f"""
            select {moment}::timestamptz::timestamp as seen_at, id, downloads, likes, pipeline_tag, {library},
                {created}::timestamptz::timestamp
            from read_parquet(?)
            where {moment} >= ? and {moment} < ?
            order by seen_at
            """,
            [str(REAL / file), start, end],
        ).fetchall()
    captures: dict[datetime, list[Listed]] = defaultdict(list)
    names = ("repo_id", "downloads_30d", "likes", "pipeline_tag", "library_name", "created_at")
    for at, *values in found:
        captures[at].append(dict(zip(names, values, strict=True)) | {"is_whole": False})
    return [Observation(at, tuple(rows), is_full=False, origin="imported") for at, rows in captures.items()]


@cache
def simulated() -> tuple[World, list[Observation], History]:
    """Twenty days of a small simulated Hub with a stale pair of days, a partial one, a revision, a jump, a launch."""
    world = World(2_000, seed=1, script=SCRIPT)
    captures = [_observe(world)]
    for _ in range(SIMULATED_DAYS - 1):
        world.next_day()
        captures.append(_observe(world))
    return world, captures, history_of(captures)


def _observe(world: World) -> Observation:
    bodies = [json.loads(page.body) for page in crawl_pages(world)]
    return Observation(world.now.replace(tzinfo=None), tuple(_row(item) for body in bodies for item in body))


def _row(item: dict[str, Any]) -> dict[str, Any]:
    licences = [tag.removeprefix("license:") for tag in item["tags"] if tag.startswith("license:")]
    return {
        "repo_id": item["id"],
        "hub_id": item["_id"],
        "created_at": datetime.fromisoformat(item["createdAt"]).replace(tzinfo=None),
        "downloads_30d": item["downloads"],
        "downloads_all_time": item["downloadsAllTime"],
        "likes": item["likes"],
        "pipeline_tag": item.get("pipeline_tag"),
        "library_name": item.get("library_name"),
        "licence": next(iter(licences), None),
        "parameters_total": (item.get("safetensors") or {}).get("total"),
    }
