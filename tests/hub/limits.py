"""The Hub's rate limit: a fixed window, a quota, and headers on every reply that say what is left."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class RateWindow:
    """`quota` requests, then none until the window ends. Real values: 500 in 300 seconds without a token."""

    quota: int = 500
    seconds: float = 300
    started: float = field(default_factory=time.monotonic)
    used: int = 0

    def headers(self) -> dict[str, str]:
        """Count one request and say what is left."""
        if time.monotonic() - self.started >= self.seconds:
            self.started, self.used = time.monotonic(), 0
        self.used += 1
        left = max(self.quota - self.used, 0)
        ends_in = int(self.seconds - (time.monotonic() - self.started))
        return {
            "RateLimit": f'"api";r={left};t={ends_in}',
            "RateLimit-Policy": f'"fixed window";"api";q={self.quota};w={self.seconds:g}',
        }

    @property
    def used_up(self) -> bool:
        """Whether the request just counted is one too many."""
        return self.used > self.quota
