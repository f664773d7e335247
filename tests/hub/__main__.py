"""`python -m tests.hub serve|write`: a SIMULATED Hub to look at, or its crawls as files."""

from __future__ import annotations

import argparse
import tempfile
import threading
from datetime import date
from pathlib import Path

from tests.hub.pages import ENDINGS, write_days
from tests.hub.server import LocalHub
from tests.hub.tls import self_signed
from tests.hub.world import World


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(prog="python -m tests.hub", description=__doc__)
    parser.add_argument("--models", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=date.fromisoformat, default=date(2026, 9, 1))
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="answer on loopback until interrupted")
    serve.add_argument("--port", type=int, default=8765)
    serve.add_argument("--tls", action="store_true")
    write = commands.add_parser("write", help="write whole crawls as files")
    write.add_argument("folder", type=Path)
    write.add_argument("--days", type=int, default=1)
    write.add_argument("--compression", choices=list(ENDINGS), default="zstd")
    chosen = parser.parse_args()
    world = World(chosen.models, chosen.seed, chosen.start)
    if chosen.command == "write":
        for written in write_days(chosen.folder, world, chosen.days, compression=chosen.compression):
            print(written, flush=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        certificate = self_signed(Path(folder)) if chosen.tls else None
        with LocalHub(world, port=chosen.port, certificate=certificate) as hub:
            print(f"SIMULATED Hub on {hub.url}; {chosen.models:,} models on {world.today}. Ctrl-C ends it.", flush=True)
            try:
                threading.Event().wait()
            except KeyboardInterrupt:
                print("closed")


if __name__ == "__main__":
    main()
