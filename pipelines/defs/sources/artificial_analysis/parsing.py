"""The score rows of what Artificial Analysis lists: on which scale, of which version, in which mode.

The API writes 0 also for what was not measured, so a 0 of the API, or of a table made of it, is no score; the page
writes null for that, and its 0 is one. Prices in these bodies are medians over providers and are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipelines.defs.sources.artificial_analysis.evaluations import (
    ESTIMATED,
    EVALUATIONS,
    GDPVAL,
    NOT_READ,
    Evaluation,
    effort_and_mode,
)
from pipelines.defs.sources.artificial_analysis.listings import Listed, Listing, read_listing
from pipelines.defs.sources.leaderboard_text import MAX_QUOTE, Unreadable, settled
from pipelines.lib.source import Document, Parsed, Reject, Row
from scrapers.parsing.numbers import Number, written

EVALUATOR = "Artificial Analysis"
HARNESS = "artificial_analysis"
NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,30})?([eE][-+]?\d{1,2})?", re.ASCII)
NOT_STATED = frozenset({"", "null", "none", "nan"})
# So many values of an index without one above 1 are on another scale; a single small model may be below it.
ENOUGH = 3


@dataclass
class _Reading:
    """What was read of a body so far: rows, what is not read, and the models with a 0 by key."""

    zero_is_unknown: bool
    rows: list[tuple[str, Row]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    zeros: dict[str, list[str]] = field(default_factory=dict)

    def reject(self, reason: str, quote: str) -> None:
        self.rejects.append(Reject(reason, quote[:MAX_QUOTE], "score"))


def parse(document: Document) -> Iterator[Parsed]:
    """Score rows of every model listed."""
    listing = read_listing(document)
    reading = _Reading(listing.zero_is_unknown, rejects=list(listing.rejects))
    for model in listing.models:
        _read_model(model, listing, reading)
    for key, names in reading.zeros.items():
        reading.reject(f"{key} is 0 for {len(names)} model(s); 0 stands for unknown too", ", ".join(names))
    yield from settled(document.label, [*_on_their_scale(reading), *reading.rejects])


def _read_model(model: Listed, listing: Listing, reading: _Reading) -> None:
    effort, mode = effort_and_mode(model.name)
    if mode is None and model.thinks is not None:
        mode = "thinking" if model.thinks else "non_thinking"
    released = _day(model.released)
    if released is None and _stated(model.released) is not None:
        reading.reject("the release date is no day; the scores are read without it", f"{model.name}: {model.released}")
    values = {
        "model_name": model.name,
        "effort": effort,
        "mode": mode,
        "evaluator": EVALUATOR,
        "is_self_reported": False,
        "harness": HARNESS,
        "organisation_name": _stated(model.creator),
        "model_released_on": released,
        "published_on": listing.published_on,
    }
    for key, value in model.evaluations.items():
        if key not in NOT_READ:
            _read_evaluation(key, value, model, values, reading)
    if isinstance(model.rating, dict):
        _read_rating(model, values, reading)


def _read_evaluation(key: str, value: Any, model: Listed, of_model: dict[str, Any], reading: _Reading) -> None:
    text, evaluation = _stated(value), EVALUATIONS.get(key)
    if text is None:
        return
    quote = f"{model.name}, {key}: {text}"
    if evaluation is None:
        reading.reject("the evaluation is not known", quote)
    elif evaluation.benchmark == "aa_intelligence_index" and model.evaluations.get(ESTIMATED) is True:
        reading.reject("the index is an estimate, not measured", quote)
    else:
        try:
            score = _score(text, *evaluation.bounds)
        except Unreadable as error:
            reading.reject(str(error), quote)
            return
        if score == 0 and reading.zero_is_unknown:
            reading.zeros.setdefault(key, []).append(model.name)
        else:
            values = of_model | _of_evaluation(evaluation, model) | {"score": score, "score_text": text}
            reading.rows.append((key, Row("score", values)))


def _of_evaluation(evaluation: Evaluation, model: Listed) -> dict[str, Any]:
    cost = model.cost if evaluation.benchmark == "aa_intelligence_index" and isinstance(model.cost, Number) else None
    return {
        "benchmark": evaluation.benchmark,
        "benchmark_version": _version(model.version) if evaluation.is_index else evaluation.version,
        "metric": evaluation.metric,
        "category": evaluation.category,
        "scale": evaluation.scale,
        "cost_usd": float(cost) if cost is not None and 0 < cost < 10**7 else None,
    }


def _read_rating(model: Listed, of_model: dict[str, Any], reading: _Reading) -> None:
    """The rating on GDPval that the page states with its interval."""
    texts = [_stated(model.rating.get(name)) for name in ("elo", "lower95ci", "upper95ci")]
    quote = f"{model.name}, gdpval: {written(model.rating)}"
    if texts[0] is None:
        return
    try:
        elo, low, high = (_score(text, *GDPVAL.bounds) if text else None for text in texts)
    except Unreadable as error:
        reading.reject(str(error), quote)
        return
    values = of_model | _of_evaluation(GDPVAL, model)
    values |= {"score": elo, "ci_low": low, "ci_high": high, "score_text": texts[0]}
    reading.rows.append(("gdpval", Row("score", values)))


def _on_their_scale(reading: _Reading) -> list[Row]:
    """The rows without those of an index of which no value is above 1: that is another scale."""
    values: dict[str, list[float]] = {}
    for key, row in reading.rows:
        if row.values["scale"] == "index":
            values.setdefault(key, []).append(abs(row.values["score"]))
    shrunk = {key for key, found in values.items() if len(found) >= ENOUGH and max(found) <= 1}
    for key in sorted(shrunk):
        reading.reject(f"none of {len(values[key])} values is above 1, which is no scale of an index", key)
    return [row for key, row in reading.rows if key not in shrunk]


def _score(text: str, low: float, high: float) -> float:
    if not NUMBER.fullmatch(text) or not low <= float(text) <= high:
        raise Unreadable(f"the score is not a number from {low:g} to {high:g}")
    return float(text)


def _stated(value: Any) -> str | None:
    """The text of a value as written; None where it stands for nothing."""
    if value is None:
        return None
    text = value.strip() if isinstance(value, str) else written(value)
    return None if text.lower() in NOT_STATED else text


def _version(value: Any) -> str | None:
    """Version as the registry writes it: v3 before the fourth, v4.0 and v4.1 since."""
    text = _stated(value)
    if text is None:
        return None
    number = text.lower().removeprefix("v")
    if re.fullmatch(r"\d+", number) and int(number) >= 4:
        number += ".0"
    return f"v{number}"


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
