"""How concentrated downloads are: over repositories, namespaces and regions, now and eight weeks before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from reports import hub_charts, words
from reports.hub import provenance
from reports.mart import Record, Result
from reports.section import Body, Cell, Context, Figure, Section, Table, cell, columns

SQL = """
select level, observed_on, holders, zero_holders, zero_share, downloads_30d, covered_share, hhi, gini,
       top_1pct_share, top_10_share, top_100_share, is_newest, origin, capture_id
from marts.download_concentration
where observed_on < $week_end
order by list_position(['repository', 'namespace', 'region'], level), observed_on
"""

# Name and place in `charts.SERIES`.
TOPS = {"top_1pct_share": ("top 1%", 0), "top_10_share": ("ten largest", 1), "top_100_share": ("hundred largest", 2)}
LEVELS = {"repository": "Repositories", "namespace": "Namespaces", "region": "Regions"}
EIGHT_WEEKS = dt.timedelta(days=56)


def _index(value: float | None) -> str:
    return words.UNKNOWN if value is None else f"{value:.3f}"


MEASURES: dict[str, tuple[str, Callable[..., str]]] = {
    "hhi": ("HHI", _index),
    "gini": ("Gini", _index),
    "top_1pct_share": ("Top 1%", words.share),
    "top_10_share": ("Ten largest", words.share),
    "top_100_share": ("Hundred largest", words.share),
    "zero_share": ("Without downloads", words.share),
    "holders": ("n", words.exact),
}


def render(context: Context) -> Body:
    """One figure; nothing where the whole Hub was never crawled."""
    result = context.mart.query(SQL)
    if not result.records:
        return Body()
    return Body(figures=(_figure(result),))


def _figure(result: Result) -> Figure:
    repositories = [r for r in result.records if r["level"] == "repository"]
    newest = repositories[-1]
    drawn = [
        {"name": name, "observed_on": r["observed_on"], "value": r[column], "is_marked": True}
        for r in repositories
        for column, (name, _) in TOPS.items()
        if r[column] is not None
    ]
    weeks = words.plural(len(repositories), "whole crawl")
    return Figure(
        slug="download-concentration",
        title=_title(newest, _before(repositories)),
        subtitle="Share of all 30-day downloads that the most downloaded repositories have; those without downloads "
        f"count among all. n = {words.plural(newest['holders'], 'repository', 'repositories')} on "
        f"{words.day(newest['observed_on'])}, {weeks} drawn.",
        results=(result,),
        provenance=provenance(result.records),
        chart=hub_charts.courses(drawn, lines=list(TOPS.values()), axis_title="share of downloads", number="~%")
        if len(repositories) > 1 and drawn
        else None,
        table=_table(result.records),
        notes=(
            "HHI: sum of squared shares, 1 where one has all. Gini: 0 where all have the same, near 1 where few have "
            "all. Regions leave out what cannot be placed.",
        ),
    )


def _title(newest: Record, before: Record | None) -> str:
    """The share of the top 1 % and of the ten largest, with that of weeks before, and how many have nothing."""
    if newest["top_1pct_share"] is None:
        return "No download was counted over the whole Hub"
    known = before and before["top_10_share"] is not None
    then = f" ({words.share(before['top_10_share'])} on {words.day(before['observed_on'])})" if before and known else ""
    return (
        f"The top 1% of repositories have {words.share(newest['top_1pct_share'])} of all downloads, the ten largest "
        f"{words.share(newest['top_10_share'])}{then}; {words.share(newest['zero_share'])} of repositories have none"
    )


def _before(records: list[Record]) -> Record | None:
    """The crawl of eight weeks before the newest, or the earliest one there is."""
    *earlier, last = records
    far = [r for r in earlier if r["observed_on"] <= last["observed_on"] - EIGHT_WEEKS]
    return far[-1] if far else earlier[0] if earlier else None


def _table(records: list[Record]) -> Table:
    rows = []
    for level, name in LEVELS.items():
        found = [r for r in records if r["level"] == level]
        if not found:
            continue
        rows.append((cell(name, sub=words.day(found[-1]["observed_on"])), *_values(found[-1])))
        if before := _before(found):
            rows.append((cell(f"{name} before", sub=words.day(before["observed_on"])), *_values(before)))
    return Table(
        caption="Concentration now and eight weeks before, or as far as whole crawls go back",
        columns=(*columns("Level", kind=""), *columns(*(title for title, _ in MEASURES.values()))),
        rows=tuple(rows),
        folded=True,
    )


def _values(record: Record) -> tuple[Cell, ...]:
    return tuple(cell(write(record[measure])) for measure, (_, write) in MEASURES.items())


section = Section(order=27, slug="concentration", title="Concentration", render=render)
