"""The look of every chart, and the bars and lines the report draws. Vega-Lite as Altair writes it, data inline.

Here belong colours, axes and marks; which numbers they show is the sections' matter. Colours of text and lines are
CSS variables, so that one drawing serves light, dark and print. The mark colours are Okabe and Ito's, which are told
apart without red-green vision and have a contrast of at least 3:1 on both backgrounds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import altair as alt

from reports.safe import tidy
from reports.section import Chart, Key

BLUE, ORANGE, GREEN, PINK, GREY, OLIVE = "#0072b2", "#d55e00", "#009e73", "#b8648f", "#7d858e", "#8a6d00"
INK, SOFT, RULE, PAPER = "var(--ink)", "var(--soft)", "var(--rule)", "var(--paper)"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', sans-serif"

# Vega's shape and the same shape as a character, for the legend.
SERIES = (
    (BLUE, "circle", "●"),
    (ORANGE, "square", "■"),
    (GREEN, "triangle-up", "▲"),
    (PINK, "diamond", "◆"),
    (GREY, "cross", "✚"),
    (OLIVE, "triangle-down", "▼"),
)

THEME: dict[str, Any] = {
    "background": "transparent",
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": SOFT,
        "titleColor": SOFT,
        "gridColor": RULE,
        "domainColor": RULE,
        "tickColor": RULE,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 8,
        "labelLimit": 120,
    },
    "text": {"color": INK, "fontSize": 12, "font": FONT},
}

Records = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Run:
    """A part of a step line that is drawn in one manner: its points, from left to right."""

    name: str
    points: tuple[tuple[dt.datetime, float], ...]
    is_dashed: bool = False


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.date):
        # A browser reads a bare date as UTC and writes it in its own zone: west of Greenwich a day early.
        return f"{value}T00:00:00"
    return tidy(value)


def data(records: Iterable[Mapping[str, Any]]) -> alt.InlineData:
    """Records as inline data: tidy text, plain numbers, ISO dates; unknown stays null."""
    return alt.InlineData(values=[{key: _plain(value) for key, value in record.items()} for record in records])


def spec(chart: Any, *, height: int) -> dict[str, Any]:
    """The chart as JSON-ready Vega-Lite, as wide as its container."""
    fit = alt.AutoSizeParams(type="fit-x", contains="padding")
    made: dict[str, Any] = chart.properties(width="container", height=height, autosize=fit).to_dict()
    made["config"] = THEME
    return made


def precise(number: str) -> str:
    """The format of a tooltip for numbers whose axis has the format `number`."""
    return ".1%" if number.endswith("%") else ","


def _bar_axes(records: Records, total: str, name: str, title: str, number: str = "~s") -> tuple[alt.X, alt.Y]:
    """Axes of horizontal bars in the order given, with room for a text at the end of the longest."""
    names = [str(tidy(record[name])) for record in records]
    top = max((float(r[total]) for r in records if r[total] is not None), default=0) or 1
    # Nothing is more than all: no tick beyond 100 %.
    ticks = {"values": [0, 0.5, 1]} if number.endswith("%") and top == 1 else {"tickCount": 4}
    label = f"format(datum.value, '{number}')"
    x = alt.X(
        "value:Q",
        title=title,
        scale=alt.Scale(
            domainMin=0, domainMax={"expr": f"{top} * (width < 240 ? 1.8 : width < 360 ? 1.6 : 1.2)"}, nice=False
        ),
        axis=alt.Axis(labelExpr=label, domain=False, labelOverlap="greedy", **ticks),
    )
    y_axis = alt.Axis(domain=False, ticks=False, labelColor=INK, labelPadding=6, labelLimit=100)
    return x, alt.Y("name:N", sort=names, title=None, axis=y_axis)


def _bar_texts(records: Records, total: str, name: str, shown: str, x: alt.X, y: alt.Y) -> alt.Chart:
    """The text at the end of each bar, at the start of the axis where the length is unknown."""
    ends = [{"name": r[name], "value": 0 if r[total] is None else r[total], "shown": r[shown]} for r in records]
    drawn: alt.Chart = alt.Chart(data(ends)).mark_text(align="left", dx=5).encode(y=y, x=x, text="shown:N")
    return drawn


def bars(
    records: Records, *, value: str, name: str, shown: str, axis_title: str, of: str = "family", number: str = "~s"
) -> Chart:
    """Horizontal bars, the `shown` text at their end. Unknown gets its text and no bar."""
    x, y = _bar_axes(records, value, name, axis_title, number)
    rows = [{"name": r[name], "value": r[value]} for r in records]
    tooltip = [alt.Tooltip("name:N", title=of), alt.Tooltip("value:Q", title=axis_title, format=precise(number))]
    drawn = alt.Chart(data(rows)).mark_bar(color=BLUE, height={"band": 0.68}).encode(y=y, x=x, tooltip=tooltip)
    texts = _bar_texts(records, value, name, shown, x, y)
    return Chart(spec(alt.layer(drawn, texts), height=28 * max(len(records), 1)))


def stacked_bars(
    records: Records,
    *,
    name: str,
    parts: Mapping[str, tuple[str, str]],
    total: str,
    shown: str,
    axis_title: str,
    of: str = "family",
    by: str = "relation",
    number: str = "~s",
) -> Chart:
    """Horizontal bars stacked by `parts` (column -> label and colour), the `shown` text at their end."""
    x, y = _bar_axes(records, total, name, axis_title, number)
    labels, colours = [label for label, _ in parts.values()], [colour for _, colour in parts.values()]
    rows = [
        {"name": record[name], "part": label, "value": record[column], "place": place}
        for record in records
        for place, (column, (label, _)) in enumerate(parts.items())
    ]
    drawn = (
        alt.Chart(data(rows))
        .mark_bar(height={"band": 0.68}, stroke=PAPER, strokeWidth=0.8)
        .encode(
            y=y,
            x=x,
            color=alt.Color("part:N", scale=alt.Scale(domain=labels, range=colours), legend=None),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("name:N", title=of),
                alt.Tooltip("part:N", title=by),
                alt.Tooltip("value:Q", title=axis_title, format=precise(number)),
            ],
        )
    )
    texts = _bar_texts(records, total, name, shown, x, y)
    legend = tuple(Key(label, colour, "■") for label, colour in zip(labels, colours, strict=True))
    return Chart(spec(alt.layer(drawn, texts), height=28 * max(len(records), 1)), legend)


def lines(
    records: Records, *, day: str, value: str, name: str, names: Sequence[str], axis_title: str, places: Sequence[int]
) -> Chart:
    """One line per name over days, told apart by colour and by the shape of the points: `places` in SERIES."""
    series = [(str(tidy(label)), SERIES[place]) for label, place in zip(names, places, strict=True)]
    domain = [label for label, _ in series]
    x_axis = alt.Axis(format="%Y-%m-%d", grid=False, labelOverlap="greedy", tickCount=5)
    y_axis = alt.Axis(labelExpr="format(datum.value, '~s')", tickCount=4, domain=False)
    base = alt.Chart(data(records)).encode(
        x=alt.X(f"{day}:T", title=None, axis=x_axis),
        y=alt.Y(f"{value}:Q", title=axis_title, axis=y_axis),
        color=alt.Color(f"{name}:N", scale=alt.Scale(domain=domain, range=[s[0] for _, s in series]), legend=None),
    )
    points = base.mark_point(filled=True, size=50, opacity=1).encode(
        shape=alt.Shape(f"{name}:N", scale=alt.Scale(domain=domain, range=[s[1] for _, s in series]), legend=None),
        tooltip=[
            alt.Tooltip(f"{name}:N", title="family"),
            alt.Tooltip(f"{day}:T", format="%Y-%m-%d", title="day"),
            alt.Tooltip(f"{value}:Q", title=axis_title, format=","),
        ],
    )
    legend = tuple(Key(label, colour, mark) for label, (colour, _, mark) in series)
    return Chart(spec(alt.layer(base.mark_line(strokeWidth=2), points), height=240), legend)


def steps(runs: Sequence[Run], *, colour: str, symbol: str, span: tuple[dt.date, dt.date]) -> Chart:
    """Small step lines over time, each with its name at its end; dashed where it is not read at first hand."""
    x = alt.X(
        "at:T",
        title=None,
        axis=alt.Axis(format="%b %y", grid=False, labelOverlap="greedy", tickCount=4, labelFontSize=11),
        # Room for the names at the right end of the lines, at whatever width.
        scale=alt.Scale(domain=[f"{day}T00:00:00" for day in span], range=[0, alt.ExprRef("width - 42")]),
    )
    y = alt.Y(
        "value:Q",
        title=None,
        axis=alt.Axis(labelExpr=f"'{symbol}' + format(datum.value, '~g')", tickCount=3, domain=False, labelFontSize=11),
        scale=alt.Scale(domainMin=0),
    )
    tooltip = [
        alt.Tooltip("name:N", title="price of"),
        alt.Tooltip("at:T", format="%Y-%m-%d", title="day"),
        alt.Tooltip("value:Q", title=f"{symbol} per M tokens"),
    ]
    layers = []
    for dashed in (False, True):
        part = [
            {"run": number, "name": run.name, "at": at, "value": value}
            for number, run in enumerate(runs)
            if run.is_dashed is dashed
            for at, value in run.points
        ]
        if part:
            mark = alt.MarkDef(
                type="line",
                interpolate="step-after",
                strokeWidth=2,
                color=colour,
                strokeDash=[4, 3] if dashed else [1, 0],
            )
            layers.append(alt.Chart(data(part), mark=mark).encode(x=x, y=y, detail="run:N", tooltip=tooltip))
    ends = {run.name: run.points[-1] for run in runs}
    names = alt.Chart(data({"name": name, "at": at, "value": value} for name, (at, value) in ends.items()))
    layers.append(names.mark_point(filled=True, size=28, color=colour, opacity=1).encode(x=x, y=y))
    layers.append(names.mark_text(align="left", dx=6, color=SOFT, fontSize=11).encode(x=x, y=y, text="name:N"))
    return Chart(spec(alt.layer(*layers), height=112))
