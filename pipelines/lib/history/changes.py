"""A listing against what is known: who is new, what changed, who is gone; written as changes only.

Here belongs the SQL that takes one listing (see `listing`) into the logs. Which listings, and in what order, is the
affair of `sync`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pipelines.lib.history.logs import Connection, Logs, columns


@dataclass(frozen=True)
class Seen:
    """What one listing held: rows, distinct members, whether each row told everything, whether it lists everything."""

    listed: int
    members: int
    is_whole: bool
    is_full: bool


def apply(
    connection: Connection,
    logs: Logs,
    moment: datetime,
    *,
    is_full: Callable[[int], bool],
    only_keys: str | None = None,
) -> Seen:
    """Take the temp view `listing` of one moment into the logs. It must be the newest for all keys it shows.

    A full listing says of every listed member it does not show that it is gone; whether it is one, `is_full` says from
    the number of its members. `only_keys` (a select) limits that, and the rows taken, to some keys.
    """
    _key_rows(connection, logs, moment, only_keys)
    listed, members, whole = connection.execute(
        f'select count(*), (select count(*) from keyed), coalesce(bool_and("{logs.history.whole}"), true) from listing'
    ).fetchone() or (0, 0, True)
    full = is_full(members)
    _complete_rows(connection, logs)
    _write_versions(connection, logs, moment)
    _write_counters(connection, logs, moment, full)
    if full:
        _write_gone(connection, logs, moment, only_keys)
    _set_state(connection, logs, full and only_keys is None)
    return Seen(listed, members, whole, full)


def _key_rows(connection: Connection, logs: Logs, moment: datetime, only_keys: str | None) -> None:
    """Temp table `keyed`: the key of every member of the listing, and the first row that shows it."""
    history, key = logs.history, logs.key
    identity, name = f'"{history.identity}"', f'"{history.name}"'
    connection.execute(
        f"""
        create or replace temp table listed as
        select listing._row, listing.{identity} as identity, listing.{name} as name, keys.{key} as key
        from listing left join {logs.keys_table} as keys using ({identity})
        """
    )
    if _some(connection, f"{logs.keys_table} where {identity} is null"):
        _adopt(connection, logs)
    _add_keys(connection, logs, moment, "identity")
    connection.execute("create or replace temp table added as select key, _row, name from fresh")
    if _some(connection, "listed where identity is null"):
        _key_by_name(connection, logs)
        _add_keys(connection, logs, moment, "name")
        connection.execute("insert into added select key, _row, name from fresh")
    limited = f"and key in ({only_keys})" if only_keys else ""
    connection.execute(
        "create or replace temp table keyed as select key, min(_row) as _row "
        "from (select key, _row from listed union all select key, _row from added) "
        f"where key is not null {limited} group by key"
    )


def _some(connection: Connection, rows: str) -> bool:
    return bool(connection.execute(f"select 1 from {rows} limit 1").fetchall())


def _adopt(connection: Connection, logs: Logs) -> None:
    """A member known by name only gets its identity as soon as a row tells it."""
    identity, name, key = f'"{logs.history.identity}"', f'"{logs.history.name}"', logs.key
    connection.execute(
        f"""
        create or replace temp table adopted as
        select named.{key} as key, min(listed.identity) as identity
        from (
            select distinct known_names.{key}, known_names.{name} as name
            from known_names semi join (select {key} from {logs.keys_table} where {identity} is null) using ({key})
        ) as named
        join listed on listed.name = named.name and listed.identity is not null and listed.key is null
        group by named.{key}
        qualify row_number() over (partition by min(listed.identity) order by named.{key}) = 1
        """
    )
    connection.execute(
        f"update {logs.keys_table} as keys set {identity} = adopted.identity from adopted "
        f"where adopted.key = keys.{key}"
    )
    connection.execute("update listed set key = adopted.key from adopted where adopted.identity = listed.identity")


def _key_by_name(connection: Connection, logs: Logs) -> None:
    """Rows without an identity belong to whoever has ever carried their name."""
    name = f'"{logs.history.name}"'
    connection.execute(
        f"""
        update listed set key = named.key
        from (
            select name, min(key) as key from (
                select {name} as name, {logs.key} as key from known_names
                where {name} in (select name from listed where identity is null)
                union all select name, key from listed where identity is not null and key is not null
                union all select name, key from added
            ) group by name
        ) as named
        where listed.identity is null and listed.name = named.name
        """
    )


def _add_keys(connection: Connection, logs: Logs, moment: datetime, by: str) -> None:
    """New keys for members not known yet: by identity, or by name where they have none."""
    told = {"identity": "identity, any_value(name) as name", "name": "null::varchar as identity, name"}[by]
    connection.execute(
        f"""
        create or replace temp table fresh as
        select (select coalesce(max({logs.key}), 0) from {logs.keys_table}) + row_number() over () as key,
            {told}, min(_row) as _row
        from listed where key is null and (identity is null) = {by == "name"} group by {by}
        """
    )
    connection.execute(f"insert into {logs.keys_table} select key, identity, name, timestamp '{moment}' from fresh")


def _complete_rows(connection: Connection, logs: Logs) -> None:
    """Temp table `told`: key, hash and counters of every member, with what its row leaves out taken from before.

    Where rows had to be completed, the view `attributes_of` gives the completed attributes, else those of the listing.
    """
    history, key = logs.history, logs.key
    untold = " or ".join(f'listing."{name}" is null' for name in history.untold)
    kept = f" or (state.has_untold and ({untold}))" if untold else ""
    connection.execute(
        f"""
        create or replace temp table incomplete as
        select keyed.key, keyed._row from listing join keyed using (_row) join {logs.state_table} as state
            on state.{key} = keyed.key
        where not listing."{history.whole}"{kept}
        """
    )
    some = connection.execute("select count(*) from incomplete").fetchone()
    tells = " or ".join([f'listing."{history.whole}"', *(f'listing."{name}" is not null' for name in logs.counters)])
    counters = ", ".join(
        f'listing."{name}"::{logs.type_of(history.counters, name)} as "{name}"' for name in logs.counters
    )
    if not some or not some[0]:
        connection.execute(
            f"create or replace temp view attributes_of as select _row, {columns(logs.attributes)} from listing"
        )
        connection.execute(
            f"""
            create or replace temp table told as
            select keyed.key, keyed._row, listing.version_hash, {logs.has_untold_sql} as has_untold, {counters},
                {tells} as tells_counters
            from listing join keyed using (_row)
            """
        )
        return
    attributes = ", ".join(
        f'coalesce(listing."{name}", version."{name}") as "{name}"'
        if name in history.untold
        else f'case when listing."{history.whole}" then listing."{name}" '
        f'else coalesce(listing."{name}", version."{name}") end as "{name}"'
        for name in logs.attributes
    )
    values = ", ".join(
        f'case when listing."{history.whole}" then listing."{name}" '
        f'else coalesce(listing."{name}", state."{name}") end::{logs.type_of(history.counters, name)} as "{name}"'
        for name in logs.counters
    )
    connection.execute(
        f"""
        create or replace temp table completed as
        with version as (
            select {key} as key, {columns(logs.attributes)} from {logs.versions_table}
            where {key} in (select key from incomplete)
            qualify row_number() over (partition by {key} order by observed_at desc) = 1
        )
        select keyed.key, listing._row, {attributes}, {values}, {tells} as tells_counters
        from listing join keyed using (_row)
        left join version using (key)
        left join {logs.state_table} as state on state.{key} = keyed.key
        """
    )
    connection.execute(
        f"create or replace temp view attributes_of as select _row, {columns(logs.attributes)} from completed"
    )
    connection.execute(
        f"""
        create or replace temp table told as
        select key, _row, {logs.hash_sql} as version_hash, {logs.has_untold_sql} as has_untold,
            {columns(logs.counters)}, tells_counters
        from completed
        """
    )


def _write_versions(connection: Connection, logs: Logs, moment: datetime) -> None:
    names = columns(logs.attributes)
    connection.execute(
        f"""
        insert into {logs.versions_table} ({logs.key}, observed_at, is_listed, {names})
        select changed.key, timestamp '{moment}', true, {columns(logs.attributes, "attributes_of")}
        from attributes_of
        join (
            select told.key, told._row from told left join {logs.state_table} as state on state.{logs.key} = told.key
            where state.{logs.key} is null or not state.is_listed or state.version_hash <> told.version_hash
        ) as changed using (_row)
        """
    )


def _write_counters(connection: Connection, logs: Logs, moment: datetime, is_full: bool) -> None:
    """Sorted by the counter that all others follow: neighbours alike take the least room."""
    differs = " or ".join(f'state."{name}" is distinct from told."{name}"' for name in logs.counters)
    befores = "".join(f', state."{name}"' for name in logs.befores)
    names = "".join(f', "{name}_before"' for name in logs.befores)
    order = columns(tuple(reversed(logs.befores)), "told")
    connection.execute(
        f"""
        insert into {logs.counters_table} ({logs.key}, observed_at, {columns(logs.counters)}{names})
        select told.key, timestamp '{moment}', {columns(logs.counters, "told")}{befores}
        from told left join {logs.state_table} as state on state.{logs.key} = told.key
        where told.tells_counters and ({"state." + logs.key + " is null or " + differs if is_full else "true"})
        order by {order + ", " if order else ""}told.key
        """
    )


def _write_gone(connection: Connection, logs: Logs, moment: datetime, only_keys: str | None) -> None:
    limited = f"and state.{logs.key} in ({only_keys})" if only_keys else ""
    connection.execute(
        f"""
        create or replace temp table gone as
        select {logs.key} from {logs.state_table} as state
        where is_listed and {logs.key} not in (select key from told) {limited}
        """
    )
    # Whoever was shown by a row that had to be rejected is not gone.
    connection.execute(
        f"""
        delete from gone where {logs.key} in (
            select gone.{logs.key}
            from gone
            join {logs.keys_table} as keys using ({logs.key})
            join staging.rejected as rejected
                on rejected.observed_at = timestamp '{moment}' and rejected.table_name = '{logs.history.shape}'
            where contains(rejected.raw, '"' || keys."{logs.history.identity}" || '"')
                or contains(rejected.raw, '"' || keys."{logs.history.name}" || '"')
        )
        """
    )
    names = columns(logs.attributes)
    connection.execute(
        f"""
        insert into {logs.versions_table} ({logs.key}, observed_at, is_listed, {names})
        select {logs.key}, timestamp '{moment}', false, {names} from {logs.versions_table}
        where {logs.key} in (select {logs.key} from gone)
        qualify row_number() over (partition by {logs.key} order by observed_at desc) = 1
        """
    )
    connection.execute(
        f"update {logs.state_table} set is_listed = false where {logs.key} in (select {logs.key} from gone)"
    )


def _set_state(connection: Connection, logs: Logs, everything: bool) -> None:
    """A listing of everything replaces the state; any other replaces its own members'."""
    new = f"select key, true, version_hash, has_untold, {columns(logs.counters)} from told"
    if not everything:
        connection.execute(f"delete from {logs.state_table} where {logs.key} in (select key from told)")
        connection.execute(f"insert into {logs.state_table} {new}")
        return
    connection.execute(
        f"create temp table old_state as select * from {logs.state_table} "
        f"where {logs.key} not in (select key from told)"
    )
    connection.execute(f"truncate {logs.state_table}")
    connection.execute(f"insert into {logs.state_table} {new} union all select * from old_state")
    connection.execute("drop table old_state")
