"""Berkeley Function Calling Leaderboard: how often a model calls functions rightly, overall and by category.

The same model stands there as `(FC)`, with the vendor's own function calling, and as `(Prompt)`: that is the harness.
The version of the benchmark is only to be seen from its columns: live questions came with v2, several turns with v3,
web search and memory with v4. Columns of single tasks are left out; those of the categories are read.

The cost column had two meanings: dollars per 1,000 calls until v3, of the whole run since v4; only the latter is a
cost of the evaluation, and 0.0 stands for unknown. `N/A` is no score; `0.00%` is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from pipelines.defs.sources.leaderboard_text import (
    MAX_QUOTE,
    Unreadable,
    effort_of,
    mode_of,
    percentage,
    read_csv,
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

URL = "https://gorilla.cs.berkeley.edu/data_overall.csv"
# The newer file first: the older one stayed in the repository.
REPOSITORY_FILES = ("data_overall.csv", "data.csv")

OVERALL = "Overall Acc"
TOTAL_COST = "Total Cost ($)"
NOT_RUN = frozenset({"", "N/A"})
# Version -> a column that came with it, the newest first.
VERSIONS = {
    "v4": ("Web Search Acc", "Agentic Overall Acc"),
    "v3": ("Multi Turn Acc",),
    "v2": ("Live Acc",),
    "v1": ("AST Summary",),
}
CATEGORY = re.compile(r"(?P<name>.+?)(?: Overall)? (?:Acc|Summary)|(?P<alone>(?:Irr|R)elevance Detection)")
HARNESS = re.compile(r"\(((?:FC|Prompt)\b[^()]{0,40})\)")


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """The overall table, which has every category."""
    yield fetcher.http.get(URL, label="data_overall")


def label_of(file_name: str, _body: bytes) -> str:
    """The table a loose file is; `data_overall` unless its name ends like another."""
    match = re.search(r"data_(agentic|live|multi_turn|non_live)$", PurePosixPath(file_name).stem)
    return match[0] if match else "data_overall"


def parse(document: Document) -> Iterator[Parsed]:
    """Overall accuracy and the accuracy of each category, per model and way of calling."""
    header, lines = read_csv(document.label, text_of(document))
    categories = _categories(header)
    if "Model" not in header or not categories:
        got = ",".join(header)[:MAX_QUOTE]
        raise BadDocument(f"{document.label}: expected the columns 'Model' and '{OVERALL}' or a category, got {got!r}")
    if document.label == "data_overall" and OVERALL not in header:
        raise BadDocument(f"{document.label} has no column {OVERALL!r}: {','.join(header)[:MAX_QUOTE]!r}")
    yield from settled(document.label, _scores(header, lines, categories))


def _categories(header: list[str]) -> dict[str, str | None]:
    """Columns that are read, with their category; None for the whole benchmark."""
    found: dict[str, str | None] = {OVERALL: None} if OVERALL in header else {}
    whole = [name for name in header if name.endswith(" Overall Acc")]
    for name in whole or header:
        match = CATEGORY.fullmatch(name)
        if match and name != OVERALL:
            found[name] = match["name"] or match["alone"]
    return found


def _version(header: list[str]) -> str | None:
    """The version the columns show; tables of one category do not."""
    if not any(column in header for column in (OVERALL, "Agentic Overall Acc")):
        return None
    return next((version for version, columns in VERSIONS.items() if not set(columns).isdisjoint(header)), None)


def _scores(header: list[str], lines: list[list[str]], categories: dict[str, str | None]) -> Iterator[Parsed]:
    version = _version(header)
    for cells in lines:
        if len(cells) != len(header):
            yield Reject(f"the row has {len(cells)} cells, the header {len(header)}", ",".join(cells), "score")
            continue
        row = dict(zip(header, cells, strict=True))
        name = row["Model"].strip()
        if not name:
            yield Reject("the row names no model", ",".join(cells), "score")
            continue
        for column, category in categories.items():
            text = row[column].strip()
            if text in NOT_RUN:
                continue
            try:
                yield Row("score", _values(row, name, version, category, text))
            except Unreadable as error:
                yield Reject(str(error), f"{name}, {column}: {text}", "score")


def _values(row: dict[str, str], name: str, version: str | None, category: str | None, text: str) -> dict[str, Any]:
    harness = HARNESS.search(name)
    effort = effort_of(HARNESS.sub("", name).strip())
    mode = mode_of(effort)
    if harness and "thinking" in harness[1].lower():
        mode = "thinking"
    return {
        "benchmark": "bfcl",
        "benchmark_version": version,
        "metric": "accuracy",
        "category": category,
        "model_name": name,
        "effort": effort,
        "mode": mode,
        "score": percentage(text),
        "scale": "percent",
        "evaluator": "BFCL",
        "is_self_reported": False,
        "harness": harness[1] if harness else None,
        "organisation_name": row.get("Organization", "").strip() or None,
        "cost_usd": _cost(row.get(TOTAL_COST, "")) if category is None else None,
        "score_text": text,
    }


def _cost(text: str) -> float | None:
    """Dollars for the whole run; None where there are none or 0.0 stands for them."""
    if text.strip() in NOT_RUN:
        return None
    if not re.fullmatch(r"\d{1,7}(\.\d{1,9})?", text.strip(), re.ASCII):
        raise Unreadable(f"{TOTAL_COST} is not an amount: {text!r}")
    return float(text) or None


source = Source(
    name="bfcl",
    title="Berkeley Function Calling Leaderboard",
    homepage="https://gorilla.cs.berkeley.edu/leaderboard.html",
    licence="Apache-2.0",
    kind=SourceKind.LEADERBOARD,
    tables=("score",),
    fetch=fetch,
    parse=parse,
    every=timedelta(days=7),
    stale_after=timedelta(days=16),
    anchor={"*": "Rank"},
    max_bytes=5_000_000,
    label_of=label_of,
    from_git=FromGit(
        REPOSITORY_FILES, lambda files: next((files[name] for name in REPOSITORY_FILES if name in files), None)
    ),
)

defs = source_definitions(source)
