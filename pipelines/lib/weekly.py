"""Writing the report of a week from the published warehouse, as known on a day."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

from pipelines.lib.as_known import as_known
from pipelines.lib.week import Week
from reports.weekly import write_index, write_report


def write_week(data_dir: Path, out: Path, week: Week, as_known_on: date | None = None) -> Path:
    """Write `out/<week>/index.html` and the list of weeks. Raises NothingPublished."""
    known_at = datetime.combine(as_known_on, time.max).replace(microsecond=0) if as_known_on else None
    with as_known(data_dir, week.ends_at, known_at) as connection:
        path = write_report(connection, week=week.name, out=out, as_known_on=as_known_on)
    write_index(out)
    return path
