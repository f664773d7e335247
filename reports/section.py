"""What a section of the report is made of: plain data that the templates lay out.

Here belong the types a file in `reports/sections/` fills in. Nothing here knows SQL, HTML or charts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from reports.health import Health
from reports.mart import Mart, Record, Result
from reports.week import Week


@dataclass(frozen=True)
class Provenance:
    """Where a figure's data come from: whose, live or imported or otherwise, and from what time on to what time."""

    name: str
    origin: str
    captured_from: dt.datetime | dt.date | None = None
    captured_to: dt.datetime | dt.date | None = None


@dataclass(frozen=True)
class Column:
    """A column of a table; `kind` is number (flush right), fixed (never broken into lines), wide, or plain."""

    title: str
    kind: Literal["number", "fixed", "wide", ""] = ""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell: text, further lines like it, a smaller last line, a link, an origin badge, a tone (cut, raise, ...)."""

    text: str
    lines: tuple[str, ...] = ()
    sub: str | None = None
    href: str | None = None
    badge: str | None = None
    tone: str | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of a figure; the first cell of a row is its header."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    folded: bool = False


@dataclass(frozen=True)
class Key:
    """An entry of a chart's legend: what a colour and a mark stand for."""

    label: str
    colour: str
    mark: str


@dataclass(frozen=True)
class Chart:
    """A drawing as JSON-ready Vega-Lite, with its legend; the page sets the legend so that it wraps on a phone."""

    spec: Mapping[str, Any]
    legend: tuple[Key, ...] = ()


@dataclass(frozen=True)
class Panel:
    """One of many small drawings of a figure, with its name and what is beside it."""

    title: str
    facts: str
    chart: Chart


@dataclass(frozen=True, kw_only=True)
class Item:
    """An entry of a list: a headline with facts and tags under it."""

    title: str
    href: str | None = None
    facts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    badges: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One finding. `title` states it, `subtitle` gives units, definition and n; the first result is the CSV.

    It is drawn as one chart or as `panels`, which share the `legend`.
    """

    slug: str
    title: str
    subtitle: str
    results: tuple[Result, ...]
    provenance: tuple[Provenance, ...] = ()
    chart: Chart | None = None
    panels: tuple[Panel, ...] = ()
    legend: tuple[Key, ...] = ()
    table: Table | None = None
    items: tuple[Item, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def origins(self) -> frozenset[str]:
        """Every origin that the figure shows anywhere: in its provenance, at a cell, at an item."""
        cells = {cell.badge for row in (self.table.rows if self.table else ()) for cell in row if cell.badge}
        badges = {badge for item in self.items for badge in item.badges}
        return frozenset({entry.origin for entry in self.provenance} | cells | badges)


@dataclass(frozen=True, kw_only=True)
class Body:
    """What a section shows; `headlines` are its sentences in the week's summary."""

    figures: tuple[Figure, ...] = ()
    headlines: tuple[str, ...] = ()
    intro: str = ""
    terms: tuple[tuple[str, str], ...] = ()

    @property
    def origins(self) -> frozenset[str]:
        """Every origin that one of its figures shows."""
        return frozenset[str]().union(*(figure.origins for figure in self.figures))


@dataclass(frozen=True)
class Context:
    """What a section may use: the week, the marts, and how the sources stand."""

    week: Week
    mart: Mart
    health: Health
    known_on: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of the report; a module in `reports/sections/` exposes one as `section`."""

    order: int
    slug: str
    title: str
    render: Callable[[Context], Body] = field(repr=False)


def cell(text: str, **details: Any) -> Cell:
    """A cell; short to write."""
    return Cell(text=text, **details)


def columns(*titles: str, kind: Literal["number", "fixed", "wide", ""] = "number") -> tuple[Column, ...]:
    """Columns of one kind; short to write."""
    return tuple(Column(title, kind) for title in titles)


def provenance(
    context: Context,
    records: Iterable[Record],
    *,
    source: str = "source",
    origin: str = "origin",
    at: str | None = None,
) -> tuple[Provenance, ...]:
    """Who stands behind the records: one entry per source and origin, with the range of their capture times.

    Without `at` the records carry no time of their own; the newest capture of the source is given instead.
    """
    times: dict[tuple[str, str], list[Any]] = {}
    for record in records:
        seen = times.setdefault((record[source], record[origin]), [])
        if at is not None and record[at] is not None:
            seen.append(record[at])
    entries = []
    for (name, kind), seen in sorted(times.items()):
        known = seen or context.health.captures_of(name)
        entries.append(
            Provenance(
                name=context.health.title_of(name),
                origin=kind,
                captured_from=min(known, default=None),
                captured_to=max(known, default=None),
            )
        )
    return tuple(entries)
