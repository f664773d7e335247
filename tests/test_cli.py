"""The command line as its user meets it: answers, errors of one sentence, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.lib.folder import PROJECT_DIR, DataFolder
from pipelines.lib.publish import open_published
from pipelines.lib.registry import find_source
from tests.small_sources import build_all, small_source, store

LARGE = {"id": "acme/large", "pricing": {"prompt": "0.000001", "completion": "-1"}}
OPENROUTER = {"data": [LARGE, {"id": "openai/small", "pricing": {}, "description": "x" * 1000}]}


def run(*words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command in this process."""
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def published(folder: DataFolder) -> DataFolder:
    """A small published warehouse."""
    store(folder.archive, "2026-05-01", {"=a": {"input": "1.5"}})
    build_all(folder, small_source())
    return folder


def test_parse_prints_rows_and_says_what_it_rejected(tmp_path: Path, folder: DataFolder) -> None:
    path = tmp_path / "models 2026-05-15.json"
    path.write_text(json.dumps(OPENROUTER))
    code, out, err = run("parse", "openrouter_models", str(path))
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and [row["listing"] for row in rows] == ["acme/large"]
    assert rows[0]["amount_per_mtok"] == 1 and rows[0]["table"] == "price"
    assert "rejected: acme/large: variable price '-1'" in err and "1 row(s)" in err
    assert not folder.path.exists(), "parse stores nothing"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("parse", "nosuch", "x"), 2, "there is no source 'nosuch'; there are aider,"),
        (("parse", "openrouter_models", "missing.json"), 2, "missing.json is not a file"),
        (("status",), 1, "modelmarket run"),
        (("sql", "select 1"), 1, "modelmarket run"),
        (("report", "--week", "2026-47"), 2, "is not an ISO week such as 2026-W47"),
        (("report", "--week", "2026-W60"), 2, "is not an ISO week"),
        (("report", "--as-known-on", "yesterday"), 2, "is not a time such as"),
        (("report", "--as-known-on", "2999-01-01"), 2, "lies in the future"),
        (("report", "--week", "2099-W01"), 2, "lies in the future"),
        (("report", "--week", "9999-W52"), 2, "outside the years"),
        (("import", "articles", "missing.txt"), 2, "missing.txt is not a file; nothing was imported"),
        (("raw", "nosuch-20260501T000000Z-00000000"), 1, "there is no capture"),
    ],
)
def test_errors_are_one_sentence(folder: DataFolder, words: tuple[str, ...], code: int, said: str) -> None:
    got, _, err = run(*words)
    assert (got, said in " ".join(err.split())) == (code, True), err
    assert "Traceback" not in err


def test_an_import_without_a_date_or_from_the_future_stores_nothing(folder: DataFolder, tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    path.write_text(json.dumps(OPENROUTER))
    code, _, err = run("import", "openrouter_models", str(path), "--no-build")
    assert code == 1 and "--captured-at" in err
    code, _, err = run("import", "openrouter_models", str(path), "--captured-at", "2999-01-01", "--no-build")
    assert code == 1 and "in the future" in err
    assert not folder.archive.captures("openrouter_models")


def test_sql_answers_in_three_forms_and_cannot_write(published: DataFolder, tmp_path: Path) -> None:
    query = "select listing, amount::double as amount, null as nothing from staging.price"
    assert json.loads(run("sql", query, "--format", "json")[1]) == {"listing": "=a", "amount": 1.5, "nothing": None}
    assert run("sql", query, "--format", "csv")[1].splitlines()[1].startswith("'=a,1.5")
    assert "1.5" in run("sql", query)[1]
    code, _, err = run("sql", f"copy staging.price to '{tmp_path / 'x.csv'}'")
    assert code == 2 and "Traceback" not in err and not (tmp_path / "x.csv").exists()
    assert run("sql", "selec")[0] == 2


def test_an_empty_cell_is_unknown(published: DataFolder) -> None:
    query = "select null::timestamp as at, null as text, 1.10::decimal(9, 2) as price"
    assert run("sql", query, "--format", "csv")[1] == "at,text,price\n,,1.10\n"


def test_a_week_before_every_capture_says_so(published: DataFolder) -> None:
    code, _, err = run("report", "--week", "2024-W01")
    assert code == 1 and "nothing had been captured by 2024-01-07" in err


def test_an_unusable_import_says_so_and_keeps_the_starter_data(folder: DataFolder, tmp_path: Path) -> None:
    path = tmp_path / "2026-08-09_models.json"
    path.write_text("<html>Just a moment...</html>")
    code, _, err = run("import", "openrouter_models", str(path))
    assert code == 1 and "1 of 1 file(s) could not be used" in err
    with open_published(folder.path) as connection:
        rows = connection.execute(
            "select origin, count(*) > 100 from staging.price where source = 'openrouter_models' group by 1"
        ).fetchall()
    assert rows == [("starter", True)]


def test_a_number_leads_to_its_bytes_in_two_steps(published: DataFolder) -> None:
    capture_id = json.loads(run("sql", "select capture_id from marts.price_current", "--format", "json")[1])[
        "capture_id"
    ]
    assert run("raw", capture_id)[1].startswith("main ")
    command = [sys.executable, "-m", "pipelines.cli", "raw", capture_id, "main"]
    body = subprocess.check_output(command, cwd=PROJECT_DIR, env=os.environ)
    assert json.loads(body) == {"=a": {"input": "1.5"}}


def test_report_of_a_past_week_shows_only_what_was_known(published: DataFolder, tmp_path: Path) -> None:
    store(published.archive, "2026-05-20", {"=a": {"input": "777.25"}})
    build_all(published, small_source())
    for words, shown in (
        (("--week", "2026-W19"), False),
        (("--week", "2026-W21"), True),
        (("--week", "2026-W21", "--as-known-on", "2026-05-10"), False),
    ):
        out = tmp_path / "_".join(words)
        code, _, err = run("report", *words, "--to", str(out))
        assert code == 0, err
        text = "".join(path.read_text() for path in out.rglob("*") if path.suffix in (".html", ".csv"))
        assert ("777.25" in text) is shown, words
        assert ("2026-05-20" in text) is shown, words


@pytest.mark.real_data
def test_the_founding_articles_are_three_texts_of_two_stories(folder: DataFolder, shared: Path) -> None:
    files = [str(path) for path in sorted((shared / "articles").glob("*.txt"))]
    assert len(files) == 4
    code, _, err = run("import", "articles", *files, "--captured-at", "2026-03-01", "--from", "founding articles")
    assert code == 0, err
    counts = "select count(*), sum(items)::int, sum(texts)::int from marts.story"
    with open_published(folder.path) as connection:
        rows = connection.execute(f"{counts} where list_contains(origins, 'imported')").fetchall()
    assert rows == [(2, 4, 3)]


REAL = {
    "openrouter_models": ("prices/openrouter-api/2026-05-15_models.json", 1059),
    "genai_prices": ("prices/genai-prices/latest/2026-08-21_v2_data.json", 3629),
    "price_pages": ("web/deepseek/2026-05-08_en_pricing.html", 9),
    "livebench": ("leaderboards/livebench/latest/table_2026_01_08.csv", 2898),
    "epoch_benchmarks": ("leaderboards/epoch/hub_2026-04-16/gpqa_diamond.csv", 150),
    "news_feeds": ("web/feeds/2026-08-22_feed_anthropic_news.xml", 100),
    "fx_rates": ("web/fx/2026-04-13_eurofxref-hist.zip", 25010),
    "hub_models": ("hub/wire/api_models_limit3_sort_downloads_expand_all.body.json", 3),
    "articles": ("../articles/003_1a8b68a1a1785a28.txt", 1),
}


@pytest.mark.real_data
@pytest.mark.parametrize("name", REAL)
def test_parse_reads_a_real_body_of_every_source(folder: DataFolder, shared: Path, name: str) -> None:
    path, least = REAL[name]
    code, out, err = run("parse", name, str(shared / "data" / path))
    assert code == 0, err
    assert len(out.splitlines()) >= least, err
    assert all(set(json.loads(line)) for line in out.splitlines())
    assert find_source(name).name == name


def command(*words: str) -> subprocess.Popen[str]:
    """A command in a process of its own, on this test's data."""
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", *words],
        cwd=PROJECT_DIR,
        env=os.environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_two_runs_at_once_both_end_well(folder: DataFolder) -> None:
    runs = [command("run", "--no-capture") for _ in range(2)]
    outcomes = [process.communicate(timeout=900) for process in runs]
    assert [process.returncode for process in runs] == [0, 0], outcomes
    with open_published(folder.path) as connection:
        row = connection.execute("select count(*) > 100 from marts.price_current").fetchone()
        assert row == (True,)
    report = next((folder.path.parent / "reports").glob("*/index.html"))
    assert "starter" in report.read_text().lower()


def test_a_killed_run_is_not_in_the_way_of_the_next(folder: DataFolder) -> None:
    first = command("run", "--no-capture")
    lock = folder.path.parent / "dagster" / "alive"
    with dg.DagsterInstance.get() as instance:
        while not instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
            assert first.poll() is None, first.communicate()
            time.sleep(0.05)
    first.kill()
    first.communicate()
    second = command("run", "--no-capture")
    _, err = second.communicate(timeout=900)
    assert second.returncode == 0, err
    with dg.DagsterInstance.get() as instance:
        statuses = sorted(run.status.value for run in instance.get_runs())
    assert statuses == ["FAILURE", "SUCCESS"]
    assert not list(lock.glob("*.lock"))
