"""Listings kept as changes: the logs hold what the reference says, whatever order the captures came in."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources.hub_models import source
from pipelines.lib import loading
from pipelines.lib.archive import Archive, Capture, StarterArchive
from pipelines.lib.documents import LoadResult
from pipelines.lib.folder import DataFolder
from pipelines.lib.source import Document, Response, Row, Source
from tests.hub.pages import crawl_pages
from tests.hub.world import World
from tests.hub_history import COUNTER, VERSION, History, Observation, history_of

START = datetime(2026, 9, 1, 14, tzinfo=UTC)
WHOLE: dict[str, Any] = {
    "createdAt": "2025-01-02T03:04:05.000Z",
    "lastModified": "2025-02-02T03:04:05.000Z",
    "downloads": 5,
    "downloadsAllTime": 50,
    "likes": 1,
    "trendingScore": 0,
    "tags": [],
    "gated": False,
    "private": False,
    "disabled": False,
}
Item = dict[str, Any]


@dataclass(frozen=True)
class Shot:
    """A capture to be made: the pages of a full crawl, or one page of a namespace."""

    day: int
    pages: tuple[tuple[Item, ...], ...]
    full: bool = True
    complete: bool = True

    @property
    def at(self) -> datetime:
        """When."""
        return START + timedelta(days=self.day)


def repository(number: int, **attributes: Any) -> Item:
    """A row as the Hub lists it."""
    own = {"_id": f"{number:024x}", "id": f"acme/model-{number}", "author": "acme"}
    return {key: value for key, value in (own | WHOLE | attributes).items() if value is not Ellipsis}


def full(day: int, *rows: Item, complete: bool = True) -> Shot:
    """A crawl of everything, two rows on a page."""
    pages = tuple(tuple(rows[start : start + 2]) for start in range(0, len(rows), 2))
    return Shot(day, pages, True, complete)


def part(day: int, *rows: Item) -> Shot:
    """A list page of one namespace."""
    return Shot(day, (rows,), False)


def store(archive: Archive, shot: Shot) -> Capture:
    """Put a capture into the archive."""
    responses = []
    for number, page in enumerate(shot.pages, start=1):
        label = f"models/page-{number:05}" if shot.full else f"author/acme/page-{number}"
        body = json.dumps(page).encode()
        responses.append(Response(label, f"https://hub.test/{label}", body, 200, {"content-type": "application/json"}))
    problem = None if shot.complete else "broken off"
    return archive.store("hub_models", responses, captured_at=shot.at, complete=shot.complete, problem=problem)


def load(folder: DataFolder, starter: Path | None = None) -> LoadResult:
    """Bring the warehouse up to date."""
    with folder.warehouse.write() as connection:
        return loading.load(connection, source, folder.archive, StarterArchive(starter or folder.path / "none"))


def ask(folder: DataFolder, query: str) -> list[Any]:
    """Rows of a query."""
    with folder.warehouse.read() as connection:
        return connection.execute(query).fetchall()


def logs(folder: DataFolder) -> dict[str, list[Any]]:
    """Everything in the logs, with names in place of keys."""
    name = "coalesce(hub_id, '?' || keys.repo_id)"
    keys = "staging.hub_repository_key as keys"
    versions = ", ".join(f"versions.{column}" for column in VERSION)
    counters = ", ".join((*COUNTER, "downloads_30d_before", "downloads_all_time_before"))
    return {
        "keys": ask(folder, f"select {name} from {keys} order by 1"),
        "versions": ask(
            folder,
            f"select {name}, versions.observed_at, is_listed, {versions} from staging.hub_version as versions "
            f"join {keys} using (repository_key) order by 1, 2",
        ),
        "counters": ask(
            folder,
            f"select {name}, counters.observed_at, {counters} from staging.hub_counter as counters "
            f"join {keys} using (repository_key) order by 1, 2",
        ),
        "crawls": ask(folder, "select observed_at, is_full, listed, repositories from staging.hub_crawl order by 1"),
    }


def observed(shot: Shot) -> Observation:
    """The capture as the parser reads it, for the reference."""
    rows: list[Mapping[str, Any]] = []
    for page in shot.pages:
        found = source.parse(Document("models/page-2", "", json.dumps(page).encode(), shot.at))
        rows += [typed(item.values) for item in found if isinstance(item, Row)]
    return Observation(shot.at.replace(tzinfo=None), tuple(rows), is_full=shot.full and shot.complete)


def typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Times as the tables hold them."""
    moments = {
        name: datetime.fromisoformat(values[name]).replace(tzinfo=None)
        for name in ("created_at", "modified_at")
        if values.get(name)
    }
    return dict(values) | moments


def expected(history: History) -> dict[str, list[Any]]:
    """What `logs` must give."""
    names = {item["repository_key"]: item["hub_id"] or f"?{item['repo_id']}" for item in history.keys}
    befores = ("downloads_30d_before", "downloads_all_time_before")

    def rows(items: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[Any]:
        found = [(names[item["repository_key"]], *(item[column] for column in columns)) for item in items]
        return sorted(found, key=lambda row: row[:2])

    return {
        "keys": sorted((name,) for name in names.values()),
        "versions": rows(history.versions, ("observed_at", "is_listed", *VERSION)),
        "counters": rows(history.counters, ("observed_at", *COUNTER, *befores)),
        "crawls": [
            tuple(item[name] for name in ("observed_at", "is_full", "listed", "repositories"))
            for item in history.crawls
        ],
    }


def test_changes_only(folder: DataFolder) -> None:
    """A day without changes adds nothing but its own line; a change adds one row."""
    rows = [repository(number) for number in range(1, 5)]
    store(folder.archive, full(0, *rows))
    store(folder.archive, full(1, *rows))
    store(folder.archive, full(2, repository(1, downloads=9), *rows[1:3], repository(4, tags=["license:mit"])))
    load(folder)
    counts = "(select count(*) from staging.hub_version), (select count(*) from staging.hub_counter)"
    assert ask(folder, f"select {counts}, (select count(*) from staging.hub_crawl)") == [(5, 5, 3)]
    found = ask(folder, "select downloads_30d, downloads_30d_before from staging.hub_counter order by observed_at desc")
    assert found[0] == (9, 5)
    assert ask(folder, "select licence from staging.hub_version order by observed_at desc limit 1") == [("mit",)]


def edited(draw: random.Random, number: int, row: Item) -> Item:
    """The repository after something happened to it."""
    changes: list[Item] = [
        {"downloads": draw.randint(0, 9), "downloadsAllTime": draw.choice([None, draw.randint(0, 99)])},
        {"likes": draw.randint(0, 9)},
        {"tags": draw.sample(["a", "license:mit", "license:other", "base_model:acme/model-1"], 2)},
        {"id": f"acme/renamed-{number}-{draw.randint(0, 1)}"},
        {"baseModels": {"relation": "merge", "models": [{"_id": "x", "id": "acme/model-1"}]}},
        {"trendingScore": draw.choice([0, 0.5, 3])},
    ]
    return row | draw.choice(changes)


def partial(draw: random.Random, row: Item) -> Item:
    """The row as a body shows it that leaves something out, and perhaps tells what the card says."""
    left_out = draw.choice(["tags", "likes", "createdAt", "disabled"])
    card = draw.choice([{}, {"cardData": {"base_model": "acme/base"}}])
    return {name: value for name, value in row.items() if name != left_out} | card


def many_shots(seed: int) -> list[Shot]:
    """Captures of all kinds of a few repositories that are edited, renamed, deleted and come back."""
    draw = random.Random(seed)
    world = {number: repository(number) for number in range(1, 9)}
    shots = []
    for day in range(12):
        for number in draw.sample(sorted(world), 4):
            world[number] = edited(draw, number, world[number])
        rows = [world[number] for number in draw.sample(sorted(world), draw.randint(6, 8))]
        rows += rows[: draw.choice([0, 0, 1])]
        shots.append(full(day, *rows) if draw.random() < 0.5 else part(day, *(partial(draw, row) for row in rows[:3])))
    return shots


def gated_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small worlds vary by more than the whole Hub does."""
    assert source.history is not None
    monkeypatch.setitem(source.history.__dict__, "usual_change", (-1.0, 9.0))


@pytest.mark.parametrize("seed", range(4))
def test_the_logs_hold_what_the_reference_says(folder: DataFolder, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    gated_off(monkeypatch)
    shots = many_shots(seed)
    for shot in shots:
        store(folder.archive, shot)
    load(folder)
    assert logs(folder) == expected(history_of(observed(shot) for shot in shots))


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_captures_does_not_matter(folder: DataFolder, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    gated_off(monkeypatch)
    shots = many_shots(seed)
    shuffled = random.Random(seed + 100).sample(shots, len(shots))
    for start in range(0, len(shuffled), 3):
        for shot in shuffled[start : start + 3]:
            store(folder.archive, shot)
        load(folder)
    assert logs(folder) == expected(history_of(observed(shot) for shot in shots))
    with folder.warehouse.read() as connection:
        assert not loading.is_pending(connection, source, folder.archive, StarterArchive(folder.path / "none"))


def test_pages_read_by_duckdb_mean_what_the_parser_says(folder: DataFolder, tmp_path: Path) -> None:
    """The quick way and the parser's give the same rows from the same pages, on a drawn Hub."""
    assert source.history is not None
    world = World(1_500)
    pages = [
        Response(f"models/page-{page.number:05}", page.url, page.body) for page in crawl_pages(world, page_size=500)
    ]
    slowly = DataFolder(root=str(tmp_path / "slow"))
    by_parser = Source(**(vars(source) | {"history": replace(source.history, read_json=None)}))
    for place, by in ((folder, source), (slowly, by_parser)):
        place.archive.store("hub_models", pages, captured_at=START)
        with place.warehouse.write() as connection:
            result = loading.load(connection, by, place.archive, StarterArchive(place.path / "none"))
        assert (result.bad, result.rejected) == ([], 0)
    assert logs(folder) == logs(slowly)
    assert len(logs(folder)["versions"]) == int(world.visible.sum())


def test_one_bad_row_sends_its_page_to_the_parser(folder: DataFolder) -> None:
    """The others of the page and of the crawl are loaded, the bad ones are kept with their reason."""
    bad = [
        repository(3, downloads=-1),
        repository(4, private=True),
        repository(5, likes=12.5),
        repository(6, gated="perhaps"),
        repository(7, baseModels={"relation": "sibling", "models": [{"_id": "x", "id": "a/b"}]}),
        repository(8, createdAt="2126-01-01T00:00:00.000Z"),
    ]
    good = [repository(1), repository(2), repository(9, downloads=None), repository(10, tags=["x"] * 10_000)]
    store(folder.archive, full(0, *bad, *good))
    result = load(folder)
    assert (result.rows["hub_model"], result.rejected, result.bad) == (4, 6, [])
    reasons = [reason for (reason,) in ask(folder, "select reason from staging.rejected order by raw")]
    assert [reason for reason in reasons if "downloads_30d -1 is not >= 0" in reason]
    assert ask(folder, "select count(*), count(downloads_30d) from staging.hub_counter") == [(4, 3)]


def test_ids_that_differ_in_case_are_two_repositories(folder: DataFolder) -> None:
    store(folder.archive, full(0, repository(1, id="acme/Model"), repository(2, id="acme/model")))
    load(folder)
    assert ask(folder, "select repo_id from staging.hub_version order by 1") == [("acme/Model",), ("acme/model",)]


def page_of(body: bytes, number: int) -> Response:
    """A page of a full crawl with a body of one's own."""
    return Response(f"models/page-{number:05}", f"https://hub.test/{number}", body)


@pytest.mark.parametrize("body", [b"<html>busy</html>", b'[{"id": "a/b"', b"\xff\xfe\x00", b'{"error": "no"}'])
def test_a_page_that_is_none_keeps_a_crawl_from_being_taken_as_whole(folder: DataFolder, body: bytes) -> None:
    store(folder.archive, full(0, *[repository(number) for number in range(1, 5)]))
    good = json.dumps([repository(1), repository(2)]).encode()
    folder.archive.store("hub_models", [page_of(good, 1), page_of(body, 2)], captured_at=START + timedelta(days=1))
    result = load(folder)
    assert len(result.bad) == 1 and result.bad[0].startswith("models/page-00002")
    ((is_full, gate),) = ask(folder, "select is_full, gate from staging.hub_crawl order by observed_at desc limit 1")
    assert not is_full and "1 of its pages cannot be read" in gate
    assert ask(folder, "select count(*) from staging.hub_version where not is_listed") == [(0,)]
    states = ask(folder, "select document, state from staging.document order by observed_at, document")
    assert states == [("listing", "good"), ("listing", "good"), ("models/page-00002", "bad")]


def test_an_unusual_number_is_believed_when_the_next_crawl_agrees(folder: DataFolder) -> None:
    many = [repository(number) for number in range(1, 11)]
    for day, rows in enumerate((many, many[:6], many[:6])):
        store(folder.archive, full(day, *rows))
    load(folder)
    crawls = ask(folder, "select is_full, gate from staging.hub_crawl order by observed_at")
    assert [is_full for is_full, _ in crawls] == [True, False, True]
    assert "it lists 6, -40.0% against 10 on 2026-09-01" in crawls[1][1]
    gone = ask(folder, "select distinct observed_at from staging.hub_version where not is_listed")
    assert gone == [(datetime(2026, 9, 3, 14),)]  # noqa: DTZ001 - as DuckDB gives it


def test_a_crawl_that_broke_off_makes_nothing_gone(folder: DataFolder) -> None:
    rows = [repository(number) for number in range(1, 5)]
    store(folder.archive, full(0, *rows))
    store(folder.archive, full(1, *rows[:2], complete=False))
    load(folder)
    ((gate,),) = ask(folder, "select gate from staging.hub_crawl where not is_full")
    assert gate == "the crawl did not end: broken off"
    assert ask(folder, "select count(*) from staging.hub_version where not is_listed") == [(0,)]


def test_a_repository_is_followed_by_its_id_and_known_by_its_name(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Renamed, deleted and back it stays the same; a body without the id means who carries the name."""
    gated_off(monkeypatch)
    nameless = repository(1, _id=..., downloads=3)
    shots = [
        part(0, nameless),
        full(1, repository(1), repository(2)),
        full(2, repository(1, id="acme/new-name"), repository(2)),
        full(3, repository(2)),
        full(4, repository(1, id="acme/new-name"), repository(2)),
        part(5, repository(1, _id=..., id="acme/new-name", downloads=7)),
    ]
    for shot in shots:
        store(folder.archive, shot)
    load(folder)
    assert logs(folder) == expected(history_of(observed(shot) for shot in shots))
    told = ask(
        folder,
        "select versions.repo_id, is_listed from staging.hub_version as versions "
        "join staging.hub_repository_key as keys using (repository_key) where hub_id like '%1' "
        "order by versions.observed_at",
    )
    assert told == [
        ("acme/model-1", True),
        ("acme/new-name", True),
        ("acme/new-name", False),
        ("acme/new-name", True),
    ]


@pytest.mark.parametrize("left_out", [{}, {"gated": ...}])
def test_what_was_read_from_a_retired_body_stays(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, left_out: Item
) -> None:
    """Bodies may go once they are read; an older capture that comes later still finds its place."""
    gated_off(monkeypatch)
    shots = [full(day, repository(1, downloads=day), repository(2, likes=day % 2, **left_out)) for day in range(4)]
    kept = [store(folder.archive, shot) for shot in shots]
    load(folder)
    for capture in kept[:3]:
        folder.archive.expire(capture, datetime(2027, 1, 1, tzinfo=UTC), "models/page-")
    older = Shot(-1, ((repository(1, downloads=99), repository(3)),), False)
    store(folder.archive, older)
    load(folder)
    assert logs(folder) == expected(history_of(observed(shot) for shot in (older, *shots)))
    states = ask(folder, "select distinct state from staging.document")
    assert states == [("good",)]


def test_starter_bodies_leave_no_trace_behind_real_ones(folder: DataFolder, tmp_path: Path) -> None:
    place = tmp_path / "starter" / "hub_models" / "2026-08-01"
    place.mkdir(parents=True)
    (place / "acme.json").write_text(json.dumps([repository(1, downloads=1), repository(5)]))
    document = {
        "label": "author/acme",
        "url": "https://hub.test",
        "file": "acme.json",
        "media_type": "application/json",
    }
    capture = {"captured_at": "2026-08-01T00:00:00Z", "from": "a test", "documents": [document]}
    (place / "capture.json").write_text(json.dumps(capture))
    load(folder, tmp_path / "starter")
    assert ask(folder, "select origin from staging.hub_crawl") == [("starter",)]
    shot = full(0, repository(1), repository(2))
    store(folder.archive, shot)
    load(folder, tmp_path / "starter")
    found = logs(folder)
    found["keys"] = [key for key in found["keys"] if not key[0].endswith("5")]
    assert found == expected(history_of([observed(shot)]))


def test_a_repository_whose_row_is_rejected_is_not_gone(folder: DataFolder) -> None:
    """A kind of relation nobody knew yesterday must not delete a thousand models."""
    rows = [repository(number) for number in range(1, 1001)]
    odd = repository(7, baseModels={"relation": "distilled", "models": [{"_id": "x", "id": "a/b"}]})
    store(folder.archive, full(0, *rows))
    store(folder.archive, full(1, *rows[:6], odd, *rows[8:]))
    load(folder)
    assert ask(folder, "select is_full, repositories from staging.hub_crawl order by observed_at") == [
        (True, 1000),
        (True, 998),
    ]
    assert ask(folder, "select repo_id from staging.hub_version where not is_listed") == [("acme/model-8",)]


def test_a_row_that_tells_no_counter_counts_nothing(folder: DataFolder) -> None:
    """A child named in someone's tree was seen, its downloads were not."""
    silent = {name: ... for name in ("downloads", "downloadsAllTime", "likes", "trendingScore")}
    shots = [part(0, repository(1, **silent)), part(1, repository(1)), part(2, repository(1, **silent))]
    for shot in shots:
        store(folder.archive, shot)
    load(folder)
    assert logs(folder) == expected(history_of(observed(shot) for shot in shots))
    assert ask(folder, "select count(*) from staging.hub_counter") == [(1,)]
