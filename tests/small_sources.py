"""A small price source for tests of the machine: JSON bodies {"model": {"input": "1.5", ...}}.

In place of an amount there may be an object, or a list of objects: values of the row's other columns beside `amount`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pipelines.lib import loading, sql_model, staging
from pipelines.lib.archive import Archive, Capture, StarterArchive
from pipelines.lib.assets import newest_capture
from pipelines.lib.folder import DataFolder
from pipelines.lib.publish import publish
from pipelines.lib.source import BadDocument, Document, Fetch, Origin, Parsed, Reject, Response, Row, Source, SourceKind
from pipelines.lib.warehouse import set_as_at


def parse(document: Document) -> Iterator[Parsed]:
    """One price row per model and component."""
    try:
        body = json.loads(document.body)
    except ValueError as error:
        raise BadDocument(f"{document.label}: not JSON: {error}") from error
    for listing, prices in body.items():
        if not isinstance(prices, dict):
            yield Reject("prices are not an object", json.dumps(prices))
            continue
        effective_from = prices.get("from")
        for component, stated in prices.items():
            for one in stated if isinstance(stated, list) else [stated]:
                if component != "from":
                    more = one if isinstance(one, dict) else {"amount": one}
                    yield Row("price", price(listing, component, more.get("amount"), effective_from) | more)


def price(listing: str, component: str, amount: Any, effective_from: str | None = None) -> dict[str, Any]:
    """The values of one price row."""
    return {
        "provider": "acme",
        "listing": listing,
        "component": component,
        "amount": amount,
        "unit": "per_mtok",
        "currency": "USD",
        "amount_per_mtok": amount,
        "price_text": str(amount),
        "market": "global",
        "channel": "first_party",
        "service_tier": "standard",
        "context_from_tokens": 0,
        "price_kind": "list",
        "effective_from": effective_from,
    }


def small_source(
    name: str = "acme_prices", fetch: Fetch | None = None, kind: SourceKind = SourceKind.OFFICIAL, **options: Any
) -> Source:
    """A declared source over this parser."""
    return Source(
        name=name,
        title="Acme prices",
        homepage="https://acme.example",
        licence="none",
        kind=kind,
        tables=("price",),
        fetch=fetch,
        parse=parse,
        **options,
    )


def at(day: str) -> datetime:
    """Midnight UTC of a day."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def store(
    archive: Archive, day: str, body: Mapping[str, Any] | bytes, label: str = "main", source: str = "acme_prices"
) -> Capture:
    """Store one imported body."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = Response(label, f"https://acme.example/{label}", data, 200, {"content-type": "application/json"})
    return archive.store(source, [response], captured_at=at(day), origin=Origin.IMPORTED, origin_note="test")


def build_all(folder: DataFolder, *sources: Source, only: str | None = None) -> None:
    """Load the sources and build every table, as a run does, without Dagster; then publish.

    `only` is how the names of the marts begin that are wanted, with all they rest on.
    """
    with folder.warehouse.write() as connection:
        for source in sources:
            loading.load(connection, source, folder.archive, StarterArchive(folder.path / "no starter"))
        staging.create_tables(connection)
    models = {model.table.full_name: model for model in sql_model.load_models()}
    wanted = needed(models, only) if only else set(models)
    with folder.warehouse.write() as connection:
        moment = newest_capture(connection)
        set_as_at(connection, moment)
        for name, model in models.items():
            if name in wanted:
                sql_model.build(connection, model, str(moment))
    publish(folder.warehouse, folder.path)


def needed(models: Mapping[str, sql_model.SqlModel], only: str) -> set[str]:
    """Names of the marts that begin so, of all tables under them, and of the small tables macros read.

    Marts that hold prices against scores are left out, unless the beginning is the name of one.
    """
    macros = {"core.fx_rate", "core.price_name", "seeds.token_mix"}
    begun = {name for name in models if name.startswith(f"marts.{only}")}
    wanted = {name for name in begun if name == f"marts.{only}" or "core.score" not in _under(models, {name})}
    return _under(models, wanted | macros)


def _under(models: Mapping[str, sql_model.SqlModel], names: set[str]) -> set[str]:
    """These tables and all that they rest on."""
    found: set[str] = set()
    waiting = sorted(names)
    while waiting:
        name = waiting.pop()
        if name in models and name not in found:
            found.add(name)
            waiting += models[name].depends_on
    return found
