"""The published copy of the warehouse, for every reader."""

import dagster as dg

from pipelines.lib.assets import OWNERS, WAREHOUSE_POOL
from pipelines.lib.folder import DataFolder
from pipelines.lib.publish import publish, published_path
from pipelines.lib.sql_model import load_models


@dg.asset(
    key=["published", "modelmarket"],
    deps=[[model.table.schema, model.table.name] for model in load_models() if model.table.schema != "seeds"],
    group_name="published",
    kinds={"duckdb"},
    owners=OWNERS,
    description="A compact copy of the warehouse, put in place by one rename; any number of readers may open it.",
    pool=WAREHOUSE_POOL,
)
def published(folder: DataFolder) -> dg.MaterializeResult:
    """Copy the warehouse for readers, unless the copy is of this version already."""
    replaced = publish(folder.warehouse, folder.path)
    path = published_path(folder.path)
    return dg.MaterializeResult(
        metadata={"dagster/uri": str(path), "bytes": path.stat().st_size, "replaced": replaced},
    )


defs = dg.Definitions(assets=[published])
