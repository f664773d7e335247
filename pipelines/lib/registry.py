"""All declared sources: whatever lies in `pipelines/defs/sources/`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from pipelines.lib.source import Source

PACKAGE = "pipelines.defs.sources"


class UnknownSource(KeyError):
    """No source of that name; the message lists those there are."""

    def __str__(self) -> str:
        return str(self.args[0])


@cache
def load_sources() -> dict[str, Source]:
    """Every source by name, in name order."""
    package = importlib.import_module(PACKAGE)
    modules = [importlib.import_module(f"{PACKAGE}.{info.name}") for info in pkgutil.iter_modules(package.__path__)]
    found = [module.source for module in modules if isinstance(getattr(module, "source", None), Source)]
    return {source.name: source for source in sorted(found, key=lambda item: item.name)}


def find_source(name: str) -> Source:
    """One source. Raises UnknownSource."""
    sources = load_sources()
    if name not in sources:
        raise UnknownSource(f"there is no source {name!r}; there are {', '.join(sources)}")
    return sources[name]


def sources_of_table(table: str) -> list[Source]:
    """The sources that fill a staging table; the machine's own tables are filled by all."""
    everything = table in ("document", "rejected", "source")
    return [source for source in load_sources().values() if everything or table in source.tables]
