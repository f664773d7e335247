"""`core.series_break` and `marts.score_event`: versions, mass restatements, other scales, one restated score."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from pipelines.lib.registry import find_source
from pipelines.lib.source import Document
from pipelines.lib.source import Row as Parsed
from tests.score_tables import LISTS, Row, arena, board, build, day, insert, register, score, score_tables, table

BREAKS = "core.series_break"
EVENTS = "marts.score_event"
MODELS = [f"m{number:02}" for number in range(20)]
INDEX: Row = {"benchmark": "aa_intelligence_index", "metric": "index", "scale": "index", "source": "aa"}


REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "leaderboards"


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with score_tables() as connection:
        yield connection


def level(slope: float = 1, shift: float = 0, *, moved: int = 20, low: float = 10) -> dict[str, float]:
    """Twenty scores from 73 down, the first `moved` of them on a line of those they would have."""
    values = np.linspace(73, low, len(MODELS))
    return {
        model: round(float(slope * value + shift if number < moved else value), 1)
        for number, (model, value) in enumerate(zip(MODELS, values, strict=True))
    }


def breaks(db: duckdb.DuckDBPyConnection, *publications: list[Row]) -> list[Row]:
    for rows in publications:
        insert(db, "core.score", rows)
    return build(db, *LISTS, BREAKS)


def test_the_index_of_2026_was_rescaled_twice_and_stepped_once(db: duckdb.DuckDBPyConnection) -> None:
    """The line through GPT-5.2 (72.6 to 51, then 51.3 to 42.2) and qwen3-max (55 to 31, then 31 to 24), as reported.

    The third step is small: 0.6 points for all.
    """
    first = (20 / 17.6, 51 - 72.6 * 20 / 17.6)
    second = (18.2 / 20.3, 42.2 - 51.3 * 18.2 / 20.3)
    now = level(low=30)
    days: list[tuple[str, tuple[float, float] | None]] = [
        ("2025-12-28", None), ("2026-01-04", None), ("2026-01-06", first), ("2026-01-13", None),
        ("2026-06-16", second), ("2026-06-23", None), ("2026-08-07", (1, 0.6)), ("2026-08-14", None),
    ]  # fmt: skip
    for number, (on, line) in enumerate(days):
        if line:
            now = {model: round(line[0] * value + line[1], 1) for model, value in now.items()}
        now = now | {f"new {number}": 40.0}
        insert(db, "core.score", board(on, now, **INDEX))
    found = build(db, *LISTS, BREAKS)
    assert [(str(row["published_at"])[:10], row["kind"], row["is_registered"]) for row in found] == [
        ("2026-01-06", "rescaled", False),
        ("2026-06-16", "rescaled", False),
        ("2026-08-07", "mass_restatement", False),
    ]
    assert [row["direction"] for row in found] == ["down", "down", "up"]
    assert found[0]["slope"] == pytest.approx(first[0], abs=0.01)
    # Each publication adds a model: before the three steps 22, 24 and 26 were listed, and all moved.
    assert [(row["common"], row["changed"]) for row in found] == [(22, 22), (24, 24), (26, 26)]
    assert found[0]["published_before_at"].isoformat() == "2026-01-04T00:00:00"


def test_a_registered_version_is_one_break_and_its_day_is_the_registrys(db: duckdb.DuckDBPyConnection) -> None:
    register(db, "aa_intelligence_index", "v3")
    register(db, "aa_intelligence_index", "v4.0", "2026-01-06")
    found = breaks(
        db,
        board("2025-12-28", level(), **INDEX, benchmark_version="v3"),
        board("2026-01-11", level(1.136, -31.5), **INDEX, benchmark_version="v4.0"),
    )
    assert [(row["kind"], row["is_registered"], row["broke_at"].isoformat()) for row in found] == [
        ("new_version", True, "2026-01-06T00:00:00")
    ]
    assert found[0]["published_at"].isoformat() == "2026-01-11T00:00:00"
    assert found[0]["correlation"] > 0.999 and found[0]["slope"] == pytest.approx(1.136, abs=0.01)


def test_versions_stated_by_the_board_are_breaks_though_the_registry_does_not_know_them(
    db: duckdb.DuckDBPyConnection,
) -> None:
    """BFCL: the winner at 90.18 (v1, July 2024), 62.19 (v3, October 2024) and 70.85 (v4, August 2025)."""
    found = breaks(
        db,
        board("2024-06-22", level(0.3, 68), source="bfcl", benchmark="bfcl", benchmark_version="v1"),
        board("2024-10-22", level(0.5, 25), source="bfcl", benchmark="bfcl", benchmark_version="v3"),
        board("2025-01-19", level(0.5, 25), source="bfcl", benchmark="bfcl", benchmark_version="v3"),
        board("2025-11-03", level(0.6, 27), source="bfcl", benchmark="bfcl", benchmark_version="v4"),
    )
    assert [(row["series_id_before"], row["series_id_after"], row["kind"]) for row in found] == [
        ("bfcl:v1", "bfcl:v3", "new_version"),
        ("bfcl:v3", "bfcl:v4", "new_version"),
    ]
    # Nothing changed in January, so what held before v4 is still the publication of October.
    assert found[1]["published_before_at"].isoformat() == "2024-10-22T00:00:00"
    assert not any(row["is_registered"] for row in found)


def test_releases_of_one_capture_follow_each_other_by_their_day_and_windows_do_not(
    db: duckdb.DuckDBPyConnection,
) -> None:
    live = {"source": "livebench", "benchmark": "livebench"}
    found = breaks(
        db,
        *(
            board("2026-02-01", level(1, -shift), **live, document=f"table_{release}", benchmark_version=release)
            for release, shift in (("2026-01-08", 9.0), ("2025-11-25", 0.0), ("2025-12-23", 0.4))
        ),
        board("2026-02-01", level(), benchmark="livecodebench", benchmark_version="v6 2024-08..2025-05"),
        board("2026-02-01", level(1, -5), benchmark="livecodebench", benchmark_version="v6 2025-02..2025-05"),
    )
    in_time = sorted(found, key=lambda row: row["broke_at"])
    assert [(row["series_id_before"], row["series_id_after"], str(row["broke_at"])[:10]) for row in in_time] == [
        ("livebench:2025-11-25", "livebench:2025-12-23", "2025-12-23"),
        ("livebench:2025-12-23", "livebench:2026-01-08", "2026-01-08"),
    ]
    assert [row["median_change_points"] for row in in_time] == [pytest.approx(-0.4), pytest.approx(-8.6)]


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (level(1, 0.04), None),  # within rounding
        (level(1, 2, moved=9), None),  # nine of twenty
        (level(1, 2, moved=11), "mass_restatement"),
        (level(1, 8), "rescaled"),  # a shift of an eighth of the range
        (level(0.85, 5), "rescaled"),  # a slope
        ({model: 100 - value for model, value in level().items()}, "mass_restatement"),  # the order turned round
    ],
)
def test_what_counts_as_a_restatement(db: duckdb.DuckDBPyConnection, after: dict[str, float], kind: str | None) -> None:
    found = breaks(db, board("2026-01-01", level()), board("2026-01-08", level()), board("2026-01-15", after))
    assert [row["kind"] for row in found] == ([kind] if kind else [])


def test_seven_common_models_are_too_few(db: duckdb.DuckDBPyConnection) -> None:
    def few(shift: float, number: int) -> dict[str, float]:
        return dict(list(level(1, shift).items())[:number])

    assert breaks(db, board("2026-01-01", few(0, 7)), board("2026-01-08", few(9, 7))) == []
    db.execute("delete from core.score")
    assert len(breaks(db, board("2026-01-01", few(0, 8)), board("2026-01-08", few(9, 8)))) == 1


def test_fewer_decimals_are_no_restatement(db: duckdb.DuckDBPyConnection) -> None:
    exact = {model: value + 0.0437 * number for number, (model, value) in enumerate(level().items())}
    whole = {model: float(round(value)) for model, value in exact.items()}
    assert breaks(db, board("2026-01-01", exact), board("2026-01-08", whole)) == []


def ratings(seed: int, shift: float = 0, spread: float = 4.0) -> dict[str, float]:
    """Ratings as fitted anew: each moves a little at random, all by the shift."""
    noise = np.random.default_rng(seed).normal(0, spread, len(MODELS))
    return {model: round(1500 - 12 * number + shift + float(noise[number])) for number, model in enumerate(MODELS)}


def test_refitted_ratings_break_only_when_they_move_far_more_than_they_use_to(db: duckdb.DuckDBPyConnection) -> None:
    days = ["2026-01-01", "2026-01-08", "2026-01-15", "2026-01-22", "2026-01-29", "2026-02-05"]
    found = breaks(db, *(arena(on, ratings(seed)) for seed, on in enumerate(days)))
    assert found == []
    db.execute("delete from core.score")
    anchored = [arena(on, ratings(seed, 60 if seed >= 4 else 0)) for seed, on in enumerate(days)]
    found = breaks(db, *anchored)
    assert [(str(row["published_at"])[:10], row["direction"]) for row in found] == [("2026-01-29", "up")]
    assert found[0]["usual_abs_change_points"] < found[0]["median_abs_change_points"] / 3


def test_how_far_ratings_usually_move_is_not_known_from_two_steps(db: duckdb.DuckDBPyConnection) -> None:
    days = ["2026-01-01", "2026-01-08", "2026-01-15"]
    assert breaks(db, *(arena(on, ratings(seed, 60 * seed)) for seed, on in enumerate(days))) == []


# --- events


def events(db: duckdb.DuckDBPyConnection, *publications: list[Row]) -> list[Row]:
    breaks(db, *publications)
    return build(db, EVENTS)


def test_one_score_given_otherwise_is_a_restated_score(db: duckdb.DuckDBPyConnection) -> None:
    found = events(db, board("2026-01-01", level()), board("2026-01-08", level() | {"m03": 70.0}))
    (event,) = found
    assert (event["kind"], event["model_name"]) == ("restated_score", "m03")
    assert event["score_after_points"] == 70.0 and event["score_before_points"] == level()["m03"]
    assert event["change_points"] == pytest.approx(70.0 - level()["m03"]) and event["direction"] == "up"
    assert (event["changed"], event["common"], event["is_registered"]) == (1, 20, None)


def test_another_evaluation_is_no_restatement_and_neither_is_refitting(db: duckdb.DuckDBPyConnection) -> None:
    before = board("2026-01-01", level(), evaluated_on="2025-12-01")
    after = board("2026-01-08", level() | {"m03": 70.0}, evaluated_on="2026-01-05")
    rated = [arena(on, ratings(seed)) for seed, on in enumerate(("2026-01-01", "2026-01-08"))]
    assert events(db, before, after, *rated) == []


def test_a_break_is_one_event_not_one_per_model(db: duckdb.DuckDBPyConnection) -> None:
    found = events(db, board("2026-01-01", level()), board("2026-01-08", level(0.8, 3)))
    assert [(row["kind"], row["entry"], row["changed"]) for row in found] == [("rescaled", None, 20)]


def test_a_renamed_entry_of_one_model_is_followed_and_two_names_of_one_are_kept_apart(
    db: duckdb.DuckDBPyConnection,
) -> None:
    db.execute("insert into seeds.model by name select 'm' as model_id, 'M' as name, 'a' as organisation_id, "
               "false as is_open_weights, 'closed' as licence_class, 's' as source")  # fmt: skip

    def named(on: str, names: dict[str, float], **more: Any) -> list[Row]:
        return board(on, names, model_id="m", **more)

    days = ("2026-01-01", "2026-01-08")
    for on, names in zip(days, ({"Old Name": 50.0}, {"new-name": 51.0}), strict=True):
        insert(db, "core.score", named(on, names) + board(on, level()))
    for on, names in zip(days, ({"m-0513": 50.0, "m-0806": 60.0}, {"m-0806": 61.0}), strict=True):
        insert(db, "core.score", named(on, names, source="two") + board(on, level(), source="two"))
    build(db, *LISTS, BREAKS)
    found = sorted((row["source"], row["model_name"], row["change_points"]) for row in build(db, EVENTS))
    assert found == [("board", "new-name", 1.0), ("two", "m-0806", 1.0)]
    entries = db.execute(
        "select source, count(distinct entry) from core.leaderboard_entry join core.leaderboard_publication "
        "using (board_id, position) where model_id = 'm' group by all order by 1"
    ).fetchall()
    assert entries == [("board", 1), ("two", 2)]


# --- real bodies


def bodies(source: str, *folders: str) -> Iterator[list[Row]]:
    """The whole-benchmark scores of each dated body of a source, as a capture of its day."""
    declared = find_source(source)
    for path in sorted(path for folder in folders for path in (REAL / folder).glob("20*")):
        on = re.match(r"[\d-]{10}", path.name)
        assert on, path
        document = Document("main", "", path.read_bytes(), day(on[0]).replace(tzinfo=UTC))
        found = [item.values for item in declared.parse(document) if isinstance(item, Parsed)]
        yield [
            score(values["model_name"], values["score"], on[0], **{**values, "source": source})
            for values in found
            if values.get("task") is None and values.get("category") is None
        ]


def scores_of(db: duckdb.DuckDBPyConnection, rows: list[Row]) -> None:
    """Add rows with what core.score holds of them."""
    columns = {column.name for column in table("core.score").columns}
    insert(db, "core.score", [{name: row[name] for name in row if name in columns} for row in rows])


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
def test_the_versions_of_two_boards_are_found_in_their_bodies(db: duckdb.DuckDBPyConnection) -> None:
    """BFCL: the winner 90.18 in v1, 62.19 in v3, 70.85 in v4; Vectara: another corpus in November 2025."""
    for rows in bodies("bfcl", "bfcl/history_v1", "bfcl/history"):
        scores_of(db, rows)
    for rows in bodies("vectara", "vectara/history"):
        scores_of(db, rows)
    found = sorted(build(db, *LISTS, BREAKS), key=lambda row: (row["source"], row["published_at"]))
    versions = [row for row in found if row["kind"] == "new_version"]
    assert [(row["source"], row["series_id_after"], str(row["published_at"])[:10]) for row in versions] == [
        ("bfcl", "bfcl:v3", "2024-10-22"),
        ("bfcl", "bfcl:v4", "2025-11-03"),
        ("vectara", "vectara_hallucination:2025 corpus", "2025-12-18"),
    ]
    assert [row["direction"] for row in versions[:2]] == ["down", "down"]
    # The whole board was measured anew in July 2024, a month before its README names the new judge.
    assert ("vectara", "mass_restatement", "2024-07-26") in {
        (row["source"], row["kind"], str(row["published_at"])[:10]) for row in found
    }
