"""Vectara's hallucination leaderboard: the share of summaries with something that is not in the text; lower is better.

A pipe table in a README, whose columns moved and changed names over the years; the rate is looked up by its header.
The share without hallucinations beside it (`Accuracy`, later `Factual Consistency Rate`) says the same from the other
side: a rate that lost its % sign counts where the two add up to 100, and a row where they do not is rejected.

In November 2025 the board began anew over another corpus, with names as `organisation/model`: another version. The
judge, a model of Vectara's own, changed within a version too; the README names its version since August 2024.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pipelines.defs.sources.leaderboard_text import (
    MAX_QUOTE,
    NUMBER,
    Unreadable,
    bounded,
    effort_of,
    mode_of,
    percentage,
    settled,
    text_of,
)
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

URL = "https://raw.githubusercontent.com/vectara/hallucination-leaderboard/main/README.md"

RATE = "Hallucination Rate"
COMPLEMENTS = ("Factual Consistency Rate", "Accuracy")
# Both shares are written with one decimal.
ROUNDING = 0.15

# The board of the new corpus points to the one of the old.
RESET_MARK = re.compile(r"previous dataset|old-dataset", re.IGNORECASE)
RESET_SEEN_ON = date(2025, 12, 1)
JUDGE = re.compile(r"(?:uses|computed using)(?: the)? (HHEM-\d\.\d)\b")
UPDATED = re.compile(r"Last updated on ([A-Z][a-z]{2,8}) (\d{1,2})(?:st|nd|rd|th)?, (\d{4})")


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """The README, which holds the table."""
    yield fetcher.http.get(URL, label="main")


def parse(document: Document) -> Iterator[Parsed]:
    """The hallucination rate of every model."""
    text = text_of(document)
    try:
        found = [table for table in markdown_tables(text) if {"Model", RATE} <= set(table.headers)]
    except UnreadablePage as error:
        raise BadDocument(f"{document.label} cannot be read ({error})") from error
    if len(found) != 1:
        raise BadDocument(f"{document.label} has {len(found)} tables of Model and {RATE}: {text[:80]!r}")
    published_on = _published_on(text)
    rejects = []
    if published_on and published_on > (document.observed_at + timedelta(days=1)).date():
        rejects.append(Reject("the day the table is of lies after its capture", published_on.isoformat(), "score"))
        published_on = None
    judge = JUDGE.search(text)
    common = {
        "benchmark": "vectara_hallucination",
        "benchmark_version": _version(text, published_on or document.observed_at.date()),
        "metric": "hallucination_rate",
        "evaluator": "Vectara",
        "is_self_reported": False,
        "judge": judge[1] if judge else None,
        "published_on": published_on,
    }
    yield from settled(document.label, [*_scores(found[0], common), *rejects])


def _published_on(text: str) -> date | None:
    match = UPDATED.search(text)
    if match is None:
        return None
    try:
        return datetime.strptime(" ".join(match.groups()), "%B %d %Y").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise BadDocument(f"{match[0]!r} is no day of the calendar ({error})") from error


def _version(text: str, day: date) -> str:
    return "2025 corpus" if RESET_MARK.search(text) or day >= RESET_SEEN_ON else "2023 corpus"


def _scores(table: MarkdownTable, common: Mapping[str, Any]) -> Iterator[Parsed]:
    other = next((column for column in COMPLEMENTS if column in table.headers), None)
    for cells in table.rows:
        if len(cells) != len(table.headers):
            reason = f"the row has {len(cells)} cells, the header {len(table.headers)}"
            yield Reject(reason, " | ".join(cells)[:MAX_QUOTE], "score")
            continue
        row = {column: read_pipe_cell(cell).text for column, cell in zip(table.headers, cells, strict=True)}
        try:
            yield Row("score", _values(row, other, common))
        except Unreadable as error:
            yield Reject(str(error), " | ".join(cells)[:MAX_QUOTE], "score")


def _values(row: Mapping[str, str], other: str | None, common: Mapping[str, Any]) -> dict[str, Any]:
    name, text = row["Model"], row[RATE]
    if not name:
        raise Unreadable("the row names no model")
    consistent = _share(row[other]) if other else None
    rate = bounded(text, 100) if NUMBER.fullmatch(text) and consistent is not None else percentage(text)
    if consistent is not None and abs(rate + consistent - 100) > ROUNDING:
        raise Unreadable(f"{RATE} and {other} do not add up to 100")
    effort = effort_of(name.removesuffix("-reasoning")) or effort_of(name)
    return {
        **common,
        "model_name": name,
        "effort": effort,
        "mode": mode_of(effort),
        "score": rate,
        "scale": "percent",
        "score_text": text,
    }


def _share(text: str) -> float | None:
    """The share without hallucinations, with or without its sign; None where the cell is empty."""
    return bounded(text.removesuffix("%").strip(), 100) if text else None


source = Source(
    name="vectara",
    title="Vectara hallucination leaderboard",
    homepage="https://github.com/vectara/hallucination-leaderboard",
    licence="Apache-2.0",
    kind=SourceKind.LEADERBOARD,
    tables=("score",),
    fetch=fetch,
    parse=parse,
    host="github_raw",
    every=timedelta(days=7),
    stale_after=timedelta(days=16),
    anchor={"*": RATE},
    max_bytes=2_000_000,
    from_git=FromGit(("README.md",), lambda files: files.get("README.md")),
)

defs = source_definitions(source)
