"""The light crawl: list pages of watched namespaces, and derivative counts of watched repositories.

Here belong the watch list, its addresses and labels; neither paging (see `paging`) nor HTTP errors (see `client`) nor
the meaning of a body (see `parsing`).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from pipelines.defs.sources.hub_models.client import Hidden, HubClient
from pipelines.defs.sources.hub_models.paging import follow, list_url
from pipelines.lib.source import Response

MAX_PAGES = 200
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
            yield from detail(client, item.value, progress)


def _list_pages(client: HubClient, value: str) -> Iterator[Response]:
    namespace, _, query = value.partition("?")
    search = parse_qsl(query, strict_parsing=True) if query else []
    label = "/".join(["author", namespace, *(word for _, word in search)])
    first = list_url(client.endpoint, [("author", namespace), *search])
    return follow(client, first, lambda number: f"{label}/page-{number}", MAX_PAGES)


def detail_label(repo_id: str) -> str:
    """Name of the document of one watched repository."""
    return f"repository/{repo_id}"


def detail(client: HubClient, repo_id: str, progress: Callable[[str], None]) -> Iterator[Response]:
    """The derivative counts of one repository, or nothing when the Hub does not show it."""
    fields = urlencode([("expand", name) for name in DETAIL_ATTRIBUTES])
    try:
        response = client.get_object(f"{client.endpoint}/api/models/{quote(repo_id)}?{fields}", detail_label(repo_id))
    except Hidden as error:
        progress(f"repository {repo_id} is skipped, missing or private: {error}")
        return
    served = unquote(urlsplit(response.url).path).partition("/api/models/")[2]
    if served != repo_id:
        progress(f"repository {repo_id} is now called {served}; the watch list should follow")
    yield response
