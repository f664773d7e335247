"""The laws of the house: each is short, and fails when somebody breaks it."""

from __future__ import annotations

import ast
import dataclasses
import re
import warnings

import dagster as dg
import pytest

from pipelines.definitions import defs
from pipelines.lib import contract
from pipelines.lib.dictionary import PATH, dictionary
from pipelines.lib.folder import PROJECT_DIR
from pipelines.lib.registry import load_sources
from pipelines.lib.sql_model import load_models
from pipelines.lib.staging import staging_tables
from scrapers.items import Price
from warehouse import WAREHOUSE_DIR

LAYERS = {"raw", "staging", "seeds", "core", "marts", "published", "reports"}
CODE = [path for folder in ("pipelines", "scrapers", "reports") for path in (PROJECT_DIR / folder).rglob("*.py")]


@pytest.fixture(scope="module")
def specs() -> list[dg.AssetSpec]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", dg.PreviewWarning)
        warnings.simplefilter("error", dg.BetaWarning)
        return list(defs().resolve_all_asset_specs())


def test_every_asset_says_what_it_is(specs: list[dg.AssetSpec]) -> None:
    for spec in specs:
        assert spec.description and spec.owners and spec.kinds, spec.key
        assert spec.key.path[0] == spec.group_name and spec.group_name in LAYERS, spec.key


def test_every_table_is_an_asset_with_columns(specs: list[dg.AssetSpec]) -> None:
    by_key = {spec.key: spec for spec in specs}
    for model in load_models():
        spec = by_key[dg.AssetKey([model.table.schema, model.table.name])]
        assert len(spec.metadata["dagster/column_schema"].columns) == len(model.table.columns)


def test_raw_assets_have_a_freshness_policy(specs: list[dg.AssetSpec]) -> None:
    raw = [spec for spec in specs if spec.group_name == "raw"]
    assert len(raw) >= 8
    assert all(spec.freshness_policy for spec in raw)


def test_every_column_is_described() -> None:
    for table in contract.read_contracts(WAREHOUSE_DIR):
        for column in table.columns:
            assert column.description.endswith(".") and len(column.description) > 3, f"{table.full_name}.{column.name}"


def test_sources_fill_tables_that_have_a_contract() -> None:
    known = staging_tables()
    for source in load_sources().values():
        assert source.tables and set(source.tables) <= known.keys(), source.name
        assert source.licence, source.name
        assert source.homepage.startswith("https://") or source.fetch is None, source.name


def test_price_items_have_the_columns_of_their_table() -> None:
    columns = {column.name for column in staging_tables()["price"].columns}
    fields = {field.name for field in dataclasses.fields(Price)}
    assert fields == columns - {"source", "document", "capture_id", "observed_at", "origin", "is_gone"}


def test_scrapers_and_reports_never_import_pipelines() -> None:
    for path in CODE:
        if path.relative_to(PROJECT_DIR).parts[0] == "pipelines":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "pipelines"], path


def test_only_the_machine_opens_duckdb() -> None:
    allowed = {"warehouse.py", "publish.py", "as_known.py", "trial.py", "listing.py", "parquet.py"}
    for path in CODE:
        if "duckdb.connect" in path.read_text():
            assert "lib" in path.parts and path.name in allowed, path


def test_no_table_asks_the_clock() -> None:
    clock = re.compile(r"\b(now|current_date|current_timestamp|today|get_current_timestamp|random)\b *\(?", re.I)
    for model in load_models():
        body = "\n".join(line.split("--")[0] for line in model.select.splitlines())
        assert not clock.search(body), model.table.full_name


def test_data_dictionary_is_fresh() -> None:
    assert PATH.read_text(encoding="utf-8") == dictionary(), "run `modelmarket dictionary --write`"


def test_files_stay_short() -> None:
    long = {path.name: count for path in CODE if (count := len(path.read_text().splitlines())) > 320}
    assert not long


def test_nothing_carries_a_path_of_a_machine() -> None:
    words = re.compile("/(" + "work|tmp|root|home" + ")/[a-z]")
    suffixes = {".py", ".sql", ".md", ".csv", ".toml", ".yaml", ".json", ".j2", ".css"}
    for path in PROJECT_DIR.rglob("*"):
        parts = set(path.relative_to(PROJECT_DIR).parts)
        if path.suffix not in suffixes or parts & {".venv", "data", "out", ".git"} or not path.is_file():
            continue
        assert not words.search(path.read_text(errors="replace")), path


def test_starter_captures_say_where_they_come_from() -> None:
    found = list((WAREHOUSE_DIR / "starter").glob("*/*/capture.json"))
    # genai-prices is a package of its own; the bodies of the others may not be given on, or mean nothing in part.
    without = {"genai_prices", "artificial_analysis", "livecodebench"}
    live = [source for source in load_sources().values() if source.fetch and source.name not in without]
    assert {path.parent.parent.name for path in found} == {source.name for source in live}
    for path in found:
        assert re.search(r'"from": ".{40,}"', path.read_text()), path


def test_no_table_averages_floating_point_without_rounding() -> None:
    bare = re.compile(r"(?<!round\()\bavg\(")
    for model in load_models():
        assert not bare.search(model.select), f"{model.table.full_name}: threads would give other last digits"
