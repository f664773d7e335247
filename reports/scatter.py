"""The scatter of price against score: points, frontier and labels that keep clear of each other."""

from __future__ import annotations

import math

import altair as alt

from reports import labels
from reports.charts import BLUE, INK, ORANGE, PAPER, SOFT, Records, data, spec
from reports.safe import tidy
from reports.section import Chart, Key

HEIGHT = 380
KINDS = ["open weights", "closed"]
LEGEND = (
    Key("open weights", BLUE, "●"),
    Key("closed", ORANGE, "◆"),
    Key("frontier, its models solid and the others hollow", SOFT, "- -"),
)
# Plot widths a set of labels is placed for; a page wider than a range starts uses that range's set.
RANGES = {"narrow": (265.0, 460.0), "middle": (460.0, 640.0), "wide": (640.0, 1000.0)}
_RANGE_NAME = "width < 460 ? 'narrow' : width < 640 ? 'middle' : 'wide'"


def price_against_score(records: Records) -> Chart:
    """`records` need blended_usd_per_mtok above 0, score_pct, is_open_weights, is_pareto and label."""
    prices = [math.log10(r["blended_usd_per_mtok"]) for r in records]
    scores = [r["score_pct"] for r in records]
    x_low, x_high = _widened(min(prices), max(prices), least=0.3)
    y_low, y_high = _widened(min(scores), max(scores), least=4)
    points = [
        {
            "price": r["blended_usd_per_mtok"],
            "score": r["score_pct"],
            "kind": KINDS[0] if r["is_open_weights"] else KINDS[1],
            "model": r["label"],
            "seller": r["price_provider"],
            "frontier": r["is_pareto"],
            "across": (log - x_low) / (x_high - x_low),
            "up": (r["score_pct"] - y_low) / (y_high - y_low),
        }
        for r, log in zip(records, prices, strict=True)
    ]
    x = alt.X(
        "price:Q",
        title="blended US dollars per million tokens",
        scale=alt.Scale(type="log", domain=[10**x_low, 10**x_high], nice=False),
        axis=alt.Axis(values=_ticks(x_low, x_high), format="$~r", labelOverlap="greedy", domain=False, grid=True),
    )
    y = alt.Y(
        "score:Q",
        title="score, %",
        scale=alt.Scale(domain=[y_low, y_high], nice=False, zero=False),
        axis=alt.Axis(tickCount=6, domain=False),
    )
    frontier = sorted((p for p in points if p["frontier"]), key=lambda p: (p["price"], p["score"]))
    layers = [_marks([p for p in points if not p["frontier"]], x, y, solid=False), _marks(frontier, x, y, solid=True)]
    if frontier:
        # The last step runs on to the edge: paying more buys nothing better that is known.
        edge = frontier[-1] | {"price": 10**x_high}
        line = alt.Chart(data([*frontier, edge])).mark_line(
            interpolate="step-after", color=SOFT, strokeWidth=1.3, strokeDash=[5, 3]
        )
        # Labels lie under the marks: a label never hides a point.
        layers = [line.encode(x=x, y=y), _texts(frontier, points, x, y), *layers]
    return Chart(spec(alt.layer(*layers), height=HEIGHT), LEGEND)


def _widened(low: float, high: float, *, least: float) -> tuple[float, float]:
    room = max((high - low) * 0.08, least / 2)
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten within the range of logarithms."""
    steps = [float(f"{m}e{e}") for e in range(math.floor(low), math.ceil(high) + 1) for m in (1, 2, 5)]
    return [step for step in steps if low <= math.log10(step) <= high]


def _marks(points: Records, x: alt.X, y: alt.Y, *, solid: bool) -> alt.Chart:
    """Solid marks for the frontier, hollow ones for the rest: at full strength, so that they show on any background."""
    fill = alt.Undefined if solid else PAPER
    drawn: alt.Chart = (
        alt.Chart(data(points))
        .mark_point(filled=solid, fill=fill, size=80 if solid else 50, opacity=1, strokeWidth=1.6)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=KINDS, range=["circle", "diamond"]), legend=None),
            color=alt.Color("kind:N", scale=alt.Scale(domain=KINDS, range=[BLUE, ORANGE]), legend=None),
            tooltip=[
                alt.Tooltip("model:N"),
                alt.Tooltip("kind:N", title="weights"),
                alt.Tooltip("score:Q", format=".1f", title="score, %"),
                alt.Tooltip("price:Q", format="$,.3~f", title="USD per M"),
                alt.Tooltip("seller:N", title="sold by"),
            ],
        )
    )
    return drawn


def _texts(frontier: Records, points: Records, x: alt.X, y: alt.Y) -> alt.Chart:
    """Labels of the frontier, best score first, placed anew for each range of widths."""
    wanted = [labels.Point(p["across"], p["up"], _short(p["model"])) for p in reversed(frontier)]
    others = [labels.Point(p["across"], p["up"]) for p in points if not p["frontier"]]
    corners = [labels.Point(p["across"], p["up"]) for p in frontier]
    where = {(p["across"], p["up"]): p for p in frontier}
    rows = []
    for name, widths in RANGES.items():
        for found in labels.place(wanted, others, corners, widths=widths, height=HEIGHT):
            point = where[found.point.x, found.point.y]
            rows.append(
                {
                    "price": point["price"],
                    "score": point["score"],
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
