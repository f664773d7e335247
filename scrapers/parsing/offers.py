"""The prices that one cell of a table states: a list price, or a promotion beside the price it strikes out.

Here belongs how a cell's text, the currency of its page and the unit of its column become priced rows. What the
column is a price of, and for whom, is the vendor's parser to know.
"""

from __future__ import annotations

from typing import Any

from scrapers.items import Price
from scrapers.parsing.money import read_money
from scrapers.parsing.tables import Cell
from scrapers.parsing.units import read_unit, to_per_mtok

# Free only for now: a promotion of zero, where plain `free` is a list price of zero.
LIMITED_FREE = frozenset({"limited-time free", "限时免费"})


def cell_prices(
    cell: Cell, *, currency: str, unit: str | None = None, bare: bool = False, **facts: Any
) -> tuple[Price, ...]:
    """No price where the cell marks an absence, one as a rule, two where an old price is struck out.

    `unit` is what the page states once for the column; a cell may name it again but not another. `bare` is for columns
    that state the currency once, so that amounts stand without a sign. Raises ValueError with the offending text.
    """
    if not cell.struck:
        kind = "promotion" if cell.text.lower() in LIMITED_FREE else "list"
        price = _read(cell.text, kind, currency, unit, bare, facts)
        return () if price is None else (price,)
    now = _read(cell.text, "promotion", currency, unit, bare, facts)
    before = _read(cell.struck, "list", currency, unit or (now.unit if now else None), bare, facts)
    if now is None or before is None:
        raise ValueError(f"a price {cell.struck!r} struck out without one in its place: {cell.text!r}")
    return now, before


def _read(text: str, kind: str, currency: str, unit: str | None, bare: bool, facts: dict[str, Any]) -> Price | None:
    money = read_money(text, default_currency=currency if bare else None)
    if money.amount is None:
        return None
    if money.currency not in (currency, None):
        raise ValueError(f"a price in {money.currency} on a page in {currency}: {text!r}")
    stated = read_unit(money.rest) if money.rest else unit
    if stated is None:
        raise ValueError(f"no unit in {text!r}")
    if unit is not None and stated != unit:
        raise ValueError(f"a price {stated} in a column of prices {unit}: {text!r}")
    return Price(
        amount=money.amount,
        unit=stated,
        currency=currency,
        amount_per_mtok=to_per_mtok(money.amount, stated),
        price_text=text,
        price_kind=kind,
        **facts,
    )
