"""LMArena: what is fetched, which board a loose file is, what names say, damage, and the real bodies since 2023."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.defs.sources import lmarena
from pipelines.defs.sources.lmarena import DATASET, FETCHED, source
from pipelines.defs.sources.lmarena.ratings import BOARDS, effort_of
from pipelines.lib import contract
from pipelines.lib.archive import StarterArchive
from pipelines.lib.http import FetchError, Refused
from pipelines.lib.importing import as_document, date_of
from pipelines.lib.source import BadDocument, Document, Reject, Response, Row
from tests.conftest import SHARED
from tests.fixture_cases import FIXTURES
from tests.local_server import LocalServer, Reply, fetcher, quick_http
from warehouse import WAREHOUSE_DIR

REAL = SHARED / "data" / "leaderboards" / "lmarena"
CATALOG = SHARED / "data" / "web" / "lmarena"
real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
NOW = dt.datetime(2026, 10, 5, tzinfo=dt.UTC)
BOARD = b"PAR1 a board"


def path_of(board: str) -> str:
    return f"{DATASET}/resolve/main/{board}/latest-00000-of-00001.parquet"


def fetch(monkeypatch: pytest.MonkeyPatch, replies: dict[str, Reply], known: bool = True) -> list[Response]:
    """What a fetch takes where the Hub sends every client on to a store with a signed address."""
    with LocalServer({f"/{board}?signature=1": Reply(BOARD) for board in FETCHED}) as store, quick_http() as http:
        sent_on = {
            path_of(board): Reply(status=302, headers={"location": store.url(f"/{board}?signature=1")})
            for board in FETCHED
        }
        with LocalServer(sent_on | {path_of(board): reply for board, reply in replies.items()}) as hub:
            monkeypatch.setattr(lmarena, "SITE", hub.url(""))
            monkeypatch.setattr(lmarena, "STORES", frozenset({store.url("").removeprefix("http://")} if known else ()))
            assert source.fetch is not None
            found = list(source.fetch(fetcher(http)))
            assert [response.url for response in found] == [hub.url(path_of(response.label)) for response in found]
            return found


def read(label: str, body: bytes) -> tuple[list[Row], list[Reject]]:
    items = list(source.parse(Document(label, "", body, NOW)))
    return [item for item in items if isinstance(item, Row)], [item for item in items if isinstance(item, Reject)]


def test_fetch_takes_the_newest_publication_of_every_board(monkeypatch: pytest.MonkeyPatch) -> None:
    found = fetch(monkeypatch, {})
    assert [(response.label, response.body) for response in found] == [(board, BOARD) for board in FETCHED]
    assert set(FETCHED) <= set(BOARDS)


def test_a_board_that_is_gone_is_passed_over_and_none_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = [response.label for response in fetch(monkeypatch, {"webdev": Reply(status=404)})]
    assert labels == ["text_style_control", "text", "vision_style_control", "vision"]
    with pytest.raises(FetchError, match="none of the 5 boards"):
        fetch(monkeypatch, {board: Reply(status=404) for board in FETCHED})
    with pytest.raises(Refused):
        fetch(monkeypatch, {"vision": Reply(status=403)})


def test_a_store_nobody_named_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="redirects to another host"):
        fetch(monkeypatch, {}, known=False)


PARQUET = (FIXTURES / "lmarena" / "dataset" / "body.parquet").read_bytes()
TABLE = b"rank,model,arena_score,95_pct_ci,votes,organization\n1,alder,1200,+1/-1,5,Alder\n"
TOP = b'{"meta": {"leaderboard": "%s", "fetched_at": "2026-03-19T14:51:18.04+01:00"}, "models": []}'


@pytest.mark.parametrize(
    ("file_name", "body", "label"),
    [
        ("dataset/text_style_control/latest-00000-of-00001.parquet", PARQUET, "text_style_control"),
        ("dataset/text/full-00000-of-00001.parquet", PARQUET, "text/full"),
        ("2026-10-02_webdev.parquet", PARQUET, "webdev"),
        ("texts/contextual.parquet", PARQUET, "contextual"),
        ("history/2024-06-19.csv", TABLE, "text"),
        ("2025-08-06_lmarena_vision.csv", TABLE, "vision"),
        ("2025-08-06_lmarena_image.csv", TABLE, "text_to_image"),
        ("alltime.csv", b"key,Model,rating,License,Organization,date\n", "text/long"),
        ("result.csv", b",alder,birch\n20230508,0.0,900.5\n", "text/wide"),
        ("2026-03-19.json", TOP % b"text", "text_style_control/top"),
        ("2026-04-19_arena.ai_code.json", TOP % b"code", "webdev/top"),
        ("2026-04-19_search.json", TOP % b"search", "2026-04-19_search"),
        ("leaderboard-text-style-control.json", b'{"full": {}}', "text_style_control"),
        ("leaderboard-vision.json", b'{"full": {}}', "vision"),
        ("curves.json", b'{"CHART_DATA_LATEST": {}}', "text/curves"),
        ("broken.json", b'{"full": ', "broken"),
        ("notes.txt", b"Arena", "notes"),
        ("latin.csv", b"\xe9,1", "latin"),
    ],
)
def test_a_loose_file_is_the_board_its_content_or_name_says(file_name: str, body: bytes, label: str) -> None:
    assert source.label_of(file_name, body) == label


def test_only_a_list_of_the_site_says_when_it_was_taken() -> None:
    assert source.moments_of("x.json", TOP % b"text") == (dt.datetime(2026, 3, 19, 13, 51, 18, tzinfo=dt.UTC),)
    assert source.moments_of("x.json", b'{"meta": {}, "models": []}') == ()
    assert source.moments_of("x.json", b'{"full": ') == source.moments_of("x.csv", TABLE) == ()
    with pytest.raises(BadDocument, match="'yesterday', which is not a time"):
        source.moments_of("x.json", b'{"meta": {"fetched_at": "yesterday"}, "models": []}')


@pytest.mark.parametrize(
    ("name", "effort"),
    [
        ("claude-3-7-sonnet-20250219-thinking-32k", "thinking-32k"),
        ("Claude Opus 4 (thinking-16k)", "thinking-16k"),
        ("gemini-3-flash (thinking-minimal)", "thinking-minimal"),
        ("mimo-v2-flash (non-thinking)", "non-thinking"),
        ("qwen3-235b-a22b-no-thinking", "no-thinking"),
        ("claude-opus-4-5-20251101-high-32k", "high-32k"),
        ("gpt-5.4-high (codex-harness)", "high"),
        ("muse-spark-1.2 (xHigh)", "xhigh"),
        ("glm-5.2 (max)", "max"),
        ("claude-opus-5.5-max", "max"),
        ("grok-4-1-fast-reasoning", "reasoning"),
        ("qwen3.8-max", None),
        ("qwen2.5-max", None),
        ("FLUX-1-Kontext-Max", None),
        ("mistral-medium", None),
        ("qwen3-235b-a22b-thinking-2507", None),
        ("ChatGPT-4o-latest (2024-09-03)", None),
        ("gpt-5.3-codex (codex-harness)", None),
        ("vicuna-7b-v1.5-16k", None),
    ],
)
def test_effort_is_read_only_where_the_end_of_the_name_states_it(name: str, effort: str | None) -> None:
    assert effort_of(name) == effort


@pytest.mark.parametrize("dropped", ["rating_lower", "vote_count", "leaderboard_publish_date", "model_name"])
def test_a_dropped_column_is_named(dropped: str, tmp_path: Path) -> None:
    path = tmp_path / "body.parquet"
    original = FIXTURES / "lmarena" / "dataset" / "body.parquet"
    with duckdb.connect() as connection:
        without = f"select * exclude ({dropped}) from read_parquet('{original}')"
        connection.execute(f"copy ({without}) to '{path}' (format parquet)")
    with pytest.raises(BadDocument, match=f"has no column {dropped};"):
        read("text", path.read_bytes())


def test_rows_have_only_columns_of_the_contract() -> None:
    text = (WAREHOUSE_DIR / "staging" / "score.sql").read_text()
    columns = {column.name for column in contract.parse_contract(text, "staging", "score").columns}
    rows, _ = read("text", PARQUET)
    assert rows and set(rows[0].values) <= columns


def test_every_kind_of_damage_is_a_bad_document_or_a_reject() -> None:
    """No damaged file may end in another exception, whatever byte is hit."""
    chance = random.Random(0)
    outcomes: Counter[str] = Counter()
    for _ in range(60):
        damaged = bytearray(PARQUET)
        for _ in range(chance.randint(1, 6)):
            damaged[chance.randrange(4, len(damaged))] = chance.randrange(256)
        try:
            outcomes["read"] += bool(read("text", bytes(damaged)))
        except BadDocument:
            outcomes["bad document"] += 1
    assert outcomes["bad document"] > 10


def test_starter_captures_are_read_without_a_reject() -> None:
    documents = [item for _, found in StarterArchive(WAREHOUSE_DIR / "starter").captures("lmarena") for item in found]
    found = {document.label: read(document.label, document.body) for document in documents}
    counts = {label: (len(rows), len(rejects)) for label, (rows, rejects) in found.items()}
    assert counts == {"text_style_control": (145, 0), "text": (144, 0)}


# Rows, rejects, and days of publication.
REAL_COUNTS = {
    "2026-07-23_flagship_elo_curves.json.gz": (1984, 0, 214),
    "alltime_2023-05_2025-03.csv.gz": (12761, 9, 96),
    "nakasyou_result_wide.csv.gz": (8970, 33, 65),
    "history/2024-06-19.csv": (109, 0, 1),
    "history/2024-07-31.csv": (121, 0, 1),
    "history/2024-09-28.csv": (145, 0, 1),
    "history/2024-10-29.csv": (155, 0, 1),
    "history/2024-11-23.csv": (164, 0, 1),
    "history/2025-01-29.csv": (190, 0, 1),
    "history/2025-02-22.csv": (171, 0, 1),
    "history/2025-04-24.csv": (191, 0, 1),
    "history/2025-05-23.csv": (202, 0, 1),
    "history/2025-07-18.csv": (218, 0, 1),
    "history_json/2026-03-19.json": (30, 0, 1),
    "history_json/2026-03-29.json": (71, 0, 1),
    "history_json/2026-04-05.json": (30, 0, 1),
    "history_json/2026-04-19.json": (50, 0, 1),
    "latest/2025-08-06_lmarena_image.csv": (19, 0, 1),
    # One of its 266 rows stands twice.
    "latest/2025-08-06_lmarena_text.csv": (265, 0, 1),
    "latest/2025-08-06_lmarena_vision.csv": (86, 0, 1),
}


def real_items(path: Path) -> tuple[list[Row], list[Reject]]:
    document = as_document(source, path, date_of(path) or dt.datetime(2025, 5, 24, tzinfo=dt.UTC))
    items = list(source.parse(document))
    return [item for item in items if isinstance(item, Row)], [item for item in items if isinstance(item, Reject)]


@pytest.mark.real_data
@real_data
@pytest.mark.parametrize("name", REAL_COUNTS)
def test_real_bodies_are_read_whole(name: str) -> None:
    rows, rejects = real_items(REAL / name)
    days = {row.values["benchmark_version"] for row in rows}
    assert (len(rows), len(rejects), len(days)) == REAL_COUNTS[name]
    stated = ("history_json/2026-03-19.json", "history_json/2026-03-29.json")
    is_stated = name in stated or len(days) > 1
    assert all((row.values["published_on"] is not None) == is_stated for row in rows)


@pytest.mark.real_data
@real_data
def test_every_real_file_is_in_the_table_above_or_holds_names_only() -> None:
    files = {str(path.relative_to(REAL)) for path in REAL.rglob("*") if path.is_file()}
    assert files - set(REAL_COUNTS) == {"key_to_model.csv"}
    with pytest.raises(BadDocument, match="'key_to_model' is no board"):
        real_items(REAL / "key_to_model.csv")


def scores(rows: list[Row], *columns: str) -> dict[tuple[Any, ...], float]:
    return {tuple(row.values[column] for column in columns): row.values["score"] for row in rows}


@pytest.mark.real_data
@real_data
def test_two_real_copies_agree_on_every_day_that_is_read_of_both() -> None:
    """And with the board as it was shown; of the days left out they differ by 100 points."""
    long = scores(real_items(REAL / "alltime_2023-05_2025-03.csv.gz")[0], "model_name", "benchmark_version")
    wide = scores(real_items(REAL / "nakasyou_result_wide.csv.gz")[0], "model_name", "benchmark_version")
    assert wide.items() <= long.items()
    with (REAL / "history" / "2024-06-19.csv").open() as file:
        shown = {row["model"].lower(): float(row["arena_elo"]) for row in csv.DictReader(file)}
    both = [(rating, long[name, "2024-06-17"]) for name, rating in shown.items() if (name, "2024-06-17") in long]
    assert len(both) == 89
    assert max(abs(rating - ours) for rating, ours in both) < 0.5


@pytest.mark.real_data
@real_data
def test_golden_ratings_with_and_without_style_control() -> None:
    found = {}
    for name in ("text-style-control", "text"):
        rows, rejects = real_items(CATALOG / f"2025-12-17_leaderboard-{name}.json")
        assert not rejects
        (row,) = (
            row for row in rows if row.values["model_name"] == "qwen3-max-preview" and row.values["category"] is None
        )
        found[row.values["metric"]] = tuple(round(row.values[name], 1) for name in ("score", "ci_low", "ci_high"))
    assert found == {"elo": (1433.3, 1428.7, 1437.8), "elo_without_style_control": (1438.0, 1433.4, 1442.5)}


@pytest.mark.real_data
@real_data
def test_starter_figures_are_those_of_the_real_boards() -> None:
    ((_, documents),) = StarterArchive(WAREHOUSE_DIR / "starter").captures("lmarena")
    for document in documents:
        stem = document.label.replace("_", "-")
        real = json.loads((CATALOG / f"2025-12-17_leaderboard-{stem}.json").read_text())
        assert json.loads(document.body)["full"].items() <= real["full"].items()
