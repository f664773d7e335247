"""What it costs to run a benchmark, and what the run scores: effective cost, with every token a model spends."""

from __future__ import annotations

from itertools import groupby

import altair as alt

from reports import organisation_colours, words
from reports.mart import Record, Result
from reports.safe import slugify
from reports.scatter import FRONTIER, Axes, scatter
from reports.scores import Y_TITLES, series_name
from reports.section import Body, Cell, Chart, Context, Figure, Section, Table, cell, columns, provenance

PANELS, FEWEST = 2, 5
# Runs this many points apart count as near each other.
NEAR = {"percent": 5, "elo": 30, "index": 5}

# One panel per leaderboard and benchmark, on the series and metric with most costs.
SQL = f"""
with placed as (
    select *, dense_rank() over (
        partition by source, benchmark order by runs_considered desc, series_id desc, metric, scale, evaluator
    ) as place
    from marts.cost_vs_score where runs_considered >= {FEWEST}
), panelled as (
    select *, dense_rank() over (order by runs_considered desc, source, benchmark) as panel from placed where place = 1
)
select panel, source, benchmark_name, benchmark_version, metric, scale, evaluator, model_name, organisation_name,
       is_open_weights, effort, mode, harness, score, quality, cost_usd, evaluated_on, is_frontier, runs_considered,
       runs_without_cost, origin, capture_id, series_id, organisation_id, model_id
from panelled
where panel <= {PANELS}
order by panel, quality desc, cost_usd, model_name, effort nulls first, mode nulls first, harness nulls first
"""


def render(context: Context) -> Body:
    """A figure per leaderboard that reports what its runs cost."""
    result = context.mart.query(SQL)
    panels = [list(rows) for _, rows in groupby(result.records, key=lambda r: r["panel"])]
    if not panels:
        empty = Figure(
            slug="run-cost",
            title=f"No leaderboard of this record reports the cost of {words.numeral(FEWEST)} runs",
            subtitle="It would show the cost of a whole benchmark run against its score.",
            results=(result,),
        )
        return Body(figures=(empty,))
    return Body(
        figures=tuple(_figure(context, result, records) for records in panels),
        intro="A price per token says little of a model that spends many. These are the costs of whole runs as the "
        "leaderboards report them, at the prices of their day.",
    )


def _run(record: Record) -> str:
    name, effort = str(record["model_name"]), record["effort"]
    return f"{name} ({effort})" if effort and effort not in name.lower() else name


def _usd(record: Record) -> str:
    cost = record["cost_usd"]
    return f"${cost:,.2f}" if cost >= 1 else words.money(cost, "USD")


def _finding(records: list[Record]) -> str:
    """The best run, and the cheapest that is near it."""
    best = records[0]
    room = NEAR[best["scale"]]
    near = [r for r in records if r["quality"] >= best["quality"] - room]
    cheapest = min(near, key=lambda r: (r["cost_usd"], -r["quality"], r["model_name"]))
    lead = f"{series_name(best)}: the best run, {_run(best)}, cost {_usd(best)}"
    if cheapest is best:
        return f"{lead}; none within {room} points of it cost less"
    return f"{lead}; {_run(cheapest)} came within {room} points of it for {_usd(cheapest)}"


def _figure(context: Context, result: Result, records: list[Record]) -> Figure:
    first = records[0]
    number, without = first["panel"], first["runs_without_cost"]
    days = [r["evaluated_on"] for r in records if r["evaluated_on"]]
    dated = f", run {words.days_between(days)}" if days else ""
    left_out = f"; {words.plural(without, 'run')} without a cost left out" if without else ""
    return Figure(
        slug=f"run-cost-{number}-{slugify(series_name(first))}",
        title=_finding(records),
        subtitle="Cost of the whole run in US dollars (logarithmic) against its score. "
        f"n = {words.plural(len(records), 'run')}{dated}{left_out}. Measured by {first['evaluator']}.",
        results=(Result(result.sql, result.frame[result.frame["panel"] == number]),),
        provenance=provenance(context, records),
        chart=_chart(records),
        table=_table(context, records),
    )


def _chart(records: list[Record]) -> Chart:
    first = records[0]
    marks = organisation_colours.kinds((r["organisation_id"], r["organisation_name"]) for r in records)
    points = [
        {
            "x": r["cost_usd"],
            "y": r["score"],
            "kind": organisation_colours.kind_of(r["organisation_id"], r["organisation_name"]),
            "label": _run(r),
            "harness": r["harness"] or "",
            "is_frontier": r["is_frontier"],
        }
        for r in records
    ]
    y_title = Y_TITLES[first["scale"]]
    tooltip = [
        alt.Tooltip("label:N", title="run"),
        alt.Tooltip("y:Q", format=".1f", title=y_title),
        alt.Tooltip("x:Q", format="$,.2f", title="cost of the run"),
        alt.Tooltip("harness:N", title="harness"),
    ]
    return scatter(
        points,
        axes=Axes("cost of the whole run, US dollars", y_title, less_is_better=first["quality"] != first["score"]),
        marks={kind: (mark.shape, mark.colour) for kind, mark in marks.items()},
        tooltip=tooltip,
        legend=(*organisation_colours.legend(marks), FRONTIER),
    )


def _row(context: Context, record: Record) -> tuple[Cell, ...]:
    weights = {True: "open", False: "closed", None: "not matched"}[record["is_open_weights"]]
    return (
        cell(_run(record), sub=record["organisation_name"]),
        cell(weights),
        cell(f"{record['score']:.1f}"),
        cell(_usd(record)),
        cell("yes" if record["is_frontier"] else ""),
        cell(words.day(record["evaluated_on"]), sub=record["harness"]),
        cell(context.health.title_of(record["source"]), badge=record["origin"]),
    )


def _table(context: Context, records: list[Record]) -> Table:
    return Table(
        caption="Every run with a cost, best score first",
        columns=(
            *columns("Run", "Weights", kind=""),
            *columns("Score", "Cost"),
            *columns("Frontier", "Run on", kind="fixed"),
            *columns("Source", kind=""),
        ),
        rows=tuple(_row(context, record) for record in records),
        folded=True,
    )


section = Section(order=42, slug="run-cost", title="Cost of a run", render=render)
