"""The raw archive: every body as it was served, content-addressed, with one manifest per capture.

Blobs first, manifest last, both by atomic rename: a crash leaves an orphan blob, never a lie. Nothing here
interprets a body. Layout below the root:

    blobs/<first two hex>/<sha256>.zst
    captures/<source>/<capture_id>.json
    captures/<source>/unfinished.jsonl      a capture under way that the next attempt can go on with
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import zstandard

from pipelines.lib.atomic import write_atomically
from pipelines.lib.source import Document, Origin, Response
from pipelines.lib.source import StoredDocument as StoredDocument
from pipelines.lib.unfinished import Journal, journals

# On list pages of the Hub, a fifth smaller than level 3 for 10 ms more a page.
COMPRESSION_LEVEL = 10
MAX_BODY_BYTES = 4_000_000_000
# A capture under way may rely on a blob that is there already, before any manifest or journal says so.
YOUNG = timedelta(days=1)
# A manifest of more documents is written without line breaks.
READABLE_DOCUMENTS = 200
SOURCE_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


class ArchiveError(RuntimeError):
    """The archive cannot give or take what was asked; nothing in it was changed."""


@dataclass(frozen=True)
class Capture:
    """One capture of a source: what was fetched when, from where, and whether all of it arrived.

    `bodies_expired_at` is set once its bulky bodies have been deleted; one document then stands for them.
    """

    capture_id: str
    source: str
    origin: Origin
    origin_note: str | None
    captured_at: datetime
    complete: bool
    problem: str | None
    documents: tuple[StoredDocument, ...]
    bodies_expired_at: datetime | None = None


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
        try:
            os.utime(path)  # so that `expire` sees that it is wanted
        except FileNotFoundError:
            write_atomically(path, zstandard.compress(response.body, COMPRESSION_LEVEL))
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
        path = self._manifest_path(source, capture_id)
        if path.exists():
            return self._read_manifest(path)
        moment = captured_at.astimezone(UTC).replace(microsecond=0)
        # Where a list went on matters only while it is fetched, and is as long as an address.
        kept = tuple(replace(item, headers=_without(item.headers, "link")) for item in documents)
        capture = Capture(capture_id, source, origin, origin_note, moment, complete, problem, kept)
        self._write_manifest(capture)
        return capture

    def captures(self, source: str) -> list[Capture]:
        """All captures of a source, oldest first."""
        found = [self._read_manifest(path) for path in (self.root / "captures" / source).glob("*.json")]
        return sorted(found, key=lambda capture: (capture.captured_at, capture.capture_id))

    def find(self, capture_id: str) -> Capture:
        """One capture by its id. Raises ArchiveError when there is none."""
        path = self._manifest_path(capture_id.rsplit("-", 2)[0], capture_id)
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
        """A stored body with its metadata, as `parse` takes it. Raises ArchiveError once the body is expired."""
        if capture.bodies_expired_at is not None and not self.has_body(stored):
            when = utc_text(capture.bodies_expired_at)
            raise ArchiveError(f"the body of {stored.label} in {capture.capture_id} was deleted on {when} as too old")
        return Document(stored.label, stored.url, self.body(stored), capture.captured_at, stored.headers)

    def body_path(self, stored: StoredDocument) -> Path:
        """Where the compressed body of a document lies, or would lie."""
        return self._blob_path(stored.sha256)

    def has_body(self, stored: StoredDocument) -> bool:
        """Whether the blob of a document is there; `body` also verifies it."""
        return self._blob_path(stored.sha256).exists()

    def journal(self, source: str) -> Journal:
        """The journal of a source's capture under way."""
        return Journal(self.root / "captures" / source)

    def expire(self, capture: Capture, now: datetime, bulky: str) -> Capture:
        """Delete the bodies of the documents whose label begins with `bulky` and that no other capture refers to.

        In the manifest one entry stands for them all from then on: their number of bytes, and a hash of their hashes.
        The manifest comes first: a crash leaves orphan blobs, never a manifest that promises what is gone.
        """
        going = [stored for stored in capture.documents if stored.label.startswith(bulky)]
        staying = tuple(stored for stored in capture.documents if not stored.label.startswith(bulky))
        digest = hashlib.sha256("".join(stored.sha256 for stored in going).encode()).hexdigest()
        size = sum(stored.bytes for stored in going)
        label = f"{bulky}1-to-{len(going)}"
        entry = replace(going[0], label=label, headers={}, sha256=digest, bytes=size)
        moment = now.astimezone(UTC).replace(microsecond=0)
        expired = replace(capture, documents=(entry, *staying), bodies_expired_at=moment)
        self._write_manifest(expired)
        for digest in {stored.sha256 for stored in going} - self._wanted_blobs():
            path = self._blob_path(digest)
            if path.exists() and path.stat().st_mtime < (now - YOUNG).timestamp():
                path.unlink()
        return expired

    def _wanted_blobs(self) -> set[str]:
        """Hashes that any capture or journal needs."""
        lists: list[Sequence[StoredDocument]] = []
        for path in (self.root / "captures").glob("*/*.json"):
            lists.append(self._read_manifest(path).documents)
        lists += [begun.documents for item in journals(self.root / "captures") if (begun := item.read())]
        return {stored.sha256 for documents in lists for stored in documents}

    def _manifest_path(self, source: str, capture_id: str) -> Path:
        return self.root / "captures" / source / f"{capture_id}.json"

    def _write_manifest(self, capture: Capture) -> None:
        expired_at = capture.bodies_expired_at
        times = {
            "captured_at": utc_text(capture.captured_at),
            "bodies_expired_at": None if expired_at is None else utc_text(expired_at),
        }
        indent = 1 if len(capture.documents) <= READABLE_DOCUMENTS else None
        text = json.dumps(asdict(capture) | times, indent=indent, ensure_ascii=False, sort_keys=True)
        write_atomically(self._manifest_path(capture.source, capture.capture_id), text.encode())

    def _blob_path(self, digest: str) -> Path:
        return self.root / "blobs" / digest[:2] / f"{digest}.zst"

    def _read_manifest(self, path: Path) -> Capture:
        try:
            plain = json.loads(path.read_bytes())
            documents = tuple(StoredDocument(**item) for item in plain["documents"])
            expired_at = plain.get("bodies_expired_at")
            read = {
                "documents": documents,
                "captured_at": datetime.fromisoformat(plain["captured_at"]),
                "origin": Origin(plain["origin"]),
                "bodies_expired_at": datetime.fromisoformat(expired_at) if expired_at else None,
            }
            return Capture(**(plain | read))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArchiveError(f"the manifest {path} cannot be read: {error}") from error


def _without(headers: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}


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


def fetched_origin(documents: Sequence[StoredDocument]) -> tuple[Origin, str | None, datetime | None]:
    """Origin of freshly fetched bodies: live, unless the fetch says they are a dated body it found locally."""
    if documents and all(stored.headers.get("x-origin") == Origin.IMPORTED.value for stored in documents):
        first = documents[0]
        return Origin.IMPORTED, first.headers.get("x-origin-note"), datetime.fromisoformat(first.fetched_at)
    return Origin.LIVE, None, None
