"""Reading a written report: findings, words and drawings of its figures."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

from reports.weekly import write_report
from tests.report_data import WEEK
from tests.report_hub import hub_marts
from tests.test_report import figure

FIGURES = (
    "derivatives-by-family", "derivatives-by-rule", "new-derivatives-by-month", "licence-drift",
    "licence-drift-by-family", "downloads-by-region", "downloads-by-organisation", "downloads-by-family",
    "movers-repository", "movers-family", "download-concentration", "adoption-leaders", "hub-events",
    "derivatives-reconciled",
)  # fmt: skip


def title(page: str, slug: str) -> str:
    """The finding of a figure."""
    found = re.search(rf'<figure id="{slug}">.*?<h3>(.*?)</h3>', page, re.DOTALL)
    assert found, slug
    return unescape(re.sub(r"<[^>]+>", "", found[1]))


def text(page: str, slug: str) -> str:
    """All words of a figure, without its drawing."""
    shown = re.sub(r"<script.*?</script>|<pre>.*?</pre>", "", figure(page, slug), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", shown)))


def drawn(page: str, slug: str) -> list[dict[str, Any]]:
    """Every row of the data behind a drawing."""
    found = re.search(rf'data-chart="chart-{slug}">(.*?)</script>', page, re.DOTALL)
    assert found, slug
    return [row for rows in json.loads(found[1])["datasets"].values() for row in rows]


def changed(statement: str, folder: Path, week: str = WEEK) -> str:
    """The report after a change of the marts."""
    marts = hub_marts()
    try:
        marts.execute(statement)
        return write_report(marts, week=week, out=folder).read_text(encoding="utf-8")
    finally:
        marts.close()
