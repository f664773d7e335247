"""The command `modelmarket resolve`: options in, an explanation or JSON out. What it asks is `name_answer`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer
from rich.table import Table

from pipelines.console import fail, out
from pipelines.lib.run import utc_now
from pipelines.name_answer import Answer, known_names, resolve


def register(app: typer.Typer) -> None:
    """Add the command to the `modelmarket` command."""
    app.command("resolve")(resolve_command)


def resolve_command(
    name: Annotated[str, typer.Argument(help="A model's name as somebody writes it.")],
    source: Annotated[str | None, typer.Option(help="Source that writes it, such as litellm or livebench.")] = None,
    provider: Annotated[str | None, typer.Option(help="Who sells, for names at a price source.")] = None,
    effort: Annotated[str | None, typer.Option(help="Effort the name states, for names at a leaderboard.")] = None,
    on: Annotated[str | None, typer.Option(help="Day that is meant, for a name that moved; else today.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, one object.")] = False,
) -> None:
    """Which model a name means, step by step, and what is near. Ends with 1 when no reviewed name matches."""
    with known_names() as connection:
        answer = resolve(connection, name, _day(on), source, provider, effort)
    if as_json:
        sys.stdout.write(json.dumps(asdict(answer), default=str, ensure_ascii=False) + "\n")
    else:
        _print(answer)
    if answer.model_id is None:
        raise typer.Exit(1)


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else utc_now().date()
    except ValueError:
        fail(f"{text!r} is not a day such as 2026-05-31", 2)


def _print(answer: Answer) -> None:
    table = Table(title=f"{answer.name!r} on {answer.on}", box=None)
    for heading in ("read as", "rule", "scope", "form looked up", ""):
        table.add_column(heading, overflow="fold")
    shown: set[tuple[str, str]] = set()
    for step in answer.steps:
        if (step.scope, step.form) not in shown or step.is_taken:
            shown.add((step.scope, step.form))
            table.add_row(step.read_as, step.rule, step.scope, step.form, "taken" if step.is_taken else "")
    out.print(table)
    for line in (*_meaning(answer), *_alike(answer)):
        out.print(line, highlight=False, markup=False, soft_wrap=True)


def _meaning(answer: Answer) -> Iterator[str]:
    hidden = {"model_id", "organisation_id"}
    if answer.facts:
        yield f"Model: {answer.model_id}"
        yield from (
            f"  {key}: {value}" for key, value in answer.facts.items() if value is not None and key not in hidden
        )
        reviewed = "; ".join(f"{one['alias']}: {one['source']}" for one in answer.reviewed)
        yield f"Because: {reviewed or 'it is the id, the name or the repository of the model itself'}"
    elif answer.is_matched:
        yield f"Unresolved: nobody established what this name meant on {answer.on}."
    else:
        yield "Unresolved: no reviewed name matches exactly."
    if answer.meanings:
        yield "The name moved:"
    for one in answer.meanings:
        span = f"{one['valid_from'] or 'before'} to {one['valid_before'] or 'now'}"
        yield f"  {span}: {one['model_id'] or 'not established'}"


def _alike(answer: Answer) -> Iterator[str]:
    if answer.near:
        alike = ", ".join(
            f"{one['model_id']} ({one['name']} in {one['scope']}, {one['alike']:.2f})" for one in answer.near
        )
        yield f"Alike, never taken: {alike}"
