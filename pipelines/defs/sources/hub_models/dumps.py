"""Published dumps of Hub models: which kind a file is, for which moments it speaks, and its rows in the Hub's shape.

A dump may hold many moments; it is archived as it is, and a capture of one of them reads its rows alone. Here belong
recognising a file and dividing it. Reading the tables and the JSON is done in `tables` and `trees`; what an attribute
means, in `parsing`. None of these counts as a listing of everything, whatever its maker says it is.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from pipelines.defs.sources.hub_models import tables, trees
from pipelines.lib.parquet import MAGIC
from pipelines.lib.source import BadDocument, Document

DUMP = "dump/"
SNAPSHOT, TREE, INFO = "snapshot", "tree", "model_info"


def label_of(_file_name: str, body: bytes) -> str:
    """The document a loose file is: a dump, the detail of one model, or a list page; `parse` judges anything else."""
    if body.startswith(MAGIC):
        return f"{DUMP}{tables.kind_name(body)}"
    if trees.is_csv(body):
        return f"{DUMP}{TREE}"
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return f"{DUMP}{INFO}" if trees.is_info_lines(body) else "author/file"
    if not isinstance(content, dict):
        return "author/file"
    if isinstance(content.get("models"), list):
        return f"{DUMP}{TREE if trees.is_tree(content) else SNAPSHOT}"
    return f"repository/{content['id']}" if content.get("id") else "author/file"


def moments_of(file_name: str, body: bytes) -> tuple[datetime, ...]:
    """The moments a file itself says it speaks for, oldest first. Raises BadDocument where they cannot be read."""
    label = label_of(file_name, body)
    if label == f"{DUMP}{SNAPSHOT}":
        return trees.snapshot_moments(json.loads(body))
    if label == f"{DUMP}{TREE}":
        return trees.moments_in_name(file_name)
    return tables.read(label.removeprefix(DUMP), body).moments if body.startswith(MAGIC) else ()


def items_of(document: Document) -> list[Any]:
    """The models a dump shows at the moment of its document, each as the Hub would list it, or a Reject.

    Raises BadDocument.
    """
    kind, body = document.label.removeprefix(DUMP), document.body
    try:
        if kind in (SNAPSHOT, TREE, INFO):
            return _READERS[kind](body)
        return tables.read(kind, body).items(document.observed_at.astimezone(UTC))
    except BadDocument as error:
        raise BadDocument(f"{document.label}: {error}") from error


_READERS = {SNAPSHOT: trees.snapshot, TREE: trees.tree, INFO: trees.info_lines}
