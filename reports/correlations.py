"""Drawings of correlations: a dot with its interval for each of several pairs, and one pair over the weeks.

Here belong marks and axes; the numbers come from the section on divergence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from reports.charts import BLUE, INK, RULE, SOFT, Records, data, spec
from reports.safe import tidy
from reports.section import Chart, Key

LEGEND = (Key("rank correlation with its 90% interval", BLUE, "●"), Key("no relation", SOFT, "│"))
TICKS = [-1, -0.5, 0, 0.5, 1]


def intervals(records: Records) -> Chart:
    """A line per record (`name`, `value`, `low`, `high`, `models`), in the order given; the ends may be unknown."""
    rows = [{**record, "place": place} for place, record in enumerate(records)]
    y = alt.Y("place:O", title=None, axis=None)
    x = alt.X(
        "value:Q", title=None, scale=alt.Scale(domain=[-1, 1]), axis=alt.Axis(values=TICKS, domain=False, grid=True)
    )
    base = alt.Chart(data(rows)).encode(y=y)
    # The name stands above its line: beside it there is no room for it on a phone.
    texts = [{"place": r["place"], "text": _short(r), "value": -1} for r in rows]
    shown = (
        alt.Chart(data(texts))
        .mark_text(align="left", baseline="bottom", dy=-7, color=INK, fontSize=11.5)
        .encode(x=x, y=y, text="text:N")
    )
    nothing = alt.Chart(data([{"value": 0}])).mark_rule(color=SOFT, strokeWidth=1.2).encode(x=x)
    # A pair whose interval is unknown has a dot alone.
    reach = (
        base.transform_filter("datum.low != null && datum.high != null")
        .mark_rule(color=BLUE, strokeWidth=2.4, opacity=0.55)
        .encode(x=alt.X("low:Q"), x2="high:Q")
    )
    dots = base.mark_point(filled=True, size=70, color=BLUE, opacity=1).encode(x=x, tooltip=_tooltip("name:N"))
    return Chart(spec(alt.layer(nothing, reach, dots, shown), height=38 * max(len(records), 1) + 10))


def _short(record: Mapping[str, Any], longest: int = 30) -> str:
    """The name as far as the narrowest panel has room for it, with the n."""
    name = str(tidy(record["name"]))
    return f"{name if len(name) <= longest else name[: longest - 1] + '…'}, n = {record['models']}"


def course(records: Records) -> Chart:
    """One correlation over weeks (`week_from`, `value`, `low`, `high`, `models`) with its interval as a band."""
    x = alt.X(
        "week_from:T",
        title=None,
        axis=alt.Axis(format="%d %b %y", grid=False, tickCount=4, labelOverlap="greedy", labelSeparation=8),
    )
    y = alt.Y(
        "value:Q",
        title="rank correlation",
        scale=alt.Scale(domain=[-1, 1]),
        axis=alt.Axis(values=TICKS, domain=False, gridColor=RULE),
    )
    base = alt.Chart(data(records)).encode(x=x)
    band = (
        base.transform_filter("datum.low != null && datum.high != null")
        .mark_area(color=BLUE, opacity=0.18)
        .encode(y=alt.Y("low:Q"), y2="high:Q")
    )
    nothing = alt.Chart(data([{"value": 0}])).mark_rule(color=SOFT, strokeWidth=1.2).encode(y=y)
    line = base.mark_line(color=BLUE, strokeWidth=2).encode(y=y)
    dots = base.mark_point(filled=True, size=50, color=BLUE, opacity=1).encode(y=y, tooltip=_tooltip("week_from:T"))
    return Chart(spec(alt.layer(nothing, band, line, dots), height=220), LEGEND)


def _tooltip(first: str) -> list[alt.Tooltip]:
    of_week = first.startswith("week_from")
    return [
        alt.Tooltip(first, title="week of", format="%Y-%m-%d") if of_week else alt.Tooltip(first, title="quality"),
        alt.Tooltip("value:Q", title="rank correlation", format=".2f"),
        alt.Tooltip("low:Q", title="90% interval from", format=".2f"),
        alt.Tooltip("high:Q", title="to", format=".2f"),
        alt.Tooltip("models:Q", title="models"),
    ]
