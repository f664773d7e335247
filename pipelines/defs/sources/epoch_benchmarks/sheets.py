"""Which files of the hub are read, and how: benchmark, score column, scale, evaluator, and what tells results apart.

ADD A BENCHMARK: one entry in `SHEETS`, and one row in `warehouse/seeds/benchmark.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

MODEL = "Model version"
EPOCH = "Epoch AI"
EFFORT = re.compile(r"_(minimal|low|medium|high|xhigh|max|none|thinking|unknown|\d+k)$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """How one file of the hub is read. `evaluator` is who ran it where the row's own `Source` is empty."""

    benchmark: str
    score: str
    metric: str = "accuracy"
    scale: str = "fraction"
    evaluator: str = EPOCH
    error: str | None = None
    harness: str | None = None
    harness_form: str = "{}"
    # The one board whose rows are read, where a file mixes a board with tables from vendors' papers.
    only_source: str | None = None
    evaluated: str | None = None
    # The name on the copied board; stands in where Epoch gives no model version.
    board_name: str = "Name"
    version: str | None = None
    # Columns that older exports of the file do not have.
    later: frozenset[str] = frozenset()

    @property
    def required(self) -> list[str]:
        """Columns without which the file is not the one declared here."""
        named = (MODEL, self.score, self.error, self.harness, self.evaluated, self.version)
        return [column for column in named if column is not None and column not in self.later]


Run = partial(Sheet, score="mean_score", error="stderr", evaluated="Started at")

SHEETS: Mapping[str, Sheet] = {
    "chess_puzzles": Run(benchmark="chess_puzzles"),
    "frontiermath": Run(benchmark="frontiermath"),
    "frontiermath_tier_4": Run(benchmark="frontiermath_tier_4"),
    "gpqa_diamond": Run(benchmark="gpqa_diamond"),
    "math_level_5": Run(benchmark="math_level_5"),
    "otis_mock_aime_2024_2025": Run(benchmark="otis_mock_aime_2024_2025"),
    "simpleqa_verified": Run(benchmark="simpleqa_verified"),
    "swe_bench_verified": Run(benchmark="swe_bench_verified"),
    "epoch_capabilities_index": Sheet(
        benchmark="epoch_capabilities_index", score="ECI Score", metric="index", scale="index"
    ),
    "aider_polyglot_external": Sheet(
        benchmark="aider_polyglot",
        score="Percent correct",
        scale="percent",
        evaluator="Aider LLM Leaderboards",
        harness="Edit format",
        evaluated="Date of evaluation",
        later=frozenset({"Date of evaluation"}),
    ),
    "arc_agi_external": Sheet(benchmark="arc_agi_1", score="Score", evaluator="ARC Prize Leaderboard"),
    "arc_agi_2_external": Sheet(benchmark="arc_agi_2", score="Score", evaluator="ARC Prize Leaderboard"),
    "hle_external": Sheet(
        benchmark="hle",
        score="Accuracy",
        error="Accuracy Standard Error",
        evaluator="Humanity's Last Exam leaderboard",
    ),
    "live_bench_external": Sheet(
        benchmark="livebench",
        score="Global average",
        metric="average",
        scale="percent",
        evaluator="LiveBench Leaderboard",
        board_name="id",
        version="LiveBench Version",
    ),
    "mmlu_external": Sheet(
        benchmark="mmlu",
        score="EM",
        evaluator="Stanford CRFM Leaderboard",
        harness="Shots",
        harness_form="{}-shot",
        only_source="Stanford CRFM Leaderboard",
    ),
    "simplebench_external": Sheet(benchmark="simplebench", score="Score (AVG@5)", evaluator="SimpleBench Leaderboard"),
    "swe_bench_bash": Sheet(
        benchmark="swe_bench_bash",
        score="% Resolved",
        evaluator="swebench.com leaderboard (bash only)",
        harness="SWE-Agent Release Version",
        harness_form="SWE-agent {}",
        evaluated="Date run",
    ),
    "terminalbench_external": Sheet(
        benchmark="terminal_bench",
        score="Accuracy mean",
        error="Accuracy SE",
        evaluator="Terminal-Bench leaderboard",
        harness="Agent",
        evaluated="Run date",
        later=frozenset({"Run date"}),
    ),
    "webdev_arena_external": Sheet(
        benchmark="webdev_arena",
        score="Arena Score",
        metric="elo",
        scale="elo",
        evaluator="WebDev Arena Leaderboard",
    ),
}

# Copies of boards as the repository for stitching benchmarks names them -> the file of the hub.
STITCHED: Mapping[str, str] = {
    "external_benchmark_aider_polyglot": "aider_polyglot_external",
    "external_benchmark_arc_agi": "arc_agi_external",
    "external_benchmark_livebench": "live_bench_external",
    "external_benchmark_mmlu": "mmlu_external",
    "external_benchmark_simple_bench": "simplebench_external",
    "external_benchmark_terminal_bench": "terminalbench_external",
}

# Folders of the zip that hold parameters of the index, not scores.
NOT_SCORES = frozenset({"additional_eci_data"})


def effort_in(model: str) -> str | None:
    """Effort as the suffix of a model version says it."""
    match = EFFORT.search(model)
    return match[1].lower() if match else None
