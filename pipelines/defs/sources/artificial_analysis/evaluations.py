"""Which evaluations of Artificial Analysis are read, and as what; and what the name of a variant says of its effort.

The API, the page and tables made of them call the same evaluation by different keys. ADD AN EVALUATION: one entry in
`EVALUATIONS`, and one row in `warehouse/seeds/benchmark.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What one key is a score of. `is_index`: of an index, whose version the body may state."""

    benchmark: str
    metric: str = "accuracy"
    scale: str = "fraction"
    version: str | None = None
    category: str | None = None
    bounds: tuple[float, float] = (0, 1)

    @property
    def is_index(self) -> bool:
        """Whether the stated version of the index is this one's."""
        return self.benchmark.endswith("_index")


def _index(name: str) -> Evaluation:
    return Evaluation(benchmark=f"aa_{name}_index", metric="index", scale="index", bounds=(0, 100))


# Of tau2-Bench it runs the telecom domain alone, of AIME the contest of the year, of LiveCodeBench a window of its own
# (https://artificialanalysis.ai/methodology/intelligence-benchmarking).
_TAU2 = Evaluation(benchmark="tau2_bench", category="telecom")
_TERMINAL_HARD = Evaluation(benchmark="terminal_bench", version="hard")
_AA_LCR = Evaluation(benchmark="aa_lcr")

EVALUATIONS: Mapping[str, Evaluation] = {
    "artificial_analysis_intelligence_index": _index("intelligence"),
    "artificial_analysis_coding_index": _index("coding"),
    "artificial_analysis_math_index": _index("math"),
    "artificial_analysis_agentic_index": _index("agentic"),
    "intelligence_index": _index("intelligence"),
    "coding_index": _index("coding"),
    "math_index": _index("math"),
    "agentic_index": _index("agentic"),
    "gpqa": Evaluation(benchmark="gpqa_diamond"),
    "mmlu_pro": Evaluation(benchmark="mmlu_pro"),
    "hle": Evaluation(benchmark="hle"),
    "livecodebench": Evaluation(benchmark="livecodebench", version="AA"),
    "scicode": Evaluation(benchmark="scicode"),
    "math_500": Evaluation(benchmark="math_500"),
    "aime": Evaluation(benchmark="aime_2024"),
    "aime_25": Evaluation(benchmark="aime_2025"),
    "aime25": Evaluation(benchmark="aime_2025"),
    "ifbench": Evaluation(benchmark="ifbench"),
    "lcr": _AA_LCR,
    "aa_lcr": _AA_LCR,
    "terminalbench_hard": _TERMINAL_HARD,
    "terminal_bench_hard": _TERMINAL_HARD,
    "terminalbench_v2_1": Evaluation(benchmark="terminal_bench", version="v2.1"),
    "tau2": _TAU2,
    "tau2_bench": _TAU2,
    "critpt": Evaluation(benchmark="critpt"),
    "aa_omniscience": Evaluation(benchmark="aa_omniscience", metric="index", scale="index", bounds=(-100, 100)),
    "aa_omniscience_accuracy": Evaluation(benchmark="aa_omniscience"),
    "aa_omniscience_non_hallucination": Evaluation(benchmark="aa_omniscience", metric="non_hallucination_rate"),
    "apex_agents": Evaluation(benchmark="apex_agents"),
    "mmmu_pro": Evaluation(benchmark="mmmu_pro"),
    "humaneval": Evaluation(benchmark="humaneval"),
    "tau_banking": Evaluation(benchmark="tau_banking"),
}
# A flag, and a rating in another form: the page states it as Elo beside.
NOT_READ = frozenset({"artificial_analysis_intelligence_index_is_estimated", "gdpval_aa_normalized"})
ESTIMATED = "artificial_analysis_intelligence_index_is_estimated"
GDPVAL = Evaluation(benchmark="gdpval_aa", metric="elo", scale="elo", bounds=(0, 5000))

LAST_PARENTHESIS = re.compile(r"\(([^()]*)\)\s*$")
EFFORT = re.compile(
    r"(?:non-reasoning|adaptive reasoning|reasoning|thinking|non-thinking"
    r"|(?:none|minimal|low|medium|high|xhigh|max)(?: effort)?)"
)


def effort_and_mode(name: str) -> tuple[str | None, str | None]:
    """Effort and mode as the last parenthesis of a name states them: (high), (Non-reasoning, Low Effort).

    An effort alone says nothing of the mode, and a month in parentheses nothing of either.
    """
    match = LAST_PARENTHESIS.search(name)
    words = [word.strip().lower() for word in match[1].split(",")] if match else []
    efforts = [word.removesuffix(" effort").replace(" ", "-") for word in words if EFFORT.fullmatch(word)]
    effort = "-".join(efforts) or None
    if any(word.startswith("non-") for word in efforts):
        return effort, "non_thinking"
    return effort, "thinking" if any(re.search("reasoning|thinking", word) for word in efforts) else None
