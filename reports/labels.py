"""Placing labels beside points so that no label covers another.

Pure geometry, for one range of plot widths: vertical positions do not change with the width and horizontal distances
only grow, so a placement that is free at both ends of the range is free between them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

CHARACTER, LINE, REACH = 6.3, 14.0, 6.0
# (horizontal shift, vertical shift, alignment), the most readable place first. Up and to the left of a price frontier
# there is nothing by definition.
PLACES = (
    (-7, -9, "right"),
    (8, 13, "left"),
    (0, -14, "center"),
    (8, -10, "left"),
    (-9, 1, "right"),
    (10, 1, "left"),
    (0, 16, "center"),
    (-8, 13, "right"),
)

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Point:
    """A point in the unit square of the plot: left to right, bottom to top."""

    x: float
    y: float
    text: str = ""


@dataclass(frozen=True)
class Placed:
    """Where a label goes relative to its point, in pixels."""

    point: Point
    dx: float
    dy: float
    align: str


def text_width(text: str) -> float:
    """A careful guess of the width at 12 pixels; East Asian characters are twice as wide."""
    return sum(2 * CHARACTER if unicodedata.east_asian_width(mark) in "WF" else CHARACTER for mark in text)


def _box(point: Point, place: tuple[int, int, str], width: float, height: float) -> Box:
    dx, dy, align = place
    length = text_width(point.text)
    left = point.x * width + dx - {"left": 0.0, "center": length / 2, "right": length}[align]
    middle = (1 - point.y) * height + dy
    return left, middle - LINE / 2, left + length, middle + LINE / 2


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _mark(point: Point, width: float, height: float) -> Box:
    x, y = point.x * width, (1 - point.y) * height
    return x - REACH, y - REACH, x + REACH, y + REACH


def _steps(corners: Sequence[Point], width: float, height: float) -> list[Box]:
    """The step line through the corners, from left to right, as thin boxes."""
    pixels = [(p.x * width, (1 - p.y) * height) for p in corners]
    boxes = []
    for (x, y), (next_x, next_y) in zip(pixels, [*pixels[1:], (width, pixels[-1][1] if pixels else 0)], strict=True):
        boxes += [(x, y - 1, next_x, y + 1), (next_x - 1, min(y, next_y), next_x + 1, max(y, next_y))]
    return boxes


def _fits(boxes: Sequence[Box], obstacles: Sequence[Sequence[Box]], widths: Sequence[float]) -> bool:
    """True when the label stays inside the plot and clear of the obstacles at every width."""
    for box, found, width in zip(boxes, obstacles, widths, strict=True):
        if box[0] < 0 or box[2] > width or box[1] < -4 or any(_meet(box, other) for other in found):
            return False
    return True


def place(
    wanted: Sequence[Point],
    others: Sequence[Point],
    corners: Sequence[Point],
    *,
    widths: tuple[float, float],
    height: float,
) -> list[Placed]:
    """Labels for as many of `wanted` as fit, in order of wish.

    No label covers another or a wanted point; `others` and the step line through `corners` are spared where possible.
    """
    hard = [[_mark(p, width, height) for p in wanted] for width in widths]
    soft = [[_mark(p, width, height) for p in others] + _steps(corners, width, height) for width in widths]
    placed: list[Placed] = []
    for point in wanted:
        options = {where: [_box(point, where, width, height) for width in widths] for where in PLACES}
        clear = [a + b for a, b in zip(hard, soft, strict=True)]
        chosen = next(
            (where for obstacles in (clear, hard) for where in PLACES if _fits(options[where], obstacles, widths)), None
        )
        if chosen is None:
            continue
        placed.append(Placed(point, *chosen))
        for taken, box in zip(hard, options[chosen], strict=True):
            taken.append(box)
    return placed
