"""What the Hub's history tables must hold after a series of captures, worked out row by row in plain Python.

The obvious way, for small cases: tests of SQL models fill their staging tables with it, and the loader, which does the
same for millions of repositories in DuckDB, is held against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

VERSION = (
    "repo_id", "author", "created_at", "modified_at", "pipeline_tag", "library_name", "licence", "gated", "is_disabled",
    "parameters_total", "base_relation", "base_models", "card_models", "tags",
)  # fmt: skip
COUNTER = ("downloads_30d", "downloads_all_time", "likes", "trending_score")
Listed = Mapping[str, Any]


@dataclass(frozen=True)
class Observation:
    """One capture: when, whether it lists the whole Hub, and its rows in the shape of staging.hub_model.

    A row may leave columns out; without `is_whole: False` what is left out is null.
    """

    observed_at: datetime
    rows: tuple[Listed, ...]
    is_full: bool = True
    origin: str = "live"


@dataclass
class History:
    """The rows of the history tables, and who has which id and has carried which name."""

    keys: list[dict[str, Any]] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)
    counters: list[dict[str, Any]] = field(default_factory=list)
    crawls: list[dict[str, Any]] = field(default_factory=list)
    by_id: dict[str, int] = field(default_factory=dict)
    carriers: dict[str, set[int]] = field(default_factory=dict)


def history_of(observations: Iterable[Observation]) -> History:
    """The history after these captures, applied in the order of their time."""
    history = History()
    state: dict[int, dict[str, Any]] = {}
    for observation in sorted(observations, key=lambda item: item.observed_at):
        _apply(history, state, observation)
    return history


def _apply(history: History, state: dict[int, dict[str, Any]], observation: Observation) -> None:
    moment, seen = observation.observed_at, set[int]()
    for row in observation.rows:
        key = _key(history, row, moment)
        if key in seen:
            continue
        seen.add(key)
        before = state.get(key)
        told = _told(row, before)
        if before is None or not before["is_listed"] or any(told[name] != before[name] for name in VERSION):
            listed = {name: told[name] for name in VERSION}
            history.versions.append({"repository_key": key, "observed_at": moment, "is_listed": True, **listed})
        tells = row.get("is_whole", True) or any(row.get(name) is not None for name in COUNTER)
        changed = before is None or any(told[name] != before[name] for name in COUNTER)
        if tells and (changed or not observation.is_full):
            counted = {name: told[name] for name in COUNTER}
            history.counters.append(
                {"repository_key": key, "observed_at": moment, **counted}
                | {f"{name}_before": before[name] if before else None for name in COUNTER[:2]}
            )
        state[key] = told | {"is_listed": True}
    if observation.is_full:
        for key, before in state.items():
            if key not in seen and before["is_listed"]:
                before["is_listed"] = False
                listed = {name: before[name] for name in VERSION}
                history.versions.append({"repository_key": key, "observed_at": moment, "is_listed": False, **listed})
    history.crawls.append(
        {
            "observed_at": moment,
            "capture_id": f"hub_models-{moment:%Y%m%dT%H%M%SZ}",
            "origin": observation.origin,
            "is_full": observation.is_full,
            "gate": None,
            "is_whole": all(row.get("is_whole", True) for row in observation.rows),
            "documents": 1,
            "listed": len(observation.rows),
            "repositories": len(seen),
            "repeated": len(observation.rows) - len(seen),
        }
    )


def _told(row: Listed, before: Mapping[str, Any] | None) -> dict[str, Any]:
    told = {name: row.get(name) for name in (*VERSION, *COUNTER)}
    told["author"] = told["author"] or (row["repo_id"].split("/")[0] if "/" in row["repo_id"] else None)
    kept = ("card_models",) if row.get("is_whole", True) else (*VERSION, *COUNTER)
    for name in kept if before else ():
        told[name] = before[name] if told[name] is None and before else told[name]
    return told


def _key(history: History, row: Listed, moment: datetime) -> int:
    """By the Hub's own id; a row without one is whoever has ever carried its name."""
    hub_id, repo_id = row.get("hub_id"), row["repo_id"]
    named = sorted(history.carriers.get(repo_id, ()))
    key = history.by_id.get(hub_id) if hub_id is not None else next(iter(named), None)
    if key is None:
        key = next((number for number in named if history.keys[number - 1]["hub_id"] is None), None)
    if key is None:
        key = len(history.keys) + 1
        history.keys.append({"repository_key": key, "hub_id": hub_id, "repo_id": repo_id, "observed_at": moment})
    if hub_id is not None and history.keys[key - 1]["hub_id"] is None:
        history.keys[key - 1]["hub_id"] = hub_id
    if hub_id is not None:
        history.by_id[hub_id] = key
    history.carriers.setdefault(repo_id, set()).add(key)
    return key
