"""Epoch's hub: guards around the zip, what tells results apart, and the real files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import zipfile
from collections import Counter
from pathlib import Path

import pytest

import pipelines.defs.sources.epoch_benchmarks as epoch
from pipelines.defs.sources.epoch_benchmarks import label_of, runs, source
from pipelines.defs.sources.epoch_benchmarks.sheets import SHEETS
from pipelines.lib import contract
from pipelines.lib.archive import StarterArchive
from pipelines.lib.source import BadDocument, Document, Reject, Row
from tests.fixture_cases import FIXTURES
from warehouse import WAREHOUSE_DIR

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "leaderboards" / "epoch"
real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
NOW = dt.datetime(2026, 4, 17, tzinfo=dt.UTC)
GPQA = b"Model version,mean_score,stderr,Started at\nglm-5,0.8,0.02,2026-02-12T08:00:00Z\n"


def zipped(**members: bytes) -> bytes:
    return zipped_names({f"{name}.csv": content for name, content in members.items()})


def zipped_names(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def read(body: bytes, file_name: str = "benchmark_data.zip") -> tuple[list[Row], list[Reject]]:
    items = list(source.parse(Document(label_of(file_name, body), "", body, NOW)))
    return [item for item in items if isinstance(item, Row)], [item for item in items if isinstance(item, Reject)]


def test_a_loose_file_gives_the_rows_it_gives_in_the_zip() -> None:
    assert read(GPQA, "hub/gpqa_diamond.csv") == read(zipped(gpqa_diamond=GPQA))


@pytest.mark.parametrize(
    ("file_name", "label"),
    [
        ("hub_2026-01-22/gpqa_diamond.csv", "gpqa_diamond"),
        ("latest/2026-01-22_gpqa_diamond.csv", "gpqa_diamond"),
        ("latest/2025-12-03_external_benchmark_arc_agi.csv", "arc_agi_external"),
        ("latest/2025-12-03_model_versions.csv", "model_versions"),
    ],
)
def test_a_loose_file_is_the_one_of_the_hub_it_is_a_copy_of(file_name: str, label: str) -> None:
    assert label_of(file_name, GPQA) == label


def test_a_table_of_runs_is_known_by_its_columns() -> None:
    body = (FIXTURES / "epoch_benchmarks" / "runs" / "2025-11-21.csv").read_bytes()
    assert label_of("history/2025-11-21.csv", body) == runs.LABEL
    assert label_of("history/2025-11-21.csv", GPQA) == "2025-11-21"


def test_a_file_that_holds_no_scores_is_a_bad_document() -> None:
    with pytest.raises(BadDocument, match="'model_versions' is no file of the hub"):
        read(b"id,Model,Version release date\ngale-2,Gale 2,2025-01-01\n", "2025-12-03_model_versions.csv")


@pytest.mark.parametrize(("cell", "score"), [("42%", 0.42), ("0.417", 0.417), ("100%", 1.0), ("0.3%", 0.003)])
def test_a_share_with_its_percent_sign_is_a_fraction(cell: str, score: float) -> None:
    (row,), rejects = read(f"Model version,Score\nglm-5,{cell}\n".encode(), "arc_agi_external.csv")
    assert (row.values["score"], row.values["scale"], row.values["score_text"]) == (score, "fraction", cell)
    assert rejects == []


def test_a_zip_that_would_unpack_too_large_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped(gpqa_diamond=GPQA, other=b"0" * 3_000_000)
    assert len(bomb) < 10_000
    monkeypatch.setattr(epoch, "MAX_UNPACKED_BYTES", 2_000_000)
    with pytest.raises(BadDocument, match="declares 30000"):
        read(bomb)


def test_a_zip_that_lies_about_its_sizes_is_cut_at_what_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = bytearray(zipped(gpqa_diamond=GPQA, math_level_5=b"0" * 3_000_000))
    directory = bomb.rindex(b"PK\x01\x02")
    bomb[directory + 24 : directory + 28] = (100).to_bytes(4, "little")
    monkeypatch.setattr(epoch, "MAX_UNPACKED_BYTES", 2_000_000)
    rows, rejects = read(bytes(bomb))
    assert [row.values["model_name"] for row in rows] == ["glm-5"]
    assert [item.reason.split(" (")[0] for item in rejects] == ["the file cannot be unpacked"]


def test_a_zip_with_too_many_files_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epoch, "MAX_MEMBERS", 1)
    with pytest.raises(BadDocument, match="2 files, more than 1"):
        read(zipped(gpqa_diamond=GPQA, math_level_5=GPQA))


def test_names_that_climb_out_of_the_archive_are_only_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows, rejects = read(zipped_names({"../../gpqa_diamond.csv": GPQA, "/etc/math_level_5.csv": GPQA}))
    assert ([row.values["benchmark"] for row in rows], rejects) == (["gpqa_diamond", "math_level_5"], [])
    assert list(tmp_path.iterdir()) == []


def test_every_kind_of_damage_is_a_bad_document_or_a_reject() -> None:
    """No damaged archive may end in another exception, whatever byte is hit."""
    body = (FIXTURES / "epoch_benchmarks" / "hub_zip" / "benchmark_data.zip").read_bytes()
    chance = random.Random(0)
    outcomes: Counter[str] = Counter()
    for _ in range(300):
        damaged = bytearray(body)
        for _ in range(chance.randint(1, 20)):
            damaged[chance.randrange(2, len(damaged))] = chance.randrange(256)
        try:
            outcomes["rejects" if len(read(bytes(damaged))[1]) > 9 else "same"] += 1
        except BadDocument:
            outcomes["bad document"] += 1
    assert outcomes["rejects"] > 10
    assert outcomes["bad document"] > 10


@pytest.mark.parametrize(
    ("starts", "scores", "kept", "rejected"),
    [
        (("T08", "T09"), (0.8, 0.8), [0.8], 0),
        (("T08", "T09"), (0.8, 0.7), [0.7], 1),
        (("T09", "T08"), (0.8, 0.7), [0.8], 1),
        (("T08", "T08"), (0.8, 0.7), [], 2),
    ],
)
def test_which_of_two_runs_on_a_day_counts(
    starts: tuple[str, str], scores: tuple[float, float], kept: list[float], rejected: int
) -> None:
    lines = [f"glm-5,{score},0.02,2026-02-12{start}:00:00Z" for start, score in zip(starts, scores, strict=True)]
    body = "\n".join(["Model version,mean_score,stderr,Started at", *lines, "other,0.5,,", ""]).encode()
    rows, rejects = read(body, "gpqa_diamond.csv")
    assert [row.values["score"] for row in rows if row.values["model_name"] == "glm-5"] == kept
    assert len(rejects) == rejected


def test_every_declared_benchmark_is_a_reviewed_one_on_the_same_scale() -> None:
    with (WAREHOUSE_DIR / "seeds" / "benchmark.csv").open(newline="") as file:
        reviewed = {row["benchmark"]: row["scale"] for row in csv.DictReader(file)}
    assert {sheet.benchmark: sheet.scale for sheet in SHEETS.values()}.items() <= reviewed.items()


def test_rows_have_only_columns_of_the_contract() -> None:
    path = WAREHOUSE_DIR / "staging" / "score.sql"
    columns = {column.name for column in contract.parse_contract(path.read_text(), "staging", "score").columns}
    rows, _ = read(zipped(gpqa_diamond=GPQA))
    assert set(rows[0].values) <= columns


def test_starter_captures_are_read_without_a_reject() -> None:
    found = {
        capture.captured_at.date().isoformat(): [read(document.body) for document in documents]
        for capture, documents in StarterArchive(WAREHOUSE_DIR / "starter").captures("epoch_benchmarks")
    }
    counts = {day: [(len(rows), len(rejects)) for rows, rejects in read_all] for day, read_all in found.items()}
    assert counts == {"2026-01-22": [(139, 0)], "2026-04-17": [(183, 0)]}


def hub(day: str) -> bytes:
    return zipped_names(
        {f"benchmark_data/{path.name}": path.read_bytes() for path in sorted(REAL.glob(f"hub_{day}/*"))}
    )


@pytest.mark.real_data
@real_data
def test_real_hub_of_april_2026() -> None:
    rows, rejects = read(hub("2026-04-16"))
    assert Counter(str(row.values["benchmark"]) for row in rows) == {
        "aider_polyglot": 72,
        "arc_agi_1": 119,
        "epoch_capabilities_index": 348,
        "frontiermath": 89,
        "gpqa_diamond": 157,
        "hle": 43,
        "livebench": 62,
        "math_level_5": 108,
        "mmlu": 80,
        "otis_mock_aime_2024_2025": 130,
        "swe_bench_verified": 25,
        "terminal_bench": 169,
        "webdev_arena": 30,
    }
    assert Counter(item.reason for item in rejects) == {
        "not from Stanford CRFM Leaderboard; whether a vendor reports its own model is not said": 25,
        "the row names no model": 13,
        "another row has another score, and nothing tells the two apart": 4,
    }
    grain = Counter(tuple(row.values[column] for column in epoch.GRAIN) for row in rows)
    assert max(grain.values()) == 1


@pytest.mark.real_data
@real_data
@pytest.mark.parametrize("path", sorted(REAL.glob("hub_*/*.csv")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_real_file_is_read_on_its_own(path: Path) -> None:
    rows, _ = read(path.read_bytes(), path.name)
    assert {row.values["benchmark"] for row in rows} == {SHEETS[path.stem].benchmark}


@pytest.mark.real_data
@real_data
@pytest.mark.parametrize(("day", "hub_day"), [("2026-01-22", "2026-01-22"), ("2026-04-17", "2026-04-16")])
def test_starter_figures_are_those_of_the_real_hub(day: str, hub_day: str) -> None:
    real, _ = read(hub(hub_day))
    (documents,) = (
        documents
        for capture, documents in StarterArchive(WAREHOUSE_DIR / "starter").captures("epoch_benchmarks")
        if capture.captured_at.date().isoformat() == day
    )
    rows, _ = read(documents[0].body)
    assert all(row in real for row in rows)


@pytest.mark.real_data
@real_data
@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("history/2025-07-22.csv", 380),
        ("history/2025-09-08.csv", 431),
        ("history/2025-10-13.csv", 502),
        ("history/2025-11-21.csv", 536),
        ("latest/2025-12-03_benchmarks_runs.csv", 536),
        ("latest/2025-12-03_external_benchmark_aider_polyglot.csv", 62),
        ("latest/2025-12-03_external_benchmark_arc_agi.csv", 56),
        ("latest/2025-12-03_external_benchmark_livebench.csv", 62),
        ("latest/2025-12-03_external_benchmark_mmlu.csv", 80),
        ("latest/2025-12-03_external_benchmark_simple_bench.csv", 46),
        ("latest/2025-12-03_external_benchmark_terminal_bench.csv", 51),
    ],
)
def test_real_tables_of_the_stitching_repository_are_read(name: str, rows: int) -> None:
    found, rejects = read((REAL / name).read_bytes(), name)
    assert len(found) == rows
    assert {row.values["benchmark"] for row in found} <= {sheet.benchmark for sheet in SHEETS.values()}
    if "external" not in name:
        reasons = Counter(item.reason for item in rejects)
        assert reasons == {"graded twice by choice, and the score is the better of two runs": 5}


@pytest.mark.real_data
@real_data
def test_runs_and_hub_state_the_same_scores_of_the_same_runs() -> None:
    """Which is why a run on FrontierMath's private questions is the hub's benchmark, and one on its sample is not."""
    listed, _ = read((REAL / "history" / "2025-11-21.csv").read_bytes(), "2025-11-21.csv")
    hub_rows, _ = read(hub("2025-12-17"))
    in_hub = {(row.values["benchmark"], row.values["model_name"]): row.values["score"] for row in hub_rows}
    agree: Counter[tuple[str, bool]] = Counter()
    for row in listed:
        key = (str(row.values["benchmark"]), str(row.values["model_name"]))
        if key in in_hub and row.values["benchmark_version"] is None:
            agree[key[0], abs(in_hub[key] - row.values["score"]) < 0.001] += 1
    assert agree == {
        ("gpqa_diamond", True): 126,
        ("frontiermath", True): 55,
        ("frontiermath", False): 3,
        ("otis_mock_aime_2024_2025", True): 103,
        ("otis_mock_aime_2024_2025", False): 1,
        ("swe_bench_verified", True): 23,
    }


@pytest.mark.real_data
@real_data
def test_the_index_dates_a_model_a_year_before_it_was_released() -> None:
    """As stated: what is known of its release is in the seeds, and the file of April has the right year."""
    stated = {}
    for day in ("2026-01-22", "2026-04-16"):
        rows, _ = read(
            (REAL / f"hub_{day}" / "epoch_capabilities_index.csv").read_bytes(), "epoch_capabilities_index.csv"
        )
        (row,) = [row for row in rows if row.values["model_name"] == "Kimi-K2-Instruct-0905"]
        stated[day] = row.values["model_released_on"]
    assert stated == {"2026-01-22": dt.date(2024, 9, 5), "2026-04-16": dt.date(2025, 9, 5)}
