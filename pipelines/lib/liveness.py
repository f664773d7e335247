"""Runs that died: telling them from running ones, and giving back what they held.

Dagster keeps the pool slots of a killed run until its daemon looks; on the command line there is no daemon, and the
next run would wait for ever. A run of ours holds an operating-system lock for as long as it lives, so that a lock
nobody holds proves that its run is dead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from filelock import FileLock, Timeout

RUNNING = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.CANCELING]
DAEMON_SILENT_SECONDS = 120


def _lock_path(instance: dg.DagsterInstance, run_id: str) -> Path:
    return Path(instance.root_directory) / "alive" / f"{run_id}.lock"


@contextmanager
def alive(instance: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """Hold the run's lock while the block runs."""
    path = _lock_path(instance, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path):
        yield
    path.unlink(missing_ok=True)


def release_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs whose process is gone as failed and free the slots they held; their ids come back."""
    unfinished = instance.get_runs(dg.RunsFilter(statuses=[*RUNNING, dg.DagsterRunStatus.NOT_STARTED]))
    dead = [run for run in unfinished if _is_dead(instance, run)]
    for run in dead:
        instance.report_run_failed(run, "The process of this run ended without a word; what it held is free again.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        _lock_path(instance, run.run_id).unlink(missing_ok=True)
    return [run.run_id for run in dead]


def _is_dead(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    path = _lock_path(instance, run.run_id)
    if not path.exists():
        # Started from the UI: its daemon watches over it, if there is one.
        return run.status in RUNNING and not _daemon_is_awake(instance)
    try:
        with FileLock(path, timeout=0):
            return True
    except Timeout:
        return False


def _daemon_is_awake(instance: dg.DagsterInstance) -> bool:
    beats = [heartbeat.timestamp for heartbeat in instance.get_daemon_heartbeats().values()]
    return bool(beats) and datetime.now(UTC).timestamp() - max(beats) < DAEMON_SILENT_SECONDS
