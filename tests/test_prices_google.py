"""Google's prices of its API and its cloud: the real bodies, every amount accounted for, and pages not to be misread.

No body of the API's page is kept as served, only copies of reader services that drop the headings of its tabs. The
spider refuses those; here the headings are put back, so that every real cell is read.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.spiders.google import GoogleSpider
from scrapers.spiders.google_cloud import GoogleCloudSpider

FOLDER = Path("data/web/google")
FIXTURES = Path(__file__).parent / "fixtures" / "price_pages"
PAGE = (FIXTURES / "google_markdown" / "pricing.md").read_text()
CLOUD = (FIXTURES / "google_cloud_tables" / "pricing.html").read_text()
UTF8 = {"content-type": "text/plain; charset=utf-8"}

Items = list[Price | Rejected | Skipped]


def read(body: bytes | str) -> Items:
    return list(GoogleSpider.read("google", body.encode() if isinstance(body, str) else body, UTF8))


def read_cloud(body: bytes | str) -> Items:
    return list(GoogleCloudSpider.read("google_cloud", body.encode() if isinstance(body, str) else body, {}))


def offers(items: Items, listing: str, component: str, **facts: Any) -> list[str]:
    """The amounts of one listing's component where the other facts hold."""
    named = {"listing": listing, "component": component, **facts}
    prices = [item for item in items if isinstance(item, Price)]
    chosen = [price for price in prices if all(getattr(price, name) == fact for name, fact in named.items())]
    return [f"{price.amount.normalize():f}" for price in chosen if price.amount is not None]


def with_tabs(text: str) -> str:
    """A reader's copy with the names of the tabs, which it lists once per model, put before the tables they head."""
    lines: list[str] = []
    tabs: list[str] = []
    for line in text.partition("Markdown Content:")[2].splitlines():
        if line.startswith("## "):
            tabs = []
        elif "#standard)[" in line:
            tabs = re.findall(r"\[(\w+)\]\(", line)
        elif line.startswith("|  | Free Tier") and tabs:
            lines += [f"### {tabs.pop(0)}", ""]
        lines.append(line)
    return "\n".join(lines)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "skipped", "models"),
    [("2026-05-08_gemini_pricing_jina.md", 135, 27), ("2026-07-21_gemini_pricing_jina.md", 138, 28)],
)
def test_every_real_cell_is_read(shared: Path, file: str, skipped: int, models: int) -> None:
    copy = (shared / FOLDER / file).read_text()
    with pytest.raises(UnreadablePage, match="a reader service's copy"):
        read(copy)
    items = read(with_tabs(copy))
    assert Counter(type(item) for item in items) == {Price: 293, Rejected: 2, Skipped: skipped}
    prices = [item for item in items if isinstance(item, Price)]
    assert len({price.listing for price in prices}) == models
    # An image's price behind a star, in a column of prices per million tokens: only the footnote has its unit.
    assert {item.text for item in items if isinstance(item, Rejected)} == {"$0.0006 (image)*"}
    below, above = {"context_to_tokens": 200_001}, {"context_from_tokens": 200_001}
    pro = "Gemini 3.1 Pro Preview"
    for component, low, high in (("input", "2", "4"), ("output", "12", "18"), ("cache_read", "0.2", "0.4")):
        standard = {"service_tier": "standard", "availability": "preview"}
        assert offers(items, pro, component, **standard, **below) == [low]
        assert offers(items, pro, component, **standard, **above) == [high]
    assert offers(items, pro, "output", service_tier="priority", **above) == ["32.4"]
    flash = "Gemini 3 Flash Preview"
    assert [offers(items, flash, part, service_tier="batch") for part in ("input", "input_audio", "output")] == [
        ["0.25"],
        ["0.5"],
        ["1.5"],
    ]
    assert offers(items, flash, "cache_storage_hour", unit="per_mtok_hour", service_tier="standard") == ["1"]
    assert offers(items, flash, "web_search", unit="per_ksearch", service_tier="standard") == ["14"]
    assert offers(items, "Imagen 4 Ultra", "output_image", unit="per_image") == ["0.06"]
    assert offers(items, "Veo 2", "output_video", unit="per_second") == ["0.35"]
    assert accounted(items) == written(copy)


def written(copy: str) -> set[str]:
    """Every different amount in the tables of a page."""
    rows = [line for line in copy.splitlines() if line.startswith("|")]
    return {amount for row in rows for amount in re.findall(r"\$[\d.]*\d", row)}


def accounted(items: Items) -> set[str]:
    """Every different amount in what was read, rejected or skipped."""
    texts = [item.price_text if isinstance(item, Price) else item.text for item in items]
    return {amount for text in texts for amount in re.findall(r"\$[\d.]*\d", text)}


@pytest.mark.real_data
def test_real_model_is_deprecated_before_it_is_retired(shared: Path) -> None:
    for file, standing in (("2026-05-08", "deprecated"), ("2026-07-21", "retired")):
        items = read(with_tabs((shared / FOLDER / f"{file}_gemini_pricing_jina.md").read_text()))
        old = {item.availability for item in items if isinstance(item, Price) and item.listing == "Gemini 2.0 Flash"}
        assert old == {standing}


@pytest.mark.real_data
def test_sample_of_the_markdown_layout_has_prices_before_and_after_a_day(shared: Path) -> None:
    body = (shared / FOLDER / "2026-09-30_pricing_md_layout_SYNTHETIC.md").read_text()
    items = read(body)
    assert Counter(type(item) for item in items) == {Price: 24, Skipped: 7}
    assert accounted(items) == written(body)
    day = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    flash = ("Gemini 3.8 Flash", "input")
    assert offers(items, *flash, service_tier="standard", effective_to=day, effective_from=None) == ["0.75"]
    assert offers(items, *flash, service_tier="standard", effective_to=None, effective_from=day) == ["1.5"]


@pytest.mark.real_data
def test_real_cloud_page(shared: Path) -> None:
    body = (shared / FOLDER / "2026-05-08_gemini_pricing.html").read_bytes()
    started = time.monotonic()
    items = read_cloud(body)
    assert time.monotonic() - started < 3
    assert Counter(type(item) for item in items) == {Price: 281, Skipped: 220}
    below, above = {"context_to_tokens": 200_001}, {"context_from_tokens": 200_001}
    for component, low, high in (("input", "2", "4"), ("output", "12", "18"), ("cache_read", "0.2", "0.4")):
        facts = {"service_tier": "standard", "channel": "cloud", "deployment_scope": None}
        assert offers(items, "Gemini 3 Pro Preview", component, **facts, **below) == [low]
        assert offers(items, "Gemini 3 Pro Preview", component, **facts, **above) == [high]
    lite: dict[str, Any] = {"component": "input", "service_tier": "standard", **below}
    starts = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
    assert offers(items, "Gemini 3.1 Flash-Lite", **lite, deployment_scope="Global", effective_from=None) == ["0.25"]
    other: dict[str, Any] = {"deployment_scope": "Non-global", "effective_from": starts}
    assert offers(items, "Gemini 3.1 Flash-Lite", **lite, **other) == ["0.275"]
    cells = re.findall(r"<td[^>]*>\s*(.*?)\s*</td>", body.decode(), re.DOTALL)
    assert accounted(items) == {amount for cell in cells for amount in re.findall(r"\$[\d.]*\d", cell)}
    with pytest.raises(UnreadablePage, match=r"'gemini-3' is not named|a table is cut off"):
        read(body)


@pytest.mark.parametrize(
    ("before", "after", "reason", "text"),
    [
        ("### Priority", "### Vorrang", "service tier 'Vorrang' of 'Gemini 3.8 Flash'", "Paid Tier"),
        ("per Image in USD", "per Album in USD", "unknown unit 'per Album'", "$0.02"),
        ("per second in USD", "per second in EUR", "unknown headers", "per second in EUR"),
        ("$6.75", "$6.75 at night", "unknown text after a price: 'at night'", "$6.75 at night"),
        ("$6.75", "from $6.75", "unknown text before a price: 'from'", "from $6.75"),
        ("$6.75", "$6.7.5", "unknown text after a price", "$6.7.5"),
        ("(text) $3.00", "(text) $3.00 (smell)", "unknown text after a price|unknown modality", "$3.00 (smell)"),
        ("starting January 1, 2027", "starting January 41, 2027", "January 41", "$1.50 starting January 41"),
        ("prompts > 200k |", "prompts > lots |", "unknown text after a price: 'prompts > lots'", "$18.00"),
        ("| Text input price", "| Poem input price", "unknown row 'Poem input price'", "$0.20"),
        ("then $14 per 1,000 requests", "then $14 per 1,000 kisses", "unknown unit of 'Grounding", "$14"),
        ("| Not available | $1.35 |", "| $1.35 |", "2 cells under 3 headers", "$1.35"),
    ],
)
def test_a_changed_part_is_rejected_with_its_text(before: str, after: str, reason: str, text: str) -> None:
    assert before in PAGE
    rejected = [item for item in read(PAGE.replace(before, after, 1)) if isinstance(item, Rejected)]
    assert any(re.search(reason, item.reason) and text in item.text for item in rejected), rejected


def test_a_column_added_rejects_the_table() -> None:
    body = "\n".join(line + " $9.00 |" if line.startswith("|") else line for line in PAGE.splitlines())
    with pytest.raises(UnreadablePage, match="no column 'Paid Tier"):
        read(body)


def test_free_is_a_price_only_of_the_paid_tier() -> None:
    items = read(PAGE.replace("| Free of charge | $0.20 |", "| Free of charge | $0.00 |"))
    assert offers(items, "Gemini Embedding 2", "input") == ["0"]
    assert not [
        item for item in items if isinstance(item, Price) and item.amount == Decimal(0) and "$" not in item.price_text
    ]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("Price<br>", "Prix<br>", "no table of prices by type of token"),
        ("<th>Model</th>", "<th>Modell</th>", "no table of prices by type of token"),
        ("Gemini 3", "Gemini III", "the expected model 'Gemini 3' is not named"),
        ("</body>", "<table><tr><td>$", "a table is cut off"),
    ],
)
def test_a_cloud_page_of_another_form_is_refused(before: str, after: str, message: str) -> None:
    with pytest.raises(UnreadablePage, match=message):
        read_cloud(CLOUD.replace(before, after))


@pytest.mark.parametrize(
    "body", ["gemini-3 $1", PAGE.partition("| --- |")[0] + "$1", "<html><h2>gemini-3</h2>$1</html>"]
)
def test_pages_without_a_price_table_are_refused(body: str) -> None:
    with pytest.raises(UnreadablePage, match="no column 'Paid Tier"):
        read(body)


def test_hostile_cells_take_no_time() -> None:
    started = time.monotonic()
    cell = "$1.00 " + "(" * 30_000 + ", prompts <= 200k" * 20_000
    headers = "|  | Free Tier | Paid Tier, per 1M tokens in USD |\n| --- | --- | --- |"
    body = f"gemini-3\n\n## Gemini 3\n\n{headers}\n| Input price | x | {cell} |\n"
    with pytest.raises(UnreadablePage):
        read(body)
    deep = "<h2>gemini-3</h2>" + "<div>" * 30_000 + f"<table><tr><td>{cell}</table>"
    with pytest.raises(UnreadablePage):
        read(deep)
    assert time.monotonic() - started < 5
