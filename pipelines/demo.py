"""The demo: the whole tracker on a simulated Hub, one simulated day after the other, in a folder of its own.

Every step is the one of a real run: the full crawl over HTTP, archive, loading, SQL models, publishing, weekly report.
Only the Hub and the clock are simulated, and every capture says so by its origin, which the report shows wherever it
shows a figure. Here belong the days and their order; nothing here is part of a run on real sources.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from huggingface_hub.utils import close_session  # type: ignore[attr-defined]  # lazy export

from pipelines.defs.sources import hub_models
from pipelines.demo_folder import DemoError, claimed
from pipelines.lib import loading, sql_model, staging
from pipelines.lib.archive import StarterArchive
from pipelines.lib.assets import newest_capture
from pipelines.lib.capture import Stamp, capture
from pipelines.lib.folder import DataFolder
from pipelines.lib.publish import publish, published_path
from pipelines.lib.source import Fetcher, Origin, Response, Source
from pipelines.lib.warehouse import set_as_at
from pipelines.lib.week import Week
from pipelines.lib.weekly import write_week

# No scheme of the web: an address that leads nowhere, the same whatever port the Hub listens on.
ADDRESS = "simulated://hub"
UNLIMITED = 10**9


@dataclass(frozen=True)
class Setting:
    """What is simulated. The same setting gives the same tables."""

    models: int = 2_000
    days: int = 60
    seed: int = 1
    start: date = date(2026, 9, 1)

    @property
    def note(self) -> str:
        """Where the captures come from, in one line."""
        return (
            f"A simulation of {self.models:,} models from {self.start} on, seed {self.seed}: the names of base models "
            "are real; every other name and every count, date and link is made up."
        )


@dataclass(frozen=True)
class Result:
    """What a demo leaves to look at."""

    week: Week
    report: Path
    database: Path


class Progress(Protocol):
    """Who is told how far the demo is."""

    def begin(self, step: str) -> None:
        """A day begins."""

    def say(self, message: str) -> None:
        """Something happens on it."""

    def end(self) -> None:
        """The day is over."""


@dataclass(frozen=True)
class SimulatedHub:
    """A Hub that answers on this machine, and its clock."""

    url: str
    now: Callable[[], datetime]
    next_day: Callable[[], object]


def run_demo(folder: Path, setting: Setting, progress: Progress) -> Result:
    """Let the days pass, each with its crawl; load, build and report at the end of each week. Raises DemoError."""
    with simulated_hub(setting) as hub, claimed(folder) as place:
        source = simulated_source(hub, setting)
        for number in range(setting.days):
            if number:
                hub.next_day()
            today = hub.now().date()
            progress.begin(str(today))
            _capture(source, place, hub, setting, progress)
            if today.isoweekday() == 7 or number == setting.days - 1:
                _build(source, place, progress)
                progress.say(f"writing the report of {Week.of(today).name}")
                report = write_week(place.path, place.path / "reports", Week.of(today))
            progress.end()
    return Result(Week.of(today), report, published_path(place.path))


@contextmanager
def simulated_hub(setting: Setting) -> Iterator[SimulatedHub]:
    """The Hub of the tests on a loopback socket, at its first day. Raises DemoError where there are no tests.

    It lives there, and is imported only here, because it must be true to the wire and to nothing else: it shares no
    code with the tracker it tests, and no installed package should carry a Hub that is not real.
    """
    try:
        from tests.hub import LocalHub
        from tests.hub.world import World
    except ImportError as error:
        raise DemoError(
            f"the simulated Hub is part of the tests, which only a checkout of the project has ({error})"
        ) from error
    world = World(setting.models, setting.seed, setting.start)
    with LocalHub(world) as hub, _without_proxy():
        hub.window.quota = UNLIMITED
        yield SimulatedHub(hub.url, lambda: world.now, world.next_day)


@contextmanager
def _without_proxy() -> Iterator[None]:
    """No proxy of the environment stands between this process and its own Hub."""
    before = {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy")}
    os.environ |= dict.fromkeys(before, "127.0.0.1")
    close_session()
    try:
        yield
    finally:
        close_session()
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def simulated_source(hub: SimulatedHub, setting: Setting) -> Source:
    """The Hub source as it is, but asking the simulated Hub and not declared as if it were the real one."""

    def fetch(fetcher: Fetcher) -> Iterator[Response]:
        for response in hub_models.fetch(fetcher):
            # What the process happens to be, its port and its time of day, is no part of the simulation.
            headers = {name: value.replace(hub.url, ADDRESS) for name, value in response.headers.items()}
            url = response.url.replace(hub.url, ADDRESS)
            yield replace(response, url=url, headers=headers, fetched_at=hub.now())

    return replace(
        hub_models.source,
        title="Simulated Hub",
        homepage=ADDRESS,
        licence=setting.note,
        fetch=fetch,
    )


def _capture(source: Source, place: DataFolder, hub: SimulatedHub, setting: Setting, progress: Progress) -> None:
    environ = {hub_models.MODE: "full", "HF_ENDPOINT": hub.url}
    stamp = Stamp(hub.now(), Origin.SIMULATED, setting.note)
    outcome = capture(source, place.archive, environ, progress.say, stamp)
    if not outcome.whole:
        raise DemoError(f"the crawl of {hub.now():%Y-%m-%d} did not end well: {outcome.problem}")


def _build(source: Source, place: DataFolder, progress: Progress) -> None:
    """Load what was captured since, build and check every table, publish."""
    nothing = StarterArchive(place.path / "no starter captures")
    with place.warehouse.write() as connection:
        loaded = loading.load(connection, source, place.archive, nothing, progress.say)
    if loaded.bad:
        raise DemoError(f"a simulated body cannot be read: {loaded.bad[0]}")
    models = sql_model.load_models()
    with place.warehouse.write() as connection:
        staging.create_tables(connection)
        moment = newest_capture(connection)
        set_as_at(connection, moment)
        for number, model in enumerate(models, start=1):
            progress.say(f"building {model.table.full_name}, table {number} of {len(models)}")
            try:
                sql_model.build(connection, model, str(moment))
            except sql_model.ModelError as error:
                raise DemoError(str(error)) from error
    publish(place.warehouse, place.path)
