"""Spend, clicks and attributed sales of Sponsored Products, by advertised product and profile day.

    profile → createAsyncReport → page with the report's id → getAsyncReport … (waits) → download

Sales are attributed for two weeks and clicks are corrected for longer, so the last thirty days are read
again.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from connectors.engine.protocol import Page, Request, Response, StreamContext, Wait
from connectors.platforms.amazon_ads.mapping import AD_PRODUCT, COLUMNS, ad_day, merged
from connectors.platforms.amazon_ads.operations import DOCUMENT
from connectors.platforms.common.documents import inflate
from connectors.platforms.common.moments import ShopClock
from connectors.platforms.common.problems import (
    AccountIncomplete,
    AnswerUnreadable,
    ProfileMissing,
    ReportFailed,
    ReportStuck,
)
from connectors.platforms.common.steps import Steps, ask, read_json, read_object, refused, try_ask
from connectors.platforms.common.windows import Round, due_round
from connectors.types import AdDayRecord, Family, RejectedRow

CHUNK_ROWS = 5_000
WINDOW_DAYS = 31
TRAILING_DAYS = 30
# Amazon serves 95 days; the first of them is gone by the time a report of it is made.
LONGEST_BACKFILL_DAYS = 94
_CREATE_TYPE = "application/vnd.createasyncreportrequest.v3+json"
_LONGEST_MAKING = timedelta(hours=12)
_MOST_POLLS = 250
_SHORTEST_POLL = 0.25
_LONGEST_POLL = 120.0
_REPORT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Profile:
    id: str
    currency: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class _Report:
    id: str
    asked_at: datetime
    rows: int = 0

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> _Report:
        return cls(kept["id"], datetime.fromisoformat(kept["asked_at"]), kept.get("rows", 0))

    def write(self, rows: int | None = None) -> dict[str, Any]:
        stored = self.rows if rows is None else rows
        return {"id": self.id, "asked_at": self.asked_at.isoformat(), "rows": stored}


@dataclass(slots=True, eq=False)
class AdvertisedProductStream:
    """The spAdvertisedProduct report by day, in windows of at most 31 days up to the profile's yesterday."""

    key: str = "sp_advertised_product"
    family: Family = Family.ADS
    cadence: timedelta = timedelta(hours=12)
    stale_after: timedelta = timedelta(days=3)
    needs_skus: bool = False

    def run(
        self, context: StreamContext, cursor: Mapping[str, Any]
    ) -> Generator[Request | Wait | Page, Response | None, None]:
        """Yield the pages of every window of the round that is due."""
        profile = yield from _profile(context)
        today = ShopClock(profile.time_zone).day(context.now)
        due = due_round(
            cursor,
            today=today,
            last=today - _DAY,
            backfill_days=min(context.backfill_days, LONGEST_BACKFILL_DAYS),
            trailing_days=TRAILING_DAYS,
        )
        base = {"through": cursor["through"]} if cursor.get("through") else {}
        kept = cursor.get("report")
        while not due.is_done:
            due = yield from _window(context, profile, due, base, kept)
            kept = None


def _window(
    context: StreamContext,
    profile: _Profile,
    due: Round,
    base: Mapping[str, Any],
    kept: Mapping[str, Any] | None,
) -> Generator[Request | Wait | Page, Response | None, Round]:
    first, last = due.window(WINDOW_DAYS)
    here = {**base, "round": due.write()}
    report = _Report.read(kept) if kept else None
    url = ""
    while not url:
        if report is None:
            report = yield from _create(context, first, last)
            yield Page(cursor={**here, "report": report.write()}, note=f"report {report.id} requested")
        found = yield from _poll(context, report, here)
        if found is None:
            gone = report.id
            yield Page(
                cursor={**here, "dropped": gone}, note=f"Amazon Ads does not know report {gone} any more"
            )
            report = None
        url = found or ""
    assert report is not None
    response = yield from ask(Request(operation=DOCUMENT.key, url=url))
    body = inflate(response.body)
    after = due.after(last)
    cursor = {"through": str(after.last)} if after.is_done else {**base, "round": after.write()}
    records, rejected = read_rows(body, profile.id, profile.currency, report.asked_at)
    spoken_at = min(report.asked_at, ShopClock(profile.time_zone).end_of(last))
    start = report.rows
    while len(records) - start > CHUNK_ROWS:
        part = records[start : start + CHUNK_ROWS]
        start += CHUNK_ROWS
        yield Page(cursor={**here, "report": report.write(start)}, records=part)
    yield Page(
        cursor=cursor,
        records=records[start:],
        rejected=rejected,
        covered_from=first,
        covered_through=last,
        data_as_of=spoken_at,
        raw=body,
        raw_type="application/json",
        empty=not records and not rejected,
    )
    return after


def _profile(context: StreamContext) -> Steps[_Profile]:
    """Return the connection's profile; its currency and time zone rule the report's rows."""
    wanted = context.account.get("profile_id", "")
    if not wanted:
        raise AccountIncomplete("the connection's account has no profile_id")
    response = yield from ask(Request(operation="listProfiles"))
    profiles = read_json(response.body)
    for profile in profiles if isinstance(profiles, list) else []:
        if str(profile.get("profileId")) == wanted:
            return _Profile(
                wanted,
                str(profile.get("currencyCode") or context.store.currency),
                str(profile.get("timezone") or context.store.time_zone),
            )
    raise ProfileMissing(f"profile {wanted} is not open to this authorisation")


def report_body(first: date, last: date) -> dict[str, Any]:
    """Return the body of createAsyncReport for days of the profile, both included."""
    return {
        "name": f"advertised products {first} to {last}",
        "startDate": str(first),
        "endDate": str(last),
        "configuration": {
            "adProduct": AD_PRODUCT,
            "groupBy": ["advertiser"],
            "columns": list(COLUMNS),
            "reportTypeId": "spAdvertisedProduct",
            "timeUnit": "DAILY",
            "format": "GZIP_JSON",
        },
    }


def _create(context: StreamContext, first: date, last: date) -> Steps[_Report]:
    response = yield from try_ask(
        Request(
            operation="createAsyncReport",
            headers={"content-type": _CREATE_TYPE},
            json=report_body(first, last),
        )
    )
    body = b"" if response is None else response.body
    if refused(response):
        # The same report is being made already: the refusal names it.
        match = _REPORT_ID.search(body.decode("utf-8", "replace"))
        if match is None:
            raise ReportStuck("Amazon Ads is already making this report under an id it did not name")
        return _Report(match[0], context.now)
    report_id = read_object(body).get("reportId")
    if not report_id:
        raise AnswerUnreadable("createAsyncReport answered without a report id")
    return _Report(str(report_id), context.now)


def _poll(context: StreamContext, report: _Report, here: Mapping[str, Any]) -> Steps[str | None]:
    """Return the address of the finished report; None when Amazon Ads knows no such report."""
    waited = 0.0
    for _ in range(_MOST_POLLS):
        response = yield from try_ask(Request(operation="getAsyncReport", path={"reportId": report.id}))
        if response is None or refused(response):
            return None
        answer = read_object(response.body)
        status = str(answer.get("status") or "").upper()
        if status == "COMPLETED" and answer.get("url"):
            return str(answer["url"])
        if status in ("FAILED", "FAILURE", "CANCELLED"):
            reason = str(answer.get("failureReason") or "Amazon Ads gives no reason")
            yield Page(cursor={**here, "dropped": report.id}, note=f"report {report.id} failed: {reason}")
            raise ReportFailed(f"report {report.id}: {reason}")
        age = (context.now - report.asked_at).total_seconds() + waited
        if age > _LONGEST_MAKING.total_seconds():
            break
        seconds = min(max(age / 4, _SHORTEST_POLL), _LONGEST_POLL)
        waited += seconds
        yield Wait(seconds, f"Amazon Ads is making report {report.id}")
    yield Page(cursor={**here, "dropped": report.id}, note=f"report {report.id} was given up")
    raise ReportStuck(f"report {report.id} is not ready after {_LONGEST_MAKING}")


def read_rows(
    body: bytes, profile_id: str, currency: str, spoken_at: datetime
) -> tuple[tuple[AdDayRecord, ...], tuple[RejectedRow, ...]]:
    """Return the rows of a report document, added up by product and day, and what could not be read."""
    rows = read_json(body) if body.strip() else []
    if not isinstance(rows, list):
        raise AnswerUnreadable("the report is no JSON array")
    records: list[AdDayRecord] = []
    rejected: list[RejectedRow] = []
    for number, row in enumerate(rows):
        try:
            records.append(ad_day(row, profile_id, currency, spoken_at))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else str(error)
            rejected.append(RejectedRow(f"/{number}", reason, row if isinstance(row, dict) else {}))
    return merged(records), tuple(rejected)


SP_ADVERTISED_PRODUCT = AdvertisedProductStream()
