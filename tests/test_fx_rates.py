"""ECB reference rates: the wire, hostile archives and XML, the real history, and the starter capture."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.sources import fx_rates
from pipelines.lib.http import TooLarge, Truncated
from pipelines.lib.source import BadDocument, Document, Reject, Response, Row
from tests.local_server import LocalServer, Reply, fetcher, quick_http

PROJECT = Path(__file__).resolve().parents[1]
REAL = Path(__file__).resolve().parents[2] / "shared" / "data"
HISTORY = b"Date,USD,CNY,\n2026-04-13,1.1684,7.9827,\n"
PATH = "/stats/eurofxref/eurofxref-hist.zip"
real_data = [pytest.mark.real_data, pytest.mark.skipif(not REAL.is_dir(), reason="the real bodies are not here")]


def parse(body: bytes) -> tuple[list[dict[str, Any]], list[Reject]]:
    items = list(fx_rates.parse(Document("main", fx_rates.URL, body, datetime(2026, 4, 13, 17, tzinfo=UTC))))
    rows = [dict(item.values) for item in items if isinstance(item, Row)]
    return rows, [item for item in items if isinstance(item, Reject)]


def zipped(*members: tuple[str, bytes]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return body.getvalue()


def fetch(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> list[Response]:
    monkeypatch.setattr(fx_rates, "URL", server.url(PATH))
    with quick_http(max_bytes=fx_rates.source.max_bytes) as http:
        return list(fx_rates.fetch(fetcher(http)))


def test_fetch_tries_again_after_503_and_keeps_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    body = zipped((fx_rates.MEMBER, HISTORY))
    with LocalServer({PATH: [Reply(b"busy", 503), Reply(body)]}) as server:
        (response,) = fetch(server, monkeypatch)
    assert response.body == body
    assert len(parse(response.body)[0]) == 2


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        pytest.param(Reply(b"PK", announced=500), Truncated, id="cut off"),
        pytest.param(Reply(b"PK", announced=1_000_000_000), TooLarge, id="announces a gigabyte"),
    ],
)
def test_fetch_fails_with_the_address(reply: Reply, error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalServer({PATH: reply}) as server, pytest.raises(error, match="eurofxref-hist"):
        fetch(server, monkeypatch)


def test_a_web_page_with_status_200_gives_no_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalServer({PATH: Reply(b"<html><p>Maintenance</p></html>")}) as server:
        (response,) = fetch(server, monkeypatch)
    with pytest.raises(BadDocument, match="html"):
        parse(response.body)


def test_a_zip_bomb_is_read_no_further_than_the_limit() -> None:
    bomb = zipped((fx_rates.MEMBER, HISTORY + b"0" * 50_000_000))
    assert len(bomb) < 100_000
    with pytest.raises(BadDocument, match="larger than"):
        parse(bomb)


BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE a [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>"""
OTHER_XML = b'<?xml version="1.0"?><rss><channel/></rss>'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(zipped((fx_rates.MEMBER, HISTORY))[:-30], id="archive cut off"),
        pytest.param(zipped((fx_rates.MEMBER, HISTORY), *((f"{n}.csv", b"") for n in range(5))), id="many members"),
        pytest.param(zipped(("../eurofxref-hist.csv", HISTORY)), id="member outside"),
        pytest.param(HISTORY.decode().encode("utf-16"), id="wrong encoding"),
        pytest.param(HISTORY.replace(b"CNY", b"yuan"), id="renamed currency"),
        pytest.param(b"Date,USD,CNY,\n", id="no day"),
        pytest.param(b"Date,USD,\n1999-01-04,1.1789,\n", id="only old days"),
        pytest.param(BILLION_LAUGHS, id="entities"),
        pytest.param(OTHER_XML, id="another XML"),
        pytest.param(OTHER_XML.replace(b"?>", b' encoding="UTF-9"?>'), id="unknown encoding"),
        pytest.param(b'{"error": "no"}', id="JSON"),
    ],
)
def test_unusable_bodies_are_refused_whole(body: bytes) -> None:
    with pytest.raises(BadDocument):
        parse(body)


@pytest.mark.parametrize("text", ["NaN", "-1", "1e3", "1,1", "∞", "１"])
def test_what_is_no_rate_is_rejected_with_its_text(text: str) -> None:
    rows, rejects = parse(f'Date,USD,CNY,\n2026-04-13,"{text}",7.9827,\n'.encode())
    assert [row["currency"] for row in rows] == ["CNY"]
    assert [reject.text for reject in rejects] == [f"2026-04-13 USD {text}"]


class TestRealHistory:
    """The archive as the ECB served it on 2026-04-13; the expected figures are its own."""

    pytestmark = real_data

    def rates(self) -> dict[tuple[date, str], str]:
        rows, rejects = parse((REAL / "web/fx/2026-04-13_eurofxref-hist.zip").read_bytes())
        assert not rejects
        return {(row["rate_on"], row["currency"]): row["rate"] for row in rows}

    def test_history(self) -> None:
        rates = self.rates()
        assert len(rates) == 25_010
        assert rates[date(2026, 4, 13), "CNY"] == "7.9827"
        assert rates[date(2025, 12, 31), "USD"] == "1.175"
        assert min(day for day, _ in rates) == date(2023, 1, 2)
        assert (date(2026, 4, 13), "RUB") not in rates

    def test_every_rate_of_the_starter_capture_is_one_of_them(self) -> None:
        rates = self.rates()
        rows, _ = parse(starter())
        assert rows
        assert all(rates[row["rate_on"], row["currency"]] == row["rate"] for row in rows)


def starter() -> bytes:
    folder = PROJECT / "warehouse" / "starter" / "fx_rates" / "2026-04-13"
    (stored,) = json.loads((folder / "capture.json").read_text())["documents"]
    return (folder / stored["file"]).read_bytes()


def test_the_starter_capture_parses_without_a_reject() -> None:
    rows, rejects = parse(starter())
    assert not rejects
    assert len({row["rate_on"] for row in rows}) == 15
    assert {row["currency"] for row in rows} == {"USD", "CNY", "GBP", "JPY"}
    assert {(row["currency"], row["rate"]) for row in rows if row["rate_on"] == date(2026, 4, 13)} >= {
        ("USD", "1.1684"),
        ("CNY", "7.9827"),
    }
