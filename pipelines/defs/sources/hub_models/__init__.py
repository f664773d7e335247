"""Open-weight model repositories on the Hugging Face Hub: downloads, likes, licence, parents and direct derivatives.

Three kinds of document: `models/...`, the list pages of the whole Hub; `author/...`, those of a watched namespace; and
`repository/...`, the derivative counts of one watched repository. MODELMARKET_HUB_CRAWL chooses between the light crawl
of what is watched (`watch`, in `warehouse/seeds/hub_watch.csv`) and the whole Hub (`full`).

A fourth kind, `dump/...`, is a published collection of such rows that a user imports (`dumps`).

Here belongs the declaration. `crawl` and `full` know what to ask for, `paging` how lists hang together, `client` how to
ask, `parsing` what an answer means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from pipelines.defs.sources.hub_models.client import ENDPOINT, MAX_BYTES, HubClient
from pipelines.defs.sources.hub_models.crawl import crawl, read_watch_list
from pipelines.defs.sources.hub_models.dumps import label_of, moments_of
from pipelines.defs.sources.hub_models.full import PAGES, full_crawl
from pipelines.defs.sources.hub_models.history import history
from pipelines.defs.sources.hub_models.paging import list_url
from pipelines.defs.sources.hub_models.parsing import parse
from pipelines.lib import parquet
from pipelines.lib.assets import source_definitions
from pipelines.lib.http import FetchError
from pipelines.lib.source import Fetcher, Response, Source, SourceKind
from warehouse import WAREHOUSE_DIR

MODE = "MODELMARKET_HUB_CRAWL"


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """Everything the chosen crawl asks for, each document as it arrives."""
    full = is_full(fetcher.environ)
    client = _client(fetcher)
    watched = read_watch_list(WAREHOUSE_DIR / "seeds" / "hub_watch.csv")
    yield from full_crawl(client, watched, fetcher) if full else crawl(client, watched, fetcher.progress)


def is_full(environ: Mapping[str, str]) -> bool:
    """Whether the whole Hub is asked for. Raises FetchError on a setting it does not know."""
    mode = environ.get(MODE, "").strip() or "watch"
    if mode not in ("watch", "full"):
        raise FetchError(f"{MODE} must be watch or full, not {mode!r}; nothing was asked for")
    return mode == "full"


def plan(environ: Mapping[str, str]) -> str | None:
    """The full crawl of one endpoint goes on where it ended; the light one is soon done again."""
    return f"every page of {list_url(_endpoint(environ))}" if is_full(environ) else None


def _endpoint(environ: Mapping[str, str]) -> str:
    return (environ.get("HF_ENDPOINT") or ENDPOINT).rstrip("/")


def _client(fetcher: Fetcher) -> HubClient:
    return HubClient(_endpoint(fetcher.environ), fetcher.environ.get("HF_TOKEN"), progress=fetcher.progress)


source = Source(
    name="hub_models",
    title="Hugging Face Hub models",
    homepage="https://huggingface.co/models",
    licence="Public metadata of the Hugging Face Hub, under its terms of service; each repository has its own licence",
    kind=SourceKind.REGISTRY,
    tables=("hub_model", "hub_children", "hub_version", "hub_counter", "hub_crawl", "hub_repository_key"),
    fetch=fetch,
    parse=parse,
    stale_after=timedelta(days=2),
    host="huggingface",
    # The last page of the whole Hub may be an empty list; of every other body the parser asks for ids.
    min_bytes=2,
    max_bytes=MAX_BYTES,
    parser_code=(parquet,),
    label_of=label_of,
    moments_of=moments_of,
    resume_within=timedelta(hours=6),
    plan=plan,
    expires_raw=PAGES,
    history=history,
)

defs = source_definitions(source)
