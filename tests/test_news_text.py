"""News items over time, the names in them, and which of them carry one text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import pytest

from tests.news_tables import DAY, News, empty_news

LONG_TEXT = (
    "The new model was shown on Monday in Hangzhou. Its makers say that it reads two hours of video at a time, and "
    "that a clerk without any training can now draw a page by hand and have it built. Critics doubt that the cost of "
    "running such a machine will fall as fast as promised. A bank that tried it for a month reports fewer mistakes in "
    "letters to its customers, but also longer waits at noon. The next version is planned for the autumn, when the "
    "price is to be reviewed once more by the firm and its partners."
)


@pytest.fixture
def news() -> Iterator[News]:
    with duckdb.connect() as connection:
        yield empty_news(connection)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/p/1?f=rss", "http://www.a.example/p/1/"),
        ("https://a.example/p/1?utm_source=x&id=2", "https://A.example/p/1?id=2#top"),
    ],
)
def test_one_address_is_one_text(news: News, one: str, other: str) -> None:
    both = {news.add("A headline", url=one), news.add("Another headline of the same page", url=other)}
    assert news.stories() == [both]
    assert news.one("select reason from core.news_pair") == {"reason": "same_address"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/P/1", "https://a.example/p/1"),
        ("https://a.example/p?id=1", "https://a.example/p?id=2"),
        ("https://a.example/", "https://a.example"),
        ("https://a.example", "https://b.example"),
    ],
)
def test_other_addresses_and_bare_home_pages_are_not_one_text(news: News, one: str, other: str) -> None:
    news.add("A headline", url=one)
    news.add("Another headline", url=other)
    assert len(news.stories()) == 2


def test_a_feed_that_gives_one_address_to_all_items_glues_nothing(news: News) -> None:
    for title in ("One thing", "Another thing", "A third thing"):
        news.add(title, url="https://a.example/news", document="feed")
    news.add("Elsewhere", url="https://a.example/news")
    assert len(news.stories()) == 4


def test_a_copy_at_another_publisher_is_one_text(news: News) -> None:
    both = {news.add("Model shown", LONG_TEXT), news.add("Shown: a model", f"{LONG_TEXT} (Agencies)")}
    assert news.stories() == [both]
    pair = news.one("select reason, containment, shared_shingles from core.news_pair")
    assert pair["reason"] == "copy" and pair["containment"] > 0.9
    assert news.one("select items, texts from marts.story") == {"items": 2, "texts": 1}


def test_a_long_quotation_does_not_make_one_text(news: News) -> None:
    quotation = " ".join(LONG_TEXT.split()[:40])
    news.add("Qwen3-Max shown", f"{quotation} " + " ".join(f"own{n} words{n}" for n in range(60)))
    news.add("Qwen3-Max judged", f"{quotation} " + " ".join(f"other{n} terms{n}" for n in range(60)))
    assert len(news.stories()) == 2


def passages(own: str) -> str:
    """A text of twelve passages that every such text has, each followed by words of its own."""
    words = LONG_TEXT.split()
    return " ".join(f"{' '.join(words[n : n + 7])} {own}{n} {own}x{n} {own}y{n} {own}z{n}" for n in range(0, 84, 7))


def test_a_summary_made_of_a_text_is_that_text(news: News) -> None:
    both = {news.add("Qwen3-Max in brief", passages("one")), news.add("Qwen3-Max at length", passages("other"))}
    assert news.stories() == [both]
    assert news.one("select reason, passages from core.news_pair") == {"reason": "summary", "passages": 12}


def test_texts_from_one_template_on_two_models_are_two(news: News) -> None:
    news.add("Qwen3-Max in brief", passages("one"))
    news.add("Kimi K2 in brief", passages("other"))
    news.add("A third thing in brief", passages("third"))
    assert len(news.stories()) == 3


def test_templated_notices_of_one_publisher_stay_apart(news: News) -> None:
    for number in range(4):
        news.add(f"Degraded performance of Claude Opus 5 ({number})", LONG_TEXT, document="status")
    assert len(news.stories()) == 4


def test_one_long_headline_in_two_feeds_on_the_same_days_is_one_text(news: News) -> None:
    title = "How a small team built the largest open model of the year"
    both = {news.add(title), news.add(title.upper(), published_at=DAY + dt.timedelta(days=2))}
    late = news.add(title, published_at=DAY + dt.timedelta(days=9))
    assert news.stories() == sorted([both, {late}], key=sorted)


@pytest.mark.parametrize("title", ["", " ", "…", "News", "What we read today", "周报"])
def test_short_and_empty_headlines_glue_nothing(news: News, title: str) -> None:
    for _ in range(3):
        news.add(title)
    assert len(news.stories()) == 3


def test_a_recurring_headline_glues_nothing(news: News) -> None:
    title = "The ten things that we learned in this week of AI"
    for _ in range(2):
        news.add(title, document="weekly")
    news.add(title)
    assert len(news.stories()) == 3


def test_an_item_counts_once_over_captures_and_as_last_seen(news: News) -> None:
    for number, title in enumerate(("A first headline", "A mended headline")):
        news.add(
            title,
            item_id="one",
            document="feed",
            capture_id=f"capture-{number}",
            observed_at=DAY + dt.timedelta(days=number),
            origin=("starter", "live")[number],
        )
    assert news.stories() == [{"one"}]
    item = news.one("select title, first_observed_at, observed_at, origin, capture_id from core.news_item")
    assert item == {
        "title": "A mended headline",
        "first_observed_at": DAY,
        "observed_at": DAY + dt.timedelta(days=1),
        "origin": "live",
        "capture_id": "capture-1",
    }


def test_one_id_in_two_feeds_is_two_items(news: News) -> None:
    news.add("One", item_id="1")
    news.add("Two", item_id="1")
    news.build()
    assert news.one("select count(*) as stories, count(distinct story_id) as ids from marts.story") == {
        "stories": 2,
        "ids": 2,
    }


def test_an_undated_story_says_so(news: News) -> None:
    news.add("A thing", published_at=None)
    news.build()
    story = news.one("select published_at, published_precision, last_published_at from marts.story")
    assert story["published_precision"] == "unknown"
    assert story["published_at"] == story["last_published_at"] == DAY + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Qwen 3.5-Plus and qwen3.5 plus", {"qwen3.5-plus": 2}),
        ("Qwen3-Max-Preview(Instruct)", {"qwen3-max-preview": 1}),
        ("GPT-5.2, Claude Opus 4 and DeepSeek’s V3.1", {"gpt5.2": 1, "claude-opus4": 1, "deepseek-v3.1": 1}),
        ("千问3.5发布", {"qwen3.5": 1}),
        ("Ｑｗｅｎ３.５ in full width", {"qwen3.5": 1}),
        ("ling-2.6-flash is new", {"ling2.6-flash": 1}),
        ("Qwen and Claude, apache-2.0, python-3.12, swe-bench-2.0, in 2026", {}),
        ("Qwen beats all. 3 more, GPT: 4 things", {}),
    ],
)
def test_names_of_models_are_found(news: News, text: str, expected: dict[str, int]) -> None:
    news.add("x", text)
    news.build()
    found = news.connection.execute("select name, mentions from core.news_mention").fetchall()
    assert dict(found) == expected


def test_the_longest_name_on_record_counts(news: News) -> None:
    for name in ("Qwen3-Max", "Qwen3-Max-Preview", "Muse Glimmer"):
        news.knows(name)
    news.knows("Muse")
    news.add("Qwen3-Max-Preview and Muse Glimmer", "Muse is a family.")
    news.build()
    found = news.connection.execute("select model_id from core.news_mention order by 1").fetchall()
    assert found == [("muse glimmer",), ("qwen3-max-preview",)]


def test_a_name_of_two_models_resolves_to_none(news: News) -> None:
    news.connection.execute(
        "insert into core.model_name values ('hub', 'muse-two', 'one'), ('any', 'muse-two', 'other')"
    )
    news.add("Muse Two")
    news.build()
    assert news.connection.execute("select count(*) from core.news_mention").fetchone() == (0,)
