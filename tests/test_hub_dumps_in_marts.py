"""Real dumps of the Hub, imported as a user would, down to the records the marts make of them."""

from __future__ import annotations

import pytest

from pipelines.defs.sources.hub_models import source
from pipelines.lib import loading
from pipelines.lib.archive import StarterArchive
from pipelines.lib.folder import DataFolder
from pipelines.lib.importing import import_files
from tests.download_tables import REAL, TRENDING_CACHE, TRENDING_LIST, build

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the folder of real data is absent")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """A warehouse of the trending lists of a week and of the cached ones of five months."""
    folder = DataFolder(root=str(tmp_path_factory.mktemp("data")))
    files = [REAL / TRENDING_LIST, REAL / TRENDING_CACHE]
    import_files(source, folder.archive, files, captured_at=None, where_from="shared/data/hub, see its manifest")
    with folder.warehouse.write() as connection:
        loading.load(connection, source, folder.archive, StarterArchive(folder.path / "none"))
    return folder


def rows(folder: DataFolder, table: str, query: str) -> list[tuple[object, ...]]:
    """Rows of a query on one table, which is built first with all it reads."""
    with folder.warehouse.write() as connection:
        build(connection, table)
        return connection.execute(query).fetchall()


def test_lineage_that_was_edited_within_a_week_is_a_record(folder: DataFolder) -> None:
    """Of the models of these lists, six changed what they derive from between 28 April and 4 May 2026."""
    found = rows(
        folder, "marts.lineage_event", "select event, count(*) from marts.lineage_event group by event order by event"
    )
    assert found == [("added", 1), ("relation_changed", 2), ("removed", 3)]


def test_a_level_that_jumped_overnight_is_a_record(folder: DataFolder) -> None:
    found = rows(
        folder,
        "marts.download_jump",
        "select subject, downloads_30d from marts.download_jump where kind = 'single' and observed_on >= '2026-08-01'",
    )
    assert found == [("MiniMaxAI/MiniMax-H3", 1_605_940)]


def test_every_capture_is_imported_and_none_is_the_whole_hub(folder: DataFolder) -> None:
    found = rows(folder, "core.hub_crawl", "select distinct origin, is_full from staging.hub_crawl")
    assert found == [("imported", False)]
    assert rows(folder, "core.hub_crawl", "select count(*) from core.hub_crawl") == [(287,)]
