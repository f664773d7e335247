"""The bodies a board has come in since 2023, and how each is taken apart into its ratings, cell by cell as text.

`parquet` is the dataset. Of the site: `top`, a list of models cut at some length, and `catalog`, all categories of a
board. Of people who kept copies: `table` (a board), `long` and `wide` (a row or a column per model, with many days in
one), and `curves` (the best model of each lab by day). ADD A SHAPE: how to know it in `label_of` and `read`, and a
reader.

No meaning of a rating belongs here, but for two things that the copies themselves do not say: the days on which a copy
holds another fit than the board published, and that `curves` calls the best variant of a model by its bare name.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from typing import Any, TypeGuard

from pipelines.defs.sources.lmarena.ratings import WITHOUT_STYLE_CONTROL, Listed, Unreadable, day_of
from pipelines.lib.parquet import MAGIC, BadParquet, column_names, read_rows
from pipelines.lib.source import BadDocument, Document, Reject

PARQUET = (
    "model_name", "organization", "rating", "rating_lower", "rating_upper", "vote_count", "category",
    "leaderboard_publish_date",
)  # fmt: skip
TABLE = ("model", "95_pct_ci", "votes", "organization")
TABLE_RATING = ("arena_score", "arena_elo")
LONG = ("key", "Model", "rating", "License", "Organization", "date")
NAMES = ("key", "Model", "License", "Organization")
CURVES = ("CHART_DATA_HIGHEST", "CHART_DATA_LATEST")

# Boards of the site by the name in its lists, which are with style control where there are two fits.
TOP_BOARDS = {"text": "text_style_control", "vision": "vision_style_control", "code": "webdev"}
BOARD_IN_NAME = re.compile(
    r"(?<![a-z])(?P<board>(text|vision)_style_control|text_to_image|text|vision|webdev)(?![a-z])"
)
# A zero of the wide table is a model that was not listed that day.
NOT_LISTED = frozenset({"", "0", "0.0"})
# From January to June 2024 the files these copies were made from held two fits, and for these days they have the one
# that the board did not show: gpt-4o stood at 1287 on 2024-06-19, the wide table has 1143 for 2024-06-17.
ANOTHER_FIT = {
    "long": (date(2024, 1, 9), date(2024, 3, 26)),
    "wide": (date(2024, 1, 9), date(2024, 6, 26)),
}
BEST_VARIANT = f"{WITHOUT_STYLE_CONTROL}_best_variant"


def label_of(file_name: str, body: bytes) -> str:
    """Board, and `/shape` where the body is not the whole board of one day; else the stem, which is no label."""
    path = PurePosixPath(file_name)
    if body.startswith(MAGIC):
        return _parquet_label(path)
    try:
        content = _json(body) if body.lstrip()[:1] in (b"{", b"[") else None
        header = _csv(body)[0] if content is None else []
    except BadDocument:
        return path.stem
    if is_top(content):
        board = TOP_BOARDS.get(str(content["meta"].get("leaderboard")))
        return f"{board}/top" if board else path.stem
    if isinstance(content, dict):
        arena = "vision" if "vision" in path.stem else "text"
        return "text/curves" if set(CURVES) & set(content) else f"{arena}{_style_control(path.stem)}"
    if _is_wide(header):
        return "text/wide"
    if tuple(header) == LONG:
        return "text/long"
    if set(TABLE_RATING) & set(header):
        return "vision" if "vision" in path.stem else "text_to_image" if "image" in path.stem else "text"
    return path.stem


def _parquet_label(path: PurePosixPath) -> str:
    """The dataset names a board by its folder; a file saved elsewhere may name it itself."""
    for name in (path.stem, path.parent.name):
        if match := BOARD_IN_NAME.search(name.lower()):
            return f"{match['board']}/full" if re.search(r"(?<![a-z])full(?![a-z])", path.stem) else match["board"]
    return path.stem


def _style_control(stem: str) -> str:
    return "_style_control" if re.search("style[-_]control", stem) else ""


def is_top(content: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON body is a list of the site."""
    return (
        isinstance(content, dict) and isinstance(content.get("meta"), dict) and isinstance(content.get("models"), list)
    )


def read(document: Document) -> Iterator[Listed | Reject]:
    """The ratings of a body, whatever its shape. Raises BadDocument."""
    body, label = document.body, document.label
    if not body.strip():
        raise BadDocument(f"{label} is empty")
    if body.startswith(MAGIC):
        return _parquet(label, body)
    if body.lstrip()[:1] not in (b"{", b"["):
        return _from_csv(label, body)
    content = _json(body)
    if is_top(content):
        return _top(label, content)
    if isinstance(content, dict) and set(CURVES) & set(content):
        return _curves(content)
    if isinstance(content, dict) and all(isinstance(models, dict) for models in content.values()):
        return _catalog(content)
    raise BadDocument(f"{label} holds no ratings in any shape that is known: {body[:80]!r}")


def _json(body: bytes) -> Any:
    """JSON with its numbers as the texts they are written as."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise BadDocument(f"the body is not JSON ({error}): {body[:80]!r}") from error


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


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _parquet(label: str, body: bytes) -> Iterator[Listed | Reject]:
    try:
        found = column_names(body)
        if missing := [name for name in PARQUET if name not in found]:
            raise BadDocument(f"{label} has no column {', '.join(missing)}; it has {', '.join(found)[:300]}")
        for _, text in read_rows(body, PARQUET, None):
            row = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
            cell = {name: _text(value) for name, value in row.items()}
            yield Listed(
                cell["model_name"], cell["rating"], cell["leaderboard_publish_date"], cell["category"],
                low=cell["rating_lower"], high=cell["rating_upper"], votes=cell["vote_count"],
                organisation=cell["organization"],
            )  # fmt: skip
    except BadParquet as error:
        raise BadDocument(f"{label}: {error}") from error


def _from_csv(label: str, body: bytes) -> Iterator[Listed | Reject]:
    header, *lines = _csv(body)
    if tuple(header) == NAMES:
        raise BadDocument(f"{label} is a list of names and holds no rating; names belong in seeds/model_alias.csv")
    if len(set(header)) < len(header):
        raise BadDocument(f"{label} has two columns of one name: {','.join(header)[:300]!r}")
    whole: list[list[str]] = []
    for cells in lines:
        if len(cells) != len(header):
            reason = f"the row has {len(cells)} cells, the header {len(header)}"
            yield Reject(reason, ",".join(cells)[:300], "score")
        else:
            whole.append(cells)
    if _is_wide(header):
        yield from _of_shown_fit("wide", _wide(header, whole))
    elif tuple(header) == LONG:
        rows = (dict(zip(header, cells, strict=True)) for cells in whole)
        listed = (Listed(row["key"], row["rating"], row["date"], organisation=row["Organization"]) for row in rows)
        yield from _of_shown_fit("long", listed)
    else:
        yield from _table(label, header, whole)


def _is_wide(header: list[str]) -> bool:
    return len(header) > 1 and header[0] == "" and "" not in header[1:]


def _wide(header: list[str], lines: list[list[str]]) -> Iterator[Listed]:
    for day, *cells in lines:
        for model, cell in zip(header[1:], cells, strict=True):
            if cell.strip() not in NOT_LISTED:
                yield Listed(model, cell, day)


def _of_shown_fit(shape: str, listed: Iterator[Listed]) -> Iterator[Listed | Reject]:
    """The ratings of all days but those for which a copy holds another fit: these are one reject each."""
    first, last = ANOTHER_FIT[shape]
    other: dict[str, list[Listed]] = {}
    for entry in listed:
        try:
            is_other = entry.day is not None and first <= day_of(entry.day) <= last
        except Unreadable:
            is_other = False
        if is_other:
            other.setdefault(entry.day or "", []).append(entry)
        else:
            yield entry
    for day, entries in other.items():
        reason = "of this day the copy holds another fit than the board showed"
        yield Reject(reason, f"{day}: {len(entries)} ratings, such as {entries[0].quote}", "score")


def _table(label: str, header: list[str], lines: list[list[str]]) -> Iterator[Listed]:
    rating = next((name for name in TABLE_RATING if name in header), None)
    missing = [name for name in TABLE if name not in header]
    if rating is None or missing:
        wanted = ", ".join([*missing, *([] if rating else [" or ".join(TABLE_RATING)])])
        raise BadDocument(f"{label} has no column {wanted}; it has {','.join(header)[:300]!r}")
    for cells in lines:
        row = dict(zip(header, cells, strict=True))
        yield Listed(
            row["model"], row[rating], ci=row["95_pct_ci"], votes=row["votes"], organisation=row["organization"]
        )


def _top(label: str, content: Mapping[str, Any]) -> Iterator[Listed | Reject]:
    meta, models = content["meta"], content["models"]
    if (board := TOP_BOARDS.get(_text(meta.get("leaderboard")))) != label.partition("/")[0]:
        raise BadDocument(f"{label}: the list is of {meta.get('leaderboard')!r}, which is {board or 'no known board'}")
    day = _updated(meta.get("last_updated"))
    if _text(meta.get("model_count")) != str(len(models)):
        text = json.dumps(meta)[:300]
        yield Reject(f"the list holds {len(models)} models and says it holds {meta.get('model_count')}", text, "score")
    for model in models:
        if not isinstance(model, dict) or not {"model", "score", "ci", "votes", "vendor"} <= set(model):
            text = json.dumps(model)[:300]
            yield Reject("an entry must hold model, score, ci, votes and vendor", text, "score")
            continue
        cell = {name: _text(value) for name, value in model.items()}
        yield Listed(cell["model"], cell["score"], day, ci=cell["ci"], votes=cell["votes"], organisation=cell["vendor"])


def _updated(text: Any) -> str | None:
    """The day of the site's `Mar 18, 2026`; None where it was not read."""
    if not text:
        return None
    try:
        return datetime.strptime(str(text), "%b %d, %Y").replace(tzinfo=UTC).date().isoformat()
    except ValueError as error:
        raise BadDocument(f"meta.last_updated is {text!r}, not of the form Mar 18, 2026") from error


def _catalog(content: Mapping[str, Any]) -> Iterator[Listed | Reject]:
    for category, models in content.items():
        for model, stated in models.items():
            if isinstance(stated, dict) and {"rating", "rating_q025", "rating_q975"} <= set(stated):
                cell = {name: _text(value) for name, value in stated.items()}
                low, high = cell["rating_q025"], cell["rating_q975"]
                yield Listed(model, cell["rating"], category=category, low=low, high=high)
            else:
                text = json.dumps({category: {model: stated}})[:300]
                yield Reject("an entry must hold rating, rating_q025 and rating_q975", text, "score")


def _curves(content: Mapping[str, Any]) -> Iterator[Listed | Reject]:
    """Points of both kinds of curve; where the two agree they are one."""
    for chart in CURVES:
        labs = content.get(chart)
        for lab, points in labs.items() if isinstance(labs, dict) else ():
            for point in points if isinstance(points, list) else [points]:
                if isinstance(point, dict) and {"date", "model_name", "rating"} <= set(point):
                    model, rating = _text(point["model_name"]), _text(point["rating"])
                    yield Listed(model, rating, _text(point["date"]), organisation=lab, metric=BEST_VARIANT)
                else:
                    text = json.dumps({lab: point})[:300]
                    yield Reject("a point must hold date, model_name and rating", text, "score")
