"""Dated dumps of Hub models: what is recognised, one capture per moment a body speaks for, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.defs.sources.hub_models import source, tables
from pipelines.lib import loading, parquet
from pipelines.lib.archive import Archive, StarterArchive
from pipelines.lib.folder import DataFolder
from pipelines.lib.importing import ImportRefused, as_document, date_of, import_files, stated_moments
from pipelines.lib.source import BadDocument, Document, Reject, Row
from pipelines.lib.trial import parse_file
from pipelines.lib.warehouse import prepare
from tests.fixture_cases import FIXTURES

CASES = FIXTURES / "hub_models"
REAL_HUB = Path(__file__).resolve().parents[2] / "shared" / "data" / "hub"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def day(number: int) -> datetime:
    """A day of May 2026."""
    return datetime(2026, 5, number, tzinfo=UTC)


def body_of(case: str) -> Path:
    """The body of a fixture."""
    return next((CASES / case).glob("body.*"))


def daily(path: Path, rows: list[tuple[str, str, int]]) -> Path:
    """A table of kind `daily` with (date, id, downloads) rows."""
    selects = [
        f"select '{date}' as \"date\", '{repo_id}' as id, 'acme' as author, {downloads} as downloads, 1 as likes, "
        "null::varchar as \"lastModified\", null::varchar as pipeline_tag, 'False' as gated"
        for date, repo_id, downloads in rows
    ]
    duckdb.execute(f"copy ({' union all '.join(selects)}) to '{path}' (format parquet)")
    return path


def parsed(document: Document) -> list[dict[str, Any]]:
    """Values of its rows; a reject fails."""
    found = list(source.parse(document))
    assert not [item for item in found if isinstance(item, Reject)], found
    return [dict(item.values) for item in found if isinstance(item, Row)]


def every_moment(path: Path) -> Iterator[tuple[datetime, list[dict[str, Any]]]]:
    """The rows of each moment a file speaks for."""
    document = as_document(source, path, NOW)
    for moment in stated_moments(source, document) or (NOW,):
        yield moment, parsed(replace(document, observed_at=moment))


# ---- one capture per moment


def test_a_file_of_many_days_is_stored_once_and_makes_a_capture_of_each_day(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    captures = import_files(source, archive, [body_of("dump_daily")], captured_at=None, where_from="acme")
    assert [capture.captured_at for capture in captures] == [day(1), day(2), day(3)]
    assert len({capture.documents[0].sha256 for capture in captures}) == 1
    assert [path.name.partition(".")[0] for path in tmp_path.glob("blobs/*/*")] == [captures[0].documents[0].sha256]
    documents = [archive.document(capture, capture.documents[0]) for capture in archive.captures(source.name)]
    assert {document.body for document in documents} == {body_of("dump_daily").read_bytes()}
    assert [[row["repo_id"] for row in parsed(document)] for document in documents] == [
        ["acme/embed", "acme/gone"],
        ["acme/embed", "acme/New"],
        ["acme/embed"],
    ]
    assert [parsed(document)[0]["downloads_30d"] for document in documents] == [10, 12, 13]
    again = import_files(source, archive, [body_of("dump_daily")], captured_at=None, where_from="acme")
    assert again == captures == archive.captures(source.name)


def test_the_table_of_a_body_is_read_once_for_all_its_moments(tmp_path: Path) -> None:
    path = daily(tmp_path / "d.parquet", [(f"2024-{month:02}-01", "acme/once", month) for month in range(1, 13)])
    before = tables._read.cache_info().misses
    assert [rows[0]["downloads_30d"] for _, rows in every_moment(path)] == list(range(1, 13))
    assert tables._read.cache_info().misses == before + 1


def test_moments_are_utc_and_to_the_second_as_captures_are(tmp_path: Path) -> None:
    times = ["2026-05-04T04:10:37.776+02:00", "2026-05-04T02:10:37.100Z", "2026-05-05"]
    path = daily(tmp_path / "d.parquet", [(text, f"acme/m{number}", 1) for number, text in enumerate(times)])
    found = {moment: [row["repo_id"] for row in rows] for moment, rows in every_moment(path)}
    assert found == {
        datetime(2026, 5, 4, 2, 10, 37, tzinfo=UTC): ["acme/m0", "acme/m1"],
        day(5): ["acme/m2"],
    }


def test_the_loader_takes_each_day_and_nobody_is_gone_for_not_being_in_a_dump(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    import_files(source, archive, [body_of("dump_daily")], captured_at=None, where_from="acme")
    with duckdb.connect() as connection:
        prepare(connection)
        loading.load(connection, source, archive, StarterArchive(tmp_path / "none"))
        crawls = connection.execute("select observed_at, is_full, listed from staging.hub_crawl order by 1").fetchall()
        counters = connection.execute(
            "select repo_id, day(counter.observed_at), downloads_30d from staging.hub_counter as counter "
            "join staging.hub_repository_key using (repository_key) order by all"
        ).fetchall()
        gone = connection.execute("select * from staging.hub_version where not is_listed").fetchall()
    assert crawls == [(day(number).replace(tzinfo=None), False, rows) for number, rows in ((1, 2), (2, 2), (3, 1))]
    assert counters == [
        ("acme/New", 2, 0),
        ("acme/embed", 1, 10),
        ("acme/embed", 2, 12),
        ("acme/embed", 3, 13),
        ("acme/gone", 1, 5),
    ]
    assert gone == []


# ---- whose date counts


def test_a_time_named_by_the_user_is_refused_where_the_body_states_several(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="itself speaks for 3 moments, 2026-05-01 00:00 to 2026-05-03 00:00"):
        import_files(source, Archive(tmp_path), [body_of("dump_daily")], captured_at=day(2), where_from=None)
    assert not list(tmp_path.rglob("*"))


def test_a_time_named_by_the_user_wins_over_the_one_the_body_states(tmp_path: Path) -> None:
    path = daily(tmp_path / "2026-01-01.parquet", [("2026-05-01", "acme/m", 7)])
    archive = Archive(tmp_path / "raw")
    for named, expected in ((None, day(1)), (day(9), day(9))):
        (capture,) = import_files(source, archive, [path], captured_at=named, where_from=None)
        assert capture.captured_at == expected
        assert parsed(archive.document(capture, capture.documents[0]))[0]["downloads_30d"] == 7


def test_the_time_of_a_crawl_stands_in_the_name_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "Base-7B_finetunes_20250422_220003.json"
    path.write_bytes(body_of("dump_tree").read_bytes())
    (capture,) = import_files(source, Archive(tmp_path / "raw"), [path], captured_at=None, where_from=None)
    assert capture.captured_at == datetime(2025, 4, 22, 22, 0, 3, tzinfo=UTC)
    other = path.rename(tmp_path / "Base-7B_120250422_2200033.json")
    with pytest.raises(ImportRefused, match="states no date"):
        import_files(source, Archive(tmp_path / "raw"), [other], captured_at=None, where_from=None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("models_2026-05-01.json", day(1)),
        ("2026_05_01 (2).json", day(1)),
        ("series_2024-05_2026-05.parquet", None),
        ("2026-05-011.json", None),
        ("2026-13-01.json", None),
    ],
)
def test_a_day_in_a_name_is_a_whole_day(name: str, expected: datetime | None) -> None:
    assert date_of(Path(name)) == expected


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("2026-05-01", "acme/m", 1), ("2999-01-01", "acme/m", 2)], "2999-01-01 00:00, which is in the future"),
        ([("2026-05-01", "acme/m", 1), ("May 2nd", "acme/m", 2)], "date is 'May 2nd', which is not a time"),
        ([("9999-12-31T23:59:59-23:59", "acme/m", 1)], "which is not a time"),
    ],
)
def test_moments_that_are_none_or_in_the_future_are_refused(
    tmp_path: Path, rows: list[tuple[str, str, int]], says: str
) -> None:
    path = daily(tmp_path / "d.parquet", rows)
    with pytest.raises(ImportRefused, match=says):
        import_files(source, Archive(tmp_path / "raw"), [path], captured_at=None, where_from=None)
    assert not (tmp_path / "raw").exists()


# ---- hostile files


def test_a_broken_table_is_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    path = body_of("dump_truncated")
    with pytest.raises(ImportRefused, match="not a Parquet file that can be read"):
        import_files(source, Archive(tmp_path), [path], captured_at=NOW, where_from=None)
    assert not list(tmp_path.rglob("*"))
    trial = parse_file(source, path, NOW)
    assert trial.problem and "not a Parquet file that can be read" in trial.problem and not trial.rows


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="more than the limit of 500 bytes"):
        import_files(
            replace(source, max_bytes=500),
            Archive(tmp_path),
            [body_of("dump_daily")],
            captured_at=None,
            where_from=None,
        )


def test_a_table_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.parquet"
    duckdb.execute(
        "copy (select '2026-05-01' as \"date\", repeat('a', 100000) as id, 'a' as author, 1 as downloads, 1 as likes, "
        "'' as \"lastModified\", '' as pipeline_tag, 'False' as gated from range(1000)) "
        f"to '{path}' (format parquet, compression zstd)"
    )
    assert path.stat().st_size < 1_000_000
    monkeypatch.setattr(parquet, "MAX_TEXT_CHARS", 20_000_000)
    with pytest.raises(BadDocument, match="unpacks to more than the limit of 20000000 characters"):
        list(source.parse(Document("dump/daily", "", path.read_bytes(), day(1))))


def test_what_breaks_the_contract_is_rejected_and_the_rest_is_read(tmp_path: Path) -> None:
    path = daily(
        tmp_path / "d.parquet",
        [("2026-05-01", "acme/good", 7), ("2026-05-01", "acme/negative", -1), ("2026-05-01", "acme/good", 8)],
    )
    trial = parse_file(source, path, None)
    assert [json.loads(row)["repo_id"] for row in trial.rows] == ["acme/good"] and trial.problem is None
    assert ["downloads_30d -1 is not >= 0" in text or "same key" in text for text in trial.rejected] == [True, True]


def test_a_dump_never_counts_as_telling_all_even_where_it_tells_much() -> None:
    item = {
        "id": "acme/m", "created_at": "2026-01-01", "last_modified": "2026-01-01", "tags": [], "downloads": 1,
        "downloads_all_time": 2, "likes": 3, "gated": False,
    }  # fmt: skip
    (row,) = parsed(Document("dump/model_info", "", json.dumps(item).encode(), NOW))
    assert row["downloads_all_time"] == 2 and row["is_whole"] is False


# ---- trying a file without storing it


def test_a_trial_reads_the_newest_moment_or_the_one_that_is_named() -> None:
    path = body_of("dump_daily")

    def downloads(moment: datetime | None) -> list[int]:
        return [json.loads(row)["downloads_30d"] for row in parse_file(source, path, moment).rows]

    assert downloads(None) == [13]
    assert downloads(day(1)) == [10, 5]
    with pytest.raises(ImportRefused, match="3 moments, 2026-05-01 00:00 to 2026-05-03 00:00, and not for 2026-05-09"):
        downloads(day(9))


def test_a_trial_takes_a_day_for_its_newest_moment(tmp_path: Path) -> None:
    times = ["2026-05-04T04:00:00Z", "2026-05-04T20:00:00Z", "2026-05-05T04:00:00Z"]
    path = daily(tmp_path / "d.parquet", [(text, "acme/m", number) for number, text in enumerate(times)])
    (row,) = parse_file(source, path, day(4)).rows
    assert json.loads(row)["downloads_30d"] == 1


@pytest.mark.parametrize(
    ("case", "label", "rows", "rejected"),
    [
        ("dump_daily", "dump/daily", 1, 0),
        ("dump_hub_stats", "dump/hub_stats", 2, 2),
        ("dump_tree", "dump/tree", 5, 2),
        ("dump_tree_csv", "dump/tree", 4, 0),
        ("dump_snapshot", "dump/snapshot", 1, 2),
        ("dump_model_info", "dump/model_info", 2, 2),
        ("dump_unknown", "dump/table", 0, 0),
        ("dump_columns_missing", "dump/hub_stats", 0, 0),
        ("list_lineage", "author/file", 5, 0),
        ("detail_counts", "repository/acme/Base-7B", 4, 0),
    ],
)
def test_a_loose_file_is_recognised_by_its_content(case: str, label: str, rows: int, rejected: int) -> None:
    path = body_of(case)
    assert source.label_of("any name", path.read_bytes()) == label
    trial = parse_file(source, path, None)
    assert (len(trial.rows), len(trial.rejected)) == (rows, rejected)
    assert bool(trial.problem) == (rows == 0)


def test_the_command_line_imports_every_moment_of_a_file(folder: DataFolder) -> None:
    words = ["import", "hub_models", str(body_of("dump_daily")), "--from", "acme", "--no-build"]
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, "3 capture(s) of hub_models" in result.stdout) == (0, True), result.output
    assert len(folder.archive.captures("hub_models")) == 3
    refused = CliRunner().invoke(app, [*words, "--captured-at", "2026-05-01"])
    assert refused.exit_code == 1 and "speaks for 3 moments" in " ".join(refused.stderr.split())


# ---- real dumps, read in place

real_data = pytest.mark.skipif(not REAL_HUB.is_dir(), reason="the folder of real data is absent")
TREES = "hamidahoderinwale-model_metadata_analyses/raw/*"


@real_data
@pytest.mark.real_data
@pytest.mark.parametrize(
    ("pattern", "label", "moments", "rows", "ids"),
    [
        ("do-me*/*.parquet", "dump/daily", 721, 111_873, 276),
        ("0motionguy*/*.parquet", "dump/trending", 31, 23_800, 1_435),
        ("park-onezero*/*.parquet", "dump/trending_cache", 256, 2_560, 208),
        ("AlexsJones*/*.parquet", "dump/llmfit", 30, 18_185, 2_260),
        ("evaleval*/*.parquet", "dump/hub_stats", 1, 4_167, 4_167),
        ("saranscript*/*.parquet", "dump/full_2022", 1, 29_432, 29_432),
        ("namhyeokwoo*/*.json.gz", "dump/snapshot", 1, 529, 529),
        ("gabtos*/*_raw.json.gz", "dump/model_info", 1, 68, 68),
    ],
)
def test_real_dumps_are_read_whole(pattern: str, label: str, moments: int, rows: int, ids: int) -> None:
    (path,) = REAL_HUB.glob(pattern)
    assert as_document(source, path, NOW).label == label
    found = list(every_moment(path))
    read = [row for _, part in found for row in part]
    assert (len(found), len(read), len({row["repo_id"] for row in read})) == (moments, rows, ids)
    assert not any(row["is_whole"] for row in read)


@real_data
@pytest.mark.real_data
def test_a_real_series_of_two_years_makes_a_capture_a_day(tmp_path: Path) -> None:
    (path,) = REAL_HUB.glob("do-me*/*.parquet")
    captures = import_files(source, Archive(tmp_path), [path], captured_at=None, where_from="do-me, MIT")
    assert len(captures) == 721 and len(list(tmp_path.glob("blobs/*/*"))) == 1
    assert (captures[0].captured_at.date().isoformat(), captures[-1].captured_at.date().isoformat()) == (
        "2024-05-08",
        "2026-05-07",
    )


@real_data
@pytest.mark.real_data
def test_the_hub_resolves_parents_as_the_tags_of_real_rows_say() -> None:
    (path,) = REAL_HUB.glob("evaleval*/*.parquet")
    ((_, rows),) = every_moment(path)
    for row in rows:
        tagged = {tag.removeprefix("base_model:") for tag in row["tags"] or [] if tag.startswith("base_model:")}
        assert set(row["base_models"] or []) == {tag for tag in tagged if ":" not in tag}, row["repo_id"]
    assert sum(row["base_models"] is not None for row in rows) == 2_586
    # 67 rows have no card; of the others 2,706 name a parent.
    assert sum(row["card_models"] is None for row in rows) == 67


@real_data
@pytest.mark.real_data
def test_real_trees_give_the_parents_that_the_tags_of_their_nodes_name() -> None:
    ids, told, agreeing = set[str](), 0, 0
    for path in REAL_HUB.glob(TREES):
        assert as_document(source, path, NOW).label == "dump/tree"
        ((_, rows),) = every_moment(path)
        ids |= {row["repo_id"] for row in rows}
        for row in rows:
            for parent in (row["base_models"] or []) if row["tags"] is not None else []:
                told += 1
                agreeing += f"base_model:{row['base_relation']}:{parent}" in row["tags"]
    assert len(ids) == 3_615
    assert (told, agreeing) == (2_435, 2_435)
