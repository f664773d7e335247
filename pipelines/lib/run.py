"""Running the project's Dagster jobs from the command line, with a progress bar and an honest summary."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import dagster as dg
from rich.console import Console

from pipelines.lib.archive import Archive
from pipelines.lib.folder import PROJECT_DIR
from pipelines.lib.job_progress import JobProgress
from pipelines.lib.liveness import alive, release_dead_runs
from pipelines.lib.registry import load_sources
from pipelines.lib.source import Origin, Source

# A source is due a little before its period ends, so that a daily run at a slightly earlier hour still captures.
DUE_AFTER = 0.8
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass
class JobOutcome:
    """What a job did: whether all of it succeeded, and why each failed step failed."""

    success: bool
    failures: dict[str, str] = field(default_factory=dict)


def prepare_environment() -> None:
    """Point Dagster at the project's own home unless the user chose another; telemetry stays off."""
    os.environ.setdefault("DAGSTER_HOME", str(PROJECT_DIR / "dagster_home"))
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    home = Path(os.environ["DAGSTER_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    config = home / "dagster.yaml"
    if not config.exists():
        config.write_bytes((PROJECT_DIR / "dagster_home" / "dagster.yaml").read_bytes())


def due_sources(archive: Archive, now: datetime) -> list[Source]:
    """Sources that are asked and have no whole live capture within their period."""
    due = []
    for source in load_sources().values():
        live = [
            item.captured_at for item in archive.captures(source.name) if item.origin is Origin.LIVE and item.complete
        ]
        if source.is_asked(os.environ) and (not live or now - max(live) >= source.every * DUE_AFTER):
            due.append(source)
    return due


@cache
def _definitions() -> dg.Definitions:
    from pipelines.definitions import defs  # loading all definitions takes seconds; only jobs need them

    return defs()


def run_job(
    name: str,
    console: Console,
    *,
    selection: list[dg.AssetKey] | None = None,
    partition_key: str | None = None,
) -> JobOutcome:
    """Execute a job in this process. Failures of steps are returned, not raised."""
    job = _definitions().resolve_job_def(name)
    outcome = JobOutcome(True)
    total = len(selection) if selection is not None else len(set(job.asset_layer.executable_asset_keys))
    with dg.DagsterInstance.get() as instance, JobProgress(name, total, console) as progress:
        run_id = dg.DagsterRun(job_name=name).run_id
        release_dead_runs(instance)
        instance.add_event_listener(run_id, listener(progress, outcome))
        with alive(instance, run_id):
            result = job.execute_in_process(
                instance=instance,
                run_id=run_id,
                run_config=QUIET,
                asset_selection=selection,
                partition_key=partition_key,
                raise_on_error=False,
            )
        outcome.success = result.success
    return outcome


def listener(progress: JobProgress, outcome: JobOutcome) -> Callable[[dg.EventLogEntry], None]:
    """What to do with each entry of a run's log: show it, and keep why a step failed."""

    def listen(entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None:
            # A message of a step itself; what Dagster's own parts say is below this level.
            if entry.step_key and isinstance(entry.level, int) and entry.level >= logging.INFO:
                progress.say(entry.user_message)
            return
        step = (event.step_key or "").replace("__", "/")
        if event.event_type_value == "STEP_START":
            progress.begin(step)
        elif event.event_type_value in ("STEP_SUCCESS", "STEP_FAILURE"):
            progress.end()
        if event.event_type_value == "STEP_FAILURE":
            outcome.failures[step] = _why(event)

    return listen


def _why(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return str(data.user_failure_data.description)
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return (error.message if error else "failed without a message").strip()


def utc_now() -> datetime:
    """Now, in UTC; the one place where the command line asks the clock."""
    return datetime.now(UTC)
