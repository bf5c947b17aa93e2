"""The advertising API: profiles, and version 3 reports of sponsored products."""

from __future__ import annotations

import json
import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from connectors.simulator.http.calls import Call
from connectors.simulator.http.messages import Answer, json_answer, number, refuse_ads
from connectors.simulator.http.reports.desk import Job
from connectors.simulator.http.reports.document import Document
from connectors.simulator.world.model import AdDay, Store

CONTENT_TYPE = "application/vnd.createasyncreportrequest.v3+json"
_LOOK_BACK_DAYS, _LONGEST_DAYS = 95, 31
_REPORT_TYPES = {"spAdvertisedProduct": ["advertiser"], "spCampaigns": ["campaign"]}
_STATUS = {"IN_QUEUE": "PENDING", "IN_PROGRESS": "PROCESSING", "DONE": "COMPLETED", "FATAL": "FAILED"}


def profiles(call: Call) -> Answer:
    """The caller's advertising profiles in the region."""
    return json_answer([_profile(store) for store in call.stores()])


def _profile(store: Store) -> dict[str, Any]:
    return {
        "profileId": int(store.profile_id),
        "countryCode": store.market.code,
        "currencyCode": store.market.currency,
        "dailyBudget": 999999999.0,
        "timezone": store.market.time_zone,
        "accountInfo": {
            "marketplaceStringId": store.market.marketplace_id,
            "id": store.seller_id,
            "type": "seller",
            "name": store.name,
            "validPaymentMethod": True,
        },
    }


def _store(call: Call) -> Store:
    scope = call.request.headers.get("amazon-advertising-api-scope", "")
    for store in call.stores():
        if store.profile_id == scope:
            return store
    raise refuse_ads(
        401, "401", "Not authorized to access scope " + scope if scope else "Scope header is missing"
    )


def create(call: Call) -> Answer:
    """Order a report of at most 31 days; the same order while one is being made answers 425."""
    store = _store(call)
    if call.request.headers.get("content-type", "").split(";")[0].strip() != CONTENT_TYPE:
        raise refuse_ads(415, "415", f"Content-Type must be {CONTENT_TYPE}")
    body = call.request.json()
    configuration = body.get("configuration", {}) if isinstance(body, dict) else {}
    start, end = _window(call, store, body)
    _check(configuration)
    fingerprint = json.dumps([body.get("startDate"), body.get("endDate"), configuration], sort_keys=True)
    for job in call.parts.desk.jobs.values():
        is_same = job.store is store and job.extra.get("fingerprint") == fingerprint
        if is_same and job.status(call.at) in ("IN_QUEUE", "IN_PROGRESS"):
            raise refuse_ads(425, "425", f"The Request is a duplicate of : {job.id}")
    fault = call.parts.faults.next(
        (configuration["reportTypeId"], call.operation), frozenset({"fatal", "empty"})
    )
    job = Job(
        id=str(uuid.uuid4()),
        type=configuration["reportTypeId"],
        store=store,
        created_at=call.at,
        queue_seconds=call.parts.knobs.queue_seconds,
        process_seconds=call.parts.knobs.process_seconds,
        outcome="FATAL" if fault is not None and fault.kind == "fatal" else "DONE",
        document_id="",
        extra={"fingerprint": fingerprint, "body": body},
    )
    is_empty = fault is not None and fault.kind == "empty"
    made = (
        Document(b"[]", "application/octet-stream", 0)
        if is_empty
        else _build(call, store, configuration, start, end)
    )
    name = f"{job.id}/report-{job.id}.json.gz"
    job.document_id = call.parts.desk.keep(job.type, store, "sp_advertised_product", made, "ads", name).id
    call.parts.desk.jobs[job.id] = job
    return json_answer(_job(call, job))


def _window(call: Call, store: Store, body: Any) -> tuple[date, date]:
    try:
        start, end = date.fromisoformat(body["startDate"]), date.fromisoformat(body["endDate"])
    except (KeyError, TypeError, ValueError) as error:
        raise refuse_ads(400, "400", "startDate and endDate must be dates (YYYY-MM-DD)") from error
    today = store.today(call.at)
    if end < start or end > today or (end - start).days >= _LONGEST_DAYS:
        raise refuse_ads(400, "400", f"The range must be at most {_LONGEST_DAYS} days and not in the future")
    if (today - start).days > _LOOK_BACK_DAYS:
        raise refuse_ads(400, "400", f"startDate may be at most {_LOOK_BACK_DAYS} days ago")
    return start, end


def _check(configuration: dict[str, Any]) -> None:
    kind = configuration.get("reportTypeId")
    if configuration.get("adProduct") != "SPONSORED_PRODUCTS" or kind not in _REPORT_TYPES:
        raise refuse_ads(400, "400", "configuration adProduct or reportTypeId is invalid")
    if configuration.get("groupBy") != _REPORT_TYPES[kind]:
        raise refuse_ads(400, "400", f"configuration groupBy must be {_REPORT_TYPES[kind]}")
    if configuration.get("timeUnit") != "DAILY" or configuration.get("format") != "GZIP_JSON":
        raise refuse_ads(400, "400", "configuration timeUnit must be DAILY and format GZIP_JSON")
    unknown = [name for name in configuration.get("columns", []) if name not in _COLUMNS]
    if unknown or not configuration.get("columns"):
        raise refuse_ads(400, "400", f"configuration columns are not supported: {unknown}")


def _build(call: Call, store: Store, configuration: dict[str, Any], start: date, end: date) -> Document:
    today = store.today(call.at)
    rows, keys = [], []
    for ad in store.ads:
        if start <= ad.day <= end and ad.day <= today:
            cells = _cells(ad, store, today)
            rows.append({name: cells[name] for name in configuration["columns"]})
            keys.append(
                (f"{ad.day}|{ad.campaign_id}|{ad.product.sku}", f"{cells['cost']}|{cells['sales7d']}")
            )
    return Document(json.dumps(rows).encode(), "application/octet-stream", len(rows), tuple(keys))


def attributed(ad: AdDay, window: int, today: date) -> tuple[int, int, Decimal]:
    """Orders, units and sales within so many days after the click, as far as they have happened."""
    known = [p for p in ad.purchases if p[0] <= window and ad.day + timedelta(days=p[0]) <= today]
    return len(known), sum(p[1] for p in known), sum((p[2] for p in known), Decimal(0))


def _cells(ad: AdDay, store: Store, today: date) -> dict[str, Any]:
    seven, fourteen = attributed(ad, 7, today), attributed(ad, 14, today)
    thirty = attributed(ad, 30, today)
    return {
        "date": ad.day.isoformat(),
        "campaignId": int(ad.campaign_id),
        "campaignName": ad.campaign,
        "adGroupId": int(ad.ad_group_id),
        "adId": int(ad.ad_id),
        "advertisedAsin": ad.product.asin,
        "advertisedSku": ad.product.sku,
        "impressions": ad.impressions,
        "clicks": ad.clicks,
        "cost": number(ad.cost),
        "spend": number(ad.cost),
        "sales7d": number(seven[2]),
        "sales14d": number(fourteen[2]),
        "sales30d": number(thirty[2]),
        "purchases7d": seven[0],
        "purchases14d": fourteen[0],
        "unitsSoldClicks7d": seven[1],
        "unitsSoldClicks14d": fourteen[1],
        "campaignBudgetCurrencyCode": store.market.currency,
    }


_COLUMNS = frozenset(
    {
        "date",
        "campaignId",
        "campaignName",
        "adGroupId",
        "adId",
        "advertisedAsin",
        "advertisedSku",
        "impressions",
        "clicks",
        "cost",
        "spend",
        "sales7d",
        "sales14d",
        "sales30d",
        "purchases7d",
        "purchases14d",
        "unitsSoldClicks7d",
        "unitsSoldClicks14d",
        "campaignBudgetCurrencyCode",
    }
)


def get(call: Call) -> Answer:
    """How far a report is, with its address once it is complete."""
    store = _store(call)
    job = call.parts.desk.jobs.get(call.path["report"])
    if job is None or job.store is not store:
        raise refuse_ads(404, "404", f"Report {call.path['report']} was not found")
    return json_answer(_job(call, job))


def _job(call: Call, job: Job) -> dict[str, Any]:
    body: Any = job.extra["body"]
    status = _STATUS[job.status(call.at)]
    kept = call.parts.desk.documents[job.document_id]
    is_complete = status == "COMPLETED"
    made = job.finished_at.strftime("%Y-%m-%dT%H:%M:%S.000Z") if is_complete else None
    expires = call.at + timedelta(seconds=call.parts.knobs.url_seconds)
    return {
        "configuration": {"filters": None, **body["configuration"]},
        "createdAt": job.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "endDate": body["endDate"],
        "failureReason": "Internal error" if status == "FAILED" else None,
        "fileSize": len(kept.body) if is_complete else None,
        "generatedAt": made,
        "name": body.get("name"),
        "reportId": job.id,
        "startDate": body["startDate"],
        "status": status,
        "updatedAt": (job.finished_at if is_complete else call.at).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "url": call.parts.desk.presign(kept, "ads") if is_complete else None,
        "urlExpiresAt": expires.strftime("%Y-%m-%dT%H:%M:%S.000Z") if is_complete else None,
    }
