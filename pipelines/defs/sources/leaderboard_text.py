"""What leaderboards have in common in how they write scores: text, CSV tables, percentages, efforts in names.

Here belongs what more than one leaderboard needs, and which of several rows of one key counts. What a column means is
the source's own to know. This is no source.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pipelines.lib.source import BadDocument, Document, Parsed, Reject, Row

MAX_QUOTE = 300
# What tells scores apart, as in the contract of `staging.score`.
GRAIN = (
    *("benchmark", "benchmark_version", "metric", "category", "task", "model_name", "effort", "mode", "harness"),
    *("judge", "evaluator", "evaluated_on"),
)
NUMBER = re.compile(r"\d{1,9}(\.\d{1,18})?", re.ASCII)
PERCENT = re.compile(r"(\d{1,9}(?:\.\d{1,18})?) ?%", re.ASCII)

# How much a model was asked to think, at the end of its name or before a date there: o4-mini-high, claude-thinking-16k,
# gpt-5-low-2025-08-07. Mistral Medium is a size.
EFFORT = re.compile(
    r"(?<!istral)[- ](?P<effort>thinking-\d+k|minimal|low|medium|high|xhigh|(?:non-)?(?:reasoning|thinking))"
    r"(?=(?:-\d{4}-\d{2}-\d{2})?$)",
    re.IGNORECASE,
)
NOTE = re.compile(r"\(([^()]{1,60})\)")
NOTED_EFFORT = re.compile(r"minimal|low|med|medium|high|xhigh|thinking", re.IGNORECASE)


class Unreadable(ValueError):
    """A cell or row that cannot be read; the message is the reason."""


def text_of(document: Document) -> str:
    """The body as text, without a byte order mark."""
    if not document.body.strip():
        raise BadDocument(f"{document.label} is empty")
    try:
        return document.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadDocument(f"{document.label} is not UTF-8 text ({error})") from error


def read_csv(label: str, text: str) -> tuple[list[str], list[list[str]]]:
    """Column names on one line each, and the rows that are not empty."""
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if any(line)]
    except csv.Error as error:
        raise BadDocument(f"{label} is not readable as CSV ({error}): {text[:80]!r}") from error
    if not lines:
        raise BadDocument(f"{label} has no rows")
    header = [" ".join(name.split()) for name in lines[0]]
    if len(set(header)) < len(header):
        raise BadDocument(f"{label} has two columns of one name: {','.join(header)[:MAX_QUOTE]!r}")
    return header, lines[1:]


def percentage(text: str) -> float:
    """The number of a cell such as `77.47%`. Raises Unreadable without the sign, or outside 0 to 100."""
    match = PERCENT.fullmatch(text.strip())
    if match is None:
        lost = "the score has lost its % sign" if NUMBER.fullmatch(text.strip()) else "the score is no percentage"
        raise Unreadable(lost)
    return bounded(match[1], 100)


def bounded(text: str, upper: float) -> float:
    """A plain number from 0 to `upper`. Raises Unreadable."""
    if not NUMBER.fullmatch(text.strip()) or float(text) > upper:
        raise Unreadable(f"the score is not a number from 0 to {upper:g}")
    return float(text)


def effort_of(name: str) -> str | None:
    """The effort a name states: in brackets as `(High)`, else at its end or before the date there."""
    for note in NOTE.findall(name):
        if NOTED_EFFORT.fullmatch(note.strip()):
            effort = str(note).strip().lower()
            return "medium" if effort == "med" else effort
    match = EFFORT.search(name)
    return match["effort"].lower() if match else None


def mode_of(effort: str | None) -> str | None:
    """The mode an effort states in so many words; `high` alone states none."""
    if effort is None or not re.search("thinking|reasoning", effort):
        return None
    return "non_thinking" if effort.startswith(("no-", "non-")) else "thinking"


def settled(label: str, items: Iterable[Parsed]) -> Iterator[Parsed]:
    """Each result once, rejects as they are. Of rows of one key with different scores none counts: nothing tells
    them apart. Raises BadDocument where no score is left.
    """
    groups: dict[tuple[Any, ...], list[Row]] = {}
    rejects: list[Reject] = []
    for item in items:
        if isinstance(item, Reject):
            rejects.append(item)
        else:
            groups.setdefault(tuple(item.values.get(column) for column in GRAIN), []).append(item)
    rows = [group[0] for group in groups.values() if _agree(group)]
    for group in groups.values():
        if not _agree(group):
            reason = "another row has another score, and nothing tells the two apart"
            rejects += [Reject(reason, _quote(row), "score") for row in group]
    if not rows:
        reasons = "; ".join(f"{item.reason}: {item.text}" for item in rejects)
        raise BadDocument(f"{label}: no score could be read ({reasons[:MAX_QUOTE] or 'every score is empty'})")
    yield from rows
    yield from rejects


def _agree(group: list[Row]) -> bool:
    return len({round(float(row.values["score"]), 9) for row in group}) == 1


def _quote(row: Row) -> str:
    named = (row.values.get(column) for column in ("model_name", "category", "harness", "score_text"))
    return ", ".join(str(value) for value in named if value is not None)
