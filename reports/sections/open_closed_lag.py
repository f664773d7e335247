"""How far open models are behind closed ones: in months for each capability, the composites last, and in points."""

from __future__ import annotations

import datetime as dt

from reports import intervals, words
from reports.mart import Record, Result
from reports.section import Body, Cell, Context, Figure, Section, Table, cell, columns, provenance

LAG = """
select scope, scope_id, scope_name, position, subject, evaluator, is_self_reported, benchmarks, steps, open_models,
       at_least_steps, at_most_steps, no_tolerance_steps, mean_lag_months, mean_lag_ci_low, mean_lag_ci_high,
       mean_lag_without_tolerance_months, mean_known_lag_months, mean_lag_last_year_months, steps_last_year,
       known_until, now_benchmarks, now_lag_months, now_censored, now_unreached_months, now_gap_points,
       now_gap_pct, now_gap_ci_low, now_gap_ci_high, best_open_model_id, best_closed_model_id, unreached_model_id
from marts.open_closed_summary
order by position
"""
STEPS = """
select lag.line_id, lag.level, lag.line_name, lag.evaluator, lag.step, lag.open_model_name, lag.open_released_on,
       lag.open_score, lag.closed_model_name, lag.closed_released_on, lag.closed_score, lag.tolerance,
       lag.tolerance_basis, lag.lag_months, lag.censored, lag.lag_months_without_tolerance, lag.unreached_model_name,
       lag.unreached_released_on
from marts.open_closed_lag as lag
join marts.open_closed_summary as summary on summary.scope = lag.level and summary.scope_id = lag.line_id
order by summary.position, lag.step
limit 2000
"""
# The line that says most: our own index, else a composite of others, else the series with the most changes.
GAP = """
with chosen as (
    select line_id
    from marts.open_closed_gap
    group by line_id, level
    order by case level when 'composite' then 1 when 'other_composite' then 2 else 3 end, count(*) desc, line_id
    limit 1
)
select line_name, level, scale, changed_on, until_on, open_model_name, open_released_on, open_score,
       closed_model_name, closed_released_on, closed_score, gap_points, gap_error, gap_pct, is_newest
from marts.open_closed_gap
where line_id in (select line_id from chosen)
order by changed_on
"""
SOURCES = """
select distinct source, origin from marts.open_closed_frontier where source is not null order by source, origin
"""
# A mean of so few steps is not drawn, and one of not many more is no headline.
DRAWN_FROM, TOLD_FROM = 5, 10
YEAR = dt.timedelta(days=365)
COMPOSITES = ("other_composite", "composite")


def render(context: Context) -> Body:
    """Months behind for each capability, each series, and the gap; nothing where open and closed cannot be compared."""
    lag, gap = context.mart.query(LAG), context.mart.query(GAP)
    if not lag.records:
        return Body()
    steps, sources = context.mart.query(STEPS), context.mart.query(SOURCES).records
    figures = [_capabilities(context, lag, sources), _series(context, lag, steps, sources)]
    if gap.records:
        figures.append(_gap(context, gap, sources))
    return Body(figures=tuple(figures), headlines=(f"{_title(lag.records)}.",))


def _months(value: float | None) -> str:
    return words.UNKNOWN if value is None else f"{value:.1f}".replace("-", "−")


def _mean(record: Record) -> str:
    """3.9 (2.1 to 5.6), or the figure alone where there are too few steps for an interval."""
    low, high = record["mean_lag_ci_low"], record["mean_lag_ci_high"]
    span = "" if low is None else f" ({_months(low)} to {_months(high)})"
    return f"{_months(record['mean_lag_months'])}{span}"


def _is_too_few(record: Record) -> bool:
    return record["scope"] == "subject" and bool(record["steps"] < DRAWN_FROM)


def _name(record: Record) -> str:
    return str(record["scope_name"])[:1].upper() + str(record["scope_name"])[1:]


def _shown(records: list[Record]) -> list[Record]:
    """Capabilities, then all benchmarks, then the composites."""
    return [r for r in records if r["scope"] != "series"]


def _title(records: list[Record]) -> str:
    """The mean over all benchmarks and, of the capabilities with enough steps, those at either end."""
    every = next((r for r in records if r["scope"] == "all"), None)
    if every is None:
        own = records[-1]
        return f"Open models reach closed ones {_mean(own)} months later by {own['scope_name']}"
    over = words.plural(every["benchmarks"], "benchmark")
    bound = "at least " if every["at_least_steps"] and not every["at_most_steps"] else ""
    text = f"Open models reach closed ones {bound}{_mean(every)} months later over {over}"
    told = [r for r in records if r["scope"] == "subject" and r["steps"] >= TOLD_FROM]
    subjects = [r for r in told if r["mean_lag_ci_low"] is not None]
    if len(subjects) < 2:
        return text
    first, *_, last = sorted(subjects, key=lambda r: (r["mean_lag_months"], r["scope_id"]))
    return (
        f"{text}: {_months(first['mean_lag_months'])} in {first['scope_name']}, "
        f"{_months(last['mean_lag_months'])} in {last['scope_name']}"
    )


def _capabilities(context: Context, result: Result, sources: list[Record]) -> Figure:
    shown = _shown(result.records)
    drawn = [
        {
            "name": _name(r),
            "value": r["mean_lag_months"],
            "low": r["mean_lag_ci_low"],
            "high": r["mean_lag_ci_high"],
            "kind": "composite" if r["scope"] in COMPOSITES else "capability",
            "shown": _mean(r),
        }
        for r in shown
        if not _is_too_few(r)
    ]
    every = next((r for r in shown if r["scope"] == "all"), shown[-1])
    censored = every["at_least_steps"] + every["at_most_steps"]
    without = every["mean_lag_without_tolerance_months"]
    return Figure(
        slug="open-closed-lag",
        title=_title(result.records),
        subtitle="Months from the day the closed frontier first had a score, less the 90% error of the comparison, to "
        "the release of the open model that had it; mean over the steps of the open frontier, 90% interval over open "
        f"models. n = {words.plural(every['steps'], 'step')} of {words.plural(every['open_models'], 'open model')}, "
        f"{censored:,} of them bounds.",
        results=(result,),
        provenance=provenance(context, sources),
        chart=intervals.rows(drawn, axis_title="months behind, mean", kinds=intervals.SCOPES, of="capability")
        if drawn
        else None,
        table=Table(
            caption="By capability, composites last",
            columns=(
                *columns("Capability", kind=""),
                *columns("Mean lag, months", "Last year", "Now behind", "Gap now"),
            ),
            rows=tuple(_capability(r) for r in shown),
        ),
        notes=(
            f"Over the steps that are no bounds the mean is {_months(every['mean_known_lag_months'])} months; without "
            f"the allowance for error it is {_months(without)} months, and "
            f"{words.plural(every['no_tolerance_steps'], 'step')} had none, as no error of the scores is stated.",
            "A step is a bound where the first closed model measured was already that good (at least), or where none "
            "is yet (at most); bounds count as they are. Models that nobody measured are not known.",
            f"Fewer than {DRAWN_FROM} steps are too few for a mean of a capability; the CSV has it.",
            "Now behind: how long closed models had the level of the best open one, up to the newest release measured.",
        ),
    )


def _bounded(record: Record) -> str:
    bound = {"at_least": "at least ", "at_most": "at most "}.get(record["now_censored"] or "", "")
    return words.UNKNOWN if record["now_lag_months"] is None else bound + _months(record["now_lag_months"])


def _gap_now(record: Record) -> Cell:
    """The gap with its interval: in points where the scale has no zero, else in percent of the closed score."""
    points, percent = record["now_gap_points"], record["now_gap_pct"]
    if points is None and percent is None:
        return cell(words.UNKNOWN)
    low, high = record["now_gap_ci_low"], record["now_gap_ci_high"]
    unit = "%" if points is None else " points"
    span = None if low is None else f"{_months(low)} to {_months(high)}{unit}"
    if points is None:
        return cell(f"{_months(percent)}%", sub=span)
    share = "" if percent is None else f", {_months(percent)}%"
    return cell(f"{_months(points)} points{share}", sub=span)


def _of(record: Record, key: str = "benchmarks") -> str:
    return "composite" if record["scope"] in COMPOSITES else words.plural(record[key], "benchmark")


def _capability(record: Record) -> tuple[Cell, ...]:
    counts = [words.plural(record["steps"], "step")]
    counts += [
        f"{record[key]:,} {word}"
        for key, word in (("at_least_steps", "at least"), ("at_most_steps", "at most"))
        if record[key]
    ]
    year = record["mean_lag_last_year_months"]
    return (
        cell(_name(record), sub=_of(record)),
        cell("too few" if _is_too_few(record) else _mean(record), sub=", ".join(counts)),
        cell(_months(year), sub=words.plural(record["steps_last_year"], "step")),
        cell(_bounded(record), sub=f"{_of(record, 'now_benchmarks')}, to {words.day(record['known_until'])}"),
        _gap_now(record),
    )


def _series(context: Context, lag: Result, steps: Result, sources: list[Record]) -> Figure:
    lines = [r for r in lag.records if r["scope"] != "subject" and r["scope"] != "all"]
    # A board on which nothing new was measured for a year says nothing of what is open now.
    newest = max((r["known_until"] for r in lines if r["known_until"]), default=None)
    behind = [r for r in lines if (r["now_unreached_months"] or 0) > 0 and newest and newest - r["known_until"] < YEAR]
    farthest = max(behind, key=lambda r: (r["now_unreached_months"], r["scope_id"]), default=None)
    title = (
        f"The longest open gap is {_months(farthest['now_unreached_months'])} months, in {farthest['scope_name']}: "
        f"no open model reached {farthest['unreached_model_id']} there"
        if farthest
        else "Open models reached every closed score, as far as they were measured"
    )
    return Figure(
        slug="open-closed-lag-series",
        title=title,
        subtitle="Each benchmark version and evaluator by itself, up to the newest release measured on it, which the "
        "title leaves out where that is a year old; the gap that is still open is a lower bound of its lag. "
        f"n = {words.plural(len(lines), 'line')}, {words.plural(len(steps.records), 'step')} in the second CSV.",
        results=(lag, steps),
        provenance=provenance(context, sources),
        table=Table(
            caption="Series by subject, composites last",
            columns=(
                *columns("Series", kind=""),
                *columns("Mean lag, months", "Now behind", "Gap open for", "Gap now"),
                *columns("Best open and closed", kind=""),
            ),
            rows=tuple(_line(r) for r in lines),
            folded=True,
        ),
    )


def _line(record: Record) -> tuple[Cell, ...]:
    told = [record["evaluator"], "self-reported" if record["is_self_reported"] else None]
    unreached = record["now_unreached_months"]
    return (
        cell(_name(record), sub=", ".join(filter(None, (record["subject"], *told)))),
        cell(_mean(record), sub=words.plural(record["steps"], "step")),
        cell(_bounded(record), sub=f"to {words.day(record['known_until'])}"),
        cell(f"at least {_months(unreached)}" if unreached else "none open", sub=record["unreached_model_id"]),
        _gap_now(record),
        cell(record["best_open_model_id"], sub=f"closed: {record['best_closed_model_id']}"),
    )


def _gap(context: Context, result: Result, sources: list[Record]) -> Figure:
    records = result.records
    newest = records[-1]
    unit = "index points" if newest["scale"] == "index" else "points"
    drawn = [_drawn(r, r["changed_on"]) for r in records]
    # The last state runs on to the newest release known.
    drawn.append(_drawn(newest, newest["until_on"]))
    widest = max(records, key=lambda r: (r["gap_points"], r["changed_on"]))
    error = "" if newest["gap_error"] is None else f" ± {newest['gap_error']:.1f}"
    share = "" if newest["gap_pct"] is None else f" ({newest['gap_pct']:.1f}%)"
    return Figure(
        slug="open-closed-gap",
        title=f"{newest['closed_model_name']} is {_months(newest['gap_points'])}{error} {unit}{share} ahead of "
        f"{newest['open_model_name']}, the best open model; the gap was widest with {_months(widest['gap_points'])} "
        f"on {words.day(widest['changed_on'])}",
        subtitle=f"{newest['line_name']}: best closed less best open model, by release date; above 0 closed models "
        f"are ahead. n = {words.plural(len(records), 'change')} of either frontier.",
        results=(result,),
        provenance=provenance(context, sources),
        chart=intervals.course(drawn, axis_title=f"gap, {unit}", what="closed less open"),
        table=Table(
            caption="Newest changes first",
            columns=(
                *columns("From", kind="fixed"),
                *columns("Best open", "Best closed", kind=""),
                *columns("Gap", "90% error"),
            ),
            rows=tuple(_change(r) for r in reversed(records)),
            folded=True,
        ),
    )


def _drawn(record: Record, day: object) -> Record:
    error = record["gap_error"]
    return {
        "changed_on": day,
        "value": record["gap_points"],
        "low": None if error is None else record["gap_points"] - error,
        "high": None if error is None else record["gap_points"] + error,
        "shown": f"{record['open_model_name']} / {record['closed_model_name']}",
    }


def _change(record: Record) -> tuple[Cell, ...]:
    error, percent = record["gap_error"], record["gap_pct"]
    return (
        cell(words.day(record["changed_on"])),
        cell(record["open_model_name"], sub=f"{record['open_score']:.1f}"),
        cell(record["closed_model_name"], sub=f"{record['closed_score']:.1f}"),
        cell(_months(record["gap_points"]), sub=None if percent is None else f"{percent:.1f}%".replace("-", "−")),
        cell(words.UNKNOWN if error is None else f"± {error:.1f}"),
    )


section = Section(order=45, slug="open-closed", title="Open and closed models", render=render)
