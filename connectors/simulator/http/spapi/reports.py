"""Reports 2021-06-30: order one, ask how far it is, list them, get the document's address."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.simulator.http.calls import Call
from connectors.simulator.http.messages import Answer, json_answer, parse_instant, refuse, stamp
from connectors.simulator.http.reports import catalogue, settlement
from connectors.simulator.http.reports.desk import Job
from connectors.simulator.http.reports.document import Ask, Document
from connectors.simulator.world.model import Settlement, Store

_LIST = frozenset(
    {
        "reportTypes",
        "processingStatuses",
        "marketplaceIds",
        "pageSize",
        "createdSince",
        "createdUntil",
        "nextToken",
    }
)
_STATUSES = frozenset({"CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE"})
_FIELDS = frozenset({"reportType", "marketplaceIds", "dataStartTime", "dataEndTime", "reportOptions"})
_DONE_AFTER = timedelta(hours=3)


def create(call: Call) -> Answer:
    """Order a report. It is made at once in secret; what comes of it shows when its time is up."""
    call.check(frozenset())
    body = call.request.json()
    if not isinstance(body, dict) or (unknown := set(body) - _FIELDS):
        raise refuse(
            400, "InvalidInput", f"Invalid request body: {sorted(unknown) if isinstance(body, dict) else ''}"
        )
    kind_name, marketplaces = str(body.get("reportType", "")), body.get("marketplaceIds")
    if kind_name == catalogue.SCHEDULED or kind_name not in catalogue.KINDS:
        raise refuse(400, "InvalidInput", f"Report type {kind_name} cannot be requested.")
    if not isinstance(marketplaces, list) or len(marketplaces) != 1:
        raise refuse(
            400, "InvalidInput", "marketplaceIds must name exactly one marketplace for this report type."
        )
    store, kind = call.store(str(marketplaces[0])), catalogue.KINDS[kind_name]
    start, end = _window(body, kind, call.at)
    ask = Ask(call.parts.world, store, call.at, start, end, body.get("reportOptions") or {}, call.parts.knobs)
    fault = call.parts.faults.next((kind_name, call.operation), frozenset({"fatal", "cancelled", "empty"}))
    document = kind.build(ask)
    knobs = call.parts.knobs
    job = Job(
        id=call.parts.desk.new_id(),
        type=kind_name,
        store=store,
        created_at=call.at,
        queue_seconds=knobs.queue_seconds,
        process_seconds=knobs.process_seconds,
        outcome="DONE" if document.rows else "CANCELLED",
        document_id="",
        start=start,
        end=end,
    )
    if fault is not None and fault.kind == "empty":
        document = _emptied(document)
    elif fault is not None:
        job.outcome = fault.kind.upper()
        reason = b'{"errorDetails":"Error in report request: the report could not be generated."}'
        document = Document(reason, "application/json", 1)
    if job.outcome != "CANCELLED":
        kept = call.parts.desk.keep(kind_name, store, _stream(kind_name), document, store.market.region)
        job.document_id = kept.id
    call.parts.desk.jobs[job.id] = job
    return json_answer({"reportId": job.id}, 202)


def _stream(kind_name: str) -> str:
    return {
        "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": "orders_report",
        "GET_LEDGER_SUMMARY_VIEW_DATA": "inventory_ledger",
        "GET_FBA_INVENTORY_PLANNING_DATA": "inventory_planning",
        "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA": "returns",
        "GET_SELLER_FEEDBACK_DATA": "seller_feedback",
        "GET_MERCHANT_LISTINGS_ALL_DATA": "listings_report",
        "GET_SALES_AND_TRAFFIC_REPORT": "traffic",
        "GET_V2_SELLER_PERFORMANCE_REPORT": "account_health",
        settlement.TYPE: "settlements",
    }[kind_name]


def _emptied(document: Document) -> Document:
    """The same file with its header only."""
    head = document.body.split(b"\r\n", 1)[0] + b"\r\n" if document.content_type.startswith("text") else b"{}"
    return Document(head, document.content_type, 0, (), document.gzip)


def _window(
    body: dict[str, Any], kind: catalogue.Kind, at: datetime
) -> tuple[datetime | None, datetime | None]:
    start = parse_instant(body["dataStartTime"], "dataStartTime") if "dataStartTime" in body else None
    end = parse_instant(body["dataEndTime"], "dataEndTime") if "dataEndTime" in body else None
    if kind.needs_window and start is None:
        raise refuse(400, "InvalidInput", "dataStartTime is required for this report type.")
    if start is not None:
        until = end or at
        if until < start or start > at:
            raise refuse(400, "InvalidInput", "dataStartTime must lie before dataEndTime and in the past.")
        if until - start > timedelta(days=kind.longest_days):
            raise refuse(400, "InvalidInput", f"The window may span at most {kind.longest_days} days.")
    return start, end or (at if kind.needs_window else None)


def get(call: Call) -> Answer:
    """How far a report is."""
    call.check(frozenset())
    job = call.parts.desk.jobs.get(call.path["report"])
    if job is None or job.store.seller_id != call.grant.seller:
        raise refuse(404, "NotFound", f"Report {call.path['report']} was not found.")
    return json_answer(_job(job, call.at))


def _job(job: Job, at: datetime) -> dict[str, Any]:
    status = job.status(at)
    body: dict[str, Any] = {
        "reportId": job.id,
        "reportType": job.type,
        "marketplaceIds": [job.store.market.marketplace_id],
        "createdTime": stamp(job.created_at),
        "processingStatus": status,
    }
    if job.start is not None and job.end is not None:
        body |= {"dataStartTime": stamp(job.start), "dataEndTime": stamp(job.end)}
    if status != "IN_QUEUE":
        body["processingStartTime"] = stamp(job.started_at)
    if status in ("DONE", "FATAL", "CANCELLED"):
        body["processingEndTime"] = stamp(job.finished_at)
        if job.document_id:
            body["reportDocumentId"] = job.document_id
    return body


def list_all(call: Call) -> Answer:
    """Reports ordered before, and the settlements Amazon made; a token comes alone."""
    call.check(_LIST)
    query = call.query
    if token := query.get("nextToken"):
        if len(query) > 1:
            raise refuse(400, "InvalidInput", "nextToken must be the only parameter.")
        page = call.parts.paging.next(call.operation, call.grant.seller, {}, token, call.page_size(100, 100))
    else:
        size = call.page_size(10, 100, "pageSize")
        page = call.parts.paging.first(call.operation, call.grant.seller, {}, _matching(call), size)
    body: dict[str, Any] = {"reports": [] if call.is_empty() else list(page.rows)}
    if page.token:
        body["nextToken"] = (query.get("nextToken") or page.token) if call.loops() else page.token
    return json_answer(body)


def _matching(call: Call) -> list[dict[str, Any]]:
    query = call.query
    types = [name for name in query.get("reportTypes", "").split(",") if name]
    if not types:
        raise refuse(400, "InvalidInput", "reportTypes or nextToken is required.")
    statuses = set(filter(None, query.get("processingStatuses", "").split(",")))
    if statuses - _STATUSES:
        raise refuse(400, "InvalidInput", "Invalid input in processing status")
    since = call.at - timedelta(days=90)
    if "createdSince" in query:
        since = parse_instant(query["createdSince"], "createdSince")
        if since < call.at - timedelta(days=90):
            raise refuse(400, "InvalidInput", "createdSince may be at most 90 days ago.")
    until = parse_instant(query["createdUntil"], "createdUntil") if "createdUntil" in query else call.at
    marketplaces = [name for name in query.get("marketplaceIds", "").split(",") if name]
    stores = [call.store(name) for name in marketplaces] or call.stores()
    rows = [
        _job(job, call.at)
        for job in call.parts.desk.jobs.values()
        if job.type in types and any(job.store is store for store in stores)
    ]
    if settlement.TYPE in types:
        rows += [_settled(call, store, closed) for store in stores for closed in _closed(store, call.at)]
    rows = [
        row
        for row in rows
        if stamp(since) <= row["createdTime"] <= stamp(until)
        and (not statuses or row["processingStatus"] in statuses)
    ]
    return sorted(rows, key=lambda row: (row["createdTime"], row["reportId"]), reverse=True)


def _closed(store: Store, at: datetime) -> list[Settlement]:
    return [closed for closed in store.settlements if closed.end + _DONE_AFTER <= at]


def _settled(call: Call, store: Store, closed: Settlement) -> dict[str, Any]:
    desk, name = call.parts.desk, f"settlement-{closed.report_id}"
    kept = desk.find(f"/{name}") or desk.keep(
        settlement.TYPE, store, "settlements", settlement.build(store, closed), store.market.region, name
    )
    made = closed.end + _DONE_AFTER
    return {
        "reportId": closed.report_id,
        "reportType": settlement.TYPE,
        "marketplaceIds": [store.market.marketplace_id],
        "dataStartTime": stamp(closed.start),
        "dataEndTime": stamp(closed.end),
        "createdTime": stamp(made),
        "processingStatus": "DONE",
        "processingStartTime": stamp(made),
        "processingEndTime": stamp(made),
        "reportDocumentId": kept.id,
    }


def document(call: Call) -> Answer:
    """Where a document can be fetched, for a few minutes."""
    call.check(frozenset({"enableContentEncodingUrlHeader"}))
    kept = call.parts.desk.documents.get(call.path["document"])
    if kept is None or kept.store.seller_id != call.grant.seller:
        raise refuse(404, "NotFound", "The report document was not found.")
    body = {"reportDocumentId": kept.id, "url": call.parts.desk.presign(kept, kept.store.market.region)}
    if kept.document.gzip:
        body["compressionAlgorithm"] = "GZIP"
    return json_answer(body)
