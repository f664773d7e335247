"""The raw archive: every body as it was served, content-addressed, with one manifest per capture.

Blobs first, manifest last, both by atomic rename: a crash leaves an orphan blob, never a lie. Nothing here
interprets a body. Layout below the root:

    blobs/<first two hex>/<sha256>.zst
    captures/<source>/<capture_id>.json
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import zstandard

from pipelines.lib.source import Document, Origin, Response

COMPRESSION_LEVEL = 10
MAX_BODY_BYTES = 4_000_000_000
SOURCE_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


class ArchiveError(RuntimeError):
    """The archive cannot give or take what was asked; nothing in it was changed."""


@dataclass(frozen=True)
class StoredDocument:
    """One body of a capture, by reference to its blob."""

    label: str
    url: str
    status: int
    headers: Mapping[str, str]
    fetched_at: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Capture:
    """One capture of a source: what was fetched when, from where, and whether all of it arrived."""

    capture_id: str
    source: str
    origin: Origin
    origin_note: str | None
    captured_at: datetime
    complete: bool
    problem: str | None
    documents: tuple[StoredDocument, ...]


def utc_text(moment: datetime) -> str:
    """ISO text in UTC, to the second, with Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Archive:
    """Captures below one root folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def store(
        self,
        source: str,
        responses: Iterable[Response],
        *,
        captured_at: datetime,
        origin: Origin = Origin.LIVE,
        origin_note: str | None = None,
        complete: bool = True,
        problem: str | None = None,
    ) -> Capture:
        """Store bodies and their manifest; storing the same capture again changes nothing."""
        documents = tuple(self.store_body(response, captured_at) for response in responses)
        return self.store_manifest(
            source,
            documents,
            captured_at=captured_at,
            origin=origin,
            origin_note=origin_note,
            complete=complete,
            problem=problem,
        )

    def store_body(self, response: Response, captured_at: datetime) -> StoredDocument:
        """Store one body; the blob is there before any manifest names it."""
        digest = hashlib.sha256(response.body).hexdigest()
        path = self._blob_path(digest)
        if not path.exists():
            _write_atomically(path, zstandard.compress(response.body, COMPRESSION_LEVEL))
        fetched_at = utc_text(response.fetched_at or captured_at)
        headers = {key.lower(): value for key, value in response.headers.items()}
        return StoredDocument(
            response.label, response.url, response.status, headers, fetched_at, digest, len(response.body)
        )

    def store_manifest(
        self,
        source: str,
        documents: tuple[StoredDocument, ...],
        *,
        captured_at: datetime,
        origin: Origin,
        origin_note: str | None,
        complete: bool,
        problem: str | None,
    ) -> Capture:
        """Write the manifest last; its name is derived from the content, so a repeat finds itself."""
        if not SOURCE_NAME.match(source):
            raise ArchiveError(f"{source!r} is not a source name")
        if not documents:
            raise ArchiveError(f"{source}: a capture without a document is not stored")
        identity = json.dumps([origin, sorted((item.label, item.url, item.sha256) for item in documents)])
        stamp = captured_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        capture_id = f"{source}-{stamp}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"
        path = self.root / "captures" / source / f"{capture_id}.json"
        if path.exists():
            return self._read_manifest(path)
        moment = captured_at.astimezone(UTC).replace(microsecond=0)
        capture = Capture(capture_id, source, origin, origin_note, moment, complete, problem, documents)
        plain = asdict(capture) | {"captured_at": utc_text(captured_at)}
        _write_atomically(path, json.dumps(plain, indent=1, ensure_ascii=False, sort_keys=True).encode())
        return capture

    def captures(self, source: str) -> list[Capture]:
        """All captures of a source, oldest first."""
        found = [self._read_manifest(path) for path in (self.root / "captures" / source).glob("*.json")]
        return sorted(found, key=lambda capture: (capture.captured_at, capture.capture_id))

    def find(self, capture_id: str) -> Capture:
        """One capture by its id. Raises ArchiveError when there is none."""
        path = self.root / "captures" / capture_id.rsplit("-", 2)[0] / f"{capture_id}.json"
        if not path.exists():
            raise ArchiveError(f"there is no capture {capture_id!r} in {self.root}")
        return self._read_manifest(path)

    def body(self, stored: StoredDocument) -> bytes:
        """The bytes of a document, verified against their hash."""
        path = self._blob_path(stored.sha256)
        try:
            body = zstandard.ZstdDecompressor().decompress(path.read_bytes(), max_output_size=MAX_BODY_BYTES)
        except (OSError, zstandard.ZstdError) as error:
            raise ArchiveError(f"the body of {stored.label} ({path}) cannot be read: {error}") from error
        if hashlib.sha256(body).hexdigest() != stored.sha256:
            raise ArchiveError(f"the body of {stored.label} ({path}) does not match its hash; it was damaged")
        return body

    def document(self, capture: Capture, stored: StoredDocument) -> Document:
        """A stored body with its metadata, as `parse` takes it."""
        return Document(stored.label, stored.url, self.body(stored), capture.captured_at, stored.headers)

    def _blob_path(self, digest: str) -> Path:
        return self.root / "blobs" / digest[:2] / f"{digest}.zst"

    def _read_manifest(self, path: Path) -> Capture:
        try:
            plain = json.loads(path.read_bytes())
            documents = tuple(StoredDocument(**item) for item in plain["documents"])
            captured_at = datetime.fromisoformat(plain["captured_at"])
            return Capture(
                **(plain | {"documents": documents, "captured_at": captured_at, "origin": Origin(plain["origin"])})
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArchiveError(f"the manifest {path} cannot be read: {error}") from error


class StarterArchive:
    """The starter captures that ship with the project: `<source>/<date>/capture.json` and bodies."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def captures(self, source: str) -> Iterator[tuple[Capture, list[Document]]]:
        """Every starter capture of a source with its documents, oldest first."""
        for path in sorted((self.root / source).glob("*/capture.json")):
            plain = json.loads(path.read_bytes())
            captured_at = datetime.fromisoformat(plain["captured_at"])
            documents, stored = [], []
            for item in plain["documents"]:
                body = (path.parent / item["file"]).read_bytes()
                headers = {"content-type": item["media_type"]}
                documents.append(Document(item["label"], item["url"], body, captured_at, headers))
                digest = hashlib.sha256(body).hexdigest()
                stored.append(
                    StoredDocument(item["label"], item["url"], 200, headers, utc_text(captured_at), digest, len(body))
                )
            note, identity = plain["from"], hashlib.sha256("".join(item.sha256 for item in stored).encode())
            capture_id = f"{source}-{captured_at:%Y%m%dT%H%M%SZ}-starter{identity.hexdigest()[:6]}"
            capture = Capture(capture_id, source, Origin.STARTER, note, captured_at, True, None, tuple(stored))
            yield capture, documents


def live_response_origin(responses: list[Response]) -> tuple[Origin, str | None, datetime | None]:
    """Origin of freshly fetched bodies: live, unless the fetch says they are a dated body it found locally."""
    marked = [response for response in responses if response.headers.get("x-origin") == Origin.IMPORTED.value]
    if marked and len(marked) == len(responses):
        first = marked[0]
        return Origin.IMPORTED, first.headers.get("x-origin-note"), first.fetched_at
    return Origin.LIVE, None, None


def _write_atomically(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
