"""MMLU-Pro: accuracy over about 12,000 questions and on each of 14 subjects, from the leaderboard of TIGER-Lab.

`results.csv` gives fractions. Its column `Data Source` says whether TIGER-Lab ran the model or its vendor reports the
score, spelled in several ways; the same model may stand there as both, which are two scores. A day or month in
a name (`Gemini-3-Pro(11/25)`) is part of the name. The table in the README of the code's repository is read too: a few
models of 2024, in percent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from pipelines.defs.sources.leaderboard_text import (
    MAX_QUOTE,
    Unreadable,
    bounded,
    effort_of,
    mode_of,
    read_csv,
    settled,
    text_of,
)
from pipelines.lib.assets import source_definitions
from pipelines.lib.source import BadDocument, Document, Fetcher, Parsed, Reject, Response, Row, Source, SourceKind
from scrapers.items import UnreadablePage
from scrapers.parsing.tables import markdown_tables, read_pipe_cell

URL = "https://huggingface.co/datasets/TIGER-Lab/mmlu_pro_leaderboard_submission/resolve/main/results.csv"
EVALUATOR = "TIGER-Lab"

SUBJECTS = (
    *("Biology", "Business", "Chemistry", "Computer Science", "Economics", "Engineering", "Health", "History"),
    *("Law", "Math", "Philosophy", "Physics", "Psychology", "Other"),
)
# As the file spells them, in lower case -> whether the vendor reports it itself.
DATA_SOURCES = {"tiger-lab": False, "self-reported": True, "sefl-reported": True}
NOT_RUN = frozenset({"", "-", "N/A", "nan"})


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """The whole leaderboard, one file."""
    yield fetcher.http.get(URL, label="main")


def label_of(_file_name: str, body: bytes) -> str:
    """`readme` for the table of the README, `main` for the leaderboard."""
    return "readme" if body.lstrip(b"\xef\xbb\xbf \r\n")[:1] in (b"|", b"#") else "main"


def parse(document: Document) -> Iterator[Parsed]:
    """Overall accuracy and that of every subject, or the table of the README."""
    text = text_of(document)
    items = _readme(document.label, text) if document.label == "readme" else _results(document.label, text)
    yield from settled(document.label, items)


def _results(label: str, text: str) -> Iterator[Parsed]:
    header, lines = read_csv(label, text)
    missing = [name for name in ("Models", "Data Source", "Overall") if name not in header]
    if missing:
        raise BadDocument(f"{label} has no column {', '.join(missing)}: {','.join(header)[:MAX_QUOTE]!r}")
    if gone := [subject for subject in SUBJECTS if subject not in header]:
        yield Reject("the table has no column of some subjects", ", ".join(gone), "score")
    for cells in lines:
        if len(cells) != len(header):
            yield Reject(f"the row has {len(cells)} cells, the header {len(header)}", ",".join(cells), "score")
        else:
            yield from _model(dict(zip(header, cells, strict=True)))


def _model(row: Mapping[str, str]) -> Iterator[Parsed]:
    name, told_by = row["Models"].strip(), row["Data Source"].strip()
    quote = ",".join(row.values())[:MAX_QUOTE]
    if not name:
        yield Reject("the row names no model", quote, "score")
    elif told_by.lower() not in DATA_SOURCES:
        yield Reject(f"Data Source {told_by!r} does not say who ran it", quote, "score")
    else:
        for column in ("Overall", *SUBJECTS):
            text = row.get(column, "").strip()
            if text in NOT_RUN:
                continue
            try:
                score = _fraction(text)
            except Unreadable as error:
                yield Reject(str(error), f"{name}, {column}: {text}", "score")
                continue
            category = None if column == "Overall" else column
            yield Row("score", _values(name, score, "fraction", text, DATA_SOURCES[told_by.lower()], category))


def _fraction(text: str) -> float:
    """A score between 0 and 1. A 0 is a gap somebody filled: guessing alone gets one question in ten right."""
    score = bounded(text, 1)
    if not score:
        raise Unreadable("a score of 0 is below guessing: it was not run")
    return score


def _readme(label: str, text: str) -> Iterator[Parsed]:
    try:
        tables = [table for table in markdown_tables(text) if table.headers[:2] == ("Model", "Overall Accuracy")]
    except UnreadablePage as error:
        raise BadDocument(f"{label} cannot be read ({error})") from error
    if not tables:
        raise BadDocument(f"{label} has no table of Model and Overall Accuracy: {text[:80]!r}")
    for table in tables:
        for cells in table.rows:
            name, text = (read_pipe_cell(cell).text for cell in (*cells, "")[:2])
            try:
                score = bounded(text, 100)
                if score <= 1:
                    raise Unreadable("a score of at most 1 among percentages is a fraction or below guessing")
            except Unreadable as error:
                yield Reject(str(error), " | ".join(cells)[:MAX_QUOTE], "score")
                continue
            yield Row("score", _values(name, score, "percent", text, False, None))


def _values(
    name: str, score: float, scale: str, text: str, is_self_reported: bool, category: str | None
) -> dict[str, Any]:
    # What stands in brackets without a word is a date or a size, and no effort.
    effort = effort_of(re.sub(r"\(\d[\d/.-]*\)", "", name).strip())
    return {
        "benchmark": "mmlu_pro",
        "metric": "accuracy",
        "category": category,
        "model_name": name,
        "effort": effort,
        "mode": mode_of(effort),
        "score": score,
        "scale": scale,
        "evaluator": "self-reported" if is_self_reported else EVALUATOR,
        "is_self_reported": is_self_reported,
        "score_text": text,
    }


source = Source(
    name="mmlu_pro",
    title="MMLU-Pro leaderboard",
    homepage="https://huggingface.co/spaces/TIGER-Lab/MMLU-Pro",
    licence="no licence stated for the results; the benchmark and its README are Apache-2.0",
    kind=SourceKind.LEADERBOARD,
    tables=("score",),
    fetch=fetch,
    parse=parse,
    host="huggingface",
    every=timedelta(days=7),
    stale_after=timedelta(days=16),
    anchor={"*": "Overall"},
    max_bytes=5_000_000,
    label_of=label_of,
)

defs = source_definitions(source)
