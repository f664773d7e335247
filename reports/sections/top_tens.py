"""What entered and left each top ten, and the best score over time, cut where scores are no longer comparable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import groupby

from reports import words
from reports.mart import Record, Result
from reports.score_charts import TIME_LEGEND, Stretch, best_over_time
from reports.section import Body, Context, Figure, Panel, Section, provenance
from reports.top_ten_rows import Step, boards, entry, of, table, usual

SHOWN, FOLDED, PANELS, FEWEST = 6, 60, 6, 3
# A list without a publication for longer than this says nothing of now.
LATELY = dt.timedelta(weeks=13)

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
    select source, document, benchmark, benchmark_name, metric, judge, board_id, published_at, score, series_id,
           origin, capture_id, observed_at
    from marts.top_ten_change
    where place = 1 and comparison = 'previous' and category is null and published_at < $week_end
    union
    select source, document, benchmark, benchmark_name, metric, judge, board_id, published_before_at as published_at,
           score_before as score, series_id, origin, capture_id_before as capture_id, observed_at
    from marts.top_ten_change
    where place_before = 1 and comparison = 'previous' and category is null and published_at < $week_end
)
select source, document, benchmark, benchmark_name, metric, judge, board_id, published_at, max(score) as score,
       max(series_id) as series_id, min(origin) as origin, min(capture_id) as capture_id,
       max(observed_at) as observed_at
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

DEFINITION = (
    "Whole benchmarks, newest series, lists of more than ten entries; the newest publication against the one in force "
    "a week earlier, or the one before where none is known. Self-reported scores are left out."
)
LIST = ("source", "benchmark", "metric", "document")


def render(context: Context) -> Body:
    """The newest changes of every board, and how its best score moved."""
    changes = context.mart.query(CHANGES)
    best = context.mart.query(BEST)
    figures = []
    every = boards(changes.records)
    since = _newest_capture(context) - LATELY
    old = [steps for steps in every if steps[0][0]["published_at"] < since]
    lately = sorted((steps for steps in every if steps not in old), key=lambda steps: _rank(steps[0]))
    if lately:
        figures.append(_lately(context, changes, [steps[0] for steps in lately], len(old)))
    rest = [*lately[SHOWN:], *(steps[1:] for steps in lately[:SHOWN]), *old]
    if any(rest):
        figures.append(_rest(context, changes, [step for steps in rest for step in steps], [s[0] for s in old]))
    panels = _panels(context, best, context.mart.query(BREAKS))
    if panels:
        figures.append(panels)
    return Body(figures=tuple(figures), headlines=_headlines([steps[0] for steps in lately]))


def _newest_capture(context: Context) -> dt.datetime:
    """The newest capture known at the end of the week."""
    as_of = min(context.health.as_of, context.week.end - dt.timedelta(microseconds=1))
    return min(context.health.newest or as_of, as_of)


def _rank(step: Step) -> tuple[object, ...]:
    """Lists of the week first, then newest day first; of a day, those that changed."""
    first = step[0]
    return not first["is_of_week"], -first["published_at"].toordinal(), not of(step, "entered", "left")


def _headlines(steps: Sequence[Step]) -> tuple[str, ...]:
    """New leaders of the week, else the highest newcomer."""
    fresh = [(row, usual(step)) for step in steps for row in step if row["is_of_week"] and row["change"] != "stayed"]
    first = [(r, common) for r, common in fresh if r["place"] == 1 and r["place_before"] != 1]
    new = [(r, common) for r, common in fresh if r["change"] == "entered" and r["place"] != 1]
    new.sort(key=lambda found: (found[0]["place"], found[0]["model_name"]))
    sentences = [f"{entry(r, common)} leads {r['benchmark_name']}" for r, common in first[:2]]
    sentences += [
        f"{entry(r, common)} enters the top ten of {r['benchmark_name']} at place {r['place']}" for r, common in new[:1]
    ]
    return tuple(sentences)


def _lately(context: Context, result: Result, steps: Sequence[Step], old: int) -> Figure:
    """What changed in the lists with a recent publication; the newest of them in the table."""
    changed = [step for step in steps if of(step, "entered", "left")]
    of_week = sum(step[0]["is_of_week"] for step in changed)
    entered = sum(len(of(step, "entered")) for step in steps)
    unknown = sum(row["reason"] in ("not_listed", "renamed_list") for step in steps for row in step)
    note = (
        f"What became of {words.plural(unknown, 'entry', 'entries')} cannot be told: the list was cut "
        "to a part of what it was, or its names were rewritten."
    )
    return Figure(
        slug="top-ten-changes",
        title=f"{len(changed)} of {words.plural(len(steps), 'top ten')} published in the {_span(context)} changed, "
        f"{words.numeral(of_week)} in the week: {words.plural(entered, 'entry', 'entries')} came in"
        + (f"; {words.plural(old, 'list is older', 'lists are older')}" if old else ""),
        subtitle=f"{DEFINITION} n = {words.plural(len(steps), 'list')}.",
        results=(result,),
        provenance=provenance(context, [row for step in steps for row in step], at="observed_at"),
        table=table(context, "Top tens, newest publication first", steps[:SHOWN]),
        notes=(note,) if unknown else (),
    )


def _rest(context: Context, result: Result, steps: Sequence[Step], old: Sequence[Step]) -> Figure:
    """Everything else, folded: more recent lists, shorter comparisons, and lists that are old."""
    every = len({row["board_id"] for row in result.records})
    title = f"{words.plural(len(steps), 'more comparison')} of top tens published in the {_span(context)}"
    if old:
        newest, which = old[0][0], "newest" if len(old) == every else "newest of them"
        share = "None" if len(old) == every else f"{len(old)}"
        verb = "was" if len(old) in (1, every) else "were"
        title = (
            f"{share} of {words.plural(every, 'top ten')} {verb} {'' if len(old) == every else 'not '}published in the "
            f"{_span(context)}; the {which} is {newest['benchmark_name']}, of {words.day(newest['published_at'])}"
        )
    more = len(steps) - FOLDED
    return Figure(
        slug="top-ten-older",
        title=title,
        subtitle=f"{DEFINITION if len(old) == every else 'Defined as above.'} "
        f"n = {words.plural(len(steps), 'comparison')}.",
        results=(result,),
        provenance=provenance(context, [row for step in steps for row in step], at="observed_at"),
        table=table(context, "Older lists and other comparisons, newest first", steps[:FOLDED], folded=True),
        notes=(f"{more:,} more comparisons are in the CSV.",) if more > 0 else (),
    )


def _span(context: Context) -> str:
    return f"{LATELY.days // 7} weeks to {words.day(_newest_capture(context))}"


def _panels(context: Context, best: Result, events: Result) -> Figure | None:
    """The lists with most publications, each as lines that end where a break begins."""
    lists = _lists(best.records)
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
                _name(rows, lists),
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


def _lists(records: Sequence[Record]) -> list[list[Record]]:
    """The publications of each list; a document with several lists on one day has a list for each board."""
    # A release has a document of its own where all are kept side by side: their lines would lie on one day.
    found: list[list[Record]] = []
    for _, group in groupby(records, key=lambda r: tuple(r[name] for name in LIST)):
        rows = list(group)
        if len({row["published_at"] for row in rows}) == len(rows):
            found.append(rows)
            continue
        ordered = sorted(rows, key=lambda r: r["board_id"])
        found += [list(board) for _, board in groupby(ordered, key=lambda r: r["board_id"])]
    return found


def _name(rows: Sequence[Record], lists: Sequence[Sequence[Record]]) -> str:
    """Benchmark and metric, and the part of the series that tells apart lists of one document."""
    first = rows[0]
    has_namesake = sum(all(other[0][name] == first[name] for name in LIST) for other in lists) > 1
    parts = [first["benchmark_name"], first["metric"].replace("_", " ")]
    if has_namesake:
        parts.insert(1, first["series_id"].partition(":")[2])
    return ", ".join(filter(None, parts))


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


section = Section(order=47, slug="top-tens", title="Top tens", render=render)
