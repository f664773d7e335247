"""Prices over time: what changed, between which captures, as known when; in whatever order the bodies came."""

from __future__ import annotations

import itertools
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.lib.as_known import as_known
from pipelines.lib.folder import DataFolder
from pipelines.lib.importing import import_files
from pipelines.lib.publish import open_published
from pipelines.lib.registry import find_source
from pipelines.lib.source import Source
from tests.small_sources import build_all as build_everything
from tests.small_sources import small_source, store


def build_all(folder: DataFolder, *sources: Source) -> None:
    """Only what prices need."""
    build_everything(folder, *sources, only="price")


def ask(folder: DataFolder, query: str) -> list[Any]:
    with open_published(folder.path) as connection:
        return connection.execute(query).fetchall()


CHANGES = """
    select listing, change, amount_before::double, amount_after::double, last_seen_before_at::date::varchar,
        known_from::date::varchar
    from marts.price_change order by known_from, listing, component
"""


def test_changes_lie_between_the_captures_that_show_them(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {"a": {"input": "1"}, "b": {"input": "5"}, "c": {"input": "3"}})
    store(folder.archive, "2026-05-08", {"a": {"input": "1"}, "b": {"input": "4"}, "c": {"input": "3"}})
    store(folder.archive, "2026-05-15", {"a": {"input": "2"}, "b": {"input": "4"}, "d": {"input": "0"}})
    store(
        folder.archive,
        "2026-05-22",
        {"a": {"input": None}, "b": {"input": "4"}, "c": {"input": "3"}, "d": {"input": "0"}},
    )
    build_all(folder, small_source())
    assert ask(folder, CHANGES) == [
        ("b", "cut", 5, 4, "2026-05-01", "2026-05-08"),
        ("a", "raise", 1, 2, "2026-05-08", "2026-05-15"),
        ("c", "withdrawn", 3, None, "2026-05-08", "2026-05-15"),
        ("d", "new", None, 0, "2026-05-08", "2026-05-15"),
        ("a", "restated", 2, None, "2026-05-15", "2026-05-22"),
        ("c", "new", None, 3, "2026-05-15", "2026-05-22"),
    ]
    current = ask(folder, "select listing, amount::double from marts.price_current order by listing")
    assert current == [("a", None), ("b", 4), ("c", 3), ("d", 0)]


def test_a_first_capture_is_no_news(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {"a": {"input": "1"}})
    build_all(folder, small_source())
    assert ask(folder, CHANGES) == []


def test_an_unusable_capture_withdraws_nothing(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {"a": {"input": "1"}})
    store(folder.archive, "2026-05-02", b"<html>Just a moment...</html>")
    store(folder.archive, "2026-05-03", {"a": {"input": "1"}})
    build_all(folder, small_source())
    assert ask(folder, CHANGES) == []
    assert ask(folder, "select known_from::date::varchar, last_seen_at::date::varchar, known_to from core.price") == [
        ("2026-05-01", "2026-05-03", None)
    ]


def test_two_bodies_of_one_moment_make_one_history(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {"a": {"input": "1"}})
    store(folder.archive, "2026-05-02", {"a": {"input": "2"}})
    store(folder.archive, "2026-05-02", {"a": {"input": "3"}})
    build_all(folder, small_source())
    assert len(ask(folder, CHANGES)) == 1
    assert ask(folder, "select count(*) from staging.price") == [(3,)]


def test_one_document_of_a_source_says_nothing_about_another(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {"a": {"input": "1"}}, label="usd")
    store(folder.archive, "2026-05-02", {"a": {"input": "7"}}, label="cny")
    build_all(folder, small_source())
    assert ask(folder, CHANGES) == []


def test_a_scheduled_price_is_not_current_before_its_day_and_stays_when_withdrawn(folder: DataFolder) -> None:
    now = {"sonnet": {"input": "2"}}
    store(folder.archive, "2026-08-01", now)
    store(folder.archive, "2026-08-05", {"sonnet": {"input": "3", "from": "2026-09-01"}})
    store(folder.archive, "2026-08-20", now)
    build_all(folder, small_source())
    assert ask(folder, "select amount::int from marts.price_current") == [(2,)]
    rows = ask(
        folder, "select amount::int, effective_from::date::varchar, known_to::date::varchar from core.price order by 1"
    )
    assert rows == [(2, None, "2026-08-05"), (2, None, None), (3, "2026-09-01", "2026-08-20")]


def test_hundreds_of_changes_in_one_capture_are_an_event_at_the_source(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {f"m{number}": {"input": "10"} for number in range(200)})
    store(folder.archive, "2026-05-02", {f"m{number}": {"input": "0"} for number in range(200)})
    store(folder.archive, "2026-05-03", {f"m{number}": {"input": "10" if number else "9"} for number in range(200)})
    store(folder.archive, "2026-05-04", {f"m{number}": {"input": "10" if number > 1 else "8"} for number in range(200)})
    build_all(folder, small_source())
    query = "select known_from::date::varchar d, is_upstream_event, count(*) from marts.price_change group by all"
    rows = ask(folder, f"{query} order by all")
    assert rows == [("2026-05-02", True, 200), ("2026-05-03", True, 200), ("2026-05-04", False, 2)]


def test_what_was_known_on_a_day(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {"a": {"input": "1"}})
    store(folder.archive, "2026-05-08", {"a": {"input": "2"}})
    build_all(folder, small_source())
    question = "select amount::int from core.price_as_known_on(date '{}')"
    assert ask(folder, question.format("2026-04-30")) == []
    assert ask(folder, question.format("2026-05-07")) == [(1,)]
    assert ask(folder, question.format("2026-05-08")) == [(2,)]
    with as_known(folder.path, datetime(2026, 5, 7)) as connection:  # noqa: DTZ001 - naive UTC, as DuckDB keeps it
        assert connection.execute("select amount::int from marts.price_current").fetchall() == [(1,)]
        assert connection.execute("select count(*) from marts.price_change").fetchall() == [(0,)]
        newest = connection.execute("select max(captured_at)::date::varchar from marts.source_health").fetchall()
        assert newest == [("2026-05-01",)]
    with as_known(folder.path, datetime(2026, 5, 20)) as connection:  # noqa: DTZ001
        assert connection.execute("select amount::int from marts.price_current").fetchall() == [(2,)]


def contents(folder: DataFolder) -> dict[str, list[Any]]:
    """Every table of the published warehouse."""
    with open_published(folder.path) as connection:
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name <> 'meta' order by 1"
        ).fetchall()
        return {name: connection.execute(f"from {name} order by all").fetchall() for (name,) in names}


BODIES = {
    "2026-05-01": {"a": {"input": "1"}, "b": {"input": "5"}},
    "2026-05-08": {"a": {"input": "2"}, "b": {"input": "5"}},
    "2026-05-15": {"a": {"input": "2"}},
}


@pytest.mark.parametrize("order", list(itertools.permutations(BODIES)), ids="-".join)
def test_imports_in_any_order_give_the_same_tables(tmp_path: Path, order: tuple[str, ...]) -> None:
    found = []
    for name, days in (("in order", sorted(order)), ("shuffled", order)):
        folder = DataFolder(root=str(tmp_path / name))
        for day in days:
            store(folder.archive, day, BODIES[day])
            build_all(folder, small_source())
        build_all(folder, small_source())
        found.append(contents(folder))
    assert found[0] == found[1]
    assert found[0]["marts.price_change"]


@pytest.mark.real_data
def test_real_history_of_genai_prices_in_two_orders(tmp_path: Path, shared: Path) -> None:
    files = sorted((shared / "data" / "prices" / "genai-prices" / "history").glob("*.json"))[:5]
    source = find_source("genai_prices")
    found = []
    for name, chosen in (("in order", files), ("reversed", files[::-1])):
        folder = DataFolder(root=str(tmp_path / name))
        for path in chosen:
            import_files(source, folder.archive, [path], captured_at=None, where_from="pydantic/genai-prices")
            if path is chosen[1]:
                build_all(folder, source)
        build_all(folder, source)
        before = contents(folder)
        import_files(source, folder.archive, files, captured_at=None, where_from="pydantic/genai-prices")
        build_all(folder, source)
        assert contents(folder) == before, "importing again changed a table"
        found.append(before)
    assert found[0] == found[1]
    with open_published(tmp_path / "in order") as connection:
        cut = connection.execute(
            "select amount_before::double, amount_after::double, last_seen_before_at::date::varchar, "
            "known_from::date::varchar from marts.price_change where provider = 'openai' and listing = 'gpt-4o' "
            "and component = 'input' and change = 'cut'"
        ).fetchall()
    assert cut == [(5.0, 2.5, "2025-06-23", "2025-08-26")]
