"""DeepSeek's and Anthropic's pages: each amount of the real bodies accounted for, and what their layouts may become."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.spiders.anthropic import AnthropicSpider
from scrapers.spiders.deepseek import DeepSeekSpider

AMOUNT = re.compile(r"\$\d[\d.,]*\d|\$\d")
Items = list[Price | Rejected | Skipped]


def anthropic(body: bytes) -> Items:
    return list(AnthropicSpider.read("anthropic", body, {}))


def deepseek(body: bytes, label: str = "deepseek_usd") -> Items:
    return list(DeepSeekSpider.read(label, body, {}))


def prices(items: Items) -> list[Price]:
    return [item for item in items if isinstance(item, Price)]


def rejects(items: Items) -> list[str]:
    return [f"{item.reason}: {item.text}" for item in items if isinstance(item, Rejected)]


@pytest.mark.real_data
@pytest.mark.parametrize(
    # A row that names two models has two prices for each of its amounts, as fast mode in August 2026.
    ("day", "rows", "skipped", "doubled"),
    [("2025-12-11", 74, 7, 0), ("2026-05-01", 93, 15, 0), ("2026-07-24", 118, 24, 0), ("2026-08-21", 109, 24, 2)],
)
def test_every_amount_of_anthropics_real_pages(shared: Path, day: str, rows: int, skipped: int, doubled: int) -> None:
    body = (shared / f"data/web/anthropic/{day}_pricing.md").read_bytes()
    items = anthropic(body)
    left_out = [item for item in items if isinstance(item, Skipped)]
    assert (len(prices(items)), len(left_out), rejects(items)) == (rows, skipped, [])
    elsewhere = sum(len(AMOUNT.findall(item.text)) for item in left_out)
    assert len(AMOUNT.findall(body.decode())) == rows - doubled + elsewhere


@pytest.mark.real_data
def test_standing_on_anthropics_real_page(shared: Path) -> None:
    items = prices(anthropic((shared / "data/web/anthropic/2026-07-24_pricing.md").read_bytes()))
    standing = {item.listing: item.availability for item in items if item.service_tier == "standard"}
    assert {name: word for name, word in standing.items() if word} == {
        "Claude Mythos 5": "limited",
        "Claude Opus 4.1": "deprecated",
        "Claude Opus 4": "retired",
        "Claude Sonnet 4": "retired",
        "Claude Haiku 3.5": "retired",
    }


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "label", "count"),
    [
        ("2026-05-08_en_pricing.html", "deepseek_usd", 9),
        ("2026-08-01_zh-cn_clipping.md", "deepseek_cny", 6),
        ("2026-09_en_peak_offpeak_table.html", "deepseek_usd", 12),
    ],
)
def test_every_amount_of_deepseeks_real_pages(shared: Path, file: str, label: str, count: int) -> None:
    body = (shared / "data/web/deepseek" / file).read_bytes()
    found = deepseek(body, label)
    on_page = re.findall(r"\$[\d.]+\d|\d[\d.]*元", body.decode())
    assert len(found) == len(prices(found)) == count == len(on_page)
    shown = Counter(Decimal(text.strip("$元")) for text in on_page)
    assert Counter(item.amount for item in prices(found)) == shown


def test_a_table_of_another_form_that_prices_models_is_rejected() -> None:
    head = "| Model | Base Input Tokens | 5m Cache Writes | 1h Cache Writes | Cache Hits & Refreshes | Output Tokens |"
    row = "| Claude Opus 5 | $5 / MTok | $6.25 / MTok | $10 / MTok | $0.50 / MTok | $25 / MTok |"
    other = "| Model | Price in dollars |\n| --- | --- |\n| Claude Opus 5 | $7 |"
    tools = "| Tool | Price |\n| --- | --- |\n| Search | $10 |"
    page = "\n".join(
        [head, "| --- | --- | --- | --- | --- | --- |", row, "", other, "", tools, "", "Hours cost $0.05."]
    )
    items = anthropic(page.encode())
    assert len(prices(items)) == 5
    assert rejects(items) == ["a price table with unknown headers: Model | Price in dollars"]
    assert [item.text for item in items if isinstance(item, Skipped)] == ["Search | $10", "Hours cost $0.05."]


def peak_page(note: str, *, zh: bool = False) -> bytes:
    words = ("模型", "价格", "百万tokens输出", "空闲时段", "高峰时段", "2元", "4元")
    if not zh:
        words = ("MODEL", "PRICING", "1M OUTPUT TOKENS", "OFF-PEAK", "PEAK", "$2", "$4")
    head, section, output, low, high, cheap, dear = words
    return (
        f'<table><tr><td colspan="3">{head}</td><td>deepseek-v4-pro</td></tr>'
        f'<tr><td rowspan="2">{section}<sup>(1)</sup></td><td rowspan="2">{output}</td>'
        f"<td>{low}</td><td>{cheap}</td></tr>"
        f"<tr><td>{high}</td><td>{dear}</td></tr></table><p>(1) {note}</p>"
    ).encode()


@pytest.mark.parametrize(
    ("note", "zh", "days", "hours", "zone"),
    [
        pytest.param(
            "Peak time is 09:00 - 12:00 and 14:00 - 18:00 Beijing Time, Monday to Friday; all else is off-peak.",
            False,
            "Mon-Fri",
            "09:00-12:00,14:00-18:00",
            "Asia/Shanghai",
            id="Beijing",
        ),
        pytest.param(
            "Off-peak is half of peak. Peak is 01:00 - 04:00 and 06:00 - 10:00 UTC, Monday through Friday.",
            False,
            "Mon-Fri",
            "01:00-04:00,06:00-10:00",
            "UTC",
            id="UTC",
        ),
        pytest.param(
            "空闲价为高峰价的一半。高峰时段为北京时间周一至周五 9:00 - 12:00、14:00 - 18:00（其余为空闲时段）。",
            True,
            "Mon-Fri",
            "09:00-12:00,14:00-18:00",
            "Asia/Shanghai",
            id="Chinese",
        ),
        pytest.param(
            "北京时间周一至周五（不含中国法定节假日）9:00 - 12:00、14:00 - 18:00 为高峰时段；其余均为空闲时段。",
            True,
            "Mon-Fri except Chinese public holidays",
            "09:00-12:00,14:00-18:00",
            "Asia/Shanghai",
            id="hours first",
        ),
        pytest.param("高峰时段的价格是平时的两倍。", True, None, None, None, id="no hours"),
    ],
)
def test_peak_hours(note: str, zh: bool, days: str | None, hours: str | None, zone: str | None) -> None:
    items = deepseek(peak_page(note, zh=zh), "deepseek_cny" if zh else "deepseek_usd")
    low, high = prices(items)
    assert not rejects(items)
    assert (high.window_name, high.window_days, high.window_hours, high.window_zone) == ("peak", days, hours, zone)
    assert (low.window_name, low.window_days, low.window_hours, low.window_zone) == ("off_peak", None, None, None)


def test_announced_prices_hold_from_their_instant() -> None:
    coming = (
        "<p>(2) From 16:00 (UTC Time) on August 16, 2026:</p><table><tr><td>MODEL</td><td>1M OUTPUT TOKENS</td></tr>"
        "<tr><td>deepseek-v4-pro</td><td>$3</td></tr></table>"
    )
    items = deepseek(peak_page("Peak is 01:00-04:00 UTC.") + coming.encode())
    assert not rejects(items)
    dated = [item for item in prices(items) if item.effective_from]
    assert [(item.amount, item.effective_from) for item in dated] == [
        (Decimal(3), datetime(2026, 8, 16, 16, tzinfo=UTC))
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param((b"1M OUTPUT TOKENS", b"1K OUTPUT TOKENS"), "1K OUTPUT TOKENS", id="unit"),
        pytest.param((b"OFF-PEAK", b"WEEKEND"), "WEEKEND", id="window"),
        pytest.param((b"PRICING", b"COST"), "a priced row outside the price section", id="section"),
        pytest.param((b"$2", b"$2 (new users)"), "new users", id="note"),
        pytest.param((b"MODEL", b"MODELL"), "begin with 'MODEL'", id="other language"),
        pytest.param((b"</tr></table>", b""), "a table is cut off", id="truncated"),
    ],
)
def test_changes_of_deepseeks_page_are_told(change: tuple[bytes, bytes], words: str) -> None:
    body = peak_page("Peak is 01:00-04:00 UTC.").replace(*change)
    try:
        told = rejects(deepseek(body))
    except UnreadablePage as error:
        told = [str(error)]
    assert any(words in text for text in told)
