"""Artificial Analysis: off without a key, what a name says of the effort, and a table of days as history."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

import pipelines.defs.sources.artificial_analysis as artificial_analysis
from pipelines.defs.sources.artificial_analysis import KEY_VARIABLE, source
from pipelines.defs.sources.artificial_analysis.evaluations import EVALUATIONS, effort_and_mode
from pipelines.lib.assets import source_definitions
from pipelines.lib.capture import capture
from pipelines.lib.folder import DataFolder
from pipelines.lib.http import FetchError, Refused
from pipelines.lib.importing import ImportRefused
from pipelines.lib.loading import LOCAL_USE
from pipelines.lib.publish import open_published, publish
from pipelines.lib.run import due_sources
from pipelines.lib.source import BadDocument, Document, Fetcher, Reject, Response, Row
from tests.fixture_cases import FIXTURES
from tests.local_server import LocalServer, Reply, quick_http
from tests.score_book import build_scores, take

PATH = "/api/v2/language/models/free"
SECRET = "aa_secret-1234"
TABLE = FIXTURES / "artificial_analysis" / "table_of_days_first" / "history.csv"


def page(number: int, more: object) -> Reply:
    body = {"pagination": {"page": number, "total_pages": 2, "has_more": more}, "data": [{"name": f"m{number}"}]}
    return Reply(json.dumps(body).encode())


def fetch(
    monkeypatch: pytest.MonkeyPatch, routes: dict[str, Reply], key: str = SECRET
) -> tuple[list[Response], list[tuple[str, dict[str, str]]]]:
    """What a fetch with this key takes from a site of these answers, and what it asked for."""
    with LocalServer({f"{PATH}?page={name}": reply for name, reply in routes.items()}) as server, quick_http() as http:
        monkeypatch.setattr(artificial_analysis, "URL", server.url(PATH))
        assert source.fetch is not None
        found = list(source.fetch(Fetcher(http=http, environ={KEY_VARIABLE: key})))
        return found, [item for item in server.requests if item[0] != "/robots.txt"]


def read(body: bytes, day: str = "2026-05-07") -> list[Row | Reject]:
    return list(source.parse(Document("models", "", body, dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC))))


def test_pages_are_followed_with_the_key_in_the_header(monkeypatch: pytest.MonkeyPatch) -> None:
    found, asked = fetch(monkeypatch, {"1": page(1, True), "2": page(2, False)})
    assert [response.label for response in found] == ["models", "models/2"]
    assert [headers["x-api-key"] for _, headers in asked] == [SECRET, SECRET]
    assert SECRET not in "".join(f"{response.url}{dict(response.headers)}" for response in found)


@pytest.mark.parametrize("key", ["", "  ", "two words", "ключ", "line\nbreak"])
def test_without_a_usable_key_nothing_is_asked_for_and_the_key_is_not_told(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    with pytest.raises(FetchError, match=f"{KEY_VARIABLE}.*nothing was asked for") as caught:
        fetch(monkeypatch, {"1": page(1, False)}, key)
    assert not key.strip() or key not in str(caught.value)


def test_a_capture_without_a_key_is_none_and_says_so(tmp_path: Path) -> None:
    outcome = capture(source, DataFolder(root=str(tmp_path)).archive, {})
    assert outcome.capture is None and not outcome.unreachable
    assert outcome.problem == f"off, as {KEY_VARIABLE} is not set; nothing was asked for"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_named_by_its_variable_alone(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    with pytest.raises(Refused, match=f"status {status}: the key in {KEY_VARIABLE} is not accepted") as caught:
        fetch(monkeypatch, {"1": Reply(b"{}", status)})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"data": []}', b'{"pagination": {"has_more": "yes"}}'])
def test_an_answer_that_does_not_say_whether_more_follows_is_kept_and_ends_the_fetch(
    monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    with pytest.raises(FetchError, match="page=1: "):
        fetch(monkeypatch, {"1": Reply(body)})


def test_an_endless_list_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artificial_analysis, "MAX_PAGES", 2)
    with pytest.raises(FetchError, match="more than 2 pages"):
        fetch(monkeypatch, {"1": page(1, True), "2": page(2, True)})


@pytest.mark.parametrize(
    ("name", "effort", "mode"),
    [
        ("GPT-5.2 (xhigh)", "xhigh", None),
        ("Claude 4 Opus (Reasoning)", "reasoning", "thinking"),
        ("Claude 4 Opus (Non-reasoning)", "non-reasoning", "non_thinking"),
        ("Claude Opus 4.6 (Adaptive Reasoning, Max Effort)", "adaptive-reasoning-max", "thinking"),
        ("Claude Opus 4.5 (Non-reasoning, High Effort)", "non-reasoning-high", "non_thinking"),
        ("Gemini 2.5 Flash Preview (Sep '25) (Reasoning)", "reasoning", "thinking"),
        ("Gemini 2.5 Flash Preview (Reasoning) (Sep '25)", None, None),
        ("Qwen3 Max (Preview)", None, None),
        ("GPT-5.5 Instant (May 2026)", None, None),
        ("Qwen3 Max Thinking", None, None),
    ],
)
def test_effort_and_mode_are_what_the_last_parenthesis_states(name: str, effort: str | None, mode: str | None) -> None:
    assert effort_and_mode(name) == (effort, mode)


def test_every_key_of_one_evaluation_says_the_same() -> None:
    pairs = [("lcr", "aa_lcr"), ("tau2", "tau2_bench"), ("terminalbench_hard", "terminal_bench_hard")]
    pairs += [
        (name, f"artificial_analysis_{name}") for name in EVALUATIONS if f"artificial_analysis_{name}" in EVALUATIONS
    ]
    assert len(pairs) == 7
    assert all(EVALUATIONS[one] == EVALUATIONS[other] for one, other in pairs)


@pytest.mark.parametrize(
    ("stated", "version"), [(4, "v4.0"), (4.1, "v4.1"), ("4.1", "v4.1"), ("v3", "v3"), (3, "v3"), (None, None)]
)
def test_the_version_is_the_bodys_as_the_registry_writes_it(stated: object, version: str | None) -> None:
    body = {"meta": {"intelligence_index_version": stated}, "data": [{"name": "m", "evaluations": {}}]}
    body["data"] = [{"name": "m", "evaluations": {"artificial_analysis_intelligence_index": 50, "gpqa": 0.5}}]
    rows = {row.values["benchmark"]: row.values["benchmark_version"] for row in read(json.dumps(body).encode())}  # type: ignore[union-attr]
    assert rows == {"aa_intelligence_index": version, "gpqa_diamond": None}


def test_a_body_with_a_byte_order_mark_is_read() -> None:
    body = json.dumps({"data": [{"name": "m", "evaluations": {"gpqa": 0.5}}]}).encode()
    assert read(b"\xef\xbb\xbf" + body) == read(body)


def test_one_small_model_may_have_an_index_below_1_but_not_all() -> None:
    def found(*values: float) -> int:
        models = [
            {"name": f"m{n}", "evaluations": {"artificial_analysis_coding_index": value, "gpqa": 0.5}}
            for n, value in enumerate(values)
        ]
        return sum(
            isinstance(item, Row) and item.values["scale"] == "index"
            for item in read(json.dumps({"data": models}).encode())
        )

    assert found(0.9, 12, 50) == 3
    assert found(0.9) == 1
    assert found(0.9, 0.12, 0.5) == 0


def test_a_table_of_days_becomes_a_capture_of_each_day_of_one_body(tmp_path: Path) -> None:
    folder = DataFolder(root=str(tmp_path))
    assert take(folder, "artificial_analysis", [TABLE]) == 2
    captures = folder.archive.captures("artificial_analysis")
    assert [item.captured_at.date().isoformat() for item in captures] == ["2026-01-05", "2026-01-06"]
    assert len({stored.sha256 for item in captures for stored in item.documents}) == 1
    with pytest.raises(ImportRefused, match="speaks for 2 moments"):
        take(folder, "artificial_analysis", [TABLE], dt.datetime(2026, 1, 5, tzinfo=dt.UTC))


@pytest.fixture(scope="module")
def rescaled(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, str, float, bool]]:
    """Day, benchmark, series, score and whether it is current, of one model on the days around a rescaling."""
    folder = DataFolder(root=str(tmp_path_factory.mktemp("rescaled")))
    take(folder, "artificial_analysis", [TABLE])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(LOCAL_USE, "1")
        build_scores(folder, source)
    with folder.warehouse.read() as connection:
        return connection.execute(
            "select published_on::varchar, benchmark, series_id, score, is_current from core.score "
            "where model_name = 'Sirocco Max' order by all"
        ).fetchall()


def test_an_index_rescaled_in_mid_history_is_two_series_and_a_benchmark_one(
    rescaled: list[tuple[str, str, str, float, bool]],
) -> None:
    before, after = (
        {benchmark: (series, score, current) for found, benchmark, series, score, current in rescaled if found == day}
        for day in ("2026-01-05", "2026-01-06")
    )
    assert before["aa_intelligence_index"][1:] == (55.25, False)
    assert after["aa_intelligence_index"] == ("aa_intelligence_index:v4.0", 31.5, True)
    assert before["aa_intelligence_index"][0] != after["aa_intelligence_index"][0]
    assert before["gpqa_diamond"] == ("gpqa_diamond", 0.764, False)
    assert after["gpqa_diamond"] == ("gpqa_diamond", 0.764, True)
    assert before["livecodebench"][0] == after["livecodebench"][0] == "livecodebench:AA"


def test_a_day_before_the_first_rescaling_is_of_the_version_before(
    rescaled: list[tuple[str, str, str, float, bool]],
) -> None:
    assert rescaled[0][:3] == ("2026-01-05", "aa_intelligence_index", "aa_intelligence_index:v3")


def test_what_may_not_be_passed_on_stays_in_the_warehouse(folder: DataFolder) -> None:
    take(folder, "artificial_analysis", [TABLE])
    build_scores(folder, source)
    publish(folder.warehouse, folder.path)
    with folder.warehouse.read() as connection:
        counted = "(select count(*) from {} where source = 'artificial_analysis')"
        held = connection.execute(
            f"select {counted.format('staging.score')}, {counted.format('core.score')}"
        ).fetchone()
        assert held is not None and held[0] > 0 == held[1]
    with open_published(folder.path) as connection:
        assert connection.execute("select count(*) from staging.score").fetchone() == (0,)
        assert connection.execute("select count(*) > 0 from staging.document").fetchone() == (True,)


def test_without_a_key_it_is_off_and_never_due(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    now = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    assert source not in due_sources(folder.archive, now) and len(source_definitions(source).assets or ()) == 1
    assert source.off({}) == "off, as ARTIFICIAL_ANALYSIS_API_KEY is not set"
    monkeypatch.setenv(KEY_VARIABLE, "a-key")
    assert source in due_sources(folder.archive, now) and len(source_definitions(source).assets or ()) == 2


def test_a_page_payload_and_a_mirror_date_themselves() -> None:
    assert source.moments_of("", b'{"meta": {"fetched_at": "2026-04-14T06:58:27+00:00"}, "models": []}') == (
        dt.datetime(2026, 4, 14, 6, 58, 27, tzinfo=dt.UTC),
    )
    assert source.moments_of("", b'{"fullData": {}, "updated": "2026-06-10"}') == (
        dt.datetime(2026, 6, 10, tzinfo=dt.UTC),
    )
    assert source.moments_of("", b'{"data": []}') == ()
    with pytest.raises(BadDocument, match="'yesterday'"):
        source.moments_of("", b'{"fullData": {}, "updated": "yesterday"}')
