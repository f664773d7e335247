"""A local Hub: the model routes of the Hugging Face Hub on loopback, true to the wire, with faults on demand.

`handmade` holds repositories a test wrote out; `world` a drawn population of any size whose days pass (`population`,
`families`, `vocabulary`, `lineage`, `counters`, `clock`, `changes`, `naming`, `selection`, `render`). Both are a
`catalog`. `wire` turns a request into a reply, `faults` breaks replies, `server` puts them on a socket, `pages` writes
a whole crawl to disk without one. `python -m tests.hub serve` shows it in a browser.

Everything served is SIMULATED and says so: header `X-Simulated`, tag `simulated` on every drawn row, the root page.
"""

from tests.hub.faults import Altered, Drip, Drop, Fault, Hang, RateLimited, Status, Truncated, TruncatedGzip
from tests.hub.handmade import Population, Repository
from tests.hub.server import LocalHub

__all__ = [
    "Altered",
    "Drip",
    "Drop",
    "Fault",
    "Hang",
    "LocalHub",
    "Population",
    "RateLimited",
    "Repository",
    "Status",
    "Truncated",
    "TruncatedGzip",
]
