"""What the news told: stories of the week, or the newest known ones, with the models they name."""

from __future__ import annotations

from reports import words
from reports.mart import Record
from reports.section import Body, Context, Figure, Item, Provenance, Section, provenance

_COLUMNS = """
select title, publisher, published_at, published_precision, last_published_at, items, texts, publishers,
       model_names, url, origins, story_id, capture_ids, count(*) over () as stories
from marts.story
"""

OF_THE_WEEK = (
    _COLUMNS
    + """where published_at < $week_end and last_published_at >= $week_start
order by len(publishers) desc, items desc, published_at desc, story_id
limit 30
"""
)

NEWEST = (
    _COLUMNS
    + """where published_at < $week_end
order by last_published_at desc, story_id
limit 10
"""
)


def render(context: Context) -> Body:
    """The stories of the week; without any, the newest before it, said so."""
    result = context.mart.query(OF_THE_WEEK)
    current = bool(result.records)
    if not current:
        result = context.mart.query(NEWEST)
    records = result.records
    figure = Figure(
        slug="stories",
        title=_title(records, current),
        subtitle=_subtitle(records, current),
        results=(result,),
        provenance=_provenance(context, records),
        items=tuple(_item(record) for record in records),
    )
    return Body(figures=(figure,), headlines=(_headline(records, current),))


def _title(records: list[Record], current: bool) -> str:
    if not records:
        return "No story was captured until the end of this week"
    if not current:
        return f"No story was published this week; the newest known is of {words.day(records[0]['last_published_at'])}"
    total = records[0]["stories"]
    named = _most_named(records) if total == len(records) else None
    return f"{words.plural(total, 'story', 'stories')} this week" + (f", {named[0]} named most often" if named else "")


def _subtitle(records: list[Record], current: bool) -> str:
    if not records:
        return "A story is one event, told by one or more items."
    shown, total = len(records), records[0]["stories"]
    which = "Published within the week, most publishers first" if current else "Not of this week: the newest before it"
    part = f"; {shown} of {total:,} shown" if shown < total else ""
    return f"{which}. A story is one event, told by one or more items. n = {total:,}{part}."


def _most_named(records: list[Record]) -> tuple[str, int] | None:
    """The model that most stories name, when it is one model and more than one story."""
    counts: dict[str, int] = {}
    for record in records:
        for name in set(record["model_names"] or ()):
            counts[name] = counts.get(name, 0) + 1
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    if not ranked or ranked[0][1] < 2 or (len(ranked) > 1 and ranked[1][1] == ranked[0][1]):
        return None
    return ranked[0]


def _when(record: Record) -> str:
    if record["published_precision"] == "unknown":
        return f"first captured {words.day(record['published_at'])}, no date given"
    return words.day(record["published_at"])


def _item(record: Record) -> Item:
    facts = [str(record["publisher"]), _when(record)]
    if record["items"] > 1:
        facts.append(
            f"{words.plural(record['items'], 'item')}, {words.plural(record['texts'], 'text')}, "
            f"{words.plural(len(record['publishers'] or ()), 'publisher')}"
        )
    return Item(
        title=record["title"],
        href=record["url"],
        facts=tuple(facts),
        tags=tuple(sorted(record["model_names"] or ())),
        badges=tuple(sorted({origin for origin in record["origins"] or () if origin != "live"})),
    )


def _provenance(context: Context, records: list[Record]) -> tuple[Provenance, ...]:
    """The news sources, with their newest captures, for the origins that the stories have."""
    shown = {origin for record in records for origin in record["origins"] or ()}
    news = [r for r in context.health.records if r["kind"] == "news" and r["origin"] in shown]
    return provenance(context, news, at="captured_at")


def _headline(records: list[Record], current: bool) -> str:
    if not records:
        return "No story was captured until the end of this week."
    if not current:
        return (
            f"No story was published in this week; the newest known is of {words.day(records[0]['last_published_at'])}."
        )
    first = records[0]
    number = words.plural(first["stories"], "story", "stories")
    publishers = len(first["publishers"] or ())
    if publishers < 2:
        return f"{number} came in the week, none told by more than one publisher."
    text = f"{number} came in the week; told most widely, by {publishers} publishers: “{first['title']}”"
    return text if first["title"].endswith((".", "!", "?")) else f"{text}."


section = Section(order=50, slug="stories", title="Stories", render=render)
