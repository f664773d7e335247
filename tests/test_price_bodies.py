"""Every real price body gives rows or says why not, and `scrapers/README.md` says what; some golden prices of them.

How amounts are counted is tested on small texts of our own. Each body is read once.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import price_pages
from pipelines.lib.source import BadDocument, Document, Reject, Row
from tests import price_bodies
from tests.fixture_cases import FIXTURES
from tests.price_amounts import is_rejected, listed_amounts, page_amounts
from tests.price_bodies import Reading

WEB = price_bodies.DATA / "web"
# Below this share of amounts in a row, a reject or a skipped piece, a body is not understood.
LEAST_SHARE = 0.95


def real_data(function: Callable[..., None]) -> Callable[..., None]:
    """A test on the real bodies, skipped where they are absent."""
    skip = pytest.mark.skipif(not WEB.is_dir(), reason="the real bodies are not beside the project")
    return pytest.mark.real_data(skip(function))


@pytest.fixture(scope="module")
def readings() -> list[Reading]:
    return price_bodies.readings()


@real_data
def test_the_committed_table_is_what_the_code_gives(readings: list[Reading]) -> None:
    made = price_bodies.text(readings)
    assert price_bodies.README.read_text(encoding="utf-8") == made, "run `python -m tests.price_bodies --write`"


@real_data
def test_every_body_gives_rows_or_a_stated_refusal(readings: list[Reading]) -> None:
    assert len(readings) == len({item.path for item in readings}) > 100
    for item in readings:
        assert (item.rows > 0) != bool(item.refused), item
        assert item.found <= item.accounted <= item.amounts, item


@real_data
def test_nearly_every_amount_is_accounted_for(readings: list[Reading]) -> None:
    read = [item for item in readings if not item.refused]
    assert not [item for item in read if not item.amounts or item.accounted < LEAST_SHARE * item.amounts]
    pages = [item for item in read if item.skipped is not None]
    assert sum(item.accounted for item in pages) > 0.98 * sum(item.amounts for item in pages)


@real_data
def test_every_folder_of_bodies_has_a_word_on_what_is_not_read(readings: list[Reading]) -> None:
    said = {name for names in price_bodies.NOT_READ for name in names.split(", ")}
    whole = {"simonw-llm-prices"}
    for item in readings:
        folder = item.path.split("/")[1].replace("openrouter-api", "openrouter")
        assert folder in said or (folder in whole and item.accounted == item.amounts), item


@real_data
def test_no_refusal_quotes_a_page(readings: list[Reading]) -> None:
    assert not [item.refused for item in readings if item.refused and (len(item.refused) > 60 or "<" in item.refused)]


@pytest.mark.parametrize(
    ("body", "amounts"),
    [
        ("Input $0.50, output US$1,250.5 and ¥ 3 or 4.20元; 2026, 128K, 5%", "0.5 1250.5 3 4.2"),
        ('rows={[["k", "1M tokens", <>{"$"}0.16</>, <>\\$4.00</>, "262,144 tokens"]]}', "0.16 4"),
        ("<html><table><tr><td>$1.74<sup>1</sup></td><td>500</td></tr></table><script>$9</script>", "1.74"),
        ("<table><tr><th>元/百万</th></tr><tr><td>\u200b6.00\u200b</td><td>0-32</td></tr></table>", "6"),
        ("<table><tr><th>tokens</th></tr><tr><td>6.00</td></tr></table>", ""),
        ('<html><astro-island props=\'{"n":[0,3],"rows":[1,[[0,"m"],[0,2.5],[0,"$7 / hour"]]]}\'></html>', "2.5 7"),
        ('{"name": "a 1", "tokenPrice": "20000", "rpm": 5, "costPerImage": 2}', "20000 2"),
        (json.dumps({"content": "<table><tr><td>0.8元</td></tr></table>", "views": 9}), "0.8"),
    ],
)
def test_amounts_of_a_page(body: str, amounts: str) -> None:
    assert {f"{amount:f}" for amount in page_amounts(body)} == set(amounts.split())


@pytest.mark.parametrize(
    ("source", "content", "amounts"),
    [
        (
            "models_dev",
            {"p": {"models": {"m": {"cost": {"input": 1, "tiers": [{"input": 2, "tier": {"size": 9}}]}, "limit": 7}}}},
            "m 1 m 2",
        ),
        (
            "litellm",
            {"m": {"input_cost_per_token": 1e-06, "max_tokens": 9}, "sample_spec": {"a_cost": 5}},
            "m 0.000001",
        ),
        (
            "genai_prices",
            [{"models": [{"id": "m", "prices": {"a": {"base": "1", "tiers": [{"start": 9, "price": 2}]}}}]}],
            "m 1 m 2",
        ),
        ("llm_prices", {"prices": [{"id": "m", "input": 1, "output": None, "from_date": "2026"}]}, "m 1"),
        ("openrouter_models", {"data": [{"id": "m", "pricing": {"prompt": "-1", "discount": 0}}]}, "m -1"),
    ],
)
def test_amounts_of_a_list(source: str, content: Any, amounts: str) -> None:
    found = listed_amounts(source, json.dumps(content).encode())
    assert [word for listing, _, number in found for word in (listing, f"{number:f}")] == amounts.split()


def test_a_reject_explains_its_own_number_only() -> None:
    (one,) = listed_amounts("llm_prices", b'{"prices": [{"id": "m", "input": 2.5}]}')
    assert is_rejected(one, [Reject("p/m: unreadable price of input", '{"input": 2.5}')])
    assert not is_rejected(one, [Reject("p/m: unreadable price of input", '{"input": 3}')])
    assert not is_rejected(one, [Reject("p/other: unreadable price of input", '{"input": 2.5}')])
    assert is_rejected(one, [Reject("no unit for input: 3 listings, first x", "{}")])
    assert not is_rejected(one, [Reject("no unit for output: 3 listings, first x", "{}")])


def test_a_price_that_is_not_read_shows_in_the_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = next(FIXTURES.glob("price_pages/deepseek_usd_peak/*.html")).read_text()
    assert "7.77" not in page and "</body>" in page
    monkeypatch.setattr(price_bodies, "DATA", tmp_path)
    (tmp_path / "web" / "deepseek").mkdir(parents=True)
    counts = []
    for text in (page, page.replace("</body>", "<p>Storage costs $7.77 an hour.</p></body>")):
        (tmp_path / "web" / "deepseek" / "page.html").write_text(text)
        reading = price_bodies.read("web/deepseek/page.html", None)
        counts.append((reading.rows, reading.amounts, reading.found, reading.accounted))
    (rows, amounts, found, accounted), after = counts
    assert rows and found and after == (rows, amounts + 1, found, accounted)


def prices(folder: str, file: str, label: str | None = None) -> list[dict[str, Any]]:
    """All prices of a real body, none rejected."""
    body = (WEB / folder / file).read_bytes()
    named = label or price_pages.label_of(f"{folder}/{file}", body)
    parsed = list(price_pages.parse(Document(named, file, body, dt.datetime(2026, 9, 1, tzinfo=dt.UTC))))
    assert not [item for item in parsed if isinstance(item, Reject)]
    return [dict(item.values) for item in parsed if isinstance(item, Row)]


def amounts(rows: list[dict[str, Any]], listing: str, *components: str, **facts: Any) -> list[list[str]]:
    """The amounts of one listing's components where the other facts hold."""
    chosen = [row for row in rows if row["listing"] == listing and all(row[name] == facts[name] for name in facts)]
    return [[f"{row['amount'].normalize():f}" for row in chosen if row["component"] == name] for name in components]


@real_data
@pytest.mark.parametrize(
    ("file", "count", "models"),
    [
        ("2025-12-11_pricing.md", 74, 10),
        ("2026-05-01_pricing.md", 93, 13),
        ("2026-07-24_pricing.md", 118, 15),
        ("2026-08-21_pricing.md", 109, 15),
    ],
)
def test_real_anthropic_pages(file: str, count: int, models: int) -> None:
    rows = prices("anthropic", file)
    assert (len(rows), len({row["listing"] for row in rows})) == (count, models)
    standard = {"service_tier": "standard"}
    assert amounts(rows, "Claude Opus 4", "input", "output", **standard) == [["15"], ["75"]]
    assert amounts(rows, "Claude Opus 4", "cache_write_5m", "cache_write_1h", "cache_read") == [
        ["18.75"],
        ["30"],
        ["1.5"],
    ]
    assert amounts(rows, "Claude Opus 4", "input", "output", service_tier="batch") == [["7.5"], ["37.5"]]


@real_data
def test_real_anthropic_scheduled_price_was_withdrawn() -> None:
    july = prices("anthropic", "2026-07-24_pricing.md")
    august = prices("anthropic", "2026-08-21_pricing.md", "anthropic")
    first = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    until = {"service_tier": "standard", "effective_to": first}
    after = {"service_tier": "standard", "effective_from": first}
    assert amounts(july, "Claude Sonnet 5", "input", "output", **until) == [["2"], ["10"]]
    assert amounts(july, "Claude Sonnet 5", "input", "output", **after) == [["3"], ["15"]]
    always = {"service_tier": "standard", "effective_from": None, "effective_to": None}
    assert amounts(august, "Claude Sonnet 5", "input", "output", **always) == [["2"], ["10"]]
    assert not [row for row in august if row["effective_from"]]


@real_data
def test_real_anthropic_tables_without_a_model_column() -> None:
    december = prices("anthropic", "2025-12-11_pricing.md", "anthropic")
    beyond = {"context_from_tokens": 200_001}
    assert amounts(december, "Claude Sonnet 4.5", "input", "output", **beyond) == [["6"], ["22.5"]]
    assert amounts(december, "Claude Opus 4.5", "input", "output", **beyond) == [[], []]
    may = prices("anthropic", "2026-05-01_pricing.md", "anthropic")
    fast = [row["listing"] for row in may if row["service_tier"] == "fast"]
    assert fast == ["Claude Opus 4.6"] * 2


@real_data
def test_real_anthropic_marketing_page_is_refused() -> None:
    body = (WEB / "anthropic" / "2026-05-08_claude.com_pricing.html").read_bytes()
    assert price_pages.label_of("anthropic/2026-05-08_claude.com_pricing.html", body) == "anthropic"
    with pytest.raises(BadDocument, match="HTML where Markdown was due"):
        list(price_pages.parse(Document("anthropic", "saved", body, dt.datetime(2026, 9, 1, tzinfo=dt.UTC))))


@real_data
def test_real_deepseek_promotion() -> None:
    rows = prices("deepseek", "2026-05-08_en_pricing.html")
    parts = ("cache_read", "input", "output")
    assert len(rows) == 9
    assert amounts(rows, "deepseek-v4-flash", *parts, price_kind="list") == [["0.0028"], ["0.14"], ["0.28"]]
    assert amounts(rows, "deepseek-v4-pro", *parts, price_kind="promotion") == [["0.003625"], ["0.435"], ["0.87"]]
    assert amounts(rows, "deepseek-v4-pro", *parts, price_kind="list") == [["0.0145"], ["1.74"], ["3.48"]]
    ends = {row["promotion_ends_at"] for row in rows if row["price_kind"] == "promotion"}
    assert ends == {dt.datetime(2026, 5, 31, 15, 59, tzinfo=dt.UTC)}
    assert {row["market"] for row in rows} == {"global"}


@real_data
def test_real_deepseek_yuan_book_ignores_announced_peak_prices() -> None:
    rows = prices("deepseek", "2026-08-01_zh-cn_clipping.md")
    parts = ("cache_read", "input", "output")
    assert amounts(rows, "deepseek-v4-flash", *parts) == [["0.02"], ["1"], ["2"]]
    assert amounts(rows, "deepseek-v4-pro", *parts) == [["0.025"], ["3"], ["6"]]
    assert {(row["currency"], row["market"], row["window_name"]) for row in rows} == {("CNY", "cn", None)}


@real_data
def test_real_deepseek_peak_without_stated_hours() -> None:
    rows = prices("deepseek", "2026-09_en_peak_offpeak_table.html", "deepseek_usd")
    assert amounts(rows, "deepseek-v4-pro", "input", "output", window_name="off_peak") == [["0.66"], ["1.98"]]
    assert amounts(rows, "deepseek-v4-pro", "input", "output", window_name="peak") == [["1.32"], ["3.96"]]
    assert amounts(rows, "deepseek-flash", "cache_read", window_name="peak") == [["0.006"]]
    assert {row["window_hours"] for row in rows} == {None}
