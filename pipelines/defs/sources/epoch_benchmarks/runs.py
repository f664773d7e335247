"""Epoch's own runs as its public repository for stitching benchmarks lists them: one table, a row per run and task.

The hub later gives the same runs a file per benchmark. A run may have been graded in several ways; the hub takes the
best grade, and so does `Best score` here. Where one way graded twice that column is the better of two runs, which the
hub averages: such a row is rejected. Of FrontierMath the hub publishes the private questions, so runs on the public
sample are another version.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pipelines.defs.sources.epoch_benchmarks.sheets import EPOCH, effort_in
from pipelines.defs.sources.leaderboard_text import MAX_QUOTE, Unreadable
from pipelines.lib.source import BadDocument, Parsed, Reject, Row

LABEL = "benchmarks_runs"
MODEL, SCORE, GRADES, STARTED, STATUS, TASK = (
    *("model", "Best score (across scorers)", "Scores", "started_at", "Status", "task"),
)
PUBLIC = "public sample"
# Task -> benchmark and version.
TASKS: Mapping[str, tuple[str, str | None]] = {
    "GPQA diamond": ("gpqa_diamond", None),
    "MATH level 5": ("math_level_5", None),
    "OTIS Mock AIME 2024-2025": ("otis_mock_aime_2024_2025", None),
    "SWE-Bench verified": ("swe_bench_verified", None),
    "FrontierMath-2025-02-28-Private": ("frontiermath", None),
    "FrontierMath-2025-02-28-Public": ("frontiermath", PUBLIC),
    "FrontierMath-Tier-4-2025-07-01-Private": ("frontiermath_tier_4", None),
    "FrontierMath-Tier-4-2025-07-01-Public": ("frontiermath_tier_4", PUBLIC),
}
NUMBER = re.compile(r"\d(\.\d{1,18})?", re.ASCII)
GRADE = re.compile(r"(?P<grader>\w+):(?P<score>\d(\.\d+)?)±(?P<error>\d(\.\d+)?)", re.ASCII)
DAY = re.compile(r"(?P<day>\d{1,2}) (?P<month>[A-Z][a-z]+) (?P<year>20\d\d) \d{1,2}:\d\d[ap]m", re.ASCII)
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def is_runs(body: bytes) -> bool:
    """Whether a body is such a table, by its columns."""
    head = body[:500].decode("utf-8-sig", "replace").splitlines()
    return bool(head) and {TASK, MODEL, SCORE} <= set(head[0].split(","))


def read_runs(label: str, body: bytes) -> Iterator[Parsed]:
    """A row per run, or why it is none."""
    try:
        rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadDocument(f"{label} is not readable as CSV ({error}): {body[:80]!r}") from error
    if missing := [name for name in (TASK, MODEL, SCORE, GRADES, STARTED, STATUS) if rows and name not in rows[0]]:
        raise BadDocument(f"{label} has no column {', '.join(missing)}")
    for row in rows:
        try:
            yield Row("score", _values(row))
        except Unreadable as error:
            quote = ", ".join(f"{name}={row[name]}" for name in (TASK, MODEL, SCORE, GRADES, STARTED, STATUS))
            yield Reject(str(error), quote[:MAX_QUOTE], "score")


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    if None in row or None in row.values():
        raise Unreadable("the row has another number of cells than the header")
    if row[STATUS] != "Success":
        raise Unreadable("the run did not succeed")
    if row[TASK] not in TASKS:
        raise Unreadable("the task is not declared: a new benchmark")
    if not row[MODEL].strip():
        raise Unreadable("the row names no model")
    if not NUMBER.fullmatch(row[SCORE]) or float(row[SCORE]) > 1:
        raise Unreadable("the score is not a number from 0 to 1")
    benchmark, version = TASKS[row[TASK]]
    return {
        "benchmark": benchmark,
        "benchmark_version": version,
        "metric": "accuracy",
        "model_name": row[MODEL],
        "effort": effort_in(row[MODEL]),
        "score": float(row[SCORE]),
        "scale": "fraction",
        "standard_error": _error(row[GRADES], float(row[SCORE])),
        "evaluator": EPOCH,
        "is_self_reported": False,
        "evaluated_on": _day(row[STARTED]),
        "score_text": row[SCORE],
    }


def _error(text: str, score: float) -> float | None:
    """The standard error beside the grade that is the score; an error rounded to 0 is not known."""
    grades = [match for match in map(GRADE.fullmatch, text.split(",")) if match]
    graders = Counter(match["grader"] for match in grades)
    if twice := [grader for grader, count in graders.items() if count > 1]:
        raise Unreadable(f"graded twice by {twice[0]}, and the score is the better of two runs")
    errors = {float(match["error"]) for match in grades if abs(float(match["score"]) - score) <= 0.005001}
    return errors.pop() or None if len(errors) == 1 else None


def _day(text: str) -> date | None:
    """The day a run started, in whatever zone the table is written in."""
    if not text.strip():
        return None
    match = DAY.fullmatch(text.strip())
    try:
        return date(int(match["year"]), MONTHS.index(match["month"]) + 1, int(match["day"])) if match else _no_day(text)
    except ValueError:
        return _no_day(text)


def _no_day(text: str) -> date:
    raise Unreadable(f"not a time such as 24 April 2025 3:01pm: {text!r}")
