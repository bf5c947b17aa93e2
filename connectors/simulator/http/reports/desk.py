"""The report desk: what was ordered, how far it is, and the documents that came of it."""

from __future__ import annotations

import gzip
import hashlib
import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from connectors.simulator.http.clock import SimulatorClock
from connectors.simulator.http.messages import Answer, Request, refuse_document, stamp
from connectors.simulator.http.reports.document import Document
from connectors.simulator.http.settings import Knobs
from connectors.simulator.world.model import Store

_BUCKETS = {
    "na": "https://tortuga-prod-na.s3-external-1.amazonaws.com",
    "fe": "https://tortuga-prod-fe.s3.us-west-2.amazonaws.com",
    "ads": "https://offline-report-storage-us-east-1-prod.s3.amazonaws.com",
}


@dataclass(slots=True)
class Job:
    """An ordered report. `outcome` is DONE, CANCELLED or FATAL, reached after queue and processing."""

    id: str
    type: str
    store: Store
    created_at: datetime
    queue_seconds: float
    process_seconds: float
    outcome: str
    document_id: str
    start: datetime | None = None
    end: datetime | None = None
    extra: dict[str, object] = field(default_factory=dict)

    def status(self, at: datetime) -> str:
        """IN_QUEUE, IN_PROGRESS or the outcome."""
        age = (at - self.created_at).total_seconds()
        if age < self.queue_seconds:
            return "IN_QUEUE"
        return "IN_PROGRESS" if age < self.queue_seconds + self.process_seconds else self.outcome

    @property
    def started_at(self) -> datetime:
        """When its processing begins."""
        return self.created_at + timedelta(seconds=self.queue_seconds)

    @property
    def finished_at(self) -> datetime:
        """When it is over."""
        return self.started_at + timedelta(seconds=self.process_seconds)


@dataclass(frozen=True, slots=True)
class Kept:
    """A document in storage: the report type it came from, whose, and the bytes as they are downloaded."""

    id: str
    type: str
    store: Store
    stream: str
    document: Document
    body: bytes
    address: str


class Desk:
    """Orders and documents of all sellers."""

    def __init__(self, clock: SimulatorClock, knobs: Knobs) -> None:
        self._clock, self._knobs = clock, knobs
        self._lock = threading.Lock()
        self.jobs: dict[str, Job] = {}
        self.documents: dict[str, Kept] = {}
        self._addresses: dict[str, str] = {}
        self._next = 50_000_000_000

    def new_id(self) -> str:
        """The next report number."""
        with self._lock:
            self._next += 1
            return str(self._next)

    def keep(
        self, kind: str, store: Store, stream: str, document: Document, host: str, name: str = ""
    ) -> Kept:
        """Put a document into storage."""
        key = str(uuid.uuid4())
        address = f"/{name or key}"
        body = gzip.compress(document.body, 6, mtime=0) if document.gzip else document.body
        document_id = f"amzn1.spdoc.1.4.{host}.{key}.T{uuid.uuid4().hex[:14].upper()}.2500"
        kept = Kept(document_id, kind, store, stream, document, body, address)
        with self._lock:
            self.documents[document_id] = kept
            self._addresses[address] = document_id
        return kept

    def presign(self, kept: Kept, host: str) -> str:
        """A presigned address of a document, good for a few minutes."""
        at = self._clock.now()
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": at.strftime("%Y%m%dT%H%M%SZ"),
            "X-Amz-SignedHeaders": "host",
            "X-Amz-Expires": str(int(self._knobs.url_seconds)),
            "X-Amz-Credential": f"SIMULATOR/{at:%Y%m%d}/us-east-1/s3/aws4_request",
        }
        query["X-Amz-Signature"] = _sign(kept.address, query)
        return f"{_BUCKETS[host]}{kept.address}?{urlencode(query)}"

    def find(self, path: str) -> Kept | None:
        """The document that lies at a path."""
        return self.documents.get(self._addresses.get(path, ""))

    def download(self, request: Request) -> tuple[Kept, Answer]:
        """GET of a presigned address; refused when it has expired, was altered, or carries credentials."""
        kept = self.find(request.path)
        query = dict(request.query)
        signature = query.pop("X-Amz-Signature", "")
        if kept is None or signature != _sign(request.path, query):
            raise refuse_document(
                "SignatureDoesNotMatch" if signature else "AccessDenied",
                "The request signature we calculated does not match the signature you provided."
                if signature
                else "Access Denied",
            )
        if "authorization" in request.headers or "x-amz-access-token" in request.headers:
            raise refuse_document("InvalidArgument", "Only one auth mechanism allowed")
        signed = datetime.strptime(query["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
        until = signed + timedelta(seconds=int(query["X-Amz-Expires"]))
        now = self._clock.now()
        if now > until:
            extra = (
                f"<X-Amz-Expires>{query['X-Amz-Expires']}</X-Amz-Expires>"
                f"<Expires>{stamp(until)}</Expires><ServerTime>{stamp(now)}</ServerTime>"
            )
            raise refuse_document("AccessDenied", "Request has expired", extra)
        headers = {"content-type": kept.document.content_type, "server": "AmazonS3"}
        return kept, Answer(200, kept.body, headers)

    def reset(self) -> None:
        """Throw everything away."""
        with self._lock:
            self.jobs.clear()
            self.documents.clear()
            self._addresses.clear()


def _sign(path: str, query: dict[str, str]) -> str:
    """A stand-in for the storage's signature: it binds the path and what is asked."""
    return hashlib.sha256(repr((path, sorted(query.items()))).encode()).hexdigest()
