"""Dumps of Hub models as JSON or CSV: crawled trees of derivatives, `ModelInfo` objects, snapshots of a list.

Here belong their shapes. A tree lists for each crawled repository its direct children by relation, as the Hub's page
shows them; a listed child is a model even where the crawler did not ask for it.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

import pandas as pd

from pipelines.defs.sources.hub_models.tables import moment_of
from pipelines.lib.source import BadDocument, Reject

TABLE = "hub_model"
QUOTED_CHARS = 300
ADDRESS = "https://huggingface.co/"
# What the crawler calls the lists of children, and the relation of those to the repository.
CHILDREN = {"children": "finetune", "adapters": "adapter", "quantized": "quantized", "merges": "merge"}
CSV_COLUMNS = {"model_id", "metadata", "depth", "children"}
# The zone of the crawler's clock is not stated; it is taken for UTC.
TIME_IN_NAME = re.compile(r"(?<!\d)(20\d{6})_(\d{6})(?!\d)")
# How huggingface_hub's ModelInfo names what the Hub calls otherwise.
RENAMED = {
    "modelId": "id",
    "created_at": "createdAt",
    "last_modified": "lastModified",
    "downloads_all_time": "downloadsAllTime",
    "trending_score": "trendingScore",
    "card_data": "cardData",
}


def is_tree(content: Mapping[str, Any]) -> bool:
    """Whether an object with models is a crawled tree and no snapshot of a list."""
    return any(isinstance(node, dict) and "model_id" in node for node in content["models"])


def is_csv(body: bytes) -> bool:
    """Whether a body is a crawled tree as CSV, by its header."""
    header = body[:1000].splitlines()[:1]
    return bool(header) and set(header[0].decode("utf-8-sig", "replace").split(",")) >= CSV_COLUMNS


def is_info_lines(body: bytes) -> bool:
    """Whether a body begins with the line of one ModelInfo object."""
    try:
        first = json.loads(body.partition(b"\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and {"id", "tags", "last_modified"} <= first.keys()


def moments_in_name(file_name: str) -> tuple[datetime, ...]:
    """The time a crawler put into the name of its file."""
    match = TIME_IN_NAME.search(PurePath(file_name).name)
    return (moment_of(f"{match[1]}T{match[2]}", "the time in the file's name"),) if match else ()


def snapshot_moments(content: Mapping[str, Any]) -> tuple[datetime, ...]:
    """When a snapshot says it was fetched."""
    where = "fetched_at" if content.get("fetched_at") else "date"
    return (moment_of(content[where], where),) if content.get(where) else ()


def snapshot(body: bytes) -> list[Any]:
    """Models of a snapshot, which are rows of the Hub's list."""
    return [_without_null(item) for item in _models(body)]


def info_lines(body: bytes) -> list[Any]:
    """Models of a file with one ModelInfo object per line."""
    lines = enumerate(body.decode("utf-8", "replace").split("\n"), start=1)
    return [_of_info(line, f"line {number}") for number, line in lines if line.strip()]


def tree(body: bytes) -> list[Any]:
    """Models of a crawled tree: its nodes in their order, then children that are no nodes."""
    nodes = [node for node in (_csv_nodes(body) if is_csv(body) else _models(body)) if isinstance(node, dict)]
    parents: dict[str, list[tuple[str, Any]]] = {}
    for node in nodes:
        for column, relation in CHILDREN.items():
            for child in _listed(node, column):
                parents.setdefault(child, []).append((relation, _bare(node.get("model_id"))))
    shown = {repo_id: node for node in nodes if isinstance(repo_id := _bare(node.get("model_id")), str)}
    return [_of_node(repo_id, shown.get(repo_id, {}), parents.get(repo_id, [])) for repo_id in {**shown, **parents}]


def _of_node(repo_id: str, node: Mapping[str, Any], parents: list[tuple[str, Any]]) -> Any:
    """A repository of a tree as the Hub would list it; what the crawler could not get it writes as N/A."""
    told = node.get("metadata")
    item = _of_info(told, f"metadata of {repo_id}") if told not in (None, "N/A") else {}
    relations = sorted({relation for relation, _ in parents})
    if len(relations) > 1:
        return Reject(f"the tree lists {repo_id} as {' and as '.join(relations)}", str(parents), TABLE)
    if isinstance(item, Reject) or not parents:
        return item if isinstance(item, Reject) else item | {"id": repo_id}
    models = [{"id": parent} for _, parent in parents]
    return item | {"id": repo_id, "baseModels": {"relation": relations[0], "models": models}}


def _csv_nodes(body: bytes) -> Iterator[dict[str, Any]]:
    try:
        frame = pd.read_csv(io.BytesIO(body), dtype=str, keep_default_na=False, encoding_errors="replace")
    except (ValueError, pd.errors.ParserError) as error:
        raise BadDocument(f"not CSV ({error})") from error
    for row in frame.to_dict("records"):
        yield {str(name): value for name, value in row.items()}


def _of_info(text: Any, what: str) -> Any:
    """A ModelInfo object as the Hub would list it; what it does not know is null in it, or a Python object's text."""
    try:
        info = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        return Reject(f"{what} is not JSON ({error})", str(text)[:QUOTED_CHARS], TABLE)
    if not isinstance(info, dict):
        return Reject(f"{what} is not an object", str(text)[:QUOTED_CHARS], TABLE)
    item = {RENAMED.get(name, name): value for name, value in _without_null(info).items()}
    if not isinstance(item.get("safetensors"), dict):
        item.pop("safetensors", None)
    return item


def _listed(node: Mapping[str, Any], column: str) -> list[str]:
    """Children in a list of addresses, or in a text of them."""
    value = node.get(column)
    if isinstance(value, str):
        value = [part.strip(" '\"") for part in value.strip("[]").split(",")]
    if value is not None and not (isinstance(value, list) and all(isinstance(child, str) for child in value)):
        raise BadDocument(f"{column} of {node.get('model_id')!r} is not a list of addresses")
    return [_bare(child) for child in value or [] if child]


def _bare(address: Any) -> Any:
    return address.strip().removeprefix(ADDRESS) if isinstance(address, str) else address


def _without_null(item: Any) -> Any:
    return {name: value for name, value in item.items() if value is not None} if isinstance(item, dict) else item


def _models(body: bytes) -> list[Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadDocument(f"not JSON ({error})") from error
    if not isinstance(content, dict) or not isinstance(content.get("models"), list):
        raise BadDocument("an object with a list of models was due")
    return list(content["models"])
