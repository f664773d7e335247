"""The price to reach a level: Epoch AI's figures from the points it published, and the method on small tables."""

from __future__ import annotations

import csv
import math
from ast import literal_eval
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipelines.lib import contract
from pipelines.trend_answer import Points, given_points, trends
from warehouse import WAREHOUSE_DIR

EPOCH = Path(__file__).resolve().parents[2] / "shared" / "data" / "prices" / "epoch-price-trends"
PUBLISHED = EPOCH / "results__lowest_price_models_above_previous_frontier__lowest_price_models_results.csv"
STEPS = EPOCH / "results__lowest_price_models_above_previous_frontier__lowest_price_models_data.csv"
SEEDS = WAREHOUSE_DIR / "seeds"

Row = dict[str, Any]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- Epoch AI's figures


@pytest.fixture(scope="module")
def epoch() -> list[tuple[dict[str, str], Row]]:
    """Each published (benchmark, level) with our answer from the same points."""
    published = read(PUBLISHED)
    for row in published:
        row["threshold"] = literal_eval(row["performance_range"].replace("inf", "1e9"))[0]
    pairs = []
    for benchmark in dict.fromkeys(row["bench"] for row in published):
        rows = [row for row in published if row["bench"] == benchmark]
        answers = trends(given_points(EPOCH, benchmark), *(float(row["threshold"]) for row in rows))
        found = {answer["threshold"]: answer for answer in answers}
        pairs += [(row, found[float(row["threshold"])]) for row in rows]
    return pairs


@pytest.mark.real_data
@pytest.mark.skipif(not EPOCH.is_dir(), reason="the real bodies are absent")
class TestEpoch:
    """Factors and intervals to a millionth, everything else equal."""

    def test_all_21_factors(self, epoch: list[tuple[dict[str, str], Row]]) -> None:
        assert len(epoch) == 21
        for theirs, ours in epoch:
            expected = float(theirs["price_reduction_factor_per_year"])
            assert ours["factor_per_year"] == pytest.approx(expected, rel=1e-6), theirs
            assert ours["n"] == int(theirs["sample_size"]), theirs
            assert round(ours["r2"], 2) == float(theirs["r_squared"]), theirs
            assert str(ours["first_on"]) == theirs["start_date"], theirs
            assert str(ours["last_on"]) == theirs["end_date"], theirs
        factors = sorted(ours["factor_per_year"] for _, ours in epoch)
        assert [round(factors[0], 2), round(factors[-1]), round(float(np.median(factors)), 1)] == [9.24, 851, 46.2]

    def test_all_21_intervals(self, epoch: list[tuple[dict[str, str], Row]]) -> None:
        for theirs, ours in epoch:
            low, high = literal_eval(theirs["price_reduction_factor_per_year_90_ci"])
            assert (ours["ci_low"], ours["ci_high"]) == (pytest.approx(low, rel=1e-6), pytest.approx(high, rel=1e-6))

    def test_the_same_prices_on_the_same_days(self, epoch: list[tuple[dict[str, str], Row]]) -> None:
        steps = read(STEPS)
        for theirs, ours in epoch:
            expected = [
                (step["Release Date"], float(step["USD per 1M Tokens"]))
                for step in steps
                if (step["bench"], step["performance_range"]) == (theirs["bench"], theirs["performance_range"])
            ]
            assert [(str(step["began_on"]), step["usd_per_mtok"]) for step in ours["points"]] == expected

    def test_the_ai_index_figure(self, epoch: list[tuple[dict[str, str], Row]]) -> None:
        """GPT-3.5's level on MMLU: USD 20.00 to 0.07, 280 times less."""
        answer = next(ours for theirs, ours in epoch if theirs["threshold_model"] == "GPT-3.5")
        assert (answer["first_usd_per_mtok"], answer["last_usd_per_mtok"]) == (20, 0.07)
        ends = answer["points"][0]["model_name"], answer["points"][-1]["model_name"]
        assert ends == ("GPT-3.5", "Gemini-1.5-Flash-8B")
        assert (answer["first_on"], answer["last_on"]) == (date(2022, 11, 30), date(2024, 10, 3))

    def test_the_seed_holds_the_21_levels(self, epoch: list[tuple[dict[str, str], Row]]) -> None:
        seed = {
            (row["benchmark"], float(row["threshold"]), row["milestone"])
            for row in read(SEEDS / "price_threshold.csv")
            if row["source"].startswith("Epoch AI, LLM inference prices")
        }
        expected = {
            (ours["benchmark"], float(theirs["threshold"]), theirs["threshold_model"]) for theirs, ours in epoch
        }
        assert seed == expected


# --- the method on small tables


def point(model: str, began: int, usd: float, **more: Any) -> Row:
    """A row of marts.scored_price; days count from 2025-01-01."""
    day = date(2025, 1, 1) + timedelta(days=began)
    ended = more.pop("ended", None)
    return {
        "series_id": "quiz", "benchmark": "quiz", "benchmark_name": "Quiz", "metric": "accuracy",
        "variant": "epoch_frozen", "model_id": model, "model_name": model, "released_on": day, "began_on": day,
        "ended_on": None if ended is None else date(2025, 1, 1) + timedelta(days=ended), "usd_per_mtok": usd,
        "price_basis": "first_party", "price_first_on": day, "score": 50.0, "score_known_on": day,
        "is_self_reported": False, "price_source": "prices", "price_capture_id": "p", "price_origin": "live",
        "score_source": "board", "score_capture_id": "s", "score_origin": "live",
    } | more  # fmt: skip


def points(*rows: Row) -> Points:
    table = contract.parse_contract(
        (WAREHOUSE_DIR / "marts" / "scored_price.sql").read_text(encoding="utf-8"), "marts", "scored_price"
    )
    columns = [column.name for column in table.columns]
    return Points(benchmark="quiz", rows=pd.DataFrame(list(rows), columns=columns, dtype=object))


def answer(*rows: Row, threshold: float = 50, variant: str = "epoch_frozen") -> Row:
    (found,) = trends(points(*rows), threshold, variant=variant)
    return found


def steps(found: Row) -> list[tuple[int, str, float]]:
    return [((s["began_on"] - date(2025, 1, 1)).days, s["model_id"], s["usd_per_mtok"]) for s in found["points"]]


def test_only_strictly_cheaper_models_that_reach_the_level_are_steps() -> None:
    found = answer(
        point("first", 0, 8),
        point("weak", 10, 1, score=49.9),
        point("dearer", 20, 9),
        point("as cheap", 30, 8),
        point("two a day, dear", 40, 4),
        point("two a day, cheap", 40, 2),
        point("last", 50, 1),
        point("last and later", 60, 1),
    )
    assert steps(found) == [(0, "first", 8), (40, "two a day, cheap", 2), (50, "last", 1)]
    assert [step["models_in_reach"] for step in found["points"]] == [1, 5, 6]
    assert (found["n"], found["factor_per_year"], found["ci_low"], found["r2"]) == (3, None, None, None)
    assert found["reason"] == "only 3 step(s) of the price; a factor needs 4"


def test_a_line_without_error_has_its_factor_and_an_interval_without_width() -> None:
    found = answer(*(point(f"m{place}", 365 * place, 1000 / 10**place) for place in range(4)))
    assert found["factor_per_year"] == pytest.approx(10)
    assert (found["ci_low"], found["ci_high"]) == (pytest.approx(10, rel=1e-5), pytest.approx(10, rel=1e-5))
    assert found["r2"] == pytest.approx(1)


def test_line_and_interval_are_those_of_least_squares() -> None:
    days, prices = np.array([0, 30, 200, 210, 500]), np.array([20, 11, 3, 2.5, 1.2])
    found = answer(*(point(f"m{day}", int(day), float(usd)) for day, usd in zip(days, prices, strict=True)))
    (slope, intercept), covariance = np.polyfit(days, np.log10(prices), 1, cov=True)
    half = 2.353363434802 * math.sqrt(covariance[0, 0])
    expected = [10 ** (-365 * part) for part in (slope, slope + half, slope - half)]
    got = [found["factor_per_year"], found["ci_low"], found["ci_high"]]
    assert got == [pytest.approx(value, rel=1e-6) for value in expected]
    residuals = np.log10(prices) - (slope * days + intercept)
    assert found["r2"] == pytest.approx(1 - residuals @ residuals / np.log10(prices).var() / len(days), rel=1e-6)
    assert found["t_quantile_95"] == 2.353363434802


def test_the_live_price_can_rise_and_can_end() -> None:
    live = {"variant": "live"}
    found = answer(
        point("cut", 0, 8, ended=30, **live),
        point("cut", 30, 4, ended=60, **live),
        point("other", 40, 6, ended=90, **live),
        point("back", 120, 5, **live),
        variant="live",
    )
    assert steps(found) == [(0, "cut", 8), (30, "cut", 4), (60, "other", 6), (120, "back", 5)]
    assert [step["ended_on"] is not None for step in found["points"]] == [True, True, True, False]
    assert found["points"][2]["ended_on"] == date(2025, 1, 1) + timedelta(days=90)
    assert found["n"] == 4


def test_a_price_above_that_of_before_gives_a_factor_below_one() -> None:
    live = {"variant": "live"}
    rows = [point("m", 90 * place, 2.0**place, ended=90 * (place + 1), **live) for place in range(5)]
    assert answer(*rows, variant="live")["factor_per_year"] == pytest.approx(2 ** (-365 / 90))


def test_a_level_nobody_reaches_has_no_step() -> None:
    found = answer(point("m", 0, 1), threshold=60)
    assert (found["n"], found["points"]) == (0, [])
    assert found["reason"] == "no model with a price reaches 60; the best score with a price is 50"


def test_a_share_that_binary_numbers_miss_reaches_its_own_percent() -> None:
    assert 100 * 0.57 < 57
    assert answer(point("m", 0, 1, score=100 * 0.57), threshold=57)["n"] == 1


def test_a_line_too_steep_for_a_number_has_no_factor() -> None:
    found = answer(*(point(f"m{day}", day, 100 / 10**day) for day in range(4)))
    assert (found["n"], found["factor_per_year"], found["reason"]) == (4, None, "the line is too steep for a number")


def test_series_and_metrics_are_never_mixed() -> None:
    rows = [
        point("a", 0, 4),
        point("b", 5, 2, series_id="quiz:v2", benchmark_version="v2"),
        point("c", 9, 1, metric="elo"),
    ]
    found = trends(points(*rows), 50)
    assert [(row["series_id"], row["metric"], row["n"]) for row in found] == [
        ("quiz", "accuracy", 1), ("quiz", "elo", 1), ("quiz:v2", "accuracy", 1),
    ]  # fmt: skip


# --- the quantiles


def share_below(quantile: float, freedom: int, parts: int = 2000) -> float:
    """Student's distribution at the quantile, by Simpson's rule; with t = sqrt(f) tan a its density is cos(a)^(f-1)."""
    end = math.atan(quantile / math.sqrt(freedom))
    width = end / parts
    weights = [1 if k in (0, parts) else 4 if k % 2 else 2 for k in range(parts + 1)]
    area = sum(w * math.cos(k * width) ** (freedom - 1) for k, w in enumerate(weights)) * width / 3
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    return 0.5 + scale * area


def test_every_quantile_has_95_percent_below_it() -> None:
    rows = read(SEEDS / "student_t.csv")
    assert [row["degrees_of_freedom"] for row in rows] == [*map(str, range(1, 201)), ""]
    for row in rows[:-1]:
        found = share_below(float(row["quantile_95"]), int(row["degrees_of_freedom"]))
        assert found == pytest.approx(0.95, abs=1e-11), row
    assert math.erf(float(rows[-1]["quantile_95"]) / math.sqrt(2)) == pytest.approx(0.9, abs=1e-11)


def test_many_steps_take_the_limit() -> None:
    rows = [point(f"m{day}", day, 1000.0 * 0.99**day * (1.0001 if day % 2 else 1)) for day in range(203)]
    assert answer(*rows)["t_quantile_95"] == 1.644853626951
    assert answer(*rows[:-1])["t_quantile_95"] == 1.652508100911
