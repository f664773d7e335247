"""LiveBench: the score of each model on each task of a release of the question set, in percent.

A release is part of the benchmark's identity: tasks change and scores fall with every one, and its date stands
only in the file name. Here belong the addresses and the shape of the two files of a release, the wide table
(model by task) and the categories. Averages do not: they are computed from both in `warehouse/core/score.sql`.

What is not a score: an empty cell and `N/A` (the task was not run, no row). What is one: `0.0`, kept as it is,
although the site has shown it where an answer could not be graded. A row with too few or too many cells is
rejected whole, since its values cannot be told to which task they belong.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from pipelines.lib.assets import source_definitions
from pipelines.lib.http import FetchError
from pipelines.lib.source import BadDocument, Document, Fetcher, Parsed, Reject, Response, Row, Source, SourceKind

SITE = "https://livebench.ai"
BENCHMARK = "livebench"
EVALUATOR = "LiveBench"

# No file of the site lists its releases. These are the ones in its repository (LiveBench/livebench.github.io,
# folder public); a new release is one more line here.
RELEASES = (
    date(2024, 6, 24),
    date(2024, 7, 26),
    date(2024, 8, 31),
    date(2024, 11, 25),
    date(2025, 4, 2),
    date(2025, 4, 25),
    date(2025, 5, 30),
    date(2025, 11, 25),
    date(2025, 12, 23),
    date(2026, 1, 8),
    date(2026, 6, 25),
)
RELEASES_FETCHED = 3

LABEL = re.compile(r"(?P<kind>table|categories)_(?P<release>\d{4}_\d{2}_\d{2})")
NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
NOT_RUN = frozenset({"", "N/A"})

# The mode at the end of a name: thinking-64k, thinking-64k-high-effort, xhigh, nothinking, non-reasoning. A number of
# tokens alone is no effort (vicuna-7b-v1.5-16k is a context window), and mistral-medium is a size.
EFFORT = re.compile(
    r"(?<!istral)-(?P<effort>thinking(-(\d+k|auto))?(-(low|medium|high|xhigh)(?=-effort$))?"
    r"|minimal|low|medium|high|xhigh|nothinking|highthinking|(non-)?reasoning)(-effort)?$"
)


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """Both files of the newest releases the site serves; a release in the repository may not be on the site."""
    found = 0
    for release in reversed(RELEASES):
        table = _get(fetcher, f"table_{release:%Y_%m_%d}", "csv")
        if table is None:
            continue
        yield table
        categories = _get(fetcher, f"categories_{release:%Y_%m_%d}", "json")
        if categories is not None:
            yield categories
        found += 1
        if found == RELEASES_FETCHED:
            return
    if not found:
        raise FetchError(f"{SITE} serves the table of none of its {len(RELEASES)} known releases")


def _get(fetcher: Fetcher, label: str, extension: str) -> Response | None:
    try:
        return fetcher.http.get(f"{SITE}/{label}.{extension}", label=label)
    except FetchError as error:
        if error.status != 404:
            raise
        fetcher.progress(str(error))
        return None


def label_of(file_name: str, _body: bytes) -> str:
    """The document a loose file is: its stem, which for a file of the site names the release."""
    return PurePosixPath(file_name).stem


def parse(document: Document) -> Iterator[Parsed]:
    """Task scores of a table, or the categories of a release."""
    kind, version = _kind_and_release(document)
    if not document.body.strip():
        raise BadDocument(f"{document.label} is empty")
    try:
        text = document.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadDocument(f"{document.label} is not UTF-8 text ({error})") from error
    return _scores(document.label, text, version) if kind == "table" else _categories(document.label, text, version)


def _kind_and_release(document: Document) -> tuple[str, str]:
    """Kind of file and release date, from the label or else the address."""
    for name in (document.label, PurePosixPath(urlsplit(document.url).path).stem):
        match = LABEL.fullmatch(name)
        if match is None:
            continue
        try:
            release = date.fromisoformat(match["release"].replace("_", "-"))
        except ValueError as error:
            raise BadDocument(f"{name!r} names no day of the calendar ({error})") from error
        return match["kind"], release.isoformat()
    raise BadDocument(
        f"{document.label!r} does not say which release it is, and the body of a LiveBench file does not either; "
        "name it with the label table_YYYY_MM_DD or categories_YYYY_MM_DD (the release, not the day it was saved)"
    )


def _scores(label: str, text: str, version: str) -> Iterator[Parsed]:
    try:
        header, *rows = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except csv.Error as error:
        raise BadDocument(f"{label} is not readable as CSV ({error}): {text[:80]!r}") from error
    if header[0] != "model" or len(header) < 2 or "" in header or len(set(header)) < len(header):
        raise BadDocument(f"{label}: expected the columns 'model' and one per task, got {','.join(header)[:200]!r}")
    items = list(_table_rows(header, rows, version))
    if not any(isinstance(item, Row) for item in items):
        raise BadDocument(f"{label} holds no score that can be read below {','.join(header)[:80]!r}")
    yield from items


def _table_rows(header: list[str], rows: list[list[str]], version: str) -> Iterator[Parsed]:
    seen: set[str] = set()
    for cells in rows:
        model = cells[0]
        if len(cells) != len(header):
            yield Reject(f"the row has {len(cells)} cells, the header {len(header)}", ",".join(cells), "score")
        elif not model.strip():
            yield Reject("the row names no model", ",".join(cells), "score")
        elif model in seen:
            yield Reject(f"{model} is listed twice; the first row is kept", ",".join(cells), "score")
        else:
            seen.add(model)
            for task, cell in zip(header[1:], cells[1:], strict=True):
                if cell.strip() not in NOT_RUN:
                    yield _score(version, model, task, cell.strip())


def _score(version: str, model: str, task: str, text: str) -> Parsed:
    if not NUMBER.fullmatch(text) or not 0 <= float(text) <= 100:
        return Reject("the score is not a number from 0 to 100", f"{model}, {task}: {text}", "score")
    effort = EFFORT.search(model)
    values = {
        "benchmark": BENCHMARK,
        "benchmark_version": version,
        "metric": "task_score",
        "task": task,
        "model_name": model,
        "effort": effort["effort"] if effort else None,
        "score": float(text),
        "scale": "percent",
        "evaluator": EVALUATOR,
        "is_self_reported": False,
        "score_text": text,
    }
    return Row("score", values)


def _categories(label: str, text: str, version: str) -> Iterator[Parsed]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadDocument(f"{label} is not JSON ({error}): {text[:80]!r}") from error
    if not isinstance(content, dict) or not content:
        raise BadDocument(f"{label}: expected an object of categories, got {text[:80]!r}")
    items = list(_tasks(content, version))
    if not any(isinstance(item, Row) for item in items):
        raise BadDocument(f"{label} names no task: {text[:80]!r}")
    yield from items


def _tasks(content: dict[str, object], version: str) -> Iterator[Parsed]:
    for category, tasks in content.items():
        if not category or not isinstance(tasks, list) or not tasks:
            yield Reject("a category must hold a list of tasks", json.dumps({category: tasks}), "benchmark_task")
            continue
        for position, task in enumerate(tasks):
            if not isinstance(task, str) or not task or task in tasks[:position]:
                text = json.dumps({category: task})
                yield Reject("a task must be a name, and stand once in its category", text, "benchmark_task")
                continue
            values = {"benchmark": BENCHMARK, "benchmark_version": version, "category": category, "task": task}
            yield Row("benchmark_task", values)


source = Source(
    name="livebench",
    title="LiveBench",
    homepage=SITE,
    licence="no licence stated on the site; figures are cited with their source",
    kind=SourceKind.LEADERBOARD,
    tables=("score", "benchmark_task"),
    fetch=fetch,
    parse=parse,
    every=timedelta(days=7),
    stale_after=timedelta(days=16),
    max_bytes=5_000_000,
    label_of=label_of,
)

defs = source_definitions(source)
