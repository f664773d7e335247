"""The drawing of a price to reach a level: a step line on a logarithmic price axis, its models as marks."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from itertools import pairwise

import altair as alt

from reports.charts import BLUE, ORANGE, SOFT, Records, data, spec
from reports.section import Chart, Key

HEIGHT = 150
KINDS = ("open weights", "closed")
LEGEND = (
    Key(KINDS[0], BLUE, "●"),
    Key(KINDS[1], ORANGE, "◆"),
    Key("by release, at the first price known", SOFT, "━"),
    Key("price in force", SOFT, "╍"),
)


def level_chart(frozen: Records, live: Records, until: dt.date) -> Chart:
    """Steps of both curves, in order; each has began_on, ended_on, usd_per_mtok, model_name and is_open_weights.

    A line runs on to `until` where its last step still lasts, and has a gap where no price was in force.
    """
    prices = [float(step["usd_per_mtok"]) for step in (*frozen, *live)]
    low, high = math.log10(min(prices)) - 0.15, math.log10(max(prices)) + 0.15
    first = min(step["began_on"] for step in (*frozen, *live))
    x = alt.X(
        "at:T",
        title=None,
        axis=alt.Axis(format="%b %y", grid=False, labelOverlap="greedy", tickCount=4, labelFontSize=11),
        scale=alt.Scale(domain=[f"{first}T00:00:00", f"{until}T00:00:00"]),
    )
    y = alt.Y(
        "price:Q",
        title=None,
        axis=alt.Axis(values=_ticks(low, high), format="$~r", domain=False, labelFontSize=11, labelOverlap="greedy"),
        scale=alt.Scale(type="log", domain=[10**low, 10**high], nice=False),
    )
    drawn = [(steps, dash) for steps, dash in ((frozen, [1, 0]), (live, [4, 3])) if steps]
    lines = [_line(steps, dash, until, x, y) for steps, dash in drawn]
    marks = [_marks(steps, x, y) for steps, _ in drawn]
    return Chart(spec(alt.layer(*lines, *marks), height=HEIGHT))


def _ticks(low: float, high: float) -> list[float]:
    """Powers of ten, and 3 times them on a short axis, within the range of logarithms."""
    factors = (1, 3) if high - low < 1.6 else (1,)
    powers = range(math.floor(low), math.ceil(high) + 1)
    return [
        tick for power in powers for factor in factors if low <= math.log10(tick := float(f"{factor}e{power}")) <= high
    ]


def _line(steps: Records, dash: Sequence[int], until: dt.date, x: alt.X, y: alt.Y) -> alt.Chart:
    run, points = 0, []
    for step, following in pairwise([*steps, None]):
        if step is None:
            break
        points.append({"run": run, "at": step["began_on"], "price": step["usd_per_mtok"]})
        if following is None or step["ended_on"] != following["began_on"]:
            end = min(step["ended_on"] or until, until)
            points.append({"run": run, "at": end, "price": step["usd_per_mtok"]})
            run += 1
    mark = alt.MarkDef(type="line", interpolate="step-after", strokeWidth=2, color=SOFT, strokeDash=list(dash))
    drawn: alt.Chart = alt.Chart(data(points), mark=mark).encode(x=x, y=y, detail="run:N")
    return drawn


def _marks(steps: Records, x: alt.X, y: alt.Y) -> alt.Chart:
    rows = [
        {
            "at": step["began_on"],
            "price": step["usd_per_mtok"],
            "model": step["model_name"],
            "kind": KINDS[0] if step["is_open_weights"] else KINDS[1],
            "score": step["score"],
        }
        for step in steps
    ]
    scale = alt.Scale(domain=list(KINDS), range=[BLUE, ORANGE])
    drawn: alt.Chart = (
        alt.Chart(data(rows))
        .mark_point(filled=True, size=46, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("kind:N", scale=scale, legend=None),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=list(KINDS), range=["circle", "diamond"]), legend=None),
            tooltip=[
                alt.Tooltip("model:N"),
                alt.Tooltip("at:T", format="%Y-%m-%d", title="from"),
                alt.Tooltip("price:Q", format="$,.3~f", title="USD per M"),
                alt.Tooltip("score:Q", format=".1f"),
                alt.Tooltip("kind:N", title="weights"),
            ],
        )
    )
    return drawn
