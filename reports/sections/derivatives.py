"""Derivatives by family, and what is counted as one under three rules.

Without a crawl of the whole Hub there are only the Hub's own counts: see `reports.hub_counts`.
"""

from __future__ import annotations

from reports import charts, hub_charts, hub_counts, words
from reports.hub import CAPTURES, Captures
from reports.hub_counts import COUNTED, HISTORY
from reports.mart import Record, Result
from reports.section import Body, Context, Figure, Provenance, Section, Table, cell, columns

__all__ = ["CAPTURES", "COUNTED", "HISTORY", "section"]

SHOWN = 8

RULES = """
select family_name,
       max(derivatives_count) filter (rule = 'declared_edge' and depth = 'direct' and relation = 'all') as edge_direct,
       max(derivatives_count) filter (rule = 'declared_edge' and depth = 'transitive' and relation = 'all') as edge_any,
       max(derivatives_count) filter (rule = 'tag' and depth = 'direct' and relation = 'all') as tag_direct,
       max(derivatives_count) filter (rule = 'tag' and depth = 'transitive' and relation = 'all') as tag_any,
       max(derivatives_count) filter (rule = 'name_match' and relation = 'all') as name_match,
       max(derivatives_count) filter (by_edge and relation = 'quantized') as quantized_count,
       max(derivatives_count) filter (by_edge and relation = 'adapter') as adapter_count,
       max(derivatives_count) filter (by_edge and relation = 'finetune') as finetune_count,
       max(derivatives_count) filter (by_edge and relation = 'merge') as merge_count,
       max(derivatives_count) filter (by_edge and relation = 'unknown') as unknown_count,
       max(own_count) filter (by_edge and relation = 'all') as own_count,
       max(whole_hub_at) as whole_hub_at, family_id
from (
    select *, rule = 'declared_edge' and depth = 'transitive' as by_edge
    from marts.family_derivative_count
    where whole_hub_at is not null
)
group by family_id, family_name
order by edge_any desc nulls last, family_id
limit 30
"""

RELATIONS = {**hub_counts.RELATIONS, "unknown_count": ("not said", charts.GREY)}
NAMED = {"edge_any": "declared edge", "tag_any": "any tag", "name_match": "name match"}
RULES_DEFINED = (
    "Declared edge: in the Hub's resolved list of parents. Tag: any base_model tag. Name match: a word of the family "
    "in name or tags, whatever it derives from. At any depth, outside the family's own repositories."
)
LIGHT = (
    "This record holds no crawl of the whole Hub until the end of this week; MODELMARKET_HUB_CRAWL=full makes one. "
    "Without it derivatives by tag, by name and by month, drift of licences and concentration cannot be told and are "
    "left out, and the counts below are the Hub's own."
)


def render(context: Context) -> Body:
    """Derivatives under three rules and by month; the Hub's own counts where the whole Hub was never captured."""
    captures = Captures.read(context.mart)
    rules = context.mart.query(RULES)
    if not rules.records or not captures.of_whole_hub:
        return hub_counts.body(context.mart, LIGHT if captures.records else "")
    sources = captures.provenance()
    return Body(
        figures=(_by_family(rules, sources), _by_rule(rules, sources)),
        headlines=(_headline(rules.records),),
        intro="A derivative is counted once for a family however many ways lead to it. Which repositories are a "
        "family's own is reviewed by hand.",
    )


def _crawled(records: list[Record]) -> str:
    families = words.plural(len(records), "family", "families")
    return f"Whole Hub as of {words.day(records[0]['whole_hub_at'])}; n = {families}"


def _lead(records: list[Record]) -> str:
    """Who leads by declared edges, by what factor. Records come largest first."""
    first, second = records[0], records[1] if len(records) > 1 else None
    if not first["edge_any"]:
        return "No derivative of a family is known"
    if second is None or not second["edge_any"]:
        return f"{first['family_name']} leads with {words.plural(first['edge_any'], 'derivative')}"
    ratio = first["edge_any"] / second["edge_any"]
    if ratio < 1.05:
        return f"{first['family_name']} and {second['family_name']} are nearly level in derivatives"
    return f"{first['family_name']} has {words.times(ratio)} the derivatives of {second['family_name']}"


def _by_family(result: Result, sources: tuple[Provenance, ...]) -> Figure:
    records = [r for r in result.records if r["edge_any"]]
    parts = {column: part for column, part in RELATIONS.items() if any(r[column] for r in records)}
    shown = [
        # What has two relations is in both parts: they may reach further than the number of derivatives.
        r | {"shown": words.count(r["edge_any"]), "reach": max(r["edge_any"], sum(r[part] or 0 for part in parts))}
        for r in records[:SHOWN]
    ]
    chart = charts.stacked_bars(
        shown, name="family_name", parts=parts, total="reach", shown="shown", axis_title="derivatives"
    )
    total = sum(r["edge_any"] for r in records)
    return Figure(
        slug="derivatives-by-family",
        title=_lead(result.records),
        subtitle="Repositories that derive from the family at any depth by declared edges, by the relation of their "
        f"own edge; one with two relations shows in both. {_crawled(result.records)}, "
        f"{words.plural(total, 'derivative')}.",
        results=(result,),
        provenance=sources,
        chart=chart if records else None,
        table=_family_table(result.records),
        notes=_more(records),
    )


def _more(records: list[Record]) -> tuple[str, ...]:
    left = len(records) - SHOWN
    return (f"The {words.numeral(SHOWN)} largest are drawn; {left} more are in the table.",) if left > 0 else ()


def _family_table(records: list[Record]) -> Table:
    relations = [label.capitalize() for label, _ in RELATIONS.values()]
    rows = (
        (
            cell(r["family_name"]),
            cell(words.exact(r["edge_any"])),
            cell(words.exact(r["edge_direct"])),
            *(cell(words.exact(r[column])) for column in RELATIONS),
            cell(words.exact(r["own_count"])),
        )
        for r in records
    )
    return Table(
        caption="Derivatives by declared edges; those of the family's own repositories are counted apart",
        columns=(*columns("Family", kind=""), *columns("Any depth", "Direct", *relations, "Its own")),
        rows=tuple(rows),
        folded=True,
    )


def _spread(record: Record) -> float | None:
    """The largest of the three counts over the smallest, both at least one."""
    known = [record[column] for column in NAMED if record[column] is not None]
    return max(known) / min(known) if len(known) > 1 and min(known) > 0 else None


def _by_rule(result: Result, sources: tuple[Provenance, ...]) -> Figure:
    records = [r for r in result.records if any(r[column] for column in NAMED)]
    shown = [r | {"shown": words.times(ratio) if (ratio := _spread(r)) else ""} for r in records[:SHOWN]]
    chart = hub_charts.ranges(shown, name="family_name", counts=NAMED, shown="shown", axis_title="derivatives")
    return Figure(
        slug="derivatives-by-rule",
        title=_rule_title(records),
        subtitle=f"{RULES_DEFINED} At the end: largest over smallest. {_crawled(result.records)}.",
        results=(result,),
        provenance=sources,
        chart=chart if records else None,
        table=_rule_table(result.records),
    )


def _rule_title(records: list[Record]) -> str:
    """What the name of the leading family stands for under each rule."""
    if not records:
        return "No rule finds a derivative of a family"
    first = records[0]
    counts = [
        f"{words.count(first[column])} by {label}" for column, label in NAMED.items() if first[column] is not None
    ]
    return f"“Derivatives of {first['family_name']}” are {words.listed(counts)}"


def _rule_table(records: list[Record]) -> Table:
    rules = ("edge_direct", "edge_any", "tag_direct", "tag_any", "name_match")
    rows = (
        (
            cell(r["family_name"]),
            *(cell("not asked", tone="muted") if r[rule] is None else cell(words.exact(r[rule])) for rule in rules),
            cell(words.times(ratio) if (ratio := _spread(r)) else ""),
        )
        for r in records
    )
    titles = ("Edge, direct", "Edge, any depth", "Tag, direct", "Tag, any depth", "Name match", "Largest ÷ smallest")
    return Table(
        caption="Derivatives of each family under the three rules; a family without a word of its own is not asked by "
        "name",
        columns=(*columns("Family", kind=""), *columns(*titles)),
        rows=tuple(rows),
        folded=True,
    )


def _headline(records: list[Record]) -> str:
    """Who leads, and how far the answer depends on the rule."""
    first = records[0]
    if not first["edge_any"]:
        return "No derivative of a family is known yet."
    day = words.day(first["whole_hub_at"])
    text = f"{_lead(records)} ({words.count(first['edge_any'])} at any depth by declared edges on {day}"
    return f"{text}; {words.count(first['name_match'])} by name)." if first["name_match"] is not None else f"{text})."


section = Section(order=20, slug="derivatives", title="Derivatives", render=render)
