"""LiveBench: which releases are fetched, what a name says of its effort, and the real tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import livebench
from pipelines.defs.sources.livebench import RELEASES, label_of, source
from pipelines.lib.archive import StarterArchive
from pipelines.lib.http import FetchError, Refused
from pipelines.lib.source import BadDocument, Document, Reject, Response, Row
from tests.local_server import LocalServer, Reply, fetcher, quick_http
from warehouse import WAREHOUSE_DIR

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "leaderboards" / "livebench"
real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
KINDS = (("table", "csv"), ("categories", "json"))
NOW = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)


def fetch(monkeypatch: pytest.MonkeyPatch, *missing: str, status: int = 404) -> list[Response]:
    """What a fetch takes from a site that serves every release but the missing files."""
    files = [f"/{kind}_{release:%Y_%m_%d}.{suffix}" for release in RELEASES for kind, suffix in KINDS]
    absent = {path: Reply(b"no", status) for path in files if any(part in path for part in missing)}
    with LocalServer({path: Reply(b"model,a\nm,1\n") for path in files} | absent) as server, quick_http() as http:
        monkeypatch.setattr(livebench, "SITE", server.url(""))
        assert source.fetch is not None
        return list(source.fetch(fetcher(http)))


def read(label: str, body: bytes) -> list[Row | Reject]:
    return list(source.parse(Document(label, "", body, NOW)))


def effort_of(model: str) -> Any:
    (item,) = read("table_2026_01_08", f"model,typos\n{model},5.0\n".encode())
    assert isinstance(item, Row)
    assert item.values["model_name"] == model
    return item.values["effort"]


def test_fetch_takes_both_files_of_the_newest_releases(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = [response.label for response in fetch(monkeypatch)]
    newest = [f"{release:%Y_%m_%d}" for release in sorted(RELEASES, reverse=True)[:3]]
    assert labels == [f"{kind}_{release}" for release in newest for kind in ("table", "categories")]


def test_a_release_that_is_not_served_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = [response.label for response in fetch(monkeypatch, "table_2026_06_25", "categories_2025_12_23")]
    assert labels == [
        "table_2026_01_08",
        "categories_2026_01_08",
        "table_2025_12_23",
        "table_2025_11_25",
        "categories_2025_11_25",
    ]


def test_no_release_at_all_and_a_refusal_are_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FetchError, match="none of its 11 known releases"):
        fetch(monkeypatch, "table_")
    with pytest.raises(Refused):
        fetch(monkeypatch, "table_2026_06_25", status=403)


@pytest.mark.parametrize(
    ("model", "effort"),
    [
        ("gpt-5.2-2025-12-11-nothinking", "nothinking"),
        ("gpt-5.4-mini-xhigh", "xhigh"),
        ("claude-opus-4-5-20251101-medium-effort", "medium"),
        ("claude-opus-4-5-20251101-thinking-64k-low-effort", "thinking-64k-low"),
        ("claude-sonnet-4-6-thinking-auto-high-effort", "thinking-auto-high"),
        ("claude-4-1-opus-20250805-thinking-32k", "thinking-32k"),
        ("gemini-2.5-pro-06-05-highthinking", "highthinking"),
        ("grok-4-1-fast-non-reasoning", "non-reasoning"),
        ("deepseek-v3.2-thinking", "thinking"),
        ("claude-4-1-opus-20250805-base", None),
        ("qwen3-235b-a22b-thinking-2507", None),
        ("vicuna-7b-v1.5-16k", None),
        ("mistral-medium", None),
        ("phi-4-reasoning-plus", None),
    ],
)
def test_effort_is_read_only_where_the_end_of_the_name_states_it(model: str, effort: str | None) -> None:
    assert effort_of(model) == effort


def test_a_loose_file_is_the_release_its_name_says() -> None:
    assert label_of("some/folder/table_2026_01_08.csv", b"") == "table_2026_01_08"
    body = b"model,typos\nm,5.0\n"
    with pytest.raises(BadDocument, match="table_YYYY_MM_DD"):
        read(label_of("history/2026-05-28.csv", body), body)
    with pytest.raises(BadDocument, match="no day of the calendar"):
        read("table_2026_13_08", body)
    from_address = Document("main", "https://livebench.ai/table_2026_01_08.csv", body, NOW)
    assert [item.values["benchmark_version"] for item in source.parse(from_address) if isinstance(item, Row)] == [
        "2026-01-08"
    ]


def test_starter_captures_hold_every_task_of_their_releases() -> None:
    documents = [item for _, found in StarterArchive(WAREHOUSE_DIR / "starter").captures("livebench") for item in found]
    assert len(documents) == 6
    tasks: dict[str, set[str]] = {}
    for document in documents:
        items = list(source.parse(document))
        assert not [item for item in items if isinstance(item, Reject)]
        kind, _, release = document.label.partition("_")
        names = {str(item.values["task"]) for item in items if isinstance(item, Row)}
        assert tasks.setdefault(release, names) == names, kind
    assert {release: len(names) for release, names in tasks.items()} == {"2026_01_08": 23, "2025_12_23": 21}


def real_tables(pattern: str) -> Iterator[tuple[str, list[Row | Reject]]]:
    for path in sorted(REAL.glob(pattern)):
        yield path.stem, read(label_of(path.name, b""), path.read_bytes())


@pytest.mark.real_data
@real_data
def test_real_releases_are_read_whole() -> None:
    rows = {name: sum(isinstance(item, Row) for item in items) for name, items in real_tables("latest/*")}
    assert rows["table_2026_01_08"] == 126 * 23
    # 65 models on 18 tasks, and one empty cell.
    assert rows["table_2024_11_25"] == 65 * 18 - 1
    assert {name: count for name, count in rows.items() if name.startswith("categories_2")} == {
        "categories_2024_06_24": 17,
        "categories_2024_07_26": 18,
        "categories_2024_08_31": 18,
        "categories_2024_11_25": 18,
        "categories_2025_04_02": 18,
        "categories_2025_04_25": 17,
        "categories_2025_05_30": 20,
        "categories_2025_11_25": 20,
        "categories_2025_12_23": 21,
        "categories_2026_01_08": 23,
    }


@pytest.mark.real_data
@real_data
def test_the_one_real_row_that_is_too_short_is_rejected_whole() -> None:
    rejects = [item for _, items in real_tables("latest/*") for item in items if isinstance(item, Reject)]
    assert [(item.reason, item.text.split(",")[0]) for item in rejects] == [
        ("the row has 21 cells, the header 24", "nemotron-3-super-120b-a12b")
    ]


@pytest.mark.real_data
@real_data
def test_starter_figures_are_those_of_the_real_tables() -> None:
    real = {name: {_key(item) for item in items} for name, items in real_tables("latest/table_202[56]_*")}
    early = {_key(item) for item in read("table_2026_01_08", (REAL / "history" / "2026-01-29.csv").read_bytes())}
    for capture, documents in StarterArchive(WAREHOUSE_DIR / "starter").captures("livebench"):
        for document in documents:
            if document.label.startswith("table"):
                known = early if capture.captured_at.month == 1 else real[document.label]
                assert {_key(item) for item in source.parse(document)} <= known


def _key(item: Row | Reject) -> tuple[str, ...]:
    values = item.values if isinstance(item, Row) else {}
    return tuple(str(values.get(name)) for name in ("model_name", "task", "score_text"))
