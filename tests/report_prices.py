"""Price marts of the made-up week of `tests.report_data`: routes, promotions, repeats, histories and data events."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb

Row = dict[str, Any]


def at(day: str, time: str = "14:30") -> dt.datetime:
    """A UTC moment."""
    return dt.datetime.fromisoformat(f"{day}T{time}:00")


SEEN = at("2026-11-21")
OWN: Row = {"source": "acme_prices", "source_kind": "official", "document": "international", "origin": "live",
            "capture_id": "acme-2026-11-21", "last_seen_at": SEEN}  # fmt: skip
HEARSAY: Row = {"source": "catalogue", "source_kind": "aggregator", "document": "main", "origin": "imported",
                "capture_id": "catalogue-2026-11-14", "last_seen_at": at("2026-10-14")}  # fmt: skip
PLAIN: Row = {"market": "global", "channel": "first_party", "context_from_tokens": 0, "price_kind": "list",
              "currency": "USD"}  # fmt: skip


def price_rows() -> dict[str, list[Row]]:
    """Rows of every mart that only the sections on prices ask."""
    return {
        "price_route": routes(),
        "price_disagreement": disagreements(),
        "price_promotion": promotions(),
        "price_history": history(),
        "price_quarantine": quarantine(),
        "price_upstream_event": upstream(),
        "price_restatement": restatements(),
    }


def insert_prices(connection: duckdb.DuckDBPyConnection) -> None:
    """Add them to marts that were made of the contracts."""
    for table, rows in price_rows().items():
        for row in rows:
            names, marks = ", ".join(row), ", ".join("?" for _ in row)
            connection.execute(f"insert into marts.{table} ({names}) values ({marks})", list(row.values()))


def _route(number: int, model: str, price: str, own: str | None, place: int | None, **more: Any) -> Row:
    usd = float(price) * (0.14 if more.get("currency") == "CNY" else 1)
    return {
        **PLAIN, **OWN, "offer_id": f"route-{number}", "model_id": model.lower(), "model_name": model,
        "organisation_id": "acme", "organisation_name": "Acme", "region": "us", "is_watched": True,
        "seller": "acme", "provider": "acme", "is_first_party": True, "listing": model.lower(),
        "input_per_mtok": price, "output_per_mtok": price, "blended_per_mtok": price, "blended_usd_per_mtok": usd,
        "dearest_hour_usd_per_mtok": usd, "is_free": place is None, "place": place, "is_cheapest": place == 1,
        "first_party_usd_per_mtok": float(own) if own else None,
        "ratio_to_first_party": usd / float(own) if own else None,
    } | more  # fmt: skip


def routes() -> list[Row]:
    """Cheaper at a host, in the other currency, by hearsay, at home, and not sold at home; and a free tier."""
    host = {"seller": "host", "provider": "host", "is_first_party": False, "channel": "reseller", "source": "hub",
            "source_kind": "reseller"}  # fmt: skip
    yuan = {"currency": "CNY", "market": "cn", "document": "china", "fx_rate_id": "ECB CNY 2026-11-20"}
    return [
        _route(1, "Acme-Large", "6", "6", 2, window_name="peak"),
        _route(2, "Acme-Large", "4.5", "6", 1, **host, deployment_scope="fp8", price_kind="promotion"),
        _route(3, "Acme-Large", "0", "6", None, **host | {"listing": "acme-large:free"}),
        _route(4, "Acme-Mini", "1", "1", 2),
        _route(5, "Acme-Mini", "2", "1", 1, **yuan),
        _route(6, "Acme-Nano", "0.4", "0.4", 2),
        _route(7, "Acme-Nano", "0.1", "0.4", 1, **host | HEARSAY),
        _route(8, "Acme-Old", "3", "3", 1),
        _route(9, "Acme-Open", "0.2", None, 1, **host),
    ]


def disagreements() -> list[Row]:
    """A repeat that agrees, one that is behind, one that differs, and one that cannot be judged."""

    def row(number: int, stated: str, own: str, verdict: str, **more: Any) -> Row:
        return {
            "offer_id": f"said-{number}", "model_id": "acme-large", "model_name": "Acme-Large", "is_watched": True,
            "seller": "acme", "component": "input", "unit": "per_mtok", "currency": "USD", "source": "catalogue",
            "source_kind": "aggregator", "provider": "acme", "listing": f"acme-large-{number}",
            "stated_per_mtok": stated, "stated_since": at("2026-09-01"), "stated_until": at("2026-11-14"),
            "stated_origin": "imported", "stated_capture_id": "catalogue-2026-11-14", "own_source": "acme_prices",
            "own_document": "international", "own_listing": "acme-large", "own_per_mtok": own,
            "own_since": at("2026-10-20"), "own_until": SEEN, "own_origin": "live",
            "own_capture_id": "acme-2026-11-21", "ratio": float(stated) / float(own), "verdict": verdict,
        } | more  # fmt: skip

    behind = {"given_up_at": at("2026-10-20"), "stale_days": 25}
    return [
        row(1, "3", "3", "agrees"),
        row(2, "5", "3", "stale", **behind),
        row(3, "2", "3", "differs", component="cache_read"),
        row(4, "3", "4", "asked_before"),
    ]


def promotions() -> list[Row]:
    """One that ends in a week, with two components, and one without a stated end or a list price."""
    usual = {**PLAIN, **OWN, "service_tier": "standard", "price_kind": "promotion", "provider": "acme",
             "unit": "per_mtok", "known_from": at("2026-11-01")}  # fmt: skip

    def row(offer: str, component: str, amount: str, listed: str | None, **more: Any) -> Row:
        discount = 1 - float(amount) / float(listed) if listed else None
        return usual | {
            "offer_id": offer, "listing": offer, "component": component, "amount": amount, "amount_per_mtok": amount,
            "list_amount": listed, "list_per_mtok": listed, "discount": discount,
        } | more  # fmt: skip

    soon = {"promotion_ends_at": at("2026-11-28", "00:00"), "days_left": 6}
    return [
        row("acme-sale", "input", "0.5", "2", **soon),
        row("acme-sale", "output", "2", "8", **soon),
        row("acme-open-end", "input", "0.3", None),
    ]


def history() -> list[Row]:
    """A price that an aggregator tells, then the own page: raised and cut; one that never moved; one in yuan."""

    def row(model: str, component: str, amount: str, start: str, end: str | None, **more: Any) -> Row:
        return {
            "model_id": model.lower(), "model_name": model, "organisation_id": "deepseek",
            "organisation_name": "DeepSeek", "currency": "USD", "component": component, "amount_per_mtok": amount,
            "in_force_from": at(start, "00:00"), "in_force_to": at(end, "00:00") if end else None, "last_seen_at": SEEN,
            "account": "own_page", "is_first_party": True, "basis": "captured", "source": "acme_prices",
            "provider": "deepseek", "listing": model.lower(), "market": "global", "origin": "live",
            "capture_id": "acme-2026-11-21",
        } | more  # fmt: skip

    told = {"account": "aggregator", "source": "catalogue", "origin": "imported"}
    other = {"organisation_id": "corvid", "organisation_name": "Corvid"}
    return [
        row("V9", "input", "1", "2026-02-01", "2026-06-01", **told),
        row("V9", "input", "2", "2026-06-01", "2026-09-01"),
        row("V9", "input", "1.5", "2026-09-01", None),
        row("V9", "output", "4", "2026-02-01", None),
        row("V9", "input", "7", "2026-09-01", None, currency="CNY", market="cn"),
        row("Corvid 5", "input", "5", "2026-03-01", None, **other),
        row("Corvid 5", "output", "25", "2026-03-01", None, **other),
    ]


def quarantine() -> list[Row]:
    """A mass of one seller, a single one of another, and one that was believed in the week."""

    def row(number: int, provider: str, reason: str, doubted: bool = True) -> Row:
        return {
            "offer_id": f"odd-{number}", "source": "catalogue", "provider": provider, "listing": f"odd-{number:02}",
            "component": "input", "unit": "per_mtok", "currency": "USD", "amount": "5000", "amount_per_mtok": "5000",
            "price_text": "5000", "known_from": at("2026-11-18"), "last_seen_at": SEEN, "reason": reason,
            "ratio": None if reason == "implausible" else 100.0 + number, "others": 3, "is_doubted": doubted,
            "lifted_at": None if doubted else at("2026-11-20"), "lifted_by": None if doubted else "persisted",
            "origin": "live", "capture_id": "catalogue-2026-11-18",
        }  # fmt: skip

    return [
        *(row(number, "bulk", "far_from_others") for number in range(40)),
        row(40, "single", "implausible"),
        row(41, "lately", "far_from_own_past", doubted=False),
    ]


def upstream() -> list[Row]:
    """A capture that set prices to zero."""
    return [
        {
            "source": "catalogue", "document": "main", "capture_id": "catalogue-2026-11-18",
            "observed_at": at("2026-11-18"), "kind": "zeroed", "prices": 12, "listings": 6, "book_prices": 80,
            "still_standing": 12, "origin": "live",
        }
    ]  # fmt: skip


def restatements() -> list[Row]:
    """One past that was rewritten in the week."""
    return [
        {
            "offer_id": "past-1", "source": "catalogue", "provider": "acme", "listing": "acme-past",
            "component": "input", "unit": "per_mtok", "currency": "USD", "kind": "removed",
            "effective_from": at("2026-05-01"), "amount_before": "3", "last_seen_before_at": at("2026-11-14"),
            "restated_at": at("2026-11-18"), "origin": "live", "capture_id": "catalogue-2026-11-18",
        }
    ]  # fmt: skip
