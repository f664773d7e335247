"""What a level of quality costs over time, and by how much it falls each year, with n and interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from reports import words
from reports.level_chart import LEGEND, level_chart
from reports.mart import Record, Result
from reports.section import Body, Cell, Context, Figure, Panel, Provenance, Section, Table, cell, columns, provenance

PANELS, FEWEST, FROZEN = 6, 4, "epoch_frozen"
# Of so few steps an interval is wide whatever the line.
FEW = 5
# What a headline needs: steps, and days between the first and the last. From a shorter span a yearly factor would be
# an extrapolation.
TOLD_FROM, YEAR = 6, 365
MONTH = YEAR / 12

# The trend again from the steps themselves: run it to check every factor and interval.
TREND = f"""
with line as (
    select series_id, metric, threshold, variant,
           regr_slope(log_price, day) as slope,
           regr_r2(log_price, day) as r2,
           greatest(regr_syy(log_price, day) - slope * regr_sxy(log_price, day), 0) as residual,
           sqrt(residual / (count(*) - 2) / regr_sxx(log_price, day)) as slope_error
    from (select *, log10(usd_per_mtok) as log_price, began_on - date '2020-01-01' as day from marts.price_to_reach)
    group by all
    having count(*) >= {FEWEST}
)
select benchmark_name, benchmark_version, threshold, milestone, variant, trend.n,
       if(factor_per_year is null, null, 10 ** (-365 * slope)) as factor_per_year,
       if(factor_per_year is null, null, 10 ** (-365 * (slope + t_quantile_95 * slope_error))) as ci_low,
       if(factor_per_year is null, null, 10 ** (-365 * (slope - t_quantile_95 * slope_error))) as ci_high,
       if(factor_per_year is null, null, line.r2) as r2,
       first_on, last_on, last_on - first_on as span_days, first_usd_per_mtok, last_usd_per_mtok, late_prices,
       self_reported, why_no_factor, metric, series_id, threshold_source, definition
from marts.price_trend as trend
left join line using (series_id, metric, threshold, variant)
order by benchmark_name, series_id, metric, threshold, variant
"""
STEPS = """
select benchmark_name, benchmark_version, threshold, milestone, variant, step, began_on, ended_on, model_name,
       organisation_name, is_open_weights, usd_per_mtok, price_basis, price_first_on, score, score_known_on, effort,
       mode, evaluator, is_self_reported, models_in_reach, price_source, price_provider, price_origin, price_capture_id,
       score_source, score_origin, score_capture_id, metric, series_id, model_id
from marts.price_to_reach
order by benchmark_name, series_id, metric, threshold, variant, step
"""

Key = tuple[str, str, float]
"""Series, metric and threshold."""


def render(context: Context) -> Body:
    """The levels with most steps as panels, all of them in the table; a notice where nothing can be said yet."""
    trend, steps = context.mart.query(TREND), context.mart.query(STEPS)
    trends = trend.records
    by_level = {key: list(rows) for key, rows in groupby(steps.records, key=_key)}
    strong = sorted((r for r in trends if r["factor_per_year"]), key=_weight)
    figure = Figure(
        slug="price-to-reach",
        title=_title(trends, strong),
        subtitle="Lowest blended price (3 input to 1 output) in US dollars per million tokens, logarithmic, of a model "
        "with at least the score. How much cheaper it gets in 365 days is read off a straight line through the "
        f"logarithm of the price at its n steps; in brackets its 90% interval. Fewer than {FEWEST} steps "
        "give no factor; where they span less than a year, the last price is held against the first instead.",
        results=(trend, steps),
        provenance=_provenance(context, steps),
        panels=_panels(context, trends, by_level, _key(strong[0]) if strong else None),
        legend=LEGEND if by_level else (),
        table=_table(trends) if trends else None,
        notes=_notes(trends),
    )
    return Body(figures=(figure,), headlines=_headlines(strong))


def _key(record: Record) -> Key:
    return record["series_id"], record["metric"], record["threshold"]


def _weight(record: Record) -> tuple[object, ...]:
    """What can be told first, then long spans; of these a price by release, most steps, the narrowest interval."""
    width = math.log10(record["ci_high"] / record["ci_low"]) if record["ci_low"] else math.inf
    of_evidence = not _is_telling(record), _is_short(record)
    return *of_evidence, record["variant"] != FROZEN, -record["n"], width, _key(record)


def _benchmark(record: Record) -> str:
    return " ".join(filter(None, (record["benchmark_name"], record["benchmark_version"])))


def _level(record: Record) -> str:
    return f"{_benchmark(record)} ≥ {record['threshold']:.4g}"


def _course(record: Record) -> tuple[str, str, str]:
    """`190× cheaper`, and the ends of the interval; of a price that rose the other way round."""
    factor, low, high = record["factor_per_year"], record["ci_low"], record["ci_high"]
    if factor >= 1:
        return f"{words.times(factor)} cheaper", _short(low), _short(high)
    return f"{words.times(1 / factor)} dearer", _short(1 / high), _short(1 / low)


def _is_short(record: Record) -> bool:
    return record["n"] > 1 and bool(record["span_days"] < YEAR)


def _fall(record: Record) -> str:
    """`126× cheaper within 4 months`: the last price against the first, without any line through them."""
    ratio = record["first_usd_per_mtok"] / record["last_usd_per_mtok"]
    course = "no cheaper" if ratio == 1 else f"{words.times(max(ratio, 1 / ratio))} {_way(ratio)}"
    months = round(record["span_days"] / MONTH)
    return f"{course} within {words.plural(months, 'month') if months else words.plural(record['span_days'], 'day')}"


def _way(ratio: float) -> str:
    return "cheaper" if ratio > 1 else "dearer"


def _pace(record: Record) -> str:
    """`40× cheaper a year (12 to 135), n = 8`, the plain fall over a span below a year, or that there is no factor."""
    if _is_short(record):
        return f"{_fall(record)}, n = {record['n']}"
    if not record["factor_per_year"]:
        return f"n = {record['n']}, no factor"
    course, low, high = _course(record)
    return f"{course} a year ({low} to {high}), n = {record['n']}"


def _short(value: float) -> str:
    """An end of an interval: two digits, thousands as such."""
    return words.count(value) if value >= 10 else f"{value:.2g}"


def _is_telling(record: Record) -> bool:
    """Good enough for the summary: scores measured by others, enough steps, over a year or more."""
    return bool(record["self_reported"] == 0 and record["n"] >= TOLD_FROM and record["span_days"] >= YEAR)


def _title(trends: Sequence[Record], strong: Sequence[Record]) -> str:
    if strong:
        return _finding(strong[0])
    if any(record["n"] for record in trends):
        most = max(record["n"] for record in trends)
        return f"Too little data for a trend: no level has {FEWEST} steps of its price yet, the most is {most}"
    return "Too little data: no model with a score that reaches a level has a price yet"


def _finding(best: Record) -> str:
    """The trend of one level; over less than a year the plain fall, and of vendors' scores that they are theirs."""
    if _is_short(best):
        got, evidence = _fall(best), f"n = {best['n']}"
    else:
        course, low, high = _course(best)
        got, evidence = f"{course} each year", f"90% interval {low} to {high}, n = {best['n']}"
    own = f", {best['self_reported']} of the scores only from vendors" if best["self_reported"] else ""
    return f"Scoring {best['threshold']:.4g} on {_benchmark(best)} got {got} ({evidence}{own})"


def _headlines(strong: Sequence[Record]) -> tuple[str, ...]:
    if not strong or not _is_telling(strong[0]):
        return ()
    best = strong[0]
    return (
        f"{_finding(best)}: from {words.money(best['first_usd_per_mtok'], 'USD')} on {words.day(best['first_on'])} "
        f"to {words.money(best['last_usd_per_mtok'], 'USD')} on {words.day(best['last_on'])} per million tokens.",
    )


def _panels(
    context: Context, trends: Sequence[Record], by_level: dict[Key, list[Record]], told: Key | None
) -> tuple[Panel, ...]:
    """The level of the title, then the one with most steps of each other benchmark, those with most first."""
    until = context.week.end.date()
    chosen = {by_level[told][0]["benchmark_name"]: told} if told else {}
    for key, rows in sorted(by_level.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        if len(rows) > 1:
            chosen.setdefault(rows[0]["benchmark_name"], key)
    panels = []
    for key in list(chosen.values())[:PANELS]:
        rows = by_level[key]
        frozen = [row for row in rows if row["variant"] == FROZEN]
        live = [row for row in rows if row["variant"] != FROZEN]
        facts = ". ".join(_facts(r) for r in trends if _key(r) == key and r["n"])
        end = max(until, *(row["began_on"] for row in rows))
        title = f"{_level(rows[0])}, as {rows[0]['milestone']}" if rows[0]["milestone"] else _level(rows[0])
        panels.append(Panel(title, facts, level_chart(frozen, live, end)))
    return tuple(panels)


def _facts(record: Record) -> str:
    name = "By release" if record["variant"] == FROZEN else "In force"
    course = [words.money(record[end], "USD") for end in ("first_usd_per_mtok", "last_usd_per_mtok")]
    return f"{name} {_pace(record)}: {' → '.join(dict.fromkeys(course))}"


def _notes(trends: Sequence[Record]) -> tuple[str, ...]:
    given = [record for record in trends if record["factor_per_year"]]
    notes = []
    few = sum(record["n"] <= FEW for record in given)
    if few:
        rests = "rests" if few == 1 else "rest"
        notes.append(
            f"{few} of {words.plural(len(given), 'factor')} {rests} on {FEWEST} or {FEW} steps: weak evidence, and the "
            "interval says how weak. One that includes 1 does not show that the price fell."
        )
    short = sum(_is_short(record) for record in given)
    if short:
        come = "comes" if short == 1 else "come"
        notes.append(
            f"{short} of {words.plural(len(given), 'factor')} {come} from less than a year "
            "and would be an extrapolation: they are in the table and the CSV only, with their span."
        )
    late, steps = sum(r["late_prices"] for r in trends), sum(r["n"] for r in trends if r["variant"] == FROZEN)
    if late:
        notes.append(
            f"By release: {late} of {words.plural(steps, 'step')} use a price first known more than 90 days after the "
            "model's release, as no earlier one is on record. Models that reason are left out there, as Epoch AI does."
        )
    said = sum(record["self_reported"] for record in trends)
    if said:
        notes.append(
            f"{words.plural(said, 'step rests', 'steps rest')} on a score that only the model's own vendor reports."
        )
    return tuple(notes)


def _provenance(context: Context, steps: Result) -> tuple[Provenance, ...]:
    scores = provenance(context, steps.records, source="score_source", origin="score_origin")
    prices = provenance(context, steps.records, source="price_source", origin="price_origin")
    return tuple(dict.fromkeys(scores + prices))


def _row(record: Record) -> tuple[Cell, ...]:
    has_factor = bool(record["factor_per_year"])
    interval = f"{_short(record['ci_low'])} to {_short(record['ci_high'])}" if has_factor else ""
    course = [words.money(record[end], "USD") for end in ("first_usd_per_mtok", "last_usd_per_mtok")]
    return (
        cell(_level(record), sub=record["milestone"] or None),
        cell("by release" if record["variant"] == FROZEN else "in force"),
        cell(words.exact(record["n"])),
        cell(words.times(record["factor_per_year"]) if has_factor else "too few steps" if record["n"] else "none"),
        cell(interval),
        cell(f"{record['r2']:.2f}" if has_factor else ""),
        cell(" → ".join(dict.fromkeys(course)) if record["n"] else ""),
        cell(words.exact(record["span_days"]) if record["n"] else ""),
        cell(words.day(record["first_on"]) if record["n"] else "", sub=_last(record)),
    )


def _last(record: Record) -> str | None:
    return f"to {words.day(record['last_on'])}" if record["n"] > 1 else None


def _table(trends: Sequence[Record]) -> Table:
    return Table(
        caption="Every level, by release and in force",
        columns=(
            *columns("Level", "Prices", kind=""),
            *columns("n", "× a year", "90% interval", "R²", "USD per M", "Span, days"),
            *columns("Steps", kind="fixed"),
        ),
        rows=tuple(_row(record) for record in trends),
        folded=True,
    )


section = Section(order=41, slug="price-to-reach", title="Price of a level of quality", render=render)
