"""Golden prices: figures that articles and reports state, asked of a warehouse of the real bodies that state them.

Here belongs what a user would ask (`core.price_at`, `core.blended_price_at`, `modelmarket price`) and what must come
out. How bodies are read is tested per source, the rules behind prices in `test_price_rules`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines import price_answer
from pipelines.cli import app
from pipelines.lib.folder import DataFolder
from pipelines.lib.importing import import_files
from pipelines.lib.publish import open_published
from pipelines.lib.registry import find_source
from pipelines.price_answer import Offer, Question
from tests.small_sources import build_all

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real bodies are not beside the project"),
]

PEAK_TABLE = (
    "web/deepseek/2026-09_en_peak_offpeak_table.html"  # a table alone: its file bears no day, nor its footnotes
)
BODIES = {
    "price_pages": (
        "web/alibaba/2026-08-10_bailian_model-pricing_cn.json",
        "web/anthropic/2026-07-24_pricing.md",
        "web/anthropic/2026-08-21_pricing.md",
        "web/google/2026-05-08_gemini_pricing.html",
        "web/groq/2026-08-29_models.md",
        "web/openai/2026-08-21_pricing.html",
    ),
    # Of LiteLLM only the body in which prices of one host are 100,000 times what they should be.
    "litellm": ("prices/litellm/2026-04-03.json",),
    "models_dev": ("prices/models.dev/latest/2026-07-02_api-shape.json",),
    "openrouter_models": ("prices/openrouter-api/2026-05-15_models.json",),
    "fx_rates": ("web/fx/2026-04-13_eurofxref-hist.zip",),
}
HOURS = (
    "<p>(3) Off-peak rates apply outside peak hours. Peak hours are 01:00 - 04:00 and 06:00 - 10:00 UTC, "
    "Monday through Friday, excluding Chinese public holidays.</p>"
)
# DeepSeek's book in yuan of that month is on no disk; its amounts are as two users of its API report them
# (Han-1413141/dsh-cost-meter#157 of 2026-09-19, bowenliang123/dsh-context#78 of 2026-09-18).
IN_YUAN = """
<table><tr><td colspan="3">模型</td><td>deepseek-flash</td></tr>
<tr><td rowspan="6">价格</td><td rowspan="2">百万tokens输入（缓存命中）</td><td>空闲时段</td><td>0.02元</td></tr>
<tr><td>高峰时段</td><td>0.04元</td></tr>
<tr><td rowspan="2">百万tokens输入（缓存未命中）</td><td>空闲时段</td><td>1元</td></tr>
<tr><td>高峰时段</td><td>2元</td></tr>
<tr><td rowspan="2">百万tokens输出</td><td>空闲时段</td><td>4元</td></tr>
<tr><td>高峰时段</td><td>8元</td></tr></table>
<p>高峰时段：北京时间周一至周五 9:00～12:00 和 14:00～18:00。</p>
"""
PRICE = tuple[float, float]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """One published warehouse of all bodies."""
    place = tmp_path_factory.mktemp("golden")
    folder = DataFolder(root=str(place / "data"))

    def take(source: str, path: Path, day: str | None = None, label: str | None = None) -> None:
        at = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None
        where = "real body beside the project"
        import_files(find_source(source), folder.archive, [path], captured_at=at, where_from=where, label=label)

    for source, paths in BODIES.items():
        for path in paths:
            take(source, DATA / path)
    take("price_pages", DATA / PEAK_TABLE, "2026-09-10")
    for name, text in (("deepseek_usd", (DATA / PEAK_TABLE).read_text() + HOURS), ("deepseek_cny", IN_YUAN)):
        (place / f"{name}.html").write_text(f'<meta charset="utf-8">{text}')
        take("price_pages", place / f"{name}.html", "2026-09-12", name)
    build_all(folder, *map(find_source, BODIES), only="price")
    return folder


@pytest.fixture
def connection(book: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published warehouse, which the command line then also asks."""
    monkeypatch.setenv("MODELMARKET_DATA", str(book.path))
    with open_published(book.path) as opened:
        yield opened


def question(model: str, day: str, **more: Any) -> Question:
    return Question(model=model, moment=datetime.fromisoformat(day).astimezone(UTC), **more)


def seen(connection: duckdb.DuckDBPyConnection, asked: Question, **terms: Any) -> set[PRICE]:
    """Input and output price of every offer with these terms."""
    return {
        (float(offer["input_per_mtok"]), float(offer["output_per_mtok"]))
        for offer in price_answer.offers(connection, asked)
        if terms.items() <= offer.items()
    }


def typed(*words: str) -> list[dict[str, Any]]:
    """What `modelmarket price --json` answers."""
    result = CliRunner().invoke(app, ["price", *words, "--json"])
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


ALIBABA_CN = {"source": "price_pages", "provider": "alibaba", "market": "cn"}
ALIBABA_INTL = {"source": "litellm", "provider": "dashscope"}
OFFICIAL = {"source_kind": "official"}
AUGUST = "2026-08-22T04:00Z"


@pytest.mark.parametrize(
    ("model", "context", "terms", "expected"),
    [
        # A prompt of just 128K tokens is in the first tier, K being 1,000.
        ("Qwen3.5-Plus", 0, ALIBABA_CN, (0.8, 4.8)),
        ("Qwen3.5-Plus", 128_000, ALIBABA_CN, (0.8, 4.8)),
        ("Qwen3.5-Plus", 128_001, ALIBABA_CN, (2, 12)),
        ("Qwen3.5-Plus", 256_000, ALIBABA_CN, (2, 12)),
        ("Qwen3.5-Plus", 256_001, ALIBABA_CN, (4, 24)),
        ("Qwen3.5-Plus", 1_000_000, ALIBABA_CN, (4, 24)),
        ("Qwen3.5-Plus", 256_000, ALIBABA_INTL, (0.4, 2.4)),
        ("Qwen3.5-Plus", 256_001, ALIBABA_INTL, (0.5, 3)),
        ("Qwen3-Max", 32_000, ALIBABA_CN | {"listing": "qwen3-max"}, (2.5, 10)),
        ("Qwen3-Max", 32_000, ALIBABA_INTL, (1.2, 6)),
        ("Qwen3-Max", 32_001, ALIBABA_INTL, (2.4, 12)),
        ("Qwen3-Max", 128_000, ALIBABA_INTL, (2.4, 12)),
        ("Qwen3-Max", 128_001, ALIBABA_INTL, (3, 15)),
        ("Gemini 3 Pro", 200_000, OFFICIAL, (2, 12)),
        ("Gemini 3 Pro", 200_001, OFFICIAL, (4, 18)),
        ("GPT-5.2", 0, OFFICIAL, (1.75, 14)),
        ("Claude Opus 4", 0, OFFICIAL, (15, 75)),
    ],
)
def test_a_price_is_that_of_its_book_and_tier(
    connection: duckdb.DuckDBPyConnection, model: str, context: int, terms: Mapping[str, Any], expected: PRICE
) -> None:
    asked = question(model, AUGUST, context_tokens=context)
    assert seen(connection, asked, service_tier="standard", price_kind="list", **terms) == {expected}


def test_the_mainland_book_is_in_yuan_and_nowhere_converted(connection: duckdb.DuckDBPyConnection) -> None:
    """As typed: a prompt of 128k, and one token more."""
    found = [
        (line["currency"], line["input_per_mtok"], line["output_per_mtok"], line["context_to_tokens"])
        for context in ("128k", "128,001")
        for line in typed("qwen3.5-plus", "--at", "2026-08-20", "--region", "cn", "--context", context)
        if line["listing"] == "qwen3.5-plus"
    ]
    assert found == [("CNY", 0.8, 4.8, 128_001), ("CNY", 2, 12, 256_001)]


@pytest.mark.parametrize(
    ("model", "terms", "blended"),
    [
        ("Gemini 3 Pro", OFFICIAL, 4.5),
        ("GPT-5.2", OFFICIAL, 4.8125),
        ("gpt-oss-120b", OFFICIAL | {"provider": "groq"}, 0.2625),
        ("Qwen3.5-397B-A17B", {"source": "models_dev", "provider": "alibaba"}, 1.35),
    ],
)
def test_blended_prices_as_published(
    connection: duckdb.DuckDBPyConnection, model: str, terms: Mapping[str, Any], blended: float
) -> None:
    offers = price_answer.offers(connection, question(model, "2026-09-01T00:00Z"))
    assert {offer["blended_per_mtok"] for offer in offers if terms.items() <= offer.items()} == {blended}


# How many times Qwen3.5-Plus' price Gemini 3 Pro costs: it depends on the book and on the exchange rate.


def ratio(connection: duckdb.DuckDBPyConnection, terms: Mapping[str, Any], yuan: float | None = None) -> float:
    """Input price of Gemini 3 Pro's own page over that of an offer of Qwen3.5-Plus, for short prompts."""

    def offers(model: str, terms: Mapping[str, Any]) -> list[Offer]:
        found = price_answer.offers(connection, question(model, AUGUST))
        return [offer for offer in found if terms.items() <= offer.items()]

    rates = {"CNY": yuan} if yuan else {}
    pairs = price_answer.ratios(offers("Qwen3.5-Plus", terms), offers("Gemini 3 Pro", OFFICIAL), rates)
    (found,) = {of_input for _, _, of_input, _ in pairs}
    assert found is not None
    return round(found, 1)


def models_devs_rate(connection: duckdb.DuckDBPyConnection) -> float:
    """Yuan for a dollar at which models.dev converts Alibaba's mainland book: the median over all it holds of it."""
    query = """
        with stated as (
            select * from marts.price_current
            where component in ('input', 'output') and context_from_tokens = 0 and amount > 0 and price_kind = 'list'
                and service_tier = 'standard'
        )
        select round(median(own.amount_per_mtok / other.amount_per_mtok), 4), count(*)
        from stated as own
        join stated as other using (listing, component)
        where own.document = 'alibaba_cn' and own.market = 'cn' and own.deployment_scope is null
            and other.source = 'models_dev' and other.provider = 'alibaba-cn'
    """
    ((rate, pairs),) = connection.execute(query).fetchall()
    assert pairs > 100
    return float(rate)


def deepseeks_rate(connection: duckdb.DuckDBPyConnection) -> float:
    """Yuan for a dollar by which DeepSeek's own two books differ, the same for all six prices."""
    query = """
        select distinct round(yuan.amount / dollar.amount, 6)
        from marts.price_current as yuan
        join marts.price_current as dollar using (provider, listing, component, window_name)
        where yuan.document = 'deepseek_cny' and dollar.document = 'deepseek_usd'
    """
    ((rate,),) = connection.execute(query).fetchall()
    return float(rate)


def test_the_ratio_of_a_headline_depends_on_book_and_rate(connection: duckdb.DuckDBPyConnection) -> None:
    listing = ALIBABA_CN | {"listing": "qwen3.5-plus"}
    assert ratio(connection, listing, 7.2) == 18.0, "the article's own rate"
    assert round(models_devs_rate(connection), 2) == 6.97
    assert ratio(connection, listing, models_devs_rate(connection)) == 17.4
    assert round(deepseeks_rate(connection), 3) == 6.667
    assert ratio(connection, listing, deepseeks_rate(connection)) == 16.7
    assert ratio(connection, ALIBABA_INTL) == 5.0
    assert ratio(connection, {"source": "openrouter_models"}) == 7.7


def test_the_headline_as_typed(connection: duckdb.DuckDBPyConnection) -> None:
    pairs = typed("qwen3.5-plus", "--at", "2026-08-20", "--against", "gemini-3-pro", "--rate", "CNY=7.2")
    inputs = {
        round(pair["input_ratio"], 1)
        for pair in pairs
        if ALIBABA_CN.items() <= pair["offer"].items() and pair["against"]["source_kind"] == "official"
    }
    assert inputs == {18.0}


# DeepSeek's prices by the hour.


def hourly(connection: duckdb.DuckDBPyConnection, moment: str) -> set[tuple[str, float]]:
    query = """
        select window_name, amount::double from core.price_at('deepseek-v4-pro', $moment, region := 'global')
        where document = 'deepseek_usd' and component = 'input'
    """
    return set(connection.execute(query, {"moment": moment}).fetchall())


@pytest.mark.parametrize(
    ("moment", "window"),
    [
        ("2026-09-15 08:59+08:00", "off_peak"),
        ("2026-09-15 09:00+08:00", "peak"),
        ("2026-09-15 11:59+08:00", "peak"),
        ("2026-09-15 12:00+08:00", "off_peak"),
        ("2026-09-15 13:59+08:00", "off_peak"),
        ("2026-09-15 14:00+08:00", "peak"),
        ("2026-09-15 17:59+08:00", "peak"),
        ("2026-09-15 18:00+08:00", "off_peak"),
        # The same instant in three zones; in New York it is still Monday.
        ("2026-09-15 10:30+08:00", "peak"),
        ("2026-09-15 02:30+00:00", "peak"),
        ("2026-09-14 22:30-04:00", "peak"),
        ("2026-09-19 10:30+08:00", "off_peak"),  # Saturday
        ("2026-09-30 10:30+08:00", "peak"),
        ("2026-10-01 10:30+08:00", "off_peak"),  # Thursday, National Day
    ],
)
def test_deepseek_costs_twice_as_much_in_beijings_office_hours(
    connection: duckdb.DuckDBPyConnection, moment: str, window: str
) -> None:
    assert hourly(connection, moment) == {(window, {"peak": 1.32, "off_peak": 0.66}[window])}


def test_without_stated_hours_no_price_is_picked(connection: duckdb.DuckDBPyConnection) -> None:
    """The saved table names peak and off-peak, its hours stood in a footnote below: both prices may be meant."""
    assert hourly(connection, "2026-09-11 10:30+08:00") == {("peak", 1.32), ("off_peak", 0.66)}


# Announced and taken back; doubted; never without a unit.


def test_the_announced_price_of_sonnet_5_never_came(connection: duckdb.DuckDBPyConnection) -> None:
    asked = question("Claude Sonnet 5", "2026-09-02T00:00Z")
    assert seen(connection, asked, **OFFICIAL, service_tier="standard") == {(2, 10)}
    kept = connection.execute(
        """
        select component, amount_before::int, amount_announced::int, outcome, evidence, outcome_known_at::date::varchar,
            evidence_capture_id in (select capture_id from core.document_sequence where source = 'price_pages')
        from core.price_schedule
        where model_id = 'claude-sonnet-5' and effective_from::date = date '2026-09-01'
            and component in ('input', 'output') and amount_announced in (3, 15)
        order by component
        """
    ).fetchall()
    assert kept == [
        ("input", 2, 3, "cancelled", "own_page", "2026-08-21", True),
        ("output", 10, 15, "cancelled", "own_page", "2026-08-21", True),
    ]
    taken_back = (
        "select count(*) from core.price where listing = 'Claude Sonnet 5' and amount = 3 and known_to is not null"
    )
    assert connection.execute(taken_back).fetchall() == [(1,)]


def test_prices_a_hundred_thousand_times_too_high_are_in_quarantine(connection: duckdb.DuckDBPyConnection) -> None:
    wandb = "source = 'litellm' and provider = 'wandb'"
    stated = f"select listing, component from core.price where {wandb} and amount_per_mtok > 1000"
    doubted = f"select listing, component from marts.price_quarantine where {wandb} and is_doubted"
    rows = connection.execute(f"{stated} order by all").fetchall()
    assert len(rows) == 26
    assert connection.execute(f"{doubted} order by all").fetchall() == rows
    current = connection.execute(f"select listing, max(usd_per_mtok) from marts.price_current where {wandb} group by 1")
    assert current.fetchall() == [("wandb/moonshotai/Kimi-K2-Instruct", 2.5)]


def test_every_current_price_states_its_terms_and_its_capture(connection: duckdb.DuckDBPyConnection) -> None:
    counts = """
        select count(*) > 10000, count_if(unit is null), count_if(currency is null), count_if(capture_id is null),
            count_if(service_tier is null), count_if(capture_id not in (select capture_id from core.document_sequence))
        from marts.price_current
    """
    assert connection.execute(counts).fetchall() == [(True, 0, 0, 0, 0, 0)]


def test_every_seller_is_known(connection: duckdb.DuckDBPyConnection) -> None:
    query = "select distinct source, provider from staging.price anti join seeds.provider using (provider) order by all"
    assert connection.execute(query).fetchall() == []
