"""Fireworks' prices: both forms of the page, and parts that must not be misread."""

from __future__ import annotations

import pytest

from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.spiders.fireworks import FireworksSpider

HEAD = """* Prices below are **per 1 million tokens** in US dollars.

In each **Standard** or **Priority** cell, prices are **input / cached input / output** (USD per 1M tokens).

"""
TABLE = """| Model | Standard | Priority |
| --- | --- | --- |
| [OpenAI GPT OSS 120B](https://app.fireworks.ai/models/fireworks/gpt-oss-120b) | $0.15 / $0.015 / $0.60 | — |
| [GLM 5.2 Fast US](https://app.fireworks.ai/models/fireworks/glm-5p2) | $2.10 / — / $6.60 | $3 / $0.3 / $9 |
"""
HTML = """<html><body><p>Prices below are <b>per 1 million tokens</b> in US dollars.</p>
<p>prices are <strong>input / cached input / output</strong></p>
<table><tr><th>Model</th><th>Standard</th><th>Priority</th></tr>
<tr><td><a href="/x">OpenAI GPT OSS 120B</a></td><td>$0.15 / $0.015 / $0.60</td><td>—</td></tr>
<tr><td>GLM 5.2 Fast US</td><td>$2.10 / — / $6.60</td><td>$3 / $0.3 / $9</td></tr></table></body></html>"""


def read(body: str) -> list[Price | Rejected | Skipped]:
    return list(FireworksSpider.read("fireworks", body.encode(), {}))


def test_both_forms_state_the_same_prices() -> None:
    items = read(HEAD + TABLE)
    assert items == read(HTML)
    assert [f"{p.listing} {p.component} {p.amount} {p.service_tier}" for p in items if isinstance(p, Price)] == [
        "OpenAI GPT OSS 120B input 0.15 standard",
        "OpenAI GPT OSS 120B cache_read 0.015 standard",
        "OpenAI GPT OSS 120B output 0.60 standard",
        "GLM 5.2 Fast US input 2.10 fast",
        "GLM 5.2 Fast US output 6.60 fast",
        "GLM 5.2 Fast US input 3 priority",
        "GLM 5.2 Fast US cache_read 0.3 priority",
        "GLM 5.2 Fast US output 9 priority",
    ]
    assert {(p.listing, p.deployment_scope, p.channel) for p in items if isinstance(p, Price)} == {
        ("OpenAI GPT OSS 120B", None, "reseller"),
        ("GLM 5.2 Fast US", "US", "reseller"),
    }


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("per 1 million tokens", "per 1 million words", "does not say 'Prices below are"),
        ("per 1 million tokens", "per twelve tokens", "unknown unit"),
        ("in US dollars", "in euros", "does not say 'Prices below are"),
        ("input / cached input / output", "output / input / cached input", "does not say that prices are"),
        ("$0.15 / $0.015 / $0.60", "$0.15 / $0.60", "2 prices, 3 were expected"),
        ("$0.15 / $0.015", "$0.15 $0.015", "2 prices, 3 were expected"),
        ("$0.015", "$0.015 now", "not a price in USD: '\\$0.015 now'"),
        ("| Model |", "| Modèle |", "unknown headers"),
        ("| Standard |", "| Standart |", "unknown column"),
    ],
)
def test_a_changed_part_is_not_guessed(before: str, after: str, message: str) -> None:
    first = "\n".join((HEAD + TABLE).splitlines()[:-1]) + "\n"
    with pytest.raises(UnreadablePage, match=message):
        read(first.replace(before, after))


def test_prices_by_size_are_no_models_prices() -> None:
    sizes = "\n## Other\n\n| Model | $ / 1M tokens |\n| --- | --- |\n| Less than 4B parameters | $0.10 |\n"
    items = read(HEAD + TABLE + sizes)
    assert [item.text for item in items if isinstance(item, Skipped)] == ["Less than 4B parameters | $0.10"]
    assert len(items) == len(read(HEAD + TABLE)) + 1
