"""Naming an offer, its price and what happened to it in words; shared by what shows prices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports import words
from reports.mart import Record

_STANDARD = {"market": "global", "service_tier": "standard", "price_kind": "list"}

ARROWS = {
    "cut": "▼ cut",
    "raise": "▲ raise",
    "promotion_start": "★ promotion",
    "promotion_end": "☆ promotion over",
    "scheduled": "◷ scheduled",
    "cancelled": "⊘ cancelled",
    "tier_change": "⇄ tiers",
    "alias_moved": "↪ other model",
    "restated": "~ restated",
    "new": "+ new",
    "withdrawn": "× withdrawn",
}
TONES = {"cut": "cut", "raise": "raise"}
NOUNS = {
    "cut": "cut",
    "raise": "raise",
    "promotion_start": "promotion begun",
    "promotion_end": "promotion ended",
    "scheduled": "announcement",
    "cancelled": "cancelled announcement",
    "tier_change": "change of tiers",
    "alias_moved": "moved alias",
    "restated": "restatement",
    "new": "new price",
    "withdrawn": "withdrawal",
}
MANY = {
    "promotion_start": "promotions begun",
    "promotion_end": "promotions ended",
    "tier_change": "changes of tiers",
    "alias_moved": "moved aliases",
}


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


def tally(counts: Sequence[Record]) -> str:
    """2 cuts, 1 raise and 3 announcements."""
    return words.listed([words.plural(r["prices"], NOUNS[r["change"]], MANY.get(r["change"])) for r in counts])


def prices(records: Sequence[Record]) -> tuple[str, ...]:
    """What happened to the prices of one offer, a line for each component; `records` share a kind of change."""
    if records[0]["change"] == "tier_change":
        names = list(dict.fromkeys(component(record) for record in records))
        return tuple(_tiers(name, [r for r in records if component(r) == name]) for name in names)
    return tuple(_moved(record) for record in records)


def _moved(record: Record) -> str:
    name, change = component(record), record["change"]
    if change == "cancelled":
        return f"{name} stays {price(record, 'after')}, not {price(record, 'before')}"
    if change in ("withdrawn", "promotion_end"):
        return f"{name} was {price(record, 'before')}"
    if change in ("new", "promotion_start"):
        listed = record.get("list_per_mtok")
        beside = f", list {words.money(listed, record['currency'])}" if listed is not None else ""
        return f"{name} {price(record, 'after')}{beside}"
    return f"{name} {price(record, 'before')} → {price(record, 'after')}"


def _tiers(name: str, records: Sequence[Record]) -> str:
    """The tiers of one component before and after; a price that only moved its bounds is on both sides."""
    sides = []
    for when in ("before", "after"):
        held = [r for r in records if r[f"amount_{when}"] is not None]
        held.sort(key=lambda r: (r["context_from_tokens"], r["window_name"] or ""))
        sides.append(", ".join(f"{price(r, when)}{_place(r)}" for r in held) or "no tier")
    if sides[0] == sides[1]:
        return f"{name} {sides[0]}, for other prompts or hours"
    return f"{name} {sides[0]} → {sides[1]}"


def _place(record: Record) -> str:
    """Which prompts and hours a tier is for; nothing for the plain one."""
    window, start = record["window_name"], record["context_from_tokens"]
    return (f" {window.replace('_', ' ')}" if window else "") + (f" from {words.count(start)}" if start else "")


def whole_offer(record: Record) -> Record:
    """The record as it stands for a line: a change of tiers is of all its prompts and hours."""
    return record if record["change"] != "tier_change" else record | {"context_from_tokens": 0, "window_name": None}


def size(records: Sequence[Record]) -> str | None:
    """How much the prices of one offer changed, in percent, or why that cannot be said."""
    change = records[0]["change"]
    if change in ("new", "withdrawn", "promotion_start", "promotion_end", "cancelled", "tier_change"):
        return None
    ratios = sorted({record["ratio"] for record in records if record["ratio"] is not None})
    if not ratios:
        return "was free" if all(record["amount_before"] == 0 for record in records) else "size unknown"
    shown = list(dict.fromkeys(words.percent_change(ratio) for ratio in (ratios[0], ratios[-1])))
    return " to ".join(shown)
