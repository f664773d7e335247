"""How the list prices of the watched models moved, as small step lines."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from itertools import groupby, pairwise

from reports import words
from reports.charts import SOFT, Run, steps
from reports.mart import Record
from reports.organisation_colours import kinds, mark_of
from reports.section import Body, Cell, Context, Figure, Key, Panel, Section, Table, cell, columns, provenance

SQL = """
select model_name, organisation_name, currency, component, amount_per_mtok, in_force_from, in_force_to, last_seen_at,
       account, is_first_party, basis, source, provider, listing, market, deployment_scope, origin, capture_id,
       organisation_id, model_id
from marts.price_history
where in_force_from < $week_end
order by organisation_name, model_name, model_id, currency desc, component, in_force_from
"""

Product = list[Record]
"""The periods of one model in one currency, input before output, each from old to new."""


def render(context: Context) -> Body:
    """A panel for every product whose price moved; the rest in the table."""
    result = context.mart.query(SQL)
    products = [list(rows) for _, rows in groupby(result.records, key=lambda r: (r["model_id"], r["currency"]))]
    if not products:
        return Body()
    moved = [product for product in products if _has_moved(product)]
    models = len({product[0]["model_id"] for product in products})
    first = min(record["in_force_from"] for record in result.records).date()
    note = "No line is drawn after the last capture that confirms its price."
    return Body(
        figures=(
            Figure(
                slug="price-history",
                title=_title(moved, models),
                subtitle="List price per million tokens, standard tier, shortest prompts, as the model's own "
                "organisation asks it; where it depends on mode or hour the dearest. Each panel has its own scale. "
                f"n = {models} watched models, from {first}; only those whose price moved are drawn.",
                results=(result,),
                provenance=provenance(context, result.records, at="last_seen_at"),
                panels=_panels(context, moved),
                legend=_legend(moved),
                table=_table(context, products),
                notes=(note,) if moved else (),
            ),
        )
    )


def _of(product: Product, component: str) -> list[Record]:
    return [record for record in product if record["component"] == component]


def _has_moved(product: Product) -> bool:
    return any(len({r["amount_per_mtok"] for r in _of(product, part)}) > 1 for part in ("input", "output"))


def _name(product: Product) -> str:
    return f"{product[0]['model_name']} in {product[0]['currency']}"


def _ratio(product: Product, component: str) -> float | None:
    """The newest price by the first known."""
    amounts = [record["amount_per_mtok"] for record in _of(product, component)]
    return float(amounts[-1] / amounts[0]) if amounts else None


def _title(moved: Sequence[Product], models: int) -> str:
    if not moved:
        return f"No list price of {words.plural(models, 'watched model')} is known to have moved"
    count = len({product[0]["model_id"] for product in moved})
    ratios = [(r, product, part) for product in moved for part in ("input", "output") if (r := _ratio(product, part))]
    ratio, product, part = max(ratios, key=lambda entry: abs(math.log(entry[0])))
    lead = f"{count} of {models} watched models changed their list price"
    if ratio == 1:
        return lead
    return f"{lead}; {part} of {_name(product)} moved furthest, {words.percent_change(ratio)}"


def _until(record: Record, week_end: dt.datetime) -> dt.datetime:
    """Where the line of a period ends: with the period, else with the last capture that confirms it."""
    ends: dt.datetime = record["in_force_to"] or max(
        record["last_seen_at"], record["in_force_from"] + dt.timedelta(days=1)
    )
    return min(ends, week_end)


def _is_dashed(record: Record) -> bool:
    return bool(record["account"] == "aggregator" or record["basis"] == "stated_later")


def _runs(periods: Sequence[Record], week_end: dt.datetime) -> list[Run]:
    """The periods of one component as runs: a new one where there is a gap or another manner of drawing."""
    runs: list[list[Record]] = [[periods[0]]]
    for before, after in pairwise(periods):
        if before["in_force_to"] == after["in_force_from"] and _is_dashed(before) == _is_dashed(after):
            runs[-1].append(after)
        else:
            runs.append([after])
    made = []
    for run, following in zip(runs, [*runs[1:], None], strict=True):
        points = [(record["in_force_from"], float(record["amount_per_mtok"])) for record in run]
        end, last = _until(run[-1], week_end), points[-1][1]
        points.append((end, last))
        if following and following[0]["in_force_from"] == end:
            points.append((end, float(following[0]["amount_per_mtok"])))
        made.append(Run(run[0]["component"], tuple(points), _is_dashed(run[0])))
    return made


def _panels(context: Context, products: Sequence[Product]) -> tuple[Panel, ...]:
    drawn = [record for product in products for record in product]
    first = min((record["in_force_from"] for record in drawn), default=context.week.start).date()
    last = max((_until(record, context.week.end) for record in drawn), default=context.week.end).date()
    made = []
    for product in products:
        head = product[0]
        parts = [_of(product, part) for part in ("input", "output")]
        runs = [run for part in parts if part for run in _runs(part, context.week.end)]
        colour = mark_of(head["organisation_id"]).colour
        symbol = words.SYMBOLS.get(head["currency"], "")
        chart = steps(runs, colour=colour, symbol=symbol, span=(first, last + dt.timedelta(days=1)))
        made.append(Panel(_name(product), _facts(product), chart))
    return tuple(made)


def _facts(product: Product) -> str:
    head = product[-1]
    seller = head["organisation_name"] if head["is_first_party"] else f"as sold by {head['provider']}"
    return f"{seller}: {', '.join(filter(None, (_course(product, part) for part in ('input', 'output'))))}"


def _course(product: Product, component: str) -> str:
    amounts = [r["amount_per_mtok"] for r in _of(product, component)]
    if not amounts:
        return ""
    ends = dict.fromkeys(words.money(amount, product[0]["currency"]) for amount in (amounts[0], amounts[-1]))
    return f"{component} {' → '.join(ends)}"


def _legend(moved: Sequence[Product]) -> tuple[Key, ...]:
    marks = kinds((product[0]["organisation_id"], product[0]["organisation_name"]) for product in moved)
    keys = [Key(name, mark.colour, "━") for name, mark in marks.items()]
    if any(_is_dashed(record) for product in moved for record in product):
        keys.append(Key("an aggregator's account, or stated afterwards", SOFT, "╍"))
    return tuple(keys)


def _row(context: Context, product: Product) -> tuple[Cell, ...]:
    newest = max(product, key=lambda record: (record["in_force_from"], record["component"]))
    seller = newest["organisation_name"] if newest["is_first_party"] else f"sold by {newest['provider']}"
    steps_known = len({(r["component"], r["in_force_from"]) for r in product}) - len({r["component"] for r in product})
    whose = "own page" if newest["account"] == "own_page" else "an aggregator's account"
    return (
        cell(_name(product), sub=seller),
        *(cell(_course(product, part).removeprefix(f"{part} ") or words.UNKNOWN) for part in ("input", "output")),
        cell(words.exact(steps_known)),
        cell(words.day(min(r["in_force_from"] for r in product)), sub=f"last seen {words.day(newest['last_seen_at'])}"),
        cell(context.health.title_of(newest["source"]), badge=newest["origin"], sub=whose),
    )


def _table(context: Context, products: Sequence[Product]) -> Table:
    return Table(
        caption="List price per million tokens of every watched model, first known and newest",
        columns=(
            *columns("Model", kind=""),
            *columns("Input", "Output", "Steps"),
            *columns("Known from", kind="fixed"),
            *columns("Source", kind=""),
        ),
        rows=tuple(_row(context, product) for product in products),
        folded=bool([product for product in products if _has_moved(product)]),
    )


section = Section(order=33, slug="list-prices", title="Price history", render=render)
