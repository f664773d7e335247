"""Simulated days: what is published when, what happens to repositories, and what a crawl in the middle of it sees."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
import numpy as np
import pytest

from tests.hub import LocalHub, counters
from tests.hub.catalog import Query
from tests.hub.clock import Calendar, Script, midnight
from tests.hub.render import ABSENT
from tests.hub.world import World

START = date(2026, 9, 1)


def on_day(offset: int, models: int = 1_200, script: Script | None = None, seed: int = 4) -> World:
    """A world on the day before something happens."""
    world = World(models, seed, START, script)
    for _ in range(offset - 1):
        world.next_day()
    return world


def published(world: World) -> tuple[np.ndarray, np.ndarray]:
    """30-day and all-time counts as served."""
    return world.columns.downloads.copy(), world.columns.downloads_all.copy()


def change(world: World) -> tuple[np.ndarray, np.ndarray]:
    """What one more day changes in the counts of the rows there are."""
    recent, ever = published(world)
    world.next_day()
    return world.columns.downloads[: len(recent)] - recent, world.columns.downloads_all[: len(ever)] - ever


# ---- counts


def test_counts_change_once_a_day_between_4_and_13() -> None:
    world = World(400, script=Script.quiet())
    world.advance_to(midnight(START + timedelta(days=1)))
    seen = [world.columns.downloads_all[:400].sum()]
    steps = []
    for minute in range(0, 24 * 60, 30):
        world.advance(minutes=30)
        seen.append(world.columns.downloads_all[:400].sum())
        if seen[-1] != seen[-2]:
            steps.append(minute / 60)
    assert len(steps) == 1 and 4 <= steps[0] <= 13


def test_refreshes_of_a_year_are_spread_over_the_morning() -> None:
    calendar = Calendar(1, START)
    hours = [calendar.refresh_at(START + timedelta(days=day)).hour for day in range(365)]
    assert min(hours) == 4 and max(hours) == 12 and np.mean(np.array(hours) >= 6) > 0.7


def test_thirty_day_and_all_time_counts_are_exact_sums_of_days() -> None:
    world = World(500, script=Script.quiet())
    rows = np.arange(400)
    for _ in range(3):
        before = world.columns.downloads_all[rows].copy()
        today = world.next_day().toordinal()
        days = [counters.increments(1, world.columns, rows, today - back) for back in range(1, 31)]
        assert (world.columns.downloads[rows] == sum(days)).all()
        assert (world.columns.downloads_all[rows] - before == days[0]).all()


def test_all_time_counts_never_fall_on_a_quiet_day() -> None:
    world = World(20_000, seed=5, script=Script.quiet())
    for _ in range(6):
        assert (change(world)[1] >= 0).all()


def test_one_day_changes_about_15_per_cent_of_the_counts_and_half_a_per_cent_of_the_attributes() -> None:
    world = World(40_000, seed=8, script=Script.quiet())
    world.next_day()
    modified = world.columns.modified.copy()
    recent, ever = change(world)
    changed = ((recent != 0) | (ever != 0)).mean()
    edited = (world.columns.modified[: len(modified)] != modified).mean()
    assert changed == pytest.approx(0.15, abs=0.02)
    assert edited == pytest.approx(0.005, abs=0.001)
    best = np.argsort(-world.columns.rate)[:400]
    assert (ever[best[best < len(ever)]] > 0).mean() > 0.95


@pytest.mark.parametrize("offset", [11, 40])
def test_a_stale_day_shows_nothing_and_the_next_refresh_catches_up(offset: int) -> None:
    world = on_day(offset)
    recent, ever = change(world)
    assert not recent.any() and not ever.any()
    assert any(item.kind == "stale" and item.day == world.today for item in world.happenings)
    if offset == 40:
        assert not change(world)[1].any()
    rows = np.argsort(-world.columns.rate[:1_200])[:100]
    missed = 2 if offset == 11 else 3
    _, ever = change(world)
    days = [
        counters.increments(4, world.columns, rows, world.today.toordinal() - back) for back in range(1, missed + 1)
    ]
    assert (ever[rows] == sum(days)).all()


def test_a_partial_day_refreshes_a_part() -> None:
    world = on_day(25)
    _, ever = change(world)
    busy = world.columns.rate[: len(ever)] > 20
    assert (ever[busy] > 0).mean() == pytest.approx(0.22, abs=0.12)


def test_a_day_can_be_off_as_a_whole_and_the_next_is_right_again() -> None:
    world = on_day(52)
    busy = np.argsort(-world.columns.rate)[:100]
    before = world.columns.downloads[busy].sum()
    _, ever = change(world)
    assert world.columns.downloads[busy].sum() / before == pytest.approx(0.7, abs=0.05)
    assert (ever >= 0).all()
    world.next_day()
    assert world.columns.downloads[busy].sum() / before == pytest.approx(1.0, abs=0.1)


def test_a_jump_works_backwards_for_one_repository_and_its_peers_stay() -> None:
    world = on_day(20)
    before, _ = published(world)
    world.next_day()
    (row,) = world.happened("jump", world.today)
    assert world.columns.downloads[row] / before[row] == pytest.approx(19.2, rel=0.1)
    peers = np.setdiff1d(np.argsort(-before)[:50], [row])
    assert (world.columns.downloads[peers] / before[peers]).max() < 1.5
    kept = world.columns.downloads[row]
    world.next_day()
    assert world.columns.downloads[row] / kept == pytest.approx(1, abs=0.1)


def test_a_jump_can_take_a_whole_library() -> None:
    world = on_day(47)
    before, _ = published(world)
    world.next_day()
    rows = [row for row in world.happened("jump", world.today) if row < len(before)]
    assert len(rows) > 10
    assert world.columns.downloads[rows].sum() / before[rows].sum() == pytest.approx(1.6, abs=0.15)


def test_a_revision_takes_all_time_counts_back_and_leaves_the_others() -> None:
    world = on_day(30)
    recent, ever = change(world)
    revised = world.happened("revision", world.today)
    fallen = set(np.flatnonzero(ever < 0).tolist())
    assert len(revised) == 40 and fallen <= set(revised) and len(fallen) >= 30
    busy = [row for row in revised if world.columns.rate[row] > 100]
    assert (np.abs(recent[busy]) < 0.2 * world.columns.downloads[busy]).all()


def test_a_release_is_counted_two_days_late() -> None:
    world = on_day(5)
    world.next_day()
    (row,) = world.happened("launch")
    name = world.naming.ids(np.array([row]))[0]
    created = datetime.fromtimestamp(int(world.columns.created[row]), UTC)
    assert world.today - created.date() == timedelta(days=9)
    shown = [int(world.columns.downloads[row])]
    for _ in range(8):
        world.next_day()
        shown.append(int(world.columns.downloads[row]))
    assert shown[:3] == [0, 2, 2]
    assert shown[3] > 90_000 and shown[-1] > 1_000_000
    assert json.loads(world.detail(name, ["downloads"]) or "")["downloads"] == shown[-1]


# ---- repositories


def test_new_repositories_come_out_during_the_day_and_some_with_an_older_date() -> None:
    world = World(100_000, script=Script.quiet())
    world.advance_to(midnight(START + timedelta(days=5)))
    counts = [int(world.visible.sum())]
    for _ in range(24):
        world.advance(hours=1)
        counts.append(int(world.visible.sum()))
    made = world.setting.new_a_day
    assert counts[-1] - counts[0] == pytest.approx(made, abs=made * 0.4)
    assert len(set(counts)) > 15
    columns = world.columns
    assert ((columns.public_at - columns.created) > 86_400).sum() > 0


def test_deletions_returns_and_renames_happen_and_are_noted() -> None:
    world = World(30_000, seed=6, script=Script.quiet())
    names = dict(enumerate(world.naming.ids(np.arange(30_000))))
    for _ in range(9):
        world.next_day()
    deleted, returned, renamed = (set(world.happened(kind)) for kind in ("delete", "return", "rename"))
    assert deleted and renamed and returned and returned < deleted
    assert not world.visible[list(deleted - returned)].any() and world.visible[list(returned)].all()
    for row in renamed - deleted:
        new = world.new_name(names[row])
        assert new is not None and new != names[row]
        assert json.loads(world.detail(new, ["likes"]) or "")["_id"] == world.renderer.hub_ids(np.array([row]))[0]
    moved = [row for row in renamed if names[row].split("/")[0] != world.naming.ids(np.array([row]))[0].split("/")[0]]
    assert moved


def test_lineage_is_edited_later() -> None:
    world = World(20_000, seed=2, script=Script.quiet())
    before = world.columns.parent.copy()
    for _ in range(3):
        world.next_day()
    edited = [row for row in world.happened("reparent") if row < 20_000]
    gained = [row for row in edited if before[row] < 0 <= world.columns.parent[row]]
    assert len(edited) > 20 and gained
    untouched = np.setdiff1d(np.arange(20_000), edited)
    assert (world.columns.parent[untouched] == before[untouched]).all()


def test_a_row_can_be_made_to_break_any_rule() -> None:
    world = World(50)
    world.override(3, id="Case/MODEL", downloads=None, tags=["x"] * 10_000, cardData="text", createdAt=ABSENT)
    world.override(4, id="case/model", downloads=-5, trendingScore=0.5)
    wanted = ["downloads", "tags", "cardData", "createdAt", "trendingScore"]
    found = {row["id"]: row for row in map(json.loads, world.listing(Query(), None, 100, wanted).rows)}
    assert found["Case/MODEL"]["downloads"] is None and len(found["Case/MODEL"]["tags"]) == 10_000
    assert found["Case/MODEL"]["cardData"] == "text" and "createdAt" not in found["Case/MODEL"]
    assert (found["case/model"]["downloads"], found["case/model"]["trendingScore"]) == (-5, 0.5)
    assert json.loads(world.detail("case/model", ["downloads"]) or "")["downloads"] == -5


# ---- a crawl while things change


def crawl(hub: LocalHub, sort: str, limit: int = 50) -> list[dict[str, Any]]:
    """All rows as a client sees them, page after page."""
    url: str | None = f"{hub.url}/api/models?limit={limit}&sort={sort}&expand=downloads&expand=tags"
    found: list[dict[str, Any]] = []
    with httpx2.Client(verify=False) as client:
        while url:
            reply = client.get(url)
            found += reply.json()
            url = reply.links.get("next", {}).get("url")
    return found


@pytest.fixture
def world() -> World:
    """Six pages of fifty."""
    return World(300, seed=9, script=Script.quiet())


def before_page(world: World, sort: str, action: Callable[[], object], page: int = 4) -> list[dict[str, Any]]:
    """A crawl in which something changes before one of its pages."""
    with LocalHub(world) as hub:
        hub.change("/api/models", *[lambda: None] * (page - 1), action)
        return crawl(hub, sort)


def oldest(world: World, place: int) -> int:
    """A row by its place from the end of the list by creation."""
    rows = world.listing(Query(sort="createdAt"), None, 1000, [])
    return world.row_of(json.loads(rows.rows[-place])["id"])


def test_a_rename_during_the_crawl_shows_the_row_once_under_its_new_name(world: World) -> None:
    row = oldest(world, 5)
    found = before_page(world, "createdAt", lambda: world.edit("rename", row))
    assert len({item["_id"] for item in found}) == len(found) == world.visible.sum()
    assert world.naming.ids(np.array([row]))[0] in {item["id"] for item in found}


def test_a_deletion_during_the_crawl_costs_that_row_only(world: World) -> None:
    total = int(world.visible.sum())
    last_of_page_3 = world.row_of(json.loads(world.listing(Query(sort="createdAt"), None, 150, []).rows[-1])["id"])
    found = before_page(world, "createdAt", lambda: world.edit("delete", oldest(world, 3), last_of_page_3))
    assert len(found) == total - 1  # the row the cursor stood on had been served, the other had not


def test_a_new_row_during_a_crawl_by_creation_moves_no_other(world: World) -> None:
    total = int(world.visible.sum())
    found = before_page(world, "createdAt", lambda: world.launch("surprise"))
    assert len({item["_id"] for item in found}) == len(found) == total


def test_a_counter_that_moves_during_a_crawl_by_downloads_loses_or_repeats_a_row(world: World) -> None:
    total = int(world.visible.sum())
    order = [json.loads(text)["id"] for text in world.listing(Query(sort="downloads"), None, 1000, []).rows]
    up, down = world.row_of(order[-2]), world.row_of(order[1])

    def move() -> None:
        world.count(up, 10**9)
        world.count(down, -1)

    ids = [item["_id"] for item in before_page(world, "downloads", move)]
    lost, twice = world.renderer.hub_ids(np.array([up, down]))
    assert lost not in ids and ids.count(twice) == 2 and len(ids) == total
    again = World(300, seed=9, script=Script.quiet())
    ids = [item["_id"] for item in before_page(again, "createdAt", lambda: again.count(up, 10**9))]
    assert len(set(ids)) == len(ids) == total


def test_tags_edited_during_the_crawl_are_seen_as_they_are_at_their_page(world: World) -> None:
    early, late = (json.loads(world.listing(Query(sort="createdAt"), None, 1000, []).rows[n]) for n in (0, -1))
    rows = [world.row_of(item["id"]) for item in (early, late)]
    found = {item["_id"]: item["tags"] for item in before_page(world, "createdAt", lambda: world.edit("retag", *rows))}
    now = [json.loads(text)["tags"] for text in world.renderer.texts(np.array(rows), ["tags"])]
    assert found[early["_id"]] != now[0] and found[late["_id"]] == now[1]


def test_the_clock_can_go_on_with_every_request(world: World) -> None:
    """A crawl of six requests, an hour each, that begins at 22:00 sees the next day begin."""
    world.advance(hours=8)
    with LocalHub(world, before_each=lambda: world.advance(hours=1)) as hub:
        crawl(hub, "createdAt")
    assert world.now == datetime(2026, 9, 2, 4, tzinfo=UTC)
