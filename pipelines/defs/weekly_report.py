"""The weekly report: one partition is one ISO week, named by its Monday."""

from datetime import date

import dagster as dg

from pipelines.lib.assets import OWNERS
from pipelines.lib.folder import DataFolder, report_dir
from pipelines.lib.week import Week
from pipelines.lib.weekly import write_week

WEEKS = dg.WeeklyPartitionsDefinition(start_date="2026-01-05", day_offset=1, end_offset=1)


@dg.asset(
    key=["reports", "weekly"],
    deps=[["published", "modelmarket"]],
    group_name="reports",
    kinds={"html", "altair"},
    owners=OWNERS,
    description="How the open-model ecosystem grows and what capability costs: one HTML file per ISO week.",
    partitions_def=WEEKS,
)
def weekly(context: dg.AssetExecutionContext, folder: DataFolder) -> dg.MaterializeResult:
    """Write the report of the partition's week."""
    week = Week.of(date.fromisoformat(context.partition_key))
    path = write_week(folder.path, report_dir(), week)
    return dg.MaterializeResult(
        metadata={
            "report": dg.MetadataValue.url(path.resolve().as_uri()),
            "week": week.name,
            "bytes": path.stat().st_size,
        }
    )


defs = dg.Definitions(assets=[weekly])
