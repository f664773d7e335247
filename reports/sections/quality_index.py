"""How good models are over all their benchmarks, with intervals, and how far that hangs on one source or subject."""

from __future__ import annotations

from reports import intervals, words
from reports.mart import Record, Result
from reports.section import Body, Cell, Context, Figure, Section, Table, cell, columns, provenance

DRAWN = 25

INDEX = """
select index.model_id, index.model_name, index.organisation_name, index.is_open_weights, index.released_on,
       index.quality_index, index.ci_low, index.ci_high, index.place, index.place_low, index.place_high,
       index.benchmarks, index.items, index.subjects, index.self_reported_benchmarks, index.benchmark_names,
       index.epoch_capabilities_index, index.aa_intelligence_index,
       corr(index.quality_index, index.epoch_capabilities_index) over () as epoch_correlation,
       count(index.epoch_capabilities_index) over () as epoch_models,
       corr(index.quality_index, index.aa_intelligence_index) over () as aa_correlation,
       count(index.aa_intelligence_index) over () as aa_models,
       moved.left_out as moved_most_without, moved.left_out_kind as moved_most_kind,
       moved.place_of_rated as moved_from_place, moved.place_without as moved_to_place, moved.place_change,
       moved.index_change, lost.not_rated_without,
       index.sources, index.origins, index.capture_ids
from marts.quality_index as index
left join (
    select model_id, left_out, left_out_kind, place_of_rated, place_without, place_change, index_change,
    from marts.quality_index_sensitivity
    where place_change is not null
    qualify row_number() over (partition by model_id order by abs(place_change) desc, left_out_kind, left_out) = 1
) as moved on moved.model_id = index.model_id
left join (
    select model_id, list(left_out order by left_out_kind, left_out) as not_rated_without
    from marts.quality_index_sensitivity
    where index_without is null
    group by model_id
) as lost on lost.model_id = index.model_id
order by index.place, index.model_id
limit 500
"""
SENSITIVITY = """
with moved as (
    select *, row_number() over (
        partition by left_out_kind, left_out order by abs(place_change) desc nulls last, model_id
    ) = 1 as is_most
    from marts.quality_index_sensitivity
)
select left_out_kind, left_out, count(index_without) as rated_models, count(*) as index_models,
       round(corr(place_of_rated, place_without), 4) as rank_correlation,
       median(abs(place_change)) as median_places, max(abs(place_change)) as most_places,
       max(if(is_most, model_name, null)) as most_moved_model,
       max(if(is_most, place_of_rated, null)) as most_moved_from,
       max(if(is_most, place_without, null)) as most_moved_to,
       min(if(place_without = 1, model_name, null)) as leader_without
from moved
group by left_out_kind, left_out
order by left_out_kind desc, rank_correlation nulls first, left_out
"""


def render(context: Context) -> Body:
    """The index and what it hangs on; nothing where no model has enough benchmarks."""
    result, sensitivity = context.mart.query(INDEX), context.mart.query(SENSITIVITY)
    if not result.records:
        return Body()
    figures = [_index(context, result)]
    if sensitivity.records:
        figures.append(_sensitivity(context, sensitivity, result))
    return Body(figures=tuple(figures), headlines=(f"{_title(result.records)}.",))


def _interval(record: Record) -> str:
    return f"{record['ci_low']:.0f} to {record['ci_high']:.0f}"


def _places(record: Record) -> str:
    low, high = record["place_low"], record["place_high"]
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _title(records: list[Record]) -> str:
    """The leader, how many may be first as well, and the best open model."""
    leader = records[0]
    first = sum(r["place_low"] == 1 for r in records)
    shared = f", and {words.plural(first, 'model')} may be first" if first > 1 else ""
    text = f"{leader['model_name']} leads the quality index with {leader['quality_index']:.0f} ({_interval(leader)})"
    best_open = next((r for r in records if r["is_open_weights"]), None)
    if best_open is leader or best_open is None:
        return f"{text}{shared}"
    return (
        f"{text}{shared}; the best open model is {best_open['model_name']} with {best_open['quality_index']:.0f} "
        f"({_interval(best_open)}), place {_places(best_open)}"
    )


def _compared(records: list[Record]) -> tuple[str, ...]:
    """How the index goes with the composites of others, which are no part of it."""
    first = records[0]
    told = [
        f"{first[f'{key}_correlation']:.3f} over {words.plural(first[f'{key}_models'], 'model')} with {name}"
        for key, name in (("epoch", "the Epoch Capabilities Index"), ("aa", "Artificial Analysis' index"))
        if first[f"{key}_models"] > 2 and first[f"{key}_correlation"] is not None
    ]
    return (f"Correlation with composites of others, which are not in it: {words.listed(told)}.",) if told else ()


def _index(context: Context, result: Result) -> Figure:
    records = result.records
    drawn = [
        {
            "name": r["model_name"],
            "value": r["quality_index"],
            "low": r["ci_low"],
            "high": r["ci_high"],
            "kind": "open weights" if r["is_open_weights"] else "closed",
            "shown": f"{r['quality_index']:.0f} ({_interval(r)})",
        }
        for r in records[:DRAWN]
    ]
    captured = [
        {"source": source, "origin": origin}
        for r in records
        for source, origin in zip(r["sources"], r["origins"], strict=True)
    ]
    benchmarks = len({name for r in records for name in r["benchmark_names"]})
    left = len(records) - DRAWN
    reported = sum(r["self_reported_benchmarks"] for r in records)
    share = reported / sum(r["benchmarks"] for r in records)
    return Figure(
        slug="quality-index",
        title=_title(records),
        subtitle="One ability per model from all its benchmarks at once (Rasch model for averages); 100 is the mean of "
        "the models of 2024, and 10 points more multiply the odds of a right answer by 2.7. Best run of each model; "
        "lines are 90% intervals over benchmarks. "
        f"n = {words.plural(len(records), 'model')} with at least 3 of {words.plural(benchmarks, 'benchmark')}.",
        results=(result,),
        provenance=provenance(context, captured),
        chart=intervals.rows(drawn, axis_title="quality index", kinds=intervals.OPENNESS, of="model"),
        table=Table(
            caption="The same models, and what moves each most when it is left out",
            columns=(
                *columns("Model", kind=""),
                *columns("Index", "Place", "Benchmarks"),
                *columns("Moves most without", kind=""),
            ),
            rows=tuple(_row(context, r) for r in records[:DRAWN]),
            folded=True,
        ),
        notes=(
            *_compared(records),
            *((f"{words.share(share)} of the scores by benchmark are reported by vendors alone.",) if reported else ()),
            *((f"{left:,} more models are in the CSV.",) if left > 0 else ()),
        ),
    )


def _row(context: Context, record: Record) -> tuple[Cell, ...]:
    openness = "open weights" if record["is_open_weights"] else "closed"
    return (
        cell(record["model_name"], sub=f"{record['organisation_name']}, {openness}"),
        cell(f"{record['quality_index']:.1f}", sub=_interval(record)),
        cell(words.exact(record["place"]), sub=_places(record)),
        cell(words.exact(record["benchmarks"]), sub=words.plural(record["subjects"], "subject")),
        _moved(context, record),
    )


def _moved(context: Context, record: Record) -> Cell:
    """What moves the model most, and without what it cannot be rated."""
    missing = record["not_rated_without"] or []
    lost = f"not rated without {words.listed([_called(context, name) for name in missing])}" if missing else None
    if not record["place_change"]:
        return cell("nothing moves it" if record["moved_most_without"] else "unknown", sub=lost)
    moved = f"place {record['moved_from_place']:,} to {record['moved_to_place']:,}"
    return cell(f"{_called(context, record['moved_most_without'])}: {moved}", sub=lost)


def _called(context: Context, left_out: str) -> str:
    """A source by its title; a subject is its own name."""
    return context.health.title_of(left_out)


def _sensitivity(context: Context, result: Result, index: Result) -> Figure:
    records = result.records
    rated = [r for r in records if r["rated_models"]]
    worst = max(rated, key=lambda r: (r["most_places"] or 0, r["left_out"]), default=None)
    leader = index.records[0]["model_name"]
    changed = [r for r in rated if r["leader_without"] != leader]
    if worst is None:
        title = "Without any one source or subject too little is left to rate a model"
    else:
        title = (
            f"Without {_called(context, worst['left_out'])} {worst['most_moved_model']} moves from place "
            f"{worst['most_moved_from']:,} to {worst['most_moved_to']:,}, the largest move; {leader} "
            + (
                f"stays first in {len(rated) - len(changed)} of {len(rated)} such fits"
                if changed
                else "stays first whatever is left out"
            )
        )
    captured = [
        {"source": source, "origin": origin}
        for r in index.records
        for source, origin in zip(r["sources"], r["origins"], strict=True)
    ]
    return Figure(
        slug="quality-index-sensitivity",
        title=title,
        subtitle="The index fitted again without one source, or without all benchmarks of one subject. Places are "
        f"among the models rated both times. n = {words.plural(len(records), 'fit')} of "
        f"{words.plural(len(index.records), 'model')}.",
        results=(result,),
        provenance=provenance(context, captured),
        table=Table(
            caption="What the order hangs on",
            columns=(
                *columns("Left out", kind=""),
                *columns("Still rated", "Rank correlation", "Places, median and most"),
                *columns("Moved most", "First without it", kind=""),
            ),
            rows=tuple(_left_out(context, r) for r in records),
        ),
    )


def _left_out(context: Context, record: Record) -> tuple[Cell, ...]:
    name = cell(_called(context, record["left_out"]), sub=record["left_out_kind"])
    rated = cell(words.exact(record["rated_models"]), sub=f"of {record['index_models']:,}")
    if not record["rated_models"]:
        return (name, rated, cell("too little left"), cell("unknown"), cell("unknown"), cell("unknown"))
    correlation = record["rank_correlation"]
    return (
        name,
        rated,
        cell(words.UNKNOWN if correlation is None else f"{correlation:.3f}"),
        cell(f"{record['median_places']:g}", sub=f"up to {record['most_places']:,}"),
        cell(record["most_moved_model"], sub=f"place {record['most_moved_from']:,} to {record['most_moved_to']:,}"),
        cell(record["leader_without"]),
    )


section = Section(order=44, slug="quality", title="Quality index", render=render)
