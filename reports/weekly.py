"""The weekly report: marts in, one self-contained HTML file and its CSV files out.

Here belongs the order of things: find the sections, render them, lay out the page, write the files. No clock, no
network, no Dagster: the same warehouse and week give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from pathlib import Path

import duckdb

from reports import sections
from reports.atom import price_feed
from reports.health import Health
from reports.mart import Mart
from reports.page import index_page, is_simulated, week_page
from reports.safe import csv_text
from reports.section import Body, Context, Section
from reports.simulated import marked
from reports.week import PATTERN, Week


def find_sections() -> list[Section]:
    """Every `section` in `reports/sections/*.py`, in the order they ask for."""
    found = []
    for module in pkgutil.iter_modules(sections.__path__):
        section = importlib.import_module(f"{sections.__name__}.{module.name}").section
        if not isinstance(section, Section):
            raise TypeError(f"reports/sections/{module.name}.py: `section` is not a Section")
        found.append(section)
    return sorted(found, key=lambda section: (section.order, section.slug))


def write_report(
    connection: duckdb.DuckDBPyConnection, *, week: str, out: Path, as_known_on: dt.date | None = None
) -> Path:
    """Write `out/<week>/index.html` and `out/<week>/data/<figure>.csv`; the path of the page.

    The newest week also writes `out/prices.atom`: an older one, or one as known on a day, would turn the feed back.

    `connection` must show the marts as they are to be reported; `as_known_on` says of which day's knowledge they are.
    """
    period = Week.parse(week)
    mart = Mart(connection, {"week_start": period.start, "week_end": period.end})
    context = Context(period, mart, Health.read(mart, period, as_known_on), as_known_on)
    rendered = ((section, section.render(context)) for section in find_sections())
    # A section that has nothing to show, and nothing to say about that, has no heading either.
    bodies = [(section, marked(body)) for section, body in rendered if body != Body()]
    folder = out / week
    _write_data(folder / "data", [body for _, body in bodies])
    page = folder / "index.html"
    _write(page, week_page(context, bodies))
    if as_known_on is None and week == max((entry.label for entry in _weeks(out)), default=week):
        _write(out / "prices.atom", price_feed(mart))
    return page


def write_index(out: Path) -> Path:
    """Write `out/index.html`, the list of the weeks that have a report in `out`; its path."""
    weeks = [(week, is_simulated(out / week.label / "index.html")) for week in _weeks(out)]
    page = out / "index.html"
    _write(page, index_page(sorted(weeks, key=lambda entry: entry[0].start, reverse=True)))
    return page


def _weeks(out: Path) -> list[Week]:
    """The weeks that have a report in `out`."""
    pages = [path.parent.name for path in out.glob("*/index.html")]
    return [Week.parse(name) for name in pages if PATTERN.match(name)]


def _write_data(folder: Path, bodies: list[Body]) -> None:
    """One CSV per figure; files of figures that are no more are removed."""
    files = {f"{figure.slug}.csv": csv_text(figure.results[0].frame) for body in bodies for figure in body.figures}
    for name, text in files.items():
        _write(folder / name, text)
    for old in folder.glob("*.csv"):
        if old.name not in files:
            old.unlink()


def _write(path: Path, text: str | bytes) -> None:
    """Write whole or not at all: a reader never meets half a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(text.encode() if isinstance(text, str) else text)
    draft.replace(path)
