"""A local Hub: the model routes of the Hugging Face Hub on loopback, true to the wire, with faults on demand.

`population` holds repositories and answers queries, `wire` turns a request into a reply, `faults` breaks replies,
`server` puts them on a socket. A larger population replaces `Population` and nothing else.
"""

from tests.hub.faults import Drip, Drop, Fault, Hang, RateLimited, Status, Truncated, TruncatedGzip
from tests.hub.population import Population, Repository
from tests.hub.server import LocalHub

__all__ = [
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
