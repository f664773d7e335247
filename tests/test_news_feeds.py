"""News feeds: conditional requests on the wire, failing feeds, hostile bodies, real feeds and the starter captures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.defs.sources import news_feeds
from pipelines.defs.sources.news_feeds import Feed, feeds, label_of, parse, plain_text, read_date
from pipelines.lib.http import FetchError, Unreachable
from pipelines.lib.source import BadDocument, Document, Reject, Response, Row
from tests.local_server import LocalServer, Reply, fetcher, quick_http

PROJECT = Path(__file__).resolve().parents[1]
REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "web" / "feeds"
OBSERVED = datetime(2026, 8, 22, 17, tzinfo=UTC)
BODY = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><item><title>One</title>'
    b"<link>https://a.example/1</link><pubDate>Thu, 20 Aug 2026 07:00:00 GMT</pubDate></item></channel></rss>"
)
DEAD = "http://127.0.0.1:9/feed.xml"


def document(body: bytes, label: str = "openai", headers: Mapping[str, str] | None = None) -> Document:
    return Document(label, "https://feed.example/", body, OBSERVED, headers or {})


def rows(body: bytes, label: str = "openai") -> list[Mapping[str, object]]:
    return [item.values for item in parse(document(body, label)) if isinstance(item, Row)]


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Feed]:
    """The feeds of `feed.csv` replaced by an empty list to be filled."""
    found: dict[str, Feed] = {}
    monkeypatch.setattr(news_feeds, "feeds", lambda: found)
    return found


def listing(name: str, url: str) -> Feed:
    return Feed(name, name.title(), url, "en", "UTC", "test")


def run_fetch(previous: Mapping[str, Document] | None = None) -> tuple[list[Response], FetchError | None]:
    arrived: list[Response] = []
    try:
        with quick_http(attempts=1) as http:
            arrived.extend(_collect(news_feeds.fetch(fetcher(http, previous=previous or {})), arrived))
    except FetchError as error:
        return arrived, error
    return arrived, None


def _collect(responses: Iterator[Response], into: list[Response]) -> list[Response]:
    for response in responses:
        into.append(response)
    return []


def test_seed_lists_feeds_with_known_zones_and_plain_https() -> None:
    assert len(feeds()) >= 12
    for feed in feeds().values():
        assert ZoneInfo(feed.time_zone)
        assert feed.url.startswith("https://")
        assert feed.language in ("en", "zh")
        assert all((feed.publisher, feed.source))


def test_fetch_asks_only_for_what_changed_and_hands_the_body_on(listed: dict[str, Feed]) -> None:
    unchanged = Reply(b"", 304, {"etag": '"7"', "date": "Sat, 22 Aug 2026 10:00:00 GMT"})
    with LocalServer({"/a": unchanged}) as server:
        listed["a"] = listing("a", server.url("/a"))
        headers = {"etag": '"7"', "last-modified": "Fri, 21 Aug 2026 10:00:00 GMT", "content-type": "text/xml"}
        before = Document("a", server.url("/a"), BODY, OBSERVED, headers)
        (response,), error = run_fetch({"a": before})
        asked = dict(next(sent for path, sent in server.requests if path == "/a"))
    assert error is None
    assert (response.label, response.status, response.body) == ("a", 304, BODY)
    assert response.headers["content-type"] == "text/xml"
    assert asked["if-none-match"] == '"7"'
    assert asked["if-modified-since"] == "Fri, 21 Aug 2026 10:00:00 GMT"


def test_fetch_asks_anew_when_the_feed_has_moved(listed: dict[str, Feed]) -> None:
    with LocalServer({"/new": Reply(BODY)}) as server:
        listed["a"] = listing("a", server.url("/new"))
        before = Document("a", server.url("/old"), b"old", OBSERVED, {"etag": '"7"'})
        (response,), _ = run_fetch({"a": before})
        asked = next(sent for path, sent in server.requests if path == "/new")
    assert response.body == BODY
    assert "if-none-match" not in asked


def test_a_304_to_an_unconditional_request_is_an_error(listed: dict[str, Feed]) -> None:
    with LocalServer({"/a": Reply(b"", 304)}) as server:
        listed["a"] = listing("a", server.url("/a"))
        arrived, error = run_fetch()
    assert not arrived
    assert "304" in str(error)


def test_a_failing_feed_is_named_and_does_not_stop_the_others(listed: dict[str, Feed]) -> None:
    routes = {"/a": Reply(BODY), "/b": Reply(b"gone", 404), "/c": Reply(BODY), "/d": Reply(b"no", 403)}
    with LocalServer(routes) as server:
        listed.update({name: listing(name, server.url(f"/{name}")) for name in "abcd"})
        arrived, error = run_fetch()
    assert [response.label for response in arrived] == ["a", "c"]
    assert error is not None and not isinstance(error, Unreachable)
    assert "2 of 4" in str(error)
    assert "b (" in str(error) and "404" in str(error)
    assert "d (" in str(error) and "403" in str(error)


def test_without_a_network_two_feeds_are_enough_to_know(listed: dict[str, Feed]) -> None:
    with LocalServer({"/c": Reply(BODY)}) as server:
        listed.update({"a": listing("a", DEAD), "b": listing("b", DEAD), "c": listing("c", server.url("/c"))})
        arrived, error = run_fetch()
        assert server.asked("/c") == 0
    assert not arrived
    assert isinstance(error, Unreachable)


def test_one_good_feed_and_two_dead_ones_is_no_missing_network(listed: dict[str, Feed]) -> None:
    with LocalServer({"/a": Reply(BODY), "/d": Reply(BODY)}) as server:
        urls = {"a": server.url("/a"), "b": DEAD, "c": DEAD, "d": server.url("/d")}
        listed.update({name: listing(name, url) for name, url in urls.items()})
        arrived, error = run_fetch()
    assert [response.label for response in arrived] == ["a", "d"]
    assert not isinstance(error, Unreachable)


def test_a_feed_outside_the_seed_names_its_publisher_itself() -> None:
    named = BODY.replace(b"<title>t</title>", b"<title>Elsewhere  Weekly</title>")
    rows = [item for item in parse(document(named, "elsewhere")) if isinstance(item, Row)]
    assert rows and {row.values["publisher"] for row in rows} == {"Elsewhere Weekly"}
    nameless = BODY.replace(b"<title>t</title>", b"")
    with pytest.raises(BadDocument, match="'elsewhere' is no feed"):
        list(parse(document(nameless, "elsewhere")))


@pytest.mark.parametrize(
    ("file_name", "label"),
    [
        ("2026-08-20_meta-ai.xml", "meta_ai"),
        ("2026-08-22_feed_anthropic_news.xml", "anthropic"),
        ("feed_xainews.xml", "xai"),
        ("2026-08-20_anthropic-status.xml", "anthropic_status"),
    ],
)
def test_a_loose_file_is_named_by_its_feed(file_name: str, label: str) -> None:
    assert label_of(file_name, b"") == label


def test_a_body_that_is_a_file_name_reads_no_file() -> None:
    with pytest.raises(BadDocument, match="not an RSS or Atom feed"):
        list(parse(document(str(PROJECT / "warehouse/starter/news_feeds/2026-08-20/openai.xml").encode())))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8"])
def test_entities_are_refused_in_any_encoding(encoding: str) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE r [<!entity a "b">]><rss version="2.0"><item>&a;</item></rss>'
    with pytest.raises(BadDocument, match="entities"):
        list(parse(document(bomb.encode(encoding))))


def test_big5_is_read_as_declared() -> None:
    text = BODY.decode().replace('version="1.0"', 'version="1.0" encoding="big5"', 1).replace("One", "開源模型發佈")
    assert rows(text.encode("big5"))[0]["title"] == "開源模型發佈"


def test_a_header_charset_counts_where_the_document_names_none() -> None:
    body = BODY.decode().replace("One", "开源模型发布").encode("gb2312")
    (row,) = parse(document(body, headers={"content-type": "text/xml; charset=gb2312"}))
    assert isinstance(row, Row) and row.values["title"] == "开源模型发布"


@pytest.mark.parametrize(
    ("text", "zone", "expected", "precision"),
    [
        ("2026-06-13 16:37:21  +0800", "Asia/Shanghai", "2026-06-13T08:37:21+00:00", "second"),
        ("2026-06-13 16:37", "Asia/Shanghai", "2026-06-13T08:37:00+00:00", "minute"),
        ("2026-06-13 16:37", "UTC", "2026-06-13T16:37:00+00:00", "minute"),
        ("Sat, 13 Jun 2026 16:37:21 CST", "Asia/Shanghai", "2026-06-13T08:37:21+00:00", "second"),
        ("Sat, 13 Jun 2026 16:37:21 CST", "UTC", "2026-06-13T22:37:21+00:00", "second"),
        ("Sat, 13 Jun 2026 16:37:21 -0000", "Asia/Shanghai", "2026-06-13T16:37:21+00:00", "second"),
        ("2026-06-13T16:37:21Z", "Asia/Shanghai", "2026-06-13T16:37:21+00:00", "second"),
        ("2026-06-13", "Asia/Shanghai", "2026-06-13T00:00:00+00:00", "day"),
    ],
)
def test_dates_keep_their_zone_and_precision(text: str, zone: str, expected: str, precision: str) -> None:
    date = read_date(text, ZoneInfo(zone))
    assert date.at is not None and date.at.isoformat() == expected
    assert (date.precision, date.text) == (precision, text)


@pytest.mark.parametrize(
    "text", ["06/13/2026", "2026-13-45 10:00", "20260613", "Sat, 13 Jun 2026 25:00:00 GMT", "soon"]
)
def test_other_dates_are_not_guessed(text: str) -> None:
    date = read_date(text, ZoneInfo("UTC"))
    assert date.at is None and date.precision == "unknown"
    assert date.text == text and date.problem


def test_one_item_with_a_time_of_day_keeps_the_others_at_midnight() -> None:
    item = BODY[BODY.index(b"<item>") : BODY.index(b"</channel>")]
    midnight = item.replace(b"07:00:00", b"00:00:00").replace(b"/1<", b"/2<")
    assert [row["published_precision"] for row in rows(BODY.replace(item, item + midnight))] == ["second", "second"]
    assert [row["published_precision"] for row in rows(BODY.replace(item, midnight))] == ["day"]


def test_long_texts_are_bounded() -> None:
    (row,) = rows(
        BODY.replace(b"One", b"x" * 5_000).replace(
            b"</item>", b"<description>" + b"y " * 5_000 + b"</description></item>"
        )
    )
    assert len(str(row["title"])) == 500
    assert len(str(row["summary"])) <= 2_000


def test_plain_text_separates_blocks_but_not_words() -> None:
    assert plain_text("<p>a<b>b</b></p><p>c</p>d<script>x()</script><!-- y -->") == "ab c d"
    assert plain_text("3 < 5 &amp; 6 > 4") == "3 < 5 & 6 > 4"
    assert plain_text("<p " * 100_000) is not None


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_feed_is_read_or_refused_but_never_breaks(data: st.DataObject) -> None:
    body = bytearray(BODY)
    for _ in range(data.draw(st.integers(1, 8))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    for damaged in (bytes(body), bytes(body[:cut]), bytes(body[cut:])):
        try:
            found = list(parse(document(damaged)))
        except BadDocument as error:
            assert str(error)
        else:
            assert found and all(isinstance(item, Row | Reject) for item in found)


@pytest.mark.parametrize(
    "folder", sorted((PROJECT / "warehouse/starter/news_feeds").iterdir()), ids=lambda path: path.name
)
def test_starter_captures_are_read_without_a_reject(folder: Path) -> None:
    meta = json.loads((folder / "capture.json").read_text())
    captured_at = datetime.fromisoformat(meta["captured_at"])
    for entry in meta["documents"]:
        assert entry["url"] == feeds()[entry["label"]].url
        body = (folder / entry["file"]).read_bytes()
        found = list(parse(Document(entry["label"], entry["url"], body, captured_at)))
        assert len(found) >= 4
        for item in found:
            assert isinstance(item, Row)
            assert item.values["published_at"] <= captured_at


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")
def test_real_feeds_are_read_whole() -> None:
    counts: dict[str, int] = {}
    for path in sorted(REAL.glob("*.*")):
        if path.name.startswith(("2026-07-22_hn", "encoding_")):
            with pytest.raises(BadDocument):
                list(parse(document(path.read_bytes())))
            continue
        found = list(parse(document(path.read_bytes())))
        assert all(isinstance(item, Row) for item in found), path.name
        assert all(item.values["published_at"] for item in found if isinstance(item, Row)), path.name
        counts[path.stem] = len(found)
    assert counts["2026-08-22_feed_anthropic_news"] == 255
    assert counts["2026-08-22_feed_openai_research"] == 194
    assert sum(counts.values()) == 708
