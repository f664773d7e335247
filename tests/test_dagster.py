"""What Dagster does with the definitions: failing sources, broken contracts, jobs and their times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import defs
from pipelines.lib import contract, registry
from pipelines.lib.assets import MEETS_CONTRACT, model_asset, raw_asset, staging_asset
from pipelines.lib.folder import DataFolder
from pipelines.lib.http import Refused, Unreachable
from pipelines.lib.source import Fetcher, Response
from pipelines.lib.sql_model import SqlModel
from tests.small_sources import small_source, store

HEADER = (
    "-- description: Numbers. One row per number.\n-- grain: number\n-- column: number INTEGER >= 0 | The number.\n"
)


def good(_fetcher: Fetcher) -> Iterator[Response]:
    yield Response("main", "https://acme.example", b'{"m": {"input": "1"}}')


def half(fetcher: Fetcher) -> Iterator[Response]:
    yield from good(fetcher)
    raise Refused("https://acme.example/second refused the request with status 403")


def down(_fetcher: Fetcher) -> Iterator[Response]:
    raise Unreachable("https://acme.example could not be reached")
    yield


def materialize(folder: DataFolder, *assets: dg.AssetsDefinition) -> dg.ExecuteInProcessResult:
    return dg.materialize(list(assets), resources={"folder": folder}, raise_on_error=False)


def test_a_capture_is_stored_with_its_origin(folder: DataFolder) -> None:
    result = materialize(folder, raw_asset(small_source(fetch=good)))
    assert result.success
    (capture,) = folder.archive.captures("acme_prices")
    assert capture.complete and capture.origin == "live"


def test_a_half_capture_keeps_what_arrived_and_fails_in_sight(folder: DataFolder) -> None:
    result = materialize(folder, raw_asset(small_source(fetch=half)))
    assert not result.success and not result.get_asset_materialization_events()
    (capture,) = folder.archive.captures("acme_prices")
    assert not capture.complete and "status 403" in str(capture.problem)


def test_a_source_that_is_down_stores_nothing_and_is_no_materialization(folder: DataFolder) -> None:
    result = materialize(folder, raw_asset(small_source(fetch=down)))
    assert not result.success and not result.get_asset_materialization_events()
    assert folder.archive.captures("acme_prices") == []


def test_a_document_that_vanished_is_a_warning(folder: DataFolder) -> None:
    def two(fetcher: Fetcher) -> Iterator[Response]:
        yield from good(fetcher)
        yield Response("second", "https://acme.example/2", b"{}" * 500)

    materialize(folder, raw_asset(small_source(fetch=two)))
    result = materialize(folder, raw_asset(small_source(fetch=good)))
    (check,) = result.get_asset_check_evaluations()
    assert not check.passed and check.severity == dg.AssetCheckSeverity.WARN
    assert "second was captured before and is missing now" in str(check.metadata["warnings"])


def test_staging_says_what_it_rejected(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    source = small_source()
    monkeypatch.setattr(registry, "load_sources", lambda: {source.name: source})
    store(folder.archive, "2026-05-01", {"m": {"input": "1"}, "n": {"input": "-1"}})
    result = materialize(folder, staging_asset(source))
    assert result.success
    outcome = {check.check_name: check.passed for check in result.get_asset_check_evaluations()}
    assert outcome == {"bodies_are_usable": True, "nothing_rejected": False}


def model(tmp_path: Path, select: str) -> SqlModel:
    path = tmp_path / "numbers.sql"
    path.write_text(HEADER + select)
    return SqlModel(contract.parse_contract(path.read_text(), "core", "numbers"), path)


def test_a_table_that_breaks_its_contract_is_not_published_as_new(folder: DataFolder, tmp_path: Path) -> None:
    assert materialize(folder, model_asset(model(tmp_path, "select 7 as number"))).success
    result = materialize(folder, model_asset(model(tmp_path, "select -7 as number")))
    assert not result.success and not result.get_asset_materialization_events()
    (check,) = result.get_asset_check_evaluations()
    assert check.check_name == MEETS_CONTRACT and not check.passed
    assert "number_is_in_bounds (1 rows)" in check.metadata
    with folder.warehouse.read() as connection:
        assert connection.execute("select number from core.numbers").fetchall() == [(7,)]


def test_weekly_job_makes_the_report_of_its_partition(folder: DataFolder) -> None:
    job = defs().resolve_job_def("weekly_report")
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, partition_key="2026-08-17")
    assert result.success
    assert all(check.passed for check in result.get_asset_check_evaluations() if check.check_name == MEETS_CONTRACT)
    report = folder.path.parent / "reports" / "2026-W34" / "index.html"
    assert "2026-W34" in report.read_text()


def test_jobs_have_their_times() -> None:
    repository = defs().get_repository_def()
    daily = repository.get_schedule_def("daily_capture")
    assert (daily.cron_schedule, daily.execution_timezone) == ("30 14 * * *", "UTC")
    weekly = repository.get_schedule_def("weekly_report_schedule")
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(instance, datetime(2026, 11, 16, 7, tzinfo=UTC), repository_def=repository)
        (request,) = weekly.evaluate_tick(context).run_requests or []
    assert request.partition_key == "2026-11-09", "on Monday, the week that has just ended"
    assert {sensor.name for sensor in repository.sensor_defs} >= {"build_after_capture", "build_after_partial_capture"}
