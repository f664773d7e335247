"""Artificial Analysis: its indexes, and the benchmarks it runs itself, one row per model and reasoning effort.

Fetched is the free list of its API, pages of 200 models with the indexes alone. That takes a key, in
ARTIFICIAL_ANALYSIS_API_KEY; without one the source is off. `parse` also reads what users have: answers of the API of
before November 2026 with every benchmark, payloads of the leaderboard page, and a table of many days, of which each day
becomes a capture of its own. The data may be shown with their source named and may not be passed on.

Its LiveCodeBench is a window of its own, and an index is only comparable within its version. Slugs are re-pointed to
other models, so a model is known by its name. Here belongs the declaration and what to ask for; `listings` knows the
forms of a body, `parsing` what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from pipelines.defs.sources.artificial_analysis.listings import has_more, moments_of
from pipelines.defs.sources.artificial_analysis.parsing import parse
from pipelines.lib.assets import source_definitions
from pipelines.lib.http import FetchError, Refused
from pipelines.lib.source import BadDocument, Fetcher, Response, Source, SourceKind

URL = "https://artificialanalysis.ai/api/v2/language/models/free"
KEY_VARIABLE = "ARTIFICIAL_ANALYSIS_API_KEY"
# What a header can carry; the key itself appears in no message.
KEY = re.compile(r"[\x21-\x7e]+", re.ASCII)
MAX_PAGES = 50


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """Every page of the free list, as far as the answers say that there are more."""
    key = fetcher.environ.get(KEY_VARIABLE, "").strip()
    if not key:
        raise FetchError(f"off, as {KEY_VARIABLE} is not set; nothing was asked for")
    if not KEY.fullmatch(key):
        raise FetchError(f"{KEY_VARIABLE} holds characters that no header can carry; nothing was asked for")
    for page in range(1, MAX_PAGES + 1):
        url = f"{URL}?page={page}"
        headers = {"x-api-key": key, "accept": "application/json"}
        try:
            response = fetcher.http.get(url, label=page_label(page), headers=headers)
        except Refused as error:
            if error.status in (401, 403):
                raise Refused(f"{error}: the key in {KEY_VARIABLE} is not accepted", error.status) from error
            raise
        yield response
        try:
            more = has_more(response.body)
        except BadDocument as error:
            raise FetchError(f"{url}: {error}") from error
        if not more:
            return
    raise FetchError(f"{URL} has more than {MAX_PAGES} pages; the rest was not asked for")


def off(environ: Mapping[str, str]) -> str | None:
    """Why nothing is asked for; None with a key."""
    return None if environ.get(KEY_VARIABLE, "").strip() else f"off, as {KEY_VARIABLE} is not set"


def page_label(page: int) -> str:
    """The document a page is. What users give is always the first, so that a newer body of any form takes its place."""
    return "models" if page == 1 else f"models/{page}"


source = Source(
    name="artificial_analysis",
    title="Artificial Analysis",
    homepage="https://artificialanalysis.ai",
    licence="Terms of use of Artificial Analysis: name it as the source, do not redistribute; for local use",
    kind=SourceKind.LEADERBOARD,
    tables=("score",),
    fetch=fetch,
    parse=parse,
    stale_after=timedelta(days=7),
    host="artificial_analysis",
    max_bytes=50_000_000,
    label_of=lambda _file_name, _body: page_label(1),
    moments_of=moments_of,
    off=off,
    is_redistributable=False,
)

defs = source_definitions(source)
