"""The weekly report: true to its marts, the same twice, and whole when they are empty."""

from __future__ import annotations

import ast
import csv
import datetime as dt
import json
import os
import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from reports.mart import Mart
from reports.weekly import find_sections, write_report
from tests.report_data import WEEK, at, changes, empty_marts, filled_marts, health, insert

ROOT = Path(__file__).resolve().parents[1]


class Page(HTMLParser):
    """Tags, links and scripts of a page, as a browser would split them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            attributes, code = self.scripts[-1]
            self.scripts[-1] = (attributes, code + data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def report(marts: duckdb.DuckDBPyConnection, folder: Path, **more: dt.date) -> str:
    try:
        return write_report(marts, week=WEEK, out=folder, **more).read_text(encoding="utf-8")
    finally:
        marts.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("filled")
    return report(filled_marts(), folder), folder / WEEK


def figure(page: str, slug: str) -> str:
    """The HTML of one figure, without the marks that keep dates whole."""
    found = re.search(rf'<figure id="{slug}[^"]*">.*?</figure>', page, re.DOTALL)
    assert found, f"no figure {slug}"
    return re.sub(r'<span class="whole">(.*?)</span>', r"\1", found[0])


def headlines(page: str) -> list[str]:
    """The sentences of the summary, without tags."""
    block = re.search(r'<section id="summary".*?</section>', page, re.DOTALL)
    assert block
    items = re.findall(r"<li>(.*?) <a", block[0], re.DOTALL)
    return [re.sub(r"<[^>]+>", "", item) for item in items]


# --- the same warehouse and week give the same bytes


def test_another_process_writes_the_same_bytes(filled: tuple[str, Path], tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.report_data", str(tmp_path)],
        cwd=ROOT, check=True, env=os.environ | {"PYTHONHASHSEED": "1"}, capture_output=True,
    )  # fmt: skip
    here, there = (
        {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (filled[1], tmp_path / WEEK)
    )
    assert here == there
    assert len(here) > 8


def test_a_second_report_in_one_process_is_the_same(filled: tuple[str, Path], tmp_path: Path) -> None:
    assert report(filled_marts(), tmp_path) == filled[0]


def declared_queries() -> list[str]:
    """Every SQL text that a section or the health of the sources owns."""
    modules = [sys.modules[section.render.__module__] for section in find_sections()]
    modules.append(sys.modules["reports.health"])
    texts = [value for module in modules for name, value in vars(module).items() if re.fullmatch(r"[A-Z]\w*", name)]
    return [text for text in texts if isinstance(text, str) and text.lstrip().startswith(("select", "with"))]


def test_every_query_is_ordered_reads_marts_only_and_runs_on_the_empty_contracts() -> None:
    queries = declared_queries()
    assert len(queries) >= 12
    marts = empty_marts()
    mart = Mart(marts, {"week_start": at("2026-11-16"), "week_end": at("2026-11-23")})
    for sql in queries:
        assert re.search(r"order by (?!.*\bfrom\b)", sql, re.DOTALL), f"rows without an order: {sql}"
        assert not re.search(r"\b(core|staging|seeds|raw)\.\w", sql), f"reads more than marts: {sql}"
        assert not re.search(r"\bnow\(|\bcurrent_|\brandom\(|\btoday\(|\bsample\b", sql)
        mart.query(sql)
    marts.close()


def test_the_shown_sql_runs_as_it_stands(filled: tuple[str, Path]) -> None:
    main = filled[0].split("</main>")[0]
    blocks = re.findall(r"<pre>(.*?)</pre>", main, re.DOTALL)
    marts = filled_marts()
    for block in blocks:
        assert "$week" not in block
        marts.execute(unescape(block)).fetchall()
    marts.close()
    assert len(blocks) >= 10


def test_reports_import_neither_the_pipelines_nor_a_clock() -> None:
    for path in (ROOT / "reports").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        roots = {name.split(".")[0] for name in imported}
        assert not roots & {"pipelines", "dagster", "time", "random", "socket", "httpx2", "urllib3"}, path
        called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not called & {"now", "utcnow", "today"}, path


# --- true to the marts


def test_titles_and_sentences_state_what_the_marts_hold(filled: tuple[str, Path]) -> None:
    page = filled[0]
    assert "<h3>Qwen has 2.1× the derivatives of Llama</h3>" in figure(page, "derivatives-by-family")
    assert "Biggest cut: input of acme-large at acme, −38% to $0.26 per M tokens" in figure(page, "price-changes")
    assert "qwen3.5-plus costs 3.6× as much in the dollar price book" in figure(page, "two-price-books")
    assert "Kimi K3, is 3.1 points below Acme Large (high) at 27% of its price" in figure(page, "price-quality-1")
    sentences = headlines(page)
    assert len(sentences) == 6
    assert sentences[:2] == [
        "Qwen has 2.1× the derivatives of Llama (236k direct children, +2,363 from 2026-11-14 to 2026-11-21).",
        "Qwen leads the families in downloads with 214M in 30 days (+4.3M from 2026-11-14 to 2026-11-21).",
    ]
    assert sentences[3].endswith("is Qwen3.5-397B-A17B: 89.3% for $0.90 per million tokens.")
    assert sentences[5] == (
        "Data health: of 7 sources, 4 live, 1 imported, 1 starter and 1 never captured; 3 stale; "
        "the newest capture of 1 could not be used."
    )


def test_unknown_is_never_zero(filled: tuple[str, Path]) -> None:
    page, folder = filled
    rows = list(csv.DictReader((folder / "data" / "downloads-by-family.csv").open(encoding="utf-8")))
    assert {row["family_name"]: row["downloads_30d"] for row in rows}["Kimi"] == ""
    drawn = chart(page, "downloads-by-family")
    values = [row for rows in drawn["datasets"].values() for row in rows if row["name"] == "Kimi"]
    assert {"name": "Kimi", "value": None} in values
    assert [row["shown"] for row in values if "shown" in row] == ["unknown"]
    assert "was free" in figure(page, "price-changes")


def chart(page: str, slug: str) -> dict:
    """The drawing of a figure."""
    found = re.search(rf'data-chart="chart-{slug}">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_events_at_a_source_stay_out_of_the_changes(filled: tuple[str, Path]) -> None:
    assert "model-a" not in figure(filled[0], "price-changes")
    assert "Set apart: 12 prices that changed at once in 1 capture" in figure(filled[0], "price-events")
    assert headlines(filled[0])[2].startswith(
        "12 price changes captured in the week: 2 cuts, 1 raise, 1 promotion begun"
    )


def test_a_quiet_week_shows_the_newest_changes_and_stories_and_says_so(tmp_path: Path) -> None:
    marts = filled_marts()
    page = write_report(marts, week="2026-W43", out=tmp_path).read_text(encoding="utf-8")
    marts.close()
    prices = figure(page, "price-changes")
    assert "No price moved this week; the newest known change is of 2026-10-02" in prices
    assert "acme-older" in prices
    assert "acme-large" not in prices, "a change known later than the week"
    stories = figure(page, "stories")
    assert "No story was published this week; the newest known is of 2026-10-05" in stories
    assert "Alibaba raises" not in page
    assert "Built after its week." in page
    assert "No price change was captured in this week; no price was captured yet." in headlines(page)


def test_starter_and_imported_data_say_so_at_the_top_and_at_each_figure(filled: tuple[str, Path]) -> None:
    page = filled[0]
    banner = re.search(r'<aside class="banner".*?</aside>', page, re.DOTALL)
    assert banner
    assert "1 of 7 sources shows facts compiled by hand" in banner[0]
    assert "Compiled by hand from the public price page of" in banner[0]
    assert "Imported data." in banner[0]
    starter = '<span class="badge starter">starter</span>'
    for slug in ("price-quality-1", "price-quality-2", "derivatives-history", "sources", "unmatched-names"):
        assert starter in figure(page, slug), slug
    for slug in ("derivatives-by-family", "price-changes", "two-price-books"):
        assert starter not in figure(page, slug), slug
    assert "GPQA board, captured" in figure(page, "price-quality-1")


def test_a_report_of_live_data_only_has_no_banner(tmp_path: Path) -> None:
    marts = filled_marts()
    marts.execute("update marts.source_health set origin = 'live', origin_note = null where origin is not null")
    assert '<aside class="banner"' not in report(marts, tmp_path)


def test_the_header_says_of_which_day_the_knowledge_is(filled: tuple[str, Path], tmp_path: Path) -> None:
    assert "as known on 2026-11-20" in report(filled_marts(), tmp_path, as_known_on=dt.date(2026, 11, 20))
    assert "as known on" not in filled[0]
    assert "newest capture 2026-11-21 14:30 UTC" in filled[0]


def test_empty_marts_give_a_whole_report_with_true_sentences(tmp_path: Path) -> None:
    page = report(empty_marts(), tmp_path)
    assert headlines(page) == [
        "No count of derivatives was captured until the end of this week.",
        "No count of downloads of a family was captured until the end of this week.",
        "No price change was captured in this week; no price was captured yet.",
        "No benchmark has five models with both a price and a score yet.",
        "No story was captured until the end of this week.",
        "Data health: no source is known.",
    ]
    shown = re.findall(r'<section id="([\w-]+)"', page)
    silent = {"new-derivatives", "licences", "movers", "concentration", "adoption", "hub-quality"}
    silent |= {"promotions", "routes", "list-prices", "agreement", "price-data", "score-data"}
    silent |= {"quality", "open-closed", "top-tens", "benchmark-disagreement"}
    assert shown == ["summary", *(section.slug for section in find_sections() if section.slug not in silent)]
    assert "nothing captured yet" in page
    assert "<script" not in page
    assert (tmp_path / WEEK / "data" / "price-changes.csv").read_text().startswith("provider,listing,component,change")


def test_one_price_without_a_change_is_told_by_its_capture(tmp_path: Path) -> None:
    marts = filled_marts()
    marts.execute("delete from marts.price_change")
    sentence = headlines(report(marts, tmp_path))[2]
    assert sentence == "No price change was captured in this week; the newest capture of prices is of 2026-11-21."


def test_long_tables_are_cut_and_say_so(tmp_path: Path) -> None:
    marts = filled_marts()
    more = [dict(changes()[0]) | {"listing": f"model-{n:03}", "offer_id": f"offer-{n:03}"} for n in range(120)]
    insert(marts, "price_change", more)
    shown = figure(report(marts, tmp_path), "price-changes")
    assert "n = 130 prices" in shown
    # The line of acme-large has two prices.
    assert "104 more prices are not shown; the CSV holds 130 of 130." in shown


def test_families_counted_too_thinly_or_far_apart_are_not_ranked(tmp_path: Path) -> None:
    marts = filled_marts()
    marts.execute("delete from marts.derivatives_by_family where family_id = 'llama' and observed_on > '2026-10-10'")
    page = report(marts, tmp_path / "apart")
    title = "Too thin to rank families by derivatives: Qwen 236k at 24 repositories (2026-11-21) and Llama 103k"
    assert title in figure(page, "derivatives-by-family")
    assert headlines(page)[0].startswith(title)
    marts = filled_marts()
    marts.execute("update marts.derivatives_by_family set repositories_counted = 1 where family_id = 'qwen'")
    assert "Too thin to rank" in figure(report(marts, tmp_path / "one"), "derivatives-by-family")


def test_a_benchmark_shows_its_version_with_most_points_only(tmp_path: Path) -> None:
    marts = filled_marts()
    marts.execute(
        "insert into marts.price_vs_score by name select * replace ('2025-12-23' as benchmark_version) "
        "from marts.price_vs_score where benchmark = 'livebench' order by score_pct desc limit 6"
    )
    page = report(marts, tmp_path)
    assert re.findall(r'<figure id="price-quality-([^"]+)"', page) == ["1-gpqa-diamond", "2-livebench-2026-06-25"]


def test_a_price_of_zero_is_kept_off_the_logarithmic_axis_and_named(tmp_path: Path) -> None:
    marts = filled_marts()
    marts.execute("update marts.price_vs_score set blended_usd_per_mtok = 0 where model_name = 'Gemma 4 27B'")
    page = report(marts, tmp_path)
    assert "A price of 0 has no place on a logarithmic axis; only in the table: Gemma 4 27B." in page
    drawn = json.dumps(chart(page, "price-quality-1-gpqa-diamond"))
    assert "Gemma" not in drawn
    assert "Mistral Large 4" in drawn


def test_stories_of_one_publisher_each_are_not_ranked(tmp_path: Path) -> None:
    marts = filled_marts()
    marts.execute("update marts.story set publishers = [publisher]")
    assert headlines(report(marts, tmp_path))[4] == "4 stories came in the week, none told by more than one publisher."


def test_documents_of_a_source_that_stand_alike_share_a_row(tmp_path: Path) -> None:
    marts = filled_marts()
    pages = [dict(row) | {"document": f"page-{n}"} for row in health() if row["source"] == "hub" for n in range(200)]
    insert(marts, "source_health", pages)
    shown = figure(report(marts, tmp_path), "sources")
    assert "201 documents" in shown
    assert shown.count("Hugging Face Hub") == 1
    assert "n = 7 sources, 208 documents" in shown
