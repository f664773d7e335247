"""Derivatives as the Hub itself counts them, for a record without a crawl of the whole Hub; and how families compare.

Here belong the figures that need no more than the watched repositories. What a whole crawl tells is the section's
matter.
"""

from __future__ import annotations

import datetime as dt

from reports import charts, words
from reports.hub import places, provenance
from reports.mart import Mart, Record, Result
from reports.section import Body, Cell, Figure, Table, cell, columns

A_WEEK = dt.timedelta(days=7)

COUNTED = """
select family_name, organisation_name, region, observed_on, repositories_counted,
       finetune_count, adapter_count, quantized_count, merge_count, derivatives_count,
       previous_observed_on, derivatives_added, origin, capture_id, family_id
from marts.derivatives_by_family
where observed_on < $week_end
qualify row_number() over (partition by family_id order by observed_on desc) = 1
order by derivatives_count desc, family_id
limit 30
"""

# Only what was counted in both captures of a step adds up: more repositories counted is not growth.
HISTORY = """
with steps as (
    select family_id, family_name, observed_on, repositories_counted, derivatives_count, derivatives_added,
           sum(coalesce(derivatives_added, 0)) over so_far as gained,
           count(*) filter (where derivatives_added is null and previous_observed_on is not null) over so_far as gaps,
           count(*) over (partition by family_id) as observations, origin, capture_id
    from marts.derivatives_by_family
    where observed_on < $week_end
    window so_far as (partition by family_id order by observed_on)
), largest as (
    select family_id, max_by(derivatives_count, observed_on) as newest_count
    from steps where observations >= 3 group by family_id order by newest_count desc, family_id limit 6
)
select steps.family_name, steps.observed_on, case when steps.gaps = 0 then steps.gained end as derivatives_gained,
       steps.derivatives_count, steps.repositories_counted, steps.origin, steps.capture_id, steps.family_id
from steps join largest using (family_id)
order by largest.newest_count desc, steps.family_id, steps.observed_on
limit 2000
"""

RELATIONS = {
    "quantized_count": ("quantized", charts.BLUE),
    "adapter_count": ("adapter", charts.ORANGE),
    "finetune_count": ("fine-tune", charts.GREEN),
    "merge_count": ("merge", charts.PINK),
}


DEFINED = (
    "Direct children of the family's own repositories, as the Hub counts declared edges; a merge of two parents counts "
    "at each."
)


def body(mart: Mart, intro: str) -> Body:
    """Derivatives, and their history from three observations on."""
    counted, history = mart.query(COUNTED), mart.query(HISTORY)
    figures = [_derivatives(counted)]
    if history.records:
        figures.append(_history(history))
    return Body(
        figures=tuple(figures),
        headlines=(_headline(counted.records),),
        intro=intro
        or "Only repositories under the namespaces of a family's own organisation count as the family's; "
        "which ones they are is reviewed by hand.",
    )


def _fair(first: Record, second: Record, counted: str) -> bool:
    """True when two families may be compared: counted within a week, and over more than a single repository each."""
    apart = abs(first["observed_on"] - second["observed_on"])
    return bool(apart <= A_WEEK and min(first[counted], second[counted]) > 1)


def _coverage(record: Record, value: str, counted: str) -> str:
    repositories = words.plural(record[counted], "repository", "repositories")
    return (
        f"{record['family_name']} {words.count(record[value])} at {repositories} ({words.day(record['observed_on'])})"
    )


def lead(records: list[Record], value: str, thing: str, counted: str) -> str:
    """The finding: who leads the second, by what factor. Records come largest first."""
    known = [r for r in records if r[value] is not None]
    if not known:
        return f"No count of {thing} was captured until the end of this week"
    first, second = known[0], known[1] if len(known) > 1 else None
    if second is None or not second[value]:
        return f"{first['family_name']} leads with {words.count(first[value])} {thing}"
    if not _fair(first, second, counted):
        both = " and ".join(_coverage(record, value, counted) for record in (first, second))
        return f"Too thin to rank families by {thing}: {both}"
    ratio = first[value] / second[value]
    if ratio < 1.05:
        return f"{first['family_name']} and {second['family_name']} are nearly level in {thing}"
    return f"{first['family_name']} has {words.times(ratio)} the {thing} of {second['family_name']}"


def with_change(record: Record, value: str, change: str) -> str:
    """The text at the end of a bar: the count, and its change where it is known."""
    step = f" ({words.change(record[change])})" if record[change] else ""
    return words.count(record[value]) + step


def change_cell(change: int | None, previous: dt.date | None) -> Cell:
    if previous is None:
        return cell("", sub="first capture")
    if change is None:
        return cell(words.UNKNOWN, sub=f"not comparable with {words.day(previous)}")
    return cell(words.exact(change) if change <= 0 else f"+{words.exact(change)}", sub=f"since {words.day(previous)}")


def step(change: int | None, previous: dt.date | None, observed: dt.date) -> str:
    """A change in words, for a sentence."""
    if previous is None:
        return f"counted for the first time on {words.day(observed)}"
    if change is None:
        return f"as of {words.day(observed)}, not comparable with {words.day(previous)}"
    return f"{words.change(change)} from {words.day(previous)} to {words.day(observed)}"


def size(records: list[Record], repositories: str) -> str:
    if not records:
        return ""
    total = sum(r[repositories] for r in records)
    families = words.plural(len(records), "family", "families")
    known = any(r["previous_observed_on"] for r in records)
    changes = " In brackets: change since the capture before." if known else ""
    days = words.days_between(r["observed_on"] for r in records)
    return f"{changes} Observed {days}; n = {families}, {words.plural(total, 'repository', 'repositories')}."


def _derivatives(result: Result) -> Figure:
    records = result.records
    shown = [r | {"shown": with_change(r, "derivatives_count", "derivatives_added")} for r in records]
    chart = charts.stacked_bars(
        shown,
        name="family_name",
        parts=RELATIONS,
        total="derivatives_count",
        shown="shown",
        axis_title="direct children",
    )
    return Figure(
        slug="derivatives-by-family",
        title=lead(records, "derivatives_count", "derivatives", "repositories_counted"),
        subtitle=DEFINED + size(records, "repositories_counted"),
        results=(result,),
        provenance=provenance(records),
        chart=chart if records else None,
        table=_derivatives_table(records) if records else None,
    )


def _derivatives_table(records: list[Record]) -> Table:
    relations = [label.capitalize() for label, _ in RELATIONS.values()]
    rows = (
        (
            cell(r["family_name"], sub=r["organisation_name"]),
            cell(words.exact(r["derivatives_count"])),
            change_cell(r["derivatives_added"], r["previous_observed_on"]),
            *(cell(words.exact(r[column])) for column in RELATIONS),
            cell(words.exact(r["repositories_counted"])),
            cell(words.day(r["observed_on"]), badge=r["origin"]),
        )
        for r in records
    )
    return Table(
        caption="Derivatives by family, and their change over the repositories counted in both captures",
        columns=(
            *columns("Family", kind=""),
            *columns("Derivatives", "Change", *relations, "Repositories"),
            *columns("Observed", kind="fixed"),
        ),
        rows=tuple(rows),
        folded=True,
    )


def _history(result: Result) -> Figure:
    records = result.records
    families = {r["family_id"]: r["family_name"] for r in records}
    names = list(families.values())
    counted = {name: {r["repositories_counted"] for r in records if r["family_name"] == name} for name in names}
    varied = sorted(name for name, numbers in counted.items() if len(numbers) > 1)
    note = f"The number of repositories counted changed for {words.listed(varied)}; what that alone added is left out."
    number = words.plural(len(names), "family", "families")
    days = len({r["observed_on"] for r in records})
    return Figure(
        slug="derivatives-history",
        title=_history_title(records),
        subtitle="Derivatives gained since the first capture, each step over the repositories counted in both of its "
        f"captures. The largest with three captures or more: n = {number}, {words.plural(days, 'day')} of capture.",
        results=(result,),
        provenance=provenance(records),
        chart=charts.lines(
            records,
            day="observed_on",
            value="derivatives_gained",
            name="family_name",
            names=names,
            axis_title="gained",
            places=places(list(families)),
        ),
        notes=(note,) if varied else (),
    )


def _history_title(records: list[Record]) -> str:
    """Who gained most from its own first capture to its last comparable one."""
    last = {r["family_name"]: r for r in records if r["derivatives_gained"] is not None}
    top = max(last.values(), key=lambda r: (r["derivatives_gained"], r["family_name"]))
    first = min(r["observed_on"] for r in records if r["family_name"] == top["family_name"])
    if top["derivatives_gained"] <= 0:
        return "No family gained derivatives between its captures"
    span = f"from {words.day(first)} to {words.day(top['observed_on'])}"
    return f"{top['family_name']} gained most: {words.count(top['derivatives_gained'])} derivatives {span}"


def _headline(records: list[Record]) -> str:
    """Who leads in derivatives, with the change."""
    text = lead(records, "derivatives_count", "derivatives", "repositories_counted")
    if not records or text.startswith("Too thin"):
        return f"{text}."
    first = records[0]
    change = step(first["derivatives_added"], first["previous_observed_on"], first["observed_on"])
    return f"{text} ({words.count(first['derivatives_count'])} direct children, {change})."
