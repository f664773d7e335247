"""What a Hub body means: list pages give models, details give counts of direct derivatives.

Pure. A list row whose lineage or types cannot be read is rejected whole: without its lineage it would pass for a
base model. Numbers out of range are left to the contract. A detail gives no model row, for it holds only a part of
one and the list page of its namespace gives the whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.lib.source import BadDocument, Document, Parsed, Reject, Row

QUOTED_CHARS = 300
TYPED_PARENT = re.compile(r"^base_model:(finetune|adapter|quantized|merge):([^:]+)$")
PLAIN_PARENT = re.compile(r"^base_model:([^:]+)$")
GATES = {False: "false", "auto": "auto", "manual": "manual"}
Lineage = tuple[str | None, list[str] | None]


def parse(document: Document) -> Iterator[Parsed]:
    """Rows of `hub_model` from a list page, of `hub_children` from the detail of a repository."""
    content = _load(document)
    if document.label.startswith("author/"):
        yield from _models(document, content)
    elif document.label.startswith("repository/"):
        yield from _children(document, content)
    else:
        raise BadDocument(f"{document.label}: a label of this source begins with author/ or repository/")


def _load(document: Document) -> Any:
    try:
        return json.loads(document.body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        start = document.body[:80].decode("utf-8", "replace")
        raise BadDocument(f"{document.label}: not JSON ({error}); it begins {start!r}") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _models(document: Document, content: Any) -> Iterator[Parsed]:
    if not isinstance(content, list):
        raise BadDocument(f"{document.label}: a list of models was due, not {_quote(content)}")
    if not content:
        raise BadDocument(f"{document.label}: the list of models is empty: []")
    for item in content:
        try:
            yield Row("hub_model", _model(item))
        except ValueError as error:
            yield Reject(str(error), _quote(item), "hub_model")


def _model(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise ValueError("a model is not an object")
    repo_id = _text(item, "id")
    if not repo_id:
        raise ValueError("a model has no id")
    if item.get("private"):
        raise ValueError("a private repository; only public ones are recorded")
    tags = _tags(item)
    relation, parents = _lineage(item, tags or [], repo_id)
    namespace, slash, _ = repo_id.partition("/")
    return {
        "repo_id": repo_id,
        "hub_id": _text(item, "_id"),
        "author": _text(item, "author") or (namespace if slash else None),
        "created_at": _text(item, "createdAt"),
        "modified_at": _text(item, "lastModified"),
        "downloads_30d": _count(item, "downloads"),
        "downloads_all_time": _count(item, "downloadsAllTime"),
        "likes": _count(item, "likes"),
        "trending_score": _number(item, "trendingScore"),
        "pipeline_tag": _text(item, "pipeline_tag"),
        "library_name": _text(item, "library_name"),
        "licence": _licence(item, tags or []),
        "gated": _gate(item),
        "parameters_total": _count(_mapping(item, "safetensors"), "total"),
        "base_relation": relation,
        "base_models": parents,
        "tags": tags,
    }


def _lineage(item: Mapping[str, Any], tags: list[str], repo_id: str) -> Lineage:
    """Relation and parents, as the Hub resolved them; from the tags where it does not give them apart."""
    resolved = _mapping(item, "baseModels")
    if not resolved:
        return _lineage_of_tags(tags, repo_id)
    models = resolved.get("models")
    if not isinstance(models, list) or not all(isinstance(model, dict) and model.get("id") for model in models):
        raise ValueError(f"baseModels has no list of models with ids: {_quote(resolved)}")
    parents = _parents([_text(model, "id") or "" for model in models], repo_id)
    return (_text(resolved, "relation") or "unknown", parents) if parents else (None, None)


def _lineage_of_tags(tags: list[str], repo_id: str) -> Lineage:
    """Every parent stands in a plain tag and, unless its relation is unknown, in a typed one too."""
    relations: dict[str, str] = {}
    for tag in tags:
        if typed := TYPED_PARENT.match(tag):
            relations[typed[2]] = typed[1]
        elif plain := PLAIN_PARENT.match(tag):
            relations.setdefault(plain[1], "unknown")
        elif tag.startswith("base_model:"):
            raise ValueError(f"a tag names a parent in an unknown form: {tag!r}")
    parents = _parents(list(relations), repo_id)
    found = {relations[parent] for parent in parents} - {"unknown"}
    if len(found) > 1:
        raise ValueError(f"tags give several relations to the parents: {', '.join(sorted(found))}")
    return (found.pop() if found else "unknown", parents) if parents else (None, None)


def _parents(ids: list[str], repo_id: str) -> list[str]:
    """Distinct parents in their order; a repository that names itself has no parent in itself."""
    return [parent for parent in dict.fromkeys(ids) if parent != repo_id]


def _licence(item: Mapping[str, Any], tags: list[str]) -> str | None:
    """Every licence tag, else the licence of the model card."""
    named = [tag.removeprefix("license:") for tag in tags if tag.startswith("license:")]
    if not named:
        # The card is the author's own text in any shape; the tag is what the Hub made of it.
        card = item.get("cardData")
        given = card.get("license") if isinstance(card, dict) else None
        named = [name for name in (given if isinstance(given, list) else [given]) if isinstance(name, str)]
    licence = ", ".join(named)
    _require_unicode("licence", licence)
    return licence or None


def _gate(item: Mapping[str, Any]) -> str | None:
    value = item.get("gated")
    if value is None:
        return None
    if not isinstance(value, bool | str) or value not in GATES:
        raise ValueError(f"gated is {value!r}, not false, auto or manual")
    return GATES[value]


def _tags(item: Mapping[str, Any]) -> list[str] | None:
    tags = item.get("tags")
    if tags is not None and not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
        raise ValueError(f"tags is not a list of texts: {_quote(tags)}")
    _require_unicode("tags", "".join(tags or []))
    return tags


def _children(document: Document, content: Any) -> Iterator[Parsed]:
    if not isinstance(content, dict) or not content.get("id"):
        raise BadDocument(f"{document.label}: one model with an id was due, not {_quote(content)}")
    counts = content.get("childrenModelCount")
    if not isinstance(counts, dict) or not counts:
        what = "absent" if counts is None else f"not counts by relation: {_quote(counts)}"
        yield Reject(f"childrenModelCount is {what}", _quote(content), "hub_children")
        return
    for relation in counts:
        try:
            _require_unicode("a relation", relation)
            values = {"repo_id": _text(content, "id"), "relation": relation, "children_count": _count(counts, relation)}
        except ValueError as error:
            yield Reject(f"childrenModelCount: {error}", _quote(content), "hub_children")
            continue
        yield Row("hub_children", values)


def _text(item: Mapping[str, Any], key: str) -> str | None:
    value = item.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{key} is not a text: {_quote(value)}")
    _require_unicode(key, value or "")
    return value


def _require_unicode(key: str, text: str) -> None:
    """JSON can spell half of a surrogate pair, which no UTF-8 file or database can hold."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{key} holds half of a surrogate pair") from error


def _count(item: Mapping[str, Any], key: str) -> int | None:
    value = item.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValueError(f"{key} is not a whole number: {_quote(value)}")
    return value


def _number(item: Mapping[str, Any], key: str) -> float | None:
    value = item.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ValueError(f"{key} is not a number: {_quote(value)}")
    return value


def _mapping(item: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object, empty where it is absent."""
    value = item.get(key)
    if value is not None and not isinstance(value, dict):
        raise ValueError(f"{key} is not an object: {_quote(value)}")
    return value or {}


def _quote(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
    return text if len(text) <= QUOTED_CHARS else f"{text[:QUOTED_CHARS]}…"
