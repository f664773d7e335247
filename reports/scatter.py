"""Scatters of quality against what it takes, with a frontier and labels that keep clear of each other.

Here belongs how such a chart is drawn. What is on its axes, and which marks stand for what, is told by whoever asks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt

from reports import labels
from reports.charts import BLUE, GREY, INK, ORANGE, PAPER, SOFT, Records, data, spec
from reports.safe import tidy
from reports.section import Chart, Key

HEIGHT = 380
KINDS = {"open weights": ("circle", BLUE), "closed": ("diamond", ORANGE)}
FRONTIER = Key("frontier, its models solid and the others hollow", SOFT, "- -")
LEGEND = (Key("open weights", BLUE, "●"), Key("closed", ORANGE, "◆"), FRONTIER)
# Plot widths a set of labels is placed for; a page wider than a range starts uses that range's set.
RANGES = {"narrow": (265.0, 460.0), "middle": (460.0, 640.0), "wide": (640.0, 1000.0)}
_RANGE_NAME = "width < 460 ? 'narrow' : width < 640 ? 'middle' : 'wide'"


@dataclass(frozen=True)
class Axes:
    """What is measured: titles, the format of x, which is logarithmic, and whether less of y is better."""

    x_title: str
    y_title: str
    x_format: str = "$~r"
    less_is_better: bool = False


@dataclass(frozen=True)
class Frame:
    """The visible part of the plane: logarithms across, y from the worse to the better end."""

    left: float
    right: float
    worst: float
    best: float

    def across(self, x: float) -> float:
        """Place of x from left to right, 0 to 1."""
        return (math.log10(x) - self.left) / (self.right - self.left)

    def up(self, y: float) -> float:
        """Place of y from bottom to top, 0 to 1."""
        return (y - self.worst) / (self.best - self.worst)


def price_against_score(records: Records) -> Chart:
    """`records` need blended_usd_per_mtok above 0, score_pct, is_open_weights, is_pareto and label."""
    open_weights, closed = KINDS
    points = [
        {
            "x": r["blended_usd_per_mtok"],
            "y": r["score_pct"],
            "kind": open_weights if r["is_open_weights"] else closed,
            "label": r["label"],
            "seller": r["price_provider"],
            "is_frontier": r["is_pareto"],
        }
        for r in records
    ]
    tooltip = [
        alt.Tooltip("label:N", title="model"),
        alt.Tooltip("kind:N", title="weights"),
        alt.Tooltip("y:Q", format=".1f", title="score, %"),
        alt.Tooltip("x:Q", format="$,.3~f", title="USD per M"),
        alt.Tooltip("seller:N", title="sold by"),
    ]
    axes = Axes("blended US dollars per million tokens", "score, %")
    return scatter(points, axes=axes, marks=KINDS, tooltip=tooltip, legend=LEGEND)


def scatter(
    points: Records,
    *,
    axes: Axes,
    marks: Mapping[str, tuple[str, str]],
    tooltip: Sequence[alt.Tooltip],
    legend: Sequence[Key],
    shadow: Records = (),
) -> Chart:
    """Points with x above 0, y, kind, label and is_frontier; `marks` gives each kind its shape and colour.

    `shadow` is another frontier, drawn broad and grey behind: the x and y of its points.
    """
    frame = _frame([*points, *shadow], axes)
    x, y = _sides(frame, axes)
    frontier = _from_left([p for p in points if p["is_frontier"]], axes)
    layers = [
        _marks([p for p in points if not p["is_frontier"]], x, y, marks, tooltip, solid=False),
        _marks(frontier, x, y, marks, tooltip, solid=True),
    ]
    if frontier:
        line = alt.MarkDef(type="line", interpolate="step-after", color=SOFT, strokeWidth=1.3, strokeDash=[5, 3])
        # Labels lie under the marks: a label never hides a point.
        layers = [_line(frontier, frame, x, y, line), _texts(frontier, points, frame, x, y), *layers]
    if shadow:
        line = alt.MarkDef(type="line", interpolate="step-after", color=GREY, strokeWidth=6, opacity=0.38)
        layers.insert(0, _line(_from_left(shadow, axes), frame, x, y, line))
    return Chart(spec(alt.layer(*layers), height=HEIGHT), tuple(legend))


def _frame(points: Records, axes: Axes) -> Frame:
    logs, ys = [math.log10(p["x"]) for p in points], [p["y"] for p in points]
    left, right = _widened(min(logs), max(logs), least=0.3)
    low, high = _widened(min(ys), max(ys), least=4)
    return Frame(left, right, high, low) if axes.less_is_better else Frame(left, right, low, high)


def _sides(frame: Frame, axes: Axes) -> tuple[alt.X, alt.Y]:
    x = alt.X(
        "x:Q",
        title=axes.x_title,
        scale=alt.Scale(type="log", domain=[10**frame.left, 10**frame.right], nice=False),
        axis=alt.Axis(
            values=_ticks(frame.left, frame.right),
            format=axes.x_format,
            labelOverlap="greedy",
            labelSeparation=6,
            domain=False,
            grid=True,
        ),
    )
    y = alt.Y(
        "y:Q",
        title=f"{axes.y_title}, less is better" if axes.less_is_better else axes.y_title,
        scale=alt.Scale(domain=[frame.worst, frame.best], nice=False, zero=False),
        axis=alt.Axis(tickCount=6, domain=False),
    )
    return x, y


def _from_left(points: Records, axes: Axes) -> Records:
    """Left to right, of one x the worse first."""
    return sorted(points, key=lambda p: (p["x"], -p["y"] if axes.less_is_better else p["y"]))


def _widened(low: float, high: float, *, least: float) -> tuple[float, float]:
    room = max((high - low) * 0.08, least / 2)
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten within the range of logarithms, none where its label would pass the edge."""
    steps = [float(f"{m}e{e}") for e in range(math.floor(low), math.ceil(high) + 1) for m in (1, 2, 5)]
    return [step for step in steps if low <= math.log10(step) <= high - 0.05 * (high - low)]


def _line(points: Records, frame: Frame, x: alt.X, y: alt.Y, mark: alt.MarkDef) -> alt.Chart:
    """The steps of a frontier. The last one runs on to the edge: paying more buys nothing better that is known."""
    ends = [{"x": p["x"], "y": p["y"]} for p in points]
    edge = ends[-1] | {"x": 10**frame.right}
    drawn: alt.Chart = alt.Chart(data([*ends, edge]), mark=mark).encode(x=x, y=y)
    return drawn


def _marks(
    points: Records,
    x: alt.X,
    y: alt.Y,
    marks: Mapping[str, tuple[str, str]],
    tooltip: Sequence[alt.Tooltip],
    *,
    solid: bool,
) -> alt.Chart:
    """Solid marks for the frontier, hollow ones for the rest: at full strength, so that they show on any background."""
    fill = alt.Undefined if solid else PAPER
    # The page replaces hidden characters in the data, so in the names of the kinds too.
    kinds = [str(tidy(kind)) for kind in marks]
    shapes, colours = [shape for shape, _ in marks.values()], [colour for _, colour in marks.values()]
    drawn: alt.Chart = (
        alt.Chart(data(points))
        .mark_point(filled=solid, fill=fill, size=80 if solid else 50, opacity=1, strokeWidth=1.6)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=shapes), legend=None),
            color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=colours), legend=None),
            tooltip=list(tooltip),
        )
    )
    return drawn


def _texts(frontier: Records, points: Records, frame: Frame, x: alt.X, y: alt.Y) -> alt.Chart:
    """Labels of the frontier, best first, placed anew for each range of widths."""
    placed = [(frame.across(p["x"]), frame.up(p["y"]), p) for p in frontier]
    wanted = [labels.Point(across, up, _short(p["label"])) for across, up, p in reversed(placed)]
    others = [labels.Point(frame.across(p["x"]), frame.up(p["y"])) for p in points if not p["is_frontier"]]
    corners = [labels.Point(across, up) for across, up, _ in placed]
    where = {(across, up): p for across, up, p in placed}
    rows = []
    for name, widths in RANGES.items():
        for found in labels.place(wanted, others, corners, widths=widths, height=HEIGHT):
            point = where[found.point.x, found.point.y]
            rows.append(
                {
                    "x": point["x"],
                    "y": point["y"],
                    "text": found.point.text,
                    "range": name,
                    "dx": found.dx,
                    "dy": found.dy,
                    "align": found.align,
                }
            )
    drawn: alt.Chart = (
        alt.Chart(data(rows))
        .transform_filter(f"datum.range == ({_RANGE_NAME})")
        .mark_text(
            fontSize=12,
            color=INK,
            stroke=PAPER,
            strokeWidth=3,
            baseline="middle",
            dx={"expr": "datum.dx"},
            dy={"expr": "datum.dy"},
            align={"expr": "datum.align"},
        )
        .encode(x=x, y=y, text="text:N")
    )
    return drawn


def _short(text: str, longest: int = 30) -> str:
    clean = str(tidy(text))
    return clean if len(clean) <= longest else f"{clean[: longest - 1]}…"
