"""The tables of an HTML page with the headings and tabs they stand under.

Here belongs the order of a page: what is above a table, from the outermost heading to the nearest. What a heading says
(a family, a region, a mode) is the vendor's parser to know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]
from parsel import Selector

from scrapers.parsing.text import clean

TAB_LEVEL = 7  # below every heading: a tab holds for what is in it, whatever stands around it
MAX_HEADINGS = 20
MAX_TEXT = 300

_LEVELS = {f"h{level}": level for level in range(1, 7)}


@dataclass(frozen=True)
class Heading:
    """A heading's level, 1 to 6, or TAB_LEVEL for a tab; and its text."""

    level: int
    text: str


def headed_tables(page: Selector) -> Iterator[tuple[tuple[Heading, ...], Selector]]:
    """Every table that is not inside another, with its headings from the outermost to the nearest.

    Of headings side by side the last of each level counts, until a higher one ends it; those of the elements around
    stay, so a tab inside a region's section keeps the region. A tab is an element with a title, such as `<Tab title>`.
    """
    above: list[tuple[Heading, ...]] = [()]  # for each open element: the headings of the elements around it
    beside: list[tuple[Heading, ...]] = [()]  # and those that stand in it, so far
    tables = 0
    for event, element in etree.iterwalk(page.root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag == "table" and not tables:
                yield above[-1] + beside[-1], Selector(root=element, type="html")
            tables += tag == "table"
            above.append((above[-1] + beside[-1])[-MAX_HEADINGS:])
            title = element.get("title") if tag == "tab" else None
            beside.append((Heading(TAB_LEVEL, clean(title)),) if title else ())
            continue
        above.pop()
        beside.pop()
        tables -= tag == "table"
        if tag in _LEVELS and not tables:
            level = _LEVELS[tag]
            kept = tuple(heading for heading in beside[-1] if heading.level < level or heading.level == TAB_LEVEL)
            beside[-1] = (*kept, Heading(level, _text(element)))


def _text(element: etree._Element) -> str:
    """A heading's text, cut where it is longer than headings are (one that never closes holds the page)."""
    shown: list[str] = []
    length = 0
    for part in element.itertext():
        shown.append(part[:MAX_TEXT])
        length += len(part)
        if length > MAX_TEXT:
            break
    return clean("".join(shown))
