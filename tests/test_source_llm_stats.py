"""LLM Stats: what the free text on how a score was found says, and the real files."""

from __future__ import annotations

import datetime as dt
import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources.llm_stats import body_of, source
from pipelines.defs.sources.llm_stats.benchmarks import judge_of, mode_of, read_benchmark
from pipelines.lib.source import BadDocument, Document, Reject, Row
from tests.fixture_cases import FIXTURES

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "leaderboards" / "llm-stats"
real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
NOW = dt.datetime(2025, 10, 16, tzinfo=dt.UTC)


def read(body: bytes) -> tuple[list[dict[str, Any]], list[Reject]]:
    items = list(source.parse(Document("main", "", body, NOW)))
    rows = [dict(item.values) for item in items if isinstance(item, Row)]
    return rows, [item for item in items if isinstance(item, Reject)]


def read_real(name: str) -> tuple[list[dict[str, Any]], list[Reject]]:
    data = (REAL / name).read_bytes()
    return read(gzip.decompress(data) if name.endswith(".gz") else data)


@pytest.mark.parametrize(
    ("method", "mode"),
    [
        ("Pass@1, Non-Thinking mode", "non_thinking"),
        ("No extended thinking. Terminus 1 averaged over 5 trials.", "non_thinking"),
        ("GPT-4o without thinking mode (no tools)", "non_thinking"),
        ("GPT-4o - Diamond no thinking no tools", "non_thinking"),
        ("Score, Reasoning Off", "non_thinking"),
        ("Diamond: Extended thinking (up to 64K tokens)", "thinking"),
        ("Pass@1, Thinking mode, text-only subset", "thinking"),
        ("Reasoning Mode (w/o Tool Use)", "thinking"),
        ("Score, Reasoning On", "thinking"),
        ("Strict Accuracy, Reasoning", "thinking"),
        ("Graduate-level reasoning", None),
        ("5-shot, Commonsense reasoning", None),
        ("0-shot chain-of-thought", None),
        ("", None),
    ],
)
def test_the_mode_is_read_only_where_the_text_speaks_of_it(method: str, mode: str | None) -> None:
    assert mode_of(method) == mode


@pytest.mark.parametrize(
    ("name", "method", "version"),
    [
        ("livecodebench-v6", "25.02-25.05", "v6 2025-02..2025-05"),
        ("livecodebench", "v6 (Aug 24-May 25) Pass@1", "v6 2024-08..2025-05"),
        ("livecodebench", "Pass@1, 2408-2505, Thinking mode", "v6 2024-08..2025-05"),
        ("livecodebench", "Single attempt (1/1/2025-5/1/2025)", "v6 2025-01..2025-05"),
        ("livecodebench-v6", "Pass@1", "v6"),
        ("LiveCodeBench v6", "Accuracy", "v6"),
        ("livecodebench", "v5", "v5"),
        ("livecodebench-v5-24.12-25.2", "Pass@1", "v5 2024-12..2025-02"),
        ("livecodebench", "8/1/24–2/1/25", "2024-08..2025-02"),
        ("livecodebench", "2407-2501", "2024-07..2025-01"),
        ("livecodebench", "LiveCodeBench 2305-2409 benchmark evaluation", "2023-05..2024-09"),
        ("livecodebench", "subset: 06/01/2024 - 10/05/2024", "2024-06..2024-10"),
        ("livecodebench(01-09)", "Score", "01-09"),
        ("livecodebench", "Pass@1", None),
        ("livecodebench", "2413-2505", None),
        ("livecodebench", "Abc 24-May 25", None),
        ("livebench-20241125", "Accuracy", "2024-11-25"),
        ("livebench", "2024/11/25 Pass@1", "2024-11-25"),
        ("livebench", "LiveBench 0831 benchmark evaluation", "2024-08-31"),
        ("livebench", "Accuracy", None),
        ("arena-hard-v2", "Win Rate", "v2.0"),
        ("arena-hard", "", None),
        ("bfcl-v3", "", "v3"),
        ("gpqa", "Diamond Avg@8", None),
        ("GPQA, Diamond", "0-shot", None),
        ("gpqa", "0-shot", "subset not stated"),
    ],
)
def test_release_window_and_subset_are_what_id_and_text_state(name: str, method: str, version: str | None) -> None:
    assert read_benchmark(name, method).version == version


def test_ids_that_differ_in_a_sign_stay_apart() -> None:
    ids = ("humaneval", "humaneval+", "wmt24++", "graphwalks-bfs-<128k", "graphwalks-bfs->128k", "Humanity's Last Exam")
    assert [read_benchmark(name, "").slug for name in ids] == [
        "humaneval",
        "humaneval_plus",
        "wmt24_plus_plus",
        "graphwalks_bfs_under_128k",
        "graphwalks_bfs_over_128k",
        "hle",
    ]


def test_the_judge_is_named_only_where_one_is() -> None:
    assert judge_of("GPT-4.1 evaluated win rates") == "GPT-4.1"
    assert judge_of("OpenAI o3 with thinking mode") is None


def test_a_body_is_made_of_the_files_of_a_commit() -> None:
    body = body_of({"data/organizations/a/models/m/benchmarks.json": b"[", "models/a/m/model.json": b'{"name": "m"}'})
    assert body is not None
    with pytest.raises(BadDocument, match="the scores of a model are no list"):
        read(body)
    assert body_of({}) is None


def test_the_same_rows_come_with_and_without_a_byte_order_mark() -> None:
    body = (FIXTURES / "llm_stats" / "list_of_rows" / "body.json").read_bytes()
    assert read(b"\xef\xbb\xbf" + body) == read(body)


@pytest.mark.real_data
@real_data
@pytest.mark.parametrize(
    ("name", "rows", "rejects"),
    [
        ("history/2024-09-09.json.gz", 53, 0),
        ("history/2024-11-30.json.gz", 566, 2),
        ("history/2025-02-24.json.gz", 904, 3),
        ("history/2025-07-31.json.gz", 1945, 13),
        ("history/2025-09-29.json.gz", 2186, 6),
        ("history/2025-10-16.json.gz", 2218, 6),
        ("latest/2025-10-16_model_benchmarks.json", 2218, 6),
    ],
)
def test_real_files_are_read(name: str, rows: int, rejects: int) -> None:
    found = read_real(name)
    assert (len(found[0]), len(found[1])) == (rows, rejects)
    assert (
        len(
            {
                tuple(
                    row[column]
                    for column in (
                        "benchmark",
                        "benchmark_version",
                        "metric",
                        "category",
                        "model_name",
                        "mode",
                        "harness",
                        "judge",
                        "evaluator",
                    )
                )
                for row in found[0]
            }
        )
        == rows
    )


@pytest.mark.real_data
@real_data
def test_of_2224_real_scores_18_are_not_the_vendors_own_and_none_is_verified() -> None:
    """All 2,224 rows of the file are a row or a reject."""
    rows, rejects = read_real("latest/2025-10-16_model_benchmarks.json")
    assert Counter(item.reason.removeprefix("the score is ") for item in rejects) == {
        "not a number from 0 to 1": 2,
        "0, which is also written where a model cannot take the test": 2,
        "another row has another score, and nothing tells the two apart": 2,
    }
    assert Counter(row["is_self_reported"] for row in rows) == {True: 2202, False: 16}
    assert Counter(row["mode"] for row in rows) == {None: 2076, "thinking": 112, "non_thinking": 30}
    assert all(0 < row["score"] <= 1 for row in rows)
    assert not [row for row in rows if row["url"] and "example.com" in row["url"]]


@pytest.mark.real_data
@real_data
def test_the_list_and_the_files_of_a_day_state_the_same_scores() -> None:
    of_list, _ = read_real("latest/2025-10-16_model_benchmarks.json")
    of_files, _ = read_real("history/2025-10-16.json.gz")
    beside = ("organisation_name", "model_released_on")
    assert [{key: value for key, value in row.items() if key not in beside} for row in of_files] == [
        {key: value for key, value in row.items() if key not in beside} for row in of_list
    ]
    assert all(row["organisation_name"] and row["model_released_on"] for row in of_files)
