"""What keeps fetched text inert: in HTML, in links, in JSON blocks and in CSV cells.

Here belongs every rule about hostile input to the report. HTML escaping itself is Jinja's autoescape.
"""

from __future__ import annotations

import base64
import csv
import datetime as dt
import hashlib
import io
import json
import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
from markupsafe import Markup

# Controls that hide or reorder text: C0 and C1 but tab and newline, bidirectional overrides and isolates, and lone
# surrogates. A name with an override could read as another one.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
# The full-width forms start a formula in East Asian spreadsheets.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def tidy(value: Any) -> Any:
    """Text with hidden and reordering controls shown as a replacement mark; anything else as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _HIDDEN.sub("\ufffd", value)
    return value


def web_address(value: str | None) -> str | None:
    """The address when it is a plain http or https one, else None: it is then shown as text only."""
    if not value or re.search(r"[\s\\\x00-\x1f\"'<>]", value):
        return None
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        return None
    return value if parts.scheme.lower() in ("http", "https") and host else None


def json_block(value: Any) -> Markup:
    """JSON for a script element: with no `<` left, nothing in it can end the element or open a comment."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))  # noqa: S704


def script_hash(code: str) -> str:
    """The Content-Security-Policy source that allows exactly this inline script."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() + "'"


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, list | tuple):
        return "; ".join(_cell_text(item) for item in value)
    return str(tidy(str(value)))


def csv_cell(value: Any) -> str:
    """A cell no spreadsheet runs: text that would start a formula gets a leading apostrophe."""
    text = _cell_text(value)
    starts = text.startswith(_FORMULA_STARTS) or (isinstance(value, str) and value.startswith(_FORMULA_STARTS))
    if starts and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def csv_text(frame: pd.DataFrame) -> str:
    """The frame as CSV; unknown is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([csv_cell(name) for name in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        writer.writerow([csv_cell(value) for value in row])
    return out.getvalue()


def data_uri(text: str) -> str:
    """The text as an address that needs no second file."""
    return "data:text/csv;charset=utf-8;base64," + base64.b64encode(text.encode()).decode()


def slugify(text: str) -> str:
    """Lower-case letters, digits and hyphens: fit for a file name and an HTML id."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40] or "unnamed"
