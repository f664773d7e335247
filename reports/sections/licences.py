"""How far derivatives keep the licence of what they derive from, as both declare it."""

from __future__ import annotations

from reports import charts, words
from reports.hub import CAPTURES, Captures
from reports.mart import Record, Result
from reports.section import Body, Context, Figure, Provenance, Section, Table, cell, columns

__all__ = ["CAPTURES", "section"]

LEAST = 20
SHOWN = 8

_VERDICTS = """
       sum(edges_count)::bigint as edges_count,
       coalesce(sum(edges_count) filter (verdict = 'same'), 0)::bigint as same_count,
       coalesce(sum(edges_count) filter (verdict = 'loosened'), 0)::bigint as loosened_count,
       coalesce(sum(edges_count) filter (verdict = 'tightened'), 0)::bigint as tightened_count,
       coalesce(sum(edges_count) filter (verdict = 'unknown'), 0)::bigint as unknown_count,
       sum(edges_count) filter (verdict <> 'unknown')::bigint as told_count,
       sum(same_licence_count)::bigint as same_licence_count
from marts.licence_drift
"""
BY_RELATION = f"""
select relation,{_VERDICTS}where family_id is null
group by relation
order by list_position(['finetune', 'adapter', 'quantized', 'merge', 'unknown'], relation)
"""
BY_FAMILY = f"""
select family_name,{_VERDICTS}where family_id is not null
group by family_id, family_name
order by loosened_count / nullif(told_count, 0) desc nulls last, family_id
limit 30
"""
PAIRS = """
select parent_class, child_class, verdict, sum(edges_count)::bigint as edges_count
from marts.licence_drift
where family_id is null and verdict in ('loosened', 'tightened')
group by all
order by edges_count desc, parent_class, child_class
limit 20
"""

RELATIONS = {
    "finetune": "fine-tune", "adapter": "adapter", "quantized": "quantized", "merge": "merge", "unknown": "not said",
}  # fmt: skip
PARTS = {
    "loosened_share": ("loosened", charts.ORANGE),
    "tightened_share": ("tightened", charts.BLUE),
    "same_share": ("same class", charts.GREEN),
    "unknown_share": ("cannot be told", charts.GREY),
}
DEFINED = (
    "Licence classes by strictness: permissive, copyleft, restricted, non-commercial; own or unstated texts are not "
    "ordered. What the tags declare, not what the licences allow."
)


def render(context: Context) -> Body:
    """Edges by relation and by family; nothing without a crawl of the whole Hub, as only it shows both ends."""
    captures = Captures.read(context.mart)
    relations = context.mart.query(BY_RELATION)
    if not captures.of_whole_hub or not relations.records:
        return Body()
    sources = captures.provenance()
    pairs = context.mart.query(PAIRS)
    return Body(
        figures=(
            _by_relation(relations, pairs, sources),
            _by_family(context.mart.query(BY_FAMILY), sources),
        )
    )


def _shares(record: Record) -> Record:
    """The verdicts as parts of all edges."""
    return {part: record[part.replace("_share", "_count")] / record["edges_count"] for part in PARTS}


def _by_relation(result: Result, pairs: Result, sources: tuple[Provenance, ...]) -> Figure:
    records = result.records
    shown = [
        r | _shares(r) | {"name": RELATIONS[r["relation"]], "all": 1.0, "shown": words.count(r["edges_count"])}
        for r in records
    ]
    chart = charts.stacked_bars(
        shown, name="name", parts=PARTS, total="all", shown="shown", axis_title="share of edges", of="relation",
        by="licence", number="~%",
    )  # fmt: skip
    total = sum(r["edges_count"] for r in records)
    return Figure(
        slug="licence-drift",
        title=_title(records),
        subtitle=f"{DEFINED} n = {words.plural(total, 'edge')} from a derivative to a parent, their number at the end.",
        results=(result, pairs),
        provenance=sources,
        chart=chart,
        table=_table("Edges by relation", "Relation", [r | {"name": RELATIONS[r["relation"]]} for r in records]),
        notes=_pairs(pairs.records),
    )


def _title(records: list[Record]) -> str:
    told = sum(r["told_count"] or 0 for r in records)
    if not told:
        return "Of no edge are the licences of both ends ordered"
    loosened = sum(r["loosened_count"] for r in records) / told
    tightened = sum(r["tightened_count"] for r in records) / told
    lost = 1 - told / sum(r["edges_count"] for r in records)
    return (
        f"Where it can be told, {words.share(loosened)} of derivatives loosen the licence and {words.share(tightened)} "
        f"tighten it; of {words.share(lost)} it cannot"
    )


def _pairs(pairs: list[Record]) -> tuple[str, ...]:
    """The commonest change of class either way."""
    found = []
    for verdict in ("loosened", "tightened"):
        first = next((r for r in pairs if r["verdict"] == verdict), None)
        if first:
            classes = f"from {_class(first['parent_class'])} to {_class(first['child_class'])}"
            found.append(f"{verdict} {classes} ({words.plural(first['edges_count'], 'edge')})")
    return (f"Most often {words.listed(found)}.",) if found else ()


def _class(name: str) -> str:
    return name.replace("_", "-")


def _by_family(result: Result, sources: tuple[Provenance, ...]) -> Figure:
    records = result.records
    enough = [r for r in records if (r["told_count"] or 0) >= LEAST]
    shown = [
        r
        | {
            "share": r["loosened_count"] / r["told_count"],
            "shown": f"{words.share(r['loosened_count'] / r['told_count'])} of {words.count(r['told_count'])}",
        }
        for r in enough[:SHOWN]
    ]
    chart = charts.bars(
        shown, value="share", name="family_name", shown="shown", axis_title="share that loosens", number="~%"
    )
    first = enough[0] if enough else None
    title = f"Of no family are {LEAST} edges ordered"
    if first and first["loosened_count"]:
        title = (
            f"Derivatives of {first['family_name']} loosen most: "
            f"{words.share(first['loosened_count'] / first['told_count'])} of those that can be told"
        )
    elif first:
        title = "No family's derivatives loosen its licence"
    return Figure(
        slug="licence-drift-by-family",
        title=title,
        subtitle="Edges to the family or to what derives from it, over those whose two licences are ordered; families "
        f"with at least {LEAST} of them. n = {words.plural(len(enough), 'family', 'families')} of {len(records):,}.",
        results=(result,),
        provenance=sources,
        chart=chart if shown else None,
        table=_table("Edges by family", "Family", [r | {"name": r["family_name"]} for r in records]),
    )


def _table(caption: str, title: str, records: list[Record]) -> Table:
    counts = ("edges_count", "loosened_count", "tightened_count", "same_count", "same_licence_count", "unknown_count")
    rows = (
        (
            cell(r["name"]),
            *(cell(words.exact(r[count])) for count in counts),
            cell(words.share(r["loosened_count"] / r["told_count"]) if r["told_count"] else words.UNKNOWN),
        )
        for r in records
    )
    titles = ("Edges", "Loosened", "Tightened", "Same class", "Same licence", "Cannot be told", "Loosened of told")
    return Table(
        caption=f"{caption}: licence of the derivative against that of its parent",
        columns=(*columns(title, kind=""), *columns(*titles)),
        rows=tuple(rows),
        folded=True,
    )


section = Section(order=22, slug="licences", title="Licences of derivatives", render=render)
