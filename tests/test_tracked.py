"""The tracked population, its sizes and release dates, and the adoption measures over it."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.download_tables import SHARED, build, built, listed, warehouse
from tests.hub_history import Observation

ATOM = SHARED / "atom"
SEEDS = Path(__file__).parents[1] / "warehouse" / "seeds"
WATCHED, RAM = "core.watched_repository", "marts.adoption_ram"


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


POPULATION = read(SEEDS / "tracked_checkpoint.csv")
CORRECTIONS = {row["repo_id"]: row for row in read(SEEDS / "release_correction.csv")}


def test_the_population_has_its_known_size() -> None:
    primary = [row for row in POPULATION if row["list"] == "primary"]
    assert len(primary) == len({row["repo_id"] for row in primary}) == 1_772
    assert len({row["checkpoint_id"] for row in primary}) == 1_679
    assert len(POPULATION) - len(primary) == 186
    assert len({row["repo_id"].split("/")[0] for row in primary}) == 38
    # The renamed namespace alone repeats checkpoints.
    ids = {row["repo_id"] for row in primary}
    doubled = {
        row["repo_id"] for row in primary if row["checkpoint_id"] != row["repo_id"] and row["checkpoint_id"] in ids
    }
    assert len(doubled) == 93 and {name.split("/")[0] for name in doubled} == {"THUDM"}


@pytest.mark.skipif(not ATOM.is_dir(), reason="the real bodies are absent")
def test_the_population_is_the_published_one() -> None:
    for file, name in (("models.csv", "primary"), ("extra_models.csv", "secondary")):
        published = {row["modelId"] for row in read(ATOM / file)}
        assert {row["repo_id"] for row in POPULATION if row["list"] == name} == published
    regions = {row["hf_org"]: row["region"] for row in read(ATOM / "metadata" / "organization_regions.csv")}
    assert {row["repo_id"]: row["region"] for row in POPULATION} == {
        row["repo_id"]: regions[row["repo_id"].split("/")[0]] for row in POPULATION
    }
    sizes = {row["model_id"]: row for row in read(ATOM / "metadata" / "model_parameters.csv")}
    for row in POPULATION:
        published_size = sizes.get(row["repo_id"]) or sizes.get(row["checkpoint_id"]) or {}
        assert row["parameters_total_b"] == published_size.get("total_params_b", "")
        assert row["parameters_active_b"] == published_size.get("active_params_b", "")


@pytest.mark.skipif(not ATOM.is_dir(), reason="the real bodies are absent")
def test_the_corrections_are_the_published_ones() -> None:
    published = read(ATOM / "metadata" / "release_date_corrections.csv")
    assert len(published) == len(CORRECTIONS) == 40
    days = []
    for row in published:
        ours = CORRECTIONS[row["model_id"]]
        assert (ours["hub_created_on"], ours["released_on"]) == (row["hf_created_at"], row["actual_release_date"])
        days.append((date.fromisoformat(ours["released_on"]) - date.fromisoformat(ours["hub_created_on"])).days)
    assert 0 not in days and (min(days), max(days), sum(days)) == (-51, 33, 234)


def test_every_correction_changes_the_days_since_the_release() -> None:
    rows = [
        listed(name, 5, 5, created_at=datetime.fromisoformat(row["hub_created_on"]))
        for name, row in CORRECTIONS.items()
    ]
    capture = Observation(datetime(2026, 9, 1, 14), tuple(rows), is_full=False)  # noqa: DTZ001
    with built([capture], WATCHED) as connection:
        found = connection.execute(
            f"select repo_id, released_on, created_on, release_source from {WATCHED} order by repo_id"
        ).fetchall()
        assert len(found) == 40
        for repo_id, released_on, created_on, source in found:
            assert source == "correction" and released_on != created_on
            assert str(released_on) == CORRECTIONS[repo_id]["released_on"]


def test_a_release_is_known_from_the_correction_the_model_or_the_creation() -> None:
    floor, created = datetime(2022, 3, 2, 23, 29, 4), datetime(2026, 1, 1)  # noqa: DTZ001
    names = {
        "moonshotai/Kimi-K2-Thinking": ("correction", "2025-11-06"),
        "deepseek-ai/DeepSeek-R1": ("model", "2025-01-20"),
        "Qwen/Qwen-unheard-of": ("created", "2026-01-01"),
        "Qwen/Qwen-of-old": (None, "None"),
    }
    rows = [listed(name, 5, 5, created_at=floor if name.endswith("old") else created) for name in names]
    with built([Observation(datetime(2026, 9, 1, 14), tuple(rows))], WATCHED) as connection:  # noqa: DTZ001
        found = connection.execute(f"select repo_id, release_source, released_on from {WATCHED}").fetchall()
        assert {name: (source, str(on)) for name, source, on in found} == names


@pytest.mark.parametrize(
    ("parameters_b", "bucket"),
    [
        (0.999, "<1B"), (1, "1-5B"), (4.999, "1-5B"), (5, "7-9B"), (6, "7-9B"), (9.999, "7-9B"), (10, "10-50B"),
        (49.999, "10-50B"), (50, "50-100B"), (100, "100-250B"), (249.999, "100-250B"), (250, "250B+"), (2000, "250B+"),
    ],
)  # fmt: skip
def test_edges_of_the_size_classes(parameters_b: float, bucket: str) -> None:
    with warehouse() as connection:
        build(connection, "seeds.size_bucket")
        found = connection.execute(
            "select size_bucket from seeds.size_bucket where ?::double >= from_b and (below_b is null or ? < below_b)",
            [parameters_b, parameters_b],
        ).fetchall()
        assert found == [(bucket,)]


def test_reviewed_sizes_come_before_the_header_of_the_weights() -> None:
    rows = (
        listed("deepseek-ai/DeepSeek-R1", 5, 5, parameters_total=684_531_386_000),
        listed("Qwen/Qwen-unheard-of", 5, 5, parameters_total=6_000_000_000),
        listed("Qwen/Qwen-of-no-size", 5, 5),
    )
    with built([Observation(datetime(2026, 9, 1, 14), rows)], WATCHED) as connection:  # noqa: DTZ001
        columns = "parameters_total_b, parameters_source, size_bucket"
        found = connection.execute(f"select {columns} from {WATCHED} order by repo_id desc").fetchall()
        assert found == [(671, "population", "250B+"), (6, "repository", "7-9B"), (None, None, None)]


SMALL = [
    row["repo_id"]
    for row in POPULATION
    if row["list"] == "primary" and row["parameters_total_b"] == "" and row["repo_id"].startswith("allenai/")
][:12]
RELEASED = datetime(2026, 9, 1)  # noqa: DTZ001


def daily(names: list[str], days: range, *, fall_on: int | None = None) -> list[Observation]:
    """Daily lists of models of 7 billion parameters; the k-th is downloaded k * 100 times a day."""
    captures = []
    for number in days:
        rows = []
        for place, name in enumerate(names, start=1):
            total = place * 100 * number - (350 if place == 1 and fall_on is not None and number >= fall_on else 0)
            rows.append(listed(name, total, total, created_at=RELEASED, parameters_total=7_000_000_000))
        captures.append(Observation(RELEASED + timedelta(days=number, hours=14), tuple(rows), is_full=False))
    return captures


def ram(connection: duckdb.DuckDBPyConnection, name: str) -> list[Any]:
    columns = "day, downloads_cumulative, models_compared, top_10_median, tenth_largest, ram_v1, ram_v2"
    return connection.execute(f"select {columns} from {RAM} where repo_id = ? order by day", [name]).fetchall()


def test_both_versions_of_relative_adoption() -> None:
    """Of twelve models the ten largest have 300 to 1,200 a day: median 750, tenth largest 300."""
    assert len(SMALL) == 12
    with built(daily(SMALL, range(1, 15)), RAM) as connection:
        assert ram(connection, SMALL[11]) == [
            (7, 8400, 12, 5250.0, 2100, 1.6, 4.0),
            (14, 16800, 12, 10500.0, 4200, 1.6, 4.0),
        ]
        assert ram(connection, SMALL[0])[0] == (7, 700, 12, 5250.0, 2100, 0.1333, 0.3333)


def test_nine_models_are_too_thin() -> None:
    with built(daily(SMALL[:9], range(1, 8)), RAM) as connection:
        assert ram(connection, SMALL[8]) == [(7, 6300, 9, None, None, None, None)]


def test_a_record_that_begins_later_tells_nothing_of_earlier_days() -> None:
    with built(daily(SMALL, range(10, 31)), RAM) as connection:
        assert ram(connection, SMALL[11])[0] == (7, None, 0, None, None, None, None)
        assert [row[0] for row in ram(connection, SMALL[11]) if row[1]] == [14, 30]


def test_the_counter_of_the_day_before_stands_in_and_a_revision_is_added_back() -> None:
    captures = [item for item in daily(SMALL, range(1, 15), fall_on=5) if item.observed_at.day != 8]
    with built(captures, RAM) as connection:
        query = f"select day, observed_on, downloads_cumulative from {RAM} where repo_id = ? order by day"
        # 350 are taken back on a day on which 100 come in: the counter falls by 250, and no more can be seen.
        assert connection.execute(query, [SMALL[0]]).fetchall() == [
            (7, date(2026, 9, 7), 500),
            (14, date(2026, 9, 15), 1300),
        ]


def test_the_tenth_largest_never_falls_with_age() -> None:
    """Counters that fell by a third between the 7th and the 14th day must not lower the line."""
    early = daily(SMALL[:10], range(1, 8))
    late = [
        Observation(
            RELEASED + timedelta(days=14, hours=14),
            tuple(listed(name, 500, 500, created_at=RELEASED, parameters_total=7_000_000_000) for name in SMALL[:10]),
            is_full=False,
        )
    ]
    with built(early + late, RAM) as connection:
        lines = connection.execute(f"select distinct day, tenth_largest from {RAM} order by day").fetchall()
        assert lines[0] == (7, 700) and lines[1][1] >= 700


def test_a_renamed_namespace_is_one_checkpoint() -> None:
    old, new = "THUDM/glm-4-9b", "zai-org/glm-4-9b"
    created = {"created_at": datetime(2026, 9, 1), "hub_id": "one"}  # noqa: DTZ001
    captures = [
        Observation(datetime(2026, 9, 8, 14), (listed(old, 10, 10, **created),)),  # noqa: DTZ001
        Observation(datetime(2026, 9, 15, 14), (listed(new, 20, 20, **created),)),  # noqa: DTZ001
    ]
    with built(captures, RAM) as connection:
        assert new in {row["checkpoint_id"] for row in POPULATION}
        columns = "checkpoint_id, repo_id, day, downloads_cumulative"
        found = connection.execute(f"select {columns} from {RAM} order by day").fetchall()
        assert found == [(new, new, 7, 10), (new, new, 14, 20)]
