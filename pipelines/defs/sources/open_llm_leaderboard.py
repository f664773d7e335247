"""Hugging Face's Open LLM Leaderboard (archived 2025): thousands of open models, each run on the same six benchmarks.

The first board ended in June 2024, the second in 2025, with six other benchmarks: these are its versions. Nothing is
fetched any more; a user imports the Parquet file of the dataset `open-llm-leaderboard/contents`, or a copy as CSV, of
which three forms are known. A model's name is its Hub repository.

Of the second board the accuracy itself is read, not the figure shown beside it, which is stretched between guessing and
right and comparable with nobody else's; the average is the mean of those. A row whose average is not the mean of its
parts is rejected whole. `0` is a score, a model that got nothing right; an empty cell is none. A model listed with two
precisions was run twice, and the precision becomes part of the harness, as it does where it is a quantization.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from pipelines.lib import parquet
from pipelines.lib.assets import source_definitions
from pipelines.lib.parquet import MAGIC, BadParquet, column_names, read_rows
from pipelines.lib.source import BadDocument, Document, Parsed, Reject, Row, Source, SourceKind

BENCHMARK = "open_llm_leaderboard"
EVALUATOR = "Hugging Face"
HARNESS = "lm-evaluation-harness"
FULL_PRECISIONS = frozenset({"bfloat16", "float16", "float32"})

NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
REPOSITORY = re.compile(r"[\w.-]+(/[\w.-]+)?", re.ASCII)
ABSENT = frozenset({"", "NA", "N/A", "NaN", "nan", "None", "null"})
UPPER = {"fraction": 1.0, "percent": 100.0}
# The copies of 2024 are rounded to two decimals.
AVERAGE_TOLERANCE = 0.02
MAX_QUOTE = 300

OF_V1 = ("arc_challenge", "hellaswag", "mmlu", "truthfulqa", "winogrande", "gsm8k")
OF_V2 = ("ifeval", "bbh", "math_level_5", "gpqa_main_open_llm", "musr", "mmlu_pro")


@dataclass(frozen=True)
class Form:
    """Columns of a known form of the table. `parts` are those the average is the mean of, in percent."""

    version: str
    scale: str
    model: str
    precision: str
    average: str
    scores: Mapping[str, str]
    parts: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns without which a body is not of this form."""
        return tuple(dict.fromkeys((self.model, self.precision, self.average, *self.scores, *self.parts)))


def _form(version: str, scale: str, named: tuple[str, str, str], parts: str, scores: str) -> Form:
    """A form by the names of its columns, in which `*` stands for the name of a part."""
    words = tuple(parts.split("|"))
    benchmarks = OF_V1 if version == "v1" else OF_V2
    columns = dict(zip((scores.replace("*", word) for word in words), benchmarks, strict=True))
    shown = scores.replace("_value", "_normalized_score").removesuffix("_raw").removesuffix(" Raw")
    return Form(version, scale, *named, columns, tuple(shown.replace("*", word) for word in words))


FORMS = (
    _form("v1", "percent", ("model", "precision", "average"), "arc|hellaswag|mmlu|truthfulqa|winogrande|gsm8k", "*"),
    _form("v2", "fraction", ("model", "precision", "average"), "ifeval|bbh|math_lvl_5|gpqa|musr|mmlupro", "*_raw"),
    _form(
        "v2",
        "fraction",
        ("model_name", "model_precision", "model_average_score"),
        "ifeval|bbh|math|gpqa|musr|mmlu_pro",
        "evaluations_*_value",
    ),
    _form(
        "v2", "fraction", ("fullname", "Precision", "Average ⬆️"), "IFEval|BBH|MATH Lvl 5|GPQA|MUSR|MMLU-PRO", "* Raw"
    ),
)


class _Unreadable(ValueError):
    """A cell or a row that cannot be read; the message is the reason."""


def label_of(_file_name: str, body: bytes) -> str:
    """The board a loose file is a table of, by its columns; what is none of them, `parse` judges."""
    try:
        found = column_names(body) if body.startswith(MAGIC) else _csv(body)[0]
    except (BadParquet, BadDocument):
        return "table"
    return _nearest(found).version


def parse(document: Document) -> Iterator[Parsed]:
    """The average and its parts of every model on the board."""
    if not document.body.strip():
        raise BadDocument(f"{document.label} is empty")
    items = list(_rows(*_table(document.label, document.body)))
    if not any(isinstance(item, Row) for item in items):
        reasons = "; ".join(f"{item.reason}: {item.text}" for item in items if isinstance(item, Reject))
        raise BadDocument(f"{document.label}: no score could be read ({reasons[:MAX_QUOTE] or 'it has no rows'})")
    yield from items


def _nearest(found: tuple[str, ...] | list[str]) -> Form:
    return max(FORMS, key=lambda form: len(set(form.columns) & set(found)) / len(form.columns))


def _table(label: str, body: bytes) -> tuple[Form, list[dict[str, str] | Reject]]:
    """The form of a body, and its rows by column with every cell as text."""
    if not body.startswith(MAGIC):
        header, *lines = _csv(body)
        return _checked_form(label, header), [_cells(header, cells) for cells in lines]
    try:
        form = _checked_form(label, list(column_names(body)))
        loaded = (json.loads(text, parse_float=str, parse_int=str, parse_constant=str) for _, text in
                  read_rows(body, form.columns, None))  # fmt: skip
        return form, [{name: "" if value is None else str(value) for name, value in row.items()} for row in loaded]
    except BadParquet as error:
        raise BadDocument(f"{label}: {error}") from error


def _csv(body: bytes) -> list[list[str]]:
    """Lines of a CSV, its header without line breaks."""
    try:
        text = body.decode("utf-8-sig")
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadDocument(f"the body is not readable as CSV ({error}): {body[:80]!r}") from error
    if not lines:
        raise BadDocument("the body has no line")
    return [[" ".join(cell.split()) for cell in lines[0]], *lines[1:]]


def _checked_form(label: str, found: list[str]) -> Form:
    form = _nearest(found)
    if missing := [name for name in form.columns if name not in found]:
        raise BadDocument(f"{label} has no column {', '.join(missing)}; it has {', '.join(found)[:MAX_QUOTE]!r}")
    if len(set(found)) < len(found):
        raise BadDocument(f"{label} has two columns of one name: {', '.join(found)[:MAX_QUOTE]!r}")
    return form


def _cells(header: list[str], cells: list[str]) -> dict[str, str] | Reject:
    if len(cells) != len(header):
        reason = f"the row has {len(cells)} cells, the header {len(header)}"
        return Reject(reason, ",".join(cells)[:MAX_QUOTE], "score")
    return dict(zip(header, cells, strict=True))


def _rows(form: Form, table: list[dict[str, str] | Reject]) -> Iterator[Parsed]:
    listed = Counter(row[form.model] for row in table if not isinstance(row, Reject))
    kept: dict[tuple[str, str], list[str]] = {}
    for row in table:
        if isinstance(row, Reject):
            yield row
            continue
        quote = ", ".join(f"{name}={row[name]}" for name in form.columns)[:MAX_QUOTE]
        try:
            _check(form, row)
        except _Unreadable as error:
            yield Reject(str(error), quote, "score")
            continue
        run, cells = (row[form.model], row[form.precision]), [row[name] for name in form.columns]
        if kept.setdefault(run, cells) is cells:
            yield from _scores(form, row, is_run_once=listed[row[form.model]] == 1)
        elif kept[run] != cells:
            yield Reject("the model is listed twice with this precision; the first row is kept", quote, "score")


def _check(form: Form, row: Mapping[str, str]) -> None:
    """Raise _Unreadable for a row that is of no repository or contradicts itself."""
    if not REPOSITORY.fullmatch(row[form.model]):
        raise _Unreadable(f"{row[form.model]!r} is no Hub repository")
    average, *parts = (_number(row[name], name, 100.0) for name in (form.average, *form.parts))
    present = [part for part in parts if part is not None]
    if average is None or len(present) < len(parts):
        return
    if abs(average - sum(present) / len(present)) > AVERAGE_TOLERANCE:
        raise _Unreadable(f"the average {average:g} is not the mean of its parts, {sum(present) / len(present):g}")


def _scores(form: Form, row: Mapping[str, str], *, is_run_once: bool) -> Iterator[Parsed]:
    precision = row[form.precision].strip()
    is_plain = is_run_once and precision in FULL_PRECISIONS
    values = {
        "model_name": row[form.model],
        "evaluator": EVALUATOR,
        "is_self_reported": False,
        "harness": HARNESS if is_plain else f"{HARNESS}, {precision or 'precision not stated'}",
    }
    average = {"benchmark": BENCHMARK, "benchmark_version": form.version, "metric": "average", "scale": "percent"}
    # The likelihood of given answers is no answer written out: its own series, also of a benchmark that others run too.
    board = f"Open LLM Leaderboard {form.version}"
    columns = {form.average: average} | {
        column: {"benchmark": benchmark, "benchmark_version": board, "metric": "accuracy", "scale": form.scale}
        for column, benchmark in form.scores.items()
    }
    for column, named in columns.items():
        text = row[column].strip()
        try:
            score = _number(text, column, UPPER[named["scale"]])
        except _Unreadable as error:
            yield Reject(str(error), f"{row[form.model]}, {column}: {text}", "score")
            continue
        if score is not None:
            yield Row("score", values | named | {"score": score, "score_text": text})


def _number(text: str, column: str, upper: float) -> float | None:
    text = text.strip()
    if text in ABSENT:
        return None
    if not NUMBER.fullmatch(text) or not 0 <= float(text) <= upper:
        raise _Unreadable(f"{column} is not a number from 0 to {upper:g}: {text!r}")
    return float(text)


source = Source(
    name="open_llm_leaderboard",
    title="Open LLM Leaderboard (archived)",
    homepage="https://huggingface.co/datasets/open-llm-leaderboard/contents",
    licence="no licence stated on the dataset; figures are cited with their source",
    kind=SourceKind.LEADERBOARD,
    tables=("score",),
    fetch=None,
    parse=parse,
    stale_after=timedelta(days=36_500),
    max_bytes=50_000_000,
    parser_code=(parquet,),
    label_of=label_of,
)

defs = source_definitions(source)
