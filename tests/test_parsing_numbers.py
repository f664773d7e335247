"""Numbers of JSON bodies: every digit stays, and nothing that is no price passes for one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.parsing.numbers import Number, UnreadableNumber, read_amount, read_count, read_json, written


@given(st.decimals(min_value=0, max_value=10**12, places=15, allow_nan=False))
def test_an_amount_is_the_number_as_it_stood(value: Decimal) -> None:
    text = f"{value:f}"
    (amount,) = read_json(f"[{text}]".encode())
    assert (read_amount(amount), amount.text, written([amount])) == (value, text, f"[{text}]")


@pytest.mark.parametrize(
    "text", ['"1"', "true", "null", "-1", "-0.1", "1e99", "1e-99", "1e999999999", "NaN", "Infinity", "[1]", "9" * 41]
)
def test_what_is_no_price_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(UnreadableNumber) as refused:
        read_amount(read_json(text.encode()))
    assert len(str(refused.value)) < 120


@pytest.mark.parametrize(("text", "count"), [("32000.0", 32_000), ("0", 0), ("2e5", 200_000), ("200000", 200_000)])
def test_a_count_is_a_whole_number(text: str, count: int) -> None:
    assert read_count(Number(text)) == count


@pytest.mark.parametrize("text", ["0.5", "-1", "1e13", "1e999999"])
def test_what_is_no_count_is_refused(text: str) -> None:
    with pytest.raises(UnreadableNumber):
        read_count(Number(text))
    with pytest.raises(UnreadableNumber):
        read_count(text)


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_json_raises_one_kind_of_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(body)
