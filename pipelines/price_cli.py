"""The commands `modelmarket price` and `modelmarket changes`: options in, a table or JSON out.

What they ask is `price_answer` and `marts.price_change`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from pipelines import price_answer
from pipelines.console import fail
from pipelines.lib.folder import data_dir
from pipelines.lib.publish import NothingPublished, open_published
from pipelines.lib.run import utc_now
from pipelines.price_answer import Offer, Question, UnknownMix, Workload
from scrapers.parsing.tiers import UnreadableTier, read_tokens

WIDE = 150  # where no terminal says how wide it is

out = Console() if sys.stdout.isatty() else Console(width=WIDE)

_CHANGES = """
select known_from, change, provider, listing, component, market, service_tier, context_from_tokens, window_name,
       price_kind, unit, currency, amount_before, amount_after, per_mtok_before, per_mtok_after, ratio, effective_from,
       last_seen_before_at, source, source_kind, model_id, is_upstream_event, is_doubtful, origin, capture_id
from marts.price_change
where known_from >= $since
    and ($all_kinds or (not is_upstream_event and not is_doubtful))
    and ($model is null or model_id = normalise_name($model) or normalise_name(listing) = normalise_name($model))
order by known_from desc, source, provider, listing, component, change, context_from_tokens, window_name, price_kind
"""


def register(app: typer.Typer) -> None:
    """Add the commands to the `modelmarket` command."""
    app.command()(price)
    app.command()(changes)


@contextmanager
def _warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        with open_published(data_dir()) as connection:
            yield connection
    except NothingPublished as error:
        fail(str(error))
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        reason = str(error).splitlines()[0]
        fail(f"the published tables were built by another version ({reason}); run `modelmarket run --no-capture`")


def _moment(text: str | None) -> tuple[datetime, bool]:
    """A time, and whether only its day was given."""
    if text is None:
        return utc_now(), False
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is not a time such as 2026-09-01 or 2026-09-01T10:00+08:00", 2)
    return (moment.replace(tzinfo=moment.tzinfo or UTC)).astimezone(UTC), len(text) == len("2026-09-01")


def _tokens(text: str | None) -> int:
    try:
        return read_tokens(text) if text else 0
    except UnreadableTier as error:
        fail(str(error), 2)


def _rates(texts: Sequence[str]) -> dict[str, float]:
    rates = {}
    for text in texts:
        currency, _, units = text.partition("=")
        try:
            rates[currency.upper()] = float(units)
        except ValueError:
            fail(f"{text!r} is not a rate such as CNY=7.2 (units for one US dollar)", 2)
    return rates


def price(
    model: Annotated[str, typer.Argument(help="A model's name, or a name at a source.")],
    at: Annotated[str | None, typer.Option(help="A day, or a time with its offset; now when left out.")] = None,
    context: Annotated[str | None, typer.Option(help="Tokens of the prompt, such as 200k (K is 1,000).")] = None,
    region: Annotated[str | None, typer.Option(help="Market or deployment scope, such as cn.")] = None,
    tier: Annotated[str, typer.Option(help="standard, batch, flex, priority, fast, or all.")] = "standard",
    mix: Annotated[str, typer.Option(help="Mix of tokens for the blended price.")] = "input_3_output_1",
    input_tokens: Annotated[str | None, typer.Option("--input", help="Workload: fresh input tokens a request.")] = None,
    output_tokens: Annotated[str | None, typer.Option("--output", help="Workload: output tokens a request.")] = None,
    cached_tokens: Annotated[str | None, typer.Option("--cached", help="Workload: tokens read from a cache.")] = None,
    requests: Annotated[int, typer.Option(min=1, help="Workload: number of requests.")] = 1,
    against: Annotated[str | None, typer.Option(help="Another model: how many times as much it costs.")] = None,
    rate: Annotated[list[str] | None, typer.Option(help="Convert at this rate, such as CNY=7.2.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, one offer a line.")] = False,
) -> None:
    """What a model costs at a time: every offer that may be meant, list and promotion, with its capture."""
    moment, whole_day = _moment(at)
    workload = Workload(
        input_tokens=_tokens(input_tokens),
        output_tokens=_tokens(output_tokens),
        cached_tokens=_tokens(cached_tokens),
        requests=requests,
    )
    rates = _rates(rate or [])
    question = Question(
        model=model,
        moment=moment,
        whole_day=whole_day,
        context_tokens=_tokens(context) or workload.prompt_tokens,
        region=region,
        tier=None if tier == "all" else tier,
        mix=mix,
    )
    with _warehouse() as connection:
        found = _offers(connection, question)
        if against:
            other = _offers(connection, _with_model(question, against))
            _print_ratios(price_answer.ratios(found, other, rates), as_json)
            return
    _print_offers(found, question, workload, rates, as_json)


def _with_model(question: Question, model: str) -> Question:
    return Question(**(vars(question) | {"model": model}))


def _offers(connection: duckdb.DuckDBPyConnection, question: Question) -> list[Offer]:
    try:
        found = price_answer.offers(connection, question)
    except UnknownMix as error:
        fail(str(error), 2)
    if not found:
        names = price_answer.similar_names(connection, question.model)
        near = f"; names like it: {', '.join(names)}" if names else ""
        fail(
            f"no price of {question.model!r} is known for {question.moment:%Y-%m-%d %H:%M} UTC under these terms{near}"
        )
    return found


def _print_offers(
    found: Sequence[Offer], question: Question, workload: Workload, rates: dict[str, float], as_json: bool
) -> None:
    has_workload = bool(workload.prompt_tokens or workload.output_tokens)
    if as_json:
        for offer in found:
            worked = price_answer.cost(offer, workload) if has_workload else None
            line = offer | {"workload_cost": worked, "workload_cost_usd": price_answer.in_usd(offer, worked, rates)}
            _line(line)
        return
    shown = workload if has_workload else None
    table = Table(title=f"{question.model}, {_day(question)}, prompt of {question.context_tokens:,} tokens", box=None)
    for name in ("offer", "terms"):
        table.add_column(name, overflow="fold")
    for name in ("input", "output", "cache read", "blended", "in USD", *(("workload", "in USD") if shown else ())):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("whose word, last seen", overflow="fold")
    for offer in found:
        table.add_row(*_cells(offer, shown, rates))
    out.print(table)
    converted = sorted({offer["fx_rate_id"] for offer in found if offer["fx_rate_id"]})
    given = [f"{currency} {units:g} for one USD, as given" for currency, units in rates.items()]
    note = f"Per million tokens; blended is {question.mix}; a request is charged whole at the tier of its prompt."
    if given or converted:
        note += f" Converted at {', '.join(given or converted)}."
    out.print(f"{note} --json names the captures.", soft_wrap=True)


def _cells(offer: Offer, workload: Workload | None, rates: dict[str, float]) -> list[str]:
    currency = offer["currency"]
    blended = offer["blended_per_mtok"]
    cells = [
        f"{offer['provider']} {offer['listing']}",
        _terms(offer),
        *(_money(offer[f"{part}_per_mtok"], currency) for part in ("input", "output", "cache_read")),
        _money(blended, currency),
        _money(price_answer.in_usd(offer, blended, rates), "USD"),
    ]
    if workload:
        worked = price_answer.cost(offer, workload)
        cells += [_money(worked, currency), _money(price_answer.in_usd(offer, worked, rates), "USD")]
    basis = "" if offer["basis"] == "captured" else ", stated later"
    seen = f"{offer['last_seen_at']:%Y-%m-%d}, {offer['origin']}{basis}"
    return [*cells, f"{offer['source_kind']} {offer['source']}, {seen}"]


def _terms(offer: Offer) -> str:
    limit = offer["context_to_tokens"]
    tokens = f"{offer['context_from_tokens']:,}+ tokens" if limit is None else f"to {limit - 1:,} tokens"
    ends = offer["promotion_ends_at"]
    parts = [
        offer["market"],
        offer["deployment_scope"],
        None if offer["service_tier"] == "standard" else offer["service_tier"],
        offer["mode"],
        tokens if limit is not None or offer["context_from_tokens"] else None,
        offer["window_name"],
        None if offer["price_kind"] == "list" else "promotion" + (f" to {ends:%Y-%m-%d}" if ends else ""),
        offer["availability"],
        f"stands for {offer['alias_of']}" if offer["alias_of"] else None,
    ]
    return ", ".join(part for part in parts if part)


def _money(amount: Any, currency: str) -> str:
    if amount is None:
        return "-"
    return f"{currency} {float(amount):.10g}" if float(amount) else "free"


def _day(question: Question) -> str:
    return f"{question.moment:%Y-%m-%d}" if question.whole_day else f"{question.moment:%Y-%m-%d %H:%M} UTC"


def _print_ratios(pairs: Sequence[tuple[Offer, Offer, float | None, float | None]], as_json: bool) -> None:
    if as_json:
        for our, their, of_input, of_output in pairs:
            _line({"offer": our, "against": their, "input_ratio": of_input, "output_ratio": of_output})
        return
    table = Table(box=None)
    for name in ("offer", "terms", "against", "terms", "input ratio", "output ratio"):
        table.add_column(name, overflow="fold")
    for our, their, of_input, of_output in pairs:
        shown = [f"{value:.1f}x" if value is not None else "-" for value in (of_input, of_output)]
        table.add_row(_named(our), _terms(our), _named(their), _terms(their), *shown)
    out.print(table)


def _named(offer: Offer) -> str:
    return f"{offer['source']}: {offer['provider']} {offer['listing']}"


def _line(values: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(values, default=_plain, ensure_ascii=False) + "\n")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else float(value)


def changes(
    since: Annotated[str, typer.Option(help="First day, such as 2026-11-15.")],
    model: Annotated[str | None, typer.Option(help="Only this model or listing.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Doubted prices and events at sources too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, one change a line.")] = False,
) -> None:
    """Price changes since a day, newest first, each with the capture that shows it."""
    moment, _ = _moment(since)
    with _warehouse() as connection:
        values = {"since": moment.replace(tzinfo=None), "all_kinds": everything, "model": model}
        answer = connection.execute(_CHANGES, values)
        names = [column[0] for column in answer.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    if as_json:
        for change in found:
            _line(change)
        return
    table = Table(box=None)
    for name in ("first seen", "change", "offer", "price of"):
        table.add_column(name, overflow="fold")
    for name in ("before", "after", "ratio"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("source", overflow="fold")
    for change in found:
        table.add_row(*_change_cells(change))
    out.print(table)
    out.print(f"{len(found):,} changes since {moment:%Y-%m-%d}; --json names the captures.")


def _change_cells(change: dict[str, Any]) -> list[str]:
    per_mtok = change["per_mtok_before"] is not None or change["per_mtok_after"] is not None
    part: Callable[[str], Any] = lambda when: change[f"per_mtok_{when}" if per_mtok else f"amount_{when}"]  # noqa: E731
    flags = [word for word in ("is_upstream_event", "is_doubtful") if change[word]]
    stated = f", from {change['effective_from']:%Y-%m-%d}" if change["effective_from"] else ""
    return [
        f"{change['known_from']:%Y-%m-%d}",
        change["change"] + "".join(f" ({word.removeprefix('is_').replace('_', ' ')})" for word in flags) + stated,
        f"{change['provider']} {change['listing']} {change['market']}",
        f"{change['component']} {'per M tokens' if per_mtok else change['unit']}",
        _money(part("before"), change["currency"]),
        _money(part("after"), change["currency"]),
        "" if change["ratio"] is None else f"{change['ratio']:.3g}x",
        f"{change['source']}, {change['origin']}",
    ]
