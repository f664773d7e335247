"""Tables of pages as plain rectangles: HTML with its row and column spans, Markdown with its pipes.

Here belongs the shape of tables. What a header or a cell means is the vendor's parser to know.
Sizes are bounded: a span or a table that asks for more raises instead of filling the memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]
from parsel import Selector

from scrapers.items import UnreadablePage
from scrapers.parsing.names import unlink
from scrapers.parsing.text import clean

MAX_COLUMNS = 1000  # the limit of the HTML standard for colspan
MAX_CELLS = 200_000

_STRUCK = frozenset({"del", "s", "strike"})
_HIDDEN = frozenset({"sup", "script", "style", "template"}) | _STRUCK
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6"})
_MARK = re.compile(r"\d{1,2}|[*†‡§]")
_DELIMITER = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?")
_PIPE = re.compile(r"(?<!\\)\|")
_PIPE_STRUCK = re.compile(r"~~([^~]{1,200})~~|<(?:del|s|strike)\b[^<>]{0,500}>([^<>]{1,200})</(?:del|s|strike)\s*>")


@dataclass(frozen=True)
class Cell:
    """A cell: its text, its footnote marks, and the text it strikes out (an old price)."""

    text: str = ""
    marks: tuple[str, ...] = ()
    struck: str = ""


@dataclass(frozen=True)
class MarkdownTable:
    """A pipe table with the heading above it and the text between the two."""

    heading: str
    intro: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def grid(table: Selector, *, hidden_class: str = "") -> list[list[Cell]]:
    """An HTML table as a rectangle, each spanned cell repeated in every place it covers.

    Some editors keep the cells that a span covers in the page, hidden by a class; `hidden_class` leaves them out.
    """
    rows = table.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr")
    filled: list[list[Cell]] = []
    open_spans: dict[int, tuple[Cell, int]] = {}  # column -> cell and the rows it still covers
    size = 0
    for index, row in enumerate(rows):
        line = _line(row, open_spans, len(rows) - index, hidden_class)
        size += len(line)
        if size > MAX_CELLS:
            raise UnreadablePage(f"a table of more than {MAX_CELLS} cells")
        filled.append(line)
    width = max(map(len, filled), default=0)
    if width * len(filled) > MAX_CELLS:
        raise UnreadablePage(f"a table of more than {MAX_CELLS} cells")
    return [line + [Cell()] * (width - len(line)) for line in filled]


def _line(row: Selector, open_spans: dict[int, tuple[Cell, int]], rows_left: int, hidden_class: str) -> list[Cell]:
    """One row: cells still open from above keep their columns, the row's own fill the rest."""
    placed: dict[int, Cell] = {}
    for column, (cell, left) in list(open_spans.items()):
        placed[column] = cell
        if left == 1:
            del open_spans[column]
        else:
            open_spans[column] = (cell, left - 1)
    column = 0
    for node in row.xpath("./td | ./th"):
        if hidden_class and hidden_class in node.root.get("class", "").split():
            continue
        cell = read_cell(node)
        rows_covered = min(_span(node, "rowspan"), rows_left) or rows_left  # rowspan=0 means to the end
        for _ in range(min(_span(node, "colspan") or 1, MAX_COLUMNS)):
            while column in placed:
                column += 1
            if column >= MAX_COLUMNS:
                raise UnreadablePage(f"a table row of more than {MAX_COLUMNS} columns: {cell.text[:80]!r}")
            placed[column] = cell
            if rows_covered > 1:
                open_spans[column] = (cell, rows_covered - 1)
    return [placed.get(index, Cell()) for index in range(max(placed, default=-1) + 1)]


def _span(node: Selector, name: str) -> int:
    """The attribute as browsers read it: its leading digits, 1 when there are none."""
    match = re.match(r"\s*(\d{1,9})", node.root.get(name, ""))  # `attrib` raises where another attribute is no name
    return int(match[1]) if match else 1


def read_cell(node: Selector) -> Cell:
    """The cell of an HTML node: visible text, with marks and struck text kept apart."""
    shown, marks, struck = _texts(node.root)
    return Cell(clean(shown), tuple(_MARK.findall(marks)), clean(struck))


def block_text(node: Selector) -> str:
    """The visible text of a node with a line for each block; footnotes stay on lines of their own."""
    shown, _, _ = _texts(node.root)
    return shown


def _texts(root: etree._Element) -> tuple[str, str, str]:
    """Visible, superscript and struck text of an element, without recursion (nesting may be deep)."""
    shown: list[str] = []
    marks: list[str] = []
    struck: list[str] = []
    hiding: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _HIDDEN:
                hiding.append(tag)
            if tag in _BREAKS and not hiding:
                shown.append("\n")
            _place(element.text, hiding, shown, marks, struck)
            continue
        if event == "end" and tag in _HIDDEN:
            hiding.pop()
        if tag in _BREAKS and not hiding:
            shown.append("\n")
        if element is not root:
            _place(element.tail, hiding, shown, marks, struck)
    return "".join(shown), " ".join(marks), " ".join(struck)


def _place(text: str | None, hiding: list[str], shown: list[str], marks: list[str], struck: list[str]) -> None:
    if not text:
        return
    if not hiding:
        shown.append(text)
    elif hiding[-1] == "sup":
        marks.append(text)
    elif hiding[-1] in _STRUCK:
        struck.append(text)


def markdown_tables(text: str) -> Iterator[MarkdownTable]:
    """Every pipe table outside code blocks. Rows keep the number of cells they have."""
    heading, fenced = "", False
    intro: list[str] = []
    lines = iter(text.splitlines())
    for line in lines:
        stripped = line.strip()
        if stripped.startswith(("```", "~~~")):
            fenced = not fenced
        elif fenced:
            continue
        elif stripped.startswith("#"):
            heading, intro = stripped.lstrip("#").strip(), []
        elif "|" in stripped and intro and "|" in intro[-1] and _DELIMITER.fullmatch(stripped):
            cells = _cells(intro.pop())
            if len(cells) > MAX_COLUMNS:
                raise UnreadablePage(f"a table of {len(cells)} columns under {heading[:80]!r}")
            headers = tuple(clean(unlink(cell)) for cell in cells)
            rows = tuple(_pipe_rows(lines))
            yield MarkdownTable(heading, "\n".join(intro), headers, rows)
            intro = []
        else:
            intro.append(stripped)


def read_pipe_cell(text: str) -> Cell:
    """The cell of a pipe table: visible text without markup, and the text between `~~`; marks stay in the text."""
    struck = " ".join(old or tag for old, tag in _PIPE_STRUCK.findall(text))
    return Cell(clean(unlink(_PIPE_STRUCK.sub(" ", text))), (), clean(struck))


def _pipe_rows(lines: Iterator[str]) -> Iterator[tuple[str, ...]]:
    for line in lines:
        if "|" not in line:
            return
        yield _cells(line.strip())


def _cells(line: str) -> tuple[str, ...]:
    inner = line.removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return tuple(cell.replace("\\|", "|").strip() for cell in _PIPE.split(inner))
