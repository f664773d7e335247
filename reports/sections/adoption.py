"""Relative adoption (RAM) of tracked models: who leads each size class, in both published versions."""

from __future__ import annotations

from reports import charts, hub_charts, words
from reports.hub import CAPTURES, Captures
from reports.mart import Record
from reports.section import Body, Cell, Context, Figure, Section, Table, cell, columns

__all__ = ["CAPTURES", "section"]

# Each checkpoint at the greatest age for which its RAM is known; the three largest of each size class.
LEADERS = """
with of_age as (
    select * from marts.adoption_ram
    where ram_v2 is not null and observed_on < $week_end and size_bucket is not null
    qualify row_number() over (partition by checkpoint_id order by day desc) = 1
)
select size_bucket, repo_id, family_id, region, parameters_total_b, released_on, release_source, day, observed_on,
       downloads_cumulative, models_compared, top_10_median, tenth_largest, ram_v1, ram_v2,
       row_number() over (partition by size_bucket order by ram_v2 desc, repo_id) as place, capture_id
from of_age
qualify place <= 3
order by size_bucket, place
"""

# What there is to compare, and whether it is enough anywhere.
CLASSES = """
select size_bucket, count(distinct checkpoint_id) as checkpoints,
       count(distinct checkpoint_id) filter (where downloads_cumulative is not null) as checkpoints_known,
       max(models_compared) as most_compared, min(parameters_total_b) as smallest_b
from marts.adoption_ram
where size_bucket is not null and (observed_on is null or observed_on < $week_end)
group by size_bucket
order by smallest_b, size_bucket
"""

NEEDED = 10
DEFINED = (
    "Downloads since the release against tracked models of the same size at the same age: v2 (2nd quarter of 2026) "
    "divides by the tenth largest, v1 (January 2026) by the median of the ten largest. Two numbers, never mixed."
)


def render(context: Context) -> Body:
    """The leader of each size class; nothing without a tracked model."""
    classes = context.mart.query(CLASSES)
    if not classes.records:
        return Body()
    leaders = context.mart.query(LEADERS)
    first = {r["size_bucket"]: r for r in leaders.records if r["place"] == 1}
    checkpoints = sum(r["checkpoints"] for r in classes.records)
    known = sum(r["checkpoints_known"] for r in classes.records)
    figure = Figure(
        slug="adoption-leaders",
        title=_title(list(first.values())),
        subtitle=f"{DEFINED} n = {words.plural(checkpoints, 'tracked checkpoint')}, {known:,} with a counter at some "
        "age.",
        results=(leaders, classes) if first else (classes, leaders),
        provenance=Captures.read(context.mart).provenance(),
        chart=hub_charts.named_bars(
            [_bar(r, first.get(r["size_bucket"])) for r in classes.records],
            axis_title="RAM v2; 1 is the tenth most downloaded of its size and age",
            kinds={"RAM v2": charts.BLUE},
        )
        if first
        else None,
        table=_table(classes.records, leaders.records),
        notes=_notes(classes.records, first),
    )
    return Body(figures=(figure,))


def _title(leaders: list[Record]) -> str:
    if not leaders:
        return "No RAM is known yet: no size class has ten tracked models with a counter at the same age"
    top = max(leaders, key=lambda r: (r["ram_v2"], r["repo_id"]))
    return (
        f"{top['repo_id']} stands out among {top['size_bucket']}: {words.times(top['ram_v2'])} the tenth most "
        f"downloaded of its size {top['day']} days after release"
    )


def _ram(value: float | None) -> str:
    return words.UNKNOWN if value is None else f"{value:.2f}"


def _bar(size: Record, leader: Record | None) -> Record:
    if leader is None:
        return {"name": size["size_bucket"], "value": None, "kind": "RAM v2", "shown": f"unknown: {_reason(size)}"}
    return {
        "name": f"{size['size_bucket']}: {leader['repo_id']}",
        "value": leader["ram_v2"],
        "kind": "RAM v2",
        "shown": f"v2 {_ram(leader['ram_v2'])}, v1 {_ram(leader['ram_v1'])}, day {leader['day']}",
    }


def _reason(size: Record) -> str:
    """Why a size class has no RAM."""
    if not size["most_compared"]:
        return "no counter reaches back"
    return f"{size['most_compared']} of {NEEDED} known at one age"


def _notes(classes: list[Record], first: dict[str, Record]) -> tuple[str, ...]:
    empty = [r for r in classes if r["size_bucket"] not in first]
    if not empty:
        return ()
    best = max(empty, key=lambda r: r["most_compared"])
    return (
        f"Unknown for {len(empty)} of {len(classes)} size classes, which have fewer than {NEEDED} models with a "
        f"counter at the same age: {best['size_bucket']} comes closest with {best['most_compared']}. It fills as "
        "captures go on past the ages of 7 to 365 days after release.",
    )


def _table(classes: list[Record], leaders: list[Record]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for size in classes:
        found = [r for r in leaders if r["size_bucket"] == size["size_bucket"]]
        rows += [_row(size, r) for r in found] or [_row(size, None)]
    return Table(
        caption="The three largest RAM v2 of each size class by total parameters, each at its greatest known age",
        columns=(
            *columns("Size", "Model", kind=""),
            *columns("RAM v2", "RAM v1", "Day", "Downloads by then", "Models compared"),
            *columns("Released", kind="fixed"),
        ),
        rows=tuple(rows),
        folded=True,
    )


def _row(size: Record, leader: Record | None) -> tuple[Cell, ...]:
    name = cell(size["size_bucket"], sub=f"n = {size['checkpoints']:,}")
    if leader is None:
        unknown = cell(words.UNKNOWN, tone="muted")
        return (name, cell("", sub=_reason(size)), unknown, unknown, cell(""), cell(""),
                cell(words.exact(size["most_compared"])), cell(""))  # fmt: skip
    return (
        name,
        cell(leader["repo_id"]),
        cell(_ram(leader["ram_v2"])),
        cell(_ram(leader["ram_v1"])),
        cell(words.exact(leader["day"])),
        cell(words.exact(leader["downloads_cumulative"])),
        cell(words.exact(leader["models_compared"])),
        cell(words.day(leader["released_on"]), sub="as created" if leader["release_source"] == "created" else None),
    )


section = Section(order=28, slug="adoption", title="Relative adoption", render=render)
