"""Rows of the simulated population as JSON texts, column by column and only for the rows of one page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from tests.hub import hashing, lineage
from tests.hub.catalog import RELATIONS
from tests.hub.columns import CARD_HAS_MORE, CARD_ONLY, PLAIN, Columns
from tests.hub.hashing import Rows
from tests.hub.naming import Naming
from tests.hub.population import Setting
from tests.hub.vocabulary import GATES, HEADS, LICENCES, NONE, bundles
from tests.hub.vocabulary import RELATIONS as KINDS

ABSENT = object()  # in an override: the attribute does not come at all
Parents = list[list[tuple[str, str]]]


class Renderer:
    """Writes rows. An override replaces attributes of one row by anything, for rows that break the rules."""

    def __init__(self, setting: Setting, columns: Columns, naming: Naming) -> None:
        self._seed = setting.seed
        self._columns = columns
        self._naming = naming
        self._architectures = [root.architecture for root in setting.named]
        self._head_tags = cache(self._make_head_tags)
        self.overrides: dict[int, dict[str, Any]] = {}

    def hub_ids(self, rows: Rows) -> list[str]:
        """`_id` of rows."""
        columns = self._columns
        pairs = zip(columns.created[rows].tolist(), columns.tail[rows].tolist(), strict=True)
        return [f"{created:08x}{tail:016x}" for created, tail in pairs]

    def texts(self, rows: Rows, names: Sequence[str]) -> list[str]:
        """`_id`, `id` and the named attributes of rows; what a row does not have is left out."""
        ids = self._naming.ids(rows)
        parts = [[f'{{"_id":"{hub_id}","id":"{name}"' for hub_id, name in zip(self.hub_ids(rows), ids, strict=True)]]
        parents = self._parents(rows) if {"tags", "baseModels", "cardData"} & set(names) else []
        for name in names:
            if writer := _WRITERS.get(name):
                parts.append([f',"{name}":{value}' if value else "" for value in writer(self, rows, parents)])
        texts = [f"{text}}}" for text in map("".join, zip(*parts, strict=True))]
        if self.overrides:
            texts = [self._overridden(row, text, names) for row, text in zip(rows.tolist(), texts, strict=True)]
        return texts

    def _overridden(self, row: int, text: str, names: Iterable[str]) -> str:
        if row not in self.overrides:
            return text
        shown = json.loads(text)
        for name, value in self.overrides[row].items():
            if value is ABSENT:
                shown.pop(name, None)
            elif name in names or name in ("id", "_id"):
                shown[name] = value
        return json.dumps(shown, separators=(",", ":"))

    def _parents(self, rows: Rows) -> Parents:
        """(id, `_id`) of the parents each row names, in ASCII order."""
        named = [lineage.parents(self._columns, row) for row in rows.tolist()]
        distinct = np.array(sorted({parent for parents in named for parent in parents}), dtype=np.int64)
        pairs = zip(self._naming.ids(distinct), self.hub_ids(distinct), strict=True)
        known = dict(zip(distinct.tolist(), pairs, strict=True))
        return [sorted(known[parent] for parent in parents) for parents in named]

    def author(self, rows: Rows, _parents: Parents) -> list[str]:
        return [f'"{name}"' for name in self._naming.authors(rows)]

    def model_id(self, rows: Rows, _parents: Parents) -> list[str]:
        return [f'"{name}"' for name in self._naming.ids(rows)]

    def created(self, rows: Rows, _parents: Parents) -> list[str]:
        return dates(self._columns.created[rows])

    def modified(self, rows: Rows, _parents: Parents) -> list[str]:
        return dates(self._columns.modified[rows])

    def trending(self, rows: Rows, _parents: Parents) -> list[str]:
        return [f"{score:g}" for score in self._columns.trending[rows].tolist()]

    def gate(self, rows: Rows, _parents: Parents) -> list[str]:
        return [_GATES[code] for code in self._columns.gate[rows].tolist()]

    def task(self, rows: Rows, _parents: Parents) -> list[str]:
        return [_TASKS[head] for head in self._columns.head[rows].tolist()]

    def library(self, rows: Rows, _parents: Parents) -> list[str]:
        return [_LIBRARIES[head] for head in self._columns.head[rows].tolist()]

    def sha(self, rows: Rows, _parents: Parents) -> list[str]:
        commits = (rows << 16) + self._columns.commits[rows]
        words = [hashing.bits(self._seed, f"sha/{part}", commits).tolist() for part in range(3)]
        return [
            f'"{first:016x}{second:016x}{third & 0xFFFFFFFF:08x}"' for first, second, third in zip(*words, strict=True)
        ]

    def base_models(self, rows: Rows, parents: Parents) -> list[str]:
        kinds, how = self._columns.relation[rows].tolist(), self._columns.lineage[rows].tolist()
        return [
            "" if not named or stated in (CARD_ONLY, PLAIN) else _base_models(KINDS[kind], named)
            for kind, stated, named in zip(kinds, how, parents, strict=True)
        ]

    def tags(self, rows: Rows, parents: Parents) -> list[str]:
        columns = self._columns
        fields = zip(
            columns.head[rows].tolist(),
            columns.topic[rows].tolist(),
            columns.bundle[rows].tolist(),
            columns.relation[rows].tolist(),
            columns.lineage[rows].tolist(),
            columns.licence[rows].tolist(),
            parents,
            strict=True,
        )
        free = _bundle_tags()
        return [
            f'[{self._head_tags(head, topic)}{free[bundle]}"simulated"'
            f'{_parent_tags(kind, how, named) if named else ""}{_LICENCE_TAGS[licence]},"region:us"]'
            for head, topic, bundle, kind, how, licence, named in fields
        ]

    def card(self, rows: Rows, parents: Parents) -> list[str]:
        columns = self._columns
        fields = zip(
            rows.tolist(),
            columns.head[rows].tolist(),
            columns.bundle[rows].tolist(),
            columns.lineage[rows].tolist(),
            columns.licence[rows].tolist(),
            parents,
            strict=True,
        )
        return [self._card(*field) for field in fields]

    def _card(self, row: int, head: int, bundle: int, how: int, licence: int, named: list[tuple[str, str]]) -> str:
        card: dict[str, Any] = {}
        if named:
            stated = [name for name, _ in named]
            if how == CARD_ONLY:
                stated = [stated[0].lower()]
            elif how == CARD_HAS_MORE:
                stated.append(f"zzz-{self._naming.author(row % 997)}/not-kept-by-the-hub")
            card["base_model"] = stated if len(stated) > 1 or row % 2 else stated[0]
        found = {"license": LICENCES[licence], "library_name": HEADS[head].library, "pipeline_tag": HEADS[head].task}
        card |= {name: value for name, value in found.items() if value}
        card["tags"] = [*bundles()[bundle], "simulated"]
        return json.dumps(card, separators=(",", ":"))

    def safetensors(self, rows: Rows, _parents: Parents) -> list[str]:
        fields = zip(self._columns.head[rows].tolist(), self._columns.parameters[rows].tolist(), strict=True)
        return [
            f'{{"parameters":{{"BF16":{size}}},"total":{size}}}' if "safetensors" in HEADS[head].formats else ""
            for head, size in fields
        ]

    def gguf(self, rows: Rows, _parents: Parents) -> list[str]:
        fields = zip(
            self._columns.head[rows].tolist(),
            self._columns.parameters[rows].tolist(),
            self._columns.topic[rows].tolist(),
            strict=True,
        )
        return [
            f'{{"total":{size},"architecture":"{self._architecture(topic)}","context_length":32768}}'
            if "gguf" in HEADS[head].formats
            else ""
            for head, size, topic in fields
        ]

    def config(self, rows: Rows, _parents: Parents) -> list[str]:
        fields = zip(self._columns.head[rows].tolist(), self._columns.topic[rows].tolist(), strict=True)
        return [
            f'{{"architectures":["SimulatedModel"],"model_type":"{self._architecture(topic)}"}}'
            if HEADS[head].architecture
            else ""
            for head, topic in fields
        ]

    def storage(self, rows: Rows, _parents: Parents) -> list[str]:
        return [str(size * 2) for size in self._columns.parameters[rows].tolist()]

    def _architecture(self, topic: int) -> str:
        return self._architectures[topic] if topic >= 0 else "bert"

    def _make_head_tags(self, head: int, topic: int) -> str:
        return "".join(f"{json.dumps(tag)}," for tag in self.tags_of_head(head, topic))

    def tags_of_head(self, number: int, topic: int) -> list[str]:
        """The tags that follow from library, format, architecture and task."""
        head = HEADS[number]
        architecture = [self._architecture(topic)] if head.architecture else []
        return [tag for tag in (head.library, *head.formats, *architecture, head.task, *head.tags) if tag]


def dates(seconds: np.ndarray) -> list[str]:
    """Times as the Hub writes them."""
    return [f'"{text}.000Z"' for text in np.datetime_as_string(seconds.astype("datetime64[s]")).tolist()]


def _base_models(relation: str, named: list[tuple[str, str]]) -> str:
    models = ",".join(f'{{"_id":"{hub_id}","id":"{name}"}}' for name, hub_id in named)
    return f'{{"relation":"{relation}","models":[{models}]}}'


def _parent_tags(kind: int, how: int, named: list[tuple[str, str]]) -> str:
    if how == CARD_ONLY:
        return ""
    if how == PLAIN:
        return "".join(f',"base_model:{name}"' for name, _ in named)
    return "".join(f',"base_model:{name}","base_model:{KINDS[kind]}:{name}"' for name, _ in named)


@cache
def _bundle_tags() -> tuple[str, ...]:
    return tuple("".join(f"{json.dumps(tag)}," for tag in bundle) for bundle in bundles())


def _number(column: str) -> Callable[[Renderer, Rows, Parents], list[str]]:
    return lambda renderer, rows, _parents: list(map(str, getattr(renderer._columns, column)[rows].tolist()))


def _always(text: str) -> Callable[[Renderer, Rows, Parents], list[str]]:
    return lambda _renderer, rows, _parents: [text] * len(rows)


assert KINDS[NONE] == "none" and set(RELATIONS) == set(KINDS[1:])
_GATES = [json.dumps(gate) for gate in GATES]
_TASKS = [json.dumps(head.task) if head.task else "" for head in HEADS]
_LIBRARIES = [json.dumps(head.library) if head.library else "" for head in HEADS]
_LICENCE_TAGS = [f',"license:{licence}"' if licence else "" for licence in LICENCES]
# `spaces`, `mask_token`, `inference` are accepted and never come in a list; the others that are missing here come
# only for some models on the real Hub, and for none of these.
_WRITERS: Mapping[str, Callable[[Renderer, Rows, Parents], list[str]]] = {
    "author": Renderer.author,
    "baseModels": Renderer.base_models,
    "cardData": Renderer.card,
    "config": Renderer.config,
    "createdAt": Renderer.created,
    "disabled": _always("false"),
    "downloads": _number("downloads"),
    "downloadsAllTime": _number("downloads_all"),
    "gated": Renderer.gate,
    "gguf": Renderer.gguf,
    "inferenceProviderMapping": _always("[]"),
    "lastModified": Renderer.modified,
    "library_name": Renderer.library,
    "likes": _number("likes"),
    "model-index": _always("null"),
    "modelId": Renderer.model_id,
    "pipeline_tag": Renderer.task,
    "private": _always("false"),
    "safetensors": Renderer.safetensors,
    "sha": Renderer.sha,
    "siblings": _always('[{"rfilename":".gitattributes"},{"rfilename":"README.md"},{"rfilename":"config.json"}]'),
    "tags": Renderer.tags,
    "trendingScore": Renderer.trending,
    "usedStorage": Renderer.storage,
    "xetEnabled": _always("true"),
}
