"""The commands about bodies: `modelmarket import`, `parse` and `raw`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.console import err, fail, out, read_moment
from pipelines.lib.archive import Archive, ArchiveError, StarterArchive
from pipelines.lib.folder import data_dir
from pipelines.lib.git_history import GitImport, import_git
from pipelines.lib.importing import ImportRefused, NotAFile, given_files, import_files, unusable
from pipelines.lib.publish import open_published
from pipelines.lib.registry import UnknownSource, find_source
from pipelines.lib.run import prepare_environment, run_job, utc_now
from pipelines.lib.source import Source
from pipelines.lib.status import health_table
from pipelines.lib.trial import parse_file
from warehouse import WAREHOUSE_DIR


def register(app: typer.Typer) -> None:
    """Add the commands to the `modelmarket` command."""
    app.command("import")(import_command)
    app.command()(parse)
    app.command()(raw)


def _source(name: str) -> Source:
    try:
        return find_source(name)
    except UnknownSource as error:
        fail(str(error), 2)


def import_command(
    source_name: Annotated[str, typer.Argument(metavar="SOURCE", help="Source the files belong to.")],
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", help="Bodies in its own form.")] = None,
    captured_at: Annotated[str | None, typer.Option(help="When they were captured; else the date in a name.")] = None,
    where_from: Annotated[str | None, typer.Option("--from", help="Where they come from, in one line.")] = None,
    label: Annotated[str | None, typer.Option(help="Document of the source the files are.")] = None,
    git: Annotated[Path | None, typer.Option(help="Instead of files: the repository the source is kept in.")] = None,
    since: Annotated[str | None, typer.Option(help="With --git: commits of this day or time and later.")] = None,
    until: Annotated[str | None, typer.Option(help="With --git: commits up to this day or time.")] = None,
    daily: Annotated[bool, typer.Option("--daily", help="With --git: the last commit of each day (UTC).")] = False,
    build: Annotated[bool, typer.Option(help="Build the tables afterwards.")] = True,
) -> None:
    """Take dated bodies, or every commit of a repository, into the archive and build the tables from them."""
    source, archive = _source(source_name), Archive(data_dir() / "raw")
    if (not paths and not git) or (git and (paths or captured_at or label)) or (not git and (since or until or daily)):
        fail("name files, or a repository with --git and maybe --since, --until and --daily", 2)
    try:
        if git:
            found = import_git(source, archive, git, where_from, read_moment(since), read_moment(until), daily=daily)
        else:
            moment, files = read_moment(captured_at), given_files(paths or [])
            captures = import_files(source, archive, files, captured_at=moment, where_from=where_from, label=label)
            found = GitImport(captures)
    except (ImportRefused, ArchiveError) as error:
        fail(str(error), 2 if isinstance(error, NotAFile) else 1)
    out.print(f"{len(found.captures)} capture(s) of {source.name} are in the archive.")
    for reason in found.left_out:
        err.print(f"left out: {reason}", highlight=False, markup=False, soft_wrap=True)
    if build:
        prepare_environment()
        outcome = run_job("build", err)
        if not outcome.success:
            fail("; ".join(f"{step}: {why}" for step, why in outcome.failures.items()))
        with open_published(data_dir()) as connection:
            out.print(health_table(connection, utc_now(), only=source.name))
            bad = unusable(connection, found.captures)
        if bad:
            fail(f"{len(bad)} of {len(found.captures)} file(s) could not be used: " + "; ".join(bad))


def parse(
    source_name: Annotated[str, typer.Argument(metavar="SOURCE", help="Source the file belongs to.")],
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Bodies in the source's own format.")],
    captured_at: Annotated[str | None, typer.Option(help="When it was captured; else the date in its name.")] = None,
    label: Annotated[str | None, typer.Option(help="Document of the source the file is.")] = None,
) -> None:
    """Print a file's rows as JSON lines, and on stderr what was rejected and why; nothing is stored."""
    source = _source(source_name)
    bad = False
    for path in paths:
        try:
            trial = parse_file(source, path, read_moment(captured_at), label)
        except ImportRefused as error:
            fail(str(error), 2)
        for line in trial.rows:
            print(line)
        for reject in trial.rejected:
            err.print(f"rejected: {reject}", highlight=False, markup=False, soft_wrap=True)
        err.print(f"{path.name}: {trial.summary}", highlight=False, markup=False, soft_wrap=True)
        bad = bad or trial.problem is not None
    if bad:
        raise typer.Exit(1)


def raw(
    capture_id: Annotated[str, typer.Argument(help="Capture, as every row names it.")],
    document: Annotated[str | None, typer.Argument(help="Document of the capture; listed when left out.")] = None,
) -> None:
    """Show the documents of a capture, or write one body to stdout exactly as it was served."""
    folder = Archive(data_dir() / "raw")
    source = capture_id.rsplit("-", 2)[0]
    starter = {
        item.capture_id: (item, bodies) for item, bodies in StarterArchive(WAREHOUSE_DIR / "starter").captures(source)
    }
    try:
        capture = starter[capture_id][0] if capture_id in starter else folder.find(capture_id)
        if document is None:
            for stored in capture.documents:
                out.print(f"{stored.label}  {stored.bytes:,} bytes  {stored.sha256}  {stored.url}", soft_wrap=True)
            return
        for number, stored in enumerate(capture.documents):
            if stored.label == document:
                body = starter[capture_id][1][number].body if capture_id in starter else folder.body(stored)
                sys.stdout.buffer.write(body)
                return
    except ArchiveError as error:
        fail(str(error))
    fail(f"{capture_id} has no document {document!r}; it has {', '.join(item.label for item in capture.documents)}", 2)
