"""What a reader must know before any figure: data simulated, compiled by hand or imported, a page built later."""

from __future__ import annotations

from dataclasses import dataclass

from reports import words
from reports.health import documents_in_words
from reports.mart import Record
from reports.section import Context
from reports.simulated import SIMULATED, WORD


@dataclass(frozen=True)
class Notice:
    """A line of the banner, with the sources it speaks of."""

    title: str
    text: str
    details: tuple[str, ...] = ()
    origin: str = ""


def notices(context: Context) -> list[Notice]:
    """The lines of the banner; none when every source is live and the week is the newest."""
    found = (_simulated(context), _starter(context), _imported(context), _later(context))
    return [notice for notice in found if notice]


def _of_origin(context: Context, origin: str) -> list[Record]:
    return [record for record in context.health.records if record["origin"] == origin]


def _details(records: list[Record]) -> tuple[str, ...]:
    """One line per source and note, with the documents it speaks of."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        groups.setdefault((record["title"], record["origin_note"] or ""), []).append(record)
    return tuple(
        f"{title} ({documents_in_words(group)}), {words.days_between(r['captured_at'] for r in group)}"
        + (f": {note}" if note else "")
        for (title, note), group in groups.items()
    )


def _simulated(context: Context) -> Notice | None:
    records = _of_origin(context, SIMULATED)
    if not records:
        return None
    sources, total = len({r["source"] for r in records}), len(context.health.origins())
    part = "The only source" if sources == total == 1 else f"{sources} of {words.plural(total, 'source')}"
    return Notice(
        f"{WORD} data.",
        f"{part} of this page {'is' if sources == 1 else 'are'} made up by a program, to show how the record works. "
        "Names of base models are real; what is said of them is not. No figure marked so is a fact.",
        _details(records),
        SIMULATED,
    )


def _starter(context: Context) -> Notice | None:
    records = _of_origin(context, "starter")
    if not records:
        return None
    sources, total = len({r["source"] for r in records}), len(context.health.origins())
    dates = words.days_between(r["captured_at"] for r in records if r["captured_at"])
    verb = "shows" if sources == 1 else "show"
    return Notice(
        "Starter data.",
        f"{sources} of {words.plural(total, 'source')} {verb} facts compiled by hand, of {dates}, because no live "
        "capture was made yet. Run on a machine with network for live data.",
        _details(records),
    )


def _imported(context: Context) -> Notice | None:
    records = _of_origin(context, "imported")
    if not records:
        return None
    sources = len({r["source"] for r in records})
    dates = words.days_between(r["captured_at"] for r in records if r["captured_at"])
    verb = "rests" if sources == 1 else "rest"
    return Notice(
        "Imported data.",
        f"{words.plural(sources, 'source')} {verb} on dated bodies of {dates} that were not fetched from the source by "
        "this record.",
        _details(records),
    )


def _later(context: Context) -> Notice | None:
    newest = context.health.newest
    if newest is None or newest < context.week.end:
        return None
    return Notice(
        "Built after its week.",
        f"It rests on captures up to {words.moment(newest)}, which may tell more of the week than was known then.",
    )
