"""One mark per organisation, for every reader and on both pages; and the scatter that uses them."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from reports import organisation_colours
from reports.charts import Records
from reports.organisation_colours import MARKS, OTHERS, REST, kind_of, kinds, mark_of
from reports.scatter import KINDS, LEGEND, Axes, scatter
from tests.test_report_look import colours, contrast


def seen(colour: str) -> list[tuple[float, float, float]]:
    """CIE L*a*b* of a colour with all cones, and without those for red or for green (Machado and others, 2009)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    light = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    matrices = (
        ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
        ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    )
    to_xyz = ((0.4339, 0.3762, 0.1899), (0.2126, 0.7152, 0.0722), (0.0177, 0.1095, 0.8729))
    found = []
    for matrix in matrices:
        left = [min(max(_dot(row, light), 0), 1) for row in matrix]
        x, y, z = (max(_dot(row, left), 0) ** (1 / 3) for row in to_xyz)
        found.append((116 * y - 16, 500 * (x - y), 200 * (y - z)))
    return found


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_marks_are_told_apart_by_shape_or_by_colours_anyone_can_see() -> None:
    marks = [*MARKS.values(), REST]
    assert len({(mark.colour, mark.shape) for mark in marks}) == len(marks)
    for one, other in combinations(marks, 2):
        if one.shape == other.shape:
            for here, there in zip(seen(one.colour), seen(other.colour), strict=True):
                assert math.dist(here, there) > 30, (one, other)


def test_marks_have_contrast_on_both_pages() -> None:
    for theme in colours():
        for mark in (*MARKS.values(), REST):
            assert contrast(mark.colour, theme["paper"]) >= 3, mark


def test_an_organisation_has_one_mark_everywhere_and_the_rest_share_one() -> None:
    assert mark_of("alibaba") == MARKS["alibaba"]
    assert mark_of("corvid") == mark_of(None) == REST
    assert kind_of("corvid", "Corvid") == kind_of(None, None) == OTHERS
    found = kinds([("xai", "xAI"), ("corvid", "Corvid"), ("alibaba", "Alibaba"), ("xai", "xAI")])
    assert list(found) == ["Alibaba", "xAI", OTHERS]
    keys = organisation_colours.legend(found)
    assert [(key.label, key.colour, key.mark) for key in keys][-1] == (OTHERS, REST.colour, REST.sign)


def test_the_organisations_are_those_of_the_record() -> None:
    path = Path(__file__).parents[1] / "warehouse" / "seeds" / "organisation.csv"
    with path.open(encoding="utf-8") as file:
        known = {row["organisation_id"] for row in csv.DictReader(file)}
    assert MARKS.keys() <= known


# --- the scatter itself


def plain(points: Sequence[tuple[float, float]], **more: Any) -> dict[str, Any]:
    rows: Records = [{"x": x, "y": y, "kind": "closed", "label": f"{x}", "is_frontier": True} for x, y in points]
    drawing = scatter(rows, axes=Axes("x", "y"), marks=KINDS, tooltip=[], legend=LEGEND, **more)
    return json.loads(json.dumps(drawing.spec))  # type: ignore[no-any-return]


def test_one_model_alone_has_a_frontier_and_an_axis() -> None:
    spec = plain([(2.0, 50)])
    low, high = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low < 2 < high


def test_points_and_shadow_are_inside_the_axes() -> None:
    spec = plain([(2.0, 50), (3.0, 60)], shadow=[{"x": 0.01, "y": 5}, {"x": 90.0, "y": 99}])
    encoding = spec["layer"][0]["encoding"]
    assert encoding["x"]["scale"]["domain"][0] < 0.01 and encoding["x"]["scale"]["domain"][1] > 90
    assert encoding["y"]["scale"]["domain"][0] < 5 and encoding["y"]["scale"]["domain"][1] > 99
