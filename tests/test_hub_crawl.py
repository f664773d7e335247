"""`core.hub_crawl` and `core.presence_change`: which captures of the Hub were refreshed, and who came and went."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import pairwise

import pytest

from tests.download_tables import (
    DAILY,
    REAL,
    TRENDING_LIST,
    build,
    built,
    day,
    listed,
    real_captures,
    simulated,
    warehouse,
)
from tests.hub_history import Observation, history_of

REPOSITORIES = 30
STATE = """
    select strftime(observed_at, '%d %H'), repositories_compared, unchanged_share, is_stale, is_partial, is_catch_up
    from core.hub_crawl order by observed_at
"""


def counts(counters: list[int], at: datetime, *, is_full: bool = True) -> Observation:
    """A capture of repositories with these 30-day counts."""
    return Observation(at, tuple(listed(f"a/m{i}", value) for i, value in enumerate(counters)), is_full=is_full)


@pytest.mark.parametrize("is_full", [True, False])
def test_stale_partial_and_catch_up(is_full: bool) -> None:
    first = [2000 + number for number in range(REPOSITORIES)] + [10] * 5
    second = [value + 7 for value in first]
    partly = [value + 3 * (number % 5 == 0) for number, value in enumerate(second)]
    third = [value + 9 for value in second]
    days = [first, second, second, partly, third, [value + 1 for value in third]]
    captures = [counts(counters, day(number + 1), is_full=is_full) for number, counters in enumerate(days)]
    with built(captures, "core.hub_crawl") as connection:
        assert connection.execute(STATE).fetchall() == [
            ("01 14", None, None, None, None, False),
            ("02 14", 30, 0.0, False, False, False),
            ("03 14", 30, 1.0, True, False, False),
            ("04 14", 30, 0.8, False, True, False),
            ("05 14", 30, 0.0, False, False, True),
            ("06 14", 30, 0.0, False, False, False),
        ]


def test_too_few_repositories_say_nothing() -> None:
    captures = [counts([2000] * 19 + [999] * 50, day(number)) for number in (1, 2)]
    with built(captures, "core.hub_crawl") as connection:
        assert connection.execute(STATE).fetchall()[1] == ("02 14", 19, None, None, None, False)


def test_captures_within_one_refresh_are_not_stale() -> None:
    """Counts change once a day between 04 and 13 UTC: nothing moves in an evening, or from a morning to the next."""
    old, new = [2000] * REPOSITORIES, [2100] * REPOSITORIES
    moments = [(old, day(1, 3)), (new, day(1, 9)), (new, day(1, 20)), (new, day(2, 8)), (new, day(2, 14))]
    with built([counts(value, at) for value, at in moments], "core.hub_crawl") as connection:
        told = {at: (stale, n) for at, n, _, stale, *_ in connection.execute(STATE).fetchall()}
    # At 14 hours of the second day a whole refresh window has passed since the evening before: now it is stale.
    assert told == {
        "01 03": (None, None),
        "01 09": (None, None),
        "01 20": (False, REPOSITORIES),
        "02 08": (False, REPOSITORIES),
        "02 14": (True, REPOSITORIES),
    }


def test_what_came_and_went() -> None:
    a, b, c, d = (listed(f"x/{name}", 5000, 9000) for name in "abcd")
    renamed = b | {"repo_id": "y/b2"}
    captures = [
        Observation(day(1), (a, b, c)),
        Observation(day(2), (a, renamed, d)),
        Observation(day(3), (a, renamed, d, c | {"downloads_30d": 6000})),
    ]
    with built(captures, "core.hub_crawl", "core.presence_change") as connection:
        columns = "repositories, repositories_change, appeared, gone, returned, renamed, repositories_compared"
        found = connection.execute(f"select {columns} from core.hub_crawl order by observed_at").fetchall()
        assert found == [(3, None, None, None, None, None, None), (3, 0, 1, 1, 0, 1, 2), (4, 1, 0, 0, 1, 0, 3)]
        left = connection.execute(
            "select observed_at, is_listed, downloads_30d, downloads_all_time from core.presence_change"
        )
        assert left.fetchall() == [(day(2), False, 5000, 9000), (day(3), True, 5000, 9000)]


def test_a_refused_crawl_is_compared_with_no_whole_one() -> None:
    captures = [counts([2000 + number] * REPOSITORIES, day(number), is_full=number != 2) for number in (1, 2, 3)]
    with warehouse(history_of(captures)) as connection:
        connection.execute("update staging.hub_crawl set gate = 'the last page is missing' where not is_full")
        build(connection, "core.hub_crawl")
        found = connection.execute("select coverage, compared_with_at from core.hub_crawl order by observed_at")
        assert found.fetchall() == [("whole_hub", None), ("part", None), ("whole_hub", day(1))]


def test_the_simulated_hub() -> None:
    world, captures, history = simulated()
    with warehouse(history) as connection:
        build(connection, "core.hub_crawl")
        for kind in ("stale", "partial"):
            query = f"select observed_on from core.hub_crawl where is_{kind} order by observed_on"
            found = [row[0] for row in connection.execute(query).fetchall()]
            assert found == [item.day for item in world.happenings if item.kind == kind]
            assert found
        query = "select observed_on - date '2026-09-01' from core.hub_crawl where is_catch_up order by observed_on"
        assert [row[0] for row in connection.execute(query).fetchall()] == [7, 10]
        told = connection.execute(
            "select appeared, gone + 0, returned, renamed, repositories_change from core.hub_crawl order by observed_at"
        ).fetchall()
    ever: set[str] = set()
    for (before, after), row in zip(pairwise(captures), told[1:], strict=True):
        was, now = ({item["hub_id"]: item["repo_id"] for item in capture.rows} for capture in (before, after))
        ever |= was.keys()
        seen = Counter(
            appeared=len(now.keys() - ever),
            gone=len(was.keys() - now.keys()),
            returned=len((now.keys() - was.keys()) & ever),
            renamed=sum(was[key] != now[key] for key in was.keys() & now.keys()),
        )
        expected = (seen["appeared"], seen["gone"], seen["returned"], seen["renamed"], len(now) - len(was))
        assert row == expected, after.observed_at
    assert sum(row[1] for row in told[1:]) > 0 and sum(row[3] for row in told[1:]) > 0


@pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are absent")
def test_stale_days_of_a_real_daily_series() -> None:
    captures = real_captures(DAILY, start="2025-06-15", end="2025-08-25")
    with built(captures, "core.hub_crawl") as connection:
        days = {
            kind: [
                row[0]
                for row in connection.execute(
                    f"select strftime(observed_on, '%m-%d') from core.hub_crawl where is_{kind} order by observed_on"
                ).fetchall()
            ]
            for kind in ("stale", "partial", "catch_up")
        }
    assert days["stale"] == ["06-25", "06-26", "06-27", "06-29", "06-30", "08-13", "08-16", "08-17"]
    assert days["partial"] == ["06-17", "06-20", "06-24", "07-16", "08-20"]
    assert days["catch_up"] == ["06-18", "06-21", "06-28", "07-01", "07-17", "08-14", "08-18", "08-21"]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are absent")
def test_no_day_is_stale_in_a_real_series_with_several_captures_a_day() -> None:
    """31 lists of 7 days: two in three show no change at all, and yet every day was refreshed."""
    captures = real_captures(TRENDING_LIST)
    with built(captures, "core.hub_crawl") as connection:
        found = connection.execute(
            "select count(*), count(is_stale), count_if(is_stale or is_partial) from core.hub_crawl"
        ).fetchall()
        assert found == [(31, 27, 0)]
