"""Aider: which board a file is, settings in names and commands, and the real files."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import aider
from pipelines.defs.sources.aider import label_of, source
from pipelines.lib.archive import StarterArchive
from pipelines.lib.drift import check_document
from pipelines.lib.http import Refused
from pipelines.lib.source import BadDocument, Document, Reject, Row
from tests.local_server import LocalServer, Reply, fetcher, quick_http
from warehouse import WAREHOUSE_DIR

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "leaderboards" / "aider"
real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
NOW = dt.datetime(2026, 5, 22, tzinfo=dt.UTC)
RUN = "- model: {}\n  edit_format: diff\n  test_cases: 225\n  pass_rate_2: 50.2\n"


def read(body: str | bytes, label: str = "polyglot_leaderboard") -> tuple[list[dict[str, Any]], list[Reject]]:
    data = body.encode() if isinstance(body, str) else body
    items = list(source.parse(Document(label, "", data, NOW)))
    return [dict(item.values) for item in items if isinstance(item, Row)], [
        item for item in items if isinstance(item, Reject)
    ]


def test_fetch_takes_the_polyglot_board(monkeypatch: pytest.MonkeyPatch) -> None:
    body = RUN.format("kimi-k2").encode()
    with LocalServer({"/polyglot.yml": Reply(body)}) as server, quick_http() as http:
        monkeypatch.setattr(aider, "URL", server.url("/polyglot.yml"))
        assert source.fetch is not None
        (response,) = source.fetch(fetcher(http))
    assert (response.label, response.body) == ("polyglot_leaderboard", body)
    document = Document(response.label, response.url, response.body, NOW)
    check_document(source, document)
    assert [item.values["model_name"] for item in source.parse(document) if isinstance(item, Row)] == ["kimi-k2"]


def test_a_refusal_is_not_worked_around(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalServer({"/polyglot.yml": Reply(b"no", 403)}) as server, quick_http() as http:
        monkeypatch.setattr(aider, "URL", server.url("/polyglot.yml"))
        assert source.fetch is not None
        with pytest.raises(Refused):
            list(source.fetch(fetcher(http)))


@pytest.mark.parametrize(
    ("name", "body", "label"),
    [
        ("data/polyglot_leaderboard.yml", "", "polyglot_leaderboard"),
        ("history/2024-12-28.yml", " test_cases: 225\n test_cases: 224\n pass_rate_2: 1\n", "polyglot_leaderboard"),
        # One run of the other board among many.
        (
            "history/2024-12-22.yml",
            " test_cases: 133\n test_cases: 133\n test_cases: 225\n pass_rate_2: 1",
            "edit_leaderboard",
        ),
        ("history/2024-12-22.yml", " test_cases: 89\n pass_rate_1: 1\n", "refactor_leaderboard"),
        ("quant.yml", " test_cases: 133\n pass_rate_2: 1\n", "quant"),
        ("notes.yml", "nothing of it", "notes"),
    ],
)
def test_a_loose_file_is_the_board_its_name_or_its_runs_say(name: str, body: str, label: str) -> None:
    assert label_of(name, body.encode()) == label


@pytest.mark.parametrize(
    ("name", "more", "effort", "mode"),
    [
        ("claude-opus-4-20250514 (no think)", "", "no-thinking", "non_thinking"),
        ("claude-3-7-sonnet-20250219 (no thinking)", "", "no-thinking", "non_thinking"),
        ("claude-3-7-sonnet-20250219 (32k thinking tokens)", "", "thinking-32k", "thinking"),
        ("gemini-2.5-pro-preview-06-05 (32k think)", "thinking_tokens: 32768", "thinking-32k", "thinking"),
        ("gemini-2.5-pro-preview-06-05 (default think)", "", None, "thinking"),
        ("Qwen3 235B A22B diff, no think, Alibaba API", "", "no-thinking", "non_thinking"),
        ("DeepSeek-V3.2-Exp (Reasoner)", "", None, "thinking"),
        ("DeepSeek-V3.2-Exp (Chat)", "", None, "non_thinking"),
        ("DeepSeek Chat V3 (prev)", "", None, None),
        ("gpt-5 (medium)", "reasoning_effort: medium", "medium", None),
        ("gpt-oss-120b", "command: aider --model gpt-oss-120b --reasoning-effort high", "high", None),
        ("sonnet", "command: aider --model sonnet --thinking-tokens 32k", "thinking-32k", "thinking"),
        ("two modes", "thinking_tokens: 0", "no-thinking", "non_thinking"),
        ("two modes", "thinking_tokens: 24576", "thinking-24k", "thinking"),
    ],
)
def test_effort_and_mode_are_what_name_or_settings_state(
    name: str, more: str, effort: str | None, mode: str | None
) -> None:
    ((row,), _) = read(RUN.format(name) + (f"  {more}\n" if more else ""))
    assert (row["model_name"], row["effort"], row["mode"]) == (name, effort, mode)


def test_an_alias_bomb_is_refused_before_it_unfolds() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, after in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(BadDocument, match="alias"):
        read(bomb)
    with pytest.raises(BadDocument, match="is not YAML"):
        read("[" * 100_000)


def test_starter_capture_is_read_without_a_reject() -> None:
    ((_, documents),) = StarterArchive(WAREHOUSE_DIR / "starter").captures("aider")
    rows, rejects = read(documents[0].body, documents[0].label)
    assert (len(rows), rejects) == (39, [])


@pytest.mark.real_data
@real_data
@pytest.mark.parametrize(
    ("pattern", "counts"),
    [
        ("history_edit_leaderboard/*", [(36, 0), (42, 0), (57, 0), (71, 0), (89, 0), (97, 1)]),
        ("history_polyglot_leaderboard/*", [(12, 0), (26, 0), (33, 0), (47, 0), (61, 0), (63, 0), (67, 0), (69, 0)]),
        # edit, polyglot, qwen3, refactor
        ("latest/*_leaderboard.yml", [(97, 1), (69, 0), (10, 0), (14, 0)]),
    ],
)
def test_real_files_are_read_whole(pattern: str, counts: list[tuple[int, int]]) -> None:
    found = []
    for path in sorted(REAL.glob(pattern)):
        rows, rejects = read(path.read_bytes(), label_of(str(path), path.read_bytes()))
        found.append((len(rows), len(rejects)))
    assert found == counts


@pytest.mark.real_data
@real_data
def test_the_one_real_run_on_the_wrong_board_is_rejected() -> None:
    _, (reject,) = read((REAL / "latest" / "edit_leaderboard.yml").read_bytes(), "edit_leaderboard")
    assert reject.reason == "the run has 225 exercises, aider_edit only 133: it is of another board"
    assert "o1-mini-2024-09-12" in reject.text


@pytest.mark.real_data
@real_data
def test_real_figures_of_the_polyglot_board() -> None:
    rows, _ = read((REAL / "latest" / "polyglot_leaderboard.yml").read_bytes())
    found = {(row["model_name"], row["harness"]): row for row in rows}
    golden = {
        "claude-opus-4-20250514 (no think)": (70.7, 68.63, "non_thinking"),
        "claude-opus-4-20250514 (32k thinking)": (72.0, 65.75, "thinking"),
        "Kimi K2": (59.1, 1.24, None),
    }
    for name, figures in golden.items():
        row = found[name, "diff"]
        assert (row["score"], round(row["cost_usd"], 2), row["mode"]) == figures
    # One model in two edit formats, both without a known cost.
    assert [found["Qwen2.5-Coder-32B-Instruct", form]["score"] for form in ("diff", "whole")] == [8.0, 16.4]
    assert Counter(row["cost_usd"] is None for row in rows) == {False: 51, True: 18}
    assert not [row for row in rows if row["cost_usd"] == 0]


@pytest.mark.real_data
@real_data
def test_starter_figures_are_those_of_the_real_board() -> None:
    real, _ = read((REAL / "latest" / "polyglot_leaderboard.yml").read_bytes())
    ((_, documents),) = StarterArchive(WAREHOUSE_DIR / "starter").captures("aider")
    rows, _ = read(documents[0].body, documents[0].label)
    key = ("model_name", "harness", "score_text", "cost_usd", "evaluated_on", "sample_size")
    assert {tuple(row[name] for name in key) for row in rows} <= {tuple(row[name] for name in key) for row in real}
