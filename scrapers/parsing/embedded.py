"""JSON that a page carries inside its HTML, read as data and never run.

Here belongs how such a value is found and decoded safely. What its fields mean is the vendor's parser to know.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NoReturn

from scrapers.items import UnreadablePage


def read_json(text: str, after: str = "") -> Any:
    """The JSON value that follows the first `after` in a text, fractions as Decimal; what comes behind it is left.

    Raises UnreadablePage where there is none, or where it is cut off, malformed or nested without measure.
    """
    place = text.find(after)
    starts = [found for found in (text.find(sign, place + len(after)) for sign in "{[") if found >= 0]
    if place < 0 or not starts:
        raise UnreadablePage(f"no JSON after {after!r} in a body that begins {text.strip()[:120]!r}")
    try:
        return _DECODER.raw_decode(text, min(starts))[0]
    except (ValueError, RecursionError) as error:
        shown = text[min(starts) : min(starts) + 120]
        raise UnreadablePage(f"JSON that cannot be read ({type(error).__name__}: {error}): {shown!r}") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)
