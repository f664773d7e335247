"""Bulky bodies leave after some days: never one that is not loaded, nor one that anything else refers to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.lib.archive import Archive, ArchiveError, Capture
from pipelines.lib.capture import LatestDocuments
from pipelines.lib.retention import apply_retention, expired, raw_days
from pipelines.lib.source import Origin, Response
from pipelines.lib.unfinished import Unfinished
from tests.small_sources import at, small_source

SOURCE = small_source(expires_raw="pages/")
NOW = datetime(2027, 6, 1, tzinfo=UTC)  # long after the files of this test were written


def keep(archive: Archive, day: str, *bodies: str, label: str = "pages/", source: str = "acme_prices") -> Capture:
    """A whole live capture of these bodies."""
    responses = [Response(f"{label}{number}", "u", body.encode()) for number, body in enumerate(bodies)]
    return archive.store(source, responses, captured_at=at(day))


def blobs(archive: Archive) -> int:
    return len(list((archive.root / "blobs").rglob("*.zst")))


def ids(captures: Iterable[Capture]) -> set[str]:
    return {capture.capture_id for capture in captures}


def everything(archive: Archive) -> set[str]:
    return ids(archive.captures("acme_prices"))


def test_the_first_of_each_week_and_the_last_days_stay(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    # 2026-05-04 is a Monday.
    days = [f"2026-05-{day:02}" for day in range(4, 25)]
    made = {day: keep(archive, day, f"body of {day}") for day in days}
    now = at("2026-05-24")
    assert not apply_retention(archive, SOURCE, set(), now)
    gone = apply_retention(archive, SOURCE, everything(archive), NOW.replace(year=2026, month=5, day=24))
    assert gone == [made[f"2026-05-{day:02}"].capture_id for day in (5, 6, 7, 8, 9)]
    assert expired(archive.captures("acme_prices"), everything(archive), now, 14) == []
    for day, capture in made.items():
        found = archive.find(capture.capture_id)
        assert (found.bodies_expired_at is not None) == (capture.capture_id in gone), day
        kept = found.documents if capture.capture_id not in gone else ()
        assert kept in (capture.documents, ())
        assert sum(stored.bytes for stored in found.documents) == sum(stored.bytes for stored in capture.documents)


def test_an_expired_body_is_gone_and_says_so(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    keep(archive, "2026-05-04", "first")
    capture = keep(archive, "2026-05-05", "second", "third")
    assert apply_retention(archive, SOURCE, everything(archive), NOW) == [capture.capture_id]
    assert blobs(archive) == 1
    found = archive.find(capture.capture_id)
    assert found.bodies_expired_at == NOW
    (entry,) = found.documents
    assert (entry.label, entry.bytes) == ("pages/1-to-2", len("second") + len("third"))
    with pytest.raises(ArchiveError, match=r"pages/1-to-2 in acme_prices-.* was deleted on 2027-06-01T00:00:00Z"):
        archive.document(found, entry)
    assert apply_retention(archive, SOURCE, everything(archive), NOW) == []
    latest = LatestDocuments(archive, archive.captures("acme_prices"))
    assert {label: latest[label].body for label in latest} == {"pages/0": b"first"}


def test_the_small_documents_of_a_capture_stay_with_their_bodies(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    responses = [Response("pages/0", "u", b"long"), Response("detail/a", "u", b"short")]
    capture = archive.store("acme_prices", responses, captured_at=at("2026-05-05"))
    old = archive.expire(capture, NOW, "pages/")
    assert [stored.label for stored in old.documents] == ["pages/1-to-1", "detail/a"]
    assert archive.document(old, old.documents[1]).body == b"short"


def test_a_body_that_anything_else_needs_stays(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    keep(archive, "2026-05-04", "first of the week")
    old = keep(archive, "2026-05-05", "own", "kept by a later one", "kept by another source", "kept by a journal")
    late = keep(archive, "2027-05-30", "kept by a later one")
    other = keep(archive, "2026-05-05", "kept by another source", label="main", source="other_prices")
    archive.journal("third_prices").write(Unfinished(NOW, "plan", (old.documents[3],)))
    assert apply_retention(archive, SOURCE, everything(archive), NOW) == [old.capture_id]
    assert not archive.has_body(old.documents[0])
    for capture in (late, other):
        assert all(archive.body(stored) for stored in capture.documents)
    assert archive.body(old.documents[3]) == b"kept by a journal"


def test_a_body_that_two_expired_captures_share_leaves_with_the_second(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    keep(archive, "2026-05-04", "first of the week")
    one, two = keep(archive, "2026-05-05", "shared", "a"), keep(archive, "2026-05-06", "shared", "b")
    assert apply_retention(archive, SOURCE, everything(archive) - {two.capture_id}, NOW) == [one.capture_id]
    assert archive.body(two.documents[0]) == b"shared"
    assert apply_retention(archive, SOURCE, everything(archive), NOW) == [two.capture_id]
    assert blobs(archive) == 1


def test_a_body_that_has_just_been_asked_for_again_stays(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    keep(archive, "2026-05-04", "first of the week")
    old = keep(archive, "2026-05-05", "the same again", "own")
    now = datetime.now(UTC) + timedelta(days=400)
    # A capture under way has found the blob there, and no manifest names it yet.
    archive.store_body(Response("pages/0", "u", b"the same again"), now)
    path = next((tmp_path / "blobs").rglob(f"{old.documents[0].sha256}.zst"))
    assert path.stat().st_mtime > (datetime.now(UTC) - timedelta(minutes=5)).timestamp()
    archive.expire(old, datetime.now(UTC) + timedelta(hours=23), "pages/")
    assert archive.has_body(old.documents[0])


def test_what_is_small_incomplete_or_given_stays(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    keep(archive, "2026-05-04", "first of the week")
    for day, options in (
        ("2026-05-05", {"complete": False, "problem": "half"}),
        ("2026-05-06", {"origin": Origin.IMPORTED, "origin_note": "test"}),
    ):
        responses = [Response("pages/0", "u", day.encode())]
        archive.store("acme_prices", responses, captured_at=at(day), **options)  # type: ignore[arg-type]
    keep(archive, "2026-05-07", "small", label="watched/")
    assert apply_retention(archive, SOURCE, everything(archive), NOW) == []
    assert apply_retention(archive, small_source(), everything(archive), NOW) == []
    assert blobs(archive) == 4


def test_captures_from_before_there_was_an_end_can_be_read(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    capture = keep(archive, "2026-05-04", "old")
    (path,) = (tmp_path / "captures").rglob("*.json")
    plain = json.loads(path.read_text())
    del plain["bodies_expired_at"]
    path.write_text(json.dumps(plain))
    assert archive.find(capture.capture_id) == capture
    assert archive.document(capture, capture.documents[0]).body == b"old"


@pytest.mark.parametrize("text", ["", "14", " 30 "])
def test_days_are_whole(text: str) -> None:
    assert raw_days({"MODELMARKET_RAW_DAYS": text}) == int(text or 14)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "two", "²"])
def test_days_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="MODELMARKET_RAW_DAYS must be a whole number"):
        raw_days({"MODELMARKET_RAW_DAYS": text})


@given(st.lists(st.tuples(st.integers(0, 900), st.booleans(), st.booleans()), max_size=60), st.integers(1, 30))
def test_the_rule_holds_for_any_history(history: list[tuple[int, bool, bool]], days: int) -> None:
    captures = [
        Capture(f"c{number:03}", "s", Origin.LIVE, None, NOW - timedelta(hours=hours), complete, None, ())
        for number, (hours, complete, _) in enumerate(history)
    ]
    loaded = {f"c{number:03}" for number, (_, _, is_loaded) in enumerate(history) if is_loaded}
    chosen = expired(captures, loaded, NOW, days)
    assert all(item.complete and item.capture_id in loaded for item in chosen)
    assert all(NOW - item.captured_at > timedelta(days=days) for item in chosen)
    stay = ids(captures) - ids(chosen)
    weeks = {item.captured_at.isocalendar()[:2] for item in captures if item.complete}
    for week in weeks:
        whole = [item for item in captures if item.complete and item.captured_at.isocalendar()[:2] == week]
        assert min(whole, key=lambda item: (item.captured_at, item.capture_id)).capture_id in stay
    due = [item for item in captures if item.complete and item.capture_id in loaded]
    too_old = [item for item in due if NOW - item.captured_at > timedelta(days=days)]
    assert len(too_old) - len(weeks) <= len(chosen) <= len(too_old)
