"""Resources and the executor, wired once."""

import dagster as dg

from pipelines.lib.folder import DataFolder

defs = dg.Definitions(
    resources={"folder": DataFolder(root=dg.EnvVar("MODELMARKET_DATA").get_value(default="") or "")},
    # One process per step costs 1.5 s here and gains nothing: DuckDB has one writer and uses all cores itself.
    executor=dg.in_process_executor,
)
