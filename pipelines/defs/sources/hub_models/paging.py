"""A list of the Hub, page by page: its first address, and following it to the end whatever the pages look like.

Here belongs what a list is asked for and how its pages hang together. Which lists are asked is decided in `crawl` (a
watch list) and `full` (everything).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlencode, urljoin

import httpx2

from pipelines.defs.sources.hub_models.client import HubClient
from pipelines.lib.http import FetchError
from pipelines.lib.source import Response, StoredDocument

PAGE_SIZE = 1000
MAX_REPEATS = 10
LIST_ATTRIBUTES = (
    "author",
    "createdAt",
    "lastModified",
    "downloads",
    "downloadsAllTime",
    "likes",
    "trendingScore",
    "tags",
    "pipeline_tag",
    "library_name",
    "gated",
    "private",
    "disabled",
    "baseModels",
    # A fifteenth more bytes: without it nobody knows the size of a model.
    "safetensors",
)


def list_url(endpoint: str, narrowed_to: Iterable[tuple[str, str]] = ()) -> str:
    """Address of the first page of a list, newest repository first.

    Paging is a keyset on the sort field; creation time is the only one that does not move during a crawl.
    """
    fields = [*narrowed_to, ("limit", str(PAGE_SIZE)), ("sort", "createdAt")]
    return f"{endpoint}/api/models?{urlencode(fields + [('expand', name) for name in LIST_ATTRIBUTES])}"


def follow(
    client: HubClient,
    first: str,
    label: Callable[[int], str],
    max_pages: int,
    arrived: Sequence[StoredDocument] = (),
) -> Iterator[Response]:
    """Every page behind those that arrived before. Only a page without a next one is the last, however short it is.

    The same rows under another cursor are a page like any other, but not for ever. Raises FetchError when paging does
    not end.
    """
    url = next_page(arrived[-1].url, arrived[-1].headers) if arrived else first
    seen = {page.url for page in arrived}
    number, body, repeats = len(arrived), b"", 0
    while url is not None:
        number += 1
        if problem := (
            (url in seen and f"page {number} has the address of an earlier one")
            or (number > max_pages and f"there is a page {number}")
            or (repeats > MAX_REPEATS and f"the {repeats + 1} pages before page {number} are the same")
        ):
            raise FetchError(f"{url.partition('?')[0]} ({label(number)}): paging does not end, {problem}")
        seen.add(url)
        response = client.get_list(url, label(number))
        repeats = repeats + 1 if response.body == body else 0
        body = response.body
        yield response
        url = next_page(response.url, response.headers)


def next_page(url: str, headers: Mapping[str, str]) -> str | None:
    """The address in the Link header with rel=next, as is; None on the last page."""
    links = httpx2.Response(200, headers={"link": headers.get("link", "")}).links
    target = links.get("next", {}).get("url")
    return urljoin(url, target) if target else None
