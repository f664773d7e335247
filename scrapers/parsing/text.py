"""Text as a price page writes it, made plain: no markup, no footnote marks, one kind of space and digit.

Here belongs what every parser of a page does to a string before it reads it. Meaning (money, units,
names, dates) lives in the sibling modules.
"""

from __future__ import annotations

import html
import re
import unicodedata

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"))
_SUP = re.compile(r"<sup\b[^<>]*>[^<>]{0,40}</sup\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>")  # not the `<Token≤` of a context tier
_MARKDOWN_NOTE = re.compile(r"\[\^[^\[\]]{1,20}\]")
_ESCAPE = re.compile(r"\\([\\$*_~|<>\-\[\]()#.!`{}])")
_JSX_DOLLAR = re.compile(r"\{\s*[\"']\$[\"']\s*\}")
_EMPHASIS = re.compile(r"\*\*|__|`")


def clean(text: str) -> str:
    """Plain text without markup: footnote marks dropped, full-width forms folded, spaces collapsed.

    Footnote marks go before the folding, which would turn the mark of `10¹` or `10①` into a digit.
    """
    text = _SUP.sub("", html.unescape(text))
    text = _MARKDOWN_NOTE.sub("", _TAG.sub(" ", _JSX_DOLLAR.sub("$", text)))
    text = "".join(char for char in text.translate(_INVISIBLE) if not _is_mark(char))
    text = _EMPHASIS.sub("", _ESCAPE.sub(r"\1", unicodedata.normalize("NFKC", text)))
    return " ".join(text.split())


def _is_mark(char: str) -> bool:
    """True for digits and letters written as marks: superscript, subscript, circled, in brackets."""
    if char.isascii():
        return False
    form = unicodedata.decomposition(char)
    return form.startswith(("<super>", "<sub>", "<circle>")) or "\u2474" <= char <= "\u249b"
