"""Tables declared `-- kept: differences`: a row for every capture in which it is new or another, and when it left.

What a document says at a moment is, for every key (the grain), its last row up to that moment, if that is not one of
leaving (`is_gone`). A capture that says what the one before said adds nothing. The table is a function of the good
captures in it, whatever order they came in: when one comes between two others, the later of them is compared anew.
Parsing and checking rows is the affair of `documents` and `casting`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from pipelines.lib.contract import Column, Table

GONE = Column("is_gone", "BOOLEAN", "True where this capture no longer says it; the values are the last ones.")
_PROVENANCE = frozenset({"source", "document", "capture_id", "observed_at", "origin", GONE.name})


@dataclass(frozen=True, order=True)
class Moment:
    """A good capture of a document in the order of time; of two at one moment the higher id comes last."""

    observed_at: datetime
    capture_id: str
    origin: str = field(compare=False)


@dataclass(frozen=True)
class Differences:
    """One such table, and one document of one source in it."""

    connection: duckdb.DuckDBPyConnection
    table: Table
    source: str
    document: str

    def add(self, new: Sequence[Moment], rows: str) -> None:
        """Put captures into the document's timeline; the table `rows` has all rows of each by capture_id."""
        held = self._held(without=[moment.capture_id for moment in new])
        states = {moment: f"select * from {rows} where document = ? and capture_id = ?" for moment in new}
        self._compare(states, held, moved=new)

    def forget(self, gone: Iterable[str]) -> None:
        """Take captures out of the document's timeline; what followed one of them is compared anew."""
        removed = sorted(set(gone))
        held = self._held(without=removed)
        moved = self._moments(f"select distinct observed_at, capture_id, origin from {self.table.full_name}", removed)
        following = self._keep_following(moved, held)
        self._delete(removed)
        self._rewrite({}, following, held)

    def _compare(self, states: dict[Moment, str], held: Sequence[Moment], moved: Sequence[Moment]) -> None:
        following = self._keep_following(moved, held)
        self._rewrite(states, following, sorted([*held, *moved]))

    def _keep_following(self, moved: Sequence[Moment], held: Sequence[Moment]) -> list[Moment]:
        """Set aside in full what the captures next after one of `moved` say, before anything is changed."""
        nexts = {min((moment for moment in held if moment > one), default=None) for one in moved}
        following = sorted(moment for moment in nexts if moment is not None)
        for number, moment in enumerate(following):
            self._state(f"following_{number}", moment)
        return following

    def _rewrite(self, states: dict[Moment, str], following: Sequence[Moment], timeline: Sequence[Moment]) -> None:
        """Write the differences of some captures anew, oldest first, each against the one before it."""
        self._delete([moment.capture_id for moment in following])
        queries = states | {
            moment: f"select * from following_{number} where document = ? and ? is not null"
            for number, moment in enumerate(following)
        }
        position = {moment: number for number, moment in enumerate(timeline)}
        before: Moment | None = None
        for moment in sorted(queries):
            at = position[moment]
            previous = timeline[at - 1] if at else None
            if before is None or previous != before:
                self._state("before_it", previous)
            self._write(queries[moment], moment)
            before = moment
        for number in range(len(following)):
            self.connection.execute(f"drop table following_{number}")

    def _write(self, query: str, moment: Moment) -> None:
        """Insert what the rows of a capture change of `before_it`, and make them what the next is compared with."""
        execute = self.connection.execute
        execute(f"create or replace temp table now_it as {query}", [self.document, moment.capture_id])
        same_key = " and ".join(f'b."{key}" is not distinct from f."{key}"' for key in self.table.grain)
        values = [name for name in self._own() if name not in self.table.grain]
        differs = " or ".join(f'b."{name}" is distinct from f."{name}"' for name in values) or "false"
        stamp = [self.source, self.document, moment.capture_id, moment.observed_at, moment.origin]
        insert = (
            f"insert into {self.table.full_name} by name select {', '.join(map(_quoted, self._own()))}, ? as source, "
            "? as document, ? as capture_id, ?::timestamp as observed_at, ? as origin"
        )
        execute(
            f"{insert}, false as is_gone from now_it as f "
            f"where not exists (select 1 from before_it as b where {same_key} and not ({differs}))",
            stamp,
        )
        execute(
            f"{insert}, true as is_gone from before_it as b "
            f"where not exists (select 1 from now_it as f where {same_key})",
            stamp,
        )
        execute("create or replace temp table before_it as select * from now_it")

    def _state(self, name: str, moment: Moment | None) -> None:
        """A temporary table of what the document said at a moment; empty before its first."""
        own = ", ".join(map(_quoted, self._own()))
        keys = ", ".join(map(_quoted, self.table.grain))
        at = (moment.observed_at, moment.capture_id) if moment else (None, "")
        self.connection.execute(
            f"create or replace temp table {name} as select document, {own} from ("
            f"select * from {self.table.full_name} where source = ? and document = ? "
            "and (observed_at < ?::timestamp or (observed_at = ?::timestamp and capture_id <= ?)) "
            f"qualify row_number() over (partition by {keys} order by observed_at desc, capture_id desc) = 1"
            ") where not is_gone",
            [self.source, self.document, at[0], at[0], at[1]],
        )

    def _held(self, without: Sequence[str]) -> list[Moment]:
        """Good captures of the document in the ledger."""
        good = "select observed_at, capture_id, origin from staging.document"
        return [moment for moment in self._moments(good, None) if moment.capture_id not in set(without)]

    def _moments(self, select: str, captures: Sequence[str] | None) -> list[Moment]:
        state = "" if captures is not None else " and state = 'good'"
        rows = self.connection.execute(
            f"{select} where source = ? and document = ?{state} and (? or list_contains(?::varchar[], capture_id))",
            [self.source, self.document, captures is None, list(captures or [])],
        ).fetchall()
        return sorted(Moment(*row) for row in rows)

    def _delete(self, captures: Sequence[str]) -> None:
        self.connection.execute(
            f"delete from {self.table.full_name} where source = ? and document = ? "
            "and list_contains(?::varchar[], capture_id)",
            [self.source, self.document, list(captures)],
        )

    def _own(self) -> list[str]:
        return [column.name for column in self.table.columns if column.name not in _PROVENANCE]


def _quoted(name: str) -> str:
    return f'"{name}"'
