"""The rows of a table of top tens: who entered and who left, and why.

Here belongs how a comparison of two publications is put into words; what is compared and shown is the section's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from reports import words
from reports.mart import Record
from reports.section import Cell, Context, Table, cell, columns

Step = list[Record]
"""The rows of one comparison of a board."""

UNBROKEN = "\u00a0"
REASONS = {
    "new_model": "new",
    "relisted": "listed again",
    "overtaken": "overtaken",
    "removed": "no longer listed",
    "not_listed": "not known, as a list was cut",
    "renamed_list": "not known, as names were rewritten",
}
RISEN = {"overtaken": "rose", "removed": "moved up as others went"}


def boards(records: Sequence[Record]) -> list[list[Step]]:
    """The comparisons of each board, newest board first; the one over the longest time, a week or more, first."""
    found: dict[str, dict[object, Step]] = {}
    for _, rows in groupby(records, key=lambda r: (r["board_id"], r["published_before_at"], r["comparison"])):
        step = list(rows)
        # Where the publication before is a week old, both comparisons are the same.
        found.setdefault(step[0]["board_id"], {}).setdefault(step[0]["published_before_at"], step)
    return [list(reversed(steps.values())) for steps in found.values()]


def of(step: Step, *changes: str) -> Step:
    """The rows with one of these changes."""
    return [row for row in step if row["change"] in changes]


def _parts(record: Record) -> list[str]:
    return [part for part in (record["harness"] or "").split(", ") if part]


def entry(record: Record, common: Sequence[str] = ()) -> str:
    """The name as written, with effort and harness where it does not say them itself nor every entry has them."""
    name = str(record["model_name"])
    told = [record["effort"], *(part for part in _parts(record) if part not in common)]
    more = ", ".join(part for part in told if part and part.lower() not in name.lower())
    return f"{name} ({more})" if more else name


def usual(step: Step) -> list[str]:
    """Parts of the harness that every entry of the step has: that of the leaderboard."""
    return [part for part in _parts(step[0]) if len(step) > 1 and all(part in _parts(row) for row in step)]


def _reason(record: Record) -> str:
    """A mark and why it entered or left."""
    if record["change"] == "left":
        return f"▼ {REASONS.get(record['reason'], 'out')}"
    known = RISEN if record["place_before"] else {}
    return f"▲ {known.get(record['reason']) or REASONS.get(record['reason'], 'in')}"


def _places(record: Record) -> str:
    before, now = record["place_before"], record["place"]
    places = f"{before} → {now}" if before and now else f"at {now}" if now else f"from {before}"
    return places.replace(" ", UNBROKEN)


def _listed(step: Step) -> Cell:
    """A line for each reason; of the moves within the ten only how many."""
    common = usual(step)
    groups: dict[str, list[str]] = {}
    for row in of(step, "entered", "left"):
        groups.setdefault(_reason(row), []).append(f"{entry(row, common)} {_places(row)}")
    lines = [f"{reason}: {'; '.join(entries)}" for reason, entries in groups.items()]
    moved = len(of(step, "moved"))
    if moved:
        told = UNBROKEN.join(("↕", f"{moved:,}", "moved"))
        lines = [*lines[:-1], f"{lines[-1]}; {told}"] if lines else [told]
    return cell(lines[0], lines=tuple(lines[1:])) if lines else cell("no change")


def table(context: Context, caption: str, steps: Sequence[Step], *, folded: bool = False) -> Table:
    """A row for each comparison; lists of one name are told apart by their series."""
    series = {(step[0]["board_id"], step[0]["benchmark_name"], step[0]["source"], step[0]["metric"]) for step in steps}
    alike = Counter(key[1:] for key in series)
    return Table(
        caption=caption,
        columns=(*columns("Leaderboard", kind=""), *columns("Entered and left", kind="")),
        rows=tuple(
            _row(context, step, alike[step[0]["benchmark_name"], step[0]["source"], step[0]["metric"]] > 1)
            for step in steps
        ),
        folded=folded,
    )


def _row(context: Context, step: Step, has_namesake: bool) -> tuple[Cell, ...]:
    first = step[0]
    version = first["series_id"].partition(":")[2] if has_namesake else ""
    facts = [
        f"{context.health.title_of(first['source'])}, {first['metric'].replace('_', ' ')}",
        f"{words.day(first['published_before_at'])} to {words.day(first['published_at'])}",
        f"{first['entries_before']:,} to {first['entries']:,} listed" + (", cut to a part" if first["is_cut"] else ""),
    ]
    return (
        cell(
            ", ".join(filter(None, (str(first["benchmark_name"]), version))),
            badge=first["origin"],
            sub="; ".join(facts),
        ),
        _listed(step),
    )
