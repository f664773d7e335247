"""One colour and one shape per organisation, the same in every chart of the report.

Here belongs the assignment and nothing else. Colours alone are never enough: hues are shared by at most two
organisations, and no two marks of the same shape are close to each other for readers without red-green vision. All
have a contrast of at least 3:1 on the light and on the dark page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reports.charts import BLUE, GREEN, GREY, OLIVE, ORANGE, PINK
from reports.section import Key

PURPLE = "#8a6fd1"
OTHERS = "other organisations"


@dataclass(frozen=True)
class Mark:
    """A colour, Vega's name of a shape, and the same shape as a character for the legend."""

    colour: str
    shape: str
    sign: str


# The organisations whose models the record scores and watches most. The first five are as in the charts of downloads.
MARKS = {
    "alibaba": Mark(BLUE, "circle", "●"),
    "meta": Mark(ORANGE, "square", "■"),
    "deepseek": Mark(GREEN, "triangle-up", "▲"),
    "google": Mark(PINK, "diamond", "◆"),
    "mistral": Mark(OLIVE, "triangle-down", "▼"),
    "openai": Mark(PURPLE, "triangle-left", "◀"),
    "anthropic": Mark(ORANGE, "triangle-right", "▶"),
    "moonshot": Mark(BLUE, "square", "■"),
    "zai": Mark(PINK, "triangle-down", "▼"),
    "minimax": Mark(GREEN, "circle", "●"),
    "xai": Mark(OLIVE, "diamond", "◆"),
    "nvidia": Mark(PURPLE, "triangle-up", "▲"),
}
REST = Mark(GREY, "cross", "✚")


def mark_of(organisation_id: str | None) -> Mark:
    """The mark of an organisation; those without one of their own share one."""
    return MARKS.get(organisation_id or "", REST)


def kind_of(organisation_id: str | None, name: str | None) -> str:
    """What a chart calls the points of an organisation."""
    return str(name) if organisation_id in MARKS else OTHERS


def kinds(organisations: Iterable[tuple[str | None, str | None]]) -> dict[str, Mark]:
    """The marks that points of these (id, name) need: own ones in their order, then one for all others."""
    names = dict(organisations)
    found = {kind_of(one, names[one]): mark for one, mark in MARKS.items() if one in names}
    return found | ({OTHERS: REST} if names.keys() - MARKS.keys() else {})


def legend(marks: Mapping[str, Mark]) -> tuple[Key, ...]:
    """Legend entries of such marks."""
    return tuple(Key(kind, mark.colour, mark.sign) for kind, mark in marks.items())
