"""Naming an offer and its price in words; shared by the sections that show prices."""

from __future__ import annotations

from typing import Any

from reports import words
from reports.mart import Record

_STANDARD = {"market": "global", "service_tier": "standard", "price_kind": "list"}


def terms(record: Record) -> str:
    """What sets the offer apart from the plain one: market, tier, mode, context, window, promotion."""
    parts = [str(record[key]) for key, usual in _STANDARD.items() if record.get(key) not in (None, usual)]
    parts += [str(record[key]) for key in ("deployment_scope", "mode", "window_name") if record.get(key)]
    if record.get("context_from_tokens"):
        parts.append(f"from {words.count(record['context_from_tokens'])} tokens")
    return ", ".join(part.replace("_", " ") for part in parts)


def component(record: Record) -> str:
    """What is charged for, in words."""
    return str(record["component"]).replace("_", " ")


def price(record: Record, when: str) -> str:
    """The price `before` or `after`, per million tokens where the unit is tokens, else in its own unit."""
    per_mtok, amount = record[f"per_mtok_{when}"], record[f"amount_{when}"]
    if per_mtok is not None:
        return words.money(per_mtok, record["currency"])
    return words.money(amount, record["currency"])


def unit(record: Record) -> str:
    """The unit that `price` is in."""
    both: tuple[Any, Any] = (record["per_mtok_before"], record["per_mtok_after"])
    return "per M tokens" if any(value is not None for value in both) else words.unit(record["unit"])
