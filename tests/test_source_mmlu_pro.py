"""MMLU-Pro: who ran a model, fractions and percentages, names with dates, and the real table of the README."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import mmlu_pro
from pipelines.defs.sources.mmlu_pro import SUBJECTS, label_of, source
from pipelines.lib.archive import StarterArchive
from pipelines.lib.drift import check_document
from pipelines.lib.source import BadDocument, Document, Reject, Row
from tests.local_server import LocalServer, Reply, fetcher, quick_http
from warehouse import WAREHOUSE_DIR

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "leaderboards" / "mmlu-pro"
real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
NOW = dt.datetime(2026, 3, 18, tzinfo=dt.UTC)
HEADER = f"Models,Model Size(B),Data Source,Overall,{','.join(SUBJECTS)}\n"


def read(body: str | bytes) -> tuple[list[dict[str, Any]], list[Reject]]:
    data = body.encode() if isinstance(body, str) else body
    items = list(source.parse(Document(label_of("file", data), "", data, NOW)))
    return [dict(item.values) for item in items if isinstance(item, Row)], [
        item for item in items if isinstance(item, Reject)
    ]


def row_of(name: str, told_by: str, overall: str) -> str:
    return f"{name},unk,{told_by},{overall}{',0.5' * len(SUBJECTS)}\n"


def test_fetch_takes_the_results(monkeypatch: pytest.MonkeyPatch) -> None:
    body = (HEADER + row_of("Kimi-K2", "Self-Reported", "0.811")).encode()
    with LocalServer({"/results.csv": Reply(body)}) as server, quick_http() as http:
        monkeypatch.setattr(mmlu_pro, "URL", server.url("/results.csv"))
        assert source.fetch is not None
        (response,) = source.fetch(fetcher(http))
    assert response.label == label_of("results.csv", response.body) == "main"
    check_document(source, Document(response.label, response.url, response.body, NOW))
    rows, rejects = read(response.body)
    assert (len(rows), rejects) == (1 + len(SUBJECTS), [])
    assert [row["category"] for row in rows] == [None, *SUBJECTS]


@pytest.mark.parametrize(
    ("told_by", "evaluator", "is_self_reported"),
    [
        ("TIGER-Lab", "TIGER-Lab", False),
        ("TIGER-LAb", "TIGER-Lab", False),
        ("Self-Reported", "self-reported", True),
        ("Sefl-Reported", "self-reported", True),
    ],
)
def test_who_ran_a_model(told_by: str, evaluator: str, is_self_reported: bool) -> None:
    rows, _ = read(HEADER + row_of("Kimi-K2", told_by, "0.811"))
    assert {(row["evaluator"], row["is_self_reported"]) for row in rows} == {(evaluator, is_self_reported)}


def test_own_run_and_reported_score_of_one_name_are_two_scores() -> None:
    rows, rejects = read(HEADER + row_of("GLM-4.5", "TIGER-Lab", "0.79") + row_of("GLM-4.5", "Self-Reported", "0.846"))
    whole = [(row["evaluator"], row["score"]) for row in rows if row["category"] is None]
    assert (whole, rejects) == ([("TIGER-Lab", 0.79), ("self-reported", 0.846)], [])


@pytest.mark.parametrize(
    ("name", "effort", "mode"),
    [
        ("Gemini-3-Pro(11/25)", None, None),
        ("GPT-4o (2024-05-13)", None, None),
        ("Claude-3.7-Sonnet (Thinking)", "thinking", "thinking"),
        ("Claude-3.7-Sonnet-Thinking", "thinking", "thinking"),
        ("o4-mini (high)", "high", None),
        ("Phi-3-medium-4k", None, None),
    ],
)
def test_a_date_in_a_name_is_no_effort(name: str, effort: str | None, mode: str | None) -> None:
    rows, _ = read(HEADER + row_of(name, "TIGER-Lab", "0.5"))
    assert {(row["model_name"], row["effort"], row["mode"]) for row in rows} == {(name, effort, mode)}


@pytest.mark.parametrize("overall", ["72.6", "2134", "0.0", "0", "72.6%", "-0.5", "NaN", "1e-1"])
def test_what_is_no_fraction_is_rejected_and_its_subjects_go_on(overall: str) -> None:
    rows, (reject,) = read(HEADER + row_of("Kimi-K2", "TIGER-Lab", overall))
    assert reject.text == f"Kimi-K2, Overall: {overall}"
    assert len(rows) == len(SUBJECTS)


def test_a_table_of_percentages_is_not_read() -> None:
    with pytest.raises(BadDocument, match="Kimi-K2, Overall: 72"):
        read("Models,Data Source,Overall\nKimi-K2,TIGER-Lab,72.6\n")


def test_starter_capture_is_read_without_a_reject() -> None:
    ((_, documents),) = StarterArchive(WAREHOUSE_DIR / "starter").captures("mmlu_pro")
    assert documents[0].label == label_of("readme.md", documents[0].body)
    rows, rejects = read(documents[0].body)
    assert (len(rows), rejects) == (17, [])


@pytest.mark.real_data
@real_data
def test_the_real_table_of_the_readme_is_that_of_the_starter() -> None:
    rows, rejects = read((REAL / "2026-03-18_readme_table.md").read_bytes())
    assert rejects == []
    assert {row["scale"] for row in rows} == {"percent"}
    figures = {row["model_name"]: row["score"] for row in rows}
    assert (figures["Claude-3.5-Sonnet"], figures["GPT-4o"], figures["MAmmoTH2-8x7B-Plus"]) == (76.12, 72.55, 50.4)
    ((_, documents),) = StarterArchive(WAREHOUSE_DIR / "starter").captures("mmlu_pro")
    assert read(documents[0].body)[0] == rows
