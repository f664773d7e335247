"""The folder of the demo: taken only where nothing but an earlier demo can be lost.

Here belongs what is refused and what is deleted; what the demo writes there does not (see `demo`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pipelines.lib.folder import DataFolder, data_dir
from pipelines.lib.source import Origin

MARKER, LOCK = "SIMULATED.txt", "demo.lock"
MARKER_TEXT = """Everything in this folder is SIMULATED: `modelmarket demo` made it, and deletes it when it runs again.
Nothing here is of the Hugging Face Hub, also where a name is real.
"""
# Whatever a demo leaves; nothing else in the folder is ever deleted.
MADE = ("raw", "published", "reports", "modelmarket.duckdb", "modelmarket.duckdb.wal", "modelmarket.lock")


class DemoError(RuntimeError):
    """The demo cannot run, or cannot run there; the message says why."""


def default_folder() -> Path:
    """Where the demo goes unless told otherwise."""
    return data_dir() / "demo"


@contextmanager
def claimed(folder: Path) -> Iterator[DataFolder]:
    """The folder, empty of earlier demos and held against another one. Raises DemoError, and then changes nothing."""
    path = folder.expanduser().resolve()
    _require_harmless(path)
    path.mkdir(parents=True, exist_ok=True)
    # The mark comes first: a demo that is killed can always be cleared away.
    (path / MARKER).write_text(MARKER_TEXT, encoding="utf-8")
    try:
        with FileLock(path / LOCK, timeout=0):
            _clear(path)
            yield DataFolder(root=str(path))
    except Timeout as error:
        raise DemoError(f"another demo is running in {path}") from error


def _require_harmless(path: Path) -> None:
    root, own = data_dir().resolve(), default_folder().resolve()
    if path == root or path in root.parents or (root in path.parents and own not in (path, *path.parents)):
        raise DemoError(f"{path} is or belongs to the data folder {root}, of which the demo touches only {own}")
    if path.exists() and not path.is_dir():
        raise DemoError(f"{path} is a file")
    if not path.exists() or not any(path.iterdir()):
        return
    if not (path / MARKER).is_file():
        raise DemoError(f"{path} holds files that no demo made (there is no {MARKER}); name another folder")
    archive = DataFolder(root=str(path)).archive
    for source in sorted(item.name for item in (archive.root / "captures").glob("*") if item.is_dir()):
        for found in archive.captures(source):
            if found.origin is not Origin.SIMULATED:
                raise DemoError(f"{path} holds {found.capture_id}, a capture that is {found.origin}, not simulated")


def _clear(path: Path) -> None:
    for name in MADE:
        target = path / name
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)
