"""From parsed values to typed rows: every cast and every check of the contract happens in DuckDB.

A row that breaks the contract goes to `staging.rejected` with every reason; the others go to their table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.lib import contract
from pipelines.lib.contract import Column, Table
from pipelines.lib.differences import GONE
from pipelines.lib.staging import PROVENANCE

MAX_RAW_CHARS = 2_000


def json_line(number: int, values: Mapping[str, Any]) -> str:
    """One parsed row as JSON. Raises TypeError for a value that has no place in a table."""
    # Floats go as text: JSON has no NaN, and the contract is to reject one with its reason.
    texts = {key: str(value) if isinstance(value, float) else value for key, value in values.items()}
    return json.dumps({"_number": number, **texts}, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return (value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a parsed value of type {type(value).__name__} cannot be stored")


def insert_checked(connection: duckdb.DuckDBPyConnection, table: Table, path: Path, into: str) -> dict[int, int]:
    """Insert the rows that meet the contract `into` a table; the others go to staging.rejected with every reason.

    Returns the rows inserted per document of the batch.
    """
    own = [column for column in table.columns if column not in (*PROVENANCE, GONE)]
    shapes = {column.name: "VARCHAR[]" if column.type.endswith("[]") else "VARCHAR" for column in own}
    declared = ", ".join(
        f"'{name}': '{shape}'" for name, shape in ({"_document": "BIGINT", "_number": "BIGINT"} | shapes).items()
    )
    casts = ", ".join(f'try_cast("{column.name}" as {column.type}) as "{column.name}"' for column in own)
    keys = ", ".join(f'"{part}"' for part in table.grain)
    names = ", ".join(f'"{column.name}"' for column in own)
    reasons = ", ".join(_reason_sql(column) for column in own)
    connection.execute(
        f"create or replace temp table raw_rows as select * from read_json({contract.literal(str(path))}, "
        f"format = 'newline_delimited', columns = {{{declared}}}, maximum_object_size = 268435456)"
    )
    connection.execute(
        f"create or replace temp table typed_rows as select *, "
        f"row_number() over (partition by _document, {keys} order by _number) as _copy "
        f"from (select _document, _number, {casts} from raw_rows)"
    )
    connection.execute(
        "create or replace temp table judged_rows as select _document, _number, "
        f"concat_ws('; ', {reasons}, "
        f"case when _copy > 1 then 'same key as an earlier row: {', '.join(table.grain)}' end) as reason "
        "from raw_rows join typed_rows using (_document, _number) join batch using (_document)"
    )
    connection.execute(
        f"insert into {into} by name select {names}, source, document, capture_id, observed_at, origin "
        "from typed_rows join judged_rows using (_document, _number) join batch using (_document) "
        "where reason = '' order by _document, _number"
    )
    connection.execute(
        "insert into staging.rejected by name select source, document, capture_id, observed_at, origin, "
        "_number as number, ? as table_name, reason, "
        f"left(to_json(raw_rows)::varchar, {MAX_RAW_CHARS}) as raw "
        "from raw_rows join judged_rows using (_document, _number) join batch using (_document) where reason <> ''",
        [table.name],
    )
    return dict(
        connection.execute("select _document, count(*) from judged_rows where reason = '' group by 1").fetchall()
    )


def _reason_sql(column: Column) -> str:
    """A SQL expression that says what is wrong with one column of a row, or null."""
    raw, typed = f'raw_rows."{column.name}"', f'typed_rows."{column.name}"'
    cases = [
        f"when {raw} is not null and {typed} is null then '{column.name} ' || {raw}::varchar || ' is not {column.type}'"
    ]
    if not column.nullable:
        cases.append(f"when {typed} is null then '{column.name} is missing'")
    if column.type == "DOUBLE":
        cases.append(f"when not isfinite({typed}) then '{column.name} ' || {raw} || ' is not a finite number'")
    if column.accepted:
        accepted = ", ".join(contract.literal(value) for value in column.accepted)
        cases.append(f"when {typed} not in ({accepted}) then '{column.name} ' || {raw} || ' is not a known value'")
    if column.bound:
        cases.append(f"when not {typed} {column.bound} then '{column.name} ' || {raw} || ' is not {column.bound}'")
    if column.not_future:
        # A day of grace: sources write local dates.
        late = f"{typed} > batch.observed_at + interval 1 day"
        cases.append(f"when {late} then '{column.name} ' || {raw} || ' lies in the future of its capture'")
    return f"case {' '.join(cases)} end"
