"""The drawings of the sections on the Hub: courses over days, shares by month, ranges, named bars and strips of events.

Here belong marks and axes; colours and the common look come from `reports.charts`, the numbers from the sections.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from reports.charts import BLUE, INK, ORANGE, PAPER, PINK, RULE, SERIES, SOFT, Records, data, precise, spec
from reports.labels import text_width
from reports.safe import tidy
from reports.section import Chart, Key

Line = tuple[str, int]
"""Name of a line and its place in `charts.SERIES`."""

DAYS = alt.Axis(format="%d %b", grid=False, labelOverlap="greedy", tickCount=5)
# Colour, shape, its character and its size: a ring, so that what lies on the same place shows within it.
RULES = ((BLUE, "circle", "○", 150), (ORANGE, "square", "■", 45), (PINK, "diamond", "◆", 90))


def _scales(lines: Sequence[Line]) -> tuple[alt.Scale, alt.Scale, tuple[Key, ...]]:
    names = [str(tidy(name)) for name, _ in lines]
    marks = [SERIES[place] for _, place in lines]
    legend = tuple(Key(name, colour, mark) for name, (colour, _, mark) in zip(names, marks, strict=True))
    return (
        alt.Scale(domain=names, range=[m[0] for m in marks]),
        alt.Scale(domain=names, range=[m[1] for m in marks]),
        legend,
    )


def _value_axis(number: str) -> alt.Axis:
    return alt.Axis(labelExpr=f"format(datum.value, '{number}')", tickCount=4, domain=False)


def courses(
    records: Records,
    *,
    lines: Sequence[Line],
    axis_title: str,
    stale: Sequence[tuple[dt.date, dt.date]] = (),
    revised: Sequence[dt.date] = (),
    number: str = "~s",
) -> Chart:
    """One line per name over days (`name`, `observed_on`, `value`, `is_marked`), with points where marked.

    `stale` are spans without a refresh, up to the day that catches up; `revised` are days on which counts were taken
    back.
    """
    colours, shapes, legend = _scales(lines)
    x = alt.X("observed_on:T", title=None, axis=DAYS)
    top = 1 if number.endswith("%") else alt.Undefined
    y = alt.Y("value:Q", title=axis_title, axis=_value_axis(number), scale=alt.Scale(domainMin=0, domainMax=top))
    base = alt.Chart(data(records)).encode(x=x, y=y, color=alt.Color("name:N", scale=colours, legend=None))
    points = (
        base.transform_filter("datum.is_marked")
        .mark_point(filled=True, size=45, opacity=1)
        .encode(
            shape=alt.Shape("name:N", scale=shapes, legend=None),
            tooltip=[
                alt.Tooltip("name:N", title="name"),
                alt.Tooltip("observed_on:T", format="%Y-%m-%d", title="day"),
                alt.Tooltip("value:Q", title=axis_title, format=precise(number)),
            ],
        )
    )
    layers = [base.mark_line(strokeWidth=2), points]
    if revised:
        days = data({"observed_on": day} for day in revised)
        layers.insert(0, alt.Chart(days).mark_rule(color=SOFT, strokeDash=[4, 3], strokeWidth=1.2).encode(x=x))
        legend += (Key("downloads taken back", SOFT, "┊"),)
    if stale:
        spans = data({"observed_on": first, "until": last} for first, last in stale)
        layers.insert(0, alt.Chart(spans).mark_rect(color=RULE).encode(x=x, x2="until:T"))
        legend += (Key("not refreshed, until caught up", RULE, "■"),)
    return Chart(spec(alt.layer(*layers), height=240), legend)


def shares_by_month(records: Records, *, lines: Sequence[Line], axis_title: str) -> Chart:
    """Lines over months (`name`, `month`, `share`, `counted`, `is_sure`), dashed and hollow where not sure."""
    colours, shapes, legend = _scales(lines)
    x = alt.X("month:T", title=None, axis=alt.Axis(format="%b %Y", grid=False, labelOverlap="greedy", tickCount=6))
    y = alt.Y("share:Q", title=axis_title, axis=_value_axis("~%"), scale=alt.Scale(domainMin=0))
    color = alt.Color("name:N", scale=colours, legend=None)
    sure = [record for record in records if record["is_sure"]]
    first_sure = min((record["month"] for record in sure), default=None)
    # The dashed line runs on to the first sure month, so that there is no gap.
    unsure = [record for record in records if not record["is_sure"]]
    early = [r for r in records if not r["is_sure"] or r["month"] == first_sure] if unsure else []
    parts = [(early, [4, 4]), (sure, [1, 0])]
    drawn = [
        alt.Chart(data(part)).mark_line(strokeWidth=2, strokeDash=dash).encode(x=x, y=y, color=color)
        for part, dash in parts
        if part
    ]
    tooltip = [
        alt.Tooltip("name:N", title="family"),
        alt.Tooltip("month:T", format="%Y-%m", title="month"),
        alt.Tooltip("share:Q", format=".1%", title=axis_title),
        alt.Tooltip("counted:Q", format=",", title="derivatives"),
    ]
    shape = alt.Shape("name:N", scale=shapes, legend=None)
    for part, fill in ((unsure, PAPER), (sure, None)):
        if part:
            mark = alt.Chart(data(part)).mark_point(
                filled=fill is None, fill=fill or alt.Undefined, size=50, opacity=1, strokeWidth=1.6
            )
            drawn.append(mark.encode(x=x, y=y, color=color, shape=shape, tooltip=tooltip))
    if unsure:
        legend += (Key("before the first whole crawl", SOFT, "- -"),)
    return Chart(spec(alt.layer(*drawn), height=240), legend)


def ranges(records: Records, *, name: str, counts: Mapping[str, str], shown: str, axis_title: str) -> Chart:
    """One row per name with a point for each of at most three `counts` (column -> label) and a line between them."""
    labels = list(counts.values())
    names = [str(tidy(record[name])) for record in records]
    rows = [
        {"name": r[name], "rule": label, "value": r[column], "size": size}
        for r in records
        for (column, label), (_, _, _, size) in zip(counts.items(), RULES, strict=False)
        if r[column] is not None
    ]
    spans = []
    for record in records:
        known = [record[column] for column in counts if record[column] is not None]
        spans.append({"name": record[name], "from": min(known), "to": max(known), "shown": record[shown]})
    top = max((span["to"] for span in spans), default=0) or 1
    scale = alt.Scale(domainMin=0, domainMax={"expr": f"{top} * (width < 360 ? 1.35 : 1.15)"}, nice=False)
    x_axis = alt.Axis(labelExpr="format(datum.value, '~s')", tickCount=4, domain=False, labelOverlap="greedy")
    x = alt.X("value:Q", title=axis_title, scale=scale, axis=x_axis)
    y = alt.Y(
        "name:N", sort=names, title=None,
        axis=alt.Axis(domain=False, ticks=False, labelColor=INK, labelPadding=10, labelLimit=100),
    )  # fmt: skip
    colours = alt.Scale(domain=labels, range=[rule[0] for rule in RULES])
    shapes = alt.Scale(domain=labels, range=[rule[1] for rule in RULES])
    line = (
        alt.Chart(data(spans))
        .mark_rule(color=SOFT, strokeWidth=2)
        .encode(y=y, x=alt.X("from:Q", scale=scale), x2="to:Q")
    )
    points = (
        alt.Chart(data(rows))
        .mark_point(opacity=1, strokeWidth=2)
        .encode(
            y=y,
            x=x,
            size=alt.Size("size:Q", scale=None, legend=None),
            fill=alt.condition(
                f"datum.rule == {labels[0]!r}", alt.value("transparent"), "rule:N", scale=colours, legend=None
            ),
            color=alt.Color("rule:N", scale=colours, legend=None),
            shape=alt.Shape("rule:N", scale=shapes, legend=None),
            tooltip=[
                alt.Tooltip("name:N", title="family"),
                alt.Tooltip("rule:N", title="rule"),
                alt.Tooltip("value:Q", title="derivatives", format=","),
            ],
        )
    )
    texts = (
        alt.Chart(data(spans)).mark_text(align="left", dx=9).encode(y=y, x=alt.X("to:Q", scale=scale), text="shown:N")
    )
    legend = tuple(Key(label, colour, mark) for label, (colour, _, mark, _) in zip(labels, RULES, strict=False))
    return Chart(spec(alt.layer(line, points, texts), height=28 * max(len(records), 1)), legend)


def named_bars(records: Records, *, axis_title: str, kinds: Mapping[str, str]) -> Chart:
    """Bars with their name above them, so that long names fit a phone (`name`, `value`, `kind`, `shown`).

    `kinds` gives each kind its colour; a value that is unknown has a name and a text, and no bar.
    """
    rows = [
        {"place": number, "name": r["name"], "value": r["value"], "end": r["value"] or 0, "kind": r["kind"],
         "shown": r["shown"]}
        for number, r in enumerate(records)
    ]  # fmt: skip
    # As far as leaves room for every text behind its bar, at whatever width.
    ends = [f"{float(r['end']) or 1} * width / max(width - {text_width(r['shown']) + 12:.0f}, width / 6)" for r in rows]
    x = alt.X(
        "end:Q",
        title=axis_title,
        scale=alt.Scale(domainMin=0, domainMax={"expr": f"max({', '.join(ends)})"}, nice=False),
        axis=alt.Axis(labelExpr="format(datum.value, '~s')", tickCount=4, domain=False, labelOverlap="greedy"),
    )
    y = alt.Y("place:O", title=None, axis=None)
    base = alt.Chart(data(rows)).encode(y=y)
    drawn = base.mark_bar(height=12, yOffset=8).encode(
        x=x,
        color=alt.Color("kind:N", scale=alt.Scale(domain=list(kinds), range=list(kinds.values())), legend=None),
        tooltip=[
            alt.Tooltip("name:N", title="name"),
            alt.Tooltip("kind:N", title="direction"),
            alt.Tooltip("value:Q", title=axis_title, format=","),
        ],
    )
    names = base.mark_text(align="left", baseline="bottom", dy=0, limit=330).encode(x=alt.value(0), text="name:N")
    texts = base.mark_text(align="left", dx=5, dy=8, color=SOFT).encode(x=x, text="shown:N")
    legend = tuple(Key(kind, colour, "■") for kind, colour in kinds.items()) if len(kinds) > 1 else ()
    return Chart(spec(alt.layer(drawn, names, texts), height=38 * max(len(rows), 1)), legend)


def strip(records: Records, *, kinds: Mapping[str, int], first: dt.date, last: dt.date) -> Chart:
    """Events on days, one row per kind (`kind`, `observed_on`, `what`), over the whole span even where nothing was."""
    marks = [SERIES[place] for place in kinds.values()]
    span = alt.Scale(domain=[_date(first), _date(last + dt.timedelta(days=1))])
    x = alt.X("observed_on:T", title=None, axis=DAYS, scale=span)
    axis = alt.Axis(domain=False, ticks=False, labelColor=INK, labelPadding=6, labelLimit=130, grid=True)
    y = alt.Y("kind:N", title=None, sort=list(kinds), scale=alt.Scale(domain=list(kinds)), axis=axis)
    drawn = (
        alt.Chart(data(records))
        .mark_point(filled=True, size=70, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("kind:N", scale=alt.Scale(domain=list(kinds), range=[m[0] for m in marks]), legend=None),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=list(kinds), range=[m[1] for m in marks]), legend=None),
            tooltip=[
                alt.Tooltip("observed_on:T", format="%Y-%m-%d", title="day"),
                alt.Tooltip("kind:N", title="event"),
                alt.Tooltip("what:N", title="what"),
            ],
        )
    )
    return Chart(spec(drawn, height=30 * len(kinds)))


def _date(day: dt.date) -> dict[str, Any]:
    return {"year": day.year, "month": day.month, "date": day.day}
