"""What all commands share: where they print, how they fail, how they read a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NoReturn

import typer
from rich.console import Console

out = Console()
err = Console(stderr=True)


def fail(message: str, code: int = 1) -> NoReturn:
    """Say in one sentence what is wrong, and leave."""
    err.print(f"[red]error:[/red] {message}", highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def read_moment(text: str | None) -> datetime | None:
    """A day or a time with or without its zone, UTC where none is given; anything else ends the command."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is not a time such as 2026-05-31 or 2026-05-31T12:00:00Z", 2)
    return moment.replace(tzinfo=moment.tzinfo or UTC)
