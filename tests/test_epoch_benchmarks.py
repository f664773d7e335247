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
from pipelines.defs.sources.epoch_benchmarks import label_of, source
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
