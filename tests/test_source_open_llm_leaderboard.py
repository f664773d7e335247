"""The Open LLM Leaderboard: its forms, what tells two runs of a model apart, damage, and the real tables."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from pathlib import Path

import pytest

from pipelines.defs.sources.open_llm_leaderboard import FORMS, OF_V1, OF_V2, source
from pipelines.lib import contract
from pipelines.lib.importing import as_document, date_of
from pipelines.lib.source import BadDocument, Document, Reject, Row
from tests.conftest import SHARED
from tests.fixture_cases import FIXTURES
from warehouse import WAREHOUSE_DIR

REAL = SHARED / "data" / "leaderboards" / "hf-open-llm-leaderboard"
real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
NOW = dt.datetime(2026, 10, 5, tzinfo=dt.UTC)
BODIES = {path.parent.name: path.read_bytes() for path in FIXTURES.glob("open_llm_leaderboard/*/body.*")}


def read(body: bytes) -> tuple[list[Row], list[Reject]]:
    items = list(source.parse(Document("v2", "", body, NOW)))
    return [item for item in items if isinstance(item, Row)], [item for item in items if isinstance(item, Reject)]


@pytest.mark.parametrize(
    ("case", "label"),
    [("v1_table", "v1"), ("v2_table", "v2"), ("v2_long_names", "v2"), ("contents", "v2"), ("bad_dropped_column", "v2")],
)
def test_a_loose_file_is_the_board_whose_columns_it_has(case: str, label: str) -> None:
    assert source.label_of("anything.csv", BODIES[case]) == label


def test_what_is_no_table_has_no_board() -> None:
    assert (
        source.label_of("x", b"PAR1 nothing") == source.label_of("x", b"\xe9,1") == source.label_of("x", b"") == "table"
    )


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.average)
def test_every_form_has_an_average_and_six_parts(form: object) -> None:
    assert isinstance(form, type(FORMS[0]))
    assert tuple(form.scores.values()) == (OF_V1 if form.version == "v1" else OF_V2)
    assert len(set(form.parts)) == 6
    assert form.scale == ("percent" if form.scores.keys() == set(form.parts) else "fraction")


@pytest.mark.parametrize("dropped", ["average", "gpqa_raw", "gpqa", "precision"])
def test_a_dropped_column_is_named(dropped: str) -> None:
    header, _, rest = BODIES["v2_table"].partition(b"\n")
    names = header.decode().split(",")
    names[names.index(dropped)] = "unnamed"
    with pytest.raises(BadDocument, match=f"has no column {dropped};"):
        read(",".join(names).encode() + b"\n" + rest)


def table(*rows: str) -> bytes:
    header = "model,precision,average,arc,hellaswag,mmlu,truthfulqa,winogrande,gsm8k,params_b"
    return "\n".join([header, *(f"{row},-1" for row in rows), ""]).encode()


def test_two_runs_of_a_model_are_told_apart_by_precision() -> None:
    rows, rejects = read(table("a/b,float16,1,1,1,1,1,1,1", "a/b,bfloat16,2,2,2,2,2,2,2", "c/d,4bit,3,3,3,3,3,3,3"))
    averages = {row.values["harness"]: row.values["score"] for row in rows if row.values["metric"] == "average"}
    assert averages == {
        "lm-evaluation-harness, float16": 1.0,
        "lm-evaluation-harness, bfloat16": 2.0,
        "lm-evaluation-harness, 4bit": 3.0,
    }
    assert not rejects


def test_two_rows_of_one_run_that_disagree_leave_the_first() -> None:
    rows, rejects = read(table("a/b,float16,1,1,1,1,1,1,1", "a/b,float16,2,2,2,2,2,2,2", "a/b,float16,1,1,1,1,1,1,1"))
    assert {row.values["score"] for row in rows} == {1.0}
    assert [item.reason for item in rejects] == ["the model is listed twice with this precision; the first row is kept"]
    assert "average=2" in rejects[0].text


def test_nothing_right_is_a_score_and_an_empty_cell_is_none() -> None:
    rows, rejects = read(table("a/b,float16,,0,NaN,0.0,,N/A,0"))
    assert {row.values["benchmark"]: row.values["score"] for row in rows} == {
        "arc_challenge": 0.0,
        "mmlu": 0.0,
        "gsm8k": 0.0,
    }
    assert not rejects


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a/b,float16,0.5,50,50,50,50,50,50", "the average 0.5 is not the mean of its parts, 50"),
        ("a/b,float16,50,0.5,50,50,50,50,50", "the average 50 is not the mean of its parts, 41.75"),
        ("a/b,float16,50,2134,50,50,50,50,50", "arc is not a number from 0 to 100: '2134'"),
        ("a/b,float16,50,-1,50,50,50,50,50", "arc is not a number from 0 to 100: '-1'"),
        ("a b,float16,50,50,50,50,50,50,50", "'a b' is no Hub repository"),
        (",float16,50,50,50,50,50,50,50", "'' is no Hub repository"),
    ],
)
def test_a_row_that_contradicts_itself_is_rejected_whole(row: str, reason: str) -> None:
    rows, rejects = read(table(row, "c/d,float16,1,1,1,1,1,1,1"))
    assert {found.values["model_name"] for found in rows} == {"c/d"}
    assert [item.reason for item in rejects] == [reason]


def test_parameters_are_nowhere_in_a_row() -> None:
    text = (WAREHOUSE_DIR / "staging" / "score.sql").read_text()
    columns = {column.name for column in contract.parse_contract(text, "staging", "score").columns}
    rows, _ = read(table("a/b,float16,1,1,1,1,1,1,1"))
    assert set(rows[0].values) <= columns
    assert -1 not in {value for row in rows for value in row.values.values()}


def test_every_kind_of_damage_is_a_bad_document_or_a_reject() -> None:
    """No damaged file may end in another exception, whatever byte is hit."""
    chance = random.Random(0)
    outcomes: Counter[str] = Counter()
    for case in ("contents", "v1_table"):
        for _ in range(40):
            damaged = bytearray(BODIES[case])
            for _ in range(chance.randint(1, 6)):
                damaged[chance.randrange(4, len(damaged))] = chance.randrange(128)
            try:
                outcomes["read"] += bool(read(bytes(damaged)))
            except BadDocument:
                outcomes["bad document"] += 1
    assert min(outcomes["bad document"], outcomes["read"]) > 10


# Rows of the table; each gives an average and six parts, as none has an empty cell.
REAL_MODELS = {
    "2024-07-13_v1_final.csv.gz": 7169,
    "history_v2/2024-07-30.csv.gz": 483,
    "history_v2/2024-11-30.csv.gz": 2067,
    "history_v2/2025-01-31.csv.gz": 3491,
    "history_v2/2025-06-10.csv.gz": 4576,
}


def real_items(path: Path) -> list[Row | Reject]:
    day = date_of(path)
    assert day is not None
    return list(source.parse(as_document(source, path, day)))


@pytest.mark.real_data
@real_data
@pytest.mark.parametrize("name", REAL_MODELS)
def test_real_tables_are_read_whole(name: str) -> None:
    items = real_items(REAL / name)
    assert not [item for item in items if isinstance(item, Reject)]
    assert len(items) == 7 * REAL_MODELS[name]
    keys = Counter(
        (item.values["model_name"], item.values["harness"], item.values["benchmark"])
        for item in items
        if isinstance(item, Row)
    )
    assert max(keys.values()) == 1


@pytest.mark.real_data
@real_data
def test_golden_scores_of_the_last_table() -> None:
    items = real_items(REAL / "history_v2" / "2025-06-10.csv.gz")
    found = {
        item.values["benchmark"]: round(item.values["score"], 4)
        for item in items
        if isinstance(item, Row) and item.values["model_name"] == "Qwen/Qwen2.5-72B-Instruct"
    }
    assert found["open_llm_leaderboard"] == 47.9805
    assert found["ifeval"] == 0.8638
    assert found.keys() == {"open_llm_leaderboard", *OF_V2}
