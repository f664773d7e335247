"""SuperGPQA: metrics and categories by column, the mode by the table, and the real README."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import supergpqa
from pipelines.defs.sources.supergpqa import COLUMNS, source
from pipelines.lib.archive import StarterArchive
from pipelines.lib.drift import check_document
from pipelines.lib.source import BadDocument, Document, Reject, Row
from tests.local_server import LocalServer, Reply, fetcher, quick_http
from warehouse import WAREHOUSE_DIR

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
REAL = [DATA / "leaderboards/supergpqa/2025-03-06_tables.md", DATA / "web/supergpqa/2025-03-06_README.md"]
real_data = pytest.mark.skipif(not REAL[0].is_file(), reason="the real bodies are not here")
NOW = dt.datetime(2025, 3, 7, tzinfo=dt.UTC)
HEADER = f"| Model | {' | '.join(COLUMNS)} |\n{'|---' * 8}|\n"


def read(body: str | bytes) -> tuple[list[dict[str, Any]], list[Reject]]:
    data = body.encode() if isinstance(body, str) else body
    items = list(source.parse(Document("main", "", data, NOW)))
    return [dict(item.values) for item in items if isinstance(item, Row)], [
        item for item in items if isinstance(item, Reject)
    ]


def table(*scores: str) -> str:
    return f"{HEADER}| DeepSeek-R1 | {' | '.join(scores or ['61.82'] * 7)} |\n"


def test_fetch_takes_the_readme(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalServer({"/README.md": Reply(table().encode())}) as server, quick_http() as http:
        monkeypatch.setattr(supergpqa, "URL", server.url("/README.md"))
        assert source.fetch is not None
        (response,) = source.fetch(fetcher(http))
    check_document(source, Document(response.label, response.url, response.body, NOW))
    rows, rejects = read(response.body)
    assert (len(rows), rejects) == (7, [])


@pytest.mark.parametrize(
    ("above", "mode"),
    [
        ("**Reasoning Models**\n", "thinking"),
        ("## Chat Models\n\n", "non_thinking"),
        ("Some words first.\n\n**Chat Models**\n", "non_thinking"),
        ("**Base Models**\n", None),
        ("**Other Models**\n", None),
        ("", None),
    ],
)
def test_the_mode_is_what_the_line_above_a_table_says(above: str, mode: str | None) -> None:
    rows, _ = read(above + table())
    assert {row["mode"] for row in rows} == {mode}


@pytest.mark.parametrize("cell", ["0.6182", "2134", "1", "six", "-61.82"])
def test_what_is_no_percentage_is_rejected_and_the_rest_goes_on(cell: str) -> None:
    rows, (reject,) = read(table(cell, *["61.82"] * 6))
    assert (len(rows), reject.text) == (6, f"DeepSeek-R1, Overall (sample): {cell}")


def test_a_table_of_fractions_is_not_read() -> None:
    with pytest.raises(BadDocument, match="fraction"):
        read(table(*["0.62"] * 7))


def test_one_name_in_two_tables_with_other_scores_counts_in_neither() -> None:
    again = table(*["60.00"] * 7)
    rows, rejects = read(f"{table()}| o1 | {' | '.join(['60.24'] * 7)} |\n\nlater\n\n{again}")
    assert {row["model_name"] for row in rows} == {"o1"}
    assert Counter(item.text.split(",")[0] for item in rejects) == {"DeepSeek-R1": 14}


def test_starter_capture_is_read_without_a_reject() -> None:
    ((_, documents),) = StarterArchive(WAREHOUSE_DIR / "starter").captures("supergpqa")
    rows, rejects = read(documents[0].body)
    assert (len(rows), rejects) == (15 * 7, [])


@pytest.mark.real_data
@real_data
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_tables_are_read_whole_and_are_those_of_the_starter(path: Path) -> None:
    rows, rejects = read(path.read_bytes())
    assert rejects == []
    assert Counter((row["metric"], row["category"]) for row in rows) == dict.fromkeys(COLUMNS.values(), 15)
    assert Counter(row["mode"] for row in rows) == {"thinking": 35, "non_thinking": 35, None: 35}
    whole = {row["model_name"]: row["score"] for row in rows if row["metric"] == "accuracy" and not row["category"]}
    assert (whole["DeepSeek-R1"], whole["Qwen-max-2025-01-25"], whole["Qwen2.5-72B"]) == (61.82, 50.08, 34.33)
    ((_, documents),) = StarterArchive(WAREHOUSE_DIR / "starter").captures("supergpqa")
    assert read(documents[0].body)[0] == rows
