"""How far the Hub's counts can be trusted: days without a refresh, revisions, jumps, and our counts against its own."""

from __future__ import annotations

import datetime as dt

from reports import hub_charts, words
from reports.hub import off_days, provenance
from reports.mart import Record, Result
from reports.section import Body, Cell, Context, Figure, Section, Table, cell, columns

CAPTURED = """
select observed_on, coverage, repositories, downloads_30d, is_stale, covers_days, origin, capture_id
from marts.download_rollup
where dimension = 'all' and observed_on < $week_end and observed_on >= $week_end - interval 63 day
  and coverage = (
      select max(coverage) from marts.download_rollup
      where observed_on < $week_end and observed_on >= $week_end - interval 63 day
  )
order by observed_on
"""
EVENTS = """
with event as (
    select observed_on, 'taken back' as kind, max_by(repo_id, (downloads_removed, repo_id)) as subject,
           max(repositories_revised) as repositories, max(downloads_removed_that_day) as downloads, null as ratio,
           false as is_echo, max(origin) as origin
    from marts.counter_revision
    group by observed_on
    union all by name
    select observed_on, 'jump' as kind, subject, 1 as repositories, downloads_30d - downloads_30d_before as downloads,
           ratio, is_echo, origin
    from marts.download_jump
)
select * from event
where observed_on < $week_end and observed_on >= $week_end - interval 63 day
order by observed_on, kind, abs(downloads) desc nulls last, subject
limit 500
"""
RECONCILED = """
with newest as (
    select * from marts.derivative_reconciliation
    where observed_on < $week_end
    qualify row_number() over (partition by repo_id, relation order by observed_on desc) = 1
)
select repo_id, relation, observed_on, crawled_at, hub_count, declared_count, difference, difference_pct,
       count(*) over () as compared, count_if(difference = 0) over () as equal,
       sum(hub_count) over () as hub_total, sum(declared_count) over () as declared_total,
       sum(abs(difference)) over () as apart, count(distinct repo_id) over () as repositories, origin, capture_id
from newest
order by abs(difference) desc, repo_id, relation
limit 30
"""
LINEAGE = """
select event, cause, count(*) as events
from marts.lineage_event
where observed_at < $week_end and observed_at >= $week_start
group by event, cause
order by events desc, event, cause
"""

# Name and place in `charts.SERIES`.
KINDS = {"not refreshed": 4, "caught up": 2, "off for a day": 0, "taken back": 1, "jump": 3, "no capture": 5}
CHANGED = {"added": ("parent", "gained"), "removed": ("parent", "lost"), "relation_changed": ("relation", "changed")}


def render(context: Context) -> Body:
    """The events of nine weeks, and the comparison of counts; nothing without a capture of the Hub."""
    captured = context.mart.query(CAPTURED)
    figures = []
    if captured.records:
        figures.append(_events(captured, context.mart.query(EVENTS), context.mart.query(LINEAGE)))
    reconciled = context.mart.query(RECONCILED)
    if reconciled.records:
        figures.append(_reconciled(reconciled))
    return Body(figures=tuple(figures))


def _missing(days: set[dt.date]) -> list[dt.date]:
    """Days between the first and the last capture that have none."""
    span = (max(days) - min(days)).days
    return [day for n in range(span) if (day := min(days) + dt.timedelta(days=n)) not in days]


def _all_events(captured: list[Record], found: list[Record]) -> list[Record]:
    """Every event as (kind, observed_on, what), oldest first."""
    events = [{"kind": "not refreshed", "observed_on": r["observed_on"], "what": ""} for r in captured if r["is_stale"]]
    events += [
        {"kind": "caught up", "observed_on": r["observed_on"], "what": f"covers {r['covers_days']} days"}
        for r in captured
        if not r["is_stale"] and (r["covers_days"] or 0) > 1
    ]
    off = off_days(captured)
    events += [
        {"kind": "off for a day", "observed_on": day, "what": f"all counts {words.percent_change(ratio)}"}
        for day, ratio in off
    ]
    events += [{"kind": r["kind"], "observed_on": r["observed_on"], "what": _what(r)} for r in found]
    days = _missing({r["observed_on"] for r in captured})
    events += [{"kind": "no capture", "observed_on": day, "what": ""} for day in days]
    return sorted(events, key=lambda event: (event["observed_on"], list(KINDS).index(event["kind"])))


def _what(record: Record) -> str:
    if record["kind"] == "taken back":
        repositories = words.plural(record["repositories"], "repository", "repositories")
        return f"{words.count(record['downloads'])} from {repositories}, most from {record['subject']}"
    echo = ", as a burst leaves the window" if record["is_echo"] else ""
    return f"{record['subject']} {words.times(record['ratio'])}{echo}"


def _events(captured: Result, found: Result, lineage: Result) -> Figure:
    records = captured.records
    events = _all_events(records, found.records)
    judged = sum(r["is_stale"] is not None for r in records)
    newest = records[-1]
    whole = "crawls of the whole Hub" if newest["coverage"] == "whole_hub" else "captures of the watched repositories"
    return Figure(
        slug="hub-events",
        title=_title(records, found.records),
        subtitle=f"Days of the last nine weeks on which the Hub's counters were not (or only in part) refreshed, "
        f"caught up, were off, were taken back or jumped. "
        f"n = {words.plural(len(records), 'day')} of {whole}, {judged:,} judged; "
        f"{words.plural(newest['repositories'], 'repository', 'repositories')} in the newest.",
        results=(captured, found, lineage),
        provenance=provenance([*records, *found.records]),
        chart=hub_charts.strip(events, kinds=KINDS, first=records[0]["observed_on"], last=newest["observed_on"])
        if events
        else None,
        table=_events_table(events) if events else None,
        notes=_lineage(lineage.records),
    )


def _title(captured: list[Record], found: list[Record]) -> str:
    days = words.plural(len(captured), "captured day")
    judged = [r for r in captured if r["is_stale"] is not None]
    stale = sum(r["is_stale"] for r in judged)
    if not judged:
        text = f"Whether counters were refreshed cannot be told yet of {days}"
    elif stale:
        text = f"On {stale} of {days} the counters were not fully refreshed"
    else:
        days = "the one day" if len(judged) == 1 else f"each of {len(judged):,} days"
        text = f"The counters were refreshed on {days} that can be judged"
    taken = sum(r["downloads"] for r in found if r["kind"] == "taken back")
    return f"{text}; the Hub took back {words.count(taken)} downloads" if taken else text


def _lineage(records: list[Record]) -> tuple[str, ...]:
    """What changed in the statements on parents this week."""
    if not records:
        return ()
    parts = []
    for event, (noun, verb) in CHANGED.items():
        number = sum(r["events"] for r in records if r["event"] == event)
        gone = sum(r["events"] for r in records if r["event"] == event and r["cause"] == "gone")
        if number:
            with_it = f" ({words.exact(gone)} with the repository)" if gone else ""
            parts.append(f"{words.plural(number, noun)} {verb}{with_it}")
    return (f"Statements on parents changed in the week: {words.listed(parts)}.",)


def _events_table(events: list[Record]) -> Table:
    rows = tuple(
        (cell(words.day(event["observed_on"])), cell(event["kind"]), cell(event["what"])) for event in reversed(events)
    )
    return Table(
        caption="Events, the newest first",
        columns=(*columns("Day", kind="fixed"), *columns("Event", kind="fixed"), *columns("What", kind="wide")),
        rows=rows[:60],
        folded=True,
    )


def _reconciled(result: Result) -> Figure:
    first = result.records[0]
    return Figure(
        slug="derivatives-reconciled",
        title=_reconciled_title(first),
        subtitle="Direct derivatives by declared edges in the nearest crawl of the whole Hub, at most two days away, "
        f"against the Hub's own count by typed tags. n = {words.plural(first['compared'], 'count')} of "
        f"{words.plural(first['repositories'], 'watched repository', 'watched repositories')} and their relations.",
        results=(result,),
        provenance=provenance(result.records),
        table=_reconciled_table(result.records),
    )


def _reconciled_title(first: Record) -> str:
    if first["equal"] == first["compared"]:
        return f"All {words.plural(first['compared'], 'count')} of direct derivatives agree with the Hub's own"
    apart = words.share(first["apart"] / first["hub_total"]) if first["hub_total"] else words.UNKNOWN
    return (
        f"{words.share(first['equal'] / first['compared'])} of counts agree with the Hub's own; the rest differ by "
        f"{apart} of all derivatives it counts"
    )


def _reconciled_table(records: list[Record]) -> Table:
    return Table(
        caption="The largest differences: ours less the Hub's",
        columns=(
            *columns("Repository", "Relation", kind=""),
            *columns("Ours", "The Hub's", "Difference", "In per cent"),
            *columns("Asked", kind="fixed"),
        ),
        rows=tuple(_reconciled_row(r) for r in records if r["difference"]),
        folded=True,
    ) if any(r["difference"] for r in records) else Table(
        caption="The largest counts compared; none differs",
        columns=(*columns("Repository", "Relation", kind=""), *columns("Ours", "The Hub's")),
        rows=tuple(
            (cell(r["repo_id"]), cell(r["relation"]), cell(words.exact(r["declared_count"])),
             cell(words.exact(r["hub_count"])))
            for r in sorted(records, key=lambda r: -r["hub_count"])[:10]
        ),
        folded=True,
    )  # fmt: skip


def _reconciled_row(record: Record) -> tuple[Cell, ...]:
    percent = record["difference_pct"]
    return (
        cell(record["repo_id"]),
        cell(record["relation"]),
        cell(words.exact(record["declared_count"])),
        cell(words.exact(record["hub_count"])),
        cell(words.change(record["difference"])),
        cell("" if percent is None else f"{percent:+.1f}%".replace("-", "−")),
        cell(words.day(record["observed_on"]), badge=record["origin"]),
    )


section = Section(order=58, slug="hub-quality", title="Quality of the counts", render=render)
