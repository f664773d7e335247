"""LiveCodeBench: windows over whole releases only, models with gaps, and the real results."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import livecodebench
from pipelines.defs.sources.livecodebench import source
from pipelines.lib.drift import check_document
from pipelines.lib.source import BadDocument, Document, Reject, Row
from tests.local_server import LocalServer, Reply, fetcher, quick_http

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "leaderboards" / "livecodebench"
real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
NOW = dt.datetime(2025, 4, 22, tzinfo=dt.UTC)


def day(text: str) -> int:
    return int(dt.datetime.fromisoformat(f"{text}T00:00:00+00:00").timestamp() * 1000)


def results(days: list[str], *, model: str = "glm", solved: float = 100.0, **more: Any) -> list[dict[str, Any]]:
    """One problem per day, all solved alike."""
    common = {"model": model, "difficulty": "easy", "platform": "leetcode", "pass@1": solved}
    return [{"question_id": f"q{index}", "date": day(text)} | common | more for index, text in enumerate(days)]


def body(*performances: list[dict[str, Any]], marks: tuple[str, ...] = ("2023-05-01", "2025-05-01")) -> bytes:
    rows = [row for rows in performances for row in rows]
    return json.dumps({"performances": rows, "date_marks": [day(mark) for mark in marks]}).encode()


def read(data: bytes) -> tuple[list[dict[str, Any]], list[Reject]]:
    items = list(source.parse(Document("main", "", data, NOW)))
    return [dict(item.values) for item in items if isinstance(item, Row)], [
        item for item in items if isinstance(item, Reject)
    ]


def whole(rows: list[dict[str, Any]]) -> dict[str, tuple[float, int]]:
    """Score and number of problems of every window, over all difficulties."""
    found = [row for row in rows if row["category"] is None]
    return {row["benchmark_version"]: (row["score"], row["sample_size"]) for row in found}


@pytest.fixture(autouse=True)
def small_releases(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Releases of a few problems, except for the real bodies."""
    if request.node.get_closest_marker("real_data") is None:
        monkeypatch.setattr(livecodebench, "RELEASES", {3: "v5", 4: "v6"})


DAYS = ["2023-05-08", "2024-08-01", "2025-01-31", "2025-02-01"]


def test_fetch_takes_the_results(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalServer({"/results.json": Reply(body(results(DAYS)))}) as server, quick_http() as http:
        monkeypatch.setattr(livecodebench, "URL", server.url("/results.json"))
        assert source.fetch is not None
        (response,) = source.fetch(fetcher(http))
    check_document(source, Document(response.label, response.url, response.body, NOW))
    assert len(whole(read(response.body)[0])) == 4


def test_each_window_counts_the_problems_from_its_first_day_on() -> None:
    solved = [row | {"pass@1": score} for row, score in zip(results(DAYS), (100.0, 0.0, 50.0, 30.0), strict=True)]
    rows, rejects = read(body(solved))
    assert rejects == []
    assert whole(rows) == {
        "v6 2023-05..2025-05": (45.0, 4),
        "v6 2024-08..2025-05": (26.666666667, 3),
        "v6 2024-10..2025-05": (40.0, 2),
        "v6 2025-02..2025-05": (30.0, 1),
    }


def test_a_window_that_begins_where_the_release_ends_is_not_made() -> None:
    rows, _ = read(body(results(DAYS[:3]), marks=("2023-05-01", "2025-02-01")))
    assert list(whole(rows)) == ["v5 2023-05..2025-02", "v5 2024-08..2025-02", "v5 2024-10..2025-02"]


def test_a_body_that_lacks_problems_is_no_release() -> None:
    with pytest.raises(BadDocument, match="holds 2 problems, as no known release does"):
        read(body(results(DAYS[:2])))


def test_a_model_counts_only_in_windows_it_has_every_problem_of() -> None:
    rows, rejects = read(body(results(DAYS), results(DAYS, model="late")[1:]))
    assert list(whole([row for row in rows if row["model_name"] == "late"])) == [
        "v6 2024-08..2025-05",
        "v6 2024-10..2025-05",
        "v6 2025-02..2025-05",
    ]
    assert [(item.reason, item.text) for item in rejects] == [
        ("1 of 4 problems have no result", "late, v6 2023-05..2025-05")
    ]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (results(DAYS, model="bad", solved=0.5), "fractions among percentages"),
        (results(DAYS, model="bad", solved=1.0), "fractions among percentages"),
        (results(DAYS, model="bad") + results(DAYS[:1], model="bad", solved=50.0), "two results for q0: 100 and 50"),
        (results(DAYS, model="bad", solved=2134.0), "pass@1 of 0 to 100"),
        (results(DAYS, model="bad", date=None), "a result needs"),
        (results(DAYS, model=""), "a result needs"),
        ([{"question_id": "q0", "model": "bad", "date": 1}], "a result needs"),
    ],
)
def test_a_model_that_cannot_be_measured_is_rejected_and_the_others_go_on(
    more: list[dict[str, Any]], reason: str
) -> None:
    rows, rejects = read(body(results(DAYS), more))
    assert {row["model_name"] for row in rows} == {"glm"}
    assert rejects and reason in rejects[0].reason


def test_the_same_result_twice_is_one() -> None:
    rows, rejects = read(body(results(DAYS), results(DAYS)))
    assert (whole(rows)["v6 2023-05..2025-05"], rejects) == ((100.0, 4), [])


@pytest.mark.parametrize(
    "data", [b"[]", b'{"performances": 3, "date_marks": [1]}', b"{}", b'{"performances": [], "date_marks": []}']
)
def test_another_json_is_a_bad_document(data: bytes) -> None:
    with pytest.raises(BadDocument):
        read(data)


def test_models_day_in_the_body_is_no_day_of_release() -> None:
    content = json.loads(body(results(DAYS)))
    content["models"] = [{"model_repr": "glm", "release_date": day("2023-04-30")}]
    rows, _ = read(json.dumps(content).encode())
    assert {row.get("model_released_on") for row in rows} == {None}


@pytest.mark.real_data
@real_data
@pytest.mark.parametrize(
    ("name", "models", "windows"),
    [("2024-04-17", 45, 1), ("2025-01-15", 19, 3), ("2025-04-22", 16, 4)],
)
def test_real_results_give_every_model_in_every_window(name: str, models: int, windows: int) -> None:
    rows, rejects = read(gzip.decompress((REAL / f"{name}_performances_generation.json.gz").read_bytes()))
    # All problems, easy, medium and hard.
    assert (len(rows), rejects) == (models * windows * 4, [])


@pytest.mark.real_data
@real_data
def test_real_figures_of_one_model_over_its_windows() -> None:
    rows, _ = read(gzip.decompress((REAL / "2025-04-22_performances_generation.json.gz").read_bytes()))
    found = whole([row for row in rows if row["model_name"] == "DeepSeek-V3"])
    assert {version: (round(score, 1), size) for version, (score, size) in found.items()} == {
        "v6 2023-05..2025-05": (49.6, 1055),
        "v6 2024-08..2025-05": (27.2, 454),
        "v6 2024-10..2025-05": (24.0, 341),
        "v6 2025-02..2025-05": (16.0, 131),
    }
    efforts = {row["model_name"]: (row["effort"], row["mode"]) for row in rows}
    assert efforts["O3-Mini-2025-01-31 (Med)"] == ("medium", None)
    assert efforts["Claude-3.7-Sonnet (Thinking)"] == ("thinking", "thinking")
