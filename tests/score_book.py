"""A warehouse of scores alone: bodies are imported and loaded, and of the tables those behind `core.score` built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from pipelines.lib import loading, sql_model, staging
from pipelines.lib.archive import StarterArchive
from pipelines.lib.assets import newest_capture
from pipelines.lib.folder import DataFolder
from pipelines.lib.importing import import_files
from pipelines.lib.registry import find_source
from pipelines.lib.source import Source
from pipelines.lib.warehouse import set_as_at


def take(folder: DataFolder, source: str, paths: Iterable[Path], captured_at: datetime | None = None) -> int:
    """Import bodies as `modelmarket import` does; gives the number of captures."""
    where = "body beside the project"
    captures = import_files(
        find_source(source), folder.archive, list(paths), captured_at=captured_at, where_from=where, label=None
    )
    return len(captures)


def build_scores(folder: DataFolder, *sources: Source, also: tuple[str, ...] = ()) -> None:
    """Load the sources and build `core.score`, and other tables by name, with all that they rest on."""
    models = {model.table.full_name: model for model in sql_model.load_models()}
    wanted = _behind(models, "core.score", *also)
    with folder.warehouse.write() as connection:
        for source in sources:
            loading.load(connection, source, folder.archive, StarterArchive(folder.path / "no starter"))
        staging.create_tables(connection)
        moment = newest_capture(connection)
        set_as_at(connection, moment)
        for name, model in models.items():
            if name in wanted:
                sql_model.build(connection, model, str(moment))


def _behind(models: Mapping[str, sql_model.SqlModel], *names: str) -> set[str]:
    found: set[str] = set()
    waiting = [*names]
    while waiting:
        one = waiting.pop()
        if one in models and one not in found:
            found.add(one)
            waiting += models[one].depends_on
    return found
