"""Are the better open models the more used ones? Rank correlation of quality and adoption, week by week."""

from __future__ import annotations

from reports import correlations, words
from reports.hub import Captures
from reports.mart import Record, Result
from reports.section import Body, Cell, Context, Figure, Panel, Provenance, Section, Table, cell, columns

FEWEST, PAIRS = 5, 8
MEASURES = {
    "ram_v2": "RAM v2",
    "ram_v1": "RAM v1",
    "downloads_30d": "30-day downloads",
    "derivatives_transitive": "derivatives, any depth",
    "derivatives_direct": "direct derivatives",
    "derivatives_hub_count": "direct derivatives, the Hub's count",
}

# Of every pair of measures the newest week until the end of the week of the report; of a benchmark its series with
# most models.
SQL = """
with newest as (
    select * from marts.adoption_divergence
    where week_from < $week_end
    qualify week_from = max(week_from) over (partition by adoption_measure, quality_measure, quality_metric, scale)
), sized as (
    select *, max(models) filter (size_class = 'all') over (
        partition by adoption_measure, quality_measure, quality_metric, scale
    ) as models_of_all_sizes
    from newest
)
select adoption_measure, quality_name, quality_measure, quality_metric, scale, size_class, week_from, models,
       rank_correlation, ci_low, ci_high, sized_models, size_weighted_gap_pct, score_sources, benchmark
from sized
qualify dense_rank() over (
    partition by adoption_measure, benchmark
    order by week_from desc, models_of_all_sizes desc, quality_measure desc, quality_metric, scale
) = 1
order by list_position(['ram_v2', 'ram_v1', 'downloads_30d', 'derivatives_transitive', 'derivatives_direct',
                        'derivatives_hub_count'], adoption_measure),
         quality_measure = 'quality_index' desc, models_of_all_sizes desc, quality_measure, size_class = 'all' desc,
         list_position(['<1B', '1-5B', '7-9B', '10-50B', '50-100B', '100-250B', '250B+'], size_class)
"""

COURSE = """
select week_from, models, rank_correlation, ci_low, ci_high, adoption_measure, quality_measure, quality_metric, scale,
       quality_name, size_weighted_gap_pct
from marts.adoption_divergence
where size_class = 'all' and week_from < $week_end and rank_correlation is not null
order by adoption_measure, quality_measure, quality_metric, scale, week_from
"""


def render(context: Context) -> Body:
    """The newest correlations, and the course of the one with the most models behind it."""
    result = context.mart.query(SQL)
    told = [r for r in result.records if r["rank_correlation"] is not None]
    overall = [r for r in told if r["size_class"] == "all"]
    if not overall:
        return Body(figures=(_empty(context, result),))
    head = _head(overall)
    figures = [_figure(context, result, head, overall, told)]
    course = context.mart.query(COURSE)
    weeks = [r for r in course.records if _pair(r) == _pair(head)]
    if len(weeks) > 1:
        figures.append(_course(context, course, head, weeks))
    return Body(
        figures=tuple(figures),
        headlines=(f"{_finding(head)}.",),
        intro="1 would mean that the order of open models by quality is that by use, 0 that one says nothing of the "
        "other, −1 that it is the reverse. Downloads are requests, not users.",
    )


def _pair(record: Record) -> tuple[str, ...]:
    return tuple(record[part] for part in ("adoption_measure", "quality_measure", "quality_metric", "scale"))


def _head(overall: list[Record]) -> Record:
    """The pair to speak of: of the newest week, the composite before single benchmarks, else most models."""
    newest = max(r["week_from"] for r in overall)
    recent = [r for r in overall if r["week_from"] == newest]
    composite = [r for r in recent if r["quality_measure"] == "quality_index"]
    return (composite or sorted(recent, key=lambda r: -r["models"]))[0]


def _quality(record: Record) -> str:
    """The name of the benchmark with its version, which the series carries after a colon."""
    _, _, version = str(record["quality_measure"]).partition(":")
    return f"{record['quality_name']} {version}" if version else str(record["quality_name"])


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _interval(record: Record) -> str:
    if record["ci_low"] is None:
        return words.UNKNOWN
    return f"{_number(record['ci_low'])} to {_number(record['ci_high'])}"


def _adoption(record: Record) -> str:
    return MEASURES.get(record["adoption_measure"], str(record["adoption_measure"]))


def _finding(record: Record) -> str:
    low, high = record["ci_low"], record["ci_high"]
    if low is not None and low > 0:
        lead = "The better open models are also the more used"
    elif high is not None and high < 0:
        lead = "The better open models are the less used"
    else:
        lead = "Quality and use of open models show no sure relation"
    return (
        f"{lead}: rank correlation {_number(record['rank_correlation'])} (90% interval {_interval(record)}) of "
        f"{_quality(record)} with {_adoption(record)}, n = {record['models']}, week of {words.day(record['week_from'])}"
    )


def _empty(context: Context, result: Result) -> Figure:
    most = max((r["models"] for r in result.records), default=0)
    return Figure(
        slug="divergence",
        title=f"Fewer than {words.numeral(FEWEST)} open models have both a score and a known use: no correlation",
        subtitle=f"Rank correlation of quality and adoption. The most for any pair of measures is n = {most}.",
        results=(result,),
        provenance=_provenance(context, result.records),
    )


def _figure(context: Context, result: Result, head: Record, overall: list[Record], told: list[Record]) -> Figure:
    counts = [r["models"] for r in overall]
    return Figure(
        slug="divergence",
        title=_finding(head),
        subtitle="Spearman's rank correlation between the quality of open models and their use on the Hugging Face "
        "Hub, all sizes together, with its 90% interval (Fisher's z). "
        f"n = {min(counts)} to {max(counts)} models; pairs with fewer than {FEWEST} are left out.",
        results=(result,),
        provenance=_provenance(context, result.records),
        panels=_panels(overall),
        legend=correlations.LEGEND,
        table=_table(told),
        notes=_notes(head),
    )


def _panels(overall: list[Record]) -> tuple[Panel, ...]:
    """One panel per measure of adoption."""
    panels = []
    for measure, title in MEASURES.items():
        found = [r for r in overall if r["adoption_measure"] == measure]
        if not found:
            continue
        shown = found[:PAIRS]
        weeks = words.days_between(r["week_from"] for r in shown)
        more = f", {len(found) - len(shown)} more in the table" if len(found) > len(shown) else ""
        rows = [
            {
                "name": _quality(r),
                "value": r["rank_correlation"],
                "low": r["ci_low"],
                "high": r["ci_high"],
                "models": r["models"],
            }
            for r in shown
        ]
        panels.append(Panel(title, f"week of {weeks}{more}", correlations.intervals(rows)))
    return tuple(panels)


def _notes(head: Record) -> tuple[str, ...]:
    notes = ["Scores are those of today's record. One week's correlation of few models says little: look at the n."]
    gap = head["size_weighted_gap_pct"]
    if gap is not None:
        side = "better than they are used" if gap > 0 else "more used than they are good"
        verdict = f"the large models are {side}" if abs(gap) >= 1 else "size makes no difference"
        notes.append(
            f"Weighted by size, the percentile of quality lies {abs(gap):.0f} points "
            f"{'above' if gap > 0 else 'below'} that of use ({_quality(head)} with {_adoption(head)}): {verdict}."
        )
    return tuple(notes)


def _course(context: Context, result: Result, head: Record, weeks: list[Record]) -> Figure:
    first, last = weeks[0], weeks[-1]
    rows = [
        {"week_from": r["week_from"], "value": r["rank_correlation"], "low": r["ci_low"], "high": r["ci_high"],
         "models": r["models"]}
        for r in weeks
    ]  # fmt: skip
    frame = result.frame
    of_pair = [_pair(r) == _pair(head) for r in result.records]
    return Figure(
        slug="divergence-over-time",
        title=f"{_quality(head)} with {_adoption(head)}: {_number(first['rank_correlation'])} in the week of "
        f"{words.day(first['week_from'])}, {_number(last['rank_correlation'])} in that of "
        f"{words.day(last['week_from'])}{_overlap(first, last)}",
        subtitle="The same correlation week by week, over the models released and counted by then. "
        f"n = {first['models']} at first, {last['models']} at last; {words.plural(len(weeks), 'week')}.",
        results=(Result(result.sql, frame[of_pair]),),
        provenance=_provenance(context, [head]),
        chart=correlations.course(rows),
    )


def _overlap(first: Record, last: Record) -> str:
    ends = [first["ci_low"], first["ci_high"], last["ci_low"], last["ci_high"]]
    if any(end is None for end in ends):
        return ""
    apart = first["ci_high"] < last["ci_low"] or last["ci_high"] < first["ci_low"]
    return "; the intervals lie apart" if apart else "; their intervals overlap"


def _table(told: list[Record]) -> Table:
    return Table(
        caption="Every pair and size class with at least five models",
        columns=(
            *columns("Quality", "Use", kind=""),
            *columns("Size class", "Week", kind="fixed"),
            *columns("n", "Correlation"),
            *columns("90% interval", kind="fixed"),
            *columns("Gap, points"),
        ),
        rows=tuple(_row(record) for record in told),
        folded=True,
    )


def _row(record: Record) -> tuple[Cell, ...]:
    gap = record["size_weighted_gap_pct"]
    return (
        cell(_quality(record)),
        cell(_adoption(record)),
        cell(record["size_class"]),
        cell(words.day(record["week_from"])),
        cell(words.exact(record["models"])),
        cell(_number(record["rank_correlation"])),
        cell(_interval(record)),
        cell(words.UNKNOWN if gap is None else f"{gap:+.0f}".replace("-", "−"), sub=f"n = {record['sized_models']}"),
    )


def _provenance(context: Context, records: list[Record]) -> tuple[Provenance, ...]:
    """The Hub's captures, and the sources of the scores."""
    origins = context.health.origins()
    sources = sorted({source for r in records for source in r.get("score_sources") or ()})
    scores = []
    for source in sources:
        seen = context.health.captures_of(source)
        scores.append(
            Provenance(
                name=context.health.title_of(source),
                origin=origins.get(source, "never"),
                captured_from=min(seen, default=None),
                captured_to=max(seen, default=None),
            )
        )
    return (*(Captures.read(context.mart).provenance() if records else ()), *scores)


section = Section(order=46, slug="divergence", title="Quality and use", render=render)
