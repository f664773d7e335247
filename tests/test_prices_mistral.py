"""Mistral's prices: what stands above a table and in its cells, and parts that must not be misread."""

from __future__ import annotations

import time

import pytest

from scrapers.items import Price, Rejected, UnreadablePage
from scrapers.spiders.mistral import MistralSpider

PAGE = """<html><body><section><h2>Flagship models</h2><span>Prices /M Tokens</span>
<table><thead><tr><th>Model</th><th>Input</th><th>Cached input</th><th>Output</th></tr></thead><tbody>
<tr><td><a href="/models/mistral-large-3">Mistral Large 3<!-- --> <span>↗</span></a></td>
<td>$0.5</td><td>$0.05</td><td>$1.5</td></tr></tbody></table></section></body></html>"""


def read(body: str) -> list[Price | Rejected]:
    return [item for item in MistralSpider.read("mistral", body.encode(), {}) if isinstance(item, Price | Rejected)]


def shown(items: list[Price | Rejected]) -> list[str]:
    return [f"{p.listing} {p.component} {p.amount} {p.unit} {p.price_kind}" for p in items if isinstance(p, Price)]


def test_a_unit_above_the_table_holds_for_its_cells() -> None:
    assert shown(read(PAGE)) == [
        "Mistral Large 3 input 0.5 per_mtok list",
        "Mistral Large 3 cache_read 0.05 per_mtok list",
        "Mistral Large 3 output 1.5 per_mtok list",
    ]


def test_a_unit_does_not_reach_into_the_next_section() -> None:
    section = PAGE[PAGE.index("<section>") : PAGE.index("</body>")]
    other = section.replace("Flagship", "New").replace("<span>Prices /M Tokens</span>", "").replace("Large 3", "Tiny")
    items = read(PAGE.replace("</body>", other + "</body>"))
    assert shown(items) == shown(read(PAGE))
    assert {item.reason for item in items if isinstance(item, Rejected)} == {
        f"Mistral Tiny {header}: unknown unit ''" for header in ("Input", "Cached input", "Output")
    }


def test_a_struck_out_price_is_the_list_price() -> None:
    sale = PAGE.replace("$0.5<", "<span>Original price:</span> <s>$1</s> <span>Sale price:</span> $<!-- -->0.5<")
    assert shown(read(sale))[:2] == [
        "Mistral Large 3 input 0.5 per_mtok promotion",
        "Mistral Large 3 input 1 per_mtok list",
    ]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("Prices /M Tokens", "Prices /M Tokens · Priority (+75%)", "unknown unit"),
        ("Prices /M Tokens", "Prix /M Tokens", "unknown unit ''"),
        ("Prices /M Tokens", "Prices /M Words", "unknown unit '/M Words'"),
        ("<th>Input</th>", "<th>Entrée</th>", "no table with the headers"),
        ("<th>Output</th>", "<th>Output</th><th>Thinking</th>", "no table with the headers"),
        ("<th>Cached input</th><th>Output</th>", "<th>Output</th><th>Cached input</th>", "no table with the headers"),
        ("$", "€", "no amount in USD"),
        ("</table>", "", "a table is cut off"),
    ],
)
def test_a_changed_part_is_not_guessed(before: str, after: str, message: str) -> None:
    with pytest.raises(UnreadablePage, match=message):
        read(PAGE.replace(before, after))


def test_deep_nesting_and_many_elements_take_no_time() -> None:
    started = time.monotonic()
    many = PAGE.replace("<section>", "<span>Prices</span>" * 50_000 + "<section>")
    assert shown(read(many)) == shown(read(PAGE))
    with pytest.raises(UnreadablePage):
        read(PAGE.replace("<section>", "<div>" * 30_000 + "<section>"))
    assert time.monotonic() - started < 3
