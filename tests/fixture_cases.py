"""Fixture folders: `tests/fixtures/<source>/<case>/{capture.json, <body>, expected.json}`.

`capture.json` holds label, url, observed_at, headers, body (file name) and why (the trait of the case).
`expected.json` holds rows per table, rejects, or the text of the BadDocument error. Every body is
written by hand for its trait; none is a copy of a real page.

`python -m tests.fixture_cases SOURCE CASE` writes expected.json anew, for review.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.lib.source import BadDocument, Document, Row, Source

FIXTURES = Path(__file__).parent / "fixtures"


def plain(value: Any) -> Any:
    """A JSON-ready form: decimals as text without exponent, times in ISO form."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def load_document(case: Path) -> Document:
    """The document of a case folder."""
    meta = json.loads((case / "capture.json").read_text())
    return Document(
        label=meta["label"],
        url=meta["url"],
        body=(case / meta["body"]).read_bytes(),
        observed_at=dt.datetime.fromisoformat(meta["observed_at"]),
        headers=meta.get("headers", {}),
    )


def run_case(source: Source, case: Path) -> dict[str, Any]:
    """What the parser gives for a case, in the form of expected.json."""
    rows: dict[str, list[dict[str, Any]]] = {}
    rejects: list[dict[str, Any]] = []
    try:
        for item in source.parse(load_document(case)):
            if isinstance(item, Row):
                values = {key: plain(value) for key, value in item.values.items() if value is not None}
                rows.setdefault(item.table, []).append(values)
            else:
                rejects.append({"reason": item.reason, "text": item.text})
    except BadDocument as error:
        return {"bad_document": str(error)}
    return {"rows": rows, "rejects": rejects}


def find_source(name: str) -> Source:
    """The source declared in `pipelines/defs/sources/<name>.py`."""
    module = importlib.import_module(f"pipelines.defs.sources.{name}")
    declared = module.source
    assert isinstance(declared, Source)
    return declared


def cases() -> Iterator[tuple[str, Path]]:
    """Every (source name, case folder)."""
    for path in sorted(FIXTURES.glob("*/*/capture.json")):
        yield path.parent.parent.name, path.parent


if __name__ == "__main__":
    folder = FIXTURES / sys.argv[1] / sys.argv[2]
    result = run_case(find_source(sys.argv[1]), folder)
    (folder / "expected.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    print(json.dumps(result, indent=1, ensure_ascii=False))
