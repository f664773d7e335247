"""Events in the data of leaderboards: breaks of series, mass restatements, single scores given otherwise."""

from __future__ import annotations

from reports import words
from reports.mart import Record, Result
from reports.section import Body, Cell, Context, Figure, Section, Table, cell, columns, provenance

SHOWN = 25

EVENTS = """
select source, document, benchmark, benchmark_name, metric, kind, is_registered, published_before_at, published_at,
       happened_at, series_id_before, series_id_after, model_name, effort, score_before_points, score_after_points,
       change_points, common, changed, direction, correlation, slope, published_at >= $week_start as is_of_week,
       observed_at, origin, capture_id_before, capture_id, model_id, entry, board_id
from marts.score_event
where published_at < $week_end and (published_at >= $week_start or not is_registered)
order by published_at >= $week_start desc, entry is not null, published_at desc, benchmark, source, document, metric,
         kind, model_name, entry, board_id
limit 500
"""

KINDS = {
    "new_version": "another version",
    "new_judge": "another judge",
    "mass_restatement": "restated at once",
    "rescaled": "another scale",
    "restated_score": "one score restated",
}


def render(context: Context) -> Body:
    """The events of the week, and older breaks that no version of the registry explains."""
    result = context.mart.query(EVENTS)
    return Body(figures=(_figure(context, result),)) if result.records else Body()


def _title(records: list[Record]) -> str:
    fresh = [r for r in records if r["is_of_week"]]
    breaks = sum(r["entry"] is None for r in fresh)
    older = len(records) - len(fresh)
    parts = []
    if breaks:
        parts.append(f"{words.plural(breaks, 'series')} of scores broke in the week".replace("seriess", "series"))
    if len(fresh) > breaks:
        parts.append(f"{words.plural(len(fresh) - breaks, 'score')} changed without another evaluation")
    if older:
        parts.append(f"{words.plural(older, 'older break')} no known version explains")
    return "; ".join(parts)


def _figure(context: Context, result: Result) -> Figure:
    records = result.records
    left = len(records) - SHOWN
    return Figure(
        slug="score-events",
        title=_title(records),
        subtitle="Between two publications that follow each other. A board is restated when at least half of 8 or more "
        "common entries moved by more than rounding and by more than is usual for it; it has another scale when the "
        "new scores lie on a line of the old ones. Ratings are fitted anew each time: their usual movement is no "
        f"event. n = {words.plural(len(records), 'event')}.",
        results=(result,),
        provenance=provenance(context, records, at="observed_at"),
        table=Table(
            caption="Events: those of the week, and older breaks not in the registry of versions",
            columns=columns("Leaderboard", "What", "Change", kind=""),
            rows=tuple(_row(context, record) for record in records[:SHOWN]),
        ),
        notes=(f"{left:,} more are in the CSV.",) if left > 0 else (),
    )


def _change(record: Record) -> Cell:
    """Before and after for one score, the median for a board."""
    entries = f"{record['changed']:,} of {record['common']:,} moved"
    if record["change_points"] is None:
        return cell("none in common")
    points = f"{record['change_points']:+.1f}".replace("-", "−")
    if record["entry"] is not None:
        span = f"{record['score_before_points']:.1f} → {record['score_after_points']:.1f}"
        return cell(points, lines=(span,), sub=entries)
    slope = f", slope {record['slope']:.2f}".replace("-", "−") if record["slope"] is not None else ""
    return cell(points, sub=f"median; {entries}{slope}")


def _what(record: Record) -> Cell:
    kind = str(KINDS.get(record["kind"], record["kind"]))
    if record["entry"] is not None:
        effort = f", {record['effort']}" if record["effort"] else ""
        return cell(kind, sub=f"{record['model_name']}{effort}")
    if record["is_registered"]:
        return cell(kind, sub=f"{record['series_id_before']} to {record['series_id_after']}")
    return cell(kind, tone="warn", sub="not in the registry of versions")


def _row(context: Context, record: Record) -> tuple[Cell, ...]:
    days = f"{words.day(record['published_before_at'])} to {words.day(record['published_at'])}"
    return (
        cell(
            str(record["benchmark_name"] or record["benchmark"]),
            lines=(days,),
            badge=record["origin"],
            sub=f"{context.health.title_of(record['source'])}, {record['document']}",
        ),
        _what(record),
        _change(record),
    )


section = Section(order=49, slug="score-data", title="Events in benchmark data", render=render)
