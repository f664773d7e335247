"""What the words and numbers of the report mean."""

from __future__ import annotations

from reports.section import Body, Context, Section

TERMS = {
    "Blended price": """
        (3 × input + output) ÷ 4, per million tokens, computed in the native currency and converted afterwards at the
        stated day's rate.""",
    "Derivative": """
        A Hub repository that derives from a family's own repositories, counted under three rules that give different
        numbers. Declared edge: the family is in the Hub's resolved list of its parents. Tag: any base_model tag names
        it. Name match: a word of the family stands in its name or tags. Direct: a parent is the family's own; at any
        depth: an ancestor is. The Hub's own counts are direct children by typed tags; a merge of two parents counts
        at each.""",
    "New derivatives": """
        Derivatives by the month in which their repository was created, as shares of the derivatives of all families
        of that month. What was deleted before the first crawl of the whole Hub is not known.""",
    "Licence drift": """
        The class of a derivative's licence tag against that of its parent's: loosened or tightened by the strictness
        of the classes, same within a class, not told where a text is own, unstated or unseen.""",
    "Whole Hub and watched": """
        Of the whole Hub: a crawl that lists every public repository. Watched: the lists of the families followed by
        name, and nothing more.""",
    "Downloads": """
        Requests the Hub counted in the trailing 30 days. Not users, not installations; caches and automatic jobs count
        too, and the Hub corrects its counters.""",
    "New downloads": """
        Rises of the Hub's all-time counters between two refreshes. Downloads taken back are no negative downloads:
        they are left out and shown as revisions.""",
    "Not refreshed, caught up, off": """
        The Hub refreshes its counters once a day. A day counts as not refreshed, or only in part, when more than a
        quarter of the counts of well-used repositories are those of the capture before; the next refreshed one catches
        up and covers several days. A day is off when the
        sum of all counts leaves both its neighbours by 15% or more.""",
    "RAM": """
        Relative adoption: downloads since a release, against tracked models of the same size class at the same age.
        Version 1 (January 2026) divides by the median of the ten largest, version 2 (second quarter of 2026) by the
        tenth largest. Unknown where fewer than ten are known.""",
    "Concentration": """
        HHI is the sum of squared shares: 1 where one holder has all. Gini is 0 where all have the same and near 1
        where few have all; holders without downloads count.""",
    "Rise and fall": """
        Change of the 30-day downloads from the end of one week to the end of the next. Flags name what may explain it
        besides use: a revision, a jump of the level without its peers, a day not refreshed, a launch, a repository
        first seen, a new name.""",
    "Price": """
        What a source states for one component of one offer: seller, market, service tier, mode, context tier and time
        window are part of it. Unknown is not free.""",
    "Price against quality": """
        The cheapest blended list price of a standard offer at the shortest context, the first party's word before a
        reseller's, a reseller's before an aggregator's. Tokens spent per answer differ between models and are not in
        the price.""",
    "Frontier": """
        A model is on the frontier of a benchmark when no other is both at least as good and cheaper.""",
    "Series": """
        Scores are compared only within one series: one benchmark, in one version, release or window of questions. A
        change of questions, corpus or scale begins another, and lines are cut there.""",
    "Price to reach a level": """
        The lowest blended price of any model that scores at least the level. The factor per year is read off a straight
        line through the logarithm of the price at each step down; from fewer than four steps none is given. By release:
        each model at its first known price, as Epoch AI takes it. In force: prices as they were on each day, which can
        rise.""",
    "Quality index": """
        One ability per model from all its benchmarks at once (Rasch model for averages), fitted without composites of
        others. 100 is the mean of the models of 2024; 10 points more multiply the odds of a right answer by 2.7. Its
        interval holds 90% over benchmarks.""",
    "Lag of open models": """
        Months from the day the closed frontier first had an open model's score, less the 90% error of the comparison,
        to that model's release. At least and at most are bounds: what came before the first closed model measured, or
        after the newest, is not known.""",
    "Gap": """
        Best closed less best open score, in points, and in percent of the closed one where the scale has a zero.""",
    "Self-reported": """
        Stated by the vendor of the model. What a vendor measured of a rival's model is neither self-reported nor
        independent.""",
    "Open": """
        The weights can be downloaded. Openness belongs to the model, never to the vendor; it says nothing of the
        licence.""",
    "Two clocks": """
        When something was true, as the source states it, and when we knew, by the capture that showed it. A change
        lies between the last capture without it and the first with it.""",
    "Week": """
        Monday 00:00 UTC to the next Monday 00:00 UTC, named as in ISO 8601.""",
    "Origin": """
        Live: fetched by this record. Imported: a dated body that was not
        fetched from the source itself, with where it came from. Starter: facts
        compiled by hand that stand in until the first live capture. Simulated:
        made up by a program that stands in for the source in a demo, and no
        fact about anything.""",
    "Stale": """
        A live or imported capture older than its source allows, counted to the end of the week, or to the newest
        capture while the week is open.""",
    "Upstream event": """
        A capture in which so much changed at once that it speaks of the source, not of the world. Kept apart until it
        persists.""",
}


def render(_context: Context) -> Body:
    """The terms and their meanings."""
    return Body(terms=tuple((term, " ".join(meaning.split())) for term, meaning in TERMS.items()))


section = Section(order=80, slug="definitions", title="Definitions", render=render)
