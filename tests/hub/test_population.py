"""The drawn population: the same for the same seed, and like the real rows it was measured on."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from tests.hub import lineage
from tests.hub.catalog import Query
from tests.hub.columns import CARD_HAS_MORE, CARD_ONLY, PLAIN, Columns
from tests.hub.families import roots, weights_at
from tests.hub.population import Setting, generate
from tests.hub.vocabulary import ADAPTER, FINETUNE, HEADS, MERGE, NONE, QUANTIZED
from tests.hub.world import World

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "hub"
HUB_STATS = REAL / "evaleval-eval-card-registry" / "hub_stats_frozen.parquet"
DUMP_2022 = REAL / "saranscript-huggingface-models-2022-02" / "models_full_hub_2022-02-21.parquet"
real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the folder of real data is absent")


@pytest.fixture(scope="module")
def world() -> World:
    """Large enough for shares to be stable."""
    return World(models=60_000, seed=11)


@pytest.fixture(scope="module")
def columns(world: World) -> Columns:
    """The columns of the world."""
    return world.columns


def checksum(columns: Columns) -> str:
    """Of every array and every merge."""
    arrays = [getattr(columns, item.name) for item in fields(columns) if item.name != "merges"]
    digest = hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays))
    digest.update(repr(sorted(columns.merges.items())).encode())
    return digest.hexdigest()


def stated(columns: Columns) -> Any:
    """Rows whose tags name a parent."""
    return np.logical_and(columns.relation != NONE, columns.lineage != CARD_ONLY)


def top_share(downloads: np.ndarray, part: float) -> float:
    """Share of all downloads that the largest part of the models holds."""
    ordered = np.sort(downloads)[::-1]
    return float(ordered[: int(len(ordered) * part)].sum() / ordered.sum())


def test_the_seed_decides_everything() -> None:
    first, again, other = (World(models=800, seed=seed) for seed in (1, 1, 2))
    for world in (first, again, other):
        for _ in range(3):
            world.next_day()
    assert checksum(first.columns) == checksum(again.columns) != checksum(other.columns)
    query = Query(sort="downloads")
    assert first.listing(query, None, 500, ["tags"]) == again.listing(query, None, 500, ["tags"])


@pytest.mark.parametrize("models", [1, 2, 7, 40, 333])
def test_any_size_works(models: int) -> None:
    world = World(models=models)
    for _ in range(4):
        world.next_day()
    assert len(world.columns) >= models + 4
    assert len(world.listing(Query(), None, 1000, []).rows) == world.visible.sum()


def test_ids_are_unique_and_begin_with_the_time_of_creation(world: World) -> None:
    rows = np.arange(len(world.columns))
    hub_ids, names = world.renderer.hub_ids(rows), world.naming.ids(rows)
    assert len(set(hub_ids)) == len(set(names)) == len(rows)
    assert [int(hub_id[:8], 16) for hub_id in hub_ids] == world.columns.created.tolist()
    assert [world.naming.find(name) for name in names[::37]] == rows[::37].tolist()
    old = world.columns.created <= 0x621FFDC1
    assert {hub_id[:18] for hub_id, is_old in zip(hub_ids, old, strict=True) if is_old} == {
        "621ffdc036468d709f",
        "621ffdc136468d709f",
    }


def test_the_hub_grows_as_it_did() -> None:
    whole = generate(Setting(models=30_000))
    for day, count in (("2022-03-04", 30_400), ("2023-01-01", 120_000), ("2024-09-01", 900_000), ("2025-10-01", 2e6)):
        share = (whole.created < np.datetime64(day).astype("datetime64[s]").astype(np.int64)).mean()
        assert share == pytest.approx(count / 3.06e6, rel=0.08)
    assert Setting(models=3_060_000).new_a_day == pytest.approx(3_600, rel=0.01)
    assert len(generate(Setting(models=500, start=date(2023, 6, 1)))) == 500


def test_edges_are_divided_as_on_the_whole_hub(columns: Columns) -> None:
    assert stated(columns).mean() == pytest.approx(0.31, abs=0.01)
    edges = np.bincount(columns.relation[stated(columns)], minlength=5).astype(float)
    edges[MERGE] = sum(map(len, columns.merges.values()))
    shares = edges / edges.sum()
    for relation, share in ((ADAPTER, 0.421), (FINETUNE, 0.330), (QUANTIZED, 0.178), (MERGE, 0.071)):
        assert shares[relation] == pytest.approx(share, abs=0.015)
    has_children = np.zeros(len(columns), dtype=bool)
    children = np.flatnonzero(stated(columns)).tolist()
    has_children[[parent for row in children for parent in lineage.parents(columns, row)]] = True
    for relation, share, tolerance in ((FINETUNE, 0.079, 0.03), (QUANTIZED, 0.010, 0.006), (ADAPTER, 0.002, 0.003)):
        assert has_children[columns.relation == relation].mean() == pytest.approx(share, abs=tolerance)


def test_lineage_is_imperfect_in_every_known_way(world: World, columns: Columns) -> None:
    children = np.flatnonzero(columns.relation != NONE)
    assert (columns.lineage[children] == CARD_ONLY).mean() == pytest.approx(0.026, abs=0.005)
    assert (columns.lineage[children] == CARD_HAS_MORE).mean() == pytest.approx(0.015, abs=0.005)
    assert (columns.lineage[children] == PLAIN).mean() == pytest.approx(0.006, abs=0.003)
    assert (columns.parent[children] == children).sum() > 5
    assert columns.gone[columns.parent[children]].sum() > 5
    assert max(map(len, columns.merges.values())) == 47 and min(map(len, columns.merges.values())) == 2
    ring = [row for row in children.tolist() if columns.parent[columns.parent[columns.parent[row]]] == row]
    assert len([row for row in ring if columns.parent[row] != row]) == 3
    by_tags: dict[str, int] = {}
    for how in (CARD_ONLY, PLAIN, CARD_HAS_MORE):
        row = int(children[columns.lineage[children] == how][0])
        (text,) = world.renderer.texts(np.array([row]), ["tags", "cardData", "baseModels"])
        by_tags[text] = how
        name = world.naming.ids(columns.parent[row : row + 1])[0]
        assert (f'"base_model:{name}"' in text) == (how != CARD_ONLY)
        assert ('"baseModels"' in text) == (how == CARD_HAS_MORE)
        assert (name.lower() in text) or how != CARD_ONLY
    assert len(by_tags) == 3


def test_parents_are_older_but_for_cycles_and_late_merges(columns: Columns) -> None:
    children = np.flatnonzero(stated(columns))
    younger = (columns.parent[children] > children).sum()
    assert younger / len(children) < 0.01


def test_families_follow_their_time(columns: Columns) -> None:
    named = roots()
    for month, family, share in (("2024-01", "qwen", 0.01), ("2026-02", "qwen", 0.69), ("2025-08", "llama", 0.15)):
        weights = weights_at(named, date.fromisoformat(f"{month}-01"))
        language = np.array([root.family not in ("bert", "diffusion", "speech") for root in named])
        own = np.array([root.family == family for root in named])
        assert weights[own].sum() / weights[language].sum() == pytest.approx(share, abs=0.02)
    assert weights_at(named, date(2024, 1, 1))[[root.name for root in named].index("Qwen3-8B")] == 0


def test_downloads_are_as_skewed_as_published(columns: Columns) -> None:
    assert 0.95 <= top_share(columns.downloads, 0.01) <= 0.99
    assert 0.30 <= (columns.downloads == 0).mean() <= 0.70
    assert (columns.likes == 0).mean() == pytest.approx(0.9, abs=0.03)
    assert (columns.downloads_all >= columns.downloads).all()
    authors = np.sort(np.unique(columns.author, return_counts=True)[1])
    assert authors.mean() == pytest.approx(3.6, abs=1.5)
    assert np.median(authors) <= 2


# ---- against the real rows, read in place


def measured(query: str, **values: Any) -> list[Any]:
    """First row of a query over the real files."""
    with duckdb.connect() as connection:
        return list(connection.execute(query.format(stats=HUB_STATS, dump=DUMP_2022), values or None).fetchone() or [])


@real_data
@pytest.mark.real_data
def test_the_skew_lies_between_2022_and_2024(columns: Columns) -> None:
    zeros, top, spread = measured(
        "with d as (select downloads as n, row_number() over (order by downloads desc) as place, "
        "count(*) over () as all_ from '{dump}') "
        "select avg((n = 0)::int), sum(n) filter (place <= all_ * 0.01) / sum(n), "
        "stddev(ln(n)) filter (n > 0) from d"
    )
    assert (round(zeros, 3), round(top, 3)) == (0.307, 0.953)
    assert zeros <= (columns.downloads == 0).mean() <= 0.70
    assert top <= top_share(columns.downloads, 0.01) <= 0.99
    positive = columns.downloads[columns.downloads > 0]
    assert np.log(positive).std() == pytest.approx(spread, abs=0.5)


@real_data
@pytest.mark.real_data
def test_authors_have_as_many_repositories_as_in_2022(columns: Columns) -> None:
    half, most, nearly_all, mean = measured(
        "with a as (select count(*) as n from '{dump}' group by split_part(id, '/', 1)) "
        "select quantile_disc(n, 0.5), quantile_disc(n, 0.9), quantile_disc(n, 0.99), avg(n) from a"
    )
    own = np.unique(columns.author, return_counts=True)[1]
    assert np.quantile(own, 0.5) == pytest.approx(half, abs=1)
    assert np.quantile(own, 0.9) == pytest.approx(most, rel=0.6)
    assert np.quantile(own, 0.99) == pytest.approx(nearly_all, rel=0.6)
    assert own.mean() == pytest.approx(mean, rel=0.35)


@real_data
@pytest.mark.real_data
def test_merges_have_as_many_parents_as_the_real_ones(columns: Columns) -> None:
    two, three, mean, most = measured(
        "with m as (select len(baseModels.models) as n from '{stats}' where baseModels.relation = 'merge' "
        "and len(baseModels.models) > 1) "
        "select avg((n = 2)::int), avg((n = 3)::int), avg(n), max(n) from m"
    )
    own = np.array([len(parents) for parents in columns.merges.values()])
    assert (own == 2).mean() == pytest.approx(two, abs=0.08)
    assert (own == 3).mean() == pytest.approx(three, abs=0.06)
    assert own.mean() == pytest.approx(mean, rel=0.15)
    assert own.max() == most == 47


@real_data
@pytest.mark.real_data
def test_tags_and_likes_are_between_the_whole_hub_of_2022_and_the_popular_rows_of_2026(world: World) -> None:
    (few,) = measured("select avg(len(tags)) from '{dump}'")
    (many,) = measured(
        "select avg(len(list_filter(tags, lambda tag: not starts_with(tag, 'base_model')))) from '{stats}'"
    )
    (unliked,) = measured("select avg((likes = 0)::int) from '{dump}'")
    rows = np.arange(0, len(world.columns), 7)
    own = [text.count('","') + 1 - text.count('"base_model:') for text in world.renderer.texts(rows, ["tags"])]
    assert few < np.mean(own) < many
    assert (world.columns.likes == 0).mean() == pytest.approx(unliked, abs=0.04)


@real_data
@pytest.mark.real_data
def test_libraries_and_tasks_of_rows_without_a_parent_are_those_of_2022(world: World) -> None:
    """Within 12 points: four years lie between, and conversational and translation are no longer what they were."""
    bare, transformers = measured(
        "select avg((library_name is null and pipeline_tag is null)::int), "
        "avg((coalesce(library_name, '') = 'transformers')::int) from '{dump}'"
    )
    heads = [HEADS[head] for head in world.columns.head[world.columns.relation == NONE].tolist()]
    assert np.mean([head.library is None and head.task is None for head in heads]) == pytest.approx(bare, abs=0.12)
    assert np.mean([head.library == "transformers" for head in heads]) == pytest.approx(transformers, abs=0.12)
