"""The raw archive keeps what arrived, whatever happens to the process or the disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.lib.archive import Archive, ArchiveError
from pipelines.lib.source import Response
from tests.small_sources import at, store


def files(root: Path) -> dict[str, int]:
    return {str(path.relative_to(root)): path.stat().st_size for path in root.rglob("*") if path.is_file()}


def test_a_body_comes_back_exactly(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    body = os.urandom(5000) + b"\x00\xff" * 10
    capture = store(archive, "2026-05-01", body)
    assert archive.body(capture.documents[0]) == body
    assert archive.find(capture.capture_id) == capture == archive.captures("acme_prices")[0]


def test_storing_the_same_capture_again_changes_nothing(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    first = store(archive, "2026-05-01", {"m": {"input": "1"}})
    before = files(tmp_path)
    assert store(archive, "2026-05-01", {"m": {"input": "1"}}) == first
    assert files(tmp_path) == before


def test_equal_bodies_are_kept_once(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    store(archive, "2026-05-01", {"m": {"input": "1"}})
    store(archive, "2026-05-02", {"m": {"input": "1"}})
    assert len(list((tmp_path / "blobs").rglob("*.zst"))) == 1
    assert len(archive.captures("acme_prices")) == 2


def test_a_damaged_body_is_never_handed_out(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    capture = store(archive, "2026-05-01", b"x" * 1000)
    (blob,) = (tmp_path / "blobs").rglob("*.zst")
    good = blob.read_bytes()
    other = store(Archive(tmp_path / "other"), "2026-05-01", b"y" * 1000)
    blob.write_bytes(next((tmp_path / "other" / "blobs").rglob("*.zst")).read_bytes())
    assert other.capture_id != capture.capture_id
    with pytest.raises(ArchiveError, match="does not match its hash"):
        archive.body(capture.documents[0])
    blob.write_bytes(good[:10])
    with pytest.raises(ArchiveError, match="cannot be read"):
        archive.body(capture.documents[0])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"documents": []}'])
def test_a_broken_manifest_is_named(tmp_path: Path, text: str) -> None:
    archive = Archive(tmp_path)
    capture = store(archive, "2026-05-01", b"{}")
    (manifest,) = (tmp_path / "captures").rglob("*.json")
    manifest.write_text(text)
    with pytest.raises(ArchiveError, match=capture.capture_id):
        archive.captures("acme_prices")


@pytest.mark.parametrize("name", ["../evil", "Acme", "a/b", ""])
def test_a_source_name_cannot_leave_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArchiveError, match="is not a source name"):
        store(Archive(tmp_path), "2026-05-01", b"{}", source=name)


KILLED = """
import sys
from pathlib import Path
from pipelines.lib.archive import Archive
from pipelines.lib.source import Response
from tests.small_sources import at
archive = Archive(Path(sys.argv[1]))
for number in range(100_000):
    archive.store("acme_prices", [Response("main", "u", str(number).encode() * 5000)], captured_at=at("2026-05-01"))
    print(number, flush=True)
"""


def test_kill_in_the_middle_of_a_capture_leaves_no_lie(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(20):
            process.stdout.readline()
        time.sleep(0.003)
        process.send_signal(signal.SIGKILL)
    archive = Archive(tmp_path)
    captures = archive.captures("acme_prices")
    assert len(captures) >= 20
    for capture in captures:
        assert archive.body(capture.documents[0])


FULL = """
import resource, sys
from pathlib import Path
from pipelines.lib.archive import Archive
from pipelines.lib.source import Response
from tests.small_sources import at, store
archive = Archive(Path(sys.argv[1]))
store(archive, "2026-05-01", b"good")
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
import os, random
try:
    store(archive, "2026-05-02", random.Random(1).randbytes(50_000))
except OSError as error:
    print("refused", error.errno)
"""


def test_no_room_for_a_body_loses_nothing(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("refused"), done.stderr
    archive = Archive(tmp_path)
    (capture,) = archive.captures("acme_prices")
    assert archive.body(capture.documents[0]) == b"good"
    assert not list(tmp_path.rglob(".partial-*"))


def test_manifest_holds_what_matters(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    response = Response("main", "https://acme.example", b"{}", 200, {"ETag": '"1"', "Content-Type": "application/json"})
    archive.store("acme_prices", [response], captured_at=at("2026-05-01"), complete=False, problem="half")
    (manifest,) = (tmp_path / "captures").rglob("*.json")
    plain = json.loads(manifest.read_text())
    assert plain["origin"] == "live" and plain["complete"] is False and plain["problem"] == "half"
    assert plain["documents"][0]["headers"] == {"etag": '"1"', "content-type": "application/json"}
    assert plain["captured_at"] == "2026-05-01T00:00:00Z"
