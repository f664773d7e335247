"""The quality index: that the fit finds known abilities, its intervals, what it hangs on, and the real boards."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from pipelines.defs.sources.epoch_benchmarks import source as epoch
from pipelines.defs.sources.livebench import source as livebench
from pipelines.lib.folder import DataFolder
from pipelines.lib.publish import open_published
from pipelines.lib.source import Origin, Response
from tests.quality_world import INDEX, benchmark, build, put, rows, score, simulated, world
from tests.small_sources import at, build_all

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "leaderboards"


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with world() as connection:
        yield connection


# --- the fit


@pytest.mark.parametrize("seed", [1, 2])
def test_known_abilities_are_found_and_nine_of_ten_intervals_hold_them(
    db: duckdb.DuckDBPyConnection, seed: int
) -> None:
    ability = simulated(db, seed)
    build(db)
    found = {row["model_id"]: row for row in rows(db, "select * from marts.quality_index")}
    assert set(found) == set(ability)
    mean = sum(ability.values()) / len(ability)
    true = pd.Series({name: 100 + 10 * (value - mean) for name, value in ability.items()})
    index = pd.Series({name: row["quality_index"] for name, row in found.items()})
    assert true.rank().corr(index.rank()) > 0.95
    held = [found[name]["ci_low"] <= value <= found[name]["ci_high"] for name, value in true.items()]
    assert 0.80 <= sum(held) / len(held) <= 0.97
    places = true.rank(ascending=False)
    placed = [found[name]["place_low"] <= places[name] <= found[name]["place_high"] for name in found]
    assert sum(placed) / len(placed) >= 0.80


def solved(inputs: pd.DataFrame, weight: pd.Series) -> dict[str, float]:
    """The same model by one linear solve: weighted squares of score - ability + difficulty, and 0.1 ability squared."""
    names, items = sorted(inputs.model_id.unique()), sorted(inputs.item_id.unique())
    design = np.zeros((len(inputs), len(names) + len(items)))
    for line, (name, item) in enumerate(zip(inputs.model_id, inputs.item_id, strict=True)):
        design[line, names.index(name)] = 1
        design[line, len(names) + items.index(item)] = -1
    penalty = np.diag([0.1] * len(names) + [0.0] * len(items))
    weighted = design * weight.to_numpy()[:, None]
    answer = np.linalg.solve(weighted.T @ design + penalty, weighted.T @ inputs.standard_score.to_numpy())
    return {name: float(value) for name, value in zip(names, answer[: len(names)], strict=True)}


def test_the_fit_and_its_replicates_are_those_of_a_linear_solve(db: duckdb.DuckDBPyConnection) -> None:
    simulated(db, 3, count=40)
    build(db)
    inputs = db.execute(
        "select item_id, benchmark, model_id, standard_score, weight from core.quality_score "
        "where left_out = 'nothing' and weight is not null"
    ).df()
    fit = {
        row["model_id"]: row["ability"]
        for row in rows(db, "select * from core.quality_fit where left_out = 'nothing' and replicate = 0")
    }
    expected = solved(inputs, inputs.weight)
    assert fit.keys() == expected.keys()
    assert max(abs(fit[name] - expected[name]) for name in fit) < 1e-6
    drawn = db.execute(
        "select benchmark, -ln(((md5_number_lower(benchmark || ' 7') >> 11)::double + 0.5) / 9007199254740992.0) as w "
        "from (select distinct benchmark from core.quality_score)"
    ).df()
    weight = inputs.weight * inputs.benchmark.map(drawn.set_index("benchmark").w)
    replicate = {row["model_id"]: row["ability"] for row in rows(db, "from core.quality_fit where replicate = 7")}
    expected = solved(inputs, weight)
    assert max(abs(replicate[name] - expected[name]) for name in replicate) < 0.01
    assert max(abs(replicate[name] - fit[name]) for name in replicate) > 0.01, "a replicate is another fit"


def test_the_weights_of_the_bootstrap_are_exponential(db: duckdb.DuckDBPyConnection) -> None:
    drawn = db.execute(
        "select -ln(((md5_number_lower('b' || b || ' ' || r) >> 11)::double + 0.5) / 9007199254740992.0) "
        "from range(1000) t(b), range(1, 201) s(r)"
    ).fetchall()
    values = np.array(drawn)[:, 0]
    assert abs(values.mean() - 1) < 0.01
    assert abs(values.std() - 1) < 0.02


def test_two_builds_on_other_numbers_of_threads_give_the_same(db: duckdb.DuckDBPyConnection) -> None:
    simulated(db, 4, count=60)
    found = []
    for threads in (1, 4):
        db.execute(f"set threads = {threads}")
        build(db)
        found.append([rows(db, f"from {table} order by all") for table in INDEX])
    assert found[0] == found[1]


def test_a_copy_of_a_board_changes_nothing(db: duckdb.DuckDBPyConnection) -> None:
    simulated(db, 5, count=40)
    build(db)
    before = rows(db, "select model_id, quality_index, place, benchmarks from marts.quality_index order by all")
    db.execute("insert into core.score select * replace ('Copy' as evaluator) from core.score where benchmark = 'b03'")
    build(db)
    weights = db.execute(
        "select distinct weight from core.quality_score where benchmark = 'b03' and left_out = 'nothing'"
    )
    assert weights.fetchall() == [(0.5,)]
    after = rows(db, "select model_id, quality_index, place, benchmarks from marts.quality_index order by all")
    assert [row | {"quality_index": 0} for row in after] == [row | {"quality_index": 0} for row in before]
    moved = [abs(a["quality_index"] - b["quality_index"]) for a, b in zip(after, before, strict=True)]
    assert max(moved) <= 0.001


def test_100_is_the_mean_of_the_models_of_2024(db: duckdb.DuckDBPyConnection) -> None:
    simulated(db, 6, count=30)
    db.execute("update core.model set released_on = '2024-06-01' where model_id <= 'm009'")
    build(db)
    found = {row["model_id"]: row["quality_index"] for row in rows(db, "from marts.quality_index")}
    assert abs(sum(value for name, value in found.items() if name <= "m009") / 10 - 100) < 0.01
    assert abs(sum(found.values()) / 30 - 100) > 0.1


# --- what is left out


def test_sensitivity_holds_what_moves_and_what_cannot_be_rated(db: duckdb.DuckDBPyConnection) -> None:
    ability = simulated(db, 8, count=30, benchmarks=9)
    benchmark(db, "odd", subject="factuality")
    odd = {"source": "odd_board", "evaluator": "Odd"}
    worst = min(ability, key=lambda name: ability[name])
    put(db, "core.score", [score(name, "odd", 0.97 if name == worst else 0.5, **odd) for name in ability])
    build(db)
    found = rows(db, "from marts.quality_index_sensitivity")
    assert {(r["left_out_kind"], r["left_out"]) for r in found} == {
        ("source", "board"), ("source", "odd_board"), ("subject", "general"), ("subject", "coding"),
        ("subject", "mathematics"), ("subject", "factuality"),
    }  # fmt: skip
    by = {(r["left_out"], r["model_id"]): r for r in found}
    assert {by["board", name]["index_without"] for name in ability} == {None}
    assert {by["board", name]["rated_models"] for name in ability} == {0}
    assert by["odd_board", worst]["index_change"] < -1, "the board that favoured it is gone"
    for name in ability:
        one, other = by["odd_board", name], by["factuality", name]
        assert one["index_without"] == other["index_without"], "one board is all of the subject"
        rated = [r for r in found if r["left_out"] == "odd_board" and r["index_without"] is not None]
    assert abs(sum(r["index_change"] for r in rated)) < 0.1, "the models keep their mean"
    assert sorted(r["place_without"] for r in rated)[0] == 1


# --- the real boards


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
def test_the_index_goes_with_epochs_own_composite(tmp_path: Path) -> None:
    folder = DataFolder(root=str(tmp_path))
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for path in sorted((REAL / "epoch" / "hub_2026-04-16").glob("*.csv")):
            archive.writestr(path.name, path.read_bytes())
    origin = {"origin": Origin.IMPORTED, "origin_note": "test"}
    hub = Response("main", "https://epoch.ai/data/benchmark_data.zip", body.getvalue(), 200, {})
    folder.archive.store("epoch_benchmarks", [hub], captured_at=at("2026-04-16"), **origin)  # type: ignore[arg-type]
    tables = [
        Response(livebench.label_of(path.name, b""), f"https://livebench.ai/{path.name}", path.read_bytes(), 200, {})
        for path in sorted((REAL / "livebench" / "latest").glob("*_202*_*_*.*"))
    ]
    folder.archive.store("livebench", tables, captured_at=at("2026-07-01"), **origin)  # type: ignore[arg-type]
    build_all(folder, epoch, livebench, only="quality_index")
    with open_published(folder.path) as connection:
        correlation, models_of_both = connection.execute(
            "select corr(quality_index, epoch_capabilities_index), count(epoch_capabilities_index) "
            "from marts.quality_index"
        ).fetchone() or (None, 0)
    assert models_of_both > 80
    assert correlation is not None and correlation > 0.97
