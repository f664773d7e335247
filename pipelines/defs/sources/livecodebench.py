"""LiveCodeBench: the share of programming problems a model solves at the first try, from its own per-problem results.

Every problem has the day it was published, so that a model can be measured on problems it cannot have seen. A score
means nothing without its window: one model has 49.6 over all problems of release v6, 27.2 from August 2024 on and 16.0
from February 2025 on. The averages are made here, over the whole release and over windows that vendors quote, and only
where the body holds every problem of a known release; the version names the release and the window, its end excluded.

A model counts where it has a result for each problem of the window. `release_date` of a model is the day from which
problems are held to be new to it, not the day it was released, and is not read.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines.defs.sources.leaderboard_text import MAX_QUOTE, effort_of, mode_of, settled, text_of
from pipelines.lib.assets import source_definitions
from pipelines.lib.source import BadDocument, Document, Fetcher, Parsed, Reject, Response, Row, Source, SourceKind

URL = "https://livecodebench.github.io/performances_generation.json"

# Problems of a release (dataset card of livecodebench/code_generation_lite; v6 as its results count them) -> its name.
# A new release is one more entry here.
RELEASES = {400: "v1", 511: "v2", 612: "v3", 713: "v4", 880: "v5", 1055: "v6"}
# Months from which vendors quote a window, besides the whole release.
WINDOW_STARTS = ("2024-08", "2024-10", "2025-02")
DIFFICULTIES = (None, "easy", "medium", "hard")


@dataclass(frozen=True)
class _Result:
    """One model on one problem; `solved` is the share of its tries in percent."""

    model: str
    question: str
    moment: int
    difficulty: str
    solved: float


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """The results of the code generation scenario, one file."""
    yield fetcher.http.get(URL, label="main")


def parse(document: Document) -> Iterator[Parsed]:
    """Mean pass@1 of every model in every window, over all problems and by difficulty."""
    try:
        content = json.loads(text_of(document))
        results, marks = content["performances"], sorted(content["date_marks"])
        first, last = _month(marks[0]), _month(marks[-1])
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, OSError, RecursionError) as error:
        raise BadDocument(f"{document.label} is no file of results ({type(error).__name__}: {error})") from error
    if not isinstance(results, list):
        raise BadDocument(f"{document.label}: expected a list of results, got {str(results)[:80]!r}")
    read: list[_Result] = []
    rejects: list[Parsed] = []
    for item in results:
        result = _result(item)
        if result is None:
            text = json.dumps(item, ensure_ascii=False)[:MAX_QUOTE]
            rejects.append(Reject("a result needs a model, a problem, its day and a pass@1 of 0 to 100", text, "score"))
        else:
            read.append(result)
    questions = {result.question: result for result in read}
    release = RELEASES.get(len(questions))
    if release is None:
        known = ", ".join(f"{name} {count}" for count, name in RELEASES.items())
        raise BadDocument(f"{document.label} holds {len(questions)} problems, as no known release does ({known})")
    items = [*_scores(release, first, last, read, questions), *rejects]
    yield from settled(document.label, items)


def _month(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m}"


def _result(item: object) -> _Result | None:
    if not isinstance(item, dict):
        return None
    model, question, moment = item.get("model"), item.get("question_id"), item.get("date")
    solved, difficulty = item.get("pass@1"), item.get("difficulty")
    if not (isinstance(model, str) and model and isinstance(question, str) and question and isinstance(moment, int)):
        return None
    if not isinstance(solved, int | float) or not 0 <= solved <= 100 or not isinstance(difficulty, str):
        return None
    return _Result(model, question, moment, difficulty, float(solved))


def _scores(
    release: str, first: str, last: str, results: list[_Result], questions: Mapping[str, _Result]
) -> Iterator[Parsed]:
    by_model: dict[str, dict[str, float]] = defaultdict(dict)
    doubtful: dict[str, str] = {}
    for result in results:
        before = by_model[result.model].setdefault(result.question, result.solved)
        if before != result.solved:
            doubtful[result.model] = f"two results for {result.question}: {before:g} and {result.solved:g}"
    for model, solved in by_model.items():
        if 0 < max(solved.values()) <= 1:
            doubtful[model] = f"no problem above {max(solved.values()):g}: fractions among percentages"
    for model, reason in doubtful.items():
        yield Reject(reason, model, "score")
    for start in (first, *(month for month in WINDOW_STARTS if first < month < last)):
        since = datetime.fromisoformat(f"{start}-01T00:00:00+00:00").timestamp() * 1000
        # The first mark may be some hours late, by its time zone: the whole release is all problems.
        window = {name: item for name, item in questions.items() if start == first or item.moment >= since}
        for model, solved in by_model.items():
            if model not in doubtful:
                yield from _averages(model, f"{release} {start}..{last}", window, solved)


def _averages(model: str, version: str, window: Mapping[str, _Result], solved: Mapping[str, float]) -> Iterator[Parsed]:
    """One score per difficulty and one over all problems of the window."""
    if missing := len(window.keys() - solved.keys()):
        yield Reject(f"{missing} of {len(window)} problems have no result", f"{model}, {version}", "score")
        return
    for difficulty in DIFFICULTIES:
        shares = [solved[name] for name, item in window.items() if difficulty in (None, item.difficulty)]
        if shares:
            # math.fsum: exact whatever the order of the problems.
            score = round(math.fsum(shares) / len(shares), 9)
            yield Row("score", _values(model, version, difficulty, score, len(shares)))


def _values(model: str, version: str, difficulty: str | None, score: float, problems: int) -> dict[str, Any]:
    effort = effort_of(model)
    return {
        "benchmark": "livecodebench",
        "benchmark_version": version,
        "metric": "accuracy",
        "category": difficulty,
        "model_name": model,
        "effort": effort,
        "mode": mode_of(effort),
        "score": score,
        "scale": "percent",
        "evaluator": "LiveCodeBench",
        "is_self_reported": False,
        "sample_size": problems,
        "score_text": f"mean of {problems} problems: {score:.4f}",
    }


source = Source(
    name="livecodebench",
    title="LiveCodeBench",
    homepage="https://livecodebench.github.io/leaderboard.html",
    licence="MIT (code); no licence stated for the site",
    kind=SourceKind.LEADERBOARD,
    tables=("score",),
    fetch=fetch,
    parse=parse,
    every=timedelta(days=7),
    stale_after=timedelta(days=16),
    anchor={"*": "pass@1"},
    max_bytes=60_000_000,
)

defs = source_definitions(source)
