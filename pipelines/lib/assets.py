"""From declarations to Dagster assets: raw and staging of a source, and one asset per SQL model.

The factories are plain functions around plain `@dg.asset`s. They know Dagster and the machine, not the domain.
(No postponed annotations here: Dagster reads the annotation of `context` itself.)
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from pipelines.lib import contract, loading, sql_model, staging
from pipelines.lib.capture import CaptureOutcome, capture
from pipelines.lib.contract import Check, Table
from pipelines.lib.folder import DataFolder
from pipelines.lib.parser_version import parser_version
from pipelines.lib.registry import sources_of_table
from pipelines.lib.retention import apply_retention
from pipelines.lib.source import Source
from pipelines.lib.sql_model import ModelError, SqlModel
from pipelines.lib.warehouse import set_as_at

OWNERS = ["team:modelmarket"]
WAREHOUSE_POOL = "warehouse"
MEETS_CONTRACT = "meets_contract"
AssetEvents = Iterator[dg.MaterializeResult | dg.AssetCheckResult]


def column_schema(table: Table) -> dg.TableSchema:
    """The contract's columns as Dagster shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                column.type,
                column.description,
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
            )
            for column in table.columns
        ]
    )


def source_definitions(source: Source) -> dg.Definitions:
    """The assets of one source: `staging/<name>`, and `raw/<name>` unless the user gives its documents or it is off."""
    assets = [staging_asset(source)]
    if source.is_asked(os.environ):
        assets.insert(0, raw_asset(source))
    return dg.Definitions(assets=assets)


def raw_asset(source: Source) -> dg.AssetsDefinition:
    """Capture the source; fails when not every document arrived, and keeps what did."""
    key = dg.AssetKey(["raw", source.name])

    @dg.asset(
        key=key,
        group_name="raw",
        kinds={"python", source.kind.value},
        owners=OWNERS,
        description=f"{source.title}: every body as served. Licence: {source.licence}. Home: {source.homepage}",
        pool=f"host_{source.host}",
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=max(source.stale_after, timedelta(minutes=2))),
        check_specs=[
            dg.AssetCheckSpec("looks_like_the_capture_before", asset=key, description="No document vanished or halved.")
        ],
    )
    def raw(context: dg.AssetExecutionContext, folder: DataFolder) -> AssetEvents:
        outcome = capture(source, folder.archive, os.environ, context.log.info)
        yield dg.AssetCheckResult(
            passed=not outcome.warnings,
            check_name="looks_like_the_capture_before",
            asset_key=key,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"warnings": list(outcome.warnings)},
        )
        if outcome.capture is None or outcome.problem:
            raise dg.Failure(_failure_text(source, outcome), allow_retries=False)
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={
                "capture_id": outcome.capture.capture_id,
                "captured_at": outcome.capture.captured_at.isoformat(),
                "origin": outcome.capture.origin.value,
                "documents": len(outcome.capture.documents),
                "bytes": sum(document.bytes for document in outcome.capture.documents),
            },
        )

    return raw


def _failure_text(source: Source, outcome: CaptureOutcome) -> str:
    kept = "what arrived is kept" if outcome.capture else "the last good capture stays in use"
    return f"{source.name}: {outcome.problem}; {kept}"


def staging_asset(source: Source) -> dg.AssetsDefinition:
    """Parse captures that are not loaded yet into the source's staging tables."""
    key = dg.AssetKey(["staging", source.name])
    tables = staging.staging_tables()
    listed = ", ".join(f"`staging.{name}`" for name in source.tables)
    metadata: dict[str, Any] = {"tables": listed}
    if len(source.tables) == 1:
        only = tables[source.tables[0]]
        metadata |= {"dagster/column_schema": column_schema(only), "dagster/table_name": only.full_name}

    @dg.asset(
        key=key,
        deps=[dg.AssetKey(["raw", source.name])] if source.is_asked(os.environ) else [],
        group_name="staging",
        kinds={"duckdb"},
        owners=OWNERS,
        description=f"{source.title}: rows of {listed}, one per thing and observation, checked against the contract.",
        pool=WAREHOUSE_POOL,
        code_version=parser_version(source),
        metadata=metadata,
        check_specs=[
            dg.AssetCheckSpec("bodies_are_usable", asset=key, description="Every newly loaded body could be read."),
            dg.AssetCheckSpec(
                "nothing_rejected", asset=key, description="No piece of a newly loaded body was rejected."
            ),
        ],
    )
    def stage(context: dg.AssetExecutionContext, folder: DataFolder) -> AssetEvents:
        with folder.warehouse.write() as connection:
            result = loading.load(connection, source, folder.archive, folder.starter, context.log.info)
            loaded = loading.loaded_captures(connection, source)
        # Bodies go only once what was read from them is committed.
        retired = apply_retention(folder.archive, source, loaded, datetime.now(UTC))
        for name, problems in (("bodies_are_usable", result.bad), ("nothing_rejected", result.rejected)):
            yield dg.AssetCheckResult(
                passed=not problems,
                check_name=name,
                asset_key=key,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"found": problems, "see": "staging.rejected and staging.document"},
            )
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={
                "dagster/row_count": sum(result.rows.values()),
                "documents_loaded": result.loaded,
                "documents_removed": result.removed,
                "rejected": result.rejected,
                "captures_retired": retired,
            },
        )

    return stage


def model_asset(model: SqlModel) -> dg.AssetsDefinition:
    """One SQL model: built in a transaction, audited before it is committed."""
    table = model.table
    key = dg.AssetKey([table.schema, table.name])

    @dg.asset(
        key=key,
        deps=_dependencies(model),
        group_name=table.schema,
        kinds={"duckdb", "csv"} if table.schema == "seeds" else {"duckdb", "sql"},
        owners=OWNERS,
        description=f"{table.description}\n\n```sql\n{model.select}\n```",
        pool=WAREHOUSE_POOL,
        code_version=model.text_hash[:12],
        metadata={"dagster/column_schema": column_schema(table), "dagster/table_name": table.full_name},
        check_specs=[
            dg.AssetCheckSpec(MEETS_CONTRACT, asset=key, description=_listed(contract.checks(table)), blocking=True)
        ],
    )
    def build(folder: DataFolder) -> AssetEvents:
        try:
            with folder.warehouse.write() as connection:
                staging.create_tables(connection)
                moment = newest_capture(connection)
                set_as_at(connection, moment)
                result = sql_model.build(connection, model, str(moment))
        except ModelError as error:
            found = {f"{item.check.name} ({item.rows} rows)": item.sample for item in error.failed}
            yield dg.AssetCheckResult(passed=False, check_name=MEETS_CONTRACT, asset_key=key, metadata=found)
            raise dg.Failure(f"{error}; the table of before stays", allow_retries=False) from error
        yield dg.AssetCheckResult(passed=True, check_name=MEETS_CONTRACT, asset_key=key)
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={"dagster/row_count": result.rows, "rebuilt": result.rebuilt},
            data_version=dg.DataVersion(result.fingerprint),
        )

    return build


def _listed(checks: list[Check]) -> str:
    """All data tests of a contract as one Markdown list; one event per table keeps runs quick."""
    return "\n".join(f"- {check.name}: {check.description}" for check in checks)


def newest_capture(connection: Any) -> Any:
    """Time of the newest good capture, naive UTC; the moment for which current tables speak."""
    row = connection.execute("select max(observed_at) from staging.document where state = 'good'").fetchone()
    return row[0] if row else None


def _dependencies(model: SqlModel) -> list[dg.AssetKey]:
    keys: set[dg.AssetKey] = set()
    for name in model.depends_on:
        schema, _, table = name.partition(".")
        if schema == "staging":
            keys |= {dg.AssetKey(["staging", source.name]) for source in sources_of_table(table)}
        elif schema != "meta":
            keys.add(dg.AssetKey([schema, table]))
    return sorted(keys)
