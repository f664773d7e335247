"""Promotions in force: what they take off the list price, and which end soon."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from reports import offers, words
from reports.mart import Record
from reports.section import Body, Cell, Context, Figure, Section, Table, cell, columns, provenance

SHOWN, SOON = 30, 14

SQL = """
select provider, listing, component, currency, amount_per_mtok, amount, unit, list_per_mtok, list_amount, discount,
       promotion_ends_at, days_left, market, deployment_scope, channel, service_tier, mode, context_from_tokens,
       window_name, price_kind, known_from, last_seen_at, source, source_kind, document, model_id, origin, capture_id,
       offer_id
from marts.price_promotion
where promotion_ends_at is null or promotion_ends_at > $week_start
order by promotion_ends_at nulls last, max(discount) over (partition by offer_id) desc nulls last, provider, listing,
         offer_id, list_position(['input', 'output', 'cache_read'], component) nulls last, component, unit
limit 1000
"""


def render(context: Context) -> Body:
    """One table, those that end first on top; nothing where there is no promotion."""
    result = context.mart.query(SQL)
    if not result.records:
        return Body()
    groups = [list(rows) for _, rows in groupby(result.records, key=lambda r: r["offer_id"])]
    open_ended = sum(1 for group in groups if group[0]["promotion_ends_at"] is None)
    left = len(groups) - SHOWN
    figure = Figure(
        slug="price-promotions",
        title=_title(groups, open_ended),
        subtitle="Promoted price beside the list price of the same offer, in its own currency, and what part of it is "
        f"taken off. n = {words.plural(len(groups), 'offer')}, of {open_ended} no end is stated.",
        results=(result,),
        provenance=provenance(context, result.records, at="last_seen_at"),
        table=_table(context, groups[:SHOWN]),
        notes=(f"{left} more offers are in the CSV.",) if left > 0 else (),
    )
    return Body(figures=(figure,))


def _soon(groups: Sequence[list[Record]]) -> list[Record]:
    return [g[0] for g in groups if g[0]["days_left"] is not None and 0 <= g[0]["days_left"] <= SOON]


def _title(groups: Sequence[list[Record]], open_ended: int) -> str:
    soon = _soon(groups)
    if soon:
        first = soon[0]
        return (
            f"{words.plural(len(soon), 'promotion')} {'ends' if len(soon) == 1 else 'end'} within {SOON} days, first "
            f"that on {first['listing']} at {first['provider']}, on {words.day(first['promotion_ends_at'])}"
        )
    if open_ended == len(groups):
        return f"{words.plural(len(groups), 'promotion')} in force, none with a stated end"
    return f"{words.plural(len(groups), 'promotion')} in force, none known to end within {SOON} days"


def _price(record: Record) -> str:
    promoted, listed = (
        words.money(
            record[f"{kind}_per_mtok"] if record["amount_per_mtok"] is not None else record[alone], record["currency"]
        )
        for kind, alone in (("amount", "amount"), ("list", "list_amount"))
    )
    return f"{offers.component(record)} {listed} → {promoted}"


def _row(context: Context, group: Sequence[Record]) -> tuple[Cell, ...]:
    first = group[0]
    lines = [_price(record) for record in group]
    cuts = sorted({round(r["discount"], 3) for r in group if r["discount"] is not None})
    shown = " to ".join(dict.fromkeys(words.share(cut) for cut in (cuts[0], cuts[-1]))) if cuts else words.UNKNOWN
    ends = first["promotion_ends_at"]
    past = ends is not None and first["days_left"] < 0
    left = None if ends is None else "over" if past else f"{words.plural(first['days_left'], 'day')} left"
    offer = ", ".join(filter(None, (first["provider"], offers.terms(first | {"price_kind": "list"}))))
    return (
        cell(first["listing"], sub=offer),
        cell(lines[0], lines=tuple(lines[1:]), sub="per M tokens" if first["amount_per_mtok"] is not None else None),
        cell(shown),
        cell(words.day(ends) if ends else "no end stated", sub=left, tone=None if ends else "muted"),
        cell(words.day(first["known_from"])),
        cell(
            context.health.title_of(first["source"]),
            badge=first["origin"],
            sub=f"seen {words.day(first['last_seen_at'])}",
        ),
    )


def _table(context: Context, groups: Sequence[list[Record]]) -> Table:
    return Table(
        caption="Promotions in force, those that end first on top",
        columns=(
            *columns("Offer", kind=""),
            *columns("List → promoted", kind="wide"),
            *columns("Taken off"),
            *columns("Ends", "Since", kind="fixed"),
            *columns("Source", kind=""),
        ),
        rows=tuple(_row(context, group) for group in groups),
    )


section = Section(order=31, slug="promotions", title="Promotions", render=render)
