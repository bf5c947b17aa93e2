"""Keeps the European Central Bank's reference rates: units of a currency per one euro, by day."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree

from django.conf import settings
from django.db import connection, transaction

from config.lib import clock
from config.lib.allowlist import ReadOperation
from config.lib.errors import Invalid, Unavailable, gettext_noop
from config.lib.http import PlatformClient
from tenants import audit
from tenants.context import use_public
from tenants.outbox import emit
from tenants.services.jobs import start_job
from tenants.types import JobView

SOURCE = "ecb"
JOB_KIND = "tenants.fetch_fx_rates"
RATES_CHANGED = "tenants.rates_changed"
ORIGIN = "https://www.ecb.europa.eu"
PATH = "/stats/eurofxref/eurofxref-hist-90d.xml"

_MAX_BYTES = 50 * 2**20
Rate = tuple[date, str, Decimal]


class RatesUnreadable(Invalid):
    """A file of reference rates is not in the form the European Central Bank publishes."""

    code = "rates_unreadable"
    title = gettext_noop("The file of exchange rates cannot be read")


def import_reference_rates(content: bytes, *, source: str = SOURCE) -> int:
    """Store the rates of a file (the ECB's XML or CSV); returns how many were new or different.

    All or nothing: one unreadable rate refuses the file with `RatesUnreadable`. Call it in public.
    """
    if len(content) > _MAX_BYTES:
        raise RatesUnreadable("the file is larger than 50 MB")
    head = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    rates = sorted(_read_xml(content) if head.startswith(b"<") else _read_csv(content))
    if not rates:
        raise RatesUnreadable("the file holds no rate")
    with transaction.atomic():
        count = _upsert(rates, source)
        if count:
            after = {"source": source, "rates": count, "first": rates[0][0], "last": rates[-1][0]}
            emit(RATES_CHANGED, {"source": source})
            audit.record("fx_rates.imported", target=("fx_rates", source), after=after)
    return count


def _upsert(rates: list[Rate], source: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into tenants_fxrate as known (source, currency, rate_on, per_eur, fetched_at)"
            " select %s, new.currency, new.rate_on, new.per_eur, %s"
            " from unnest(%s::text[], %s::date[], %s::numeric[]) as new (currency, rate_on, per_eur)"
            " on conflict (source, currency, rate_on) do update"
            " set per_eur = excluded.per_eur, fetched_at = excluded.fetched_at"
            " where known.per_eur <> excluded.per_eur",
            [
                source,
                clock.now(),
                [currency for _, currency, _ in rates],
                [day for day, _, _ in rates],
                [per_eur for _, _, per_eur in rates],
            ],
        )
        return int(cursor.rowcount)


def request_reference_rates() -> JobView:
    """Start the provider's job that fetches the latest rates; the unfinished one if there is one."""
    with use_public():
        return start_job(JOB_KIND, key=SOURCE, payload={})


def fetch_reference_rates() -> int:
    """Fetch the last ninety days from the ECB (or where PLATFORM_ENDPOINTS sends us) and store them."""
    operation = ReadOperation(key="rates", method="GET", host=ORIGIN, path=PATH)
    client = PlatformClient({operation.key: operation}, endpoints=settings.PLATFORM_ENDPOINTS)
    answer = client.send(operation.key)
    if answer.status != 200:
        raise Unavailable(f"the European Central Bank answered {answer.status}")
    return import_reference_rates(answer.body)


def _read_xml(content: bytes) -> Iterator[Rate]:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise RatesUnreadable("the file declares entities")
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - entities, the danger, were refused above
    except ElementTree.ParseError as error:
        raise RatesUnreadable(f"the file is no XML: {error}") from error
    for day in root.iter():
        if "time" in day.attrib:
            rate_on = _day(day.attrib["time"])
            for rate in day:
                yield rate_on, _currency(rate.get("currency", "")), _number(rate.get("rate", ""))


def _read_csv(content: bytes) -> Iterator[Rate]:
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig")), skipinitialspace=True)
        header = [cell.strip() for cell in next(rows, [])]
        lines = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise RatesUnreadable(f"the file is no CSV: {error}") from error
    if header[:1] != ["Date"]:
        raise RatesUnreadable("the first column is not Date")
    for row in lines:
        rate_on = _day(row[0])
        for currency, text in zip(header[1:], row[1:], strict=False):
            # The bank writes N/A where it did not quote a currency, and ends lines with a comma.
            if currency and text not in {"", "N/A"}:
                yield rate_on, _currency(currency), _number(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise RatesUnreadable(f"{text!r} is no day") from error


def _currency(text: str) -> str:
    if len(text) != 3 or not text.isalpha() or not text.isascii() or not text.isupper():
        raise RatesUnreadable(f"{text!r} is no currency")
    return text


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise RatesUnreadable(f"{text!r} is no rate") from error
    if not number.is_finite() or number <= 0:
        raise RatesUnreadable(f"{text!r} is no rate")
    return number
