"""Leaving any one source out: the tables still build, the report is still written and says what is missing."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from pipelines.lib import loading, sql_model, staging
from pipelines.lib.archive import Archive, StarterArchive
from pipelines.lib.assets import newest_capture
from pipelines.lib.folder import DataFolder
from pipelines.lib.publish import open_published, publish
from pipelines.lib.registry import load_sources
from pipelines.lib.warehouse import set_as_at
from reports.weekly import write_report
from warehouse import WAREHOUSE_DIR

STARTERS = WAREHOUSE_DIR / "starter"
SOURCES = load_sources()
WITH_STARTER = sorted(name for name in SOURCES if (STARTERS / name).is_dir())


def build_without(folder: DataFolder, left_out: str) -> None:
    """All tables from the starters of every other source, published."""
    with folder.warehouse.write() as connection:
        for name, source in SOURCES.items():
            starter = StarterArchive(STARTERS if name != left_out else folder.path / "none")
            loading.load(connection, source, Archive(folder.path / "raw"), starter)
        staging.create_tables(connection)
    with folder.warehouse.write() as connection:
        moment = newest_capture(connection)
        set_as_at(connection, moment)
        for model in sql_model.load_models():
            sql_model.build(connection, model, str(moment), comments=False)
    publish(folder.warehouse, folder.path)


@pytest.mark.parametrize("left_out", WITH_STARTER)
def test_the_report_of_all_sources_but_one_says_which_is_missing(
    folder: DataFolder, tmp_path: Path, left_out: str
) -> None:
    build_without(folder, left_out)
    with open_published(folder.path) as connection:
        page = html.unescape(write_report(connection, week="2026-W40", out=tmp_path).read_text())
    row = next(text for text in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if SOURCES[left_out].title in text)
    assert "never captured" in row
    others = [name for name in WITH_STARTER if name != left_out]
    assert all(SOURCES[name].title in page for name in others)
