"""Who rose and who fell most within the week, with what may explain it besides use."""

from __future__ import annotations

from reports import charts, hub_charts, words
from reports.hub import CAPTURES, Captures
from reports.mart import Record, Result
from reports.section import Body, Cell, Context, Figure, Provenance, Section, Table, cell, columns

__all__ = ["CAPTURES", "section"]

DRAWN = 6

_MOVERS = """
select coalesce(family_name, subject) as subject, week_from, compared_with_on, observed_on,
       downloads_30d_before, downloads_30d, change, change_ratio,
       rank_rise, rank_fall, rank_rise_ratio, rank_fall_ratio, repositories,
       is_revised, is_jump, is_stale, is_launch, is_new, is_renamed, coverage
from marts.download_mover
left join (select distinct family_id, family_name from marts.downloads_by_family) as family
    on kind = 'family' and family_id = subject
where kind = '{kind}' and week_from = (
    select max(week_from) from marts.download_mover where kind = '{kind}' and week_from < $week_end
  ) and (rank_rise <= {most} or rank_fall <= {most})
order by rank_rise nulls last, rank_fall, download_mover.subject
"""
REPOSITORIES = _MOVERS.format(kind="repository", most=15)
FAMILIES = _MOVERS.format(kind="family", most=10)

FLAGS = {
    "is_revised": "revised",
    "is_jump": "jump",
    "is_stale": "stale",
    "is_launch": "launch",
    "is_new": "new",
    "is_renamed": "renamed",
}
MEANT = (
    "Revised: the Hub took downloads back. Jump: the level, or that of its library, jumped without its peers. Stale: "
    "one of the two days was not refreshed. Launch: public for less than 30 days, its window still fills. New: first "
    "seen in the week. Renamed: it changed its name."
)


def render(context: Context) -> Body:
    """Repositories and families; nothing without two weeks of captures."""
    repositories, families = context.mart.query(REPOSITORIES), context.mart.query(FAMILIES)
    sources = Captures.read(context.mart).provenance()
    figures = [
        _figure(context, result, kind, sources)
        for result, kind in ((repositories, "repository"), (families, "family"))
        if result.records
    ]
    inside = [r for r in repositories.records if r["week_from"] == context.week.first_day]
    return Body(figures=tuple(figures), headlines=(f"{_title(inside, 'repository')}.",) if inside else ())


def _flags(record: Record) -> list[str]:
    return [word for flag, word in FLAGS.items() if record[flag]]


def _top(records: list[Record], rank: str) -> list[Record]:
    """The first few by a rank."""
    return sorted((r for r in records if (r[rank] or DRAWN + 1) <= DRAWN), key=lambda r: int(r[rank]))


def _figure(context: Context, result: Result, kind: str, sources: tuple[Provenance, ...]) -> Figure:
    records = result.records
    first = records[0]
    drawn = [
        {
            "name": r["subject"],
            "value": abs(r["change"]),
            "kind": direction,
            "shown": " · ".join([words.change(r["change"]), *_flags(r)]),
        }
        for direction, rank in (("rose", "rank_rise"), ("fell", "rank_fall"))
        for r in _top(records, rank)
    ]
    if kind == "repository":
        who = "Repositories with at least 10,000 downloads at either end"
    else:
        who = "The families' own repositories, over those known at both ends"
    old = first["week_from"] != context.week.first_day
    late = "No move of this week is known yet; these are of the newest week that has any. " if old else ""
    watched = " Among the watched repositories only." if first["coverage"] != "whole_hub" else ""
    return Figure(
        slug=f"movers-{kind}",
        title=_title(records, kind),
        subtitle=f"{late}Change of the 30-day downloads from {words.day(first['compared_with_on'])} to "
        f"{words.day(first['observed_on'])}. {who}.{watched} n = {len(records):,} in the table.",
        results=(result,),
        provenance=sources,
        chart=hub_charts.named_bars(
            drawn, axis_title="change of downloads in 30 days", kinds={"rose": charts.BLUE, "fell": charts.ORANGE}
        ),
        table=_table(records, kind),
        notes=(MEANT,) if any(_flags(r) for r in records) else (),
    )


def _title(records: list[Record], kind: str) -> str:
    """The largest rise that nothing but use is known to explain; else the largest, with what is known."""
    rises = [r for r in records if r["rank_rise"] is not None]
    if not rises:
        return f"No {kind} rose; {records[0]['subject']} fell most, by {words.count(-records[0]['change'])}"
    plain = next((r for r in rises if not _flags(r)), None)
    flagged = rises[0] if _flags(rises[0]) else None
    text = (
        f"{flagged['subject']} rose most ({_move(flagged)}), flagged: {', '.join(_flags(flagged))}" if flagged else ""
    )
    if plain is None:
        return text
    if flagged:
        return f"{text}; without a flag {plain['subject']} ({_move(plain)})"
    return f"{plain['subject']} rose most, {_move(plain)}"


def _move(record: Record) -> str:
    return f"{words.change(record['change'])} to {words.count(record['downloads_30d'])}"


def _table(records: list[Record], kind: str) -> Table:
    rises = [r for r in records if r["rank_rise"] is not None]
    falls = sorted((r for r in records if r["rank_rise"] is None), key=lambda r: int(r["rank_fall"]))
    return Table(
        caption="Rises, then falls, each by size",
        columns=(
            *columns(kind.capitalize(), kind=""),
            *columns("Change", "In per cent", "Before", "Now", "Repositories"),
            *columns("Flags", kind=""),
        ),
        rows=tuple(_row(r) for r in [*rises, *falls]),
        folded=True,
    )


def _row(record: Record) -> tuple[Cell, ...]:
    return (
        cell(record["subject"]),
        cell(words.change(record["change"])),
        cell(words.percent_change(record["change_ratio"])),
        cell(words.exact(record["downloads_30d_before"])),
        cell(words.exact(record["downloads_30d"])),
        cell(words.exact(record["repositories"])),
        cell(", ".join(_flags(record)), tone="warn" if _flags(record) else None),
    )


section = Section(order=26, slug="movers", title="Risers and fallers", render=render)
