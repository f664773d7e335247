"""A population of a few repositories written out by a test. Knows nothing of HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.hub.catalog import DETAIL_PLAIN, PLAIN_ATTRIBUTES, RELATIONS, Listing, Position, Query, in_order


@dataclass(frozen=True)
class Repository:
    """A model repository: its attributes under the names of the wire; what is absent there is absent here."""

    repo_id: str
    hub_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    private: bool = False

    @property
    def author(self) -> str:
        """Namespace of the repository."""
        return self.repo_id.partition("/")[0]

    @property
    def tags(self) -> list[str]:
        """All tags."""
        return list(self.attributes.get("tags") or [])

    def matches(self, query: Query) -> bool:
        """Whether the repository is in a list, wherever its page."""
        return (
            not self.private
            and (query.author is None or self.author == query.author)
            and (query.search is None or query.search.lower() in self.repo_id.lower())
            and all(tag in self.tags for tag in query.filters)
        )

    def text(self, names: Sequence[str], **more: Any) -> str:
        """The repository on the wire: `_id` and `id`, and of the names those that are there."""
        known = dict(self.attributes) | {"author": self.author, "private": self.private, "modelId": self.repo_id} | more
        shown = {"_id": self.hub_id, "id": self.repo_id} | {name: known[name] for name in names if name in known}
        return json.dumps(shown, separators=(",", ":"), ensure_ascii=False)


class Population:
    """All repositories and the old names of renamed ones. A catalog."""

    def __init__(self, repositories: Iterable[Repository], renamed: Mapping[str, str] | None = None) -> None:
        self._repositories = {item.repo_id: item for item in repositories}
        self._renamed = dict(renamed or {})

    def listing(self, query: Query, after: Position | None, limit: int, wanted: Sequence[str]) -> Listing:
        """The next rows; rows without the sort attribute come last."""

        def key(value: Any, hub_id: str) -> tuple[bool, Any, str]:
            return (value is None, _Descending(value), hub_id)

        rows = [
            (key(item.attributes.get(query.sort), item.hub_id), item)
            for item in self._repositories.values()
            if item.matches(query)
        ]
        start = key(after.value, after.hub_id) if after else None
        rows.sort(key=lambda row: row[0])
        found = [item for place, item in rows if start is None or place > start]
        page = found[:limit]
        names = in_order(wanted, PLAIN_ATTRIBUTES)
        end = Position(page[-1].attributes.get(query.sort), page[-1].hub_id) if len(found) > limit else None
        return Listing([item.text(names) for item in page], end)

    def detail(self, repo_id: str, wanted: Sequence[str]) -> str | None:
        """A public repository by its present name."""
        found = self._repositories.get(repo_id)
        if found is None or found.private:
            return None
        counts = {} if "childrenModelCount" in found.attributes else {"childrenModelCount": self._children(repo_id)}
        return found.text(in_order(wanted, DETAIL_PLAIN), **counts)

    def new_name(self, repo_id: str) -> str | None:
        """Present name of a renamed repository."""
        return self._renamed.get(repo_id)

    def _children(self, repo_id: str) -> dict[str, int]:
        """Direct derivatives by relation, counted from typed tags as the Hub does."""
        return {
            relation: sum(f"base_model:{relation}:{repo_id}" in item.tags for item in self._repositories.values())
            for relation in RELATIONS
        }


@dataclass(frozen=True)
class _Descending:
    """Reverses the order of a value inside a sort key; None is in a class of its own before it comes here."""

    value: Any

    def __lt__(self, other: _Descending) -> bool:
        return self.value is not None and other.value is not None and other.value < self.value
