"""The `modelmarket` command: thin words around the machine. Exit codes: 0 done, 1 something failed, 2 wrong usage."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.markup import escape

from pipelines import body_cli, price_cli, resolve_cli, trend_cli
from pipelines.console import err, fail, out, read_moment
from pipelines.lib.archive import Archive, ArchiveError
from pipelines.lib.folder import DataFolder, data_dir, report_dir
from pipelines.lib.publish import NothingPublished, open_published, published_path
from pipelines.lib.registry import load_sources
from pipelines.lib.run import due_sources, prepare_environment, run_job, utc_now
from pipelines.lib.status import health_table
from pipelines.lib.warehouse import WarehouseError
from pipelines.lib.week import Week
from reports.safe import csv_cell

app = typer.Typer(
    help="The open, reproducible record of the open-model economy.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _week(text: str | None) -> Week:
    try:
        return Week.parse(text) if text else Week.of(utc_now().date())
    except ValueError as error:
        fail(str(error), 2)


@app.command()
def run(
    capture: Annotated[bool, typer.Option(help="Ask the sources that are due; --no-capture only builds.")] = True,
    everything: Annotated[bool, typer.Option("--all", help="Ask every source, due or not.")] = False,
) -> None:
    """Capture what is due, build and check every table, write this week's report."""
    prepare_environment()
    import dagster as dg

    from pipelines.lib.pending import pending_tables

    folder, failures = data_dir(), {}
    if capture:
        sources = list(load_sources().values()) if everything else due_sources(Archive(folder / "raw"), utc_now())
        keys = [dg.AssetKey(["raw", source.name]) for source in sources if source.is_asked(os.environ)]
        if keys:
            failures = run_job("capture", err, selection=keys).failures
    week = Week.of(utc_now().date())
    keys = [
        *pending_tables(DataFolder()),
        dg.AssetKey(["published", "modelmarket"]),
        dg.AssetKey(["reports", "weekly"]),
    ]
    built = run_job("weekly_report", err, selection=keys, partition_key=week.monday.isoformat())
    for step, why in built.failures.items():
        err.print(f"[red]failed:[/red] {step}: {why}", highlight=False, soft_wrap=True)
    if published_path(folder).exists():
        with open_published(folder) as connection:
            out.print(health_table(connection, utc_now()))
    report = report_dir() / week.name / "index.html"
    if not built.success:
        fail("the build did not finish; the tables and report of before stay")
    for source in load_sources().values():
        if reason := source.off(os.environ):
            out.print(f"not asked: {source.name}: {reason}", highlight=False, markup=False, soft_wrap=True)
    for why in failures.values():
        out.print(f"not captured: {why}", highlight=False, markup=False, soft_wrap=True)
    out.print(f"Report of {week.name}: {report}", soft_wrap=True)


@app.command()
def status() -> None:
    """Show what each source last gave, where it comes from and how old it is."""
    with _published() as connection:
        out.print(health_table(connection, utc_now()))


@app.command()
def report(
    week: Annotated[str | None, typer.Option(help="ISO week such as 2026-W47; this week when left out.")] = None,
    as_known_on: Annotated[str | None, typer.Option(help="Use only captures until this day (YYYY-MM-DD).")] = None,
    to: Annotated[Path | None, typer.Option(help="Folder to write to.")] = None,
) -> None:
    """Write the report of a week from the published warehouse."""
    from pipelines.lib.weekly import write_week

    known_on, chosen = read_moment(as_known_on), _week(week)
    if chosen.monday > utc_now().date() or (known_on and known_on > utc_now()):
        fail("that lies in the future; there is nothing to report yet", 2)
    # What was known on another day is another report: it never takes the place of the week's own.
    folder = to or (report_dir() / f"as-known-on-{known_on:%Y-%m-%d}" if known_on else report_dir())
    try:
        path = write_week(data_dir(), folder, chosen, known_on.date() if known_on else None)
    except NothingPublished as error:
        fail(str(error))
    out.print(f"Report: {path}", soft_wrap=True)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SQL statement.")],
    form: Annotated[str, typer.Option("--format", help="table, csv or json (one line per row).")] = "table",
) -> None:
    """Ask the published warehouse; read-only, also while a run writes."""
    with _published() as connection:
        # A reader has nothing to lose: an interrupt ends the process, also in the middle of a query.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        try:
            answer = connection.sql(query)
            if answer is not None:
                _print_answer(answer, form)
        except duckdb.Error as error:
            fail(str(error).strip(), 2)


def _print_answer(answer: duckdb.DuckDBPyRelation, form: str) -> None:
    if form == "table":
        answer.show(max_rows=200, max_width=max(out.width, 80))
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows(["" if value is None else csv_cell(value) for value in row] for row in answer.fetchall())
    elif form == "json":
        for row in answer.fetchall():
            print(json.dumps(dict(zip(answer.columns, row, strict=True)), default=str, ensure_ascii=False))
    else:
        fail(f"{form!r} is not one of table, csv, json", 2)


@app.command()
def demo(
    models: Annotated[int, typer.Option(min=200, max=200_000, help="Repositories on the simulated Hub.")] = 2_000,
    days: Annotated[int, typer.Option(min=1, max=366, help="Simulated days.")] = 60,
    seed: Annotated[int, typer.Option(help="Another number, another Hub.")] = 1,
    folder: Annotated[Path | None, typer.Option(help="Where to write; DATA/demo when left out.")] = None,
) -> None:
    """Run the whole tracker on a SIMULATED Hub and write its weekly reports; real data are not touched."""
    from pipelines.demo import Setting, run_demo
    from pipelines.demo_folder import DemoError, default_folder
    from pipelines.lib.job_progress import JobProgress

    try:
        with JobProgress("simulated day", days, err) as progress:
            made = run_demo(folder or default_folder(), Setting(models, days, seed), progress)
    except DemoError as error:
        fail(str(error))
    out.print(f"SIMULATED report of {made.week.name}: {made.report}\nSIMULATED tables: {made.database}", soft_wrap=True)


@app.command()
def dictionary(write: Annotated[bool, typer.Option(help="Write warehouse/README.md.")] = False) -> None:
    """Check that the data dictionary is what the declarations say, or write it."""
    from pipelines.lib.dictionary import PATH
    from pipelines.lib.dictionary import dictionary as text

    if write:
        PATH.write_text(text(), encoding="utf-8")
    elif not PATH.exists() or PATH.read_text(encoding="utf-8") != text():
        fail(f"{PATH.name} of the warehouse is stale; run `modelmarket dictionary --write`")


for group in (body_cli, price_cli, resolve_cli, trend_cli):
    group.register(app)


def _published() -> duckdb.DuckDBPyConnection:
    try:
        return open_published(data_dir())
    except NothingPublished as error:
        fail(str(error))


def main() -> None:
    """Entry point; a keyboard interrupt ends without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except (WarehouseError, ArchiveError, NothingPublished, OSError, duckdb.Error) as error:
        err.print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        err.print("stopped")
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
