"""`modelmarket trend price-to-reach`: what a user types, on small tables, Epoch AI's and published ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pipelines import trend_cli
from pipelines.lib import contract, sql_model
from pipelines.lib.folder import DataFolder
from pipelines.lib.publish import publish
from tests.test_price_to_reach import EPOCH, point
from warehouse import WAREHOUSE_DIR

app = typer.Typer()
trend_cli.register(app)

LONG = """model,released_on,price_usd_per_mtok,score
small,2024-01-01,8,50
weak,2024-02-01,1,10
o1,2024-07-01,4,60
other,2025-01-01,2,51
last,2025-07-01,1,52
unscored,2025-08-01,0.1,
"""
WIDE = """Model Name,Release Date,USD per 1M Tokens,MMLU,GPQA Diamond,LMSys Chatbot Arena ELO,Tokens per Second
small,2024-01-01,8,70,50,1100,99
o1,2024-07-01,4,90,75,1300,
other,2025-01-01,2,71,,1101,
"""


def run(*words: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command in this process."""
    result = CliRunner().invoke(app, ["trend", "price-to-reach", *map(str, words)])
    return result.exit_code, result.stdout, result.stderr


def ask(*words: str | Path) -> dict[str, Any]:
    """The one line of JSON the command prints."""
    code, out, err = run(*words)
    assert code == 0, err
    (line,) = out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "points.csv"
    path.write_text(LONG, encoding="utf-8")
    return path


def test_a_long_table_is_taken_as_it_is(table: Path) -> None:
    found = ask("--benchmark", "whatever", "--threshold", "50", "--data", table)
    assert [(p["date"], p["model"], p["price_usd_per_mtok"], p["score"]) for p in found["points"]] == [
        ("2024-01-01", "small", 8, 50), ("2024-07-01", "o1", 4, 60), ("2025-01-01", "other", 2, 51),
        ("2025-07-01", "last", 1, 52),
    ]  # fmt: skip
    assert (found["benchmark"], found["threshold"], found["n"], found["excluded"]) == ("whatever", 50, 4, [])
    assert found["ci_low"] < found["factor_per_year"] < found["ci_high"]
    assert 3.9 < found["factor_per_year"] < 4.1
    assert 0.99 < found["r2"] < 1
    assert found["definition"].startswith("Lowest price in US dollars per million tokens at a score of at least 50 on")


def test_too_few_points_are_an_answer(table: Path) -> None:
    found = ask("--benchmark", "whatever", "--threshold", "51", "--data", table)
    assert (found["n"], found["factor_per_year"], found["ci_low"], found["r2"]) == (3, None, None, None)
    assert found["reason"] == "only 3 step(s) of the price; a factor needs 4"
    assert len(found["points"]) == 3


@pytest.mark.parametrize("name", ["GPQA Diamond", "gpqa_diamond", "gpqa", "GPQA-diamond"])
def test_a_benchmark_goes_by_its_name_its_slug_or_its_first_word(tmp_path: Path, name: str) -> None:
    (tmp_path / "wide.csv").write_text(WIDE, encoding="utf-8")
    found = ask("--benchmark", name, "--threshold", "40", "--data", tmp_path)
    assert (found["benchmark"], found["n"], found["excluded"]) == ("gpqa_diamond", 1, ["o1"])


def test_a_folder_is_read_whole_beside_what_is_no_table_of_points(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text(WIDE, encoding="utf-8")
    # A mark of byte order, a quoted name and other columns.
    two = '\ufeffModel Name,Release Date,USD per 1M Tokens,MMLU\n"tiny, two\nlines",2025-06-01,0.5,72\n'
    (tmp_path / "two.csv").write_text(two, encoding="utf-8")
    (tmp_path / "results.csv").write_text("bench,sample_size\nMMLU,9\n", encoding="utf-8")
    found = ask("--benchmark", "mmlu", "--threshold", "70", "--data", tmp_path)
    assert [p["model"] for p in found["points"]] == ["small", "other", "tiny, two\nlines"]


def test_a_benchmark_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "wide.csv").write_text(WIDE, encoding="utf-8")
    code, out, err = run("--benchmark", "humaneval", "--threshold", "40", "--data", tmp_path)
    assert (code, out) == (2, "")
    assert "there is no benchmark 'humaneval'; there are gpqa_diamond (GPQA Diamond), lmarena_text (LMSys" in err
    (tmp_path / "more.csv").write_text(WIDE.replace("GPQA Diamond", "GPQA Main"), encoding="utf-8")
    code, out, err = run("--benchmark", "gpqa", "--threshold", "40", "--data", tmp_path)
    assert (code, out) == (2, "")
    assert "'gpqa' may be gpqa_diamond or gpqa_main" in err


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("2024-02-01,1,10", "2024-02-01,cheap,10", "line 3: 'cheap' is no number"),
        ("2024-02-01,1,10", "2024-02-01,nan,10", "line 3: 'nan' is no number"),
        ("2024-02-01,1,10", "2024-02-01,0,10", "line 3: '0' is no price above 0"),
        ("2024-02-01,1,10", "1 Feb 2024,1,10", "line 3: '1 Feb 2024' is no date such as 2024-05-13"),
        ("2024-02-01,1,10", "2024-02-01,1", "line 3: 4 cells expected"),
        ("2024-02-01,1,10", "2024-02-01,1,10,5", "line 3: 4 cells expected"),
        ("weak,", ",", "line 3: no model is named"),
        ("released_on", "seen_on", "has the columns model, seen_on, price_usd_per_mtok, score, without released_on"),
        ("model,released_on", "score,released_on", "without model"),
        ("weak", '"we"ak', "is not CSV in UTF-8"),
    ],
)
def test_a_table_that_cannot_be_read(table: Path, before: str, after: str, why: str) -> None:
    table.write_text(LONG.replace(before, after), encoding="utf-8")
    code, out, err = run("--benchmark", "whatever", "--threshold", "50", "--data", table)
    assert (code, out) == (1, "")
    assert why in err


def test_what_holds_no_points(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "gone.csv", "there is no"), (tmp_path, "holds no CSV file with columns model")):
        code, out, err = run("--benchmark", "mmlu", "--threshold", "50", "--data", path)
        assert (code, out) == (1, "")
        assert why in err
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    code, _, err = run("--benchmark", "mmlu", "--threshold", "50", "--data", tmp_path / "bytes.csv")
    assert (code, "is not CSV in UTF-8" in err) == (1, True)
    (tmp_path / "empty.csv").write_text(LONG.splitlines()[0], encoding="utf-8")
    code, _, err = run("--benchmark", "mmlu", "--threshold", "50", "--data", tmp_path / "empty.csv")
    assert (code, "has no row with a price and a score on mmlu" in err) == (1, True)


@pytest.mark.parametrize("words", [("--threshold", "nan"), ("--threshold", "50", "--variant", "live")])
def test_wrong_usage(table: Path, words: tuple[str, ...]) -> None:
    code, out, _ = run("--benchmark", "mmlu", *words, "--data", table)
    assert (code, out) == (2, "")


@pytest.mark.real_data
@pytest.mark.skipif(not EPOCH.is_dir(), reason="the real bodies are absent")
def test_the_folder_of_epoch_ai() -> None:
    found = ask("--benchmark", "gpqa", "--threshold", "33", "--data", EPOCH)
    assert (found["n"], round(found["factor_per_year"], 2), found["r2"]) == (6, 42.02, pytest.approx(0.76, abs=0.005))
    assert found["excluded"] == ["DeepSeek-R1", "o1", "o1-mini", "o1-preview", "o3-mini"]


# --- the published warehouse


@pytest.fixture
def published(folder: DataFolder) -> DataFolder:
    """Two series of a benchmark and one of another, as the mart would hold them."""
    path = WAREHOUSE_DIR / "marts" / "scored_price.sql"
    mart = contract.parse_contract(path.read_text(encoding="utf-8"), "marts", "scored_price")
    rows = [
        *(point(f"m{place}", 100 * place, 8 / 2**place) for place in range(5)),
        *(point(f"m{place}", 100 * place, 2.0**place, ended=100 * place + 100, variant="live") for place in range(4)),
        point("m9", 0, 3, benchmark_version="v2", series_id="quiz:v2"),
        point("other", 0, 1, benchmark="quiz_two", benchmark_name="Quiz two", series_id="quiz_two"),
    ]
    with folder.warehouse.write() as connection:
        connection.execute(contract.create_sql(mart))
        for row in rows:
            marks = ", ".join("?" for _ in row)
            connection.execute(f"insert into {mart.full_name} ({', '.join(row)}) values ({marks})", list(row.values()))
        sql_model.create_meta(connection)
        sql_model.record_build(connection, mart.full_name, "1", len(rows))
    publish(folder.warehouse, folder.path)
    return folder


@pytest.mark.usefixtures("published")
def test_without_a_file_the_published_tables_answer_at_any_level() -> None:
    code, out, err = run("--benchmark", "quiz", "--threshold", "49.5")
    assert (code, err) == (0, "")
    one, two = (json.loads(line) for line in out.splitlines())
    assert (one["series_id"], one["n"], one["factor_per_year"]) == ("quiz", 5, pytest.approx(2**3.65))
    assert (two["series_id"], two["n"], two["benchmark_version"]) == ("quiz:v2", 1, "v2")
    assert one["points"][0]["price_capture_id"] == "p"
    assert ask("--benchmark", "quiz", "--threshold", "49.5", "--version", "v2") == two


@pytest.mark.usefixtures("published")
def test_the_live_variant_rises() -> None:
    rising = json.loads(run("--benchmark", "quiz", "--threshold", "50", "--variant", "live")[1].splitlines()[0])
    assert (rising["n"], rising["factor_per_year"]) == (4, pytest.approx(2**-3.65))
    assert "at the price in force on each day" in rising["definition"]


@pytest.mark.usefixtures("published")
def test_what_the_published_tables_do_not_hold() -> None:
    code, out, err = run("--benchmark", "chess", "--threshold", "50")
    assert (code, out, "there are quiz (Quiz)" in err) == (2, "", True)
    code, out, err = run("--benchmark", "quiz", "--threshold", "50", "--version", "v3")
    assert (code, out, "version 'v3' has a price" in err) == (2, "", True)


def test_without_a_published_file_it_says_what_to_run(folder: DataFolder) -> None:
    code, out, err = run("--benchmark", "quiz", "--threshold", "50")
    assert (code, out, "run `modelmarket run` first" in err) == (1, "", True)
    assert not (folder.path / "published").exists()
