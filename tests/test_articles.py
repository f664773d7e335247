"""Articles given by the user: encodings, pages, dates, languages, and the four founding articles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.defs.sources import articles
from pipelines.defs.sources.articles import headline, language_of, parse, source, text_id
from pipelines.lib.source import BadDocument, Document, Reject, Row

REAL = Path(__file__).resolve().parents[2] / "shared" / "articles"
OBSERVED = datetime(2026, 11, 21, tzinfo=UTC)
CHINESE = "示例模型发布:性能提升\n示例公司今天发布了新的模型,它的价格没有公布,但是性能有所提升。\n"
ENGLISH = "A headline of an example\nThe model of the company is “new” and it is for the café of the future.\n"


def read(body: bytes, label: str = "text", url: str = "", media_type: str = "") -> Mapping[str, Any]:
    (row,) = parse(Document(label, url, body, OBSERVED, {"content-type": media_type}))
    assert isinstance(row, Row)
    return row.values


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
def test_chinese_text_reads_the_same_in_every_encoding(encoding: str) -> None:
    values = read((CHINESE * 3).encode(encoding))
    assert values["title"] == "示例模型发布:性能提升"
    assert values["language"] == "zh"
    assert values["item_id"] == text_id("\n".join((CHINESE * 3).splitlines()))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_english_text_reads_the_same_in_every_encoding(encoding: str) -> None:
    values = read(ENGLISH.encode(encoding))
    assert "“new”" in values["body"] and "café" in values["body"]
    assert values["language"] == "en"


def test_line_breaks_and_width_do_not_change_the_id() -> None:
    assert read(CHINESE.replace("\n", "\r\n").encode())["item_id"] == read(CHINESE.encode())["item_id"]
    assert text_id("ＡＩ 9\n") == text_id("ai  9")
    assert text_id("ai 9") != text_id("ai 8")


@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog>>\xff\xfe\x00\x01\x02",
        b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(range(256)),
        CHINESE.encode()[:-2],
        b"",
        b"\xef\xbb\xbf\n",
    ],
    ids=["pdf", "zip", "cut utf-8", "nothing", "a mark and no text"],
)
def test_what_is_no_text_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument):
        read(body)


@pytest.mark.parametrize(
    ("line", "expected", "precision"),
    [
        ("Example Daily · 2025-09-06 11:32", "2025-09-06T11:32:00+00:00", "minute"),
        ("Example Daily · 2025-09-06 11:32 +0800", "2025-09-06T03:32:00+00:00", "minute"),
        ("2025-09-06T11:32:10Z", "2025-09-06T11:32:10+00:00", "second"),
        ("2025/09/06", "2025-09-06T00:00:00+00:00", "day"),
        ("钛媒体 · 2025-09-06 11:32", "2025-09-06T03:32:00+00:00", "minute"),
    ],
)
def test_a_byline_gives_the_date(line: str, expected: str, precision: str) -> None:
    values = read(f"A headline of an example\n{line}\nThe text of the article is here and that is all.\n".encode())
    assert values["published_at"].isoformat() == expected
    assert values["published_precision"] == precision
    assert values["published_text"] in line


@pytest.mark.parametrize("line", ["Yesterday", "September 6", "2025-13-40 10:00", "Version 2025.9", "9/6/25"])
def test_less_than_a_full_date_gives_none(line: str) -> None:
    values = read(f"A headline of an example\n{line}\nThe text of the article is here and that is all.\n".encode())
    assert values["published_at"] is None
    assert values["published_precision"] == "unknown"


def test_a_date_in_the_prose_is_not_the_date_of_the_article() -> None:
    prose = "The model of 2024-01-01 10:00 was the first of its kind, and " + "the text goes on with it, " * 10
    assert read(f"A headline of an example\n{prose}\n".encode())["published_at"] is None


def test_languages_other_than_english_and_chinese_are_not_guessed() -> None:
    assert language_of("Das Modell der Firma wurde gestern vorgestellt und kostet nichts") is None
    assert language_of("モデルを発表しました。価格はまだ分かりません。") is None
    assert language_of("") is None


def test_a_page_without_metadata_is_read_from_its_headings() -> None:
    body = b"<html><body><div><h1>A headline</h1><p>The one.</p><p>The other.</p><style>x</style></div></body></html>"
    values = read(body, url="https://news.example/1", media_type="text/html")
    assert (values["title"], values["url"]) == ("A headline", "https://news.example/1")
    assert values["body"] == "The one.\nThe other."
    assert values["publisher"] == "unknown"


def test_a_page_may_be_in_gb18030() -> None:
    title = CHINESE.splitlines()[0]
    page = f'<html><head><meta charset="gb18030"><title>{title}</title></head><body><p>{CHINESE}</p></body></html>'
    assert read(page.encode("gb18030"))["title"] == title


@pytest.mark.parametrize("scheme", ["javascript:alert(1)", "file:///x", "data:text/html,x", "//host/x", "https://"])
def test_only_addresses_of_the_web_are_kept(scheme: str) -> None:
    assert read(ENGLISH.encode(), url=scheme)["url"] is None


def test_the_first_sentence_stands_in_for_a_missing_headline() -> None:
    first = "The company has released its model version 9.5 to all. " + "More words follow here. " * 20
    assert headline([first]) == "The company has released its model version 9.5 to all"
    assert len(headline(["word " * 100])) <= 200


def test_label_is_the_file_name_without_its_ending() -> None:
    assert source.label_of("folder/000_article.txt", b"") == "000_article"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        found = list(parse(Document("x", "", body, OBSERVED)))
    except BadDocument as error:
        assert str(error)
    else:
        assert any(isinstance(item, Row) and item.values["title"] for item in found)
        assert all(isinstance(item, Row | Reject) for item in found)


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason="the real articles are not here")
def test_the_four_founding_articles() -> None:
    found = {path.stem[:3]: read(path.read_bytes(), path.stem) for path in sorted(REAL.glob("*.txt"))}
    publishers = {key: values["publisher"] for key, values in found.items()}
    assert publishers == {"000": "TMTPost", "001": "Sohu", "002": "Wallstreetcn", "003": "unknown"}
    assert {values["language"] for values in found.values()} == {"en"}
    assert found["000"]["published_at"] == datetime(2025, 9, 6, 3, 32, tzinfo=UTC)
    assert [key for key, values in found.items() if values["published_at"] is not None] == ["000"]
    assert found["002"]["author"] == "Zhou Yuan"
    assert found["002"]["title"].startswith("Track Hyper")
    for key in ("000", "003"):
        assert articles.HAN.search(found[key]["title"]), key
    for key in ("000", "001", "002", "003"):
        assert len(found[key]["body"]) > 2_000, key
        for furniture in ("```", "Workflow", "Risk Warning", "返回搜狐"):
            assert furniture not in found[key]["body"], (key, furniture)
