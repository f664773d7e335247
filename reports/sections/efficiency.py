"""What size buys: open models by score against all their parameters, and against those active per token."""

from __future__ import annotations

from itertools import groupby

import altair as alt

from reports import organisation_colours, words
from reports.mart import Record, Result
from reports.safe import slugify
from reports.scatter import FRONTIER, Axes, scatter
from reports.scores import Y_TITLES, model_name, series_name
from reports.section import Body, Cell, Chart, Context, Figure, Section, Table, cell, columns, provenance

FEWEST = 5
# Models this many points apart count as near each other.
NEAR = {"percent": 5, "elo": 30, "index": 5}

# The series with most open models of the last year whose size is known: one figure for each kind of parameters.
SQL = f"""
with chosen as (
    select series_id, metric, scale
    from marts.efficiency_frontier
    where models_considered >= {FEWEST}
    group by series_id, metric, scale
    order by count(*) filter (released_on > $week_end - interval 365 days) desc, count(*) desc, series_id desc, metric
    limit 1
)
select parameter_basis, benchmark_name, benchmark_version, metric, scale, model_name, organisation_name, region,
       released_on, parameters_b, size_bucket, score, quality, effort, evaluator, is_self_reported, is_frontier,
       is_best_of_size, models_considered, models_without_parameters, source, origin, capture_id, series_id,
       organisation_id, model_id
from marts.efficiency_frontier join chosen using (series_id, metric, scale)
where models_considered >= {FEWEST}
order by parameter_basis desc, quality desc, parameters_b, model_id
"""


def render(context: Context) -> Body:
    """Total and active parameters, one figure each."""
    result = context.mart.query(SQL)
    panels = [list(rows) for _, rows in groupby(result.records, key=lambda r: r["parameter_basis"])]
    if not panels:
        empty = Figure(
            slug="efficiency",
            title=f"No series of scores has {words.numeral(FEWEST)} open models of known size",
            subtitle="It would show the score against total and against active parameters.",
            results=(result,),
        )
        return Body(figures=(empty,))
    return Body(
        figures=tuple(_figure(context, result, records) for records in panels),
        intro="Further left is smaller, further up is better. All parameters decide what memory a model needs, the "
        "active ones what a token costs to compute.",
    )


def _billions(record: Record) -> str:
    return f"{record['parameters_b']:,.4g}B"


def _finding(records: list[Record]) -> str:
    """The best model, and the smallest that is near it."""
    best, basis = records[0], records[0]["parameter_basis"]
    room = NEAR[best["scale"]]
    lead = f"{series_name(best)}: {model_name(best)} is best with {_billions(best)} {basis} parameters"
    near = [r for r in records if r["is_frontier"] and r["quality"] >= best["quality"] - room]
    smallest = min(near, key=lambda r: (r["parameters_b"], -r["quality"], r["model_id"]), default=best)
    if smallest["model_id"] == best["model_id"]:
        return f"{lead}; nothing smaller comes within {room} points of it"
    return f"{lead}; {model_name(smallest)} comes within {room} points of it with {_billions(smallest)}"


def _figure(context: Context, result: Result, records: list[Record]) -> Figure:
    first = records[0]
    basis = first["parameter_basis"]
    without = first["models_without_parameters"]
    left_out = f", {words.plural(without, 'open model')} left out whose count is not known" if without else ""
    evaluators = sorted({r["evaluator"] for r in records})
    return Figure(
        slug=f"efficiency-{basis}-{slugify(series_name(first))}",
        title=_finding(records),
        subtitle=f"{basis.title()} parameters in billions (logarithmic) against the score of each open model's best "
        f"run. n = {words.plural(len(records), 'model')}{left_out}. Measured by {words.listed(evaluators[:4])}"
        f"{' and others' if len(evaluators) > 4 else ''}.",
        results=(Result(result.sql, result.frame[result.frame["parameter_basis"] == basis]),),
        provenance=provenance(context, records),
        chart=_chart(records),
        table=_table(context, records),
    )


def _chart(records: list[Record]) -> Chart:
    first = records[0]
    marks = organisation_colours.kinds((r["organisation_id"], r["organisation_name"]) for r in records)
    points = [
        {
            "x": r["parameters_b"],
            "y": r["score"],
            "kind": organisation_colours.kind_of(r["organisation_id"], r["organisation_name"]),
            "label": model_name(r),
            "size": r["size_bucket"] or words.UNKNOWN,
            "is_frontier": r["is_frontier"],
        }
        for r in records
    ]
    y_title, x_title = Y_TITLES[first["scale"]], f"{first['parameter_basis']} parameters, billions"
    tooltip = [
        alt.Tooltip("label:N", title="model"),
        alt.Tooltip("y:Q", format=".1f", title=y_title),
        alt.Tooltip("x:Q", format=",.4~g", title=x_title),
        alt.Tooltip("size:N", title="size class by total"),
    ]
    return scatter(
        points,
        axes=Axes(x_title, y_title, x_format="~r", less_is_better=first["quality"] != first["score"]),
        marks={kind: (mark.shape, mark.colour) for kind, mark in marks.items()},
        tooltip=tooltip,
        legend=(*organisation_colours.legend(marks), FRONTIER),
    )


def _row(context: Context, record: Record) -> tuple[Cell, ...]:
    places = ["frontier"] if record["is_frontier"] else []
    places += ["best of its size"] if record["is_best_of_size"] else []
    return (
        cell(model_name(record), sub=record["organisation_name"]),
        cell(_billions(record)),
        cell(record["size_bucket"] or words.UNKNOWN),
        cell(f"{record['score']:.1f}", sub="by its vendor" if record["is_self_reported"] else None),
        cell(", ".join(places)),
        cell(context.health.title_of(record["source"]), badge=record["origin"], sub=record["evaluator"]),
    )


def _table(context: Context, records: list[Record]) -> Table:
    return Table(
        caption="Every point, best score first; size classes are by total parameters",
        columns=(
            *columns("Model", kind=""),
            *columns("Parameters"),
            *columns("Size class", kind="fixed"),
            *columns("Score"),
            *columns("Place", "Score from", kind=""),
        ),
        rows=tuple(_row(context, record) for record in records),
        folded=True,
    )


section = Section(order=43, slug="efficiency", title="Quality for size", render=render)
