"""What happens to simulated repositories on one day besides downloads: edits, renames, deletions, returns, launches.

0.5 % of the repositories are edited a day (the load the tracker is measured against). Among the edits lineage changes
for 12 %, which is the 6 of 1,435 trending models whose base_model tags changed within a week (2026-04-28..05-04); the
other shares, 0.02 % deletions and 0.005 % renames a day, are assumptions. A tenth of the deleted come back after three
days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from tests.hub.columns import PLAIN, TYPED, Columns
from tests.hub.hashing import Rows, bits, uniform
from tests.hub.naming import Naming
from tests.hub.population import Setting
from tests.hub.vocabulary import BUNDLES, FINETUNE, FREE_LICENCE_WEIGHTS, HEADS, MERGE, NONE

EDITED = 0.005
DELETED = 0.0002
RENAMED = 0.00005
RETURNS = 0.1
RETURN_DAYS = 3
# Of the edits; the rest are commits that change nothing a list shows but the date.
EDITS = (("retag", 0.40), ("relicense", 0.05), ("reparent", 0.12), ("retask", 0.05), ("gate", 0.02))


@dataclass(frozen=True)
class Event:
    """Something that happens to rows at a time, in seconds since 1970."""

    at: int
    kind: str
    rows: Rows


def plan(setting: Setting, columns: Columns, day: date, midnight: int, returning: Rows) -> list[Event]:
    """All edits, deletions, returns and renames of a day, in the order of time. Public rows only."""
    seed, turn = setting.seed, day.toordinal()
    rows = np.flatnonzero(~columns.gone & (columns.public_at < midnight))
    chance = uniform(seed, "happens", rows, turn)
    edges = np.cumsum([EDITED, DELETED, RENAMED])
    edited = rows[chance < edges[0]]
    kinds = ["touch", *(name for name, _ in EDITS)]
    shares = np.cumsum([share for _, share in EDITS])
    place = np.searchsorted(shares, uniform(seed, "edit", edited, turn), side="right")
    number = np.where(place < len(EDITS), place + 1, 0)
    deleted = rows[(chance >= edges[0]) & (chance < edges[1])]
    # A named base model is not deleted by chance: a demo is about them.
    deleted = deleted[columns.named[deleted] < 0]
    renamed = rows[(chance >= edges[1]) & (chance < edges[2])]
    happening = [(kinds[kind], edited[number == kind]) for kind in range(len(kinds))]
    happening += [("delete", deleted), ("rename", renamed), ("return", returning)]
    events = []
    for kind, whom in happening:
        times = midnight + (uniform(seed, f"time of {kind}", whom, turn) * 86_400).astype(np.int64)
        order = np.argsort(times, kind="stable")
        # Minutes are fine enough, and a day of a full Hub stays at some thousand events.
        minutes, first = np.unique(times[order] // 60, return_index=True)
        groups = np.split(whom[order], first[1:])
        events += [Event(int(at) * 60, kind, group) for at, group in zip(minutes, groups, strict=False)]
    return sorted(events, key=lambda event: (event.at, event.kind))


class Editor:
    """Applies one kind of event to rows."""

    def __init__(self, setting: Setting, columns: Columns, naming: Naming) -> None:
        self._setting = setting
        self._columns = columns
        self._naming = naming
        self.kinds: dict[str, Callable[[Rows, int], None]] = {
            "touch": self.touch,
            "retag": self.retag,
            "relicense": self.relicense,
            "reparent": self.reparent,
            "retask": self.retask,
            "gate": self.gate,
            "delete": self.delete,
            "return": self.bring_back,
            "rename": self.rename,
        }

    def touch(self, rows: Rows, at: int) -> None:
        """A commit."""
        self._columns.modified[rows] = at
        self._columns.commits[rows] += np.uint16(1)

    def retag(self, rows: Rows, at: int) -> None:
        """Other free tags."""
        self.touch(rows, at)
        self._columns.bundle[rows] = self._draw("retag", rows, at) % np.uint64(BUNDLES)

    def relicense(self, rows: Rows, at: int) -> None:
        """Another licence."""
        self.touch(rows, at)
        usual = np.flatnonzero(np.array(FREE_LICENCE_WEIGHTS) > 0)
        self._columns.licence[rows] = usual[self._draw("relicense", rows, at) % np.uint64(len(usual))]

    def reparent(self, rows: Rows, at: int) -> None:
        """A row without a parent gets its base model as one, the others another base model; merges stay."""
        self.touch(rows, at)
        columns = self._columns
        rows = rows[(columns.relation[rows] != MERGE) & (columns.named[rows] < 0)]
        roots = np.flatnonzero((columns.named >= 0) & ~columns.gone)
        first = (columns.relation[rows] == NONE) & (columns.topic[rows] >= 0)
        home = {int(columns.named[row]): int(row) for row in roots}
        kept = [home.get(topic, int(roots[0])) for topic in columns.topic[rows].tolist()]
        drawn = roots[self._draw("reparent", rows, at) % np.uint64(len(roots))]
        columns.parent[rows] = np.where(first, kept, drawn)
        columns.relation[rows] = np.where(columns.relation[rows] == NONE, FINETUNE, columns.relation[rows])
        columns.lineage[rows] = np.where(columns.lineage[rows] == PLAIN, PLAIN, TYPED)

    def retask(self, rows: Rows, at: int) -> None:
        """Another library, task or format of the same kind of repository."""
        self.touch(rows, at)
        kinds = np.array([head.kind for head in HEADS])
        for row, drawn in zip(rows.tolist(), self._draw("retask", rows, at).tolist(), strict=True):
            choices = np.flatnonzero(kinds == kinds[self._columns.head[row]])
            self._columns.head[row] = choices[drawn % len(choices)]

    def gate(self, rows: Rows, at: int) -> None:
        """Opened or closed."""
        self.touch(rows, at)
        self._columns.gate[rows] = np.where(self._columns.gate[rows] == 0, 1 + rows % 2, 0)

    def delete(self, rows: Rows, at: int) -> None:
        """Gone from lists and details; children keep their tags."""
        self._columns.gone[rows] = True

    def bring_back(self, rows: Rows, at: int) -> None:
        """Public again, with id, `_id` and counts as before."""
        self._columns.gone[rows] = False

    def rename(self, rows: Rows, at: int) -> None:
        """Half of them move to another namespace. Tags of children follow at once, as the Hub resolves renames."""
        moves = self._draw("moves", rows, at) % np.uint64(2) == 0
        people = self._draw("new namespace", rows, at) % np.uint64(max(self._setting.models // 4, 10))
        authors = len(self._setting.namespaces) + people.astype(np.int64)
        moves &= self._columns.named[rows] < 0
        self._naming.rename(rows, np.where(moves, authors, self._columns.author[rows]))

    def _draw(self, purpose: str, rows: Rows, at: int) -> np.ndarray:
        return bits(self._setting.seed, purpose, rows, at)
