"""What a Hub body means: list pages and dumps give models, details give counts of direct derivatives.

Pure, and the reference for whoever reads pages another way. A list row whose types or resolved parents cannot be read
is rejected whole: without its parents it would pass for a base model. Numbers out of range and unknown relations are
left to the contract. Parents that only tags name are not worked out here: tags are kept, and edges are SQL's affair.
A detail gives no model row, for it holds only a part of one and the list page of its namespace gives the whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pipelines.defs.sources.hub_models.dumps import DUMP, items_of
from pipelines.lib.source import BadDocument, Document, Parsed, Reject, Row

QUOTED_CHARS = 300
# What every row of a full listing tells, be it 0 or false; with `full=true` alone the Hub leaves half of it out.
WHOLE = frozenset({"id", "createdAt", "lastModified", "tags", "downloads", "downloadsAllTime", "likes", "gated"})
GATES = {False: "false", "auto": "auto", "manual": "manual"}
FIRST_PAGE = re.compile(r"models/page-0*1")
Lineage = tuple[str | None, list[str] | None]


def parse(document: Document) -> Iterator[Parsed]:
    """Rows of `hub_model` from a list page or a dump, of `hub_children` from the detail of a repository."""
    if document.label.startswith(DUMP):
        for item in items_of(document):
            yield item if isinstance(item, Reject) else _row(item, is_dump=True)
    elif document.label.startswith(("author/", "models/")):
        yield from _models(document, _load(document))
    elif document.label.startswith("repository/"):
        yield from _children(document, _load(document))
    else:
        known = f"author/, models/, repository/ or {DUMP}"
        raise BadDocument(f"{document.label}: a label of this source begins with {known}")


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
    # Only the page behind the last full one may be empty.
    if not content and (not document.label.startswith("models/") or FIRST_PAGE.fullmatch(document.label)):
        raise BadDocument(f"{document.label}: the list of models is empty: []")
    yield from (_row(item, is_dump=False) for item in content)


def _row(item: Any, is_dump: bool) -> Parsed:
    """A dump never tells all: what its maker left out is unknown, not none."""
    try:
        return Row("hub_model", _model(item) | ({"is_whole": False} if is_dump else {}))
    except ValueError as error:
        return Reject(str(error), _quote(item), "hub_model")


def _model(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise ValueError("a model is not an object")
    repo_id = _text(item, "id")
    if not repo_id:
        raise ValueError("a model has no id")
    if item.get("private"):
        raise ValueError("a private repository; only public ones are recorded")
    tags, card = _tags(item), _card(item)
    relation, parents = _lineage(item)
    namespace, slash, _ = repo_id.partition("/")
    return {
        "repo_id": repo_id,
        "hub_id": _text(item, "_id"),
        "is_whole": item.keys() >= WHOLE,
        "author": _text(item, "author") or (namespace if slash else None),
        "created_at": _time(item, "createdAt"),
        "modified_at": _time(item, "lastModified"),
        "downloads_30d": _count(item, "downloads"),
        "downloads_all_time": _count(item, "downloadsAllTime"),
        "likes": _count(item, "likes"),
        "trending_score": _number(item, "trendingScore"),
        "pipeline_tag": _text(item, "pipeline_tag"),
        "library_name": _text(item, "library_name"),
        "licence": _licence(tags or [], card or {}),
        "gated": _gate(item),
        "is_disabled": _flag(item, "disabled"),
        "parameters_total": _count(_mapping(item, "safetensors"), "total"),
        "base_relation": relation,
        "base_models": parents,
        "card_models": None if card is None else list(dict.fromkeys(_texts(card.get("base_model")))),
        "tags": tags,
    }


def _lineage(item: Mapping[str, Any]) -> Lineage:
    """Relation and distinct parents as the Hub resolved them, in its order; none where it resolved none."""
    resolved = _mapping(item, "baseModels")
    if not resolved:
        return None, None
    models = resolved.get("models")
    if not isinstance(models, list) or not all(isinstance(model, dict) and model.get("id") for model in models):
        raise ValueError(f"baseModels has no list of models with ids: {_quote(resolved)}")
    parents = list(dict.fromkeys(_text(model, "id") or "" for model in models))
    return (_text(resolved, "relation") or "unknown", parents) if parents else (None, None)


def _card(item: Mapping[str, Any]) -> dict[str, Any] | None:
    """The model card's metadata; None where it is not there or cannot be read, for it is the author's own text."""
    card = item.get("cardData")
    if isinstance(card, str):
        try:
            card = json.loads(card)
        except (ValueError, RecursionError):
            return None
    return card if isinstance(card, dict) else None


def _texts(value: Any) -> list[str]:
    """What is text in an author's text or list of texts."""
    listed = value if isinstance(value, list) else [value]
    return [text for text in listed if isinstance(text, str) and text.strip() and _is_unicode(text)]


def _licence(tags: list[str], card: Mapping[str, Any]) -> str | None:
    """Every licence tag, else the licence of the model card: the tag is what the Hub made of it."""
    named = [tag.removeprefix("license:") for tag in tags if tag.startswith("license:")]
    return ", ".join(named or _texts(card.get("license"))) or None


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


def _time(item: Mapping[str, Any], key: str) -> str | None:
    """The Hub's text, moved to UTC where it names another zone: a cast to TIMESTAMP would drop the zone."""
    value = _text(item, key)
    if value is None or value.endswith("Z"):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return value if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None).isoformat()


def _is_unicode(text: str) -> bool:
    """JSON can spell half of a surrogate pair, which no UTF-8 file or database can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _require_unicode(key: str, text: str) -> None:
    if not _is_unicode(text):
        raise ValueError(f"{key} holds half of a surrogate pair")


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


def _flag(item: Mapping[str, Any], key: str) -> bool | None:
    value = item.get(key)
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"{key} is not true or false: {_quote(value)}")
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
