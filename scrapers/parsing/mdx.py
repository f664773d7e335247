"""MDX (Markdown with components) as HTML: its headings, tabs and tables, so that one parser reads both forms of a page.

Here belongs only what carries tables; components stay as elements of their own name. Nothing is run.
"""

from __future__ import annotations

import html
import re

from scrapers.parsing.names import unlink
from scrapers.parsing.tables import markdown_tables

_COMMENT = re.compile(r"\{/\*.{0,1000}?\*/\}", re.DOTALL)
_STYLE = re.compile(r"\s[A-Za-z]{1,40}=\{\{[^{}]*\}\}")
_NUMBER = re.compile(r"\b([A-Za-z]{1,40})=\{(\d{1,4})\}")
_QUOTE = re.compile(r"^[ \t]*>[ \t]", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]*(#{1,6})[ \t]+(.+)$", re.MULTILINE)
_PIPES = re.compile(r"^[ \t]*\|.*\n[ \t]*\|[ \t:|-]+\n(?:[ \t]*\|.*(?:\n|\Z))+", re.MULTILINE)


def mdx_to_html(text: str) -> str:
    """The text with its tables in HTML; an escaped `\\<` becomes the sign, not the start of an element."""
    text = _COMMENT.sub("", text).replace("\\<", "&lt;").replace("\\>", "&gt;")
    text = _NUMBER.sub(r'\1="\2"', _STYLE.sub("", text))
    text = _PIPES.sub(lambda found: _table(found[0]), unlink(_QUOTE.sub("", text)))
    return _HEADING.sub(lambda found: f"<h{len(found[1])}>{found[2]}</h{len(found[1])}>", text)


def _table(text: str) -> str:
    """A pipe table; its cells are text and the entities they hold."""
    return "".join(
        "<table>" + "".join(f"<tr>{_cells(row)}</tr>" for row in (table.headers, *table.rows)) + "</table>\n"
        for table in markdown_tables(text)
    )


def _cells(row: tuple[str, ...]) -> str:
    return "".join(f"<td>{html.escape(html.unescape(cell))}</td>" for cell in row)
