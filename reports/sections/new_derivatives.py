"""Who takes the new derivatives, month by month; before the first crawl of the whole Hub with what is left of them."""

from __future__ import annotations

import datetime as dt

from reports import hub_charts, words
from reports.hub import CAPTURES, Captures, places
from reports.mart import Record, Result
from reports.section import Body, Context, Figure, Provenance, Section, Table, cell, columns

__all__ = ["CAPTURES", "section"]

# A family without a row in a month has no new derivative in it.
MONTHS = """
with month as (
    select distinct created_month, all_families_count, is_whole_hub_month,
           created_month + interval 1 month <= $week_end as is_complete
    from marts.new_derivative_by_month
    where rule = 'declared_edge' and relation = 'all' and created_month < $week_end
      and created_month >= date_trunc('month', $week_end - interval 12 month)
), family as (
    select found.family_id, found.family_name, sum(found.new_derivatives_count) as new_derivatives
    from marts.new_derivative_by_month as found
    join month using (created_month)
    where found.rule = 'declared_edge' and found.relation = 'all'
    group by found.family_id, found.family_name
    order by new_derivatives desc, found.family_id
    limit 5
)
select family.family_name, month.created_month as month, coalesce(found.new_derivatives_count, 0) as counted,
       month.all_families_count, coalesce(found.share_of_all_families, 0) as share, found.share_of_whole_hub,
       month.is_whole_hub_month as is_sure, month.is_complete, family.family_id
from month
cross join family
left join marts.new_derivative_by_month as found
    on found.family_id = family.family_id and found.created_month = month.created_month
   and found.rule = 'declared_edge' and found.relation = 'all'
order by family.new_derivatives desc, family.family_id, month.created_month
"""


def render(context: Context) -> Body:
    """One figure; nothing without a crawl of the whole Hub."""
    captures = Captures.read(context.mart)
    months = context.mart.query(MONTHS)
    if not captures.of_whole_hub or not months.records:
        return Body()
    return Body(figures=(_by_month(months, captures.provenance()),))


def _by_month(result: Result, sources: tuple[Provenance, ...]) -> Figure:
    records = result.records
    families = {r["family_id"]: r["family_name"] for r in records}
    lines = list(zip(families.values(), places(list(families)), strict=True))
    of_month = {r["month"]: r["all_families_count"] for r in records}
    least, most = min(of_month.values()), max(of_month.values())
    sizes = f"{least:,} in each month" if least == most else f"{least:,} to {most:,} in a month"
    chart = hub_charts.shares_by_month(
        [r | {"name": r["family_name"]} for r in records], lines=lines, axis_title="share of new derivatives"
    )
    return Figure(
        slug="new-derivatives-by-month",
        title=_month_title(records),
        subtitle="Share of the derivatives of all families, by the month in which the repository was created, at any "
        "depth by declared edges; one of two families counts in both. Drawn: the "
        f"{words.numeral(len(families))} with most. n = {sum(of_month.values()):,} derivatives of all, {sizes}.",
        results=(result,),
        provenance=sources,
        chart=chart,
        table=_month_table(records, families, of_month),
        notes=_month_notes(records),
    )


def _month(day: dt.date) -> str:
    return f"{day:%B %Y}"


def _month_title(records: list[Record]) -> str:
    """The leading family of the last whole month, and its share in the first month shown."""
    complete = [r for r in records if r["is_complete"]] or records
    last = max(r["month"] for r in complete)
    top = max((r for r in complete if r["month"] == last), key=lambda r: r["share"])
    first = min((r for r in records if r["family_id"] == top["family_id"]), key=lambda r: r["month"])
    text = f"{top['family_name']} took {words.share(top['share'])} of the families' new derivatives of {_month(last)}"
    if first["month"] == last:
        return text
    return f"{text}, after {words.share(first['share'])} in {_month(first['month'])}"


def _month_notes(records: list[Record]) -> tuple[str, ...]:
    notes = []
    if not all(r["is_sure"] for r in records):
        notes.append(
            "Months that began before the first crawl of the whole Hub lack what had been deleted by then. A "
            "repository is created when it is made, also in private, not when it comes out."
        )
    still_open = [r["month"] for r in records if not r["is_complete"]]
    if still_open:
        notes.append(f"{_month(max(still_open))} is not over yet.")
    return tuple(notes)


def _month_table(records: list[Record], families: dict[str, str], of_month: dict[dt.date, int]) -> Table:
    found = {(r["month"], r["family_id"]): r for r in records}
    rows = (
        (
            cell(_month(month), sub=None if found[month, next(iter(families))]["is_complete"] else "not over yet"),
            cell(words.exact(of_month[month])),
            *(
                cell(words.share(found[month, family]["share"]), sub=words.exact(found[month, family]["counted"]))
                for family in families
            ),
        )
        for month in sorted(of_month, reverse=True)
    )
    return Table(
        caption="New derivatives by month: of all families, and each family's share with its number",
        columns=(*columns("Month", kind=""), *columns("All families", *families.values())),
        rows=tuple(rows),
        folded=True,
    )


section = Section(order=21, slug="new-derivatives", title="New derivatives", render=render)
