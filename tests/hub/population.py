"""Repositories of the local Hub and the queries the Hub answers about them. Knows nothing of HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

RELATIONS = ("adapter", "merge", "quantized", "finetune")


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
        return list(self.attributes.get("tags", []))


@dataclass(frozen=True)
class Query:
    """What a list request asks for."""

    author: str | None = None
    search: str | None = None
    filters: tuple[str, ...] = ()
    sort: str = "trendingScore"

    def matches(self, repository: Repository) -> bool:
        """Whether a repository is in the list, wherever its page."""
        return (
            not repository.private
            and (self.author is None or repository.author == self.author)
            and (self.search is None or self.search.lower() in repository.repo_id.lower())
            and all(tag in repository.tags for tag in self.filters)
        )


@dataclass(frozen=True)
class Position:
    """Where a page ended: value of the sort attribute and id of its last row. A keyset, so it moves with the data."""

    value: Any
    hub_id: str


class Population:
    """All repositories and the old names of renamed ones."""

    def __init__(self, repositories: Iterable[Repository], renamed: Mapping[str, str] | None = None) -> None:
        self._repositories = {item.repo_id: item for item in repositories}
        self._renamed = dict(renamed or {})

    def get(self, repo_id: str) -> Repository | None:
        """A public repository by its present name."""
        found = self._repositories.get(repo_id)
        return None if found is None or found.private else found

    def new_name(self, repo_id: str) -> str | None:
        """Present name of a renamed repository."""
        return self._renamed.get(repo_id)

    def page(self, query: Query, after: Position | None, limit: int) -> list[Repository]:
        """The next rows of a list, descending by the sort attribute and ascending by id; rows without it last."""

        def key(value: Any, hub_id: str) -> tuple[bool, Any, str]:
            return (value is None, _Descending(value), hub_id)

        rows = [
            (key(item.attributes.get(query.sort), item.hub_id), item)
            for item in self._repositories.values()
            if query.matches(item)
        ]
        start = key(after.value, after.hub_id) if after else None
        rows.sort(key=lambda row: row[0])
        return [item for place, item in rows if start is None or place > start][:limit]

    def children_count(self, repo_id: str) -> dict[str, int]:
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
