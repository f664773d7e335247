"""Aider: the share of exercises a model solves within two tries when it edits code in aider, and what the run cost.

Three boards, one YAML file each: polyglot (225 exercises in six languages, live), edit (133 in Python) and refactor
(89, one try only), the latter two closed in 2024. The edit format (diff, whole, architect) is the harness and part of
the result; so are the thinking tokens and the reasoning effort, which stand in the name, in fields of their own, or in
the command. Polyglot runs of one family of models (`qwen3_leaderboard`) are read as the polyglot board.

What is not known is null: a cost of 0 stands for models aider had no price for. A run over more exercises than the
board has is of another board, and a rate that its own count of solved exercises contradicts is a slip.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import PurePosixPath
from typing import Any

import yaml  # type: ignore[import-untyped]

from pipelines.defs.sources.leaderboard_text import MAX_QUOTE, Unreadable, bounded, settled, text_of
from pipelines.lib.assets import source_definitions
from pipelines.lib.source import (
    BadDocument,
    Document,
    Fetcher,
    FromGit,
    Parsed,
    Reject,
    Response,
    Row,
    Source,
    SourceKind,
)

URL = "https://raw.githubusercontent.com/Aider-AI/aider/main/aider/website/_data/polyglot_leaderboard.yml"
REPOSITORY_FILE = "aider/website/_data/polyglot_leaderboard.yml"

# Name of the file without its ending -> benchmark, number of exercises, field of the rate.
BOARDS: Mapping[str, tuple[str, int, str]] = {
    "polyglot_leaderboard": ("aider_polyglot", 225, "pass_rate_2"),
    "qwen3_leaderboard": ("aider_polyglot", 225, "pass_rate_2"),
    "edit_leaderboard": ("aider_edit", 133, "pass_rate_2"),
    "refactor_leaderboard": ("aider_refactor", 89, "pass_rate_1"),
}
# A file beside them that compares hosts and quantisations of one model: its names are no models.
NO_BOARD = "quant"
# A rate is written with one decimal.
ROUNDING = 0.1

CASES = re.compile(r"^ +test_cases: *(\d{1,6})\b", re.MULTILINE)
LEVEL = re.compile(r"\((minimal|low|medium|high|xhigh)\)")
BUDGET = re.compile(r"\((\d{1,4}k) think(?:ing)?(?: tokens)?\)")
NO_THINKING = re.compile(r"\(no think(?:ing)?\)|, no think\b|/no_think\b", re.IGNORECASE)
THINKING = re.compile(r"\((?:default )?think(?:ing)?\)|\(reasoner\)", re.IGNORECASE)
CHAT = re.compile(r"\(chat\)", re.IGNORECASE)
FLAG = re.compile(r"--(reasoning-effort|thinking-tokens)[ =](\S{1,20})")


class _Loader(yaml.BaseLoader):  # type: ignore[misc]
    """Text only, and no aliases: with them a small file could unfold into a huge one."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("the file uses an alias")
        return super().compose_node(parent, index)


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """The polyglot board; the other two do not change any more."""
    yield fetcher.http.get(URL, label="polyglot_leaderboard")


def label_of(file_name: str, body: bytes) -> str:
    """The board a loose file is: by its name, else by its fields and how many exercises most of its runs have."""
    stem = PurePosixPath(file_name).stem
    cases = sorted(int(found) for found in CASES.findall(body.decode("utf-8", "replace")))
    if stem in (*BOARDS, NO_BOARD) or not cases:
        return stem
    if b"pass_rate_2:" not in body:
        return "refactor_leaderboard"
    return "polyglot_leaderboard" if cases[len(cases) // 2] > BOARDS["edit_leaderboard"][1] else "edit_leaderboard"


def parse(document: Document) -> Iterator[Parsed]:
    """One score per run."""
    if document.label not in BOARDS:
        raise BadDocument(f"{document.label!r} is no board that is read; name it {', '.join(BOARDS)}")
    text = text_of(document)
    try:
        runs = yaml.load(text, Loader=_Loader)  # noqa: S506 (the loader makes text only)
    except (yaml.YAMLError, RecursionError) as error:
        raise BadDocument(f"{document.label} is not YAML that is read ({' '.join(str(error).split())})") from error
    if not isinstance(runs, list) or not runs:
        raise BadDocument(f"{document.label}: expected a list of runs, got {text[:80]!r}")
    yield from settled(document.label, (_run(document.label, run) for run in runs))


def _run(label: str, run: object) -> Parsed:
    if not isinstance(run, dict) or not all(isinstance(value, str) for value in run.values()):
        return Reject("a run must be a list of plain fields", repr(run)[:MAX_QUOTE], "score")
    try:
        return Row("score", _values(label, run))
    except Unreadable as error:
        return Reject(str(error), ", ".join(f"{key}: {value}" for key, value in run.items())[:MAX_QUOTE], "score")


def _values(label: str, run: Mapping[str, str]) -> dict[str, Any]:
    benchmark, exercises, metric = BOARDS[label]
    name, text = run.get("model", "").strip(), run.get(metric, "").strip()
    if not name or not text:
        raise Unreadable(f"the run has no {'model' if not name else metric}")
    cases = [count for field in ("total_tests", "test_cases") if (count := _count(run, field))]
    if cases and max(cases) > exercises:
        raise Unreadable(f"the run has {max(cases)} exercises, {benchmark} only {exercises}: it is of another board")
    rate, size = _rate(run, text, metric, cases)
    effort, mode = _effort(name, run)
    cost = run.get("total_cost", "").strip()
    return {
        "benchmark": benchmark,
        "metric": "accuracy",
        "model_name": name,
        "effort": effort,
        "mode": mode,
        "score": rate,
        "scale": "percent",
        "evaluator": "Aider",
        "is_self_reported": False,
        "harness": run.get("edit_format", "").strip() or None,
        "model_released_on": _day(run, "released") or _day(run, "_released"),
        "evaluated_on": _day(run, "date"),
        "sample_size": size,
        "cost_usd": _cost(cost),
        "score_text": text,
    }


def _rate(run: Mapping[str, str], text: str, metric: str, cases: list[int]) -> tuple[float, int | None]:
    """The rate in percent and the number of exercises behind it.

    Where a run counts what it solved, the rate is held to that; some rates are of all exercises, some of those run.
    """
    rate = bounded(text, 100)
    solved = _count(run, metric.replace("rate", "num"))
    if solved is None and 0 < rate < 1:
        raise Unreadable(f"{metric} {text} may be a fraction, and no count of solved exercises tells")
    if solved is None or not cases:
        return rate, min(cases, default=None)
    for size in cases:
        if abs(100 * solved / size - rate) <= ROUNDING:
            return rate, size
    raise Unreadable(f"{metric} {text} is not {solved} of {cases[0]} exercises")


def _count(run: Mapping[str, str], field: str) -> int | None:
    text = run.get(field, "").strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{1,6}", text, re.ASCII):
        raise Unreadable(f"{field} is no count: {text!r}")
    return int(text)


def _cost(text: str) -> float | None:
    if not text:
        return None
    try:
        return bounded(text, 1e6) or None
    except Unreadable as error:
        raise Unreadable(f"total_cost is not an amount: {text!r}") from error


def _day(run: Mapping[str, str], field: str) -> date | None:
    text = run.get(field, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Unreadable(f"{field} is no date: {text!r}") from error


def _effort(name: str, run: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Effort and mode as the name states them, else the run's settings or its command."""
    flags = dict(FLAG.findall(run.get("command", "")))
    level = LEVEL.search(name)
    budget = BUDGET.search(name)
    tokens = run.get("thinking_tokens", "").strip()
    if NO_THINKING.search(name) or tokens == "0":
        return "no-thinking", "non_thinking"
    if budget or tokens.isdigit() or "thinking-tokens" in flags:
        given = budget[1] if budget else f"{int(tokens) // 1000}k" if tokens.isdigit() else flags["thinking-tokens"]
        return f"thinking-{given}", "thinking"
    effort = level[1] if level else run.get("reasoning_effort", "").strip() or flags.get("reasoning-effort")
    return effort, "thinking" if THINKING.search(name) else "non_thinking" if CHAT.search(name) else None


source = Source(
    name="aider",
    title="Aider LLM leaderboards",
    homepage="https://aider.chat/docs/leaderboards/",
    licence="Apache-2.0",
    kind=SourceKind.LEADERBOARD,
    tables=("score",),
    fetch=fetch,
    parse=parse,
    host="github_raw",
    every=timedelta(days=7),
    stale_after=timedelta(days=16),
    anchor={"*": "test_cases"},
    max_bytes=1_000_000,
    label_of=label_of,
    from_git=FromGit((REPOSITORY_FILE,), lambda files: files.get(REPOSITORY_FILE)),
)

defs = source_definitions(source)
