"""The demo: everything it leaves is simulated and says so, twice the same, and nothing else is touched."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock
from huggingface_hub.utils import get_session  # type: ignore[attr-defined]  # lazy export
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.demo import ADDRESS, Result, Setting, run_demo, simulated_hub
from pipelines.demo_folder import LOCK, MADE, MARKER, DemoError, claimed, default_folder
from pipelines.lib.archive import Archive
from pipelines.lib.capture import Stamp, capture
from pipelines.lib.folder import PROJECT_DIR, DataFolder, data_dir
from pipelines.lib.http import FetchError
from pipelines.lib.publish import open_published
from pipelines.lib.source import Fetcher, Origin, Response
from reports.weekly import write_index, write_report
from tests.report_data import WEEK, changes, empty_marts, health, insert, stories
from tests.small_sources import at, small_source, store
from tests.test_report import Page, figure
from tests.test_report_look import colours, contrast

# A Saturday and the Sunday that ends its week, then a Monday: two weeks, each loaded and reported by itself.
TINY = Setting(models=300, days=3, seed=1, start=date(2026, 9, 5))


@dataclass
class Told:
    """Keeps what a demo tells of its progress."""

    days: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    ended: int = 0

    def begin(self, step: str) -> None:
        self.days.append(step)

    def say(self, message: str) -> None:
        self.said.append(message)

    def end(self) -> None:
        self.ended += 1


@dataclass(frozen=True)
class Made:
    """A finished demo: what it returned, and what it told."""

    result: Result
    told: Told
    place: DataFolder

    @property
    def page(self) -> str:
        return self.result.report.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One tiny demo for all tests that only look at it."""
    folder, told = tmp_path_factory.mktemp("demo") / "here", Told()
    return Made(run_demo(folder, TINY, told), told, DataFolder(root=str(folder)))


@pytest.fixture
def tables(made: Made) -> Iterator[duckdb.DuckDBPyConnection]:
    """Its published tables."""
    with open_published(made.place.path) as connection:
        yield connection


# ---- what it leaves


def test_every_day_is_a_whole_capture_of_the_simulated_clock(made: Made) -> None:
    captures = made.place.archive.captures("hub_models")
    assert [item.captured_at for item in captures] == [datetime(2026, 9, day, 14, tzinfo=UTC) for day in (5, 6, 7)]
    for item in captures:
        assert (item.origin, item.complete, item.origin_note) == (Origin.SIMULATED, True, TINY.note)
        labels = [stored.label for stored in item.documents]
        assert "models/page-00001" in labels and "repository/Qwen/Qwen3-0.6B" in labels
        assert all(stored.url.startswith(f"{ADDRESS}/api/models") for stored in item.documents)
    assert made.told.days == ["2026-09-05", "2026-09-06", "2026-09-07"] and made.told.ended == 3
    assert [line.split(": ")[1] for line in made.told.said if ", listing " in line] == [
        "2026-09-05 14:00, listing 1 of 2",
        "2026-09-06 14:00, listing 2 of 2",
        "2026-09-07 14:00, listing 1 of 1",
    ]


def test_no_row_of_any_table_is_of_another_origin(tables: duckdb.DuckDBPyConnection) -> None:
    columns = tables.execute(
        "select table_schema || '.' || table_name, column_name from information_schema.columns "
        "where column_name = 'origin' or ends_with(column_name, '_origin')"
    ).fetchall()
    found: set[str] = set()
    for table, column in columns:
        found |= {value for (value,) in tables.execute(f"select distinct {column} from {table}").fetchall() if value}
    assert len(columns) > 15 and found == {"simulated"}
    assert tables.execute("select source, title from staging.source").fetchall() == [("hub_models", "Simulated Hub")]
    assert tables.execute("select bool_and(is_full), count(*) from staging.hub_crawl").fetchall() == [(True, 3)]


def test_a_report_is_written_for_each_week_and_the_last_is_returned(made: Made) -> None:
    reports = made.place.path / "reports"
    assert sorted(path.parent.name for path in reports.glob("*/index.html")) == ["2026-W36", "2026-W37"]
    assert made.result.report == reports / "2026-W37" / "index.html"
    assert made.result.database.exists()
    listed = (reports / "index.html").read_text()
    assert "<title>SIMULATED: " in listed and listed.count('<span class="badge simulated">SIMULATED</span>') == 2


def test_the_page_and_every_figure_with_data_say_simulated(made: Made) -> None:
    page = made.page
    assert '<html lang="en" data-origin="simulated">' in page and "<title>SIMULATED: modelmarket" in page
    banner = re.search(r'<aside class="banner simulated".*?</aside>', page, re.DOTALL)
    assert banner and "SIMULATED data." in banner[0] and "seed 1" in banner[0]
    assert '<span class="badge live">' not in page and '<span class="badge starter">' not in page
    badge = '<span class="badge simulated">SIMULATED</span>'
    slugs = re.findall(r'<figure id="([^"]+)"', page)
    marked = [slug for slug in slugs if f"<h3>{badge}" in figure(page, slug)]
    assert {"sources"} < set(marked)
    for slug in slugs:
        shown = figure(page, slug)
        rows = list(csv.reader((made.result.report.parent / "data" / f"{slug}.csv").open(encoding="utf-8")))
        if slug not in marked:
            assert "<table>" not in shown and "data-chart" not in shown and len(rows) == 1, slug
            continue
        assert shown.count("<caption>") == shown.count(f"<caption><span>{badge}"), slug
        assert rows[0][0] == "origin" and {row[0] for row in rows[1:]} <= {"simulated"}, slug
        for drawing in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', shown, re.DOTALL):
            assert json.loads(drawing)["title"]["text"] == "SIMULATED", slug
    assert "data-chart" in page
    sentences = re.findall(r"<li>(.*?) <a", page.partition('id="summary"')[2].partition("</section>")[0], re.DOTALL)
    assert all(badge in text or text.startswith("No ") for text in sentences) and badge in sentences[0]


def test_sections_of_what_the_demo_has_not_say_so(made: Made) -> None:
    for line in (
        "No price change was captured until the end of this week",
        "No product is known with both a yuan and a dollar price",
        "No benchmark has five models with both a price and a score yet",
        "No story was captured until the end of this week",
        "No unmatched name is in wide use",
    ):
        assert f"<h3>{line}</h3>" in made.page, line


def content(database: Path) -> dict[str, tuple[int, int]]:
    """Rows and the sum of their hashes for every table."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables where table_schema <> 'meta'"
        ).fetchall()
        return {
            name: connection.execute(
                f"select count(*), coalesce(sum(hash(t::varchar)), 0) from {name} as t"
            ).fetchall()[0]
            for (name,) in names
        }


def test_another_process_makes_the_same_tables(made: Made, tmp_path: Path) -> None:
    code = (
        "import sys; from datetime import date; from pathlib import Path; from pipelines.demo import *\n"
        "from tests.test_demo import TINY, Told; run_demo(Path(sys.argv[1]), TINY, Told())"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "MODELMARKET_DATA": str(tmp_path / "data")}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "again")], check=True, cwd=PROJECT_DIR, env=environment)
    there = DataFolder(root=str(tmp_path / "again"))
    here, again = content(made.result.database), content(there.path / "published" / "modelmarket.duckdb")
    assert {name: (here[name], again.get(name)) for name in here if here[name] != again.get(name)} == {}
    assert len([name for name, (rows, _) in here.items() if rows]) > 30
    for path in (made.place.path / "reports").rglob("*.*"):
        assert path.read_bytes() == (there.path / path.relative_to(made.place.path)).read_bytes(), path.name


def test_the_command_says_where_the_report_is(folder: DataFolder) -> None:
    answer = CliRunner().invoke(app, ["demo", "--models", "200", "--days", "1"])
    assert answer.exit_code == 0, answer.stderr
    root = folder.path / "demo"
    assert answer.stdout.splitlines() == [
        f"SIMULATED report of 2026-W36: {root / 'reports' / '2026-W36' / 'index.html'}",
        f"SIMULATED tables: {root / 'published' / 'modelmarket.duckdb'}",
    ]
    assert {path.name for path in folder.path.iterdir()} == {"demo"}


# ---- its folder


@pytest.mark.parametrize("where", ["", "raw", "published/demo", ".."])
def test_the_data_folder_is_left_alone_but_for_its_own(folder: DataFolder, where: str) -> None:
    folder.path.mkdir()
    with pytest.raises(DemoError, match="of which the demo touches only"), claimed(folder.path / where):
        pass
    assert list(folder.path.iterdir()) == []


def test_its_own_place_in_the_data_folder_is_the_default(folder: DataFolder) -> None:
    assert default_folder() == data_dir() / "demo"
    with claimed(default_folder()) as place:
        assert place.path == default_folder()
    with claimed(default_folder() / "another") as place:
        assert (place.path / MARKER).is_file()


def test_a_folder_with_other_files_or_captures_is_refused_as_it_is(folder: DataFolder, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("mine")
    kept = tmp_path / "kept"
    with claimed(kept) as place:
        store(place.archive, "2026-05-01", {"a": {"input": "1"}})
    for path, why in ((foreign, "files that no demo made"), (kept, "a capture that is imported, not simulated")):
        before = sorted(path.rglob("*"))
        with pytest.raises(DemoError, match=why), claimed(path):
            pass
        assert sorted(path.rglob("*")) == before
    with pytest.raises(DemoError, match="is a file"), claimed(foreign / "thesis.txt"):
        pass
    answer = CliRunner().invoke(app, ["demo", "--folder", str(foreign)])
    assert answer.exit_code == 1 and "error:" in answer.stderr and "Traceback" not in answer.stderr


def test_it_starts_anew_and_deletes_only_what_it_made(folder: DataFolder, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious.txt").write_text("mine")
    path = tmp_path / "demo"
    with claimed(path):
        for name in MADE:
            (path / name).mkdir()
            (path / name / "old").write_text("")
        (path / "notes.txt").write_text("mine")
        (path / "reports" / "old").unlink()
        (path / "reports").rmdir()
        (path / "reports").symlink_to(elsewhere)
    with claimed(path):
        assert {item.name for item in path.iterdir()} == {MARKER, LOCK, "notes.txt"}
    assert (elsewhere / "precious.txt").read_text() == "mine"


def test_two_demos_do_not_share_a_folder(folder: DataFolder, tmp_path: Path) -> None:
    with claimed(tmp_path / "demo") as place, FileLock(tmp_path / "other"):
        (place.path / "raw").mkdir()
        with pytest.raises(DemoError, match="another demo is running"), claimed(place.path):
            pass
        assert (place.path / "raw").is_dir()


# ---- what stands in for the world


def test_without_a_checkout_it_says_what_is_missing(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tests.hub", None)
    answer = CliRunner().invoke(app, ["demo"])
    assert answer.exit_code == 1
    assert "only a checkout of the project has" in " ".join(answer.stderr.split())
    assert not folder.path.exists()


def test_a_proxy_of_the_environment_does_not_come_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "example.org")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with simulated_hub(TINY) as hub:
        assert get_session().get(hub.url).headers["x-simulated"] == "true"
    assert os.environ["no_proxy"] == "example.org" and "NO_PROXY" not in os.environ


def test_a_stamp_sets_moment_and_origin_and_is_never_mixed_with_others(tmp_path: Path) -> None:
    seen: list[dict[str, bytes]] = []

    def fetch(fetcher: Fetcher) -> Iterator[Response]:
        seen.append({label: document.body for label, document in fetcher.previous.items()})
        yield Response("main", "https://acme.example", b"%d" % len(seen))

    source, simulated, real = small_source(fetch=fetch), Archive(tmp_path / "simulated"), Archive(tmp_path / "real")
    stamp = Stamp(at("2026-05-01"), Origin.SIMULATED, "made up")
    for archive in (simulated, simulated, real, real):
        assert capture(source, archive, {}, stamp=stamp if archive is simulated else None).whole
    assert seen == [{}, {"main": b"1"}, {}, {"main": b"3"}]
    assert {item.origin for item in real.captures("acme_prices")} == {Origin.LIVE}
    kept = simulated.captures("acme_prices")
    assert {(item.origin, item.captured_at, item.origin_note) for item in kept} == {
        (Origin.SIMULATED, at("2026-05-01"), "made up")
    }
    refused = capture(source, simulated, {}), capture(source, real, {}, stamp=stamp)
    assert [outcome.problem for outcome in refused] == [
        "the archive is one of simulated captures; never both",
        "the archive is one of real captures; never both",
    ]
    assert len(seen) == 4, "refused before anything is asked for"


def test_what_an_interrupted_simulated_capture_leaves_is_simulated(tmp_path: Path) -> None:
    def fetch(fetcher: Fetcher) -> Iterator[Response]:
        yield Response("main", "https://acme.example", b"{}")
        raise FetchError("gone")

    source = small_source(fetch=fetch, resume_within=at("2026-05-02") - at("2026-05-01"), plan=lambda _environ: "all")
    archive = Archive(tmp_path)
    for day in ("2026-05-01", "2026-05-09"):
        outcome = capture(source, archive, {}, stamp=Stamp(at(day), Origin.SIMULATED, "made up"))
        assert outcome.capture is None
    left = archive.captures("acme_prices")
    assert [(item.origin, item.origin_note, item.complete) for item in left] == [(Origin.SIMULATED, "made up", False)]


# ---- the marks of the report


def test_only_what_rests_on_simulated_data_is_marked(tmp_path: Path) -> None:
    marts = empty_marts()
    insert(
        marts, "source_health", [row | {"origin": "simulated"} for row in health() if row["source"] == "acme_prices"]
    )
    insert(marts, "source_health", [row for row in health() if row["source"] == "feeds"])
    insert(marts, "price_change", [row | {"origin": "simulated"} for row in changes()])
    insert(marts, "story", stories())
    path = write_report(marts, week=WEEK, out=tmp_path)
    marts.close()
    page, badge = path.read_text(encoding="utf-8"), '<span class="badge simulated">SIMULATED</span>'
    assert "1 of 2 sources of this page is made up by a program" in page
    assert f"<h3>{badge} Biggest cut" in figure(page, "price-changes")
    assert badge not in figure(page, "stories") and badge not in figure(page, "derivatives-by-family")
    assert "of 2 sources, 1 live and 1 SIMULATED" in page
    (tmp_path / "2026-W46").mkdir()
    (tmp_path / "2026-W46" / "index.html").write_text('<!doctype html>\n<html lang="en">\n' + "x" * 300)
    listed = write_index(tmp_path).read_text()
    assert listed.count(badge) == 1 and "<title>modelmarket" in listed
    assert Page(listed).all("html") == [{"lang": "en"}]


def test_the_marks_have_contrast_in_light_and_dark() -> None:
    for theme in colours():
        assert contrast(theme["simulated-ink"], theme["paper"]) >= 4.5
        assert contrast(theme["ink"], theme["simulated-wash"]) >= 4.5
