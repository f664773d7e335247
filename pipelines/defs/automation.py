"""Jobs and their times: capture daily, build after every capture, report weekly.

Captures are a job of their own, so that a source that is down fails in sight without holding back the tables and
the report, which go on with its last good capture.
"""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from pipelines.lib.week import Week

RAW = dg.AssetSelection.groups("raw")
REPORTS = dg.AssetSelection.groups("reports")
TABLES = dg.AssetSelection.all() - RAW - REPORTS

capture = dg.define_asset_job(
    "capture", RAW, description="Ask every source what it says now. A source that is down fails alone."
)
build = dg.define_asset_job("build", TABLES, description="Load new captures, build and check every table, publish.")
weekly_report = dg.define_asset_job(
    "weekly_report", TABLES | REPORTS, description="Build every table, publish, and write the report of a week."
)


def _build_after(context: dg.RunStatusSensorContext) -> Iterator[dg.RunRequest]:
    yield dg.RunRequest(run_key=context.dagster_run.run_id)


def _after(name: str, status: dg.DagsterRunStatus) -> dg.SensorDefinition:
    return dg.run_status_sensor(
        name=name,
        run_status=status,
        monitored_jobs=[capture],
        request_job=build,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )(_build_after)


daily_capture = dg.ScheduleDefinition(
    name="daily_capture",
    job=capture,
    # The Hub refreshes its counters once a day, never between 13:00 and 00:00 UTC.
    cron_schedule="30 14 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)


@dg.schedule(
    job=weekly_report,
    cron_schedule="0 7 * * 1",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def weekly_report_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """On Monday morning, the report of the week that has just ended."""
    ended = Week.of(context.scheduled_execution_time.date() - timedelta(days=7))
    return dg.RunRequest(partition_key=ended.monday.isoformat())


defs = dg.Definitions(
    jobs=[capture, build, weekly_report],
    schedules=[daily_capture, weekly_report_schedule],
    sensors=[
        _after("build_after_capture", dg.DagsterRunStatus.SUCCESS),
        # A source that is down makes the run a failure; what the others gave is built all the same.
        _after("build_after_partial_capture", dg.DagsterRunStatus.FAILURE),
    ],
)
