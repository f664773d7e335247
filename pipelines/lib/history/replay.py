"""Taking moments in again behind one that came late, changed or went: only for the members it shows.

A moment whose listing told everything is taken from what the logs said of it, any other from its bodies.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pipelines.lib.history import changes
from pipelines.lib.history.listing import Listings, batches, listings_of
from pipelines.lib.history.logs import Connection, Logs, columns
from pipelines.lib.history.moments import Moment, claims_all
from pipelines.lib.source import Source


def set_aside(
    connection: Connection,
    source: Source,
    logs: Logs,
    wanted: Mapping[datetime, Moment],
    new: set[datetime],
    gone: set[datetime],
    first: datetime,
) -> None:
    """Take the rows of all members that a changed moment shows out of the logs, from the first such moment on.

    Temp tables `again` (keys), `old_versions` and `old_counters` (all their rows) hold what is needed to go on.
    """
    key = logs.key
    connection.execute(f"create or replace temp table again ({key} integer)")
    shown = [wanted[at] for at in sorted(new)]
    held = connection.execute(
        f"select observed_at from {logs.crawls_table} where is_full and observed_at in (select unnest(?::timestamp[]))",
        [sorted(new | gone)],
    ).fetchall()
    if held or any(claims_all(logs, moment) for moment in shown):
        connection.execute(f"insert into again select {key} from {logs.keys_table}")
    else:
        connection.execute(
            f"insert into again "
            f"select {key} from {logs.counters_table} where list_contains($at::timestamp[], observed_at) "
            f"union select {key} from {logs.versions_table} where list_contains($at::timestamp[], observed_at)",
            {"at": sorted(new | gone)},
        )
        for batch in batches(logs, shown):
            with listings_of(connection, source, logs, batch) as listings:
                for moment in batch:
                    listings.show(moment)
                    _add_shown(connection, logs)
        for moment in shown:
            connection.execute(
                "delete from staging.rejected where source = ? and observed_at = ? and table_name = ?",
                [source.name, moment.observed_at, logs.history.shape],
            )
    keys = f"select {key} from again"
    connection.execute(
        f"create or replace temp table old_versions as select * from {logs.versions_table} where {key} in ({keys})"
    )
    connection.execute(
        f"create or replace temp table old_counters as select * from {logs.counters_table} where {key} in ({keys})"
    )
    for table in (logs.versions_table, logs.counters_table):
        connection.execute(f"delete from {table} where observed_at >= ? and {key} in ({keys})", [first])
    logs.restore_state(connection, keys, first)
    for at in sorted(new | gone):
        connection.execute(f"delete from {logs.crawls_table} where observed_at = ?", [at])


def _add_shown(connection: Connection, logs: Logs) -> None:
    """Keys of the members a listing shows, by identity or by any name they have carried."""
    history = logs.history
    connection.execute(
        f"""
        insert into again
        select {logs.key} from (
            select {logs.key} from {logs.keys_table}
            where "{history.identity}" in (select "{history.identity}" from listing)
            union
            select {logs.key} from {logs.versions_table}
            where "{history.name}" in (select "{history.name}" from listing)
        ) anti join again using ({logs.key})
        """
    )


def know_names(connection: Connection, logs: Logs, replayed: bool) -> None:
    """Temp view `known_names`: every name every member has carried, also in the rows set aside."""
    names = f'select {logs.key}, "{logs.history.name}" from'
    aside = f" union all {names} old_versions" if replayed else ""
    connection.execute(f"create or replace temp view known_names as {names} {logs.versions_table}{aside}")


def told_all(connection: Connection, logs: Logs, moment: Moment) -> bool:
    """Whether the logs are to tell a moment again: every row of it told everything, or no body can any more."""
    found = connection.execute(
        f"select is_whole from {logs.crawls_table} where observed_at = ?", [moment.observed_at]
    ).fetchone()
    return moment.is_retired or bool(found and found[0])


def take_in_again(connection: Connection, source: Source, logs: Logs, moment: Moment, listings: Listings) -> None:
    """An unchanged moment for the members in `again`: from what the logs said of it, else from its bodies."""
    found = connection.execute(
        f"select is_full from {logs.crawls_table} where observed_at = ?", [moment.observed_at]
    ).fetchone()
    is_full = bool(found and found[0])
    if told_all(connection, logs, moment):
        _create_old_listing(connection, logs, moment.observed_at, is_full)
    else:
        listings.show(moment)
    again = f"select {logs.key} from again"
    changes.apply(connection, logs, moment.observed_at, is_full=lambda _members: is_full, only_keys=again)
    # What was rejected then is written down already, and was found again just now.
    connection.execute(
        "delete from staging.rejected where rowid in (select rowid from staging.rejected "
        "where source = ? and observed_at = ? "
        "qualify row_number() over (partition by capture_id, document, number order by rowid) > 1)",
        [source.name, moment.observed_at],
    )


def _create_old_listing(connection: Connection, logs: Logs, at: datetime, is_full: bool) -> None:
    """Temp view `listing`: the members in `again` as a whole listing of that moment showed them."""
    key, history = logs.key, logs.history
    shown = (
        f"select {key} from version where is_listed"
        if is_full
        else f"select {key} from old_counters where observed_at = timestamp '{at}'"
    )
    connection.execute(
        f"""
        create or replace temp view listing as
        with version as (
            select *, {logs.hash_sql} as version_hash from old_versions where observed_at <= timestamp '{at}'
            qualify row_number() over (partition by {key} order by observed_at desc) = 1
        ), counter as (
            select * from old_counters where observed_at <= timestamp '{at}'
            qualify row_number() over (partition by {key} order by observed_at desc) = 1
        )
        select {key}::bigint as _row, keys."{history.identity}", {columns(logs.attributes, "version")},
            {columns(logs.counters, "counter")}, true as "{history.whole}", version.version_hash
        from version left join counter using ({key}) join {logs.keys_table} as keys using ({key})
        where {key} in ({shown})
        """
    )


def drop_aside(connection: Connection) -> None:
    """Drop what `set_aside` made."""
    for table in ("again", "old_versions", "old_counters"):
        connection.execute(f"drop table {table}")
