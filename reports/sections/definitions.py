"""What the words and numbers of the report mean."""

from __future__ import annotations

from reports.section import Body, Context, Section

TERMS = {
    "Blended price": """
        (3 × input + output) ÷ 4, per million tokens, computed in the native currency and converted afterwards at the
        stated day's rate.""",
    "Derivative": """
        A Hub repository that declares one of the family's own repositories as its base model: fine-tune, adapter,
        quantized or merge. Direct children only, as the Hub counts them; a merge of two parents counts at each. Tags
        and look-alike names do not count.""",
    "Downloads": """
        Requests the Hub counted in the trailing 30 days. Not users, not installations; caches and automatic jobs count
        too, and the Hub corrects its counters.""",
    "Price": """
        What a source states for one component of one offer: seller, market, service tier, mode, context tier and time
        window are part of it. Unknown is not free.""",
    "Price against quality": """
        The cheapest blended list price of a standard offer at the shortest context, the first party's word before a
        reseller's, a reseller's before an aggregator's. Tokens spent per answer differ between models and are not in
        the price.""",
    "Frontier": """
        A model is on the frontier of a benchmark when no other is both at least as good and cheaper.""",
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
