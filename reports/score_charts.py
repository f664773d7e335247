"""The drawings of the sections on leaderboards: what two say of one thing, correlations, and the best score over time.

Here belong marks and axes; colours and the common look come from `reports.charts`, the numbers from the sections.
"""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from reports.charts import BLUE, INK, ORANGE, PAPER, RULE, SOFT, Records, data, spec
from reports.labels import text_width
from reports.safe import tidy
from reports.section import Chart, Key

ROW = 40
# A name longer than this, about the width of a phone, goes on two lines, and its rows are higher.
WRAP, LINE = 52, 14
SAID = (("self-reported", ORANGE, "square", "■"), ("independent median", BLUE, "circle", "●"))


@dataclass(frozen=True)
class Stretch:
    """A part of a line over time within which scores are comparable: its points, from left to right."""

    name: str
    points: tuple[tuple[dt.datetime, float], ...]


def _rows_axis() -> alt.Y:
    """Rows in the order given, without names: these stand above the marks, so that long ones fit a phone."""
    return alt.Y("place:O", title=None, axis=None)


def _named(records: Records) -> tuple[list[dict[str, Any]], int]:
    """The records with their place and the lines of their name, and the height of all rows."""
    rows = [dict(record) | {"place": number} for number, record in enumerate(records)]
    for row in rows:
        row["lines"] = textwrap.wrap(str(tidy(row["name"])), WRAP) or [""]
    more = max((len(row["lines"]) for row in rows), default=1) - 1
    return rows, (ROW + more * LINE) * len(rows)


def _names(base: alt.Chart, rows: Records) -> list[alt.Chart]:
    """The names above their marks, whole as long as the drawing is as wide as a phone; further lines go upwards."""
    return [
        base.transform_filter(f"length(datum.lines) == {count}")
        .mark_text(
            align="left",
            baseline="bottom",
            dy=-7 - (count - 1) * LINE,
            limit=alt.ExprRef("width"),
            lineHeight=LINE,
            color=INK,
        )
        .encode(x=alt.value(0), text="lines:N")
        for count in sorted({len(row["lines"]) for row in rows})
    ]


def _with_room(low: float, high: float, texts: Sequence[str]) -> alt.Scale:
    """From `low` to as far beyond `high` as the longest text behind a mark needs, at whatever width."""
    room = max((text_width(text) for text in texts), default=0) + 14
    top = {"expr": f"{low} + {high - low} * width / max(width - {room:.0f}, width / 4)"}
    return alt.Scale(domainMin=low, domainMax=top, nice=False, zero=False)


def two_values(records: Records, *, axis_title: str) -> Chart:
    """One row per record (`name`, `own`, `other`, `shown`): what the vendor says and the others, and a line between."""
    known = [float(record[key]) for record in records for key in ("own", "other")]
    room = max((max(known) - min(known)) * 0.05, 1)
    scale = _with_room(min(known) - room, max(known) + room, [str(record["shown"]) for record in records])
    rows, height = _named(records)
    rows = [row | {"end": max(row["own"], row["other"])} for row in rows]
    points = [
        {"place": row["place"], "name": row["name"], "value": row[key], "said": label}
        for row in rows
        for key, (label, *_) in zip(("own", "other"), SAID, strict=True)
    ]
    labels, colours, shapes = [s[0] for s in SAID], [s[1] for s in SAID], [s[2] for s in SAID]
    axis = alt.Axis(tickCount=4, domain=False, labelOverlap="greedy")
    x, y = alt.X("value:Q", title=axis_title, scale=scale, axis=axis), _rows_axis()
    base = alt.Chart(data(rows)).encode(y=y)
    line = base.mark_rule(color=SOFT, strokeWidth=2).encode(x=alt.X("own:Q", scale=scale), x2="other:Q")
    marks = (
        alt.Chart(data(points))
        .mark_point(filled=True, size=70, opacity=1, stroke=PAPER, strokeWidth=0.8)
        .encode(
            y=y,
            x=x,
            color=alt.Color("said:N", scale=alt.Scale(domain=labels, range=colours), legend=None),
            shape=alt.Shape("said:N", scale=alt.Scale(domain=labels, range=shapes), legend=None),
            tooltip=[
                alt.Tooltip("name:N", title="score"),
                alt.Tooltip("said:N", title="said by"),
                alt.Tooltip("value:Q", title=axis_title, format=".1f"),
            ],
        )
    )
    texts = base.mark_text(align="left", dx=9, color=SOFT).encode(x=alt.X("end:Q", scale=scale), text="shown:N")
    legend = tuple(Key(label, colour, mark) for label, colour, _, mark in SAID)
    return Chart(spec(alt.layer(line, marks, *_names(base, rows), texts), height=height), legend)


def intervals(records: Records, *, axis_title: str) -> Chart:
    """One row per record (`name`, `value`, `low`, `high`, `shown`): a point with its interval, and a rule at 0."""
    rows, height = _named(records)
    scale = _with_room(min(0.0, *(row["low"] for row in rows)), 1, [row["shown"] for row in rows])
    axis = alt.Axis(values=[-1, -0.5, 0, 0.5, 1], domain=False)
    y = _rows_axis()
    base = alt.Chart(data(rows)).encode(y=y)
    zero = alt.Chart(data([{"value": 0}])).mark_rule(color=RULE, strokeWidth=1.4)
    layers = [
        zero.encode(x=alt.X("value:Q", scale=scale)),
        base.mark_rule(color=SOFT, strokeWidth=2).encode(x=alt.X("low:Q", scale=scale), x2="high:Q"),
        base.mark_point(filled=True, size=70, opacity=1, color=BLUE).encode(
            x=alt.X("value:Q", title=axis_title, scale=scale, axis=axis),
            tooltip=[
                alt.Tooltip("name:N", title="leaderboards"),
                alt.Tooltip("value:Q", title=axis_title, format=".2f"),
                alt.Tooltip("low:Q", title="from", format=".2f"),
                alt.Tooltip("high:Q", title="to", format=".2f"),
            ],
        ),
        *_names(base, rows),
        base.mark_text(align="left", dx=9, color=SOFT).encode(x=alt.X("high:Q", scale=scale), text="shown:N"),
    ]
    legend = (Key("correlation", BLUE, "●"), Key("90% interval", SOFT, "—"))
    return Chart(spec(alt.layer(*layers), height=height), legend)


def best_over_time(stretches: Sequence[Stretch], breaks: Sequence[dt.datetime], *, axis_title: str) -> Chart:
    """The best score as a step line, cut where scores are no longer comparable; a dashed rule at each such day."""
    points = [
        {"stretch": str(number), "name": stretch.name, "at": at, "value": value}
        for number, stretch in enumerate(stretches)
        for at, value in stretch.points
    ]
    x = alt.X("at:T", title=None, axis=alt.Axis(format="%b %y", grid=False, labelOverlap="greedy", tickCount=4))
    y = alt.Y(
        "value:Q", title=axis_title, axis=alt.Axis(tickCount=3, domain=False), scale=alt.Scale(zero=False, padding=6)
    )
    base = alt.Chart(data(points)).encode(x=x, y=y)
    layers = [
        base.mark_line(interpolate="step-after", strokeWidth=2, color=BLUE).encode(detail="stretch:N"),
        base.mark_point(filled=True, size=24, color=BLUE, opacity=1).encode(
            tooltip=[
                alt.Tooltip("at:T", format="%Y-%m-%d", title="published"),
                alt.Tooltip("value:Q", title="best score", format=".1f"),
                alt.Tooltip("name:N", title="comparable"),
            ]
        ),
    ]
    if breaks:
        days = alt.Chart(data({"at": at} for at in breaks))
        layers.insert(0, days.mark_rule(color=ORANGE, strokeDash=[4, 3], strokeWidth=1.4).encode(x=x))
    return Chart(spec(alt.layer(*layers), height=130))


TIME_LEGEND = (Key("best score", BLUE, "●"), Key("break: not comparable across it", ORANGE, "┊"))
