"""What a user sees of a running job: how many steps are done, and what the running one says.

Here belongs the picture, drawn with rich; where its news come from does not (see `run`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

# "documents 101 to 200 of 3,012", "page 312 of about 3,012"
DONE_OF_TOTAL = re.compile(r"\b(\d[\d,]*) of (?:about )?(\d[\d,]*)")


class JobProgress(Progress):
    """A bar for the job, one for the step once it counts, and the newest message below; gone when the job ends."""

    def __init__(self, name: str, steps: int, console: Console) -> None:
        columns = (TextColumn("{task.description:60.60}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.name, self.said = name, ""  # the first picture is drawn at once
        super().__init__(*columns, console=console, transient=True)
        self.job = self.add_task(name, total=steps)
        self.step = self.add_task("", total=None, visible=False)

    def begin(self, step: str) -> None:
        """A step has started."""
        self.update(self.job, description=f"{self.name}: {step}")
        self.reset(self.step, description=step, total=None, visible=False)
        self.said = ""

    def say(self, message: str) -> None:
        """The running step has said something; a count in it moves the step's bar."""
        self.said = "".join(sign if sign.isprintable() else " " for sign in message)
        if found := DONE_OF_TOTAL.search(message):
            done, total = (int(number.replace(",", "")) for number in found.groups())
            self.update(self.step, completed=done, total=total, visible=True)

    def end(self) -> None:
        """The step has ended, well or not."""
        self.advance(self.job)

    def get_renderables(self) -> Iterable[RenderableType]:
        """The bars, then the message in one line; it may quote what was fetched, so it is plain text."""
        yield from super().get_renderables()
        if self.said:
            yield Text(self.said, style="dim", no_wrap=True, overflow="ellipsis")
