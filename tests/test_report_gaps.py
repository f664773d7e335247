"""The report where the record knows less, is simulated, hostile or of a past week; and small parts of it."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from html import unescape
from pathlib import Path

import pytest

from reports import words
from reports.hub import off_days, places
from reports.weekly import find_sections
from tests.report_data import HOSTILE, WEEK, filled_marts, poisoned_marts
from tests.report_hub import hub_marts
from tests.report_reading import FIGURES, changed, drawn, text, title
from tests.test_report import Page, figure, headlines, report

OF_THE_WHOLE_HUB = {"derivatives-by-rule", "new-derivatives-by-month", "licence-drift", "download-concentration"}


# --- weeks, and records that know less


def test_a_past_week_shows_nothing_of_later_days(tmp_path: Path) -> None:
    page = changed("select 1", tmp_path, week="2026-W45")
    last = {
        "downloads-by-region": "2026-11-08",
        "downloads-by-organisation": "2026-11-08",
        "download-concentration": "2026-11-07",
        "hub-events": "2026-11-04",
    }
    for slug, expected in last.items():
        days = {row[key][:10] for row in drawn(page, slug) for key in ("observed_on", "until") if key in row}
        assert max(days) == expected, slug
    assert "movers-repository" not in page


def test_an_open_week_without_moves_says_of_which_week_they_are(tmp_path: Path) -> None:
    page = changed("delete from marts.download_mover where week_from = '2026-11-16'", tmp_path)
    assert "No move of this week is known yet" in text(page, "movers-repository")
    assert not any("rose most" in sentence for sentence in headlines(page))


def test_without_a_whole_crawl_one_sentence_says_what_is_missing(tmp_path: Path) -> None:
    marts = hub_marts()
    marts.execute("update marts.download_rollup set coverage = 'watched'")
    for table in ("family_derivative_count", "new_derivative_by_month"):
        flag = "whole_hub_at = null" if table == "family_derivative_count" else "is_whole_hub_month = false"
        marts.execute(f"update marts.{table} set {flag}")
    marts.execute("delete from marts.download_concentration")
    page = report(marts, tmp_path)
    assert page.count("MODELMARKET_HUB_CRAWL=full") == 1
    for slug in OF_THE_WHOLE_HUB:
        assert f'<figure id="{slug}"' not in page, slug
    for slug in ("licences", "new-derivatives", "concentration"):
        assert f'id="{slug}"' not in page
        assert f'href="#{slug}"' not in page
    assert "Direct children of the family's own repositories, as the Hub counts" in text(page, "derivatives-by-family")
    assert title(page, "downloads-by-region").startswith("Organisations of China receive 41% of the watched downloads")
    assert "Only the watched repositories" in text(page, "downloads-by-region")


def test_when_most_cannot_be_placed_the_title_begins_with_that(tmp_path: Path) -> None:
    page = changed(
        "update marts.download_rollup set downloads_30d_share = "
        "case value when 'unknown' then 0.8 else downloads_30d_share * 0.2 / 0.78 end where dimension <> 'all'",
        tmp_path,
    )
    expected = "80% of all downloads cannot be placed; of the rest organisations of China receive 53%"
    assert title(page, "downloads-by-region") == expected
    beside = "alibaba leads the organisations with 40% of what can be placed; 80% cannot"
    assert title(page, "downloads-by-organisation") == beside


def test_without_a_sure_month_every_line_is_dashed(tmp_path: Path) -> None:
    page = changed("update marts.new_derivative_by_month set is_whole_hub_month = false", tmp_path)
    found = re.search(r'data-chart="chart-new-derivatives-by-month">(.*?)</script>', page, re.DOTALL)
    assert found
    lines = [layer["mark"] for layer in json.loads(found[1])["layer"] if layer["mark"]["type"] == "line"]
    assert [line["strokeDash"] for line in lines] == [[4, 4]]
    assert "before the first whole crawl" in text(page, "new-derivatives-by-month")


def test_one_day_of_capture_is_drawn_as_bars(tmp_path: Path) -> None:
    page = changed("delete from marts.download_rollup where observed_on < '2026-11-21'", tmp_path)
    rows = [row for row in drawn(page, "downloads-by-region") if row.get("name") == "China"]
    assert [row["shown"] for row in rows if "shown" in row] == ["890M"]


def test_a_day_that_cannot_be_judged_is_not_called_fresh(tmp_path: Path) -> None:
    page = changed("update marts.download_rollup set is_stale = null, covers_days = null", tmp_path)
    assert title(page, "hub-events").startswith(
        "Whether counters were refreshed cannot be told yet of 35 captured days"
    )


def test_no_known_ram_draws_nothing_and_says_what_fills_it(tmp_path: Path) -> None:
    page = changed("update marts.adoption_ram set ram_v1 = null, ram_v2 = null", tmp_path)
    assert title(page, "adoption-leaders").startswith("No RAM is known yet")
    assert 'id="chart-adoption-leaders"' not in page
    assert "captures go on" in text(page, "adoption-leaders")


def test_equal_counts_are_said_to_agree(tmp_path: Path) -> None:
    page = changed("update marts.derivative_reconciliation set declared_count = hub_count, difference = 0", tmp_path)
    assert title(page, "derivatives-reconciled") == "All 3 counts of direct derivatives agree with the Hub's own"


def test_unordered_licences_are_not_counted_as_kept(tmp_path: Path) -> None:
    page = changed("update marts.licence_drift set verdict = 'unknown'", tmp_path)
    assert title(page, "licence-drift") == "Of no edge are the licences of both ends ordered"
    assert "Of no family are 20 edges ordered" in title(page, "licence-drift-by-family")


def test_simulated_crawls_mark_every_figure_that_rests_on_them(tmp_path: Path) -> None:
    marts = hub_marts()
    for table, column in marts.execute(
        "select table_name, column_name from information_schema.columns where column_name = 'origin'"
    ).fetchall():
        marts.execute(f"update marts.{table} set {column} = 'simulated' where {column} = 'live'")
    page = report(marts, tmp_path)
    for slug in FIGURES:
        assert title(page, slug).startswith("SIMULATED "), slug
    for sentence in headlines(page)[:3]:
        assert sentence.startswith("SIMULATED")


# --- safety, and the same law as for the others


def test_hostile_names_stay_text_in_every_figure(tmp_path: Path) -> None:
    shown = report(
        poisoned_marts(f"</script>{HOSTILE}<img src=x onerror=alert(1)>\"'><b>", marts=hub_marts()), tmp_path
    )
    page = Page(shown)
    blocks = [code for attributes, code in page.scripts if attributes.get("type") == "application/json"]
    assert len(page.scripts) == len(blocks) + 1, "a script that is not ours"
    for block in blocks:
        json.loads(block)
    assert not page.all("img") and not page.all("b")
    for slug in FIGURES:
        assert f'<figure id="{slug}"' in shown, slug


def test_no_cell_of_the_ecosystem_starts_a_formula(tmp_path: Path) -> None:
    report(poisoned_marts('=HYPERLINK("https://evil.example","x")', marts=hub_marts()), tmp_path)
    for slug in FIGURES:
        with (tmp_path / WEEK / "data" / f"{slug}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                assert not [value for value in row if value.startswith(("=", "@", "+"))], slug


def test_the_shown_sql_of_the_ecosystem_runs_as_it_stands(tmp_path: Path) -> None:
    marts = hub_marts()
    blocks = re.findall(r"<pre>(.*?)</pre>", report(hub_marts(), tmp_path).split("</main>")[0], re.DOTALL)
    for block in blocks:
        assert "$week" not in block
        marts.execute(unescape(block)).fetchall()
    marts.close()
    assert len(blocks) > len(FIGURES)


def test_sections_keep_their_order_and_none_shares_a_place() -> None:
    orders = [section.order for section in find_sections()]
    assert len(orders) == len(set(orders))


def test_the_record_without_whole_crawls_stays_as_it_was(tmp_path: Path) -> None:
    page = report(filled_marts(), tmp_path)
    assert "<h3>Qwen has 2.1× the derivatives of Llama</h3>" in figure(page, "derivatives-by-family")
    assert '<figure id="derivatives-history"' in page


# --- small parts


def test_a_family_keeps_its_place_whatever_it_stands_beside() -> None:
    assert places(["llama", "olmo", "qwen"]) == [1, 2, 0]
    assert places(["olmo", "qwen", "phi", "glm", "kimi"]) == [1, 0, 2, 3, 5]
    assert places(["unknown", "china", "us", "eu", "other"]) == [4, 1, 0, 2, 3]
    assert places(["qwen", "alibaba"]) == [0, 1], "a place is given once"


def off(levels: list[int], coverage: str = "whole_hub") -> list[tuple[dt.date, float]]:
    """Days off among daily sums."""
    first = dt.date(2026, 11, 1)
    return off_days(
        {"coverage": coverage, "observed_on": first + dt.timedelta(days=n), "downloads_30d": level}
        for n, level in enumerate(levels)
    )


def test_a_day_is_off_only_against_both_neighbours() -> None:
    assert off([100, 70, 101]) == [(dt.date(2026, 11, 2), 0.7)]
    assert off([100, 130, 101]) == [(dt.date(2026, 11, 2), 130 / 101)]
    assert off([100, 130, 160]) == [], "a rise that stays"
    assert off([100, 90, 101]) == []
    assert off([100, 70, 101], "watched") == [], "a list may show less"
    assert off([100, 0, 100]) == [], "nothing was counted: nothing to compare"


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        (None, "unknown"), (0, "0%"), (1, "100%"), (0.0004, "under 0.1%"), (0.004, "0.4%"), (0.0814, "8.1%"),
        (0.621, "62%"), (0.953, "95%"), (0.993, "99.3%"), (0.99964, "over 99.9%"),
    ],
)  # fmt: skip
def test_shares(part: float | None, shown: str) -> None:
    assert words.share(part) == shown
