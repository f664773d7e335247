"""Vectara: which corpus and judge a table is of, rates that lost their sign, and the real READMEs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import vectara
from pipelines.defs.sources.vectara import source
from pipelines.lib.archive import StarterArchive
from pipelines.lib.drift import check_document
from pipelines.lib.source import BadDocument, Document, Reject, Row
from tests.local_server import LocalServer, Reply, fetcher, quick_http
from warehouse import WAREHOUSE_DIR

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "leaderboards" / "vectara" / "history"
real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
TABLE = "\n\n|Model|Hallucination Rate|Factual Consistency Rate|\n|---|---|---|\n"


def read(body: str | bytes, day: str = "2026-03-10") -> tuple[list[dict[str, Any]], list[Reject]]:
    data = body.encode() if isinstance(body, str) else body
    moment = dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")
    items = list(source.parse(Document("main", "", data, moment)))
    return [dict(item.values) for item in items if isinstance(item, Row)], [
        item for item in items if isinstance(item, Reject)
    ]


def test_fetch_takes_the_readme(monkeypatch: pytest.MonkeyPatch) -> None:
    body = f"Last updated on March 10, 2026{TABLE}|glm-5|10.1 %|89.9 %|\n".encode()
    with LocalServer({"/README.md": Reply(body)}) as server, quick_http() as http:
        monkeypatch.setattr(vectara, "URL", server.url("/README.md"))
        assert source.fetch is not None
        (response,) = source.fetch(fetcher(http))
    check_document(source, Document(response.label, response.url, response.body, dt.datetime.now(dt.UTC)))
    rows, _ = read(response.body)
    assert [(row["model_name"], row["score"], row["metric"]) for row in rows] == [("glm-5", 10.1, "hallucination_rate")]


@pytest.mark.parametrize(
    ("text", "day", "version", "published_on"),
    [
        ("Last updated on September 30, 2025", "2025-10-05", "2023 corpus", dt.date(2025, 9, 30)),
        ("Last updated on August 23rd, 2024", "2024-08-22", "2023 corpus", dt.date(2024, 8, 23)),
        ("See the previous dataset. Last updated on November 20, 2025", "2025-11-21", "2025 corpus", None),
        ("Last updated on March 10, 2026", "2026-03-11", "2025 corpus", dt.date(2026, 3, 10)),
        ("No day at all", "2025-11-01", "2023 corpus", None),
        ("No day at all", "2026-01-01", "2025 corpus", None),
        ("Last updated on 3/10/2026", "2026-03-11", "2025 corpus", None),
    ],
)
def test_the_corpus_is_what_the_readme_says_or_its_day(
    text: str, day: str, version: str, published_on: dt.date | None
) -> None:
    ((row,), rejects) = read(f"{text}{TABLE}|glm-5|10.1 %|89.9 %|\n", day)
    assert (row["benchmark_version"], rejects) == (version, [])
    assert published_on in (None, row["published_on"])


def test_a_day_that_is_none_is_named() -> None:
    with pytest.raises(BadDocument, match="February 30, 2026"):
        read(f"Last updated on February 30, 2026{TABLE}|glm-5|10.1 %|89.9 %|\n")


@pytest.mark.parametrize(
    ("text", "judge"),
    [
        ("The ranks are computed using the HHEM-2.1 model.", "HHEM-2.1"),
        ("This board uses HHEM-2.3, not the open HHEM-2.1-Open.", "HHEM-2.3"),
        ("Computed by a model; the board of HHEM-1.0 is elsewhere.", None),
    ],
)
def test_the_judge_is_named_only_where_the_readme_names_it(text: str, judge: str | None) -> None:
    ((row,), _) = read(f"{text}{TABLE}|glm-5|10.1 %|89.9 %|\n")
    assert row["judge"] == judge


@pytest.mark.parametrize(
    ("cells", "score"),
    [
        ("10.1 %|89.9 %", 10.1),
        ("10.1|89.9 %", 10.1),
        ("10.1 %|89.9", 10.1),
        # Rounded to one decimal, the two may miss 100 by a tenth.
        ("2.1 %|97.8 %", 2.1),
        ("0.101|89.9 %", None),
        ("10.1|", None),
        ("10.1 %|", 10.1),
        ("6.6 %|93.7 %", None),
        ("2134 %|89.9 %", None),
    ],
)
def test_a_rate_without_its_sign_counts_only_where_the_other_share_confirms_it(cells: str, score: float | None) -> None:
    rows, rejects = read(f"{TABLE}|other|5.0 %|95.0 %|\n|glm-5|{cells}|\n")
    assert [row["score"] for row in rows if row["model_name"] == "glm-5"] == ([] if score is None else [score])
    assert len(rejects) == (score is None)


def test_two_tables_of_rates_are_not_mixed() -> None:
    with pytest.raises(BadDocument, match="2 tables"):
        read(f"{TABLE}|glm-5|10.1 %|89.9 %|\n{TABLE}|glm-5|9.1 %|90.9 %|\n")


def test_starter_capture_is_read_without_a_reject() -> None:
    ((capture, documents),) = StarterArchive(WAREHOUSE_DIR / "starter").captures("vectara")
    rows, rejects = read(documents[0].body, capture.captured_at.date().isoformat())
    assert (len(rows), rejects) == (78, [])
    assert {(row["benchmark_version"], row["judge"]) for row in rows} == {("2025 corpus", "HHEM-2.3")}


@pytest.mark.real_data
@real_data
@pytest.mark.parametrize(
    ("day", "rows", "rejects"),
    [
        *[("2023-10-31", 11, 0), ("2023-11-29", 14, 0), ("2023-12-20", 17, 0), ("2024-02-21", 20, 0)],
        *[("2024-03-25", 25, 0), ("2024-04-30", 38, 0), ("2024-06-28", 42, 0), ("2024-07-26", 47, 0)],
        # From October 2024 on one row contradicts itself: 6.6 % and 93.7 %.
        *[("2024-08-22", 54, 0), ("2024-10-28", 75, 1), ("2024-11-06", 76, 1), ("2024-12-13", 81, 1)],
        *[("2025-02-28", 107, 1), ("2025-03-25", 121, 1), ("2025-04-29", 138, 1), ("2025-07-24", 148, 1)],
        *[("2025-08-25", 160, 1), ("2025-09-30", 166, 1), ("2025-12-18", 75, 0), ("2026-01-30", 80, 0)],
        ("2026-03-10", 96, 0),
    ],
)
def test_every_real_readme_is_read(day: str, rows: int, rejects: int) -> None:
    found, left = read((REAL / f"{day}.md").read_bytes(), day)
    assert (len(found), len(left)) == (rows, rejects)
    assert {row["benchmark_version"] for row in found} == {"2025 corpus" if day > "2025-11" else "2023 corpus"}
    # The day of the table is never later than the zone of its author explains.
    lag = dt.date.fromisoformat(day) - found[0]["published_on"]
    assert dt.timedelta(days=-1) <= lag <= dt.timedelta(days=14)


@pytest.mark.real_data
@real_data
def test_real_figures_and_the_break_between_the_two_corpora() -> None:
    old = {row["model_name"]: row["score"] for row in read((REAL / "2025-09-30.md").read_bytes(), "2025-09-30")[0]}
    new = {row["model_name"]: row["score"] for row in read((REAL / "2026-03-10.md").read_bytes())[0]}
    assert new["qwen/qwen3.5-plus-2026-02-15"] == 10.7
    # Cells of the other share that lost their sign.
    assert (old["XAI Grok-2"], old["XAI Grok-3-Beta"]) == (1.9, 2.1)
    assert (old["OpenAI GPT-4.1"], new["openai/gpt-4.1-2025-04-14"]) == (2.0, 5.6)


@pytest.mark.real_data
@real_data
def test_starter_figures_are_those_of_the_real_readme() -> None:
    ((_, documents),) = StarterArchive(WAREHOUSE_DIR / "starter").captures("vectara")
    whole, _ = read((REAL / "2026-03-10.md").read_bytes())
    rows, _ = read(documents[0].body)
    assert all(row in whole for row in rows)
