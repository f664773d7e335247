"""Arena-Hard: how often a model's answers to hard prompts are preferred to a baseline's, in percent, by a judge model.

Several tables stand in fixed-width text inside code fences, each told apart by the line above it: the version, the
judge, whether style is controlled for (its own metric: `win_rate_style_control`), and creative writing (a category;
hard prompts are the benchmark itself). A table with no line of its own is of the version named last and without style
control: its figures are those of the table of July 2024, which had none. The older table is a CSV. An interval stands
as distances from the score (`(-0.8 / +0.9)`); where it is cut off, the score is kept without it.

Sessions of a console with a few rows of output are examples, not tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePosixPath
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

REPOSITORY = "https://raw.githubusercontent.com/lmarena/arena-hard-auto/main"
FILES = {"README": f"{REPOSITORY}/README.md", "past_leaderboards": f"{REPOSITORY}/misc/past_leaderboards.md"}
# The CSV was only ever used for this version.
CSV_VERSION = "v0.1"
CSV_COLUMNS = ("model", "score", "rating_q025", "rating_q975", "date")

FENCE = re.compile(r"^```[^\n`]*\n(?P<body>.*?)(?:^```|\Z)", re.MULTILINE | re.DOTALL)
VERSION = re.compile(r"Arena-Hard-(?P<version>v\d\.\d)")
JUDGE = re.compile(r"(?:^|\band |Ensemble |, )(?P<judge>[A-Z][\w.-]*(?: and [A-Z][\w. -]*?)?) as Judges?\b")
# `12   name   58.4  (-1.9 / +2.1)` and `name | score: 58.4  | 95% CI: (-2.2, 2.1)  | average #tokens: 700`
COLUMNS = re.compile(r"^ *\d{1,4} +(?P<model>\S+) +(?P<score>[\d.]{1,9}) +(?P<interval>\(.*)$")
BARS = re.compile(r"^(?P<model>\S+) +\| score: *(?P<score>[\d.]{1,9}) *\| 95% CI: *(?P<interval>\([^|]*)\|.*$")
INTERVAL = re.compile(r"\(-?(?P<down>\d+(?:\.\d+)?) ?[/,] ?\+?(?P<up>\d+(?:\.\d+)?)\)")
HEADER = re.compile(r"^ *Model +Scores \(%\) +CI \(%\)")


@dataclass(frozen=True)
class _Table:
    """What the text above a table says of it."""

    version: str | None
    judge: str | None
    has_style_control: bool
    category: str | None


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """The README with the tables of v2.0, and the page of older tables."""
    for label, url in FILES.items():
        yield fetcher.http.get(url, label=label)


def label_of(file_name: str, body: bytes) -> str:
    """`csv` for the older table, else the page a loose file is."""
    if PurePosixPath(file_name).suffix == ".csv":
        return "csv"
    return "past_leaderboards" if b"| score:" in body else "README"


def parse(document: Document) -> Iterator[Parsed]:
    """The win rates of every table."""
    text = text_of(document)
    items = _csv_scores(document.label, text) if document.label == "csv" else _page_scores(text)
    yield from settled(document.label, items)


def _page_scores(text: str) -> Iterator[Parsed]:
    version: str | None = None
    end = 0
    for fence in FENCE.finditer(text):
        above, end = text[end : fence.start()], fence.end()
        lines = [line for line in fence["body"].splitlines() if line.strip()]
        # A heading further down begins another section; its version stays until the next one is named.
        if named := VERSION.findall(above):
            version = named[-1]
        if not any(COLUMNS.match(line) or BARS.match(line) for line in lines) or lines[0].startswith(">"):
            continue
        said = [line for line in above.splitlines() if line.strip() and not line.startswith("#")]
        caption = said[-1] if said else ""
        judge = JUDGE.search(caption)
        table = _Table(
            version,
            judge["judge"].strip() if judge else None,
            "style control" in caption.lower(),
            "creative writing" if "creative writing" in caption.lower() else None,
        )
        yield from _scores(table, lines)


def _scores(table: _Table, lines: list[str]) -> Iterator[Parsed]:
    for line in lines:
        match = COLUMNS.match(line) or BARS.match(line)
        if HEADER.match(line):
            continue
        if match is None:
            yield Reject("the line is no model with its score and interval", line[:MAX_QUOTE], "score")
            continue
        try:
            score = bounded(match["score"], 100)
        except Unreadable as error:
            yield Reject(str(error), line[:MAX_QUOTE], "score")
            continue
        low: float | None = None
        high: float | None = None
        if interval := INTERVAL.fullmatch(match["interval"].strip()):
            low, high = round(score - float(interval["down"]), 6), round(score + float(interval["up"]), 6)
        else:
            yield Reject("the interval cannot be read; the score is kept without it", line[:MAX_QUOTE], "score")
        yield Row("score", _values(table, match["model"], score, match["score"], low, high))


def _csv_scores(label: str, text: str) -> Iterator[Parsed]:
    header, lines = read_csv(label, text)
    if missing := [name for name in CSV_COLUMNS if name not in header]:
        raise BadDocument(f"{label} has no column {', '.join(missing)}: {','.join(header)[:MAX_QUOTE]!r}")
    for cells in lines:
        quote = ",".join(cells)[:MAX_QUOTE]
        if len(cells) != len(header):
            yield Reject(f"the row has {len(cells)} cells, the header {len(header)}", quote, "score")
            continue
        row = dict(zip(header, cells, strict=True))
        try:
            score, low, high = (bounded(row[name], 100) for name in ("score", "rating_q025", "rating_q975"))
            published_on = date.fromisoformat(row["date"].strip())
            if not row["model"].strip() or not low <= score <= high:
                raise Unreadable("the row names no model, or its score lies outside its own interval")
        except ValueError as error:
            yield Reject(str(error), quote, "score")
            continue
        table = _Table(CSV_VERSION, None, False, None)
        values = _values(table, row["model"].strip(), score, row["score"], low, high)
        yield Row("score", values | {"published_on": published_on})


def _values(
    table: _Table, model: str, score: float, text: str, low: float | None, high: float | None
) -> dict[str, Any]:
    effort = effort_of(model)
    return {
        "benchmark": "arena_hard",
        "benchmark_version": table.version,
        "metric": "win_rate_style_control" if table.has_style_control else "win_rate",
        "category": table.category,
        "model_name": model,
        "effort": effort,
        "mode": mode_of(effort),
        "score": score,
        "scale": "percent",
        "ci_low": low,
        "ci_high": high,
        "evaluator": "LMArena",
        "is_self_reported": False,
        "judge": table.judge,
        "score_text": text,
    }


source = Source(
    name="arena_hard",
    title="Arena-Hard-Auto",
    homepage="https://github.com/lmarena/arena-hard-auto",
    licence="Apache-2.0",
    kind=SourceKind.LEADERBOARD,
    tables=("score",),
    fetch=fetch,
    parse=parse,
    host="github_raw",
    every=timedelta(days=30),
    stale_after=timedelta(days=70),
    max_bytes=2_000_000,
    label_of=label_of,
)

defs = source_definitions(source)
