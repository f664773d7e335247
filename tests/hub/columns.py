"""The columns that hold a simulated population: one numpy array per attribute, one place per repository.

Rows are in the order of creation and keep their number for ever; a deleted repository stays as a row that is `gone`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

# How a row states its parent.
TYPED = 0  # plain and typed tag, as nearly always
PLAIN = 1  # the plain tag alone
CARD_ONLY = 2  # only in the card, in the wrong case: the Hub resolves nothing
CARD_HAS_MORE = 3  # the card names two, the Hub keeps one


@dataclass
class Columns:
    """All attributes. `merges` holds the whole list of parents of the rows that have several."""

    created: npt.NDArray[np.uint32]  # also the first half of `_id`
    tail: npt.NDArray[np.uint64]  # the rest of `_id`
    public_at: npt.NDArray[np.uint32]
    modified: npt.NDArray[np.uint32]
    named: npt.NDArray[np.int16]  # which named base model this is, or -1
    author: npt.NDArray[np.int32]
    topic: npt.NDArray[np.int16]  # which named base model it goes back to, or -1
    word: npt.NDArray[np.uint8]
    edition: npt.NDArray[np.uint8]  # how often it was renamed
    relation: npt.NDArray[np.uint8]
    parent: npt.NDArray[np.int32]
    lineage: npt.NDArray[np.uint8]
    prolific: npt.NDArray[np.bool_]  # others derive from it
    head: npt.NDArray[np.uint8]
    bundle: npt.NDArray[np.uint16]
    licence: npt.NDArray[np.uint8]
    gate: npt.NDArray[np.uint8]
    parameters: npt.NDArray[np.int64]
    rate: npt.NDArray[np.float32]  # downloads a day, on an average day
    true_30d: npt.NDArray[np.int64]
    true_all: npt.NDArray[np.int64]
    downloads: npt.NDArray[np.int64]  # as published
    downloads_all: npt.NDArray[np.int64]
    likes: npt.NDArray[np.int32]
    trending: npt.NDArray[np.float32]
    gone: npt.NDArray[np.bool_]
    commits: npt.NDArray[np.uint16]
    merges: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.created)

    @classmethod
    def blank(cls, count: int) -> Columns:
        """Rows of zeros that belong to nothing and come from nothing."""
        kinds = {name: np.dtype(kind) for name, kind in _KINDS.items()}
        arrays: dict[str, Any] = {name: np.zeros(count, dtype=kind) for name, kind in kinds.items()}
        for name in ("named", "topic", "parent"):
            arrays[name] -= 1
        return cls(**arrays)

    def append(self, more: Columns) -> None:
        """Add rows after the last one."""
        for name in _KINDS:
            setattr(self, name, np.concatenate([getattr(self, name), getattr(more, name)]))
        self.merges |= more.merges

    @property
    def bytes(self) -> int:
        """Memory of the arrays."""
        return sum(getattr(self, name).nbytes for name in _KINDS)


_KINDS = {
    "created": "u4", "tail": "u8", "public_at": "u4", "modified": "u4", "named": "i2", "author": "i4", "topic": "i2",
    "word": "u1", "edition": "u1", "relation": "u1", "parent": "i4", "lineage": "u1", "prolific": "?", "head": "u1",
    "bundle": "u2", "licence": "u1", "gate": "u1", "parameters": "i8", "rate": "f4", "true_30d": "i8",
    "true_all": "i8", "downloads": "i8", "downloads_all": "i8", "likes": "i4", "trending": "f4", "gone": "?",
    "commits": "u2",
}  # fmt: skip
assert list(_KINDS) == [item.name for item in fields(Columns) if item.name != "merges"]
