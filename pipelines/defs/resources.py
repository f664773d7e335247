"""Resources and the executor, wired once."""

import dagster as dg

from pipelines.lib.folder import DataFolder

defs = dg.Definitions(
    # The data root is read from the environment when it is used, see `pipelines.lib.folder`.
    resources={"folder": DataFolder()},
    # One process per step costs 1.5 s here and gains nothing: DuckDB has one writer and uses all cores itself.
    executor=dg.in_process_executor,
)
