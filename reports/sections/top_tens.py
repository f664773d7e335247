"""What entered and left each top ten, and the best score over time, cut where scores are no longer comparable."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from reports import words
from reports.mart import Record, Result
from reports.score_charts import TIME_LEGEND, Stretch, best_over_time
from reports.section import Body, Cell, Context, Figure, Panel, Section, Table, cell, columns, provenance

SHOWN, PANELS, FEWEST = 30, 8, 3

CHANGES = """
with newest as (
    select board_id, max(published_at) as published_at
    from marts.top_ten_change
    where published_at < $week_end and category is null and is_current_series
    group by board_id
)
select source, document, benchmark_name, metric, series_id, comparison, published_before_at, published_at, change,
       reason, model_name, effort, harness, place_before, place, score_before, score, entries_before, entries, is_cut,
       published_at >= $week_start as is_of_week, observed_at, origin, capture_id_before, capture_id, model_id, board_id
from marts.top_ten_change
join newest using (board_id, published_at)
order by published_at desc, benchmark_name, source, board_id, published_before_at desc, comparison,
         list_position(['entered', 'left', 'moved', 'stayed'], change), place, place_before, model_name, entry
"""

BEST = """
with first as (
    select source, document, benchmark, benchmark_name, metric, judge, board_id, published_at, score, origin,
           capture_id, observed_at
    from marts.top_ten_change
    where place = 1 and comparison = 'previous' and category is null and published_at < $week_end
    union
    select source, document, benchmark, benchmark_name, metric, judge, board_id, published_before_at as published_at,
           score_before as score, origin, capture_id_before as capture_id, observed_at
    from marts.top_ten_change
    where place_before = 1 and comparison = 'previous' and category is null and published_at < $week_end
)
select source, document, benchmark, benchmark_name, metric, judge, board_id, published_at, max(score) as score,
       min(origin) as origin, min(capture_id) as capture_id, max(observed_at) as observed_at
from first
group by all
order by benchmark_name, source, metric, document, published_at, board_id
"""

BREAKS = """
select board_id, source, document, benchmark, metric, kind, published_at, series_id_before, series_id_after
from marts.score_event
where entry is null and published_at < $week_end
order by board_id, published_at, kind
"""

REASONS = {
    "new_model": "new",
    "relisted": "listed again",
    "overtaken": "overtaken",
    "removed": "no longer listed",
    "not_listed": "not known, as a list was cut",
    "renamed_list": "not known, as names were rewritten",
}
MARKS = {"entered": "▲ in", "left": "▼ out"}
RISEN = {"overtaken": "rose", "removed": "moved up as others went"}


def render(context: Context) -> Body:
    """The newest changes of every board, and how its best score moved."""
    changes = context.mart.query(CHANGES)
    best = context.mart.query(BEST)
    figures = []
    headlines: tuple[str, ...] = ()
    if changes.records:
        figures.append(_changes(context, changes))
        headlines = _headlines(changes.records)
    panels = _panels(context, best, context.mart.query(BREAKS))
    if panels:
        figures.append(panels)
    return Body(figures=tuple(figures), headlines=headlines)


def _steps(records: Sequence[Record]) -> list[list[Record]]:
    """The rows of each comparison; where a week ago is the publication before anyway, once."""
    found: dict[tuple[str, object], list[Record]] = {}
    for _, rows in groupby(records, key=lambda r: (r["board_id"], r["published_before_at"], r["comparison"])):
        listed = list(rows)
        found.setdefault((listed[0]["board_id"], listed[0]["published_before_at"]), listed)
    return list(found.values())


def _of(rows: Sequence[Record], change: str) -> list[Record]:
    return [row for row in rows if row["change"] == change]


def _entry(record: Record) -> str:
    """The name as written, with effort and harness where it does not say them itself."""
    name = str(record["model_name"])
    more = ", ".join(
        part for part in (record["effort"], record["harness"]) if part and part.lower() not in name.lower()
    )
    return f"{name} ({more})" if more else name


def _line(record: Record) -> str:
    if record["change"] == "entered":
        before = f"from {record['place_before']}" if record["place_before"] else None
        reason = RISEN.get(record["reason"]) if before else REASONS.get(record["reason"], record["reason"])
        facts = [f"to {record['place']}", *(part for part in (before, reason) if part)]
    else:
        after = f"to {record['place']}" if record["place"] else None
        facts = [f"from {record['place_before']}", *(p for p in (after, REASONS.get(record["reason"])) if p)]
    return f"{_entry(record)}: {', '.join(facts)}"


def _listed(rows: Sequence[Record]) -> Cell:
    lines = [f"{mark} {_line(row)}" for change, mark in MARKS.items() for row in _of(rows, change)]
    moved = [f"{_entry(row)} {row['place_before']} → {row['place']}" for row in _of(rows, "moved")]
    if moved:
        lines.append(f"↕ {', '.join(moved)}")
    return cell(lines[0], lines=tuple(lines[1:])) if lines else cell("no change")


def _headlines(records: Sequence[Record]) -> tuple[str, ...]:
    """New leaders of the week, else the highest newcomer."""
    fresh = [r for r in records if r["is_of_week"] and r["comparison"] == "previous" and r["change"] != "stayed"]
    first = [r for r in fresh if r["place"] == 1 and r["place_before"] != 1]
    new = sorted(
        (r for r in fresh if r["change"] == "entered" and r not in first), key=lambda r: (r["place"], r["model_name"])
    )
    sentences = [f"{_entry(r)} leads {r['benchmark_name']}" for r in first[:2]]
    sentences += [f"{_entry(r)} enters the top ten of {r['benchmark_name']} at place {r['place']}" for r in new[:1]]
    return tuple(sentences)


def _changes(context: Context, result: Result) -> Figure:
    records = result.records
    steps = _steps(records)
    latest = [rows for rows in steps if rows[0]["comparison"] == "previous"]
    of_week = [rows for rows in latest if rows[0]["is_of_week"]]
    judged = of_week or latest
    changed = [rows for rows in judged if _of(rows, "entered") or _of(rows, "left")]
    entered = sum(len(_of(rows, "entered")) for rows in judged)
    when = "published in the week" if of_week else "in their newest publication"
    rows = tuple(_row(context, step) for step in steps[:SHOWN])
    unknown = sum(r["reason"] in ("not_listed", "renamed_list") for r in records if r["comparison"] == "previous")
    notes = [f"{len(steps) - SHOWN:,} more comparisons are in the CSV."] if len(steps) > SHOWN else []
    if unknown:
        notes.append(
            f"What became of {words.plural(unknown, 'entry', 'entries')} cannot be told: the list was cut "
            "to a part of what it was, or its names were rewritten."
        )
    return Figure(
        slug="top-ten-changes",
        title=f"{len(changed)} of {words.plural(len(judged), 'top ten', 'top tens')} {when} changed: "
        f"{words.plural(entered, 'entry', 'entries')} came in",
        subtitle="Whole benchmarks, newest series, lists of more than ten entries; the newest publication against the "
        "one before, and against the one in force a week earlier where that is another. Self-reported scores are left "
        f"out. n = {words.plural(len(latest), 'list')}.",
        results=(result,),
        provenance=provenance(context, records, at="observed_at"),
        table=Table(
            caption="Top tens, newest publication first",
            columns=(*columns("Leaderboard", kind=""), *columns("Entered, left and moved", kind="")),
            rows=rows,
        ),
        notes=tuple(notes),
    )


def _row(context: Context, rows: Sequence[Record]) -> tuple[Cell, ...]:
    first = rows[0]
    span = f"{words.day(first['published_before_at'])} to {words.day(first['published_at'])}"
    listed = f"{first['entries_before']:,} to {first['entries']:,} listed"
    return (
        cell(
            str(first["benchmark_name"]),
            lines=(f"{context.health.title_of(first['source'])}, {first['metric'].replace('_', ' ')}", span),
            badge=first["origin"],
            sub=f"{listed}, cut to a part" if first["is_cut"] else listed,
        ),
        _listed(rows),
    )


def _panels(context: Context, best: Result, events: Result) -> Figure | None:
    """The lists with most publications, each as lines that end where a break begins."""
    key = ("source", "benchmark", "metric", "document")
    # A release has a document of its own where all are kept side by side: their lines would lie on one day.
    lists = [list(rows) for _, rows in groupby(best.records, key=lambda r: tuple(r[name] for name in key))]
    drawn = sorted((rows for rows in lists if len(rows) >= FEWEST), key=lambda rows: (-len(rows), rows[0]["board_id"]))
    if not drawn:
        return None
    broken = {(r["board_id"], r["published_at"]) for r in events.records}
    panels, cuts = [], 0
    for rows in drawn[:PANELS]:
        stretches = _stretches(rows, broken)
        days = [stretch.points[0][0] for stretch in stretches[1:]]
        cuts += len(days)
        panels.append(
            Panel(
                f"{rows[0]['benchmark_name']}, {rows[0]['metric'].replace('_', ' ')}",
                f"{context.health.title_of(rows[0]['source'])}, {rows[0]['document']}: "
                f"{words.plural(len(rows), 'publication')}, {words.plural(len(days), 'break')}",
                best_over_time(stretches, days, axis_title="best score"),
            )
        )
    return Figure(
        slug="best-scores",
        title=f"The best score of {words.plural(len(panels), 'leaderboard')} over time, cut at "
        f"{words.plural(cuts, 'break')} of the series",
        subtitle="Best score in each publication on the source's own scale; each panel has its own. A line never runs "
        "over another version, another scale or a mass restatement. "
        f"n = {words.plural(sum(len(rows) for rows in drawn[:PANELS]), 'publication')}.",
        results=(best, events),
        provenance=provenance(context, [row for rows in drawn[:PANELS] for row in rows], at="observed_at"),
        panels=tuple(panels),
        legend=TIME_LEGEND,
        notes=(f"{len(drawn) - PANELS:,} more are in the CSV.",) if len(drawn) > PANELS else (),
    )


def _stretches(rows: Sequence[Record], broken: set[tuple[str, object]]) -> tuple[Stretch, ...]:
    """The points of a list in time, a new stretch at every other board and every break."""
    found: list[list[Record]] = []
    for row in sorted(rows, key=lambda r: (r["published_at"], r["board_id"])):
        is_cut = not found or row["board_id"] != found[-1][-1]["board_id"]
        if is_cut or (row["board_id"], row["published_at"]) in broken:
            found.append([])
        found[-1].append(row)
    points = [tuple((row["published_at"], float(row["score"])) for row in part) for part in found]
    return tuple(Stretch(words.days_between((part[0][0], part[-1][0])), part) for part in points)


section = Section(order=44, slug="top-tens", title="Top tens", render=render)
