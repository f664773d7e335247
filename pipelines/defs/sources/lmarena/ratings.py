"""What a rating of LMArena is: which board and fit it belongs to, its interval, and what its model's name says.

Here belong the checks that every shape of body shares. Of two ratings of one model on one board and day, equal ones are
one listed twice; of different ones none counts, since nothing says which is which (`gpt-5.3-codex (codex-harness)`
stood for two models of the web board).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from pipelines.lib.source import Parsed, Reject, Row

EVALUATOR = "LMArena"
WITHOUT_STYLE_CONTROL = "elo_without_style_control"


@dataclass(frozen=True)
class Board:
    """A board of the dataset: its benchmark, and which of the fits of that it is."""

    benchmark: str
    metric: str = "elo"


BOARDS: Mapping[str, Board] = {
    "text_style_control": Board("lmarena_text"),
    "text": Board("lmarena_text", WITHOUT_STYLE_CONTROL),
    "vision_style_control": Board("lmarena_vision"),
    "vision": Board("lmarena_vision", WITHOUT_STYLE_CONTROL),
    "webdev": Board("webdev_arena"),
    "text_to_image": Board("lmarena_text_to_image"),
}
# Names of the category that is the whole board: of the dataset, and of the older files.
WHOLE = frozenset({"overall", "full"})

# All ratings seen since 2023 lie between 789 and 1827; a share or a percentage can be none.
LOWEST, HIGHEST = 200.0, 3000.0
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
ABSENT = frozenset({"", "nan", "none", "null", "n/a"})
INTERVAL = re.compile(r"\+(?P<up>\d+(\.\d+)?)/-(?P<down>\d+(\.\d+)?)", re.ASCII)

HARNESS = re.compile(r" \((?P<harness>[a-z]+-harness)\)$", re.IGNORECASE)
# The mode at the end of a name: -thinking-32k, (thinking-minimal), -high-32k, (xHigh), -no-thinking. Some models are
# named alike: mistral-medium, qwen3-max, flux-1-kontext-max.
EFFORT = re.compile(
    r"(?<!istral)(-| \()(?P<effort>(no-|non-)?thinking(-(\d+k|minimal|low|medium|high))?|(non-)?reasoning"
    r"|(minimal|low|medium|x?high|max)(-\d+k)?)\)?$",
    re.IGNORECASE,
)
MAX_MODEL = re.compile(r"(qwen[\d.]*|kontext)-max$", re.IGNORECASE)


class Listed(NamedTuple):
    """A rating as a body lists it, every cell as text. `ci` is the interval as distances, `+5/-4` or `6`."""

    model: str
    rating: str
    day: str | None = None
    category: str | None = None
    low: str = ""
    high: str = ""
    ci: str = ""
    votes: str = ""
    organisation: str = ""
    metric: str | None = None

    @property
    def key(self) -> tuple[str | None, ...]:
        return self.day, self.category, self.metric, self.model

    @property
    def quote(self) -> str:
        """The row in words, for a reject."""
        return ", ".join(f"{name}={value}" for name, value in self._asdict().items() if value)


class Unreadable(ValueError):
    """A cell or a row that cannot be read; the message is the reason."""


def rows(board: Board, listed: Iterable[Listed | Reject], seen_on: date) -> Iterator[Parsed]:
    """The staging rows of what a body lists; `seen_on` is the version of ratings whose day is not stated."""
    entries = list(listed)
    ratings: dict[tuple[str | None, ...], set[str]] = {}
    for entry in entries:
        if isinstance(entry, Listed):
            ratings.setdefault(entry.key, set()).add(entry.rating)
    done: set[tuple[str | None, ...]] = set()
    for entry in entries:
        if isinstance(entry, Reject):
            yield entry
        elif len(ratings[entry.key]) > 1:
            yield Reject("another row of the same name has another rating", entry.quote, "score")
        elif entry.key not in done:
            done.add(entry.key)
            try:
                if values := _values(board, entry, seen_on):
                    yield Row("score", values)
            except Unreadable as error:
                yield Reject(str(error), entry.quote, "score")


def _values(board: Board, entry: Listed, seen_on: date) -> dict[str, Any] | None:
    """The staging row, or None where no rating is given."""
    rating = _number(entry.rating, "the rating")
    if rating is None:
        return None
    if not LOWEST <= rating <= HIGHEST:
        raise Unreadable(f"a rating lies between {LOWEST:g} and {HIGHEST:g}, and this is {entry.rating}")
    if not entry.model.strip():
        raise Unreadable("the row names no model")
    day = day_of(entry.day) if entry.day is not None else None
    low, high = _interval(entry, rating)
    harness = HARNESS.search(entry.model)
    return {
        "benchmark": board.benchmark,
        "benchmark_version": (day or seen_on).isoformat(),
        "metric": entry.metric or board.metric,
        "category": None if entry.category in WHOLE else entry.category,
        "model_name": entry.model,
        "effort": effort_of(entry.model),
        "score": rating,
        "scale": "elo",
        "ci_low": low,
        "ci_high": high,
        "evaluator": EVALUATOR,
        "is_self_reported": False,
        "harness": harness["harness"] if harness else None,
        "organisation_name": entry.organisation.strip() or None,
        "published_on": day,
        "sample_size": _votes(entry.votes),
        "score_text": entry.rating,
    }


def effort_of(name: str) -> str | None:
    """The mode that the end of a name states, in lower case."""
    bare = HARNESS.sub("", name)
    match = None if MAX_MODEL.search(bare) else EFFORT.search(bare)
    return match["effort"].lower() if match else None


def day_of(text: str) -> date:
    """A day written 20230508, 2023-05-08 or as a time. Raises Unreadable."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError as error:
        raise Unreadable(f"the day of publication is {text!r}") from error


def _number(text: str, what: str) -> float | None:
    text = text.strip()
    if text.lower() in ABSENT:
        return None
    if not NUMBER.fullmatch(text):
        raise Unreadable(f"{what} is not a number: {text!r}")
    return float(text)


def _votes(text: str) -> int | None:
    votes = _number(text.replace(",", ""), "the number of votes")
    if votes is not None and (votes < 0 or not votes.is_integer()):
        raise Unreadable(f"the number of votes is {text!r}")
    return None if votes is None else int(votes)


def _interval(entry: Listed, rating: float) -> tuple[float | None, float | None]:
    """Ends of the stated interval: as they are, as two distances, or as the one distance of both."""
    low, high = _number(entry.low, "the lower end"), _number(entry.high, "the upper end")
    if entry.ci.strip().lower() not in ABSENT:
        match = INTERVAL.fullmatch(entry.ci.strip())
        up, down = (match["up"], match["down"]) if match else (entry.ci, entry.ci)
        above, below = _number(up, "the interval"), _number(down, "the interval")
        low, high = rating - (below or 0.0), rating + (above or 0.0)
    if low is not None and high is not None and not low <= rating <= high:
        raise Unreadable(f"the interval from {low:g} to {high:g} does not hold the rating")
    return low, high
