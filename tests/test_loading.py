"""From bodies to staging rows: what is good is loaded, what is bad is kept with its reason, order does not matter."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.lib import loading
from pipelines.lib.archive import Archive, StarterArchive
from pipelines.lib.documents import LoadResult
from pipelines.lib.folder import DataFolder
from pipelines.lib.source import Document, Row, Source
from tests.small_sources import price, small_source, store


def load(folder: DataFolder, source: Source, starter: Path | None = None) -> LoadResult:
    with folder.warehouse.write() as connection:
        return loading.load(connection, source, folder.archive, StarterArchive(starter or folder.path / "none"))


def ask(folder: DataFolder, query: str) -> list[Any]:
    with folder.warehouse.read() as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        ("-1", "amount -1 is not >= 0"),
        ("Free", "amount Free is not DECIMAL(24, 12)"),
        ("—", "amount — is not DECIMAL(24, 12)"),
        ("NaN", "amount NaN is not DECIMAL(24, 12)"),
        (float("nan"), "amount nan is not DECIMAL(24, 12)"),
        (float("inf"), "amount inf is not DECIMAL(24, 12)"),
        ("1e30", "amount 1e30 is not DECIMAL(24, 12)"),
        ({"amount": [1]}, "amount [1] is not DECIMAL(24, 12)"),
    ],
)
def test_an_impossible_price_is_rejected_with_its_reason(folder: DataFolder, amount: Any, reason: str) -> None:
    store(folder.archive, "2026-05-01", json.dumps({"bad": {"input": amount}, "good": {"input": "1.5"}}).encode())
    result = load(folder, small_source())
    assert (result.rows["price"], result.rejected) == (1, 1)
    ((text, raw),) = ask(folder, "select reason, raw from staging.rejected")
    assert text.split(";")[0] == reason and '"bad"' in raw


def test_null_is_unknown_and_zero_is_free(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {"unknown": {"input": None}, "free": {"input": "0"}})
    load(folder, small_source())
    assert ask(folder, "select listing, amount from staging.price order by listing") == [("free", 0), ("unknown", None)]


def test_unknown_words_missing_values_and_doubled_keys_are_rejected(folder: DataFolder) -> None:
    def parse(_document: Document) -> Any:
        yield Row("price", price("a", "input", "1"))
        yield Row("price", price("a", "input", "2"))
        yield Row("price", price("b", "smell", "1"))
        yield Row("price", price("c", "input", "1") | {"currency": "POINTS"})
        yield Row("price", price("d", "input", "1") | {"provider": None})

    store(folder.archive, "2026-05-01", b"{}")
    result = load(folder, Source(**(vars(small_source()) | {"parse": parse})))
    assert result.rows["price"] == 1
    reasons = [row[0] for row in ask(folder, "select reason from staging.rejected order by number")]
    assert reasons[0].startswith("same key as an earlier row: provider, listing")
    assert reasons[1:] == [
        "component smell is not a known value",
        "currency POINTS is not a known value",
        "provider is missing",
    ]


def test_a_date_in_the_future_of_its_capture_is_rejected(folder: DataFolder) -> None:
    def parse(_document: Document) -> Any:
        for day in ("2026-05-01", "2026-05-20"):
            yield Row("fx_rate", {"rate_on": day, "base_currency": "EUR", "currency": "USD", "rate": "1.1"})

    store(folder.archive, "2026-05-01", b"{}")
    source = Source(**(vars(small_source()) | {"parse": parse, "tables": ("fx_rate",)}))
    assert load(folder, source).rows["fx_rate"] == 1
    ((reason,),) = ask(folder, "select reason from staging.rejected")
    assert reason == "rate_on 2026-05-20 lies in the future of its capture"


def test_text_that_is_no_text_does_not_stop_a_load(folder: DataFolder) -> None:
    body = b'{"a\\ud800b": {"input": "1"}, "nul\\u0000": {"input": "2"}, "ok": {"input": "3"}}'
    store(folder.archive, "2026-05-01", body)
    result = load(folder, small_source())
    assert result.rows["price"] + result.rejected == 3
    assert ask(folder, "select count(*) from staging.price where listing = 'ok'") == [(1,)]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"a": {"input": "1"', "not JSON"),
        (b"<html><title>Just a moment...</title>", "challenge page"),
        (b"\xff\xfe\x00garbage", "not JSON"),
        (b"{}", "no rows could be read"),
        (b"", "fewer than"),
    ],
)
def test_an_unusable_body_keeps_the_good_one_before_it(folder: DataFolder, body: bytes, problem: str) -> None:
    store(folder.archive, "2026-05-01", {"m": {"input": "1"}})
    load(folder, small_source())
    store(folder.archive, "2026-05-02", body)
    result = load(folder, small_source())
    assert len(result.bad) == 1 and problem in result.bad[0]
    assert ask(folder, "select observed_at::date::varchar from staging.price") == [("2026-05-01",)]
    assert ask(folder, "select state from staging.document order by observed_at") == [("good",), ("bad",)]


def test_a_body_without_its_anchor_is_refused(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {"m": {"input": "1"}})
    (problem,) = load(folder, small_source(anchor={"*": "acme-large"})).bad
    assert "does not mention 'acme-large'" in problem


def test_loading_again_loads_nothing(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {"m": {"input": "1"}})
    assert load(folder, small_source()).loaded == 1
    again = load(folder, small_source())
    assert (again.loaded, again.removed) == (0, 0)


BODIES = {"2026-05-01": {"m": {"input": "1"}}, "2026-05-02": {"m": {"input": "2"}}, "2026-05-03": {"n": {"input": "2"}}}


@pytest.mark.parametrize("order", list(itertools.permutations(BODIES)), ids="-".join)
def test_the_order_of_captures_does_not_matter(tmp_path: Path, order: tuple[str, ...]) -> None:
    tables = []
    for name, days in (("in_order", sorted(order)), ("shuffled", order)):
        folder = DataFolder(root=str(tmp_path / name))
        for day in days:
            store(folder.archive, day, BODIES[day])
            load(folder, small_source())
        versions = ask(folder, "select * from meta.table_build order by all")
        tables.append((ask(folder, "select * from staging.price order by all"), versions))
    assert tables[0] == tables[1]


def test_starter_captures_stand_in_only_until_a_real_one_comes(folder: DataFolder, tmp_path: Path) -> None:
    place = tmp_path / "starter" / "acme_prices" / "2026-04-01"
    place.mkdir(parents=True)
    (place / "body.json").write_text('{"m": {"input": "9"}}')
    document = {"label": "main", "url": "https://acme.example", "file": "body.json", "media_type": "application/json"}
    (place / "capture.json").write_text(
        json.dumps({"captured_at": "2026-04-01T00:00:00Z", "from": "made for a test", "documents": [document]})
    )
    load(folder, small_source(), tmp_path / "starter")
    assert ask(folder, "select origin, amount::int from staging.price") == [("starter", 9)]
    store(folder.archive, "2026-05-01", {"m": {"input": "1"}})
    result = load(folder, small_source(), tmp_path / "starter")
    assert (result.loaded, result.removed) == (1, 1)
    assert ask(folder, "select origin, amount::int from staging.price") == [("imported", 1)]
    assert ask(folder, "select distinct origin from staging.document") == [("imported",)]


def test_a_changed_parser_reads_all_history_again(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    store(folder.archive, "2026-05-01", {"m": {"input": "1"}})
    load(folder, small_source())
    monkeypatch.setattr(loading, "parser_version", lambda _source: "another version")
    result = load(folder, small_source())
    assert (result.loaded, result.removed) == (1, 1)
    assert ask(folder, "select count(*) from staging.price") == [(1,)]


def test_a_parser_may_only_fill_declared_tables(folder: DataFolder) -> None:
    def parse(_document: Document) -> Any:
        yield Row("score", {})

    store(Archive(folder.path / "raw"), "2026-05-01", b"{}")
    (problem,) = load(folder, Source(**(vars(small_source()) | {"parse": parse}))).bad
    assert "which it does not declare" in problem


def test_a_body_that_breaks_the_parser_does_not_hold_back_the_others(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {"m": {"input": "1"}})
    store(folder.archive, "2026-05-02", b"[" * 100_000 + b"]" * 100_000)
    store(folder.archive, "2026-05-03", b"[]")
    result = load(folder, small_source())
    assert result.rows["price"] == 1
    assert ["the parser fails on this body (" in problem for problem in result.bad] == [True, True]
    assert "RecursionError" in result.bad[0] and "AttributeError" in result.bad[1]
