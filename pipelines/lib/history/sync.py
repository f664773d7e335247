"""Which listings of a source go into its logs of changes, and in what order.

The logs are a function of the set of captures, whatever order they came in: a listing that is older than what was read
already makes its own members' later ones be taken in again, from their bodies or, where a listing told everything, from
the logs themselves. So a retired body costs nothing that was read from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime

from pipelines.lib import documents
from pipelines.lib.archive import StoredDocument
from pipelines.lib.contract import literal
from pipelines.lib.documents import LoadResult, Pending
from pipelines.lib.history import changes, replay
from pipelines.lib.history.changes import Seen
from pipelines.lib.history.listing import Read, batches, listings_of
from pipelines.lib.history.logs import Connection, Logs
from pipelines.lib.history.moments import Moment, claims_all, moments_of
from pipelines.lib.source import Source

# How the doubt of a listing begins that is whole but lists an unusual number.
COUNTED = "it lists"
Progress = Callable[[str], None]


def _to_change(
    connection: Connection, source: Source, logs: Logs, wanted: Mapping[datetime, Moment], version: str
) -> tuple[set[datetime], set[datetime]]:
    """Moments to take in or take in again, and moments to take out."""
    held: dict[datetime, set[tuple[str, str]]] = {}
    for moment, capture_id, parser in connection.execute(
        "select observed_at, capture_id, parser_version from staging.document where source = ? and document = ?",
        [source.name, logs.history.document],
    ).fetchall():
        held.setdefault(moment, set()).add((capture_id, parser))
    new = {
        at
        for at, moment in wanted.items()
        if held.get(at) != {(capture_id, version) for capture_id in moment.captures}
        and not (moment.is_retired and {capture_id for capture_id, _ in held.get(at, ())} == moment.captures)
    }
    return new, held.keys() - wanted.keys()


def sync(
    connection: Connection,
    source: Source,
    logs: Logs,
    items: Collection[Pending],
    version: str,
    result: LoadResult,
    progress: Progress = lambda _message: None,
) -> None:
    """Bring the logs of a source to exactly these listings, inside the caller's transaction."""
    logs.create_state(connection)
    wanted = moments_of(items)
    new, gone = _to_change(connection, source, logs, wanted, version)
    if not new and not gone:
        return
    for at in new | gone:
        _forget_documents(connection, source, logs, at)
    result.removed += len(gone)
    first = min(new | gone)
    later = connection.execute(f"select count(*) from {logs.crawls_table} where observed_at >= ?", [first]).fetchone()
    replayed = bool(later and later[0])
    if replayed:
        replay.set_aside(connection, source, logs, wanted, new, gone, first)
    replay.know_names(connection, logs, replayed)
    todo = [moment for at, moment in wanted.items() if at in new or (replayed and at > first)]
    done = 0
    for batch in batches(logs, todo):
        to_read = [
            moment for moment in batch if moment.observed_at in new or not replay.told_all(connection, logs, moment)
        ]
        with listings_of(connection, source, logs, to_read) as listings:
            for moment in batch:
                done += 1
                progress(f"{source.name}: {moment.observed_at:%Y-%m-%d %H:%M}, listing {done} of {len(todo)}")
                if moment.observed_at not in new:
                    replay.take_in_again(connection, source, logs, moment, listings)
                    continue
                _take_in(connection, source, logs, moment, listings.show(moment), version, result)
                if replayed:  # later listings of everything say of new members, too, whether they are gone
                    connection.execute("insert into again select key from added")
    if replayed:
        replay.drop_aside(connection)


def _take_in(
    connection: Connection, source: Source, logs: Logs, moment: Moment, read: Read, version: str, result: LoadResult
) -> None:
    """Take what was read of a moment into the logs and write down what became of its bodies."""
    doubts: list[str] = []

    def is_full(members: int) -> bool:
        doubts.extend(_doubts(connection, logs, moment, read, members))
        return claims_all(logs, moment) and not doubts

    seen = changes.apply(connection, logs, moment.observed_at, is_full=is_full)
    _write_moment(connection, logs, moment, seen, doubts)
    result.loaded += len(moment.items)
    result.rejected += read.rejected
    result.rows[logs.history.shape] = result.rows.get(logs.history.shape, 0) + seen.members
    _write_documents(connection, source, logs, moment, version, read, seen)
    result.bad += [f"{item.stored.label}: {problem}" for item, problem in read.bad]


def _doubts(connection: Connection, logs: Logs, moment: Moment, read: Read, members: int) -> list[str]:
    """Why a listing of everything cannot be believed to be one; nothing where it can, or does not claim to be."""
    pages = [item for item in moment.items if logs.history.all_of_it(item.stored.label)]
    if not pages:
        return []
    doubts = [
        f"the crawl did not end: {problem}"
        for problem in sorted({item.capture.problem or "" for item in pages if not item.capture.complete})
    ]
    if bad := [problem for item, problem in read.bad if item in pages]:
        doubts.append(f"{len(bad)} of its pages cannot be read: {bad[0]}")
    before = connection.execute(
        f"select repositories, observed_at from {logs.crawls_table} "
        f"where observed_at < ? and (is_full or starts_with(gate, {literal(COUNTED)})) "
        "order by observed_at desc limit 1",
        [moment.observed_at],
    ).fetchone()
    if doubts or before is None or not before[0]:
        return doubts
    change = members / before[0] - 1
    least, most = logs.history.usual_change
    if least <= change <= most:
        return []
    return [
        f"{COUNTED} {members:,}, {change:+.1%} against {before[0]:,} on {before[1]:%Y-%m-%d}, where {least:+.1%} to "
        f"{most:+.1%} is usual; what it leaves out counts as gone once another crawl agrees"
    ]


def _write_moment(connection: Connection, logs: Logs, moment: Moment, seen: Seen, doubts: list[str]) -> None:
    newest = moment.items[0].capture
    connection.execute(f"delete from {logs.crawls_table} where observed_at = ?", [moment.observed_at])
    connection.execute(
        f"insert into {logs.crawls_table} (observed_at, capture_id, origin, is_full, gate, is_whole, documents, "
        "listed, repositories, repeated) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            moment.observed_at,
            newest.capture_id,
            newest.origin.value,
            seen.is_full,
            "; ".join(doubts) or None,
            seen.is_whole,
            len(moment.items),
            seen.listed,
            seen.members,
            seen.listed - seen.members,
        ],
    )


def _write_documents(
    connection: Connection, source: Source, logs: Logs, moment: Moment, version: str, read: Read, seen: Seen
) -> None:
    """One entry for all listings of a capture, and one for each that could not be used."""
    for capture_id in sorted(moment.captures):
        items = [item for item in moment.items if item.capture.capture_id == capture_id]
        bad = [(item, problem) for item, problem in read.bad if item in items]
        whole = replace(items[0], stored=_summed(logs.history.document, [item.stored for item in items]))
        problem = bad[0][1] if len(bad) == len(items) else None
        rows = 0 if problem else seen.members
        documents.insert_document(connection, source, whole, version, problem, rows, read.rejected)
        for item, reason in bad if len(items) > 1 else ():
            documents.insert_document(connection, source, item, version, reason, 0, 0)


def _summed(label: str, stored: list[StoredDocument]) -> StoredDocument:
    """All documents of a listing as one: the first one's address, the size of all, a hash of their hashes."""
    if len(stored) == 1:
        return replace(stored[0], label=label)
    digest = hashlib.sha256("".join(item.sha256 for item in stored).encode()).hexdigest()
    return replace(stored[0], label=label, sha256=digest, bytes=sum(item.bytes for item in stored))


def _forget_documents(connection: Connection, source: Source, logs: Logs, at: datetime) -> None:
    held = connection.execute(
        "select document from staging.document where source = ? and observed_at = ?", [source.name, at]
    ).fetchall()
    for (label,) in held:
        if label == logs.history.document or logs.history.lists(label):
            connection.execute(
                "delete from staging.document where source = ? and observed_at = ? and document = ?",
                [source.name, at, label],
            )
    connection.execute(
        "delete from staging.rejected where source = ? and observed_at = ? and table_name = ?",
        [source.name, at, logs.history.shape],
    )
