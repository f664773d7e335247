"""How the report looks and speaks: numbers in words, labels that keep clear, colours with contrast."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from reports import labels, words
from reports.charts import SERIES

STYLE = Path(__file__).resolve().parents[1] / "reports" / "templates" / "style.css"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unknown"), (0, "0"), (950, "950"), (9_999, "9,999"), (9_999.6, "10k"), (52_310, "52.3k"),
        (236_060, "236k"),
        (999_499, "999k"), (999_600, "1M"), (1_240_000, "1.2M"), (3_400_000_000, "3.4B"), (-12_000, "−12k"),
    ],
)  # fmt: skip
def test_counts(value: float | None, text: str) -> None:
    assert words.count(value) == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (None, "USD", "unknown"), (0, "USD", "$0"), (Decimal("0.26"), "USD", "$0.26"), ("0.8", "CNY", "¥0.80"),
        (0.125, "USD", "$0.125"), (Decimal("0.0028"), "USD", "$0.0028"), (0.000012, "USD", "$0.000012"),
        (1250, "EUR", "€1,250.00"), (1.425, "USD", "$1.425"), (Decimal("15.000000000"), "USD", "$15.00"),
        (3, "JPY", "JPY 3.00"),
    ],
)  # fmt: skip
def test_money(amount: Decimal | None, currency: str, text: str) -> None:
    assert words.money(amount, currency) == text


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(None, "unknown"), (0.619, "−38%"), (2.5, "+150%"), (0.0, "−100%"), (1.004, "+0.4%"), (24.0, "24×")],
)
def test_percent_change(ratio: float | None, text: str) -> None:
    assert words.percent_change(ratio) == text


def test_labels_keep_clear_of_each_other_and_of_their_points() -> None:
    points = [labels.Point(n / 20, min(1, 0.3 + n / 30), f"model-with-a-name-{n}") for n in range(20)]
    for widths in ((265.0, 460.0), (640.0, 1000.0)):
        placed = labels.place(points, [], points, widths=widths, height=380)
        assert len(placed) >= 4
        for width in widths:
            boxes = [labels._box(p.point, (p.dx, p.dy, p.align), width, 380) for p in placed]
            marks = [labels._mark(point, width, 380) for point in points]
            assert all(box[0] >= 0 and box[2] <= width for box in boxes)
            pairs = [(a, b) for i, a in enumerate(boxes) for b in [*boxes[i + 1 :], *marks]]
            assert not any(labels._meet(a, b) for a, b in pairs)


def colours() -> Iterator[dict[str, str]]:
    """The CSS colours in light and in dark."""
    text = STYLE.read_text(encoding="utf-8")
    for block in re.findall(r":root \{(.*?)\}", text, re.DOTALL)[:2]:
        yield dict(re.findall(r"--([\w-]+): (#\w{6})", block))


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_text_and_marks_have_contrast_in_light_and_dark() -> None:
    themes = list(colours())
    assert len(themes) == 2
    for theme in themes:
        for name in ("ink", "soft", "link", "cut", "raise", "warn"):
            assert contrast(theme[name], theme["paper"]) >= 4.5, name
        for origin in ("live", "imported", "starter", "never"):
            assert contrast(theme[f"{origin}-ink"], theme[f"{origin}-wash"]) >= 4.5, origin
        assert contrast(theme["ink"], theme["starter-wash"]) >= 4.5
        for colour, _, _ in SERIES:
            assert contrast(colour, theme["paper"]) >= 3, colour
