"""Open-weight model repositories on the Hugging Face Hub: downloads, likes, licence, parents and direct derivatives.

Two kinds of document: `author/...`, the list pages of a watched namespace, and `repository/...`, the derivative
counts of one watched repository. What is watched stands in `warehouse/seeds/hub_watch.csv`.

Here belongs the declaration. `crawl` knows what to ask for, `client` how to ask, `parsing` what an answer means.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

from pipelines.defs.sources.hub_models.client import MAX_BYTES, HubClient
from pipelines.defs.sources.hub_models.crawl import crawl, read_watch_list
from pipelines.defs.sources.hub_models.parsing import parse
from pipelines.lib.assets import source_definitions
from pipelines.lib.source import Fetcher, Response, Source, SourceKind
from warehouse import WAREHOUSE_DIR


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """Every watched list page, then every watched repository, each as it arrives."""
    client = HubClient(fetcher.environ.get("HF_ENDPOINT"), fetcher.environ.get("HF_TOKEN"))
    yield from crawl(client, read_watch_list(WAREHOUSE_DIR / "seeds" / "hub_watch.csv"), fetcher.progress)


def label_of(_file_name: str, body: bytes) -> str:
    """The document a loose file is: a list of models, or the detail of one; `parse` judges anything else."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return "author/file"
    return f"repository/{content['id']}" if isinstance(content, dict) and content.get("id") else "author/file"


source = Source(
    name="hub_models",
    title="Hugging Face Hub models",
    homepage="https://huggingface.co/models",
    licence="Public metadata of the Hugging Face Hub, under its terms of service; each repository has its own licence",
    kind=SourceKind.REGISTRY,
    tables=("hub_model", "hub_children"),
    fetch=fetch,
    parse=parse,
    stale_after=timedelta(days=2),
    host="huggingface",
    anchor={"*": '"id"'},
    min_bytes=10,
    max_bytes=MAX_BYTES,
    label_of=label_of,
)

defs = source_definitions(source)
