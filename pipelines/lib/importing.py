"""Bodies given by the user: naming the document a loose file is, dating it, and storing it as imported captures."""

from __future__ import annotations

import gzip
import mimetypes
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import duckdb
import zstandard

from pipelines.lib.archive import Archive, Capture, utc_text
from pipelines.lib.source import BadDocument, Document, Origin, Response, Source

# Not the first eight digits of a span such as 2024-05_2026-05.
DATE_IN_NAME = re.compile(r"(?<!\d)(20\d{2})([-_])(\d{2})\2(\d{2})(?!\d)")


class ImportRefused(ValueError):
    """The file cannot be imported as asked; nothing was stored."""


class NotAFile(ImportRefused):
    """What was named is not there."""


def given_files(paths: list[Path]) -> list[Path]:
    """The files named, those of a folder in order. Raises NotAFile for anything else, and for nothing."""
    files = [item for path in paths for item in (sorted(path.iterdir()) if path.is_dir() else [path])]
    if missing := [str(path) for path in files if not path.is_file()] or ([] if files else ["what was named"]):
        raise NotAFile(f"{', '.join(missing)} is not a file; nothing was imported")
    return files


def read_body(path: Path, limit: int) -> bytes:
    """The file's bytes, unpacked when it is a .gz or .zst of a body. Raises ImportRefused over the limit."""
    if not path.is_file():
        raise ImportRefused(f"{path} is not a file")
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as file:
                body = file.read(limit + 1)
        elif path.suffix == ".zst":
            with path.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as file:
                body = file.read(limit + 1)
        else:
            with path.open("rb") as file:
                body = file.read(limit + 1)
    except (OSError, EOFError, zstandard.ZstdError) as error:
        raise ImportRefused(f"{path} cannot be read: {error}") from error
    if len(body) > limit:
        raise ImportRefused(f"{path} holds more than the limit of {limit} bytes")
    return body


def date_of(path: Path) -> datetime | None:
    """The day a file name states (2026-05-31 or 2026_05_31), at midnight UTC."""
    match = DATE_IN_NAME.search(path.name)
    if not match:
        return None
    try:
        return datetime.combine(date(*(int(part) for part in match.group(1, 3, 4))), time(), UTC)
    except ValueError:
        return None


def as_document(source: Source, path: Path, captured_at: datetime, label: str | None = None) -> Document:
    """A loose file as `parse` takes it; its name within the source by `label`, else as the source recognises it."""
    body = read_body(path, source.max_bytes)
    bare = path.with_suffix("") if path.suffix in (".gz", ".zst") else path
    media_type = mimetypes.guess_type(bare.name)[0] or ""
    named = label or source.label_of(str(bare), body)
    return Document(named, bare.name, body, captured_at, {"content-type": media_type} if media_type else {})


def stated_moments(source: Source, document: Document) -> tuple[datetime, ...]:
    """The moments a body itself says it speaks for, oldest first. Raises BadDocument where they cannot be read."""
    return tuple(sorted(source.moments_of(document.url, document.body)))


def refuse_future(path: Path, moment: datetime) -> None:
    """Raise ImportRefused for a capture that has not been."""
    if moment > datetime.now(UTC):
        raise ImportRefused(f"{path.name} would be captured at {moment:%Y-%m-%d %H:%M}, which is in the future")


def import_files(
    source: Source,
    archive: Archive,
    paths: list[Path],
    *,
    captured_at: datetime | None,
    where_from: str | None,
    label: str | None = None,
) -> list[Capture]:
    """Store each file as imported captures of its own, all naming the same body as it is.

    A body that states several moments makes a capture of each. Others are dated by `captured_at`, what they state
    themselves or their file name; what only users give is of now where a name states no date. Raises ImportRefused
    before anything is stored when a file has no date or speaks for the future, cannot be read, or states several
    moments although `captured_at` names one.
    """
    if captured_at is None and source.fetch is None and any(date_of(path) is None for path in paths):
        captured_at = datetime.now(UTC).replace(microsecond=0)
    dated: list[tuple[Document, tuple[datetime, ...], Path]] = []
    for path in paths:
        document = as_document(source, path, captured_at or datetime.now(UTC), label)
        dated.append((document, _moments(source, document, path, captured_at), path))
    captures = []
    for document, moments, path in sorted(dated, key=lambda item: (item[1], item[0].label)):
        response = Response(document.label, document.url, document.body, 200, document.headers)
        stored = archive.store_body(response, moments[0])
        captures += [
            archive.store_manifest(
                source.name,
                (replace(stored, fetched_at=utc_text(moment)),),
                captured_at=moment,
                origin=Origin.IMPORTED,
                origin_note=where_from or f"file {path.name}, given by the user",
                complete=True,
                problem=None,
            )
            for moment in moments
        ]
    return captures


def _moments(source: Source, document: Document, path: Path, captured_at: datetime | None) -> tuple[datetime, ...]:
    try:
        stated = stated_moments(source, document)
    except BadDocument as error:
        raise ImportRefused(f"{path.name}: {error}") from error
    if captured_at and len(stated) > 1:
        raise ImportRefused(
            f"{path.name} itself speaks for {len(stated)} moments, {stated[0]:%Y-%m-%d %H:%M} to "
            f"{stated[-1]:%Y-%m-%d %H:%M}; leave --captured-at out"
        )
    in_name = date_of(path)
    moments = (captured_at,) if captured_at else stated or ((in_name,) if in_name else ())
    if not moments:
        raise ImportRefused(f"{path.name} states no date; say when it was captured with --captured-at")
    refuse_future(path, moments[-1])
    return moments


def unusable(connection: duckdb.DuckDBPyConnection, captures: list[Capture]) -> list[str]:
    """What the tables say of the documents of these captures that could not be used."""
    rows = connection.execute(
        "select url || ': ' || problem from staging.document where state = 'bad' and capture_id in "
        "(select unnest(?::varchar[])) order by all",
        [[capture.capture_id for capture in captures]],
    ).fetchall()
    return [text for (text,) in rows]
