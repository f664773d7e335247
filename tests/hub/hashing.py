"""Random numbers that belong to a row and a purpose: the same on every machine, in any order, without being stored.

A counter-based generator (SplitMix64, public domain), so that the draws of one row on one day cost nothing until
they are asked for and do not depend on how many rows there are.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def bits(seed: int, purpose: str, rows: npt.NDArray[np.integer], turn: int = 0) -> Bits:
    """64 random bits for every row."""
    start = hashlib.blake2b(f"{seed}/{purpose}/{turn}".encode(), digest_size=8).digest()
    state = rows.astype(np.uint64)
    state *= GOLDEN
    state += np.uint64(int.from_bytes(start, "big"))
    state ^= state >> np.uint64(30)
    state *= np.uint64(0xBF58476D1CE4E5B9)
    state ^= state >> np.uint64(27)
    state *= np.uint64(0x94D049BB133111EB)
    state ^= state >> np.uint64(31)
    return state


def uniform(seed: int, purpose: str, rows: npt.NDArray[np.integer], turn: int = 0) -> Floats:
    """A number in [0, 1) for every row."""
    drawn: Floats = (bits(seed, purpose, rows, turn) >> np.uint64(11)).astype(np.float64)
    drawn *= 2.0**-53
    return drawn


def normal(seed: int, purpose: str, rows: npt.NDArray[np.integer], turn: int = 0) -> Floats:
    """A standard normal number for every row (Box and Muller)."""
    radius = np.sqrt(-2.0 * np.log1p(-uniform(seed, f"{purpose}/radius", rows, turn)))
    angle = 2.0 * np.pi * uniform(seed, f"{purpose}/angle", rows, turn)
    drawn: Floats = (radius * np.cos(angle)).astype(np.float64)
    return drawn


def choice(weights: npt.ArrayLike, draws: Floats) -> Rows:
    """Index of the weight that each draw in [0, 1) falls on."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    picked = np.searchsorted(edges, draws * edges[-1], side="right")
    within: Rows = np.minimum(picked, len(edges) - 1).astype(np.int64)
    return within
