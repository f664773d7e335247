"""A warehouse of marts for the report's tests: made by hand, small, every figure in it made up.

The tables come from the headers of `warehouse/marts/*.sql`, so a changed contract changes these tests.
`python -m tests.report_data FOLDER [--empty | --hostile] [--whole-hub]` writes the report of it, to be looked at or
checked in a browser.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from tests.report_prices import at, insert_prices

MARTS = Path(__file__).resolve().parents[1] / "warehouse" / "marts"
WEEK = "2026-W47"
COLUMN = re.compile(r"^-- column: (\w+) ([A-Z]\w*(?:\([\d, ]+\))?(?:\[\])?)( null)?", re.MULTILINE)
HOSTILE = "<script>alert(1)</script>"
# Text columns whose words the contract or the report's own logic fixes; every other text may be anything.
FIXED = {"change", "state", "used_in", "origin", "score_origin", "price_origin", "currency", "benchmark"}
FIXED |= {"service_tier", "price_kind", "source_kind", "published_precision", "rule", "relation", "depth", "verdict"}
FIXED |= {"moment_kind", "parameter_basis", "adoption_measure", "size_class", "quality_measure"}
FIXED |= {"scope", "scope_id", "censored", "left_out_kind"}
FIXED |= {
    "variant",
    "comparison",
    "direction",
    "scale",
    "mode",
    "origin_a",
    "origin_b",
    "coverage",
    "dimension",
    "level",
    "event",
    "cause",
}
FIXED |= {"component", "account", "basis", "reason", "lifted_by", "stated_origin", "own_origin"}
# The kinds of these are fixed, those of the sources are not.
FIXED_KINDS = {"download_jump", "download_mover", "price_upstream_event", "price_restatement", "score_event"}
FIXED_KINDS |= {"leaderboard_disagreement"}

Row = Mapping[str, Any]


def empty_marts() -> duckdb.DuckDBPyConnection:
    """A database with every mart as its contract declares it, without rows."""
    connection = duckdb.connect()
    for schema in ("marts", "core", "seeds", "staging"):
        connection.execute(f"create schema {schema}")
    for path in sorted(MARTS.glob("*.sql")):
        columns = COLUMN.findall(path.read_text(encoding="utf-8"))
        declared = ", ".join(f'"{name}" {kind}{"" if null else " not null"}' for name, kind, null in columns)
        connection.execute(f"create table marts.{path.stem} ({declared})")
    return connection


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Row]) -> None:
    """Add rows; a column left out is null."""
    for row in rows:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _ in row)
        connection.execute(f"insert into marts.{table} ({names}) values ({marks})", list(row.values()))


def filled_marts() -> duckdb.DuckDBPyConnection:
    """The marts of a made-up week 2026-W47."""
    connection = empty_marts()
    insert(connection, "source_health", health())
    insert(connection, "derivatives_by_family", derivatives())
    insert(connection, "downloads_by_family", downloads())
    insert(connection, "price_current", [current_price()])
    insert(connection, "price_change", changes())
    insert(connection, "offer_price", offers())
    insert(connection, "price_vs_score", scores())
    insert(connection, "story", stories())
    insert(connection, "unmatched_name", unmatched())
    insert_prices(connection)
    return connection


def poisoned_marts(
    prefix: str, url: str = "javascript:alert(1)", marts: duckdb.DuckDBPyConnection | None = None
) -> duckdb.DuckDBPyConnection:
    """The marts, the filled ones unless given, with `prefix` before every free text, and `url` as every address."""
    connection = marts or filled_marts()
    columns = connection.execute(
        "select table_name, column_name, data_type from information_schema.columns where table_schema = 'marts'"
    ).fetchall()
    for table, name, kind in columns:
        if name in ("url", "homepage"):
            connection.execute(f'update marts.{table} set "{name}" = ?', [url])
        elif kind == "VARCHAR" and name not in FIXED and not (name == "kind" and table in FIXED_KINDS):
            connection.execute(f'update marts.{table} set "{name}" = ? || "{name}"', [prefix])
        elif kind == "VARCHAR[]" and name != "origins":
            connection.execute(f'update marts.{table} set "{name}" = [? || item for item in "{name}"]', [prefix])
    return connection


def health() -> list[Row]:
    """Sources in every state and of every origin."""

    def row(source: str, title: str, kind: str, captured: dt.datetime | None, **more: Any) -> Row:
        usual = {
            "source": source,
            "title": title,
            "kind": kind,
            "homepage": f"https://{source}.example/",
            "licence": "CC-BY-4.0",
            "document": "main",
            "state": "good",
            "problem": None,
            "origin": "live",
            "origin_note": None,
            "captured_at": captured,
            "url": f"https://{source}.example/data.json",
            "sha256": "0" * 64,
            "rows": 120,
            "rejected": 0,
            "captures": 9,
            "stale_after_hours": 48.0,
        }
        return usual | more

    note = "Compiled by hand from the public price page of 2026-08-08."
    never = {"document": None, "state": "never", "origin": None, "url": None, "sha256": None, "rows": 0, "captures": 0}
    return [
        row("hub", "Hugging Face Hub", "registry", at("2026-11-21"), rows=4210, rejected=3),
        row("acme_prices", "Acme API prices", "official", at("2026-11-21"), document="international", rows=31),
        row("acme_prices", "Acme API prices", "official", at("2026-11-20"), document="china", rows=28),
        row("catalogue", "Open price catalogue", "aggregator", at("2026-11-14"), state="bad",
            problem="expected JSON, got a page that begins “<!doctype html><title>Just a moment…”"),
        row("board", "GPQA board", "leaderboard", at("2026-08-08"), origin="starter", origin_note=note, rows=24),
        row("atom", "Policy dataset", "reference", at("2026-10-30"), origin="imported",
            origin_note="File given by a user, from the dataset's release of 2026-10-30."),
        row("feeds", "Model news feeds", "news", at("2026-11-21", "06:00"), rows=88),
        row("market", "Token market", "reseller", None, **never, licence="Terms of use, data for reference"),
    ]  # fmt: skip


FAMILIES = (
    ("qwen", "Qwen", "Alibaba", "china", 24, (52_310, 61_400, 118_220, 4_130), 214_000_000),
    ("llama", "Llama", "Meta", "us", 18, (33_800, 28_950, 44_100, 3_880), 98_400_000),
    ("deepseek", "DeepSeek", "DeepSeek", "china", 9, (4_900, 1_780, 12_040, 410), 41_700_000),
    ("gpt-oss", "gpt-oss", "OpenAI", "us", 2, (1_440, 2_870, 3_020, 55), 22_600_000),
    ("gemma", "Gemma", "Google", "us", 14, (9_100, 12_600, 15_330, 870), 35_900_000),
    ("mistral", "Mistral", "Mistral AI", "eu", 16, (14_200, 9_980, 19_400, 5_210), 12_100_000),
    ("kimi", "Kimi", "Moonshot AI", "china", 3, (120, 40, 890, 4), None),
)


def derivatives() -> list[Row]:
    """Four observations per family, the first from a starter capture."""
    days = ("2026-08-08", "2026-10-10", "2026-11-14", "2026-11-21")
    rows = []
    for number, (family, name, organisation, region, repositories, counts, _) in enumerate(FAMILIES):
        for index, day in enumerate(days):
            share = (0.82 + 0.01 * number, 0.93, 0.99, 1.0)[index]
            parts = [int(count * share) for count in counts]
            before = [int(count * (0.82 + 0.01 * number, 0.93, 0.99, 1.0)[index - 1]) for count in counts]
            rows.append(
                {
                    "family_id": family,
                    "family_name": name,
                    "organisation_name": organisation,
                    "region": region,
                    "observed_on": day,
                    "repositories_counted": repositories - (2 if index == 0 and family == "qwen" else 0),
                    "finetune_count": parts[0],
                    "adapter_count": parts[1],
                    "quantized_count": parts[2],
                    "merge_count": parts[3],
                    "derivatives_count": sum(parts),
                    "previous_observed_on": days[index - 1] if index else None,
                    "derivatives_added": sum(parts) - sum(before) if index else None,
                    "is_latest": index == 3,
                    "origin": "starter" if index == 0 else "live",
                    "capture_id": f"hub-{day}",
                }
            )
    return rows  # fmt: skip


def downloads() -> list[Row]:
    """One observation per family; one of them unknown."""
    return [
        {
            "family_id": family,
            "family_name": name,
            "organisation_name": organisation,
            "region": region,
            "observed_on": "2026-11-21",
            "repositories": repositories * 3,
            "downloads_30d": sum_30d,
            "downloads_all_time": sum_30d * 14 if sum_30d else None,
            "repositories_stale": 0,
            "repositories_revised": 0,
            "repositories_increased": 0,
            "likes": 1_200 * repositories,
            "previous_observed_on": "2026-11-14" if family != "gemma" else None,
            "downloads_30d_change": (sum_30d // 50) * (-1 if family == "llama" else 1)
            if sum_30d and family != "gemma"
            else None,
            "is_latest": True,
            "origin": "live",
            "capture_id": "hub-2026-11-21",
        }
        for family, name, organisation, region, repositories, _, sum_30d in FAMILIES
    ]


def _offer(**more: Any) -> dict[str, Any]:
    usual = {
        "source": "acme_prices",
        "source_kind": "official",
        "document": "international",
        "provider": "acme",
        "listing": "acme-large",
        "market": "global",
        "channel": "first_party",
        "service_tier": "standard",
        "context_from_tokens": 0,
        "price_kind": "list",
        "currency": "USD",
        "origin": "live",
        "capture_id": "acme-2026-11-21",
    }
    return usual | more


def _identified(row: dict[str, Any]) -> Row:
    """The row with a key of its offer."""
    parts = ("source", "document", "provider", "listing", "mode", "context_from_tokens", "price_kind", "currency")
    return {"offer_id": "/".join(str(row.get(part)) for part in parts)} | row


def current_price() -> Row:
    """The price in force of one offer."""
    row = _offer(component="input", unit="per_mtok", amount="0.26", amount_per_mtok="0.26", usd_per_mtok=0.26,
                 known_from=at("2026-11-18"), last_seen_at=at("2026-11-21"))  # fmt: skip
    return _identified(row)


def changes() -> list[Row]:
    """Every kind of change, doubted ones, an upstream event, and an older one."""

    def row(change: str, before: str | None, after: str | None, **more: Any) -> Row:
        ratio = float(after) / float(before) if before and after and float(before) else None
        usual = _offer(component="input", unit="per_mtok", change=change, amount_before=before, amount_after=after,
                       per_mtok_before=before, per_mtok_after=after, ratio=ratio, is_upstream_event=False,
                       is_doubtful=False, last_seen_before_at=at("2026-11-14"),
                       known_from=at("2026-11-18"))  # fmt: skip
        return _identified(usual | more)

    old, new = ((0, "0.8"), (131_072, "2")), ((0, "0.8"), (262_144, "4"))
    tiers = [
        row("tier_change", *((price, None) if gone else (None, price)), listing="acme-tiers", context_from_tokens=start)
        for gone, cut in ((True, old[1:]), (False, new[1:]))
        for start, price in cut
    ]
    shared = {"is_upstream_event": True, "source": "catalogue", "source_kind": "aggregator", "document": "main"}
    return [
        row("cut", "0.42", "0.26", effective_from=at("2026-11-17", "00:00")),
        row("cut", "2.4", "1.9", component="output", effective_from=at("2026-11-17", "00:00")),
        row("raise", "0.8", "2", listing="qwen3.5-plus", provider="alibaba", market="cn", currency="CNY",
            document="china", mode="thinking", context_from_tokens=131_072),
        row("new", None, "0.000012", listing="acme-nano", component="cache_read"),
        row("withdrawn", "15", None, listing="acme-legacy", component="web_search", unit="per_ksearch",
            per_mtok_before=None, per_mtok_after=None),
        row("restated", "0", "0.5", listing="acme-mini", price_kind="promotion"),
        *tiers,
        row("scheduled", "2", "3", listing="acme-later", effective_from=at("2026-12-01", "00:00")),
        row("cancelled", "3", "2", listing="acme-never", effective_from=at("2026-11-16", "00:00")),
        row("promotion_start", None, "0.5", listing="acme-sale", price_kind="promotion", offer_id="acme-sale"),
        row("promotion_end", "0.7", None, listing="acme-sold", price_kind="promotion"),
        row("cut", "700", "0.7", listing="acme-doubted", is_doubtful=True),
        row("cut", "3", "0", **shared, listing="model-a"),
        row("cut", "5", "0", **shared, listing="model-b"),
        row("cut", "9", "8", known_from=at("2026-10-02"), listing="acme-older", last_seen_before_at=at("2026-10-01")),
    ]  # fmt: skip


def offers() -> list[Row]:
    """One product in two price books, and one in one only."""
    rate = 0.1404

    def row(price_in: str, price_out: str, **more: Any) -> Row:
        blended = (3 * float(price_in) + float(price_out)) / 4
        in_usd = blended * (rate if more.get("currency") == "CNY" else 1)
        usual = _offer(input_per_mtok=price_in, output_per_mtok=price_out, blended_per_mtok=f"{blended:.9f}",
                       blended_usd_per_mtok=in_usd, last_seen_at=at("2026-11-21"))  # fmt: skip
        return _identified(usual | more)

    yuan = {"currency": "CNY", "market": "cn", "document": "china", "fx_rate_on": dt.date(2026, 11, 20)}
    return [
        row("0.8", "4.8", provider="alibaba", listing="qwen3.5-plus", model_id="qwen3.5-plus", **yuan),
        row("0.4", "2.4", provider="alibaba", listing="qwen3.5-plus", model_id="qwen3.5-plus", market="intl"),
        row("2", "3", provider="deepseek", listing="deepseek-chat", **yuan),
        row("0.28", "0.42", provider="deepseek", listing="deepseek-chat"),
        row("3", "15"),
    ]


MODELS = (
    # name, organisation, region, open, score, price
    ("Acme Large", "Acme", "us", False, 93.1, 4.81), ("Acme Mini", "Acme", "us", False, 84.0, 0.69),
    ("Bolt Ultra", "Bolt", "us", False, 92.4, 7.5), ("Bolt Flash", "Bolt", "us", False, 86.2, 1.13),
    ("Corvid 5", "Corvid", "us", False, 88.9, 6.0), ("Corvid 5 Haiku", "Corvid", "us", False, 73.4, 2.0),
    ("Qwen3.5-397B-A17B", "Alibaba", "china", True, 89.3, 0.9),
    ("Qwen3.5-35B-A3B", "Alibaba", "china", True, 79.6, 0.21),
    ("Qwen3.5-4B", "Alibaba", "china", True, 60.1, 0.05), ("DeepSeek-V4", "DeepSeek", "china", True, 87.5, 0.48),
    ("Kimi K3", "Moonshot AI", "china", True, 90.0, 1.32), ("Llama 5 70B", "Meta", "us", True, 68.0, 0.55),
    ("gpt-oss-120b", "OpenAI", "us", True, 80.9, 0.16), ("gpt-oss-20b", "OpenAI", "us", True, 71.5, 0.07),
    ("GLM-5.1", "Z.ai", "china", True, 86.0, 0.95), ("Mistral Large 4", "Mistral AI", "eu", True, 76.1, 1.9),
    ("通义大模型 Max", "Alibaba", "china", False, 90.6, 2.4), ("Gemma 4 27B", "Google", "us", True, 74.0, 0.12),
)  # fmt: skip


def scores() -> list[Row]:
    """Two benchmarks with a panel and one with too few points for one."""
    rows = []
    for benchmark, name, version, models, shift in (
        ("gpqa_diamond", "GPQA Diamond", None, MODELS, 0.0),
        ("livebench", "LiveBench", "2026-06-25", MODELS[2:12], -14.0),
        ("rare", "Rare benchmark", None, MODELS[:3], -30.0),
    ):
        for number, (model, organisation, region, is_open, score, price) in enumerate(models):
            better = [m for m in models if m[0] != model and m[4] >= score and m[5] <= price]
            rows.append(
                {
                    "benchmark": benchmark,
                    "benchmark_name": name,
                    "benchmark_version": version,
                    "model_id": re.sub(r"[^a-z0-9.]+", "-", model.lower()) + f"-{number}",
                    "model_name": model,
                    "organisation_name": organisation,
                    "region": region,
                    "is_open_weights": is_open,
                    "effort": "high" if model == "Acme Large" else None,
                    "score_pct": score + shift,
                    "evaluator": "Epoch AI" if benchmark == "gpqa_diamond" else "LiveBench",
                    "score_source": "board",
                    "score_capture_id": "board-2026-08-08",
                    "score_origin": "starter",
                    "blended_usd_per_mtok": price,
                    "price_basis": "median_of_providers" if is_open else "first_party",
                    "price_providers": 3,
                    "price_source": "acme_prices",
                    "price_provider": organisation.lower(),
                    "price_listing": model.lower(),
                    "price_market": "global",
                    "price_capture_id": "acme-2026-11-21",
                    "price_origin": "live",
                    "is_pareto": not better,
                }
            )
    return rows  # fmt: skip


def stories() -> list[Row]:
    """Two stories of the week, one of them hostile, and an older one."""

    def row(story: str, title: str, day: str, **more: Any) -> Row:
        usual = {
            "story_id": story, "title": title, "url": f"https://news.example/{story}", "publisher": "Example Wire",
            "published_at": at(day), "published_precision": "minute", "last_published_at": at(day), "items": 1,
            "texts": 1, "publishers": ["Example Wire"], "urls": [f"https://news.example/{story}"],
            "model_names": [], "origins": ["live"], "capture_ids": ["feeds-2026-11-21"],
        }  # fmt: skip
        return usual | more

    return [
        row("s1", "Alibaba raises the price of Qwen3.5-Plus in China", "2026-11-18", items=4, texts=3,
            publishers=["Example Wire", "Daily Model", "模型日报"], last_published_at=at("2026-11-20"),
            model_names=["Qwen3.5-Plus", "Qwen3.5-397B-A17B"]),
        row("s2", "开源模型周报：下载量再创新高", "2026-11-19", publisher="模型日报", publishers=["模型日报"],
            published_precision="day", model_names=["Qwen3.5-397B-A17B"]),
        row("s3", f"A headline with {HOSTILE} in it", "2026-11-20", url="javascript:alert(1)"),
        row("s4", "A document without a date", "2026-11-17", published_precision="unknown", origins=["imported"]),
        row("s0", "An older story", "2026-10-05"),
    ]  # fmt: skip


def unmatched() -> list[Row]:
    """Names nobody reviewed yet."""
    return [
        {
            "source": ("catalogue", "board", "acme_prices")[number % 3],
            "used_in": ("price", "score")[number % 2],
            "name": f"new-model-{number}-preview",
            "provider": "acme" if number % 2 == 0 else None,
            "rows": 40 - number,
            "sources_with_name": 3 if number < 4 else 1,
            "also_in_other_use": number < 4,
            "rank": number + 1,
        }
        for number in range(34)
    ]


if __name__ == "__main__":
    from reports.weekly import write_index, write_report
    from tests.report_hub import hub_marts

    if "--empty" in sys.argv[2:]:
        marts = empty_marts()
    else:
        marts = hub_marts() if "--whole-hub" in sys.argv[2:] else filled_marts()
        if "--hostile" in sys.argv[2:]:
            marts = poisoned_marts(f"</script>{HOSTILE}<img src=x onerror=alert(1)>", marts=marts)
    print(write_report(marts, week=WEEK, out=Path(sys.argv[1])))
    print(write_index(Path(sys.argv[1])))
    marts.close()
