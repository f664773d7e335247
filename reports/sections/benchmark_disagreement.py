"""Where leaderboards disagree: vendors against others, evaluators of one score, rankings of one subject."""

from __future__ import annotations

import json
from collections.abc import Sequence
from statistics import median

from reports import score_charts, words
from reports.mart import Record, Result
from reports.section import Body, Cell, Context, Figure, Provenance, Section, Table, cell, columns, provenance

DRAWN, SHOWN = 12, 25
USUAL = ("accuracy", "average", "index", "elo", "win_rate", "hallucination_rate")
"""Metrics that the name of a benchmark implies."""

OWN = """
select model_name, benchmark_name, series_id, mode, metric, self_reported_points, independent_median_points,
       self_reported_minus_independent_points, independent_evaluators, statements, spread_points, statement_list,
       last_observed_at, is_watched, model_id
from marts.score_reconciliation
where self_reported_minus_independent_points is not null and scale = 'percent' and last_observed_at < $week_end
order by abs(self_reported_minus_independent_points) desc, model_id, series_id, mode, metric
limit 500
"""

ALONE = """
select count(*) as scores, count(*) filter (where is_self_reported_only) as only_self_reported,
       count(*) filter (where evaluators > 1) as compared
from marts.score_reconciliation
where last_observed_at < $week_end
order by scores
"""

APART = """
select model_name, benchmark_name, series_id, mode, metric, scale, independent_min_points, independent_max_points,
       independent_spread_points, independent_evaluators, statements, statement_list, last_observed_at, model_id
from marts.score_reconciliation
where independent_spread_points > 0 and scale = 'percent' and last_observed_at < $week_end
order by independent_spread_points desc, model_id, series_id, mode, metric
limit 200
"""

PAIRS = """
select subject, kind, benchmark_name_a, series_id_a, evaluator_a, source_a, metric_a, benchmark_name_b, series_id_b,
       evaluator_b, source_b, metric_b, models, spearman, spearman_low, spearman_high,
       arg_min(model_name, position_in_pair) as model_name, arg_min(place_a, position_in_pair) as place_a,
       arg_min(place_b, position_in_pair) as place_b,
       arg_min(percentile_difference, position_in_pair) as percentile_difference, observed_at, origin_a, origin_b,
       capture_id_a, capture_id_b, pair_id
from marts.leaderboard_disagreement
where published_at < $week_end
group by all
order by spearman nulls last, pair_id
limit 200
"""


def render(context: Context) -> Body:
    """A figure for each kind of disagreement that can be told."""
    own, apart, pairs = (context.mart.query(sql) for sql in (OWN, APART, PAIRS))
    figures = []
    if own.records:
        figures.append(_own(context, own, context.mart.query(ALONE)))
    if apart.records:
        figures.append(_apart(context, apart))
    if any(record["spearman"] is not None for record in pairs.records):
        figures.append(_pairs(context, pairs))
    return Body(figures=tuple(figures))


def _statements(record: Record) -> list[Record]:
    found: list[Record] = json.loads(record["statement_list"])
    return [statement | {"at": record["last_observed_at"]} for statement in found]


def _stated(context: Context, records: Sequence[Record]) -> tuple[Provenance, ...]:
    return provenance(context, [statement for record in records for statement in _statements(record)], at="at")


def _points(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def _score_name(record: Record) -> str:
    mode = f", {record['mode'].replace('_', '-')}" if record["mode"] else ""
    return f"{record['model_name']}, {record['benchmark_name'] or record['series_id']}{mode}"


def _said_by(record: Record, *, is_own: bool) -> str:
    """The evaluators on one side, each with its value and effort."""
    parts = dict.fromkeys(
        f"{one['evaluator']} {one['points']:.1f}" + (f" ({one['effort']})" if one["effort"] else "")
        for one in _statements(record)
        if one["is_self_reported"] is is_own and not one["is_other_vendor"]
    )
    shown = list(parts)[:3]
    return words.listed([*shown, f"{len(parts) - 3} more"] if len(parts) > 3 else shown)


def _own(context: Context, result: Result, alone: Result) -> Figure:
    records = result.records
    middle = median(float(r["self_reported_minus_independent_points"]) for r in records)
    counts = alone.records[0]
    drawn = [
        {
            "name": _score_name(r),
            "own": r["self_reported_points"],
            "other": r["independent_median_points"],
            "shown": _points(r["self_reported_minus_independent_points"]),
        }
        for r in records[:DRAWN]
    ]
    where = "equal to" if round(middle, 1) == 0 else f"{abs(middle):.1f} points {'above' if middle > 0 else 'below'}"
    return Figure(
        slug="self-reported",
        title=f"What vendors report of their own models is at the median {where} what others measure",
        subtitle="Same model, benchmark series and mode, in per cent; prompts and harness may differ. Of an "
        "evaluator's runs the best, of evaluators the median. "
        f"n = {words.plural(len(records), 'score')} stated by both; "
        f"{counts['only_self_reported']:,} of {counts['scores']:,} scores rest on the vendor's word alone.",
        results=(result, alone),
        provenance=_stated(context, records),
        chart=score_charts.two_values(drawn, axis_title="score, %"),
        table=Table(
            caption="Self-reported against independent, widest apart first",
            columns=(
                *columns("Model and benchmark", kind=""),
                *columns("Self-reported", "Independent", "Difference"),
            ),
            rows=tuple(_own_row(record) for record in records[:SHOWN]),
            folded=True,
        ),
        notes=(f"{len(records) - SHOWN:,} more are in the CSV.",) if len(records) > SHOWN else (),
    )


def _own_row(record: Record) -> tuple[Cell, ...]:
    return (
        cell(_score_name(record), sub=record["series_id"]),
        cell(f"{record['self_reported_points']:.1f}", sub=_said_by(record, is_own=True)),
        cell(f"{record['independent_median_points']:.1f}", sub=_said_by(record, is_own=False)),
        cell(_points(record["self_reported_minus_independent_points"])),
    )


def _apart(context: Context, result: Result) -> Figure:
    records = result.records
    first = records[0]
    return Figure(
        slug="evaluators-apart",
        title=f"Evaluators are up to {first['independent_spread_points']:.1f} points apart on one score: "
        f"{_score_name(first)}",
        subtitle="Same model, benchmark series and mode measured by two or more evaluators other than the vendor, in "
        f"per cent; of an evaluator's runs the best. n = {words.plural(len(records), 'score')}.",
        results=(result,),
        provenance=_stated(context, records),
        table=Table(
            caption="Scores by the range of their evaluators",
            columns=(*columns("Model and benchmark", kind=""), *columns("Lowest", "Highest", "Apart")),
            rows=tuple(
                (
                    cell(_score_name(r), sub=_said_by(r, is_own=False)),
                    cell(f"{r['independent_min_points']:.1f}"),
                    cell(f"{r['independent_max_points']:.1f}"),
                    cell(f"{r['independent_spread_points']:.1f}"),
                )
                for r in records[:SHOWN]
            ),
            folded=True,
        ),
        notes=(f"{len(records) - SHOWN:,} more are in the CSV.",) if len(records) > SHOWN else (),
    )


def _correlation(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _list_name(record: Record, side: str) -> str:
    """Benchmark of a side, its evaluator where both are one benchmark, and what is unusual of its metric."""
    name = str(record[f"benchmark_name_{side}"])
    if record["benchmark_name_a"] == record["benchmark_name_b"]:
        name = f"{name} by {record[f'evaluator_{side}']}"
    metric = str(record[f"metric_{side}"])
    if metric in USUAL:
        return name
    usual = next((one for one in USUAL if metric.startswith(f"{one}_")), "")
    return f"{name} ({metric.removeprefix(usual).replace('_', ' ').strip()})"


def _pair_name(record: Record) -> str:
    return f"{_list_name(record, 'a')} and {_list_name(record, 'b')}"


def _pairs(context: Context, result: Result) -> Figure:
    known = [record for record in result.records if record["spearman"] is not None]
    first = known[0]
    drawn = [
        {
            "name": _pair_name(r),
            "value": r["spearman"],
            "low": r["spearman_low"],
            "high": r["spearman_high"],
            "shown": f"{_correlation(r['spearman'])}, n = {r['models']}",
        }
        for r in known[:DRAWN]
    ]
    both = [
        {"source": r[f"source_{side}"], "origin": r[f"origin_{side}"], "at": r["observed_at"]}
        for r in known
        for side in "ab"
    ]
    return Figure(
        slug="leaderboard-disagreement",
        title=f"{_pair_name(first)} agree least on how models rank: correlation {_correlation(first['spearman'])} over "
        f"{first['models']} models",
        subtitle="Spearman's rank correlation over the models two leaderboards of one subject have in common, 8 or "
        f"more, with its 90% interval; 1 is the same order, 0 none. n = {words.plural(len(known), 'pair')}.",
        results=(result,),
        provenance=provenance(context, both, at="at"),
        chart=score_charts.intervals(drawn, axis_title="Spearman's rank correlation"),
        table=Table(
            caption="Pairs, the least alike first, and the model they disagree on most",
            columns=(
                *columns("Leaderboards", kind=""),
                *columns("Correlation"),
                *columns("Most apart on", kind=""),
                *columns("Place in the first", "Place in the second"),
            ),
            rows=tuple(_pair_row(record) for record in known[:SHOWN]),
            folded=True,
        ),
        notes=(f"{len(known) - SHOWN:,} more are in the CSV.",) if len(known) > SHOWN else (),
    )


def _pair_row(record: Record) -> tuple[Cell, ...]:
    low, high = (_correlation(record[key]) for key in ("spearman_low", "spearman_high"))
    return (
        cell(_pair_name(record), sub=f"{record['series_id_a']} and {record['series_id_b']}"),
        cell(_correlation(record["spearman"]), sub=f"{low} to {high}, n = {record['models']}"),
        cell(record["model_name"]),
        cell(f"{record['place_a']} of {record['models']}"),
        cell(f"{record['place_b']} of {record['models']}"),
    )


section = Section(order=48, slug="benchmark-disagreement", title="Where leaderboards disagree", render=render)
