"""Downloads by region, organisation and family: their course over the last weeks, with what the counters did.

Here belongs the level of downloads. Who moved most is the risers' and fallers' matter, how far to trust the counters
that of the section on the quality of the counts.
"""

from __future__ import annotations

import datetime as dt

from reports import charts, hub_charts, words
from reports.counters import Counters
from reports.hub import newest, places, provenance, region
from reports.hub_counts import change_cell, lead, size, step, with_change
from reports.mart import Record, Result
from reports.section import Body, Cell, Chart, Context, Figure, Section, Table, cell, columns

# Twelve weeks; of the whole Hub where it was captured in them, else of what the watched lists show.
_COURSE = """
select value, observed_on, downloads_30d, downloads_30d_share, repositories, is_stale, covers_days,
       sum(downloads_increment) over its_week as week_increment, sum(covers_days) over its_week as week_covers_days,
       max(observed_on) over its_week = observed_on as is_marked, coverage, origin, capture_id
from marts.download_rollup
where dimension = '{dimension}' and observed_on < $week_end and observed_on >= $week_end - interval 84 day
  and coverage = (
      select max(coverage) from marts.download_rollup
      where observed_on < $week_end and observed_on >= $week_end - interval 84 day
  )
window its_week as (partition by value, date_trunc('week', observed_on))
{last}order by observed_on, downloads_30d desc nulls last, value
"""
REGIONS = _COURSE.format(dimension="region", last="")
ORGANISATIONS = _COURSE.format(dimension="organisation", last="qualify is_marked\n")

# A day counts as one of revision when what was taken back is at least 1 % of what was downloaded in 30 days.
REVISED = """
select revised.observed_on, max(revised.downloads_removed_that_day) as downloads_removed,
       max(revised.repositories_revised) as repositories_revised
from marts.counter_revision as revised
where revised.observed_on < $week_end and revised.observed_on >= $week_end - interval 84 day
group by revised.observed_on
having max(revised.downloads_removed_that_day) >= 0.01 * (
    select max(downloads_30d) from marts.download_rollup as total
    where total.dimension = 'all' and total.observed_on = revised.observed_on
)
order by revised.observed_on
"""

FAMILIES = """
select family_name, organisation_name, region, observed_on, repositories,
       downloads_30d, downloads_all_time, likes, repositories_stale, repositories_revised,
       previous_observed_on, downloads_30d_change, origin, capture_id, family_id
from marts.downloads_by_family
where observed_on < $week_end
qualify row_number() over (partition by family_id order by observed_on desc) = 1
order by downloads_30d desc nulls last, family_id
limit 30
"""

DEFINED = "Downloads in the trailing 30 days, as the Hub counts them: requests, not users."
COVERED = {"whole_hub": "Every listed repository", "watched": "Only the watched repositories"}
NOT_PLACED = ("unknown", "none")
MOST = 0.5


def render(context: Context) -> Body:
    """Regions and organisations over time, and the families' own repositories."""
    regions, organisations = context.mart.query(REGIONS), context.mart.query(ORGANISATIONS)
    revised = context.mart.query(REVISED)
    figures = []
    if regions.records:
        counters = Counters.of(regions.records, revised)
        figures.append(_course("downloads-by-region", regions, counters, "region"))
        figures.append(_course("downloads-by-organisation", organisations, counters, "organisation"))
    families = context.mart.query(FAMILIES)
    figures.append(_families(families))
    return Body(figures=tuple(figures), headlines=(_headline(figures, families.records),))


def _name(value: str, one: str) -> str:
    return region(value) if one == "region" else value


def _latest(records: list[Record]) -> list[Record]:
    """The groups on the newest day, largest first."""
    last = max(r["observed_on"] for r in records)
    return [r for r in records if r["observed_on"] == last]


def _course(slug: str, result: Result, counters: Counters, one: str) -> Figure:
    records = result.records
    latest = _latest(records)
    drawn = [r["value"] for r in latest if one == "region" or r["value"] not in NOT_PLACED]
    drawn = drawn[: 6 if one == "region" else 5]
    shown = [r | {"name": _name(r["value"], one), "value": r["downloads_30d"]} for r in records if r["value"] in drawn]
    days = {r["observed_on"] for r in records}
    chart = hub_charts.courses(
        shown,
        lines=list(zip([_name(value, one) for value in drawn], places(drawn), strict=True)),
        axis_title="downloads in 30 days",
        stale=[(first, until) for first, until in counters.stale if until is not None],
        revised=[r["observed_on"] for r in counters.revised.records],
    )
    repositories = sum(r["repositories"] for r in latest)
    return Figure(
        slug=slug,
        title=_title(latest, one),
        subtitle=f"{DEFINED} {COVERED[latest[0]['coverage']]}, by the {one} behind its namespace today. "
        f"n = {words.plural(repositories, 'repository', 'repositories')} on {words.day(latest[0]['observed_on'])}, "
        f"{words.plural(len(days), 'day')} of capture drawn.",
        results=(result, counters.revised),
        provenance=provenance(records),
        chart=chart if len(days) > 1 else _bars(latest, drawn, one),
        table=_table(records, latest, one),
        notes=counters.notes if one == "region" else _beside(latest),
    )


def _bars(latest: list[Record], drawn: list[str], one: str) -> Chart:
    """One day of capture has no course: bars."""
    rows = [r for r in latest if r["value"] in drawn]
    shown = [r | {"name": _name(r["value"], one), "shown": words.count(r["downloads_30d"])} for r in rows]
    return charts.bars(shown, value="downloads_30d", name="name", shown="shown", axis_title="downloads in 30 days")


def _title(latest: list[Record], one: str) -> str:
    """The largest group that has a name, and what cannot be placed."""
    known = [r for r in latest if r["value"] not in NOT_PLACED and r["downloads_30d"]]
    if not known:
        return f"No download can be placed in {'a region' if one == 'region' else 'an organisation'}"
    top = known[0]
    scope = "all downloads" if latest[0]["coverage"] == "whole_hub" else "the watched downloads"
    lost = sum(r["downloads_30d_share"] or 0 for r in latest if r["value"] in NOT_PLACED)
    if one == "region":
        who = f"organisations of {region(top['value'])} receive"
    else:
        who = f"{top['value']} leads the organisations with"
    if lost > MOST:
        placed = words.share(top["downloads_30d"] / sum(r["downloads_30d"] for r in known))
        if one == "region":
            return f"{words.share(lost)} of {scope} cannot be placed; of the rest {who} {placed}"
        return f"{who} {placed} of what can be placed; {words.share(lost)} cannot"
    text = (
        f"{who[0].upper() + who[1:] if one == 'region' else who} {words.share(top['downloads_30d_share'])} of {scope}"
    )
    return f"{text}; {words.share(lost)} cannot be placed" if lost else text


def _beside(latest: list[Record]) -> tuple[str, ...]:
    if not any(r["value"] in NOT_PLACED for r in latest):
        return ()
    return ("What belongs to no reviewed organisation is in the table, not in the drawing.",)


def _before(records: list[Record], latest: list[Record]) -> dict[str, Record]:
    """Each group as it was four weeks before the newest day, or up to a week earlier."""
    until = latest[0]["observed_on"] - dt.timedelta(days=28)
    since = until - dt.timedelta(days=7)
    return newest((r for r in records if since < r["observed_on"] <= until), "value")


def _table(records: list[Record], latest: list[Record], one: str) -> Table:
    before = _before(records, latest)
    rows = (
        (
            cell(_name(r["value"], one)),
            cell(words.exact(r["downloads_30d"])),
            cell(words.share(r["downloads_30d_share"])),
            _share_before(before.get(r["value"])),
            cell(words.exact(r["week_increment"]), sub=_covers(r)),
            cell(words.exact(r["repositories"])),
            cell(words.day(r["observed_on"]), badge=r["origin"]),
        )
        for r in latest[:30]
    )
    return Table(
        caption=f"Downloads by {one} on the newest day; new are rises of all-time counts of that week, revisions left "
        "out",
        columns=(
            *columns(one.capitalize(), kind=""),
            *columns("30 days", "Share", "Four weeks before", "New in the week", "Repositories"),
            *columns("Observed", kind="fixed"),
        ),
        rows=tuple(rows),
        folded=True,
    )


def _share_before(record: Record | None) -> Cell:
    if record is None:
        return cell(words.UNKNOWN)
    return cell(words.share(record["downloads_30d_share"]), sub=words.day(record["observed_on"]))


def _covers(record: Record) -> str | None:
    """The days an increment stands for, where all its repositories share them."""
    if record["week_covers_days"] is None or record["coverage"] != "whole_hub":
        return None
    return f"over {words.plural(int(record['week_covers_days']), 'day')}"


def _families(result: Result) -> Figure:
    records = result.records
    shown = [r | {"shown": with_change(r, "downloads_30d", "downloads_30d_change")} for r in records]
    chart = charts.bars(
        shown, value="downloads_30d", name="family_name", shown="shown", axis_title="downloads in 30 days"
    )
    return Figure(
        slug="downloads-by-family",
        title=lead(records, "downloads_30d", "downloads", "repositories"),
        subtitle=f"{DEFINED} The family's own repositories.{size(records, 'repositories')}",
        results=(result,),
        provenance=provenance(records),
        chart=chart if records else None,
        table=_families_table(records) if records else None,
        notes=("The 30-day window moves: a negative change is a slower month, not downloads undone.",)
        if records
        else (),
    )


def _families_table(records: list[Record]) -> Table:
    rows = (
        (
            cell(r["family_name"], sub=r["organisation_name"]),
            cell(words.exact(r["downloads_30d"])),
            change_cell(r["downloads_30d_change"], r["previous_observed_on"]),
            cell(words.exact(r["downloads_all_time"])),
            cell(words.exact(r["likes"])),
            cell(words.exact(r["repositories"])),
            cell(words.exact(r["repositories_stale"])),
            cell(words.exact(r["repositories_revised"])),
            cell(words.day(r["observed_on"]), badge=r["origin"]),
        )
        for r in records
    )
    return Table(
        caption="Downloads by family, and their change over the repositories seen in both captures",
        columns=(
            *columns("Family", kind=""),
            *columns("30 days", "Change", "All time", "Likes", "Repositories", "Not refreshed", "Revised"),
            *columns("Observed", kind="fixed"),
        ),
        rows=tuple(rows),
        folded=True,
    )


def _headline(figures: list[Figure], families: list[Record]) -> str:
    """The region's finding, then the leading family with its change."""
    known = [r for r in families if r["downloads_30d"] is not None]
    if not known:
        return "No count of downloads of a family was captured until the end of this week."
    top = known[0]
    change = step(top["downloads_30d_change"], top["previous_observed_on"], top["observed_on"])
    family = f"{top['family_name']} leads the families in downloads with {words.count(top['downloads_30d'])} in 30 days"
    text = f"{family} ({change})"
    return f"{figures[0].title}. {text}." if figures[0].slug == "downloads-by-region" else f"{text}."


section = Section(order=24, slug="downloads", title="Downloads", render=render)
