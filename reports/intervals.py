"""Drawings of estimates with their intervals: one row per name, and a course over days with its band.

Here belong marks and axes; colours and the common look come from `reports.charts`, the numbers from the sections.
"""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt

from reports.charts import BLUE, INK, ORANGE, PAPER, RULE, SOFT, Records, data, spec
from reports.safe import tidy
from reports.section import Chart, Key

ROW, NAME_LIMIT = 36, 210
# Kind -> colour, shape and the shape as a character.
OPENNESS = {"open weights": (BLUE, "circle", "●"), "closed": (ORANGE, "diamond", "◆")}
SCOPES = {"capability": (BLUE, "circle", "●"), "composite": (ORANGE, "diamond", "◆")}


def rows(records: Records, *, axis_title: str, kinds: Mapping[str, tuple[str, str, str]], of: str) -> Chart:
    """A point with its interval per record (`name`, `value`, `low`, `high`, `kind`, `shown`), the name above it.

    Without an interval (`low` null) the point is hollow. Names are above, so that long ones fit a phone.
    """
    drawn = [
        {
            "place": number,
            "name": str(tidy(record["name"])),
            "has_interval": record["low"] is not None,
            **{key: record[key] for key in ("value", "low", "high", "kind", "shown")},
        }
        for number, record in enumerate(records)
    ]
    ends = [r[end] for r in drawn for end in ("low", "value", "high") if r[end] is not None]
    room = (max(ends) - min(ends)) * 0.03 or 1
    scale = alt.Scale(domain=[min(ends) - room, max(ends) + room], nice=False, zero=False)
    x_axis = alt.Axis(tickCount=5, domain=False, labelOverlap="greedy")
    y = alt.Y("place:O", title=None, axis=None)
    base = alt.Chart(data(drawn)).encode(y=y)
    names, marks = list(kinds), list(kinds.values())
    colour = alt.Color("kind:N", scale=alt.Scale(domain=names, range=[mark[0] for mark in marks]), legend=None)
    lines = (
        base.transform_filter("datum.has_interval")
        .mark_rule(strokeWidth=2, yOffset=9)
        .encode(x=alt.X("low:Q", title=axis_title, scale=scale, axis=x_axis), x2="high:Q", color=colour)
    )
    points = base.mark_point(size=70, opacity=1, strokeWidth=2, yOffset=9).encode(
        x=alt.X("value:Q", title=axis_title, scale=scale, axis=x_axis),
        color=colour,
        fill=alt.condition(
            "datum.has_interval",
            alt.Color("kind:N", scale=alt.Scale(domain=names, range=[mark[0] for mark in marks]), legend=None),
            alt.value(PAPER),
        ),
        shape=alt.Shape("kind:N", scale=alt.Scale(domain=names, range=[mark[1] for mark in marks]), legend=None),
        tooltip=[
            alt.Tooltip("name:N", title=of),
            alt.Tooltip("value:Q", title=axis_title, format=".1f"),
            alt.Tooltip("low:Q", title="90% interval from", format=".1f"),
            alt.Tooltip("high:Q", title="to", format=".1f"),
        ],
    )
    titles = base.mark_text(align="left", baseline="bottom", dy=1, limit=NAME_LIMIT, color=INK).encode(
        x=alt.value(0), text="name:N"
    )
    texts = base.mark_text(align="right", baseline="bottom", dy=1, color=SOFT).encode(
        x=alt.value(alt.ExprRef("width")), text="shown:N"
    )
    legend = tuple(Key(name, colour, mark) for name, (colour, _, mark) in kinds.items())
    if not all(r["has_interval"] for r in drawn):
        legend += (Key("too few for an interval", SOFT, "○"),)
    return Chart(spec(alt.layer(lines, points, titles, texts), height=ROW * max(len(drawn), 1)), legend)


def course(records: Records, *, axis_title: str, what: str) -> Chart:
    """A step line with its band over days (`changed_on`, `value`, `low`, `high`, `shown`) and a line at zero."""
    x = alt.X("changed_on:T", title=None, axis=alt.Axis(format="%b %Y", grid=False, labelOverlap="greedy", tickCount=5))
    y_axis = alt.Axis(tickCount=5, domain=False)
    base = alt.Chart(data(records)).encode(x=x)
    layers: list[alt.Chart] = []
    legend: tuple[Key, ...] = (Key(what, BLUE, "━"),)
    if any(record["low"] is not None for record in records):
        band = base.mark_area(interpolate="step-after", color=RULE, opacity=1)
        layers.append(band.encode(y=alt.Y("low:Q", title=axis_title, axis=y_axis), y2="high:Q"))
        legend += (Key("90% interval", RULE, "■"),)
    zero = alt.Chart(data([{"zero": 0}])).mark_rule(color=SOFT, strokeDash=[4, 3])
    layers.append(zero.encode(y=alt.Y("zero:Q", title=axis_title, axis=y_axis)))
    layers.append(
        base.mark_line(interpolate="step-after", strokeWidth=2, color=BLUE).encode(
            y=alt.Y("value:Q", title=axis_title, axis=y_axis)
        )
    )
    points = base.mark_point(filled=True, size=28, color=BLUE, opacity=1).encode(
        y=alt.Y("value:Q", title=axis_title, axis=y_axis),
        tooltip=[
            alt.Tooltip("changed_on:T", format="%Y-%m-%d", title="from"),
            alt.Tooltip("shown:N", title="best open against best closed"),
            alt.Tooltip("value:Q", title=axis_title, format=".1f"),
        ],
    )
    layers.append(points)
    return Chart(spec(alt.layer(*layers), height=240), legend)
