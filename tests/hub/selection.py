"""Which rows of the simulated population a list query shows, and in which order."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from tests.hub import lineage
from tests.hub.catalog import Query
from tests.hub.columns import PLAIN, Columns
from tests.hub.hashing import Rows
from tests.hub.naming import Naming
from tests.hub.render import Renderer, dates
from tests.hub.vocabulary import HEADS, LICENCES, RELATIONS, bundles

Mask = npt.NDArray[np.bool_]
SORT_COLUMNS = {
    "createdAt": "created", "lastModified": "modified", "downloads": "downloads", "likes": "likes",
    "trendingScore": "trending",
}  # fmt: skip


class Selector:
    """Answers queries. Keeps the last order and the last answer, because a crawl asks for them page after page."""

    def __init__(self, columns: Columns, naming: Naming, renderer: Renderer) -> None:
        self._columns = columns
        self._naming = naming
        self._renderer = renderer
        self._order: dict[str, tuple[int, Rows]] = {}
        self._answer: tuple[tuple[Query, int], Rows] | None = None

    def rows(self, query: Query, visible: Mask, version: int) -> Rows:
        """All rows of a list: descending by the sort column, then ascending by `_id`."""
        if self._answer is not None and self._answer[0] == (query, version):
            return self._answer[1]
        wanted = self._wanted(query, visible)
        order = self._sorted(query.sort, version)
        rows = order[wanted[order]]
        self._answer = ((query, version), rows)
        return rows

    def value(self, sort: str, row: int) -> float | str:
        """What a cursor holds of a row."""
        column = getattr(self._columns, SORT_COLUMNS[sort])[row : row + 1]
        if sort in ("createdAt", "lastModified"):
            return dates(column)[0].strip('"')
        value = column.item()
        return int(value) if value == int(value) else value

    def _sorted(self, sort: str, version: int) -> Rows:
        columns = self._columns
        # The time of creation never changes, so that order holds until there are new rows.
        token = len(columns) if sort == "createdAt" else version
        known = self._order.get(sort)
        if known is None or known[0] != token:
            key = getattr(columns, SORT_COLUMNS[sort]).astype(np.float64 if sort == "trendingScore" else np.int64)
            known = (token, np.lexsort((columns.tail, columns.created, -key)))
            self._order[sort] = known
        return known[1]

    def _wanted(self, query: Query, visible: Mask) -> Mask:
        mask = visible.copy()
        if query.author is not None:
            code = self._naming.author_code(query.author)
            mask &= self._columns.author == (-1 if code is None else code)
        if query.search is not None:
            mask &= self._naming.containing(query.search)
        for tag in query.filters:
            mask &= self._tagged(tag)
        return mask

    def _tagged(self, tag: str) -> Mask:
        if tag.startswith("base_model:"):
            mask = self._derived(tag)
        elif tag.startswith("license:"):
            name = tag.removeprefix("license:")
            mask = self._columns.licence == (LICENCES.index(name) if name in LICENCES else 255)
        elif tag in ("simulated", "region:us"):
            mask = np.ones(len(self._columns), dtype=np.bool_)
        else:
            mask = self._headed(tag) | _bundles_with(tag)[self._columns.bundle]
        for row, changed in self._renderer.overrides.items():
            if "tags" in changed:
                mask[row] = isinstance(changed["tags"], list) and tag in changed["tags"]
        return mask

    def _derived(self, tag: str) -> Mask:
        """By the plain tag any child, by the typed tag those of that relation that have it."""
        mask = np.zeros(len(self._columns), dtype=np.bool_)
        _, relation, repo_id = tag.split(":", 2) if tag.count(":") == 2 else ("", "", tag.partition(":")[2])
        row = self._naming.find(repo_id)
        if row is None or (relation and relation not in RELATIONS[1:]):
            return mask
        children = lineage.children(self._columns, row)
        if relation:
            fits = self._columns.relation[children] == RELATIONS.index(relation)
            children = children[fits & (self._columns.lineage[children] != PLAIN)]
        mask[children] = True
        return mask

    def _headed(self, tag: str) -> Mask:
        mask = np.zeros(len(self._columns), dtype=np.bool_)
        topics = np.unique(self._columns.topic)
        for number in range(len(HEADS)):
            having = [topic for topic in topics.tolist() if tag in self._renderer.tags_of_head(number, topic)]
            if having:
                mask |= (self._columns.head == number) & np.isin(self._columns.topic, having)
        return mask


@cache
def _bundles_with(tag: str) -> Mask:
    return np.array([tag in bundle for bundle in bundles()])
