"""Making what is simulated say so wherever it goes: in the drawing itself and in the rows that are taken away.

Here belongs what a figure carries with it. The marks that the page sets around figures are the templates' matter.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from reports.section import Body, Chart, Figure

SIMULATED = "simulated"
WORD = SIMULATED.upper()


def marked(body: Body) -> Body:
    """The body with every figure that rests on simulated data marked; others stay as they are."""
    figures = (_marked(figure) if SIMULATED in figure.origins else figure for figure in body.figures)
    return replace(body, figures=tuple(figures))


def _marked(figure: Figure) -> Figure:
    first, *others = figure.results
    rows = replace(first, frame=_origin_first(first.frame))
    chart = _titled(figure.chart) if figure.chart else None
    panels = tuple(replace(panel, chart=_titled(panel.chart)) for panel in figure.panels)
    return replace(figure, results=(rows, *others), chart=chart, panels=panels)


def _titled(chart: Chart) -> Chart:
    """The word within the picture, so that a picture of it has it too."""
    title = {"text": WORD, "anchor": "end", "color": "var(--simulated-ink)", "fontSize": 12, "offset": 4}
    return replace(chart, spec={**chart.spec, "title": title})


def _origin_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Every row begins with its origin; where rows have none of their own, with that of the figure."""
    origins = frame["origin"] if "origin" in frame else [SIMULATED] * len(frame)
    others = frame.drop(columns="origin", errors="ignore")
    others.insert(0, "origin", pd.Series(origins, index=frame.index, dtype=object))
    return others
