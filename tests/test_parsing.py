"""What the shared parsers of price pages read, and above all what they refuse to read."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector

from scrapers.items import UnreadablePage
from scrapers.parsing.dates import UnreadableDate, Window, find_day, find_instant, find_window
from scrapers.parsing.embedded import read_json
from scrapers.parsing.money import CURRENCIES, CURRENCY_SIGNS, Money, UnreadableMoney, read_money
from scrapers.parsing.names import Name, read_name
from scrapers.parsing.offers import cell_prices
from scrapers.parsing.tables import MAX_COLUMNS, Cell, grid, markdown_tables, read_cell, read_pipe_cell
from scrapers.parsing.text import clean
from scrapers.parsing.units import PER_MTOK, UnknownUnit, from_cents, read_unit, to_per_mtok


@pytest.mark.parametrize(
    ("text", "amount", "currency", "rest"),
    [
        ("$0.50 / MTok", "0.50", "USD", "/ MTok"),
        (r"\$0.30", "0.30", "USD", ""),
        ('{"$"}0.95', "0.95", "USD", ""),
        ("US$3", "3", "USD", ""),
        ("0.02元", "0.02", "CNY", ""),
        ("0.02 元/百万tokens", "0.02", "CNY", "/百万tokens"),
        ("¥0.8", "0.8", "CNY", ""),
        ("￥１，２３４．５", "1234.5", "CNY", ""),
        ("5 USD", "5", "USD", ""),
        ("€1.25", "1.25", "EUR", ""),
        ("$\u00a01.250", "1.250", "USD", ""),
        ("$1.\u200b25", "1.25", "USD", ""),
        ("**$.5**", "0.5", "USD", ""),
        ("$10 / MTok<sup>1</sup>", "10", "USD", "/ MTok"),
        ("$10<sup>1</sup>", "10", "USD", ""),
        ("$10¹", "10", "USD", ""),
        ("$10①", "10", "USD", ""),
        ("$10[^1]", "10", "USD", ""),
        ("$0.435 (75% off)", "0.435", "USD", "(75% off)"),
        ("$1,000,000", "1000000", "USD", ""),
    ],
)
def test_amounts(text: str, amount: str, currency: str, rest: str) -> None:
    assert read_money(text) == Money(Decimal(amount), currency, rest)


@pytest.mark.parametrize("text", ["Free", "free of charge", "Limited-time Free", "免费", "限时免费", " **Free** "])
def test_free_is_zero(text: str) -> None:
    assert read_money(text) == Money(Decimal(0), None)


@pytest.mark.parametrize(
    "text", ["", " ", "-", r"\-", "—", "–", "N/A", "Not available", "Not supported yet", "暂不支持", "\u200b", "\\"]
)
def test_absent_is_not_zero(text: str) -> None:
    assert read_money(text) == Money(None, None)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ContactSales",
            "Contact Sales",
            "-1",
            "$-1",
            "-$1",
            "NaN",
            "$NaN",
            "inf",
            "1e-6",
            "$1e5",
            "free for 5 images",
        ),
        *("5", "HK$5", "A$5", "£5", "R$5", "₹5", "$5元", "¥5 USD", "5 dollars"),
        *(
            "$1,00",
            "$1,2345",
            "$1.2.3",
            "$1.250,00",
            "$",
            "元",
            "$½",
            "$0.15 input$0.60 output",
            "$0.6$0.3",
            "$1-$2",
            "$1-2",
            "$5 ~ 10",
            "$5%",
        ),
        *("$ 1 000", "0.8 毛", "原价 12元 限时5折", "~~$0.60~~ $0.30", "$0.75 through 2026. $1.50 then."),
    ],
)
def test_everything_else_raises_with_its_text(text: str) -> None:
    with pytest.raises(UnreadableMoney) as caught:
        read_money(text)
    assert repr(text) in str(caught.value)


def test_bare_number_needs_the_page_to_state_the_currency() -> None:
    assert read_money("5", default_currency="USD") == Money(Decimal(5), "USD")
    assert read_money("5元", default_currency="USD") == Money(Decimal(5), "CNY")


AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=6, allow_nan=False, allow_infinity=False)
NOISE = st.sampled_from(["", " ", "\u00a0", "\u200b", "  "])
MARKS = st.sampled_from(["", "<sup>1</sup>", "<sup>(12)</sup>", "²", "⑶", "[^7]"])


@given(AMOUNTS, st.sampled_from(sorted(CURRENCIES)), st.booleans(), st.booleans(), NOISE, MARKS, st.booleans())
def test_any_amount_survives_how_it_is_written(
    amount: Decimal, sign: str, before: bool, grouped: bool, noise: str, mark: str, wide: bool
) -> None:
    number = f"{amount:,f}" if grouped else f"{amount:f}"
    if wide:
        number = number.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    text = f"{sign}{noise}{number}{mark}" if before else f"{number}{noise}{sign}{mark}"
    assert read_money(text) == Money(amount, CURRENCIES[sign])


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        money = read_money(text)
    except UnreadableMoney:
        return
    assert money.amount is None or (money.amount >= 0 and money.amount.is_finite())
    assert (money.currency is None) == (
        money.amount is None or (money.amount == 0 and not any(map(str.isdigit, clean(text))))
    )


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("/ MTok", "per_mtok"),
        ("per 1M tokens", "per_mtok"),
        ("/ M tokens", "per_mtok"),
        ("per million input tokens", "per_mtok"),
        ("/ 1,000,000 tokens", "per_mtok"),
        ("/百万tokens", "per_mtok"),
        ("每百万 tokens", "per_mtok"),
        ("/ 1K tokens", "per_ktok"),
        ("/千tokens", "per_ktok"),
        ("per token", "per_token"),
        ("/ image", "per_image"),
        ("per 1,000 searches", "per_ksearch"),
        ("/ 1,000,000 tokens per hour", "per_mtok_hour"),
    ],
)
def test_units(text: str, unit: str) -> None:
    assert read_unit(text) == unit


@pytest.mark.parametrize(
    "text", ["", "/ MTok1", "/ GTok", "/ M words", "/ 1M", "per 1M tokens or so", "/ session-hour"]
)
def test_unknown_units_raise(text: str) -> None:
    with pytest.raises(UnknownUnit, match="unknown unit"):
        read_unit(text)


@pytest.mark.parametrize(
    ("amount", "unit", "per_mtok"),
    [
        ("0.000000435", "per_token", "0.435"),
        ("1e-7", "per_token", "0.1"),
        ("0.0008", "per_ktok", "0.8"),
        ("15", "per_mtok", "15"),
        ("0", "per_token", "0"),
    ],
)
def test_per_million_tokens(amount: str, unit: str, per_mtok: str) -> None:
    assert to_per_mtok(Decimal(amount), unit) == Decimal(per_mtok)


def test_units_that_count_no_tokens_have_no_price_per_million() -> None:
    assert to_per_mtok(Decimal(1), "per_image") is None
    assert to_per_mtok(None, "per_token") is None
    assert from_cents(Decimal("0.00003")) == Decimal("0.0000003")
    with pytest.raises(UnknownUnit):
        to_per_mtok(Decimal(1), "per_word")


@given(st.decimals(min_value=0, max_value=10**12, places=18), st.sampled_from(sorted(PER_MTOK)))
def test_conversion_is_exact(amount: Decimal, unit: str) -> None:
    converted = to_per_mtok(amount, unit)
    assert converted is not None
    numerator, denominator = amount.as_integer_ratio()
    top, bottom = converted.as_integer_ratio()
    assert top * denominator == numerator * int(PER_MTOK[unit]) * bottom


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "Claude Opus 4 ([retired, except on Google Cloud](/docs))",
            Name("Claude Opus 4", ("retired, except on Google Cloud",)),
        ),
        ("deepseek-v4-flash(1)", Name("deepseek-v4-flash")),
        ("deepseek-v4-flash<sup>(1)</sup>", Name("deepseek-v4-flash")),
        ("gpt-5 (<272K context length)", Name("gpt-5", ("<272K context length",))),
        ("[![Meta](https://x/y.png)Llama 3.1 8B](/docs/llama)", Name("Llama 3.1 8B")),
        ("**MiniMax-M2.7**", Name("MiniMax-M2.7")),
        ("qwen3-max*", Name("qwen3-max")),
        ("qwen-plus（旧版）", Name("qwen-plus", ("旧版",))),
        ("<div style={{minWidth:'240px'}}>MiniMax-H3</div>", Name("MiniMax-H3")),
    ],
)
def test_names(text: str, name: Name) -> None:
    assert read_name(text) == name


END = dt.datetime(2026, 5, 31, 15, 59, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text",
    [
        "extended until 2026/05/31 15:59 UTC.",
        "ends 2026-5-31, 15:59 (UTC)",
        "until May 31, 2026 at 15:59 UTC",
        "优惠至北京时间 2026/05/31 23:59",
        "优惠至 2026年5月31日 23:59（北京时间）",
        "until 2026/05/31 23:59 UTC+8",
        "at 15:59 (UTC Time) on May 31, 2026.",
        "from 23:59 Beijing time on 2026-05-31",
    ],
)
def test_instants(text: str) -> None:
    assert find_instant(text) == END


def test_instants_are_never_guessed() -> None:
    assert find_instant("no date here") is None
    assert find_instant("on 2026/05/31") is None
    for text in (
        "until 2026/05/31 15:59",
        "until 2026/05/31 15:59 PST",
        "2026/05/31 15:59 UTC-8",
        "2026/13/31 15:59 UTC",
    ):
        with pytest.raises(UnreadableDate, match="2026"):
            find_instant(text)


def test_days() -> None:
    assert find_day("through August 31, 2026") == dt.date(2026, 8, 31)
    assert find_day("2026 年 8 月 31 日起") == dt.date(2026, 8, 31)
    assert find_day("from 08/31") is None
    with pytest.raises(UnreadableDate):
        find_day("February 30, 2026")


@pytest.mark.parametrize(
    ("text", "window"),
    [
        (
            "高峰时段：北京时间每日 9:00～12:00 和 14:00～18:00",
            Window("09:00-12:00,14:00-18:00", "Mon-Sun", "Asia/Shanghai"),
        ),
        ("Peak: Mon-Fri, 01:00-04:00 and 06:00 to 10:00 UTC", Window("01:00-04:00,06:00-10:00", "Mon-Fri", "UTC")),
        ("UTC 16:30-00:30", Window("16:30-00:30", None, "UTC")),
        ("9:00-12:00 Beijing Time (01:00-04:00 UTC)", Window("09:00-12:00", None, "Asia/Shanghai")),
        ("09:00-12:00 on working days", Window("09:00-12:00", None, None)),
        ("peak hours cost twice as much", None),
    ],
)
def test_windows(text: str, window: Window | None) -> None:
    assert find_window(text) == window


@pytest.mark.parametrize("text", ["09:00-12:00 Beijing Time or 01:00-04:00 UTC", "25:00-26:00 UTC", "09:75-10:00 UTC"])
def test_unsure_windows_raise(text: str) -> None:
    with pytest.raises(UnreadableDate):
        find_window(text)


def table(html: str) -> Selector:
    return Selector(text=html, type="html").css("table")[0]


def texts(html: str) -> list[list[str]]:
    return [[cell.text for cell in row] for row in grid(table(html))]


def test_spans_repeat_their_cell() -> None:
    html = """<table><thead><tr><th rowspan=2>a<th colspan="2">b</thead>
      <tbody><tr><td>c<td>d<tr><td rowspan=0>e<td>f<td>g<tr><td>h</tbody></table>"""
    assert texts(html) == [["a", "b", "b"], ["a", "c", "d"], ["e", "f", "g"], ["e", "h", ""]]


def test_inner_tables_are_not_rows_of_the_outer() -> None:
    assert texts("<table><tr><td>a<table><tr><td>b</table></td><td>c</td></tr></table>") == [["a b", "c"]]


def test_cell_keeps_marks_and_struck_text_apart() -> None:
    html = "<table><tr><td>$0.435 (75% off<sup>(3)</sup>)<del>$1.74</del><!-- x --><br>now<p>here</p></table>"
    assert read_cell(table(html).css("td")[0]) == Cell("$0.435 (75% off) now here", ("3",), "$1.74")


@given(st.lists(st.lists(st.tuples(st.integers(-2, 9), st.integers(-2, 9)), max_size=5), max_size=6))
def test_grid_is_a_rectangle_and_loses_no_cell(rows: list[list[tuple[int, int]]]) -> None:
    html, count = "", 0
    for row in rows:
        html += "<tr>"
        for rowspan, colspan in row:
            html += f'<td rowspan="{rowspan}" colspan="{colspan}">cell{count}</td>'
            count += 1
        html += "</tr>"
    filled = grid(table(f"<table>{html}</table>"))
    assert len({len(line) for line in filled}) <= 1
    assert {cell.text for line in filled for cell in line} - {""} == {f"cell{index}" for index in range(count)}


@pytest.mark.parametrize("attributes", ['"&quot; $=1 {}="3"', '{x}y="x" {}="1"', 'a"b=1', ":x=2 xmlns:=1"])
def test_attributes_that_are_no_names_are_no_trouble(attributes: str) -> None:
    assert texts(f"<table><tr><td {attributes} colspan=2>a</td></tr></table>") == [["a", "a"]]


def test_giant_spans_are_bounded() -> None:
    one = '<tr><td rowspan="1000000000" colspan="1000000000">x</td></tr>'
    assert [len(line) for line in grid(table(f"<table>{one}</table>"))] == [MAX_COLUMNS]
    with pytest.raises(UnreadablePage, match="more than 1000 columns"):
        grid(table(f"<table>{one}{one.replace('x', 'y')}</table>"))
    wide = '<tr><td colspan="1000">x</td></tr>'
    with pytest.raises(UnreadablePage, match="more than 200000 cells"):
        grid(table(f"<table>{wide * 201}</table>"))


def test_markdown_tables() -> None:
    text = """# Prices
Some words
for the table:

| Model | [Price](/p) |
|:------|------------:|
| a \\| b | $1 |
| c | $2 | $3 |

```
| not | a table |
| --- | --- |
```
## Next
x | y
--- | ---
1 | 2
a line without pipes
| alone | in a row |
"""
    first, second = markdown_tables(text)
    assert (first.heading, first.headers) == ("Prices", ("Model", "Price"))
    assert first.intro.split() == "Some words for the table:".split()  # noqa: SIM905
    assert first.rows == (("a | b", "$1"), ("c", "$2", "$3"))
    assert (second.heading, second.intro, second.headers, second.rows) == ("Next", "", ("x", "y"), (("1", "2"),))


@given(st.text(alphabet="|-: \n#`a\\", max_size=200))
def test_any_markdown_is_read(text: str) -> None:
    for found in markdown_tables(text):
        assert found.headers


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("\\$0.30 / M tokens", [("list", "0.30", "per_mtok")]),
        ("~~\\$0.60~~ \\$0.30 / M tokens", [("promotion", "0.30", "per_mtok"), ("list", "0.60", "per_mtok")]),
        ("<del>$0.60</del> Free", [("promotion", "0", "per_mtok"), ("list", "0.60", "per_mtok")]),
        ("Limited-time Free", [("promotion", "0", "per_mtok")]),
        ("Free", [("list", "0", "per_mtok")]),
        ("-", []),
    ],
)
def test_a_cell_states_a_list_price_or_a_promotion(cell: str, expected: list[tuple[str, str, str]]) -> None:
    unit = None if "/" in cell.replace("</", "") else "per_mtok"
    prices = cell_prices(
        read_pipe_cell(cell), currency="USD", unit=unit, provider="acme", listing="a-1", component="input"
    )
    assert [(price.price_kind, f"{price.amount:f}", price.unit) for price in prices] == expected


@pytest.mark.parametrize(
    ("cell", "error"),
    [
        ("$1", "no unit in"),
        ("¥1 / M tokens", "a price in CNY on a page in USD"),
        ("~~$2 / M tokens~~", "struck out without one in its place"),
        ("~~$2~~ - / M tokens", "not a price"),
        (f"${'9' * 80} / k tokens", "not a price: 9{80}"),
        ("1", "no currency"),
    ],
)
def test_a_cell_that_is_not_surely_a_price_raises(cell: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        cell_prices(read_pipe_cell(cell), currency="USD", provider="acme", listing="a-1", component="input")


def test_covered_cells_that_an_editor_only_hides_are_left_out() -> None:
    table = """<table><tr><td rowspan="2">a</td><td>1</td></tr>
    <tr><td class="cell table-hide" rowspan="0"></td><td>2</td></tr><tr><td>b</td><td>3</td></tr></table>"""
    rows = grid(Selector(text=table).xpath("//table")[0], hidden_class="table-hide")
    assert [[cell.text for cell in row] for row in rows] == [["a", "1"], ["a", "2"], ["b", "3"]]


def test_a_body_shows_a_currency_by_its_amounts_or_its_units() -> None:
    assert all(CURRENCY_SIGNS["USD"].search(text) for text in ("$5", "5 USD", '{"$"}5', "(USD/M tokens)", "USD / page"))
    assert all(CURRENCY_SIGNS["CNY"].search(text) for text in ("5元", "¥5", "元/百万token"))
    assert not any(sign.search("in USD, EUR or 元 at wish") for sign in CURRENCY_SIGNS.values())


def test_json_after_a_mark_is_read_and_what_follows_is_left() -> None:
    assert read_json('noise { x={"a": 0.10, "b": [1]};{"c": 2}', after="x=") == {"a": Decimal("0.10"), "b": [1]}
    assert read_json(" [1] tail") == [1]


@pytest.mark.parametrize("text", ["", "x=", "x={", '{"a": NaN}', "[" * 100_000, '{"a": Infinity}', "x = nothing"])
def test_json_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UnreadablePage):
        read_json(text)
    with pytest.raises(UnreadablePage):
        read_json("{}", after="absent")
