"""Names of models as pages write them, split into the name itself and the notes around it.

A note is kept, not judged: whether it says `deprecated` or a context tier is the vendor's parser to know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from scrapers.parsing.text import clean

_IMAGE = re.compile(r"!\[[^\[\]]*\]\([^()]*\)")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
_NOTE = re.compile(r"\(([^()]*)\)")
_TRAILING_MARKS = re.compile(r"[\s*†‡§]+$")


@dataclass(frozen=True)
class Name:
    """A name without footnote marks, links and notes, and the notes that stood in brackets."""

    text: str
    notes: tuple[str, ...] = ()


def read_name(text: str) -> Name:
    """Split a cell into name and notes; a bracket that holds only digits is a footnote mark."""
    plain = clean(unlink(text))
    notes = tuple(note.strip() for note in _NOTE.findall(plain))
    name = _TRAILING_MARKS.sub("", " ".join(_NOTE.sub(" ", plain).split()))
    return Name(name, tuple(note for note in notes if note and not note.isdigit()))


def unlink(markdown: str) -> str:
    """Markdown links as their text, images as nothing."""
    return _LINK.sub(r"\1", _IMAGE.sub("", markdown))
