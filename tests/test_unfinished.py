"""A long capture leaves a journal that the next attempt goes on with, whatever tore it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.lib.archive import Archive
from pipelines.lib.capture import capture
from pipelines.lib.http import FetchError
from pipelines.lib.source import Fetcher, Response, Source, StoredDocument
from pipelines.lib.unfinished import Busy, Journal, Unfinished
from tests.small_sources import at, small_source


def stored(number: int) -> StoredDocument:
    return StoredDocument(f"page-{number}", f"u{number}", 200, {"link": "é\n"}, "2026-05-01T00:00:00Z", "0" * 64, 1)


def journal(folder: Path, documents: int) -> Journal:
    made = Journal(folder)
    made.write(Unfinished(at("2026-05-01"), "all pages"))
    for number in range(documents):
        made.append(stored(number))
    return made


def test_what_is_appended_is_read_in_order(tmp_path: Path) -> None:
    expected = Unfinished(at("2026-05-01"), "all pages", tuple(stored(number) for number in range(5)))
    made = journal(tmp_path, 5)
    assert made.read() == expected
    made.write(expected)
    assert made.read() == expected
    made.remove()
    assert made.read() is None


def test_wherever_the_file_is_cut_it_holds_a_beginning(tmp_path: Path) -> None:
    made = journal(tmp_path, 3)
    text = made.path.read_bytes()
    ends = [place + 1 for place, sign in enumerate(text) if sign == 10]
    for cut in range(len(text)):
        made.path.write_bytes(text[:cut])
        found = made.read()
        whole_lines = sum(end <= cut for end in ends)
        assert len(found.documents) == whole_lines - 1 if found else whole_lines == 0, cut


@pytest.mark.parametrize("line", [b"\0" * 40, b"[]", b'{"label": "x"}', b"\xff"])
def test_what_is_behind_a_broken_line_is_not_trusted(tmp_path: Path, line: bytes) -> None:
    made = journal(tmp_path, 3)
    lines = made.path.read_bytes().splitlines(keepends=True)
    made.path.write_bytes(b"".join([*lines[:2], line + b"\n", *lines[2:]]))
    found = made.read()
    assert found and [item.label for item in found.documents] == ["page-0"]


def test_a_journal_is_held_by_one(tmp_path: Path) -> None:
    with Journal(tmp_path).held(), pytest.raises(Busy), Journal(tmp_path).held():
        pytest.fail("it was held twice")
    with Journal(tmp_path).held():
        pass


# ---- captures that use it


def long_source(pages: int, fails_at: int | None = None, plan: str | None = "all pages") -> Source:
    """Numbered pages; it goes on behind the ones that are there, and may fail before one."""

    def fetch(fetcher: Fetcher) -> Iterator[Response]:
        for number in range(len(fetcher.resumed), pages):
            if number == fails_at:
                raise FetchError("no more for now")
            yield Response(f"page-{number}", f"https://acme.example/{number}", f"body {number}".encode())

    return small_source(fetch=fetch, resume_within=timedelta(hours=6), plan=lambda _environ: plan)


def test_several_failures_end_in_one_whole_capture(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert "2 documents are kept" in str(capture(long_source(6, 2), archive, {}).problem)
    assert "4 documents are kept" in str(capture(long_source(6, 4), archive, {}).problem)
    # It fails before anything new arrives, and what is there stays.
    assert "4 documents are kept" in str(capture(long_source(6, 4), archive, {}).problem)
    assert archive.captures("acme_prices") == []
    assert capture(long_source(6), archive, {}).whole
    (whole,) = archive.captures("acme_prices")
    assert [archive.body(item) for item in whole.documents] == [f"body {number}".encode() for number in range(6)]


def test_a_torn_line_does_not_spoil_what_the_next_attempt_adds(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    capture(long_source(6, 2), archive, {})
    with archive.journal("acme_prices").path.open("ab") as file:
        file.write(b'{"label": "page-2", "ur')
    capture(long_source(6, 4), archive, {})
    begun = archive.journal("acme_prices").read()
    assert begun and [item.label for item in begun.documents] == [f"page-{number}" for number in range(4)]


def test_another_plan_begins_anew_and_loses_nothing(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    capture(long_source(6, 2), archive, {})
    assert capture(long_source(3, plan="some pages"), archive, {}).whole
    aside, new = sorted(archive.captures("acme_prices"), key=lambda item: item.complete)
    assert [len(item.documents) for item in (aside, new)] == [2, 3]
    assert not aside.complete and new.complete


def test_a_source_without_a_plan_keeps_no_journal(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert not capture(long_source(6, 2, plan=None), archive, {}).whole
    (half,) = archive.captures("acme_prices")
    assert len(half.documents) == 2 and archive.journal("acme_prices").read() is None


def test_a_long_capture_says_little(tmp_path: Path) -> None:
    said: list[str] = []
    assert capture(long_source(300), Archive(tmp_path), {}, said.append).whole
    assert len(said) == 25 + 11
    assert said[-1] == "acme_prices: page-299, 8 bytes"


KILLED = """
import sys
from pathlib import Path
from pipelines.lib.archive import Archive
from pipelines.lib.capture import capture
from tests.test_unfinished import long_source
capture(long_source(1_000_000), Archive(Path(sys.argv[1])), {}, lambda text: print(text, flush=True))
"""


def test_a_kill_at_any_moment_leaves_what_can_be_gone_on_with(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    arrived = 0
    for _ in range(3):
        command = [sys.executable, "-c", KILLED, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _line in range(4):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)
        begun = archive.journal("acme_prices").read()
        assert begun is not None and len(begun.documents) > arrived
        arrived = len(begun.documents)
        assert [item.label for item in begun.documents] == [f"page-{number}" for number in range(arrived)]
    assert archive.captures("acme_prices") == []
    assert capture(long_source(arrived + 5), archive, {}).whole
    (whole,) = archive.captures("acme_prices")
    assert [archive.body(item) for item in whole.documents] == [f"body {n}".encode() for n in range(arrived + 5)]
    assert whole.captured_at == begun.started_at.replace(microsecond=0)


def test_the_fetch_knows_the_capture_before(tmp_path: Path) -> None:
    seen: list[frozenset[str]] = []

    def fetch(fetcher: Fetcher) -> Iterator[Response]:
        seen.append(fetcher.whole_before)
        yield Response(f"page-{len(seen)}", "u", json.dumps(len(seen)).encode())
        if len(seen) == 2:
            raise FetchError("half")

    for _ in range(3):
        capture(small_source(fetch=fetch), Archive(tmp_path), {})
    assert seen == [frozenset(), frozenset({"page-1"}), frozenset({"page-1"})]
