"""Scores of vendors' cards and announcements: each with its page, whose word it is, and what a reader must know."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from pipelines.lib import sql_model
from pipelines.lib.folder import DataFolder
from pipelines.lib.staging import create_tables
from pipelines.lib.warehouse import set_as_at
from warehouse import WAREHOUSE_DIR

REAL = (
    Path(__file__).resolve().parents[2] / "shared" / "data" / "leaderboards" / "vendor-reported" / "vendor_reported.csv"
)
real_data = pytest.mark.skipif(not REAL.is_file(), reason="the transcription is not here")
Rows = list[dict[str, str]]

NAMES = {
    "AIME 2025": "aime_2025",
    "AIME 2026": "aime_2026",
    "Arena-Hard": "arena_hard",
    "GPQA": "gpqa_diamond",
    "HLE": "hle",
    "LiveBench": "livebench",
    "LiveCodeBench": "livecodebench",
    "MMLU-Pro": "mmlu_pro",
    "SWE-bench Verified": "swe_bench_verified",
    "SuperGPQA": "supergpqa",
    "TAU2-Bench": "tau2_bench",
}


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def seed() -> Rows:
    return read(WAREHOUSE_DIR / "seeds" / "reported_score.csv")


def test_the_seed_meets_its_contract(tmp_path: Path) -> None:
    """Benchmarks are registered, every statement is one row, and no share is above 100."""
    models = {model.table.full_name: model for model in sql_model.load_models()}
    with DataFolder(root=str(tmp_path)).warehouse.write() as connection:
        create_tables(connection)
        set_as_at(connection, None)
        for name in ("seeds.benchmark", "seeds.reported_score"):
            sql_model.build(connection, models[name], "")
        counts = connection.execute("select count(*), count(distinct url) from seeds.reported_score").fetchall()
    assert counts == [(81, 5)]


def test_a_score_is_self_reported_only_when_the_models_own_vendor_states_it(seed: Rows) -> None:
    """The tables are Qwen's: of Claude, GPT, Gemini, Kimi and DeepSeek they are a competitor's run."""
    assert {row["evaluator"] for row in seed} == {"Qwen"}
    assert all((row["is_self_reported"] == "true") == row["model_name"].startswith("Qwen") for row in seed)
    assert Counter(row["is_self_reported"] for row in seed) == {"false": 44, "true": 37}


def test_a_secondary_source_says_that_it_is_one(seed: Rows) -> None:
    vendors = ("https://huggingface.co/Qwen/", "https://qwen.ai/")
    for row in seed:
        assert row["note"].startswith("Secondary source") != row["url"].startswith(vendors), row


def test_windows_releases_and_judges_are_stated_and_never_guessed(seed: Rows) -> None:
    versions = {
        (row["benchmark"], row["benchmark_version"], row["judge"], row["published_on"])
        for row in seed
        if row["benchmark_version"]
    }
    assert versions == {
        ("arena_hard", "v2.0", "GPT-4.1", "2025-07-21"),
        ("arena_hard", "v2.0", "", "2025-09-05"),
        ("arena_hard", "v2.0", "", "2026-01-26"),
        ("livebench", "2024-11-25", "", "2025-07-21"),
        ("livebench", "2024-11-25", "", "2025-09-05"),
        ("livecodebench", "v6 2025-02..2025-05", "", "2025-07-21"),
        ("livecodebench", "v6", "", "2025-09-05"),
        ("livecodebench", "v6", "", "2025-09-06"),
        ("livecodebench", "v6", "", "2026-01-26"),
        ("livecodebench", "v6", "", "2026-02-16"),
    }


def test_a_score_with_test_time_scaling_is_never_the_plain_one(seed: Rows) -> None:
    scaled = {row["benchmark"]: float(row["score"]) for row in seed if row["harness"] == "test-time scaling"}
    plain = {
        row["benchmark"]: float(row["score"])
        for row in seed
        if row["model_name"] == "Qwen3-Max-Thinking" and not row["harness"] and row["published_on"] == "2026-01-26"
    }
    assert (scaled["gpqa_diamond"], plain["gpqa_diamond"]) == (92.8, 87.4)
    assert (scaled["livecodebench"], plain["livecodebench"]) == (91.4, 85.9)


@pytest.mark.real_data
@real_data
def test_every_row_is_a_row_of_the_transcription(seed: Rows) -> None:
    stated = Counter(
        (
            NAMES[row["benchmark"]],
            row["model"],
            row["mode"].split(" ")[0].replace("-", "_"),
            "test-time" in row["mode"],
            float(row["score"]),
            row["report_date"],
            row["source_url"],
        )
        for row in read(REAL)
    )
    for row in seed:
        key = (
            row["benchmark"],
            row["model_name"],
            row["mode"],
            row["harness"] == "test-time scaling",
            float(row["score"]),
            row["published_on"],
            row["url"],
        )
        assert stated[key] == 1, row
