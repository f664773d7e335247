"""Capturing one source: run its fetch, keep every byte that arrives, say honestly what did not.

What arrived before a failure is kept as an incomplete capture; a capture in which nothing arrived is no capture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pipelines.lib.archive import Archive, Capture, StoredDocument, live_response_origin
from pipelines.lib.drift import drift
from pipelines.lib.http import FetchError, Http, Unreachable
from pipelines.lib.source import Document, Fetcher, Origin, Response, Source


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
    """The newest live documents of a source by label; a body is read only when asked for."""

    def __init__(self, archive: Archive, source: str) -> None:
        self._archive = archive
        self._found: dict[str, tuple[Capture, StoredDocument]] = {}
        for capture in archive.captures(source):
            if capture.origin is Origin.LIVE:
                self._found |= {stored.label: (capture, stored) for stored in capture.documents}

    def __getitem__(self, label: str) -> Document:
        return self._archive.document(*self._found[label])

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def capture(
    source: Source,
    archive: Archive,
    environ: Mapping[str, str],
    progress: Callable[[str], None] = lambda _message: None,
) -> CaptureOutcome:
    """Run a source's fetch and store what arrives. Never raises for what the network does."""
    if source.fetch is None:
        return CaptureOutcome(source.name, None, "documents of this source are given by the user", False)
    started_at = datetime.now(UTC)
    previous = archive.captures(source.name)
    responses: list[Response] = []
    stored: list[StoredDocument] = []
    problem: str | None = None
    unreachable = False
    try:
        with Http(max_bytes=source.max_bytes) as http:
            fetcher = Fetcher(http, environ, LatestDocuments(archive, source.name), progress)
            for response in source.fetch(fetcher):
                stored.append(archive.store_body(response, started_at))
                responses.append(
                    Response(response.label, response.url, b"", response.status, response.headers, response.fetched_at)
                )
                progress(f"{source.name}: {response.label}, {len(response.body):,} bytes")
    except FetchError as error:
        problem, unreachable = str(error), isinstance(error, Unreachable)
    if not stored:
        return CaptureOutcome(source.name, None, problem or "nothing was fetched", unreachable)
    origin, note, dated = live_response_origin(responses)
    kept = archive.store_manifest(
        source.name,
        tuple(stored),
        captured_at=dated or started_at,
        origin=origin,
        origin_note=note,
        complete=problem is None,
        problem=problem,
    )
    before = [item for item in previous if item.origin is origin and item.complete]
    warnings = drift(_sizes(before[-1]), _sizes(kept)) if before else []
    return CaptureOutcome(source.name, kept, problem, unreachable, tuple(warnings))


def _sizes(capture: Capture) -> dict[str, int]:
    return {document.label: document.bytes for document in capture.documents}
