"""LLM Stats: scores as vendors report them, each with the page that states it, on a scale from 0 to 1.

The files of its public repository, which users import: of each model what is reported of it, under `files` by path or
as one list. Almost all is the vendor's own word, and nobody verified it. Benchmark, release, window, subset, mode and
judge follow from an id and a free text (`benchmarks`); the text is kept as the harness. Ids name models; release dates
are the source's own, and some are wrong.

What is not a score: a number above 1 (ratings and percentages slipped in), and 0, which was written where a model
cannot take the test at all. Prices of the same repository do not belong here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePosixPath
from typing import Any

from pipelines.defs.sources.leaderboard_text import MAX_QUOTE, Unreadable, settled
from pipelines.defs.sources.llm_stats.benchmarks import judge_of, mode_of, read_benchmark
from pipelines.lib.assets import source_definitions
from pipelines.lib.source import BadDocument, Document, FromGit, Parsed, Reject, Row, Source, SourceKind
from scrapers.parsing.numbers import Number, read_json, written

VENDOR, NOT_STATED = "the model's vendor", "not stated"
SAYS_NOTHING = frozenset({"-", "n/a", "not specified", "unspecified"})
# Words on how a score was found that tell it apart from no other.
NO_HARNESS = frozenset(
    {"accuracy", "score", "benchmark score", "standard", "standard benchmark", "standard evaluation"}
)


@dataclass(frozen=True)
class _Stated:
    """One score as stated, with what is known of its model."""

    benchmark: Any
    model: str
    score: Any
    method: str
    is_self_reported: Any
    url: Any
    published: Any = None
    organisation: str | None = None
    released: Any = None

    @property
    def quote(self) -> str:
        return f"{self.model}, {self.benchmark}: {written(self.score)} ({self.method})"[:MAX_QUOTE]


def parse(document: Document) -> Iterator[Parsed]:
    """Score rows of every model, whatever form the body has."""
    yield from settled(document.label, _read(_content(document)))


def _read(content: Any) -> Iterator[Parsed]:
    for item in _stated(content):
        if isinstance(item, Reject):
            yield item
            continue
        try:
            yield Row("score", _values(item))
        except Unreadable as error:
            yield Reject(str(error), item.quote, "score")


def _content(document: Document) -> Any:
    try:
        return read_json(document.body.removeprefix(b"\xef\xbb\xbf"))
    except ValueError as error:
        raise BadDocument(f"{document.label} is not JSON ({error}): {document.body[:80]!r}") from error


def _stated(content: Any) -> Iterator[_Stated | Reject]:
    """Every score of a body; what has another shape is a reject, and a body of none of the forms is bad."""
    files = content.get("files") if isinstance(content, dict) else None
    if isinstance(content, list):
        yield from (_of_row(row, {}, None) for row in content)
    elif isinstance(files, dict) and files:
        for path, file in files.items():
            parts = PurePosixPath(path).parts
            folder = str(PurePosixPath(path).parent)
            if parts[-1] == "model.json" and isinstance(file, dict) and "qualitative_metrics" in file:
                metrics = file["qualitative_metrics"]
                for metric in metrics if isinstance(metrics, list) else [metrics]:
                    yield _of_metric(metric, file, parts)
            elif parts[-1] == "benchmarks.json" and isinstance(file, list):
                model = files.get(f"{folder}/model.json")
                organisation = files.get(str(PurePosixPath(folder).parent.parent / "organization.json"))
                name = organisation.get("name") if isinstance(organisation, dict) else None
                yield from (_of_row(row, model if isinstance(model, dict) else {}, name) for row in file)
            elif parts[-1] == "benchmarks.json":
                yield Reject("the scores of a model are no list", f"{path}: {written(file)}"[:MAX_QUOTE], "score")
    else:
        raise BadDocument(f"neither a list of scores nor files of the repository: {written(content)[:80]!r}")


def _of_row(row: Any, model: Mapping[str, Any], organisation: Any) -> _Stated | Reject:
    """A row since August 2025, with ids."""
    needed = ("benchmark_id", "model_id", "score", "is_self_reported")
    if missing := [key for key in needed if not isinstance(row, dict) or key not in row]:
        return Reject(f"a score without {', '.join(missing)}", written(row)[:MAX_QUOTE], "score")
    return _Stated(
        benchmark=row["benchmark_id"],
        model=str(row["model_id"]),
        score=row["score"],
        method=_text(row.get("analysis_method")),
        is_self_reported=row["is_self_reported"],
        url=row.get("self_reported_source_link"),
        organisation=_text(organisation) or None,
        released=model.get("release_date"),
    )


def _of_metric(metric: Any, model: Mapping[str, Any], parts: tuple[str, ...]) -> _Stated | Reject:
    """An entry of before August 2025, with the name of the benchmark; the model's id is its folder."""
    needed = ("dataset_name", "score", "is_self_reported")
    if missing := [key for key in needed if not isinstance(metric, dict) or key not in metric]:
        return Reject(f"a score without {', '.join(missing)}", written(metric)[:MAX_QUOTE], "score")
    return _Stated(
        benchmark=metric["dataset_name"],
        model=parts[-2] if len(parts) > 1 else _text(model.get("name")),
        score=metric["score"],
        method=_text(metric.get("analysis_method")),
        is_self_reported=metric["is_self_reported"],
        url=metric.get("source_link"),
        published=metric.get("date_recorded"),
        organisation=parts[-3] if len(parts) > 2 else None,
        released=model.get("release_date"),
    )


def _values(stated: _Stated) -> dict[str, Any]:
    if not isinstance(stated.benchmark, str) or not stated.benchmark.strip() or not stated.model.strip():
        raise Unreadable("a score without a benchmark or without a model")
    if not isinstance(stated.is_self_reported, bool):
        raise Unreadable("whether the vendor itself reports the score is not said")
    score = _score(stated.score)
    benchmark = read_benchmark(stated.benchmark, stated.method)
    harness = "; ".join(text for text in (benchmark.how, stated.method) if text and text.lower() not in NO_HARNESS)
    return {
        "benchmark": benchmark.slug,
        "benchmark_version": benchmark.version,
        "metric": benchmark.metric,
        "category": benchmark.category,
        "model_name": stated.model,
        "mode": mode_of(stated.method),
        "score": score,
        "scale": "fraction",
        "evaluator": VENDOR if stated.is_self_reported else NOT_STATED,
        "is_self_reported": stated.is_self_reported,
        "harness": harness or None,
        "judge": judge_of(stated.method),
        "organisation_name": stated.organisation,
        "model_released_on": _day(stated.released),
        "published_on": _day(stated.published),
        "url": _address(stated.url),
        "score_text": written(stated.score),
    }


def _score(value: Any) -> float:
    if not isinstance(value, Number) or not 0 <= value <= 1:
        raise Unreadable("the score is not a number from 0 to 1")
    if value == 0:
        raise Unreadable("the score is 0, which is also written where a model cannot take the test")
    return float(value)


def _text(value: Any) -> str:
    """Text as written; empty for what says nothing."""
    text = value.strip() if isinstance(value, str) else ""
    return "" if text.lower() in SAYS_NOTHING else text


def _address(value: Any) -> str | None:
    """The page that states a score; some rows name a place that is no page."""
    text = _text(value)
    return text if text.startswith(("https://", "http://")) and "//example.com" not in text else None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def body_of(files: Mapping[str, bytes]) -> bytes | None:
    """The files of all models, under `files`; one that is no JSON stands there as text, and is rejected."""
    found: dict[str, Any] = {}
    for path, content in sorted(files.items()):
        try:
            found[path] = json.loads(content)
        except (ValueError, RecursionError):
            found[path] = content.decode(errors="replace")
    return json.dumps({"files": found}, indent=1).encode() if found else None


source = Source(
    name="llm_stats",
    title="LLM Stats, scores as vendors report them",
    homepage="https://github.com/JonathanChavezTamales/llm-leaderboard",
    licence="CC-BY-4.0",
    kind=SourceKind.AGGREGATOR,
    tables=("score",),
    fetch=None,
    parse=parse,
    stale_after=timedelta(days=3650),
    max_bytes=50_000_000,
    from_git=FromGit(
        (
            ":(glob)models/*/*/model.json",
            ":(glob)data/organizations/*/organization.json",
            ":(glob)data/organizations/*/models/*/model.json",
            ":(glob)data/organizations/*/models/*/benchmarks.json",
        ),
        body_of,
    ),
)

defs = source_definitions(source)
