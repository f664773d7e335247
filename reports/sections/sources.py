"""How each source stands: what it last gave, how old that is, and what went wrong."""

from __future__ import annotations

from typing import Any

from reports import words
from reports.health import Health, documents_in_words
from reports.mart import Record
from reports.section import Body, Cell, Context, Figure, Section, Table, cell, columns

STATES = {"good": ("read", None), "bad": ("newest capture not usable", "warn"), "never": ("never captured", "muted")}
KINDS = (
    ("live", "live"),
    ("imported", "imported"),
    ("starter", "starter"),
    ("simulated", "SIMULATED"),
    ("never", "never captured"),
)


def render(context: Context) -> Body:
    """One table of all sources and documents."""
    health = context.health
    standing = _standing(health)
    sources, documents = len(health.origins()), len(health.records)
    figure = Figure(
        slug="sources",
        title=standing[0].upper() + standing[1:],
        subtitle=f"Age of the oldest document, counted to {words.moment(health.as_of)}. "
        f"n = {words.plural(sources, 'source')}, {words.plural(documents, 'document')}.",
        results=(health.result,),
        table=_table(health) if health.records else None,
    )
    return Body(
        figures=(figure,),
        headlines=(f"Data health: {standing}.",),
        intro="A source that fails keeps its last good capture; its age and origin are shown here and at every figure "
        "that uses it.",
    )


def _standing(health: Health) -> str:
    """How many sources are live, imported, starter, simulated, stale, broken or missing."""
    origins = list(health.origins().values())
    if not origins:
        return "no source is known"
    parts = [f"{origins.count(kind)} {word}" for kind, word in KINDS if origins.count(kind)]
    stale, broken = len(health.stale_sources()), len(health.broken_sources())
    text = f"of {words.plural(len(origins), 'source')}, {words.listed(parts)}; {stale or 'none'} stale"
    return f"{text}; the newest capture of {broken} could not be used" if broken else text


def _table(health: Health) -> Table:
    """Documents of a source that stand alike share a row: a source may have hundreds."""
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for record in health.records:
        alike = (record["source"], record["state"], record["origin"], record["problem"], health.is_stale(record))
        groups.setdefault(alike, []).append(record)
    return Table(
        caption="Sources by title; documents that stand alike share a row, the CSV has one row for each",
        columns=(
            *columns("Source", "Document", "State", "Newest good capture", kind=""),
            *columns("Age, days", "Rows", "Rejected"),
            *columns("Licence", kind=""),
        ),
        rows=tuple(_row(health, group) for group in groups.values()),
    )


def _row(health: Health, group: list[Record]) -> tuple[Cell, ...]:
    first = group[0]
    state, tone = STATES[first["state"]]
    name = documents_in_words(group) if first["document"] else ""
    rejected = sum(record["rejected"] for record in group)
    captured = [record["captured_at"] for record in group if record["captured_at"]]
    when = words.moment(captured[0]) if len(set(captured)) == 1 else words.days_between(captured)
    return (
        cell(first["title"], sub=first["kind"], href=first["homepage"]),
        cell(_short(name, 60), href=first["url"] if len(group) == 1 else None),
        cell(f"{state}, stale" if health.is_stale(first) else state, tone=tone, sub=_short(first["problem"]) or None),
        cell(when if captured else "", badge=first["origin"]),
        cell(_age(health, group)),
        cell(words.exact(sum(record["rows"] for record in group)) if captured else ""),
        cell(words.exact(rejected) if captured else "", tone="warn" if rejected else None),
        cell(_short(first["licence"], 80)),
    )


def _age(health: Health, group: list[Record]) -> str:
    """Age of the oldest capture of the group."""
    age = max((age for record in group if (age := health.age_days(record)) is not None), default=None)
    if age is None:
        return ""
    return "after the week" if age < 0 else f"{age:,.1f}"


def _short(text: str | None, longest: int = 160) -> str:
    """The beginning of a long text; the CSV holds it whole."""
    return "" if text is None else text if len(text) <= longest else f"{text[:longest]}…"


section = Section(order=60, slug="sources", title="Sources", render=render)
