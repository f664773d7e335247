"""Capturing one source: run its fetch, keep every byte that arrives, say honestly what did not.

What arrived before a failure is kept as an incomplete capture; a capture in which nothing arrived is no capture.

A fetch that takes long (its source has `resume_within` and a plan) keeps a journal instead: after a failure or a
crash there is no capture yet, and the next attempt at the same plan goes on behind what the journal holds, as one
capture of the moment of the first start. What nobody goes on with in time becomes an incomplete capture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from pipelines.lib.archive import Archive, Capture, fetched_origin, utc_text
from pipelines.lib.drift import drift
from pipelines.lib.http import FetchError, Http, Unreachable
from pipelines.lib.source import Document, Fetch, Fetcher, Origin, Source, StoredDocument
from pipelines.lib.unfinished import Busy, Journal, Unfinished

# Of long captures, every document up to the first number and then each so many is worth a line.
TOLD_FIRST = TOLD_EACH = 25
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Stamp:
    """The moment a capture speaks for, and its origin: now and live, unless a simulation stands in for the world."""

    moment: datetime
    origin: Origin = Origin.LIVE
    note: str | None = None


@dataclass(frozen=True)
class CaptureOutcome:
    """What an attempt gave: a capture or none, why it is not whole, and what looks odd about it."""

    source: str
    capture: Capture | None
    problem: str | None
    unreachable: bool
    warnings: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every document arrived."""
        return self.capture is not None and self.problem is None


class LatestDocuments(Mapping[str, Document]):
    """The newest documents of an origin by label of a source's captures; a body is read only when asked for."""

    def __init__(self, archive: Archive, captures: Iterable[Capture], origin: Origin = Origin.LIVE) -> None:
        self._archive = archive
        self._found: dict[str, tuple[Capture, StoredDocument]] = {}
        for capture in captures:
            if capture.origin is origin and capture.bodies_expired_at is None:
                self._found |= {stored.label: (capture, stored) for stored in capture.documents}

    def __getitem__(self, label: str) -> Document:
        return self._archive.document(*self._found[label])

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _nothing(_message: str) -> None:
    """Nobody listens."""


def capture(
    source: Source,
    archive: Archive,
    environ: Mapping[str, str],
    progress: Progress = _nothing,
    stamp: Stamp | None = None,
) -> CaptureOutcome:
    """Run a source's fetch and store what arrives, stamped as live and of now unless a stamp is given.

    Never raises for what the network does.
    """
    if source.fetch is None:
        return CaptureOutcome(source.name, None, "documents of this source are given by the user", False)
    stamp = stamp or Stamp(datetime.now(UTC))
    if source.resume_within is None:
        return _Attempt(source, source.fetch, archive, progress, stamp, Unfinished(stamp.moment, ""), None).run(environ)
    journal = archive.journal(source.name)
    try:
        plan = source.plan(environ)
        with journal.held():
            begun = _found(journal, archive, source, plan, stamp, progress) or Unfinished(stamp.moment, plan or "")
            kept = journal if plan else None
            return _Attempt(source, source.fetch, archive, progress, stamp, begun, kept).run(environ)
    except Busy:
        problem = "another process is capturing this source at this moment"
    except FetchError as error:
        problem = str(error)
    return CaptureOutcome(source.name, None, problem, False)


def _found(
    journal: Journal, archive: Archive, source: Source, plan: str | None, stamp: Stamp, progress: Progress
) -> Unfinished | None:
    """What can be gone on with. Anything else that the journal holds becomes an incomplete capture."""
    found = journal.read()
    # Whatever is behind a missing blob is fetched again.
    here = tuple(takewhile(archive.has_body, found.documents)) if found else ()
    if found is None or not here:
        journal.remove()
        return None
    if plan == found.plan and stamp.moment - found.started_at <= (source.resume_within or timedelta()):
        progress(f"{source.name}: going on behind {len(here):,} documents that arrived since {_minute(found)}")
        return Unfinished(found.started_at, found.plan, here)
    why = "that is too long ago to go on with" if plan == found.plan else "now something else is asked for"
    problem = f"the capture begun at {_minute(found)} ended after {len(here):,} documents; {why}"
    archive.store_manifest(
        source.name,
        here,
        captured_at=found.started_at,
        origin=stamp.origin,
        origin_note=stamp.note,
        complete=False,
        problem=problem,
    )
    journal.remove()
    progress(f"{source.name}: {problem}; they are kept as an incomplete capture")
    return None


@dataclass
class _Attempt:
    """One run of a fetch: behind what has begun, and with a journal where another attempt can go on behind it."""

    source: Source
    fetch: Fetch
    archive: Archive
    progress: Progress
    stamp: Stamp
    begun: Unfinished
    journal: Journal | None

    def run(self, environ: Mapping[str, str]) -> CaptureOutcome:
        """Fetch, store, and tell how it went."""
        previous = self.archive.captures(self.source.name)
        simulated = self.stamp.origin is Origin.SIMULATED
        if any((item.origin is Origin.SIMULATED) != simulated for item in previous):
            kind = "real" if simulated else "simulated"
            return CaptureOutcome(self.source.name, None, f"the archive is one of {kind} captures; never both", False)
        stored = list(self.begun.documents)
        problem, unreachable = None, False
        if self.journal:
            self.journal.write(self.begun)
        try:
            for document in self._arriving(environ, previous):
                stored.append(document)
                if len(stored) <= TOLD_FIRST or len(stored) % TOLD_EACH == 0:
                    self.progress(f"{self.source.name}: {document.label}, {document.bytes:,} bytes")
        except FetchError as error:
            problem, unreachable = str(error), isinstance(error, Unreachable)
        if stored and problem and self.journal:
            return CaptureOutcome(self.source.name, None, self._to_be_continued(problem, len(stored)), unreachable)
        outcome = self._ended(tuple(stored), problem, unreachable, previous)
        if self.journal:
            self.journal.remove()
        return outcome

    def _arriving(self, environ: Mapping[str, str], previous: list[Capture]) -> Iterator[StoredDocument]:
        """Every document, once it is stored and, where there is a journal, noted there."""
        whole = [item for item in previous if item.origin is self.stamp.origin and item.complete]
        with Http(max_bytes=self.source.max_bytes) as http:
            fetcher = Fetcher(
                http,
                environ,
                LatestDocuments(self.archive, previous, self.stamp.origin),
                self.progress,
                whole_before=frozenset(stored.label for stored in whole[-1].documents) if whole else frozenset(),
                resumed=self.begun.documents,
            )
            for response in self.fetch(fetcher):
                document = self.archive.store_body(response, self.begun.started_at)
                if self.journal:
                    self.journal.append(document)
                yield document

    def _to_be_continued(self, problem: str, documents: int) -> str:
        until = self.begun.started_at + (self.source.resume_within or timedelta())
        return f"{problem}; {documents:,} documents are kept, and a run before {utc_text(until)} goes on behind them"

    def _ended(
        self, stored: tuple[StoredDocument, ...], problem: str | None, unreachable: bool, previous: list[Capture]
    ) -> CaptureOutcome:
        """The manifest of what arrived, held against the capture before it."""
        if not stored:
            return CaptureOutcome(self.source.name, None, problem or "nothing was fetched", unreachable)
        origin, note, dated = fetched_origin(stored)
        if origin is Origin.LIVE:
            origin, note = self.stamp.origin, self.stamp.note
        kept = self.archive.store_manifest(
            self.source.name,
            stored,
            captured_at=dated or self.begun.started_at,
            origin=origin,
            origin_note=note,
            complete=problem is None,
            problem=problem,
        )
        before = [item for item in previous if item.origin is origin and item.complete]
        bulky = self.source.expires_raw
        warnings = drift(_sizes(before[-1], bulky), _sizes(kept, bulky)) if before else []
        return CaptureOutcome(self.source.name, kept, problem, unreachable, tuple(warnings))


def _sizes(capture: Capture, bulky: str | None = None) -> Mapping[str, int]:
    """Bytes by label. The pages of a bulky capture count as one document, for rows move from page to page."""
    sizes: Counter[str] = Counter()
    for stored in capture.documents:
        sizes[bulky if bulky and stored.label.startswith(bulky) else stored.label] += stored.bytes
    return sizes


def _minute(begun: Unfinished) -> str:
    return f"{begun.started_at:%Y-%m-%d %H:%M} UTC"
