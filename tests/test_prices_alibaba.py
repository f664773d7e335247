"""Alibaba Cloud's price pages: the real bodies kept beside the project, and pages that changed or mean harm."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from parsel import Selector

from pipelines.defs.sources.price_pages import label_of
from scrapers.items import Price, Rejected, Skipped, UnreadablePage
from scrapers.parsing.mdx import mdx_to_html
from scrapers.parsing.outline import headed_tables
from scrapers.parsing.phrases import UnreadablePhrase, read_discount, split_labels
from scrapers.parsing.tables import grid
from scrapers.spiders.alibaba import AlibabaSpider

STARTER = Path(__file__).resolve().parents[1] / "warehouse" / "starter" / "price_pages"
FILES = {
    "alibaba_cn": "2026-08-10_bailian_model-pricing_cn.json",
    "alibaba_hologres": "2026-07-20_hologres_managed-models-billing.html",
    "alibaba_intl": "2026-10-04_intl_model-pricing_md_layout_SYNTHETIC.mdx",
}
HEAD = "<tr><td>模型 ID（Model ID）</td><td>输入单价（每百万Token）</td><td>输出单价（每百万Token）</td></tr>"
ROW = "<tr><td>qwen-plus</td><td>0.8元</td><td>2元</td></tr>"

Item = Price | Rejected | Skipped


def read(label: str, text: str | bytes) -> list[Item]:
    return list(AlibabaSpider.read(label, text if isinstance(text, bytes) else text.encode(), {}))


def real(shared: Path, label: str) -> bytes:
    return shared.joinpath("data", "web", "alibaba", FILES[label]).read_bytes()


def prices(items: list[Item], listing: str, component: str, **facts: object) -> list[str]:
    """The amounts of a listing's component where the other facts hold, by context tier."""
    found = [
        item for item in items if isinstance(item, Price) and (item.listing, item.component) == (listing, component)
    ]
    chosen = [item for item in found if all(getattr(item, name) == fact for name, fact in facts.items())]
    assert len({(item.context_from_tokens, item.mode) for item in chosen}) == len(chosen)
    return [
        f"{item.amount.normalize():f}"
        for item in sorted(chosen, key=lambda item: item.context_from_tokens)
        if item.amount is not None
    ]


def rejects(items: list[Item]) -> list[str]:
    return [item.reason for item in items if isinstance(item, Rejected)]


def skips(items: list[Item]) -> Counter[str]:
    return Counter(item.reason for item in items if isinstance(item, Skipped))


@pytest.mark.real_data
def test_real_mainland_page_is_read_to_the_last_amount(shared: Path) -> None:
    body = real(shared, "alibaba_cn")
    started = time.process_time()
    items = read("alibaba_cn", body)
    assert time.process_time() - started < 3
    assert rejects(items) == []
    assert skips(items) == {
        "a price that depends on the output's size, sound or kind": 444,
        "a price of text that answers a multimodal prompt": 27,
        "a price from a ladder of volumes": 10,
        "a price per voice": 8,
        "a price that depends on the output's size or on a rewritten prompt": 4,
        "a price for models that another page lists": 1,
        "a price of which it is not said whether input or output is charged": 1,
        "free or withdrawn, in no unit": 29,
        "a free trial without a price": 17,
    }
    found = [item for item in items if isinstance(item, Price)]
    assert (len(found), len({item.listing for item in found})) == (2285, 350)
    assert Counter(item.market for item in found) == {
        "cn": 864,
        "新加坡": 571,
        "德国(法兰克福)": 390,
        "美国(弗吉尼亚)": 384,
        "日本(东京)": 76,
    }
    assert {item.currency for item in found} == {"CNY"}
    assert stated_amounts(body) == read_amounts(items)


def stated_amounts(body: bytes) -> set[tuple[str, str]]:
    """Model and amount of every yuan in a cell of the page, found without the spider."""
    page = Selector(text=json.loads(body)["data"]["content"], type="html")
    rows = [row for table in page.css("table") for row in grid(table)]
    assert len(page.css("table")) == 274
    return {
        (row[0].text.split(maxsplit=1)[0], amount)
        for row in rows
        for cell in row
        for amount in re.findall(r"(\d[\d.]*) ?元", cell.text)
    }


def read_amounts(items: list[Item]) -> set[tuple[str, str]]:
    """The same of rows and of what was skipped."""
    texts = [(item.listing, item.price_text) for item in items if isinstance(item, Price)]
    texts += [(item.text.split(maxsplit=1)[0], item.text) for item in items if isinstance(item, Skipped)]
    return {(name, amount) for name, text in texts for amount in re.findall(r"(\d[\d.]*) ?元", text)}


@pytest.mark.real_data
def test_real_mainland_prices(shared: Path) -> None:
    items = read("alibaba_cn", real(shared, "alibaba_cn"))
    home = {"market": "cn", "price_kind": "list", "mode": None}
    assert prices(items, "qwen3.5-plus", "input", **home) == ["0.8", "2", "4"]
    assert prices(items, "qwen3.5-plus", "output", **home) == ["4.8", "12", "24"]
    assert prices(items, "qwen3-max", "input", **home) == ["2.5", "4", "7"]
    assert prices(items, "qwen3-max", "output", **home) == ["10", "16", "28"]
    assert prices(items, "qwen3.5-397b-a17b", "output", **home) == ["7.2", "18"]
    assert prices(items, "qwen-plus", "output", market="cn", mode="non_thinking") == ["2", "20", "48"]
    assert prices(items, "qwen-plus", "output", market="cn", mode="thinking") == ["8", "24", "64"]
    assert prices(items, "qwen-plus", "input", market="cn", mode="thinking") == ["0.8", "2.4", "4.8"]
    abroad = {"market": "新加坡", "deployment_scope": "国际"}
    assert prices(items, "qwen3.5-plus", "input", **abroad) == ["2.936", "3.67"]
    europe = {"market": "德国(法兰克福)", "deployment_scope": "欧盟"}
    assert prices(items, "qwen3-max", "input", **europe) == ["8.993", "17.986", "22.483"]
    assert prices(items, "qwen3.7-max", "input", market="cn", price_kind="promotion") == ["6"]
    assert prices(items, "qwen3.7-max", "input", market="cn", price_kind="list") == ["12"]
    found = [item for item in items if isinstance(item, Price)]
    plus = [item for item in found if (item.listing, item.market) == ("qwen3.5-plus", "cn")]
    tiers = {(item.context_from_tokens, item.context_to_tokens) for item in plus}
    assert tiers == {(0, 128_001), (128_001, 256_001), (256_001, 1_000_001)}


@pytest.mark.real_data
def test_real_mainland_names_and_other_units(shared: Path) -> None:
    found = [item for item in read("alibaba_cn", real(shared, "alibaba_cn")) if isinstance(item, Price)]
    by_name = {item.listing: item for item in found if item.market == "cn"}
    assert by_name["qwen3-max"].alias_of == "qwen3-max-2026-01-23"
    assert by_name["deepseek-r1-distill-llama-8b"].availability == "retired"
    assert by_name["deepseek-r1-distill-llama-8b"].amount is None
    free = by_name["deepseek-r1-distill-qwen-1.5b"]
    assert (free.amount, free.price_kind) == (Decimal(0), "promotion")
    assert {by_name[name].channel for name in ("kimi/kimi-k3", "deepseek-v4-pro")} == {"cloud"}
    assert by_name["qwen3-omni-flash"].channel == "first_party"
    expected = {
        ("qwen-image", "output_image"): ("0.25", "per_image"),
        ("fun-asr", "input_audio"): ("0.00022", "per_second"),
        ("fun-music-v1", "output_audio"): ("0.002", "per_second"),
        ("videoretalk", "output_video"): ("0.08", "per_second"),
        ("emo-detect-v1", "input_image"): ("0.004", "per_image"),
        ("cosyvoice-v3-plus", "input"): ("2", "per_10kchar"),
        ("facechain-finetune", "request"): ("2.5", "per_request"),
        ("qwen3-vl-rerank", "input_image"): ("1.8", "per_mtok"),
        ("qwen3-omni-flash", "output"): ("6.9", "per_mtok"),
        ("qwen3.5-omni-plus", "output"): ("40", "per_mtok"),
    }
    home = {(item.listing, item.component): (str(item.amount), item.unit) for item in found if item.market == "cn"}
    assert {key: home.get(key) for key in expected} == expected


@pytest.mark.real_data
def test_real_hologres_page_is_per_thousand_tokens(shared: Path) -> None:
    items = read("alibaba_hologres", real(shared, "alibaba_hologres"))
    found = [item for item in items if isinstance(item, Price)]
    assert (len(found), rejects(items), sum(skips(items).values())) == (115, [], 32)
    assert prices(items, "Qwen3.7-Plus", "input", market="cn") == ["0.0024", "0.0072"]
    assert prices(items, "Qwen3.7-Plus", "cache_read_explicit", market="新加坡") == ["0.00035", "0.00106"]
    first = next(item for item in found if item.listing == "Qwen3.7-Max")
    assert (first.unit, first.amount_per_mtok, first.channel) == ("per_ktok", Decimal("14.40"), "cloud")
    page = Selector(text=real(shared, "alibaba_hologres").decode(), type="html")
    cells = [(row[1].text, cell.text) for table in page.css("table") for row in grid(table) for cell in row[2:]]
    stated = {(name, text) for name, text in cells if re.fullmatch(r"\d\.\d+", text)}
    kept = {(item.listing, item.price_text) for item in found}
    kept |= {(item.text.split()[0], item.text.rsplit(": ")[-1]) for item in items if isinstance(item, Skipped)}
    assert stated == kept


@pytest.mark.real_data
def test_layout_of_the_international_page(shared: Path) -> None:
    items = read("alibaba_intl", real(shared, "alibaba_intl"))
    listed = {"market": "intl", "deployment_scope": "International", "price_kind": "list"}
    assert prices(items, "qwen3.7-plus", "input", **listed) == ["0.4", "1.2"]
    assert prices(items, "qwen3.7-plus", "output", market="intl", price_kind="promotion") == ["1.28", "3.84"]
    assert prices(items, "qwen3.7-plus", "input", market="China (Beijing)") == ["0.115"]
    assert prices(items, "deepseek-v4-flash-0731", "output", window_name="off_peak") == ["0.66"]
    assert rejects(items) == [f"no context tier in {cell!r}" for cell in ("0", "32K", "128K")]
    assert len([item for item in items if isinstance(item, Price)]) == 16


@pytest.mark.real_data
@pytest.mark.parametrize("label", FILES)
def test_real_file_is_recognised(shared: Path, label: str) -> None:
    assert label_of(f"alibaba/{FILES[label]}", real(shared, label)) == label


def test_starter_pages_hold_the_prices_of_both_books() -> None:
    home = read("alibaba_cn", (STARTER / "2026-08-10" / "alibaba_cn.json").read_bytes())
    assert prices(home, "qwen3.5-plus", "input", market="cn") == ["0.8", "2", "4"]
    abroad = read("alibaba_intl", (STARTER / "2026-07-02" / "alibaba_intl.md").read_bytes())
    assert prices(abroad, "qwen3.5-plus", "input") == ["0.4", "0.5"]
    assert prices(abroad, "qwen3-max", "output") == ["6", "12", "15"]


def page(*tables: str, tab: str = "华北2（北京）") -> str:
    return f"<div><h2>文本生成-千问</h2><section><h4>{tab}</h4>{''.join(tables)}</section></div>"


def test_column_added_rejects_its_table_only() -> None:
    wide = HEAD.replace("</tr>", "<td>加急单价</td></tr>")
    items = read("alibaba_cn", page(f"<table>{HEAD}{ROW}</table>", f"<table>{wide}{ROW}</table>"))
    assert rejects(items) == ["unknown header '加急单价'"]
    assert len([item for item in items if isinstance(item, Price)]) == 2


def test_page_of_unknown_words_is_unreadable_with_them() -> None:
    with pytest.raises(UnreadablePage, match=r"unknown header '加急单价'"):
        read(
            "alibaba_cn",
            page(f"<table>{HEAD.replace('输出单价（每百万Token）', '加急单价')}{ROW}</table>"),
        )
    with pytest.raises(UnreadablePage, match=r"no known region above a table below '华北9\(张家口\)'"):
        read("alibaba_cn", page(f"<table>{HEAD}{ROW}</table>", tab="华北9（张家口）"))
    with pytest.raises(UnreadablePage, match="no amount in CNY"):
        read(
            "alibaba_cn",
            "<div><h4>Singapore</h4><table><tr><td>Model ID</td></tr><tr><td>qwen-plus $0.4</td></tr></table></div>",
        )


def test_table_cut_off_is_unreadable() -> None:
    with pytest.raises(UnreadablePage, match="a table is cut off"):
        read("alibaba_cn", page(f"<table>{HEAD}{ROW}</table>", f"<table>{HEAD}")[:-16])


@pytest.mark.parametrize(
    "answer", ['{"data": []}', '{"code": 200, "data": {"content": 1}}', '{"data": {"content": ""}}', '{ "']
)
def test_answer_without_a_document_is_unreadable(answer: str) -> None:
    with pytest.raises(UnreadablePage):
        read("alibaba_cn", answer)


def test_mode_without_a_readable_price_makes_no_offer() -> None:
    above = '<td rowspan="2">模型 ID（Model ID）</td><td rowspan="2">输入单价（每百万Token）</td>'
    above += '<td colspan="2">输出单价（每百万Token）</td>'
    head = f"<tr>{above}</tr><tr><td>非思考模式</td><td>思考模式（思维链+回答）</td></tr>"
    items = read(
        "alibaba_cn",
        page(f"<table>{head}<tr><td>qwen-plus</td><td>1元</td><td>2元</td><td>about 3元</td></tr></table>"),
    )
    assert prices(items, "qwen-plus", "input", mode="non_thinking") == ["1"]
    assert prices(items, "qwen-plus", "input", mode="thinking") == []
    assert len(rejects(items)) == 1


def test_hostile_pages_end_soon() -> None:
    started = time.process_time()
    nested = "<h4>新加坡" * 3_000 + "<section>" * 3_000 + f"<table>{HEAD}{ROW}</table>"
    many = "".join(f"<section><h4>新加坡</h4><table>{HEAD}{ROW}</table>" for _ in range(2_000))
    note = "原价1元限时" * 50_000
    long = f"<table>{HEAD}<tr><td>qwen-plus {note}</td><td>{note}</td><td>{'1' * 300_000}元</td></tr>{ROW}</table>"
    mdx = "# qwen-plus 1元\n" + "{/*" * 50_000 + " a={{" * 50_000 + "| a |\n" * 50_000 + "[" * 50_000
    for text in (nested, many, page(long), mdx):
        try:
            read("alibaba_cn", text)
        except UnreadablePage:
            continue
    assert time.process_time() - started < 10


def test_headings_above_a_table() -> None:
    html = (
        "<div><h2>A</h2><h4>x</h4><section><h4>Region</h4><section><h4>Tab</h4><table></table></section>"
        "<table></table></section><h3>B</h3>"
        '<tab title="T"><table><tr><td><h2>no</h2><table></table></table></tab></div>'
    )
    found = [[heading.text for heading in headings] for headings, _ in headed_tables(Selector(text=html, type="html"))]
    assert found == [["A", "x", "Region", "Tab"], ["A", "x", "Region"], ["A", "B", "T"]]


def test_mdx_keeps_text_that_looks_like_markup() -> None:
    pipes = " | A | B |\n | - | - |\n | `1` | <b |\n"
    html = mdx_to_html(f'<td rowSpan={{2}} style={{{{ a: "b" }}}}>0\\<Token≤1K [x](/y)</td>\n{pipes}## H <i/>\n')
    assert '<td rowSpan="2">0&lt;Token≤1K x</td>' in html
    assert "<tr><td>`1`</td><td>&lt;b</td></tr>" in html
    assert "<h2>H <i/></h2>" in html


def test_words_around_amounts() -> None:
    assert split_labels("0.5元/秒") == [("", "0.5元/秒")]
    assert split_labels("480P: 0.5元/秒 720P:0.9元/秒") == [("480P", "0.5元/秒"), ("720P", "0.9元/秒")]
    assert split_labels("Busy hours: $0.44 Idle hours: $0.22") == [("Busy hours", "$0.44"), ("Idle hours", "$0.22")]
    found = read_discount("List price $1.65 (Limited-time night 80% off, daytime 50% off)")
    assert found is not None and found[0] == "$1.65"
    assert [(discount.window, discount.share) for discount in found[1]] == [
        ("night", Decimal("0.2")),
        ("daytime", Decimal("0.5")),
    ]
    assert read_discount("0.5元") is None
    for text in ("a 1元 b 2元 c", "1元 2元", "a 1元 2元"):
        with pytest.raises(UnreadablePhrase):
            split_labels(text)
    for text in ("原价2元 限时八折", "原价2元 限时85折", "List price $2 (Limited-time 20% cashback)"):
        with pytest.raises(UnreadablePhrase):
            read_discount(text)
