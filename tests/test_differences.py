"""Tables of differences: what a document said at each capture can be told from them, in whatever order they came."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from pipelines.lib import loading, parser_version
from pipelines.lib.archive import StarterArchive
from pipelines.lib.folder import DataFolder
from tests.small_sources import small_source, store

Body = dict[str, dict[str, str]]

STATE = """
    select listing, component, amount::varchar
    from staging.price
    where observed_at <= ?::timestamp and document = 'main'
    qualify row_number() over (partition by listing, component order by observed_at desc, capture_id desc) = 1
        and not is_gone
    order by all
"""


def history(seed: int, days: int) -> dict[str, Body]:
    """Bodies of some days, each a few changes away from the one before; now and then none."""
    rng = random.Random(seed)
    body: Body = {f"m{number}": {"input": "1"} for number in range(6)}
    made: dict[str, Body] = {}
    for day in range(1, days + 1):
        for _ in range(rng.choice([0, 0, 1, 2])):
            name = f"m{rng.randrange(8)}"
            if name in body and rng.random() < 0.5 and len(body) > 1:
                body = {key: value for key, value in body.items() if key != name}
            else:
                body = {**body, name: {"input": str(rng.randrange(1, 4))}}
        made[f"2026-05-{day:02}"] = body
    return made


def load(folder: DataFolder) -> None:
    with folder.warehouse.write() as connection:
        loading.load(connection, small_source(), folder.archive, StarterArchive(folder.path / "no starter"))


def ask(folder: DataFolder, query: str, *values: Any) -> list[Any]:
    with folder.warehouse.write() as connection:
        return connection.execute(query, list(values)).fetchall()


def rows_of(bodies: dict[str, Body]) -> int:
    """How many rows the differences of these bodies make."""
    count, before = 0, {}
    for day in sorted(bodies):
        now = {name: prices["input"] for name, prices in bodies[day].items()}
        count += len({name for name in now if now[name] != before.get(name)}) + len(before.keys() - now.keys())
        before = now
    return count


@pytest.mark.parametrize("seed", range(4))
def test_every_state_can_be_told_whatever_the_order(tmp_path: Path, seed: int) -> None:
    bodies = history(seed, 9)
    days = list(bodies)
    random.Random(seed).shuffle(days)
    folder = DataFolder(root=str(tmp_path))
    for batch in (days[:2], days[2:5], days[5:6], days[6:]):
        for day in batch:
            store(folder.archive, day, bodies[day])
        load(folder)
    for day, body in bodies.items():
        said = [(name, "input", f"{float(prices['input']):.12f}") for name, prices in sorted(body.items())]
        assert ask(folder, STATE, day) == said, day
    assert ask(folder, "select count(*) from staging.price") == [(rows_of(bodies),)]


def test_a_day_without_a_change_adds_no_row(folder: DataFolder) -> None:
    for day in ("2026-05-01", "2026-05-02", "2026-05-03"):
        store(folder.archive, day, {"a": {"input": "1", "output": "2"}, "b": {"input": None}})
        load(folder)
    assert ask(folder, "select count(*), count(distinct capture_id) from staging.price") == [(3, 1)]
    assert ask(folder, "select sum(rows) from staging.document") == [(9,)]


def test_documents_of_one_capture_do_not_meet(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {"a": {"input": "1"}}, label="usd")
    store(folder.archive, "2026-05-02", {"b": {"input": "7"}}, label="cny")
    load(folder)
    assert ask(folder, "select document, listing, is_gone from staging.price order by 1") == [
        ("cny", "b", False),
        ("usd", "a", False),
    ]


def test_a_new_parser_reads_all_anew(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, body in history(7, 5).items():
        store(folder.archive, day, body)
    load(folder)
    before = ask(folder, "select * from staging.price order by all")
    monkeypatch.setattr(loading, "parser_version", lambda source: parser_version.parser_version(source) + "x")
    load(folder)
    assert ask(folder, "select * from staging.price order by all") == before
    assert ask(folder, "select count(*) from staging.document where parser_version like '%x'") == [(5,)]


def test_a_price_that_only_became_unreadable_is_gone_and_comes_back(folder: DataFolder) -> None:
    store(folder.archive, "2026-05-01", {"a": {"input": "1"}, "b": {"input": "2"}})
    store(folder.archive, "2026-05-02", {"a": {"input": "no price"}, "b": {"input": "2"}})
    store(folder.archive, "2026-05-03", {"a": {"input": "1"}, "b": {"input": "2"}})
    load(folder)
    log = ask(folder, "select observed_at::date::varchar, is_gone from staging.price where listing = 'a' order by all")
    assert log == [("2026-05-01", False), ("2026-05-02", True), ("2026-05-03", False)]
    assert ask(folder, "select count(*) from staging.rejected") == [(1,)]
