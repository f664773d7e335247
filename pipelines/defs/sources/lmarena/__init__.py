"""LMArena: the rating of each model from votes between two anonymous answers, per board, category and day.

A rating means something only within one publication, since all are fitted anew for each: the day is the version. A body
that states no day is the board as it was seen on the day of its capture. LMArena shows `text` and `vision` with style
control since May 2025 and publishes both fits; the one without is a metric of its own, and the only one before.

A document is a board of the dataset, `text_style_control`; what is not the whole board of one day stands apart, such as
`text_style_control/top`, a list cut after some models, which says nothing of those it leaves out. Here belongs the
declaration: `shapes` knows the bodies a board comes in, `ratings` what a rating is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipelines.defs.sources.lmarena import shapes
from pipelines.defs.sources.lmarena.ratings import BOARDS, rows
from pipelines.lib import parquet
from pipelines.lib.assets import source_definitions
from pipelines.lib.http import FetchError
from pipelines.lib.source import BadDocument, Document, Fetcher, Parsed, Reject, Response, Row, Source, SourceKind

SITE = "https://huggingface.co"
DATASET = "/datasets/lmarena-ai/leaderboard-dataset"
FETCHED = ("text_style_control", "text", "vision_style_control", "vision", "webdev")
# Where the Hub keeps the bytes of larger files; it sends every client there with an address signed for the moment.
STORES = frozenset({"cas-bridge.xethub.hf.co", "us.aws.cdn.hf.co", "cdn-lfs.hf.co", "cdn-lfs-us-1.hf.co"})
MAX_QUOTE = 300


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """The newest publication of each board; one that the dataset does not hold is passed over."""
    found = 0
    for board in FETCHED:
        url = f"{SITE}{DATASET}/resolve/main/{board}/latest-00000-of-00001.parquet"
        try:
            response = fetcher.http.get(url, label=board, hosts=STORES)
        except FetchError as error:
            if error.status != 404:
                raise
            fetcher.progress(str(error))
            continue
        found += 1
        # The signed address is gone in an hour, and a signature belongs in no archive.
        yield replace(response, url=url)
    if not found:
        raise FetchError(f"{SITE}{DATASET} holds none of the {len(FETCHED)} boards")


def label_of(file_name: str, body: bytes) -> str:
    """The board a loose file is of, as its content says or else its name."""
    return shapes.label_of(file_name, body)


def moments_of(_file_name: str, body: bytes) -> tuple[datetime, ...]:
    """When a list of the site was fetched, which its body says; no other body states when it was taken."""
    try:
        content = json.loads(body) if body.lstrip()[:1] == b"{" else None
    except (ValueError, RecursionError):
        return ()
    fetched = content["meta"].get("fetched_at") if shapes.is_top(content) else None
    if not fetched:
        return ()
    try:
        moment = datetime.fromisoformat(fetched)
    except (TypeError, ValueError) as error:
        raise BadDocument(f"meta.fetched_at is {fetched!r}, which is not a time") from error
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0),)


def parse(document: Document) -> Iterator[Parsed]:
    """Ratings of one board, of one day or of many."""
    board = BOARDS.get(document.label.partition("/")[0])
    if board is None:
        raise BadDocument(
            f"{document.label!r} is no board of LMArena, and the file begins {document.body[:60]!r}; "
            f"name a file of one by its label: {', '.join(BOARDS)}"
        )
    items = list(rows(board, shapes.read(document), document.observed_at.astimezone(UTC).date()))
    if not any(isinstance(item, Row) for item in items):
        reasons = "; ".join(f"{item.reason}: {item.text}" for item in items if isinstance(item, Reject))
        raise BadDocument(f"{document.label}: no rating could be read ({reasons[:MAX_QUOTE] or 'every one is empty'})")
    yield from items


source = Source(
    name="lmarena",
    title="LMArena",
    homepage="https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset",
    licence="CC-BY-4.0",
    kind=SourceKind.LEADERBOARD,
    tables=("score",),
    fetch=fetch,
    parse=parse,
    every=timedelta(days=7),
    stale_after=timedelta(days=16),
    host="huggingface",
    parser_code=(parquet,),
    label_of=label_of,
    moments_of=moments_of,
)

defs = source_definitions(source)
