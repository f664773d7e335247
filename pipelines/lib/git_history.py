"""A source's past from the repository it is published in: one imported capture per commit that changed its body.

The line of commits that `HEAD` stands on is followed by first parents: what the project itself published, moment by
moment. Only git's plumbing is asked, and only to list and print objects: nothing is checked out, no hook, filter,
signature check or helper of the repository runs, nothing is fetched, submodules stay closed. Files and bodies have the
source's size limit, and only the files of one commit are held at a time.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, cast

from pipelines.lib.archive import Archive, Capture
from pipelines.lib.importing import ImportRefused
from pipelines.lib.source import FromGit, Origin, Response, Source

# What a repository's own settings may ask to be run or left out.
SETTINGS = ("core.hooksPath=/dev/null", "core.fsmonitor=false", "log.showRoot=true", "log.follow=false")
LOG = (
    *("log", "--first-parent", "--diff-merges=first-parent", "--reverse", "--raw", "--no-abbrev", "--no-renames", "-z"),
    *("--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-mailmap", "--format=%x01%H %ct"),
)
LINK, FILES = "120000", frozenset({"100644", "100755"})
MAX_PATHS = 200_000
CHUNK = 1 << 16


@dataclass(frozen=True)
class Commit:
    """A commit that touched the files: when, and the files it changed, as (mode, object) or None for gone ones."""

    sha: str
    moment: datetime
    changes: Mapping[str, tuple[str, str] | None]


@dataclass
class GitImport:
    """The captures made, and the commits left out with the reason."""

    captures: list[Capture] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def import_git(
    source: Source,
    archive: Archive,
    repository: Path,
    where_from: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    *,
    daily: bool = False,
) -> GitImport:
    """Store the body of every commit that changed it, dated by its committer.

    `daily` takes the last commit of each day (UTC) only. `until` a bare day includes that day. Raises ImportRefused for
    what is no repository, and for files over the limit.
    """
    how = source.from_git
    if how is None:
        raise ImportRefused(f"{source.name} is not read from a repository")
    git_folder = _git_folder(repository)
    name = repository.resolve().name.removesuffix(".git")
    end = until + timedelta(days=1) if until and until == _day(until) else until
    result, before = GitImport(), ""
    with _objects(git_folder) as objects:
        tree = Tree(objects, source.max_bytes)
        for commit, is_last in _grouped(commits(git_folder, how), daily):
            tree.change(commit.changes)
            if not is_last or (since and commit.moment < since) or (end and commit.moment >= end):
                continue
            try:
                body = _body(how, tree, commit, source.max_bytes)
            except Missing as error:
                result.left_out.append(f"{commit.sha[:12]}: {error}")
                continue
            digest = hashlib.sha256(body or b"").hexdigest()
            if body is None or digest == before:
                continue
            before = digest
            result.captures.append(_store(source, archive, body, commit, name, where_from))
    return result


class Missing(Exception):
    """A commit whose body cannot be made; the message says why."""


def _body(how: FromGit, tree: Tree, commit: Commit, max_bytes: int) -> bytes | None:
    if commit.moment > datetime.now(UTC):
        raise Missing(f"committed at {commit.moment:%Y-%m-%d %H:%M}, which is in the future")
    body = how.make(tree.files())
    if body is not None and len(body) > max_bytes:
        raise ImportRefused(f"commit {commit.sha[:12]} makes a body of more than {max_bytes} bytes")
    return body


def _store(source: Source, archive: Archive, body: bytes, commit: Commit, name: str, where_from: str | None) -> Capture:
    note = f"git {name} {commit.sha}"
    label = source.label_of(f"{name}.json", body)
    address = f"git:{name}@{commit.sha}"
    return archive.store(
        source.name,
        [Response(label, address, body, headers={"content-type": "application/json"})],
        captured_at=commit.moment,
        origin=Origin.IMPORTED,
        origin_note=f"{note}, {where_from}" if where_from else note,
    )


def _grouped(found: Iterable[Commit], daily: bool) -> Iterator[tuple[Commit, bool]]:
    """Each commit and whether it is the last of its moment: archives tell captures apart by the second."""
    previous: Commit | None = None
    for commit in found:
        if previous:
            same = _day(previous.moment) == _day(commit.moment) if daily else previous.moment == commit.moment
            yield previous, not same
        previous = commit
    if previous:
        yield previous, True


def _day(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


class Tree:
    """The files of a commit, carried on from the one before; only what changed is read."""

    def __init__(self, objects: Objects, max_bytes: int) -> None:
        self._objects = objects
        self._max_bytes = max_bytes
        self._entries: dict[str, tuple[str, str]] = {}
        self._held: dict[str, tuple[str, bytes]] = {}

    def change(self, changes: Mapping[str, tuple[str, str] | None]) -> None:
        """Go on to the next commit."""
        for path, entry in changes.items():
            if entry and (entry[0] == LINK or entry[0] in FILES):
                self._entries[path] = entry
            else:
                self._entries.pop(path, None)
                self._held.pop(path, None)
        if len(self._entries) > MAX_PATHS:
            raise ImportRefused(f"the repository holds more than {MAX_PATHS} files of this source")

    def files(self) -> dict[str, bytes]:
        """The bytes of every file by path; a link to a file or folder among them is that file, or its files."""
        for path, (_, name) in self._entries.items():
            if path not in self._held or self._held[path][0] != name:
                self._held[path] = (name, self._objects.read(name, path, self._max_bytes))
        if sum(len(content) for _, content in self._held.values()) > self._max_bytes:
            raise ImportRefused(f"the files of a commit hold more than the limit of {self._max_bytes} bytes")
        files = {path: self._held[path][1] for path, (mode, _) in self._entries.items() if mode != LINK}
        links = [path for path, (mode, _) in self._entries.items() if mode == LINK]
        return files | {new: files[old] for link in links for new, old in self._linked(link, files)}

    def _linked(self, link: str, files: Mapping[str, bytes]) -> list[tuple[str, str]]:
        """Pairs of the path through a link and the path of the file behind it; links to links lead nowhere."""
        stated = self._held[link][1].decode(errors="surrogateescape")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(link), stated))
        if target in files:
            return [(link, target)]
        return [(link + path.removeprefix(target), path) for path in files if path.startswith(f"{target}/")]


def commits(git_folder: Path, from_git: FromGit) -> Iterator[Commit]:
    """The commits that touched the source's files, oldest first."""
    sha, moment, changes = "", datetime.min.replace(tzinfo=UTC), dict[str, tuple[str, str] | None]()
    tokens = _tokens(git_folder, [*LOG, "HEAD", "--", *from_git.paths])
    for token in tokens:
        text = token.removeprefix("\n")
        if text.startswith("\x01"):
            if sha:
                yield Commit(sha, moment, changes)
            sha, _, seconds = text[1:].partition(" ")
            moment, changes = datetime.fromtimestamp(int(seconds), UTC), {}
        elif text.startswith(":"):
            _, mode, _, name, status = text[1:].split(" ")
            changes[next(tokens)] = None if status == "D" else (mode, name)
    if sha:
        yield Commit(sha, moment, changes)


def _tokens(git_folder: Path, arguments: list[str]) -> Iterator[str]:
    """What a git command prints, cut at NUL. Raises ImportRefused with its last words when it fails."""
    command = _command(git_folder, arguments)
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(command, env=_environment(), stdout=subprocess.PIPE, stderr=errors) as process:  # noqa: S603
            rest = b""
            while chunk := cast("IO[bytes]", process.stdout).read(CHUNK):
                *whole, rest = (rest + chunk).split(b"\0")
                yield from (part.decode(errors="surrogateescape") for part in whole)
        if process.returncode:
            errors.seek(0)
            said = errors.read(500).decode(errors="replace").strip()
            raise ImportRefused(f"git cannot read the history in {git_folder}: {said}")


class Objects:
    """The contents of git objects by name, from one `git cat-file --batch`."""

    def __init__(self, into: IO[bytes], out: IO[bytes]) -> None:
        self._into, self._out = into, out

    def read(self, name: str, path: str, limit: int) -> bytes:
        """The bytes of a blob. Raises Missing where the repository does not hold it, ImportRefused over the limit."""
        self._into.write(name.encode() + b"\n")
        self._into.flush()
        header = self._out.readline().decode().split()
        if header[1:] == ["missing"]:
            raise Missing(f"{path} is not in the repository")
        if header[1:2] != ["blob"]:
            raise ImportRefused(f"{path} is no file in the repository: {' '.join(header) or 'git gave no answer'}")
        size = int(header[2])
        if size > limit:
            raise ImportRefused(f"{path} holds {size} bytes, more than the limit of {limit}")
        return self._out.read(size + 1)[:size]


@contextmanager
def _objects(git_folder: Path) -> Iterator[Objects]:
    command, pipe = _command(git_folder, ["cat-file", "--batch"]), subprocess.PIPE
    with subprocess.Popen(command, env=_environment(), stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            yield Objects(cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout))
        finally:
            process.kill()


def _git_folder(repository: Path) -> Path:
    """The folder of a checkout's or a bare repository's objects; no folder above it is searched."""
    inside = repository / ".git"
    if inside.is_file() or (inside / "HEAD").is_file():
        return inside.absolute()
    if (repository / "HEAD").is_file() and (repository / "objects").is_dir():
        return repository.absolute()
    raise ImportRefused(f"{repository} is not a git repository")


def _command(git_folder: Path, arguments: list[str]) -> list[str]:
    settings = [part for setting in SETTINGS for part in ("-c", setting)]
    return ["git", f"--git-dir={git_folder}", "--no-pager", *settings, *arguments]


def _environment() -> dict[str, str]:
    """Nothing of the user's or the system's settings, no replaced objects, no network, no questions."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
    }
