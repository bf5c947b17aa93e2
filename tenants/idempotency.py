"""How a request sent twice acts once: Idempotency-Key records in the ledger of the request's schema.

The record is claimed in a statement of its own, so that a second request sees the first one under way. The
effect and the stored answer then commit together: after a crash either both are there or neither, and the
claim is free again when `locked_until` (database time) has passed. Whoever lost its claim to a later request
is rolled back. A stored answer may hold a key shown once, so a client's answers are sealed with its data key.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from rest_framework.request import Request

from config.lib.errors import BadRequest, Conflict, Invalid, gettext_noop
from tenants import crypto
from tenants.context import current_client

HEADER = "Idempotency-Key"
#: Told with an answer that was given before; status, body and its own headers are those of the first time.
REPLAYED = "Idempotency-Replayed"
REMEMBERED_HOURS = 24
LOCKED_SECONDS = 60

_TABLE = "ledger_idempotencyrecord"
_ACCEPTABLE = re.compile(r"[\x21-\x7e]{1,255}")
# What belongs to the answer itself; the rest (request id, rate limits) tells of this very request.
_KEPT_HEADERS = (
    "Content-Type",
    "Content-Disposition",
    "Content-Language",
    "ETag",
    "Link",
    "Location",
    "Retry-After",
)

_CLAIM = """
insert into ledger_idempotencyrecord as known
       (actor_key, key, fingerprint, status, headers, body, created_at, locked_until)
values (%(actor)s, %(key)s, %(fingerprint)s, null, '{}', null, clock_timestamp(),
        clock_timestamp() + %(lease)s * interval '1 second')
on conflict (actor_key, key) do update
   set fingerprint = excluded.fingerprint, status = null, headers = '{}', body = null,
       created_at = excluded.created_at, locked_until = excluded.locked_until
 where known.created_at < clock_timestamp() - %(hours)s * interval '1 hour'
    or (known.status is null and known.locked_until < clock_timestamp()
        and known.fingerprint = excluded.fingerprint)
returning id, locked_until
"""
_LOOK = """
select id, fingerprint, status, headers, body,
       greatest(1, ceil(extract(epoch from locked_until - clock_timestamp())))::int
  from ledger_idempotencyrecord where actor_key = %(actor)s and key = %(key)s
"""
_COMPLETE = """
update ledger_idempotencyrecord set status = %(status)s, headers = %(headers)s, body = %(body)s
 where id = %(id)s and locked_until = %(locked_until)s and status is null
"""
_RELEASE = """
delete from ledger_idempotencyrecord
 where id = %(id)s and locked_until = %(locked_until)s and status is null
"""


class IdempotencyKeyMissing(BadRequest):
    """A POST without an Idempotency-Key; nothing was done."""

    code = "idempotency_key_missing"
    title = gettext_noop("An Idempotency-Key is needed")
    default_remedy = gettext_noop("Send a header Idempotency-Key with a value of your own, such as a UUID.")


class IdempotencyKeyReused(Invalid):
    """The key already belongs to a request with another path or body; nothing was done."""

    code = "idempotency_key_reused"
    title = gettext_noop("This Idempotency-Key was used for another request")
    default_remedy = gettext_noop("Use a new key for a new request.")


class RequestInFlight(Conflict):
    """The first request with this key is still being answered."""

    code = "request_in_flight"
    title = gettext_noop("The first request with this Idempotency-Key is still under way")
    default_remedy = gettext_noop("Repeat the request after the seconds in Retry-After.")


@dataclass(frozen=True, slots=True)
class _Claim:
    """The right to answer a key, until somebody finds it expired and takes it over."""

    id: int
    locked_until: datetime


def fingerprint(request: Request) -> str:
    """SHA-256 of method, path with query, media type and body."""
    raw = request._request
    digest = hashlib.sha256()
    for part in (raw.method or "", raw.get_full_path(), raw.content_type or ""):
        digest.update(part.encode() + b"\0")
    digest.update(raw.body)
    return digest.hexdigest()


def answer_once(
    request: Request,
    *,
    actor_key: str,
    produce: Callable[[], HttpResponse],
    explain: Callable[[Exception], HttpResponse],
) -> HttpResponse:
    """Answer by `produce` the first time and with the same bytes ever after (24 hours).

    `produce` runs in one transaction with the storing of its answer; `explain` renders what it raised.
    Errors of the caller are remembered like any answer; ours (5xx) and 429 free the key for another attempt.
    """
    key = request.headers.get(HEADER, "")
    if not key:
        raise IdempotencyKeyMissing
    if not _ACCEPTABLE.fullmatch(key):
        raise BadRequest("Idempotency-Key holds 1 to 255 printable ASCII characters without spaces.")
    claim = _claim(actor_key, key, fingerprint(request))
    if isinstance(claim, HttpResponse):
        return claim
    try:
        with transaction.atomic():
            response = produce()
            _complete(claim, response)
    except Exception as error:  # noqa: BLE001 - every error becomes the answer that the key remembers
        response = explain(error)
        if response.status_code >= 500 or response.status_code == 429:
            _release(claim)
        else:
            _complete(claim, response)
    return response


def _claim(actor_key: str, key: str, print_: str) -> _Claim | HttpResponse:
    values: dict[str, Any] = {
        "actor": actor_key,
        "key": key,
        "fingerprint": print_,
        "lease": LOCKED_SECONDS,
        "hours": REMEMBERED_HOURS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        mine = cursor.fetchone()
        if mine is not None:
            return _Claim(*mine)
        cursor.execute(_LOOK, values)
        known = cursor.fetchone()
    if known is None:
        # Its holder gave the key back between the two statements.
        raise RequestInFlight(headers={"Retry-After": "1"})
    record, known_print, status, headers, body, seconds = known
    if known_print != print_:
        raise IdempotencyKeyReused
    if status is None:
        raise RequestInFlight(headers={"Retry-After": str(seconds)})
    decoded = json.loads(headers) if isinstance(headers, str) else headers
    headers_now = {**decoded, REPLAYED: "true"}
    return HttpResponse(_opened(bytes(body), record), status=status, headers=headers_now)


def _complete(claim: _Claim, response: HttpResponse) -> None:
    headers = {name: response[name] for name in _KEPT_HEADERS if response.has_header(name)}
    values: dict[str, Any] = {
        "id": claim.id,
        "locked_until": claim.locked_until,
        "status": response.status_code,
        "headers": json.dumps(headers),
        "body": _closed(response.content, claim.id),
    }
    with connection.cursor() as cursor:
        cursor.execute(_COMPLETE, values)
        if cursor.rowcount != 1:
            raise RequestInFlight(headers={"Retry-After": "1"})


def _release(claim: _Claim) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, {"id": claim.id, "locked_until": claim.locked_until})


def _closed(body: bytes, record: int) -> bytes:
    if current_client() is None:
        return body
    return crypto.seal(body, table=_TABLE, row=record, field="body")


def _opened(body: bytes, record: int) -> bytes:
    if current_client() is None:
        return body
    return crypto.unseal(body, table=_TABLE, row=record, field="body").reveal().encode()
