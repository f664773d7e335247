"""The contract of a table, read from the header of its SQL file.

One description of a table; DDL, comments, Dagster column schema, checks, the loader's validation and the
data dictionary are all derived from it. Nothing here executes SQL.

Header grammar, one line each:

    -- description: First sentence says what one row is.
    -- grain: a, b
    -- column: name TYPE [null] [in (x, y)] [>= 0] [not_future] [references schema.table.column] | description
    -- assert: boolean SQL that every row must meet
    -- min_rows: 0
    -- happened_at: column that says when the row's fact happened; without it, when it was observed
    -- kept: rows (a row per capture, with its provenance; the default) | differences (a row only for a capture in which
           it is new, another or gone) | changes (a log of what changed, own columns only, never emptied when its
           contract changes) | elsewhere (a parsed shape without a table of its own)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

SCHEMAS = ("staging", "seeds", "core", "marts")
HEADER_KEYS = ("description", "grain", "column", "assert", "min_rows", "happened_at", "kept")
KEPT = ("rows", "differences", "changes", "elsewhere")
HEADER_LINE = re.compile(r"^-- (\w+): (.*)$")
COLUMN = re.compile(
    r"^(?P<name>[a-z][a-z0-9_]*) "
    r"(?P<type>[A-Z]+(?:\(\d+, ?\d+\))?(?:\[\])?)"
    r"(?P<null> null)?"
    r"(?: in \((?P<accepted>[^)]*)\))?"
    r"(?: (?P<bound>>=? -?\d+(?:\.\d+)?))?"
    r"(?P<not_future> not_future)?"
    r"(?: references (?P<references>\S+))?"
    r" \| (?P<description>.+)$"
)


class ContractError(ValueError):
    """A SQL file's header breaks the grammar; the message names the file and the line."""


@dataclass(frozen=True)
class Column:
    """One column: DuckDB type, whether null is allowed, and what values are accepted."""

    name: str
    type: str
    description: str
    nullable: bool = False
    accepted: tuple[str, ...] = ()
    bound: str | None = None
    references: str | None = None
    not_future: bool = False


@dataclass(frozen=True)
class Table:
    """A table's contract and, for SQL models, the select that fills it."""

    schema: str
    name: str
    description: str
    grain: tuple[str, ...]
    columns: tuple[Column, ...]
    asserts: tuple[str, ...] = ()
    min_rows: int = 1
    happened_at: str | None = None
    kept: str = "rows"
    body: str = ""

    @property
    def full_name(self) -> str:
        """`schema.name`."""
        return f"{self.schema}.{self.name}"

    def with_columns(self, extra: tuple[Column, ...]) -> Table:
        """The same contract with further columns."""
        return replace(self, columns=self.columns + extra)


@dataclass(frozen=True)
class Check:
    """A data test: a query that returns the offending rows; none means passed."""

    name: str
    description: str
    query: str


def parse_contract(text: str, schema: str, name: str) -> Table:
    """Read a SQL file's header and body. Raises ContractError with the offending line."""
    keys: dict[str, list[str]] = {key: [] for key in HEADER_KEYS}
    body: list[str] = []
    for line in text.splitlines():
        match = HEADER_LINE.match(line)
        if body or not match:
            if line.strip() or body:
                body.append(line)
        elif match.group(1) in keys:
            keys[match.group(1)].append(match.group(2).strip())
        else:
            raise ContractError(f"{schema}/{name}.sql: unknown header key {match.group(1)!r}")
    table = Table(
        schema,
        name,
        description=" ".join(keys["description"]),
        grain=tuple(part.strip() for part in ", ".join(keys["grain"]).split(",") if part.strip()),
        columns=tuple(_parse_column(value, schema, name) for value in keys["column"]),
        asserts=tuple(keys["assert"]),
        min_rows=int((keys["min_rows"] or ["1"])[0]),
        happened_at=next(iter(keys["happened_at"]), None),
        kept=next(iter(keys["kept"]), "rows"),
        body="\n".join(body).strip().rstrip(";"),
    )
    _require_whole(table)
    return table


def _parse_column(value: str, schema: str, name: str) -> Column:
    match = COLUMN.match(value)
    if not match:
        raise ContractError(f"{schema}/{name}.sql: cannot read the column line {value!r}")
    accepted = tuple(part.strip() for part in (match["accepted"] or "").split(",") if part.strip())
    return Column(
        match["name"],
        match["type"],
        match["description"],
        bool(match["null"]),
        accepted,
        match["bound"],
        match["references"],
        bool(match["not_future"]),
    )


def _require_whole(table: Table) -> None:
    names = [column.name for column in table.columns]
    if not table.description or not table.grain or not names:
        raise ContractError(f"{table.full_name}: description, grain and columns are required")
    if missing := [part for part in table.grain if part not in names]:
        raise ContractError(f"{table.full_name}: grain names unknown columns {missing}")
    if doubled := {part for part in names if names.count(part) > 1}:
        raise ContractError(f"{table.full_name}: columns declared twice {sorted(doubled)}")
    if table.kept not in KEPT:
        raise ContractError(f"{table.full_name}: kept is {table.kept!r}, not one of {', '.join(KEPT)}")


def read_contracts(folder: Path, schemas: Iterable[str] = SCHEMAS) -> Iterator[Table]:
    """Every contract of `folder/<schema>/*.sql`, in name order."""
    for schema in schemas:
        for path in sorted((folder / schema).glob("*.sql")):
            yield parse_contract(path.read_text(encoding="utf-8"), schema, path.stem)


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def create_sql(table: Table, full_name: str | None = None) -> str:
    """`create or replace table` with types and not-null constraints."""
    columns = ", ".join(
        f'"{column.name}" {column.type}{"" if column.nullable else " not null"}' for column in table.columns
    )
    return f"create or replace table {full_name or table.full_name} ({columns})"


def comment_sql(table: Table) -> list[str]:
    """`comment on` statements for the table and every column."""
    statements = [f"comment on table {table.full_name} is {literal(table.description)}"]
    statements += [
        f'comment on column {table.full_name}."{column.name}" is {literal(column.description)}'
        for column in table.columns
    ]
    return statements


def checks(table: Table) -> list[Check]:
    """Every data test the contract implies, against the table under its own name."""
    name = table.full_name
    found = [Check("grain_is_unique", f"One row per {', '.join(table.grain)}.", _grain_query(table))]
    if table.min_rows:
        query = f"select count(*) as rows from {name} having count(*) < {table.min_rows}"
        found.append(Check("has_rows", f"At least {table.min_rows} row(s): no rows is a failure.", query))
    for column in table.columns:
        if column.accepted:
            accepted = ", ".join(literal(value) for value in column.accepted)
            query = f'select * from {name} where "{column.name}" not in ({accepted})'
            found.append(Check(f"{column.name}_is_accepted", f"{column.name} in ({accepted}).", query))
        if column.bound:
            query = f'select * from {name} where not "{column.name}" {column.bound}'
            found.append(Check(f"{column.name}_is_in_bounds", f"{column.name} {column.bound}.", query))
        if column.references:
            target, _, key = column.references.rpartition(".")
            query = (
                f'select * from {name} where "{column.name}" is not null '
                f'and "{column.name}" not in (select "{key}" from {target})'
            )
            found.append(Check(f"{column.name}_exists", f"{column.name} references {column.references}.", query))
    for number, condition in enumerate(table.asserts, start=1):
        query = f"select * from {name} where not coalesce(({condition}), false)"
        found.append(Check(f"assert_{number}", condition, query))
    return found


def _grain_query(table: Table) -> str:
    keys = ", ".join(f'"{part}"' for part in table.grain)
    return f"select {keys}, count(*) as copies from {table.full_name} group by all having count(*) > 1"
