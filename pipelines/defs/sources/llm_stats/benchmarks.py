"""Which benchmark, release, window and mode a row of LLM Stats is of, by its id and the text on how it was found.

Here belongs reading those two texts. What stands in neither is null, except that of GPQA: its subsets are different
benchmarks, so a score of no stated subset is kept apart from those of Diamond.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Name of a benchmark there, in lower case with hyphens -> slug. Others keep their own id.
SLUGS = {
    "aider": "aider_edit",
    "arc-agi": "arc_agi_1",
    "arc-agi-v2": "arc_agi_2",
    "aime25": "aime_2025",
    "aime2024": "aime_2024",
    "arenahard": "arena_hard",
    "big-bench-hard": "bbh",
    "bigbench-hard": "bbh",
    "gpqa": "gpqa_diamond",
    "gpqa-d": "gpqa_diamond",
    "hmmt25": "hmmt_2025",
    "humanity's-last-exam": "hle",
    "if-eval": "ifeval",
    "swe-verified": "swe_bench_verified",
}
METRICS = {"arena_hard": "win_rate", "livebench": "average"}
ACCURACIES = frozenset(
    {
        "aider_edit",
        "aider_polyglot",
        "aime_2024",
        "aime_2025",
        "arc_agi_1",
        "arc_agi_2",
        "bbh",
        "bfcl",
        "frontiermath",
        "gpqa_diamond",
        "hle",
        "hmmt_2025",
        "humaneval",
        "ifeval",
        "livecodebench",
        "math_500",
        "mmlu",
        "mmlu_pro",
        "musr",
        "scicode",
        "simpleqa",
        "supergpqa",
        "swe_bench_verified",
        "tau2_bench",
        "terminal_bench",
    }
)
SWE_VARIANT = re.compile(r"swe-bench-verified-\((?P<how>[^)]+)\)")
TAU2 = re.compile(r"tau2-(?P<domain>retail|airline|telecom)")

NON_THINKING = re.compile(
    r"\b(non-?thinking|no (extended )?thinking|without thinking|non-?reasoning|reasoning off)\b", re.I
)
THINKING = re.compile(r"\bthinking\b|\breasoning (mode|on)\b|, reasoning$", re.I)
JUDGE = re.compile(r"(?P<judge>GPT-[\w.]+) (evaluated win rates|judge)", re.I)
LIVEBENCH_DAY = re.compile(r"(20\d\d)[-/]?(\d\d)[-/]?(\d\d)")
# Months of problems as they are written: 25.02-25.05, 2408-2505, Aug 24-May 25, 8/1/24-2/1/25.
YYMM = re.compile(r"\b(\d\d)\.?(\d\d?)\s?[-–]\s?(\d\d)\.?(\d\d?)\b")
MONTHS = re.compile(r"\b([A-Z][a-z]{2}) (\d\d)\s?[-–]\s?([A-Z][a-z]{2}) (\d\d)\b")
US_DAYS = re.compile(r"\b(\d{1,2})/\d{1,2}/(?:20)?(\d\d)\s?[-–]\s?(\d{1,2})/\d{1,2}/(?:20)?(\d\d)\b")
MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Release v5 ends with January 2025: a window that ends later is one of v6.
LAST_OF_V5 = "2025-02"


@dataclass(frozen=True)
class Benchmark:
    """What a score is of. `how` is what the benchmark's name itself says of the way it was found."""

    slug: str
    version: str | None = None
    category: str | None = None
    how: str | None = None

    @property
    def metric(self) -> str:
        """What the number is; of a benchmark not reviewed it is not known whether more is better."""
        return METRICS.get(self.slug, "accuracy" if self.slug in ACCURACIES else "score")


def read_benchmark(name: str, method: str) -> Benchmark:
    """What a score of this name, found in this way, is of."""
    key = re.sub(r"[\s_,]+", "-", name.strip().lower())
    if variant := SWE_VARIANT.fullmatch(key):
        return Benchmark("swe_bench_verified", how=variant["how"])
    if domain := TAU2.fullmatch(key):
        return Benchmark("tau2_bench", category=domain["domain"])
    if key.startswith("livecodebench"):
        return Benchmark("livecodebench", _livecodebench_version(f"{key} {method}"))
    if re.match(r"livebench(?!.*code)", key):
        return Benchmark("livebench", _livebench_version(key, method), "coding" if method.lower() == "coding" else None)
    if series := re.fullmatch(r"bfcl-v(\d)", key):
        return Benchmark("bfcl", f"v{series[1]}")
    if key in ("arena-hard-v2", "arenahard-v2"):
        return Benchmark("arena_hard", "v2.0")
    if key in ("gpqa", "gpqa-d") or re.fullmatch(r"gpqa-+diamond", key):
        stated = key != "gpqa" or "diamond" in method.lower()
        return Benchmark("gpqa_diamond", None if stated else "subset not stated")
    return Benchmark(SLUGS.get(key) or _own_id(key))


def _own_id(key: str) -> str:
    """The source's id in snake case, in which + < and > keep two ids apart."""
    spelled = key.replace("+", "-plus").replace("<", "-under-").replace(">", "-over-")
    return re.sub(r"[^a-z0-9]+", "_", spelled).strip("_")


def _livecodebench_version(text: str) -> str | None:
    """Release and window, as far as id and method state them: v6, v6 2025-02..2025-05, 2023-05..2024-09, 01-09."""
    release, window = re.search(r"\bv([56])\b", text), _window(text)
    if window is None:
        months = re.search(r"livecodebench\((\d\d-\d\d)\)", text)
        return f"v{release[1]}" if release else months[1] if months else None
    number = release[1] if release else "6" if window[1] > LAST_OF_V5 else None
    return f"{f'v{number} ' if number else ''}{window[0]}..{window[1]}"


def _window(text: str) -> tuple[str, str] | None:
    if found := YYMM.search(text):
        from_year, from_month, to_year, to_month = (int(part) for part in found.groups())
    elif found := MONTHS.search(text):
        if found[1] not in MONTH_NAMES or found[3] not in MONTH_NAMES:
            return None
        from_year, to_year = int(found[2]), int(found[4])
        from_month, to_month = MONTH_NAMES.index(found[1]) + 1, MONTH_NAMES.index(found[3]) + 1
    elif found := US_DAYS.search(text):
        from_month, from_year, to_month, to_year = (int(part) for part in found.groups())
    else:
        return None
    if not (1 <= from_month <= 12 and 1 <= to_month <= 12 and 23 <= from_year <= to_year):
        return None
    return f"20{from_year}-{from_month:02}", f"20{to_year}-{to_month:02}"


def _livebench_version(key: str, method: str) -> str | None:
    found = LIVEBENCH_DAY.search(key) or LIVEBENCH_DAY.search(method)
    # The release of August 2024 is the only one of a 31st.
    return "-".join(found.groups()) if found else "2024-08-31" if "0831" in method else None


def mode_of(method: str) -> str | None:
    """Whether the model thought before it answered, where the text says so."""
    if NON_THINKING.search(method):
        return "non_thinking"
    return "thinking" if THINKING.search(method) else None


def judge_of(method: str) -> str | None:
    """The model that graded the answers, where the text names one."""
    found = JUDGE.search(method)
    return found["judge"] if found else None
