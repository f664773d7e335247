"""Which model a name means, and why: the forms tried, the name that was met, what it meant on a day, and what is near.

What is taken is what the warehouse takes: `core.listing` and `core.score_name` are asked about this one name, over the
reviewed names in `warehouse/seeds`, so that an answer needs no run. The forms are those their macros try
(`listing_forms`, `score_forms`). Names that are only alike are shown, never taken. How it is printed is `resolve_cli`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines.lib.contract import parse_contract
from pipelines.lib.registry import UnknownSource, find_source
from pipelines.lib.sql_model import SqlModel, build
from pipelines.lib.warehouse import Warehouse
from warehouse import WAREHOUSE_DIR

Record = dict[str, Any]

# In the order in which they rest on each other.
NAME_TABLES = (
    "seeds.organisation",
    "seeds.family",
    "seeds.model",
    "seeds.model_alias",
    "seeds.provider",
    "core.moved_name",
    "core.model_name",
)
AS_PRICE, AS_SCORE = "price", "score"

# What core.listing and core.score_name read names from: here, one name.
_ONE_NAME = """
create table staging.score (source varchar, model_name varchar, effort varchar);
create table staging.price (
    source varchar, provider varchar, listing varchar, hub_repo_id varchar, observed_at timestamp, capture_id varchar,
    document varchar
);
create table seeds.reported_score (model_name varchar);
create view core.price as select *, observed_at as known_from, observed_at as last_seen_at from staging.price;
"""
_ASK = {
    AS_PRICE: "insert into staging.price by name "
    "select $source as source, $provider as provider, $name as listing, timestamp '2000-01-01' as observed_at",
    AS_SCORE: "insert into staging.score by name select $source as source, $name as model_name, $effort as effort",
}
_ANSWERED_BY = {AS_PRICE: "core.listing", AS_SCORE: "core.score_name"}
_FORMS = {
    AS_PRICE: """
select unnest(listing_forms(
    price.source, price.provider, sold.seller, normalise_name(plain_listing(price.listing)),
    normalise_name(owned_listing(price.listing)), normalise_name(short_listing(price.listing, price.provider)), null
), recursive := true)
from staging.price as price
left join seeds.provider as sold on sold.provider = price.provider
""",
    AS_SCORE: """
select unnest(score_forms(
    source, normalise_name(model_name), normalise_name(bare), normalise_name(plain), normalise_name(short),
    normalise_name(without_owner(short))
), recursive := true)
from (
    select *, without_mark(bare) as plain, regexp_extract(plain, '[^/]*$') as short
    from (select *, without_effort(model_name, effort) as bare from staging.score)
)
""",
}
_MEANINGS = """
select model_id, valid_from, valid_before,
    $on >= coalesce(valid_from, '-infinity'::date) and $on < coalesce(valid_before, 'infinity'::date) as is_then
from core.moved_name
where scope = $scope and normalised_name = $name
order by valid_from nulls first
"""
_REVIEWED = """
select alias, source from seeds.model_alias
where scope = $scope and normalise_name(alias) = $name and model_id = $model
order by valid_from nulls first, alias
"""
_FACTS = """
select model.*, organisation.name as organisation_name
from seeds.model as model
join seeds.organisation as organisation using (organisation_id)
where model_id = $model
"""
_NEAR = """
select model_id, arg_max(scope, (alike, scope)) as scope, arg_max(normalised_name, (alike, scope)) as name,
    max(alike) as alike
from (
    select model_id, scope, normalised_name, jaro_winkler_similarity(normalised_name, form.form) as alike
    from core.model_name, (select distinct unnest($forms) as form) as form
    where model_id is not null
)
where alike > 0.88
group by model_id
order by alike desc, model_id
limit 6
"""


@dataclass(frozen=True)
class Step:
    """One form in which a name was looked up."""

    read_as: str
    rule: str
    scope: str
    form: str
    is_taken: bool


@dataclass(frozen=True)
class Answer:
    """What a name means on a day, how that was found, and what is near."""

    name: str
    on: date
    steps: Sequence[Step]
    is_matched: bool
    model_id: str | None
    reviewed: Sequence[Record]
    meanings: Sequence[Record]
    facts: Record | None
    near: Sequence[Record]


def _model(name: str) -> SqlModel:
    schema, table = name.split(".")
    path = WAREHOUSE_DIR / schema / f"{table}.sql"
    return SqlModel(parse_contract(path.read_text(encoding="utf-8"), schema, table), path)


@contextmanager
def known_names() -> Iterator[duckdb.DuckDBPyConnection]:
    """The reviewed names and what they rest on, built from the seeds in a warehouse that is thrown away."""
    with tempfile.TemporaryDirectory() as folder, Warehouse(Path(folder)).read() as connection:
        for name in NAME_TABLES:
            build(connection, _model(name), "", comments=False)
        connection.execute(_ONE_NAME)
        yield connection


def resolve(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    on: date,
    source: str | None = None,
    provider: str | None = None,
    effort: str | None = None,
) -> Answer:
    """Look a name up as the warehouse does; without a source first as a price's, then as a score's."""
    steps: list[Step] = []
    found: Record | None = None
    for read_as in _read_as(source, provider, effort):
        values: Record = {"source": source or "any", "name": name}
        values |= {"provider": provider or ""} if read_as == AS_PRICE else {"effort": effort}
        tried, hit = _look_up(connection, read_as, values)
        steps += tried if found is None else [replace(step, is_taken=False) for step in tried]
        found = found or hit
    key = {"scope": found["matched_scope"], "name": found["matched_name"]} if found else {}
    meanings = _records(connection, _MEANINGS, key | {"on": on}) if key else []
    model = next((one["model_id"] for one in meanings if one["is_then"]), None)
    model = found["model_id"] if found and not meanings else model
    facts = _records(connection, _FACTS, {"model": model}) if model else []
    near = _records(connection, _NEAR, {"forms": sorted({step.form for step in steps}) or [""]})
    return Answer(
        name=name,
        on=on,
        steps=steps,
        is_matched=found is not None,
        model_id=model,
        reviewed=_records(connection, _REVIEWED, key | {"model": model}) if model else [],
        meanings=meanings,
        facts=facts[0] if facts else None,
        near=[one for one in near if one["model_id"] != model],
    )


def _look_up(connection: duckdb.DuckDBPyConnection, read_as: str, values: Record) -> tuple[list[Step], Record | None]:
    """The forms tried, first to last, and the name that was met."""
    connection.execute(f"delete from staging.{read_as}")
    connection.execute(_ASK[read_as], values)
    (answer,) = _records(connection, _model(_ANSWERED_BY[read_as]).select, {})
    forms = f"select * from ({_FORMS[read_as]}) where scope is not null and form <> '' order by step"
    steps = [
        Step(read_as, form["rule"], form["scope"], form["form"], is_taken=False)
        for form in _records(connection, forms, {})
    ]
    if not answer["matched_by"]:
        return steps, None
    met = (answer["matched_by"], answer["matched_scope"], answer["matched_name"])
    number = next(
        number
        for number, step in enumerate(steps)
        if step.rule == met[0] and (step.rule == "spelling" or (step.scope, step.form) == met[1:])
    )
    steps[number] = replace(steps[number], is_taken=True)
    return steps, answer


def _read_as(source: str | None, provider: str | None, effort: str | None) -> tuple[str, ...]:
    """How sources of this kind write names. A source nobody declared yet may be either."""
    if provider:
        return (AS_PRICE,)
    if effort:
        return (AS_SCORE,)
    if source is None:
        return (AS_PRICE, AS_SCORE)
    try:
        return (AS_PRICE,) if "price" in find_source(source).tables else (AS_SCORE,)
    except UnknownSource:
        return (AS_PRICE, AS_SCORE)


def _records(connection: duckdb.DuckDBPyConnection, query: str, values: Record) -> list[Record]:
    cursor = connection.execute(query, values)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
