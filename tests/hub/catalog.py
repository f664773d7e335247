"""What the wire needs to know of a population, written by hand or drawn: questions, answers, attribute names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

SORTS = ("createdAt", "downloads", "lastModified", "likes", "trendingScore")
RELATIONS = ("adapter", "merge", "quantized", "finetune")
# In the order of the Hub's own enumeration.
LIST_ATTRIBUTES = (
    "author", "baseModels", "cardData", "config", "createdAt", "disabled", "downloads", "downloadsAllTime",
    "evalResults", "gated", "inference", "inferenceProviderMapping", "lastModified", "library_name", "likes",
    "mask_token", "model-index", "pipeline_tag", "private", "safetensors", "sha", "siblings", "spaces", "tags",
    "transformersInfo", "trendingScore", "widgetData", "gguf", "resourceGroup", "xetEnabled",
)  # fmt: skip
DETAIL_ATTRIBUTES = (*LIST_ATTRIBUTES, "childrenModelCount", "usedStorage")
# A list without `expand` gives these, a list with it any, both in the order of the real bodies.
PLAIN_ATTRIBUTES = (
    "likes", "trendingScore", "private", "downloads", "tags", "pipeline_tag", "library_name", "createdAt", "modelId",
)  # fmt: skip
EXPANDED_ORDER = (
    "author", "baseModels", "cardData", "disabled", "gated", "inferenceProviderMapping", "lastModified", "likes",
    "trendingScore", "private", "sha", "config", "downloads", "downloadsAllTime", "model-index", "safetensors",
    "evalResults", "tags", "pipeline_tag", "library_name", "transformersInfo", "widgetData", "createdAt", "siblings",
    "gguf", "resourceGroup", "xetEnabled", "childrenModelCount", "usedStorage",
)  # fmt: skip
DETAIL_PLAIN = (
    "private", "pipeline_tag", "library_name", "tags", "downloads", "likes", "modelId", "author", "sha",
    "lastModified", "gated", "disabled", "model-index", "config", "cardData", "transformersInfo", "siblings",
    "createdAt", "safetensors", "gguf", "usedStorage",
)  # fmt: skip


@dataclass(frozen=True)
class Query:
    """What a list request asks for."""

    author: str | None = None
    search: str | None = None
    filters: tuple[str, ...] = ()
    sort: str = "trendingScore"


@dataclass(frozen=True)
class Position:
    """Where a page ended: value of the sort attribute and id of its last row. A keyset, so it moves with the data."""

    value: Any
    hub_id: str


@dataclass(frozen=True)
class Listing:
    """Rows of one page as JSON texts, and where it ended if more follow."""

    rows: Sequence[str]
    end: Position | None = None


class Catalog(Protocol):
    """A population that can be asked."""

    def listing(self, query: Query, after: Position | None, limit: int, wanted: Sequence[str]) -> Listing:
        """The next rows, descending by the sort attribute and ascending by id, with the wanted attributes."""

    def detail(self, repo_id: str, wanted: Sequence[str]) -> str | None:
        """One public repository by its present name."""

    def new_name(self, repo_id: str) -> str | None:
        """Present name of a renamed repository."""


def in_order(wanted: Sequence[str], plain: Sequence[str]) -> list[str]:
    """The attributes to show: those asked for, or the plain ones, in the order of the real bodies."""
    return [name for name in EXPANDED_ORDER if name in wanted] if wanted else list(plain)
