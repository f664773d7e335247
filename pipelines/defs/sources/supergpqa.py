"""SuperGPQA: accuracy over 26,529 graduate questions, overall and by difficulty, as the README of its makers gives it.

Three tables of percentages: reasoning, chat and base models. `Overall (sample)` is the share of questions answered
rightly, the accuracy others quote; the means over subfields, fields and disciplines are other metrics. The tables are
of March 2025; what vendors claim since is not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from pipelines.defs.sources.leaderboard_text import MAX_QUOTE, Unreadable, bounded, effort_of, settled, text_of
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
from scrapers.items import UnreadablePage
from scrapers.parsing.tables import MarkdownTable, markdown_tables, read_pipe_cell

URL = "https://raw.githubusercontent.com/SuperGPQA/SuperGPQA/main/README.md"

# Column -> metric and category.
COLUMNS: Mapping[str, tuple[str, str | None]] = {
    "Overall (sample)": ("accuracy", None),
    "Overall (subfield)": ("accuracy_by_subfield", None),
    "Overall (field)": ("accuracy_by_field", None),
    "Overall (discipline)": ("accuracy_by_discipline", None),
    "Easy (sample)": ("accuracy", "easy"),
    "Middle (sample)": ("accuracy", "middle"),
    "Hard (sample)": ("accuracy", "hard"),
}
# What the line above a table says of its models. A base model is asked neither way.
MODES = {"reasoning models": "thinking", "chat models": "non_thinking", "base models": None}
NOT_RUN = frozenset({"", "-", "N/A"})


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """The README, which holds the tables."""
    yield fetcher.http.get(URL, label="main")


def parse(document: Document) -> Iterator[Parsed]:
    """Every column of the three tables."""
    text = text_of(document)
    try:
        tables = [table for table in markdown_tables(text) if table.headers[0] == "Model"]
    except UnreadablePage as error:
        raise BadDocument(f"{document.label} cannot be read ({error})") from error
    if not tables:
        raise BadDocument(f"{document.label} has no table of models: {text[:80]!r}")
    yield from settled(document.label, (item for table in tables for item in _scores(table)))


def _scores(table: MarkdownTable) -> Iterator[Parsed]:
    # The kind of models stands as a line of its own above the table, or as its heading.
    words = (re.sub(r"\*", "", table.intro).strip() or table.heading).splitlines()
    group = words[-1].strip().lower() if words else ""
    quote = " | ".join(table.headers)[:MAX_QUOTE]
    for column in COLUMNS:
        if column not in table.headers:
            yield Reject("the table has no such column", f"{column}: {quote}", "score")
    if unknown := [column for column in table.headers[1:] if column and column not in COLUMNS]:
        yield Reject("a column is not known", ", ".join(unknown), "score")
    for cells in table.rows:
        if len(cells) != len(table.headers):
            reason = f"the row has {len(cells)} cells, the header {len(table.headers)}"
            yield Reject(reason, " | ".join(cells)[:MAX_QUOTE], "score")
            continue
        row = {column: read_pipe_cell(cell).text for column, cell in zip(table.headers, cells, strict=True)}
        for column, (metric, category) in COLUMNS.items():
            if row.get(column, "") not in NOT_RUN:
                yield _score(row["Model"], column, row[column], metric, category, MODES.get(group))


def _score(name: str, column: str, text: str, metric: str, category: str | None, mode: str | None) -> Parsed:
    try:
        score = _percent(text)
    except Unreadable as error:
        return Reject(str(error), f"{name}, {column}: {text}", "score")
    values: dict[str, Any] = {
        "benchmark": "supergpqa",
        "metric": metric,
        "category": category,
        "model_name": name,
        "effort": effort_of(name),
        "mode": mode,
        "score": score,
        "scale": "percent",
        "evaluator": "SuperGPQA",
        "is_self_reported": False,
        "score_text": text,
    }
    return Row("score", values)


def _percent(text: str) -> float:
    score = bounded(text.removesuffix("%"), 100)
    if score <= 1:
        raise Unreadable("a score of at most 1 among percentages is a fraction or below guessing")
    return score


source = Source(
    name="supergpqa",
    title="SuperGPQA",
    homepage="https://supergpqa.github.io/",
    licence="ODC-By-1.0",
    kind=SourceKind.LEADERBOARD,
    tables=("score",),
    fetch=fetch,
    parse=parse,
    host="github_raw",
    every=timedelta(days=30),
    stale_after=timedelta(days=70),
    anchor={"*": "Overall (sample)"},
    max_bytes=2_000_000,
    from_git=FromGit(("README.md",), lambda files: files.get("README.md")),
)

defs = source_definitions(source)
