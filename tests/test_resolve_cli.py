"""`modelmarket resolve`: what a user types about a name, before any run."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pipelines import resolve_cli


@pytest.fixture
def app() -> typer.Typer:
    """The command alone; a second one keeps its name on the command line."""
    app = typer.Typer()
    resolve_cli.register(app)
    app.command("other")(lambda: None)
    return app


def run(app: typer.Typer, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["resolve", *words])
    return result.exit_code, result.output


def answer(app: typer.Typer, *words: str) -> dict[str, Any]:
    code, out = run(app, *words, "--json")
    found: dict[str, Any] = json.loads(out)
    assert code == (0 if found["model_id"] else 1)
    return found


def test_says_which_form_matched_and_why(app: typer.Typer) -> None:
    code, out = run(app, "vertex_ai/claude-opus-4@20250514", "--source", "litellm", "--provider", "vertex_ai")
    assert code == 0
    assert "Model: claude-opus-4\n" in out
    assert "organisation_name: Anthropic" in out
    assert "Because: claude-opus-4-20250514" in out
    assert out.count("taken") - out.count("never taken") == 1


def test_every_form_is_listed_up_to_the_last_one(app: typer.Typer) -> None:
    found = answer(app, "OpenAI GPT-5-high", "--source", "vectara", "--effort", "high")
    assert found["model_id"] == "gpt-5"
    taken = [step for step in found["steps"] if step["is_taken"]]
    assert [(step["rule"], step["scope"], step["form"]) for step in taken] == [("without_owner", "any", "gpt-5")]
    rules = list(dict.fromkeys(step["rule"] for step in found["steps"]))
    assert rules == [
        "source_alias", "public_name", "hub_repository", "without_mark", "precision", "short_name", "without_owner",
        "spelling",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "model"),
    [
        ("2024-05-01", None),
        ("2025-01-10", "deepseek-v3"),
        ("2025-08-20", "deepseek-v3-0324"),
        ("2025-08-21", "deepseek-v3.1"),
        ("2026-07-24", "deepseek-v4-flash"),
        ("2026-07-25", None),
    ],
)
def test_a_moved_name_is_of_its_day(app: typer.Typer, day: str, model: str | None) -> None:
    found = answer(app, "deepseek/deepseek-chat", "--source", "litellm", "--provider", "deepseek", "--on", day)
    assert found["model_id"] == model
    assert found["is_matched"]
    assert len(found["meanings"]) == 12


def test_a_name_nobody_established_for_that_day_says_so(app: typer.Typer) -> None:
    code, out = run(app, "deepseek-reasoner", "--source", "models_dev", "--provider", "deepseek", "--on", "2024-12-01")
    assert code == 1
    assert "nobody established what this name meant on 2024-12-01" in out
    assert "2025-01-20 to 2025-05-28: deepseek-r1" in out


def test_what_is_only_alike_is_shown_and_never_taken(app: typer.Typer) -> None:
    code, out = run(app, "claude-opus-4.55", "--source", "lmarena")
    assert code == 1
    assert "Unresolved: no reviewed name matches exactly." in out
    assert "Alike, never taken: claude-opus-4.5 " in out


def test_a_repository_of_base_weights_is_not_the_model_tuned_from_it(app: typer.Typer) -> None:
    assert answer(app, "google/gemma-2-9b", "--source", "open_llm_leaderboard")["model_id"] is None
    assert answer(app, "google/gemma-2-9b-it", "--source", "open_llm_leaderboard")["model_id"] == "gemma-2-9b"


def test_without_a_source_both_readings_are_tried(app: typer.Typer) -> None:
    found = answer(app, "Claude-3-Opus-20240229 (FC tools-2024-04-04)")
    assert found["model_id"] == "claude-3-opus"
    assert {step["read_as"] for step in found["steps"]} == {"price", "score"}


def test_a_day_that_is_none_is_wrong_usage(app: typer.Typer) -> None:
    code, out = run(app, "gpt-5", "--on", "yesterday")
    assert code == 2
    assert "'yesterday' is not a day" in out
