"""Reference rates: both of the bank's formats, all or nothing, readable for clients."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from config.lib.fx import FXRateMissing
from config.lib.http import HTTPAnswer
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry
from tenants.models import FXRate
from tenants.selectors.fx import fx_table, latest_rate_day
from tenants.services import fx
from tenants.services.fx import RatesUnreadable, import_reference_rates
from tenants.services.jobs import start_job
from tenants.tasking import run_job_now
from tenants.types import ClientRef, JobState

XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject>
<Cube>
<Cube time="2026-08-14"><Cube currency="USD" rate="1.1643"/><Cube currency="JPY" rate="171.41"/></Cube>
<Cube time="2026-08-13"><Cube currency="USD" rate="1.1664"/></Cube>
</Cube></gesmes:Envelope>"""
CSV = b"Date, USD, JPY, MXN, \n2026-08-14, 1.1643, 171.41, N/A, \n2026-08-13, 1.1664, , N/A, \n"


@pytest.mark.parametrize("content", [XML, CSV, b"\xef\xbb\xbf" + CSV], ids=["xml", "csv", "csv-bom"])
def test_both_formats_say_the_same(public: ClientRef, content: bytes) -> None:
    """The bank's XML and CSV of the same days give the same rows; a second import changes nothing."""
    assert import_reference_rates(content) == 3
    assert import_reference_rates(content) == 0
    rows = FXRate.objects.order_by("rate_on", "currency").values_list("currency", "rate_on", "per_eur")
    assert list(rows) == [
        ("USD", date(2026, 8, 13), Decimal("1.1664")),
        ("JPY", date(2026, 8, 14), Decimal("171.41")),
        ("USD", date(2026, 8, 14), Decimal("1.1643")),
    ]
    (entry,) = AuditEntry.objects.all()
    assert entry.after == {"source": "ecb", "rates": 3, "first": "2026-08-13", "last": "2026-08-14"}
    assert latest_rate_day() == date(2026, 8, 14)


def test_a_corrected_rate_replaces_the_former(public: ClientRef) -> None:
    """Only what differs is written."""
    import_reference_rates(CSV)
    assert import_reference_rates(CSV.replace(b"171.41", b"171.42")) == 1
    assert FXRate.objects.get(currency="JPY").per_eur == Decimal("171.42")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        b"<html></html>",
        b"<broken",
        b'<!DOCTYPE x [<!ENTITY a "b">]><x/>',
        XML.replace(b"1.1643", b"0"),
        XML.replace(b"1.1643", b"NaN"),
        XML.replace(b"1.1643", b"1,1643"),
        XML.replace(b"2026-08-13", b"13.08.2026"),
        XML.replace(b'"USD"', b'"usd"'),
        CSV.replace(b"1.1664", b"-1"),
        CSV.replace(b"Date", b"Day"),
        CSV + b"\xff",
    ],
)
def test_a_damaged_file_changes_nothing(public: ClientRef, content: bytes) -> None:
    """One unreadable value refuses the whole file."""
    with pytest.raises(RatesUnreadable):
        import_reference_rates(content)
    assert FXRate.objects.count() == 0
    assert AuditEntry.objects.count() == 0


def test_a_client_converts_with_them(db: None, acme: ClientRef, public: ClientRef) -> None:
    """Clients read the rates in their own role; a weekend takes Friday's, a gap is an error, not a guess."""
    import_reference_rates(CSV)
    with use_tenant(acme):
        table = fx_table(["USD", "JPY"], date(2026, 8, 16), date(2026, 8, 16))
        rate, day = table.rate("USD", "JPY", date(2026, 8, 16))
        assert (round(rate, 4), day) == (round(Decimal("171.41") / Decimal("1.1643"), 4), date(2026, 8, 14))
        with pytest.raises(FXRateMissing):
            fx_table(["MXN"], date(2026, 8, 16), date(2026, 8, 16)).rate("MXN", "USD", date(2026, 8, 16))


def test_the_job_fetches_through_the_one_client(public: ClientRef, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates are fetched by the listed read operation; an error of the bank is tried again."""
    answers = [HTTPAnswer(503, {}, b""), HTTPAnswer(200, {}, XML)]
    calls: list[Any] = []

    class Client:
        def __init__(self, operations: Any, **options: Any) -> None:
            calls.append([(o.method, o.host, o.path) for o in operations.values()])

        def send(self, key: str) -> HTTPAnswer:
            return answers.pop(0)

    monkeypatch.setattr(fx, "PlatformClient", Client)
    job = start_job("tenants.fetch_fx_rates", key="ecb", payload={})
    view = run_job_now(job.id, sleep=lambda _: None)
    assert (view.state, view.attempts, view.result) == (JobState.SUCCEEDED, 2, {"rates": 3})
    assert calls[0] == [("GET", "https://www.ecb.europa.eu", "/stats/eurofxref/eurofxref-hist-90d.xml")]
