"""Arena-Hard: tables told apart by the line above them, intervals in their writings, and the real pages."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import arena_hard
from pipelines.defs.sources.arena_hard import label_of, source
from pipelines.lib.archive import StarterArchive
from pipelines.lib.http import FetchError
from pipelines.lib.source import BadDocument, Document, Reject, Row
from tests.local_server import LocalServer, Reply, fetcher, quick_http
from warehouse import WAREHOUSE_DIR

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
REAL = DATA / "leaderboards" / "arena-hard"
real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
NOW = dt.datetime(2025, 6, 20, tzinfo=dt.UTC)
HEAD = "   Model  Scores (%)         CI (%)\n"
LINE = "0  o3-2025-04-16   85.9  (-0.8 / +0.9)\n"


def read(body: str | bytes, name: str = "README.md") -> tuple[list[dict[str, Any]], list[Reject]]:
    data = body.encode() if isinstance(body, str) else body
    items = list(source.parse(Document(label_of(name, data), "", data, NOW)))
    return [dict(item.values) for item in items if isinstance(item, Row)], [
        item for item in items if isinstance(item, Reject)
    ]


def page(caption: str, lines: str = LINE, heading: str = "### Arena-Hard-v2.0-Preview") -> str:
    return f"{heading}\n\n{caption}\n```console\n{HEAD}{lines}```\n"


def test_fetch_takes_both_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    body = page("GPT-4.1 as Judge").encode()
    with LocalServer({"/README.md": Reply(body), "/past.md": Reply(body)}) as server, quick_http() as http:
        files = {"README": server.url("/README.md"), "past_leaderboards": server.url("/past.md")}
        monkeypatch.setattr(arena_hard, "FILES", files)
        assert source.fetch is not None
        assert [response.label for response in source.fetch(fetcher(http))] == ["README", "past_leaderboards"]
        monkeypatch.setattr(arena_hard, "FILES", files | {"past_leaderboards": server.url("/gone.md")})
        with pytest.raises(FetchError, match="404"):
            list(source.fetch(fetcher(http)))


@pytest.mark.parametrize(
    ("caption", "metric", "category", "judge"),
    [
        (
            "Hard Prompt, Style Control, and Gemini-2.5 as Judge **(Official)**:",
            "win_rate_style_control",
            None,
            "Gemini-2.5",
        ),
        ("Hard Prompt, Style Control, and GPT-4.1 as Judge", "win_rate_style_control", None, "GPT-4.1"),
        ("Hard Prompt and GPT-4.1 as Judge", "win_rate", None, "GPT-4.1"),
        (
            "Creative Writing, Ensemble GPT-4.1 and Gemini 2.5 as Judges **(Best)**",
            "win_rate",
            "creative writing",
            "GPT-4.1 and Gemini 2.5",
        ),
        (
            "Rates for **Arena-Hard-v2.0-Preview (Hard Prompt, Style Control, GPT-4.1 as Judge)**:",
            "win_rate_style_control",
            None,
            "GPT-4.1",
        ),
        ("", "win_rate", None, None),
    ],
)
def test_a_table_is_what_the_line_above_it_says(
    caption: str, metric: str, category: str | None, judge: str | None
) -> None:
    ((row,), rejects) = read(page(caption))
    assert rejects == []
    assert [row[key] for key in ("benchmark_version", "metric", "category", "judge")] == [
        "v2.0",
        metric,
        category,
        judge,
    ]


@pytest.mark.parametrize(
    ("line", "score", "low", "high"),
    [
        ("0  o3  85.9  (-0.8 / +0.9)", 85.9, 85.1, 86.8),
        ("12  o3  50.0  (-0.0 / +0.0)", 50.0, 50.0, 50.0),
        ("o3 | score: 85.9  | 95% CI: (-0.8, 0.9)  | average #tokens: 1217", 85.9, 85.1, 86.8),
        ("o3 | score:  7.1  | 95% CI:  (0.0, 0.0)  | average #tokens: 378", 7.1, 7.1, 7.1),
        ("0  o3  85.9  (-0.8 / +0.", 85.9, None, None),
    ],
)
def test_intervals_are_distances_from_the_score(line: str, score: float, low: float | None, high: float | None) -> None:
    ((row,), rejects) = read(page("GPT-4.1 as Judge", f"{line}\n"))
    assert (row["score"], row["ci_low"], row["ci_high"]) == (score, low, high)
    assert len(rejects) == (low is None)


def test_a_session_of_a_console_is_no_table() -> None:
    example = f"## Use\n\nThen run\n```console\n> python show_result.py\n{HEAD}{LINE.replace('85.9', '87.6')}```\n"
    rows, _ = read(page("GPT-4.1 as Judge") + example)
    assert [row["score"] for row in rows] == [85.9]
    with pytest.raises(BadDocument):
        read(example)


def test_two_judges_are_two_scores_and_one_judge_twice_is_none() -> None:
    other = page("GPT-4.1 as Judge", LINE.replace("85.9", "87.0"))
    rows, _ = read(page("and Gemini-2.5 as Judge") + other)
    assert [(row["judge"], row["score"]) for row in rows] == [("Gemini-2.5", 85.9), ("GPT-4.1", 87.0)]
    with pytest.raises(BadDocument, match="nothing tells the two apart"):
        read(page("GPT-4.1 as Judge") + other)


def test_starter_captures_are_read_without_a_reject() -> None:
    ((_, documents),) = StarterArchive(WAREHOUSE_DIR / "starter").captures("arena_hard")
    counts = {document.label: [len(items) for items in read(document.body)] for document in documents}
    assert counts == {"README": [83, 0], "past_leaderboards": [60, 0]}
    assert all(label_of("file.md", document.body) == document.label for document in documents)


@pytest.mark.real_data
@real_data
@pytest.mark.parametrize(
    "path",
    [REAL / "2025-04-23_v2.0_tables.md", DATA / "web/arena-hard/2025-06-20_README.md"],
    ids=lambda path: path.name,
)
def test_real_tables_of_v2(path: Path) -> None:
    rows, rejects = read(path.read_bytes())
    assert Counter((row["metric"], row["category"], row["judge"]) for row in rows) == {
        ("win_rate_style_control", None, "Gemini-2.5"): 28,
        ("win_rate_style_control", None, "GPT-4.1"): 28,
        ("win_rate", "creative writing", "GPT-4.1 and Gemini 2.5"): 28,
    }
    assert [(item.reason, "s1.1-32B" in item.text) for item in rejects] == [
        ("the interval cannot be read; the score is kept without it", True)
    ]
    assert {row["judge"]: row["score"] for row in rows if row["model_name"] == "Qwen3-235B-A22B"} == {
        "Gemini-2.5": 58.4,
        "GPT-4.1": 46.7,
        "GPT-4.1 and Gemini 2.5": 73.5,
    }


@pytest.mark.real_data
@real_data
def test_real_tables_of_v01() -> None:
    rows, rejects = read((REAL / "past_leaderboards.md").read_bytes())
    assert rejects == []
    assert Counter((row["benchmark_version"], row["metric"]) for row in rows) == {
        ("v0.1", "win_rate_style_control"): 73,
        ("v0.1", "win_rate"): 70,
    }
    older, rejects = read((REAL / "2024-07-31.csv").read_bytes(), "2024-07-31.csv")
    assert (len(older), rejects) == (60, [])
    # What the page leaves unsaid: its second table is the one without style control.
    plain = {row["model_name"]: row["score"] for row in rows if row["metric"] == "win_rate"}
    for row in older:
        assert plain.get(row["model_name"]) in (None, pytest.approx(row["score"], abs=0.5)), row["model_name"]
    assert len(plain.keys() & {row["model_name"] for row in older}) > 40


@pytest.mark.real_data
@real_data
def test_starter_figures_are_those_of_the_real_pages() -> None:
    whole = [row for name in ("2025-04-23_v2.0_tables", "past_leaderboards") for row in read_real(f"{name}.md")]
    ((_, documents),) = StarterArchive(WAREHOUSE_DIR / "starter").captures("arena_hard")
    assert all(row in whole for document in documents for row in read(document.body)[0])


def read_real(name: str) -> list[dict[str, Any]]:
    return read((REAL / name).read_bytes())[0]
