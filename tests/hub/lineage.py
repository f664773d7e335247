"""Who derives from whom in the simulated population, and what is wrong with it. Figures: see `population`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tests.hub.columns import CARD_HAS_MORE, CARD_ONLY, PLAIN, Columns
from tests.hub.hashing import Rows, choice, uniform
from tests.hub.vocabulary import ADAPTER, FINETUNE, MERGE, NONE

# Share of rows that have children, by relation to their own parent. Of the rows without a parent only some do.
PROLIFIC = (0.02, 0.002, 0.079, 0.010, 0.05)
MERGE_PARENTS = {
    2: 587, 3: 183, 4: 116, 5: 83, 6: 78, 7: 33, 8: 5, 9: 7, 10: 7, 11: 5, 12: 3, 13: 2, 14: 1, 17: 2, 20: 1, 24: 1,
    47: 1,
}  # fmt: skip
MEAN_MERGE_PARENTS = sum(n * count for n, count in MERGE_PARENTS.items()) / sum(MERGE_PARENTS.values())
CARD_ONLY_SHARE = 0.026
CARD_HAS_MORE_SHARE = 0.015
PLAIN_SHARE = 0.006
SELF_SHARE = 0.002
DELETED_SHARE = 0.015
DEEP_SHARE = 0.15
DERIVATIVES_PER_CYCLE = 20_000


def link(seed: int, columns: Columns, rows: Rows) -> None:
    """Give the rows that have a relation their parents, all of them older. Without any candidate there is no parent."""
    wants = rows[(columns.relation[rows] != NONE) & (columns.relation[rows] != MERGE)]
    _link_to_root(columns, wants)
    # A fifth goes back to no named base model, a part of the others not directly.
    topicless = wants[columns.topic[wants] < 0]
    pool = np.flatnonzero(columns.prolific & (columns.named < 0))
    columns.parent[topicless] = _earlier(seed, pool, topicless)
    deep = wants[(columns.topic[wants] >= 0) & (uniform(seed, "deep", wants) < DEEP_SHARE)]
    _link_deep(seed, columns, deep)
    _link_merges(seed, columns, rows[columns.relation[rows] == MERGE])
    orphans = rows[(columns.relation[rows] != NONE) & (columns.parent[rows] < 0)]
    columns.relation[orphans] = NONE
    _spoil_statements(seed, columns, rows)


def spoil(seed: int, columns: Columns) -> None:
    """Deleted parents, cycles of three and one merge of 47, which a population must have whatever its size."""
    pool = np.flatnonzero(columns.prolific & (columns.named < 0))
    columns.gone[pool[uniform(seed, "deleted", pool) < DELETED_SHARE]] = True
    tuned = np.flatnonzero((columns.relation == FINETUNE) & ~columns.gone)
    for number in range(max(int((columns.relation != NONE).sum()) // DERIVATIVES_PER_CYCLE, 1)):
        ring = tuned[number * 3 : number * 3 + 3]
        if len(ring) == 3:
            columns.parent[ring] = np.roll(ring, 1)
    merges = np.flatnonzero(columns.relation == MERGE)
    candidates = np.flatnonzero(columns.prolific & ~columns.gone)
    if len(merges) and len(candidates) >= 47 and max(map(len, columns.merges.values()), default=0) < 47:
        columns.merges[int(merges[-1])] = tuple(candidates[:47].tolist())
        columns.parent[merges[-1]] = candidates[0]


def children(columns: Columns, row: int) -> Rows:
    """Rows whose tags name this one as a parent."""
    stated = (columns.parent == row) & (columns.relation != NONE) & (columns.lineage != CARD_ONLY)
    several = [child for child, parents in columns.merges.items() if row in parents]
    stated[list(columns.merges)] = False
    stated[several] = True
    return np.flatnonzero(stated)


def parents(columns: Columns, row: int) -> tuple[int, ...]:
    """Rows named as parents, in the tags or only in the card."""
    if columns.relation[row] == NONE:
        return ()
    return columns.merges.get(row) or (int(columns.parent[row]),)


def _link_to_root(columns: Columns, wants: Rows) -> None:
    home = np.full(max(int(columns.named.max(initial=-1)) + 1, 1), -1)
    named = np.flatnonzero(columns.named >= 0)
    home[columns.named[named]] = named
    topic = columns.topic[wants]
    columns.parent[wants] = np.where(topic >= 0, home[topic], -1)


def _link_deep(seed: int, columns: Columns, deep: Rows) -> None:
    """To an older derivative of the same base model, where there is one."""
    pool = np.flatnonzero(columns.prolific & (columns.named < 0) & (columns.topic >= 0))
    keys = columns.topic[pool].astype(np.int64) << 32 | pool
    order = np.argsort(keys)
    keys, pool = keys[order], pool[order]
    wanted = columns.topic[deep].astype(np.int64) << 32
    first, last = np.searchsorted(keys, wanted), np.searchsorted(keys, wanted | deep)
    picked = first + (uniform(seed, "deep parent", deep) ** 2 * (last - first)).astype(np.int64)
    found = last > first
    columns.parent[deep[found]] = pool[picked[found]]


def _earlier(seed: int, pool: Rows, rows: Rows, turn: int = 0) -> Rows:
    """An older member of the pool, the oldest most often; -1 where none is older."""
    before = np.searchsorted(pool, rows)
    picked = (uniform(seed, "earlier", rows, turn) ** 2 * before).astype(np.int64)
    return np.where(before > 0, pool[np.minimum(picked, len(pool) - 1)], -1) if len(pool) else np.full(len(rows), -1)


def _link_merges(seed: int, columns: Columns, rows: Rows) -> None:
    pool = np.flatnonzero(columns.prolific & ~np.isin(columns.relation, (ADAPTER,)))
    counts = np.array(list(MERGE_PARENTS))[choice(list(MERGE_PARENTS.values()), uniform(seed, "merge", rows))]
    drawn = [_earlier(seed, pool, rows, turn) for turn in range(1, int(counts.max(initial=0)) + 1)]
    for place, (row, count) in enumerate(zip(rows.tolist(), counts.tolist(), strict=True)):
        found = tuple(dict.fromkeys(int(turn[place]) for turn in drawn[:count] if turn[place] >= 0))
        if len(found) >= 2:
            columns.merges[row] = found
            columns.parent[row] = found[0]
        elif found:
            # The Hub calls it a merge only with two parents.
            columns.relation[row] = FINETUNE
            columns.parent[row] = found[0]


def _spoil_statements(seed: int, columns: Columns, rows: Rows) -> None:
    child = rows[(columns.relation[rows] != NONE) & (columns.relation[rows] != MERGE)]
    draw = uniform(seed, "statement", child)
    edges = np.cumsum([CARD_ONLY_SHARE, CARD_HAS_MORE_SHARE, PLAIN_SHARE, SELF_SHARE])
    columns.lineage[child[draw < edges[0]]] = CARD_ONLY
    columns.lineage[child[(draw >= edges[0]) & (draw < edges[1])]] = CARD_HAS_MORE
    columns.lineage[child[(draw >= edges[1]) & (draw < edges[2])]] = PLAIN
    own = child[(draw >= edges[2]) & (draw < edges[3])]
    columns.parent[own] = own


def children_count(columns: Columns, visible: npt.NDArray[np.bool_], row: int) -> dict[str, int]:
    """Direct public derivatives by relation, counted from typed tags as the Hub does."""
    rows = children(columns, row)
    rows = rows[visible[rows] & (columns.lineage[rows] != PLAIN)]
    counts = np.bincount(columns.relation[rows], minlength=5)
    return {"adapter": int(counts[1]), "merge": int(counts[4]), "quantized": int(counts[3]), "finetune": int(counts[2])}
