"""Staged news items by hand, and the tables of texts and stories built from them by their contracts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb

from pipelines.lib import contract
from pipelines.lib.contract import Table
from pipelines.lib.sql_model import run_checks
from pipelines.lib.staging import PROVENANCE
from pipelines.lib.warehouse import prepare
from warehouse import WAREHOUSE_DIR

DAY = dt.datetime(2026, 2, 16, 8)  # noqa: DTZ001 - naive UTC, as DuckDB keeps it
MODELS = (
    "core.news_item",
    "core.news_mention",
    "core.news_subject",
    "core.news_pair",
    "core.news_text",
    "core.news_story",
    "marts.story",
)
FAMILIES = ("Qwen", "GPT", "Claude", "DeepSeek", "Kimi", "Gemini")


def model_table(name: str) -> Table:
    schema, _, table = name.partition(".")
    return contract.parse_contract((WAREHOUSE_DIR / schema / f"{table}.sql").read_text(encoding="utf-8"), schema, table)


class News:
    """Staged items and the tables built from them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.count = 0

    def add(self, title: str, summary: str | None = None, **values: Any) -> str:
        """Stage one item, in a feed of its own unless told otherwise, and give its item id."""
        self.count += 1
        row: dict[str, Any] = {
            "item_id": f"item-{self.count}",
            "publisher": f"Publisher {self.count}",
            "title": title,
            "summary": summary,
            "published_at": DAY,
            "published_precision": "second",
            "source": "news_feeds",
            "document": f"feed-{self.count}",
            "capture_id": "capture-1",
            "observed_at": DAY + dt.timedelta(days=1),
            "origin": "live",
        } | values
        if row["published_at"] is None:
            row["published_precision"] = "unknown"
        elif row["published_at"].tzinfo is not None:
            row["published_at"] = row["published_at"].astimezone(dt.UTC).replace(tzinfo=None)
        self.connection.execute(
            f"insert into staging.news_item ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values())
        )
        return str(row["item_id"])

    def knows(self, name: str, model_id: str | None = None) -> None:
        """Put a model on our record under one name."""
        self.connection.execute("insert into seeds.model values (?, ?)", [model_id or name.lower(), name])
        self.connection.execute(
            "insert into core.model_name values ('any', normalise_name(?), ?)", [name, model_id or name.lower()]
        )

    def build(self) -> None:
        """Build every model by its contract and run its checks."""
        for name in MODELS:
            table = model_table(name)
            columns = ", ".join(column.name for column in table.columns)
            self.connection.execute(contract.create_sql(table))
            self.connection.execute(f"insert into {name} by name select {columns} from ({table.body})")
            assert not run_checks(self.connection, table), name

    def stories(self) -> list[set[str]]:
        """Item ids by story."""
        self.build()
        found = self.connection.execute(
            "select list(item.item_id) from core.news_item as item join core.news_text using (news_id) "
            "join core.news_story using (text_id) group by story_id"
        ).fetchall()
        return sorted((set(ids) for (ids,) in found), key=sorted)

    def one(self, sql: str) -> dict[str, Any]:
        """The one row of a query."""
        cursor = self.connection.execute(sql)
        names = [column[0] for column in cursor.description or ()]
        (row,) = cursor.fetchall()
        return dict(zip(names, row, strict=True))


def empty_news(connection: duckdb.DuckDBPyConnection) -> News:
    """Staging and seeds without rows, but for the families."""
    prepare(connection)
    staging = next(table for table in contract.read_contracts(WAREHOUSE_DIR) if table.name == "news_item")
    connection.execute(contract.create_sql(staging.with_columns(PROVENANCE)))
    connection.execute("create table seeds.model (model_id varchar, name varchar)")
    connection.execute("create table seeds.family (family_id varchar, name varchar)")
    connection.execute("create table core.model_name (scope varchar, normalised_name varchar, model_id varchar)")
    for family in FAMILIES:
        connection.execute("insert into seeds.family values (?, ?)", [family.lower(), family])
    return News(connection)
