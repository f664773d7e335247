"""How long raw bodies are kept: for ever, except those of captures too bulky for it.

A source names its bulky captures by the label of a document that only they hold (`expires_raw`). Of these, whole live
captures that are loaded lose their bodies after MODELMARKET_RAW_DAYS days; the first of each ISO week keeps them for
ever. Of the others the manifest stays, with one entry for all that went.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from pipelines.lib.archive import Archive, Capture
from pipelines.lib.source import Origin, Source

SETTING = "MODELMARKET_RAW_DAYS"
DEFAULT_DAYS = 14


def raw_days(environ: Mapping[str, str]) -> int:
    """Days that bulky bodies are kept. Raises ValueError on anything but a whole number of days, at least 1."""
    text = environ.get(SETTING, "").strip() or str(DEFAULT_DAYS)
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise ValueError(f"{SETTING} must be a whole number of days, at least 1, not {text!r}")
    return int(text)


def expired(captures: Iterable[Capture], loaded_ids: set[str], now: datetime, days: int) -> list[Capture]:
    """Of bulky captures, oldest first, those whose bodies are too old and still there."""
    chosen, weeks = [], set()
    for capture in sorted(captures, key=lambda item: (item.captured_at, item.capture_id)):
        if capture.origin is not Origin.LIVE or not capture.complete:
            continue
        week = capture.captured_at.isocalendar()[:2]
        is_first = week not in weeks
        weeks.add(week)
        is_old = now - capture.captured_at > timedelta(days=days)
        if is_old and not is_first and capture.bodies_expired_at is None and capture.capture_id in loaded_ids:
            chosen.append(capture)
    return chosen


def apply_retention(archive: Archive, source: Source, loaded: set[str], now: datetime) -> list[str]:
    """Delete the bodies of a source's captures that are too old; the ids of these captures come back."""
    if (bulky := source.expires_raw) is None:
        return []
    captures = [
        capture
        for capture in archive.captures(source.name)
        if any(stored.label.startswith(bulky) for stored in capture.documents)
    ]
    chosen = expired(captures, loaded, now, raw_days(os.environ))
    return [archive.expire(capture, now, bulky).capture_id for capture in chosen]
