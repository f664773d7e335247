"""The report's safety: self-contained, inert whatever the marts hold, and its files where they belong."""

from __future__ import annotations

import base64
import csv
import datetime as dt
import hashlib
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from reports.safe import csv_cell, tidy, web_address
from reports.week import Week
from reports.weekly import write_index, write_report
from tests.report_data import HOSTILE, WEEK, at, empty_marts, filled_marts, poisoned_marts
from tests.test_report import Page, figure, report

BREAKOUT = f"</script>{HOSTILE}<img src=x onerror=alert(1)>\"'><b>"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("filled")
    return report(filled_marts(), folder), folder / WEEK


def test_the_page_is_one_file_and_only_its_own_script_may_run(filled: tuple[str, Path]) -> None:
    text = filled[0]
    page = Page(text)
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy and policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy
    assert "script-src 'unsafe-inline'" not in policy
    running = [code for attributes, code in page.scripts if attributes.get("type") == "module"]
    assert len(running) == 1
    digest = base64.b64encode(hashlib.sha256(running[0].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy
    assert not page.all("img") and not page.all("iframe")
    links = {a["rel"]: a["href"] or "" for a in page.all("link")}
    assert links.keys() == {"icon", "alternate"}
    assert links["icon"].startswith("data:") and links["alternate"] == "../prices.atom"
    assert not any("src" in attributes for attributes, _ in page.scripts)
    assert page.all("html")[0]["lang"] == "en"
    assert [a["name"] for a in page.all("meta") if a.get("name") == "viewport"]


def test_every_figure_has_its_sql_and_its_rows(filled: tuple[str, Path]) -> None:
    page, folder = filled
    slugs = re.findall(r'<figure id="([^"]+)">', page)
    assert sorted(f"{slug}.csv" for slug in slugs) == sorted(p.name for p in (folder / "data").iterdir())
    for slug in slugs:
        shown = figure(page, slug)
        assert "<summary>SQL</summary>" in shown
        link = re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]+)" download', shown)
        assert link
        assert base64.b64decode(link[1]) == (folder / "data" / f"{slug}.csv").read_bytes()


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", 'https://a.example/"><script>', "data:text/html,x", "//x.example"]
)
def test_hostile_text_stays_text_everywhere(tmp_path: Path, url: str) -> None:
    text = report(poisoned_marts(BREAKOUT, url), tmp_path)
    page = Page(text)
    blocks = [code for attributes, code in page.scripts if attributes.get("type") == "application/json"]
    assert len(page.scripts) == len(blocks) + 1, "a script that is not ours"
    assert len(blocks) == 5 + len(re.findall('<div class="panel">', text))
    for block in blocks:
        json.loads(block)
    assert not page.all("img") and not page.all("b")
    for name, attributes in page.tags:
        assert not [key for key in attributes if key.startswith("on")], (name, attributes)
    allowed = ("#", "data:text/csv", "data:image/svg+xml", "../index.html", "../prices.atom")
    assert [a["href"] for a in page.all("a") if not (a["href"] or "").startswith(allowed)] == []
    assert "alert(1)" in text, "the hostile text is shown, as text"


def test_good_links_tell_the_target_nothing(filled: tuple[str, Path]) -> None:
    links = [a for a in Page(filled[0]).all("a") if (a["href"] or "").startswith("http")]
    assert len(links) > 5
    assert {a["rel"] for a in links} == {"noopener noreferrer nofollow"}


def test_no_csv_cell_starts_a_formula(tmp_path: Path) -> None:
    report(poisoned_marts('=HYPERLINK("https://evil.example","x")'), tmp_path)
    cells = 0
    for path in (tmp_path / WEEK / "data").glob("*.csv"):
        for row in csv.reader(path.open(encoding="utf-8", newline="")):
            for value in row:
                cells += "HYPERLINK" in value
                assert not value.startswith(("=", "@", "\t", "\r", "+")), (path.name, value)
    assert cells > 50


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"), ("+cmd|x", "'+cmd|x"), ("@SUM(A1)", "'@SUM(A1)"), ("\tx", "'\tx"), ("\rx", "'\ufffdx"),
        ("-1.5", "-1.5"), ("-1-1", "'-1-1"), ("＝1", "'＝1"), (-3, "-3"), (Decimal("0.000000012"), "0.000000012"),
        (None, ""), (True, "true"), (["a", "=b"], "a; =b"), (dt.date(2026, 11, 21), "2026-11-21"),
        (at("2026-11-21"), "2026-11-21T14:30:00Z"),
    ],
)  # fmt: skip
def test_csv_cells(value: object, written: str) -> None:
    assert csv_cell(value) == written


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://a.example/b?c=d#e", True), ("http://a.example", True), ("HTTPS://a.example", True),
        ("javascript:alert(1)", False), (" https://a.example", False), ("https:a.example", False),
        ("/etc/passwd", False),
        ("file:///etc/passwd", False), ("https://[::1", False), ("https://a.example/\nx", False), ("", False),
        (None, False),
    ],
)  # fmt: skip
def test_web_addresses(address: str | None, shown: bool) -> None:
    assert web_address(address) == (address if shown else None)


def test_text_that_hides_or_reorders_is_marked() -> None:
    assert tidy("abc\u202egnp.exe\x00") == "abc\ufffdgnp.exe\ufffd"
    assert tidy("通义千问 – Qwen\n") == "通义千问 – Qwen\n"


@pytest.mark.parametrize("week", ["2026-47", "2026-W54", "2026-W00", "../2026-W47", "2026-W47/x", "", "2026-W7"])
def test_a_week_that_is_none_is_refused(week: str, tmp_path: Path) -> None:
    marts = empty_marts()
    with pytest.raises(ValueError, match=r"."):
        write_report(marts, week=week, out=tmp_path)
    marts.close()
    assert list(tmp_path.iterdir()) == []


def test_the_last_week_of_a_long_year() -> None:
    week = Week.parse("2026-W53")
    assert (week.first_day, week.last_day) == (dt.date(2026, 12, 28), dt.date(2027, 1, 3))


def test_the_index_lists_the_weeks_newest_first(tmp_path: Path) -> None:
    for name in ("2026-W09", "2026-W47", "2025-W52", "drafts"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text("x")
    (tmp_path / "2026-W48").mkdir()
    page = write_index(tmp_path).read_text(encoding="utf-8")
    assert re.findall(r'href="(\d[^"]+)"', page) == [f"{w}/index.html" for w in ("2026-W47", "2026-W09", "2025-W52")]


def test_rows_of_a_figure_that_is_no_more_are_removed(tmp_path: Path) -> None:
    old = tmp_path / WEEK / "data" / "gone.csv"
    old.parent.mkdir(parents=True)
    old.write_text("a")
    report(empty_marts(), tmp_path)
    assert not old.exists()
