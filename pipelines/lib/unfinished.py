"""The journal of a capture under way: what has arrived so far, so that the next attempt goes on behind it.

`captures/<source>/unfinished.jsonl` holds when and with which plan the capture began, then one line per stored
document. A line is written after its blob, and the journal is removed after the manifest, so that a crash at any
moment leaves either a journal that can be gone on with or a whole capture. A torn last line is no document.

Here belongs the file. Whether to go on with it or to put it aside is decided in `capture`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pipelines.lib.atomic import write_atomically
from pipelines.lib.source import StoredDocument

NAME = "unfinished.jsonl"


class Busy(RuntimeError):
    """Another process writes this journal at this moment."""


@dataclass(frozen=True)
class Unfinished:
    """A capture that began and has not ended yet."""

    started_at: datetime
    plan: str
    documents: tuple[StoredDocument, ...] = ()


class Journal:
    """The journal of one source, in the folder of its captures."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep every other process from this journal while the block runs. Raises Busy at once."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.path.with_suffix(".lock"), timeout=0):
                yield
        except Timeout as error:
            raise Busy(str(self.path)) from error

    def read(self) -> Unfinished | None:
        """What the journal holds up to its first unreadable line; None when there is no journal to speak of."""
        try:
            lines = self.path.read_bytes().split(b"\n")[:-1]  # behind the last line end is what was torn
        except FileNotFoundError:
            return None
        documents: list[StoredDocument] = []
        try:
            head = json.loads(lines[0])
            started_at, plan = datetime.fromisoformat(head["started_at"]), str(head["plan"])
        except (ValueError, KeyError, TypeError, IndexError):
            return None
        for line in lines[1:]:
            try:
                documents.append(StoredDocument(**json.loads(line)))
            except (ValueError, TypeError):
                break
        return Unfinished(started_at, plan, tuple(documents))

    def write(self, unfinished: Unfinished) -> None:
        """Begin the journal anew with this."""
        head = {"started_at": unfinished.started_at.isoformat(), "plan": unfinished.plan}
        lines = [head, *map(asdict, unfinished.documents)]
        write_atomically(self.path, b"".join(map(_line, lines)))

    def append(self, document: StoredDocument) -> None:
        """Add a document whose blob is stored."""
        with self.path.open("ab") as file:
            file.write(_line(asdict(document)))
            file.flush()
            os.fsync(file.fileno())

    def remove(self) -> None:
        """The capture has ended."""
        self.path.unlink(missing_ok=True)


def _line(content: object) -> bytes:
    return json.dumps(content).encode() + b"\n"


def journals(captures: Path) -> Sequence[Journal]:
    """Every journal below the folder of all captures."""
    return [Journal(path.parent) for path in sorted(captures.glob(f"*/{NAME}"))]
