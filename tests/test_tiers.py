"""Context tiers in the forms that price pages use, and what must be refused."""

import pytest

from scrapers.parsing.tiers import ContextTier, UnreadableTier, read_tier


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("0<Token≤128K", 0, 128_001),
        ("0\\<Token≤256K", 0, 256_001),
        ("128K<Token≤256K", 128_001, 256_001),
        ("256K < Token <= 1M", 256_001, 1_000_001),
        ("输入<=32K", 0, 32_001),
        ("输入长度（128k, 1M]", 128_001, 1_000_001),
        ("输入长度 [0, 32k]", 0, 32_001),
        ("≤ 512k", 0, 512_001),
        ("> 512k", 512_001, None),
        ("&lt; 200k prompt tokens", 0, 200_000),
        ("≥ 200k prompt tokens", 200_000, None),
        ("<272K context length", 0, 272_000),
        ("prompts <= 200k tokens", 0, 200_001),
        ("up to 200K tokens", 0, 200_001),
        ("Token＞256K", 256_001, None),
        ("0 < input ≤ 0.2M", 0, 200_001),
        ("≤ 272,000 tokens", 0, 272_001),
    ],
)
def test_a_tier_is_half_open_and_counts_a_k_as_a_thousand(text: str, start: int, end: int | None) -> None:
    assert read_tier(text) == ContextTier(start, end)


def test_numbers_without_a_unit_take_the_one_the_page_states() -> None:
    assert read_tier("Prompt length [0, 128]", bare_unit="K") == ContextTier(0, 128_001)
    assert read_tier("Prompt length (128, 256]", bare_unit="K") == ContextTier(128_001, 256_001)


@pytest.mark.parametrize("text", ["", "0", "32K", "128K", "all", "256K<Token≤128K", "<12 hours", "≤ 1.2345K", "阶梯"])
def test_what_is_no_tier_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(UnreadableTier) as error:
        read_tier(text)
    assert text.removeprefix("≤ ") in str(error.value)
