"""What sections call the things a score is of: the series, the model and how it was asked, the scale of an axis.

Here belong words for one record of a mart of scores. Numbers and dates are worded in `words`.
"""

from __future__ import annotations

from reports.mart import Record

Y_TITLES = {"percent": "score, %", "elo": "Elo rating", "index": "index"}


def series_name(record: Record) -> str:
    """The benchmark with its version, release or window."""
    version = record["benchmark_version"]
    return f"{record['benchmark_name']} {version}" if version else str(record["benchmark_name"])


def model_name(record: Record) -> str:
    """The model, with the effort of the run where one is stated."""
    return f"{record['model_name']} ({record['effort']})" if record["effort"] else str(record["model_name"])
