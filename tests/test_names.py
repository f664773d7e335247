"""Names and the models they mean: pairs checked by hand, names that moved, and how much of what is used resolves.

`name_pairs.csv` was written by hand from names in real bodies; a pair without a model must stay unmatched. What a rule
takes off a name is held here only through such pairs.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.lib import sql_model
from pipelines.lib.contract import parse_contract
from pipelines.lib.folder import DataFolder
from pipelines.lib.publish import open_published
from pipelines.lib.registry import find_source
from pipelines.lib.source import Document, Row
from pipelines.name_answer import known_names
from tests.small_sources import build_all, small_source, store
from warehouse import WAREHOUSE_DIR

PAIRS = Path(__file__).parent / "name_pairs.csv"
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
real_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real bodies are not beside the project")

Pair = dict[str, str]

# The model of a day; a name that never moved has no rows in core.moved_*.
_OF_PRICE = """
select if(moved.listing is null, listing.model_id, moved.model_id)
from core.listing as listing
left join core.moved_listing as moved
    on moved.source = listing.source and moved.provider = listing.provider and moved.listing = listing.listing
    and $on >= coalesce(moved.valid_from, '-infinity'::date) and $on < coalesce(moved.valid_before, 'infinity'::date)
where listing.source = $source and listing.provider = $provider and listing.listing = $name
"""
_OF_SCORE = """
select if(moved.scope is null, name.model_id, moved.model_id)
from core.score_name as name
left join core.moved_name as moved
    on moved.scope = name.matched_scope and moved.normalised_name = name.matched_name
    and $on >= coalesce(moved.valid_from, '-infinity'::date) and $on < coalesce(moved.valid_before, 'infinity'::date)
where name.source = $source and name.model_name = $name and name.effort is not distinct from $effort
"""


def pairs() -> list[Pair]:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def build(connection: duckdb.DuckDBPyConnection, *tables: str) -> None:
    """Build tables of names over the rows that stand in staging, and hold them to their contracts."""
    for table in tables:
        schema, name = table.split(".")
        path = WAREHOUSE_DIR / schema / f"{name}.sql"
        contract = parse_contract(path.read_text(encoding="utf-8"), schema, name)
        sql_model.build(connection, sql_model.SqlModel(contract, path), "", comments=False)


@pytest.fixture(scope="module")
def names() -> Iterator[duckdb.DuckDBPyConnection]:
    """core.listing and core.score_name of all pairs at once."""
    with known_names() as connection:
        for pair in pairs():
            if pair["used_in"] == "price":
                connection.execute(
                    "insert into staging.price by name select $source as source, $provider as provider, "
                    "$name as listing, timestamp '2026-01-01' as observed_at",
                    {key: pair[key] for key in ("source", "provider", "name")},
                )
            else:
                connection.execute(
                    "insert into staging.score by name select $source as source, $name as model_name, "
                    "nullif($effort, '') as effort",
                    {key: pair[key] for key in ("source", "name", "effort")},
                )
        build(connection, "core.listing", "core.moved_listing", "core.score_name")
        yield connection


def model_of(connection: duckdb.DuckDBPyConnection, pair: Pair) -> str | None:
    values: dict[str, Any] = {"source": pair["source"], "name": pair["name"], "on": pair["on"] or "2026-11-22"}
    if pair["used_in"] == "price":
        row = connection.execute(_OF_PRICE, values | {"provider": pair["provider"]}).fetchone()
    else:
        row = connection.execute(_OF_SCORE, values | {"effort": pair["effort"] or None}).fetchone()
    assert row, pair
    return None if row[0] is None else str(row[0])


def test_every_pair_is_as_a_human_reads_it(names: duckdb.DuckDBPyConnection) -> None:
    wrong = {
        (pair["source"], pair["name"], pair["on"]): (pair["model_id"] or None, found)
        for pair in pairs()
        if (found := model_of(names, pair)) != (pair["model_id"] or None)
    }
    assert wrong == {}


def test_pairs_are_many_and_hold_what_must_not_match() -> None:
    found = pairs()
    assert len(found) >= 400
    assert sum(not pair["model_id"] for pair in found) >= 100
    assert sum(bool(pair["on"]) for pair in found) >= 60


def test_rows_of_a_moved_name_cover_all_days_once(names: duckdb.DuckDBPyConnection) -> None:
    rows = names.execute(
        "select scope, normalised_name, valid_from, valid_before from core.moved_name order by valid_from nulls first"
    ).fetchall()
    spans = defaultdict(list)
    for scope, name, begins, ends in rows:
        spans[scope, name].append((begins, ends))
    assert len(spans) > 30
    for name, found in spans.items():
        assert found[0][0] is None and found[-1][1] is None, name
        assert [ends for _, ends in found[:-1]] == [begins for begins, _ in found[1:]], name
        assert len(found) > 1, f"{name} never moved: it needs no dates"


def test_a_name_moves_to_a_model_that_exists_by_then(names: duckdb.DuckDBPyConnection) -> None:
    """A week for vendors who serve a model before they announce it, or date its repository later."""
    early = names.execute("""
        select alias, model_id, valid_from, released_on
        from seeds.model_alias
        join seeds.model using (model_id)
        where valid_from < released_on - 7
    """).fetchall()
    assert early == []


def test_a_moved_name_means_now_what_its_last_row_says(names: duckdb.DuckDBPyConnection) -> None:
    meant = dict(
        names.execute(
            "select normalised_name, model_id from core.model_name where scope = 'seller:deepseek'"
        ).fetchall()
    )
    assert meant["deepseek-chat"] is None  # withdrawn in July 2026
    assert meant["deepseek-flash"] == "deepseek-v4.1-flash"


def test_prices_of_a_moved_name_are_of_the_model_of_their_time(folder: DataFolder) -> None:
    """One price that outlived its model is two periods; each model's price is asked for under its own name."""
    source = "litellm"
    offer = {"provider": "deepseek"}
    for day, amount in (("2025-08-01", "0.27"), ("2025-09-10", "0.27"), ("2025-12-15", "0.28")):
        book = {
            "deepseek/deepseek-chat": {"input": {"amount": amount} | offer},
            "deepseek/deepseek-v3.2": {"input": {"amount": "9"} | offer},
        }
        store(folder.archive, day, book, source=source)
    build_all(folder, small_source(source), only="price")
    with open_published(folder.path) as connection:
        periods = connection.execute("""
            select model_id, in_force_from::date::varchar, in_force_to::date::varchar, amount::double
            from core.price_period
            where listing = 'deepseek/deepseek-chat'
            order by in_force_from
        """).fetchall()
        changes = connection.execute("""
            select change, amount_before::double, amount_after::double
            from marts.price_change
            where listing = 'deepseek/deepseek-chat'
        """).fetchall()
        asked = {
            (name, day): connection.execute(
                "select listing, amount::double, model_id from core.price_at(?, ?)", [name, day]
            ).fetchall()
            for name, day in (
                ("DeepSeek-V3.1", "2025-09-10"),
                ("DeepSeek-V3.1", "2025-12-20"),
                ("deepseek-chat", "2025-12-20"),
            )
        }
    assert periods == [
        ("deepseek-v3-0324", "2025-08-01", "2025-08-21", 0.27),
        ("deepseek-v3.1", "2025-08-21", "2025-09-22", 0.27),
        ("deepseek-v3.1-terminus", "2025-09-22", "2025-09-29", 0.27),
        ("deepseek-v3.2-exp", "2025-09-29", "2025-12-01", 0.27),
        ("deepseek-v3.2", "2025-12-01", "2025-12-15", 0.27),
        ("deepseek-v3.2", "2025-12-15", None, 0.28),
    ]
    assert changes == [("raise", 0.27, 0.28)], "a name that moves at the same price is no change of price"
    assert asked == {
        ("DeepSeek-V3.1", "2025-09-10"): [("deepseek/deepseek-chat", 0.27, "deepseek-v3.1")],
        ("DeepSeek-V3.1", "2025-12-20"): [],
        ("deepseek-chat", "2025-12-20"): [("deepseek/deepseek-chat", 0.28, "deepseek-v3.2")],
    }


def test_a_name_weighs_by_how_many_sell_its_product(folder: DataFolder) -> None:
    """Three sellers of one model, two of a name nobody reviewed, one of another."""
    book = {
        "openai/gpt-5.2": {"input": [{"amount": "1", "provider": name} for name in ("openai", "azure", "groq")]},
        "mystery-1": {"input": [{"amount": "1", "provider": name} for name in ("azure", "groq")]},
        "mystery-2": {"input": {"amount": "1", "provider": "groq"}},
    }
    store(folder.archive, "2026-05-01", book, source="litellm")
    build_all(folder, small_source("litellm"), only="name_coverage")
    with open_published(folder.path) as connection:
        used = connection.execute(
            "select name, provider, product, model_id, rows, weight "
            "from marts.name_use where used_in = 'price' order by all"
        ).fetchall()
        shares = connection.execute(
            "select source, names, resolved_names, names_share_pct, weighted_share_pct, weight "
            "from marts.name_coverage where used_in = 'price' order by source nulls first"
        ).fetchall()
    assert used == [
        ("mystery-1", "azure", "mystery-1", None, 1, 1 / 2),
        ("mystery-1", "groq", "mystery-1", None, 1, 1 / 2),
        ("mystery-2", "groq", "mystery-2", None, 1, 1 / 3),
        *(("openai/gpt-5.2", name, "gpt-5.2", "gpt-5.2", 1, 1.0) for name in ("azure", "groq", "openai")),
    ]
    weighted = round(100 * 3 / (3 + 1 + 1 / 3), 6)
    assert shares == [(source, 6, 3, 50.0, weighted, round(4 + 1 / 3, 6)) for source in (None, "litellm")]


def test_only_names_in_wide_use_wait_for_a_review(folder: DataFolder) -> None:
    """Sixty names nobody reviewed, of one seller each; the last of them at three sources."""
    sources = [small_source(name) for name in ("litellm", "genai_prices", "models_dev")]
    store(folder.archive, "2026-05-01", {f"mystery-{n:02}": {"input": "1"} for n in range(60)}, source="litellm")
    for source in sources[1:]:
        store(folder.archive, "2026-05-01", {"mystery-59": {"input": "1"}}, source=source.name)
    build_all(folder, *sources, only="unmatched_name")
    with open_published(folder.path) as connection:
        waiting = connection.execute(
            "select name, sources_with_name from marts.unmatched_name order by rank"
        ).fetchall()
        in_use = connection.execute("select count(distinct name) from marts.name_use where model_id is null").fetchone()
    assert in_use == (60,) and waiting[:3] == [("mystery-59", 3)] * 3
    assert [name for name, _ in waiting[3:]] == [f"mystery-{n:02}" for n in range(49)]


@pytest.mark.real_data
@real_data
def test_tokens_sold_at_openrouter_are_almost_all_of_known_models() -> None:
    """Token share over 48 days of 2026; a slug is a listing's own id, or stands for one by the list of models."""
    market = DATA / "prices" / "openrouter-market"
    with known_names() as connection:
        connection.execute(f"""
            create table sold as
            select model_permaslug as slug, sum(total_prompt_tokens + total_completion_tokens) as tokens
            from read_csv('{market / "model_rankings.csv.gz"}')
            group by slug
        """)
        connection.execute(f"""
            insert into staging.price by name
            select distinct
                'openrouter_models' as source, sold.slug as provider, coalesce(listed.model_slug, sold.slug) as listing,
                timestamp '2026-08-08' as observed_at
            from sold
            left join read_csv('{market / "models"}/*.csv', all_varchar = true, union_by_name = true) as listed
                on listed.permaslug = sold.slug
        """)
        build(connection, "core.listing")
        share = connection.execute("""
            with known as (select provider as slug from core.listing where model_id is not null)
            select sum(tokens) filter (slug in (select slug from known)) / sum(tokens) from sold
        """).fetchone()
    assert share and share[0] >= 0.98


BOARDS = (
    ("aider", "aider/latest/polyglot_leaderboard.yml"),
    ("bfcl", "bfcl/latest/2026-04-12_data_overall.csv"),
    ("livebench", "livebench/latest/table_2026_01_08.csv"),
    ("lmarena", "lmarena/history_json/2026-04-19.json"),
    ("lmarena", "lmarena/latest/2025-08-06_lmarena_text.csv"),
    ("epoch_benchmarks", "epoch/hub_2026-04-16/gpqa_diamond.csv"),
    ("epoch_benchmarks", "epoch/hub_2026-04-16/epoch_capabilities_index.csv"),
    ("livecodebench", "livecodebench/2025-04-22_performances_generation.json.gz"),
)


def ranking(source_name: str, path: Path) -> list[tuple[str, str | None]]:
    """Names and efforts of a board, best first."""
    source = find_source(source_name)
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    label = source.label_of(path.name.removesuffix(".gz"), body)
    document = Document(label, "", body, datetime(2026, 7, 1, tzinfo=UTC))
    best: dict[tuple[str, str | None], float] = {}
    for item in source.parse(document):
        if isinstance(item, Row) and item.table == "score" and item.values.get("category") is None:
            key = (str(item.values["model_name"]), item.values.get("effort"))
            best[key] = max(best.get(key, float("-inf")), float(item.values["score"]))
    return sorted(best, key=lambda key: (-best[key], key[0]))


@pytest.mark.real_data
@real_data
def test_the_upper_parts_of_leaderboards_are_known() -> None:
    """Each name weighs 1/rank on its board."""
    shares = {}
    with known_names() as connection:
        boards = {(source, path): ranking(source, DATA / "leaderboards" / path) for source, path in BOARDS}
        for (source, _), ranked in boards.items():
            connection.executemany(
                "insert into staging.score select ?, ?, ?", [(source, name, effort) for name, effort in ranked]
            )
        build(connection, "core.score_name")
        known = set(
            connection.execute(
                "select source, model_name, effort from core.score_name where matched_by is not null"
            ).fetchall()
        )
        for board, ranked in boards.items():
            weights = {key: 1 / rank for rank, key in enumerate(ranked, 1)}
            found = sum(weight for key, weight in weights.items() if (board[0], *key) in known)
            shares[board[1]] = found / sum(weights.values())
    assert {board: round(share, 3) for board, share in shares.items() if share < 0.93} == {}
    assert sum(shares.values()) / len(shares) >= 0.95
