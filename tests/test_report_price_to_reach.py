"""The section on the price of a level: true sentences, both curves, its SQL, and a notice without data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import unescape
from typing import Any

import duckdb
import pandas as pd
import pytest

from pipelines.lib import contract, sql_model
from pipelines.lib.warehouse import prepare
from pipelines.trend_answer import METHOD
from reports.health import Health
from reports.mart import Mart
from reports.page import week_page
from reports.section import Body, Context
from reports.sections.price_to_reach import STEPS, TREND, section
from reports.week import Week
from tests.report_data import HOSTILE, WEEK, empty_marts, health, insert
from tests.test_price_to_reach import point
from warehouse import WAREHOUSE_DIR

# A third of the price every 150 days, and twice the price every 90.
FALLING = [point(f"model {place}", 150 * place, 40 / 3**place, is_open_weights=place > 2) for place in range(6)]
LIVE: dict[str, Any] = {"variant": "live", "is_open_weights": True}
RISING = [point(f"model {place}", 90 * place, 2.0**place, ended=90 * (place + 1), **LIVE) for place in range(4)]


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = empty_marts()
    insert(connection, "source_health", health())
    yield connection
    connection.close()


def model(name: str) -> sql_model.SqlModel:
    path = WAREHOUSE_DIR / f"{name.replace('.', '/')}.sql"
    schema, table = name.split(".")
    return sql_model.SqlModel(contract.parse_contract(path.read_text(encoding="utf-8"), schema, table), path)


def fill(marts: duckdb.DuckDBPyConnection, *rows: dict[str, Any], thresholds: tuple[float, ...] = (50,)) -> None:
    """Put points in, and build what rests on them as a run does."""
    prepare(marts)
    levels = model("seeds.price_threshold").table
    marts.execute(contract.create_sql(levels))
    for threshold in thresholds:
        marts.execute(
            "insert into seeds.price_threshold (benchmark, threshold, milestone, source) values ('quiz', ?, ?, 'us')",
            [threshold, f"Milestone {threshold:g}"],
        )
    marts.register("given", pd.DataFrame(list(rows), dtype=object))
    marts.execute("insert into marts.scored_price by name select * from given")
    for name in METHOD:
        sql_model.build(marts, model(name), "", comments=False)


def render(marts: duckdb.DuckDBPyConnection) -> tuple[Context, Body]:
    week = Week.parse(WEEK)
    mart = Mart(marts, {"week_start": week.start, "week_end": week.end})
    context = Context(week, mart, Health.read(mart, week, None))
    return context, section.render(context)


def test_the_finding_has_n_and_interval(marts: duckdb.DuckDBPyConnection) -> None:
    fill(marts, *FALLING, *RISING)
    figure = render(marts)[1].figures[0]
    assert figure.title == "Scoring 50 on Quiz got 14× cheaper each year (90% interval 14 to 14, n = 6)"
    (headline,) = render(marts)[1].headlines
    assert headline.endswith("n = 6): from $40.00 on 2025-01-01 to $0.165 on 2027-01-21 per million tokens.")
    (panel,) = figure.panels
    assert panel.title == "Quiz ≥ 50, as Milestone 50"
    assert panel.facts == (
        "By release 14× cheaper a year (14 to 14), n = 6: $40.00 → $0.165. "
        "In force 8.0× dearer within 9 months, n = 4: $1.00 → $8.00"
    )


def test_a_price_that_rose_is_said_to_have_risen(marts: duckdb.DuckDBPyConnection) -> None:
    # Twice the price every 150 days.
    fill(marts, *(point(f"m{at}", 150 * at, 2.0**at, ended=150 * (at + 1), **LIVE) for at in range(4)))
    assert (
        render(marts)[1].figures[0].title.startswith("Scoring 50 on Quiz got 5.4× dearer each year (90% interval 5.4")
    )


def test_less_than_a_year_is_never_made_a_year(marts: duckdb.DuckDBPyConnection) -> None:
    # A third of the price every 26 days would be millions of times in a year.
    steep = [point(f"model {place}", 26 * place, 40 / 3**place) for place in range(6)]
    fill(marts, *steep)
    body = render(marts)[1]
    figure = body.figures[0]
    assert figure.title == "Scoring 50 on Quiz got 243× cheaper within 4 months (n = 6)"
    assert figure.panels[0].facts == "By release 243× cheaper within 4 months, n = 6: $40.00 → $0.165"
    assert body.headlines == ()
    assert "1 of 1 factor comes from less than a year and would be an extrapolation" in figure.notes[0]
    record = figure.results[0].records[0]
    assert (record["span_days"], record["factor_per_year"]) == (130, pytest.approx(3 ** (365 / 26)))
    assert figure.table is not None
    assert [column.title for column in figure.table.columns].index("Span, days") == 7
    row = [cell.text for cell in figure.table.rows[0]]
    assert row[7] == "130" and row[3].endswith("×") and " to " in row[4]


@pytest.mark.parametrize(("days", "is_yearly"), [(73, True), (72, False)])
def test_a_year_is_365_days(marts: duckdb.DuckDBPyConnection, days: int, is_yearly: bool) -> None:
    fill(marts, *(point(f"model {place}", days * place, 40 / 3**place) for place in range(6)))
    assert ("a year (" in render(marts)[1].figures[0].panels[0].facts) is is_yearly


# Seven steps, one of them with a vendor's own score.
OWN = [
    point(f"own {place}", 150 * place, 40 / 2**place, benchmark_name="Essay", series_id="essay",
          is_self_reported=place == 3)
    for place in range(7)
]  # fmt: skip


def test_the_headline_is_of_scores_measured_by_others(marts: duckdb.DuckDBPyConnection) -> None:
    fill(marts, *OWN, *FALLING)
    body = render(marts)[1]
    figure = body.figures[0]
    assert figure.title.startswith("Scoring 50 on Quiz got 14× cheaper each year")
    assert [panel.title for panel in figure.panels] == ["Quiz ≥ 50, as Milestone 50", "Essay ≥ 50, as Milestone 50"]
    assert len(body.headlines) == 1


def test_scores_of_vendors_are_said_to_be_theirs_and_no_headline(marts: duckdb.DuckDBPyConnection) -> None:
    fill(marts, *OWN)
    body = render(marts)[1]
    assert body.figures[0].title.endswith("n = 7, 1 of the scores only from vendors)")
    assert body.headlines == ()


def test_few_steps_are_no_headline(marts: duckdb.DuckDBPyConnection) -> None:
    fill(marts, *FALLING[:5])
    body = render(marts)[1]
    assert body.figures[0].title == "Scoring 50 on Quiz got 14× cheaper each year (90% interval 14 to 14, n = 5)"
    assert body.headlines == ()


def test_the_printed_sql_gives_the_trend_again(marts: duckdb.DuckDBPyConnection) -> None:
    uneven = [point(f"m{day}", day, usd) for day, usd in ((0, 20.0), (30, 11.0), (200, 3.0), (210, 2.5), (500, 1.2))]
    fill(marts, *uneven, *RISING, thresholds=(50, 60))
    figure = render(marts)[1].figures[0]
    assert [result.sql for result in figure.results] == [TREND.strip(), STEPS.strip()]
    columns = "factor_per_year, ci_low, ci_high, r2, n, threshold"
    held = marts.execute(f"select {columns} from marts.price_trend order by threshold, variant").fetchall()
    again = marts.execute(f"select {columns} from ({TREND}) order by threshold, variant").fetchall()
    assert len(held) == 4
    assert [row[0] is None for row in held] == [False, False, True, True]
    for one, other in zip(held, again, strict=True):
        assert one == (other if other[0] is None else pytest.approx(other, rel=1e-6))


def test_the_drawing_runs_to_the_end_of_the_week_and_breaks_where_no_price_was_in_force(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    gap = [point("early", 0, 8, ended=30, **LIVE), point("late", 60, 4, **LIVE)]
    fill(marts, *gap)
    (panel,) = render(marts)[1].figures[0].panels
    rows = [row for rows in panel.chart.spec["datasets"].values() for row in rows]
    line = [(row["run"], row["at"][:10], row["price"]) for row in rows if "run" in row]
    assert line == [
        (0, "2025-01-01", 8), (0, "2025-01-31", 8), (1, "2025-03-02", 4), (1, "2026-11-23", 4),
    ]  # fmt: skip
    marks = [(row["model"], row["kind"]) for row in rows if "model" in row]
    assert marks == [("early", "open weights"), ("late", "open weights")]


def test_too_few_steps_are_drawn_and_said_to_be_too_few(marts: duckdb.DuckDBPyConnection) -> None:
    fill(marts, *FALLING[:3])
    body = render(marts)[1]
    assert body.figures[0].title == "Too little data for a trend: no level has 4 steps of its price yet, the most is 3"
    assert body.headlines == ()
    assert len(body.figures[0].panels) == 1
    table = body.figures[0].table
    assert table is not None
    assert [[cell.text for cell in row[1:4]] for row in table.rows] == [
        ["by release", "3", "too few steps"], ["in force", "0", "none"],
    ]  # fmt: skip


def test_without_any_price_there_is_a_notice_and_no_chart(marts: duckdb.DuckDBPyConnection) -> None:
    body = render(marts)[1]
    assert body.figures[0].title == "Too little data: no model with a score that reaches a level has a price yet"
    assert (body.figures[0].panels, body.figures[0].table, body.headlines) == ((), None, ())


def test_weak_evidence_and_late_prices_are_pointed_out(marts: duckdb.DuckDBPyConnection) -> None:
    late = [row | {"price_first_on": "2027-01-01", "is_self_reported": True} for row in FALLING[:4]]
    fill(marts, *late)
    notes = render(marts)[1].figures[0].notes
    assert notes[0].startswith("1 of 1 factor rests on 4 or 5 steps: weak evidence")
    assert notes[1].startswith("By release: 4 of 4 steps use a price first known more than 90 days after")
    assert notes[2] == "4 steps rest on a score that only the model's own vendor reports."


def test_the_page_holds_what_came_with_the_data_as_text(marts: duckdb.DuckDBPyConnection) -> None:
    hostile = [row | {"model_name": HOSTILE, "benchmark_name": HOSTILE} for row in FALLING]
    fill(marts, *hostile)
    context, body = render(marts)
    page = week_page(context, [(section, body)])
    assert HOSTILE not in page
    assert HOSTILE in unescape(page)
    assert json.dumps(body.figures[0].panels[0].chart.spec).count("<script>") == 6
