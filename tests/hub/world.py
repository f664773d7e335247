"""The simulated Hub as a whole: a drawn population whose days pass, asked as a catalog.

Time stands still until it is told to go on (`next_day`, `advance`). Whatever happens is noted in `happenings`, so a
test can hold what a tracker found against what took place. Rows that should break a rule are made with `override`.
"""

from __future__ import annotations

import bisect
import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.hub import changes, counters, lineage, population
from tests.hub.catalog import DETAIL_PLAIN, PLAIN_ATTRIBUTES, Listing, Position, Query, in_order
from tests.hub.changes import Editor, Event
from tests.hub.clock import Calendar, Script, midnight
from tests.hub.hashing import Rows, uniform
from tests.hub.naming import Naming
from tests.hub.population import Setting
from tests.hub.render import Renderer
from tests.hub.selection import SORT_COLUMNS, Selector
from tests.hub.vocabulary import HEADS, NONE

CRAWL_HOUR = 14  # after the refresh, which is over by 13 UTC
REVISED = 40
JUMP = 19.2  # MiniMax-H3: 83,484 -> 1,605,940
LIBRARY_JUMP = 1.6
LAUNCH_RATE = 60_000.0  # of every size of population: a release is an event of its own
PRIVATE_DAYS = 9  # Qwen3.8-27B was made on 08-05 and public on 08-14


@dataclass(frozen=True)
class Happening:
    """Something that took place, to whom, and on the day it could first be seen."""

    day: date
    kind: str
    rows: Rows
    note: str = ""


class World:
    """A catalog. Not safe for threads by itself; the server asks it under a lock."""

    def __init__(
        self, models: int = 2_000, seed: int = 1, start: date = date(2026, 9, 1), script: Script | None = None
    ) -> None:
        self.setting = Setting(models, seed, start)
        self.calendar = Calendar(seed, start, script or Script())
        self.columns = population.generate(self.setting)
        counters.start(seed, self.columns, start)
        self.naming = Naming(self.setting, self.columns)
        self.renderer = Renderer(self.setting, self.columns, self.naming)
        self.happenings: list[Happening] = []
        self._selector = Selector(self.columns, self.naming, self.renderer)
        self._editor = Editor(self.setting, self.columns, self.naming)
        self._deleted: dict[date, list[Rows]] = {}
        self._version = 0
        self._visible: tuple[int, npt.NDArray[np.bool_]] | None = None
        self._due: deque[Event] = deque()
        self._next_midnight = start + timedelta(days=1)
        self.now = midnight(start)
        self.advance(hours=CRAWL_HOUR)

    # ---- time

    @property
    def today(self) -> date:
        """The simulated day."""
        return self.now.date()

    def next_day(self) -> date:
        """Go on to the afternoon of the next day, after its refresh."""
        self.advance_to(midnight(self.today + timedelta(days=1)) + timedelta(hours=CRAWL_HOUR))
        return self.today

    def advance(self, **duration: float) -> None:
        """Go on by hours, minutes or seconds."""
        self.advance_to(self.now + timedelta(**duration))

    def advance_to(self, moment: datetime) -> None:
        """Let everything happen that is due by then."""
        while (begin := midnight(self._next_midnight)) <= moment:
            self._happen(begin)
            self._begin(self._next_midnight)
            self._next_midnight += timedelta(days=1)
        self._happen(moment)
        self.now = moment

    def _begin(self, day: date) -> None:
        """New rows and the plan of a day."""
        made = population.newborn(self.setting, self.columns, day)
        self._note(day, "new", made)
        start = int(midnight(day).timestamp())
        came_out = np.sort(self.columns.public_at[self.columns.public_at >= start].astype(np.int64))
        minutes = np.unique(came_out[came_out < start + 86_400] // 60 + 1) * 60
        events = changes.plan(self.setting, self.columns, day, start, self._returning(day))
        events += [Event(int(at), "appear", made[:0]) for at in minutes]
        events.append(Event(int(self.calendar.refresh_at(day).timestamp()), "refresh", made[:0]))
        if self.calendar.offset(day) in self.calendar.script.launch:
            events.append(Event(start + 9 * 3600, "launch", made[:0]))
        self._due = deque(sorted(events, key=lambda event: event.at))
        self._version += 1

    def _happen(self, moment: datetime) -> None:
        until = moment.timestamp()
        while self._due and self._due[0].at <= until:
            event = self._due.popleft()
            self._version += 1
            day = datetime.fromtimestamp(event.at, UTC).date()
            if event.kind == "refresh":
                self._refresh(day)
            elif event.kind == "launch":
                self.launch(f"SIM-{day:%m%d}-27B", event.at)
            elif event.kind != "appear":
                self._edit(event, day)

    def _edit(self, event: Event, day: date) -> None:
        self._editor.kinds[event.kind](event.rows, event.at)
        if event.kind == "delete":
            self._deleted.setdefault(day, []).append(event.rows)
        self._note(day, event.kind, event.rows)

    def _returning(self, day: date) -> Rows:
        rows = np.concatenate(
            [np.zeros(0, dtype=np.int64), *self._deleted.pop(day - timedelta(days=changes.RETURN_DAYS), [])]
        )
        return rows[uniform(self.setting.seed, "returns", rows) < changes.RETURNS]

    def _refresh(self, day: date) -> None:
        seed, columns, script, offset = self.setting.seed, self.columns, self.calendar.script, self.calendar.offset(day)
        counters.count_day(seed, columns, day)
        if offset in script.jump_of_one:
            self.jump(self._best_known(30)[-1:], JUMP, day)
        if library := script.jump_of_library.get(offset):
            heads = [number for number, head in enumerate(HEADS) if head.library == library]
            self.jump(np.flatnonzero(np.isin(columns.head, heads)), LIBRARY_JUMP, day, f"library {library}")
        if offset in script.revision:
            self.revise(self._best_known(3 * REVISED)[::3], day)
        if self.calendar.is_stale(day):
            self._note(day, "stale", np.zeros(0, dtype=np.int64))
            return
        counters.publish(seed, columns, day, self.calendar.share(day), self.calendar.factor(day))
        for kind, value in (("partial", self.calendar.share(day)), ("off", self.calendar.factor(day))):
            if value != 1.0:
                self._note(day, kind, np.zeros(0, dtype=np.int64), f"{value:g}")

    def _best_known(self, count: int) -> Rows:
        return np.argsort(-self.columns.rate * ~self.columns.gone, kind="stable")[:count]

    # ---- changes by hand, at once

    def jump(self, rows: Rows, factor: float, day: date, note: str = "one repository") -> None:
        """A new counting rule that works backwards: all counts as if it had always held. Seen once published."""
        columns = self.columns
        columns.rate[rows] *= np.float32(factor)
        columns.true_30d[rows] = counters.window(self.setting.seed, columns, rows, day.toordinal())
        columns.true_all[rows] = (columns.true_all[rows] * factor).astype(np.int64)
        self._note(day, "jump", rows, f"{note} x {factor:g}")

    def revise(self, rows: Rows, day: date) -> None:
        """Downloads taken back: all-time counts fall by 3 to 30 %, 30-day counts stay. Seen when published."""
        share = 0.03 + 0.27 * uniform(self.setting.seed, "revision", rows, day.toordinal())
        self.columns.true_all[rows] -= (self.columns.true_all[rows] * share).astype(np.int64)
        self._note(day, "revision", rows)

    def launch(self, name: str, at: int | None = None) -> int:
        """A release everybody fetches: made in private days ago, public now, counted only after two days."""
        at = int(self.now.timestamp()) if at is None else at
        day = datetime.fromtimestamp(at, UTC).date()
        row = int(population.newborn(self.setting, self.columns, day, count=1)[0])
        columns, root = self.columns, int(np.flatnonzero(self.columns.named >= 0)[0])
        columns.created[row] = at - PRIVATE_DAYS * 86_400
        columns.public_at[row] = columns.modified[row] = at
        columns.author[row], columns.topic[row], columns.parent[row] = columns.author[root], -1, -1
        columns.relation[row], columns.prolific[row] = NONE, True
        columns.rate[row] = LAUNCH_RATE
        self.naming.give(row, name)
        self._note(day, "launch", np.array([row]), name)
        self._version += 1
        return row

    def edit(self, kind: str, *rows: int) -> None:
        """One of the kinds of `changes.Editor` now: touch, retag, relicense, reparent, delete, return, rename, ..."""
        self._edit(Event(int(self.now.timestamp()), kind, np.array(rows, dtype=np.int64)), self.today)
        self._version += 1

    def count(self, row: int, downloads: int) -> None:
        """Publish another 30-day count of one row now."""
        self.columns.downloads[row] = downloads
        self._version += 1

    def override(self, row: int, **attributes: Any) -> None:
        """Serve these attributes of a row in place of its own, whatever they are; `ABSENT` leaves one out."""
        self.renderer.overrides.setdefault(row, {}).update(attributes)
        self._version += 1

    def happened(self, kind: str, day: date | None = None) -> list[int]:
        """Rows to which something took place, on a day or ever."""
        return [
            row
            for item in self.happenings
            if item.kind == kind and day in (None, item.day)
            for row in item.rows.tolist()
        ]

    def _note(self, day: date, kind: str, rows: Rows, note: str = "") -> None:
        if kind != "touch":
            self.happenings.append(Happening(day, kind, rows.copy(), note))

    # ---- the catalog

    @property
    def visible(self) -> npt.NDArray[np.bool_]:
        """Which rows the public sees now."""
        if self._visible is None or self._visible[0] != self._version:
            now = np.uint32(int(self.now.timestamp()))
            self._visible = (self._version, (self.columns.public_at <= now) & ~self.columns.gone)
        return self._visible[1]

    def listing(self, query: Query, after: Position | None, limit: int, wanted: Sequence[str]) -> Listing:
        """The next rows of a list."""
        rows = self._selector.rows(query, self.visible, self._version)
        first = self._place(rows, query.sort, after) if after else 0
        page = rows[first : first + limit]
        texts = self.renderer.texts(page, in_order(wanted, PLAIN_ATTRIBUTES))
        if first + limit >= len(rows):
            return Listing(texts)
        last = int(page[-1])
        return Listing(texts, Position(self._selector.value(query.sort, last), self.renderer.hub_ids(page[-1:])[0]))

    def _place(self, rows: Rows, sort: str, after: Position) -> int:
        """Number of the first row behind a position: less by the sort column, or the same with a greater `_id`."""
        if sort in ("createdAt", "lastModified"):
            start = -datetime.fromisoformat(after.value).timestamp()
        else:
            start = -after.value
        column = getattr(self.columns, SORT_COLUMNS[sort])

        def key(place: int) -> tuple[float, str]:
            return (-float(column[rows[place]]), self.renderer.hub_ids(rows[place : place + 1])[0])

        return bisect.bisect_right(range(len(rows)), (start, after.hub_id), key=key)

    def detail(self, repo_id: str, wanted: Sequence[str]) -> str | None:
        """One repository, if it is public."""
        row = self._row(repo_id)
        if row is None or not self.visible[row]:
            return None
        text = self.renderer.texts(np.array([row]), in_order(wanted, DETAIL_PLAIN))[0]
        if "childrenModelCount" not in wanted:
            return text
        counts = lineage.children_count(self.columns, self.visible, row)
        return f'{text[:-1]},"childrenModelCount":{json.dumps(counts, separators=(",", ":"))}}}'

    def new_name(self, repo_id: str) -> str | None:
        """Present id of a public row that had this id once."""
        row = self.naming.renamed(repo_id)
        return self.naming.ids(np.array([row]))[0] if row is not None and self.visible[row] else None

    def row_of(self, repo_id: str) -> int:
        """The row of an id. Raises KeyError."""
        row = self._row(repo_id)
        if row is None:
            raise KeyError(repo_id)
        return row

    def _row(self, repo_id: str) -> int | None:
        given = (row for row, changed in self.renderer.overrides.items() if changed.get("id") == repo_id)
        return next(given, None) if (found := self.naming.find(repo_id)) is None else found
