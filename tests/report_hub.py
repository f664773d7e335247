"""Marts of a made-up record that holds crawls of the whole Hub, on top of `tests.report_data`; every figure made up.

Thirty-six days of crawls, 2026-10-17 to 2026-11-21: one not refreshed and caught up the day after, one with all counts
off, one on which downloads were taken back, and one without a capture.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import duckdb

from tests.report_data import Row, at, filled_marts, insert

LAST = dt.date(2026, 11, 21)
FIRST = dt.date(2026, 10, 17)
STALE, CAUGHT_UP = dt.date(2026, 11, 3), dt.date(2026, 11, 4)
OFF = dt.date(2026, 11, 10)
REVISED = dt.date(2026, 10, 28)
MISSED = dt.date(2026, 10, 24)
WHOLE = at(str(LAST))


def hub_marts() -> duckdb.DuckDBPyConnection:
    """The filled marts, and what crawls of the whole Hub add to them."""
    connection = filled_marts()
    for table, rows in (
        ("family_derivative_count", derivatives()),
        ("new_derivative_by_month", months()),
        ("licence_drift", licences()),
        ("lineage_event", lineage()),
        ("derivative_reconciliation", reconciled()),
        ("download_rollup", rollup()),
        ("counter_revision", revisions()),
        ("download_jump", jumps()),
        ("download_concentration", concentration()),
        ("download_mover", movers()),
        ("adoption_ram", adoption()),
    ):
        insert(connection, table, rows)
    return connection


def days() -> list[dt.date]:
    """The days of capture."""
    every = (FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days + 1))
    return [day for day in every if day != MISSED]


Count = tuple[str, str, int, int, int, int, int | None]
# family, name, and derivatives: edge direct, edge any depth, tag direct, tag any depth, name match
COUNTS: tuple[Count, ...] = (
    ("qwen", "Qwen", 113_000, 131_000, 121_000, 139_000, 203_000),
    ("llama", "Llama", 61_000, 70_000, 64_000, 74_000, 118_000),
    ("gemma", "Gemma", 16_000, 17_500, 16_400, 18_100, None),
    ("kimi", "Kimi", 0, 0, 0, 0, 12),
)


def derivatives() -> Iterator[Row]:
    """Four families; one without a word of its own, one without a derivative."""
    mix = {"finetune": 0.5, "adapter": 0.2, "quantized": 0.25, "merge": 0.06, "unknown": 0.0, "all": 1.0}
    for family, name, *counts in COUNTS:
        places = [("declared_edge", "direct"), ("declared_edge", "transitive"), ("tag", "direct"),
                  ("tag", "transitive"), ("name_match", "any")]  # fmt: skip
        asked = [(*place, count) for place, count in zip(places, counts, strict=True) if count is not None]
        for rule, depth, count in asked:
            for relation, share in mix.items():
                yield {
                    "family_id": family, "family_name": name, "rule": rule, "relation": relation, "depth": depth,
                    "derivatives_count": int(count * share), "own_count": None if rule == "name_match" else 40,
                    "whole_hub_at": WHOLE,
                }  # fmt: skip


def months() -> Iterator[Row]:
    """Qwen grows from 30 % to 60 % over thirteen months; Llama has none in one of them; the last is not over."""
    for n in range(13):
        year, month = divmod(2025 * 12 + 10 + n, 12)
        for family, name, count in (("qwen", "Qwen", 300 + 25 * n), ("llama", "Llama", 200 if n != 5 else 0)):
            if count:
                yield {
                    "family_id": family, "family_name": name, "rule": "declared_edge", "relation": "all",
                    "created_month": dt.date(year, month + 1, 1), "new_derivatives_count": count,
                    "all_families_count": 1000, "share_of_all_families": count / 1000,
                    "is_whole_hub_month": dt.date(year, month + 1, 1) >= FIRST,
                }  # fmt: skip


def licences() -> Iterator[Row]:
    """A third of Llama's told edges loosen its licence, none of Qwen's; most cannot be told."""
    for family, name in ((None, None), ("llama", "Llama"), ("qwen", "Qwen")):
        pairs = [("permissive", "permissive", "same", 60), ("permissive", "none", "unknown", 120)]
        if family != "qwen":
            pairs += [("restricted", "permissive", "loosened", 30), ("permissive", "copyleft", "tightened", 10)]
        for parent, child, verdict, edges in pairs:
            yield {
                "family_id": family, "family_name": name, "relation": "finetune", "parent_class": parent,
                "child_class": child, "verdict": verdict, "edges_count": edges,
                "same_licence_count": edges // 2 if verdict == "same" else 0,
            }  # fmt: skip


def lineage() -> Iterator[Row]:
    """Changes of the week, and one before it."""
    events = (("added", "edited", "2026-11-18"), ("removed", "gone", "2026-11-18"), ("added", "edited", "2026-11-02"))
    for number, (event, cause, day) in enumerate(events):
        yield {"child_key": number, "child_repo_id": "a/b", "parent_node": 9, "parent_repo_id": "c/d",
               "observed_at": at(day), "event": event, "cause": cause}  # fmt: skip


def reconciled() -> Iterator[Row]:
    """Three counts, one of them 4 short."""
    for relation, ours, theirs in (("finetune", 296, 300), ("adapter", 120, 120), ("merge", 0, 0)):
        yield {
            "repo_id": "Qwen/Qwen3-8B", "relation": relation, "observed_on": LAST, "crawled_at": WHOLE,
            "hub_count": theirs, "declared_count": ours, "difference": ours - theirs,
            "difference_pct": 100 * (ours - theirs) / theirs if theirs else None, "origin": "live",
            "capture_id": f"hub-{LAST}",
        }  # fmt: skip


GROUPS: dict[str, tuple[tuple[str, int, float], ...]] = {
    # value, repositories, share of 2 billion
    "all": (("all", 3_000_000, 1.0),),
    "region": (("china", 5_000, 0.41), ("us", 9_000, 0.34), ("unknown", 2_985_000, 0.22), ("eu", 1_000, 0.03)),
    "organisation": (
        ("alibaba", 900, 0.31), ("meta", 400, 0.16), ("google", 600, 0.12), ("unknown", 2_985_000, 0.22),
        ("deepseek", 90, 0.08), ("mistral", 70, 0.03), ("openai", 40, 0.08),
    ),
}  # fmt: skip


def rollup() -> Iterator[Row]:
    """Every day of capture, by three dimensions."""
    for number, day in enumerate(days()):
        for dimension, groups in GROUPS.items():
            for value, repositories, share in groups:
                level = 2_000_000_000 * (0.7 if day == OFF else 1 + number / 400)
                no_increment = day == STALE or number == 0
                yield {
                    "coverage": "whole_hub", "dimension": dimension, "value": value, "observed_on": day,
                    "repositories": repositories, "downloads_30d": int(level * share), "downloads_30d_share": share,
                    "downloads_increment": None if no_increment else int(60_000_000 * share),
                    "covers_days": None if no_increment else 2 if day == CAUGHT_UP else 1,
                    "is_stale": None if number == 0 else day == STALE, "origin": "live", "capture_id": f"hub-{day}",
                }  # fmt: skip


def revisions() -> Iterator[Row]:
    """One day on which the Hub took much back, one on which it took a little."""
    for day, removed, repositories in ((REVISED, 44_000_000, 40), (LAST, 120, 1)):
        yield {
            "repository_key": 1, "repo_id": "Qwen/Qwen2.5-7B", "observed_at": at(str(day)), "observed_on": day,
            "downloads_all_time_before": 90_000_000, "downloads_all_time": 90_000_000 - removed,
            "downloads_removed": removed, "removed_share": removed / 90_000_000,
            "repositories_revised": repositories, "downloads_removed_that_day": removed, "origin": "live",
            "capture_id": f"hub-{day}",
        }  # fmt: skip


def jumps() -> Iterator[Row]:
    """One repository whose level jumped."""
    yield {
        "kind": "single", "subject": "MiniMaxAI/MiniMax-M3", "repository_key": 2, "observed_at": at("2026-11-17"),
        "observed_on": "2026-11-17", "downloads_30d_before": 83_000, "downloads_30d": 1_600_000, "ratio": 19.2,
        "own_ratio": 1.1, "peers": "library", "peer_ratio": 1.01, "peer_repositories": 300, "is_echo": False,
        "is_catch_up": False, "origin": "live", "capture_id": "hub-2026-11-17",
    }  # fmt: skip


def concentration() -> Iterator[Row]:
    """Nine weeks; the ten largest lose share."""
    for week in range(9):
        day = LAST - dt.timedelta(weeks=8 - week)
        for level, holders in (("repository", 3_000_000), ("namespace", 900_000), ("region", 4)):
            yield {
                "level": level, "observed_at": at(str(day)), "observed_on": day, "is_newest": week == 8,
                "holders": holders, "zero_holders": holders // 2, "zero_share": 0.5, "downloads_30d": 2_000_000_000,
                "covered_share": 1.0, "hhi": 0.02 - week / 1000, "gini": 0.991, "top_1pct_share": 0.953,
                "top_10_share": 0.24 - week / 100, "top_100_share": 0.5, "origin": "live", "capture_id": f"hub-{day}",
            }  # fmt: skip


def movers() -> Iterator[Row]:
    """A launch, a plain rise and a fall of the week, and a rise of the week before; two families."""

    def row(kind: str, subject: str, change: int, rank: int, **more: Any) -> Row:
        now = 5_000_000
        usual = {
            "kind": kind, "subject": subject, "week_from": "2026-11-16", "downloads_30d_before": now - change,
            "downloads_30d": now, "change": change, "change_ratio": now / (now - change), "repositories": 1,
            "rank_rise": rank if change > 0 else None, "rank_fall": rank if change < 0 else None,
            "is_revised": False, "is_jump": False, "is_stale": False, "is_launch": False, "is_new": False,
            "is_renamed": False, "observed_on": LAST, "compared_with_on": "2026-11-15", "coverage": "whole_hub",
        }  # fmt: skip
        return usual | more

    yield row("repository", "Qwen/Qwen4-8B", 4_000_000, 1, is_launch=True, is_new=True)
    yield row("repository", "meta-llama/Llama-5-70B-Instruct-with-a-rather-long-name", 900_000, 2)
    yield row("repository", "google/gemma-3-4b-it", -700_000, 1, is_renamed=True)
    yield row("repository", "old/mover", 1, 1, week_from="2026-11-09")
    yield row("family", "qwen", 4_200_000, 1, repositories=90)
    yield row("family", "llama", -20_000, 1, repositories=40)


def adoption() -> Iterator[Row]:
    """One size class with a leader, one with too few models, one without a counter."""

    def row(name: str, size: str, billions: float, day: int, **more: Any) -> Row:
        usual = {
            "checkpoint_id": name, "repo_id": name, "family_id": "qwen", "region": "china", "size_bucket": size,
            "parameters_total_b": billions, "released_on": "2026-06-01", "release_source": "correction", "day": day,
            "models_compared": 12,
        }  # fmt: skip
        return usual | more

    known = {"observed_on": "2026-08-30", "capture_id": "hub-2026-08-30"}
    yield row("Qwen/Qwen4-8B", "7-9B", 8, 30, downloads_cumulative=900, top_10_median=700.0, tenth_largest=300,
              ram_v1=9.0, ram_v2=3.0, **known)  # fmt: skip
    yield row("Qwen/Qwen4-8B", "7-9B", 8, 90, downloads_cumulative=5_000, top_10_median=6_250.0, tenth_largest=2_000,
              ram_v1=0.8, ram_v2=2.5, **known)  # fmt: skip
    yield row("meta-llama/Llama-5-8B", "7-9B", 8, 90, downloads_cumulative=3_000, top_10_median=6_250.0,
              tenth_largest=2_000, ram_v1=0.48, ram_v2=1.5, **known)  # fmt: skip
    yield row("Qwen/Qwen4-235B", "100-250B", 235, 90, downloads_cumulative=10, models_compared=9, **known)
    yield row("moonshotai/Kimi-K4", "250B+", 1000, 90, models_compared=0)
