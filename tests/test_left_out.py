"""A whole build from the starters: every figure comes out of its printed SQL; a source left out is named as missing."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from pipelines.lib import loading, sql_model, staging
from pipelines.lib.archive import Archive, StarterArchive
from pipelines.lib.assets import newest_capture
from pipelines.lib.folder import DataFolder
from pipelines.lib.publish import open_published, publish
from pipelines.lib.registry import load_sources
from pipelines.lib.warehouse import set_as_at
from reports.health import Health
from reports.mart import Mart
from reports.section import Context
from reports.week import Week
from reports.weekly import find_sections, write_report
from warehouse import WAREHOUSE_DIR

STARTERS = WAREHOUSE_DIR / "starter"
SOURCES = load_sources()
WEEK = "2026-W40"
WITH_STARTER = sorted(name for name in SOURCES if (STARTERS / name).is_dir())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """All tables from all starters, published."""
    folder = DataFolder(root=str(tmp_path_factory.mktemp("whole") / "data"))
    build(folder, SOURCES, StarterArchive(STARTERS))
    return folder


def build(folder: DataFolder, names: Iterable[str], starter: StarterArchive) -> None:
    """Load sources from starters, build what that changes, publish."""
    with folder.warehouse.write() as connection:
        for name in names:
            loading.load(connection, SOURCES[name], Archive(folder.path / "raw"), starter)
        staging.create_tables(connection)
    with folder.warehouse.write() as connection:
        moment = newest_capture(connection)
        set_as_at(connection, moment)
        for model in sql_model.load_models():
            sql_model.build(connection, model, str(moment), comments=False)
    publish(folder.warehouse, folder.path)


@pytest.mark.parametrize("left_out", WITH_STARTER)
def test_the_report_of_all_sources_but_one_says_which_is_missing(
    whole: DataFolder, folder: DataFolder, tmp_path: Path, left_out: str
) -> None:
    folder.path.mkdir(parents=True, exist_ok=True)
    shutil.copy(whole.path / "modelmarket.duckdb", folder.path)
    build(folder, [left_out], StarterArchive(folder.path / "none"))
    with open_published(folder.path) as connection:
        page = html.unescape(write_report(connection, week=WEEK, out=tmp_path).read_text())
    rows = re.findall(r"<tr.*?</tr>", page, re.DOTALL)
    assert any(SOURCES[left_out].title in row and "never captured" in row for row in rows)
    others = [name for name in WITH_STARTER if name != left_out]
    assert all(SOURCES[name].title in page for name in others)


def test_every_figure_comes_out_of_its_printed_sql(whole: DataFolder) -> None:
    period = Week.parse(WEEK)
    with open_published(whole.path) as connection:
        mart = Mart(connection, {"week_start": period.start, "week_end": period.end})
        context = Context(period, mart, Health.read(mart, period, None), None)
        figures = [figure for section in find_sections() for figure in section.render(context).figures]
        for figure in figures:
            for result in figure.results:
                again = {repr(row) for row in connection.execute(result.sql).fetchall()}
                shown = [repr(tuple(row)) for row in result.frame.itertuples(index=False, name=None)]
                assert [row for row in shown if row not in again] == [], figure.slug
    assert len(figures) > 20
