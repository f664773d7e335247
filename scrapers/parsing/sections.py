"""Tables of a page with the heading and the lines above them, alike for Markdown and HTML.

Here belongs how a table is found with what stands around it; the shape of a table itself is `scrapers.parsing.tables`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]
from parsel import Selector

from scrapers.parsing.tables import Cell, block_text, grid, markdown_tables, read_pipe_cell
from scrapers.parsing.text import clean

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_READ = (*_HEADINGS, "p", "span", "table")


@dataclass(frozen=True)
class SectionTable:
    """A table with the nearest heading above it and the lines since that heading or the table before."""

    heading: str
    intro: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def lines(self) -> list[str]:
        """The texts of all rows, the headers' first: a page may begin its rows without any headers."""
        return [" | ".join(self.headers), *map(line, self.rows)]


def line(row: tuple[Cell, ...]) -> str:
    """A row as text, struck-out prices before those in their place."""
    return " | ".join(f"{cell.struck} {cell.text}".strip() for cell in row)


def section_tables(text: str, selector: Selector) -> Iterator[SectionTable]:
    """Every table of the page, those in HTML first."""
    yield from _html_tables(selector)
    heading = ""
    for table in markdown_tables(text):
        heading = clean(table.heading) or heading
        rows = tuple(tuple(map(read_pipe_cell, row)) for row in table.rows)
        yield SectionTable(heading, table.intro, table.headers, rows)


def _html_tables(selector: Selector) -> Iterator[SectionTable]:
    """The first row is headers, unless a table of headers alone stands before (as Element UI draws its tables)."""
    heading = ""
    intro: list[str] = []
    headers: tuple[str, ...] = ()
    inside: etree._Element | None = None  # what stands in a table, heading or paragraph is its own
    for event, element in etree.iterwalk(
        selector.root, events=("start", "end"), tag=(*_HEADINGS, "p", "span", "table")
    ):
        if inside is not None or event == "end":
            inside = None if element is inside else inside
            continue
        if element.tag == "span" and element.get("data-as") != "p":
            continue
        inside, node = element, Selector(root=element, type="html")
        if element.tag in _HEADINGS:
            heading, intro = clean(block_text(node)), []
        elif element.tag != "table":
            intro.append(clean(block_text(node)))
        elif rows := grid(node):
            first = headers or tuple(cell.text for cell in rows[0])
            if "el-table__header" in element.get("class", ""):
                headers = tuple(cell.text for cell in rows[-1])
                continue
            yield SectionTable(heading, "\n".join(intro), first, tuple(map(tuple, rows if headers else rows[1:])))
            headers, intro = (), []
