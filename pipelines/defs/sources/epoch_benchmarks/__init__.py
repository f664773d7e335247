"""Epoch AI's Benchmarking Hub: scores that Epoch measured itself, and its copies of other boards, as one zip of CSVs.

A user may also import files of the zip one by one, older copies of boards, and Epoch's own runs (`runs`).

Each file has its own score column, so `sheets.py` declares how every file is read; a file that is not declared, or
whose columns changed, is rejected by name and the others go on. A model version carries its effort as a suffix
(`_high`, `_16K`, `_unknown`); the name is kept exactly as written. Here belongs nothing on which scores are current
or which model they are of.

Of rows that agree in all that tells results apart, equal scores are one result listed twice; of different scores the
run that started last counts, and where no start time orders them none does. What is left out for that is rejected in
sight.
"""

from __future__ import annotations

import csv
import io
import math
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

from pipelines.defs.sources.epoch_benchmarks import runs
from pipelines.defs.sources.epoch_benchmarks.sheets import MODEL, NOT_SCORES, SHEETS, STITCHED, Sheet, effort_in
from pipelines.defs.sources.leaderboard_text import settled
from pipelines.lib.assets import source_definitions
from pipelines.lib.source import BadDocument, Document, Fetcher, Parsed, Reject, Response, Row, Source, SourceKind

URL = "https://epoch.ai/data/benchmark_data.zip"
MAX_MEMBERS = 500
MAX_UNPACKED_BYTES = 100_000_000
MAX_QUOTE = 300
# What the standard library raises on a damaged archive, depending on where the damage is.
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, OverflowError, OSError)

NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
INTERVAL = re.compile(r"=?\+(?P<up>\d+(\.\d+)?)/-(?P<down>\d+(\.\d+)?)", re.ASCII)
DATED = re.compile(r"^20\d{2}-\d{2}-\d{2}_")
THINKING = re.compile(r"[-( ]thinking\)?$", re.IGNORECASE)
UPPER = {"fraction": 1.0, "percent": 100.0}
GRAIN = ("benchmark", "benchmark_version", "metric", "model_name", "effort", "harness", "evaluator", "evaluated_on")


class _Unreadable(ValueError):
    """A cell, row or file that cannot be read; the message is the reason."""


@dataclass(frozen=True)
class _Result:
    """A row that was read, with what orders it among rows of the same grain."""

    values: dict[str, Any]
    started: str
    quote: str

    @property
    def grain(self) -> tuple[object, ...]:
        return tuple(self.values[column] for column in GRAIN)


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """The whole hub, one zip."""
    yield fetcher.http.get(URL, label="main")


def label_of(file_name: str, body: bytes) -> str:
    """`main` for the zip; a loose CSV is the table of runs, or the sheet its stem names after a day."""
    if _is_zip(body):
        return "main"
    stem = DATED.sub("", PurePosixPath(file_name).stem)
    return runs.LABEL if runs.is_runs(body) else STITCHED.get(stem, stem)


def parse(document: Document) -> Iterator[Parsed]:
    """Scores of every declared file of the zip, of one loose file of it, or of a table of runs."""
    if document.label == runs.LABEL:
        yield from settled(document.label, runs.read_runs(document.label, document.body))
        return
    loose = [(f"{document.label}.csv", document.body)]
    members = list(_unzip(document.body)) if _is_zip(document.body) else loose
    if not any(_stem(name) in SHEETS for name, _ in members):
        if _is_zip(document.body):
            raise BadDocument(f"the zip holds no known file: {', '.join(name for name, _ in members)[:MAX_QUOTE]!r}")
        raise BadDocument(
            f"{document.label!r} is no file of the hub and its body no zip ({document.body[:80]!r}); "
            "name a loose file with its name there, such as the label gpqa_diamond"
        )
    items = [item for name, content in members for item in _read_member(name, content)]
    if not any(isinstance(item, Row) for item in items):
        reasons = "; ".join(f"{item.reason}: {item.text}" for item in items if isinstance(item, Reject))
        raise BadDocument(f"no score could be read ({reasons[:MAX_QUOTE] or 'every score is empty'})")
    yield from items


def _is_zip(body: bytes) -> bool:
    return body.startswith(b"PK")


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def _unzip(body: bytes) -> Iterator[tuple[str, bytes | str]]:
    """Name and content of every data file; the reason in place of the content where it cannot be read.

    Nothing is written to disk, so a name is only ever a name. What a member unpacks to is bounded by the size it
    declares, and the sum of those by MAX_UNPACKED_BYTES.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
        members = [info for info in archive.infolist() if not info.is_dir()]
    except BROKEN as error:
        raise BadDocument(f"the zip cannot be opened ({error}); its {len(body)} bytes may be truncated") from error
    if len(members) > MAX_MEMBERS:
        raise BadDocument(f"the zip has {len(members)} files, more than {MAX_MEMBERS}")
    if (size := sum(info.file_size for info in members)) > MAX_UNPACKED_BYTES:
        raise BadDocument(f"the zip declares {size} bytes unpacked, more than {MAX_UNPACKED_BYTES}")
    for info in members:
        path = PurePosixPath(info.filename)
        if path.suffix.lower() in {".md", ".txt"} or NOT_SCORES & set(path.parts[:-1]):
            continue
        yield info.filename, _unpack(archive, info)


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | str:
    if not info.filename.lower().endswith(".csv"):
        return "the file is not a CSV and is not opened"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"the file is compressed in a way that is not read (method {info.compress_type})"
    try:
        return archive.read(info)
    except BROKEN as error:
        return f"the file cannot be unpacked ({error})"


def _read_member(name: str, content: bytes | str) -> Iterator[Parsed]:
    """The rows of one file; a file that is not declared or not as declared is one reject."""
    if isinstance(content, str):
        yield Reject(content, name, "score")
        return
    try:
        header, *lines = _read_csv(content)
        sheet = SHEETS.get(_stem(name))
        if sheet is None:
            raise _Unreadable("the file is not declared: a new benchmark")
        if missing := [column for column in sheet.required if column not in header]:
            raise _Unreadable(f"the file has no column {', '.join(missing)}")
    except _Unreadable as error:
        columns = content[:MAX_QUOTE].decode("utf-8", "replace").splitlines()
        yield Reject(str(error), f"{name}: {columns[0] if columns else ''}", "score")
        return
    yield from _read_sheet(name, sheet, header, lines)


def _read_csv(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _Unreadable(f"the file is not readable as CSV ({error})") from error
    if not lines or len(set(lines[0])) < len(lines[0]):
        raise _Unreadable("the file is empty or has two columns of one name")
    return lines


def _read_sheet(name: str, sheet: Sheet, header: list[str], lines: list[list[str]]) -> Iterator[Parsed]:
    groups: dict[tuple[object, ...], list[_Result]] = {}
    papers: Counter[str] = Counter()
    for cells in lines:
        row = dict(zip(header, cells, strict=False))
        quote = f"{name}: " + ", ".join(f"{key}={value}" for key, value in row.items() if value)[:MAX_QUOTE]
        if sheet.only_source and row.get("Source") != sheet.only_source:
            papers[row.get("Source", "")] += 1
            continue
        try:
            if len(cells) != len(header):
                raise _Unreadable(f"the row has {len(cells)} cells, the header {len(header)}")
            if values := _values(sheet, row):
                result = _Result(values, row.get("Started at", ""), quote)
                groups.setdefault(result.grain, []).append(result)
        except _Unreadable as error:
            yield Reject(str(error), quote, "score")
    for group in groups.values():
        yield from _one_of(group)
    for paper, count in papers.items():
        reason = f"not from {sheet.only_source}; whether a vendor reports its own model is not said"
        yield Reject(reason, f"{name}: {count} rows of {paper!r}", "score")


def _one_of(group: list[_Result]) -> Iterator[Parsed]:
    """The one result that counts among rows of the same grain, and a reject for each that does not."""
    newest = max(group, key=lambda result: result.started)
    if len({round(result.values["score"], 9) for result in group}) == 1:
        yield Row("score", newest.values)
    elif [result.started for result in group].count(newest.started) == 1:
        for result in group:
            older = Reject("a later run of the same day counts", result.quote, "score")
            yield Row("score", result.values) if result is newest else older
    else:
        for result in group:
            yield Reject("another row has another score, and nothing tells the two apart", result.quote, "score")


def _values(sheet: Sheet, row: Mapping[str, str]) -> dict[str, Any] | None:
    """The staging row, or None where the score is empty."""
    text = row[sheet.score].strip()
    if not text:
        return None
    score = _on_scale(text, sheet, sheet.score)
    board_name = row.get(sheet.board_name, "")
    model = row[MODEL] if row[MODEL].strip() else board_name
    if not model.strip():
        raise _Unreadable("the row names no model")
    error = row.get(sheet.error or "", "").strip()
    harness = row.get(sheet.harness or "", "").strip()
    low, high = _interval(row, score)
    return {
        "benchmark": sheet.benchmark,
        "benchmark_version": _version(sheet, row),
        "metric": sheet.metric,
        "model_name": model,
        "effort": _effort(model, board_name),
        "score": score,
        "scale": sheet.scale,
        "standard_error": _on_scale(error, sheet, sheet.error or "") if error else None,
        "ci_low": low,
        "ci_high": high,
        "evaluator": row.get("Source", "").strip() or sheet.evaluator,
        "is_self_reported": False,
        "harness": sheet.harness_form.format(harness) if harness else None,
        "organisation_name": row.get("Organization", "").strip() or None,
        "model_released_on": _day(row.get("Release date", "")),
        "evaluated_on": _day(row.get(sheet.evaluated or "", "")),
        "score_text": text,
    }


def _on_scale(text: str, sheet: Sheet, column: str) -> float:
    """A number on the scale of its file; older copies of boards write shares as percentages with their sign."""
    upper = math.inf if column == sheet.error else UPPER.get(sheet.scale, math.inf)
    if text.endswith("%") and sheet.scale == "fraction":
        return float(Decimal(str(_number(text[:-1], column, 100 * upper))) / 100)
    return _number(text, column, upper)


def _number(text: str, column: str, upper: float) -> float:
    if not NUMBER.fullmatch(text) or not 0 <= float(text) <= upper or math.isinf(float(text)):
        limit = "" if math.isinf(upper) else f" to {upper:g}"
        raise _Unreadable(f"{column} is not a number from 0{limit}: {text!r}")
    return float(text)


def _interval(row: Mapping[str, str], score: float) -> tuple[float | None, float | None]:
    """Ends of the stated 95 % interval: as two columns, or as distances such as `=+11/-9`."""
    low, high = row.get("95% CI Low", "").strip(), row.get("95% CI High", "").strip()
    if low and high:
        return _number(low, "95% CI Low", math.inf), _number(high, "95% CI High", math.inf)
    text = row.get("Score 95% CI", "").strip()
    if not text:
        return None, None
    match = INTERVAL.fullmatch(text)
    if match is None:
        raise _Unreadable(f"Score 95% CI is not of the form =+11/-9: {text!r}")
    return score - float(match["down"]), score + float(match["up"])


def _effort(model: str, board_name: str) -> str | None:
    """Effort as the name's suffix says; where it says nothing or `_unknown`, the board's own name may say thinking."""
    effort = effort_in(model)
    return "thinking" if effort in (None, "unknown") and THINKING.search(board_name) else effort


def _version(sheet: Sheet, row: Mapping[str, str]) -> str | None:
    """Version of the benchmark: a column of its own, or part of the board's name (`Terminal-Bench v2 Leaderboard`)."""
    if sheet.version is not None:
        return row[sheet.version].strip().removeprefix("LiveBench-") or None
    match = re.search(r" (v\d+(\.\d+)?) ", row.get("Source", ""))
    return match[1] if match else None


def _day(text: str) -> date | None:
    """The UTC day of a date or a time in ISO form; None where the cell is empty."""
    try:
        moment = datetime.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise _Unreadable(f"not a date in ISO form: {text!r}") from error
    if moment is None:
        return None
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


source = Source(
    name="epoch_benchmarks",
    title="Epoch AI Benchmarking Hub",
    homepage="https://epoch.ai/benchmarks",
    licence="CC-BY-4.0",
    kind=SourceKind.LEADERBOARD,
    tables=("score",),
    fetch=fetch,
    parse=parse,
    anchor={"main": "gpqa_diamond.csv"},
    max_bytes=50_000_000,
    label_of=label_of,
)

defs = source_definitions(source)
