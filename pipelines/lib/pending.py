"""What a run has to do: sources with captures to load, tables whose inputs changed. Decides; builds nothing."""

from __future__ import annotations

import dagster as dg

from pipelines.lib import loading, sql_model, staging
from pipelines.lib.assets import newest_capture
from pipelines.lib.folder import DataFolder
from pipelines.lib.registry import load_sources


def pending_tables(folder: DataFolder) -> list[dg.AssetKey]:
    """Asset keys of the staging sources and tables that a build would change; empty when nothing is new.

    New rows in staging can reach any table, so they put every table on the list.
    """
    models = sql_model.load_models()
    with folder.warehouse.write() as connection:
        staging.create_tables(connection)
        sources = list(load_sources().values())
        if any(loading.is_pending(connection, source, folder.archive, folder.starter) for source in sources):
            keys = [["staging", source.name] for source in sources]
            return [dg.AssetKey(key) for key in keys + [[item.table.schema, item.table.name] for item in models]]
        versions = sql_model.built_fingerprints(connection)
        as_at = str(newest_capture(connection))
    pending: list[dg.AssetKey] = []
    for model in models:
        name = model.table.full_name
        if versions.get(name) != sql_model.fingerprint(model, versions, as_at):
            # A version nobody has: whatever reads this table is pending too.
            versions[name] = "pending"
            pending.append(dg.AssetKey([model.table.schema, model.table.name]))
    return pending
