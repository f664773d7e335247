"""What a full crawl of the Hub costs the client: CPU, disk and time per page. `python -m tests.benchmarks.bench_crawl`

The SIMULATED Hub runs in this process, the client (fetch, hashing, compression, archive, journal) in one of its own,
whose process time is what counts. Figures for 3 million models are EXTRAPOLATED from the pages crawled and say so.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipelines.defs.sources.hub_models import source
from pipelines.lib.archive import COMPRESSION_LEVEL, Archive
from pipelines.lib.capture import capture
from tests.hub import LocalHub
from tests.hub.limits import RateWindow
from tests.hub.world import World

WHOLE_HUB_PAGES = 3_000


def client(folder: Path) -> None:
    """Crawl the Hub that the environment names, and print the figures as JSON."""
    import huggingface_hub.utils  # noqa: F401  # loading the library is not part of a page

    wall, cpu = time.perf_counter(), time.process_time()
    outcome = capture(source, Archive(folder), os.environ)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    if not outcome.whole or outcome.capture is None:
        raise SystemExit(f"the crawl failed: {outcome.problem}")
    pages = [item for item in outcome.capture.documents if item.label.startswith("models/")]
    stored = sum(path.stat().st_size for path in (folder / "blobs").rglob("*.zst"))
    manifest = next((folder / "captures").rglob("*.json")).stat().st_size
    counts = {"pages": len(pages), "documents": len(outcome.capture.documents)}
    sizes = {"body_bytes": sum(item.bytes for item in pages), "stored_bytes": stored, "manifest_bytes": manifest}
    print(json.dumps({**counts, "cpu_seconds": cpu, "wall_seconds": wall, **sizes}))


def main() -> None:
    """Serve a population to a client process and print a page's share of what it used."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_crawl", description=__doc__)
    parser.add_argument("--models", type=int, default=100_000)
    parser.add_argument("--client", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.client:
        client(chosen.client)
        return
    with tempfile.TemporaryDirectory() as folder, LocalHub(World(chosen.models)) as hub:
        hub.window = RateWindow(quota=1_000_000)
        environ = os.environ | {"HF_ENDPOINT": hub.url, "MODELMARKET_HUB_CRAWL": "full"}
        environ.pop("HF_TOKEN", None)
        command = [sys.executable, "-m", "tests.benchmarks.bench_crawl", "--client", folder]
        done = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
    print(described(json.loads(done.stdout.splitlines()[-1])))


def described(used: dict[str, float]) -> str:
    """The figures in words."""
    pages = used["pages"]
    scale = WHOLE_HUB_PAGES / pages
    manifest_bytes = used["manifest_bytes"] / used["documents"]
    return "\n".join(
        [
            f"SIMULATED Hub, {pages:,.0f} pages of up to 1,000 rows and "
            f"{used['documents'] - pages:,.0f} watched repositories, zstd level {COMPRESSION_LEVEL}",
            f"  client CPU  {used['cpu_seconds'] / pages * 1e3:6.1f} ms a page",
            f"  wall time   {used['wall_seconds'] / pages * 1e3:6.1f} ms a page, the Hub's own work included",
            f"  body        {used['body_bytes'] / pages / 1e3:6.1f} kB a page",
            f"  stored      {used['stored_bytes'] / pages / 1e3:6.1f} kB a page",
            f"  manifest    {manifest_bytes / 1e3:6.1f} kB a document",
            f"EXTRAPOLATED to {WHOLE_HUB_PAGES:,} pages (3 million models): "
            f"{used['cpu_seconds'] * scale:,.0f} s of CPU, {used['stored_bytes'] * scale / 1e6:,.0f} MB stored, "
            f"a manifest of {manifest_bytes * WHOLE_HUB_PAGES / 1e6:,.1f} MB",
        ]
    )


if __name__ == "__main__":
    main()
