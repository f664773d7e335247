"""BFCL: versions by their columns, ways of calling, two meanings of cost, and the real tables."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import bfcl
from pipelines.defs.sources.bfcl import label_of, source
from pipelines.lib.archive import StarterArchive
from pipelines.lib.drift import check_document
from pipelines.lib.http import FetchError
from pipelines.lib.source import BadDocument, Document, Reject, Row
from tests.local_server import LocalServer, Reply, fetcher, quick_http
from warehouse import WAREHOUSE_DIR

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "leaderboards" / "bfcl"
real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
NOW = dt.datetime(2026, 4, 12, tzinfo=dt.UTC)
V4 = "Rank,Overall Acc,Model,Total Cost ($),Web Search Acc\n"


def read(body: str | bytes, label: str = "data_overall") -> tuple[list[dict[str, Any]], list[Reject]]:
    data = body.encode() if isinstance(body, str) else body
    items = list(source.parse(Document(label, "", data, NOW)))
    return [dict(item.values) for item in items if isinstance(item, Row)], [
        item for item in items if isinstance(item, Reject)
    ]


def real(name: str) -> list[dict[str, Any]]:
    rows, rejects = read((REAL / name).read_bytes(), label_of(name, b""))
    assert rejects == []
    return rows


def test_fetch_takes_the_overall_table(monkeypatch: pytest.MonkeyPatch) -> None:
    body = f"{V4}1,59.06%,Kimi (FC),6.19,66.50%\n".encode()
    with LocalServer({"/data_overall.csv": Reply(body)}) as server, quick_http() as http:
        monkeypatch.setattr(bfcl, "URL", server.url("/data_overall.csv"))
        assert source.fetch is not None
        (response,) = source.fetch(fetcher(http))
        monkeypatch.setattr(bfcl, "URL", server.url("/moved.csv"))
        with pytest.raises(FetchError, match="404"):
            list(source.fetch(fetcher(http)))
    document = Document(response.label, response.url, response.body, NOW)
    check_document(source, document)
    assert [item.values["score"] for item in source.parse(document) if isinstance(item, Row)] == [59.06, 66.5]


@pytest.mark.parametrize(
    ("columns", "version"),
    [
        ("AST Summary,Exec Summary,Relevance Detection", "v1"),
        ("Non-Live AST Acc,Live Acc,Relevance Detection", "v2"),
        ("Non-Live AST Acc,Live Acc,Multi Turn Acc", "v3"),
        ("Live Acc,Multi Turn Acc,Web Search Acc,Memory Acc", "v4"),
        ("Relevance Detection", None),
    ],
)
def test_the_version_is_what_the_columns_show(columns: str, version: str | None) -> None:
    scores = ",".join(["50.00%"] * len(columns.split(",")))
    rows, _ = read(f"Rank,Overall Acc,Model,{columns}\n1,50.00%,Kimi (FC),{scores}\n")
    assert {row["benchmark_version"] for row in rows} == {version}


@pytest.mark.parametrize(
    ("name", "harness", "effort", "mode"),
    [
        ("GPT-5.2-2025-12-11 (FC)", "FC", None, None),
        ("Qwen/QwQ-32B (Prompt) (Novita)", "Prompt", None, None),
        ("Command-R (FC tools-2024-04-04)", "FC tools-2024-04-04", None, None),
        ("DeepSeek-V3.2-Exp (Prompt + Thinking)", "Prompt + Thinking", None, "thinking"),
        ("GLM-4.6 (FC thinking)", "FC thinking", None, "thinking"),
        ("Grok-4-1-fast-non-reasoning (FC)", "FC", "non-reasoning", "non_thinking"),
        ("Mistral-Medium-2505", None, None, None),
        ("mistral-medium (FC)", "FC", None, None),
        ("Model (Original)", None, None, None),
    ],
)
def test_the_way_of_calling_is_the_harness(
    name: str, harness: str | None, effort: str | None, mode: str | None
) -> None:
    rows, _ = read(f"{V4}1,50.00%,{name},1.0,50.00%\n")
    assert {tuple(row[key] for key in ("model_name", "harness", "effort", "mode")) for row in rows} == {
        (name, harness, effort, mode)
    }


@pytest.mark.parametrize(
    ("column", "cell", "cost"),
    [
        ("Total Cost ($)", "6.19", 6.19),
        ("Total Cost ($)", "0.0", None),
        ("Total Cost ($)", "N/A", None),
        ("Cost ($ Per 1k Function Calls)", "6.19", None),
    ],
)
def test_only_the_cost_of_the_run_is_a_cost_and_zero_is_unknown(column: str, cell: str, cost: float | None) -> None:
    rows, _ = read(f"Rank,Overall Acc,Model,{column},Live Acc\n1,50.00%,Kimi (FC),{cell},60.00%\n")
    assert [(row["category"], row["cost_usd"]) for row in rows] == [(None, cost), ("Live", None)]


def test_a_table_without_signs_is_not_read_as_another_scale() -> None:
    with pytest.raises(BadDocument, match="lost its % sign"):
        read(f"{V4}1,0.5906,Kimi (FC),6.19,0.665\n")


def test_starter_capture_is_read_without_a_reject() -> None:
    ((_, documents),) = StarterArchive(WAREHOUSE_DIR / "starter").captures("bfcl")
    rows, rejects = read(documents[0].body)
    assert (len(rows), rejects) == (59 * 8, [])


@pytest.mark.real_data
@real_data
@pytest.mark.parametrize(
    ("name", "rows", "version"),
    [
        ("history_v1/2024-03-21.csv", 22 * 4, "v1"),
        ("history_v1/2024-05-15.csv", 44 * 4, "v1"),
        ("history_v1/2024-06-22.csv", 47 * 4, "v1"),
        ("history/2024-10-22.csv", 71 * 7, "v3"),
        ("history/2024-11-23.csv", 70 * 7, "v3"),
        ("history/2025-01-19.csv", 97 * 7, "v3"),
        ("history/2025-02-27.csv", 111 * 7, "v3"),
        # One model has three categories of N/A.
        ("history/2025-04-30.csv", 121 * 6 - 3, "v3"),
        ("history/2025-06-14.csv", 109 * 6, "v3"),
        ("history/2025-11-03.csv", 111 * 8, "v4"),
        ("history/2025-12-16.csv", 109 * 8, "v4"),
        ("latest/2026-04-12_data_overall.csv", 109 * 8, "v4"),
        ("latest/2026-04-12_data_agentic.csv", 109, "v4"),
        ("latest/2026-04-12_data_live.csv", 109, None),
        ("latest/2026-04-12_data_multi_turn.csv", 109, None),
        ("latest/2026-04-12_data_non_live.csv", 109, None),
    ],
)
def test_real_tables_are_read_whole(name: str, rows: int, version: str | None) -> None:
    found = real(name)
    assert len(found) == rows
    assert {row["benchmark_version"] for row in found} == {version}


@pytest.mark.real_data
@real_data
def test_real_figures_of_april_2026() -> None:
    found = {row["model_name"]: row for row in real("latest/2026-04-12_data_overall.csv") if row["category"] is None}
    golden = {
        "Moonshotai-Kimi-K2-Instruct (FC)": (59.06, "FC", 6.19),
        "GPT-5.2-2025-12-11 (FC)": (55.87, "FC", 85.65),
        "Gemini-3-Pro-Preview (Prompt)": (72.51, "Prompt", 298.47),
        "Qwen3-235B-A22B-Instruct-2507 (Prompt)": (52.15, "Prompt", 3.12),
    }
    assert {name: tuple(found[name][key] for key in ("score", "harness", "cost_usd")) for name in golden} == golden
    old = real("history/2025-06-14.csv")
    assert {row["cost_usd"] for row in old} == {None}


@pytest.mark.real_data
@real_data
def test_starter_figures_are_those_of_the_real_table() -> None:
    ((_, documents),) = StarterArchive(WAREHOUSE_DIR / "starter").captures("bfcl")
    whole = real("latest/2026-04-12_data_overall.csv")
    rows, _ = read(documents[0].body)
    assert all(row in whole for row in rows)
