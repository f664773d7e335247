"""Where data live: one root folder outside git, and everything of the machine that is below it."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from pipelines.lib.archive import Archive, StarterArchive
from pipelines.lib.warehouse import Warehouse
from warehouse import WAREHOUSE_DIR

PROJECT_DIR = Path(__file__).resolve().parents[2]


def data_dir(configured: str | None = None) -> Path:
    """The data root: as configured, else MODELMARKET_DATA, else `data` beside the code."""
    chosen = configured or os.environ.get("MODELMARKET_DATA") or "data"
    path = Path(chosen).expanduser()
    return path if path.is_absolute() else PROJECT_DIR / path


def report_dir() -> Path:
    """Where reports are written: MODELMARKET_REPORTS, else `reports/out` beside the code."""
    return Path(os.environ.get("MODELMARKET_REPORTS") or PROJECT_DIR / "reports" / "out").expanduser()


class DataFolder(dg.ConfigurableResource):
    """The data root as a Dagster resource."""

    root: str = ""

    @property
    def path(self) -> Path:
        """The data root."""
        return data_dir(self.root)

    @property
    def archive(self) -> Archive:
        """The raw archive."""
        return Archive(self.path / "raw")

    @property
    def starter(self) -> StarterArchive:
        """The starter captures that ship with the project."""
        return StarterArchive(WAREHOUSE_DIR / "starter")

    @property
    def warehouse(self) -> Warehouse:
        """The working DuckDB file."""
        return Warehouse(self.path)
