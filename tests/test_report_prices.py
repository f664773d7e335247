"""The sections of the report that show prices: one line per change, true titles, and what is no news set apart."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from html import unescape
from pathlib import Path

import pytest

from reports import offers
from reports.charts import Run
from reports.sections import price_events
from reports.sections.price_history import _runs
from tests.report_data import MARTS, WEEK, changes, empty_marts, filled_marts, insert
from tests.report_prices import history
from tests.report_reading import text, title
from tests.test_report import figure, report


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("prices")
    return report(filled_marts(), folder), folder / WEEK


def rows(page: str, slug: str) -> list[str]:
    """The words of each row of a figure's table."""
    found = re.findall(r"<tr>(.*?)</tr>", figure(page, slug).split("<tbody>")[1], re.DOTALL)
    return [re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", row))).strip() for row in found]


# --- changes


def test_prices_of_one_offer_that_move_together_are_one_line(filled: tuple[str, Path]) -> None:
    shown = rows(filled[0], "price-changes")
    assert shown[0].startswith(
        "acme-large acme ▼ cut −38% to −21% input $0.42 → $0.26 output $2.40 → $1.90 per M tokens"
    )
    assert "stated from 2026-11-17" in shown[0]
    assert len([row for row in shown if row.startswith("acme-large")]) == 1


def test_every_kind_of_change_is_worded(filled: tuple[str, Path]) -> None:
    shown = {row.split()[0]: row for row in rows(filled[0], "price-changes")}
    assert "◷ scheduled +50% input $2.00 → $3.00" in shown["acme-later"]
    assert "to begin 2026-12-01" in shown["acme-later"]
    assert "⊘ cancelled input stays $2.00, not $3.00" in shown["acme-never"]
    assert "was to begin 2026-11-16" in shown["acme-never"]
    assert "★ promotion input $0.50, list $2.00" in shown["acme-sale"]
    assert "to end 2026-11-28" in shown["acme-sale"]
    assert "☆ promotion over input was $0.70" in shown["acme-sold"]
    assert "was free" in shown["acme-mini"]


def test_one_recut_of_tiers_is_one_line(filled: tuple[str, Path]) -> None:
    found = [row for row in rows(filled[0], "price-changes") if row.startswith("acme-tiers")]
    assert len(found) == 1
    assert "⇄ tiers input $2.00 from 131k → $4.00 from 262k per M tokens" in found[0]


def test_doubted_prices_are_no_news(filled: tuple[str, Path]) -> None:
    assert "acme-doubted" not in figure(filled[0], "price-changes")
    assert "acme-doubted" not in figure(filled[0], "price-arrivals")


def test_a_price_of_zero_is_not_the_biggest_cut(tmp_path: Path) -> None:
    marts = filled_marts()
    zero = dict(changes()[0]) | {"listing": "acme-gratis", "offer_id": "gratis", "amount_after": "0"}
    insert(marts, "price_change", [zero | {"per_mtok_after": "0", "ratio": 0.0}])
    page = report(marts, tmp_path)
    assert title(page, "price-changes").startswith("Biggest cut: input of acme-large")
    assert "acme-gratis acme ▼ cut −100%" in " ".join(rows(page, "price-changes"))


def test_a_sellers_own_page_comes_before_what_others_say(tmp_path: Path) -> None:
    marts = filled_marts()
    said = {"source": "catalogue", "source_kind": "aggregator", "document": "main", "origin": "imported"}
    cut = dict(changes()[0]) | said | {"offer_id": "said", "listing": "said", "per_mtok_after": "0.01", "ratio": 0.02}
    insert(marts, "price_change", [cut | {"amount_after": "0.01"}])
    assert title(report(marts, tmp_path), "price-changes").startswith("Biggest cut: input of acme-large")
    marts = empty_marts()
    insert(marts, "price_change", [cut | {"amount_after": "0.01"}])
    assert title(report(marts, tmp_path), "price-changes").endswith("per M tokens, as catalogue has it")


def test_new_and_withdrawn_listings_are_a_line_per_seller(tmp_path: Path) -> None:
    marts = filled_marts()
    new = next(dict(row) for row in changes() if row["change"] == "new")
    insert(
        marts, "price_change", [new | {"listing": f"b-{n}", "offer_id": f"b-{n}", "provider": "bulk"} for n in range(9)]
    )
    page = report(marts, tmp_path)
    assert title(page, "price-arrivals") == "10 listings came with new prices and 1 listing lost some"
    assert any(row.startswith("bulk + new 9 b-0, b-1, b-2 and 6 more") for row in rows(page, "price-arrivals"))


# --- routes, promotions, repeats


def test_routes_compare_with_the_own_price_and_name_hearsay(filled: tuple[str, Path]) -> None:
    page = filled[0]
    assert title(page, "price-routes") == "Acme-Large costs 25% less at host than at Acme"
    shown = {row.split()[0]: row for row in rows(page, "price-routes")}
    assert "host promotion, fp8 $4.50 −25%" in shown["Acme-Large"]
    assert "its own organisation cn, ¥2.00, ECB CNY 2026-11-20 $0.28 −72%" in shown["Acme-Mini"]
    assert "host an aggregator's word $0.10 −75%" in shown["Acme-Nano"]
    assert "$3.00 same" in shown["Acme-Old"]
    assert "not sold there" in shown["Acme-Open"]
    words = text(page, "price-routes")
    assert "Only an aggregator's word, the seller's own page was not captured: Acme-Nano." in words
    assert "Free with limits, not compared: Acme-Large at host." in words
    assert "Last confirmed more than 30 days before: Acme-Nano." in words


def test_hearsay_and_old_routes_make_no_headline(tmp_path: Path) -> None:
    marts = filled_marts()
    marts.execute("update marts.price_route set last_seen_at = '2026-09-01' where not is_first_party")
    assert (
        title(report(marts, tmp_path), "price-routes") == "Of 4 watched models 2 are cheapest at their own organisation"
    )


def test_promotions_say_when_they_end_or_that_it_is_not_stated(filled: tuple[str, Path]) -> None:
    page = filled[0]
    assert title(page, "price-promotions") == (
        "1 promotion ends within 14 days, first that on acme-sale at acme, on 2026-11-28"
    )
    shown = rows(page, "price-promotions")
    assert "input $2.00 → $0.50 output $8.00 → $2.00 per M tokens 75% 2026-11-28 6 days left" in shown[0]
    assert "input unknown → $0.30 per M tokens unknown no end stated" in shown[1]


def test_repeats_are_counted_per_source_and_the_stalest_is_named(filled: tuple[str, Path]) -> None:
    page = filled[0]
    assert title(page, "price-agreement") == "33% of 3 prices repeated by others agree with the seller's own page"
    assert "33% 1 of 3 1 up to 25 days, median 25 1 1 1 asked before" in rows(page, "price-agreement")[0]
    assert title(page, "price-disagreement") == (
        "Open price catalogue is 25 days behind on input of Acme-Large at acme"
    )
    shown = rows(page, "price-disagreement")
    assert "$3.00 $5.00 +67% stale by 25 days given up 2026-10-20" in shown[0]
    assert len(shown) == 2, "what agrees or cannot be judged is not in the list"


# --- history


def test_only_what_moved_is_drawn_and_every_watched_model_is_in_the_table(filled: tuple[str, Path]) -> None:
    page = filled[0]
    assert title(page, "price-history").startswith("1 of 2 watched models changed their list price; input of V9 in USD")
    shown = figure(page, "price-history")
    assert re.findall(r"<h4>(.*?)</h4>", shown) == ["V9 in USD"]
    assert [row.split(" input")[0].split()[0] for row in rows(page, "price-history")] == ["Corvid", "V9", "V9"]
    block = re.search(r'data-chart="chart-price-history-1">(.*?)</script>', page, re.DOTALL)
    assert block
    drawn = json.loads(block[1])
    dashes = [layer["mark"].get("strokeDash") for layer in drawn["layer"] if layer["mark"]["type"] == "line"]
    assert dashes == [[1, 0], [4, 3]]


def test_a_run_ends_at_a_gap_and_joins_the_next_where_there_is_none() -> None:
    end = dt.datetime(2026, 11, 23)  # noqa: DTZ001 - naive UTC, as DuckDB keeps it
    periods = [dict(row) for row in history() if row["currency"] == "USD" and row["model_name"] == "V9"][:3]
    told, own = _runs(periods, end)
    assert told == Run(
        "input",
        ((periods[0]["in_force_from"], 1.0), (periods[0]["in_force_to"], 1.0), (periods[0]["in_force_to"], 2.0)),
        True,
    )
    assert [value for _, value in own.points] == [2.0, 1.5, 1.5]
    assert own.points[-1][0] == periods[-1]["last_seen_at"], "not drawn beyond what was confirmed"
    periods[1]["in_force_from"] = dt.datetime(2026, 7, 1)  # noqa: DTZ001
    assert len(_runs(periods, end)[0].points) == 2


# --- events in the data


@pytest.mark.parametrize(
    ("mart", "column", "worded"),
    [
        ("price_change", "change", offers.ARROWS),
        ("price_change", "change", offers.NOUNS),
        ("price_quarantine", "reason", price_events.REASONS),
        ("price_upstream_event", "kind", price_events.KINDS),
        ("price_restatement", "kind", price_events.REWRITES),
    ],
)
def test_every_kind_a_mart_may_hold_has_its_words(mart: str, column: str, worded: dict[str, str]) -> None:
    header = (MARTS / f"{mart}.sql").read_text(encoding="utf-8")
    found = re.search(rf"^-- column: {column} VARCHAR in \(([^)]*)\)", header, re.MULTILINE)
    assert found and set(found[1].split(", ")) == set(worded)


def test_a_mass_of_doubted_prices_is_one_line(filled: tuple[str, Path]) -> None:
    page, folder = filled
    assert title(page, "price-quarantine").startswith("41 prices are doubted and kept out, most of them of bulk in")
    shown = rows(page, "price-quarantine")
    assert len(shown) == 3
    assert "odd-00, odd-01, odd-02 and 37 more far from what others ask 40 100× to 139×" in shown[0]
    assert any("1 believed by now" in row for row in shown)
    with (folder / "data" / "price-quarantine.csv").open(encoding="utf-8") as file:
        assert "odd-39" in next(csv.DictReader(file))["listings"]


def test_rewritten_pasts_are_told_apart_from_changes(filled: tuple[str, Path]) -> None:
    assert title(filled[0], "price-restatements") == "1 statement on past prices was rewritten in the week"
    assert "acme-past" not in figure(filled[0], "price-changes")


def test_without_data_the_sections_are_silent(tmp_path: Path) -> None:
    page = report(empty_marts(), tmp_path)
    for slug in ("promotions", "routes", "list-prices", "agreement", "price-data"):
        assert f'id="{slug}"' not in page


def test_simulated_panels_say_so(tmp_path: Path) -> None:
    marts = filled_marts()
    marts.execute("update marts.price_history set origin = 'simulated'")
    page = report(marts, tmp_path)
    assert title(page, "price-history").startswith("SIMULATED ")
    block = re.search(r'data-chart="chart-price-history-1">(.*?)</script>', page, re.DOTALL)
    assert block and json.loads(block[1])["title"]["text"] == "SIMULATED"


def test_tiers_that_only_moved_their_bounds_say_so() -> None:
    moved = {
        "change": "tier_change",
        "component": "input",
        "currency": "USD",
        "context_from_tokens": 0,
        "window_name": None,
        "unit": "per_mtok",
    }
    both = moved | {"amount_before": 1, "amount_after": 1, "per_mtok_before": 1, "per_mtok_after": 1}
    assert offers.prices([both]) == ("input $1.00, for other prompts or hours",)


def test_a_price_that_came_to_depend_on_the_hour_is_one_line(tmp_path: Path) -> None:
    marts = empty_marts()
    usual = next(dict(row) for row in changes() if row["change"] == "tier_change") | {"context_from_tokens": 0}
    old = {"amount_before": 3, "per_mtok_before": 3, "amount_after": None, "per_mtok_after": None}
    new = {"amount_before": None, "per_mtok_before": None}
    insert(
        marts,
        "price_change",
        [
            usual | old | {"offer_id": "all hours"},
            usual | new | {"offer_id": "peak", "window_name": "peak", "amount_after": 9, "per_mtok_after": 9},
            usual | new | {"offer_id": "else", "window_name": "off_peak", "amount_after": 4, "per_mtok_after": 4},
        ],
    )
    shown = rows(report(marts, tmp_path), "price-changes")
    assert len(shown) == 1
    assert shown[0].startswith("acme-tiers acme ⇄ tiers input $3.00 → $4.00 off peak, $9.00 peak per M tokens")


def test_an_announcement_of_what_is_in_force_is_none(tmp_path: Path) -> None:
    marts = empty_marts()
    told = next(dict(row) for row in changes() if row["change"] == "scheduled")
    insert(marts, "price_change", [told | {"amount_after": "2", "per_mtok_after": "2", "ratio": 1.0}])
    assert "No price change was captured until the end of this week" in report(marts, tmp_path)
