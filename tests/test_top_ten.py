"""`marts.top_ten_change`: what entered, left and moved, and why; a cut list makes nothing disappear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path

import duckdb
import numpy as np
import pytest

from pipelines.lib.registry import find_source
from pipelines.lib.source import Document
from pipelines.lib.source import Row as Parsed
from tests.score_tables import LISTS, Row, arena, board, build, day, insert, score, score_tables, table

CHANGES = "marts.top_ten_change"
NAMES = [f"m{number:02}" for number in range(1, 31)]


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with score_tables() as connection:
        yield connection


def ordered(names: Sequence[str]) -> dict[str, float]:
    """Scores by which the names stand in this order."""
    return {name: float(90 - number) for number, name in enumerate(names)}


def changes(db: duckdb.DuckDBPyConnection, *publications: list[Row], comparison: str = "previous") -> list[Row]:
    for rows in publications:
        insert(db, "core.score", rows)
    return [row for row in build(db, *LISTS, CHANGES) if row["comparison"] == comparison]


def said(rows: list[Row], *kinds: str) -> dict[str, tuple[str, str | None]]:
    return {row["model_name"]: (row["change"], row["reason"]) for row in rows if row["change"] in kinds}


def test_new_overtaken_and_moved_with_places_scores_and_days(db: duckdb.DuckDBPyConnection) -> None:
    before = ordered(NAMES)
    after = before | {"new": 88.5, "m12": 89.5}
    rows = changes(db, board("2026-01-01", before), board("2026-01-09", after))
    assert said(rows, "entered", "left") == {
        "new": ("entered", "new_model"),
        "m12": ("entered", "overtaken"),
        "m09": ("left", "overtaken"),
        "m10": ("left", "overtaken"),
    }
    found = {row["model_name"]: row for row in rows}
    assert (found["m12"]["place_before"], found["m12"]["place"]) == (12, 2)
    assert (found["m12"]["score_before"], found["m12"]["score"]) == (79.0, 89.5)
    assert (found["m09"]["place_before"], found["m09"]["place"]) == (9, 11)
    assert found["new"]["place_before"] is None and found["new"]["score_before"] is None
    assert found["m01"]["change"] == "stayed" and found["m02"]["change"] == "moved"
    assert str(found["new"]["published_before_at"]) == "2026-01-01 00:00:00"
    assert str(found["new"]["published_at"]) == "2026-01-09 00:00:00"
    assert len(rows) == 12


def test_one_that_is_gone_from_a_whole_list_was_removed_and_makes_room(db: duckdb.DuckDBPyConnection) -> None:
    after = ordered([name for name in NAMES if name != "m03"])
    rows = changes(db, board("2026-01-01", ordered(NAMES)), board("2026-01-09", after))
    assert said(rows, "entered", "left") == {"m03": ("left", "removed"), "m11": ("entered", "removed")}
    back = changes(db, board("2026-01-20", ordered(NAMES)))
    newest = [row for row in back if row["is_newest"]]
    assert said(newest, "entered", "left") == {"m03": ("entered", "relisted"), "m11": ("left", "overtaken")}


@pytest.mark.parametrize("cut_to", [20, 12, 25])
def test_a_list_cut_to_its_top_makes_nothing_disappear(db: duckdb.DuckDBPyConnection, cut_to: int) -> None:
    """The one at place 4 falls below the end of the list at the very moment at which the list is cut."""
    fallen = [name for name in NAMES if name != "m04"]
    rows = changes(
        db,
        board("2026-01-01", ordered(NAMES)),
        board("2026-01-09", ordered(fallen[:cut_to])),
        # Cut as before, and one longer: still not whole, so that m05 may stand below its end.
        board("2026-01-17", ordered([name for name in fallen if name != "m05"][: cut_to + 1])),
        board("2026-01-25", ordered([name for name in fallen if name != "m05"])),
    )
    assert "removed" not in {row["reason"] for row in rows if row["change"] == "left"}
    assert {row["model_name"]: row["reason"] for row in rows if row["change"] == "left"} == {
        "m04": "not_listed",
        "m05": "not_listed",
    }
    assert sorted({str(row["published_at"])[:10] for row in rows if row["is_cut"]}) >= ["2026-01-09", "2026-01-17"]


def test_what_a_cut_list_did_not_show_is_not_called_new(db: duckdb.DuckDBPyConnection) -> None:
    after = ordered([*NAMES[:5], "risen", *NAMES[5:]])
    rows = changes(db, board("2026-01-01", ordered(NAMES[:12])), board("2026-01-09", after))
    assert said(rows, "entered") == {"risen": ("entered", "not_listed")}


def test_days_of_ratings_are_publications_though_one_body_holds_them_all(db: duckdb.DuckDBPyConnection) -> None:
    """Three days, the newest a week after the oldest, in one capture; the body lists them in no order."""
    first, second = ordered(NAMES), ordered(["new", *NAMES])
    third = ordered([NAMES[10], "new", *NAMES[:10], *NAMES[11:]])
    for comparison, expected in (("previous", 2), ("week", 1)):
        db.execute("delete from core.score")
        rows = changes(
            db, arena("2026-02-05", second), arena("2026-02-08", third), arena("2026-02-01", first),
            comparison=comparison,
        )  # fmt: skip
        assert len({row["published_at"] for row in rows}) == expected
    assert {str(row["published_before_at"])[:10] for row in rows} == {"2026-02-01"}
    assert said(rows, "entered", "left") == {
        "new": ("entered", "new_model"),
        "m11": ("entered", "overtaken"),
        "m09": ("left", "overtaken"),
        "m10": ("left", "overtaken"),
    }


def test_captures_that_show_the_same_are_one_publication(db: duckdb.DuckDBPyConnection) -> None:
    days = ("2026-01-01", "2026-01-02", "2026-01-03")
    same = [board(on, ordered(NAMES)) for on in days]
    rows = changes(db, *same, board("2026-01-04", ordered(NAMES[::-1])))
    assert {(str(row["published_before_at"])[:10], str(row["published_at"])[:10]) for row in rows} == {
        ("2026-01-01", "2026-01-04")
    }
    held = db.execute("select position, last_observed_at::date::varchar from core.leaderboard_publication order by 1")
    assert held.fetchall() == [(1, "2026-01-03"), (2, "2026-01-04")]


def test_another_release_is_never_compared_with_the_one_before(db: duckdb.DuckDBPyConnection) -> None:
    assert not changes(
        db,
        board("2026-01-01", ordered(NAMES), benchmark="bfcl", benchmark_version="v3"),
        board("2026-01-09", ordered(NAMES[::-1]), benchmark="bfcl", benchmark_version="v4"),
    )


def test_small_lists_and_self_reported_ones_have_no_top_ten_and_lower_may_be_better(
    db: duckdb.DuckDBPyConnection,
) -> None:
    days = ("2026-01-01", "2026-01-09")
    for on, names in zip(days, (NAMES, NAMES[::-1]), strict=True):
        insert(db, "core.score", board(on, ordered(names[:10]), source="small"))
        insert(db, "core.score", board(on, ordered(names), source="cards", is_self_reported=True))
        insert(db, "core.score", board(on, ordered(names), source="rates", benchmark="vectara_hallucination"))
    rows = changes(db)
    assert {row["source"] for row in rows} == {"rates"}
    assert {row["model_name"] for row in rows if row["change"] == "entered"} == set(NAMES[:10])
    assert next(row["place"] for row in rows if row["model_name"] == "m01") == 1


def test_every_top_ten_follows_from_the_one_before(db: duckdb.DuckDBPyConnection) -> None:
    """Whatever a list does: what was in it, less what left, with what entered, is what is in it."""
    random = np.random.default_rng(3)
    tops: list[set[str]] = []
    for week in range(12):
        size = int(random.integers(11, 31))
        listed = random.choice(NAMES, size, replace=False)
        scores = {str(name): float(value) for name, value in zip(listed, random.integers(0, 40, size), strict=True)}
        tops.append({name for name in scores if sum(other > scores[name] for other in scores.values()) < 10})
        insert(db, "core.score", board(f"2026-{1 + week // 4:02}-{1 + 7 * (week % 4):02}", scores))
    rows = changes(db)
    days = sorted({row["published_at"] for row in rows})
    assert len(days) == 11
    for number, on in enumerate(days, start=1):
        of_day = said([row for row in rows if row["published_at"] == on], "entered", "left")
        entered = {name for name, (change, _) in of_day.items() if change == "entered"}
        left = {name for name, (change, _) in of_day.items() if change == "left"}
        assert tops[number - 1] - left | entered == tops[number]
        assert entered.isdisjoint(tops[number - 1]) and left <= tops[number - 1]
    assert all((row["reason"] is None) == (row["change"] in ("moved", "stayed")) for row in rows)


REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "leaderboards" / "lmarena" / "history_json"


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
def test_a_real_list_of_71_cut_to_30_and_grown_to_50_makes_nothing_disappear(db: duckdb.DuckDBPyConnection) -> None:
    arena_source = find_source("lmarena")
    columns = {column.name for column in table("core.score").columns}
    for path in sorted(REAL.glob("*.json")):
        body, on = path.read_bytes(), path.stem
        found = arena_source.parse(Document("text_style_control/top", "", body, day(on).replace(tzinfo=UTC)))
        rows = [
            score(item.values["model_name"], item.values["score"], on, **{**item.values, "source": "lmarena"})
            for item in found
            if isinstance(item, Parsed) and item.values.get("category") is None
        ]
        insert(db, "core.score", [{name: row[name] for name in row if name in columns} for row in rows])
    rows = changes(db)
    lengths = db.execute("select entries from core.leaderboard_publication order by position").fetchall()
    assert [length for (length,) in lengths][-3:] == [71, 30, 50]
    assert {row["reason"] for row in rows if row["change"] == "left"} == {"overtaken"}
    assert {row["reason"] for row in rows if row["change"] == "entered" and row["entries_before"] == 30} == {
        "not_listed"
    }
