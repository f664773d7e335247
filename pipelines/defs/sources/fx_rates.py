"""Euro reference rates of the European Central Bank: units of a currency for one euro, per business day.

The rates are for information, set around 14:15 and published around 16:00 Central European time; weekends and TARGET
holidays have none. The fetch takes the whole history (a zipped CSV); `parse` also reads the daily, 90-day and full XML
and the CSV of the data API. Rates before FIRST_DAY are left out: no price here is older. Cross rates such as CNY per
USD, and the choice of a day's rate, do not belong here.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from pipelines.lib.assets import source_definitions
from pipelines.lib.source import BadDocument, Document, Fetcher, Parsed, Reject, Response, Row, Source, SourceKind

URL = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
FIRST_DAY = date(2023, 1, 1)
MEMBER = "eurofxref-hist.csv"
MAX_MEMBERS = 3
MAX_UNZIPPED = 20_000_000
NO_RATE = ("N/A", "")

CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
RATE = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
ECB = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}"
GESMES = "{http://www.gesmes.org/xml/2002-08-01}"
API_COLUMNS = ("FREQ", "CURRENCY", "CURRENCY_DENOM", "TIME_PERIOD", "OBS_VALUE")


def fetch(fetcher: Fetcher) -> Iterator[Response]:
    """The full history; it is small, and a rate that was corrected later is seen."""
    yield fetcher.http.get(URL)


def parse(document: Document) -> Iterator[Parsed]:
    """One row per day and currency."""
    found = False
    for item in _read(document.body):
        found = found or isinstance(item, Row)
        yield item
    if not found:
        raise BadDocument(f"{document.url} holds no rate since {FIRST_DAY}: {document.body[:80]!r}")


def _read(body: bytes) -> Iterator[Parsed]:
    if body.startswith(b"PK"):
        return _table(_unzipped(body))
    if body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return _xml(body)
    return _table(body)


def _unzipped(body: bytes) -> bytes:
    """The one CSV of the archive, read up to a limit whatever size the archive claims."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = archive.namelist()
            if MEMBER not in names or len(names) > MAX_MEMBERS:
                raise BadDocument(f"the archive holds {names[:5]} and not {MEMBER!r} alone")
            with archive.open(MEMBER) as member:
                content = member.read(MAX_UNZIPPED + 1)
    except BadDocument:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise BadDocument(f"the archive cannot be read: {error}") from error
    if len(content) > MAX_UNZIPPED:
        raise BadDocument(f"{MEMBER} is larger than {MAX_UNZIPPED} bytes")
    return content


def _table(content: bytes) -> Iterator[Parsed]:
    try:
        lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        rows = [row for row in lines if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadDocument(f"not a CSV ({error}): {content[:80]!r}") from error
    header = [name.strip() for name in rows[0]] if rows else []
    if header[:1] == ["Date"] and "USD" in header:
        return _history(header, rows[1:])
    if all(name in header for name in API_COLUMNS):
        return _data_api(header, rows[1:])
    raise BadDocument(f"unknown header {','.join(header)[:200]!r}")


def _history(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Parsed]:
    """A line per day, a column per currency, and a comma at the end of every line."""
    unknown = [name for name in header[1:] if name and not CURRENCY.fullmatch(name)]
    if unknown:
        raise BadDocument(f"unknown column {unknown[0]!r}")
    for cells in rows:
        if len(cells) != len(header):
            yield Reject(f"{len(cells)} cells under {len(header)} columns", ",".join(cells), "fx_rate")
            continue
        for currency, text in zip(header[1:], cells[1:], strict=True):
            yield from _rate(cells[0], currency, text) if currency else ()


def _data_api(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Parsed]:
    """A line per day and currency, as `data-api.ecb.europa.eu/service/data/EXR` gives them."""
    for cells in rows:
        line = dict(zip(header, cells, strict=False))
        if len(cells) != len(header) or line["FREQ"] != "D" or line["CURRENCY_DENOM"] != "EUR":
            yield Reject("not a daily rate of one euro", ",".join(cells), "fx_rate")
        else:
            yield from _rate(line["TIME_PERIOD"], line["CURRENCY"], line["OBS_VALUE"])


def _xml(body: bytes) -> Iterator[Parsed]:
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise BadDocument(f"not the XML of the ECB ({error}): {body[:80]!r}") from error
    if root.tag != f"{GESMES}Envelope":
        raise BadDocument(f"not the XML of the ECB but {root.tag[:80]!r}")
    return _cubes(root)


def _cubes(root: Element) -> Iterator[Parsed]:
    for day in root.iterfind(f"{ECB}Cube/{ECB}Cube"):
        for cube in day:
            yield from _rate(day.get("time", ""), cube.get("currency", ""), cube.get("rate", ""))


def _rate(day: str, currency: str, text: str) -> Iterator[Parsed]:
    """At most one row: days before FIRST_DAY and currencies without a rate that day give none."""
    raw = f"{day} {currency} {text}"
    try:
        rate_on = date.fromisoformat(day) if ISO_DAY.fullmatch(day) else None
    except ValueError:
        rate_on = None
    if rate_on is None:
        yield Reject(f"unreadable day {day!r}", raw, "fx_rate")
    elif rate_on < FIRST_DAY or text.strip() in NO_RATE:
        return
    elif not CURRENCY.fullmatch(currency) or not RATE.fullmatch(text.strip()):
        yield Reject("unreadable rate", raw, "fx_rate")
    else:
        values = {"rate_on": rate_on, "base_currency": "EUR", "currency": currency, "rate": text.strip()}
        yield Row("fx_rate", values)


source = Source(
    name="fx_rates",
    title="Euro foreign exchange reference rates",
    homepage="https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/",
    licence="ECB: free reuse when the source is named",
    kind=SourceKind.REFERENCE,
    tables=("fx_rate",),
    fetch=fetch,
    parse=parse,
    stale_after=timedelta(days=4),
    host="ecb",
    min_bytes=200,
    max_bytes=10_000_000,
)

defs = source_definitions(source)
