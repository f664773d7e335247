"""The warehouse as it would have been: at a moment of the world, from what was known at another.

The SQL models are run again in memory over staging rows that were observed, and had happened, by then; no model can see
more. When neither moment cuts anything off, the published tables are the answer already.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.lib import sql_model
from pipelines.lib.contract import literal
from pipelines.lib.publish import NothingPublished, open_published, published_path
from pipelines.lib.staging import DOCUMENT, REJECTED, kept_tables
from pipelines.lib.warehouse import prepare, set_as_at

END_OF_TIME = datetime(9999, 12, 31)  # noqa: DTZ001 - naive UTC, as DuckDB keeps it


@contextmanager
def as_known(data_dir: Path, at: datetime, known_at: datetime | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose tables speak for `at`, from captures until `known_at` (both naive UTC).

    Raises NothingPublished when nothing was published yet.
    """
    connection = open_published(data_dir)
    try:
        newest = connection.execute("select max(observed_at) from staging.document").fetchone()
        cuts = newest is not None and newest[0] is not None and newest[0] >= min(at, known_at or at)
        if not cuts:
            yield connection
            return
    finally:
        connection.close()
    with duckdb.connect() as scratch:
        scratch.execute("set timezone = 'UTC'")
        _rebuild(scratch, published_path(data_dir), at, known_at or END_OF_TIME)
        yield scratch


def _rebuild(scratch: duckdb.DuckDBPyConnection, published: Path, at: datetime, known_at: datetime) -> None:
    scratch.execute(f"attach {literal(str(published))} as record (read_only)")
    prepare(scratch)
    for table in (*kept_tables(), DOCUMENT, REJECTED):
        happened_at = f"coalesce({table.happened_at}, observed_at)" if table.happened_at else "observed_at"
        scratch.execute(
            f"create view {table.full_name} as select * from record.{table.full_name} "
            f"where observed_at <= timestamp '{known_at}' and {happened_at} <= timestamp '{at}'"
        )
    scratch.execute("create view staging.source as select * from record.staging.source")
    newest = scratch.execute("select max(observed_at) from staging.document where state = 'good'").fetchone()
    if newest is None or newest[0] is None:
        raise NothingPublished(f"nothing had been captured by {min(at, known_at):%Y-%m-%d}")
    set_as_at(scratch, newest[0])
    for model in sql_model.load_models():
        sql_model.build(scratch, model, str(at), comments=False)
