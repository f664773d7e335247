"""The version of a parser: a hash of the code and contracts that decide what a body turns into.

When it changes, the bodies in the archive are parsed again.
"""

from __future__ import annotations

import hashlib
import inspect
import sys
from pathlib import Path

from pipelines.lib import casting, drift
from pipelines.lib.source import Source
from pipelines.lib.staging import staging_tables

PARSER_PACKAGES = ("scrapers.", "pipelines.defs.sources.")


def parser_version(source: Source) -> str:
    """Hash of the code and contracts that decide what a body of this source turns into."""
    digest = hashlib.sha256()
    for path in sorted(_parser_files(source)):
        digest.update(path.read_bytes())
    tables = staging_tables()
    for name in source.tables:
        digest.update(repr(tables[name]).encode())
    return digest.hexdigest()[:12]


def _parser_files(source: Source) -> set[Path]:
    """The project's own files behind a parser: its module, what that imports, and what the source names beside."""
    first = inspect.getmodule(source.parse)
    pending = [module for module in (first, *source.parser_code) if module is not None]
    seen: set[str] = set()
    files: set[Path] = {Path(drift.__file__), Path(casting.__file__)}
    while pending:
        module = pending.pop()
        if module.__name__ in seen:
            continue
        seen.add(module.__name__)
        path = Path(str(module.__file__))
        files |= (
            set(path.parent.rglob("*.py")) if module in source.parser_code and hasattr(module, "__path__") else {path}
        )
        named = {
            getattr(value, "__module__", None) or getattr(value, "__name__", "") for value in vars(module).values()
        }
        named |= {value.__name__ for value in vars(module).values() if inspect.ismodule(value)}
        pending += [
            sys.modules[name] for name in named if str(name).startswith(PARSER_PACKAGES) and name in sys.modules
        ]
    return files
