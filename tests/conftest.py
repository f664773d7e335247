"""What every test shares: no network but loopback, data of its own, and where the real bodies lie."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.lib.folder import DataFolder

SHARED = Path(__file__).resolve().parents[2] / "shared"
real_connect = socket.socket.connect


def _guarded_connect(self: socket.socket, address: Any) -> None:
    host = address[0] if isinstance(address, tuple) else ""
    if self.family in (socket.AF_INET, socket.AF_INET6) and not ipaddress.ip_address(host).is_loopback:
        raise AssertionError(f"a test tried to reach {address}")
    real_connect(self, address)


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test touches the network; local servers on this machine are what they talk to."""
    monkeypatch.setattr(socket.socket, "connect", _guarded_connect)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataFolder]:
    """An empty data folder, Dagster home and report folder."""
    monkeypatch.setenv("MODELMARKET_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MODELMARKET_REPORTS", str(tmp_path / "reports"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    (tmp_path / "dagster").mkdir()
    yield DataFolder(root=str(tmp_path / "data"))


@pytest.fixture
def shared() -> Path:
    """The folder of real bodies; the test is skipped where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the folder of real bodies is absent")
    return SHARED


def pytest_report_header() -> str:
    """Say whether the real bodies are read in this run."""
    found = "found" if (SHARED / "data").is_dir() else "absent: tests marked real_data are skipped"
    return f"real bodies: {found}; CI={os.environ.get('CI', '')}"
