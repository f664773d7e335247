"""The score table: what vendors, LLM Stats, Epoch and LiveBench state of eleven models, asked of the real bodies.

Here belongs what a reader of the table would ask of `core.score`, by source and name as written, and what must come
out: figure, mode, release and window. Scores of other windows, releases or modes must not come out with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.lib.folder import DataFolder
from pipelines.lib.registry import find_source
from tests.score_book import build_scores, take

BOARDS = Path(__file__).resolve().parents[2] / "shared" / "data" / "leaderboards"
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not BOARDS.is_dir(), reason="the real bodies are not beside the project"),
]
RELEASES = ("2025_04_25", "2025_05_30", "2025_11_25", "2025_12_23", "2026_01_08")
NON, THINKS = "non_thinking", "thinking"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """One warehouse of the bodies behind the table."""
    folder = DataFolder(root=str(tmp_path_factory.mktemp("scores") / "data"))
    live = BOARDS / "livebench" / "latest"
    take(folder, "livebench", [live / f"table_{day}.csv" for day in RELEASES])
    take(folder, "livebench", [live / f"categories_{day}.json" for day in RELEASES])
    take(folder, "llm_stats", [BOARDS / "llm-stats" / "history" / "2025-10-16.json.gz"])
    epoch = BOARDS / "epoch" / "hub_2026-01-22"
    hub = [path for path in sorted(epoch.glob("*.csv")) if path.stem in ("gpqa_diamond", "epoch_capabilities_index")]
    take(folder, "epoch_benchmarks", hub, datetime(2026, 1, 22, tzinfo=UTC))
    build_scores(
        folder, *map(find_source, ("livebench", "llm_stats", "epoch_benchmarks")), also=("seeds.reported_score",)
    )
    return folder


@pytest.fixture
def connection(book: DataFolder) -> Iterator[duckdb.DuckDBPyConnection]:
    with book.warehouse.read() as opened:
        yield opened


def asked(
    connection: duckdb.DuckDBPyConnection, source: str, name: str, benchmark: str, version: str | None = None
) -> set[tuple[float, str | None]]:
    """Score in percent and mode of every current score of a whole benchmark under this name."""
    rows = connection.execute(
        "select round(score_pct, 1), mode from core.score where source = ? and model_name = ? and benchmark = ? "
        "and benchmark_version is not distinct from ? and category is null and is_current",
        [source, name, benchmark, version],
    ).fetchall()
    return set(rows)


V6_QWEN, V6_KIMI = "v6 2025-02..2025-05", "v6 2024-08..2025-05"
UNSTATED = "subset not stated"
LLM_STATS: list[tuple[str, str, str | None, float, str | None]] = [
    ("qwen3-235b-a22b-instruct-2507", "supergpqa", None, 62.6, None),
    ("qwen3-235b-a22b-instruct-2507", "aime_2025", None, 70.3, None),
    ("qwen3-235b-a22b-instruct-2507", "livecodebench", "v6", 51.8, None),
    ("qwen3-235b-a22b-instruct-2507", "arena_hard", "v2.0", 79.2, None),
    ("qwen3-235b-a22b-instruct-2507", "livebench", "2024-11-25", 75.4, None),
    ("qwen3-235b-a22b-instruct-2507", "mmlu_pro", None, 83.0, None),
    ("qwen3-235b-a22b-instruct-2507", "gpqa_diamond", UNSTATED, 77.5, None),
    ("qwen3-235b-a22b-thinking-2507", "supergpqa", None, 64.9, None),
    ("qwen3-235b-a22b-thinking-2507", "aime_2025", None, 92.3, None),
    ("qwen3-235b-a22b-thinking-2507", "livecodebench", V6_QWEN, 74.1, None),
    ("qwen3-235b-a22b-thinking-2507", "arena_hard", "v2.0", 79.7, None),
    ("qwen3-235b-a22b-thinking-2507", "livebench", "2024-11-25", 78.4, None),
    ("qwen3-235b-a22b-thinking-2507", "mmlu_pro", None, 84.4, None),
    ("qwen3-235b-a22b-thinking-2507", "gpqa_diamond", UNSTATED, 81.1, None),
    ("kimi-k2-instruct", "supergpqa", None, 57.2, None),
    ("kimi-k2-instruct", "aime_2025", None, 49.5, None),
    ("kimi-k2-instruct", "livecodebench", "v6", 53.7, None),
    ("kimi-k2-instruct", "livebench", None, 76.4, None),
    ("kimi-k2-instruct", "mmlu_pro", None, 81.1, None),
    ("kimi-k2-instruct", "gpqa_diamond", None, 75.1, None),
    ("claude-opus-4-20250514", "aime_2025", None, 75.5, THINKS),
    ("claude-opus-4-20250514", "gpqa_diamond", None, 79.6, THINKS),
    ("deepseek-v3.1", "aime_2025", None, 49.8, NON),
    ("deepseek-v3.1", "livecodebench", V6_KIMI, 56.4, NON),
    ("deepseek-v3.1", "mmlu_pro", None, 83.7, NON),
    ("deepseek-v3.1", "gpqa_diamond", UNSTATED, 74.9, NON),
]


@pytest.mark.parametrize(("name", "benchmark", "version", "pct", "mode"), LLM_STATS)
def test_what_llm_stats_states(
    connection: duckdb.DuckDBPyConnection, name: str, benchmark: str, version: str | None, pct: float, mode: str | None
) -> None:
    assert asked(connection, "llm_stats", name, benchmark, version) == {(pct, mode)}


# Name, mode, and the average of each of the five releases; null where the model is not in it.
LIVEBENCH: list[tuple[str, str | None, list[float | None]]] = [
    ("claude-4-opus-20250514-base", None, [71.5, None, None, None, None]),
    ("qwen3-max-2025-09-23", None, [None, 69.9, None, None, None]),
    ("deepseek-v3.1-terminus", None, [None, 64.7, None, None, None]),
    ("qwen3-235b-a22b-instruct-2507", None, [None, 65.2, 53.8, 54.0, 48.8]),
    ("qwen3-235b-a22b-thinking-2507", None, [None, 69.1, 57.7, 57.8, 53.0]),
    ("kimi-k2-instruct", None, [None, 63.8, 53.8, 53.4, 48.1]),
    ("gemini-3-pro-preview-11-2025-high", None, [None, 79.7, 75.6, 75.2, 73.4]),
    ("gpt-5.2-2025-12-11-high", None, [None, None, 74.6, 74.1, 74.8]),
]


@pytest.mark.parametrize(("name", "mode", "averages"), LIVEBENCH)
def test_livebench_averages_by_release(
    connection: duckdb.DuckDBPyConnection, name: str, mode: str | None, averages: list[float | None]
) -> None:
    for release, average in zip(RELEASES, averages, strict=True):
        found = asked(connection, "livebench", name, "livebench", release.replace("_", "-"))
        assert found == (set() if average is None else {(average, mode)}), release


EPOCH: list[tuple[str, float, str | None]] = [
    ("qwen3-max-2025-09-23", 72.6, None),
    ("Qwen3-235B-A22B-Thinking-2507", 80.1, None),
    ("claude-opus-4-20250514", 69.2, None),
    ("gpt-5.2-2025-12-11_xhigh", 91.4, None),
    ("gpt-5.2-2025-12-11_high", 88.2, None),
    ("gemini-3-pro-preview", 92.6, None),
]


@pytest.mark.parametrize(("name", "pct", "mode"), EPOCH)
def test_what_epoch_measured_on_gpqa(
    connection: duckdb.DuckDBPyConnection, name: str, pct: float, mode: str | None
) -> None:
    assert asked(connection, "epoch_benchmarks", name, "gpqa_diamond") == {(pct, mode)}


# What vendors state of the nine models: benchmark, release or window, and per model the score or scores.
REPORTED: list[tuple[str, str | None, str, dict[str, set[float]]]] = [
    ("supergpqa", None, NON, {"Qwen3-Max-Preview": {64.6}, "Qwen3-235B-A22B-Instruct-2507": {62.6}, "Kimi K2": {57.2},
        "Claude Opus 4": {56.5}, "DeepSeek-V3.1": {59.8}}),
    ("supergpqa", None, THINKS, {"Qwen3.5-397B-A17B": {70.4}, "GPT-5.2": {67.9}, "Gemini 3 Pro": {74.0}}),
    ("aime_2025", None, NON, {"Qwen3-Max-Preview": {80.6}, "Qwen3-235B-A22B-Instruct-2507": {70.3}, "Kimi K2": {49.5},
        "Claude Opus 4": {33.9}, "DeepSeek-V3.1": {49.8}}),
    ("aime_2026", None, THINKS, {"Qwen3.5-397B-A17B": {91.3}}),
    ("livecodebench", V6_QWEN, NON, {"Qwen3-235B-A22B-Instruct-2507": {51.8}, "Kimi K2": {48.9},
        "Claude Opus 4": {44.6}, "Qwen3-Max-Preview": set()}),
    ("livecodebench", "v6", NON, {"Qwen3-Max-Preview": {57.5, 57.6}, "Kimi K2": set()}),
    ("livecodebench", "v6", THINKS, {"Qwen3.5-397B-A17B": {83.6}, "GPT-5.2": {87.7}, "Gemini 3 Pro": {90.7}}),
    ("arena_hard", "v2.0", NON, {"Qwen3-Max-Preview": {86.1}, "Qwen3-235B-A22B-Instruct-2507": {79.2},
        "Kimi K2": {66.1}, "Claude Opus 4": {51.5}, "DeepSeek-V3.1": {61.5}}),
    ("arena_hard", "v2.0", THINKS, {"GPT-5.2": {80.6}, "Gemini 3 Pro": {81.7}}),
    ("livebench", "2024-11-25", NON, {"Qwen3-Max-Preview": {79.3}, "Qwen3-235B-A22B-Instruct-2507": {75.4},
        "Kimi K2": {76.4}, "Claude Opus 4": {74.6}, "DeepSeek-V3.1": {71.3}}),
    ("mmlu_pro", None, NON, {"Qwen3-235B-A22B-Instruct-2507": {83.0}, "Kimi K2": {81.1}, "Claude Opus 4": {86.6}}),
    ("mmlu_pro", None, THINKS, {"Qwen3.5-397B-A17B": {87.8}, "GPT-5.2": {87.4}, "Gemini 3 Pro": {89.8}}),
    ("gpqa_diamond", None, NON, {"Qwen3-235B-A22B-Instruct-2507": {77.5}, "Kimi K2": {75.1}, "Claude Opus 4": {74.9}}),
    ("gpqa_diamond", None, THINKS, {"Qwen3.5-397B-A17B": {88.4}, "GPT-5.2": {92.4}, "Gemini 3 Pro": {91.9}}),
]  # fmt: skip


@pytest.mark.parametrize(("benchmark", "version", "mode", "scores"), REPORTED)
def test_what_vendors_report(
    connection: duckdb.DuckDBPyConnection, benchmark: str, version: str | None, mode: str, scores: dict[str, set[float]]
) -> None:
    rows: list[tuple[str, float]] = connection.execute(
        "select model_name, score from seeds.reported_score where benchmark = ? and mode = ? and scale = 'percent' "
        "and benchmark_version is not distinct from ? and harness is null",
        [benchmark, mode, version],
    ).fetchall()
    assert {name: {score for found, score in rows if found == name} for name in scores} == scores


def test_what_vendors_report_comes_out_in_core_score(connection: duckdb.DuckDBPyConnection) -> None:
    columns = "benchmark, benchmark_version, metric, model_name, mode, score, is_self_reported, url"
    missing = connection.execute(
        f"select {columns} from seeds.reported_score except select {columns} from core.score"
    ).fetchall()
    assert missing == []


def series(connection: duckdb.DuckDBPyConnection, condition: str) -> dict[str, Any]:
    """Releases or windows by series."""
    query = f"select series_id, list(distinct benchmark_version) from core.score where {condition} group by 1"
    return dict(connection.execute(query).fetchall())


def test_windows_of_livecodebench_are_never_one_series(connection: duckdb.DuckDBPyConnection) -> None:
    """Kimi K2 has 53.7 in its own table and 48.9 in Qwen's: other problems, and so another series."""
    found = series(connection, "benchmark = 'livecodebench'")
    assert {f"livecodebench:{window}" for window in ("v6", "v5", V6_QWEN, V6_KIMI)} <= found.keys()
    assert all(len(versions) <= 1 for versions in found.values())
    own = connection.execute(
        "select series_id from core.score where source = 'llm_stats' and model_name = 'kimi-k2-instruct' "
        "and benchmark = 'livecodebench'"
    ).fetchall()
    assert own == [("livecodebench:v6",)]


def test_releases_of_livebench_are_never_one_series(connection: duckdb.DuckDBPyConnection) -> None:
    found = series(connection, "source = 'livebench'")
    assert found == {f"livebench:{day.replace('_', '-')}": [day.replace("_", "-")] for day in RELEASES}


def test_scores_of_gpqa_without_a_subset_are_not_of_the_series_of_diamond(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    query = (
        "select series_id, count(*) from core.score where benchmark = 'gpqa_diamond' and source = 'llm_stats' "
        "group by 1 order by 1"
    )
    assert connection.execute(query).fetchall() == [("gpqa_diamond", 49), (f"gpqa_diamond:{UNSTATED}", 79)]


def test_thinking_and_non_thinking_are_told_apart(connection: duckdb.DuckDBPyConnection) -> None:
    """Opus 4 on AIME 2025: 75.5 is extended thinking in Anthropic's words, 33.9 is Qwen's run without."""
    reported = connection.execute(
        "select score, mode from seeds.reported_score where model_name = 'Claude Opus 4' and benchmark = 'aime_2025'"
    ).fetchall()
    own = asked(connection, "llm_stats", "claude-opus-4-20250514", "aime_2025")
    assert (set(reported), own) == ({(33.9, NON)}, {(75.5, THINKS)})
    modes = connection.execute(
        "select mode from core.score where source = 'livebench' and model_name = ? group by 1",
        ["claude-4-opus-20250514-thinking-32k"],
    ).fetchall()
    assert modes == [(THINKS,)]


def test_no_score_is_invented_for_qwen35_plus(connection: duckdb.DuckDBPyConnection) -> None:
    """It is a product of its own, and nobody states a score of it in these bodies."""
    names = "select model_name from core.score union all select model_name from seeds.reported_score"
    found = connection.execute(f"select count(*) from ({names}) where model_name ilike '%qwen3.5-plus%'").fetchall()
    assert found == [(0,)]
