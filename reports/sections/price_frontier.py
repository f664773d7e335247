"""The frontier of price and quality: which models no other beats on both, and how that moved since last week."""

from __future__ import annotations

import datetime as dt
import math
from itertools import groupby

import altair as alt

from reports import organisation_colours, words
from reports.mart import Record, Result
from reports.safe import slugify
from reports.scatter import FRONTIER, Axes, scatter
from reports.scores import Y_TITLES, model_name, series_name
from reports.section import (
    Body,
    Cell,
    Chart,
    Context,
    Figure,
    Key,
    Provenance,
    Section,
    Table,
    cell,
    columns,
    provenance,
)

PANELS, FEWEST = 3, 5
WEEK = dt.timedelta(days=7)

# One panel per benchmark, on its series with most models of the last year; this week's points and last week's.
SQL = f"""
with sized as (
    select *,
           count(*) filter (moment_kind = 'this_week') over one_series as models_now,
           count(*) filter (moment_kind = 'this_week' and released_on > $week_end - interval 365 days) over one_series
               as recent_models
    from marts.pareto_frontier
    where moment_kind in ('this_week', 'last_week')
    window one_series as (partition by series_id, metric, scale)
), placed as (
    select *, dense_rank() over (
        partition by benchmark order by recent_models desc, models_now desc, series_id desc, metric, scale
    ) as place
    from sized where models_now >= {FEWEST}
), panelled as (
    select *, dense_rank() over (order by recent_models desc, models_now desc, benchmark) as panel
    from placed where place = 1
)
select panel, moment_kind, frontier_at, benchmark_name, benchmark_version, metric, scale, model_name, organisation_name,
       is_open_weights, released_on, effort, score, quality, evaluator, is_self_reported, blended_usd_per_mtok,
       price_basis, price_providers, price_provider, price_listing, price_market, price_in_force_from, is_frontier,
       models_considered, score_source, score_origin, score_capture_id, price_source, price_origin, price_capture_id,
       series_id, organisation_id, model_id
from panelled
where panel <= {PANELS}
order by panel, moment_kind desc, quality desc, blended_usd_per_mtok, model_id
"""


def render(context: Context) -> Body:
    """A figure per benchmark, and a sentence on what moved on the one with most models."""
    result = context.mart.query(SQL)
    panels = [_Panel(list(rows)) for _, rows in groupby(result.records, key=lambda r: r["panel"])]
    if not panels:
        empty = Figure(
            slug="price-frontier",
            title=f"No series of scores has {words.numeral(FEWEST)} models with a price: no frontier is drawn",
            subtitle="It would show which models no other beats on both price and score, beside last week's.",
            results=(result,),
        )
        return Body(figures=(empty,))
    return Body(
        figures=tuple(panel.figure(context, result) for panel in panels),
        headlines=(f"{panels[0].finding()}.",) if panels[0].moved else (),
        intro="A model is on the frontier when no other is at least as good and no dearer. The broad grey line is the "
        "frontier of a week before.",
    )


class _Panel:
    """One series: its points now and a week before, best first."""

    def __init__(self, records: list[Record]) -> None:
        self.points = [r for r in records if r["moment_kind"] == "this_week"]
        self.before = {r["model_id"]: r for r in records if r["moment_kind"] == "last_week"}
        self.first = self.points[0]
        self.at = self.first["frontier_at"]
        self.frontier = [r for r in self.points if r["is_frontier"]]
        self.gone = [r for r in self.before.values() if r["is_frontier"] and r["model_id"] not in _ids(self.frontier)]
        # News of the market is what moves among prices of the same seller: a price read for the first time, or another
        # seller's, moves the frontier of what is known.
        self.compared = [r for r in self.points if self._is_new(r) or self._is_same_offer(r)]
        then = [self.before[r["model_id"]] for r in self.compared if r["model_id"] in self.before]
        stood, stands = _frontier(then), _frontier(self.compared)
        self.joined = [r for r in self.frontier if r["model_id"] in stands - stood]
        self.left = [r for r in self.gone if r["model_id"] in stood - stands]
        self.moved = bool(self.joined or self.left)

    def _is_new(self, record: Record) -> bool:
        """Released within the week."""
        released = record["released_on"]
        return released is not None and released > (self.at - WEEK).date()

    def _is_same_offer(self, record: Record) -> bool:
        before = self.before.get(record["model_id"])
        parts = ("price_source", "price_provider", "price_listing", "price_market")
        return before is not None and all(before[part] == record[part] for part in parts)

    @property
    def name(self) -> str:
        return series_name(self.first)

    def finding(self) -> str:
        """How many are on it, and who came and went."""
        lead = f"{self.name}: {len(self.frontier)} of {words.plural(len(self.points), 'model')} on the price frontier"
        if not self.before:
            return f"{lead}; of a week before no price is known"
        if not self.moved:
            return f"{lead}; no release and no price change moved it within the week"
        parts = [
            f"{words.listed([model_name(r) for r in records])} {verb}"
            for records, verb in ((self.joined, "joined"), (self.left, "left"))
            if records
        ]
        return f"{lead}; {' and '.join(parts)} it within the week"

    def figure(self, context: Context, result: Result) -> Figure:
        number = self.first["panel"]
        evaluators = sorted({r["evaluator"] for r in self.points})
        measured = words.listed(evaluators) if len(evaluators) <= 4 else words.plural(len(evaluators), "evaluator")
        return Figure(
            slug=f"price-frontier-{number}-{slugify(self.name)}",
            title=self.finding(),
            subtitle="Blended price in US dollars per million tokens (logarithmic) against the score of each model's "
            f"best run, on {words.day(self.at)}. n = {words.plural(len(self.points), 'model')}, {len(self.before)} of "
            f"them with a price on {words.day(self.at - WEEK)}. Measured by {measured}; the first party's price where "
            "one is known, else the median provider's.",
            results=(Result(result.sql, result.frame[result.frame["panel"] == number]),),
            provenance=_provenance(context, self.points),
            chart=self.chart(),
            table=self.table(context),
            notes=self.notes(),
        )

    def chart(self) -> Chart:
        marks = organisation_colours.kinds((r["organisation_id"], r["organisation_name"]) for r in self.points)
        drawn = [
            {
                "x": r["blended_usd_per_mtok"],
                "y": r["score"],
                "kind": organisation_colours.kind_of(r["organisation_id"], r["organisation_name"]),
                "label": model_name(r),
                "weights": _weights(r),
                "seller": r["price_provider"],
                "is_frontier": r["is_frontier"],
            }
            for r in self.points
        ]
        shadow = [{"x": r["blended_usd_per_mtok"], "y": r["score"]} for r in self.before.values() if r["is_frontier"]]
        y_title = Y_TITLES[self.first["scale"]]
        tooltip = [
            alt.Tooltip("label:N", title="model"),
            alt.Tooltip("weights:N", title="weights"),
            alt.Tooltip("y:Q", format=".1f", title=y_title),
            alt.Tooltip("x:Q", format="$,.3~f", title="USD per M"),
            alt.Tooltip("seller:N", title="sold by"),
        ]
        week = (Key("frontier a week before", organisation_colours.REST.colour, "▬"),) if shadow else ()
        return scatter(
            drawn,
            axes=Axes("blended US dollars per million tokens", y_title, less_is_better=_less_is_better(self.first)),
            marks={kind: (mark.shape, mark.colour) for kind, mark in marks.items()},
            tooltip=tooltip,
            legend=(*organisation_colours.legend(marks), FRONTIER, *week),
            shadow=shadow,
        )

    def notes(self) -> tuple[str, ...]:
        """What of the distance between the two lines is news of the record and not of the market."""
        notes = ["Scores are those of today's record: a frontier moves with releases and prices, not with evaluations."]
        known = [model_name(r) for r in self.frontier if r["model_id"] not in _ids(self.compared)]
        others = len(self.points) - len(self.compared)
        if self.before and others:
            whose = f", among them {words.listed(known)}," if known else ""
            notes.append(
                f"Of {words.plural(others, 'model')}{whose} a price was first read, or is read from another seller, "
                "within the week: where they part the two lines, that is news of this record and not of the market."
            )
        return tuple(notes)

    def _came(self, record: Record) -> str:
        """Where a model stood a week before."""
        before = self.before.get(record["model_id"])
        if before is None:
            return f"released {words.day(record['released_on'])}" if self._is_new(record) else "no price known"
        return "on it" if before["is_frontier"] else "off it"

    def _row(self, context: Context, record: Record, now: str) -> tuple[Cell, ...]:
        before = self.before.get(record["model_id"])
        is_left = record["moment_kind"] == "last_week"
        return (
            cell(model_name(record), sub=record["organisation_name"]),
            cell(_weights(record)),
            cell(f"{record['score']:.1f}", sub="by its vendor" if record["is_self_reported"] else None),
            cell(now if is_left else _usd(record)),
            cell(self._came(record), sub=_usd(before) if before else None),
            cell(record["price_provider"], sub=f"{record['price_listing']}, {_basis(record)}"),
            cell(context.health.title_of(record["price_source"]), badge=record["price_origin"]),
            cell(context.health.title_of(record["score_source"]), badge=record["score_origin"]),
        )

    def table(self, context: Context) -> Table:
        now = {r["model_id"]: r for r in self.points}
        rows = [self._row(context, r, "") for r in self.frontier]
        for record in self.gone:
            found = now.get(record["model_id"])
            rows.append(self._row(context, record, f"left, {_usd(found)}" if found else "left, no price known"))
        return Table(
            caption="The models of the frontier, best first, then those that left it",
            columns=(
                *columns("Model", "Weights", kind=""),
                *columns("Score", "Blended, USD per M"),
                *columns("A week before", "Sold by", "Price from", "Score from", kind=""),
            ),
            rows=tuple(rows),
            folded=True,
        )


def _ids(records: list[Record]) -> set[str]:
    return {r["model_id"] for r in records}


def _frontier(records: list[Record]) -> set[str]:
    """The models that none of the others is at least as good and no dearer than, and better in one of the two."""
    found, best = set(), -math.inf
    for _, group in groupby(sorted(records, key=_price), key=_price):
        equal = list(group)
        top = max(r["quality"] for r in equal)
        if top > best:
            found |= {r["model_id"] for r in equal if r["quality"] == top}
            best = top
    return found


def _price(record: Record) -> float:
    return float(record["blended_usd_per_mtok"])


def _weights(record: Record) -> str:
    return "open" if record["is_open_weights"] else "closed"


def _usd(record: Record) -> str:
    return words.money(record["blended_usd_per_mtok"], "USD")


def _less_is_better(record: Record) -> bool:
    return bool(record["quality"] != record["score"])


def _basis(record: Record) -> str:
    if record["price_basis"] == "first_party":
        return "the first party"
    return f"median of {words.plural(record['price_providers'], 'provider')}"


def _provenance(context: Context, records: list[Record]) -> tuple[Provenance, ...]:
    scores = provenance(context, records, source="score_source", origin="score_origin")
    prices = provenance(context, records, source="price_source", origin="price_origin")
    return tuple(dict.fromkeys(scores + prices))


section = Section(order=40, slug="price-frontier", title="Frontier of price and quality", render=render)
