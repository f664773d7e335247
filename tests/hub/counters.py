"""Downloads, likes and trending of the simulated population, day by day.

The downloads of a row on a day are a pure function of row and day, so 30-day sums can be moved on by one day without
keeping the days: what was downloaded yesterday comes in, the day before the last thirty goes out. The true counters
are exact sums; what is published lags, stalls and jumps as `clock` says.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from tests.hub import hashing
from tests.hub.columns import Columns
from tests.hub.hashing import Rows, normal, uniform

Counts = npt.NDArray[np.int64]
WEEK = (1.05, 1.08, 1.08, 1.07, 1.02, 0.87, 0.83)
WINDOW = 30
BLOCK = 1 << 17  # rows at a time: what a processor's cache holds
LAG_DAYS = 2
LAG_SHOWN = 2  # Qwen3.8-27B had 2 downloads on its first two days, then 91,917
LARGEST_TRENDING = 900.0
YOUNG_DAYS = 45


def start(seed: int, columns: Columns, day: date) -> None:
    """Counters as published on the morning of the first day, with a history before it."""
    rows = np.arange(len(columns))
    columns.true_30d = window(seed, columns, rows, day.toordinal())
    age = np.maximum((_midnight(day) - columns.public_at.astype(np.int64)) / 86_400 - WINDOW, 0)
    history = (columns.rate * age * 0.8 + uniform(seed, "history", rows)).astype(np.int64)
    columns.true_all = columns.true_30d + history
    columns.downloads, columns.downloads_all = _lagging(columns, columns.true_30d, day)
    # Slope 0.48 over the log of downloads; 92 % without any like.
    taste = np.exp(0.48 * np.log1p(columns.true_30d) - 2.1 + 1.2 * normal(seed, "likes", rows))
    columns.likes = np.minimum(taste, 20_000).astype(np.int32)
    _trend(seed, columns, day)


def count_day(seed: int, columns: Columns, day: date) -> None:
    """Move the true counters to the morning of `day`: yesterday comes in, the day before the window goes out."""
    today = day.toordinal()
    for rows in _blocks(len(columns)):
        came = increments(seed, columns, rows, today - 1)
        columns.true_all[rows] += came
        columns.true_30d[rows] += came - increments(seed, columns, rows, today - 1 - WINDOW)


def publish(seed: int, columns: Columns, day: date, share: float = 1.0, factor: float = 1.0) -> None:
    """Show the true counters, of a share of the rows only, or all 30-day counts off by a factor."""
    recent = columns.true_30d if factor == 1.0 else (columns.true_30d * factor).astype(np.int64)
    shown, shown_all = _lagging(columns, recent, day)
    if share < 1:
        kept = uniform(seed, "not refreshed", np.arange(len(columns)), day.toordinal()) >= share
        shown, shown_all = np.where(kept, columns.downloads, shown), np.where(kept, columns.downloads_all, shown_all)
    columns.downloads, columns.downloads_all = shown, shown_all
    liked = np.flatnonzero(columns.rate > 1)
    more = columns.rate[liked] * 0.0005 + uniform(seed, "liked", liked, day.toordinal())
    columns.likes[liked] += np.minimum(more, 500).astype(np.int32)
    _trend(seed, columns, day)


def window(seed: int, columns: Columns, rows: Rows, today: int) -> Counts:
    """Downloads of the thirty days before a day."""
    result = np.zeros(len(rows), dtype=np.int64)
    for block in _blocks(len(rows)):
        for before in range(1, WINDOW + 1):
            result[block] += increments(seed, columns, rows[block], today - before)
    return result


def increments(seed: int, columns: Columns, rows: Rows | slice, day: int) -> npt.NDArray[np.int64]:
    """Downloads of rows on one day: a rate, the weekday, a start that fades, noise; rounded up or down by chance."""
    numbers = np.arange(len(columns))[rows] if isinstance(rows, slice) else rows
    drawn = hashing.bits(seed, "downloads", numbers, day)
    noise = (drawn >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)
    chance = (drawn & np.uint64(0xFFFFFF)).astype(np.float32) * np.float32(2.0**-24)
    midnight = _midnight(date.fromordinal(day))
    age = ((midnight - columns.public_at[rows].astype(np.int64)) / 86_400).astype(np.float32)
    expected = columns.rate[rows] * np.float32(WEEK[date.fromordinal(day).weekday()])
    expected *= np.float32(0.75) + np.float32(0.5) * noise
    recent = age < 100
    expected[recent] *= 1 + 3 * np.exp(-age[recent] / 20)
    expected *= np.clip(1 + age, 0, 1)  # of the first day only the part that it was public
    return np.floor(expected.astype(np.float64) + chance).astype(np.int64)


def _lagging(columns: Columns, recent: Counts, day: date) -> tuple[Counts, Counts]:
    """30-day and all-time counts to show; those of the newest repositories are not in yet."""
    young = columns.public_at.astype(np.int64) > _midnight(day) - LAG_DAYS * 86_400
    most = np.where(young, LAG_SHOWN, np.iinfo(np.int64).max)
    return np.minimum(recent, most), np.minimum(columns.true_all, most)


def _trend(seed: int, columns: Columns, day: date) -> None:
    """Only what is new and fetched trends; scores are whole, or a half."""
    age = (_midnight(day) - columns.public_at.astype(np.int64)) / 86_400
    columns.trending[columns.trending > 0] = 0
    young = np.flatnonzero((age < YOUNG_DAYS) & (age >= 0))
    heat = np.sqrt(columns.rate[young]) * np.exp(-age[young] / 15)
    heat *= 0.8 + 0.4 * uniform(seed, "trend", young, day.toordinal())
    score = np.where(heat < 0.5, 0, np.where(heat < 1, 0.5, np.floor(heat)))
    columns.trending[young] = np.minimum(score, LARGEST_TRENDING)


def _blocks(count: int) -> list[slice]:
    return [slice(first, min(first + BLOCK, count)) for first in range(0, count, BLOCK)]


def _midnight(day: date) -> int:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400
