"""Listings by the moment of their capture, which is the unit a history is made of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from pipelines.lib.documents import Pending
from pipelines.lib.history.logs import Logs


@dataclass(frozen=True)
class Moment:
    """All listings captured at one moment, the newest capture by name first."""

    observed_at: datetime
    items: tuple[Pending, ...]

    @property
    def captures(self) -> frozenset[str]:
        """Ids of the captures."""
        return frozenset(item.capture.capture_id for item in self.items)

    @property
    def is_retired(self) -> bool:
        """Whether a body of it was deleted by the archive's retention."""
        return any(item.capture.bodies_expired_at is not None for item in self.items)


def moments_of(items: Collection[Pending]) -> dict[datetime, Moment]:
    """Listings by the moment of their capture, oldest first."""
    grouped: dict[datetime, list[Pending]] = {}
    for item in sorted(items, key=lambda item: item.stored.label):
        grouped.setdefault(item.capture.captured_at.replace(tzinfo=None), []).append(item)
    return {
        moment: Moment(moment, tuple(sorted(grouped[moment], key=lambda item: item.capture.capture_id, reverse=True)))
        for moment in sorted(grouped)
    }


def claims_all(logs: Logs, moment: Moment) -> bool:
    """Whether a moment has pages of a listing of everything."""
    return any(logs.history.all_of_it(item.stored.label) for item in moment.items)
