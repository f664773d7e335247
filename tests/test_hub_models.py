"""The Hub source's parser on hostile and on real bodies, its watch list and its starter captures."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources.hub_models import source
from pipelines.defs.sources.hub_models.crawl import read_watch_list
from pipelines.lib.archive import StarterArchive
from pipelines.lib.source import BadDocument, Document, Reject, Row
from warehouse import WAREHOUSE_DIR

REAL_HUB = Path(__file__).resolve().parents[2] / "shared" / "data" / "hub"
FIRST_PAGE = "author/acme/page-1"


def document(label: str, body: bytes | str | list[Any] | dict[str, Any]) -> Document:
    """A document as the archive would give it."""
    data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Document(label, "https://huggingface.co/api/models", data, datetime(2026, 11, 20, tzinfo=UTC))


def parse(label: str, body: Any) -> list[Any]:
    """Everything the parser yields."""
    return list(source.parse(document(label, body)))


def model(**attributes: Any) -> dict[str, Any]:
    """The one row a list of one model gives."""
    (row,) = parse(FIRST_PAGE, [{"_id": "1", "id": "acme/m", **attributes}])
    assert isinstance(row, Row), row
    return dict(row.values)


# ---- the watch list


def test_the_watch_list_is_whole_and_within_the_families() -> None:
    watched = read_watch_list(WAREHOUSE_DIR / "seeds" / "hub_watch.csv")
    assert len(set(watched)) == len(watched)
    assert sum(item.kind == "author" for item in watched) == 13
    names = {item.value.partition("?")[0] for item in watched if item.kind == "author"}
    assert {item.value.partition("/")[0] for item in watched if item.kind == "repository"} == names


def test_an_unknown_kind_in_the_watch_list_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("kind,value,family_id,source\nspace,acme/x,,me\n")
    with pytest.raises(ValueError, match="'space'"):
        read_watch_list(tmp_path / "w.csv")


# ---- parse


@pytest.mark.parametrize(
    ("label", "body", "says"),
    [
        (FIRST_PAGE, "<!doctype html><title>Hub</title>", "begins '<!doctype html>"),
        (FIRST_PAGE, '[{"_id":"1","id":"acme/m","li', "not JSON"),
        (FIRST_PAGE, '[{"id":"acme/m","likes":NaN}]', "NaN is not a JSON number"),
        (FIRST_PAGE, '[{"id":"acme/\xe9"}]'.encode("latin-1"), "not JSON"),
        (FIRST_PAGE, "[" * 100_000, "not JSON"),
        (FIRST_PAGE, {"error": "Internal error"}, 'not {"error": "Internal error"}'),
        (FIRST_PAGE, [], "is empty"),
        ("repository/acme/m", [{"id": "acme/m"}], "one model with an id was due"),
        ("repository/acme/m", {"error": "gone"}, '{"error": "gone"}'),
        ("models/page-1", [], "is empty"),
        ("models/page-00001", [], "is empty"),
        ("models/page-00010", {"error": "Internal error"}, "a list of models was due"),
        ("main", [{"id": "acme/m"}], "begins with author/, models/, repository/ or dump/"),
        ("dump/nosuch", b"PAR1", "dump/nosuch: not a Parquet file"),
        ("dump/tree", b"{", "dump/tree: not JSON"),
    ],
)
def test_an_unusable_body_is_a_bad_document_that_quotes_it(label: str, body: Any, says: str) -> None:
    with pytest.raises(BadDocument, match=re.escape(says)):
        parse(label, body)


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ("acme/m", "not an object"),
        ({"_id": "1"}, "no id"),
        ({"id": 7}, "id is not a text: 7"),
        ({"id": "acme/m", "likes": "many"}, 'likes is not a whole number: "many"'),
        ({"id": "acme/m", "likes": True}, "likes is not a whole number"),
        ({"id": "acme/m", "downloads": 1.5}, "downloads is not a whole number: 1.5"),
        ({"id": "acme/m", "tags": "license:mit"}, "tags is not a list"),
        ({"id": "acme/m", "gated": "yes"}, "gated is 'yes'"),
        ({"id": "acme/m", "gated": 0}, "gated is 0"),
        ({"id": "acme/m", "private": True}, "private"),
        ({"id": "acme/m", "safetensors": [1]}, "safetensors is not an object"),
        ({"id": "acme/m", "baseModels": ["a/b"]}, "baseModels is not an object"),
        ({"id": "acme/m", "baseModels": {"relation": "merge", "models": None}}, "no list of models"),
        ({"id": "acme/m", "baseModels": {"relation": 1, "models": [{"id": "a/b"}]}}, "relation is not a text: 1"),
        ({"id": "acme/m", "disabled": "no"}, 'disabled is not true or false: "no"'),
        ({"id": "acme/\ud800"}, "half of a surrogate pair"),
        ({"id": "acme/m", "tags": ["\udfff"]}, "half of a surrogate pair"),
    ],
)
def test_an_unreadable_model_is_rejected_and_the_next_one_read(item: Any, says: str) -> None:
    reject, row = parse(FIRST_PAGE, [item, {"_id": "2", "id": "acme/next"}])
    assert isinstance(reject, Reject)
    assert says in reject.reason
    assert reject.table == "hub_model"
    reject.text.encode()
    assert row.values["repo_id"] == "acme/next"


def test_null_is_not_zero_and_bad_numbers_are_left_to_the_contract() -> None:
    row = model(downloads=None, likes=0, trendingScore=0.5, downloadsAllTime=-1)
    assert row["downloads_30d"] is None
    assert (row["likes"], row["trending_score"], row["downloads_all_time"]) == (0, 0.5, -1)
    unknown = ("tags", "gated", "licence", "parameters_total", "base_models", "card_models", "is_disabled")
    assert all(model()[key] is None for key in unknown)
    assert parse(FIRST_PAGE, [{"id": "gpt2"}])[0].values["author"] is None


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"baseModels": {"relation": "adapter", "models": [{"id": "a/b"}]}, "tags": ["x"]}, ("adapter", ["a/b"])),
        ({"baseModels": {"relation": "merge", "models": [{"id": "c/d"}, {"id": "a/b"}]}}, ("merge", ["c/d", "a/b"])),
        ({"baseModels": {"relation": "merge", "models": [{"id": "a/b"}, {"id": "a/b"}]}}, ("merge", ["a/b"])),
        ({"baseModels": {"relation": "finetune", "models": [{"id": "acme/m"}]}}, ("finetune", ["acme/m"])),
        ({"baseModels": {"models": [{"id": "a/b"}]}}, ("unknown", ["a/b"])),
        ({"baseModels": {"relation": "merge", "models": []}}, (None, None)),
        ({"tags": ["base_model:a/b", "base_model:finetune:a/b", "base_model:distilled:a/b"]}, (None, None)),
        ({"tags": ["license:mit"], "baseModels": None}, (None, None)),
    ],
)  # fmt: skip
def test_parents_are_those_the_hub_resolved_as_it_gives_them(attributes: dict[str, Any], expected: Any) -> None:
    row = model(**attributes)
    assert (row["base_relation"], row["base_models"]) == expected


WHOLE = {
    "createdAt": "2026-01-01T00:00:00.000Z", "lastModified": "2026-01-01T00:00:00.000Z", "tags": [], "downloads": 0,
    "downloadsAllTime": 0, "likes": 0, "gated": False,
}  # fmt: skip


def test_a_row_is_whole_when_it_tells_all_that_the_hub_never_leaves_out() -> None:
    assert model(**WHOLE)["is_whole"] is True
    assert model(**(WHOLE | {"likes": None, "baseModels": None, "pipeline_tag": "x"}))["is_whole"] is True
    for key in WHOLE:
        assert model(**{name: value for name, value in WHOLE.items() if name != key})["is_whole"] is False, key


@pytest.mark.parametrize(
    ("card", "named"),
    [
        ("absent", None),
        (None, None),
        ({}, []),
        ({"base_model": "a/b"}, ["a/b"]),
        ({"base_model": ["a/b", None, 7, "", "c/d", "a/b", ["e/f"]]}, ["a/b", "c/d"]),
        ({"base_model": {"name": "a/b"}}, []),
        ({"base_model": "a/\ud800"}, []),
        ('{"base_model": ["./local path"]}', ["./local path"]),
        ("base_model: a/b", None),
        ("[" * 100_000, None),
        ('["a/b"]', None),
        (7, None),
    ],
)
def test_what_the_card_names_is_kept_as_text_and_never_costs_the_row(card: Any, named: list[str] | None) -> None:
    row = model(**({} if card == "absent" else {"cardData": card}))
    assert row["card_models"] == named


def test_times_of_other_zones_are_moved_to_utc() -> None:
    row = model(createdAt="2026-01-01T01:30:00+02:00", lastModified="2026-01-01T01:30:00.000Z")
    assert row["created_at"] == "2025-12-31T23:30:00" and row["modified_at"] == "2026-01-01T01:30:00.000Z"
    assert model(createdAt="yesterday")["created_at"] == "yesterday", "left to the contract, which quotes it"


def test_pages_of_the_full_crawl_are_read_like_any_list_and_the_last_may_be_empty() -> None:
    body = [{"id": "acme/m", "tags": [f"tag-{number}" for number in range(10_000)]}, {"id": "acme/M"}]
    rows = parse("models/page-00001", body)
    assert [row.values["repo_id"] for row in rows] == ["acme/m", "acme/M"]
    assert len(rows[0].values["tags"]) == 10_000
    assert rows == parse(FIRST_PAGE, body)
    assert parse("models/page-00002", []) == parse("models/page-10", []) == []


@pytest.mark.parametrize(
    ("attributes", "licence"),
    [
        ({"tags": ["license:mit", "license:other"]}, "mit, other"),
        ({"tags": ["x"], "cardData": {"license": ["gemma"]}}, "gemma"),
        ({"cardData": {"license": "llama3"}}, "llama3"),
        ({"cardData": '{"license": "mit"}'}, "mit"),
        ({"cardData": "license: mit"}, None),
    ],
)
def test_the_licence_is_the_tag_else_the_card(attributes: dict[str, Any], licence: str | None) -> None:
    assert model(**attributes)["licence"] == licence


def test_a_detail_gives_one_row_per_relation_and_no_model_row() -> None:
    counts = {"adapter": 134, "merge": 0, "quantized": 27, "finetune": 6837}
    rows = parse("repository/acme/m", {"_id": "1", "id": "acme/new", "downloads": 5, "childrenModelCount": counts})
    assert {row.table for row in rows} == {"hub_children"}
    assert {row.values["relation"]: row.values["children_count"] for row in rows} == counts
    assert {row.values["repo_id"] for row in rows} == {"acme/new"}


@pytest.mark.parametrize(
    ("counts", "says"),
    [(None, "absent"), ({}, "not counts by relation: {}"), (7, "not counts by relation: 7"), ({"merge": "7"}, '"7"')],
)
def test_missing_counts_are_rejected_and_never_read_as_zero(counts: Any, says: str) -> None:
    (reject,) = parse("repository/acme/m", {"id": "acme/m", "childrenModelCount": counts})
    assert isinstance(reject, Reject)
    assert says in reject.reason
    assert reject.table == "hub_children"


def test_a_loose_file_is_named_by_its_body() -> None:
    assert source.label_of("x.json", b'[{"id":"acme/m"}]') == "author/file"
    assert source.label_of("x.json", b'{"id":"acme/m"}') == "repository/acme/m"
    assert source.label_of("x.html", b"<html>") == source.label_of("x.json", b'{"error":1}') == "author/file"


def test_the_starter_captures_are_read_without_a_reject() -> None:
    families, models, children = set(), 0, 0
    for capture, documents in StarterArchive(WAREHOUSE_DIR / "starter").captures("hub_models"):
        assert capture.origin_note
        for item in documents:
            rows = list(source.parse(item))
            assert rows and all(isinstance(row, Row) for row in rows)
            models += sum(row.table == "hub_model" for row in rows if isinstance(row, Row))
            children += sum(row.table == "hub_children" for row in rows if isinstance(row, Row))
            families.add(item.label.split("/")[1])
    assert models >= 80 and children >= 8
    watched = read_watch_list(WAREHOUSE_DIR / "seeds" / "hub_watch.csv")
    assert {item.value.partition("?")[0] for item in watched if item.kind == "author"} <= families


# ---- real bodies, read in place

real_data = pytest.mark.skipif(not REAL_HUB.is_dir(), reason="the folder of real data is absent")


@real_data
@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "label", "rows"),
    [
        ("api_models_limit3", "author/file", 3),
        ("api_models_limit3_filter_base_model_finetune", "author/file", 3),
        ("api_models_limit3_sort_downloads_expand_all", "author/file", 3),
        ("api_models_bert_base_uncased_expand_all", "repository/google-bert/bert-base-uncased", 4),
    ],
)
def test_real_bodies_are_read_whole(name: str, label: str, rows: int) -> None:
    body = (REAL_HUB / "wire" / f"{name}.body.json").read_bytes()
    assert source.label_of(f"{name}.json", body) == label
    parsed = parse(label, body)
    assert len(parsed) == rows and all(isinstance(row, Row) for row in parsed)


@real_data
@pytest.mark.real_data
def test_the_real_refusal_is_a_bad_document() -> None:
    body = (REAL_HUB / "wire" / "api_models_missing_repo_401.body.json").read_bytes()
    with pytest.raises(BadDocument, match="Invalid username or password"):
        parse("repository/acme/m", body)
