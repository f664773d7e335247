"""Running the project's Dagster jobs from the command line, with a progress bar and an honest summary."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import dagster as dg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from pipelines.lib.archive import Archive
from pipelines.lib.folder import PROJECT_DIR
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
    """Sources that can be fetched and have no whole live capture within their period."""
    due = []
    for source in load_sources().values():
        live = [
            item.captured_at for item in archive.captures(source.name) if item.origin is Origin.LIVE and item.complete
        ]
        if source.fetch is not None and (not live or now - max(live) >= source.every * DUE_AFTER):
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
    with dg.DagsterInstance.get() as instance, _bar(console, name) as (progress, task):
        run_id = dg.DagsterRun(job_name=name).run_id

        def listen(entry: dg.EventLogEntry) -> None:
            event = entry.dagster_event
            if event is None:
                return
            step = event.step_key or ""
            if event.event_type_value == "STEP_START":
                progress.update(task, description=f"{name}: {step.replace('__', '/')}")
            elif event.event_type_value == "STEP_SUCCESS":
                progress.advance(task)
            elif event.event_type_value == "STEP_FAILURE":
                progress.advance(task)
                outcome.failures[step.replace("__", "/")] = _why(event)

        release_dead_runs(instance)
        instance.add_event_listener(run_id, listen)
        total = len(selection) if selection is not None else len(set(job.asset_layer.executable_asset_keys))
        progress.update(task, total=total)
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


def _why(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return str(data.user_failure_data.description)
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return (error.message if error else "failed without a message").strip()


@contextmanager
def _bar(console: Console, name: str) -> Iterator[tuple[Progress, TaskID]]:
    columns = (TextColumn("{task.description:60.60}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield progress, progress.add_task(name, total=None)


def utc_now() -> datetime:
    """Now, in UTC; the one place where the command line asks the clock."""
    return datetime.now(UTC)
