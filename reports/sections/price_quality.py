"""What a level of quality costs: price against score, one panel per benchmark, with the frontier of both."""

from __future__ import annotations

from itertools import groupby

from reports import words
from reports.mart import Record, Result
from reports.safe import slugify
from reports.scatter import price_against_score
from reports.scores import model_name, series_name
from reports.section import Body, Cell, Context, Figure, Provenance, Section, Table, cell, columns, provenance

PANELS, FEWEST = 2, 5
# An open model counts as close to the best closed one within this many points of its score.
CLOSE = 5

# One panel per benchmark, on its version with most points.
SQL = f"""
with sized as (
    select *, count(*) over (partition by benchmark, benchmark_version) as points from marts.price_vs_score
), versioned as (
    select *,
           dense_rank() over (partition by benchmark order by points desc, benchmark_version desc nulls last) as place
    from sized where points >= {FEWEST}
), ranked as (
    select *, dense_rank() over (order by points desc, benchmark) as panel from versioned where place = 1
)
select panel, benchmark_name, benchmark_version, model_name, organisation_name, region, is_open_weights, effort,
       score_pct, evaluator, score_source, blended_usd_per_mtok, price_provider, price_listing, price_market,
       price_basis, price_providers, price_source, is_pareto, score_origin, price_origin, score_capture_id,
       price_capture_id, benchmark, model_id
from ranked
where panel <= {PANELS}
order by panel, score_pct desc, blended_usd_per_mtok, model_id, effort nulls first
limit 4000
"""


def render(context: Context) -> Body:
    """The largest panels, and the sentence on the largest of all."""
    result = context.mart.query(SQL)
    panels = [list(rows) for _, rows in groupby(result.records, key=lambda r: r["panel"])]
    if not panels:
        nothing = f"No benchmark has {words.numeral(FEWEST)} models with both a price and a score yet"
        empty = Figure(
            slug="price-quality",
            title=nothing,
            subtitle="Blended US dollars per million tokens against the score in percent.",
            results=(result,),
        )
        return Body(figures=(empty,), headlines=(f"{nothing}.",))
    return Body(
        figures=tuple(_panel(context, result, rows) for rows in panels),
        headlines=(_headline(panels[0]),),
        intro="Further left is cheaper, further up is better. The line joins the models that no other beats on both.",
    )


def _usd(record: Record) -> str:
    return words.money(record["blended_usd_per_mtok"], "USD")


def _best(records: list[Record], is_open: bool) -> Record | None:
    """The best-scoring model of the kind; records come best first, cheaper first among equals."""
    return next((r for r in records if r["is_open_weights"] is is_open), None)


def _price_compared(record: Record, other: Record) -> str:
    if not record["blended_usd_per_mtok"] or not other["blended_usd_per_mtok"]:
        return f"for {_usd(record)} against {_usd(other)}"
    share = record["blended_usd_per_mtok"] / other["blended_usd_per_mtok"]
    if 0.95 <= share <= 1.05:
        return "at about the same price"
    return f"at {words.times(share)} its price" if share > 1 else f"at {share * 100:.2g}% of its price"


def _finding(records: list[Record]) -> str:
    best_open, best_closed = _best(records, True), _best(records, False)
    name = series_name(records[0])
    if best_open is None or best_closed is None:
        kind = "closed" if best_open is None else "open"
        return f"{name}: {model_name(records[0])} scores best; only {kind} models have both a price and a score"
    gap = best_closed["score_pct"] - best_open["score_pct"]
    if abs(gap) < 0.05:
        place = f"equals {model_name(best_closed)}"
    else:
        place = f"is {abs(gap):.1f} points {'below' if gap > 0 else 'above'} {model_name(best_closed)}"
    return f"{name}: the best open model, {model_name(best_open)}, {place} {_price_compared(best_open, best_closed)}"


def _headline(records: list[Record]) -> str:
    """The cheapest open model close to the best closed one, on the benchmark with most points."""
    best_closed, best_open = _best(records, False), _best(records, True)
    if best_closed is None or best_open is None:
        return f"{_finding(records)}."
    close = [r for r in records if r["is_open_weights"] and r["score_pct"] >= best_closed["score_pct"] - CLOSE]
    closed = f"{model_name(best_closed)} ({best_closed['score_pct']:.1f}%, {_usd(best_closed)})"
    lead = f"On {series_name(records[0])}, n = {len(records)},"
    if not close:
        gap = best_closed["score_pct"] - best_open["score_pct"]
        return (
            f"{lead} no open model comes within {CLOSE} points of the best closed one, {closed}; "
            f"{model_name(best_open)} is {gap:.1f} points below for {_usd(best_open)} per million tokens."
        )
    cheapest = min(close, key=lambda r: (r["blended_usd_per_mtok"], -r["score_pct"], r["model_id"], r["effort"] or ""))
    return (
        f"{lead} the cheapest open model within {CLOSE} points of the best closed one, {closed}, is "
        f"{model_name(cheapest)}: {cheapest['score_pct']:.1f}% for {_usd(cheapest)} per million tokens."
    )


def _panel(context: Context, result: Result, records: list[Record]) -> Figure:
    number = records[0]["panel"]
    drawn = [r | {"label": model_name(r)} for r in records if r["blended_usd_per_mtok"] > 0]
    free = [model_name(r) for r in records if r["blended_usd_per_mtok"] <= 0]
    models = {r["model_id"]: r["is_open_weights"] for r in records}
    opened = sum(models.values())
    note = f"A price of 0 has no place on a logarithmic axis; only in the table: {words.listed(free)}."
    return Figure(
        slug=f"price-quality-{number}-{slugify(series_name(records[0]))}",
        title=_finding(records),
        subtitle="Blended price in US dollars per million tokens (logarithmic) against the score in percent. "
        f"n = {words.plural(len(records), 'point')} of {opened} open and {len(models) - opened} closed models. "
        f"Measured by {words.listed(sorted({r['evaluator'] for r in records}))}; the first party's "
        "price where one is known, else the median provider's.",
        results=(Result(result.sql, result.frame[result.frame["panel"] == number]),),
        provenance=_provenance(context, records),
        chart=price_against_score(drawn) if drawn else None,
        table=_table(context, records),
        notes=(note,) if free else (),
    )


def _provenance(context: Context, records: list[Record]) -> tuple[Provenance, ...]:
    scores = provenance(context, records, source="score_source", origin="score_origin")
    prices = provenance(context, records, source="price_source", origin="price_origin")
    return tuple(dict.fromkeys(scores + prices))


def _row(context: Context, record: Record) -> tuple[Cell, ...]:
    return (
        cell(model_name(record), sub=record["organisation_name"]),
        cell("open" if record["is_open_weights"] else "closed"),
        cell(f"{record['score_pct']:.1f}"),
        cell(_usd(record)),
        cell("yes" if record["is_pareto"] else ""),
        cell(record["price_provider"], sub=f"{record['price_listing']}, {_basis(record)}"),
        cell(context.health.title_of(record["price_source"]), badge=record["price_origin"]),
        cell(context.health.title_of(record["score_source"]), badge=record["score_origin"], sub=record["evaluator"]),
    )


def _basis(record: Record) -> str:
    if record["price_basis"] == "first_party":
        return "the first party"
    return f"median of {words.plural(record['price_providers'], 'provider')}"


def _table(context: Context, records: list[Record]) -> Table:
    return Table(
        caption="Every point, best score first",
        columns=(
            *columns("Model", "Weights", kind=""),
            *columns("Score, %", "Blended, USD per M"),
            *columns("Frontier", kind="fixed"),
            *columns("Sold by", "Price from", "Score from", kind=""),
        ),
        rows=tuple(_row(context, record) for record in records),
        folded=True,
    )


section = Section(order=39, slug="price-quality", title="Price against quality", render=render)
