"""Judging a body before it is parsed, and a capture against the one before it.

`check_document` refuses bodies that cannot be what the source publishes; `drift` only warns.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.lib.source import BadDocument, Document, Source

# What anti-bot walls serve with status 200 in place of the page.
CHALLENGE_MARKS = (b"just a moment...", b"cf-chl-", b"challenge-platform", b"enable javascript and cookies to continue")
SIZE_CHANGE = 0.5


def check_document(source: Source, document: Document) -> None:
    """Raise BadDocument for an empty, far too small or challenge body, or one without the source's anchor."""
    size = len(document.body)
    if size < source.min_bytes:
        raise BadDocument(f"{document.label}: {size} bytes are fewer than the {source.min_bytes} a good body has")
    if size > source.max_bytes:
        raise BadDocument(f"{document.label}: {size} bytes are more than the limit of {source.max_bytes}")
    head = document.body[:200_000].lower()
    for mark in CHALLENGE_MARKS:
        if mark in head:
            raise BadDocument(f"{document.label}: a challenge page was served instead ({mark.decode()!r})")
    anchor = source.anchor.get(document.label) or source.anchor.get("*")
    if anchor and anchor.lower().encode() not in document.body.lower():
        raise BadDocument(f"{document.label}: the body does not mention {anchor!r}, which every good one does")


def drift(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """Warnings on documents (label -> bytes) that vanished or changed much in size since the capture before."""
    warnings = [f"{label} was captured before and is missing now" for label in sorted(before.keys() - after.keys())]
    for label in sorted(before.keys() & after.keys()):
        old, new = before[label], after[label]
        if old and abs(new - old) / old > SIZE_CHANGE:
            warnings.append(f"{label} changed from {old} to {new} bytes")
    return warnings
