"""What the Hub is asked for: list pages of watched namespaces, derivative counts of watched repositories.

Here belong addresses, labels and paging; neither HTTP errors (see `client`) nor the meaning of a body (see `parsing`).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

import httpx2

from pipelines.defs.sources.hub_models.client import Hidden, HubClient
from pipelines.lib.http import FetchError
from pipelines.lib.source import Response

PAGE_SIZE = 1000
MAX_PAGES = 200
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
    "safetensors",
)
DETAIL_ATTRIBUTES = ("childrenModelCount", "downloads", "downloadsAllTime", "likes")


@dataclass(frozen=True)
class Watched:
    """A row of the watch list.

    `value` of an `author` is a namespace, or `namespace?search=word` where only repositories with that word in
    their id are listed, because the namespace also holds other families; of a `repository` it is the repository id.
    """

    kind: str
    value: str


def read_watch_list(path: Path) -> list[Watched]:
    """The watch list, namespaces first. Raises ValueError on a kind it does not know."""
    with path.open(encoding="utf-8", newline="") as file:
        watched = [Watched(row["kind"], row["value"]) for row in csv.DictReader(file)]
    unknown = sorted({item.kind for item in watched} - {"author", "repository"})
    if unknown:
        raise ValueError(f"{path.name}: kind must be author or repository, not {', '.join(map(repr, unknown))}")
    return sorted(watched, key=lambda item: item.kind)


def crawl(client: HubClient, watched: Iterable[Watched], progress: Callable[[str], None]) -> Iterator[Response]:
    """Yield every document as it arrives. A repository the Hub does not show is skipped, and said so."""
    for item in watched:
        if item.kind == "author":
            yield from _list_pages(client, item.value)
        else:
            yield from _detail(client, item.value, progress)


def _list_pages(client: HubClient, value: str) -> Iterator[Response]:
    namespace, _, query = value.partition("?")
    search = parse_qsl(query, strict_parsing=True) if query else []
    # Paging is a keyset on the sort field; creation time is the only one that does not move during a crawl.
    fields = [("author", namespace), *search, ("limit", str(PAGE_SIZE)), ("sort", "createdAt")]
    fields += [("expand", name) for name in LIST_ATTRIBUTES]
    label = "/".join(["author", namespace, *(word for _, word in search)])
    url: str | None = f"{client.endpoint}/api/models?{urlencode(fields)}"
    seen: set[str] = set()
    while url is not None:
        if url in seen or len(seen) == MAX_PAGES:
            raise FetchError(f"{url} is page {len(seen) + 1} of {value}: paging does not end")
        seen.add(url)
        response = client.get(url, f"{label}/page-{len(seen)}")
        yield response
        url = _next_page(response)


def _next_page(response: Response) -> str | None:
    """The address in the Link header with rel=next, as is; None on the last page."""
    links = httpx2.Response(200, headers={"link": response.headers.get("link", "")}).links
    target = links.get("next", {}).get("url")
    return urljoin(response.url, target) if target else None


def _detail(client: HubClient, repo_id: str, progress: Callable[[str], None]) -> Iterator[Response]:
    fields = urlencode([("expand", name) for name in DETAIL_ATTRIBUTES])
    try:
        response = client.get(f"{client.endpoint}/api/models/{quote(repo_id)}?{fields}", f"repository/{repo_id}")
    except Hidden as error:
        progress(f"repository {repo_id} is skipped, missing or private: {error}")
        return
    served = unquote(urlsplit(response.url).path).partition("/api/models/")[2]
    if served != repo_id:
        progress(f"repository {repo_id} is now called {served}; the watch list should follow")
    yield response
