"""`modelmarket price` and `modelmarket changes`: what a user types, on a small published price book."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.lib.folder import DataFolder
from pipelines.lib.publish import published_path
from tests.small_sources import build_all, small_source, store


def run(*words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command in this process."""
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.stdout, result.stderr


def lines(*words: str) -> list[dict[str, Any]]:
    """The JSON lines a command prints."""
    code, out, err = run(*words, "--json")
    assert code == 0, err
    return [json.loads(line) for line in out.splitlines()]


def tier(amount: str, start: int, end: int | None) -> dict[str, Any]:
    return {"amount": amount, "context_from_tokens": start, "context_to_tokens": end}


def yuan(amount: str) -> dict[str, Any]:
    return {"amount": amount, "currency": "CNY", "market": "cn"}


PEAK = {
    "amount": "4",
    "window_name": "peak",
    "window_hours": "09:00-12:00",
    "window_days": "Mon-Sun",
    "window_zone": "Asia/Shanghai",
}


@pytest.fixture
def book(folder: DataFolder) -> DataFolder:
    """Three models: one in tiers, one in yuan, one by the hour; the first is cut after a week."""
    first = {
        "big": {"input": [tier("2", 0, 200_001), tier("4", 200_001, None)], "output": "12", "cache_read": "0.2"},
        "small": {"input": yuan("0.8"), "output": yuan("4.8")},
        "hourly": {"input": [PEAK, {"amount": "2", "window_name": "off_peak"}], "output": "8"},
    }
    second = first | {"big": first["big"] | {"output": "9"}}
    store(folder.archive, "2026-05-01", first)
    store(folder.archive, "2026-05-08", second)
    build_all(folder, small_source(), only="price")
    return folder


def test_a_price_is_that_of_its_tier_and_day(book: DataFolder) -> None:
    found = [
        (line["input_per_mtok"], line["output_per_mtok"], line["blended_per_mtok"])
        for at, context in (("2026-05-02", "200k"), ("2026-05-02", "201k"), ("2026-05-09", "0"))
        for line in lines("price", "big", "--at", at, "--context", context)
    ]
    assert found == [(2, 12, 4.5), (4, 12, 6), (2, 9, 3.75)]


def test_a_workload_is_charged_whole_at_the_tier_of_its_prompt(folder: DataFolder) -> None:
    prices = {
        "input": [tier("2", 0, 200_001), tier("4", 200_001, None)],
        "output": [tier("12", 0, 200_001), tier("18", 200_001, None)],
        "cache_read": [tier("0.2", 0, 200_001), tier("0.4", 200_001, None)],
    }
    store(folder.archive, "2026-05-01", {"big": prices})
    build_all(folder, small_source(), only="price")
    short = lines("price", "big", "--at", "2026-05-02", "--input", "100k", "--output", "1k", "--requests", "10")
    assert [line["workload_cost"] for line in short] == [pytest.approx(10 * (0.1 * 2 + 0.001 * 12))]
    long = lines("price", "big", "--at", "2026-05-02", "--input", "100k", "--cached", "150k", "--output", "1k")
    assert [line["workload_cost"] for line in long] == [pytest.approx(0.1 * 4 + 0.15 * 0.4 + 0.001 * 18)]


def test_a_cost_that_needs_an_unstated_price_is_unknown(book: DataFolder) -> None:
    found = lines("price", "small", "--at", "2026-05-02", "--input", "1k", "--cached", "1k")
    assert [line["workload_cost"] for line in found] == [None]


def test_a_day_alone_shows_every_time_window(book: DataFolder) -> None:
    named = {line["window_name"] for line in lines("price", "hourly", "--at", "2026-05-02")}
    assert named == {"peak", "off_peak"}
    at_ten = [
        line["window_name"]
        for moment in ("2026-05-02T10:00+08:00", "2026-05-02T02:00Z", "2026-05-01T22:00-04:00")
        for line in lines("price", "hourly", "--at", moment)
    ]
    assert at_ten == ["peak"] * 3


def test_two_currencies_compare_at_a_stated_rate(book: DataFolder) -> None:
    (pair,) = lines("price", "small", "--at", "2026-05-02", "--against", "big", "--rate", "CNY=7.2")
    assert pair["input_ratio"] == pytest.approx(18.0)
    without = lines("price", "small", "--at", "2026-05-02", "--against", "big")
    assert {line["input_ratio"] for line in without} == {None}, "no rate of the day is known, so none is made up"


def test_the_table_says_who_says_so(book: DataFolder) -> None:
    code, out, _ = run("price", "small", "--at", "2026-05-02", "--rate", "CNY=8")
    assert code == 0
    for words in ("acme small", "cn", "CNY 0.8", "CNY 4.8", "CNY 1.8", "USD 0.225", "official acme_prices", "as given"):
        assert words in out, words


def test_an_unknown_name_is_answered_with_names_like_it(book: DataFolder) -> None:
    code, out, err = run("price", "smal")
    assert (code, out) == (1, "")
    assert "no price of 'smal' is known" in err and "names like it: small" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("price", "big", "--mix", "half"), "no mix is called 'half'; there are cached_20_1, coding_20_1"),
        (("price", "big", "--at", "soon"), "'soon' is not a time"),
        (("price", "big", "--context", "lots"), "not a count of tokens: 'lots'"),
        (("price", "big", "--rate", "CNY"), "'CNY' is not a rate such as CNY=7.2"),
        (("changes", "--since", "May"), "'May' is not a time"),
    ],
)
def test_wrong_usage_is_named(book: DataFolder, words: tuple[str, ...], message: str) -> None:
    code, _, err = run(*words)
    assert code == 2
    assert message in " ".join(err.split())


def test_changes_since_a_day(book: DataFolder) -> None:
    (change,) = lines("changes", "--since", "2026-05-02")
    assert (change["change"], change["amount_before"], change["amount_after"], change["ratio"]) == ("cut", 12, 9, 0.75)
    assert change["capture_id"].startswith("acme_prices-20260508")
    assert lines("changes", "--since", "2026-05-09") == []
    assert lines("changes", "--since", "2026-05-02", "--model", "small") == []
    code, out, _ = run("changes", "--since", "2026-05-02")
    assert code == 0 and "cut" in out and "1 changes since 2026-05-02" in out


def test_tables_of_another_version_are_named(book: DataFolder) -> None:
    with duckdb.connect(str(published_path(book.path))) as connection:
        connection.execute("drop table seeds.token_mix cascade")
    code, _, err = run("price", "big")
    assert code == 1 and "built by another version" in " ".join(err.split())


def test_without_tables_the_next_step_is_named(folder: DataFolder) -> None:
    code, _, err = run("price", "big")
    assert code == 1 and "run `modelmarket run` first" in " ".join(err.split())
