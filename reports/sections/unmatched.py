"""Names that no reviewed alias resolves: what the record does not yet know, ranked by what it would change."""

from __future__ import annotations

from reports import words
from reports.mart import Record
from reports.section import Body, Context, Figure, Section, Table, cell, columns, provenance

SQL = """
select rank, name, source, used_in, provider, rows, sources_with_name, also_in_other_use, count(*) over () as total,
       (select count(distinct (source, used_in, name)) from marts.name_use where model_id is null) as unresolved
from marts.unmatched_name
order by rank, source, used_in, name
limit 30
"""


NONE = "No unmatched name is in wide use"


def render(context: Context) -> Body:
    """The thirty names that would change most, and how many there are."""
    result = context.mart.query(SQL)
    records = result.records
    total, unresolved = (records[0]["total"], records[0]["unresolved"]) if records else (0, 0)
    origins = context.health.origins()
    part = f", the first {len(records)} shown" if total > len(records) else ""
    figure = Figure(
        slug="unmatched-names",
        title=f"{words.plural(total, 'name')} in wide use without a model" if total else NONE,
        subtitle="Matching is exact after a small normalisation, never a guess; a name stays here until it is "
        f"reviewed. Of {unresolved:,} such names those with a price and a score, of three sources or of some weight. "
        f"n = {total:,}{part}.",
        results=(result,),
        provenance=provenance(context, [r | {"origin": origins.get(r["source"], "never")} for r in records]),
        table=_table(context, records) if records else None,
    )
    return Body(figures=(figure,))


def _table(context: Context, records: list[Record]) -> Table:
    rows = (
        (
            cell(r["name"], sub=r["provider"]),
            cell(words.exact(r["rank"])),
            cell(r["used_in"]),
            cell(context.health.title_of(r["source"])),
            cell(words.exact(r["rows"])),
            cell(words.exact(r["sources_with_name"])),
            cell("yes" if r["also_in_other_use"] else ""),
        )
        for r in records
    )
    return Table(
        caption="Unmatched names, ranked by what an alias would change: those with both a price and a score would add "
        "a point to price against quality",
        columns=(
            *columns("Name", kind=""),
            *columns("Rank"),
            *columns("Used in", "Source", kind=""),
            *columns("Rows", "Sources with it"),
            *columns("Would add a point", kind="fixed"),
        ),
        rows=tuple(rows),
    )


section = Section(order=70, slug="unmatched", title="Unmatched names", render=render)
